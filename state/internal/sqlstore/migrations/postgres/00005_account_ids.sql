-- The ids of accounts are text: a program may bring its own. Those that are there keep their
-- digits. Text is compared by its bytes, as SQLite does it.

-- +goose Up
ALTER TABLE emails         DROP CONSTRAINT emails_account_id_fkey;
ALTER TABLE authenticators DROP CONSTRAINT authenticators_account_id_fkey;
ALTER TABLE providers      DROP CONSTRAINT providers_account_id_fkey;
ALTER TABLE attributes     DROP CONSTRAINT attributes_account_id_fkey;
ALTER TABLE sessions       DROP CONSTRAINT sessions_account_id_fkey;

ALTER TABLE accounts       ALTER COLUMN id         TYPE TEXT COLLATE "C" USING id::text;
ALTER TABLE emails         ALTER COLUMN account_id TYPE TEXT COLLATE "C" USING account_id::text;
ALTER TABLE authenticators ALTER COLUMN account_id TYPE TEXT COLLATE "C" USING account_id::text;
ALTER TABLE providers      ALTER COLUMN account_id TYPE TEXT COLLATE "C" USING account_id::text;
ALTER TABLE attributes     ALTER COLUMN account_id TYPE TEXT COLLATE "C" USING account_id::text;
ALTER TABLE sessions       ALTER COLUMN account_id TYPE TEXT COLLATE "C" USING account_id::text;
ALTER TABLE changes        ALTER COLUMN account_id TYPE TEXT COLLATE "C" USING account_id::text;
-- Empty for nobody, which was 0.
ALTER TABLE audit          ALTER COLUMN account_id TYPE TEXT COLLATE "C" USING CASE account_id WHEN 0 THEN '' ELSE account_id::text END;
ALTER TABLE runs           ALTER COLUMN account_id TYPE TEXT COLLATE "C" USING CASE account_id WHEN 0 THEN '' ELSE account_id::text END;

ALTER TABLE emails         ADD CONSTRAINT emails_account_id_fkey         FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE;
ALTER TABLE authenticators ADD CONSTRAINT authenticators_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE;
ALTER TABLE providers      ADD CONSTRAINT providers_account_id_fkey      FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE;
ALTER TABLE attributes     ADD CONSTRAINT attributes_account_id_fkey     FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE;
ALTER TABLE sessions       ADD CONSTRAINT sessions_account_id_fkey       FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE;

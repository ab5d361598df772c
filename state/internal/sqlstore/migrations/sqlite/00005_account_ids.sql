-- The ids of accounts are text: a program may bring its own. Those that are there keep their
-- digits.
--
-- SQLite changes no column's type, so tables are made anew beside the old ones, which go
-- from the leaves on: at no time does a row refer to what is gone, and foreign keys stay on.
-- The new references follow the renaming of what they name.

-- +goose Up
CREATE TABLE new_accounts (
    id             TEXT    PRIMARY KEY NOT NULL,
    username       TEXT    NOT NULL,
    -- The username in lower case, NULL where there is none.
    username_key   TEXT    CONSTRAINT accounts_username UNIQUE,
    password_hash  TEXT    NOT NULL,
    active         INTEGER NOT NULL,
    epoch          INTEGER NOT NULL,
    -- Who raised the epoch last, and what it was before.
    epoch_by       TEXT    NOT NULL,
    epoch_from     INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    created_by     TEXT    NOT NULL,
    last_login     INTEGER NOT NULL,
    phone          TEXT    NOT NULL,
    phone_verified INTEGER NOT NULL,
    -- The session that the last raise of the epoch left alone, and what the epoch was when
    -- it was first left alone: it goes on in spite of its older epoch.
    kept           INTEGER NOT NULL DEFAULT 0,
    kept_from      INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO new_accounts
SELECT CAST(id AS TEXT), username, username_key, password_hash, active, epoch, epoch_by, epoch_from, revision,
    created_at, created_by, last_login, phone, phone_verified, kept, kept_from FROM accounts;

CREATE TABLE new_emails (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id  TEXT    NOT NULL REFERENCES new_accounts (id) ON DELETE CASCADE,
    address     TEXT    NOT NULL,
    verified    INTEGER NOT NULL,
    is_primary  INTEGER NOT NULL,
    -- A message to the address came back, and it does not count as verified by that.
    reached     INTEGER NOT NULL DEFAULT FALSE,
    -- 0: set while no contact was proved, 1: by the run that made the account, 2: endorsed.
    endorsement INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account_id, address)
) STRICT;
INSERT INTO new_emails
SELECT id, CAST(account_id AS TEXT), address, verified, is_primary, reached, endorsement FROM emails;

CREATE TABLE new_authenticators (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            INTEGER NOT NULL CONSTRAINT authenticators_id UNIQUE,
    account_id    TEXT    NOT NULL REFERENCES new_accounts (id) ON DELETE CASCADE,
    type          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    -- Sealed.
    secret        BLOB,
    credential_id BLOB    CONSTRAINT authenticators_credential UNIQUE,
    credential    BLOB,
    last_step     INTEGER NOT NULL,
    spent_by      TEXT    NOT NULL,
    -- A bit for each recovery code that was used.
    used          INTEGER NOT NULL,
    added_by      TEXT    NOT NULL,
    viewed_at     INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER NOT NULL,
    endorsement   INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO new_authenticators
SELECT seq, id, CAST(account_id AS TEXT), type, name, secret, credential_id, credential, last_step, spent_by,
    used, added_by, viewed_at, created_at, last_used_at, endorsement FROM authenticators;

CREATE TABLE new_spent_codes (
    authenticator_id INTEGER NOT NULL REFERENCES new_authenticators (id) ON DELETE CASCADE,
    idx              INTEGER NOT NULL,
    run              TEXT    NOT NULL,
    PRIMARY KEY (authenticator_id, idx)
) STRICT;
INSERT INTO new_spent_codes SELECT authenticator_id, idx, run FROM spent_codes;

CREATE TABLE new_providers (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   TEXT    NOT NULL REFERENCES new_accounts (id) ON DELETE CASCADE,
    provider     TEXT    NOT NULL,
    uid          TEXT    NOT NULL,
    display      TEXT    NOT NULL,
    extra        BLOB,
    connected_at INTEGER NOT NULL,
    endorsement  INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT providers_uid UNIQUE (provider, uid)
) STRICT;
INSERT INTO new_providers
SELECT seq, CAST(account_id AS TEXT), provider, uid, display, extra, connected_at, endorsement FROM providers;

CREATE TABLE new_attributes (
    account_id TEXT NOT NULL REFERENCES new_accounts (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (account_id, name)
) STRICT;
INSERT INTO new_attributes SELECT CAST(account_id AS TEXT), name, value FROM attributes;

CREATE TABLE new_sessions (
    id            INTEGER PRIMARY KEY,
    account_id    TEXT    NOT NULL REFERENCES new_accounts (id) ON DELETE CASCADE,
    run           TEXT    NOT NULL UNIQUE,
    -- SHA-256 of the token's id.
    token_hash    BLOB    NOT NULL UNIQUE,
    client        TEXT    NOT NULL,
    epoch         INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    last_seen     INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    ip            TEXT    NOT NULL,
    user_agent    TEXT    NOT NULL,
    methods       BLOB,
    -- The hash of the one refresh token that is good, NULL before the first exchange.
    refresh_token BLOB,
    -- Tokens exchanged lately as JSON, or empty.
    refresh_used  TEXT    NOT NULL DEFAULT ''
) STRICT;
INSERT INTO new_sessions
SELECT id, CAST(account_id AS TEXT), run, token_hash, client, epoch, created_at, last_seen, expires_at, ip,
    user_agent, methods, refresh_token, refresh_used FROM sessions;

-- Numbers that were given stay given.
DELETE FROM sqlite_sequence WHERE name IN ('new_emails', 'new_authenticators', 'new_providers');
INSERT INTO sqlite_sequence (name, seq)
SELECT 'new_' || name, seq FROM sqlite_sequence WHERE name IN ('emails', 'authenticators', 'providers');

DROP TABLE spent_codes;
DROP TABLE emails;
DROP TABLE authenticators;
DROP TABLE providers;
DROP TABLE attributes;
DROP TABLE sessions;
DROP TABLE accounts;
ALTER TABLE new_accounts       RENAME TO accounts;
ALTER TABLE new_emails         RENAME TO emails;
ALTER TABLE new_authenticators RENAME TO authenticators;
ALTER TABLE new_spent_codes    RENAME TO spent_codes;
ALTER TABLE new_providers      RENAME TO providers;
ALTER TABLE new_attributes     RENAME TO attributes;
ALTER TABLE new_sessions       RENAME TO sessions;

CREATE UNIQUE INDEX accounts_verified_phone ON accounts (phone) WHERE phone_verified AND phone <> '';
CREATE INDEX accounts_phone ON accounts (phone) WHERE phone <> '';
CREATE UNIQUE INDEX emails_verified_address ON emails (address) WHERE verified;
CREATE INDEX emails_address ON emails (address);
CREATE INDEX authenticators_account ON authenticators (account_id);
CREATE UNIQUE INDEX authenticators_single ON authenticators (account_id, type) WHERE type <> 'webauthn';
CREATE INDEX providers_account ON providers (account_id);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- What refers to no account is not made anew: a column takes the place of another. Empty is
-- nobody, which was 0.
ALTER TABLE changes ADD COLUMN account TEXT NOT NULL DEFAULT '';
UPDATE changes SET account = CAST(account_id AS TEXT);
DROP INDEX changes_account;
ALTER TABLE changes DROP COLUMN account_id;
ALTER TABLE changes RENAME COLUMN account TO account_id;
CREATE INDEX changes_account ON changes (account_id);

ALTER TABLE audit ADD COLUMN account TEXT NOT NULL DEFAULT '';
UPDATE audit SET account = CAST(account_id AS TEXT) WHERE account_id <> 0;
DROP INDEX audit_account;
ALTER TABLE audit DROP COLUMN account_id;
ALTER TABLE audit RENAME COLUMN account TO account_id;
CREATE INDEX audit_account ON audit (account_id, id);

ALTER TABLE runs ADD COLUMN account TEXT NOT NULL DEFAULT '';
UPDATE runs SET account = CAST(account_id AS TEXT) WHERE account_id <> 0;
DROP INDEX runs_account;
ALTER TABLE runs DROP COLUMN account_id;
ALTER TABLE runs RENAME COLUMN account TO account_id;
CREATE INDEX runs_account ON runs (account_id, updated_at);

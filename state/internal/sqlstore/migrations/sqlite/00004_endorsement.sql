-- Who stands behind what an account carries, see state.ProveContact.

-- +goose Up
-- A message to the address came back, and it does not count as verified by that.
ALTER TABLE emails ADD COLUMN reached INTEGER NOT NULL DEFAULT FALSE;
-- 0: set while no contact was proved, 1: by the run that made the account, 2: endorsed.
ALTER TABLE emails ADD COLUMN endorsement INTEGER NOT NULL DEFAULT 0;
ALTER TABLE authenticators ADD COLUMN endorsement INTEGER NOT NULL DEFAULT 0;
ALTER TABLE providers ADD COLUMN endorsement INTEGER NOT NULL DEFAULT 0;
-- The session that the last raise of the epoch left alone, and what the epoch was when it
-- was first left alone: it goes on in spite of its older epoch.
ALTER TABLE accounts ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN kept_from INTEGER NOT NULL DEFAULT 0;

-- Of the addresses that are there nobody knows who named them: those of an account with a
-- verified contact are endorsed, the primary one of any other is the sign-up's.
UPDATE emails SET endorsement = 1 WHERE is_primary;
UPDATE emails SET endorsement = 2 WHERE verified OR EXISTS (
    SELECT 1 FROM accounts a WHERE a.id = account_id AND a.phone_verified AND a.phone <> '')
    OR EXISTS (SELECT 1 FROM emails e WHERE e.account_id = emails.account_id AND e.verified);
UPDATE authenticators SET endorsement = 2 WHERE EXISTS (
    SELECT 1 FROM accounts a WHERE a.id = account_id AND a.phone_verified AND a.phone <> '')
    OR EXISTS (SELECT 1 FROM emails e WHERE e.account_id = authenticators.account_id AND e.verified);
UPDATE authenticators SET endorsement = 1 WHERE endorsement = 0 AND added_by <> '' AND EXISTS (
    SELECT 1 FROM accounts a WHERE a.id = account_id AND a.created_by = added_by);
UPDATE providers SET endorsement = 2 WHERE EXISTS (
    SELECT 1 FROM accounts a WHERE a.id = account_id AND a.phone_verified AND a.phone <> '')
    OR EXISTS (SELECT 1 FROM emails e WHERE e.account_id = providers.account_id AND e.verified);
UPDATE providers SET endorsement = 1 WHERE endorsement = 0 AND EXISTS (
    SELECT 1 FROM accounts a WHERE a.id = account_id AND a.created_at = connected_at);

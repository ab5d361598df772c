-- Refresh tokens belong to a session and end with its row.

-- +goose Up
-- The hash of the one token that is good, NULL before the first exchange.
ALTER TABLE sessions ADD COLUMN refresh_token BLOB;
-- Tokens exchanged lately as JSON, or empty.
ALTER TABLE sessions ADD COLUMN refresh_used TEXT NOT NULL DEFAULT '';

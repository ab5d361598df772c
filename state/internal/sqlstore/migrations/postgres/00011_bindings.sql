-- The keys of devices that sessions are bound to; see state.Binding.

-- +goose Up
ALTER TABLE sessions ADD COLUMN binding BYTEA;
-- When it must have been bound, or 0.
ALTER TABLE sessions ADD COLUMN bind_by BIGINT NOT NULL DEFAULT 0;

-- Whether a message tells of what its turn has stored: it goes out even where nobody releases it.

-- +goose Up
ALTER TABLE outbox ADD COLUMN notice BOOLEAN NOT NULL DEFAULT FALSE;

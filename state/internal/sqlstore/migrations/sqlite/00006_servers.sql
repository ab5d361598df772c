-- What servers know of each other: which secret keys they have had, by fingerprints that lead
-- back to none, the newest last; and a row that is written to find out whether one can be.

-- +goose Up
CREATE TABLE server_keys (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT   NOT NULL,
    added_at    INTEGER NOT NULL,
    CONSTRAINT server_keys_fingerprint UNIQUE (fingerprint)
) STRICT;

CREATE TABLE readiness (
    id INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

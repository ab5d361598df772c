-- What servers know of each other: which secret keys they have had, by fingerprints that lead
-- back to none, the newest last; and a row that is written to find out whether one can be.

-- +goose Up
CREATE TABLE server_keys (
    seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint TEXT   NOT NULL,
    added_at    BIGINT NOT NULL,
    CONSTRAINT server_keys_fingerprint UNIQUE (fingerprint)
);

CREATE TABLE readiness (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);

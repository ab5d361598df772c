-- Times are microseconds since 1970 in UTC, 0 for "never". A run that spends, adds or
-- ends something is noted beside it, so that the same run may do it again.

-- +goose Up
CREATE TABLE accounts (
    id             BIGINT  PRIMARY KEY,
    username       TEXT    NOT NULL,
    -- The username in lower case, NULL where there is none.
    username_key   TEXT    CONSTRAINT accounts_username UNIQUE,
    password_hash  TEXT    NOT NULL,
    active         BOOLEAN NOT NULL,
    epoch          BIGINT  NOT NULL,
    -- Who raised the epoch last, and what it was before.
    epoch_by       TEXT    NOT NULL,
    epoch_from     BIGINT  NOT NULL,
    revision       BIGINT  NOT NULL,
    created_at     BIGINT  NOT NULL,
    created_by     TEXT    NOT NULL,
    last_login     BIGINT  NOT NULL,
    phone          TEXT    NOT NULL,
    phone_verified BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX accounts_verified_phone ON accounts (phone) WHERE phone_verified AND phone <> '';
CREATE INDEX accounts_phone ON accounts (phone) WHERE phone <> '';

CREATE TABLE emails (
    id         BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    address    TEXT    NOT NULL,
    verified   BOOLEAN NOT NULL,
    is_primary BOOLEAN NOT NULL,
    UNIQUE (account_id, address)
);
CREATE UNIQUE INDEX emails_verified_address ON emails (address) WHERE verified;
CREATE INDEX emails_address ON emails (address);

CREATE TABLE authenticators (
    seq           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            BIGINT NOT NULL CONSTRAINT authenticators_id UNIQUE,
    account_id    BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    type          TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    -- Sealed.
    secret        BYTEA,
    credential_id BYTEA  CONSTRAINT authenticators_credential UNIQUE,
    credential    BYTEA,
    last_step     BIGINT NOT NULL,
    spent_by      TEXT   NOT NULL,
    -- A bit for each recovery code that was used.
    used          BIGINT NOT NULL,
    added_by      TEXT   NOT NULL,
    viewed_at     BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT NOT NULL
);
CREATE INDEX authenticators_account ON authenticators (account_id);
CREATE UNIQUE INDEX authenticators_single ON authenticators (account_id, type) WHERE type <> 'webauthn';

CREATE TABLE spent_codes (
    authenticator_id BIGINT NOT NULL REFERENCES authenticators (id) ON DELETE CASCADE,
    idx              BIGINT NOT NULL,
    run              TEXT   NOT NULL,
    PRIMARY KEY (authenticator_id, idx)
);

CREATE TABLE providers (
    seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    provider     TEXT   NOT NULL,
    uid          TEXT   NOT NULL,
    display      TEXT   NOT NULL,
    extra        BYTEA,
    connected_at BIGINT NOT NULL,
    CONSTRAINT providers_uid UNIQUE (provider, uid)
);
CREATE INDEX providers_account ON providers (account_id);

CREATE TABLE attributes (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    value      TEXT   NOT NULL,
    PRIMARY KEY (account_id, name)
);

CREATE TABLE sessions (
    id         BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    run        TEXT   NOT NULL UNIQUE,
    -- SHA-256 of the token's id.
    token_hash BYTEA  NOT NULL UNIQUE,
    client     TEXT   NOT NULL,
    epoch      BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ip         TEXT   NOT NULL,
    user_agent TEXT   NOT NULL,
    methods    BYTEA
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Runs whose session was ended: none is granted to them again.
CREATE TABLE ended_runs (
    run      TEXT   PRIMARY KEY,
    ended_at BIGINT NOT NULL
);
CREATE INDEX ended_runs_age ON ended_runs (ended_at);

CREATE TABLE outbox (
    id        BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run       TEXT    NOT NULL,
    version   BIGINT  NOT NULL,
    released  BOOLEAN NOT NULL,
    queued_at BIGINT  NOT NULL,
    due_at    BIGINT  NOT NULL,
    attempts  BIGINT  NOT NULL,
    -- The message, sealed.
    message   BYTEA   NOT NULL
);
CREATE INDEX outbox_turn ON outbox (run, version);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE released;
CREATE INDEX outbox_age ON outbox (queued_at);

CREATE TABLE changes (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL,
    token_hash BYTEA  NOT NULL,
    kind       TEXT   NOT NULL,
    -- JSON, empty where the kind is not snapshot.
    snapshot   TEXT   NOT NULL,
    queued_at  BIGINT NOT NULL,
    due_at     BIGINT NOT NULL
);
CREATE INDEX changes_account ON changes (account_id);
CREATE INDEX changes_due ON changes (due_at, id);
CREATE INDEX changes_age ON changes (queued_at);

-- Events outlive the accounts they are about.
CREATE TABLE audit (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    event      TEXT   NOT NULL,
    -- JSON, or empty.
    data       TEXT   NOT NULL
);
CREATE INDEX audit_account ON audit (account_id, id);
CREATE INDEX audit_age ON audit (at);

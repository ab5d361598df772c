-- By what sessions at third parties sessions were begun.

-- +goose Up
CREATE TABLE provider_sessions (
    -- The run that was granted the session, or has yet to be.
    run        TEXT   NOT NULL,
    provider   TEXT   NOT NULL,
    account_id TEXT   NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    -- The session's name there, or empty.
    sid        TEXT   NOT NULL,
    -- The id token, sealed, or NULL.
    hint       BYTEA,
    noted_at   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (run, provider)
);
CREATE INDEX provider_sessions_account ON provider_sessions (account_id);
CREATE INDEX provider_sessions_subject ON provider_sessions (subject, provider);
CREATE INDEX provider_sessions_sid ON provider_sessions (sid, provider) WHERE sid <> '';
CREATE INDEX provider_sessions_expiry ON provider_sessions (expires_at);

-- What third parties have said of sign-outs, which counts once.
CREATE TABLE provider_logouts (
    token BYTEA PRIMARY KEY,
    until BIGINT NOT NULL
);
CREATE INDEX provider_logouts_age ON provider_logouts (until);

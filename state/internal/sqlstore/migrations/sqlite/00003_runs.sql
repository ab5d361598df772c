-- What is kept of runs so that they can be explained. Nothing is decided by it.

-- +goose Up
CREATE TABLE runs (
    run        TEXT    PRIMARY KEY,
    -- 0 for nobody. Trails outlive the accounts they are about.
    account_id INTEGER NOT NULL,
    flow       TEXT    NOT NULL,
    print      TEXT    NOT NULL,
    client     TEXT    NOT NULL,
    node       TEXT    NOT NULL,
    shown_as   TEXT    NOT NULL,
    -- How it came to its end: end, spent, withdrawn, or empty while it waits.
    over       TEXT    NOT NULL,
    -- The trail on one line.
    marks      TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deadline   INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_account ON runs (account_id, updated_at);
CREATE INDEX runs_age ON runs (updated_at);

CREATE TABLE run_tries (
    run   TEXT    NOT NULL REFERENCES runs (run) ON DELETE CASCADE,
    node  TEXT    NOT NULL,
    wrong INTEGER NOT NULL,
    PRIMARY KEY (run, node)
) STRICT;

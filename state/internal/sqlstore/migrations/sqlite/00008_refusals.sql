-- Why the last submission to a run was refused, for who runs the server; see state.Trail.

-- +goose Up
ALTER TABLE runs ADD COLUMN why TEXT NOT NULL DEFAULT '';

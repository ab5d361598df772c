-- How a person is called and looks at a third party, as JSON; see state.Profile.

-- +goose Up
ALTER TABLE providers ADD COLUMN profile TEXT NOT NULL DEFAULT '';

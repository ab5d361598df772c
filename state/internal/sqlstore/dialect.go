package sqlstore

import (
	"context"
	"database/sql"
	"strings"
)

// dialect is what SQLite and PostgreSQL do differently.
type dialect struct {
	// skipLocked goes where a query marks it, to let several workers claim rows at once.
	skipLocked string
	// isolation is what transactions ask for.
	isolation sql.IsolationLevel
	// lockNames makes transactions that claim one of the names wait for each other. The
	// names are sorted.
	lockNames func(ctx context.Context, tx *tx, names []string) error
	// lockAccount returns the query that locks the account's row after the names, with its
	// arguments. The names are sorted.
	lockAccount func(ctx context.Context, tx *tx, names []string, args []any) (string, []any, error)
	// unique returns what a unique violation names, a constraint or a list of columns,
	// or "" for any other error.
	unique func(error) string
	// transient says that the database gave up a transaction that another try may see
	// through: busy, deadlock, serialization failure.
	transient func(error) bool
	// migrate brings the tables up to date.
	migrate func(context.Context, *sql.DB, migrating) error
	// migrations reads which migrations there are, and which the database has.
	migrations func(context.Context, *sql.DB) ([]Migration, error)
}

// skipLockedMark stands in queries where a dialect may have something to say.
const skipLockedMark = "/* skip locked */"

// text returns the query as the dialect wants it.
func (d *dialect) text(query string) string {
	return strings.ReplaceAll(query, skipLockedMark, d.skipLocked)
}

// conflictField returns the field of a [state.ConflictError] for what a unique
// violation names: PostgreSQL says the constraint, SQLite the columns.
func conflictField(named string) string {
	switch named {
	case "accounts_pkey":
		return "id"
	case "accounts_username", "accounts.username_key":
		return "username"
	case "accounts_verified_phone", "accounts.phone":
		return "phone"
	case "emails_verified_address", "emails.address":
		return "email"
	case "providers_uid", "providers.provider, providers.uid":
		return "provider"
	}
	return ""
}

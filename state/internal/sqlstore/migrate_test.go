package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/pressly/goose/v3"

	"stagedoor/state"
	"stagedoor/state/statetest"
)

// tables are all tables and what sorts their rows.
func tables() map[string]string {
	return map[string]string{
		"accounts": "created_at", "emails": "id", "authenticators": "seq", "spent_codes": "idx", "providers": "seq",
		"attributes": "name", "sessions": "id", "ended_runs": "run", "outbox": "id", "changes": "id", "audit": "id",
		"runs": "run", "run_tries": "node",
	}
}

// fill fills every table as it is before ids are text. The ids of accounts are 7, and the
// greatest that is drawn.
func fill(t *testing.T, db *sql.DB) {
	t.Helper()
	const most = int64(1<<53 - 1)
	for _, x := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO accounts (id, username, username_key, password_hash, active, epoch, epoch_by, epoch_from, revision,
			created_at, created_by, last_login, phone, phone_verified, kept, kept_from)
			VALUES ($1, 'Ada', 'ada', 'hash', TRUE, 3, 'run', 2, 9, 100, 'made', 300, '+491', TRUE, 70, 1),
			(7, '', NULL, '', FALSE, 0, '', 0, 0, 200, '', 0, '', FALSE, 0, 0)`, []any{most}},
		{`INSERT INTO emails (account_id, address, verified, is_primary, reached, endorsement)
			VALUES (7, 'gone@example.org', FALSE, FALSE, FALSE, 0), ($1, 'ada@example.org', TRUE, TRUE, FALSE, 2),
			(7, 'bob@example.org', FALSE, TRUE, TRUE, 1), (7, 'last@example.org', FALSE, FALSE, FALSE, 0)`, []any{most}},
		{`DELETE FROM emails WHERE address IN ('gone@example.org', 'last@example.org')`, nil},
		{`INSERT INTO authenticators (id, account_id, type, name, secret, credential_id, credential, last_step, spent_by, used,
			added_by, viewed_at, created_at, last_used_at, endorsement)
			VALUES (70, $1, 'totp', '', $2, NULL, NULL, 5, 'spender', 0, 'made', 0, 1, 2, 2),
			(71, $1, 'recovery_codes', '', $2, NULL, NULL, -1, '', 5, 'made', 3, 1, 2, 2),
			(72, 7, 'webauthn', 'key', NULL, $3, $4, -1, '', 0, '', 0, 1, 2, 0)`, []any{most, []byte{1, 0, 2}, []byte{9}, []byte("{}")}},
		{`INSERT INTO spent_codes (authenticator_id, idx, run) VALUES (71, 0, 'a'), (71, 2, 'b')`, nil},
		{`INSERT INTO providers (account_id, provider, uid, display, extra, connected_at, endorsement)
			VALUES ($1, 'p', 'u', 'Ada', $2, 4, 2)`, []any{most, []byte("{}")}},
		{`INSERT INTO attributes (account_id, name, value) VALUES ($1, 'acme.terms', '3')`, []any{most}},
		{`INSERT INTO sessions (id, account_id, run, token_hash, client, epoch, created_at, last_seen, expires_at, ip, user_agent,
			methods, refresh_token, refresh_used) VALUES ($1, $2, 'run', $3, 'app', 3, 5, 6, 4000000000000000, '192.0.2.7', 'agent', $4, $3, '[]')`,
			[]any{int64(80), most, []byte("hash"), []byte("[]")}},
		{`INSERT INTO ended_runs (run, ended_at) VALUES ('over', 7)`, nil},
		{`INSERT INTO outbox (run, version, released, queued_at, due_at, attempts, message) VALUES ('run', 1, TRUE, 1, 2, 0, $1)`, []any{[]byte("sealed")}},
		{`INSERT INTO changes (account_id, token_hash, kind, snapshot, queued_at, due_at)
			VALUES ($1, $2, 'snapshot', '{"id":9007199254740991,"rev":9,"un":"Ada"}', 1, 2)`, []any{most, []byte("hash")}},
		{`INSERT INTO audit (account_id, at, event, data) VALUES (0, 1, 'e', ''), (7, 2, 'f', '{}')`, nil},
		{`INSERT INTO runs (run, account_id, flow, print, client, node, shown_as, over, marks, started_at, updated_at, deadline)
			VALUES ('a', 0, 'login', 'p', 'app', 'n', '', '', '', 1, 2, 3), ('b', 7, 'login', 'p', 'app', 'n', '', 'end', '', 1, 3, 3)`, nil},
		{`INSERT INTO run_tries (run, node, wrong) VALUES ('b', 'n', 2)`, nil},
	} {
		if _, err := db.ExecContext(t.Context(), x.query, x.args...); err != nil {
			t.Fatalf("%s: %v", x.query, err)
		}
	}
}

// dump returns every row of every table, column by name, as text. What is prepared before
// does not serve after.
func dump(t *testing.T, db *sql.DB, when string) map[string][]map[string]string {
	t.Helper()
	out := map[string][]map[string]string{}
	for table, order := range tables() {
		rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY "+order+" -- "+when)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, at := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				at[i] = &values[i]
			}
			if err := rows.Scan(at...); err != nil {
				t.Fatal(err)
			}
			row := map[string]string{}
			for i, c := range columns {
				row[c] = fmt.Sprintf("%v", values[i])
			}
			out[table] = append(out[table], row)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// list returns the rows of a query of one column.
func list(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	return out
}

// TestAccountIDsBecomeText: a database that was filled before has the same rows, indexes and
// constraints after, and is one that the store works with.
func TestAccountIDsBecomeText(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(memory(t), "old.db")
		db, err := driver.Open("file:" + path + "?_pragma=foreign_keys(1)&_pragma=journal_mode(wal)")
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		becomeText(t, db, goose.DialectSQLite3, "sqlite", path, func() []string {
			kept := list(t, db, `SELECT name || ': ' || sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL
				AND tbl_name NOT IN ('provider_sessions', 'provider_logouts') ORDER BY name`)
			kept = append(kept, list(t, db, `SELECT name || ' ' || seq FROM sqlite_sequence WHERE name <> 'goose_db_version' ORDER BY name`)...)
			for _, table := range slices.Sorted(maps.Keys(tables())) {
				kept = append(kept, list(t, db, fmt.Sprintf(`SELECT '%s.' || "from" || ' -> ' || "table" || ' ' || on_delete FROM pragma_foreign_key_list('%[1]s')`, table))...)
				kept = append(kept, list(t, db, fmt.Sprintf(`SELECT '%s: ' || (SELECT group_concat(name) FROM pragma_index_info(x.name))
					FROM pragma_index_list('%[1]s') x WHERE origin = 'u' ORDER BY 1`, table))...)
				kept = append(kept, list(t, db, fmt.Sprintf(`SELECT '%s.' || name || "notnull" FROM pragma_table_info('%[1]s') WHERE name NOT IN ('id', '%[2]s') ORDER BY name`, table, strings.Join(laterColumns(), "', '")))...)
				kept = append(kept, list(t, db, fmt.Sprintf(`SELECT name || ' strict ' || strict FROM pragma_table_list('%s')`, table))...)
			}
			return kept
		})
		for _, name := range []string{"accounts_username", "authenticators_id", "authenticators_credential", "providers_uid"} {
			if len(list(t, db, `SELECT name FROM sqlite_master WHERE sql LIKE '%CONSTRAINT `+name+` UNIQUE%'`)) != 1 {
				t.Errorf("the constraint %s is gone", name)
			}
		}
		if bad := list(t, db, `SELECT "table" FROM pragma_foreign_key_check`); len(bad) > 0 {
			t.Errorf("rows of %v refer to nothing", bad)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		url := statetest.StartPostgres(t)
		db, err := sql.Open("pgx", url)
		if err != nil {
			t.Fatal(err)
		}
		becomeText(t, db, goose.DialectPostgres, "postgres", url, func() []string {
			kept := list(t, db, `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT IN ('server_keys', 'readiness', 'provider_sessions', 'provider_logouts') ORDER BY indexname`)
			return append(kept, list(t, db, `SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
				WHERE connamespace = 'public'::regnamespace AND conname !~ '^(server_keys|readiness|provider_sessions|provider_logouts)' ORDER BY conname`)...)
		})
	})
}

// laterColumns are those that migrations after the one of the ids have added.
func laterColumns() []string { return []string{"bind_by", "binding", "notice", "profile", "why"} }

func becomeText(t *testing.T, db *sql.DB, kind goose.Dialect, folder, url string, schema func() []string) {
	t.Helper()
	t.Cleanup(func() { _ = db.Close() })
	p, err := migrations(kind, db, folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(context.WithoutCancel(t.Context()), 4); err != nil {
		t.Fatal(err)
	}
	fill(t, db)
	want, kept := dump(t, db, "before"), schema()
	s := openURL(t, url)
	for table, column := range map[string]string{"audit": "account_id", "runs": "account_id"} {
		for _, row := range want[table] {
			row[column] = strings.TrimSuffix(row[column], "0") // nobody
		}
	}
	rows := dump(t, s.write.DB, "after")
	for _, list := range rows {
		for _, row := range list {
			maps.DeleteFunc(row, func(column, _ string) bool { return slices.Contains(laterColumns(), column) })
		}
	}
	if diff := cmp.Diff(rows, want); diff != "" {
		t.Errorf("rows: got -, want +\n%s", diff)
	}
	if diff := cmp.Diff(schema(), kept); diff != "" {
		t.Errorf("indexes and constraints: got -, want +\n%s", diff)
	}
	ada, err := s.Account(t.Context(), "9007199254740991")
	if err != nil || ada.ID != "9007199254740991" || len(ada.Emails) != 1 || len(ada.Authenticators) != 2 || len(ada.Providers) != 1 || ada.Attributes["acme.terms"] != "3" {
		t.Errorf("account: %+v, %v", ada, err)
	}
	if session, of, err := s.Session(t.Context(), []byte("hash"), noon()); err != nil || session.Account != ada.ID || of.ID != ada.ID {
		t.Errorf("session: %+v of %+v, %v", session, of, err)
	}
	if list, err := s.ClaimChanges(t.Context(), "", noon(), 1, 10); err != nil || len(list) != 1 || list[0].Account != ada.ID || list[0].Snapshot.Account != ada.ID {
		t.Errorf("changes: %+v, %v", list, err)
	}
	if list, err := s.TrailsOf(t.Context(), "7", 10); err != nil || len(list) != 1 || list[0].Wrong["n"] != 2 {
		t.Errorf("trails: %+v, %v", list, err)
	}
	own := state.AccountID("0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11")
	signUp(t, s, own, "own@example.org")
	if a, err := s.Find(t.Context(), state.Key{Kind: state.KeyEmail, Value: "own@example.org"}); err != nil || a.ID != own {
		t.Errorf("an account with an id of its own: %+v, %v", a, err)
	}
	if _, err := db.ExecContext(t.Context(), `DELETE FROM accounts WHERE id = '7'`); err != nil {
		t.Fatal(err)
	}
	if rest := list(t, db, `SELECT address FROM emails ORDER BY id`); !slices.Equal(rest, []string{"ada@example.org", "own@example.org"}) {
		t.Errorf("addresses left once an account is deleted: %v", rest)
	}
}

// migrations are those of a folder as goose, whose table of versions ours is, would apply them.
func migrations(kind goose.Dialect, db *sql.DB, folder string) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations/"+folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(kind, db, files, goose.WithDisableGlobalRegistry(true))
}

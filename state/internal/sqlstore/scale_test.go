package sqlstore

import (
	"database/sql"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// populated is how many accounts tests at scale have: 20 000, or what STAGEDOOR_ACCOUNTS says.
func populated(t testing.TB) int {
	t.Helper()
	said := os.Getenv("STAGEDOOR_ACCOUNTS")
	if said == "" {
		return 20_000
	}
	n, err := strconv.Atoi(said)
	if err != nil || n < 1000 {
		t.Fatalf("STAGEDOOR_ACCOUNTS=%s: give how many accounts, 1000 at least", said)
	}
	return n
}

// crowd fills every table with what so many accounts have: each a name, a number, an address and
// an authenticator, two sessions and two runs.
func crowd(t testing.TB, s *Store, accounts int) {
	t.Helper()
	blob := "CAST('b' || i AS BLOB)"
	if s.pool != nil {
		blob = "('b' || i)::bytea"
	}
	for _, fill := range []struct {
		each    float64 // rows for each account
		columns string
		values  string
	}{
		{1, `accounts (id, username, username_key, password_hash, active, epoch, epoch_by, epoch_from, revision, created_at, created_by, last_login, phone, phone_verified, kept, kept_from)`,
			`'a' || i, 'U' || i, 'u' || i, 'hash', TRUE, 0, '', 0, 1, i, 'r' || i, i, '+49' || i, i % 2 = 0, 0, 0`},
		{1, `emails (account_id, address, verified, is_primary, reached, endorsement)`, `'a' || i, 'u' || i || '@example.org', i % 3 > 0, TRUE, FALSE, 2`},
		{1, `authenticators (id, account_id, type, name, secret, credential_id, credential, last_step, spent_by, used, added_by, viewed_at, created_at, last_used_at, endorsement)`,
			`i, 'a' || i, 'webauthn', '', NULL, BLOB, BLOB, -1, '', 0, '', 0, i, i, 2`},
		{0.1, `spent_codes (authenticator_id, idx, run)`, `i, 0, 'r' || i`},
		{1, `providers (account_id, provider, uid, display, extra, connected_at, endorsement)`, `'a' || i, 'p', 'u' || i, '', NULL, i, 2`},
		{0.5, `attributes (account_id, name, value)`, `'a' || i, 'acme.terms', '3'`},
		{2, `sessions (id, account_id, run, token_hash, client, epoch, created_at, last_seen, expires_at, ip, user_agent, methods, refresh_token, refresh_used)`,
			`i, 'a' || (i / 2 + 1), 'r' || i, BLOB, 'app', 0, i, i, 1000000 + i, '', '', BLOB, BLOB, ''`},
		{1, `ended_runs (run, ended_at)`, `'r' || i, 1000000 + i`},
		{1, `provider_sessions (run, provider, account_id, issuer, subject, sid, hint, noted_at, expires_at)`,
			`'r' || i, 'p', 'a' || i, 'https://idp.example', 'u' || i, 's' || i, NULL, i, 1000000 + i`},
		{1, `provider_logouts (token, until)`, `BLOB, 1000000 + i`},
		{1, `outbox (run, version, released, queued_at, due_at, attempts, message)`, `'r' || i, 1, i % 2 = 0, 1000000 + i, 1000000 + i, 0, BLOB`},
		{1, `changes (account_id, token_hash, kind, snapshot, queued_at, due_at)`, `'a' || i, BLOB, 'snapshot', '', 1000000 + i, 1000000 + i`},
		{2, `audit (account_id, at, event, data)`, `'a' || i, 1000000 + i, 'e', ''`},
		{2, `runs (run, account_id, flow, print, client, node, shown_as, over, marks, started_at, updated_at, deadline)`,
			`'r' || i, CASE WHEN i % 5 = 0 THEN '' ELSE 'a' || i END, 'login', '', 'app', 'n', '', '', '', i, 1000000 + i, i`},
		{0.5, `run_tries (run, node, wrong)`, `'r' || i, 'n', 1`},
	} {
		rows := int(float64(accounts) * fill.each)
		statement := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO %s SELECT %s FROM n`,
			rows, fill.columns, strings.ReplaceAll(fill.values, "BLOB", blob))
		if s.pool != nil {
			statement = fmt.Sprintf(`INSERT INTO %s SELECT %s FROM generate_series(1, %d) AS i`, fill.columns, strings.ReplaceAll(fill.values, "BLOB", blob), rows)
		}
		// What refers to accounts beyond the last has none.
		statement = strings.ReplaceAll(statement, "(i / 2 + 1)", fmt.Sprintf("(i %% %d + 1)", accounts))
		if _, err := s.write.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if _, err := s.write.ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

// grows are the tables that have a row or more for each account, turn or message.
var grows = regexp.MustCompile(`\b(accounts|emails|authenticators|spent_codes|providers|attributes|sessions|provider_sessions|provider_logouts|ended_runs|outbox|changes|audit|runs|run_tries)\b`)

// fromOneEnd are queries that read a table from one end and stop.
func fromOneEnd(name string) bool {
	switch name {
	case "sqlPing", "sqlBusy", "sqlEvents", "sqlTrails", "sqlServerKeys":
		return true
	}
	return false
}

// TestEveryQueryUsesAnIndex where there are many accounts, as the database plans it by what it
// knows of the tables then.
func TestEveryQueryUsesAnIndex(t *testing.T) {
	t.Parallel()
	all := queries(t)
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		s := openPostgres(t)
		crowd(t, s, populated(t))
		conn, err := s.write.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.ExecContext(t.Context(), `SET plan_cache_mode = force_custom_plan`); err != nil {
			t.Fatal(err)
		}
		for name, query := range all {
			if plan := postgresPlan(t, conn, s.dialect.text(query)); readsAll(plan) && !fromOneEnd(name) {
				t.Errorf("%s reads a whole table:\n%s", name, plan)
			}
		}
		if _, err := conn.ExecContext(t.Context(), `DROP INDEX sessions_expiry`); err != nil {
			t.Fatal(err)
		}
		if !readsAll(postgresPlan(t, conn, sqlSweepSessions)) {
			t.Error("that an index is missing is not noticed")
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		s := openSQLite(t)
		crowd(t, s, populated(t))
		for name, query := range all {
			if strings.HasPrefix(name, "sqlLockName") || fromOneEnd(name) {
				continue
			}
			for _, step := range sqlitePlan(t, s, query) {
				if scans(step) {
					t.Errorf("%s reads a whole table: %s", name, step)
				}
			}
		}
		if _, err := s.write.ExecContext(t.Context(), `DROP INDEX sessions_expiry`); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(sqlitePlan(t, s, sqlSweepSessions), scans) {
			t.Error("that an index is missing is not noticed")
		}
	})
}

// readsAll says whether a plan of PostgreSQL reads the whole of a table that grows.
func readsAll(plan string) bool {
	for line := range strings.Lines(plan) {
		if strings.Contains(line, "Seq Scan") && grows.MatchString(line) {
			return true
		}
	}
	return false
}

// scans says whether a step of SQLite's reads the whole of a table, or of an index. It calls tables as the query
// does: those that begin with f are what another part has found.
func scans(step string) bool {
	table, ok := strings.CutPrefix(step, "SCAN ")
	return ok && !strings.HasPrefix(table, "CONSTANT ROW") && !strings.HasPrefix(table, "f") && table != "picked"
}

// postgresPlan explains a query with values that few rows have: 1, 'x', true.
func postgresPlan(t *testing.T, conn *sql.Conn, query string) string {
	t.Helper()
	run := func(statement string) {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	run("PREPARE walked AS " + query)
	defer run("DEALLOCATE walked")
	var types string
	if err := conn.QueryRowContext(t.Context(), `SELECT array_to_string(parameter_types, ',') FROM pg_prepared_statements WHERE name = 'walked'`, unprepared).Scan(&types); err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, kind := range strings.FieldsFunc(types, func(r rune) bool { return r == ',' }) {
		value, ok := map[string]string{"bigint": "1", "integer": "1", "text": "'x'", "boolean": "true", "bytea": `'\x01'`}[kind]
		if !ok {
			t.Fatalf("%s: there is no value for a %s", query, kind)
		}
		values = append(values, value)
	}
	statement := "EXPLAIN EXECUTE walked"
	if len(values) > 0 {
		statement += "(" + strings.Join(values, ", ") + ")"
	}
	rows, err := conn.QueryContext(t.Context(), statement, unprepared)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

// sqlitePlan explains a query.
func sqlitePlan(t *testing.T, s *Store, query string) (steps []string) {
	t.Helper()
	count := map[string]bool{}
	for _, m := range placeholder.FindAllString(query, -1) {
		count[m] = true
	}
	rows, err := s.write.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, len(count))...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

package statetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// scalar runs a query of one value on the database.
func scalar(t *testing.T, url, query string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var out string
	if err := conn.QueryRow(t.Context(), query).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStartPostgres(t *testing.T) {
	one, two := StartPostgres(t), StartPostgres(t)
	if one == two {
		t.Fatal("two tests share a database")
	}
	conn, err := pgx.Connect(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `CREATE TABLE mine (id BIGINT)`); err != nil {
		t.Fatal(err)
	}
	if got := scalar(t, two, `SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'`); got != "0" {
		t.Errorf("a new database has %s tables", got)
	}
	started := `SELECT pg_postmaster_start_time()::text`
	if scalar(t, one, started) != scalar(t, two, started) {
		t.Error("two tests have a server each")
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(one, "//postgres:", "//postgres:x", 1)); err == nil || !strings.Contains(err.Error(), "password") {
		t.Errorf("with a wrong password: %v", err)
	}
}

func TestStartPostgresDrops(t *testing.T) {
	var url, name string
	t.Run("a test that ends", func(t *testing.T) {
		url = StartPostgres(t)
		name = scalar(t, url, `SELECT current_database()::text`)
	})
	if url == "" {
		t.Skip("the test was skipped")
	}
	other := StartPostgres(t)
	if got := scalar(t, other, `SELECT count(*)::text FROM pg_database WHERE datname = '`+name+`'`); got != "0" {
		t.Errorf("database %s outlived its test", name)
	}
}

// TestPostgresEnds closes what the minder holds on to, as the end of the test binary
// does, and waits for the server and its files to go.
func TestPostgresEnds(t *testing.T) {
	StartPostgres(t) // skips, or fails, where there is none
	p, err := startPostgres()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(scalarDir(t, p))
	if err := p.hold.Close(); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			if err := p.exec(`SELECT 1`); err == nil {
				t.Error("the server goes on without its files")
			}
			return
		}
	}
	t.Errorf("%s is still there", dir)
}

func scalarDir(t *testing.T, p *postgres) string {
	t.Helper()
	return scalar(t, p.url("postgres"), `SHOW data_directory`)
}

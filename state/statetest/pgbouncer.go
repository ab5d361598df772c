package statetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// StartPgBouncer starts a PgBouncer before the database that a URL of [StartPostgres] leads to and
// returns the URL through it. The mode is transaction or session; further lines go into its
// configuration. It ends with the test. Where there is no pgbouncer on PATH or in /usr/sbin the
// test is skipped, or fails if the environment variable STAGEDOOR_REQUIRE contains "pgbouncer".
func StartPgBouncer(t testing.TB, database, mode string, lines ...string) string {
	t.Helper()
	bin := pgBouncer(t)
	u, err := url.Parse(database)
	if err != nil {
		t.Fatalf("start pgbouncer: %v", err)
	}
	dir, err := os.MkdirTemp("", "stagedoor-pgbouncer")
	if err != nil {
		t.Fatalf("start pgbouncer: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port := unusedPort(t)
	password, _ := u.User.Password()
	name := strings.TrimPrefix(u.Path, "/")
	config := fmt.Sprintf(`[databases]
%s = host=%s port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s/users
pool_mode = %s
%s
`, name, u.Hostname(), u.Port(), port, dir, mode, strings.Join(lines, "\n"))
	users := fmt.Sprintf("%q %q\n", u.User.Username(), password)
	for file, text := range map[string]string{"pgbouncer.ini": config, "users": users} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatalf("start pgbouncer: %v", err)
		}
	}
	// It refuses to run as root, as PostgreSQL does.
	proc, err := unprivileged(dir, bin, filepath.Join(dir, "pgbouncer.ini"))
	if err != nil {
		t.Fatalf("start pgbouncer: %v", err)
	}
	var log strings.Builder
	proc.Stderr = &log
	if err := proc.Start(); err != nil {
		t.Fatalf("start pgbouncer: %v", err)
	}
	t.Cleanup(func() { _, _ = proc.Process.Kill(), proc.Wait() })
	u.Host = "127.0.0.1:" + port
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := answers(u.String())
		if err == nil {
			return u.String()
		}
		if time.Now().After(deadline) {
			t.Fatalf("start pgbouncer: %v\n%s", err, log.String())
		}
	}
}

// answers asks a server of PostgreSQL's protocol for a sign of life.
func answers(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

// pgBouncer returns the path of pgbouncer, or ends the test.
func pgBouncer(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), "pgbouncer") {
		t.Fatal("pgbouncer is required and was not found")
	}
	t.Skip("no pgbouncer on PATH or in /usr/sbin")
	return ""
}

package statetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// StartPostgres returns the URL of an empty database that ends with the test. The
// server it is on is started once for each test binary, the first time one is asked
// for, and ends with the binary, however that ends. It listens on a port of 127.0.0.1
// and syncs nothing to disk.
//
// The programs are those on PATH or in /usr/lib/postgresql/*/bin. Where there are none,
// or they do not start, the test is skipped, or fails if the environment variable
// STAGEDOOR_REQUIRE contains "postgres".
func StartPostgres(t testing.TB) (url string) {
	t.Helper()
	server, err := postgresServer()
	if err != nil {
		if strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), "postgres") {
			t.Fatalf("start postgres: %v", err)
		}
		t.Skipf("no postgres to test with: %v", err)
	}
	name := fmt.Sprintf("test_%d", server.databases.Add(1))
	if err := server.exec(`CREATE DATABASE ` + name); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := server.exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return server.url(name)
}

// postgresServer starts the server the first time it is called.
var postgresServer = sync.OnceValues(startPostgres)

type postgres struct {
	password  string
	port      int
	databases atomic.Int64
	// hold is the minder's standard input. It is kept here so that it stays open.
	hold io.Closer
}

func (p *postgres) url(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", p.password),
		Host: fmt.Sprintf("127.0.0.1:%d", p.port), Path: database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// exec runs one statement on a connection of its own.
func (p *postgres) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// minder runs the server until its standard input is closed, which happens when the
// test binary ends, and then removes everything. $1 is the folder, the rest the command.
const minder = `trap '' INT TERM HUP
dir=$1; shift
"$@" </dev/null >"$dir/log" 2>&1 &
pid=$!
cat >/dev/null
kill -QUIT $pid 2>/dev/null
wait $pid
rm -rf "$dir"
`

func startPostgres() (*postgres, error) {
	bin, err := postgresFolder()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stagedoor-pg")
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 16)
	rand.Read(secret)
	p := &postgres{password: hex.EncodeToString(secret)}
	if err := initPostgres(bin, dir, p.password); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if p.port, err = postgresPort(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	cmd, err := unprivileged(dir, "/bin/sh", "-c", minder, "sh", dir,
		filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"), "-k", dir, "-p", fmt.Sprint(p.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200",
		// Tests provoke deadlocks; the default lets them wait for a second each time.
		"-c", "deadlock_timeout=50ms")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if p.hold, err = cmd.StdinPipe(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := p.wait(); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, log), p.hold.Close())
	}
	return p, nil
}

// wait waits until the server answers.
func (p *postgres) wait() error {
	var err error
	for begun := time.Now(); time.Since(begun) < 30*time.Second; time.Sleep(30 * time.Millisecond) {
		if err = p.exec(`SELECT 1`); err == nil {
			return nil
		}
	}
	return err
}

// initPostgres makes the files of a server, with a password for connections by TCP.
func initPostgres(bin, dir, password string) error {
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return err
	}
	cmd, err := unprivileged(dir, filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres",
		"-E", "UTF8", "--no-locale", "--no-sync", "--pwfile", secret, "--auth-local=reject", "--auth-host=scram-sha-256")
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// postgresFolder returns where initdb and postgres are.
func postgresFolder() (string, error) {
	var folders []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(path))
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well formed
	slices.Reverse(found)
	for _, dir := range append(folders, found...) {
		_, noInit := os.Stat(filepath.Join(dir, "initdb"))
		_, noServer := os.Stat(filepath.Join(dir, "postgres"))
		if noInit == nil && noServer == nil {
			return dir, nil
		}
	}
	return "", errors.New("initdb and postgres are neither on PATH nor in /usr/lib/postgresql/*/bin")
}

// postgresPort returns a port of 127.0.0.1 that nobody listened on a moment ago.
func postgresPort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

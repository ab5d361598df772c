package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"stagedoor/state/statetest"
)

// TestFewConnections: a role that may have three connections serves those who want sixteen,
// one after the other, and may have more again later.
func TestFewConnections(t *testing.T) {
	t.Parallel()
	database := statetest.StartPostgres(t)
	openURL(t, database)
	conn := connectTo(t, database)
	role := fmt.Sprintf("few_%d", time.Now().UnixNano())
	do(t, conn, `CREATE ROLE `+role+` LOGIN PASSWORD '`+role+`' CONNECTION LIMIT 3`,
		`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO `+role)
	t.Cleanup(func() {
		_, _ = conn.Exec(context.Background(), `DROP OWNED BY `+role)
		_, _ = conn.Exec(context.Background(), `DROP ROLE `+role)
	})
	s, log := openLogged(t, Config{URL: as(t, database, role)})
	signUpAtOnce(t, s, 0)
	if !strings.Contains(log.String(), "gives this role no more connections") || !strings.Contains(log.String(), "max_connections=16") {
		t.Errorf("log:\n%s", log)
	}
	if n := s.pool.db.Stats(); n.MaxOpenConnections > 3 {
		t.Errorf("%+v", n)
	}
	do(t, conn, `ALTER ROLE `+role+` CONNECTION LIMIT 20`)
	s.pool.grow()
	if n := s.pool.db.Stats(); n.MaxOpenConnections != 16 {
		t.Errorf("%+v", n)
	}
	signUpAtOnce(t, s, 1000)
	// What it has grown to stays there, and is not connected anew with each rush.
	if n := s.pool.db.Stats(); n.OpenConnections <= 3 {
		t.Errorf("%+v", n)
	}
}

// TestNoConnection: where others have all of them, who comes waits for one.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	database := statetest.StartPostgres(t)
	openURL(t, database)
	conn := connectTo(t, database)
	role := fmt.Sprintf("one_%d", time.Now().UnixNano())
	do(t, conn, `CREATE ROLE `+role+` LOGIN PASSWORD '`+role+`' CONNECTION LIMIT 1`,
		`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO `+role)
	t.Cleanup(func() {
		_, _ = conn.Exec(context.Background(), `DROP OWNED BY `+role)
		_, _ = conn.Exec(context.Background(), `DROP ROLE `+role)
	})
	other := connectTo(t, as(t, database, role))
	time.AfterFunc(500*time.Millisecond, func() { _ = other.Close(context.Background()) })
	s, _ := openLogged(t, Config{URL: as(t, database, role)})
	signUpAtOnce(t, s, 0)
}

// panics is a driver that is broken.
type panics struct{}

func (panics) Connect(context.Context) (driver.Conn, error) { panic("no way") }
func (panics) Driver() driver.Driver                        { return nil }

// TestDriverPanics: wherever the driver panics, it is an error, and a line in the log.
func TestDriverPanics(t *testing.T) {
	t.Parallel()
	var log logged
	c := &connector{inner: panics{}, log: slog.New(slog.NewTextHandler(&log, nil)), most: 1}
	db := sql.OpenDB(c)
	defer db.Close()
	if err := db.PingContext(t.Context()); err == nil || !strings.Contains(err.Error(), "the database driver panicked: string") {
		t.Errorf("connect: %v", err)
	}
	// Its connection is nil, which is enough to panic.
	conn := &guardedConn{pool: c}
	tx, rows := guardedTx{nil, conn}, guardedRows{nil, conn}
	for name, call := range map[string]func() error{
		"prepare":  func() error { _, err := conn.Prepare("SELECT 1"); return err },
		"begin":    func() error { _, err := conn.Begin(); return err },
		"exec":     func() error { _, err := conn.ExecContext(t.Context(), "SELECT 1", nil); return err },
		"query":    func() error { _, err := conn.QueryContext(t.Context(), "SELECT 1", nil); return err },
		"ping":     func() error { return conn.Ping(t.Context()) },
		"close":    conn.Close,
		"commit":   tx.Commit,
		"rollback": tx.Rollback,
		"row":      func() error { return rows.Next(nil) },
		"rows":     rows.Close,
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), "the database driver panicked") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if conn.IsValid() || conn.ResetSession(t.Context()) != driver.ErrBadConn {
		t.Error("a connection is used again on which the driver has panicked")
	}
	if n := strings.Count(log.String(), "the connection is given up"); n != 11 {
		t.Errorf("%d lines:\n%s", n, &log)
	}
}

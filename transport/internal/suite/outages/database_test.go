package outages

import (
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"stagedoor/state/statetest"
)

func databaseOutages() []outage {
	const unless = "503, `Retry-After`; sessions are read"
	return []outage{
		{"PostgreSQL is killed and recovers", unless, 3 * time.Second, 2 * time.Second, "nothing", postgresKilled},
		{"PostgreSQL is restarted", unless, 3 * time.Second, 2 * time.Second, "nothing", postgresRestarted},
		{"PostgreSQL is read-only", unless, 3 * time.Second, 2 * time.Second, "nothing", postgresReadOnly},
		{"PostgreSQL is slow (each answer 150 ms late)", "answers that are slow", 4 * time.Second, time.Second, "nothing", postgresSlow},
		{"the disk under SQLite is full", unless, 3 * time.Second, 2 * time.Second, "nothing", diskFull},
	}
}

func postgresKilled(t *testing.T, o outage) {
	p := statetest.NewPostgres(t)
	s := newScene(t, p.URL)
	s.breaks(t, o, lasts, p.Kill, p.Start)
	s.sound(t, true)
}

func postgresRestarted(t *testing.T, o outage) {
	p := statetest.NewPostgres(t)
	s := newScene(t, p.URL)
	s.breaks(t, o, 0, p.Stop, p.Start)
	s.sound(t, true)
}

func postgresReadOnly(t *testing.T, o outage) {
	p := statetest.NewPostgres(t)
	s := newScene(t, p.URL)
	// Connections of before go on as they are: those a server has open are ended.
	const others = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'own'`
	s.breaks(t, o, lasts, func() {
		p.Exec(`ALTER DATABASE own SET default_transaction_read_only = on`)
		p.Exec(others)
		time.Sleep(200 * time.Millisecond)
		s.in.Session().Is(200)
		s.App().Signup("new@example.com").Busy()
	}, func() {
		p.Exec(`ALTER DATABASE own RESET default_transaction_read_only`)
		p.Exec(others)
	})
	s.sound(t, true)
}

func postgresSlow(t *testing.T, o outage) {
	u, err := url.Parse(statetest.StartPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	straight := u.String()
	slow := newSlow(t, u.Host)
	u.Host = slow.addr
	s := newScene(t, u.String())
	s.count = func(query string) int { return ask(t, straight, query) }
	s.breaks(t, o, lasts, func() { slow.late.Store(int64(150 * time.Millisecond)) }, func() { slow.late.Store(0) })
	s.sound(t, true)
}

// diskFull lets no file grow any more, which is what a full disk does to a database: for this
// process, by a limit of the system's.
func diskFull(t *testing.T, o outage) {
	s := newScene(t, "")
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	restore := func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(restore)
	s.breaks(t, o, lasts, func() {
		full := before
		full.Cur = size(t, s.Config.DataDir)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
			t.Fatal(err)
		}
		fill(t, s)
		s.in.Session().Is(200)
	}, restore)
	s.sound(t, true)
}

// size is that of the smallest file that grows with every write.
func size(t *testing.T, dir string) uint64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "stagedoor.sqlite3-wal"))
	if err != nil {
		t.Fatal(err)
	}
	return uint64(info.Size())
}

// fill signs people up until the disk takes no more.
func fill(t *testing.T, s *scene) {
	t.Helper()
	for range 500 {
		if s.App().Signup("new@example.com").Status == 503 {
			return
		}
	}
	t.Fatal("the disk is never full")
}

package suite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// Patience is how long a test waits for something that should happen at once.
const Patience = 20 * time.Second

// Lab is a server in this process with everything a test looks at or breaks: its clock,
// its mail, its commands to Redis, and the address it is reached at.
type Lab struct {
	*server.Server
	// Config is what the server runs on.
	Config config.Config
	T      testing.TB
	Clock  *Clock
	Mails  *mails
	Trips  *stores.RoundTrips
	Gate   *gate
	Log    *Journal
	URL    string
	// TextIDs says that ids of accounts may be texts, of which the documents of OpenAPI 3.0 say
	// nothing: they have the integers that the server draws.
	TextIDs bool
	// doc and doc31 are the server's OpenAPI documents; every answer is held against them.
	doc, doc31 *described
	// plain are the documents of the plain contract.
	plain *plainDocs
	// look is the lab's own look into the SQLite file.
	look *look
}

// look is a database that is opened once, when it is first asked.
type look struct {
	once sync.Once
	db   *sql.DB
	err  error
}

// open opens the file at a path.
func (f *look) open(path string) (*sql.DB, error) {
	f.once.Do(func() { f.db, f.err = sql.Open("sqlite3", "file:"+path+"?_pragma=busy_timeout(5000)") })
	return f.db, f.err
}

// close closes it, and it cannot be asked any more.
func (f *look) close() {
	f.once.Do(func() { f.err = errors.New("the lab's file is closed") })
	if f.db != nil {
		_ = f.db.Close()
	}
}

// SetUp changes what a lab's server is made of.
type SetUp func(*config.Config, *server.Options)

// ByCode verifies addresses by code: two resends, two changes, three attempts.
func ByCode(c *config.Config, _ *server.Options) {
	c.Account.EmailVerificationByCodeEnabled = true
	c.Account.EmailVerificationSupportsResend = 2
	c.Account.EmailVerificationSupportsChange = 2
}

// NewLab starts a server on a file and a Redis in this process, for which time passes as
// it does for the server. Rate limits are off and hashes cheap. The test may change all
// of that.
func NewLab(t testing.TB, change ...SetUp) *Lab {
	t.Helper()
	l := &Lab{
		T: t, Clock: &Clock{now: time.Date(2031, 5, 17, 12, 0, 10, 0, time.UTC)}, Mails: NewMails(),
		Trips: &stores.RoundTrips{}, Gate: &gate{}, Log: &Journal{}, doc: &described{}, doc31: &described{}, plain: &plainDocs{}, look: &look{},
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mini := miniredis.RunT(t)
	l.Clock.moved = mini.FastForward
	c := LabConfig(Memory(t), listener.Addr().String())
	c.Redis.URL = config.Secret("redis://" + mini.Addr())
	o := server.Options{
		Log: slog.New(slog.NewTextHandler(l.Log, &slog.HandlerOptions{Level: slog.LevelWarn})), Now: l.Clock.Read, Mail: l.Mails,
		RedisHooks: []redis.Hook{ofRequests{l.Trips}, l.Gate},
	}
	for _, f := range change {
		f(&c, &o)
	}
	l.serve(c, o, listener)
	t.Cleanup(l.look.close)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server's log:\n%s", l.Log)
		}
	})
	return l
}

// Memory is a folder whose files are in memory, where the system has one: nobody cuts the
// power in these tests, and they would wait for the disk most of the time.
func Memory(t testing.TB) string {
	t.Helper()
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(shm, "stagedoor-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// LabConfig is what labs run on.
func LabConfig(dir, listen string) config.Config {
	c := config.Default()
	c.Listen, c.DataDir = listen, filepath.Join(dir, "data")
	c.Mail.Supplied = true
	c.Headless.ServeSpecification = true
	c.Account.RateLimits, c.MFA.RateLimits = config.RateLimits{Off: true}, config.RateLimits{Off: true}
	c.Hashing = config.Hashing{MemoryKiB: 1024, Time: 1, Parallelism: 1, Queue: 128}
	c.Headless.FrontendURLs = config.FrontendURLs{
		ConfirmEmail: "http://localhost:3000/verify/{key}", ResetPassword: "http://localhost:3000/reset",
		ResetPasswordFromKey: "http://localhost:3000/reset/{key}", Signup: "http://localhost:3000/signup",
	}
	return c
}

// serve runs the server until the test ends.
func (l *Lab) serve(c config.Config, o server.Options, listener net.Listener) {
	l.T.Helper()
	if err := c.Validate(); err != nil {
		l.T.Fatal(err)
	}
	l.Config = c
	var s *server.Server
	settings := settingsOf(&o)
	o.Observe = heldAgainstMatrix(l.T, func() (engine.Matrix, error) {
		return s.Flows().Matrix(settings.FixedFacts, nil)
	}, o.Observe)
	var err error
	if s, err = server.Open(l.T.Context(), c, o); err != nil {
		l.T.Fatal(err)
	}
	web := httptest.NewUnstartedServer(s)
	_ = web.Listener.Close()
	web.Listener = listener
	web.Start()
	l.Server, l.URL = s, web.URL
	l.T.Cleanup(func() {
		web.Close()
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		if err := s.Close(ctx); err != nil && !errors.Is(err, redis.ErrClosed) {
			l.T.Errorf("close: %v", err)
		}
	})
}

// settingsOf takes the settings of the stages from the parts that a server hands out.
func settingsOf(o *server.Options) *stages.Settings {
	settings := new(stages.Settings)
	extend := o.Extend
	o.Extend = func(p server.Parts) []engine.Extension {
		*settings = p.Settings
		if extend == nil {
			return nil
		}
		return extend(p)
	}
	return settings
}

// Count answers a query of the lab's SQLite file that asks for one number.
func (l *Lab) Count(query string, args ...any) int {
	l.T.Helper()
	db, err := l.look.open(filepath.Join(l.Config.DataDir, "stagedoor.sqlite3"))
	if err != nil {
		l.T.Fatal(err)
	}
	var n int
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		l.T.Fatalf("%s: %v", query, err)
	}
	return n
}

// Quiet waits until nothing is left that background work would do now: no mail on its
// way, no change to pass on. What was counted after it belongs to requests alone.
func (l *Lab) Quiet() {
	l.T.Helper()
	l.Eventually("background work comes to rest", func() bool {
		return l.Count(`SELECT (SELECT count(*) FROM outbox WHERE released) + (SELECT count(*) FROM changes)`) == 0
	})
}

// Eventually waits for something that background work brings about.
func (l *Lab) Eventually(what string, done func() bool) {
	l.T.Helper()
	for deadline := time.Now().Add(Patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.T.Fatalf("%s: not within %v", what, Patience)
		}
	}
}

// OnEmbedded runs a server on the Redis that it brings along.
func OnEmbedded(c *config.Config, _ *server.Options) { c.Redis.URL = "" }

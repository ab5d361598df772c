package server

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"stagedoor/state"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
	"stagedoor/transport/notify"
)

// patience is how long a test waits for something that should happen at once.
const patience = 20 * time.Second

// lab is a server in this process with everything a test looks at or breaks: its clock,
// its mail, its commands to Redis, and the address it is reached at.
type lab struct {
	*Server
	t     testing.TB
	clock *clock
	mails *mails
	trips *stores.RoundTrips
	gate  *gate
	log   *journal
	url   string
	// doc is the server's OpenAPI document; every answer is held against it.
	doc *described
	// plain is the document of the plain contract.
	plain *plainDoc
}

// setUp changes what a lab's server is made of.
type setUp func(*config.Config, *Options)

// byCode verifies addresses by code: two resends, two changes, three attempts.
func byCode(c *config.Config, _ *Options) {
	c.Account.EmailVerificationByCodeEnabled = true
	c.Account.EmailVerificationSupportsResend = 2
	c.Account.EmailVerificationSupportsChange = 2
}

// newLab starts a server on a file and a Redis in this process, for which time passes as
// it does for the server. Rate limits are off and hashes cheap. The test may change all
// of that.
func newLab(t testing.TB, change ...setUp) *lab {
	t.Helper()
	l := &lab{
		t: t, clock: &clock{now: time.Date(2031, 5, 17, 12, 0, 10, 0, time.UTC)}, mails: newMails(),
		trips: &stores.RoundTrips{}, gate: &gate{}, log: &journal{}, doc: &described{}, plain: &plainDoc{},
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mini := miniredis.RunT(t)
	l.clock.moved = mini.FastForward
	c := labConfig(t.TempDir(), listener.Addr().String())
	c.Redis.URL = config.Secret("redis://" + mini.Addr())
	o := Options{
		Log: slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelWarn})), Now: l.clock.read, Mail: l.mails,
		RedisHooks: []redis.Hook{ofRequests{l.trips}, l.gate},
	}
	for _, f := range change {
		f(&c, &o)
	}
	l.serve(c, o, listener)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server's log:\n%s", l.log)
		}
	})
	return l
}

// labConfig is what labs run on.
func labConfig(dir, listen string) config.Config {
	c := config.Default()
	c.Listen, c.DataDir = listen, filepath.Join(dir, "data")
	c.Mail.Supplied = true
	c.Headless.ServeSpecification = true
	c.Account.RateLimits = config.RateLimits{Off: true}
	c.Hashing = config.Hashing{MemoryKiB: 1024, Time: 1, Parallelism: 1, Queue: 128}
	c.Headless.FrontendURLs = config.FrontendURLs{
		ConfirmEmail: "http://localhost:3000/verify/{key}", ResetPassword: "http://localhost:3000/reset",
		ResetPasswordFromKey: "http://localhost:3000/reset/{key}", Signup: "http://localhost:3000/signup",
	}
	return c
}

// serve runs the server until the test ends.
func (l *lab) serve(c config.Config, o Options, listener net.Listener) {
	l.t.Helper()
	if err := c.Validate(); err != nil {
		l.t.Fatal(err)
	}
	var s *Server
	o.Observe = heldAgainstMatrix(l.t, func() *Server { return s }, o.Observe)
	var err error
	if s, err = Open(l.t.Context(), c, o); err != nil {
		l.t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(s)
	_ = web.Listener.Close()
	web.Listener = listener
	web.Start()
	l.Server, l.url = s, web.URL
	l.t.Cleanup(func() {
		web.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Close(ctx); err != nil && !errors.Is(err, redis.ErrClosed) {
			l.t.Errorf("close: %v", err)
		}
	})
}

// count answers a query of the lab's SQLite file that asks for one number.
func (l *lab) count(query string, args ...any) int {
	l.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(l.config.DataDir, "stagedoor.sqlite3")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		l.t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		l.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// quiet waits until nothing is left that background work would do now: no mail on its
// way, no change to pass on. What was counted after it belongs to requests alone.
func (l *lab) quiet() {
	l.t.Helper()
	l.eventually("background work comes to rest", func() bool {
		return l.count(`SELECT (SELECT count(*) FROM outbox WHERE released) + (SELECT count(*) FROM changes)`) == 0
	})
}

// eventually waits for something that background work brings about.
func (l *lab) eventually(what string, done func() bool) {
	l.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// onEmbedded runs a server on the Redis that it brings along.
func onEmbedded(c *config.Config, _ *Options) { c.Redis.URL = "" }

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
	// moved is told that time has passed.
	moved func(time.Duration)
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// pass lets time go by.
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	if c.moved != nil && d > 0 {
		c.moved(d)
	}
}

// mails takes what the server sends. It can be told to refuse, and to hold what it is
// given.
type mails struct {
	mu   sync.Mutex
	sent []state.Message
	read map[string]int
	// refuse is how many deliveries fail before one is taken; tried counts all.
	refuse, tried int
	// held, if not nil, keeps deliveries waiting until it is closed.
	held chan struct{}
}

var _ notify.Sender = (*mails)(nil)

func newMails() *mails { return &mails{read: make(map[string]int)} }

// Send takes a message.
func (m *mails) Send(ctx context.Context, msg state.Message) error {
	m.mu.Lock()
	m.tried++
	held := m.held
	m.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refuse > 0 {
		m.refuse--
		return errors.New("the mail server is down")
	}
	m.sent = append(m.sent, msg)
	return nil
}

// to lists what was sent to an address, oldest first.
func (m *mails) to(address string) []state.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []state.Message
	for _, msg := range m.sent {
		if msg.To == address {
			out = append(out, msg)
		}
	}
	return out
}

// attempts counts deliveries that were begun.
func (m *mails) attempts() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tried
}

// mail waits for the next message to an address that the test has not read.
func (l *lab) mail(address string) state.Message {
	l.t.Helper()
	n := l.mails.read[address]
	l.mails.read[address]++
	l.eventually("a mail to "+address, func() bool { return len(l.mails.to(address)) > n })
	return l.mails.to(address)[n]
}

// code is the code, or the key of the link, of the next mail to an address.
func (l *lab) code(address string) string {
	l.t.Helper()
	msg := l.mail(address)
	if c := msg.Data["code"]; c != "" {
		return c
	}
	if k := msg.Data["key"]; k != "" {
		return k
	}
	l.t.Fatalf("the mail %s to %s carries neither a code nor a key", msg.Template, address)
	return ""
}

// gate is a hook that stops commands to the store of records at will.
type gate struct {
	mu     sync.Mutex
	left   int
	opened chan struct{}
	// after, if not nil, is called after each command with its name, evalsha included.
	after func(ctx context.Context, name string) error
	// before, if not nil, is called before each command; its error takes the place of
	// the answer.
	before func(ctx context.Context, name string) error
}

// together lets the next n loads of records answer only when all of them have been read.
func (g *gate) together(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left, g.opened = n, make(chan struct{})
}

// meet waits for the other loads.
func (g *gate) meet() {
	g.mu.Lock()
	if g.left == 0 {
		g.mu.Unlock()
		return
	}
	g.left--
	opened := g.opened
	if g.left == 0 {
		close(opened)
	}
	g.mu.Unlock()
	select {
	case <-opened:
	case <-time.After(patience):
	}
}

// watch sets what is called before and after commands; nil for nothing.
func (g *gate) watch(before, after func(ctx context.Context, name string) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.before, g.after = before, after
}

func (g *gate) watchers() (before, after func(ctx context.Context, name string) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.before, g.after
}

// DialHook does nothing.
func (g *gate) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook stops a command.
func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return g.stop(ctx, []redis.Cmder{cmd}, func() error { return next(ctx, cmd) })
	}
}

// ProcessPipelineHook stops a pipeline, which goes by the name of its first command.
func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return g.stop(ctx, cmds, func() error { return next(ctx, cmds) })
	}
}

func (g *gate) stop(ctx context.Context, cmds []redis.Cmder, next func() error) error {
	before, after := g.watchers()
	name := cmds[0].Name()
	fail := func(err error) error {
		for _, c := range cmds {
			c.SetErr(err)
		}
		return err
	}
	if before != nil {
		if err := before(ctx, name); err != nil {
			return fail(err)
		}
	}
	err := next()
	if name == "hmget" {
		g.meet()
	}
	if after != nil {
		if failed := after(ctx, name); failed != nil {
			return fail(failed)
		}
	}
	return err
}

// journal keeps the server's log.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps a line.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

// String is all of it.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"stagedoor/transport/bench"
)

// bed is what a measurement runs on: started when a row asks for it, ended with the program.
type bed struct {
	ctx context.Context
	dir string
	// checkout is the top of the repository.
	checkout string
	say      func(string)

	closers []func()
	once    map[string]func() (*child, error)
}

// child is a process that runs beside.
type child struct {
	name, address string
	pid           int
	log           *tail
}

// process is the child as it is watched.
func (c *child) process() bench.Process { return bench.Process{Name: c.name, PID: c.pid} }

// tail keeps the end of what a process says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write keeps the last 4 KiB.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-4096):]
	return len(b), nil
}

// String is the end of what was said.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// newBed finds the repository and makes a folder for everything.
func newBed(ctx context.Context, say func(string)) (*bed, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m: %w; run it in a checkout of stagedoor", err)
	}
	dir, err := os.MkdirTemp("", "stagedoor-bench")
	if err != nil {
		return nil, err
	}
	return &bed{ctx: ctx, dir: dir, checkout: strings.TrimSpace(string(out)), say: say, once: make(map[string]func() (*child, error))}, nil
}

// close ends every process and removes every file.
func (b *bed) close() {
	for i := len(b.closers) - 1; i >= 0; i-- {
		b.closers[i]()
	}
	_ = os.RemoveAll(b.dir)
}

// one starts a process the first time it is asked for.
func (b *bed) one(name string, start func() (*child, error)) (*child, error) {
	if b.once[name] == nil {
		b.say("starting " + name)
		b.once[name] = sync.OnceValues(start)
	}
	return b.once[name]()
}

// freeAddress is an address of this machine that nobody listened on a moment ago.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// start runs a command until the bed is closed, and waits until something answers at an
// address.
func (b *bed) start(name, address string, cmd *exec.Cmd) (*child, error) {
	said := &tail{}
	cmd.Stdout, cmd.Stderr = said, said
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	b.closers = append(b.closers, func() {
		_ = hold.Close()
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
		}
	})
	for range 1000 {
		select {
		case err := <-ended:
			ended <- err
			return nil, fmt.Errorf("%s ended: %w\n%s", name, err, said)
		case <-time.After(20 * time.Millisecond):
		}
		if nc, err := net.Dial("tcp", address); err == nil {
			_ = nc.Close()
			return &child{name: name, address: address, pid: cmd.Process.Pid, log: said}, nil
		}
	}
	return nil, fmt.Errorf("%s does not listen at %s\n%s", name, address, said)
}

// redis is a Redis of its own, that keeps nothing on disk.
func (b *bed) redis() (*child, error) { return b.redisNamed("redis") }

func (b *bed) redisNamed(name string) (*child, error) {
	return b.one(name, func() (*child, error) {
		program, err := exec.LookPath("redis-server")
		if err != nil {
			return nil, fmt.Errorf("%w; install Redis", err)
		}
		at, err := freeAddress()
		if err != nil {
			return nil, err
		}
		_, port, _ := net.SplitHostPort(at)
		return b.start(name, at, exec.CommandContext(b.ctx, program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"))
	})
}

// bare is this program as a server of bare handlers: the one that is compared with.
func (b *bed) bare() (*child, error) { return b.bareNamed("bare") }

func (b *bed) bareNamed(name string) (*child, error) {
	return b.one(name, func() (*child, error) {
		store, err := b.redis()
		if err != nil {
			return nil, err
		}
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		at, err := freeAddress()
		if err != nil {
			return nil, err
		}
		return b.start("bare", at, exec.CommandContext(b.ctx, self, "serve", at, store.address))
	})
}

// program builds stagedoor from the checkout.
func (b *bed) program() (string, error) {
	out := filepath.Join(b.dir, "stagedoor")
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	b.say("building stagedoor")
	build := exec.CommandContext(b.ctx, "go", "build", "-o", out, "./cmd/stagedoor")
	build.Dir = b.checkout
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, said)
	}
	return out, nil
}

// adminToken opens the profiles of a server that is measured.
const adminToken = "the-bench-reads-how-large-the-heap-is"

// configuration is that of every server: what is asked takes no longer than it must, and what is
// nobody's concern here (limits, the hash) is switched off or nearly free.
const configuration = `
secret_key: 0123456789abcdef0123456789abcdef0123456789abcdef
account: {login_methods: [email], signup_fields: ["email*", "password1*"], email_verification: none, rate_limits: false}
mfa: {supported_types: [totp, recovery_codes, webauthn], passkey_login_enabled: true, allow_unverified_email: true, rate_limits: false}
headless:
  frontend_urls:
    account_confirm_email: http://127.0.0.1:3000/verify/{key}
    account_reset_password: http://127.0.0.1:3000/reset
    account_reset_password_from_key: http://127.0.0.1:3000/reset/{key}
    account_signup: http://127.0.0.1:3000/signup
    socialaccount_login_error: http://127.0.0.1:3000/provider
mail: {smtp_host: 127.0.0.1, smtp_port: 2599, smtp_tls: none, from: bench@example.org}
admin: {token: ` + adminToken + `}
log: {level: error}
`

// cheap is the cheapest hash that can be configured.
const cheap = "password_hashing: {memory_kib: 1024, time: 1}\n"

// stagedoor is a server built from the checkout, with more of a configuration laid under its name.
func (b *bed) stagedoor(name, more string) (*child, error) {
	return b.one("stagedoor, "+name, func() (*child, error) {
		program, err := b.program()
		if err != nil {
			return nil, err
		}
		at, err := freeAddress()
		if err != nil {
			return nil, err
		}
		dir := filepath.Join(b.dir, strings.ReplaceAll(name, " ", "-"))
		file := filepath.Join(dir, "stagedoor.yaml")
		if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(file, []byte(configuration+"data_dir: "+dir+"\n"+more), 0o600)); err != nil {
			return nil, err
		}
		return b.start("stagedoor", at, exec.CommandContext(b.ctx, program, "serve", "--config", file, "--listen", at))
	})
}

// onRedis is the server that rows compare: its records in Redis, its accounts in SQLite.
func (b *bed) onRedis() (*child, error) {
	store, err := b.redis()
	if err != nil {
		return nil, err
	}
	return b.stagedoor("with Redis", cheap+"redis: {url: \"redis://"+store.address+"/0\"}\n")
}

// pipelined is the same where reads of concurrent requests go to Redis together.
func (b *bed) pipelined() (*child, error) {
	store, err := b.redis()
	if err != nil {
		return nil, err
	}
	return b.stagedoor("with Redis, pipelined", cheap+"redis: {url: \"redis://"+store.address+"/4\", auto_pipeline: true}\n")
}

// target is a child as a server to walk on.
func (c *child) target() bench.Target {
	return bench.Target{Base: &url.URL{Scheme: "http", Host: c.address}, Contract: bench.Headless, Mount: "/_allauth"}
}

// heap is how much a server holds on to, in bytes, after it has collected its garbage.
func (c *child) heap(ctx context.Context) (int, error) {
	var text string
	// What a first collection finds has finalizers to run; a second sees it gone.
	for range 2 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address+"/admin/pprof/heap?gc=1&debug=1", nil)
		if err != nil {
			return 0, err
		}
		req.Header.Set("Authorization", "Bearer "+adminToken)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("the heap's profile: %d, %w", resp.StatusCode, err)
		}
		text = string(body)
	}
	return heapAlloc(text)
}

// heapAlloc finds the bytes of live objects in a heap's profile.
func heapAlloc(profile string) (int, error) {
	_, rest, ok := strings.Cut(profile, "\n# HeapAlloc = ")
	var n int
	if _, err := fmt.Sscan(rest, &n); err != nil || !ok {
		return 0, errors.New("the heap's profile does not say how large it is")
	}
	return n, nil
}

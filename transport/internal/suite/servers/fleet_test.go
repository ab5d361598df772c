package servers

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/server"
)

// secret is that of all servers of a fleet.
const secret = "a secret key of more than thirty-two bytes"

// fleet is three servers on one PostgreSQL and one Redis, with what surrounds them.
type fleet struct {
	t       *testing.T
	workers []*worker
	// at is where the balancer in front listens, url the address that the servers are known by.
	at, url string
	// inside is one more server, in this process, that nobody sends requests to: it makes
	// accounts and looks into the stores.
	inside   *server.Server
	database string
	inbox    *device.Inbox
	provider *device.Provider
}

// needs skips a test that takes real servers where -short is asked for.
func needs(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts processes")
	}
}

// newFleet starts servers of a profile that are known by an address. more are lines of
// configuration, the first for all servers and each that follows for the server of its number.
func newFleet(t *testing.T, profile, at string, more ...string) *fleet {
	t.Helper()
	needs(t)
	f := &fleet{t: t, at: at, url: "http://localhost:" + port(t, at), inbox: &device.Inbox{}, database: statetest.StartPostgres(t)}
	redis := freeAddress(t)
	host, _, _ := strings.Cut(redis, ":")
	statetest.NewRedis(t, "--bind", host, "--port", port(t, redis))
	folder := f.profiles()
	common := fmt.Sprintf(`extends: %s
data_dir: %s
public_url: %s
secret_key: %s
trusted_proxy_count: 2
database: {url: %q, max_connections: 6}
redis: {url: "redis://%s/0"}
log: {level: warn}
`, filepath.Join(folder, profile+".yaml"), t.TempDir(), f.url, secret, f.database, redis)
	if strings.HasPrefix(profile, "jwt") {
		common += "headless:\n  jwt_private_key: |\n" + signingKey(t)
	}
	if len(more) > 0 {
		common += more[0]
	}
	var all sync.WaitGroup
	for i := range 3 {
		text, file := common, filepath.Join(folder, fmt.Sprintf("server%d.yaml", i))
		if len(more) > i+1 {
			text += more[i+1]
		}
		write(t, file, text)
		w := &worker{t: t, addr: freeAddress(t), config: file}
		f.workers = append(f.workers, w)
		t.Cleanup(func() {
			w.kill()
			if t.Failed() && w.said.String() != "" {
				t.Logf("the server at %s said:\n%.6000s", w.addr, w.said.String())
			}
		})
		all.Go(func() {
			if err := w.start(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	f.look(f.workers[0].config)
	return f
}

// look opens the server in this process.
func (f *fleet) look(file string) {
	f.t.Helper()
	c, err := config.Load(file, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	if f.inside, err = server.Open(f.t.Context(), c, server.Options{Log: slog.New(slog.DiscardHandler)}); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := f.inside.Close(ctx); err != nil {
			f.t.Error(err)
		}
	})
}

// profiles are the profiles of the stories, with mailboxes and a provider of this fleet.
func (f *fleet) profiles() string {
	f.t.Helper()
	mail := device.NewSMTPSink(f.inbox)
	smtp := f.listen(func(l net.Listener) { _ = mail.Serve(l) }, mail)
	sms := f.web(device.HTTPSink(f.inbox))
	var handler http.Handler
	idp := f.web(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	var err error
	if f.provider, err = device.NewProvider(device.ProviderConfig{Issuer: "http://" + idp}); err != nil {
		f.t.Fatal(err)
	}
	handler = f.provider
	own := strings.NewReplacer("127.0.0.1:2590", idp, "smtp_port: 2525", "smtp_port: "+port(f.t, smtp), "127.0.0.1:2580", sms,
		"memory_kib: 8192", "memory_kib: 1024")
	dir := f.t.TempDir()
	files, err := filepath.Glob(filepath.Join(root, "testdata/profiles/*.yaml"))
	if err != nil || len(files) == 0 {
		f.t.Fatalf("%d profiles, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.t.Fatal(err)
		}
		write(f.t, filepath.Join(dir, filepath.Base(file)), own.Replace(string(text)))
	}
	return dir
}

// listen serves on a free address until the test ends.
func (f *fleet) listen(serve func(net.Listener), end io.Closer) string {
	f.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	go serve(l)
	f.t.Cleanup(func() { _ = end.Close() })
	return l.Addr().String()
}

func (f *fleet) web(h http.Handler) string {
	f.t.Helper()
	web := &http.Server{Handler: h, ReadHeaderTimeout: patience}
	return f.listen(func(l net.Listener) { _ = web.Serve(l) }, web)
}

// addresses are where the servers listen.
func (f *fleet) addresses() []string {
	var out []string
	for _, w := range f.workers {
		out = append(out, w.addr)
	}
	return out
}

// quiet waits until no letter is on its way and no change is to be passed on.
func (f *fleet) quiet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return f.inside.WaitIdle(ctx)
}

// signingKey is a key for signed tokens, indented as YAML wants it.
func signingKey(t testing.TB) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))) {
		out.WriteString("    " + line)
	}
	return out.String()
}

func port(t testing.TB, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

package client_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/client"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

func TestMain(m *testing.M) { suite.Main(m) }

// TestSize holds the library to 12 KiB as a browser is sent it, and what binds tokens to 3.5 KiB.
func TestSize(t *testing.T) {
	for name, f := range map[string]struct {
		script []byte
		most   int
	}{"stagedoor.js": {client.Script, 12 << 10}, "stagedoor-dpop.js": {client.Proofs, 7 << 9}} {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = z.Write(f.script)
		_ = z.Close()
		if size := b.Len(); size > f.most {
			t.Errorf("%s has %d bytes compressed, more than %d", name, size, f.most)
		}
	}
}

// TestServed has the library fetched as a page of another origin does, and by a program.
func TestServed(t *testing.T) {
	l := suite.NewLab(t)
	for name, kind := range map[string]string{
		"stagedoor.js": "text/javascript", "stagedoor.d.ts": "text/plain", "stagedoor-dpop.js": "text/javascript", "stagedoor-dpop.d.ts": "text/plain",
	} {
		r, err := http.Get(l.URL + client.Mount + name)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		h := r.Header
		if r.StatusCode != 200 || !strings.HasPrefix(h.Get("Content-Type"), kind) || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: %d %v", name, r.StatusCode, h)
		}
		again, err := http.NewRequest(http.MethodGet, l.URL+client.Mount+name, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		again.Header.Set("If-None-Match", h.Get("ETag"))
		if r, err = http.DefaultClient.Do(again); err != nil || r.StatusCode != http.StatusNotModified {
			t.Errorf("%s: asked again: %v %v", name, r, err)
		}
		_ = r.Body.Close()
	}
	if r, err := http.Get(l.URL + client.Mount + "package.json"); err != nil || r.StatusCode != http.StatusNotFound {
		t.Errorf("what is not the library: %v %v", r, err)
	}
}

// TestInNode runs the library's cases in node: on a bad wire, where things happen at once, and as an
// app against a server; and those with proofs against one that lets no app in without, and wants nonces.
func TestInNode(t *testing.T) {
	t.Parallel()
	node := onPath(t, "node")
	for _, name := range []string{"wire", "dpop", "races"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, node, "--test", "testdata/"+name+".test.mjs")
		})
	}
	short := func(c *config.Config, _ *server.Options) {
		c.Headless.TokenStrategy, c.Headless.JWTAccessTokenExpires, c.Headless.JWTRefreshTokenExpires = "jwt", 2, 86400
	}
	t.Run("app", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, short)
		run(t, node, "testdata/node.mjs", l.URL, suite.NewDesk(t, l))
	})
	t.Run("proved", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, short, func(c *config.Config, _ *server.Options) {
			c.Session.DeviceBound, c.Session.DPoPNonceRequired = "require", true
		})
		run(t, node, "testdata/node.mjs", l.URL, suite.NewDesk(t, l), "proved")
	})
}

// TestInBrowser runs the cases in Chromium, on a page of another origin: with a passkey device,
// and with none.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	for name, device := range map[string]bool{"with a device": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := newPage(t)
			l := newLab(t, func(c *config.Config, _ *server.Options) {
				c.CORSAllowedOrigins, c.CSRFTrustedOrigins = []string{page}, []string{page}
				c.PublicURL = strings.Replace("http://"+c.Listen, "127.0.0.1", "localhost", 1)
				c.Session.DPoPNonceRequired = !device
			})
			w := suite.NewWindow(t, l)
			query := url.Values{"server": {l.Config.PublicURL}, "desk": {suite.NewDesk(t, l)}}
			if device {
				query.Set("device", "")
			}
			w.Do("a passkey device is there", suite.Authenticator(device, nil))
			var said string
			w.Within(2*time.Minute, "the cases run", chromedp.Navigate(page+"/?"+query.Encode()), suite.Until(`document.body?.dataset.done`), read(&said))
			for line := range strings.SplitSeq(said, "\n") {
				if strings.HasPrefix(line, "failed") {
					t.Error(said)
					break
				}
			}
			if !strings.Contains(said, "ok journey") {
				t.Errorf("nothing ran: %q", said)
			}
		})
	}
}

// read takes what the page says.
func read(into *string) suite.Step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		text, err := chromedp.Evaluate[string](`document.querySelector('main').textContent`)(ctx, target)
		*into = text
		return chromedp.Void{}, err
	}
}

// newPage serves the page of the cases.
func newPage(t *testing.T) string {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		files := map[string]string{
			"/": "testdata/page.html", "/frame.html": "testdata/frame.html", "/browser.js": "testdata/browser.js", "/cases.js": "testdata/cases.js", "/dpop.js": "testdata/dpop.js",
			"/stagedoor.js": "stagedoor.js", "/stagedoor-dpop.js": "stagedoor-dpop.js",
		}
		http.ServeFile(w, r, files[r.URL.Path])
	}))
	t.Cleanup(web.Close)
	return strings.Replace(web.URL, "127.0.0.1", "localhost", 1)
}

// newLab runs a server with what the library has to do with, and with a stage that it was not
// written for.
func newLab(t *testing.T, change ...suite.SetUp) *suite.Lab {
	t.Helper()
	all := func(c *config.Config, o *server.Options) {
		c.Account.LoginByCodeEnabled, c.Account.LoginByCodeSupportsResend = true, 2
		c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
		c.MFA.PasskeyLoginEnabled, c.MFA.TrustEnabled = true, true
		c.MFA.WebAuthnAllowInsecureOrigin = true
		c.Session.DeviceBound, c.Headless.Extended = "offer", true
		o.Extend = func(server.Parts) []engine.Extension { return []engine.Extension{source()} }
	}
	return suite.NewLab(t, append([]suite.SetUp{all}, change...)...)
}

// source asks everybody once how they heard of us.
func source() engine.Extension {
	due := engine.Stage{
		ID: "hello.source_due", Kind: engine.Decides, Title: "was it asked before?",
		Exits: engine.Exits{"new": {}, "asked": {}}, Reads: []string{"Own"},
	}
	form := engine.Stage{
		ID: "hello.source", Kind: engine.Asks, Wire: "hello.source", Title: "how did you hear of us?",
		Exits:  engine.Exits{engine.OK: {}},
		Fields: []engine.Field{{Name: "source", Type: engine.Text, Required: true, MaxLength: 40}},
	}
	return engine.Extension{
		Owner: "hello",
		Splices: []engine.Splice{{Before: "session", Start: "hello.source_due", Nodes: engine.Nodes{
			"hello.source_due": {Stage: due, Next: engine.Next{"new": "hello.source", "asked": engine.Onward}},
			"hello.source":     {Stage: form, Next: engine.Next{engine.OK: engine.Onward}},
		}}},
		Handlers: map[engine.StageID]engine.Handler{"hello.source": asked{}},
		Deciders: map[engine.StageID]engine.Decider{"hello.source_due": asked{}},
	}
}

type asked struct{}

func (asked) FactValues() []string { return []string{"new", "asked"} }

func (asked) LoadFact(_ context.Context, q engine.FactQuery) (string, error) {
	if q.Person.Attributes["hello.source"] == "" {
		return "new", nil
	}
	return "asked", nil
}

func (asked) Decide(f engine.Facts) (engine.Exit, engine.Reason) {
	return engine.Exit(f.Own), engine.Reason("source=" + f.Own)
}

func (asked) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	answer := state.SetAttribute{Key: "hello.source", Value: s.Values.Text("source")}
	return engine.Verdict{Exit: engine.OK, Writes: []engine.Write{answer}}, nil
}

// onPath finds a program. Where there is none the test is skipped, or fails if
// STAGEDOOR_REQUIRE contains it.
func onPath(t *testing.T, name string) string {
	t.Helper()
	file, err := exec.LookPath(name)
	if err == nil {
		return file
	}
	if strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), name) {
		t.Fatalf("%s is required and not on PATH", name)
	}
	t.Skipf("no %s on PATH: the library is not run there", name)
	return ""
}

// run runs a program to its end, which must be a success.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

const (
	// maxBody is how many bytes of a request and of an answer are looked at.
	maxBody = 256 << 10
	// maxStories is how many stories are kept, the latest; maxExchanges how long one is.
	maxStories, maxExchanges = 100, 200
	// patience is how long a client that shows no token is taken for the same.
	patience = 10 * time.Minute
)

// Config is what a [Recorder] is made of. All of it is needed but Settings.
type Config struct {
	Flows    *engine.Flows
	Accounts state.Accounts
	// Now is the clock, Rand where the key of the hashes comes from.
	Now  func() time.Time
	Rand io.Reader
	// Mount is where the headless contract stands, Rest where the plain one does.
	Mount, Rest string
	// TrustCookie is the name of the cookie of a browser that is asked for less.
	TrustCookie string
	// Network tells clients apart.
	Network wire.Network
	// TOTPDigits is how long a TOTP code is.
	TOTPDigits int
	// Passwordless reports whether a credential is a passkey; nil is not known.
	Passwordless func(*state.Authenticator) *bool
	// Settings are what a story's configuration has otherwise than the defaults.
	Settings map[string]any
}

// Recorder makes stories of what goes through a server. It is safe for concurrent use.
type Recorder struct {
	Config
	redact redactor

	mu      sync.Mutex
	count   int
	stories []*story
	// clients are known by the hash of a token they hold, loose ones, which have none, by
	// their fingerprint.
	clients, loose map[string]*client
	// saved is the mark of each story in its file; it is of Save alone.
	saved map[string]string
}

// New returns a recorder that has recorded nothing.
func New(c Config) (*Recorder, error) {
	if c.Flows == nil || c.Accounts == nil || c.Now == nil || c.Rand == nil || c.Passwordless == nil {
		return nil, errors.New("record: flows, accounts, clock, randomness and the kind of credentials are all needed")
	}
	var key [sha256.Size]byte
	if _, err := io.ReadFull(c.Rand, key[:]); err != nil {
		return nil, err
	}
	return &Recorder{Config: c, redact: newRedactor(key, c.Flows, c.TrustCookie), clients: make(map[string]*client), loose: make(map[string]*client), saved: make(map[string]string)}, nil
}

// captured is the context key of what a request leads to.
type captured struct{}

// capture is what a request leads to, until it is answered.
type capture struct {
	mu       sync.Mutex
	turns    []turn
	messages map[batch][]message
	order    []batch
}

// batch names what was stored in one transaction.
type batch struct {
	run     string
	version uint64
}

// Observe takes a turn; it is for [engine.Config.Observe].
func (r *Recorder) Observe(ctx context.Context, t engine.TurnEvent) {
	c, _ := ctx.Value(captured{}).(*capture)
	kept, ok := turnOf(t)
	if c == nil || !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns = append(c.turns, kept)
}

// Ledger returns a ledger that lets the recorder see which messages are stored.
func (r *Recorder) Ledger(next state.Ledger) state.Ledger { return &ledger{next, r.redact} }

type ledger struct {
	state.Ledger
	redact redactor
}

// Commit implements [state.Ledger].
func (l *ledger) Commit(ctx context.Context, b state.Batch) (state.Receipt, error) {
	receipt, err := l.Ledger.Commit(ctx, b)
	c, _ := ctx.Value(captured{}).(*capture)
	if err != nil || c == nil {
		return receipt, err
	}
	var list []message
	for _, w := range b.Writes {
		if q, ok := w.(state.Queue); ok && q.Message.Channel != state.ToNobody {
			list = append(list, l.redact.messageOf(q.Message))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	name := batch{b.Run, b.Version}
	if _, again := c.messages[name]; !again {
		c.order = append(c.order, name)
	}
	c.messages[name] = list
	return receipt, nil
}

// Handler records what goes through to the next one.
func (r *Recorder) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		kind, path, ours := r.place(req)
		if !ours {
			next.ServeHTTP(w, req)
			return
		}
		raw, err := io.ReadAll(io.LimitReader(req.Body, maxBody+1))
		req.Body = &rejoined{io.MultiReader(bytes.NewReader(raw), req.Body), req.Body}
		e := &exchange{kind: kind, method: req.Method, path: path, began: r.Now()}
		asked, ok := r.asked(req, e, raw)
		if err != nil || len(raw) > maxBody || !ok {
			next.ServeHTTP(w, req)
			return
		}
		c := &capture{messages: make(map[batch][]message)}
		tee := &tee{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(tee, req.WithContext(context.WithValue(req.Context(), captured{}, c)))
		e.answer = r.redact.answerOf(tee.status, w.Header(), tee.body.Bytes())
		e.ended, e.turns = r.Now(), c.turns
		for _, name := range c.order {
			e.messages = append(e.messages, c.messages[name]...)
		}
		r.keep(context.WithoutCancel(req.Context()), e, asked)
	})
}

// rejoined is a body of which a part was read already.
type rejoined struct {
	io.Reader
	io.Closer
}

// place says which kind of client speaks, and where below its contract.
func (r *Recorder) place(req *http.Request) (kind, path string, ours bool) {
	if req.Method == http.MethodHead || req.Method == http.MethodOptions || req.Body == nil {
		return "", "", false
	}
	if !plainPath.MatchString(req.URL.Path) && !strings.HasPrefix(req.URL.Path, r.Mount+"/") {
		return "", "", false
	}
	for _, kind := range []string{"browser", "app"} {
		if path, ok := strings.CutPrefix(req.URL.Path, r.Mount+"/"+kind+"/v1/"); ok && plainPath.MatchString("/"+path) {
			return kind, "/" + path, true
		}
	}
	if strings.HasPrefix(req.URL.Path, r.Rest+"/") {
		return "rest", req.URL.Path, true
	}
	if strings.HasSuffix(req.URL.Path, callbackEnd) {
		return "browser", callbackEnd, req.URL.Query().Get("state") != ""
	}
	return "", "", false
}

// callbackEnd is how the path ends on which a provider sends a browser back.
const callbackEnd = "/login/callback/"

// tee keeps the beginning of an answer besides sending it.
type tee struct {
	http.ResponseWriter
	status int
	wrote  bool
	body   bytes.Buffer
}

// WriteHeader notes the status.
func (t *tee) WriteHeader(status int) {
	if !t.wrote {
		t.status, t.wrote = status, true
	}
	t.ResponseWriter.WriteHeader(status)
}

// Write keeps what is written.
func (t *tee) Write(p []byte) (int, error) {
	t.wrote = true
	if room := maxBody - t.body.Len(); room > 0 {
		t.body.Write(p[:min(room, len(p))])
	}
	return t.ResponseWriter.Write(p)
}

// Unwrap is for [http.ResponseController].
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }

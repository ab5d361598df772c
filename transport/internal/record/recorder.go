package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
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
	// Proxies is how many proxies stand in front, see [wire.ClientIP].
	Proxies int
	// TOTPDigits is how long a TOTP code is.
	TOTPDigits int
	// Passwordless tells of a credential whether it is a passkey; nil is not known.
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
	// seats are clients: by the hash of a token they hold, and those without one by what
	// tells them from others.
	seats, loose map[string]*seat
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
	return &Recorder{Config: c, redact: newRedactor(key, c.Flows), seats: make(map[string]*seat), loose: make(map[string]*seat), saved: make(map[string]string)}, nil
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

// asked is what a request shows before it is handled.
type asked struct {
	// tokens are those it carries, fingerprint tells a client without one from others.
	tokens      []string
	fingerprint string
	// names are the addresses, numbers and usernames that were typed, codes the codes and
	// keys, by hash; found are the accounts of those names, as they were before.
	names, codes []string
	found        []*state.Account
	// trust is the cookie of a trusted browser, provider the one that a request is about.
	trust, provider string
}

// asked reads a request. ok is false for one that cannot be recorded.
func (r *Recorder) asked(req *http.Request, e *exchange, raw []byte) (asked, bool) {
	body, form, ok := bodyOf(req, raw)
	if !ok {
		return asked{}, false
	}
	a := asked{fingerprint: r.fingerprint(req, e.kind), tokens: tokensOf(req, body), provider: providerOf(e.path, body)}
	if cookie, err := req.Cookie(trustCookie); err == nil && e.kind == "browser" {
		a.trust = cookie.Value
	}
	e.form, e.forged = form, e.kind == "browser" && e.method != http.MethodGet && !form && req.Header.Get("X-CSRFToken") == ""
	e.body = r.redact.body("", body)
	each(r.redact, "", body, func(kind class, text string) {
		switch kind {
		case anEmail, aUsername, aPhone:
			a.names = append(a.names, r.redact.hash(kind, text))
			a.found = append(a.found, r.account(req.Context(), kind, text)...)
		case aCode:
			a.codes = append(a.codes, r.redact.hash(kind, text))
		case anIDToken:
			said := spokenOf(text)
			a.found = append(a.found, r.account(req.Context(), "provider", a.provider+"\x00"+said.Sub)...)
			a.found = append(a.found, r.account(req.Context(), anEmail, said.Email)...)
		}
	})
	return a, true
}

// each calls f with every text of a body that has a class.
func each(r redactor, name string, v any, f func(class, string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			each(r, key, v[key], f)
		}
	case string:
		if kind := r.classOf(name); kind != "" {
			f(kind, v)
		} else if name == "id_token" {
			f(anIDToken, v)
		}
	}
}

// providerOf is the provider that a request is about, "" for none.
func providerOf(path string, body any) string {
	fields, _ := body.(map[string]any)
	if text, ok := fields["provider"].(string); ok {
		return text
	}
	if _, rest, ok := strings.Cut(path, "/providers/"); ok {
		rest, _, _ = strings.Cut(rest, "/")
		return rest
	}
	return ""
}

// account is the account of a name, as it is before the request is handled: none or one.
func (r *Recorder) account(ctx context.Context, kind class, text string) []*state.Account {
	text = strings.TrimSpace(text)
	if kind == anEmail {
		text = strings.ToLower(text)
	}
	if text == "" {
		return nil
	}
	found, err := r.Accounts.Find(ctx, state.Key{Kind: string(kind), Value: text})
	if err != nil {
		return nil
	}
	return []*state.Account{found}
}

// fingerprint tells a client that shows no token from others, without telling which it is.
func (r *Recorder) fingerprint(req *http.Request, kind string) string {
	mark := wire.ClientIP(req, r.Proxies).String() + "\x00" + req.UserAgent()
	if cookie, err := req.Cookie("csrftoken"); kind == "browser" && err == nil {
		mark = cookie.Value
	}
	return r.redact.hash("client", kind+"\x00"+mark)
}

// tokensOf are the tokens that a request carries, those that say most first.
func tokensOf(req *http.Request, body any) []string {
	var out []string
	if fields, ok := body.(map[string]any); ok {
		if text, ok := fields["token"].(string); ok {
			out = append(out, text)
		}
	}
	if _, text, ok := strings.Cut(req.Header.Get("Authorization"), " "); ok {
		out = append(out, strings.TrimSpace(text))
	}
	if text := req.Header.Get("X-Session-Token"); text != "" {
		out = append(out, text)
	}
	if cookie, err := req.Cookie("sessionid"); err == nil {
		out = append(out, cookie.Value)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

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

package wire

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Refusal is why a page of another origin was refused something, for who builds it or runs
// the server. It holds no token.
type Refusal struct {
	// Refused is cors or csrf.
	Refused string `json:"refused"`
	// Reason is one word of origin_not_allowed and those of a [CSRFError].
	Reason string `json:"reason"`
	Origin string `json:"origin,omitempty"`
	Hint   string `json:"hint"`
	// Settings are lines of a configuration that would allow it; empty where it is for the
	// page to do something else.
	Settings []string `json:"settings,omitempty"`
}

// RefusalHeader says on a development server why no page of the asking origin may read the answer.
const RefusalHeader = "X-Stagedoor-Refusal"

// String is the refusal on one line.
func (e *Refusal) String() string {
	line := e.Refused + " " + e.Reason + ": " + e.Hint
	if len(e.Settings) > 0 {
		line += "; write " + strings.Join(e.Settings, " and ")
	}
	return line
}

// The most refusals that are told in a minute: anybody can cause any number of them. A part of a
// path that is longer than any word of ours may be a key.
const (
	toldEach    = time.Minute
	mostToldOf  = 30
	longestWord = 30
)

// Refusals tells of what pages of other origins were refused: in the log, and on a development
// server in the answer as well. It is safe for concurrent use.
type Refusals struct {
	Log *slog.Logger
	// Settings returns what to write into the configuration so that pages of an origin can use
	// the browser client.
	Settings func(origin string) []string
	// OtherSite, if not nil, reports whether an origin is of another site than the server, to
	// which some browsers send no cookies.
	OtherSite func(origin string) bool
	// InAnswers is for development: whoever builds a page sees in the answer what is wrong.
	InAnswers bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time

	mu     sync.Mutex
	since  time.Time
	told   int
	untold int
}

// CSRF tells of a request that counts as forged and returns what is answered. A nil Refusals
// tells nobody.
func (f *Refusals) CSRF(r *http.Request, err error) *Problem {
	p := Forbidden(CodeCSRF, err)
	var e *CSRFError
	if f == nil || !errors.As(err, &e) {
		return p
	}
	refusal := &Refusal{Refused: "csrf", Reason: string(e.Reason), Origin: short(r.Header.Get("Origin"), 100), Hint: e.Hint()}
	if refusal.Origin == "" {
		refusal.Origin = e.Origin
	}
	if refusal.Origin != "" {
		refusal.Settings = f.Settings(refusal.Origin)
	}
	if e.Reason == CSRFNoCookie && len(refusal.Settings) == 0 && f.OtherSite != nil && f.OtherSite(refusal.Origin) {
		refusal.Hint = "this browser sends no cookies to other sites: use the client app, whose tokens the page keeps"
	}
	if here, there, apart := twoNames(r.Host, refusal.Origin); apart && e.Reason == CSRFNoCookie {
		refusal.Hint = "browsers take " + there + " and " + here + " for two sites, and send no cookies from one to the other: open the page at " + here + ", or ask the server at " + there
	}
	f.tell(r, refusal)
	if f.InAnswers {
		p.Refusal = refusal
	}
	return p
}

// twoNames are the host of a request and that of an origin, and whether they are two names of this
// machine, which are two sites to a browser.
func twoNames(host, origin string) (here, there string, apart bool) {
	u, err := url.Parse(origin)
	if err != nil {
		return "", "", false
	}
	here, there = (&url.URL{Host: host}).Hostname(), u.Hostname()
	return here, there, here != there && isLoopback(here) && isLoopback(there)
}

// cors tells of a page that may not read the answer, which goes on as it would without.
func (f *Refusals) cors(w http.ResponseWriter, r *http.Request) {
	origin := short(r.Header.Get("Origin"), 100)
	refusal := &Refusal{
		Refused: "cors", Reason: "origin_not_allowed", Origin: origin,
		Hint: "browsers keep the answer from pages of this origin", Settings: f.Settings(origin),
	}
	f.tell(r, refusal)
	if f.InAnswers {
		w.Header().Set(RefusalHeader, refusal.String())
	}
}

// tell writes the line of a refusal, where there were not too many of late.
func (f *Refusals) tell(r *http.Request, e *Refusal) {
	tell, untold := f.count()
	if !tell {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", RequestID(r.Context())),
		slog.String("method", short(r.Method, 16)),
		slog.String("path", withoutKeys(r.URL.Path)),
		slog.String("origin", e.Origin),
		slog.String("reason", e.Reason),
		slog.String("hint", e.Hint),
	}
	if len(e.Settings) > 0 {
		attrs = append(attrs, slog.String("allowed_by", strings.Join(e.Settings, "; ")))
	}
	if untold > 0 {
		attrs = append(attrs, slog.Int("not_told_before", untold))
	}
	f.Log.LogAttrs(r.Context(), slog.LevelWarn, "refused by "+e.Refused, attrs...)
}

// withoutKeys is a path, cut short, without the parts that are as long as the keys of links.
func withoutKeys(path string) string {
	parts := strings.Split(short(path, 200), "/")
	for i, part := range parts {
		if len(part) > longestWord {
			parts[i] = "..."
		}
	}
	return strings.Join(parts, "/")
}

// count reports whether one more may be told, and how many were not before.
func (f *Refusals) count() (tell bool, untold int) {
	now := time.Now
	if f.Now != nil {
		now = f.Now
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if at := now(); at.Sub(f.since) >= toldEach {
		f.since, f.told = at, 0
	}
	if f.told == mostToldOf {
		f.untold++
		return false, 0
	}
	f.told++
	untold, f.untold = f.untold, 0
	return true, untold
}

package devpage

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"stagedoor/state"
	"stagedoor/transport/internal/dbsc"
	"stagedoor/transport/internal/wire"
)

// happeningsMost is how many happenings are kept, refusalMost how much is read of an answer that
// refuses, in bytes.
const happeningsMost, refusalMost = 60, 2048

// Happening is something that was seen of a session that is bound to a device, or could be.
type Happening struct {
	// At is when it happened last, Times how often it did without anything else of that kind and client.
	At    time.Time `json:"at"`
	Times int       `json:"times"`
	// Kind is dbsc (browsers) or dpop (apps).
	Kind string `json:"kind"`
	// What is offered, bound, challenged, refreshed, ended, proved, skipped or refused, Why the reason of
	// the last two, in the words of the wire.
	What string `json:"what"`
	Why  string `json:"why,omitempty"`
	// Where is the request without its query, Agent what the client calls itself.
	Where string `json:"where,omitempty"`
	Agent string `json:"agent,omitempty"`
}

// Bindings keeps what was lately seen of bound sessions, newest first, for the inspector: browsers
// speak of them among themselves and the server, where no page hears it. It is safe for
// concurrent use.
type Bindings struct {
	now func() time.Time

	mu   sync.Mutex
	list []Happening
}

// NewBindings makes one that goes by that clock.
func NewBindings(now func() time.Time) *Bindings { return &Bindings{now: now} }

// Note keeps one more. What a client did already is counted instead.
func (b *Bindings) Note(h Happening) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h.At, h.Times = b.now(), 1
	last := slices.IndexFunc(b.list, func(o Happening) bool { return o.Kind == h.Kind && o.Agent == h.Agent })
	if last >= 0 && b.list[last].What == h.What && b.list[last].Why == h.Why {
		h.Times += b.list[last].Times
		b.list = slices.Delete(b.list, last, last+1)
	}
	b.list = slices.Insert(b.list, 0, h)
	b.list = b.list[:min(len(b.list), happeningsMost)]
}

// Latest are those that are kept, none where nothing is watched (nil).
func (b *Bindings) Latest() []Happening {
	if b == nil {
		return []Happening{}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Happening{}, b.list...)
}

// Watch notes what requests and their answers say of bound sessions. Answers have the time of its
// clock, so that apps whose proofs are refused for theirs can follow one that was put ahead.
func (b *Bindings) Watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", b.now().UTC().Format(http.TimeFormat))
		seen := &answered{ResponseWriter: w, proved: r.Header.Get("DPoP") != ""}
		next.ServeHTTP(seen, r)
		h := Happening{Where: r.Method + " " + r.URL.Path, Agent: wire.UserAgent(r)}
		switch {
		case r.URL.Path == dbsc.RegisterPath, strings.HasPrefix(r.URL.Path, dbsc.RefreshPath):
			h.Kind, h.Where = state.BoundDBSC, ""
			h.What, h.Why = conversation(r, seen)
		case r.Header.Get(dbsc.SkippedHeader) != "":
			h.Kind, h.What, h.Why = state.BoundDBSC, "skipped", dbsc.Skipped(r.Header.Get(dbsc.SkippedHeader))
		case w.Header().Get(dbsc.RegistrationHeader) != "":
			h.Kind, h.What = state.BoundDBSC, "offered"
		default:
			h.What, h.Why = proof(seen)
			h.Kind = state.BoundDPoP
		}
		if h.What != "" {
			b.Note(h)
		}
	})
}

// conversation is what a browser came to that binds its session, or fetches a new cookie.
func conversation(r *http.Request, seen *answered) (what, why string) {
	given := slices.ContainsFunc((&http.Response{Header: seen.Header()}).Cookies(), func(c *http.Cookie) bool {
		return c.Name == dbsc.BoundCookie && c.Value != ""
	})
	switch {
	case seen.ok() && given && r.URL.Path == dbsc.RegisterPath:
		return "bound", ""
	case seen.ok() && given:
		return "refreshed", ""
	case seen.ok():
		return "ended", ""
	case seen.Header().Get(dbsc.ChallengeHeader) == "":
		return "refused", http.StatusText(seen.status)
	case r.Header.Get(dbsc.ResponseHeader) != "":
		return "refused", "signature"
	}
	return "challenged", ""
}

// proof is what an app came to that shows a proof of its key, or should have.
func proof(seen *answered) (what, why string) {
	asked := strings.Join(seen.Header()["Www-Authenticate"], " ")
	for _, word := range []string{"use_dpop_nonce", "invalid_dpop_proof"} {
		if strings.Contains(asked, word) || strings.Contains(string(seen.refusal), word) {
			return "refused", word
		}
	}
	switch {
	case strings.Contains(asked, "DPoP") && !seen.proved:
		return "refused", "no_proof"
	case strings.Contains(asked, "DPoP") && strings.Contains(asked, "invalid_token"):
		return "refused", "invalid_token"
	case seen.proved:
		return "proved", ""
	}
	return "", ""
}

// answered keeps the status of an answer, and the beginning of one that refuses a proof.
type answered struct {
	http.ResponseWriter
	proved  bool
	status  int
	refusal []byte
}

func (a *answered) ok() bool { return a.status == 0 || a.status/100 == 2 }

// WriteHeader notes the status.
func (a *answered) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write keeps what refuses.
func (a *answered) Write(p []byte) (int, error) {
	if room := refusalMost - len(a.refusal); a.proved && room > 0 && (a.status == http.StatusBadRequest || a.status == http.StatusUnauthorized) {
		a.refusal = append(a.refusal, p[:min(room, len(p))]...)
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap is for [http.ResponseController].
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// bindings answers what was lately seen. The page asks every few seconds, so it is not logged.
func (p *Page) bindings(w http.ResponseWriter, _ *http.Request) {
	wire.Quiet(w)
	writeJSON(w, struct {
		Setting    string      `json:"setting"`
		Secure     bool        `json:"secure"`
		Origin     string      `json:"origin"`
		Happenings []Happening `json:"happenings"`
	}{p.DeviceBound, p.origin.Scheme == "https", p.Origin, p.Bindings.Latest()})
}

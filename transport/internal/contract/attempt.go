package contract

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/dbsc"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

const (
	// attemptsEvery is how long nothing more is told of a session, mailsEvery how long its owner gets
	// no other letter.
	attemptsEvery, mailsEvery = time.Minute, 24 * time.Hour
	// attemptsMost is how many sessions are told of in a minute: a request waits for nothing.
	attemptsMost = 1024
	// lastAttempts is how long the last of them may take at the server's end.
	lastAttempts = 5 * time.Second
)

// WhyNoRequest is why a session is withheld from a program that has its token and no request,
// WhyWrongKey why it is from who proves to hold another key, WhyUnheld from a browser that another
// site's page has led here without waiting for its cookie: it says so itself.
const (
	WhyNoRequest = "no_request"
	WhyWrongKey  = "wrong_key"
	WhyUnheld    = "unheld"
)

// boundEvent is the event of operators' logs of a session that has been bound.
const boundEvent = "session_bound"

// whence is what is noted of where a request came from.
func whence(seen state.Seen) json.RawMessage {
	b, err := json.Marshal(map[string]string{"ip": seen.IP, "user_agent": seen.UserAgent})
	if err != nil { // a map of texts
		return json.RawMessage(`{}`)
	}
	return b
}

// AttemptEvent is the event of operators' logs of which [AttemptData] tells.
const AttemptEvent = "session_refused"

// AttemptData is what is noted of a request that had the cookie or the token of a session and was
// not the session's: the session, the kind of key that it is bound to, and why.
type AttemptData struct {
	Session   int64  `json:"session"`
	Binding   string `json:"binding,omitempty"`
	Why       string `json:"why"`
	Client    string `json:"client"`
	IP        string `json:"ip"`
	UserAgent string `json:"user_agent"`
}

// Attempts tells of requests that had what a session is known by and not the key that it is bound
// to: in the log, to operators and programs, and to the session's owner, where Mail is set. A request
// only leaves a note. Its fields are set before it is used; it is safe for concurrent use.
type Attempts struct {
	Sessions state.Sessions
	Ledger   state.Ledger
	// Limits has Take: one server of several tells.
	Limits interface {
		Take(ctx context.Context, take []engine.Take, now time.Time) (*engine.Refusal, error)
	}
	Keys *state.Keyring
	Log  *slog.Logger
	Mail bool
	// Committed is called where a letter was queued.
	Committed func()

	mu      sync.Mutex
	waiting map[int64]attempt
	// told is when a session was told of last, by the clock of requests.
	told map[int64]time.Time
	kick chan struct{}
	// one lets one batch be told at a time.
	one sync.Mutex
}

// attempt is one request.
type attempt struct {
	key    engine.Key
	ticket state.Ticket
	why    string
	seen   state.Seen
}

// Note notes an attempt on a session that lies under a key; the first of a minute is told of.
func (a *Attempts) Note(key engine.Key, t state.Ticket, why string, seen state.Seen) {
	if a == nil || why == WhyNoRequest {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.told == nil {
		a.told, a.waiting = make(map[int64]time.Time), make(map[int64]attempt)
	}
	if len(a.told) >= attemptsMost {
		for session, at := range a.told {
			if !within(at, seen.At) {
				delete(a.told, session)
			}
		}
	}
	if at, known := a.told[t.Session]; known && within(at, seen.At) || len(a.told) >= attemptsMost {
		return
	}
	a.told[t.Session], a.waiting[t.Session] = seen.At, attempt{key, t, why, seen}
	select {
	case a.wake() <- struct{}{}:
	default:
	}
}

// within reports whether a session that was told of then is not told of now. A clock may be set back.
func within(then, now time.Time) bool {
	past := now.Sub(then)
	return past < attemptsEvery && past > -attemptsEvery
}

// wake is what a note wakes Run by.
func (a *Attempts) wake() chan struct{} {
	if a.kick == nil {
		a.kick = make(chan struct{}, 1)
	}
	return a.kick
}

// Run tells of attempts until the context ends, then of those that are left.
func (a *Attempts) Run(ctx context.Context) error {
	a.mu.Lock()
	kick := a.wake()
	a.mu.Unlock()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastAttempts)
			defer cancel()
			a.Flush(last)
			return ctx.Err()
		case <-kick:
		}
		a.Flush(ctx)
	}
}

// Flush tells of the attempts that wait. One that cannot be stored is in the log alone.
func (a *Attempts) Flush(ctx context.Context) {
	if a == nil {
		return
	}
	a.one.Lock()
	defer a.one.Unlock()
	a.mu.Lock()
	notes := a.waiting
	a.waiting = make(map[int64]attempt)
	a.mu.Unlock()
	for _, note := range notes {
		if err := a.tell(ctx, note); err != nil {
			a.log(ctx, note, slog.String("error", err.Error()))
		}
	}
}

func (a *Attempts) log(ctx context.Context, n attempt, more ...slog.Attr) {
	attrs := append([]slog.Attr{
		slog.String("why", n.why), slog.String("binding", n.ticket.Binding.Kind), slog.Int64("session", n.ticket.Session),
		slog.Any("account", n.ticket.Account), slog.String("ip", n.seen.IP), slog.String("agent", n.seen.UserAgent),
	}, more...)
	a.Log.LogAttrs(ctx, slog.LevelWarn, "a session was withheld from a request without its key", attrs...)
}

// tell stores one attempt, if no other server does so in this minute.
func (a *Attempts) tell(ctx context.Context, n attempt) error {
	if refused, err := a.limited(ctx, AttemptEvent, attemptsEvery, n); err != nil || refused {
		return err
	}
	hash, err := n.key.Bytes()
	if err != nil {
		return err
	}
	session, account, err := a.Sessions.Session(ctx, hash, n.seen.At)
	if errors.Is(err, state.ErrNotFound) {
		return nil // it has ended meanwhile, and is of no use with its key either
	}
	if err != nil {
		return err
	}
	data, err := json.Marshal(AttemptData{
		Session: session.ID, Binding: n.ticket.Binding.Kind, Why: n.why, Client: session.Client, IP: n.seen.IP, UserAgent: n.seen.UserAgent,
	})
	if err != nil {
		return err
	}
	writes := []state.Write{state.Audit{Event: AttemptEvent, Data: data}}
	letter, err := a.letter(ctx, n, session, account)
	if err != nil {
		return err
	}
	if letter != nil {
		writes = append(writes, state.Queue{Message: *letter})
	}
	run := base64.RawURLEncoding.EncodeToString(a.Keys.MAC("refused", []byte(n.key), []byte(n.seen.At.UTC().Format(time.RFC3339Nano)))[:token.IDLen])
	if _, err := a.Ledger.Commit(ctx, state.Batch{Run: run, Account: session.Account, Writes: writes, Now: n.seen.At}); err != nil {
		return err
	}
	a.log(ctx, n, slog.Bool("mail", letter != nil))
	if letter == nil {
		return nil
	}
	err = a.Ledger.Release(ctx, run, 0, n.seen.At)
	if a.Committed != nil {
		a.Committed()
	}
	return err
}

// limited uses up what may be told of a session, and reports whether nothing is left.
func (a *Attempts) limited(ctx context.Context, what string, per time.Duration, n attempt) (bool, error) {
	refusal, err := a.Limits.Take(ctx, []engine.Take{{
		Key: "rl:" + what + ":" + strconv.FormatInt(n.ticket.Session, 10), Max: 1, Per: per, By: "key",
	}}, n.seen.At)
	return refusal != nil, err
}

// letter is what the owner gets, nil for nothing. A browser may lose its way to the server for a
// while and miss its key: what comes from where the session was used last is no news, unless
// something was made up.
func (a *Attempts) letter(ctx context.Context, n attempt, s *state.Session, account *state.Account) (*state.Message, error) {
	if !a.Mail || account.Primary() == nil || expected(n, s) {
		return nil, nil
	}
	if refused, err := a.limited(ctx, AttemptEvent+"_mail", mailsEvery, n); err != nil || refused {
		return nil, err
	}
	letter := accounts.Notice(account, n.seen, state.SessionRefusedTemplate)
	return &letter, nil
}

// expected reports whether an attempt is one of those that a session's own browser makes. A phone changes
// its network, and follows a link from its mail.
func expected(n attempt, s *state.Session) bool {
	switch n.why {
	case string(dbsc.Forged), WhyWrongKey:
		return false
	case WhyUnheld:
		return n.seen.UserAgent == s.UserAgent
	}
	return n.seen.UserAgent == s.UserAgent && networkOf(n.seen.IP) == networkOf(s.IP)
}

// networkOf is an address, of IPv6 the /64 that a customer has.
func networkOf(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	return wire.Network{}.LimitKey(addr)
}

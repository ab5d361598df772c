package contract

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/token"
)

// RevalidateAfter is how long a session is trusted without asking the database: if the
// notice that it has ended was lost, it lives on no longer than this.
const RevalidateAfter = time.Minute

// Records is what visits need of the store of records besides turns.
type Records interface {
	engine.Store
	// Give gives back uses of limits that were taken at the time now.
	Give(ctx context.Context, refunds []engine.Refund, now time.Time) error
	// Restore stores an entry where nothing is: neither a record nor a tombstone.
	Restore(ctx context.Context, key engine.Key, entry engine.Entry, ttl time.Duration) (bool, error)
	// End puts a tombstone in the place of whatever is stored.
	End(ctx context.Context, key engine.Key, tombstone engine.Tombstone) error
}

// Refresher updates what lies beside the record of a session.
type Refresher interface {
	// Touch replaces the ticket and lengthens the record's life, if the ticket is still what
	// from says; it reports whether it was.
	Touch(ctx context.Context, key engine.Key, from, to string, ttl time.Duration) (bool, error)
	// Refresh replaces the snapshot by one with a later revision.
	Refresh(ctx context.Context, key engine.Key, account string, revision int64) error
}

// Visits turns the token of a request into what is known of its client.
type Visits struct {
	Tokens   *token.Tokens
	Records  Records
	Refresh  Refresher
	Sessions state.Sessions
	// Activity keeps when and from where sessions were last used; nil keeps none of it.
	Activity *Activity
	// Attempts tells of requests that a session is withheld from; nil tells nobody.
	Attempts *Attempts
}

// Use is who uses a session: what Seen says is asked for only where it is kept. At is its time.
// Holds says why a record that was found is not this request's, because it belongs to the holder
// of a key that the request has not shown: "" where it is. It may set what the visit may do.
type Use interface {
	At() time.Time
	Seen() state.Seen
	Holds(v *Visit) (why string)
}

// Visit is one request's client.
type Visit struct {
	// Key is where its record lies; empty where it has none.
	Key   engine.Key
	Entry engine.Entry
	// Unknown is set for a token that is not valid: made up, expired or ended.
	Unknown bool
	// SignedOut is set where the session was ended from elsewhere: this one answer is that
	// of an anonymous client.
	SignedOut bool
	// SignedIn is set where the client has a session; Ticket and Account describe it.
	SignedIn bool
	Ticket   state.Ticket
	Account  state.Snapshot
	// ReadOnly is set where the request may read and nothing else: its client has a reason
	// not to show the key of its session.
	ReadOnly bool
	// Confirmed is set where the database was asked in this request whether the session goes on: in
	// one of those that come at once.
	Confirmed bool
	// Unshown is set where the session was bound a moment ago, and the request was on its way.
	Unshown bool
	// refused is the limit that refuses, while the record is looked at.
	refused *engine.Refusal
	// Withheld, if not nil, is the session or the record that the token is of and the request is
	// not: the visit is that of an anonymous client, and the token stays good.
	Withheld *Withheld
}

// Withheld is what was kept from a request that has not shown the key it belongs to.
type Withheld struct {
	// Why is a word for logs and events: missing, expired, forged, no_proof and the like.
	Why string
	// Ticket is that of the session, zero where it was the record of an anonymous client.
	Ticket state.Ticket
}

// Open reads the record of the client with the token and uses up limits in the same round
// trip. It asks the database only for a session that the store of records has lost, and
// once a minute whether the session still exists.
func (v *Visits) Open(ctx context.Context, c token.Kind, tok string, by Use, take []engine.Take) (Visit, *engine.Refusal, error) {
	var key engine.Key
	var signedIn, unknown bool
	if tok != "" {
		id, in, ok := v.Tokens.Parse(c, tok)
		if ok {
			key, signedIn = engine.KeyOf(id), in
		}
		unknown = !ok
	}
	visit, refusal, err := v.open(ctx, key, signedIn, by, take)
	visit.Unknown = visit.Unknown || unknown
	return visit, refusal, err
}

// OpenHash is Open by the hash of the session's token, by which an access token names its
// session.
func (v *Visits) OpenHash(ctx context.Context, hash []byte, by Use, take []engine.Take) (Visit, *engine.Refusal, error) {
	return v.open(ctx, keyOfHash(hash), true, by, take)
}

// keyOfHash is where the record lies of the client whose token has the hash.
func keyOfHash(hash []byte) engine.Key { return engine.Key(hex.EncodeToString(hash)) }

func (v *Visits) open(ctx context.Context, key engine.Key, signedIn bool, by Use, take []engine.Take) (Visit, *engine.Refusal, error) {
	visit := Visit{Key: key}
	if visit.Key == "" && len(take) == 0 {
		return visit, nil, nil
	}
	entry, refusal, err := v.Records.Load(ctx, visit.Key, take, by.At())
	if err != nil || visit.Key == "" {
		return visit, refusal, err
	}
	if !entry.Found && signedIn {
		if entry, err = v.restore(ctx, visit.Key, by.At()); err != nil {
			return visit, refusal, err
		}
	}
	visit.refused = refusal
	err = v.interpret(ctx, &visit, entry, signedIn, by)
	visit.refused = nil
	return visit, refusal, err
}

// interpret fills in the visit from the entry that the token's key has.
func (v *Visits) interpret(ctx context.Context, visit *Visit, entry engine.Entry, signedIn bool, by Use) error {
	switch {
	case !entry.Found, entry.Tombstone != nil:
		visit.Unknown = true
		return nil
	case entry.SignedOut:
		// This answer is an anonymous one; from now on the token is unknown.
		err := v.Records.End(ctx, visit.Key, engine.Tombstone{})
		visit.Key, visit.SignedOut = "", true
		return err
	}
	visit.Entry = entry
	if !signedIn {
		if entry.Record.Holder != "" {
			v.withhold(visit, by)
		}
		return nil
	}
	if err := visit.readSession(); err != nil {
		return err
	}
	if t := &visit.Ticket; (t.Binding.Bound() || !t.BindBy.IsZero()) && v.withhold(visit, by) {
		return nil
	}
	if now := by.At(); visit.Ticket.ExpiresAt.After(now) && now.Sub(visit.Ticket.CheckedAt) < RevalidateAfter {
		if !visit.ReadOnly { // which says nothing of where the session's owner is
			v.used(visit.Ticket.Session, by)
		}
		return nil
	}
	return v.revalidate(ctx, visit, by)
}

// withhold keeps a record from a request that does not hold its key, and reports whether it did.
func (v *Visits) withhold(visit *Visit, by Use) bool {
	why := by.Holds(visit)
	if why != "" {
		if visit.SignedIn {
			v.Attempts.Note(visit.Key, visit.Ticket, why, by.Seen())
		}
		*visit = Visit{Withheld: &Withheld{Why: why, Ticket: visit.Ticket}}
	}
	return why != ""
}

// used notes that a session was used, where that is kept.
func (v *Visits) used(session int64, by Use) {
	if v.Activity != nil {
		v.Activity.Note(session, by.Seen())
	}
}

// SessionsOf lists the sessions of an account that go on at now, oldest first, as they were
// last used.
func (v *Visits) SessionsOf(ctx context.Context, account state.AccountID, now time.Time) ([]state.Session, error) {
	list, err := v.Sessions.SessionsOf(ctx, account, now)
	if v.Activity != nil {
		v.Activity.Show(list)
	}
	return list, err
}

// readSession reads the session and the account from the visit's entry.
func (v *Visit) readSession() error {
	var err error
	if v.Ticket, err = state.DecodeTicket(v.Entry.Session); err != nil {
		return err
	}
	if v.Account, err = state.DecodeSnapshot(v.Entry.Account); err != nil {
		return err
	}
	v.SignedIn = true
	return nil
}

// Adopt takes over what a turn of the visit stored: its record and session.
func (v *Visit) Adopt(ans engine.Answer) error {
	v.Key, v.Entry = ans.Key, ans.Entry
	if len(ans.Entry.Session) == 0 {
		return nil
	}
	return v.readSession()
}

// revalidate asks the database whether the session still exists.
func (v *Visits) revalidate(ctx context.Context, visit *Visit, by Use) error {
	seen := by.Seen()
	if v.Activity == nil || visit.ReadOnly {
		seen.IP, seen.UserAgent = "", ""
	}
	binding, err := v.Sessions.Touch(ctx, visit.Ticket.Session, seen)
	if errors.Is(err, state.ErrNotFound) || (err == nil && !visit.Ticket.ExpiresAt.After(seen.At)) {
		err := v.Records.End(ctx, visit.Key, engine.Tombstone{})
		*visit = Visit{Unknown: true}
		return err
	}
	if err != nil {
		return err
	}
	from := visit.Entry.Session
	// Whoever has bound it has perhaps not lived to note that here.
	news := binding.Bound() && !visit.Ticket.Binding.Bound()
	visit.Ticket.CheckedAt = seen.At
	if news {
		visit.Ticket.Binding = binding
	}
	visit.Entry.Session = visit.Ticket.Encode()
	won, err := v.Refresh.Touch(ctx, visit.Key, from, visit.Entry.Session, visit.Ticket.ExpiresAt.Sub(seen.At))
	if err != nil {
		return err
	}
	if visit.Confirmed = won; news {
		v.withhold(visit, by)
	}
	return nil
}

// restore reads a session back from the database after the store of records has lost it.
// What another request has stored meanwhile wins: the session restored, or its end.
func (v *Visits) restore(ctx context.Context, key engine.Key, now time.Time) (engine.Entry, error) {
	hash, err := key.Bytes()
	if err != nil {
		return engine.Entry{}, err
	}
	session, account, err := v.Sessions.Session(ctx, hash, now)
	if errors.Is(err, state.ErrNotFound) {
		return engine.Entry{}, nil
	}
	if err != nil {
		return engine.Entry{}, err
	}
	entry := engine.Entry{Found: true, Record: engine.Record{Version: 1, Owner: engine.AccountID(session.Account)}}
	if err := json.Unmarshal(session.Methods, &entry.Record.Methods); err != nil {
		return engine.Entry{}, fmt.Errorf("methods of session %d: %w", session.ID, err)
	}
	ticket := session.Ticket()
	ticket.CheckedAt = now
	entry.Session, entry.Account = ticket.Encode(), account.Snapshot().Encode()
	stored, err := v.Records.Restore(ctx, key, entry, session.ExpiresAt.Sub(now))
	if err != nil || stored {
		return entry, err
	}
	entry, _, err = v.Records.Load(ctx, key, nil, now)
	return entry, err
}

// Client describes the client to the engine.
func (v *Visit) Client(kind, ip, agent, trust string) engine.Client {
	c := v.whose()
	c.Kind, c.IP, c.UserAgent, c.Trust = kind, ip, agent, trust
	return c
}

// whose is the client by its session alone, on which depends what waits for it.
func (v *Visit) whose() engine.Client {
	if !v.SignedIn {
		return engine.Client{}
	}
	return engine.Client{Account: engine.AccountID(v.Ticket.Account), Session: v.Ticket.Session, Epoch: v.Ticket.Epoch}
}

// Update changes a client's record and stores it; where another request stored a newer one
// meanwhile, it changes that. A client without a record gets one under a token with the
// id; fresh reports that it did. The error is engine.ErrContended where the record keeps
// changing.
func (v *Visits) Update(ctx context.Context, visit *Visit, id []byte, idle time.Duration, now time.Time, change func(*engine.Record)) (fresh bool, err error) {
	for range engine.MaxTurns {
		rec := visit.Entry.Record.Clone()
		change(&rec)
		sw := engine.Swap{Key: visit.Key, From: rec.Version, Record: rec, Now: now}
		if sw.Key == "" {
			sw.Key, fresh = engine.KeyOf(id), true
		}
		if !visit.SignedIn {
			if err := sw.Record.Fit(""); err != nil {
				return false, err
			}
			sw.TTL = sw.Record.Life(idle, now)
		}
		sw.Record.Version, sw.Record.Last = sw.From+1, engine.Last{}
		newer, won, err := v.Records.Swap(ctx, sw)
		if err != nil {
			return false, err
		}
		if won {
			visit.Key, visit.Entry.Found, visit.Entry.Record = sw.Key, true, sw.Record
			return fresh, nil
		}
		if !newer.Found || newer.Tombstone != nil {
			return false, engine.ErrContended
		}
		visit.Entry = newer
	}
	return false, engine.ErrContended
}

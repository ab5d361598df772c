package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"stagedoor/engine"
)

var turnTime = time.Unix(1_800_000_000, 0)

// doorGraphs are a small way in and a way to verify an address: a form that binds the
// subject or pretends, an address that waits in its own slot, a code with three tries.
func doorGraphs() []engine.Graph {
	key := []engine.Field{{Name: "key", Type: engine.CodeIn, Required: true}}
	mail := engine.Stage{
		ID: "mail", Kind: engine.Asks, Wire: "mail", Slot: engine.SlotEmail, Tries: 3, Lifetime: 10 * time.Minute,
		Exits: engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Email}}}, Fields: key,
		Actions: []engine.Action{{Name: "options"}}, Uses: engine.SlotCeremony,
	}
	code := engine.Stage{
		ID: "code", Kind: engine.Asks, Wire: "code", Tries: 3,
		Exits:  engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Second}, Renews: true, Distinct: true}, "away": {}},
		Fields: key, Actions: []engine.Action{{Name: "resend", Max: 2}, {Name: "info"}},
	}
	done := engine.Node{Stage: engine.Stage{ID: "done", Kind: engine.Ends}}
	way := engine.Graph{
		Flow: "login", Start: "form", Slot: engine.SlotLogin, Lifetime: 15 * time.Minute,
		Nodes: engine.Nodes{
			"form": {Stage: engine.Stage{ID: "form", Kind: engine.Asks, Exits: engine.Exits{
				engine.OK: {Binds: true, Proves: []engine.Proof{engine.Subject, engine.First}}, "unknown": {Pretends: engine.OK},
			}, Actions: []engine.Action{{Name: "options"}}, Uses: engine.SlotCeremony}, Next: engine.Next{engine.OK: "due", "unknown": "pretend"}},
			"pretend": {Stage: engine.Stage{ID: "pretend", Kind: engine.Asks, Pretending: true, Exits: engine.Exits{engine.Spent: {}}}, Next: engine.Next{engine.Spent: "done"}},
			"due": {Stage: engine.Stage{ID: "due", Kind: engine.Decides, Reads: []string{"Active"}, Exits: engine.Exits{
				"active": {Proves: []engine.Proof{engine.Active}}, "disabled": {},
			}}, Next: engine.Next{"active": "mail_due", "disabled": "done"}},
			"mail_due": {Stage: engine.Stage{ID: "mail_due", Kind: engine.Decides, Reads: []string{"Email"}, Exits: engine.Exits{
				"unverified": {}, "verified": {},
			}}, Next: engine.Next{"unverified": "mail", "verified": "code_due"}},
			"mail": {Stage: mail, Next: engine.Next{engine.OK: "code_due"}},
			"code_due": {Stage: engine.Stage{ID: "code_due", Kind: engine.Decides, Reads: []string{"SecondFactor", "ProvedSecond"}, Exits: engine.Exits{
				"due": {}, "none": {}, "proved": {Needs: []engine.Proof{engine.Second}},
			}}, Next: engine.Next{"due": "code", "none": "session", "proved": "session"}},
			"code": {Stage: code, Next: engine.Next{engine.OK: "session", "away": "done"}},
			"done": done,
			"session": {Stage: engine.Stage{ID: "session", Kind: engine.Ends, Grants: true}, Rules: []engine.Rule{
				{Proof: engine.Subject}, {Proof: engine.Active}, {Proof: engine.First},
				{Proof: engine.Second, WaivedBy: []engine.Edge{{Node: "code_due", Exit: "none"}}},
			}},
		},
	}
	verify := engine.Graph{
		Flow: "verify", Start: "request", Slot: engine.SlotEmail, Lifetime: 10 * time.Minute, OfSession: true,
		Nodes: engine.Nodes{
			"request": {Stage: engine.Stage{ID: "request", Kind: engine.Asks, Exits: engine.Exits{engine.OK: {}}}, Next: engine.Next{engine.OK: "mail"}},
			"mail":    {Stage: mail, Next: engine.Next{engine.OK: "done"}},
			"done":    done,
		},
	}
	return []engine.Graph{way, verify}
}

// actor is a handler made of functions; one that is nil does nothing.
type actor struct {
	submit func(engine.Submission) (engine.Verdict, error)
	enter  func(engine.Arrival) (engine.Entered, error)
	act    func(string, engine.Submission) (engine.Acted, error)
	limits []engine.Take
	// calls counts submissions, seen keeps the last, arrived the last arrival.
	calls   int
	seen    engine.Submission
	arrived engine.Arrival
	mu      sync.Mutex
}

func (a *actor) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	a.seen = s
	return a.submit(s)
}

func (a *actor) Enter(at engine.Arrival) (engine.Entered, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.arrived = at
	if a.enter == nil {
		return engine.Entered{}, nil
	}
	return a.enter(at)
}

func (a *actor) Act(_ context.Context, name string, s engine.Submission) (engine.Acted, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.act == nil {
		return engine.Acted{Keep: true}, nil
	}
	return a.act(name, s)
}

func (a *actor) Limits(engine.Submission) []engine.Take { return a.limits }

func (a *actor) Limited(engine.Submission) []engine.FieldError {
	return []engine.FieldError{{Code: "too_many"}}
}

// door is an engine on doorGraphs with stores in memory.
type door struct {
	*engine.Engine
	t                         testing.TB
	form, mail, code, request *actor
	facts                     engine.Facts
	factsErr                  error
	// raised is by how much ann's epoch went up meanwhile, raises by how much the writes of
	// the next batch raise it.
	raised, raises int64
	// lie, where not empty, is what code_due answers.
	lie engine.Exit

	mu      sync.Mutex
	records map[engine.Key]engine.Entry
	used    map[string]int
	log     []string
	// before is called before each operation on a store, with its name.
	before   func(op string)
	fail     map[string]error
	batches  []engine.Batch
	sessions map[string]engine.Key
	seeds    byte
}

func newDoor(t testing.TB) *door {
	t.Helper()
	d := &door{
		t: t, facts: engine.Facts{Active: true, Email: engine.IsVerified, SecondFactor: true},
		records: make(map[engine.Key]engine.Entry), used: make(map[string]int), fail: make(map[string]error),
		sessions: make(map[string]engine.Key),
	}
	d.form = &actor{submit: func(s engine.Submission) (engine.Verdict, error) {
		switch s.Values.Text("name") {
		case "ann":
			return engine.Verdict{Exit: engine.OK, Subject: "7", Epoch: 3, Hint: "ann@x", Methods: []engine.Method{{Method: "password", At: 1}}}, nil
		case "bob":
			return engine.Verdict{Exit: engine.OK, Subject: "8", Epoch: 1, Hint: "bob@x"}, nil
		case "nobody":
			return engine.Verdict{Exit: "unknown", Hint: "nobody@x"}, nil
		}
		return engine.Verdict{Errors: []engine.FieldError{{Code: "no_such_name"}}}, nil
	}}
	keyed := func(s engine.Submission) (engine.Verdict, error) {
		if s.Values.Text("key") == "right" {
			return engine.Verdict{Exit: engine.OK}, nil
		}
		return engine.Verdict{Errors: []engine.FieldError{{Param: "key", Code: "incorrect"}}}, nil
	}
	d.mail, d.code = &actor{submit: keyed}, &actor{submit: keyed}
	d.request = &actor{submit: func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Exit: engine.OK, Hint: "new@x"}, nil
	}}
	set := d.set()
	flows, err := engine.Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	d.Engine, err = engine.New(engine.Config{Flows: flows, Store: d, Ledger: ledger{d}, Loader: d, Mint: mint})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// set binds the door's handlers and deciders to its graphs.
func (d *door) set() engine.Set {
	pick := func(yes bool, a, b engine.Exit) (engine.Exit, engine.Reason) {
		if yes {
			return a, ""
		}
		return b, "because"
	}
	return engine.Set{
		Graphs:   doorGraphs(),
		Handlers: map[engine.StageID]engine.Handler{"form": d.form, "mail": d.mail, "code": d.code, "request": d.request},
		Deciders: map[engine.StageID]engine.Decider{
			"due": engine.DecideFunc(func(f engine.Facts) (engine.Exit, engine.Reason) { return pick(f.Active, "active", "disabled") }),
			"mail_due": engine.DecideFunc(func(f engine.Facts) (engine.Exit, engine.Reason) {
				return pick(f.Email == engine.IsVerified, "verified", "unverified")
			}),
			"code_due": engine.DecideFunc(func(f engine.Facts) (engine.Exit, engine.Reason) {
				if d.lie != "" {
					return d.lie, ""
				}
				if f.ProvedSecond {
					return "proved", ""
				}
				return pick(f.SecondFactor, "due", "none")
			}),
		},
	}
}

// enterOp notes an operation and lets the test come in between.
func (d *door) enterOp(op string) error {
	if d.before != nil {
		d.before(op)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, op)
	return d.fail[op]
}

// Facts are those of ann, whose epoch is 3 unless it was raised, or of bob.
func (d *door) Facts(_ context.Context, q engine.FactQuery) (engine.Facts, engine.Person, error) {
	p := engine.Person{Account: "7", Email: "ann@x", Epoch: 3 + d.raised}
	if q.Subject == "8" {
		p.Epoch = 1
	}
	return d.facts, p, d.factsErr
}

func (d *door) Load(_ context.Context, key engine.Key, _ []engine.Take, _ time.Time) (engine.Entry, *engine.Refusal, error) {
	err := d.enterOp("load")
	return d.entry(key), nil, err
}

// entry returns a copy of what is stored.
func (d *door) entry(key engine.Key) engine.Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.records[key]
	e.Record = copied(d.t, e.Record)
	return e
}

func copied(t testing.TB, r engine.Record) engine.Record {
	b, err := r.Encode()
	if err != nil {
		t.Error(err)
	}
	out, err := engine.DecodeRecord(string(b))
	if err != nil {
		t.Error(err)
	}
	return out
}

func (d *door) Swap(_ context.Context, s engine.Swap) (engine.Entry, bool, error) {
	if err := d.enterOp("swap"); err != nil {
		return engine.Entry{}, false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.records[s.Key]
	if s.Key != "" && (now.Tombstone != nil || now.Record.Version != s.From) {
		now.Record = copied(d.t, now.Record)
		return now, false, nil
	}
	for _, g := range s.Refunds {
		d.used[g.Take.Key]--
	}
	switch {
	case s.Move != nil:
		if s.Key != "" {
			stone := s.Tombstone
			d.records[s.Key] = engine.Entry{Found: true, Tombstone: &stone}
		}
		d.records[s.Move.Key] = engine.Entry{Found: true, Record: copied(d.t, s.Move.Record), Account: s.Move.Account, Session: s.Move.Session}
	case s.Key != "":
		d.records[s.Key] = engine.Entry{Found: true, Record: copied(d.t, s.Record), Account: now.Account, Session: now.Session}
	}
	return engine.Entry{}, true, nil
}

func (d *door) Take(_ context.Context, take []engine.Take, _ time.Time) (*engine.Refusal, error) {
	if err := d.enterOp("take"); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range take {
		if d.used[t.Key] >= t.Max {
			return &engine.Refusal{Take: t, After: time.Minute}, nil
		}
	}
	for _, t := range take {
		d.used[t.Key]++
	}
	return nil, nil
}

// ledger is the door's ledger.
type ledger struct{ *door }

func (l ledger) Commit(_ context.Context, b engine.Batch) (engine.Receipt, error) {
	if err := l.enterOp("commit"); err != nil {
		return engine.Receipt{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches = append(l.batches, b)
	epoch := b.Epoch + l.raises
	l.raises = 0
	if !b.Grant {
		return engine.Receipt{Epoch: epoch}, nil
	}
	l.sessions[b.Run] = b.Key
	return engine.Receipt{Epoch: epoch, Account: fmt.Sprint(b.Subject), Session: "s", TTL: time.Hour}, nil
}

func (l ledger) Release(context.Context, engine.Batch) error { return l.enterOp("release") }

func (l ledger) Abandon(_ context.Context, b engine.Batch) error {
	if err := l.enterOp("abandon"); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sessions, b.Run)
	return nil
}

// turn is a submission of a client whose record lies under a key.
func (d *door) turn(key engine.Key, values engine.MapValues) engine.Turn {
	d.seeds++
	return engine.Turn{
		Key: key, Entry: d.entry(key), Values: values, Client: engine.Client{Kind: "app", IP: "192.0.2.1"},
		Digest: []byte(fmt.Sprint(values)), Now: turnTime, Seed: engine.Seed{d.seeds},
	}
}

// begin starts a login and wants it to come to an outcome.
func (d *door) begin(name string, want engine.Outcome) engine.Answer {
	d.t.Helper()
	ans, err := d.Start(context.Background(), "login", d.turn("", engine.MapValues{"name": name}))
	return d.want(ans, err, want)
}

func (d *door) send(key engine.Key, wire, value string, want engine.Outcome) engine.Answer {
	d.t.Helper()
	ans, err := d.Submit(context.Background(), wire, d.turn(key, engine.MapValues{"key": value}))
	return d.want(ans, err, want)
}

func (d *door) want(ans engine.Answer, err error, want engine.Outcome) engine.Answer {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	if ans.Outcome != want {
		d.t.Fatalf("outcome %d, want %d (%+v)", ans.Outcome, want, ans)
	}
	return ans
}

// wantLog compares the operations since it was last asked.
func (d *door) wantLog(want ...string) {
	d.t.Helper()
	if !slices.Equal(d.log, want) {
		d.t.Errorf("the stores were asked to %q, want %q", d.log, want)
	}
	d.log = nil
}

// slots lists the slots of a stored record.
func (d *door) slots(key engine.Key) []engine.Slot {
	var out []engine.Slot
	for _, r := range d.entry(key).Record.Runs {
		out = append(out, r.Slot)
	}
	slices.Sort(out)
	return out
}

func (d *door) wantSlots(key engine.Key, want ...engine.Slot) {
	d.t.Helper()
	if got := d.slots(key); !slices.Equal(got, want) {
		d.t.Errorf("runs wait in %q, want %q", got, want)
	}
}

var errDown = errors.New("down")

// note is a write that says what it is, for tests to look for.
type note string

// AccountWrite marks it.
func (note) AccountWrite() {}

// letter is a message that says what it is.
type letter string

// OutgoingMessage marks it.
func (letter) OutgoingMessage() {}

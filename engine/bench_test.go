package engine_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
)

// quick is an engine on the shipped flows, around which nothing costs anything: every
// submission is right at once and the stores are fields. What is left is the engine's
// own work, from the bytes of a record to the bytes of the next.
type quick struct {
	*engine.Engine
	facts  engine.Facts
	person engine.Person
	// digest names every submission.
	digest []byte
	// stored is the last record that was swapped in, encoded.
	stored []byte
}

// quickSettings are a server that asks for a verified address.
func quickSettings() stages.Settings {
	const age = 15 * time.Minute
	return stages.Settings{
		LoginMethods: []string{"email"}, SignupFields: map[string]bool{"email": true, "password": true}, SignupOpen: true,
		VerifyEmail: engine.Mandatory, LoginTimeout: age, EmailLifetime: age, PhoneLifetime: age, CodeLifetime: age, ResetLifetime: age,
	}
}

// newQuick makes one. The account it knows has a verified address and a second factor.
func newQuick(tb testing.TB) *quick {
	tb.Helper()
	q := &quick{
		facts:  engine.Facts{Active: true, Email: engine.IsVerified, SecondFactor: true, Browser: true, VerifyEmail: engine.Mandatory},
		person: engine.Person{Account: "7", Epoch: 1, Email: "ann@example.org", SecondFactors: []string{"recovery_codes", "totp"}},
		digest: make([]byte, 16),
	}
	handlers := (&stages.Env{}).Handlers()
	for id := range handlers {
		handlers[id] = rightAtOnce{log: []engine.Method{{Method: "password", At: 1_800_000_000_000, Email: "ann@example.org"}}}
	}
	compiled, err := engine.Compile(flows.Bind(flows.All(quickSettings()), handlers))
	if err != nil {
		tb.Fatal(err)
	}
	q.Engine, err = engine.New(engine.Config{Flows: compiled, Store: q, Ledger: q, Loader: q, Mint: mint})
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

func mint(run string) []byte {
	sum := sha256.Sum256([]byte(run))
	return sum[:16]
}

// rightAtOnce is a handler that lets everybody through, and keeps of a stage what the
// shipped handler of mfa_authenticate keeps.
type rightAtOnce struct{ log []engine.Method }

type factorData struct {
	Types []string `json:"t"`
}

func (r rightAtOnce) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	v := engine.Verdict{Exit: engine.OK, Methods: r.log}
	if s.Run == nil {
		v.Subject, v.Epoch, v.Hint = "7", 1, "ann@example.org"
	}
	return v, nil
}

func (rightAtOnce) Enter(a engine.Arrival) (engine.Entered, error) {
	return engine.Entered{Data: factorData{Types: a.Person.SecondFactors}}, nil
}

// Act is there because some shipped stages have actions; none is used.
func (rightAtOnce) Act(context.Context, string, engine.Submission) (engine.Acted, error) {
	return engine.Acted{}, errors.New("no action is measured")
}

func (q *quick) Facts(context.Context, engine.FactQuery) (engine.Facts, engine.Person, error) {
	return q.facts, q.person, nil
}

func (q *quick) Load(context.Context, engine.Key, []engine.Take, time.Time) (engine.Entry, *engine.Refusal, error) {
	return engine.Entry{}, nil, nil
}

func (q *quick) Swap(_ context.Context, s engine.Swap) (engine.Entry, bool, error) {
	var err error
	record := &s.Record
	if s.Move != nil {
		record = &s.Move.Record
	}
	q.stored, err = record.Encode()
	return engine.Entry{}, true, err
}

func (q *quick) Take(context.Context, []engine.Take, time.Time) (*engine.Refusal, error) {
	return nil, nil
}

func (q *quick) Commit(context.Context, engine.Batch) (engine.Receipt, error) {
	return engine.Receipt{TTL: time.Hour, Epoch: 1}, nil
}

func (q *quick) Release(context.Context, engine.Batch) error { return nil }
func (q *quick) Abandon(context.Context, engine.Batch) error { return nil }

// turn is a submission by a client whose record is stored as these bytes, nil for none.
func (q *quick) turn(stored []byte) (engine.Turn, error) {
	t := engine.Turn{
		Values: engine.MapValues(nil), Client: engine.Client{Kind: "browser", IP: "127.0.0.1"},
		Digest: q.digest, Now: time.Unix(1_800_000_000, 0), Seed: engine.Seed{1},
	}
	if stored == nil {
		return t, nil
	}
	record, err := engine.DecodeRecord(string(stored))
	t.Key, t.Entry = "client", engine.Entry{Found: true, Record: record}
	return t, err
}

// password starts a login: six moves, past five decisions, to where the second factor is
// asked for. No step on the graph is longer.
func (q *quick) password() error {
	t, err := q.turn(nil)
	if err != nil {
		return err
	}
	ans, err := q.Start(context.Background(), flows.LoginFlow, t)
	if err == nil && (ans.Outcome != engine.Advanced || ans.Run.Node != "mfa_authenticate") {
		err = fmt.Errorf("the password comes to outcome %d at %s", ans.Outcome, ans.Run.Node)
	}
	return err
}

// factor submits the second factor to the stored run: two moves to the session.
func (q *quick) factor(stored []byte) error {
	t, err := q.turn(stored)
	if err != nil {
		return err
	}
	ans, err := q.Submit(context.Background(), "mfa_authenticate", t)
	if err == nil && ans.Outcome != engine.Granted {
		err = fmt.Errorf("the second factor comes to outcome %d", ans.Outcome)
	}
	return err
}

// steps are what is measured, by name.
func steps(tb testing.TB) map[string]func() error {
	q := newQuick(tb)
	if err := q.password(); err != nil {
		tb.Fatal(err)
	}
	waiting := q.stored
	return map[string]func() error{
		"password": q.password,
		"factor":   func() error { return q.factor(waiting) },
	}
}

// BenchmarkStep measures a whole turn on the login graph, decode to encode, with the
// machine underneath.
func BenchmarkStep(b *testing.B) {
	for name, step := range steps(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := step(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestStepBudget holds every step to 45 allocations and 8 kB.
func TestStepBudget(t *testing.T) {
	if engine.Racing {
		t.Skip("the race detector drops pooled machines on purpose")
	}
	for name, step := range steps(t) {
		t.Run(name, func(t *testing.T) {
			const runs = 1000
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			allocs := testing.AllocsPerRun(runs, func() {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			})
			runtime.ReadMemStats(&after)
			bytes := (after.TotalAlloc - before.TotalAlloc) / runs
			t.Logf("%v allocations, %d bytes", allocs, bytes)
			if allocs > 45 || bytes > 8_000 {
				t.Errorf("%v allocations and %d bytes, at most 45 and 8000 are allowed", allocs, bytes)
			}
		})
	}
}

// BenchmarkCheck proves all shipped flows, as a server does before it starts.
func BenchmarkCheck(b *testing.B) {
	graphs := flows.All(quickSettings())
	b.ReportAllocs()
	for b.Loop() {
		for _, g := range graphs {
			if r := engine.Check(g); !r.OK() {
				b.Fatal(r)
			}
		}
	}
}

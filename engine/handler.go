package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"time"
)

// Handler is the behaviour of an asking stage: it judges what a client submits. It may
// read from stores, never writes; what it wants written it asks for in the verdict.
// An error means that it could not judge (a store is down): the turn stores nothing.
//
// A handler may also be an [Enterer], an [Actor] or a [Describer].
type Handler interface {
	Submit(ctx context.Context, s Submission) (Verdict, error)
}

// Enterer is a Handler that prepares for a run's arrival: it makes the code and the
// message that carries it. Enter is pure: all that varies comes in with the arrival.
type Enterer interface {
	Enter(a Arrival) (Entered, error)
}

// Actor is a Handler whose stage declares actions.
type Actor interface {
	Act(ctx context.Context, action string, s Submission) (Acted, error)
}

// Describer is a Handler that says more of its pending stage on the wire than its id.
// It must not show anything secret: any client that holds the run sees it.
type Describer interface {
	Describe(r Run) map[string]any
}

// Cleaner is a Handler that looks closer at single fields before it judges: it sees what
// is wrong already in s.Invalid and returns what else is, so that a client learns of all
// faults at once. It may read, for whether a name is taken.
type Cleaner interface {
	Clean(ctx context.Context, s Submission) ([]FieldError, error)
}

// Limiter is a Handler that uses up limits before it verifies a secret. Limits is pure;
// Limited is what the client is told where one refuses.
type Limiter interface {
	Limits(s Submission) []Take
	Limited(s Submission) []FieldError
}

// Decider is the behaviour of a deciding stage: a pure function from Facts to an exit
// and the reason for it. It sees only the facts its stage declares in Reads.
type Decider interface {
	Decide(f Facts) (Exit, Reason)
}

// DecideFunc is a Decider that is a function.
type DecideFunc func(Facts) (Exit, Reason)

// Decide calls the function.
func (d DecideFunc) Decide(f Facts) (Exit, Reason) { return d(f) }

// FactLoader is a Decider with a fact of its own. LoadFact reads it; the value it
// returns must be one of FactValues and is what the decider finds in Facts.Own. It is
// loaded on every turn of a flow with the stage in it, whether or not the run comes there:
// what q.Person has costs nothing, another query does.
type FactLoader interface {
	FactValues() []string
	LoadFact(ctx context.Context, q FactQuery) (string, error)
}

// Client is what is known of the client of a turn.
type Client struct {
	// Kind is browser, app or rest.
	Kind string
	// IP is what limits count the client by: its address, of an IPv6 client the network
	// that it is in ("2001:db8:1:2::/64"). Address is the address itself, empty where it is not
	// known; UserAgent what the client calls itself.
	IP        string
	Address   string
	UserAgent string
	// Trust is the trust cookie as the client sent it, unverified.
	Trust string
	// Key is the thumbprint (RFC 7638, SHA-256, base64url) of the key that the client has shown in this
	// request to hold, "" for none: the one its session is bound to, or in a sign-in of an app the one
	// that the session will be bound to. Binds is set for a browser that has bound a session before.
	Key   string
	Binds bool
	// Account and Session are the signed-in ones; "" and 0 for an anonymous client. Epoch is the
	// account's when the session began.
	Account AccountID
	Session int64
	Epoch   int64
	// Reauthenticated is when the client last proved again, in its session, whose it is; zero if
	// never: that it has signed in does not count.
	Reauthenticated time.Time
}

// From is where the client is, for people.
func (c Client) From() string { return cmp.Or(c.Address, c.IP) }

// Seed is 32 random bytes drawn for one turn, from which everything in the turn that
// must be unpredictable is derived. The same seed gives the same turn: that is what
// makes it replayable.
type Seed [32]byte

// Bytes derives n bytes, at most 32, for a purpose. Different purposes are independent.
func (s Seed) Bytes(purpose string, n int) []byte {
	sum := s.sum("", purpose)
	b := make([]byte, min(n, len(sum)))
	copy(b, sum[:])
	return b
}

// sum is the HMAC-SHA256 (RFC 2104) of the purpose, of which there may be two parts, under the
// seed. A turn needs several, each of a few bytes: crypto/hmac allocates six times for one, this
// does not at all.
func (s Seed) sum(kind, purpose string) [sha256.Size]byte {
	var inner, outer [2 * sha256.BlockSize]byte
	for i := range sha256.BlockSize {
		inner[i], outer[i] = 0x36, 0x5c
	}
	for i, b := range s {
		inner[i] ^= b
		outer[i] ^= b
	}
	text := append(append(inner[:sha256.BlockSize], kind...), purpose...)
	sum := sha256.Sum256(text)
	return sha256.Sum256(append(outer[:sha256.BlockSize], sum[:]...))
}

// ID derives a random positive number below 2^53, which a browser reads exactly.
func (s Seed) ID(purpose string) int64 {
	n := int64(binary.BigEndian.Uint64(s.Bytes("id "+purpose, 8)) >> 11)
	return max(n, 1)
}

// Submission is what a handler judges.
type Submission struct {
	// Node is the node the run stands at; the same stage may stand at several.
	Node NodeID
	// Action is the action, for an Actor.
	Action string
	Values Values
	// Invalid is what is wrong with the fields. The engine answers it itself for a
	// submission; a Cleaner and an Actor see it.
	Invalid []FieldError
	Client  Client
	// Run is the waiting run, nil for the first submission of a flow. It must not be
	// changed.
	Run *Run
	// Proved is what each step of the waiting run has proved, in order. Do not change it.
	Proved [][]Proof
	// Held is what waits in the stage's own slot, nil where there is none.
	Held *Run
	// Used is what waits in the slot the stage uses, nil where there is none: what a submission
	// finishes, and what an action begins something beside.
	Used *Run
	// Memo is what the verdict kept that is judged anew, nil the first time.
	Memo any
	Now  time.Time
	Seed Seed
}

// Data decodes what the stage stored when it was entered: from its slot if it has one,
// else from the run. Nothing stored leaves v as it is.
func (s Submission) Data(v any) error {
	from := s.Run
	if s.Held != nil {
		from = s.Held
	}
	if from == nil || len(from.Data) == 0 {
		return nil
	}
	return json.Unmarshal(from.Data, v)
}

// Subject returns whom the submission is about: the run's account, or what the stage's
// slot holds, or "".
func (s Submission) Subject() AccountID {
	if s.Held != nil && s.Held.Subject != "" {
		return s.Held.Subject
	}
	if s.Run != nil {
		return s.Run.Subject
	}
	return ""
}

// Verdict is what a handler says of a submission.
type Verdict struct {
	// Exit is the way out; Again keeps the run where it is, with Errors.
	Exit   Exit
	Errors []FieldError
	// Uncounted keeps a wrong submission from counting as an attempt.
	Uncounted bool
	// Why says in a line why a submission is refused, for observers alone: it holds no secret,
	// and nothing of it is shown to clients.
	Why string
	// Subject is the account that was found or made, for an exit that binds one, and Epoch
	// the account's when it was judged.
	Subject AccountID
	Epoch   int64
	// About is the account the writes are about, where that is not the run's subject, and
	// Epoch is its epoch then. Of a refusal it is the account that observers are told.
	About AccountID
	// Hint is the address or number the subject was found by.
	Hint string
	// Credential names the thing that was shown, such as a key, where it counts once in a run: an
	// exit that is Distinct cannot be taken with the same one again.
	Credential string
	// Found is the account as the handler read it, so that facts need not read it again.
	Found Found
	// Writes are stored in the turn's transaction; the Ledger knows what they are.
	Writes []Write
	// PretendWrites are writes that are only imagined: what would be stored if the run were not
	// one that pretends. Facts of a pretending run come from them.
	PretendWrites []Write
	// Methods are added to the client's log.
	Methods []Method
	// Signup is set where the account is made by this turn.
	Signup bool
	// IfSpent answers a submission whose single-use write another run turns out to have spent.
	IfSpent []FieldError
	// Messages are sent once the turn is stored.
	Messages []Message
	// Takes are limits the turn uses up besides those of the stage it arrives at; DropIfLimited
	// leaves the messages out where one refuses, instead of refusing the turn.
	Takes         []Take
	DropIfLimited bool
	// Values are for the client alone, such as a cookie; they are not stored.
	Values map[string]string
	// Refunds names limits that success gives back.
	Refunds []Refund
	// Left, if not nil, stays in the slot the stage uses, which is emptied otherwise; a session that
	// the turn grants takes nothing along.
	Left any
	// Reply is answered to the client of a turn that succeeds.
	Reply any
	// NextData is kept by the run that begins where this one ends; see Stage.Begins.
	NextData any
	// Memo is handed back if the submission must be judged anew: what could be had once
	// only, such as what a code was exchanged for.
	Memo any
}

// Write is one change that a turn wants stored. The engine passes it on unread: the
// owner of the [Ledger] declares what there is, and marks each with the method.
type Write interface{ AccountWrite() }

// Found is an account as a handler read it. The engine passes it on unread, from the
// verdict to the [Loader], which declares what there is and marks it with the method.
type Found interface{ FoundAccount() }

// Message is one mail or text message, an effect. The engine passes it on unread: the
// owner of the [Ledger] declares what there is, and marks it with the method.
type Message interface{ OutgoingMessage() }

// Person is what messages and pending entries may need to know of the subject.
type Person struct {
	Account AccountID
	// Name is what to call the person.
	Name string
	// Email is the address that matters here, Phone the number. Where either is taken,
	// another account has verified it: nothing that proves it is sent there.
	Email      string
	Phone      string
	EmailTaken bool
	PhoneTaken bool
	// EmailNamed is set where the account has had the address from its sign-up, or it was
	// added by somebody who had proved another.
	EmailNamed bool
	// Proved is set where somebody has shown that he receives what is sent to an address or
	// the number of the account.
	Proved bool
	// Epoch is the account's, the turn's own writes applied.
	Epoch int64
	// SecondFactors are the authenticator types of the account in the wire's order.
	SecondFactors []string
	// Attributes are what custom stages keep of the account, by key ("acme.terms"), the
	// turn's own writes applied. They must not be changed.
	Attributes map[string]string
}

// Arrival is a run that arrives at a stage.
type Arrival struct {
	Node   NodeID
	Run    Run
	Facts  Facts
	Person Person
	Client Client
	Now    time.Time
	Seed   Seed
	// Pretend is set where the run has no subject and only looks as if it arrived here:
	// no code is made then.
	Pretend bool
}

// Entered is what a stage wants at a run's arrival.
type Entered struct {
	// Data is kept in the run, or in the stage's slot, as JSON.
	Data any
	// Hint is what a held run is about, such as the address a code went to.
	Hint     string
	Messages []Message
	// Takes are limits this arrival uses up. If one refuses, the turn is refused; with
	// DropIfLimited the messages are left out instead.
	Takes         []Take
	DropIfLimited bool
}

// Acted is what an action does.
type Acted struct {
	// Errors refuse it; Counts makes that an attempt. Conflict refuses it because the
	// stage does not allow it now.
	Errors   []FieldError
	Counts   bool
	Conflict bool
	// Why is that of [Verdict].
	Why string
	// Data, if not nil, replaces what the stage keeps, and Hint what a held run is about.
	Data     any
	Hint     string
	Writes   []Write
	Messages []Message
	Takes    []Take
	// Used, if not nil, is put into the slot the stage uses, for UsedFor.
	Used    any
	UsedFor time.Duration
	// Reply is answered to the client.
	Reply any
	// Keep leaves the record as it is: the action only reads. Renew begins the stage's
	// Lifetime anew, and the run may take that much longer.
	Keep, Renew bool
}

// FactQuery asks for the facts of a turn.
type FactQuery struct {
	Flow    FlowID
	Subject AccountID
	// Hint is the address or number the subject was found by.
	Hint string
	// Found is the account as the handler read it, or nil.
	Found Found
	// Writes are applied first: the facts are those of the account once they are stored.
	Writes []Write
	Client Client
	Signup bool
	Now    time.Time
	// Person is what the Loader found, for a FactLoader: a Loader finds it zero. With
	// Subject "" it is nobody yet, or a person who only seems to be there: a fact must not
	// tell the two apart.
	Person Person
}

// Loader reads the facts of a subject, with one query at most, and fills in the
// settings. A subject that does not exist any more is an inactive one, no error.
type Loader interface {
	Facts(ctx context.Context, q FactQuery) (Facts, Person, error)
}

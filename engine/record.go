package engine

import (
	"encoding/json"
	"errors"
	"time"
)

// Slot names a place in a record that holds one run, or one thing that waits for its
// second half, with a deadline of its own.
type Slot string

// The slots of the shipped flows.
const (
	// SlotLogin holds the run of any way in.
	SlotLogin Slot = "login"
	// SlotEmail holds a mailed code and the address it proves.
	SlotEmail Slot = "email"
	// SlotPhone holds a number being changed and the code for it; SlotReset a password
	// reset by code.
	SlotPhone Slot = "phone"
	SlotReset Slot = "password_reset"
	// SlotReauth holds a code to reauthenticate with.
	SlotReauth Slot = "reauthenticate"
	// SlotCeremony holds the session of the last WebAuthn options, whatever they are for.
	SlotCeremony Slot = "ceremony"
	// SlotProviderSignup holds what a provider said of a person who has yet to fill in a
	// form; SlotOAuth the states of browsers that were sent to providers.
	SlotProviderSignup Slot = "provider_signup"
	SlotOAuth          Slot = "oauth"
	// SlotTOTPSecret holds the sealed secret that waits for its first code.
	SlotTOTPSecret Slot = "totp_secret"
)

// Limits of a record. A client that nobody knows can make one, so it is kept small.
const (
	// MaxRecord is the most bytes an anonymous record may take, encoded. Where it would
	// take more, the runs that have waited longest give way.
	MaxRecord = 4096
	// MaxMethods is how many authentications the log of a client remembers.
	MaxMethods = 20
)

// Record is all that is persisted for one client: its runs in named slots, the log of
// its authentications, and a version that every write raises by one. Its tags are those of
// the JSON in which earlier releases kept it.
type Record struct {
	// Version is 0 for a record that was never stored.
	Version uint64 `json:"v"`
	// Last tells the submission that made this version, so that its twin knows itself.
	Last Last `json:"l,omitzero"`
	// Runs holds at most one run for each slot.
	Runs []Run `json:"r,omitempty"`
	// Methods is the client's log of authentications of one account over all runs, oldest
	// first; Owner is that account.
	Methods []Method  `json:"m,omitempty"`
	Owner   AccountID `json:"o,omitempty"`
	// Holder, if not empty, is the thumbprint of the key whose holder alone the record is for: it was made
	// by an anonymous client that showed the key. See [Client].
	Holder string `json:"h,omitempty"`
}

// Last identifies a submission: the version it was judged on and its digest, an HMAC
// over client kind, method, route and body.
type Last struct {
	From   uint64 `json:"f,omitempty"`
	Digest []byte `json:"d,omitempty"`
	// Wrong is set where it was refused: a submission judged otherwise is no twin of it.
	Wrong bool `json:"w,omitempty"`
}

// Run is one client walking one graph, or (with an empty Flow) a thing that only waits
// in its slot, such as a secret to be confirmed.
type Run struct {
	Slot Slot `json:"s"`
	// ID is random: 16 bytes in unpadded base64url.
	ID string `json:"i"`
	// Flow and Fingerprint say which graph it walks, and the fingerprint of that graph.
	Flow        FlowID `json:"f,omitempty"`
	Fingerprint string `json:"p,omitempty"`
	// Node is where the run stands.
	Node NodeID `json:"n,omitempty"`
	// As is the node a run without a subject shows itself as, while it stands at a
	// pretending stage.
	As NodeID `json:"as,omitempty"`
	// Subject is the account it is about; "" is nobody.
	Subject AccountID `json:"u,omitempty"`
	// Epoch is the subject's at the run's first proof.
	Epoch int64 `json:"e,omitempty"`
	// Started and Deadline are Unix milliseconds; Until, if not 0, ends the stay at the
	// present stage sooner.
	Started  int64 `json:"b"`
	Deadline int64 `json:"x"`
	Until    int64 `json:"y,omitempty"`
	// Tries counts wrong submissions at the stage the run stands at.
	Tries int `json:"t,omitempty"`
	// Acts counts the uses of the stage's actions.
	Acts map[string]int `json:"a,omitempty"`
	// Trail is the exits taken so far.
	Trail Trail `json:"w,omitempty"`
	// Hint is the address or number the subject was found by, or the run is about.
	Hint string `json:"h,omitempty"`
	// Credential names the thing that the run has shown last; see Verdict.
	Credential string `json:"k,omitempty"`
	// Data belongs to the stage the run stands at.
	Data json.RawMessage `json:"d,omitempty"`
}

// Method is one entry of the log of authentications: what was used, when, and about
// what. It is no proof: no decision reads it.
type Method struct {
	Method          string `json:"method"`
	At              int64  `json:"at"` // Unix milliseconds
	Email           string `json:"email,omitempty"`
	Phone           string `json:"phone,omitempty"`
	Username        string `json:"username,omitempty"`
	Type            string `json:"type,omitempty"`
	ID              int64  `json:"id,omitempty"`
	Provider        string `json:"provider,omitempty"`
	UID             string `json:"uid,omitempty"`
	Passwordless    bool   `json:"passwordless,omitempty"`
	Reauthenticated bool   `json:"reauthenticated,omitempty"`
	// Verified says that the authenticator verified its holder (WebAuthn Level 3, section 6.1,
	// flag UV), so that this entry is two factors. Records keep it, answers leave it out.
	Verified bool `json:"verified,omitempty"`
}

// ErrRecord says that stored bytes are no record. A reader treats the client
// as unknown and stores nothing over it by accident.
var ErrRecord = errors.New("not a record")

// ErrTooLarge says that what a stage keeps in its run is more than an anonymous record
// may take: nothing was stored.
var ErrTooLarge = errors.New("the record is too large")

// Run returns the run in the slot, or nil if there is none or its deadline has passed.
func (r *Record) Run(s Slot, now time.Time) *Run {
	for i := range r.Runs {
		if r.Runs[i].Slot == s {
			if r.Runs[i].expired(now) {
				return nil
			}
			return &r.Runs[i]
		}
	}
	return nil
}

// Put stores a run in its slot, replacing what was there.
func (r *Record) Put(run Run) {
	for i := range r.Runs {
		if r.Runs[i].Slot == run.Slot {
			r.Runs[i] = run
			return
		}
	}
	r.Runs = append(r.Runs, run)
}

// Drop empties a slot.
func (r *Record) Drop(s Slot) {
	for i := range r.Runs {
		if r.Runs[i].Slot == s {
			r.Runs = append(r.Runs[:i:i], r.Runs[i+1:]...)
			return
		}
	}
}

// remainder is what is left of a signed-in client's record when it signs in once more: the
// states of browsers at providers where the account is the same one.
func (r *Record) remainder(same bool, now time.Time) Record {
	var out Record
	if away := r.Run(SlotOAuth, now); same && away != nil {
		out.Put(*away)
	}
	return out
}

// MethodsOf is the client's log of authentications of the account, oldest first: none where
// it last authenticated to another.
func (r *Record) MethodsOf(owner AccountID) []Method {
	if r.Owner != owner {
		return nil
	}
	return r.Methods
}

// Log appends to the client's log of the account, forgetting the oldest entries. The log is
// one account's: what was known of another goes.
func (r *Record) Log(owner AccountID, m ...Method) {
	if len(m) == 0 {
		return
	}
	if old := r.MethodsOf(owner); len(old) == 0 {
		r.Methods = m[:len(m):len(m)]
	} else {
		r.Methods = append(old, m...)
	}
	r.Owner = owner
	if over := len(r.Methods) - MaxMethods; over > 0 {
		r.Methods = append([]Method(nil), r.Methods[over:]...)
	}
}

// dropLogin empties the slot of the run. Where it was to sign in an anonymous client, the log
// of what that client has shown goes, too.
func (r *Record) dropLogin(run *Run, c Client) {
	r.Drop(run.Slot)
	if run.Slot == SlotLogin && c.Account == "" {
		r.Methods, r.Owner = nil, ""
	}
}

// Clone returns a copy that shares nothing a step changes.
func (r *Record) Clone() Record {
	c := *r
	c.Runs = make([]Run, len(r.Runs))
	for i, run := range r.Runs {
		c.Runs[i] = run.clone()
	}
	c.Methods = r.Methods[:len(r.Methods):len(r.Methods)]
	return c
}

// expired reports whether the run's time, or that of its stage, is over.
func (r *Run) expired(now time.Time) bool {
	ms := now.UnixMilli()
	return r.Deadline <= ms || (r.Until != 0 && r.Until <= ms)
}

func (r Run) clone() Run {
	r.Trail = r.Trail[:len(r.Trail):len(r.Trail)]
	if r.Acts != nil {
		acts := make(map[string]int, len(r.Acts))
		for k, v := range r.Acts {
			acts[k] = v
		}
		r.Acts = acts
	}
	return r
}

// prune forgets runs whose deadline has passed.
func (r *Record) prune(now time.Time) {
	kept := r.Runs[:0]
	for _, run := range r.Runs {
		if !run.expired(now) {
			kept = append(kept, run)
		}
	}
	r.Runs = kept
}

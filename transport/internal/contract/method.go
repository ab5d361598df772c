package contract

import (
	"slices"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// Method is one entry of the log of authentications as both contracts show it; At is in
// seconds since 1970. What a record knows besides stays with the server.
type Method struct {
	method
	At float64 `json:"at"`
}

// method is an [engine.Method] without what answers leave out.
type method struct {
	Method          string `json:"method"`
	At              int64  `json:"at"`
	Email           string `json:"email,omitempty"`
	Phone           string `json:"phone,omitempty"`
	Username        string `json:"username,omitempty"`
	Type            string `json:"type,omitempty"`
	ID              int64  `json:"id,omitempty"`
	Provider        string `json:"provider,omitempty"`
	UID             string `json:"uid,omitempty"`
	Passwordless    bool   `json:"passwordless,omitempty"`
	Reauthenticated bool   `json:"reauthenticated,omitempty"`
}

// Methods is the log of the client's authentications to the account that is signed in, oldest
// first.
func (v *Visit) Methods() []engine.Method {
	return v.Entry.Record.MethodsOf(engine.AccountID(v.Ticket.Account))
}

// ShownMethods is the log as it is answered, never nil.
func (v *Visit) ShownMethods() []Method {
	out := make([]Method, 0, len(v.Methods()))
	for _, m := range v.Methods() {
		out = append(out, Method{At: wire.Seconds(time.UnixMilli(m.At)), method: method{
			Method: m.Method, Email: m.Email, Phone: m.Phone, Username: m.Username, Type: m.Type, ID: m.ID,
			Provider: m.Provider, UID: m.UID, Passwordless: m.Passwordless, Reauthenticated: m.Reauthenticated,
		}})
	}
	return out
}

// AuthenticatedAt is when the client last authenticated in its session, zero where it never
// did: a program had made the session.
func (v *Visit) AuthenticatedAt() time.Time {
	all := v.Methods()
	if len(all) == 0 {
		return time.Time{}
	}
	return time.UnixMilli(all[len(all)-1].At)
}

// SecondFactor reports whether the client has shown two factors in its session: a code, which
// never signs in by itself; a WebAuthn credential whose authenticator verified its holder; or
// one that was only touched, beside something else. Two touches of keys are one factor: the
// log forgets its oldest entries, and what is not in it is not taken for granted.
func (v *Visit) SecondFactor() bool {
	other := slices.ContainsFunc(v.Methods(), func(m engine.Method) bool { return m.Method != "mfa" })
	return slices.ContainsFunc(v.Methods(), func(m engine.Method) bool {
		return m.Method == "mfa" && (m.Type != string(state.WebAuthn) || m.Verified || other)
	})
}

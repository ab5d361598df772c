package acme

import (
	"context"
	"strings"

	"stagedoor/engine"
)

// Vault keeps accounts with an address of a domain to devices that have a key: an app or a script
// shows its key in the sign-in, and its session is bound to it (RFC 9449). A browser binds its session
// after the sign-in alone: one that has done so before passes, one that has not is asked for a
// login code. It needs session.device_bound.
func Vault(domain string) engine.Extension {
	due := engine.Stage{
		ID: "acme.vault_due", Kind: engine.Decides, Title: "must the device have a key?",
		Exits: engine.Exits{
			"free": {}, "binds": {}, "first": {}, "keyless": {}, "unreachable": {},
			"bound":  {Proves: []engine.Proof{"acme.device"}},
			"proved": {Needs: []engine.Proof{engine.Code}},
		},
		Reads: []string{"Own", "Bound", "Browser", "Binds", "ProvedCode", "Email", "Phone"},
		Because: map[engine.Reason]string{
			"vault=no":     "the account is none of the vault's",
			"bound=yes":    "the client has shown a key of its device, to which the session is bound",
			"binds=yes":    "the browser has bound a session to a key of its device before",
			"proved=code":  "the browser binds none so far, and this run has shown a code already",
			"binds=no":     "the browser binds none so far, as far as is known",
			"address=none": "the browser binds none so far, and there is no address or number to send a code to",
			"bound=no":     "the client has shown no key of its device",
		},
	}
	return engine.Extension{
		Owner: "acme",
		// Behind all that leads to a login code: in front of it a code that another stage asks for
		// would be a way around, which the proof of the flows finds.
		Splices: []engine.Splice{{
			Before: "phone_due",
			Nodes: engine.Nodes{"acme.vault_due": {Stage: due, Next: engine.Next{
				"free": engine.Onward, "bound": engine.Onward, "binds": engine.Onward, "proved": engine.Onward,
				"first": "login_by_code", "keyless": "refused", "unreachable": "refused",
			}}},
			Rules: []engine.Rule{{Proof: "acme.device", WaivedBy: []engine.Edge{
				{Node: "acme.vault_due", Exit: "free"}, {Node: "acme.vault_due", Exit: "binds"},
				{Node: "acme.vault_due", Exit: "first"}, {Node: "acme.vault_due", Exit: "proved"},
			}}},
		}},
		Deciders: map[engine.StageID]engine.Decider{"acme.vault_due": vault{"@" + domain}},
	}
}

// vault is the behaviour of the decision.
type vault struct{ at string }

// FactValues are what the decision can find.
func (v vault) FactValues() []string { return []string{"everybody", "vault"} }

// LoadFact looks at the account's address.
func (v vault) LoadFact(_ context.Context, q engine.FactQuery) (string, error) {
	if strings.HasSuffix(q.Person.Email, v.at) {
		return "vault", nil
	}
	return "everybody", nil
}

// Decide lets nobody of the vault pass without a key but a browser.
func (v vault) Decide(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.Own != "vault":
		return "free", "vault=no"
	case f.Bound:
		return "bound", "bound=yes"
	case !f.Browser:
		return "keyless", "bound=no"
	case f.Binds:
		return "binds", "binds=yes"
	case f.ProvedCode:
		return "proved", "proved=code"
	case f.Email == engine.Missing && f.Phone == engine.Missing:
		return "unreachable", "address=none"
	}
	return "first", "binds=no"
}

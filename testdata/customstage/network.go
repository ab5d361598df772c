package acme

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
)

// Network asks for a login code where somebody comes from a network that none of the
// account's sessions has come from. Nobody is asked who has just made the account, or has
// entered a code already.
func Network(sessions state.Sessions) engine.Extension {
	asked := engine.ExitSpec{Proves: []engine.Proof{"acme.network"}}
	due := engine.Stage{
		ID: "acme.network_due", Kind: engine.Decides, Title: "is the network a new one?",
		Exits: engine.Exits{
			"known": asked, "signup": asked, "new": asked, "unreachable": {},
			"proved": {Proves: asked.Proves, Needs: []engine.Proof{engine.Code}},
		},
		Reads: []string{"Own", "Signup", "ProvedCode", "Email", "Phone"},
		Because: map[engine.Reason]string{
			"signup":        "the account was made just now",
			"proved=code":   "this run has shown a code already",
			"network=known": "a session of the account came from this network",
			"network=new":   "no session of the account came from this network",
			"address=none":  "the network is new, and there is no address or number to send a code to",
		},
	}
	return engine.Extension{
		Owner: "acme",
		Splices: []engine.Splice{{
			Before: "code_due",
			Nodes: engine.Nodes{"acme.network_due": {Stage: due, Next: engine.Next{
				"known": engine.Onward, "signup": engine.Onward, "proved": engine.Onward, "new": "login_by_code", "unreachable": "refused",
			}}},
			Rules: []engine.Rule{{Proof: "acme.network"}},
		}},
		Deciders: map[engine.StageID]engine.Decider{"acme.network_due": network{sessions}},
	}
}

// network is the behaviour of the decision.
type network struct{ sessions state.Sessions }

// FactValues are what the decision can find.
func (n network) FactValues() []string { return []string{"known", "new"} }

// LoadFact compares the client's network with those of the sessions that go on.
func (n network) LoadFact(ctx context.Context, q engine.FactQuery) (string, error) {
	here := networkOf(q.Client.From())
	sessions, err := n.sessions.SessionsOf(ctx, state.AccountID(q.Subject), q.Now)
	if err != nil {
		return "", err
	}
	if here.IsValid() && slices.ContainsFunc(sessions, func(s state.Session) bool { return networkOf(s.IP) == here }) {
		return "known", nil
	}
	return "new", nil
}

// Decide asks for a code where the network is new.
func (n network) Decide(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.ProvedCode:
		return "proved", "proved=code"
	case f.Signup:
		return "signup", "signup"
	case f.Own == "known":
		return "known", "network=known"
	case f.Email == engine.Missing && f.Phone == engine.Missing:
		return "unreachable", "address=none"
	}
	return "new", "network=new"
}

// networkOf is the /24 or /48 of an address; the zero Prefix for anything else.
func networkOf(ip string) netip.Prefix {
	// IPv6 clients are known by the /64 they are in.
	ip, _, _ = strings.Cut(ip, "/")
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Prefix{}
	}
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	prefix, _ := addr.Prefix(bits)
	return prefix
}

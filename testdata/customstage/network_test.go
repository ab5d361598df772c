package acme

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"stagedoor/engine"
	"stagedoor/state"
)

// TestNetwork: a code is asked for where the network is new, and not again there.
func TestNetwork(t *testing.T) {
	l := newLab(t)
	l.somebody("ann@example.org")
	l.from = "192.0.2.200"
	l.login("ann@example.org").is(200)
	l.from = "198.51.100.1"
	r := l.login("ann@example.org").waits("login_by_code")
	l.rest("/stages/login_by_code/", "", m{"token": r.FlowToken, "code": "WRNG-WRNG"}).is(400)
	l.rest("/stages/login_by_code/", "", m{"token": r.FlowToken, "code": l.mail.code(t, "ann@example.org")}).is(200)
	l.login("ann@example.org").is(200)
}

// TestNetworkOfOldSessions: sessions that are over tell nothing.
func TestNetworkOfOldSessions(t *testing.T) {
	l := newLab(t)
	l.somebody("ann@example.org")
	l.pass(31 * 24 * time.Hour)
	l.login("ann@example.org").waits("login_by_code")
}

// TestNetworkDecision goes through all that the decision can see: it never lets a new
// network pass without a code, and never asks where none can be sent.
func TestNetworkDecision(t *testing.T) {
	d := network{}
	err := engine.Valuations([]string{"Own", "Signup", "ProvedCode", "Email", "Phone"}, d.FactValues(), func(f engine.Facts) bool {
		exit, reason := d.Decide(f)
		reachable := f.Email != engine.Missing || f.Phone != engine.Missing
		switch {
		case (exit == "proved") != f.ProvedCode,
			exit == "known" && f.Own != "known",
			exit == "signup" && !f.Signup,
			exit == "new" && (!reachable || f.Own != "new"),
			exit == "unreachable" && reachable,
			reason == "":
			t.Errorf("%+v leaves by %s, %s", f, exit, reason)
		}
		return true
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNetworkOf(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.7": "192.0.2.0/24", "192.0.2.255": "192.0.2.0/24", "2001:db8:1:2::/64": "2001:db8:1::/48", "2001:db8:1::9": "2001:db8:1::/48",
		"unknown": "invalid Prefix", "": "invalid Prefix",
	} {
		if got := networkOf(ip).String(); got != want {
			t.Errorf("%q is of %s, want %s", ip, got, want)
		}
	}
}

// TestUnknownNetwork: a client without an address is on a new network every time.
func TestUnknownNetwork(t *testing.T) {
	d := network{sessionsOf{{IP: "unknown"}, {IP: ""}}}
	fact, err := d.LoadFact(t.Context(), engine.FactQuery{Client: engine.Client{IP: "unknown"}})
	if err != nil || fact != "new" {
		t.Errorf("%s, %v", fact, err)
	}
}

// TestSecondFactorStays: neither stage is a way around the second factor.
func TestSecondFactorStays(t *testing.T) {
	l := newLab(t)
	l.somebody("ann@example.org")
	access := l.login("ann@example.org").is(200).Access
	l.rest("/stages/reauthenticate/", access, m{"password": password}).is(200)
	secret := l.rest("/mfa/totp/add/", access, m{}).is(200).Secret
	l.rest("/mfa/totp/confirm/", access, m{"secret": secret, "code": code(t, secret, l.clock())}).is(200)
	l.pass(time.Minute)
	l.from = "198.51.100.1"
	r := l.login("ann@example.org").waits("login_by_code")
	l.accept(r).is(409)
	r = l.rest("/stages/login_by_code/", "", m{"token": r.FlowToken, "code": l.mail.code(t, "ann@example.org")}).waits("mfa_authenticate")
	l.accept(r).is(409)
	l.rest("/stages/mfa_authenticate/", "", m{"token": r.FlowToken, "code": code(t, secret, l.clock())}).is(200)
	for _, f := range l.Flows().All() {
		if report := engine.Check(f.Graph).String(); strings.Contains(report, "FAILS") || !strings.Contains(report, "acme.terms") && strings.Contains(report, "grants a session") {
			t.Errorf("%s", report)
		}
	}
}

// sessionsOf are the sessions of everybody.
type sessionsOf []state.Session

// SessionsOf lists them.
func (s sessionsOf) SessionsOf(context.Context, state.AccountID, time.Time) ([]state.Session, error) {
	return s, nil
}

// Session and Touch find none.
func (s sessionsOf) Session(context.Context, []byte, time.Time) (*state.Session, *state.Account, error) {
	return nil, nil, state.ErrNotFound
}

func (s sessionsOf) Touch(context.Context, int64, state.Seen) (state.Binding, error) {
	return state.Binding{}, state.ErrNotFound
}

// code is the TOTP code of now.
func code(t *testing.T, secret string, now time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, now)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

package servers

import (
	"slices"
	"testing"

	"stagedoor/transport/server"
)

// sideBySide runs two servers of one release beside one of another, whose
// graphs differ: it asks for a code by mail at every sign-in besides. A run that was begun at the
// one and is answered at the other has a next move there, and comes to a session only with
// what the graph that grants it demands.
func sideBySide(t *testing.T) {
	at := freeAddress(t)
	const stricter = "account: {email_verification_by_code_enabled: true, login_by_code_enabled: true, login_by_code_required: true}\n"
	f := newFleet(t, "default", at, "", "", "", stricter)
	older, newer := "http://"+f.workers[0].addr, "http://"+f.workers[2].addr
	people := f.people(1, func(n *server.NewAccount) { n.TOTP, n.RecoveryCodes = true, true })
	codes := people[0].RecoveryCodes

	a := f.newApp(older)
	a.login(address(0))
	a.must(401, "mfa_authenticate", "GET", "/auth/session", nil)

	// The other release does not know this run: it says so and offers what there is to begin.
	a.base = newer
	a.must(401, "", "GET", "/auth/session", nil)
	a.must(401, "", "POST", "/auth/2fa/authenticate", code(codes[0]))
	// What was begun is there still for who comes back to where it began.
	a.base = older
	a.must(401, "mfa_authenticate", "GET", "/auth/session", nil)

	// Begun anew at the newer release it takes all that this one demands.
	a = f.newApp(newer)
	a.login(address(0))
	a.must(401, "login_by_code", "GET", "/auth/session", nil)
	a.base = older
	if got := a.ask("POST", "/auth/code/confirm", code("BCDF-GHJK")); got.in || got.status == 200 {
		t.Errorf("a code of a run that this release does not know: %d %s", got.status, got.raw)
	}
	a.base = newer
	if err := f.quiet(t.Context()); err != nil {
		t.Fatal(err)
	}
	mails := f.inbox.Take(address(0))
	if len(mails) != 1 {
		t.Fatalf("%d mails, want the code", len(mails))
	}
	a.must(401, "mfa_authenticate", "POST", "/auth/code/confirm", code(mails[0].Code))
	got := a.must(200, "", "POST", "/auth/2fa/authenticate", code(codes[0]))
	if want := []string{"password", "code", "mfa recovery_codes"}; !slices.Equal(got.methods, want) {
		t.Errorf("signed in by %q, want %q", got.methods, want)
	}
	// A session is a session at both.
	a.base = older
	a.must(200, "", "GET", "/auth/session", nil)

	b := f.newApp(older)
	b.login(address(0))
	got = b.must(200, "", "POST", "/auth/2fa/authenticate", code(codes[1]))
	if want := []string{"password", "mfa recovery_codes"}; !slices.Equal(got.methods, want) {
		t.Errorf("signed in by %q, want %q", got.methods, want)
	}
	b = f.newApp(older)
	b.login(address(0))
	b.must(400, "", "POST", "/auth/2fa/authenticate", code(codes[1]))
}

func code(c string) map[string]string { return map[string]string{"code": c} }

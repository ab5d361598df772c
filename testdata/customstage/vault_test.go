package acme

import (
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// withVault adds the vault to what the server is made of.
func withVault(c *config.Config, o *server.Options) {
	c.Session.DeviceBound = "offer"
	o.Extend = func(p server.Parts) []engine.Extension {
		return append(Extensions(p), Vault("vault.acme.example"))
	}
}

// TestVaultDecision goes through all that the decision can see: nobody of the vault passes
// without a key but a browser, and that with a code, unless it is known to bind.
func TestVaultDecision(t *testing.T) {
	d := vault{"@vault.acme.example"}
	err := engine.Valuations([]string{"Own", "Bound", "Browser", "Binds", "ProvedCode", "Email", "Phone"}, d.FactValues(), func(f engine.Facts) bool {
		exit, reason := d.Decide(f)
		inside, reachable := f.Own == "vault", f.Email != engine.Missing || f.Phone != engine.Missing
		switch {
		case (exit == "free") == inside,
			(exit == "bound") != (inside && f.Bound),
			(exit == "keyless") != (inside && !f.Bound && !f.Browser),
			exit == "binds" && !(f.Browser && f.Binds),
			exit == "proved" && !(f.Browser && f.ProvedCode),
			exit == "first" && !(f.Browser && reachable),
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

// TestVaultInTheMatrix: it tells clients with a key from those without.
func TestVaultInTheMatrix(t *testing.T) {
	c := config.Dev()
	o := server.Options{}
	withVault(&c, &o)
	x, err := server.Check(c, o)
	if err != nil || !x.OK() {
		t.Fatalf("%v, %v", err, x.Faults)
	}
	m, err := server.Matrix(c, o)
	if err != nil {
		t.Fatal(err)
	}
	text := m.String()
	for _, want := range []string{"key of its device", "no key of its device", "binds its sessions", "binds no sessions", "acme.vault_due: vault"} {
		if !strings.Contains(text, want) {
			t.Errorf("the matrix does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "browser, key of its device") {
		t.Errorf("a browser shows a key before it can have one:\n%s", text)
	}
	off := config.Dev()
	withVault(&off, &o)
	off.Session.DeviceBound = "off"
	if m, err = server.Matrix(off, o); err != nil || strings.Contains(m.String(), ", key of its device") || strings.Contains(m.String(), "app, key") {
		t.Errorf("%v: where no session is bound there is somebody with a key:\n%s", err, m)
	}
}

// TestVaultWantsAKey: an account of the vault is refused to a script without a key, any other is
// not.
func TestVaultWantsAKey(t *testing.T) {
	l := newLab(t, withVault)
	l.somebody("ann@example.org")
	l.login("ann@example.org").is(200)
	run := l.rest("/signup/", "", m{"email": "ann@vault.acme.example", "password": password}).is(401)
	if run.Pending || run.FlowToken != "" {
		t.Errorf("something is pending: %s", run.Raw)
	}
	r := l.login("ann@vault.acme.example").waits("login_by_code")
	r = l.rest("/stages/login_by_code/", "", m{"token": r.FlowToken, "code": l.mail.code(t, "ann@vault.acme.example")})
	if r.is(401); r.Pending || r.Access != "" {
		t.Errorf("signed in without a key: %s", r.Raw)
	}
}

package acme

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
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

// TestVaultLetsAKeyIn: with the key of its device a script signs in, and is nobody without it.
func TestVaultLetsAKeyIn(t *testing.T) {
	l := newLab(t, withVault)
	var err error
	if l.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	access := l.somebody("ann@vault.acme.example")
	l.send("GET", "/auth/user/", access, nil).is(200)
	if session := l.send("GET", "/auth/session/", access, nil).is(200).Raw; !strings.Contains(session, `"bound":true`) {
		t.Errorf("the session: %s", session)
	}
	l.key = nil
	l.send("GET", "/auth/user/", access, nil).is(401)
}

// proof proves to hold the lab's key (RFC 9449, section 4.2).
func (l *lab) proof(method, path, token string) string {
	l.t.Helper()
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			l.t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	point, err := l.key.PublicKey.Bytes()
	if err != nil {
		l.t.Fatal(err)
	}
	coordinate := base64.RawURLEncoding.EncodeToString
	claims := m{"jti": rand.Text(), "htm": method, "htu": l.config.Origin() + path, "iat": l.clock().Unix()}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = coordinate(sum[:])
	}
	signed := part(m{"typ": "dpop+jwt", "alg": "ES256", "jwk": m{
		"kty": "EC", "crv": "P-256", "x": coordinate(point[1:33]), "y": coordinate(point[33:]),
	}}) + "." + part(claims)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, l.key, digest[:])
	if err != nil {
		l.t.Fatal(err)
	}
	return signed + "." + coordinate(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

package authenticators

import (
	"encoding/json"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

func TestMain(m *testing.M) { suite.Main(m) }

// root is the top of the repository; below projects are the programs that stand for devices.
const (
	root     = "../../../.."
	projects = root + "/testdata/authenticators"
)

// device is an authenticator with the client before it. What it answers is for the server to
// judge; an error of Create and Get is that the client refused by itself.
type device interface {
	// Create answers creation options, as the server sent them, and Get request options, for a
	// page of an origin.
	Create(options json.RawMessage, origin string) (json.RawMessage, error)
	Get(options json.RawMessage, origin string) (json.RawMessage, error)
	// Empty has it forget its credentials.
	Empty()
	// Change makes it another: see the constants. It reports false where it knows no such thing.
	Change(into string) bool
}

// What a device can change into.
const (
	// moved has credentials that can be, and are, in several places where they were not, or the
	// other way about (the flags BE and BS).
	moved = "moved"
	// unverified tells no more who holds it.
	unverified = "unverified"
	// restarted counts its signatures from the beginning.
	restarted = "restarted"
)

// family are authenticators that come from one place.
type family struct {
	name string
	// version is what was tried.
	version string
	// open makes what variants of it share; it skips the test where something is missing.
	open     func(t *testing.T, l *suite.Lab) opener
	variants []variant
}

// opener makes the device of a variant.
type opener func(t *testing.T, v variant) device

// variant is one kind of authenticator of a family, under the name of its row in the table;
// several may share a row, where the same comes of all of them.
type variant struct {
	row, name string
	// made is what the family makes the device of.
	made any
	// keeps says that it keeps passkeys, and verifies that it can tell who holds it. Whatever
	// does both signs in alone; of everything else the client refuses it.
	keeps, verifies bool
	// unknown says that it has no algorithm that the server offers: the client refuses all.
	unknown bool
}

// passkeys switches everything about WebAuthn on.
func passkeys(c *config.Config, o *server.Options) {
	suite.ByCode(c, o)
	c.Serve.Rest = true
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
	c.MFA.PasskeyLoginEnabled, c.MFA.PasskeySignupEnabled = true, true
}

// families are all, in the order of the table.
func families() []family {
	return []family{chromium(), pythonFido2(), nid(), virtual()}
}

// TestAuthenticators walks all cases with every authenticator, and holds the README's table
// against what came of them.
func TestAuthenticators(t *testing.T) {
	if suite.Raced {
		t.Skip("what is slow here is the browser's and the interpreters': it is walked without the race detector")
	}
	results := make([]result, len(families()))
	t.Run("all", func(t *testing.T) {
		for i, f := range families() {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				l := suite.NewLab(t, passkeys)
				open := f.open(t, l)
				rows := map[string]row{}
				for _, v := range f.variants {
					t.Run(v.row+" "+v.name, func(t *testing.T) {
						lab := *l
						lab.T = t
						rows[v.row] = rows[v.row].with(t, v, walk{Lab: &lab, variant: v, device: open(t, v)}.all(t))
					})
				}
				results[i] = result{ran: true, rows: rows}
			})
		}
	})
	holdReadme(t, results)
}

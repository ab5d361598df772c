package journeys

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// upgrades lets browsers make passkeys by themselves.
func upgrades(c *config.Config, o *server.Options) {
	strictPasskeys(c, o)
	c.MFA.PasskeyUpgradeEnabled = true
}

// silent is a passkey that a browser makes by itself: nobody touches anything.
func silent(l *suite.Lab) *softKey {
	k := newSoftKey(l)
	k.key.Options.UserNotPresent, k.key.Options.UserNotVerified = true, true
	return k
}

// touched is the passkey as it is used afterwards.
func (k *softKey) touched() *softKey {
	k.key.Options.UserNotPresent, k.key.Options.UserNotVerified = false, false
	return k
}

// After a sign-in with a password a browser makes a passkey by itself, with no other proof and
// nobody's touch; it signs in from then on. That is so where the configuration says it, for a
// while, and for such a passkey alone.
func TestPasskeyMadeSilently(t *testing.T) {
	l := suite.NewLab(t, upgrades)
	s := l.Insider("ada@example.com")
	k := silent(l)
	ask := func(body suite.M) *suite.Said { return s.Post("/mfa/webauthn/add/", body) }
	ask(suite.M{}).Is(401)
	ask(suite.M{"passwordless": true}).Is(401)
	begun := ask(suite.M{"conditional": true}).Is(200)
	answer := k.create(t, begun)
	ask(suite.M{"credential": answer}).Is(401)
	ask(suite.M{"credential": answer, "conditional": true, "name": "phone"}).Is(200)
	ask(suite.M{"credential": answer, "conditional": true}).Is(401) // the account has a factor now that this session has not shown
	k.touched().shows(t, l).Entered("ada@example.com")

	// Options of another kind need a proof also when they are answered, and a touch.
	s.Prove()
	begun = ask(suite.M{"passwordless": true}).Is(200)
	ask(suite.M{"credential": silent(l).create(t, begun)}).Is(400, "__all__:incorrect_code")
	ask(suite.M{"credential": newSoftKey(l).create(t, begun), "conditional": true}).Is(400, "__all__:incorrect_code")

	// A sign-in of long ago is none.
	l.Clock.Pass(6 * time.Minute)
	ask(suite.M{"conditional": true}).Is(401)
}

// Nothing of it is there where it is switched off, nor for who has signed in without a password,
// nor before the second factor that the account has was shown.
func TestPasskeyIsNotMadeSilently(t *testing.T) {
	l := suite.NewLab(t, strictPasskeys)
	l.Insider("ada@example.com").Post("/mfa/webauthn/add/", suite.M{"conditional": true}).Is(404)

	l = suite.NewLab(t, upgrades)
	k := insiderWithPasskey(t, l)
	entered := k.shows(t, l).Entered("ada@example.com")
	s := l.Script()
	s.Access = entered.Access
	s.Post("/mfa/webauthn/add/", suite.M{"conditional": true}).Is(401)
}

// TestPasskeyMadeSilentlyHeadless is the same on the other contract, for both clients.
func TestPasskeyMadeSilentlyHeadless(t *testing.T) {
	for _, kind := range []string{"browser", "app"} {
		l := suite.NewLab(t, upgrades)
		l.Insider("ada@example.com")
		c, k := l.Client(kind), silent(l)
		c.Login("ada@example.com").Is(200)
		c.Do("GET", "/account/authenticators/webauthn?passwordless", nil).Is(401)
		begun := c.Do("GET", "/account/authenticators/webauthn?conditional", nil).Is(200)
		var body struct {
			Data struct {
				Options json.RawMessage `json:"creation_options"`
			}
		}
		if err := json.Unmarshal([]byte(begun.Raw), &body); err != nil {
			t.Fatal(err)
		}
		options, err := virtualwebauthn.ParseAttestationOptions(string(body.Data.Options))
		if err != nil {
			t.Fatal(err)
		}
		k.key.Options.UserHandle = []byte(options.UserID)
		answer := json.RawMessage(virtualwebauthn.CreateAttestationResponse(k.rp, k.key, k.cred, *options))
		c.Do("POST", "/account/authenticators/webauthn", suite.M{"credential": answer}).Is(401)
		c.Do("POST", "/account/authenticators/webauthn", suite.M{"credential": answer, "conditional": true}).Is(200)
		k.touched().shows(t, l).Entered("ada@example.com")
	}
	l := suite.NewLab(t, strictPasskeys)
	l.Insider("ada@example.com")
	c := l.App()
	c.Login("ada@example.com").Is(200)
	c.Do("GET", "/account/authenticators/webauthn?conditional", nil).Is(404, ":not_found")
}

package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"maps"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// appleSecretLife is how long a client secret holds; Apple permits half a year.
	appleSecretLife = 5 * time.Minute
	// maxAppleUser is the longest user that is read of a callback, in bytes.
	maxAppleUser = 4 << 10
)

// appleKey signs client secrets (Sign in with Apple REST API, "Creating a client
// secret").
type appleKey struct {
	team, id string
	key      *ecdsa.PrivateKey
}

// appleKeyOf reads the key out of the settings. It is nil where the configuration has a
// secret that was signed elsewhere.
func appleKeyOf(cfg Config) (*appleKey, error) {
	team, id, text := cfg.Settings["team_id"], cfg.Settings["key_id"], cfg.Settings["private_key"]
	if team == "" && id == "" && text == "" && cfg.Secret != "" {
		return nil, nil
	}
	if team == "" || id == "" || text == "" {
		return nil, errors.New("settings: apple needs team_id, key_id and private_key, or a signed secret")
	}
	key, err := jwt.ParseECPrivateKeyFromPEM([]byte(text))
	if err != nil || key.Curve != elliptic.P256() {
		return nil, errors.New("settings.private_key: no P-256 private key in PEM: it is the .p8 file that apple made")
	}
	return &appleKey{team: team, id: id, key: key}, nil
}

// sign makes a client secret.
func (k *appleKey) sign(clientID string, now time.Time) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.RegisteredClaims{
		Issuer: k.team, Subject: clientID, Audience: jwt.ClaimStrings{"https://appleid.apple.com"},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(appleSecretLife)),
	})
	token.Header["kid"] = k.id
	signed, err := token.SignedString(k.key)
	if err != nil {
		return "", fault(ErrRefused, "the client secret cannot be signed")
	}
	return signed, nil
}

// withAppleName adds the name that Apple sends beside the code, the first time somebody
// signs in. It comes through the browser, so it may say anything: nothing but the name is
// taken, and never an address.
func withAppleName(id object, form url.Values) object {
	text := form.Get("user")
	user, err := parse([]byte(text))
	if text == "" || len(text) > maxAppleUser || err != nil {
		return id
	}
	out := maps.Clone(id)
	if given := user.text("name.firstName"); given != "" {
		out["given_name"] = given
	}
	if family := user.text("name.lastName"); family != "" {
		out["family_name"] = family
	}
	return out
}

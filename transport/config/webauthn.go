package config

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"stagedoor/stages"
)

// WebAuthnOrigins may run ceremonies: those configured, pages of other domains that are related
// included. Where no page is configured, the trusted ones that belong to the RP id stand for
// them, beside the apps. A loopback address stands for localhost, where browsers run ceremonies
// instead.
func (c Config) WebAuthnOrigins() []string {
	origins := slices.Clone(c.MFA.WebAuthnOrigins)
	if !slices.ContainsFunc(origins, isPage) {
		origins = append(c.ownWebAuthnOrigins(), origins...)
	}
	return unique(append(origins, c.MFA.WebAuthnRelatedOrigins...))
}

// ownWebAuthnOrigins are the trusted origins that belong to the RP id.
func (c Config) ownWebAuthnOrigins() []string {
	var origins []string
	for _, origin := range c.TrustedOrigins() {
		if origin = localhostFor(origin); mayClaim(hostOf(origin), c.RPID()) {
			origins = append(origins, origin)
		}
	}
	return origins
}

// localhostFor is an origin with localhost in place of a loopback address.
func localhostFor(origin string) string {
	host := hostOf(origin)
	if !isLoopback(host) {
		return origin
	}
	return strings.Replace(strings.Replace(origin, "["+host+"]", host, 1), host, "localhost", 1)
}

// androidApp is how Android calls an app: by the SHA-256 of the certificate that signs it, in
// base64url without padding (developer.android.com, "Verify the origin").
const androidApp = "android:apk-key-hash:"

// isApp says whether an origin is meant to be that of an app.
func isApp(origin string) bool {
	low := strings.ToLower(origin)
	return strings.HasPrefix(low, "android:") || strings.HasPrefix(low, "ios:") || fingerprint(origin) != nil || stages.IsAppOrigin(origin)
}

// fingerprint is the SHA-256 of a certificate as keytool and the Play Console print it, with or
// without what stands before it there; nil of another text.
func fingerprint(text string) []byte {
	text = strings.TrimPrefix(text, androidApp)
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "SHA256:"))
	sum, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	if err != nil || len(sum) != 32 {
		return nil
	}
	return sum
}

// isPage says whether an origin is that of a page.
func isPage(origin string) bool { return !isApp(origin) }

// notApp says why a text is no app's origin as its platform says it, or nothing.
func notApp(origin string) (problem, hint string) {
	hash, android := strings.CutPrefix(origin, androidApp)
	if sum := fingerprint(origin); sum != nil {
		return "the fingerprint is in hexadecimal", "write " + androidApp + base64.RawURLEncoding.EncodeToString(sum)
	}
	switch {
	case strings.HasPrefix(strings.ToLower(origin), "ios:"):
		return "no app has such an origin", "an iOS app says https:// and the RP id"
	case !android && !strings.HasPrefix(strings.ToLower(origin), "android:"):
		return "", ""
	case !android:
		return "not an app as Android calls it", "write " + androidApp + " and the SHA-256 of the signing certificate in base64url"
	}
	if sum, err := base64.RawURLEncoding.Strict().DecodeString(hash); err == nil && len(sum) == 32 {
		return "", ""
	}
	if sum, err := base64.StdEncoding.DecodeString(hash); err == nil && len(sum) == 32 {
		return "the fingerprint is not in base64url without padding", "write " + androidApp + base64.RawURLEncoding.EncodeToString(sum)
	}
	return "not the SHA-256 of a certificate in base64url", "43 characters, of what keytool -list -v prints as SHA256 of the app's certificate"
}

// webAuthnOrigins checks that browsers let the origins have passkeys of the RP id: those of the
// domain by themselves, others because /.well-known/webauthn names them.
func (k *checker) webAuthnOrigins(id string) {
	m := k.c.MFA
	if !slices.ContainsFunc(m.WebAuthnOrigins, isPage) && !m.WebAuthnAllowInsecureOrigin && len(k.c.ownWebAuthnOrigins()) == 0 {
		k.wrong("mfa.webauthn_rp_id", "no trusted origin belongs to it", id, "the public URL "+k.c.Origin()+" is not of that domain")
	}
	for _, origin := range m.WebAuthnOrigins {
		if isPage(origin) && !mayClaim(hostOf(origin), id) {
			hint := "set mfa.webauthn_rp_id to a domain of all of them, or list it in mfa.webauthn_related_origins"
			if belongs(hostOf(origin), id) {
				hint = "browsers leave passkeys of " + id + " to pages of that host itself, since nobody can register it"
			}
			k.wrong("mfa.webauthn_origins", "does not belong to the RP id "+id, origin, hint)
		}
	}
	var related []string
	for _, origin := range m.WebAuthnRelatedOrigins {
		switch problem, _ := notOrigin(origin); {
		case problem != "":
			continue
		case mayClaim(hostOf(origin), id):
			k.wrong("mfa.webauthn_related_origins", "belongs to the RP id "+id+" already", origin, "list it in mfa.webauthn_origins")
		case !strings.HasPrefix(origin, "https://"):
			k.wrong("mfa.webauthn_related_origins", "plain http", origin, "browsers have no passkeys there")
		}
		related = append(related, origin)
	}
	if _, err := stages.RelatedOrigins(related); err != nil {
		k.wrong("mfa.webauthn_related_origins", "more than five names", len(related),
			"browsers read no more of them; example.com, app.example.com and example.org are one name, and example-shop.com is another")
	}
	for _, origin := range m.WebAuthnTopOrigins {
		if problem, _ := notOrigin(origin); problem == "" && strings.HasPrefix(origin, "http://") && !isLocal(hostOf(origin)) {
			k.wrong("mfa.webauthn_top_origins", "plain http", origin, "anybody on the way could put pages into it; have it on https")
		}
	}
}

// sharedPasskeysAdvice is about passkeys that are had more easily than otherwise, by pages of
// other sites or by a browser alone: what browsers must find for it, and what is given away.
func (c Config) sharedPasskeysAdvice() []Advice {
	if !c.usesPasskeys() {
		return nil
	}
	var out []Advice
	if c.MFA.PasskeyUpgradeEnabled && c.MFA.ReauthenticationRequired {
		out = append(out, Advice{c.Origin(), "takes a passkey that a browser makes by itself after a sign-in with a password, without another proof: whoever comes upon that browser meanwhile can add one (mfa.passkey_upgrade_enabled)", []string{}})
	}
	if c.MFA.PasskeyUpgradeEnabled {
		out = append(out, Advice{c.Origin(), "makes its accounts ones with a second factor by passkeys that browsers make: in a browser without the passkey their password alone signs nobody in any more, and their recovery codes nobody has seen (mfa.passkey_upgrade_enabled)", []string{}})
	}
	home := "https://" + c.RPID()
	if len(c.MFA.WebAuthnRelatedOrigins) > 0 && c.Origin() != home {
		out = append(out, Advice{home, "must answer /.well-known/webauthn as this server does at " + c.Origin() +
			"/.well-known/webauthn: browsers look there for whether " + strings.Join(c.MFA.WebAuthnRelatedOrigins, ", ") + " may use its passkeys", []string{}})
	}
	for _, origin := range c.MFA.WebAuthnTopOrigins {
		out = append(out, Advice{origin, "may have people use passkeys in a frame of its pages: what is around the frame, and over it, is its own", []string{}})
	}
	return out
}

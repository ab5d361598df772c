package provider

import (
	"context"
	"slices"
	"strings"
)

const (
	// maxSID is the longest name of a session that is kept, in bytes.
	maxSID = 255
	// maxHint is the longest id_token that is kept to sign out with, in bytes: it travels in a URL,
	// and many servers take none of more than 8 KiB.
	maxHint = 4 << 10
)

// Session is the session of a person at an OpenID Connect provider, as an id_token tells it.
type Session struct {
	// Issuer and Subject are the token's iss and sub.
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
	// SID names the session, "" where the provider does not say it, or by a name that is none.
	SID string `json:"sid,omitempty"`
	// Hint is the sealed IDToken; this package leaves it empty.
	Hint []byte `json:"hint,omitempty"`
	// IDToken is the token itself, to sign out with, where that is wanted. It is never written out.
	IDToken string `json:"-"`
}

// EndsSessions tells whether the provider's sign-outs are taken here (back-channel logout).
func (p *Provider) EndsSessions() bool { return p.backchannel }

// SignsOut tells whether who signs out here is sent to the provider, to sign out there, too.
func (p *Provider) SignsOut() bool { return p.signOut }

// session is that of a verified id_token, nil where nobody wants to know.
func (p *Provider) session(raw string, claims object) *Session {
	s := &Session{Issuer: nameIn(claims, "iss"), Subject: nameIn(claims, "sub"), SID: nameIn(claims, "sid")}
	if !p.signOut && !p.backchannel || s.Issuer == "" || s.Subject == "" {
		return nil
	}
	if p.signOut && len(raw) <= maxHint {
		s.IDToken = raw
	}
	return s
}

// begun notes the session of a verified id_token in an assertion. A token that is kept to sign
// out with is used up: it will be seen in a URL, and must sign nobody in.
func (p *Provider) begun(ctx context.Context, a Assertion, raw string, claims object) (Assertion, error) {
	a.Session = p.session(raw, claims)
	if a.Session == nil || a.Session.IDToken == "" {
		return a, nil
	}
	if err := p.spend(ctx, raw, claims); err != nil {
		return Assertion{}, err
	}
	return a, nil
}

// nameIn is a name in claims, "" for one that could not be kept as it is.
func nameIn(claims object, key string) string {
	name := claims.text(key)
	if len(name) > maxSID || strings.ContainsFunc(name, unfit) {
		return ""
	}
	return name
}

// audienceOf is for which of our client ids an id_token of ours is, as far as it says one.
func (p *Provider) audienceOf(raw string) string {
	claims, err := partOf(raw, 1)
	if err != nil {
		return p.clientID()
	}
	all := append([]string{claims.text("azp")}, audiences(claims)...)
	for _, one := range all {
		if one != "" && slices.Contains(p.clientIDs, one) {
			return one
		}
	}
	return p.clientID()
}

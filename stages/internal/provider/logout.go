package provider

import (
	"context"
	"crypto/sha256"
	"net/url"
	"slices"
	"strings"
	"time"
)

// logoutEvent is by what a token declares itself a logout_token (OpenID Connect Back-Channel
// Logout, section 2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// maxLogoutAge bounds for how long a logout_token may be good that does not say it itself.
const maxLogoutAge = 10 * time.Minute

// Logout is a provider's word that somebody has signed out there.
type Logout struct {
	// Issuer is the provider, Subject the person and SID the session there. One of the last two may
	// be "": without a SID all sessions of the person are meant.
	Issuer, Subject, SID string
	// Token names the word, so that it counts once.
	Token []byte
	// IssuedAt is when it was given, ExpiresAt until when it is good.
	IssuedAt, ExpiresAt time.Time
}

// SignOutURL is where to send a browser so that its person signs out at the provider
// (OpenID Connect RP-Initiated Logout, section 2): "" where the configuration does not want
// that, or the provider has no such page. The id_token is that of the sign-in, "" where it was not
// kept. Errors: [ErrUnreachable].
func (p *Provider) SignOutURL(ctx context.Context, idToken string) (string, error) {
	if !p.signOut {
		return "", nil
	}
	at, err := p.endpoints(ctx)
	if err != nil {
		return "", p.named(err)
	}
	if at.endSession == "" {
		return "", nil
	}
	u, err := url.Parse(at.endSession)
	if err != nil {
		return "", p.named(fault(ErrUnreachable, "no usable end_session_endpoint"))
	}
	q := u.Query()
	q.Set("client_id", p.audienceOf(idToken))
	if idToken != "" {
		q.Set("id_token_hint", idToken)
	}
	if p.afterSignOut != "" {
		q.Set("post_logout_redirect_uri", p.afterSignOut)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// signOutPage is the end_session_endpoint of metadata, "" for one that nobody can be sent to: people
// sign in all the same.
func (p *Provider) signOutPage(text string) string {
	if p.usable("end_session_endpoint", text) != nil {
		return ""
	}
	return text
}

// VerifyLogout checks a logout_token (OpenID Connect Back-Channel Logout, section 2.6), all but
// whether it came before. Errors: [ErrUnsupported] where the configuration takes none,
// [ErrInvalidToken], [ErrUnreachable].
func (p *Provider) VerifyLogout(ctx context.Context, raw string) (Logout, error) {
	l, err := p.verifyLogout(ctx, raw)
	if err != nil {
		return Logout{}, p.named(err)
	}
	return l, nil
}

func (p *Provider) verifyLogout(ctx context.Context, raw string) (Logout, error) {
	if !p.backchannel {
		return Logout{}, fault(ErrUnsupported, "backchannel_logout is off")
	}
	if len(raw) > maxIDToken || !compact.MatchString(raw) {
		return Logout{}, fault(ErrInvalidToken, "the logout_token is not three parts of base64url, or too long")
	}
	if err := typedLogout(raw); err != nil {
		return Logout{}, err
	}
	at, err := p.endpoints(ctx)
	if err != nil {
		return Logout{}, err
	}
	if err := signedWell("the logout_token", raw, at.algs); err != nil {
		return Logout{}, err
	}
	claims, err := p.verify(ctx, at, raw, expected{audience: p.clientIDs, parties: p.clientIDs, logout: true})
	if err != nil {
		return Logout{}, err
	}
	l := Logout{Issuer: claims.text("iss"), Subject: nameIn(claims, "sub"), SID: nameIn(claims, "sid"), IssuedAt: claims.time("iat"), ExpiresAt: claims.time("exp")}
	events, _ := claims["events"].(map[string]any)
	_, declared := events[logoutEvent].(map[string]any)
	jti := claims.word("jti")
	switch {
	case !declared:
		return Logout{}, fault(ErrInvalidToken, "the token declares itself no logout_token: its events have no %s", logoutEvent)
	case claims["nonce"] != nil:
		return Logout{}, fault(ErrInvalidToken, "the logout_token has a nonce, as an id_token has")
	case l.Subject == "" && l.SID == "", claims["sub"] != nil && l.Subject == "", claims["sid"] != nil && l.SID == "":
		return Logout{}, fault(ErrInvalidToken, "the logout_token says neither who nor which session, or not by a name of at most %d bytes", maxSID)
	case jti == "":
		return Logout{}, fault(ErrInvalidToken, "the logout_token has no jti")
	}
	if err := p.lasts(&l, claims["exp"] != nil); err != nil {
		return Logout{}, err
	}
	name := sha256.Sum256([]byte(p.id + "\x00" + l.Issuer + "\x00" + jti))
	l.Token = name[:]
	return l, nil
}

// lasts refuses a logout_token that is not good any more. Some providers do not say until when it is, as
// drafts before 2022 had no exp: those are good for as long as the configuration says.
func (p *Provider) lasts(l *Logout, limited bool) error {
	switch {
	case l.IssuedAt.IsZero() || limited && l.ExpiresAt.IsZero():
		return fault(ErrInvalidToken, "the logout_token says by no number when it was issued or until when it holds")
	case !limited && p.logoutAge == 0:
		return misfit(ErrInvalidToken, "the logout_token has no exp, which says until when it is good: have the provider say it, or set logout_token_max_age")
	case !limited:
		l.ExpiresAt = l.IssuedAt.Add(p.logoutAge)
	}
	if p.now().After(l.ExpiresAt) {
		return fault(ErrInvalidToken, "the logout_token has expired: it was good until %s", l.ExpiresAt.UTC().Format(time.RFC3339))
	}
	return nil
}

// typedLogout refuses a token whose header calls it something else than a logout_token. Most
// providers do not call it by its name yet (section 2.4: typ, recommended).
func typedLogout(raw string) error {
	o, err := headerOf(raw)
	if err != nil {
		return fault(ErrInvalidToken, "the logout_token has no header")
	}
	typ := strings.TrimPrefix(strings.ToLower(o.text("typ")), "application/")
	if o["typ"] != nil && !slices.Contains([]string{"jwt", "logout+jwt"}, typ) {
		return fault(ErrInvalidToken, "the token is of type %s", clip(typ))
	}
	return nil
}

// time is the time at a path, zero for none.
func (o object) time(path string) time.Time {
	if seconds := o.seconds(path); seconds > 0 {
		return time.Unix(seconds, 0)
	}
	return time.Time{}
}

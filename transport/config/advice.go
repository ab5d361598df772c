package config

import (
	"cmp"
	"slices"
	"strings"
)

// Advice is what a front end will stumble over. It is no fault: the server runs with it, and
// other clients of it may want nothing else.
type Advice struct {
	// Origin is where the front end's pages are.
	Origin string `json:"origin"`
	// Problem says what will not work, after the origin's name.
	Problem string `json:"problem"`
	// Write are the lines of the configuration that mend it, keys with their values; empty
	// where none can.
	Write []string `json:"write"`
}

// String is the advice on one line: `origin problem; write key: value`.
func (a Advice) String() string {
	line := a.Origin + " " + a.Problem
	if len(a.Write) > 0 {
		line += "; write " + strings.Join(a.Write, " and ")
	}
	return line
}

// Advice finds what front ends will stumble over under a configuration that [Config.Validate]
// accepts: origins that are trusted by half, pages that cannot read the CSRF cookie or are not
// sent any, passkeys that belong elsewhere. It is sorted by origin.
func (c Config) Advice() []Advice {
	out := []Advice{}
	origins := c.frontEnds()
	if c.servesBrowsers() {
		out = append(out, c.halfTrusted(origins)...)
	}
	for _, origin := range c.CSRFTrustedOrigins {
		out = append(out, c.adviceOn(origin)...)
	}
	out = append(out, c.ownPagesAdvice()...)
	out = append(out, c.sharedPasskeysAdvice()...)
	slices.SortStableFunc(out, func(a, b Advice) int { return cmp.Compare(a.Origin, b.Origin) })
	return out
}

// ToTrust is what to write into the configuration so that pages of an origin can use the
// browser client: lines of keys with their values, none where it can already, is no origin, or is
// one that a server on https should not trust, being plain http. Passkeys are another matter, see [Config.Advice].
func (c Config) ToTrust(origin string) []string {
	if problem, _ := notOrigin(origin); problem != "" || c.weakens(origin) {
		return nil
	}
	next := c
	lines := []string{}
	if !c.readable(origin) {
		next.CORSAllowedOrigins = append(slices.Clone(c.CORSAllowedOrigins), origin)
		lines = append(lines, writeList("cors_allowed_origins", next.CORSAllowedOrigins))
	}
	if !c.trusted(origin) {
		next.CSRFTrustedOrigins = append(slices.Clone(c.CSRFTrustedOrigins), origin)
		lines = append(lines, writeList("csrf_trusted_origins", next.CSRFTrustedOrigins))
	}
	if next.servesBrowsers() {
		for _, advice := range next.cookieAdvice(origin) {
			lines = append(lines, advice.Write...)
		}
	}
	return lines
}

// OtherSite says whether an origin is of another site than the server, where browsers may send
// it no cookies, whatever is configured.
func (c Config) OtherSite(origin string) bool {
	problem, _ := notOrigin(origin)
	return problem == "" && !c.own(origin) && siteOf(origin) != siteOf(c.Origin())
}

// LocalOrigins says whether pages of this machine may call the server whatever their port: in
// development, where the server is known under a name of this machine, too.
func (c Config) LocalOrigins() bool {
	return c.Dev.Enabled && !c.Dev.AllowRemote && isLocal(hostOf(c.Origin()))
}

// servesBrowsers says whether there are clients that are known by cookies.
func (c Config) servesBrowsers() bool {
	return c.Serve.Headless && slices.Contains(c.Headless.Clients, "browser")
}

// own says whether an origin is the server's: the public one, or another name of this machine
// where that is one.
func (c Config) own(origin string) bool {
	return origin == c.Origin() || isLocal(hostOf(origin)) && c.LocalOrigins()
}

func (c Config) readable(origin string) bool {
	return c.own(origin) || slices.Contains(c.CORSAllowedOrigins, origin)
}

func (c Config) trusted(origin string) bool {
	return c.own(origin) || slices.Contains(c.CSRFTrustedOrigins, origin)
}

// frontEnds are the origins that the configuration speaks of, but for the server's own, with
// where it does.
func (c Config) frontEnds() map[string]string {
	of := make(map[string]string)
	for key, page := range map[string]string{
		"account_confirm_email": c.Pages().ConfirmEmail, "account_reset_password": c.Pages().ResetPassword,
		"account_reset_password_from_key": c.Pages().ResetPasswordFromKey, "account_signup": c.Pages().Signup,
		"socialaccount_login_error": c.Pages().ProviderError, "account_disown": c.Pages().Disown,
	} {
		origin := originOf(page)
		if origin == "" || c.own(origin) {
			continue
		}
		if key = "headless.frontend_urls." + key; of[origin] == "" || key < of[origin] {
			of[origin] = key
		}
	}
	for _, list := range []struct {
		key     string
		origins []string
	}{{"csrf_trusted_origins", c.CSRFTrustedOrigins}, {"cors_allowed_origins", c.CORSAllowedOrigins}} {
		for _, origin := range list.origins {
			if !c.own(origin) {
				of[origin] = list.key
			}
		}
	}
	return of
}

// halfTrusted is about origins that are in one list and not in the other, and pages of
// origins that are in none. What is to be written has all of them at once.
func (c Config) halfTrusted(origins map[string]string) []Advice {
	cors, csrf := slices.Clone(c.CORSAllowedOrigins), slices.Clone(c.CSRFTrustedOrigins)
	for _, origin := range sortedKeys(origins) {
		if c.weakens(origin) {
			continue
		}
		if !slices.Contains(cors, origin) {
			cors = append(cors, origin)
		}
		if !slices.Contains(csrf, origin) {
			csrf = append(csrf, origin)
		}
	}
	read, ask := writeList("cors_allowed_origins", cors), writeList("csrf_trusted_origins", csrf)
	var out []Advice
	for _, origin := range sortedKeys(origins) {
		switch readable, trusted := c.readable(origin), c.trusted(origin); {
		case c.weakens(origin):
			out = append(out, Advice{origin, "is plain http: whoever is between it and people can read the answers and ask in their names; have its pages on https", []string{}})
		case !readable && !trusted:
			out = append(out, Advice{origin, "has pages that " + origins[origin] + " leads to, and may neither read answers nor change anything", []string{read, ask}})
		case !readable:
			out = append(out, Advice{origin, "is trusted to change something, but scripts there cannot read the answers", []string{read}})
		case !trusted:
			out = append(out, Advice{origin, "may read answers, but requests of the browser client that change something are refused", []string{ask}})
		}
	}
	return out
}

// adviceOn is what stands in the way of a trusted origin.
func (c Config) adviceOn(origin string) []Advice {
	if c.own(origin) || c.weakens(origin) {
		return nil
	}
	var out []Advice
	if c.servesBrowsers() {
		out = append(out, c.cookieAdvice(origin)...)
	}
	if c.usesPasskeys() {
		out = append(out, c.passkeyAdvice(origin)...)
	}
	return out
}

// weakens says whether an origin is plain http where the server is not: anybody on the way can
// put a script into its pages.
func (c Config) weakens(origin string) bool {
	return strings.HasPrefix(c.Origin(), "https://") && strings.HasPrefix(origin, "http://") && !isLocal(hostOf(origin))
}

// cookieAdvice is about the cookies that pages of an origin send and read.
func (c Config) cookieAdvice(origin string) []Advice {
	here, there := hostOf(c.Origin()), hostOf(origin)
	none := strings.EqualFold(c.Session.CookieSameSite, "none")
	switch local := isLocal(here) && isLocal(there); {
	case local:
		return nil
	case siteOf(origin) != siteOf(c.Origin()) && none:
		return nil
	case siteOf(origin) != siteOf(c.Origin()):
		write := []string{"session.cookie_samesite: none"}
		if !c.Secure() {
			write = append(write, "public_url: https://"+here)
		}
		return []Advice{{origin, "is of another site than " + c.Origin() + ": browsers send no cookies from there that are SameSite " + c.Session.CookieSameSite, write}}
	case there == here || c.Session.CookieDomain != "" && belongs(there, c.Session.CookieDomain):
		return nil
	}
	if domain := commonDomain(here, there); domain != "" {
		return []Advice{{origin, "cannot read the cookie csrftoken of " + c.cookieHost() + ", which stagedoor.js alone does without", []string{"session.cookie_domain: " + domain}}}
	}
	return nil
}

// cookieHost is what the cookies belong to.
func (c Config) cookieHost() string { return cmp.Or(c.Session.CookieDomain, hostOf(c.Origin())) }

// passkeyAdvice is about passkeys of pages of an origin (WebAuthn, section 5.1.3).
func (c Config) passkeyAdvice(origin string) []Advice {
	named, there := localhostFor(origin), hostOf(localhostFor(origin))
	switch {
	case slices.Contains(c.WebAuthnOrigins(), named):
		return nil
	case mayClaim(there, c.RPID()):
		return []Advice{{origin, "is not among those that may use passkeys", []string{writeList("mfa.webauthn_origins", append(slices.Clone(c.MFA.WebAuthnOrigins), named))}}}
	}
	problem := "does not belong to " + c.RPID() + ", and its pages can neither make nor use passkeys of that"
	if domain := commonDomain(hostOf(c.Origin()), there); domain != "" {
		write := []string{"mfa.webauthn_rp_id: " + domain}
		if len(c.MFA.WebAuthnOrigins) > 0 {
			write = append(write, writeList("mfa.webauthn_origins", append(slices.Clone(c.MFA.WebAuthnOrigins), named)))
		}
		return []Advice{{origin, problem, write}}
	}
	switch {
	case isLocal(there), strings.HasPrefix(origin, "http://"):
		return []Advice{{origin, problem + "; passkeys are of one site", []string{}}}
	case c.MFA.WebAuthnRPID != "":
		return []Advice{{origin, problem, []string{writeList("mfa.webauthn_related_origins", append(slices.Clone(c.MFA.WebAuthnRelatedOrigins), origin))}}}
	}
	return []Advice{{origin, problem, []string{"mfa.webauthn_rp_id: " + registrable(there)}}}
}

// ownPagesAdvice is about passkeys on the server's own pages.
func (c Config) ownPagesAdvice() []Advice {
	own := localhostFor(c.Origin())
	switch {
	case !c.ServesPages(), !c.usesPasskeys(), c.LocalOrigins(), slices.Contains(c.WebAuthnOrigins(), own):
		return nil
	case mayClaim(hostOf(own), c.RPID()):
		return []Advice{{own, "has the server's own pages, and is not among those that may use passkeys", []string{writeList("mfa.webauthn_origins", append(slices.Clone(c.MFA.WebAuthnOrigins), own))}}}
	}
	return []Advice{{own, "has the server's own pages, which can neither make nor use passkeys of " + c.RPID(), []string{"serve.pages: false"}}}
}

// usesPasskeys says whether browsers hold ceremonies against an origin.
func (c Config) usesPasskeys() bool {
	return slices.Contains(c.MFA.SupportedTypes, "webauthn") && !c.MFA.WebAuthnAllowInsecureOrigin
}

// writeList is the line of a list in a file.
func writeList(key string, list []string) string { return key + ": [" + strings.Join(list, ", ") + "]" }

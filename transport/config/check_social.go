package config

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"stagedoor/stages"
)

// providerID is what may stand in a URL's path and in an environment variable.
var providerID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// socialAccount checks sign-in by third parties.
func (k *checker) socialAccount() {
	s := k.c.SocialAccount
	if s.EmailVerification != "" {
		k.oneOf("socialaccount.email_verification", s.EmailVerification, "mandatory", "optional", "none")
	}
	trusting := func(p Provider) bool { return p.EmailAuthentication }
	if s.EmailAuthenticationAutoConnect && !s.EmailAuthentication && !slices.ContainsFunc(s.Providers, trusting) {
		k.wrong("socialaccount.email_authentication_auto_connect", "nobody signs in by e-mail authentication", nil,
			"set socialaccount.email_authentication, too")
	}
	k.age("socialaccount.requests_timeout", s.RequestsTimeout)
	var seen []string
	for i, p := range s.Providers {
		key := indexed("socialaccount.providers", i)
		k.provider(key, p)
		if id := p.Key(); id != "" && slices.Contains(seen, id) {
			k.wrong(key+".id", "taken by another provider", id, "give each its own id")
		}
		seen = append(seen, p.Key())
	}
}

func (k *checker) provider(key string, p Provider) {
	before := len(k.faults)
	hosted, known := stages.SelfHostedProvider(p.Provider)
	if !known {
		// Of two names for one kind the short one is told.
		kinds := slices.DeleteFunc(stages.ProviderKinds(), func(kind string) bool { return strings.HasSuffix(kind, "_oauth2") })
		hint := "kinds are " + strings.Join(kinds, ", ")
		if near := nearest(strings.TrimSuffix(strings.ToLower(p.Provider), "_oauth2"), kinds); near != "" {
			hint = "did you mean " + near
		}
		k.wrong(key+".provider", "unknown kind of provider", p.Provider, hint)
	}
	if p.Provider == "dummy" && !k.c.Dev.Enabled {
		k.wrong(key+".provider", "dummy lets anybody be anyone", nil, "it needs dev.enabled")
	}
	if p.ID != "" && !providerID.MatchString(p.ID) {
		k.wrong(key+".id", "not an id", p.ID, "small letters, digits, - and _")
	}
	if p.ClientID == "" && p.Provider != "dummy" {
		k.wrong(key+".client_id", "missing", nil, "the provider gives one when the server is registered with it")
	}
	switch {
	case p.ServerURL != "":
		k.webURL(key+".server_url", p.ServerURL)
	case hosted:
		k.wrong(key+".server_url", "missing", nil, "the issuer of this kind, such as https://login.example.com")
	}
	if p.TokenAuthMethod != "" {
		k.oneOf(key+".token_auth_method", p.TokenAuthMethod, "client_secret_basic", "client_secret_post")
	}
	if len(k.faults) > before {
		return
	}
	// What else a kind wants is known where it is made.
	if err := stages.CheckProvider(k.c.ProviderConfig(p)); err != nil {
		for line := range strings.Lines(err.Error()) {
			k.wrong(key, strings.TrimSpace(line), nil, "go doc ./stages ProviderConfig says what each kind takes")
		}
	}
}

// webURL wants an absolute URL of a server that secrets may be sent to.
func (k *checker) webURL(key, text string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		k.wrong(key, "not an http or https URL", text, "such as https://login.example.com")
	case u.Scheme == "http" && !isInside(u.Hostname()):
		k.wrong(key, "plain http to a public host", text, "use https, so that nobody between can read or change it")
	}
}

// rest checks the plain token contract.
func (k *checker) rest() {
	k.age("rest.token_lifetime", k.c.Rest.TokenLifetime)
	for _, text := range k.c.Rest.RedirectURIs {
		u, err := url.Parse(text)
		switch {
		case err != nil || !u.IsAbs() || u.Opaque != "" || slices.Contains([]string{"javascript", "data", "file"}, u.Scheme):
			k.wrong("rest.redirect_uris", "not an absolute URI", text, "such as https://app.example.com/callback or com.example.app:/callback")
		case strings.Contains(text, "#"):
			k.wrong("rest.redirect_uris", "has a fragment", text, "leave out what follows # (RFC 6749, section 3.1.2)")
		case strings.HasPrefix(u.Scheme, "http") && u.Hostname() == "":
			k.wrong("rest.redirect_uris", "has no host", text, "such as https://app.example.com/callback")
		}
	}
}

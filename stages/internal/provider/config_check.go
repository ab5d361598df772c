package provider

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	// idForm is what may stand in a URL's path.
	idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	// wordForm is a variable that becomes one step of a URL's path.
	wordForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	// hostForm is a variable that becomes the end of a URL's host.
	hostForm = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)
)

// reserved are parameters of an authorization request that are ours to set.
func reserved() []string {
	return []string{
		"client_id", "client_secret", "code_challenge", "code_challenge_method", "nonce", "redirect_uri",
		"request", "request_uri", "response_mode", "response_type", "scope", "state",
	}
}

// check finds all faults of a configuration.
func check(cfg Config, k kind, deps Deps) []error {
	var out []error
	wrong := func(format string, args ...any) { out = append(out, fmt.Errorf(format, args...)) }
	if !idForm.MatchString(cfg.key()) {
		wrong("id: %s is not an id: small letters, digits, - and _, at most 64", clip(cfg.key()))
	}
	if !k.NoClient && k.special != isDummy && len(listed(cfg.ClientID)) == 0 {
		wrong("client_id: missing: the provider gives one when the server is registered with it")
	}
	if k.special == isDummy && !deps.Development {
		wrong("provider: dummy lets anybody be anyone: it is for development only")
	}
	if k.special == isShopify && cfg.Secret == "" {
		wrong("secret: missing: what comes back from Shopify is signed with it")
	}
	if deps.Now == nil {
		wrong("now: missing")
	}
	out = append(out, checkAuthMethod(cfg, k))
	out = append(append(out, checkAlgs(cfg, k)...), checkOverrides(cfg, k)...)
	if cfg.PushedRequests && !k.openID() {
		wrong("pushed_authorization_requests: %s has no place to push them to", k.ID)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.AuthParams)) {
		if slices.Contains(reserved(), name) && !chosenMode(name, cfg.AuthParams[name]) {
			wrong("auth_params: %s is set by the server: leave it out", name)
		}
	}
	if k.special == isConfigured {
		out = append(out, checkConfigured(cfg)...)
	}
	return append(append(out, checkServer(cfg, k)), checkSettings(cfg, k), checkSignOut(cfg, k))
}

// checkSignOut judges what is to happen when somebody signs out, here or there.
func checkSignOut(cfg Config, k kind) error {
	var out []error
	for name, on := range map[string]bool{"sign_out": cfg.SignOut, "backchannel_logout": cfg.BackchannelLogout} {
		if on && !k.openID() {
			out = append(out, fmt.Errorf("%s: %s speaks no OpenID Connect: leave it out", name, k.ID))
		}
	}
	to := cfg.PostLogoutRedirectURI
	if u, err := url.Parse(to); to != "" && (err != nil || u.User != nil || !returnable(u)) {
		out = append(out, errors.New("post_logout_redirect_uri: not the URL of a page, or of an app with a scheme of its own"))
	}
	if to != "" && !cfg.SignOut {
		out = append(out, errors.New("post_logout_redirect_uri: nobody is sent there without sign_out"))
	}
	switch age := cfg.LogoutTokenMaxAge; {
	case age < 0 || age > maxLogoutAge:
		out = append(out, fmt.Errorf("logout_token_max_age: %v is not between 0 and %v", age, maxLogoutAge))
	case age > 0 && !cfg.BackchannelLogout:
		out = append(out, errors.New("logout_token_max_age: no logout_tokens are taken without backchannel_logout"))
	}
	slices.SortFunc(out, func(x, y error) int { return strings.Compare(x.Error(), y.Error()) })
	return errors.Join(out...)
}

// chosenMode tells one of the two ways for an answer to come back that the callback takes: in the
// query, or in a form (OAuth 2.0 Form Post Response Mode). What asks for others is refused.
func chosenMode(name, value string) bool {
	return name == "response_mode" && (value == "query" || value == "form_post")
}

// checkServer judges the server_url.
func checkServer(cfg Config, k kind) error {
	u, err := url.Parse(cfg.ServerURL)
	switch {
	case k.Hosted == selfHosted && cfg.ServerURL == "":
		return errors.New("server_url: missing: it is the issuer, such as https://login.example.com")
	case cfg.ServerURL == "":
		return nil
	case k.special == isConfigured:
		return errors.New("server_url: oauth2 has its addresses in settings: leave it out")
	case k.Hosted == central:
		return fmt.Errorf("server_url: %s is in one place only: leave it out", k.ID)
	case err != nil || u.User != nil || u.Fragment != "" || u.RawQuery != "":
		return errors.New("server_url: not a plain URL: no query, no fragment, no password")
	case k.special == isDummy && u.Scheme == "" && strings.HasPrefix(u.Path, "/"):
		return nil
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return fmt.Errorf("server_url: %s is not an http or https URL", clip(cfg.ServerURL))
	case k.special == isShopify && !shop.MatchString(strings.TrimSuffix(cfg.ServerURL, "/")):
		return errors.New("server_url: not that of a shop, such as https://acme.myshopify.com")
	case k.ID == "battlenet" && strings.TrimSuffix(cfg.ServerURL, "/") != battlenetChina:
		return errors.New("server_url: not " + battlenetChina + ", the only other server than the usual one: leave it out, or people would get uids of China")
	case k.special == isZoho && !slices.Contains(zohoServers(), strings.TrimSuffix(cfg.ServerURL, "/")):
		return fmt.Errorf("server_url: not one of Zoho's: they are %s", strings.Join(zohoServers(), ", "))
	case strings.Contains(baseOf(cfg.ServerURL), "/.well-known/"):
		return errors.New("server_url: only " + wellKnown + " can follow the issuer")
	}
	return nil
}

// checkSettings judges the kind's own settings.
func checkSettings(cfg Config, k kind) error {
	var out []error
	for _, name := range slices.Sorted(maps.Keys(cfg.Settings)) {
		value := cfg.Settings[name]
		switch {
		case !k.setting(name):
			out = append(out, fmt.Errorf("settings: %s has no %s: it has %s", k.ID, clip(name), strings.Join(k.settings(), ", ")))
		case name == "fetch_userinfo" && value != "true" && value != "false":
			out = append(out, errors.New("settings.fetch_userinfo: neither true nor false"))
		case (name == "tenant" || name == "version") && !wordForm.MatchString(value):
			out = append(out, fmt.Errorf("settings.%s: %s is not a word", name, clip(value)))
		case name == "api" || name == "graph":
			if u, err := url.Parse(value); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.RawQuery != "" {
				out = append(out, fmt.Errorf("settings.%s: not an http or https URL", name))
			}
		case name == "host" && !hostForm.MatchString(value):
			out = append(out, fmt.Errorf("settings.host: %s is not a host, such as sandbox.paypal.com", clip(value)))
		case name == "page" && value != "qrconnect" && value != "oauth2/authorize":
			out = append(out, errors.New("settings.page: neither qrconnect nor oauth2/authorize"))
		case name == "user_agent" && (tidy(value) != value || value == ""):
			out = append(out, errors.New("settings.user_agent: not a plain line of text"))
		}
	}
	return errors.Join(out...)
}

// baseOf is the issuer in a server_url.
func baseOf(serverURL string) string {
	return strings.TrimSuffix(serverURL, wellKnown)
}

// varsOf are the variables of URLs and headers.
func varsOf(cfg Config, k kind, clientID string) map[string]string {
	vars := maps.Clone(k.Vars)
	if vars == nil {
		vars = map[string]string{}
	}
	if cfg.ServerURL != "" {
		vars["base"] = baseOf(cfg.ServerURL)
		// OpenID Connect compares issuers exactly; paths below others need no slash twice.
		if !k.openID() && k.special != isDummy || k.Tenants {
			vars["base"] = strings.TrimSuffix(vars["base"], "/")
		}
		for name, text := range k.Moved {
			vars[name] = expand(text, map[string]string{"base": vars["base"]})
		}
	}
	for name := range k.Vars {
		if value := cfg.Settings[name]; value != "" && name != "base" {
			vars[name] = strings.TrimSuffix(value, "/")
		}
	}
	vars["client_id"] = clientID
	return vars
}

// scopeOf is what is asked for.
func scopeOf(cfg Config, k kind) []string {
	scope := slices.Clone(cfg.Scope)
	if len(scope) == 0 {
		scope = slices.Clone(k.Scope)
		if !cfg.SkipEmail {
			scope = append(scope, k.EmailScope...)
		}
	}
	if slices.Contains(k.Scope, "openid") && !slices.Contains(scope, "openid") {
		scope = append([]string{"openid"}, scope...)
	}
	return scope
}

// listed splits at commas.
func listed(text string) []string {
	var out []string
	for _, one := range strings.Split(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

package config

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// settingURLs holds the addresses in a provider's settings, where access tokens and secrets go to, to
// what holds for a server_url. They are not repeated: a setting may be a secret.
func (k *checker) settingURLs(key string, p Provider) {
	for _, name := range sortedKeys(p.Settings) {
		ours := name == "api" || name == "graph" || p.Provider == "oauth2" && strings.HasSuffix(name, "_url")
		u, err := url.Parse(p.Settings[name].Reveal())
		if ours && err == nil && u.Scheme == "http" && !isInside(u.Hostname()) {
			k.wrong(key+".settings."+name, "plain http to a public host", nil, "use https, so that nobody between can read or change it")
		}
	}
}

// providerKey is what to write instead of a key of a provider as its own documents or other
// programs call it, or nothing.
func providerKey(t reflect.Type, path, key string) string {
	if t != reflect.TypeFor[Provider]() {
		return ""
	}
	switch low := strings.ToLower(key); low {
	case "client_secret", "app_secret", "consumer_secret", "api_secret":
		return "did you mean " + path + "secret"
	case "app_id", "api_key", "consumer_key":
		return "did you mean " + path + "client_id"
	case "issuer", "issuer_url", "discovery_url", "base_url", "domain", "realm":
		return "it is part of " + path + "server_url, such as https://login.example.com or, of a realm, https://login.example.com/realms/staff"
	case "redirect_uri", "redirect_url", "callback_url":
		return "it follows from public_url and the id; register https://auth.example.com/accounts/ID/login/callback/ at the provider, of openid_connect .../accounts/oidc/ID/login/callback/"
	default:
		if strings.HasSuffix(low, "_url") || strings.HasSuffix(low, "_field") || slices.Contains([]string{"tenant", "uid", "pkce"}, low) {
			if near := nearest(low, childKeys(t)); near == "" {
				return "what only some kinds have stands below " + path + "settings"
			}
		}
	}
	return ""
}

// passedOn are names of members that say what a person chose or was given for a while. Others may
// have it later, and would have the account with it.
func passedOn() []string {
	return []string{
		"email", "mail", "email_address", "emailaddress", "upn", "userprincipalname", "preferred_username", "username", "user_name", "login",
		"nickname", "handle", "screen_name", "name", "display_name", "displayname", "phone", "phone_number",
	}
}

// ProviderNotes are about providers that guard less than they could, or will not answer: a line
// each, empty where there is nothing.
func (c Config) ProviderNotes() []string {
	out := []string{}
	note := func(p Provider, text string) { out = append(out, "provider "+p.Key()+": "+text) }
	for _, p := range c.SocialAccount.Providers {
		if p.Settings["pkce"].Reveal() == "false" {
			note(p, "without PKCE (settings.pkce), a code that is stolen on its way back is guarded by less; it is for servers that refuse a code_challenge")
		}
		if p.Provider == "keycloak" && !strings.Contains(p.ServerURL, "/realms/") {
			note(p, "server_url names no realm; that of Keycloak is such as https://login.example.com/realms/staff")
		}
		path := strings.Split(strings.ToLower(p.Settings["uid_field"].Reveal()), ".")
		if last := path[len(path)-1]; slices.Contains(passedOn(), last) {
			note(p, "settings.uid_field is what people change and others may be given later, and their accounts here with it; take an id that is one person's for ever")
		}
		if p.VerifiedEmail && (p.EmailAuthentication || c.SocialAccount.EmailAuthentication) {
			note(p, "verified_email with email_authentication lets whoever can enter an address there sign in to the account here that has it")
		}
		if p.LogoutTokenMaxAge > 0 {
			note(p, "its words of sign-outs count without exp (logout_token_max_age); have it say until when they are good, and leave that out")
		}
		if len(p.IDTokenAlgs) > 0 && strings.HasPrefix(p.IDTokenAlgs[0], "HS") {
			note(p, "id_tokens are verified with the secret (id_token_algs), so that whoever has it can sign in as anybody; it is for providers that sign with no key pair")
		}
	}
	return out
}

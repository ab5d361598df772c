package config

import (
	"net/url"
	"strings"
)

// oauth2 holds the addresses of a provider that is described by its settings to what holds for
// a server_url. They are not repeated: a setting may be a secret.
func (k *checker) oauth2(key string, p Provider) {
	for _, name := range sortedKeys(p.Settings) {
		u, err := url.Parse(p.Settings[name].Reveal())
		if strings.HasSuffix(name, "_url") && err == nil && u.Scheme == "http" && !isInside(u.Hostname()) {
			k.wrong(key+".settings."+name, "plain http to a public host", nil, "use https, so that nobody between can read or change it")
		}
	}
}

// providerNotes are about providers that guard less than they could.
func (c Config) providerNotes() []string {
	var out []string
	for _, p := range c.SocialAccount.Providers {
		if p.Settings["pkce"].Reveal() == "false" {
			out = append(out, "provider "+p.Key()+": without PKCE (settings.pkce), a code that is stolen on its way back is guarded by less; it is for servers that refuse a code_challenge")
		}
		if p.LogoutTokenMaxAge > 0 {
			out = append(out, "provider "+p.Key()+": its words of sign-outs count without exp (logout_token_max_age); have it say until when they are good, and leave that out")
		}
	}
	return out
}

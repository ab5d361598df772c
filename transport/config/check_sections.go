package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// serving checks that there is something to serve.
func (k *checker) serving() {
	if !k.c.Serve.Headless && !k.c.Serve.Rest {
		k.wrong("serve", "nothing is served", nil, "switch serve.headless or serve.rest on")
	}
	if k.c.Serve.Pages && (!k.c.Serve.Headless || !slices.Contains(k.c.Headless.Clients, "browser")) {
		k.wrong("serve.pages", "they are a browser client of the headless contract", nil, "switch serve.headless on, with browser among headless.clients")
	}
	k.oneOf("log.level", k.c.Log.Level, "info", "debug", "warn", "error")
	k.oneOf("log.format", k.c.Log.Format, "text", "json")
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

// operators checks what operators can ask, and of how long ago.
func (k *checker) operators() {
	a := k.c.Admin
	k.within("trails.keep_days", float64(k.c.Trails.KeepDays), 0, 3650, "days, 0 keeping none")
	if a.Token != "" && a.Token.Known() && len(a.Token.Reveal()) < minSecret {
		k.wrong("admin.token", fmt.Sprintf("shorter than %d bytes", minSecret), nil, "make one with: openssl rand -base64 48")
	}
	if a.Token != "" && len(strings.Fields(a.Token.Reveal())) != 1 {
		k.wrong("admin.token", "has other characters than a bearer token can", nil, "make one with: openssl rand -base64 48")
	}
	if a.Inspector && a.Token == "" {
		k.lacks("admin.token", "missing, the inspector asks for it", "make one with: openssl rand -base64 48; or switch admin.inspector off")
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(a.Mount, "/"), "/")
	switch {
	case !mountPath.MatchString(a.Mount):
		k.wrong("admin.mount", "not a path", a.Mount, "such as /admin, without a slash at its end")
	case slices.Contains([]string{"auth", "account", "accounts", "dev", "healthz", "readyz", ".well-known", "_stagedoor"}, first),
		k.c.Headless.Mount != "" && (belongsTo(a.Mount, k.c.Headless.Mount) || belongsTo(k.c.Headless.Mount, a.Mount)):
		k.wrong("admin.mount", "something else is there", a.Mount, "such as /admin")
	}
}

// belongsTo says whether a path is another one, or below it.
func belongsTo(path, above string) bool { return path == above || strings.HasPrefix(path, above+"/") }

package record

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"stagedoor/state"
)

// asked is what a request shows before it is handled.
type asked struct {
	// tokens are those it carries, fingerprint distinguishes clients without one.
	tokens      []string
	fingerprint string
	// names are the addresses, numbers and usernames that were typed, codes the codes and
	// keys, by hash; found are the accounts of those names, as they were before.
	names, codes []string
	found        []*state.Account
	// trust is the cookie of a trusted browser, provider the one that a request is about.
	trust, provider string
}

// asked reads a request. ok is false for one that cannot be recorded.
func (r *Recorder) asked(req *http.Request, e *exchange, raw []byte) (asked, bool) {
	body, form, ok := bodyOf(req, raw)
	if !ok {
		return asked{}, false
	}
	a := asked{fingerprint: r.fingerprint(req, e.kind), tokens: tokensOf(req, body), provider: providerOf(e.path, body)}
	if cookie, err := req.Cookie(r.TrustCookie); err == nil && e.kind == "browser" {
		a.trust = cookie.Value
	}
	e.form, e.forged = form, e.kind == "browser" && e.method != http.MethodGet && !form && req.Header.Get("X-CSRFToken") == ""
	e.keyed = keyed(req, e.kind)
	e.body = r.redact.body("", body)
	each(r.redact, "", body, func(kind class, text string) {
		switch kind {
		case anEmail, aUsername, aPhone:
			a.names = append(a.names, r.redact.hash(kind, text))
			a.found = append(a.found, r.account(req.Context(), kind, text)...)
		case aCode:
			a.codes = append(a.codes, r.redact.hash(kind, text))
		case anIDToken:
			said := spokenOf(text)
			a.found = append(a.found, r.account(req.Context(), "provider", a.provider+"\x00"+said.Sub)...)
			a.found = append(a.found, r.account(req.Context(), anEmail, said.Email)...)
		}
	})
	return a, true
}

// boundCookie is what a browser that has bound its session sends.
const boundCookie = "__Host-stagedoor_bound"

// keyed reports whether a request has been made by who holds a key. Nothing of it is looked at.
func keyed(req *http.Request, kind string) bool {
	if kind != "browser" {
		return req.Header.Get("DPoP") != ""
	}
	_, err := req.Cookie(boundCookie)
	return err == nil
}

// each calls f with every text of a body that has a class.
func each(r redactor, name string, v any, f func(class, string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			each(r, key, v[key], f)
		}
	case string:
		if kind := r.classOf(name); kind != "" {
			f(kind, v)
		} else if name == "id_token" {
			f(anIDToken, v)
		}
	}
}

// providerOf is the provider that a request is about, "" for none.
func providerOf(path string, body any) string {
	fields, _ := body.(map[string]any)
	if text, ok := fields["provider"].(string); ok {
		return text
	}
	if _, rest, ok := strings.Cut(path, "/providers/"); ok {
		rest, _, _ = strings.Cut(rest, "/")
		return rest
	}
	return ""
}

// account is the account of a name, as it is before the request is handled: none or one.
func (r *Recorder) account(ctx context.Context, kind class, text string) []*state.Account {
	text = strings.TrimSpace(text)
	if kind == anEmail {
		text = strings.ToLower(text)
	}
	if text == "" {
		return nil
	}
	found, err := r.Accounts.Find(ctx, state.Key{Kind: string(kind), Value: text})
	if err != nil {
		return nil
	}
	return []*state.Account{found}
}

// fingerprint distinguishes clients that show no token, without naming them.
func (r *Recorder) fingerprint(req *http.Request, kind string) string {
	mark := r.Network.ClientIP(req).String() + "\x00" + req.UserAgent()
	if cookie, err := req.Cookie("csrftoken"); kind == "browser" && err == nil {
		mark = cookie.Value
	}
	return r.redact.hash("client", kind+"\x00"+mark)
}

// tokensOf are the tokens that a request carries, those that say most first.
func tokensOf(req *http.Request, body any) []string {
	var out []string
	if fields, ok := body.(map[string]any); ok {
		if text, ok := fields["token"].(string); ok {
			out = append(out, text)
		}
	}
	if _, text, ok := strings.Cut(req.Header.Get("Authorization"), " "); ok {
		out = append(out, strings.TrimSpace(text))
	}
	if text := req.Header.Get("X-Session-Token"); text != "" {
		out = append(out, text)
	}
	if cookie, err := req.Cookie("sessionid"); err == nil {
		out = append(out, cookie.Value)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

package devpage

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stagedoor/stages"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// DummyPath is where the provider dummy asks for the account to sign in with.
const DummyPath = "/accounts/dummy/authenticate/"

// dummyHTML is the page of the provider dummy.
const dummyHTML = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dummy provider</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="/dev/assets/icon.svg"><link rel="stylesheet" href="/dev/assets/dummy.css"></head>
<body><main><h1>Who do you want to be?</h1>
<p>This provider is for development. It believes everything.</p>
<form method="get" action="{{.Action}}"><input type="hidden" name="state" value="{{.State}}">
{{with .Back}}<input type="hidden" name="redirect_uri" value="{{.}}">{{end}}
<label>Account id <input type="text" name="id" value="1" required></label>
<label>E-mail address <input type="email" name="email"></label>
<label class="check"><input type="checkbox" name="email_verified" value="on"> the address is verified</label>
<label>Username <input type="text" name="username"></label>
<div class="two"><label>First name <input type="text" name="first_name"></label>
<label>Last name <input type="text" name="last_name"></label></div>
<p class="buttons"><button name="action" value="login" class="main">Sign in</button>
<button name="action" value="cancel" formnovalidate>Cancel</button></p>
</form></main></body></html>
`

// dummyLogin makes the page that asks for the account to sign in with. It leads to callbacks of this
// server, and to the pages of clients of the plain contract.
func (p *Page) dummyLogin() http.HandlerFunc {
	page := template.Must(template.New("dummy").Parse(dummyHTML))
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		back := q.Get("redirect_uri")
		own := strings.HasPrefix(back, p.Origin+"/accounts/") && !strings.ContainsAny(back, "?#\\")
		_, _, plain := p.Tokens.Parse(token.Rest, q.Get("state"))
		if !own && !(plain && slices.Contains(p.RedirectURIs, back)) {
			http.Error(w, "this page is reached by POST auth/provider/redirect", http.StatusBadRequest)
			return
		}
		wire.SetAPIHeaders(w.Header())
		if plain && q.Has("action") {
			dummyBack(w, r, back, own)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action *; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		form := map[string]string{"Action": back, "State": q.Get("state")}
		if plain {
			form["Action"], form["Back"] = DummyPath, back
		}
		_ = page.Execute(w, form)
	}
}

// dummyBack sends a person back to a client of the plain contract with a code, as other
// providers do. A script has no page to come back to: it is shown what to post.
func dummyBack(w http.ResponseWriter, r *http.Request, back string, own bool) {
	q := r.URL.Query()
	answer := map[string]string{"state": q.Get("state")}
	if q.Get("action") == "cancel" {
		answer["error"] = "access_denied"
	} else {
		answer["code"] = stages.DummyCode(q)
	}
	if own {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
		return
	}
	to, err := url.Parse(back)
	if err != nil {
		http.Error(w, "the page to come back to is no URL", http.StatusBadRequest)
		return
	}
	query := to.Query()
	for name, value := range answer {
		query.Set(name, value)
	}
	to.RawQuery = query.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}

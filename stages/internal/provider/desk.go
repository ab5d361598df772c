package provider

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// desk says in what a token endpoint differs from RFC 6749, sections 4.1.3 and 5. What it
// answers is read as JSON whatever its Content-Type says (Weibo and Weixin say text/plain),
// and is kept for the profile.
type desk struct {
	// ClientID and Secret are names of parameters instead of client_id, with the
	// authorization request, too, and client_secret.
	ClientID, Secret string
	// JSON has the request's body a JSON object instead of a form.
	JSON bool
	// Root is the path of the answer's members. They may stand at the top as well.
	Root string
	// Back are parameters of the callback that go along.
	Back []string
}

// clientIDName is what the client id is called in requests.
func (k kind) clientIDName() string {
	if k.Desk == nil || k.Desk.ClientID == "" {
		return "client_id"
	}
	return k.Desk.ClientID
}

// respelt is an authorization request as the provider spells it.
func (p *Provider) respelt(to string) string {
	name := p.kind.clientIDName()
	if name == "client_id" && p.kind.AuthEnd == "" {
		return to
	}
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	q := u.Query()
	id := q.Get("client_id")
	q.Del("client_id")
	q.Set(name, id)
	u.RawQuery = q.Encode()
	return u.String() + p.kind.AuthEnd
}

// redeemAt exchanges the code at a token endpoint that differs.
func (p *Provider) redeemAt(ctx context.Context, at *endpoints, c Callback, secret string) (grant, error) {
	r, err := p.deskRequest(ctx, at, c, secret)
	if err != nil {
		return grant{}, err
	}
	status, body, err := p.web.do(r)
	if err != nil {
		return grant{}, err
	}
	answer, err := parse(body)
	switch {
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return grant{}, fault(ErrUnreachable, "%s: status %d: %s", place(r.URL), status, deskWords(answer))
	case err != nil && status < 300:
		return grant{}, fault(ErrUnreachable, "%s: the answer is no JSON object", place(r.URL))
	}
	if inner, ok := answer.under(p.kind.Desk.Root); ok {
		answer = inner
	}
	access := answer.text("access_token")
	if status > 299 || access == "" {
		return grant{}, notExchanged(r.URL, answer)
	}
	return grant{
		access: access, id: answer.text("id_token"), nonce: c.Nonce, answer: withoutTokens(answer), server: at.server,
	}, nil
}

// deskRequest asks for the code to be exchanged.
func (p *Provider) deskRequest(ctx context.Context, at *endpoints, c Callback, secret string) (*http.Request, error) {
	d := p.kind.Desk
	form := url.Values{"grant_type": {"authorization_code"}, "code": {c.Code}, "redirect_uri": {c.RedirectURI}}
	if at.pkce {
		form.Set("code_verifier", c.Verifier)
	}
	for _, name := range d.Back {
		if value := c.Form.Get(name); value != "" {
			form.Set(name, value)
		}
	}
	if at.style != oauth2.AuthStyleInHeader {
		form.Set(p.kind.clientIDName(), p.clientID())
		if secret != "" {
			form.Set(cmp.Or(d.Secret, "client_secret"), secret)
		}
	}
	body, kind := []byte(form.Encode()), "application/x-www-form-urlencoded"
	if d.JSON {
		all := map[string]string{}
		for name := range form {
			all[name] = form.Get(name)
		}
		text, err := json.Marshal(all)
		if err != nil {
			return nil, fault(ErrRefused, "the code cannot be sent")
		}
		body, kind = text, "application/json"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at.token, bytes.NewReader(body))
	if err != nil {
		return nil, fault(ErrRefused, "no usable token endpoint")
	}
	r.Header.Set("Content-Type", kind)
	if at.style == oauth2.AuthStyleInHeader {
		r.SetBasicAuth(url.QueryEscape(p.clientID()), url.QueryEscape(secret))
	}
	return r, nil
}

// notExchanged says why there is no token. 40013 and 40125 are Weixin's, 21324 is Weibo's, for a
// client that it does not know.
func notExchanged(u *url.URL, answer object) error {
	words := deskWords(answer)
	switch deskCode(answer) {
	case "invalid_client", "unauthorized_client", "40013", "40125", "21324":
		return misfit(ErrRefused, "%s: %s: check client_id, secret and token_auth_method", place(u), words)
	}
	return fault(ErrRefused, "%s: the code is not exchanged: %s", place(u), words)
}

// deskCode is the code of an error that a token endpoint answered, as it is spelt there.
func deskCode(answer object) string {
	for _, name := range []string{"error", "error_type", "errcode", "error_code", "code"} {
		code := strings.ToLower(answer.word(name))
		if codeForm.MatchString(code) || digits.MatchString(strings.TrimPrefix(code, "-")) {
			return code
		}
	}
	return ""
}

// deskWords are what a token endpoint says of an error, for who runs the server.
func deskWords(answer object) string {
	code, said := deskCode(answer), ""
	for _, name := range []string{"error_description", "errmsg", "error_message", "message"} {
		if said == "" {
			said = answer.text(name)
		}
	}
	words := inWords(code, said)
	if code != "" && !codeForm.MatchString(code) {
		words = code + strings.TrimPrefix(words, errorCode(""))
	}
	return words
}

// withoutTokens is an answer, or a profile (HubSpot's has the token in it), as it may be kept.
func withoutTokens(answer object) object {
	out := maps.Clone(answer)
	for _, name := range []string{"access_token", "refresh_token", "id_token", "token", "signed_access_token"} {
		delete(out, name)
	}
	return out
}

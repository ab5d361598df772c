package player

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// client is one browser, one installation of an app, or one script: what it keeps between
// its requests.
type client struct {
	kind, name string
	cookies    map[string]string
	// token is an app's session token; access and refresh are what a bearer shows; run
	// stands for a run of the plain contract.
	token, access, refresh, run string
	// creation and request are the last WebAuthn options, location the last redirect.
	creation, request any
	location          string
	primed            bool
	keyed
}

// reply is an answer as it came.
type reply struct {
	status int
	header http.Header
	raw    []byte
	// body is the answer decoded, with numbers as written; isJSON says that there is one.
	body   any
	isJSON bool
}

// bodyOf is what a step sends, nil for nothing, and its type.
func (p *play) bodyOf(s *Step, c *client) ([]byte, string, error) {
	switch {
	case s.Raw != nil:
		text, err := p.text(*s.Raw, c)
		return []byte(text), "application/json", err
	case s.Form != nil:
		filled, err := p.fill(s.Form, c)
		if err != nil {
			return nil, "", err
		}
		form := url.Values{}
		for name, value := range filled.(map[string]any) {
			form.Set(name, fmt.Sprint(value))
		}
		if c.kind == Browser && s.CSRF == "" {
			form.Set("csrfmiddlewaretoken", c.cookies["csrftoken"])
		}
		return []byte(form.Encode()), "application/x-www-form-urlencoded", nil
	case s.Body != nil || c.kind == Rest && c.run != "" && s.Token == "" && !strings.HasPrefix(s.Req, "GET "):
		filled, err := p.fill(s.Body, c)
		if err != nil {
			return nil, "", err
		}
		text, err := json.Marshal(withRun(filled, s, c))
		return text, "application/json", err
	}
	return nil, "", nil
}

// withRun adds the token of its run to what a client of the plain contract sends, where
// the step does not say otherwise.
func withRun(body any, s *Step, c *client) any {
	fields, ok := body.(map[string]any)
	if c.kind != Rest || c.run == "" || s.Token != "" || body != nil && !ok {
		return body
	}
	if _, has := fields["token"]; has {
		return body
	}
	out := maps.Clone(fields)
	if out == nil {
		out = map[string]any{}
	}
	out["token"] = c.run
	return out
}

// request makes the request of a step.
func (p *play) request(ctx context.Context, s *Step, c *client) (*http.Request, []byte, error) {
	line, err := p.text(s.Req, c)
	if err != nil {
		return nil, nil, err
	}
	method, path, _ := strings.Cut(line, " ")
	body, kind, err := p.bodyOf(s, c)
	if err != nil {
		return nil, nil, err
	}
	req, err := newRequest(ctx, method, p.address(path, c), body)
	if err != nil {
		return nil, nil, err
	}
	p.setHeaders(req, c)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if s.Form != nil {
		req.Header.Set("Accept", "text/html,*/*")
	}
	if s.ContentType != "" {
		req.Header.Set("Content-Type", s.ContentType)
	}
	if err := p.identify(req, s, c); err != nil {
		return nil, nil, err
	}
	for name, value := range s.Headers {
		text, err := p.text(value, c)
		if err != nil {
			return nil, nil, err
		}
		req.Header.Del(name)
		if text != "" {
			req.Header.Set(name, text)
		}
	}
	return req, body, p.prove(req, s, c)
}

// newRequest makes a request whose body can be sent more than once.
func newRequest(ctx context.Context, method, address string, body []byte) (*http.Request, error) {
	var from io.Reader
	if body != nil {
		from = bytes.NewReader(body)
	}
	return http.NewRequestWithContext(ctx, method, address, from)
}

// address is where a path leads: below the contract of the client, or as it stands.
func (p *play) address(path string, c *client) string {
	switch bare, whole := strings.CutPrefix(path, "="); {
	case whole:
		return p.world.Base + bare
	case c.kind == Rest:
		return p.world.Base + path
	}
	return p.world.Base + p.mount() + "/" + c.kind + "/v1" + path
}

// mount is where the headless contract stands on the server.
func (p *play) mount() string {
	if p.world.Mount != "" {
		return p.world.Mount
	}
	return "/_allauth"
}

// setHeaders adds the headers that every request of a client has.
func (p *play) setHeaders(req *http.Request, c *client) {
	req.Header.Set("Accept", "application/json")
	p.describe(req.Header, c)
	if c.kind != Browser || c.browser != nil || len(c.cookies) == 0 {
		return // one that binds adds its cookies itself, once they are there
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(c.cookies)) {
		pairs = append(pairs, name+"="+c.cookies[name])
	}
	req.Header.Set("Cookie", strings.Join(pairs, "; "))
}

// describe says which client it is, and where.
func (p *play) describe(header http.Header, c *client) {
	header.Set("User-Agent", "conform/"+c.name) // recordings have it so
	header.Set("X-Forwarded-For", p.ip)
}

// identify adds the token or cookie of the sender.
func (p *play) identify(req *http.Request, s *Step, c *client) error {
	if c.kind == Browser {
		return p.forgery(req, s, c)
	}
	name, scheme, token := "X-Session-Token", "", c.token
	if c.kind == Rest {
		name, scheme, token = "Authorization", c.scheme(), c.access
	}
	switch s.Token {
	case "":
	case "none":
		token = ""
	default:
		var err error
		if token, err = p.text(s.Token, c); err != nil {
			return err
		}
	}
	if token != "" {
		req.Header.Set(name, scheme+token)
	}
	return nil
}

// forgery adds the token against forged requests to a browser's unsafe ones; over https those are
// told by the page's origin, too.
func (p *play) forgery(req *http.Request, s *Step, c *client) error {
	if slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, req.Method) {
		return nil
	}
	if req.URL.Scheme == "https" {
		req.Header.Set("Origin", p.world.Base)
	}
	switch s.CSRF {
	case "":
		if token := c.cookies["csrftoken"]; token != "" {
			req.Header.Set("X-CSRFToken", token)
		}
	case "wrong":
		req.Header.Set("X-CSRFToken", strings.Repeat("w", 32))
	case "none":
	default:
		return fmt.Errorf("csrf: %q; there are none and wrong", s.CSRF)
	}
	return nil
}

// send carries a request of a client to the server.
func (p *play) send(req *http.Request, c *client) (*reply, error) {
	got, err := p.carrier(c).RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("no answer: %w", err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer breaks off: %w", err)
	}
	r := &reply{status: got.StatusCode, header: got.Header, raw: raw}
	if text := bytes.TrimSpace(raw); len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		r.isJSON = decodeNumbers(text, &r.body) == nil
	}
	return r, nil
}

// prime fetches a browser's token against forged requests, as a front end does before its
// first request. It is no step of the story.
func (p *play) prime(ctx context.Context, c *client) error {
	if c.kind != Browser || c.primed || p.story.Prime != nil && !*p.story.Prime {
		return nil
	}
	c.primed = true
	req, err := newRequest(ctx, "GET", p.address("/config", c), nil)
	if err != nil {
		return err
	}
	p.setHeaders(req, c)
	r, err := p.send(req, c)
	if err != nil {
		return err
	}
	c.storeCookies(r.header, p.world.Now())
	return nil
}

// storeCookies keeps the cookies of an answer and describes those that changed.
func (c *client) storeCookies(header http.Header, now time.Time) []string {
	var out []string
	for _, k := range (&http.Response{Header: header}).Cookies() {
		before, had := c.cookies[k.Name]
		if k.MaxAge < 0 || !k.Expires.IsZero() && k.Expires.Before(now) || k.Value == "" {
			delete(c.cookies, k.Name)
			if had {
				out = append(out, k.Name+" deleted")
			}
			continue
		}
		c.cookies[k.Name] = k.Value
		if !had || before != k.Value {
			out = append(out, k.Name+" set"+attributes(k))
		}
	}
	slices.Sort(out)
	c.sync()
	return out
}

// attributes are those of a cookie that limit its readers and senders.
func attributes(k *http.Cookie) string {
	out := ""
	if k.HttpOnly {
		out += " HttpOnly"
	}
	switch k.SameSite {
	case http.SameSiteLaxMode:
		out += " SameSite=Lax"
	case http.SameSiteStrictMode:
		out += " SameSite=Strict"
	case http.SameSiteNoneMode:
		out += " SameSite=None"
	}
	if k.Secure {
		out += " Secure"
	}
	return out
}

// learn takes from an answer what a client goes on with: tokens and WebAuthn options.
func (c *client) learn(req *http.Request, r *reply) {
	body, ok := r.body.(map[string]any)
	if !ok {
		return
	}
	if r.status == http.StatusGone && req.Header.Get("X-Session-Token") == c.token {
		c.token = "" // what an app does with a token that is gone
	}
	if c.kind == Rest {
		c.learnRest(body)
	}
	meta, _ := body["meta"].(map[string]any)
	keep(&c.token, meta["session_token"])
	data, _ := body["data"].(map[string]any)
	for _, part := range []map[string]any{meta, data, body} {
		keep(&c.access, part["access_token"])
		keep(&c.refresh, part["refresh_token"])
		if options, ok := part["creation_options"]; ok {
			c.creation = options
		}
		if options, ok := part["request_options"]; ok {
			c.request = options
		}
	}
}

// learnRest keeps the token of the run that waits, and forgets that of one that has ended;
// it keeps where the client is sent, and WebAuthn options.
func (c *client) learnRest(body map[string]any) {
	if _, in := body["access_token"]; in {
		c.run = ""
	}
	keep(&c.run, body["flow_token"])
	keep(&c.location, body["redirect_url"])
	result, _ := body["result"].(map[string]any)
	switch options, _ := result["publicKey"].(map[string]any); {
	case options["user"] != nil: // WebAuthn, section 5.4: only creation options name the user
		c.creation = result
	case options != nil:
		c.request = result
	}
}

func keep(into *string, value any) {
	if text, ok := value.(string); ok {
		*into = text
	}
}

// drop forgets what a step says: token, cookies, all, or a cookie by name.
func (c *client) drop(what string) {
	if c.browser != nil {
		defer c.sync()
		switch what {
		case "token":
		case "cookies", "all":
			c.browser.Cookies.Drop("")
		default:
			c.browser.Cookies.Drop(what)
		}
	}
	switch what {
	case "token":
		c.token, c.run = "", ""
		if c.kind == Rest {
			c.access = ""
		}
	case "cookies", "all":
		c.cookies, c.primed = map[string]string{}, false
		if what == "all" {
			c.token, c.access, c.refresh, c.run = "", "", "", ""
		}
	default:
		delete(c.cookies, what)
	}
}

package stand_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
)

// damaged is a server whose answers somebody spoils on their way.
type damaged struct {
	http.RoundTripper
	spoil func(req *http.Request, got *http.Response, body []byte) []byte
}

func (d damaged) RoundTrip(req *http.Request) (*http.Response, error) {
	got, err := d.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return nil, err
	}
	got.Body = io.NopCloser(bytes.NewReader(d.spoil(req, got, body)))
	return got, nil
}

// spoiled is a target whose answers are spoiled.
func spoiled(spoil func(*http.Request, *http.Response, []byte) []byte) player.Target {
	whole := stand.New(stand.Config{Profiles: "../../../testdata/profiles"})
	return func(ctx context.Context, s *player.Story, client string) (*player.World, error) {
		w, err := whole(ctx, s, client)
		if err == nil {
			w.HTTP = damaged{w.HTTP, spoil}
		}
		return w, err
	}
}

// words replaces words of bodies.
func words(pairs ...string) func(*http.Request, *http.Response, []byte) []byte {
	r := strings.NewReplacer(pairs...)
	return func(_ *http.Request, _ *http.Response, body []byte) []byte { return []byte(r.Replace(string(body))) }
}

// written is a story that says itself what must come; recorded has the same as it would
// have been recorded.
const (
	written = `proves: A wrong code is refused, and the right one signs in.
clients: [browser]
given: {totp: true}
steps:
  - req: POST /auth/login
    body: {email: "{{email}}", password: "{{password}}"}
    want: 401
    pending: mfa_authenticate
    flows: [login, mfa_authenticate, mfa_login_webauthn, provider_redirect, provider_token, signup]
    cookies: ["sessionid set HttpOnly"]
    answer_headers: {Cache-Control: "no-store"}
  - req: POST /auth/2fa/authenticate
    body: {code: "{{totp_wrong}}"}
    want: 400
    errors: ["code:incorrect_code"]
  - req: POST /auth/2fa/authenticate
    body: {code: "{{totp}}"}
    want: 200
    answer: {data: {user: {email: "{{email}}"}, methods: [{method: password}, {method: mfa, type: totp}]}, meta: {is_authenticated: true}}
    cookies: [csrftoken, sessionid]
  - {req: DELETE /auth/session, want: 401, cookies: [sessionid deleted]}
`
	recorded = `proves: A wrong code is refused, and the right one signs in.
clients: [browser]
given: {totp: true}
steps:
  - {req: POST /auth/login, body: {email: "{{email}}", password: "{{password}}"}, show_headers: [Cache-Control]}
  - {req: POST /auth/2fa/authenticate, body: {code: "{{totp_wrong}}"}}
  - {req: POST /auth/2fa/authenticate, body: {code: "{{totp}}"}}
  - {req: DELETE /auth/session}
# ---- recorded
expect:
  browser:
    - {"step":"POST /auth/login","status":401,"body":{"data":{"flows":[{"id":"login"},{"id":"mfa_authenticate","is_pending":true,"types":["totp"]},{"id":"mfa_login_webauthn"},{"id":"provider_redirect","providers":["mock"]},{"id":"provider_token","providers":["mock"]},{"id":"signup"}]},"meta":{"is_authenticated":false},"status":401},"cookies":["sessionid set HttpOnly SameSite=Lax"],"headers":["Cache-Control: no-store"]}
    - {"step":"POST /auth/2fa/authenticate","status":400,"body":{"errors":[{"code":"incorrect_code","message":"<string>","param":"code"}],"status":400}}
    - {"step":"POST /auth/2fa/authenticate","status":200,"body":{"data":{"methods":[{"at":"<number>","email":"{{email}}","method":"password"},{"at":"<number>","id":"<id>","method":"mfa","type":"totp"}],"user":{"display":"{{email.local}}","email":"{{email}}","has_usable_password":true,"id":"<id>","username":"{{email.local}}"}},"meta":{"is_authenticated":true},"status":200},"cookies":["csrftoken set SameSite=Lax","sessionid set HttpOnly SameSite=Lax"]}
    - {"step":"DELETE /auth/session","status":401,"body":{"data":{"flows":[{"id":"login"},{"id":"mfa_login_webauthn"},{"id":"provider_redirect","providers":["mock"]},{"id":"provider_token","providers":["mock"]},{"id":"signup"}]},"meta":{"is_authenticated":false},"status":401},"cookies":["sessionid deleted"]}
`
)

// playOf plays the text of a story against a target.
func playOf(t *testing.T, text string, target player.Target) player.Result {
	t.Helper()
	s, err := player.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s.Name = "story"
	return player.Run(t.Context(), player.Play{Story: s, Client: s.Clients[0]}, target)
}

// said is what a play says of where it departs.
func said(r player.Result) string {
	var b strings.Builder
	for _, m := range r.Steps {
		for _, d := range m.Faults {
			b.WriteString(m.Path + " " + d.String() + "\n")
		}
	}
	for _, d := range r.Faults {
		b.WriteString(d.String() + "\n")
	}
	return b.String()
}

// TestDamage spoils answers in one way at a time: the story that a person wrote and the
// recording both notice, and say where.
func TestDamage(t *testing.T) {
	noCookie := func(_ *http.Request, got *http.Response, body []byte) []byte {
		got.Header["Set-Cookie"] = slices.DeleteFunc(got.Header["Set-Cookie"], func(c string) bool { return strings.HasPrefix(c, "sessionid=") })
		return body
	}
	for name, c := range map[string]struct {
		spoil               func(*http.Request, *http.Response, []byte) []byte
		byWriting, byRecord string
	}{
		"nothing": {spoil: words()},
		"a wrong status": {
			func(_ *http.Request, got *http.Response, body []byte) []byte {
				if got.StatusCode == 400 {
					got.StatusCode = 403
				}
				return body
			}, "2 status: want 400, got 403", "2 status: want 400, got 403",
		},
		"a missing flow":      {words(`{"id":"signup"},`, ``, `,{"id":"signup"}`, ``), "1 flows: want login, mfa_authenticate,", "1 body.data.flows: want "},
		"a flow too many":     {words(`{"id":"signup"}`, `{"id":"signup"},{"id":"open_door"}`), "1 flows: want login", "1 body.data.flows: want "},
		"nothing is pending":  {words(`"is_pending":true`, `"is_pending":false`), "1 pending: want mfa_authenticate, got none", "1 body.data.flows: want "},
		"a wrong error code":  {words("incorrect_code", "invalid_code"), "2 errors: want code:incorrect_code, got code:invalid_code", "2 body.errors: want "},
		"another field":       {words(`"param":"code"`, `"param":"token"`), "2 errors: want code:incorrect_code, got token:incorrect_code", "2 body.errors: want "},
		"an extra key":        {words(`"has_usable_password"`, `"password_hash":"x","has_usable_password"`), "", "3 body.data.user.password_hash: unexpected"},
		"a missing key":       {words(`"has_usable_password":true,`, ``, `,"has_usable_password":true`, ``), "", "3 body.data.user.has_usable_password: missing"},
		"another type":        {words(`"is_authenticated":true`, `"is_authenticated":"yes"`), "3 answer.meta.is_authenticated: want true", "3 body.meta.is_authenticated: want true"},
		"methods turned over": {words(`"method":"password"`, `"method":"mfa"`, `"method":"mfa"`, `"method":"password"`), "3 answer.data.methods.0.method", "3 body.data.methods"},
		"a lost cookie":       {noCookie, "1 cookies: want sessionid set HttpOnly, got none", "1 cookies: want "},
		"a cookie for scripts": {
			func(_ *http.Request, got *http.Response, body []byte) []byte {
				for i, c := range got.Header["Set-Cookie"] {
					got.Header["Set-Cookie"][i] = strings.ReplaceAll(c, "; HttpOnly", "")
				}
				return body
			}, "1 cookies: want sessionid set HttpOnly, got sessionid set SameSite=Lax", "1 cookies: want ",
		},
		"a header": {
			func(_ *http.Request, got *http.Response, body []byte) []byte {
				got.Header.Set("Cache-Control", "public")
				return body
			}, "1 header Cache-Control: want no-store, got public", "1 headers: want ",
		},
		"no JSON": {func(_ *http.Request, _ *http.Response, _ []byte) []byte { return []byte("<h1>") }, "1 pending: want mfa_authenticate, got none", "1 body: want "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, by := range map[string]struct{ text, want string }{"written": {written, c.byWriting}, "recorded": {recorded, c.byRecord}} {
				r := playOf(t, by.text, spoiled(c.spoil))
				if got := said(r); r.Passed != (by.want == "") || !strings.HasPrefix(got, by.want) {
					t.Errorf("%s: passed %v, want it to say %q, it says\n%s", kind, r.Passed, by.want, got)
				}
			}
		})
	}
}

// TestDamageStopsAStory: what comes after a fault is not played.
func TestDamageStopsAStory(t *testing.T) {
	r := playOf(t, written, spoiled(words("incorrect_code", "x")))
	if len(r.Steps) != 2 || r.Passed {
		t.Errorf("%d steps were played", len(r.Steps))
	}
}

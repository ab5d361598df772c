package player

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/internal/device"
)

// vault is a server that binds: by a cookie of ten minutes, or by proofs. It looks at no
// signature, which is the device's own test; it tells what came by status and body.
type vault struct {
	now time.Time
	// one lets one request of a burst in at a time.
	one sync.Mutex
	n   int
	// seen are the requests but for those for a front end's configuration.
	seen []*http.Request
	// nonce is what a proof must have, "" for anything.
	nonce string
}

func (v *vault) world() *World {
	return &World{
		Base: "https://vault.example", HTTP: v, Now: func() time.Time { return v.now },
		Pass: func(_ context.Context, d time.Duration) error { v.now = v.now.Add(d); return nil },
	}
}

func (v *vault) RoundTrip(req *http.Request) (*http.Response, error) {
	v.one.Lock()
	defer v.one.Unlock()
	got := &http.Response{StatusCode: 200, Header: http.Header{}, Request: req}
	if strings.HasSuffix(req.URL.Path, "/config") {
		got.Body = io.NopCloser(strings.NewReader("{}"))
		return got, nil
	}
	v.seen = append(v.seen, req)
	said := map[string]any{"cookie": req.Header.Get("Cookie"), "skipped": req.Header.Get("Secure-Session-Skipped"), "authorization": req.Header.Get("Authorization")}
	if proof := req.Header.Get("DPoP"); proof != "" {
		said["claims"], said["header"] = claimsOf(proof)
	}
	bind := func() {
		v.n++
		got.Header.Add("Set-Cookie", fmt.Sprintf("__Host-bound=%d; Path=/; Secure; Max-Age=600", v.n))
	}
	switch path := req.URL.Path; {
	case strings.HasSuffix(path, "/login"):
		got.Header.Add("Set-Cookie", "sessionid=s; Path=/; Secure")
		got.Header.Set("Secure-Session-Registration", `(ES256);path="/register";challenge="C"`)
		said["meta"] = map[string]any{"session_token": "tok"}
		said["access_token"], said["refresh_token"] = "acc", "ref"
	case path == "/register":
		bind()
		said = map[string]any{"session_identifier": "S", "refresh_url": "/refresh", "scope": map[string]any{}, "credentials": []any{
			map[string]any{"type": "cookie", "name": "__Host-bound", "attributes": "Path=/; Secure"},
		}}
	case path == "/refresh":
		bind()
		said = nil
	}
	if v.nonce != "" && said["claims"] != nil && said["claims"].(map[string]any)["nonce"] != v.nonce {
		got.StatusCode = 400
		got.Header.Set("DPoP-Nonce", v.nonce)
		said = map[string]any{"error": "use_dpop_nonce"}
	}
	text, err := json.Marshal(said)
	if said == nil {
		text = nil
	}
	got.Body = io.NopCloser(strings.NewReader(string(text)))
	return got, err
}

func claimsOf(token string) (claims, header map[string]any) {
	for i, part := range strings.Split(token, ".")[:2] {
		raw, _ := base64.RawURLEncoding.DecodeString(part)
		_ = json.Unmarshal(raw, []*map[string]any{&header, &claims}[i])
	}
	return claims, header
}

// performAt plays a story against a vault.
func performAt(t *testing.T, v *vault, client, text string) Result {
	t.Helper()
	story, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v.now = time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	story.Name, story.File = "story", "story.yaml"
	return Run(t.Context(), Play{story, client}, func(context.Context, *Story, string) (*World, error) { return v.world(), nil })
}

// A browser that binds does so by itself, and what it did is compared. A thief's has all cookies
// and none of the keys.
func TestBoundBrowser(t *testing.T) {
	v := &vault{}
	passes(t, performAt(t, v, Browser, `proves: x
binds: [main]
steps:
  - {req: POST /login, want: 200, binding: registered, cookies: [sessionid]}
  - {req: GET /a, binding: none, answer: {cookie: "__Host-bound=1; sessionid=s"}}
  - {steal: main, as: thief}
  - {req: GET /a, as: thief, answer: {cookie: "__Host-bound=1; sessionid=s"}}
  - {advance: 10m}
  - {req: GET /a, binding: [refreshed], answer: {cookie: "__Host-bound=2; sessionid=s", skipped: ""}}
  - {req: GET /a, as: thief, headers: {X-Own: "{{cookie.__Host-bound}}"}, answer: {cookie: "__Host-bound=1; sessionid=s"}}
  - {advance: 10m}
  - {req: GET /a, skips: quota_exceeded, binding: ["skipped: quota_exceeded"], answer: {cookie: sessionid=s, skipped: 'quota_exceeded;session_identifier="S"'}}
  - {req: GET /a, binding: refreshed}
  - {drop: __Host-bound}
  - {req: GET /a, binding: refreshed, answer: {cookie: "__Host-bound=4; sessionid=s"}}
  - {drop: key}
  - {drop: __Host-bound}
  - {req: GET /a, binding: none, answer: {cookie: sessionid=s}}
  - {drop: cookies}
  - {req: GET /a, answer: {cookie: ""}}
`))
	for _, req := range v.seen {
		if req.Header.Get("User-Agent") == "" || req.Header.Get("X-Forwarded-For") == "" {
			t.Errorf("%s: nobody's", req.URL.Path)
		}
	}
	if got := performAt(t, v, Browser, "proves: x\nbinds: [main]\nsteps:\n  - {req: POST /login, binding: none}\n"); got.Passed || got.Steps[0].Faults[0].Where != "binding" {
		t.Errorf("%+v", got)
	}
	if got := performAt(t, v, Browser, "proves: x\nsteps:\n  - {req: POST /login, binding: registered}\n"); got.Passed || !strings.Contains(got.Steps[0].Faults[0].Text, "name it in binds") {
		t.Errorf("%+v", got)
	}
}

// A thief whose browser binds, too, takes over all cookies into it.
func TestThiefBinds(t *testing.T) {
	passes(t, performAt(t, &vault{}, Browser, `proves: x
binds: [thief, twin]
steps:
  - {req: POST /login, want: 200}
  - {steal: main, as: thief}
  - {req: GET /a, as: thief, binding: none, answer: {cookie: sessionid=s}}
  - {steal: thief, as: twin}
  - {req: GET /a, as: twin, binding: none, answer: {cookie: sessionid=s}}
`))
}

// An app that holds a key proves it for the token that it shows, and says DPoP where a bearer
// would say Bearer; a thief has the tokens alone.
func TestBoundApp(t *testing.T) {
	hash := device.TokenHash
	for client, text := range map[string]string{
		App: `proves: x
binds: [main]
steps:
  - {req: POST /login, answer: {claims: {htm: POST, htu: "https://vault.example/_allauth/app/v1/login", ath: <absent>}, header: {typ: dpop+jwt}}}
  - {req: "GET /a?q=1", answer: {claims: {htm: GET, htu: "https://vault.example/_allauth/app/v1/a", ath: ` + hash("tok") + `}}}
  - {req: GET /a, headers: {Authorization: "DPoP {{access_token}}"}, answer: {claims: {ath: ` + hash("acc") + `}}}
`,
		Rest: `proves: x
binds: [main, other]
steps:
  - {req: POST /login, answer: {claims: {htu: "https://vault.example/login"}}}
  - {req: GET /a, answer: {authorization: DPoP acc, claims: {ath: ` + hash("acc") + `}}}
  - {set: {old: "{{proof}}"}}
  - {req: GET /a, proof: none, answer: {authorization: DPoP acc, claims: <absent>}}
  - {req: GET /a, proof: "{{old}}", answer: {claims: {ath: ` + hash("acc") + `}}}
  - {req: GET /a, proof: {claims: {htm: PUT, jti: null}, header: {typ: JWT}, token: x}, answer: {claims: {htm: PUT, jti: <absent>, ath: ` + hash("x") + `}, header: {typ: JWT}}}
  - {steal: main, as: thief}
  - {req: GET /a, as: thief, answer: {authorization: Bearer acc, claims: <absent>}}
  - {req: GET /a, as: thief, proof: "{{old}}", answer: {claims: <any>}}
  - {steal: main, as: other}
  - {req: GET /a, as: other, answer: {authorization: DPoP acc}}
  - {req: GET /a, capture: {ours: last.header.jwk.x}}
  - {req: GET /a, answer: {header: {jwk: {x: "{{ours}}"}}}}
  - {drop: key}
  - {req: GET /a, answer: {header: {jwk: {x: <string>}}}}
  - {req: GET /a, proof: {sig: bad}, answer: {claims: <any>}}
  - {req: GET /a, proof: {sig: none}, answer: {claims: <any>}}
`,
	} {
		r := performAt(t, &vault{}, client, text)
		passes(t, r)
	}
	v := &vault{nonce: "n1"}
	passes(t, performAt(t, v, App, "proves: x\nbinds: [main]\nsteps:\n  - {req: GET /a, want: 200, answer: {claims: {nonce: n1}}}\n  - {req: GET /a, burst: 3, want: [200, 200, 200]}\n"))
	if len(v.seen) != 5 {
		t.Errorf("%d requests: the nonce is fetched once and kept", len(v.seen))
	}
}

// What a story cannot mean is said.
func TestFaultsOfBinding(t *testing.T) {
	for text, want := range map[string]string{
		"{req: GET /a, proof: {sig: bad}}":                  "the device main holds no key; name it in binds",
		"{req: GET /a, as: k, proof: {sig: odd}}":           "there are header and claims",
		"{req: GET /a, as: k, proof: {claims: 3}}":          "there are header and claims",
		"{req: GET /a, as: k, proof: 3}":                    "want none, a proof, or members of one",
		"{steal: main}":                                     "does not steal from itself",
		"{drop: key}":                                       "holds none; name it in binds",
		"{req: GET /a, as: k, proof: \"{{nobody_knows}}\"}": "nobody_knows is not set",
	} {
		r := performAt(t, &vault{}, App, "proves: x\nbinds: [k]\nsteps:\n  - "+text+"\n")
		if list, _ := r.departs(); r.Passed || len(list) == 0 || !strings.Contains(list[0].Text, want) {
			t.Errorf("%s: %+v", text, list)
		}
	}
	r := performAt(t, &vault{}, Browser, "proves: x\nsteps:\n  - {req: GET /a, skips: unreachable}\n")
	if list, _ := r.departs(); len(list) == 0 || !strings.Contains(list[0].Text, "name it in binds") {
		t.Errorf("%+v", list)
	}
}

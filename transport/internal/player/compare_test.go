package player

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// of decodes JSON as an answer is decoded.
func of(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := decodeNumbers([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// onStage is a play without a server, whose address and number are known.
func onStage() *play {
	p := newPlay(Play{Story: &Story{}, Client: Browser}, &World{Base: "http://localhost:8080"})
	p.keep("email", "anna@example.org")
	p.keep("phone", "+31612345678")
	p.keep("word", "abc") // too short to be told from other text
	return p
}

// TestNormal writes what differs from time to time as its type, what the story made up as
// its template, and everything else as it is.
func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		`{"status":200,"ok":true,"none":null}`:                            `{"none":null,"ok":true,"status":200}`,
		`{"at":1.5,"created_at":"x","secret":null,"message":"Hi"}`:        `{"at":"<number>","created_at":"<string>","message":"<string>","secret":null}`,
		`{"email":"anna@example.org","note":"for anna, abc"}`:             `{"email":"{{email}}","note":"for anna, abc"}`,
		`{"text":"mail anna@example.org or +31612345678"}`:                `{"text":"mail {{email}} or {{phone}}"}`,
		`{"user":{"id":7,"display":"somebody","username":"ann"}}`:         `{"user":{"display":"<string>","id":"<id>","username":"<string>"}}`,
		`{"user":{"id":"7","name":"anna@example.org"}}`:                   `{"user":{"id":"<id>","name":"{{email}}"}}`,
		`{"flows":[{"id":"signup"},{"id":"login"}]}`:                      `{"flows":[{"id":"login"},{"id":"signup"}]}`,
		`{"methods":[{"method":"b"},{"method":"a"}]}`:                     `{"methods":[{"method":"b"},{"method":"a"}]}`,
		`{"data":[{"id":"x","type":"webauthn"},{"id":5}]}`:                `{"data":[{"id":"<id>","type":"webauthn"},{"id":"<id>"}]}`,
		`{"provider":{"id":"mock","name":"Mock"}}`:                        `{"provider":{"id":"mock","name":"<string>"}}`,
		`{"providers":["mock","dummy"]}`:                                  `{"providers":["mock"]}`,
		`{"providers":[{"id":"dummy"},{"id":"m","flows":[],"name":"M"}]}`: `{"providers":[{"flows":[],"id":"m","name":"<string>"}]}`,
		`{"flows":[{"id":"provider_redirect","providers":["dummy"]}]}`:    `{"flows":[]}`,
		`{"unused_codes":["1","2"],"transports":["usb"],"hints":[]}`:      `{"hints":[],"transports":"<list>","unused_codes":["<string>","<string>"]}`,
		`{"uid":"5","display":"anna@example.org"}`:                        `{"display":"<string>","uid":"5"}`,
		`{"flow_token":"a","is_current":false}`:                           `{"flow_token":"<string>","is_current":false}`,
	} {
		if got := written(onStage().normal(of(t, in), "", "")); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestIgnored(t *testing.T) {
	for path, want := range map[string]string{
		"a":     `{"a":"<ignored>","l":[{"x":1},{"x":2}]}`,
		"l.1.x": `{"a":{"b":1},"l":[{"x":1},{"x":"<ignored>"}]}`,
		"l.*.x": `{"a":{"b":1},"l":[{"x":"<ignored>"},{"x":"<ignored>"}]}`,
		"no.b":  `{"a":{"b":1},"l":[{"x":1},{"x":2}]}`,
	} {
		if got := written(ignored(of(t, `{"a":{"b":1},"l":[{"x":1},{"x":2}]}`), path)); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// TestCompare lists every place where two values differ.
func TestCompare(t *testing.T) {
	for _, c := range []struct{ want, got, diff string }{
		{`{"a":1}`, `{"a":1}`, ""},
		{`{"a":1}`, `{"a":1.0}`, "body.a: want 1, got 1.0"},
		{`{"a":1}`, `{"a":"1"}`, `body.a: want 1, got "1"`},
		{`{"a":1,"b":2}`, `{"b":3,"c":4}`, "body.a: missing, want 1; body.b: want 2, got 3; body.c: unexpected 4"},
		{`{"is_authenticated":null}`, `{"is_authenticated":false}`, ""},
		{`{"is_authenticated":null}`, `{"is_authenticated":true}`, "body.is_authenticated: want null, got true"},
		{`{"is_pending":null}`, `{"is_pending":false}`, "body.is_pending: want null, got false"},
		{`[1,2]`, `[1]`, "body: want [1,2], got [1]"},
		{`[{"a":1},{"a":2}]`, `[{"a":1},{"a":3}]`, `body: want [{"a":1},{"a":2}], got [{"a":1},{"a":3}]`},
		{`{"a":[]}`, `{"a":{}}`, "body.a: want [], got {}"},
		{`{"a":{}}`, `{"a":null}`, "body.a: want {}, got null"},
		{`null`, `{}`, "body: want null, got {}"},
	} {
		var list []string
		for _, d := range compare("body", of(t, c.want), of(t, c.got)) {
			list = append(list, d.String())
		}
		if got := strings.Join(list, "; "); got != c.diff {
			t.Errorf("%s and %s: %q, want %q", c.want, c.got, got, c.diff)
		}
	}
}

// TestCompareRecorded notices each part of a recording.
func TestCompareRecorded(t *testing.T) {
	whole := func() recordedStep {
		return recordedStep{
			Step: "GET /x", Status: 302, Body: "x", Cookies: []string{"a set"}, Location: &location{To: "/x", Query: []string{"error=a", "state"}},
			Headers: []string{"X: y"}, Mail: []string{"code"}, SMS: []string{"notice"}, Statuses: []int{200, 409},
		}
	}
	if got := compareRecorded(whole(), whole()); len(got) > 0 {
		t.Errorf("a step differs from itself: %v", got)
	}
	for want, change := range map[string]func(*recordedStep){
		`the recording has "GET /x" here`:           func(r *recordedStep) { r.Step = "GET /y" },
		"status: want 302, got 400 with errors [1]": func(r *recordedStep) { r.Status, r.Body = 400, map[string]any{"errors": []any{json.Number("1")}} },
		"body: want":              func(r *recordedStep) { r.Body = "y" },
		"cookies: want":           func(r *recordedStep) { r.Cookies = nil },
		"location: missing":       func(r *recordedStep) { r.Location = nil },
		"location: want":          func(r *recordedStep) { r.Location.To = "/y" },
		"location.query: error=a": func(r *recordedStep) { r.Location.Query = []string{"error=b", "state"} },
		"headers: want":           func(r *recordedStep) { r.Headers = []string{"X: z"} },
		"mail: want":              func(r *recordedStep) { r.Mail = []string{"code", "code"} },
		"sms: want":               func(r *recordedStep) { r.SMS = []string{"code"} },
		"statuses: want":          func(r *recordedStep) { r.Statuses = []int{200, 200} },
	} {
		got := whole()
		change(&got)
		list := compareRecorded(whole(), got)
		if len(list) == 0 || !strings.HasPrefix(list[0].String(), want) {
			t.Errorf("got %v, want %s", list, want)
		}
	}
	more, page := whole(), whole()
	more.Location.Query = append(more.Location.Query, "more")
	page.NonJSON, page.Body = true, nil
	for name, pair := range map[string][2]recordedStep{"a longer query": {whole(), more}, "a page": {page, whole()}} {
		if got := compareRecorded(pair[0], pair[1]); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if none := compareRecorded(recordedStep{}, recordedStep{Location: &location{To: "/x"}}); len(none) != 1 || none[0].String() != `location: unexpected {"to":"/x"}` {
		t.Errorf("an unexpected redirect: %v", none)
	}
}

// TestWithin asks for a part of an answer.
func TestWithin(t *testing.T) {
	const got = `{"n":1,"s":"x","l":[{"a":1,"b":2}],"none":null,"yes":true}`
	for want, diff := range map[string]string{
		`{}`: "", `{"n":1}`: "", `{"n":"<number>","s":"<string>","l":"<list>","yes":"<bool>","none":"<any>"}`: "",
		`{"l":[{"a":1}]}`: "", `{"gone":"<absent>"}`: "", `{"none":null}`: "",
		`{"n":2}`:             "answer.n: want 2, got 1",
		`{"n":"1"}`:           `answer.n: want "1", got 1`,
		`{"n":"<string>"}`:    `answer.n: want "<string>", got 1`,
		`{"none":"<string>"}`: `answer.none: want "<string>", got null`,
		`{"gone":"<any>"}`:    `answer.gone: missing, want "<any>"`,
		`{"s":"<absent>"}`:    `answer.s: unexpected "x"`,
		`{"l":[]}`:            `answer.l: want [], got [{"a":1,"b":2}]`,
		`{"l":[{"a":2}]}`:     "answer.l.0.a: want 2, got 1",
		`{"s":{}}`:            `answer.s: want {}, got "x"`,
		`{"none":false}`:      "answer.none: want false, got null",
	} {
		var list []string
		for _, d := range compareWithin("answer", of(t, want), of(t, got)) {
			list = append(list, d.String())
		}
		if s := strings.Join(list, "; "); s != diff {
			t.Errorf("%s: %q, want %q", want, s, diff)
		}
	}
}

// TestExpectCookies matches each cookie that changed once.
func TestExpectCookies(t *testing.T) {
	set, gone, csrf := "sessionid set HttpOnly SameSite=Lax", "sessionid deleted", "csrftoken set SameSite=Lax"
	for _, c := range []struct {
		want, got []string
		ok        bool
	}{
		{nil, nil, true}, {[]string{"sessionid"}, []string{set}, true}, {[]string{"sessionid set HttpOnly"}, []string{set}, true},
		{[]string{"sessionid deleted"}, []string{gone}, true}, {[]string{"csrftoken", "sessionid"}, []string{csrf, set}, true},
		{[]string{set}, []string{set}, true},
		{nil, []string{set}, false}, {[]string{"sessionid"}, nil, false}, {[]string{"sessionid"}, []string{gone}, false},
		{[]string{"sessionid deleted"}, []string{set}, false}, {[]string{"session"}, []string{set}, false},
		{[]string{"sessionid set Secure"}, []string{set}, false}, {[]string{"sessionid", "sessionid"}, []string{set}, false},
	} {
		if got := expectCookies(c.want, c.got); (len(got) == 0) != c.ok {
			t.Errorf("%q in %q: %v", c.want, c.got, got)
		}
	}
}

// TestReplies reads what waits, what is listed and what is wrong out of the answers of
// both contracts.
func TestReplies(t *testing.T) {
	for _, c := range []struct {
		body                   string
		pending, flows, errors []string
	}{
		{`{"data":{"flows":[{"id":"login"},{"id":"verify_email","is_pending":true},{"id":"x","is_pending":false}]}}`,
			[]string{"verify_email"}, []string{"login", "verify_email", "x"}, nil},
		{`{"errors":[{"code":"required","param":"email"},{"code":"csrf_failed"}]}`, nil, nil, []string{"email:required", "csrf_failed"}},
		{`{"flow":"mfa_authenticate","pending":true}`, []string{"mfa_authenticate"}, nil, nil},
		{`{"flow":null,"pending":false,"flows":[{"id":"login"}]}`, nil, []string{"login"}, nil},
		{`{"codes":{"__all__":["invalid"],"code":["incorrect_code","required"]},"errors":{}}`, nil, nil, []string{"invalid", "code:incorrect_code", "code:required"}},
		{`[]`, nil, nil, nil},
	} {
		r := &reply{body: of(t, c.body)}
		if !slices.Equal(r.pending(), c.pending) || !slices.Equal(r.flows(), c.flows) || !slices.Equal(r.errors(), c.errors) {
			t.Errorf("%s: pending %q, flows %q, errors %q", c.body, r.pending(), r.flows(), r.errors())
		}
	}
}

// TestTake describes the cookies that changed, and forgets those that were deleted.
func TestTake(t *testing.T) {
	c := &client{cookies: map[string]string{"old": "1", "same": "2"}}
	header := http.Header{"Set-Cookie": {
		"new=3; HttpOnly; SameSite=Strict; Secure", "same=2; HttpOnly", "old=; Max-Age=0", "gone=; Max-Age=0", "third=x; SameSite=None",
	}}
	got := c.storeCookies(header, time.Unix(0, 0))
	if want := []string{"new set HttpOnly SameSite=Strict Secure", "old deleted", "third set SameSite=None"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(c.cookies) != 3 || c.cookies["new"] != "3" {
		t.Errorf("kept %v", c.cookies)
	}
}

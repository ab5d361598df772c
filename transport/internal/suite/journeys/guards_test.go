package journeys

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// visitor is a person at one kind of client who comes to the program's own routes, too.
type visitor struct {
	*suite.Lab
	kind  string // browser, app or rest
	front *suite.Client
	plain *suite.Script
}

// visitors runs a test with each kind of client, before a server of its own.
func visitors(t *testing.T, f func(t *testing.T, l *suite.Lab, kind string), change ...suite.SetUp) {
	for _, kind := range []string{"browser", "app", "rest"} {
		t.Run(kind, func(t *testing.T) { f(t, suite.NewLab(t, append([]suite.SetUp{suite.Dev}, change...)...), kind) })
	}
}

// visitor returns somebody who is not signed in.
func newVisitor(l *suite.Lab, kind string) *visitor {
	v := &visitor{Lab: l, kind: kind, plain: l.Script()}
	if kind != "rest" {
		v.front = l.Client(kind)
	}
	return v
}

// post sends to a route of the contract by its path there, headless or plain, and fails the
// test for another status.
func (v *visitor) post(headless, plain string, body suite.M, status int) {
	v.T.Helper()
	if v.kind == "rest" {
		if r := v.plain.Post(plain, body); r.Status != status {
			v.T.Fatalf("%s: %d, want %d: %s", plain, r.Status, status, r.Raw)
		}
		return
	}
	if r := v.front.Do("POST", headless, body); r.Status != status {
		v.T.Fatalf("%s: %d, want %d: %s", headless, r.Status, status, r.Raw)
	}
}

// login signs in with the password, and then with a code of the secret if there is one.
func (v *visitor) login(email, secret string) {
	v.T.Helper()
	body := suite.M{"email": email, "password": suite.Password}
	if secret == "" {
		v.post("/auth/login", "/login/", body, 200)
		return
	}
	if v.kind == "rest" {
		run := v.plain.Post("/login/", body).Is(401).Waits("mfa_authenticate").MFAToken
		v.plain.Post("/mfa/authenticate/", suite.M{"token": run, "code": v.TOTP(secret)}).Entered(email)
	} else {
		v.front.Do("POST", "/auth/login", body).Is(401)
		v.front.Do("POST", "/auth/2fa/authenticate", suite.M{"code": v.TOTP(secret)}).Is(200)
	}
	v.Clock.Pass(30 * time.Second)
}

// passkey signs in with a passkey alone.
func (v *visitor) passkey(k *softKey, email string) {
	v.T.Helper()
	if v.kind == "rest" {
		options := v.plain.Post("/stages/mfa_login_webauthn/options/", suite.M{}).Is(200)
		v.plain.Post("/stages/mfa_login_webauthn/", suite.M{"token": options.FlowToken, "credential": k.get(v.T.(*testing.T), options)}).Entered(email)
		return
	}
	var data struct {
		Options json.RawMessage `json:"request_options"`
	}
	if err := json.Unmarshal(v.front.Do("GET", "/auth/webauthn/login", nil).Is(200).Data, &data); err != nil {
		v.T.Fatal(err)
	}
	options, err := virtualwebauthn.ParseAssertionOptions(string(data.Options))
	if err != nil {
		v.T.Fatal(err)
	}
	answer := json.RawMessage(virtualwebauthn.CreateAssertionResponse(k.rp, k.key, k.cred, *options))
	v.front.Do("POST", "/auth/webauthn/login", suite.M{"credential": answer}).Is(200)
}

// ask asks a handler of the program, with what the client shows at the contract.
func (v *visitor) ask(h http.Handler, method string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/own", nil)
	switch v.kind {
	case "rest":
		r.Header.Set("Authorization", "Bearer "+v.plain.Access)
	case "app":
		r.Header.Set("X-Session-Token", v.front.Token)
	default:
		for _, c := range v.front.HTTP.Jar.Cookies(v.front.Site) {
			r.AddCookie(c)
		}
		r.Header.Set("X-CSRFToken", v.front.Cookie("csrftoken"))
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// refused fails the test unless the client is answered by its contract, with exactly these
// flows to reauthenticate by.
func (v *visitor) refused(w *httptest.ResponseRecorder, flows ...string) {
	v.T.Helper()
	var body struct {
		Status int
		Data   struct {
			User  *struct{ Email string }
			Flows []struct{ ID string }
		}
		Meta struct {
			Authenticated bool `json:"is_authenticated"`
		}
		Flow    string
		Pending bool
		Flows   []struct{ ID string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		v.T.Fatalf("%d, no JSON: %s", w.Code, w.Body)
	}
	list, good := body.Data.Flows, body.Status == 401 && body.Meta.Authenticated && body.Data.User != nil
	if v.kind == "rest" {
		list, good = body.Flows, body.Pending && body.Flow == flows[0]
	}
	var ids []string
	for _, f := range list {
		ids = append(ids, f.ID)
	}
	if w.Code != 401 || !good || strings.Join(ids, " ") != strings.Join(flows, " ") || w.Header().Get("Cache-Control") != "no-store" {
		v.T.Fatalf("%d with %q, want 401 with %q: %s", w.Code, ids, flows, w.Body)
	}
}

// reached is a handler that says who has reached it.
func reached(t testing.TB) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := server.UserOf(r.Context())
		if u == nil {
			t.Error("reached by nobody")
			return
		}
		var methods []string
		for _, m := range u.Methods {
			methods = append(methods, strings.TrimSpace(m.Method+" "+m.Type))
		}
		fmt.Fprintf(w, "%s %s, %s, two factors %v", u.Client, u.Email, strings.Join(methods, ", "), u.SecondFactor)
	})
}

// TestGuards walks each kind of client to routes that ask for a user, for two factors and for
// a recent authentication.
func TestGuards(t *testing.T) {
	t.Parallel()
	const email = "ada@example.com"
	visitors(t, func(t *testing.T, l *suite.Lab, kind string) {
		user, mfa, recent := l.RequireUser(reached(t)), l.RequireMFA(reached(t)), l.RequireRecent(5*time.Minute, reached(t))
		both := l.RequireMFA(recent)
		l.Somebody(email)
		v := newVisitor(l, kind)
		is := func(h http.Handler, want string) {
			t.Helper()
			for _, method := range []string{"GET", "POST"} {
				if w := v.ask(h, method); w.Code != 200 || w.Body.String() != kind+" "+email+", "+want {
					t.Fatalf("%s: %d %s, want %s", method, w.Code, w.Body, want)
				}
			}
		}
		v.login(email, "")
		is(user, "password, two factors false")
		v.refused(v.ask(recent, "POST"), "reauthenticate", "reauthenticate_by_code")
		v.post("/auth/reauthenticate", "/stages/reauthenticate/", suite.M{"password": suite.Password}, 200)
		is(recent, "password, password, two factors false")
		if w := v.ask(mfa, "GET"); w.Code != 403 || !strings.Contains(w.Body.String(), "second_factor_missing") {
			t.Errorf("an account without a second factor: %d %s", w.Code, w.Body)
		}

		// A second factor that is set up was not shown yet; reauthentication shows it.
		owner := l.Script()
		owner.Post("/login/", suite.M{"email": email, "password": suite.Password}).Entered(email)
		secret := owner.TOTPOn()
		l.Quiet()
		v.refused(v.ask(mfa, "POST"), "mfa_reauthenticate")
		l.Clock.Pass(5 * time.Minute)
		v.refused(v.ask(recent, "POST"), "reauthenticate", "reauthenticate_by_code", "mfa_reauthenticate")
		v.post("/auth/reauthenticate", "/stages/reauthenticate/", suite.M{"password": suite.Password}, 200)
		is(recent, "password, password, password, two factors false")
		v.refused(v.ask(both, "POST"), "mfa_reauthenticate")
		v.post("/auth/2fa/reauthenticate", "/stages/mfa_reauthenticate/", suite.M{"code": l.TOTP(secret)}, 200)
		is(both, "password, password, password, mfa totp, two factors true")
		l.Clock.Pass(30 * time.Second)

		// Two factors stay shown, and are recent no longer.
		other := newVisitor(l, kind)
		other.login(email, secret)
		v = other
		is(mfa, "password, mfa totp, two factors true")
		v.refused(v.ask(both, "GET"), "reauthenticate", "reauthenticate_by_code", "mfa_reauthenticate")
		l.Clock.Pass(5 * time.Minute)
		is(mfa, "password, mfa totp, two factors true")
		v.refused(v.ask(both, "GET"), "reauthenticate", "reauthenticate_by_code", "mfa_reauthenticate")
	}, func(c *config.Config, _ *server.Options) { c.MFA.TrustEnabled = false })
}

// TestGuardsPasskey: a passkey is two factors where its device verified who holds it, and one
// where it was only touched, however often.
func TestGuardsPasskey(t *testing.T) {
	t.Parallel()
	const email = "ada@example.com"
	visitors(t, func(t *testing.T, l *suite.Lab, kind string) {
		mfa := l.RequireMFA(reached(t))
		owner, k := l.Insider(email), newSoftKey(l)
		owner.Prove()
		begun := owner.Post("/mfa/webauthn/add/", suite.M{"passwordless": true}).Is(200)
		owner.Post("/mfa/webauthn/add/", suite.M{"credential": k.create(t, begun)}).Is(200)

		v := newVisitor(l, kind)
		v.passkey(k, email)
		if w := v.ask(mfa, "POST"); w.Code != 200 || w.Body.String() != kind+" "+email+", mfa webauthn, two factors true" {
			t.Errorf("a verified passkey: %d %s", w.Code, w.Body)
		}
		// What says so is shown to nobody.
		if v.kind == "rest" {
			if r := v.plain.Do("GET", "/session/", nil).Is(200); strings.Contains(r.Raw, "verified") {
				t.Errorf("the session is answered as %s", r.Raw)
			}
		}
		k.key.Options.UserNotVerified = true
		v = newVisitor(l, kind)
		v.passkey(k, email)
		v.refused(v.ask(mfa, "POST"), "mfa_reauthenticate")
		v.post("/auth/reauthenticate", "/stages/reauthenticate/", suite.M{"password": suite.Password}, 200)
		if w := v.ask(mfa, "POST"); w.Code != 200 {
			t.Errorf("a touch and a password: %d %s", w.Code, w.Body)
		}
	}, func(c *config.Config, _ *server.Options) { c.MFA.PasskeyPresenceEnough = true })
}

// TestGuardsRefuse answers those who are not signed in as the contract of their client does.
func TestGuardsRefuse(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.Dev)
	ada := l.Insider("ada@example.com")
	id := ada.Do("GET", "/user/", nil).User.ID
	waiting := l.Member("browser", "bob@example.com")
	waiting.TOTPOn()
	waiting.Logout()
	waiting.Login("bob@example.com").Is(401)
	asApp, err := l.CreateSessionToken(t.Context(), id, "app")
	if err != nil {
		t.Fatal(err)
	}
	asBrowser, err := l.CreateSessionToken(t.Context(), id, "browser")
	if err != nil {
		t.Fatal(err)
	}
	h := l.RequireUser(reached(t))
	for what, c := range map[string]struct {
		method, header, value string
		status                int
		says                  string
	}{
		"nothing":          {"GET", "X-Nothing", "x", 401, `{"status":401,"data":{"flows":[{"id":"login"}`},
		"nothing, posted":  {"POST", "X-Nothing", "x", 401, `{"status":401,"data":{"flows":[{"id":"login"}`},
		"a made-up cookie": {"GET", "Cookie", "sessionid=x", 401, `"is_authenticated":false`},
		"a waiting login":  {"GET", "Cookie", "sessionid=" + waiting.Cookie("sessionid"), 401, `"is_pending":true`},
		"an app's cookie":  {"GET", "Cookie", "sessionid=" + asApp, 401, `"is_authenticated":false`},
		"a forged post":    {"POST", "Cookie", "sessionid=" + asBrowser, 403, `"code":"csrf_failed"`},
		"an old app":       {"GET", "X-Session-Token", asApp[1:], 410, `{"status":410,`},
		"a bad bearer":     {"GET", "Authorization", "Bearer x", 401, `{"flow":null,"pending":false,"flows":[`},
		"another scheme":   {"GET", "Authorization", "Basic x", 401, `{"status":401,`},
	} {
		r, w := httptest.NewRequest(c.method, "/", nil), httptest.NewRecorder()
		r.Header.Set(c.header, c.value)
		h.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s, want %d with %s", what, w.Code, w.Body, c.status, c.says)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); (challenge == "Bearer") != (what == "a bad bearer") {
			t.Errorf("%s: challenged by %q", what, challenge)
		}
	}
	// The sign-in that waits goes on: no answer has taken its cookie.
	waiting.Session().Is(401).Pending("mfa_authenticate recovery_codes totp")
}

// TestGuardsSigned: signed access tokens open routes of the program, the plain contract's and
// an app's, under the app's own scheme, too.
func TestGuardsSigned(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.Dev, suite.JWT, func(c *config.Config, _ *server.Options) { c.Headless.JWTHeaderScheme = "JWT" })
	plain := l.Insider("ada@example.com")
	var app struct {
		Meta struct {
			Access string `json:"access_token"`
		}
	}
	in := l.App().Do("POST", "/auth/login", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(200)
	if err := json.Unmarshal([]byte(in.Raw), &app); err != nil {
		t.Fatal(err)
	}
	h := l.RequireRecent(time.Minute, reached(t))
	ask := func(authorization string) string {
		r, w := httptest.NewRequest("POST", "/", nil), httptest.NewRecorder()
		r.Header.Set("Authorization", authorization)
		h.ServeHTTP(w, r)
		return fmt.Sprintf("%d %.8s", w.Code, w.Body)
	}
	if got := ask("Bearer " + plain.Access); !strings.HasPrefix(got, "401 ") {
		t.Errorf("signed in, and nothing proved since: %s", got)
	}
	plain.Prove()
	signed := l.App()
	signed.Token = in.Token()
	signed.Prove()
	for authorization, want := range map[string]string{
		"Bearer " + plain.Access: "200 rest ada", "JWT " + app.Meta.Access: "200 app ada@", "JWT " + plain.Access: "401 ",
	} {
		if got := ask(authorization); !strings.HasPrefix(got, want) {
			t.Errorf("%.12s: %s, want %s", authorization, got, want)
		}
	}
	l.Clock.Pass(time.Minute)
	if got := ask("Bearer " + plain.Access); !strings.HasPrefix(got, "401 ") {
		t.Errorf("a minute later: %s", got)
	}
}

// TestOwnCORS opens a program's own routes for the pages of the server's trusted origins, and
// for no other; what changes something needs the token of the cookie as well.
func TestOwnCORS(t *testing.T) {
	t.Parallel()
	const page, strange = "https://app.example.com", "https://evil.example"
	l := suite.NewLab(t, suite.Dev, func(c *config.Config, _ *server.Options) {
		c.CORSAllowedOrigins, c.CSRFTrustedOrigins = []string{page}, []string{page}
	})
	l.Somebody("ada@example.com")
	v := newVisitor(l, "browser")
	v.login("ada@example.com", "")
	mux := http.NewServeMux()
	mux.Handle("POST /own", l.RequireUser(reached(t)))
	mux.Handle("GET /own", l.RequireUser(reached(t)))
	own := l.CORS(mux)
	for _, c := range []struct {
		what, method, origin, token string
		status                      int
	}{
		{"a preflight", "OPTIONS", page, "", 204},
		{"a stranger's preflight", "OPTIONS", strange, "", 204},
		{"a read", "GET", page, "", 200},
		{"a stranger's read", "GET", strange, "", 200},
		{"a post", "POST", page, v.front.Cookie("csrftoken"), 200},
		{"a post without the token", "POST", page, "x", 403},
		{"a stranger's post", "POST", strange, v.front.Cookie("csrftoken"), 403},
	} {
		w := v.ask(own, c.method, "Origin", c.origin, "Access-Control-Request-Method", "POST", "X-CSRFToken", c.token)
		h, trusted := w.Header(), c.origin == page
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", c.what, w.Code, c.status, w.Body)
		}
		if got := h.Get("Access-Control-Allow-Origin") == page && h.Get("Access-Control-Allow-Credentials") == "true"; got != trusted || !trusted && h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", c.what, h)
		}
		if preflight := c.method == "OPTIONS" && trusted; preflight != strings.Contains(h.Get("Access-Control-Allow-Headers"), "x-csrftoken, x-session-token, authorization") {
			t.Errorf("%s: %v", c.what, h)
		}
		if !strings.Contains(strings.Join(h.Values("Vary"), " "), "Origin") {
			t.Errorf("%s does not vary by the origin: %v", c.what, h)
		}
	}
}

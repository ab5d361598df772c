package stages_test

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
)

// people are accounts in memory.
type people []*state.Account

func (p people) Account(_ context.Context, id state.AccountID) (*state.Account, error) {
	return p.one(func(a *state.Account) bool { return a.ID == id })
}

func (p people) Find(_ context.Context, k state.Key) (*state.Account, error) {
	return p.one(func(a *state.Account) bool {
		switch k.Kind {
		case "email":
			return a.Email(k.Value) != nil
		case "username":
			return a.Username == k.Value
		case "phone":
			return a.Phone == k.Value
		case "provider":
			return slices.ContainsFunc(a.Providers, func(x state.ProviderAccount) bool { return x.Provider+"\x00"+x.UID == k.Value })
		}
		return false
	})
}

func (p people) Named(ctx context.Context, k state.Key) (out state.Named, _ error) {
	out.Account, _ = p.Find(ctx, k)
	return out, nil
}

func (p people) one(is func(*state.Account) bool) (*state.Account, error) {
	if i := slices.IndexFunc(p, is); i >= 0 {
		return p[i], nil
	}
	return nil, state.ErrNotFound
}

// The people of the tests: ann has a verified address and a password, bob an address
// nobody has verified, cat is connected to account 3 at the provider.
func everybody() people {
	email := func(s string, verified bool) []state.Email {
		return []state.Email{{Address: s, Verified: verified, Primary: true}}
	}
	return people{
		{ID: "1", Active: true, Epoch: 4, Username: "ann", PasswordHash: "x", Emails: email("ann@example.org", true)},
		{ID: "2", Active: true, Epoch: 5, Username: "bob", PasswordHash: "x", Emails: email("bob@example.org", false)},
		{ID: "3", Active: true, Epoch: 6, Username: "cat", LastLogin: now().Add(-time.Hour), Providers: []state.ProviderAccount{{Provider: "dummy", UID: "3"}}},
		{ID: "4", Active: true, Username: "dan", Providers: []state.ProviderAccount{{Provider: "dummy", UID: "4"}}},
	}
}

// answerCase is a provider's word and what it comes to.
type answerCase struct {
	name    string
	change  func(*stages.Env)
	process string
	person  string // the dummy's token
	client  engine.Client
	exit    engine.Exit
	errs    string
	subject engine.AccountID
	writes  []any // by type and, where it is a connection or an account, what it is of
	due     string
}

const (
	stranger = `{"id":"9","email":"new@example.org","email_verified":"true","username":"newcomer"}`
	asAnn    = `{"id":"9","email":"ann@example.org","email_verified":"true"}`
	asBob    = `{"id":"9","email":"bob@example.org","email_verified":"true"}`
	unsure   = `{"id":"9","email":"ann@example.org"}`
	isCat    = `{"id":"3","email":"cat@example.org"}`
)

func now() time.Time { return time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC) }

// signedIn is a client of an account that authenticated so long ago.
func signedIn(account engine.AccountID, ago time.Duration) engine.Client {
	return engine.Client{Kind: "app", Account: account, Session: 1, Reauthenticated: now().Add(-ago)}
}

func answerCases() []answerCase {
	byEmail := func(e *stages.Env) { e.Social.EmailAuthentication = true }
	recent := func(e *stages.Env) { e.Social.Reauthenticate, e.Social.Recent = true, time.Minute }
	return []answerCase{
		{name: "connected before", person: isCat, exit: "known", subject: "3", writes: []any{"connect 3"}},
		{name: "nobody yet", person: stranger, exit: "created", writes: []any{"create newcomer new@example.org+"}},
		{name: "nobody yet, unverified", person: `{"id":"9","email":"new@example.org"}`, exit: "created", writes: []any{"create new new@example.org"}},
		{name: "a username that is taken", person: `{"id":"9","email":"new@example.org","username":"ann"}`, exit: "created", writes: []any{"create new new@example.org"}},
		{name: "a name", person: `{"id":"9","email":"new@example.org","first_name":"Zoë Anne"}`, exit: "created", writes: []any{"create zoe_anne new@example.org"}},
		{name: "a family name", person: `{"id":"9","email":"new@example.org","first_name":"愛","last_name":"Doe"}`, exit: "created", writes: []any{"create doe new@example.org"}},
		{name: "closed", change: func(e *stages.Env) { e.Social.SignupOpen = false }, person: stranger, exit: "closed"},
		{name: "closed, and known", change: func(e *stages.Env) { e.Social.SignupOpen = false }, person: isCat, exit: "known", subject: "3", writes: []any{"connect 3"}},
		{name: "a taken address", person: asAnn, exit: "created", writes: []any{"create ann656 ann@example.org"}},
		{name: "a taken address that is no secret", change: func(e *stages.Env) { e.PreventEnumeration = stages.Shown }, person: asAnn, exit: "incomplete"},
		{name: "a taken address where none is verified", change: func(e *stages.Env) { e.Social.VerifyEmail = engine.Optional }, person: asAnn, exit: "incomplete"},
		{name: "no address", person: `{"id":"9"}`, exit: "incomplete"},
		{name: "no address, none needed", change: func(e *stages.Env) { e.Social.RequireEmail = false }, person: `{"id":"9"}`, exit: "created", writes: []any{"create user "}},
		{name: "always a form", change: func(e *stages.Env) { e.Social.AutoSignup = false }, person: stranger, exit: "incomplete"},
		{name: "no number", change: func(e *stages.Env) { e.SignupFields["phone"] = true }, person: stranger, exit: "incomplete"},

		{name: "by address", change: byEmail, person: asAnn, exit: "known", subject: "1"},
		{name: "by an address the provider is not sure of", change: byEmail, person: unsure, exit: "created", writes: []any{"create ann656 ann@example.org"}},
		{name: "by address, unverified here", change: byEmail, person: asBob, exit: "known", subject: "2", writes: []any{"prove bob@example.org"}},
		{name: "by address, connecting", change: func(e *stages.Env) { byEmail(e); e.Social.AutoConnect = true }, person: asAnn, exit: "known", subject: "1", writes: []any{"connect 9"}},

		{name: "connect", process: "connect", person: stranger, client: signedIn("1", 0), exit: "connect", due: "recent", writes: []any{"connect 9"}},
		{name: "connect once more", process: "connect", person: isCat, client: signedIn("3", 0), exit: "connect", due: "recent", writes: []any{"connect 3"}},
		{name: "connect another's", process: "connect", person: isCat, client: signedIn("1", 0), exit: "connect", due: "taken"},
		{name: "connect what a sign-up has that went no further", process: "connect", person: `{"id":"4"}`, client: signedIn("1", 0), exit: "connect", due: "recent", writes: []any{"connect 4"}},
		{name: "connect one with another's address", change: byEmail, process: "connect", person: asAnn, client: signedIn("3", 0), exit: "connect", due: "taken"},
		{name: "connect one with an address that another only names", change: byEmail, process: "connect", person: asBob, client: signedIn("1", 0), exit: "connect", due: "recent", writes: []any{"connect 9"}},
		{name: "connect without a session", process: "connect", person: stranger, exit: "connect", due: "anonymous"},
		{name: "connect without an account", process: "connect", person: stranger, client: signedIn("77", 0), exit: "connect", due: "anonymous"},
		{name: "connect too late", change: recent, process: "connect", person: stranger, client: signedIn("1", time.Minute), exit: "connect", due: "not_recent"},
		{name: "connect in time", change: recent, process: "connect", person: stranger, client: signedIn("1", time.Second), exit: "connect", due: "recent", writes: []any{"connect 9"}},
		{name: "connect with nothing to prove", change: recent, process: "connect", person: stranger, client: signedIn("3", time.Hour), exit: "connect", due: "not_recent"},

		{name: "no token", person: `garbage`, errs: "token:invalid_token"},
		{name: "nobody's name", person: `{"email":"new@example.org"}`, errs: "token:invalid_token"},
	}
}

// providerEnv is a server that knows everybody and the provider dummy.
func providerEnv(t *testing.T, change func(*stages.Env)) *stages.Env {
	t.Helper()
	keys, err := state.NewKeyring(strings.NewReader(strings.Repeat("entropy ", 64)), []byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	e := &stages.Env{Accounts: everybody(), Keys: keys, Now: now, Settings: stages.Settings{
		SignupFields: map[string]bool{"email": true}, VerifyEmail: engine.Mandatory, PreventEnumeration: stages.Hidden,
	}}
	e.Social.SignupOpen, e.Social.AutoSignup, e.Social.RequireEmail, e.Social.VerifyEmail = true, true, true, engine.Mandatory
	if err := e.SetProviders([]stages.ProviderConfig{{Kind: "dummy", ServerURL: "/accounts/dummy/authenticate/"}}, true); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(e)
	}
	return e
}

func TestProviderAnswers(t *testing.T) {
	for _, c := range answerCases() {
		t.Run(c.name, func(t *testing.T) {
			env := providerEnv(t, c.change)
			token, err := json.Marshal(map[string]string{"id_token": c.person})
			if err != nil {
				t.Fatal(err)
			}
			process := c.process
			if process == "" {
				process = "login"
			}
			values := engine.MapValues{"provider": "dummy", "process": process, "token": token}
			s := engine.Submission{Values: values, Client: c.client, Now: now(), Seed: engine.Seed{1}}
			v, err := env.Handlers()["provider_token"].Submit(context.Background(), s)
			if err != nil {
				t.Fatal(err)
			}
			checkAnswer(t, c, v)
			if v.Exit == engine.Again {
				return
			}
			s.Memo, s.Values = v.Memo, engine.MapValues{"provider": "dummy", "process": process}
			again, err := env.Handlers()["provider_token"].Submit(context.Background(), s)
			if err != nil || again.Exit != v.Exit {
				t.Errorf("judged again without the token: %q, %v", again.Exit, err)
			}
		})
	}
}

// checkAnswer holds a verdict against a case.
func checkAnswer(t *testing.T, c answerCase, v engine.Verdict) {
	t.Helper()
	errs := ""
	for _, e := range v.Errors {
		errs += e.Param + ":" + e.Code
	}
	var writes []any
	for _, w := range v.Writes {
		writes = append(writes, spelled(w))
	}
	if v.Exit != c.exit || errs != c.errs || !slices.Equal(writes, c.writes) {
		t.Errorf("exit %q, errors %q, writes %v; want %q, %q, %v", v.Exit, errs, writes, c.exit, c.errs, c.writes)
	}
	if c.subject != "" && v.Subject != c.subject {
		t.Errorf("it is about account %q, want %q", v.Subject, c.subject)
	}
	if binds := v.Subject != ""; binds != (c.exit == "known" || c.exit == "created") {
		t.Errorf("%q brings account %q", v.Exit, v.Subject)
	}
	if c.due == "" {
		return
	}
	decider := stages.Deciders()["connect_due"].(engine.FactLoader)
	fact, err := decider.LoadFact(context.Background(), engine.FactQuery{Found: v.Found})
	if err != nil || fact != c.due || !slices.Contains(decider.FactValues(), fact) {
		t.Errorf("it is due as %q (%v), want %q", fact, err, c.due)
	}
	if exit, _ := stages.Deciders()["connect_due"].Decide(engine.Facts{Own: fact}); string(exit) != c.due {
		t.Errorf("it leaves by %q, want %q", exit, c.due)
	}
}

// spelled names a write and what it is of; a verified address has a plus.
func spelled(w any) any {
	switch w := w.(type) {
	case state.ConnectProvider:
		return "connect " + w.Account.UID
	case state.ProveContact:
		if !w.Own {
			return "prove " + w.Email
		}
	case state.CreateAccount:
		s := "create " + w.Account.Username + " "
		for _, e := range w.Account.Emails {
			s += e.Address
			if e.Verified {
				s += "+"
			}
		}
		return s
	}
	return w
}

// A turn of anybody else never connects, whatever was found for it.
func TestConnectDueFailsClosed(t *testing.T) {
	loader := stages.Deciders()["connect_due"].(engine.FactLoader)
	for _, found := range []engine.Found{nil, everybody()[0], (*state.Account)(nil)} {
		if fact, err := loader.LoadFact(context.Background(), engine.FactQuery{Found: found}); err != nil || fact != "anonymous" {
			t.Errorf("for %v it is due as %q, %v", found, fact, err)
		}
	}
}

// TestAnswersOfAnotherProvider: a provider that has no issuer is not brought the code of one that has.
func TestAnswersOfAnotherProvider(t *testing.T) {
	env := providerEnv(t, nil)
	err := env.SetProviders([]stages.ProviderConfig{
		{Kind: "dummy", ServerURL: "/accounts/dummy/authenticate/"},
		{ID: "corp", Kind: "openid_connect", ClientID: "c", ServerURL: "https://login.example.com/.well-known/openid-configuration"},
		{ID: "b2c", Kind: "openid_connect", ClientID: "c", ServerURL: "https://b2c.example.com", Overrides: map[string]string{"issuer": "https://issuer.example.com/"}},
	}, true)
	if err != nil {
		t.Fatal(err)
	}
	code := stages.DummyCode(url.Values{"id": {"3"}})
	for iss, right := range map[string]bool{
		"": true, "&iss=": true, "&iss=https://dummy.example.com": true, "&iss=https://b2c.example.com": true,
		"&iss=https://login.example.com": false, "&iss=https://login.example.com/": false, "&iss=https://issuer.example.com": false,
	} {
		s := engine.Submission{Now: now(), Seed: engine.Seed{1}, Values: engine.MapValues{"provider": "dummy", "process": "login", "query": "code=" + code + iss}}
		v, err := env.Handlers()["provider_redirect"].Submit(context.Background(), s)
		switch {
		case err != nil:
			t.Errorf("%q: %v", iss, err)
		case right && v.Exit != "known", !right && (v.Exit != "" || len(v.Errors) != 1 || v.Errors[0].Cause != "token_refused"):
			t.Errorf("%q: exit %q, errors %v", iss, v.Exit, v.Errors)
		}
	}
}

func TestTokenInput(t *testing.T) {
	env := providerEnv(t, nil)
	clean := env.Handlers()["provider_token"].(engine.Cleaner)
	cases := map[string]string{
		`{"id_token":"x"}`: "", `{"access_token":"x"}`: "", `{}`: "", `{"id_token":5}`: "token_required", `{"id_token":""}`: "token_required",
		`{"client_id":5}`: "token_required", `"x"`: "invalid_token", `[]`: "invalid_token", `{`: "invalid_token",
	}
	for raw, want := range cases {
		errs, err := clean.Clean(context.Background(), engine.Submission{Values: engine.MapValues{"provider": "dummy", "token": []byte(raw)}})
		got := ""
		for _, e := range errs {
			got += e.Code
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", raw, got, err, want)
		}
	}
	errs, err := clean.Clean(context.Background(), engine.Submission{Values: engine.MapValues{"provider": "other", "token": []byte(`{"id_token":"x"}`)}})
	if err != nil || len(errs) != 1 || errs[0].Code != "client_id_required" {
		t.Errorf("an unknown provider: %v, %v", errs, err)
	}
}

// formCase is a form of somebody the provider said something of.
type formCase struct {
	name    string
	change  func(*stages.Env)
	held    string
	form    engine.MapValues
	exit    engine.Exit
	errs    string
	created string
}

func formCases() []formCase {
	const said = `{"provider":"dummy","uid":"9","emails":[{"address":"new@example.org","verified":true,"primary":true}]}`
	const silent = `{"provider":"dummy","uid":"9"}`
	shown := func(e *stages.Env) { e.PreventEnumeration = stages.Shown }
	return []formCase{
		{name: "an address", held: silent, form: engine.MapValues{"email": "me@example.org"}, exit: "created", created: "create me me@example.org"},
		{name: "another address", held: said, form: engine.MapValues{"email": "me@example.org"}, exit: "created", created: "create me me@example.orgnew@example.org+"},
		{name: "the same address", held: said, form: engine.MapValues{"email": "new@example.org"}, exit: "created", created: "create new new@example.org+"},
		{name: "no address", held: said, form: engine.MapValues{"username": "me"}, exit: "created", created: "create me new@example.org+"},
		{name: "a taken address", held: said, form: engine.MapValues{"email": "ann@example.org"}, exit: "created", created: "create ann656 ann@example.orgnew@example.org+"},
		{name: "a taken address that is no secret", change: shown, held: said, form: engine.MapValues{"email": "ann@example.org"}, errs: "email:email_taken"},
		{name: "a provider's account that is connected meanwhile", held: `{"provider":"dummy","uid":"3"}`, form: engine.MapValues{"email": "me@example.org"}, errs: ":connected_other"},
		{name: "a provider that is gone", held: `{"provider":"gone","uid":"9"}`, form: engine.MapValues{"email": "me@example.org"}, errs: ":connected_other"},
		{name: "nothing held", held: `{}`, form: engine.MapValues{"email": "me@example.org"}, errs: ":connected_other"},
	}
}

func TestProviderForm(t *testing.T) {
	for _, c := range formCases() {
		t.Run(c.name, func(t *testing.T) {
			h := providerEnv(t, c.change).Handlers()["provider_form"]
			s := engine.Submission{Values: c.form, Run: &engine.Run{Data: json.RawMessage(c.held)}, Now: now(), Seed: engine.Seed{1}}
			v, err := h.Submit(context.Background(), s)
			if err != nil {
				t.Fatal(err)
			}
			var writes []any
			if c.created != "" {
				writes = []any{c.created}
			}
			checkAnswer(t, answerCase{exit: c.exit, errs: c.errs, writes: writes}, v)
		})
	}
}

// TestTakenLooksFresh: with a taken address an account is made like any other, where a
// person must verify it; its owner is told.
func TestTakenLooksFresh(t *testing.T) {
	h := providerEnv(t, nil).Handlers()["provider_token"]
	v, err := h.Submit(context.Background(), engine.Submission{Now: now(), Values: engine.MapValues{
		"provider": "dummy", "process": "login", "token": []byte(`{"id_token":"{\"id\":\"9\",\"email\":\"ann@example.org\",\"email_verified\":\"true\"}"}`),
	}})
	if err != nil || len(v.Writes) != 1 || !strings.HasSuffix(spelled(v.Writes[0]).(string), " ann@example.org") {
		t.Fatalf("writes %v, %v", v.Writes, err)
	}
	if len(v.Messages) != 1 || v.Messages[0].(state.Message).To != "ann@example.org" || v.Messages[0].(state.Message).Template != state.AccountExistsTemplate || len(v.Methods) != 1 {
		t.Errorf("messages %v, methods %v", v.Messages, v.Methods)
	}
}

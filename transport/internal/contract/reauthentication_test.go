package contract

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
	"stagedoor/state"
)

// everyWay are the ways to reauthenticate that there are by default.
func everyWay() []string { return []string{ByPassword, ByCode, ByFactor} }

// TestRequireProof: what counts is the last time that a client has proved again whose session
// it is, by a way that there is.
func TestRequireProof(t *testing.T) {
	now := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	entry := func(method string, ago time.Duration, again bool) engine.Method {
		return engine.Method{Method: method, At: now.Add(-ago).UnixMilli(), Reauthenticated: again}
	}
	login := entry("password", time.Second, false)
	for _, c := range []struct {
		what string
		log  []engine.Method
		ways []string
		want bool
	}{
		{"nothing", nil, everyWay(), false},
		{"a login a second ago", []engine.Method{login}, everyWay(), false},
		{"a login with two factors", []engine.Method{login, entry("mfa", time.Second, false)}, everyWay(), false},
		{"the password again", []engine.Method{login, entry("password", time.Minute, true)}, everyWay(), true},
		{"the password again, too long ago", []engine.Method{login, entry("password", 5*time.Minute, true)}, everyWay(), false},
		{"too long ago, then lately", []engine.Method{entry("password", time.Hour, true), entry("code", time.Minute, true)}, everyWay(), true},
		{"lately, then a login of the same account", []engine.Method{entry("code", time.Minute, true), login}, everyWay(), true},
		{"by a way that is switched off", []engine.Method{entry("code", time.Minute, true)}, []string{"password", "mfa"}, false},
		{"by another before it", []engine.Method{entry("mfa", time.Minute, true), entry("code", time.Second, true)}, []string{"password", "mfa"}, true},
	} {
		call := Call{Base: &Base{Reauthentication: Reauthentication{Timeout: 5 * time.Minute, Areas: []Area{AuthenticatorArea}, Methods: c.ways}}, Now: now}
		call.Visit.Entry.Record = engine.Record{Methods: c.log, Owner: "7"}
		call.Visit.Ticket.Account = "7"
		if err := call.RequireProof(AuthenticatorArea); (err == nil) != c.want {
			t.Errorf("%s: %v", c.what, err)
		}
		call.Visit.Ticket.Account = "8"
		if err := call.RequireProof(AuthenticatorArea); !errors.Is(err, ErrReauthenticate) {
			t.Errorf("%s, of another account: %v", c.what, err)
		}
	}
}

// TestAreas: each area has a switch of its own; a first password goes with addresses.
func TestAreas(t *testing.T) {
	asks := func(has bool, on ...Area) []Area {
		call := Call{Base: &Base{Reauthentication: Reauthentication{Timeout: time.Minute, Areas: on}}, Now: time.Unix(1_800_000_000, 0)}
		call.Visit.Account.HasPassword = has
		var out []Area
		for _, area := range []Area{NoArea, AccountArea, FirstPasswordArea, ProviderArea, AuthenticatorArea} {
			forecast, err := call.Foresee("x", area)
			if forecast.Required != (err != nil) || errors.Is(err, ErrReauthenticate) != (call.RequireProof(area) != nil) {
				t.Errorf("area %d: foreseen %+v, %v; in truth %v", area, forecast, err, call.RequireProof(area))
			}
			if err != nil {
				out = append(out, area)
			}
		}
		return out
	}
	for _, c := range []struct {
		has      bool
		on, want []Area
	}{
		{false, nil, nil},
		{true, []Area{AccountArea}, []Area{AccountArea}},
		{false, []Area{AccountArea}, []Area{AccountArea, FirstPasswordArea}},
		{false, []Area{ProviderArea}, []Area{ProviderArea}},
		{false, []Area{AuthenticatorArea}, []Area{AuthenticatorArea}},
	} {
		if diff := cmp.Diff(c.want, asks(c.has, c.on...)); diff != "" {
			t.Errorf("password %v, on %v (-want +got):\n%s", c.has, c.on, diff)
		}
	}
}

// TestForecastUntil says when the proof that there is runs out.
func TestForecastUntil(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	call := Call{Base: &Base{Reauthentication: Reauthentication{Timeout: time.Minute, Areas: []Area{AccountArea}, Methods: []string{"code"}}}, Now: now}
	call.Visit.Entry.Record.Methods = []engine.Method{{Method: "code", At: now.Add(-20 * time.Second).UnixMilli(), Reauthenticated: true}}
	if f, err := call.Foresee("addEmail", AccountArea); err != nil || f.Required || f.Until == nil || *f.Until != 1_800_000_040 {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err := call.Foresee("getSession", NoArea); err != nil || f.Required || f.Until != nil {
		t.Errorf("what never asks: %+v, %v", f, err)
	}
}

// TestWays lists the ways to reauthenticate in the wire's order: those that the account has and
// the server lets.
func TestWays(t *testing.T) {
	all := state.Snapshot{HasPassword: true, Verified: []string{"a@x.example", "b@x.example"}, Phone: "+31612345678", SecondFactor: []state.AuthenticatorType{state.TOTP}}
	password := Way{ID: "reauthenticate"}
	code := Way{ID: "reauthenticate_by_code", Recipients: []Recipient{{Email: "a@x.example"}, {Email: "b@x.example"}, {Phone: "+31612345678"}}}
	second := Way{ID: "mfa_reauthenticate", Types: []state.AuthenticatorType{state.TOTP}}
	for _, c := range []struct {
		what    string
		account state.Snapshot
		methods []string
		err     error
		want    []Way
	}{
		{"everything", all, everyWay(), ErrReauthenticate, []Way{password, code, second}},
		{"nothing", state.Snapshot{}, everyWay(), ErrReauthenticate, []Way{}},
		{"a number only", state.Snapshot{Phone: "+31612345678"}, everyWay(), ErrReauthenticate, []Way{{ID: code.ID, Recipients: code.Recipients[2:]}}},
		{"all but codes", all, []string{"password", "mfa"}, ErrReauthenticate, []Way{password, second}},
		{"codes only", all, []string{"code"}, ErrReauthenticate, []Way{code}},
		{"a second factor is asked for", all, everyWay(), ErrSecondFactor, []Way{second}},
		{"a second factor is asked for, and is no way", all, []string{"password", "code"}, ErrSecondFactor, []Way{}},
	} {
		settings := stages.Settings{
			LoginTimeout: time.Minute, CodeLifetime: time.Minute, PhoneLifetime: time.Minute,
			ReauthByCode: Reauthentication{Methods: c.methods}.Has("code")}
		set, err := engine.Compile(flows.Bind(flows.All(settings), (&stages.Env{}).Handlers()))
		if err != nil {
			t.Fatal(err)
		}
		call := Call{Base: &Base{Engine: &engine.Engine{Config: engine.Config{Flows: set}}, Reauthentication: Reauthentication{Methods: c.methods}}, Request: httptest.NewRequest("GET", "/", nil)}
		call.Visit.Account = c.account
		if diff := cmp.Diff(c.want, call.Ways(c.err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

// TestVoidCode: an exit of that name is any program's to use in its own flows.
func TestVoidCode(t *testing.T) {
	for flow, want := range map[engine.FlowID]bool{ReauthByCodeStage: true, "acme.leave": false} {
		ans := engine.Answer{Outcome: engine.Finished, Flow: flow, Run: &engine.Run{Trail: engine.Trail{{Exit: stages.Void}}}}
		if got := VoidCode(ans); got != want {
			t.Errorf("%s: %v", flow, got)
		}
	}
}

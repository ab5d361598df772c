package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"stagedoor/engine"
)

// TestDefaultLimits holds django-allauth's defaults, and the two limits of ours.
func TestDefaultLimits(t *testing.T) {
	want := map[string]string{
		"anonymous": "60/m/ip,1800/h/ip", "change_password": "5/m/user", "change_phone": "1/m/user", "manage_email": "10/m/user",
		"reset_password": "20/m/ip,5/m/key", "reauthenticate": "10/m/user", "reset_password_from_key": "20/m/ip",
		"signup": "20/m/ip", "sms": "10/d/key,100/d/block,2000/d/all", "login": "30/m/ip", "request_login_code": "20/m/ip,3/m/key",
		"login_failed": "10/m/ip,5/300s/key", "confirm_email": "1/3m/key", "confirm_email_address": "20/h/key", "verify_phone": "1/30s/key,3/m/ip",
	}
	byCode := Account{EmailVerificationByCodeEnabled: true}
	for action, text := range want {
		rates, err := ParseRates(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rates, Default().Account.Rates()[action]); diff != "" {
			t.Errorf("%s: %s", action, diff)
		}
		if action == "confirm_email" {
			rates = []engine.Rate{{Max: 1, Per: 10 * time.Second, By: "key"}}
		}
		if diff := cmp.Diff(rates, byCode.Rates()[action]); diff != "" {
			t.Errorf("%s by code: %s", action, diff)
		}
	}
	if len(want) != len(limitedActions()) {
		t.Errorf("%d actions, %d are held here", len(limitedActions()), len(want))
	}
}

func TestLimitOverrides(t *testing.T) {
	off := Account{RateLimits: RateLimits{Off: true}}
	some := Account{RateLimits: RateLimits{Rates: engine.Rates{"login": {{Max: 1, Per: time.Second, By: "ip"}}, "signup": nil}}}
	for _, tc := range []struct {
		a      Account
		action string
		want   []engine.Rate
	}{
		{off, "login", nil},
		{some, "login", []engine.Rate{{Max: 1, Per: time.Second, By: "ip"}}},
		{some, "signup", nil},
		{some, "manage_email", []engine.Rate{{Max: 10, Per: time.Minute, By: "user"}}},
		{some, "coffee", nil},
	} {
		if diff := cmp.Diff(tc.want, tc.a.Rates()[tc.action]); diff != "" {
			t.Errorf("%s: %s", tc.action, diff)
		}
	}
}

// TestPasskeyLimits: the limits of passkeys and those of accounts are switched off apart.
func TestPasskeyLimits(t *testing.T) {
	ten := engine.Rates{"webauthn_login": {{Max: 10, Per: time.Minute, By: "ip"}}}
	one := engine.Rates{"webauthn_login": {{Max: 1, Per: time.Second, By: "ip"}}}
	for _, tc := range []struct {
		limits RateLimits
		want   engine.Rates
	}{
		{RateLimits{}, ten}, {RateLimits{Off: true}, engine.Rates{}}, {RateLimits{Rates: one}, one},
		{RateLimits{Rates: engine.Rates{"webauthn_login": nil}}, engine.Rates{}},
	} {
		if diff := cmp.Diff(tc.want, MFA{RateLimits: tc.limits}.Rates()); diff != "" {
			t.Errorf("%+v: %s", tc.limits, diff)
		}
	}
	if got := (Account{RateLimits: RateLimits{Off: true}}).Rates(); len(got) != 0 {
		t.Errorf("accounts have limits that are off: %v", got)
	}
}

func TestParseRates(t *testing.T) {
	for text, want := range map[string][]engine.Rate{
		"":                     nil,
		"  ":                   nil,
		"5/m":                  {{Max: 5, Per: time.Minute, By: "ip"}},
		"5/m/ip":               {{Max: 5, Per: time.Minute, By: "ip"}},
		"1/10s/key":            {{Max: 1, Per: 10 * time.Second, By: "key"}},
		"1/1.5h/user":          {{Max: 1, Per: 90 * time.Minute, By: "user"}},
		"1/d/user":             {{Max: 1, Per: 24 * time.Hour, By: "user"}},
		" 20/m/ip , 5/m/key ":  {{Max: 20, Per: time.Minute, By: "ip"}, {Max: 5, Per: time.Minute, By: "key"}},
		"10/m/ip,5/300.5s/key": {{Max: 10, Per: time.Minute, By: "ip"}, {Max: 5, Per: 300500 * time.Millisecond, By: "key"}},
	} {
		got, err := ParseRates(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	for _, text := range []string{"5", "5/m/ip/x", "/m/ip", "0/m/ip", "-1/m/ip", "x/m", "5//ip", "5/3/ip", "5/0s/ip", "5/-1s/ip", "5/nans/ip", "5/infs/ip", "5/xs", "5/m/", "5/m/IP", "5/m,,", ",", "5/1e12d"} {
		if got, err := ParseRates(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestRatesSurvivePrinting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) engine.Rate {
			return engine.Rate{
				Max: rapid.IntRange(1, 1<<30).Draw(t, "max"),
				Per: time.Duration(rapid.Int64Range(1, int64(maxAge)*1000).Draw(t, "per")) * time.Millisecond,
				By:  rapid.SampledFrom([]string{"ip", "user", "key"}).Draw(t, "by"),
			}
		}), 1, 4).Draw(t, "rates")
		again, err := ParseRates(printRates(rates))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rates, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestFaultsOfRateLimits(t *testing.T) {
	limit := func(action string, rates ...engine.Rate) func(*Config) {
		return func(c *Config) { c.Account.RateLimits.Rates = engine.Rates{action: rates} }
	}
	checkFaults(t, []faultCase{
		{limit("logins", engine.Rate{Max: 1, Per: time.Second, By: "ip"}), `account.rate_limits.logins: unknown action; did you mean login`},
		{limit("coffee", engine.Rate{Max: 1, Per: time.Second, By: "ip"}),
			`account.rate_limits.coffee: unknown action; actions are anonymous, change_password, change_phone, confirm_email, confirm_email_address, login, login_failed, manage_email, reauthenticate, request_login_code, reset_password, reset_password_from_key, signup, sms, verify_phone`},
		{limit("signup", engine.Rate{Max: 1, Per: time.Minute, By: "user"}), `account.rate_limits.signup: cannot be counted by user (got "1/60s/user"); this action is counted by ip`},
		{limit("login_failed", engine.Rate{Max: 0, Per: time.Minute, By: "key"}), `account.rate_limits.login_failed: not a limit (got "0/60s/key"); write 5/m/ip, or leave it empty for no limit`},
		{func(c *Config) {
			c.MFA.RateLimits.Rates = engine.Rates{"login": {{Max: 1, Per: time.Second, By: "ip"}}}
		},
			`mfa.rate_limits.login: unknown action; actions are webauthn_login`},
		{func(c *Config) {
			c.MFA.RateLimits.Rates = engine.Rates{"webauthn_login": {{Max: 1, Per: time.Minute, By: "key"}}}
		}, `mfa.rate_limits.webauthn_login: cannot be counted by key (got "1/60s/key"); this action is counted by ip`},
		{limit("login_failed", engine.Rate{Max: 5, Per: 0, By: "key"}), `account.rate_limits.login_failed: not a limit (got "5/0s/key"); write 5/m/ip, or leave it empty for no limit`},
	})
}

// TestRateNotation reads what the file may say for one action.
func TestRateNotation(t *testing.T) {
	for raw, want := range map[any][]engine.Rate{
		nil: nil, false: nil, "": nil, env("off"): nil, env(""): nil,
		"5/m": {{Max: 5, Per: time.Minute, By: "ip"}}, env("5/m/ip,1/d/key"): {{Max: 5, Per: time.Minute, By: "ip"}, {Max: 1, Per: 24 * time.Hour, By: "key"}},
	} {
		got, err := readRates(raw)
		if err != nil {
			t.Errorf("%v: %v", raw, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: %s", raw, diff)
		}
	}
	for _, raw := range []any{true, 5, []any{"5/m"}, env("on"), "x"} {
		if got, err := readRates(raw); err == nil {
			t.Errorf("%#v is read as %v", raw, got)
		}
	}
}

package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"stagedoor/engine"
)

func TestDurations(t *testing.T) {
	for _, tc := range []struct{ got, want time.Duration }{
		{Seconds(0).Duration(), 0},
		{Seconds(900).Duration(), 15 * time.Minute},
		{Seconds(0.5).Duration(), 500 * time.Millisecond},
		{Days(3).Duration(), 72 * time.Hour},
		{Days(5e-05).Duration(), 4320 * time.Millisecond},
		{Seconds(1e300).Duration(), math.MaxInt64},
		{Seconds(-1e300).Duration(), math.MinInt64},
		{Seconds(math.NaN()).Duration(), 0},
		{Seconds(math.Inf(1)).Duration(), math.MaxInt64},
	} {
		if tc.got != tc.want {
			t.Errorf("got %v, want %v", tc.got, tc.want)
		}
	}
}

func TestTimes(t *testing.T) {
	for raw, want := range map[any]Times{
		true: 2, false: 0, 3: 3, 0: 0,
		envText{Text: "true"}: 2, envText{Text: "1"}: 1, envText{Text: " off "}: 0,
	} {
		got := Times(9)
		if err := got.set(raw); err != nil || got != want {
			t.Errorf("%v: %d, %v; want %d", raw, got, err, want)
		}
	}
	kept := Times(9)
	if err := kept.set("often"); err == nil || kept != 9 {
		t.Errorf("a bad value: %d, %v", kept, err)
	}
}

func TestEnumeration(t *testing.T) {
	for raw, want := range map[any]Enumeration{
		true: EnumerationOn, false: EnumerationOff, "strict": EnumerationStrict, envText{Text: "strict"}: EnumerationStrict, envText{Text: "no"}: EnumerationOff,
	} {
		var got Enumeration
		if err := got.set(raw); err != nil || got != want {
			t.Errorf("%v: %q, %v", raw, got, err)
		}
		var again Enumeration
		if err := again.set(got.plain()); err != nil || again != got {
			t.Errorf("%q does not survive: %q, %v", got, again, err)
		}
	}
}

// TestUnsetSwitch: a switch that may be left out tells unset from off.
func TestUnsetSwitch(t *testing.T) {
	asks := func(raw any) *bool {
		c, d := Default(), decoder{}
		d.value("query_email", raw, reflect.ValueOf(&c.SocialAccount.QueryEmail).Elem())
		if len(d.faults) > 0 {
			t.Errorf("%v: %v", raw, d.faults)
		}
		if got := encode(reflect.ValueOf(&c.SocialAccount.QueryEmail).Elem(), Secret.String); c.SocialAccount.QueryEmail != nil && got != *c.SocialAccount.QueryEmail ||
			c.SocialAccount.QueryEmail == nil && got != nil {
			t.Errorf("%v is written as %v", raw, got)
		}
		return c.SocialAccount.QueryEmail
	}
	if got := asks(nil); got != nil {
		t.Errorf("unset is %v", *got)
	}
	if got := asks(false); got == nil || *got {
		t.Error("off is not off")
	}
	if got := asks(envText{Text: "on"}); got == nil || !*got {
		t.Error("on is not on")
	}
	var d decoder
	var unset *bool
	d.value("query_email", "maybe", reflect.ValueOf(&unset).Elem())
	const want = `query_email: must be true or false (got "maybe"); leave the key out to let the server choose`
	if got := d.faults.Error(); got != want || unset != nil {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestCodeRequired(t *testing.T) {
	for _, tc := range []struct {
		raw                   any
		password, social, any bool
	}{
		{true, true, true, true},
		{false, false, false, false},
		{[]any{"password"}, true, false, true},
		{[]any{}, false, false, false},
		{envText{Text: "password, mfa"}, true, false, true},
		{envText{Text: "1"}, true, true, true},
	} {
		c := CodeRequired{All: !tc.any}
		if err := c.set(tc.raw); err != nil {
			t.Fatal(err)
		}
		if c.After("password") != tc.password || c.After("socialaccount") != tc.social || c.Any() != tc.any {
			t.Errorf("%v: %+v", tc.raw, c)
		}
	}
}

func TestSignupField(t *testing.T) {
	a := Account{SignupFields: []string{"phone*", "email"}, LoginMethods: []string{"email"}}
	for name, want := range map[string][2]bool{"phone": {true, true}, "email": {true, false}, "username": {false, false}, "phone*": {false, false}} {
		asked, required := a.SignupField(name)
		if got := [2]bool{asked, required}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if !a.UsesPhone() || (Account{SignupFields: []string{"email"}}).UsesPhone() || !(Account{LoginMethods: []string{"phone"}}).UsesPhone() {
		t.Error("phone numbers are used when sign-up or sign-in has them")
	}
}

// TestDefaultLimits holds django-allauth's defaults, and the two limits of ours.
func TestDefaultLimits(t *testing.T) {
	want := map[string]string{
		"anonymous": "60/m/ip,1800/h/ip", "change_password": "5/m/user", "change_phone": "1/m/user", "manage_email": "10/m/user",
		"reset_password": "20/m/ip,5/m/key", "reauthenticate": "10/m/user", "reset_password_from_key": "20/m/ip",
		"signup": "20/m/ip", "login": "30/m/ip", "request_login_code": "20/m/ip,3/m/key",
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

func TestSecretHides(t *testing.T) {
	const text = "hunter2"
	holder := struct {
		Key  Secret
		Keys map[string]Secret
		List []Secret
		At   *Secret
	}{text, map[string]Secret{"a": text}, []Secret{text}, nil}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "key", Secret(text), "holder", holder)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "key", Secret(text), "holder", holder)
	shown := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		shown += fmt.Sprintf(verb, Secret(text)) + fmt.Sprintf(verb, holder)
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		content, err := marshal(holder)
		if err != nil {
			t.Fatal(err)
		}
		shown += string(content)
	}
	shown += fmt.Sprint(fmt.Errorf("failed: %v %w", Secret(text), Fault{Key: "k", Got: show(Secret(text))}))
	for _, leak := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text)} {
		if strings.Contains(shown, leak) {
			t.Errorf("%q is shown in %s", leak, shown)
		}
	}
	if !strings.Contains(shown, hidden) {
		t.Error("not even a placeholder is shown")
	}
	if Secret(text).Reveal() != text || Secret("").String() != "" {
		t.Error("reveal shows the text, and an empty secret shows nothing")
	}
}

func TestSettingsHideSecrets(t *testing.T) {
	c := sound()
	c.SocialAccount.Providers = []Provider{{Provider: "apple", Secret: "hunter2", Settings: map[string]Secret{"key": "hunter2"}}}
	c.Mail.SMTPPassword = "hunter2"
	content, err := json.Marshal(c.Settings())
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{string(content), fmt.Sprintf("%+v %#v", c, c), strings.Join(c.Notes(), "\n")} {
		if strings.Contains(shown, "hunter2") || strings.Contains(shown, "thirty-two") {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
	if !strings.Contains(string(content), `"secret_key":"[secret]"`) {
		t.Errorf("that there is a key is not shown: %s", content)
	}
}

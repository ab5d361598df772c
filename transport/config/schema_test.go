package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShapes(t *testing.T) {
	for _, tc := range []struct {
		t    reflect.Type
		want shape
	}{
		{reflect.TypeFor[Account](), section},
		{reflect.TypeFor[FrontendURLs](), section},
		{reflect.TypeFor[[]Provider](), sections},
		{reflect.TypeFor[RateLimits](), table},
		{reflect.TypeFor[map[string]Secret](), table},
		{reflect.TypeFor[CodeRequired](), leaf},
		{reflect.TypeFor[*bool](), leaf},
		{reflect.TypeFor[Times](), leaf},
		{reflect.TypeFor[Seconds](), leaf},
		{reflect.TypeFor[Secret](), leaf},
		{reflect.TypeFor[[]string](), leaf},
		{reflect.TypeFor[bool](), leaf},
	} {
		if got := shapeOf(tc.t); got != tc.want {
			t.Errorf("%v: shape %d, want %d", tc.t, got, tc.want)
		}
	}
}

func TestChildKeys(t *testing.T) {
	want := []string{"webhook_url", "webhook_url_file", "timeout", "allowed_countries"}
	if diff := cmp.Diff(want, childKeys(reflect.TypeOf(Config{}.SMS))); diff != "" {
		t.Errorf("a key that is set in Go alone has none in the file: %s", diff)
	}
	for key, want := range map[string]string{"webhook_url": "Secret", "webhook_url_file": "Secret", "timeout": "Seconds", "timeout_file": "", "-": "", "": "", "Supplied": ""} {
		got, known := childType(reflect.TypeOf(Config{}.SMS), key)
		if known != (want != "") || known && got.Name() != want {
			t.Errorf("%q: %v, %v", key, got, known)
		}
	}
}

// TestEveryFieldHasItsKey finds fields that someone forgot to tag.
func TestEveryFieldHasItsKey(t *testing.T) {
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		for field := range of.Fields() {
			tag := field.Tag.Get("koanf")
			if tag == "" || tag != strings.ToLower(tag) || strings.ContainsAny(tag, ".") || strings.Contains(tag, "__") {
				t.Errorf("%s.%s: the key %q cannot be reached from file and environment", of.Name(), field.Name, tag)
			}
			if tag == "-" {
				continue // it is set in Go alone
			}
			switch shapeOf(field.Type) {
			case section:
				walk(field.Type)
			case sections:
				walk(field.Type.Elem())
			}
		}
	}
	walk(reflect.TypeFor[Config]())
}

func TestPrune(t *testing.T) {
	layer := map[string]any{
		"listen":  "kept",
		"acount":  map[string]any{"a": map[string]any{"b": 1}},
		"account": map[string]any{"login_methods": "kept", "nothing": 1, "rate_limits": map[string]any{"anything": "kept"}},
		"mail":    "kept: its type is somebody else's business",
		"socialaccount": map[string]any{"providers": []any{
			map[string]any{"id": "kept", "ids": 1, "settings": map[string]any{"anything": "kept"}},
			"kept", nil, []any{map[string]any{"kept": 1}},
		}},
	}
	var faults Faults
	prune(reflect.TypeFor[Config](), "", layer, &faults)
	want := map[string]any{
		"listen":  "kept",
		"account": map[string]any{"login_methods": "kept", "rate_limits": map[string]any{"anything": "kept"}},
		"mail":    "kept: its type is somebody else's business",
		"socialaccount": map[string]any{"providers": []any{
			map[string]any{"id": "kept", "settings": map[string]any{"anything": "kept"}},
			"kept", nil, []any{map[string]any{"kept": 1}},
		}},
	}
	if diff := cmp.Diff(want, layer); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"account.nothing", "acount", "socialaccount.providers[0].ids"}, keysOf(faults.orNil())); diff != "" {
		t.Error(diff)
	}
}

func TestMeantKey(t *testing.T) {
	config, account := reflect.TypeFor[Config](), reflect.TypeFor[Account]()
	for _, tc := range []struct {
		in        reflect.Type
		path, key string
		want      string
	}{
		{config, "", "listne", "listen"},
		{config, "", "LISTEN", "listen"},
		{config, "", "cors_origins", ""},
		{config, "", "cors_alowed_origins", "cors_allowed_origins"},
		{config, "", "MFA_TOTP_PERIOD", "mfa.totp_period"},
		{config, "", "HEADLESS_FRONTEND_URLS_ACCOUNT_SIGNUP", "headless.frontend_urls.account_signup"},
		{config, "", "totp_period", "mfa.totp_period"},
		{account, "account.", "mandatory", ""},
		{account, "account.", "login_method", "account.login_methods"},
		{account, "account.", "totp_period", "mfa.totp_period"},
		{account, "account.", "x", ""},
	} {
		if got := meantKey(tc.in, tc.path, tc.key); got != tc.want {
			t.Errorf("%s%s: %q, want %q", tc.path, tc.key, got, tc.want)
		}
	}
}

// TestNotHereIsNoKey finds advice about settings that have become keys.
func TestNotHereIsNoKey(t *testing.T) {
	for _, key := range allKeys(reflect.TypeFor[Config](), "") {
		if reason := notHere(key); reason != "" {
			t.Errorf("%s is a key, yet people are told: %s", key, reason)
		}
	}
	if notHere("ACCOUNT.UNIQUE_EMAIL") == "" {
		t.Error("the case of a key keeps the advice away")
	}
}

// keysOf are the keys that faults are about, sorted as the faults are.
func keysOf(err error) []string {
	faults, _ := err.(Faults)
	var keys []string
	for _, fault := range faults {
		keys = append(keys, fault.Key)
	}
	return keys
}

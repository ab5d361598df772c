package server

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/sqlstore"
)

// starter starts servers that share a database, which is what takes long.
type starter struct {
	bases   []Config
	options Options
}

func newStarter(t *testing.T) *starter {
	t.Helper()
	keys, err := state.NewKeyring(zeroes{}, make([]byte, state.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	log, dir := slog.New(slog.DiscardHandler), t.TempDir()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: "sqlite:" + filepath.Join(dir, "test.sqlite3"), Seal: keys, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	stores := storesOf(db)
	stores.Upkeep = nil
	dev, public := Dev(), sound()
	public.Database.URL, public.Redis.URL = "", ""
	dev.DataDir, public.DataDir = dir, dir
	return &starter{bases: []Config{dev, public}, options: Options{
		Log: log, Stores: func(context.Context, *state.Keyring) (Stores, error) { return stores, nil },
	}}
}

// start reports what New says of a configuration.
func (s *starter) start(t interface{ Context() context.Context }, c Config) error {
	server, err := New(t.Context(), c, s.options)
	if err != nil {
		return err
	}
	return server.Close(t.Context())
}

// settings names every key that can be changed without asking a file or another server.
func settings() []string {
	return slices.DeleteFunc(allKeys(reflect.TypeFor[Config](), ""), func(key string) bool {
		return strings.HasSuffix(key, fileSuffix) || strings.HasPrefix(key, "database.") || key == "data_dir" || key == "record.dir" ||
			strings.HasPrefix(key, "redis.") && key != "redis.key_prefix" || key == "headless.jwt_previous_key_files"
	})
}

// field is the value of a key within a configuration.
func field(c *Config, key string) reflect.Value {
	v := reflect.ValueOf(c).Elem()
	for part := range strings.SplitSeq(key, ".") {
		for f, below := range v.Fields() {
			if tagOf(f) == part {
				v = below
				break
			}
		}
	}
	return v
}

// tried are values of a kind, from what is too little for anything to what is too much.
func tried(v reflect.Value) []reflect.Value {
	var out []reflect.Value
	add := func(x any) { out = append(out, reflect.ValueOf(x).Convert(v.Type())) }
	switch {
	case v.Type() == reflect.TypeFor[Secret]():
		add("")
		add(canary)
	case v.CanInt():
		for _, near := range []int{0, 5, 10, 16, 20, 32, 64, 100, 128, 150, 256, 300, 1000, 1024, 3650, 4096, 10000, 65535, 100000, 1 << 20, 4 << 20, 64 << 20, 1 << 40} {
			for n := near - 3; n <= near+3; n++ {
				add(n)
			}
		}
	case v.CanFloat():
		for _, n := range []float64{-1, 0, 1e-300, 1e-9, 0.001, 0.5, 1, 2, 60, 3600, 3650, 86400, 1e7, float64(maxAge), 1e18, 1e300} {
			add(n)
		}
	case v.Kind() == reflect.Bool:
		add(false)
		add(true)
	case v.Kind() == reflect.String:
		for _, text := range append(texts, "strict", "true", "false", "debug", "json", "app", "browser", "RS256", "ES256", "EdDSA", "example.com", "/x",
			"https://192.0.2.1", "https://[2001:db8::1]", "http://127.0.0.1:8080", "https://a_b.example.com", "https://localhost", "https://example.com.",
			"Ann <ann@example.org>", "ann@example.org", "Mandatory", "MANDATORY", "https://app.example.com/a b", "https://app.example.com/\"{key}\"", "x:y", strings.Repeat("x", 300)) {
			add(text)
		}
	case v.Type() == reflect.TypeFor[[]Provider]():
		for _, p := range []Provider{
			{Provider: "google"}, {Provider: "openid_connect", ServerURL: "https://login.example.com"}, {Provider: "openid_connect", ServerURL: "https://login.example.com/?x"},
			{Provider: "openid_connect", ServerURL: "https://login.example.com/.well-known/x/y"}, {Provider: "google", ServerURL: "https://login.example.com"},
			{Provider: "google", AuthParams: map[string]string{"state": "x"}}, {Provider: "google", Settings: map[string]Secret{"tenant": "x"}},
			{Provider: "microsoft", Settings: map[string]Secret{"tenant": "a b"}}, {Provider: "apple"}, {Provider: "apple", Settings: map[string]Secret{"certificate_key": canary}},
			{Provider: "github", ID: strings.Repeat("x", 65)}, {Provider: "github", ID: "mine", Name: "\x00"}, {Provider: "dummy"}, {Provider: "dummy", ServerURL: "/x"},
		} {
			if p.Provider != "dummy" {
				p.ClientID = " , "
				out = append(out, reflect.ValueOf([]Provider{p}))
				p.ClientID = "client"
			}
			out = append(out, reflect.ValueOf([]Provider{p}))
		}
	case v.Type() == reflect.TypeFor[[]string]():
		for _, text := range append(texts, "https://192.0.2.1", "android:apk-key-hash:x", "app", "browser") {
			out = append(out, reflect.ValueOf([]string{text}))
		}
	}
	return out
}

// TestWhatIsAcceptedStarts sets each key alone to what Validate accepts for it: New starts
// with it. Of numbers it tries the least and the greatest.
func TestWhatIsAcceptedStarts(t *testing.T) {
	s := newStarter(t)
	started := 0
	for _, base := range s.bases {
		for _, key := range settings() {
			var accepted []reflect.Value
			for _, value := range tried(field(&base, key)) {
				c := base
				field(&c, key).Set(value)
				if c.Validate() == nil {
					accepted = append(accepted, value)
				}
			}
			if len(accepted) > 2 && (accepted[0].CanInt() || accepted[0].CanFloat()) {
				slices.SortFunc(accepted, func(a, b reflect.Value) int {
					if a.Comparable() && a.Equal(b) {
						return 0
					}
					if a.CanInt() && a.Int() < b.Int() || a.CanFloat() && a.Float() < b.Float() {
						return -1
					}
					return 1
				})
				accepted = []reflect.Value{accepted[0], accepted[len(accepted)-1]}
			}
			for _, value := range accepted {
				c := base
				field(&c, key).Set(value)
				if err := s.start(t, c); err != nil {
					t.Errorf("%s: %v is accepted, and does not start: %v", key, value, err)
				}
				started++
			}
		}
	}
	if started < 300 {
		t.Errorf("only %d servers were started", started)
	}
}

// TestWhatIsAcceptedTogetherStarts is the same of several keys at once, and of New's
// refusals: they are Validate's.
func TestWhatIsAcceptedTogetherStarts(t *testing.T) {
	s := newStarter(t)
	keys := settings()
	rapid.Check(t, func(rt *rapid.T) {
		c := rapid.SampledFrom(s.bases).Draw(rt, "base")
		for range rapid.IntRange(1, 12).Draw(rt, "changes") {
			key := rapid.SampledFrom(keys).Draw(rt, "key")
			before := c
			if values := tried(field(&c, key)); len(values) > 0 {
				field(&c, key).Set(rapid.SampledFrom(values).Draw(rt, key))
			} else {
				drawInto(rt, key, field(&c, key))
			}
			if c.Validate() != nil && rapid.IntRange(0, 9).Draw(rt, "keep the fault") > 0 {
				c = before
			}
		}
		want := c.Validate()
		switch err := s.start(t, c); {
		case want == nil && err != nil:
			rt.Fatalf("accepted, and does not start: %v\n%v", err, c.Settings())
		case want != nil && !reflect.DeepEqual(err, want):
			rt.Fatalf("New says %v, Validate %v", err, want)
		}
	})
}

// TestNewRefusesUnknownWords: a word that nobody knows switches nothing off.
func TestNewRefusesUnknownWords(t *testing.T) {
	s := newStarter(t)
	for key, word := range map[string]string{
		"account.email_verification": "Mandatory", "account.prevent_enumeration": "Strict", "session.cookie_samesite": "Strict",
		"headless.token_strategy": "JWT", "headless.jwt_algorithm": "rs256", "mail.smtp_tls": "Mandatory", "log.level": "INFO", "log.format": "JSON",
		"socialaccount.email_verification": "Mandatory",
	} {
		c := s.bases[0]
		field(&c, key).SetString(word)
		err := s.start(t, c)
		if keys := keysOf(err); !slices.Contains(keys, key) {
			t.Errorf("%s: %q starts, or is refused for something else: %v", key, word, err)
		}
		var faults Faults
		if _, err := Check(c, s.options); !errors.As(err, &faults) {
			t.Errorf("%s: %q is examined: %v", key, word, err)
		}
	}
	lists := map[string]func(*Config){
		"account.login_methods":          func(c *Config) { c.Account.LoginMethods = []string{"email", "Phone"} },
		"account.signup_fields":          func(c *Config) { c.Account.SignupFields = []string{"email*", "Password1*"} },
		"account.login_by_code_required": func(c *Config) { c.Account.LoginByCodeRequired.Methods = []string{"Password"} },
		"mfa.supported_types":            func(c *Config) { c.MFA.SupportedTypes = []string{"TOTP"} },
		"headless.clients":               func(c *Config) { c.Headless.Clients = []string{"App"} },
		"account.rate_limits.Login":      func(c *Config) { c.Account.RateLimits.Rates = engine.Rates{"Login": {{Max: 1, Per: 1, By: "ip"}}} },
		"account.rate_limits.login":      func(c *Config) { c.Account.RateLimits.Rates = engine.Rates{"login": {{Max: 1, Per: 1, By: "IP"}}} },
		"socialaccount.providers[0].token_auth_method": func(c *Config) {
			c.SocialAccount.Providers = []Provider{{Provider: "google", ClientID: "x", TokenAuthMethod: "Client_secret_basic"}}
		},
	}
	for key, change := range lists {
		c := s.bases[0]
		change(&c)
		if err := s.start(t, c); !slices.Contains(keysOf(err), key) {
			t.Errorf("%s starts, or is refused for something else: %v", key, err)
		}
	}
	if got := demand("Mandatory"); got != demand("mandatory") {
		t.Errorf("an unknown word demands %v", got)
	}
}

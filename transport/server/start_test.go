package server

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
)

// deployed is a configuration without a fault, with state and mail elsewhere.
func deployed() config.Config {
	c := config.Default()
	c.PublicURL = "https://auth.example.com"
	c.SecretKey = "a secret key of more than thirty-two bytes"
	c.Mail.SMTPHost, c.Mail.From = "mail.example.com", "Example <no-reply@example.com>"
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
	c.Headless.FrontendURLs = config.FrontendURLs{
		ConfirmEmail:         "https://app.example.com/verify/{key}",
		ResetPasswordFromKey: "https://app.example.com/reset?key={key}",
		ProviderError:        "/oops",
	}
	return c
}

// starter starts servers that share a database, which is what takes long.
type starter struct {
	bases   []config.Config
	options Options
}

func newStarter(t *testing.T) *starter {
	t.Helper()
	keys, err := state.NewKeyring(zeroes{}, make([]byte, state.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	log, dir := slog.New(slog.DiscardHandler), t.TempDir()
	db, err := stores.OpenSQL(t.Context(), stores.SQLConfig{URL: "sqlite:" + filepath.Join(dir, "test.sqlite3"), Seal: keys, Logger: log})
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
	dev, public := config.Dev(), deployed()
	dev.DataDir, public.DataDir = dir, dir
	return &starter{bases: []config.Config{dev, public}, options: Options{
		Log: log, Stores: func(context.Context, *state.Keyring) (Stores, error) { return stores, nil },
	}}
}

// start reports what New says of a configuration.
func (s *starter) start(t interface{ Context() context.Context }, c config.Config) error {
	server, err := Open(t.Context(), c, s.options)
	if err != nil {
		return err
	}
	return server.Close(t.Context())
}

// settings names every key that can be changed without asking a file or another server.
func settings() []string {
	return slices.DeleteFunc(keysBelow(reflect.TypeFor[config.Config](), ""), func(key string) bool {
		return strings.HasPrefix(key, "database.") || key == "data_dir" || key == "record.dir" ||
			strings.HasPrefix(key, "redis.") && key != "redis.key_prefix" || key == "headless.jwt_previous_key_files" ||
			key == "pages.logo" || key == "pages.css" || key == "pages.texts"
	})
}

// keysBelow are the full keys of a section and of those in it. A struct without keys is a
// value with a notation of its own.
func keysBelow(t reflect.Type, path string) []string {
	var keys []string
	for f := range t.Fields() {
		tag := f.Tag.Get("koanf")
		if tag == "" || tag == "-" {
			continue
		}
		below := []string{path + tag}
		if f.Type.Kind() == reflect.Struct {
			if inner := keysBelow(f.Type, path+tag+"."); inner != nil {
				below = inner
			}
		}
		keys = append(keys, below...)
	}
	return keys
}

// field is the value of a key within a configuration.
func field(c *config.Config, key string) reflect.Value {
	v := reflect.ValueOf(c).Elem()
	for part := range strings.SplitSeq(key, ".") {
		for f, below := range v.Fields() {
			if f.Tag.Get("koanf") == part {
				v = below
				break
			}
		}
	}
	return v
}

// secretText is long enough for any secret.
const secretText = "canary-in-a-coal-mine-of-thirty-two-bytes"

// texts are values that some key or other takes, and some that none does.
func texts(more ...string) []string {
	return append([]string{
		"", "email", "username", "phone", "email*", "password1*", "mandatory", "optional", "none", "totp", "recovery_codes", "webauthn", "jwt", "session",
		"https://auth.example.com", "http://localhost:3000", "https://app.example.com/{key}", "/path", "127.0.0.1:8080", ":0", "HS256", "lax", "text", "info",
		"a b", "{key}", "\x00", "https://u:p@h/", "ä", "openid_connect", "dummy", "password",
	}, more...)
}

// tried are values of a kind, from what is too little for anything to what is too much.
func tried(v reflect.Value) []reflect.Value {
	var out []reflect.Value
	add := func(x any) { out = append(out, reflect.ValueOf(x).Convert(v.Type())) }
	switch {
	case v.Type() == reflect.TypeFor[config.Secret]():
		add("")
		add(secretText)
	case v.CanInt():
		for _, near := range []int{0, 5, 10, 16, 20, 32, 64, 100, 128, 150, 256, 300, 1000, 1024, 3650, 4096, 10000, 65535, 100000, 1 << 20, 4 << 20, 64 << 20, 1 << 40} {
			for n := near - 3; n <= near+3; n++ {
				add(n)
			}
		}
	case v.CanFloat():
		for _, n := range []float64{-1, 0, 1e-300, 1e-9, 0.001, 0.5, 1, 2, 60, 3600, 3650, 86400, 1e7, 100 * 365 * 86400, 1e18, 1e300} {
			add(n)
		}
	case v.Kind() == reflect.Bool:
		add(false)
		add(true)
	case v.Kind() == reflect.String:
		for _, text := range texts("strict", "true", "false", "debug", "json", "app", "browser", "RS256", "ES256", "EdDSA", "example.com", "/x",
			"https://192.0.2.1", "https://[2001:db8::1]", "http://127.0.0.1:8080", "https://a_b.example.com", "https://localhost", "https://example.com.",
			"Ann <ann@example.org>", "ann@example.org", "Mandatory", "MANDATORY", "https://app.example.com/a b", "https://app.example.com/\"{key}\"", "x:y", strings.Repeat("x", 300)) {
			add(text)
		}
	case v.Type() == reflect.TypeFor[[]config.Provider]():
		for _, p := range []config.Provider{
			{Provider: "google"}, {Provider: "openid_connect", ServerURL: "https://login.example.com"}, {Provider: "openid_connect", ServerURL: "https://login.example.com/?x"},
			{Provider: "openid_connect", ServerURL: "https://login.example.com/.well-known/x/y"}, {Provider: "google", ServerURL: "https://login.example.com"},
			{Provider: "google", AuthParams: map[string]string{"state": "x"}}, {Provider: "google", Settings: map[string]config.Secret{"tenant": "x"}},
			{Provider: "microsoft", Settings: map[string]config.Secret{"tenant": "a b"}}, {Provider: "apple"}, {Provider: "apple", Settings: map[string]config.Secret{"certificate_key": secretText}},
			{Provider: "github", ID: strings.Repeat("x", 65)}, {Provider: "github", ID: "mine", Name: "\x00"}, {Provider: "dummy"}, {Provider: "dummy", ServerURL: "/x"},
		} {
			if p.Provider != "dummy" {
				p.ClientID = " , "
				out = append(out, reflect.ValueOf([]config.Provider{p}))
				p.ClientID = "client"
			}
			out = append(out, reflect.ValueOf([]config.Provider{p}))
		}
	case v.Type() == reflect.TypeFor[[]string]():
		for _, text := range texts("https://192.0.2.1", "android:apk-key-hash:x", "app", "browser") {
			out = append(out, reflect.ValueOf([]string{text}))
		}
	}
	return out
}

// drawValue sets a value that tried has nothing for.
func drawValue(t *rapid.T, key string, into reflect.Value) {
	switch own := into.Addr().Interface().(type) {
	case *config.CodeRequired:
		if own.All = rapid.Bool().Draw(t, key); !own.All {
			own.Methods = rapid.SliceOfN(rapid.SampledFrom(texts()), 0, 2).Draw(t, key)
		}
	case **bool:
		if on := rapid.Bool().Draw(t, key); rapid.Bool().Draw(t, key) {
			*own = &on
		}
	case *config.RateLimits:
		if own.Off = rapid.Bool().Draw(t, key); own.Off || rapid.Bool().Draw(t, key) {
			return
		}
		own.Rates = engine.Rates{}
		for _, action := range rapid.SliceOfN(rapid.SampledFrom([]string{"login", "signup", "confirm_email", "coffee"}), 1, 3).Draw(t, key) {
			own.Rates[action] = []engine.Rate{{
				Max: rapid.IntRange(1, 100).Draw(t, key), Per: time.Duration(rapid.IntRange(1, 1e6).Draw(t, key)) * time.Millisecond,
				By: rapid.SampledFrom([]string{"ip", "user", "key"}).Draw(t, key),
			}}
		}
	default:
		t.Fatalf("%s: nothing is drawn for %s", key, into.Type())
	}
}

// keysOf are the keys that faults are about, sorted as the faults are.
func keysOf(err error) []string {
	faults, _ := err.(config.Faults)
	var keys []string
	for _, fault := range faults {
		keys = append(keys, fault.Key)
	}
	return keys
}

// TestWhatIsAcceptedStarts sets each key alone to what Validate accepts for it: New starts
// with it. Of numbers it tries the least and the greatest.
func TestWhatIsAcceptedStarts(t *testing.T) {
	t.Parallel()
	s := newStarter(t)
	var started atomic.Int64
	var starting errgroup.Group
	starting.SetLimit(runtime.GOMAXPROCS(0))
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
				starting.Go(func() error {
					if err := s.start(t, c); err != nil {
						t.Errorf("%s: %v is accepted, and does not start: %v", key, value, err)
					}
					started.Add(1)
					return nil
				})
			}
		}
	}
	_ = starting.Wait()
	if n := started.Load(); n < 300 {
		t.Errorf("only %d servers were started", n)
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
				drawValue(rt, key, field(&c, key))
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
		"account.email_verification": "Mandatory", "account.prevent_enumeration": "Strict", "session.cookie_samesite": "Stricter",
		"headless.token_strategy": "JWT", "headless.jwt_algorithm": "rs256", "mail.smtp_tls": "Mandatory", "log.level": "INFO", "log.format": "JSON",
		"socialaccount.email_verification": "Mandatory",
	} {
		c := s.bases[0]
		field(&c, key).SetString(word)
		err := s.start(t, c)
		if keys := keysOf(err); !slices.Contains(keys, key) {
			t.Errorf("%s: %q starts, or is refused for something else: %v", key, word, err)
		}
		var faults config.Faults
		if _, err := Check(c, s.options); !errors.As(err, &faults) {
			t.Errorf("%s: %q is examined: %v", key, word, err)
		}
	}
	lists := map[string]func(*config.Config){
		"account.login_methods":          func(c *config.Config) { c.Account.LoginMethods = []string{"email", "Phone"} },
		"account.signup_fields":          func(c *config.Config) { c.Account.SignupFields = []string{"email*", "Password1*"} },
		"account.login_by_code_required": func(c *config.Config) { c.Account.LoginByCodeRequired.Methods = []string{"Password"} },
		"mfa.supported_types":            func(c *config.Config) { c.MFA.SupportedTypes = []string{"TOTP"} },
		"headless.clients":               func(c *config.Config) { c.Headless.Clients = []string{"App"} },
		"account.rate_limits.Login": func(c *config.Config) {
			c.Account.RateLimits.Rates = engine.Rates{"Login": {{Max: 1, Per: 1, By: "ip"}}}
		},
		"account.rate_limits.login": func(c *config.Config) {
			c.Account.RateLimits.Rates = engine.Rates{"login": {{Max: 1, Per: 1, By: "IP"}}}
		},
		"socialaccount.providers[0].token_auth_method": func(c *config.Config) {
			c.SocialAccount.Providers = []config.Provider{{Provider: "google", ClientID: "x", TokenAuthMethod: "Client_secret_basic"}}
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

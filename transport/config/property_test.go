package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"stagedoor/engine"
)

// canary stands in every secret of the configurations that rapid draws.
const canary = "canary-in-a-coal-mine-of-thirty-two-bytes"

// texts are values that some key or other takes, and some that none does.
var texts = []string{
	"", "email", "username", "phone", "email*", "password1*", "mandatory", "optional", "none", "totp", "recovery_codes", "webauthn", "jwt", "session",
	"https://auth.example.com", "http://localhost:3000", "https://app.example.com/{key}", "/path", "127.0.0.1:8080", ":0", "HS256", "lax", "text", "info",
	"a b", "{key}", "\x00", "https://u:p@h/", "ä", "openid_connect", "dummy", "password",
}

// drawn is any configuration at all, nearly always a faulty one.
func drawn(t *rapid.T) Config {
	var c Config
	drawInto(t, "", reflect.ValueOf(&c).Elem())
	return c
}

func drawInto(t *rapid.T, key string, into reflect.Value) {
	switch own := into.Addr().Interface().(type) {
	case *CodeRequired:
		if own.All = rapid.Bool().Draw(t, key); !own.All {
			own.Methods = rapid.SliceOfN(rapid.SampledFrom(texts), 0, 2).Draw(t, key)
		}
		return
	case *Enumeration:
		*own = rapid.SampledFrom([]Enumeration{EnumerationOn, EnumerationOff, EnumerationStrict}).Draw(t, key)
		return
	case **bool:
		if on := rapid.Bool().Draw(t, key); rapid.Bool().Draw(t, key) {
			*own = &on
		}
		return
	case *RateLimits:
		drawRates(t, key, own)
		return
	case *Secret:
		*own = rapid.SampledFrom([]Secret{"", canary}).Draw(t, key)
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		for field, below := range into.Fields() {
			if tag := tagOf(field); tag != "" {
				drawInto(t, key+"."+tag, below)
			}
		}
	case reflect.Bool:
		into.SetBool(rapid.Bool().Draw(t, key))
	case reflect.Int, reflect.Int64:
		into.SetInt(rapid.OneOf(rapid.Int64Range(-2, 30), rapid.Int64Range(-1<<40, 1<<40)).Draw(t, key))
	case reflect.Float64:
		into.SetFloat(rapid.OneOf(rapid.Float64Range(0, 1000), rapid.Float64Range(-1e300, 1e300)).Draw(t, key))
	case reflect.String:
		into.SetString(rapid.SampledFrom(texts).Draw(t, key))
	case reflect.Slice:
		n := rapid.IntRange(0, 2).Draw(t, key)
		into.Set(reflect.MakeSlice(into.Type(), n, n))
		for i := range n {
			drawInto(t, indexed(key, i), into.Index(i))
		}
	case reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		for _, name := range rapid.SliceOfN(rapid.StringMatching("[a-z_]{1,8}"), 0, 2).Draw(t, key) {
			cell := reflect.New(into.Type().Elem()).Elem()
			drawInto(t, key+"."+name, cell)
			into.SetMapIndex(reflect.ValueOf(name), cell)
		}
	default:
		t.Fatalf("nothing is drawn for %s", into.Type())
	}
}

func drawRates(t *rapid.T, key string, own *RateLimits) {
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
}

// index is what stands between brackets in the key of a list's entry.
var index = regexp.MustCompile(`\[\d+\]`)

// TestFaultsNameKeys checks of any configuration whatever that its faults are
// about keys that there are, say what is wrong and what to do, in one line, and
// keep secrets to themselves.
func TestFaultsNameKeys(t *testing.T) {
	known := allKeys(reflect.TypeFor[Config](), "")
	for _, key := range childKeys(reflect.TypeFor[Provider]()) {
		known = append(known, "socialaccount.providers."+key)
	}
	known = append(known, "serve", "redis")
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		faults, _ := c.Validate().(Faults)
		for _, fault := range faults {
			key := index.ReplaceAllString(fault.Key, "")
			for _, limits := range []string{"account.rate_limits", "mfa.rate_limits"} {
				if action, limited := strings.CutPrefix(key, limits+"."); limited && action != "" {
					key = limits
				}
			}
			if !slices.Contains(known, key) {
				t.Fatalf("a fault is about %q, which is no key", fault.Key)
			}
			line := fault.String()
			if fault.Problem == "" || fault.Hint == "" || strings.ContainsAny(line, "\n\r\x00") {
				t.Fatalf("a fault says too little, or too much: %q", line)
			}
			if strings.Contains(line, canary) {
				t.Fatalf("a secret is shown: %s", line)
			}
		}
		if again, _ := c.Validate().(Faults); !reflect.DeepEqual(faults, again) {
			t.Fatalf("asked twice, the faults differ:\n%v\n%v", faults, again)
		}
	})
}

// TestWhatIsShownHidesSecrets prints any configuration in every way there is.
func TestWhatIsShownHidesSecrets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		settings, err := yaml.Marshal(c.Settings())
		if err != nil {
			t.Fatal(err)
		}
		whole, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{string(settings), string(whole), fmt.Sprintf("%v %+v %#v", c, c, c), strings.Join(c.Notes(), " ")} {
			if strings.Contains(shown, canary) {
				t.Fatalf("a secret is shown: %s", shown)
			}
		}
	})
}

// TestFileSaysAnyConfiguration writes any configuration, sound or not, and reads
// it back: what decodes is what was encoded, and only Validate refuses.
func TestFileSaysAnyConfiguration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "drawn.yaml")
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		content, err := yaml.Marshal(reveal(c))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		keys, err := readYAML(path)
		if err != nil {
			t.Fatalf("%v\n%s", err, content)
		}
		var d decoder
		prune(reflect.TypeFor[Config](), "", keys, &d.faults)
		got := Config{}
		d.section("", keys, reflect.ValueOf(&got).Elem())
		if len(d.faults) > 0 {
			t.Fatalf("what was written is refused: %v\n%s", d.faults, content)
		}
		if diff := cmp.Diff(reveal(c), reveal(got), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

// TestOneFaultLeavesTheRest spoils one key of a sound file with a value of a
// wrong type: the fault is about that key, and the only one.
func TestOneFaultLeavesTheRest(t *testing.T) {
	spoilt := 0
	for _, key := range allKeys(reflect.TypeFor[Config](), "") {
		if strings.HasSuffix(key, fileSuffix) {
			continue
		}
		settings := reveal(sound())
		path := strings.Split(key, ".")
		into := settings
		for _, part := range path[:len(path)-1] {
			into = into[part].(map[string]any)
		}
		into[path[len(path)-1]] = map[string]any{"canary": []any{canary}}
		content, err := yaml.Marshal(settings)
		if err != nil {
			t.Fatal(err)
		}
		_, err = LoadOver(sound(), write(t, string(content)), nil)
		keys := keysOf(err)
		if strings.HasSuffix(key, ".rate_limits") {
			key += ".canary"
		}
		if !slices.Equal(keys, []string{key}) {
			t.Errorf("%s: faults about %v", key, keys)
		}
		if err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the value is shown: %v", key, err)
		}
		spoilt++
	}
	if spoilt < 100 {
		t.Errorf("only %d keys were tried", spoilt)
	}
}

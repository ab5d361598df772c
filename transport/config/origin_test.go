package config

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
)

func TestHosts(t *testing.T) {
	for host, want := range map[string]struct{ loopback, local, inside bool }{
		"127.0.0.1":            {true, true, true},
		"127.8.9.10":           {true, true, true},
		"::1":                  {true, true, true},
		"::ffff:127.0.0.1":     {true, true, true},
		"localhost":            {false, true, true},
		"app.localhost":        {false, true, true},
		"notlocalhost":         {false, false, true},
		"keycloak":             {false, false, true},
		"idp.prod.svc":         {false, false, true},
		"printer.local":        {false, false, true},
		"db.internal":          {false, false, true},
		"10.1.2.3":             {false, false, true},
		"192.168.0.1":          {false, false, true},
		"fd00::1":              {false, false, true},
		"0.0.0.0":              {false, false, false},
		"192.0.2.1":            {false, false, false},
		"2001:db8::1":          {false, false, false},
		"example.com":          {false, false, false},
		"localhost.evil.com":   {false, false, false},
		"127.0.0.1.evil.com":   {false, false, false},
		"internal.example.com": {false, false, false},
	} {
		if got := isLoopback(host); got != want.loopback {
			t.Errorf("%s: loopback %v", host, got)
		}
		if got := isLocal(host); got != want.local {
			t.Errorf("%s: local %v", host, got)
		}
		if got := isInside(host); got != want.inside {
			t.Errorf("%s: inside %v", host, got)
		}
	}
}

func TestBelongs(t *testing.T) {
	for _, tc := range []struct {
		host, domain string
		want         bool
	}{
		{"example.com", "example.com", true},
		{"app.example.com", "example.com", true},
		{"a.b.example.com", "example.com", true},
		{"badexample.com", "example.com", false},
		{"example.com", "app.example.com", false},
		{"example.com.evil.org", "example.com", false},
		{"", "example.com", false},
	} {
		if got := belongs(tc.host, tc.domain); got != tc.want {
			t.Errorf("%s of %s: %v", tc.host, tc.domain, got)
		}
	}
}

// plainOrigin is the form of an origin written down: an independent, stricter
// check to hold notOrigin against.
var plainOrigin = regexp.MustCompile(`^https?://([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$`)

// FuzzOrigin holds the check of origins against that form: what it accepts has
// it, and what has it passes.
func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{
		"https://app.example.com", "http://localhost:3000", "http://[::1]:8080", "https://a:443", "http://a:80", "https://A", "https://a/", "https://a?", "https://a#",
		"https://u@a", "https://a:b@c", "https://*.a", "null", "file://", "https:a", "//a", "https://a:0", "http://a:08", "https://a:65536", "https://a:", "https://ä", "https://a%41", "javascript://a", "https://a b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		problem, hint := notOrigin(text)
		if (problem == "") != (hint == "") {
			t.Fatalf("%q: problem %q, hint %q", text, problem, hint)
		}
		u, err := url.Parse(text)
		if problem == "" {
			if err != nil || u.Scheme+"://"+u.Host != text || !plainOrigin.MatchString(text) {
				t.Fatalf("%q is taken for an origin", text)
			}
			if _, err := http.NewRequest(http.MethodGet, text+"/", nil); err != nil {
				t.Fatalf("%q is taken for an origin, and nothing can be asked there: %v", text, err)
			}
			return
		}
		if err == nil && plainOrigin.MatchString(text) && !defaultPort(u) && plausible(u.Port()) {
			t.Fatalf("%q is an origin and is refused: %s", text, problem)
		}
	})
}

func defaultPort(u *url.URL) bool {
	return u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443"
}

// plausible says whether a port of at most five digits is one.
func plausible(port string) bool {
	return len(port) < 5 || len(port) == 5 && port <= "65535"
}

func TestEnvironmentPaths(t *testing.T) {
	var d decoder
	keys, providers := d.readEnv([]string{
		"STAGEDOOR_LISTEN=:1", "STAGEDOOR_ACCOUNT__RATE_LIMITS__LOGIN=1/m", "STAGEDOOR_ACCOUNT__CHANGE_EMAIL=true",
		"STAGEDOOR_SOCIALACCOUNT__PROVIDERS__MY_IDP__SETTINGS__A=b", "STAGEDOOR_SOCIALACCOUNT__AUTO_SIGNUP=false",
		"STAGEDOORLISTEN=x", "XSTAGEDOOR_LISTEN=x", "PATH=/bin", "nonsense", "STAGEDOOR_PUBLIC_URL",
	})
	text := func(m map[string]any, path ...string) string {
		for _, key := range path[:len(path)-1] {
			m, _ = m[key].(map[string]any)
		}
		value, _ := m[path[len(path)-1]].(envText)
		return value.Text
	}
	for _, tc := range []struct {
		from map[string]any
		path []string
		want string
	}{
		{keys, []string{"listen"}, ":1"},
		{keys, []string{"account", "rate_limits", "login"}, "1/m"},
		{keys, []string{"account", "change_email"}, "true"},
		{keys, []string{"socialaccount", "auto_signup"}, "false"},
		{keys, []string{"public_url"}, ""},
		{providers, []string{"my_idp", "settings", "a"}, "b"},
	} {
		if got := text(tc.from, tc.path...); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.path, got, tc.want)
		}
	}
	if len(keys) != 4 || len(providers) != 1 || len(d.faults) != 0 {
		t.Errorf("keys %v, providers %v, faults %v", sortedKeys(keys), sortedKeys(providers), d.faults)
	}
}

// TestLaterVariableWins holds what os.Environ may hold: one name twice.
func TestLaterVariableWins(t *testing.T) {
	c, err := LoadOver(sound(), "", []string{"STAGEDOOR_LISTEN=:1", "STAGEDOOR_LISTEN=:2"})
	if err != nil || c.Listen != ":2" {
		t.Errorf("%s, %v", c.Listen, err)
	}
}

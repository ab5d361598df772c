package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrigin(t *testing.T) {
	for _, tc := range []struct {
		listen, public, origin, rpID string
		secure                       bool
	}{
		{"127.0.0.1:8080", "", "http://localhost:8080", "localhost", false},
		{":80", "", "http://localhost", "localhost", false},
		{"0.0.0.0:9000", "https://auth.example.com", "https://auth.example.com", "auth.example.com", true},
		{":1", "https://auth.example.com:8443/", "https://auth.example.com:8443", "auth.example.com", true},
		{":1", "http://127.0.0.1:8080", "http://127.0.0.1:8080", "localhost", false},
		{":1", "http://[::1]:8080", "http://[::1]:8080", "localhost", false},
		{":1", "http://app.localhost", "http://app.localhost", "app.localhost", false},
	} {
		c := Config{Listen: tc.listen, PublicURL: tc.public}
		if c.Origin() != tc.origin || c.RPID() != tc.rpID || c.Secure() != tc.secure || c.Issuer() == "" || c.RPName() != tc.rpID {
			t.Errorf("%+v: origin %s, RP id %s, secure %v, issuer %s", tc, c.Origin(), c.RPID(), c.Secure(), c.Issuer())
		}
	}
	named := Config{MFA: MFA{WebAuthnRPID: "example.com", WebAuthnRPName: "Example", TOTPIssuer: "Ex"}}
	if named.RPID() != "example.com" || named.RPName() != "Example" || named.Issuer() != "Ex" {
		t.Errorf("names that are set: %s, %s, %s", named.RPID(), named.RPName(), named.Issuer())
	}
}

func TestTrustedOrigins(t *testing.T) {
	c := Config{PublicURL: "https://auth.example.com", CSRFTrustedOrigins: []string{"https://app.example.com", "https://auth.example.com", "https://example.org"}}
	if diff := cmp.Diff([]string{"https://auth.example.com", "https://app.example.com", "https://example.org"}, c.TrustedOrigins()); diff != "" {
		t.Error(diff)
	}
	for _, tc := range []struct {
		rpID string
		set  []string
		want []string
	}{
		{"", nil, []string{"https://auth.example.com"}},
		{"example.com", nil, []string{"https://auth.example.com", "https://app.example.com"}},
		{"", []string{"https://one.auth.example.com"}, []string{"https://one.auth.example.com"}},
	} {
		c.MFA.WebAuthnRPID, c.MFA.WebAuthnOrigins = tc.rpID, tc.set
		if diff := cmp.Diff(tc.want, c.WebAuthnOrigins()); diff != "" {
			t.Errorf("%q: %s", tc.rpID, diff)
		}
	}
}

func TestLoopbackOriginsAreLocalhost(t *testing.T) {
	c := Config{PublicURL: "http://[::1]:8080", CSRFTrustedOrigins: []string{"http://127.0.0.1:3000", "http://localhost:3000"}}
	want := []string{"http://localhost:8080", "http://localhost:3000"}
	if diff := cmp.Diff(want, c.WebAuthnOrigins()); diff != "" {
		t.Error(diff)
	}
}

func TestPages(t *testing.T) {
	c := sound()
	want := FrontendURLs{
		ConfirmEmail:         "https://app.example.com/verify/{key}",
		ResetPasswordFromKey: "https://app.example.com/reset?key={key}",
		ProviderError:        "https://auth.example.com/oops",
		Disown:               "https://auth.example.com/account/not-me?key={key}",
	}
	if diff := cmp.Diff(want, c.Pages()); diff != "" {
		t.Error(diff)
	}
	c.Headless.FrontendURLs.Disown = "https://app.example.com/not-me/{key}"
	if got := c.Pages().Disown; got != c.Headless.FrontendURLs.Disown {
		t.Errorf("a page of the front end is not taken: %q", got)
	}
	for _, page := range []string{Dev().Pages().Disown, Dev().Pages().ConfirmEmail, Dev().Pages().ResetPassword, Dev().Pages().ResetPasswordFromKey, Dev().Pages().Signup, Dev().Pages().ProviderError} {
		if !strings.HasPrefix(page, "http://localhost:8080/account/") {
			t.Errorf("page %q is not one of the server itself", page)
		}
	}
}

func TestNotes(t *testing.T) {
	want := []string{
		"database: PostgreSQL at db.example.com/app",
		"redis: redis.example.com:6379/0",
		"mail: SMTP by mail.example.com, TLS mandatory",
		"secrets: configured",
	}
	if diff := cmp.Diff(want, sound().Notes()); diff != "" {
		t.Error(diff)
	}
	want = []string{
		"database: SQLite in stagedoor-data/dev; set database.url to a postgres:// URL to run several servers",
		"redis: embedded, pending sign-ins end with the process; set redis.url to keep them",
		"mail: kept in the development mailbox; set mail.smtp_host to send it",
		"secrets: made at the first start, kept in stagedoor-data/dev; set secret_key to run several servers",
		"development: / shows the mailbox to whoever can reach 127.0.0.1:8080; switch dev.enabled off in production",
	}
	if diff := cmp.Diff(want, Dev().Notes()); diff != "" {
		t.Error(diff)
	}
	c := sound()
	c.Mail.Supplied = true
	c.Redis = Redis{SentinelMaster: "main", SentinelAddresses: []string{"a:1", "b:1"}}
	if notes := c.Notes(); notes[1] != "redis: master main of the sentinels a:1, b:1" || notes[2] != "mail: sent by the program around the server" {
		t.Errorf("sentinels: %q", notes)
	}
	c.Redis = Redis{ClusterAddresses: []string{"a:1", "b:1"}}
	c.Database.URL = "postgres://u:hunter2@h:%zz"
	if notes := c.Notes(); notes[1] != "redis: cluster at a:1, b:1" || notes[0] != "database: PostgreSQL at [secret]" {
		t.Errorf("cluster: %q", notes)
	}
}

func TestProviderKey(t *testing.T) {
	if got := (Provider{Provider: "github"}).Key(); got != "github" {
		t.Errorf("without an id: %q", got)
	}
	if got := (Provider{Provider: "github", ID: "work"}).Key(); got != "work" {
		t.Errorf("with an id: %q", got)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"mandatory", "optional", "none"}
	for word, want := range map[string]string{
		"mandetory": "mandatory", "mandatroy": "mandatory", "optionl": "optional", "nones": "none",
		"none": "none", "": "", "on": "", "xyzzy": "", "mandatorily-verified": "",
	} {
		if got := nearest(word, words); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1},
		{"abc", "ab", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
	} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("%s to %s: %d, want %d", tc.a, tc.b, got, tc.want)
		}
		if got := distance(tc.b, tc.a); got != tc.want {
			t.Errorf("%s to %s: %d, want %d", tc.b, tc.a, got, tc.want)
		}
	}
}

func TestShow(t *testing.T) {
	for _, tc := range []struct {
		value any
		want  string
	}{
		{nil, ""}, {"", `""`}, {3, "3"}, {1.5, "1.5"}, {true, "true"}, {Secret("x"), hidden},
		{"https://me:pw@host/x", `"https://***@host/x"`},
		{"a\nb", `"a\nb"`},
		{strings.Repeat("ä", 61), `"` + strings.Repeat("ä", 60) + `…"`},
		{map[string]any{"a": 1}, "a section"}, {[]any{1}, "a list"},
		{envText{Name: "STAGEDOOR_X", Text: "y"}, `"y" from STAGEDOOR_X`},
	} {
		if got := show(tc.value); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.value, got, tc.want)
		}
	}
}

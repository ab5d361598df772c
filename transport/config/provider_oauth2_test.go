package config

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// intranet is a provider that is described by its settings alone, with some changed.
func intranet(more map[string]Secret) func(*Config) {
	p := Provider{ID: "intranet", Provider: "oauth2", ClientID: "c", Secret: "hush", Settings: map[string]Secret{
		"authorize_url": "https://id.example.com/authorize", "token_url": "https://id.example.com/token", "profile_url": "https://id.example.com/me", "uid_field": "id",
	}}
	maps.Copy(p.Settings, more)
	return func(c *Config) { c.SocialAccount.Providers = []Provider{p} }
}

func TestFaultsOfConfiguredProviders(t *testing.T) {
	const at, help = `socialaccount.providers[0]`, `; go doc ./stages ProviderConfig says what each kind takes`
	checkFaults(t, []faultCase{
		{intranet(map[string]Secret{"token_url": "http://id.example.com/token"}), at + `.settings.token_url: plain http to a public host; use https, so that nobody between can read or change it`},
		{intranet(map[string]Secret{"uid_field": ""}), at + `: provider intranet: settings.uid_field: missing: where in the profile the id stands that is one person's for ever` + help},
		{intranet(map[string]Secret{"scope_separator": "+"}), at + `: provider intranet: settings.scope_separator: neither a space nor a comma nor a semicolon` + help},
		{func(c *Config) {
			intranet(nil)(c)
			c.SocialAccount.Providers[0].ServerURL = "https://id.example.com"
		}, at + `: provider intranet: server_url: oauth2 has its addresses in settings: leave it out` + help},
	})
}

// TestConfiguredProviderIsSound: one that says no more than it must, on this machine and elsewhere.
func TestConfiguredProviderIsSound(t *testing.T) {
	for _, host := range []string{"https://id.example.com", "http://127.0.0.1:9100"} {
		c := sound()
		intranet(map[string]Secret{"authorize_url": Secret(host + "/a"), "token_url": Secret(host + "/t"), "profile_url": Secret(host + "/p")})(&c)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// TestProviderWithoutPKCEIsTold: what guards less is said where the server's notes are.
func TestProviderWithoutPKCEIsTold(t *testing.T) {
	c := sound()
	told := func() bool {
		return slices.ContainsFunc(c.Notes(), func(n string) bool { return strings.HasPrefix(n, "provider intranet: without PKCE") })
	}
	if intranet(nil)(&c); told() {
		t.Error("it is on")
	}
	if intranet(map[string]Secret{"pkce": "false"})(&c); !told() {
		t.Error("nobody is told that it is off")
	}
}

// TestKeycloakWithoutRealmIsTold: nothing answers at the address of the server itself.
func TestKeycloakWithoutRealmIsTold(t *testing.T) {
	for url, want := range map[string]bool{"https://id.example.com": true, "https://id.example.com/auth/realms/staff": false} {
		c := sound()
		c.SocialAccount.Providers = []Provider{{Provider: "keycloak", ClientID: "c", ServerURL: url}}
		told := slices.ContainsFunc(c.Notes(), func(n string) bool { return strings.HasPrefix(n, "provider keycloak: server_url names no realm") })
		if told != want {
			t.Errorf("%s: told is %v", url, told)
		}
	}
}

// TestSettingsOfProvidersAsWritten: settings are text, in a file and in the
// environment.
func TestSettingsOfProvidersAsWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stagedoor.yaml")
	text := `dev: {enabled: true}
socialaccount:
  providers:
    - {id: intranet, provider: oauth2, client_id: c, settings: {authorize_url: "https://id.example.com/a", token_url: "https://id.example.com/t", profile_url: "https://id.example.com/p", uid_field: id, pkce: "false", scope_separator: ","}}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file, []string{"STAGEDOOR_SOCIALACCOUNT__PROVIDERS__INTRANET__SETTINGS__UID_FIELD=person.id"})
	if err != nil {
		t.Fatal(err)
	}
	if s := c.SocialAccount.Providers[0].Settings; s["pkce"] != "false" || s["uid_field"] != "person.id" || s["scope_separator"] != "," {
		t.Errorf("got %q, %q and %q", s["pkce"].Reveal(), s["uid_field"].Reveal(), s["scope_separator"].Reveal())
	}
}

// TestAccountsThatChangeHandsAreNoted: settings that let somebody else in once an address or a name
// changes hands do what they say, and the check says what that is.
func TestAccountsThatChangeHandsAreNoted(t *testing.T) {
	notes := func(change func(*Config, *Provider)) string {
		c, p := sound(), Provider{ID: "intranet", Provider: "okta", ClientID: "c", ServerURL: "https://login.example.com", Settings: map[string]Secret{}}
		change(&c, &p)
		c.SocialAccount.Providers = []Provider{p}
		return strings.Join(c.Notes(), "\n")
	}
	uid := func(path string) string {
		return notes(func(_ *Config, p *Provider) { p.Settings["uid_field"] = Secret(path) })
	}
	for path, want := range map[string]bool{"email": true, "user.Login": true, "upn": true, "": false, "sub": false, "employee.number": false, "emails.0.id": false} {
		if got := strings.Contains(uid(path), "provider intranet: settings.uid_field"); got != want {
			t.Errorf("%q: noted %v", path, got)
		}
	}
	const trusted = "provider intranet: verified_email with email_authentication"
	for name, c := range map[string]struct {
		change func(*Config, *Provider)
		want   bool
	}{
		"both":             {func(_ *Config, p *Provider) { p.VerifiedEmail, p.EmailAuthentication = true, true }, true},
		"both, one by all": {func(c *Config, p *Provider) { p.VerifiedEmail, c.SocialAccount.EmailAuthentication = true, true }, true},
		"verified alone":   {func(_ *Config, p *Provider) { p.VerifiedEmail = true }, false},
		"what it verifies": {func(_ *Config, p *Provider) { p.EmailAuthentication = true }, false},
	} {
		if got := strings.Contains(notes(c.change), trusted); got != c.want {
			t.Errorf("%s: noted %v", name, got)
		}
	}
}

package provider

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const intranetProfile = "GET https://id.example.com/api/me"

// intranet is the least that is to be said of a server.
func intranet(more map[string]string) Config {
	settings := map[string]string{
		"authorize_url": "https://id.example.com/oauth/authorize", "token_url": "https://id.example.com/oauth/token",
		"profile_url": "https://id.example.com/api/me", "uid_field": "id",
	}
	maps.Copy(settings, more)
	return Config{Settings: settings}
}

// TestConfiguredServersAreWalked: a server is spoken to as the configuration says, in all that
// servers differ in, and what it answers is found where the configuration says it stands.
func TestConfiguredServersAreWalked(t *testing.T) {
	const bearer = `{"access_token": "SlAV32hkKG", "token_type": "Bearer", "expires_in": 3600}`
	for name, w := range map[string]walk{
		"the least": {
			basic: true, apis: map[string]string{intranetProfile: `{"id": 7, "name": "Ann Lee", "email": "ann@example.com", "email_verified": true,
				"picture": "https://id.example.com/7.png", "preferred_username": "ann"}`},
			// That the address is verified is not believed unasked.
			want: Assertion{UID: "7", Display: "ann@example.com", Username: "ann", Name: "Ann Lee", Emails: primary("ann@example.com", false), Picture: "https://id.example.com/7.png"},
		},
		"everything elsewhere": {
			cfg: func() Config {
				c := intranet(map[string]string{
					"scope_separator": ",", "pkce": "false", "profile_method": "post", "profile_root": "data.0", "uid_field": "person.number",
					"username_field": "login", "name_field": "full", "given_name_field": "names.first", "family_name_field": "names.last",
					"email_field": "contact.mail", "email_verified_field": "contact.checked", "picture_field": "https://id.example.com/{person.number}/{face}.png",
					"phone_field": "tel", "phone_verified_field": "tel_ok",
				})
				c.Scope, c.TokenAuthMethod, c.AuthParams = []string{"who", "mail"}, "client_secret_post", map[string]string{"audience": "people"}
				return c
			}(),
			noPKCE: true, scope: "who,mail", params: map[string][]string{"audience": {"people"}},
			apis: map[string]string{"POST https://id.example.com/api/me": `{"data": [{"person": {"number": "p-7"}, "login": "ann", "full": "Ann Lee",
				"names": {"first": "Ann", "last": "Lee"}, "contact": {"mail": "Ann@Example.com", "checked": "1"}, "face": 3, "tel": "+4670000000", "tel_ok": 1}]}`},
			want: Assertion{
				UID: "p-7", Display: "ann", Username: "ann", Name: "Ann Lee", GivenName: "Ann", FamilyName: "Lee", Emails: primary("ann@example.com", true),
				Picture: "https://id.example.com/p-7/3.png", Phone: "+4670000000", PhoneVerified: true,
			},
		},
		"a list of addresses": {
			cfg: intranet(map[string]string{
				"emails_url": "https://id.example.com/api/mail", "emails_root": "list", "emails_email_field": "value", "emails_primary_field": "main", "emails_verified_field": "ok",
			}),
			basic: true, apis: map[string]string{
				intranetProfile:                       `{"id": "7"}`,
				"GET https://id.example.com/api/mail": `{"list": [{"value": "b@example.com", "ok": false}, {"value": "a@example.com", "main": true, "ok": "true"}]}`,
			},
			want: Assertion{UID: "7", Display: "a@example.com", Emails: []Email{{"a@example.com", true, true}, {Address: "b@example.com"}}},
		},
	} {
		if w.cfg.Settings == nil {
			w.cfg = intranet(nil)
		}
		w.kind, w.answer, w.auth, w.token = "oauth2", bearer, "https://id.example.com/oauth/authorize", "https://id.example.com/oauth/token"
		w.flows = []string{FlowRedirect}
		t.Run(name, w.run)
	}
}

// TestConfiguredServerThatSaysNobody: an answer without the id is nobody's, whatever else it has.
func TestConfiguredServerThatSaysNobody(t *testing.T) {
	for _, answer := range []string{`{}`, `{"id": null}`, `{"id": ""}`, `{"id": 1.5}`, `{"id": true}`, `{"sub": "7", "email": "ann@example.com"}`, `[]`, `"7"`} {
		n := newInternet(t)
		w := walk{kind: "oauth2", basic: true, cfg: intranet(nil), token: "https://id.example.com/oauth/token", apis: map[string]string{intranetProfile: answer},
			answer: `{"access_token": "SlAV32hkKG", "token_type": "Bearer"}`}
		drawer, p := w.serve(t, n)
		drawer.challenge = authURL(t, p, request()).Query().Get("code_challenge")
		if a, err := p.Exchange(context.Background(), callback(nil)); err == nil {
			t.Errorf("%s is %+v", answer, a)
		}
	}
}

// TestConfiguredFaults: what cannot work is told before anybody tries.
func TestConfiguredFaults(t *testing.T) {
	const usual = "https://id.example.com/x"
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"good":                {intranet(nil), ""},
		"nothing":             {Config{}, "settings.authorize_url: missing: where browsers are sent\nsettings.profile_url: missing: what says who an access token is of\n" + "settings.token_url: missing: where codes are exchanged\nsettings.uid_field: missing: where in the profile the id stands that is one person's for ever"},
		"a path":              {intranet(map[string]string{"token_url": "/token"}), "settings.token_url: not an http or https URL"},
		"a password":          {intranet(map[string]string{"profile_url": "https://u:hunter2@id.example.com/"}), "settings.profile_url: not a plain URL: no fragment, no password"},
		"down to http":        {intranet(map[string]string{"emails_url": "http://id.example.com/"}), "settings.emails_url: plain http, though authorize_url is https"},
		"pkce":                {intranet(map[string]string{"pkce": "S256"}), "settings.pkce: neither true nor false"},
		"a method":            {intranet(map[string]string{"profile_method": "PUT"}), "settings.profile_method: neither get nor post"},
		"a separator":         {intranet(map[string]string{"scope_separator": "&x="}), "settings.scope_separator: neither a space nor a comma nor a semicolon"},
		"a list without URL":  {intranet(map[string]string{"emails_root": "list"}), "settings.emails_root: there is no emails_url"},
		"a JSONPath":          {intranet(map[string]string{"uid_field": "$.number"}), "settings.uid_field: not a path: names and indices joined by dots, such as names.first"},
		"braces":              {intranet(map[string]string{"profile_root": "{person}"}), "settings.profile_root: not a path: names and indices joined by dots, such as names.first"},
		"an issuer":           {Config{Settings: intranet(nil).Settings, ServerURL: usual}, "server_url: oauth2 has its addresses in settings: leave it out"},
		"another kind's":      {intranet(map[string]string{"tenant": "x"}), `settings: oauth2 has no "tenant"`},
		"its own secret name": {intranet(map[string]string{"secret": "x"}), `settings: oauth2 has no "secret"`},
	} {
		c.cfg.Kind, c.cfg.ID, c.cfg.ClientID, c.cfg.Secret = "oauth2", "intranet", "client", "s3cr3t"
		_, err := New(c.cfg, Deps{Now: noon})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "provider intranet: "+c.want)):
			t.Errorf("%s: %v\nwant %s", name, err, c.want)
		case err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "s3cr3t")):
			t.Errorf("%s: a secret is in: %v", name, err)
		}
	}
}

// TestConfiguredSettingsAreAllChecked: every setting is one that the kind says it has.
func TestConfiguredSettingsAreAllChecked(t *testing.T) {
	k, _ := kindOf("oauth2")
	for _, name := range configuredSettings() {
		if !k.setting(name) {
			t.Errorf("%s is no setting", name)
		}
	}
	if d := cmp.Diff([]string{FlowRedirect}, newInternet(t).provider(func() Config { c := intranet(nil); c.Kind = "oauth2"; return c }()).Flows()); d != "" {
		t.Error(d)
	}
}

// TestConfiguredServerThatTakesAKeyPair: a server without an issuer is the assertion's audience
// by its token endpoint (RFC 7523, section 3).
func TestConfiguredServerThatTakesAKeyPair(t *testing.T) {
	n, key := newInternet(t), ecKey(t)
	cfg := intranet(map[string]string{"private_key": keyFile(t, key), "key_id": "our-key"})
	cfg.Kind, cfg.ClientID, cfg.TokenAuthMethod = "oauth2", "client", "private_key_jwt"
	n.on("POST https://id.example.com/oauth/token", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		asserts(t, r.PostForm, key, "ES256", "https://id.example.com/oauth/token")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token": "SlAV32hkKG", "token_type": "Bearer"}`)
	})
	n.says(intranetProfile, testAccess, `{"id": 7}`)
	if a, err := n.provider(cfg).Exchange(context.Background(), callback(nil)); err != nil || a.UID != "7" {
		t.Errorf("%+v, %v", a, err)
	}
}

package diff_test

import (
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/diff"
	"stagedoor/transport/server"
)

// TestDiff changes one setting at a time and holds what is said of it: each line is a
// direction, what changes, and one of the ways in.
func TestDiff(t *testing.T) {
	for name, c := range map[string]struct {
		base   string
		change func(*config.Config)
		want   []string
	}{
		"trust off": {"codes", func(c *config.Config) { c.MFA.TrustEnabled = false }, []string{
			"stricter: now asks mfa_authenticate (a second factor): login_by_code: second factor, verified address, trusted browser",
			"neither: no longer asks mfa_trust (trust this browser?): login: second factor, untrusted browser",
		}},
		"code required": {"default", func(c *config.Config) { c.Account.LoginByCodeEnabled, c.Account.LoginByCodeRequired.All = true, true }, []string{
			"stricter: now asks login_by_code (a code besides the first factor): login: verified address",
			"weaker: new way in: login_by_code: sign in with a code",
			// A code that is right verifies the address it went to.
			"weaker: signs in, and no longer asks verify_email (a link in the mail) and ends at done: login: unverified address",
		}},
		"code required after a passkey": {"codes", func(c *config.Config) { c.Account.LoginByCodeRequired.Methods = []string{"mfa"} }, []string{
			"stricter: now asks login_by_code (a code besides the first factor): mfa_login_webauthn (verified): with an address",
			"neither: no longer asks verify_email (a code from the mail), and has it shown otherwise: mfa_login_webauthn (verified): unverified address",
		}},
		"verification optional": {"default", func(c *config.Config) { c.Account.EmailVerification = "optional" }, []string{
			"weaker: signs in, and no longer asks verify_email (a link in the mail) and ends at done: login: unverified address",
			"weaker: signs in, and no longer asks verify_email (a link in the mail) and ends at done: signup: everybody",
			"weaker: signs in, and no longer stays at verify_email (there is no address to verify): login: no address",
		}},
		"verification none": {"phone", func(c *config.Config) { c.Account.EmailVerification = "none" }, nil},
		"link signs in": {"default", func(c *config.Config) { c.Account.LoginOnEmailConfirmation = true }, []string{
			"weaker: signs in, and no longer ends at done: signup: verify_email: its link",
		}},
		"presence enough": {"default", func(c *config.Config) { c.MFA.PasskeyPresenceEnough = true }, []string{
			"weaker: new way in: mfa_login_webauthn (present): sign in with a passkey",
		}},
		"reset signs in": {"default", func(c *config.Config) { c.Account.LoginOnPasswordReset = true }, []string{
			"weaker: signs in, and no longer ends at password_set: password_reset: verified address",
		}},
		"numbers not verified": {"phone", func(c *config.Config) { c.Account.PhoneVerificationEnabled = false }, []string{
			"weaker: no longer asks verify_phone (a code by text message): signup: everybody",
			"weaker: no longer asks verify_phone (a code by text message): login: unverified number",
		}},
		"number not required": {"phone", func(c *config.Config) { c.Account.SignupFields = []string{"phone", "email*", "password1"} }, []string{
			"weaker: no longer asks verify_phone (a code by text message): login: no number",
		}},
		"sign-up closed": {"codes", func(c *config.Config) { c.Account.SignupEnabled = false }, []string{
			"stricter: no way in any more: signup: make an account",
			"stricter: no way in any more: mfa_signup_webauthn: make an account with a passkey",
		}},
		"no passkeys": {"default", func(c *config.Config) { c.MFA.PasskeyLoginEnabled = false }, []string{
			"stricter: no way in any more: mfa_login_webauthn (verified): sign in with a passkey",
		}},
		"another third party": {"default", func(c *config.Config) {
			c.SocialAccount.Providers = append(slices.Clone(c.SocialAccount.Providers), config.Provider{Provider: "github", ClientID: "c", Secret: "s"})
		}, []string{"weaker: new way in: provider_redirect (known) by github: sign in on a third party's page"}},
		"third parties verify": {"codes", func(c *config.Config) { c.SocialAccount.EmailVerification = "none" }, []string{
			"weaker: no longer asks verify_email (a code from the mail): provider_redirect (known) by mock: no verified address",
		}},
		"a form for all": {"codes", func(c *config.Config) { c.SocialAccount.AutoSignup = false }, []string{
			"stricter: no way in any more: provider_token (created) by mock: sign in with a third party's token",
		}},
		"longer passwords": {"default", func(c *config.Config) { c.Account.PasswordMinLength = 20 }, nil},
	} {
		was := loadProfile(t, c.base)
		is := was
		c.change(&is)
		d, err := server.Diff(was, is, server.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := lines(d)
		for _, want := range c.want {
			if !slices.Contains(got, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, strings.Join(got, "\n"))
			}
		}
		if c.want == nil && len(d.Changes) > 0 {
			t.Errorf("%s changes\n%s", name, d)
		}
		if weaker := slices.ContainsFunc(c.want, func(s string) bool { return strings.HasPrefix(s, "weaker") }); weaker != d.Weaker() {
			t.Errorf("%s is weaker: %t\n%s", name, d.Weaker(), d)
		}
		if len(d.Settings) == 0 {
			t.Errorf("%s: no setting differs", name)
		}
	}
}

// TestDiffOfBindings: where fewer sessions are bound to a key of their device, copies are worth more.
func TestDiffOfBindings(t *testing.T) {
	t.Parallel()
	words := map[string]string{"browsers": "browsers that can are bound", "apps": "apps that prove a key are bound", "requires": "go on to"}
	for _, c := range []struct {
		was, is, origin string
		wants           []string
	}{
		{"off", "offer", "https://auth.example.com", []string{"browsers", "apps"}},
		{"off", "require", "https://auth.example.com", []string{"browsers", "apps", "requires"}},
		{"offer", "require", "https://auth.example.com", []string{"requires"}},
		{"off", "offer", "http://localhost:8080", []string{"apps"}}, // over http browsers bind nothing
		{"offer", "offer", "https://auth.example.com", nil},
	} {
		was := loadProfile(t, "default")
		was.PublicURL = c.origin
		was.MFA.WebAuthnAllowInsecureOrigin = false
		is := was
		was.Session.DeviceBound, is.Session.DeviceBound = c.was, c.is
		there, err := server.Diff(was, is, server.Options{})
		if err != nil {
			t.Fatal(err)
		}
		back, err := server.Diff(is, was, server.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if there.Weaker() || back.Weaker() != (c.wants != nil) || len(there.Changes) != len(c.wants) || len(back.Changes) != len(c.wants) {
			t.Errorf("%s to %s at %s:\n%sand back\n%s", c.was, c.is, c.origin, there, back)
		}
		for _, want := range c.wants {
			if !slices.ContainsFunc(there.Changes, func(x engine.Change) bool { return strings.Contains(x.Text, words[want]) }) {
				t.Errorf("%s to %s at %s: nothing says that it %s:\n%s", c.was, c.is, c.origin, want, there)
			}
		}
	}
}

// lines flattens a difference.
func lines(d diff.Difference) []string {
	var out []string
	for _, c := range d.Changes {
		for _, of := range c.Of {
			for _, way := range of.Ways {
				head := c.Direction + ": " + c.Text + ": " + way
				switch {
				case c.What == "opens" || c.What == "closes":
					out = append(out, head)
				case len(of.For) == 0:
					out = append(out, head+": everybody")
				}
				for _, who := range of.For {
					out = append(out, head+": "+who)
				}
			}
		}
	}
	return out
}

// TestDiffMirrors: a profile differs from itself in nothing, and the other way round
// everything is the other way round.
func TestDiffMirrors(t *testing.T) {
	t.Parallel()
	mirror := map[string]string{
		"opens": "closes", "closes": "opens", "asks": "asks_no_more", "asks_no_more": "asks",
		"signs_in": "signs_in_no_more", "signs_in_no_more": "signs_in", "replaces": "replaces", "ends": "ends", "order": "order",
	}
	turned := map[string]string{engine.Weaker: engine.Stricter, engine.Stricter: engine.Weaker, engine.Neither: engine.Neither}
	// The other end is named where neither signs in; all else is the same.
	told := func(c engine.Change, whom []string, way string) string {
		node := c.Node
		if c.What == "ends" {
			node = ""
		}
		return strings.Join([]string{c.Direction, c.What, string(node), way, strings.Join(whom, "; ")}, " | ")
	}
	names := []string{"default", "default_alt", "codes", "codes_alt", "required", "phone", "username", "closed"}
	for _, a := range names {
		for _, b := range names[slices.Index(names, a):] {
			there, err := server.Diff(loadProfile(t, a), loadProfile(t, b), server.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if a == b && (len(there.Changes) > 0 || len(there.Settings) > 0) {
				t.Errorf("%s differs from itself:\n%s", a, there)
			}
			back, err := server.Diff(loadProfile(t, b), loadProfile(t, a), server.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, c := range there.Changes {
				c.What, c.Direction = mirror[c.What], turned[c.Direction]
				for _, of := range c.Of {
					for _, way := range of.Ways {
						got = append(got, told(c, of.For, way))
					}
				}
			}
			for _, c := range back.Changes {
				for _, of := range c.Of {
					for _, way := range of.Ways {
						want = append(want, told(c, of.For, way))
					}
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s to %s is no mirror of %s to %s\n%s", a, b, b, a, cmp.Diff(want, got))
			}
		}
	}
}

// TestDiffHidesSecrets: that a secret differs is told, and nothing of it.
func TestDiffHidesSecrets(t *testing.T) {
	was := loadProfile(t, "default")
	is := was
	is.SecretKey = config.Secret(strings.Repeat("k", 32))
	is.SocialAccount.Providers = slices.Clone(is.SocialAccount.Providers)
	is.SocialAccount.Providers[0].Secret = "another-secret"
	d, err := server.Diff(was, is, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := d.String()
	if strings.Contains(text, "kkk") || strings.Contains(text, "another-secret") {
		t.Errorf("it tells secrets:\n%s", text)
	}
	for _, want := range []string{"nothing is asked otherwise\n", "  secret_key: empty -> ", "  socialaccount.providers.mock.secret: "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// TestDiffNeedsFlows: of flows that cannot be walked there is no difference.
func TestDiffNeedsFlows(t *testing.T) {
	c := loadProfile(t, "default")
	o := server.Options{Change: func(*engine.Set) error { return errors.New("not these") }}
	if d, err := server.Diff(c, c, o); err == nil || err.Error() != "before: not these" || len(d.Settings) != 0 {
		t.Errorf("a difference of flows that there are not: %v", err)
	}
}

// loadProfile reads one of the configurations that the contract was recorded under.
func loadProfile(t *testing.T, name string) config.Config {
	t.Helper()
	c, err := config.Load(filepath.Join("../../testdata/profiles", name+".yaml"), nil)
	if err != nil {
		t.Fatalf("profile %s:\n%v", name, err)
	}
	return c
}

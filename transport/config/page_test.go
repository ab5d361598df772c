package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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

func TestFaultsOfPages(t *testing.T) {
	pages := func(change func(*FrontendURLs)) func(*Config) {
		return func(c *Config) { change(&c.Headless.FrontendURLs) }
	}
	const prefix = "headless.frontend_urls."
	checkFaults(t, []faultCase{
		{pages(func(p *FrontendURLs) { p.ConfirmEmail = "" }), prefix +
			"account_confirm_email: missing, needed for verification by link; give a page of the front end, or set account.email_verification_by_code_enabled"},
		{pages(func(p *FrontendURLs) { p.ResetPasswordFromKey = "" }), prefix +
			"account_reset_password_from_key: missing, needed for password reset by link; give a page of the front end, or set account.password_reset_by_code_enabled"},
		{func(c *Config) {
			c.Headless.FrontendURLs.ProviderError = ""
			c.SocialAccount.Providers = []Provider{{Provider: "github", ClientID: "c"}}
		}, prefix + "socialaccount_login_error: missing, needed for sign-in by a provider; give a page of the front end, or list no socialaccount.providers"},
		{pages(func(p *FrontendURLs) { p.ConfirmEmail = "https://app.example.com/verify" }), prefix +
			`account_confirm_email: has no place for the key (got "https://app.example.com/verify"); put {key} where the key of the link belongs`},
		{pages(func(p *FrontendURLs) { p.Disown = "https://app.example.com/not-me" }), prefix +
			`account_disown: has no place for the key (got "https://app.example.com/not-me"); put {key} where the key of the link belongs`},
		{pages(func(p *FrontendURLs) { p.Signup = "https://app.example.com/{key}" }), prefix +
			`account_signup: has a place for a key it never gets (got "https://app.example.com/{key}"); take {key} out`},
		{pages(func(p *FrontendURLs) { p.ResetPassword = "javascript:alert(1)" }), prefix +
			`account_reset_password: not an http or https URL or a path (got "javascript:alert(1)"); such as https://app.example.com/account/page`},
	})
}

package config

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"stagedoor/transport/internal/plaintext"
)

// FrontendURLs are the pages of the front end that mails and redirects lead to.
// {key} stands for the key of the link. A path is one of the public URL.
type FrontendURLs struct {
	ConfirmEmail         string `koanf:"account_confirm_email"`
	ResetPassword        string `koanf:"account_reset_password"`
	ResetPasswordFromKey string `koanf:"account_reset_password_from_key"`
	Signup               string `koanf:"account_signup"`
	ProviderError        string `koanf:"socialaccount_login_error"`
	// Disown is where the reader of a letter about a sign-up that was somebody else's has
	// the account removed; empty is a page of the server itself.
	Disown string `koanf:"account_disown"`
}

// DisownPath is the server's own page where somebody says that a sign-up was somebody
// else's. The key stands in the query.
const DisownPath = "/account/not-me"

// ServesPages reports whether the server has pages of its own: where serve.pages is on, and in
// development wherever it can have them.
func (c Config) ServesPages() bool {
	return c.Serve.Pages || c.Dev.Enabled && c.Serve.Headless && slices.Contains(c.Headless.Clients, "browser")
}

// Pages are the front end's URLs, absolute. Of those that are not set the server
// has one itself, to disown an account, and with serve.pages or in development all; else they
// are empty. {key} is still in them.
func (c Config) Pages() FrontendURLs {
	pages, own := c.Headless.FrontendURLs, FrontendURLs{Disown: DisownPath + "?key={key}"}
	if c.Dev.Enabled || c.Serve.Pages {
		own = FrontendURLs{
			Disown:               own.Disown,
			ConfirmEmail:         "/account/verify-email/{key}",
			ResetPassword:        "/account/password/reset",
			ResetPasswordFromKey: "/account/password/reset/key/{key}",
			Signup:               "/account/signup",
			ProviderError:        "/account/provider/callback",
		}
	}
	full := func(page, own string) string {
		page = cmp.Or(page, own)
		if strings.HasPrefix(page, "/") {
			return c.Origin() + page
		}
		return page
	}
	return FrontendURLs{
		ConfirmEmail:         full(pages.ConfirmEmail, own.ConfirmEmail),
		ResetPassword:        full(pages.ResetPassword, own.ResetPassword),
		ResetPasswordFromKey: full(pages.ResetPasswordFromKey, own.ResetPasswordFromKey),
		Signup:               full(pages.Signup, own.Signup),
		ProviderError:        full(pages.ProviderError, own.ProviderError),
		Disown:               full(pages.Disown, own.Disown),
	}
}

// page is a page of the front end, what needs it, and what to do without it.
type page struct {
	key, url         string
	takesKey, needed bool
	feature, instead string
}

// pages checks the front end's URLs: those that a feature needs are there, and
// links that carry a key have a place for it.
func (k *checker) pages() {
	pages, a := k.c.Pages(), k.c.Account
	for _, p := range []page{
		{key: "account_confirm_email", url: pages.ConfirmEmail, takesKey: true, needed: !a.EmailVerificationByCodeEnabled,
			feature: "verification by link", instead: "set account.email_verification_by_code_enabled"},
		{key: "account_reset_password_from_key", url: pages.ResetPasswordFromKey, takesKey: true, needed: !a.PasswordResetByCodeEnabled,
			feature: "password reset by link", instead: "set account.password_reset_by_code_enabled"},
		{key: "socialaccount_login_error", url: pages.ProviderError, needed: len(k.c.SocialAccount.Providers) > 0,
			feature: "sign-in by a provider", instead: "list no socialaccount.providers"},
		{key: "account_reset_password", url: pages.ResetPassword},
		{key: "account_signup", url: pages.Signup},
		{key: "account_disown", url: pages.Disown, takesKey: true},
	} {
		k.page("headless.frontend_urls."+p.key, p)
	}
}

func (k *checker) page(key string, p page) {
	u, err := url.Parse(p.url)
	switch {
	case p.url == "" && p.needed:
		k.wrong(key, "missing, needed for "+p.feature, nil, "give a page of the front end, or "+p.instead)
	case p.url == "":
	case k.lost && strings.HasPrefix(p.url, k.c.Origin()):
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		k.wrong(key, "not an http or https URL or a path", p.url, "such as https://app.example.com/account/page")
	case !plaintext.IsLink(p.url):
		k.wrong(key, "not fit for a link in a letter", p.url, "write spaces and signs as %20 and so on")
	case p.takesKey && !strings.Contains(p.url, "{key}"):
		k.wrong(key, "has no place for the key", p.url, "put {key} where the key of the link belongs")
	case !p.takesKey && strings.Contains(p.url, "{key}"):
		k.wrong(key, "has a place for a key it never gets", p.url, "take {key} out")
	}
}

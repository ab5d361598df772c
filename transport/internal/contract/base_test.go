package contract

import "testing"

// TestProviderAt: the path says whose callback it is where it is spelt otherwise than the id.
func TestProviderAt(t *testing.T) {
	b := Base{Callbacks: map[string]string{
		"amazon_cognito": "/accounts/amazon-cognito/login/callback/", "acme": "/accounts/oidc/acme/login/callback/", "github": "/accounts/github/login/callback/",
	}}
	for _, c := range [][3]string{
		{"/accounts/amazon-cognito/login/callback/", "amazon-cognito", "amazon_cognito"},
		{"/accounts/amazon_cognito/login/callback/", "amazon_cognito", "amazon_cognito"},
		{"/accounts/oidc/acme/login/callback/", "acme", "acme"},
		{"/accounts/acme/login/callback/", "acme", "acme"},
		{"/accounts/github/login/callback/", "github", "github"},
		{"/accounts/other/login/callback/", "other", "other"},
	} {
		if got := b.ProviderAt(c[0], c[1]); got != c[2] {
			t.Errorf("%s is of %s, want %s", c[0], got, c[2])
		}
	}
}

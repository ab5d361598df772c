package suite

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// Dummies has the provider that believes everything.
func Dummies(c *config.Config, _ *server.Options) {
	c.Dev.Enabled = true
	c.SocialAccount.Providers = []config.Provider{{Provider: "dummy", Name: "Dummy"}}
	c.Account.EmailVerification = "mandatory"
}

// Away posts the form that sends a browser to a provider, and returns where to.
func (c *Client) Away(form url.Values) *url.URL {
	c.T.Helper()
	form.Set("csrfmiddlewaretoken", c.Cookie("csrftoken"))
	return c.Follow("POST", c.Site.String()+"/_allauth/browser/v1/auth/provider/redirect", form)
}

// Follow asks for a page and returns where it redirects to.
func (c *Client) Follow(method, to string, form url.Values) *url.URL {
	c.T.Helper()
	req, err := http.NewRequest(method, to, strings.NewReader(form.Encode()))
	if err != nil {
		c.T.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	once := *c.HTTP
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := once.Do(req)
	if err != nil {
		c.T.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	at, err := res.Location()
	if err != nil {
		c.T.Fatalf("%s %s: status %d: %v", method, to, res.StatusCode, err)
	}
	return at
}

// Back comes back from the provider as a person.
func (c *Client) Back(from *url.URL, person url.Values) *url.URL {
	c.T.Helper()
	person.Set("state", from.Query().Get("state"))
	to, err := url.Parse(from.Query().Get("redirect_uri"))
	if err != nil || to.Scheme+"://"+to.Host != c.Config.Origin() {
		c.T.Fatalf("the callback is %s: %v", to, err)
	}
	return c.Follow("GET", c.Site.String()+to.Path+"?"+person.Encode(), nil)
}

// ToDummy is the form that leads to the provider dummy, for login or connect.
func ToDummy(process string) url.Values {
	return url.Values{"provider": {"dummy"}, "callback_url": {"/here?x=1"}, "process": {process}}
}

// AsPerson is what somebody enters on the page of the provider dummy.
func AsPerson(id, email string) url.Values {
	return url.Values{"id": {id}, "email": {email}, "email_verified": {"on"}}
}

// Arrived checks where a browser was sent and with which error.
func Arrived(t *testing.T, at *url.URL, path, code string) {
	t.Helper()
	if at.Path != path || at.Query().Get("error") != code {
		t.Errorf("sent to %s, want %s with error %q", at, path, code)
	}
}

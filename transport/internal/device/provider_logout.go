package device

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/golang-jwt/jwt/v5"
)

// LogoutToken makes the provider's word that somebody has signed out there (OpenID Connect
// Back-Channel Logout 1.0, section 2.4): a good one for the provider's client, with the claims of the
// identity, of which sub or sid says who, and whatever faults it asks for.
func (p *Provider) LogoutToken(who Identity) (string, error) {
	person, err := who.read(p.cfg.Now())
	if err != nil {
		return "", err
	}
	if person.refusal != "" || person.badCode || person.state != nil {
		return "", fmt.Errorf("device: provider: error, bad_code and _state are of a redirect; a logout token has none of them")
	}
	return p.sign(person, jwt.MapClaims{
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}, "logout+jwt")
}

// serveLogout signs a person out at once (OpenID Connect RP-Initiated Logout 1.0, section 2), and
// sends the browser where the client wants it.
func (p *Provider) serveLogout(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != p.cfg.ClientID {
		http.Error(w, "client_id: no client of this provider", http.StatusBadRequest)
		return
	}
	to := q.Get("post_logout_redirect_uri")
	if to == "" {
		_, _ = w.Write([]byte("Signed out at the provider.\n"))
		return
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme == "" {
		http.Error(w, "post_logout_redirect_uri: no address to go to", http.StatusBadRequest)
		return
	}
	if state := q.Get("state"); state != "" {
		query := u.Query()
		query.Set("state", state)
		u.RawQuery = query.Encode()
	}
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

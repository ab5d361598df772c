package dbsc

import (
	"net/http"
	"regexp"
	"strings"
)

// Instructions are what a browser is told of its session.
type Instructions struct {
	ID         string       `json:"session_identifier"`
	RefreshURL string       `json:"refresh_url,omitempty"`
	Continue   *bool        `json:"continue,omitempty"`
	Scope      *Scope       `json:"scope,omitempty"`
	Credential []Credential `json:"credentials,omitempty"`
	// Initiators are the hosts whose pages may lead to requests that wait for the cookie. Within the
	// scope, where one would look for them, Chromium does not see them.
	Initiators []string `json:"allowed_refresh_initiators,omitempty"`
}

// Scope says for which requests a browser needs the bound cookie: those of this host.
type Scope struct {
	IncludeSite bool `json:"include_site"`
}

// Credential describes the bound cookie. Its attributes have to be the cookie's, but for the time
// that it lives.
type Credential struct {
	Type       string `json:"type"`
	Name       string `json:"name"`
	Attributes string `json:"attributes"`
}

// Instructions for the browser whose session is bound.
func (b *Binder) Instructions(n Name) (Instructions, error) {
	path, err := b.RefreshPath(n)
	return Instructions{
		ID: n.Device.String(), RefreshURL: path, Scope: &Scope{}, Initiators: b.Initiators,
		Credential: []Credential{{Type: "cookie", Name: BoundCookie, Attributes: b.attributes()}},
	}, err
}

// End has a browser forget its session.
func End(device ID) Instructions {
	return Instructions{ID: device.String(), Continue: new(bool)}
}

// EndNamed is End for a browser that names a session of which nothing is known.
func EndNamed(value string) Instructions {
	if value = strings.Trim(value, `"`); !sessionName.MatchString(value) {
		value = ""
	}
	return Instructions{ID: value, Continue: new(bool)}
}

// sessionName is what a name of a session is made of.
var sessionName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// attributes of the bound cookie.
func (b *Binder) attributes() string {
	site := "Lax"
	switch b.SameSite {
	case http.SameSiteStrictMode:
		site = "Strict"
	case http.SameSiteNoneMode:
		site = "None"
	}
	return "Path=/; Secure; HttpOnly; SameSite=" + site
}

package device

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// binding is a session that a browser has bound to a key of its own, as the server described
// it (the session instructions of DBSC).
type binding struct {
	id      string
	refresh *url.URL
	// origin is the page's that registered: what the session is about, without its site.
	origin  *url.URL
	cookies []http.Cookie
	// excluded are paths below which nothing is held.
	excluded []string
	key      *Key
	// challenge has come ahead, "" for none.
	challenge string
}

// instructions is what a server says of a session. Members that are not looked at are left out.
type instructions struct {
	ID       string `json:"session_identifier"`
	Refresh  string `json:"refresh_url"`
	Continue *bool  `json:"continue"`
	Scope    *struct {
		Specification []struct {
			Type string `json:"type"`
			Path string `json:"path"`
		} `json:"scope_specification"`
	} `json:"scope"`
	Credentials []struct {
		Type       string `json:"type"`
		Name       string `json:"name"`
		Attributes string `json:"attributes"`
	} `json:"credentials"`
}

// readBinding reads the answer to a registration at an address.
func readBinding(body []byte, at *url.URL, key *Key) (*binding, error) {
	var said instructions
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, fmt.Errorf("the session's instructions cannot be read: %w", err)
	}
	switch {
	case said.Continue != nil && !*said.Continue:
		return nil, errors.New("the server wants no session")
	case said.ID == "":
		return nil, errors.New("session_identifier is missing")
	case said.Scope == nil:
		return nil, errors.New("scope is missing")
	case len(said.Credentials) == 0:
		return nil, errors.New("credentials are missing")
	}
	refresh, err := at.Parse(said.Refresh)
	if err != nil || said.Refresh == "" || refresh.Host != at.Host || refresh.Scheme != at.Scheme {
		return nil, fmt.Errorf("refresh_url: %q is no address of this site", said.Refresh)
	}
	b := &binding{id: said.ID, refresh: refresh, origin: at, key: key}
	for _, c := range said.Credentials {
		like, err := http.ParseSetCookie(c.Name + "=x; " + c.Attributes)
		if err != nil || c.Type != "cookie" || like.MaxAge != 0 || !like.Expires.IsZero() {
			return nil, fmt.Errorf("credentials: %s %s with %q", c.Type, c.Name, c.Attributes)
		}
		b.cookies = append(b.cookies, *like)
	}
	for _, s := range said.Scope.Specification {
		if s.Type == "exclude" {
			b.excluded = append(b.excluded, s.Path)
		}
	}
	return b, nil
}

// holds reports whether requests for an address wait until the session's cookies are there.
func (b *binding) holds(to *url.URL) bool {
	if to.Scheme != b.origin.Scheme || to.Host != b.origin.Host || to.Path == b.refresh.Path {
		return false
	}
	for _, path := range b.excluded {
		if strings.HasPrefix(to.Path, path) {
			return false
		}
	}
	return true
}

// lacking reports whether a cookie of the session that would go along is not there, and when
// the first ends of those that are: the zero time if none does.
func (b *binding) lacking(c *Cookies, to *url.URL) (lacks bool, ends time.Time) {
	for _, like := range b.cookies {
		if like.Path == "" || !(heldCookie{Cookie: like, host: b.origin.Hostname()}).goes(to) {
			continue // without a path nothing is protected
		}
		until, found := c.has(like, to)
		if !found {
			return true, time.Time{}
		}
		if !until.IsZero() && (ends.IsZero() || until.Before(ends)) {
			ends = until
		}
	}
	return false, ends
}

// ending says why a refresh that was answered by 200 ends the session, "" if it does not.
func (b *binding) ending(body []byte) string {
	if len(bytes.TrimSpace(body)) == 0 {
		return ""
	}
	var said instructions
	switch err := json.Unmarshal(body, &said); {
	case err != nil:
		return "no JSON"
	case said.Continue != nil && !*said.Continue:
		return "the server says so"
	case said.ID != "" && said.ID != b.id:
		return "another identifier"
	}
	return ""
}

// RegistrationToken is what a browser shows of its key when it registers: a JWT with the key in
// its header, over the challenge and the authorization of an [Offer].
func (k *Key) RegistrationToken(challenge, authorization string) (string, error) {
	claims := map[string]any{"jti": challenge}
	if authorization != "" {
		claims["authorization"] = authorization
	}
	return k.Sign(map[string]any{"alg": k.alg, "typ": "dbsc+jwt", "jwk": k.JWK()}, claims)
}

// RefreshToken is what it shows when it refreshes: a JWT over a challenge.
func (k *Key) RefreshToken(challenge string) (string, error) {
	return k.Sign(map[string]any{"alg": k.alg, "typ": "dbsc+jwt"}, map[string]any{"jti": challenge})
}

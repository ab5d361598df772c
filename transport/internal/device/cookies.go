package device

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Cookies are what a browser keeps of them (RFC 6265, section 5), by a clock that is handed
// in. They are safe for concurrent use.
type Cookies struct {
	now func() time.Time

	mu   sync.Mutex
	held []heldCookie
}

// heldCookie is a cookie with the host it is of, which sub-domains share if it has a domain,
// and when it ends: the zero time for one that ends with the browser.
type heldCookie struct {
	http.Cookie
	host  string
	until time.Time
}

// Store keeps the cookies of an answer to a request for an address.
func (c *Cookies) Store(from *url.URL, answer http.Header) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range (&http.Response{Header: answer}).Cookies() {
		c.store(from, *k)
	}
}

func (c *Cookies) store(from *url.URL, k http.Cookie) {
	one := heldCookie{Cookie: k, host: from.Hostname()}
	if k.Domain != "" {
		one.host = strings.ToLower(strings.TrimPrefix(k.Domain, "."))
		if one.host != from.Hostname() && !strings.HasSuffix(from.Hostname(), "."+one.host) {
			return
		}
	}
	if !strings.HasPrefix(k.Path, "/") {
		one.Path, _, _ = cutLast(from.Path, "/")
		if one.Path == "" {
			one.Path = "/"
		}
	}
	secure := strings.HasPrefix(k.Name, "__Host-") || strings.HasPrefix(k.Name, "__Secure-")
	whole := k.Path == "/" && k.Domain == ""
	if (k.Secure && from.Scheme != "https") || secure && !k.Secure || strings.HasPrefix(k.Name, "__Host-") && !whole {
		return
	}
	now := c.now()
	switch {
	case k.MaxAge < 0:
		one.until = now
	case k.MaxAge > 0:
		one.until = now.Add(time.Duration(k.MaxAge) * time.Second)
	case !k.Expires.IsZero():
		one.until = k.Expires
	}
	c.held = slices.DeleteFunc(c.held, func(h heldCookie) bool {
		return h.Name == one.Name && h.host == one.host && h.Path == one.Path
	})
	if one.lives(now) {
		c.held = append(c.held, one)
	}
}

func (h heldCookie) lives(now time.Time) bool { return h.until.IsZero() || h.until.After(now) }

// goes reports whether a cookie goes along with requests for an address.
func (h heldCookie) goes(to *url.URL) bool {
	if h.Secure && to.Scheme != "https" {
		return false
	}
	if h.host != to.Hostname() && (h.Domain == "" || !strings.HasSuffix(to.Hostname(), "."+h.host)) {
		return false
	}
	path := to.Path
	if path == "" {
		path = "/"
	}
	return path == h.Path || strings.HasPrefix(path, strings.TrimSuffix(h.Path, "/")+"/")
}

// living are the cookies that have not ended. The caller holds the lock.
func (c *Cookies) living() []heldCookie {
	now := c.now()
	c.held = slices.DeleteFunc(c.held, func(h heldCookie) bool { return !h.lives(now) })
	return c.held
}

// Header is the header Cookie of a request for an address, "" for none.
func (c *Cookies) Header(to *url.URL) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var pairs []string
	for _, h := range c.living() {
		if h.goes(to) {
			pairs = append(pairs, h.Name+"="+h.Value)
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "; ")
}

// All are the values of the cookies by name.
func (c *Cookies) All() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]string{}
	for _, h := range c.living() {
		out[h.Name] = h.Value
	}
	return out
}

// Value is that of a cookie, "" for none.
func (c *Cookies) Value(name string) string { return c.All()[name] }

// Put keeps a cookie of an address that no answer has brought, or another value of one.
func (c *Cookies) Put(at *url.URL, name, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store(at, http.Cookie{Name: name, Value: value, Path: "/", Secure: at.Scheme == "https"})
}

// Drop forgets the cookies of a name, and all if the name is empty.
func (c *Cookies) Drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = slices.DeleteFunc(c.held, func(h heldCookie) bool { return name == "" || h.Name == name })
}

// Copy takes over what another browser has, as a thief does who has read its disk.
func (c *Cookies) Copy(other *Cookies) {
	other.mu.Lock()
	stolen := slices.Clone(other.living())
	other.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = stolen
}

// closed forgets the cookies that end with the browser.
func (c *Cookies) closed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = slices.DeleteFunc(c.held, func(h heldCookie) bool { return h.until.IsZero() })
}

// has reports whether there is a cookie that goes along with requests for an address and is
// just like the one described, and until when.
func (c *Cookies) has(like http.Cookie, to *url.URL) (until time.Time, found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.living() {
		if h.Name == like.Name && h.goes(to) && h.Path == like.Path && h.Domain == like.Domain &&
			h.Secure == like.Secure && h.HttpOnly == like.HttpOnly && h.SameSite == like.SameSite {
			return h.until, true
		}
	}
	return time.Time{}, false
}

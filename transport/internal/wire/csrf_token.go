package wire

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Token returns the token of the client's cookie if it is well-formed, even if it
// is not one of ours, and else a new one; fresh says that [CSRF.SetCookie] should follow.
// The token is "" only if the configured Rand failed.
func (c *CSRF) Token(r *http.Request) (token string, fresh bool) {
	if token, ok := cookieToken(r); ok {
		return token, false
	}
	return c.newToken(), true
}

// cookieToken is the token of the client's cookie, where that is well-formed.
func cookieToken(r *http.Request) (string, bool) {
	cookie, ok := csrfCookie(r)
	if !ok {
		return "", false
	}
	return unmask(cookie)
}

// Tell answers a page that cannot read the cookie, since it is of another host, with the token
// in the header [CSRFHeader]: only where its origin may read answers and is trusted, and the
// browser has sent the cookie. Who got such an answer may ask in the person's name anyway.
// [CSRF.SetCookie] tells a new token likewise.
func (c *CSRF) Tell(w http.ResponseWriter, r *http.Request) {
	if token, ok := cookieToken(r); ok {
		c.tell(w, r, token)
	}
}

func (c *CSRF) tell(w http.ResponseWriter, r *http.Request, token string) {
	origins := r.Header["Origin"]
	if len(origins) != 1 || !c.readers.has(origins[0]) || !c.trusted.has(origins[0]) {
		return
	}
	w.Header().Set(CSRFHeader, token)
	varyByCookie(w.Header())
}

// SetCookie sends the token as a cookie that scripts may read, and in the header to who may be
// told (see [CSRF.Tell]). It does nothing for a token that is not well-formed.
func (c *CSRF) SetCookie(w http.ResponseWriter, r *http.Request, token string) {
	if len(token) != csrfLength {
		return
	}
	c.tell(w, r, token)
	varyByCookie(w.Header())
	http.SetCookie(w, &http.Cookie{
		Name:     CSRFCookie,
		Value:    token,
		Path:     "/",
		Domain:   c.domain,
		MaxAge:   int(CSRFMaxAge / time.Second),
		Secure:   c.secure,
		SameSite: c.sameSite,
	})
}

// varyByCookie says that the answer depends on the cookies, once.
func varyByCookie(h http.Header) {
	if !slices.Contains(h["Vary"], "Cookie") {
		h.Add("Vary", "Cookie")
	}
}

// Supply gives a token to who was refused for having none, so that the next try of a page that
// never reads before it writes succeeds. Pages of origins that are not trusted get none.
func (c *CSRF) Supply(w http.ResponseWriter, r *http.Request, refusal error) {
	var e *CSRFError
	if !errors.As(refusal, &e) || e.Reason != CSRFNoCookie && e.Reason != CSRFBadCookie {
		return
	}
	if token, fresh := c.Token(r); fresh {
		c.SetCookie(w, r, token)
	}
}

// Rotate gives the client a new token, to be done at sign-in: a token that was
// planted before is worth nothing after.
func (c *CSRF) Rotate(w http.ResponseWriter, r *http.Request) { c.SetCookie(w, r, c.newToken()) }

// csrfCookie finds the cookie; of several the last counts.
func csrfCookie(r *http.Request) (string, bool) {
	if !mentions(r.Header["Cookie"], CSRFCookie) {
		return "", false
	}
	all := r.CookiesNamed(CSRFCookie)
	if len(all) == 0 {
		return "", false
	}
	return all[len(all)-1].Value, true
}

func mentions(lines []string, what string) bool {
	for _, l := range lines {
		if strings.Contains(l, what) {
			return true
		}
	}
	return false
}

// newToken draws 32 characters, evenly: bytes beyond the last full alphabet are
// drawn again. It returns "" if the source fails.
func (c *CSRF) newToken() string {
	const even = 256 / len(csrfAlphabet) * len(csrfAlphabet)
	var draw [2 * csrfLength]byte
	token := make([]byte, 0, csrfLength)
	for {
		if _, err := io.ReadFull(c.rand, draw[:]); err != nil {
			return ""
		}
		for _, b := range draw {
			if int(b) < even {
				token = append(token, csrfAlphabet[int(b)%len(csrfAlphabet)])
			}
			if len(token) == csrfLength {
				return string(token)
			}
		}
	}
}

// unmask gives the 32 characters that a token stands for. A masked token is a mask
// and the sum of mask and secret, character by character in the alphabet; pages
// send one so that a compressed answer does not give the secret away (BREACH).
func unmask(token string) (string, bool) {
	if len(token) != csrfLength && len(token) != 2*csrfLength {
		return "", false
	}
	for i := range len(token) {
		if !isAlnum(token[i]) {
			return "", false
		}
	}
	if len(token) == csrfLength {
		return token, true
	}
	secret := make([]byte, csrfLength)
	for i := range secret {
		mask := alphabetIndex(token[i])
		sum := alphabetIndex(token[csrfLength+i])
		secret[i] = csrfAlphabet[(sum-mask+len(csrfAlphabet))%len(csrfAlphabet)]
	}
	return string(secret), true
}

// alphabetIndex is the place of a letter or digit in the alphabet.
func alphabetIndex(c byte) int {
	switch {
	case c >= 'a':
		return int(c - 'a')
	case c >= 'A':
		return int(c-'A') + 26
	}
	return int(c-'0') + 52
}

package config

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxAge is the longest time that makes sense: a hundred years, in seconds.
const maxAge Seconds = 100 * 365 * 86400

// minSecret is how many bytes a key for signing must have.
const minSecret = 32

// Validate reports every fault of the configuration together, as a Faults, or
// nil. It reads no file and asks no server.
func (c Config) Validate() error {
	k := c.checked()
	for _, key := range c.unknownSecrets() {
		k.wrong(key, "not known", nil, "the configuration was read without its secrets, to be checked alone")
	}
	return append(k.faults, k.missing...).orNil()
}

// checked looks at everything.
func (c Config) checked() *checker {
	k := &checker{c: c}
	k.address()
	k.origins()
	k.session()
	k.serving()
	k.hosted()
	k.account()
	k.signup()
	k.codes()
	k.rateLimits()
	k.socialAccount()
	k.mfa()
	k.webAuthn()
	k.headless()
	k.pages()
	k.jwt()
	k.rest()
	k.database()
	k.redis()
	k.mail()
	k.sms()
	k.costs()
	k.operators()
	return k
}

// checker collects the faults of a configuration.
type checker struct {
	c      Config
	faults Faults
	// missing are faults that are one only where the configuration is to be served: secrets
	// that are not there.
	missing Faults
	// lost says that the public URL is at fault, so that nothing else can be
	// held against it.
	lost bool
}

// wrong notes a fault. A got of nil or "" shows nothing.
func (k *checker) wrong(key, problem string, got any, hint string) {
	shown := ""
	if got != "" {
		shown = show(got)
	}
	k.faults = append(k.faults, Fault{Key: key, Problem: problem, Got: shown, Hint: hint})
}

// lacks notes that a secret is missing.
func (k *checker) lacks(key, problem, hint string) {
	k.missing = append(k.missing, Fault{Key: key, Problem: problem, Hint: hint})
}

// oneOf wants one of the choices.
func (k *checker) oneOf(key, value string, choices ...string) {
	if slices.Contains(choices, value) {
		return
	}
	hint := "the first is the usual choice"
	if near := nearest(strings.ToLower(value), choices); near != "" {
		hint = "did you mean " + near
	}
	k.wrong(key, "not one of "+strings.Join(choices, ", "), value, hint)
}

// someOf wants a list of the choices, each at most once.
func (k *checker) someOf(key string, list []string, choices ...string) {
	for i, value := range list {
		k.oneOf(key, value, choices...)
		if slices.Contains(list[:i], value) {
			k.wrong(key, "names something twice", value, "once is enough")
		}
	}
}

// within wants a number between two others, these included.
func (k *checker) within(key string, n, low, high float64, unit string) {
	if n >= low && n <= high {
		return
	}
	plain := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	k.wrong(key, "out of range", n, strings.TrimSpace(fmt.Sprintf("from %s to %s %s", plain(low), plain(high), unit)))
}

// count wants a whole number between two others, these included.
func (k *checker) count(key string, n int, low, high int, unit string) {
	k.within(key, float64(n), float64(low), float64(high), unit)
}

// age wants a time above zero: a millisecond is the least that is told apart.
func (k *checker) age(key string, s Seconds) {
	if s.Duration() >= time.Millisecond && s <= maxAge {
		return
	}
	k.wrong(key, "out of range", float64(s), "a time in seconds above 0, such as 900 or 0.5")
}

// ownKeys says whether keys that are not configured may be made.
func (k *checker) ownKeys() bool { return k.c.Embedded() || k.c.Dev.Enabled }

// webURL wants an absolute URL of a server that secrets may be sent to.
func (k *checker) webURL(key, text string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		k.wrong(key, "not an http or https URL", text, "such as https://login.example.com")
	case u.Scheme == "http" && !isInside(u.Hostname()):
		k.wrong(key, "plain http to a public host", text, "use https, so that nobody between can read or change it")
	}
}

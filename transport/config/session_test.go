package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFaultsOfBoundSessions(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Session.DeviceBound = "on" }, `session.device_bound: not one of off, offer, require (got "on"); the first is the usual choice`},
		{func(c *Config) { c.Session.DeviceBoundAge = 0 },
			`session.device_bound_age: out of range (got 0); from 1 to 86400 seconds, the usual choice being 600`},
		{func(c *Config) { c.Session.DPoPWindow = 0 }, `session.dpop_window: out of range (got 0); from 1 to 600 seconds, the usual choice being 60`},
		{func(c *Config) {
			c.Session.DPoPOrigins = []string{"https://api.example.com", "https://api.example.com/"}
		},
			`session.dpop_origins: not an origin (got "https://api.example.com/"); nothing may follow the host: https://api.example.com`},
		{func(c *Config) { c.Session.DeviceBoundGrace = -1 }, `session.device_bound_grace: out of range (got -1); from 0 to 3600 seconds, 0 being none`},
		{func(c *Config) { c.Session.DeviceBoundWithin = 5 },
			`session.device_bound_within: out of range (got 5); from 30 to 86400 seconds, the usual choice being 300`},
		{func(c *Config) { c.Session.DeviceBoundClearSiteData = "cookie" },
			`session.device_bound_clear_site_data: not one of storage, cookies, off (got "cookie"); did you mean cookies`},
		{func(c *Config) { c.Session.DeviceBoundMail = true },
			`session.device_bound_mail: no session is bound here (got "off"); set session.device_bound to offer, or leave it out`},
		{func(c *Config) { c.Session.DeviceBoundInitiators = []string{"https://app.example.com"} },
			`session.device_bound_initiators: not a host (got "https://app.example.com"); such as mail.example.com or *.example.com, in small letters and without a port; * is all`},
	})
}

// TestBindsBrowsers: browsers bind over https alone, and where they are served at all.
func TestBindsBrowsers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Config)
		binds  bool
		within time.Duration
	}{
		{"as it is", func(*Config) {}, false, 0},
		{"offered", func(c *Config) { c.Session.DeviceBound = "offer" }, true, 0},
		{"required", func(c *Config) { c.Session.DeviceBound = "require" }, true, 5 * time.Minute},
		{"over http", func(c *Config) { c.Session.DeviceBound, c.PublicURL = "require", "http://localhost:8080" }, false, 0},
		{"apps alone", func(c *Config) { c.Session.DeviceBound, c.Headless.Clients = "require", []string{"app"} }, false, 0},
	} {
		c := trusting()
		tt.change(&c)
		if c.BindsBrowsers() != tt.binds || c.BindWithin() != tt.within {
			t.Errorf("%s: %v, %v", tt.name, c.BindsBrowsers(), c.BindWithin())
		}
	}
}

// TestRefreshInitiators: front ends are known, and what is configured comes besides.
func TestRefreshInitiators(t *testing.T) {
	c := trusting()
	c.CORSAllowedOrigins = append(c.CORSAllowedOrigins, "https://app.example.com:8443")
	c.Headless.FrontendURLs.Signup = "https://join.example.org/now"
	c.Session.DeviceBoundInitiators = []string{"*.mail.example.com", "app.example.com"}
	got := c.RefreshInitiators()
	slices.Sort(got)
	want := []string{"*.mail.example.com", "app.example.com", "join.example.org"}
	for _, page := range []string{c.Pages().ConfirmEmail, c.Pages().ResetPasswordFromKey} {
		if host := hostOf(page); host != "" && host != hostOf(c.Origin()) && !slices.Contains(want, host) {
			want = append(want, host)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestClearSiteData is what sign-outs of bound browsers say.
func TestClearSiteData(t *testing.T) {
	for setting, header := range map[string]string{"storage": `"storage"`, "cookies": `"cookies"`, "off": ""} {
		c := trusting()
		c.Session.DeviceBoundClearSiteData = setting
		if got := c.ClearSiteData(); got != header {
			t.Errorf("%s: %s", setting, got)
		}
	}
}

// TestBoundNotes warns of what weakens bound sessions, or asks nothing.
func TestBoundNotes(t *testing.T) {
	for _, tt := range []struct {
		change func(*Session)
		says   string
	}{
		{func(s *Session) { s.DeviceBoundGrace = 60 }, "lets whoever has a copy of the cookies read"},
		{func(s *Session) { s.DeviceBoundAge = 100 }, "in the last two minutes of session.device_bound_age"},
		{func(s *Session) { s.DPoPWindow = 300 }, "takes proofs that were made that long ago"},
		{func(s *Session) { s.DPoPOrigins = []string{"http://api.example.com"} }, "has an address without https"},
		{func(s *Session) { s.DeviceBoundInitiators = []string{"*"} }, "every page can have browsers make signatures"},
	} {
		c := trusting()
		tt.change(&c.Session)
		said := func(n string) bool { return strings.Contains(n, tt.says) }
		if slices.ContainsFunc(c.Notes(), said) {
			t.Errorf("%q is said where nothing is bound", tt.says)
		}
		c.Session.DeviceBound = "offer"
		if notes := c.Notes(); !slices.ContainsFunc(notes, said) {
			t.Errorf("%q is not said: %q", tt.says, notes)
		}
	}
	c := trusting()
	c.Session.DeviceBound, c.PublicURL = "require", "http://localhost:8080"
	if notes := c.Notes(); !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "browsers bind over https alone") }) {
		t.Errorf("over http: %q", notes)
	}
}

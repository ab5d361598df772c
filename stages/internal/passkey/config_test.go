package passkey

import (
	"strings"
	"testing"
	"time"
)

func TestNewReportsAllFaults(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		want   []string
	}{
		"nothing":   {Config{}, []string{`rp id ""`, "no origin"}},
		"address":   {Config{RPID: "127.0.0.1", AnyOrigin: true}, []string{`rp id "127.0.0.1"`}},
		"url":       {Config{RPID: "https://example.com", AnyOrigin: true}, []string{`rp id "https://example.com"`}},
		"port":      {Config{RPID: "example.com:8080", AnyOrigin: true}, []string{`rp id "example.com:8080"`}},
		"no origin": {Config{RPID: testRP}, []string{"no origin"}},
		"bad origins": {
			Config{RPID: testRP, Origins: []string{"example.com", "https://example.com/", "https://example.com/login", "https://", "https://u@example.com", "ftp://example.com", "*", "", testOrigin, "android:apk-key-hash:"}},
			[]string{`"example.com"`, `"https://example.com/"`, `"https://example.com/login"`, `"https://"`, `"https://u@example.com"`, `"ftp://example.com"`, `"*"`, `""`, `"android:apk-key-hash:"`},
		},
		"all": {Config{RPID: "::1", Origins: []string{"x"}, Timeout: -1}, []string{"rp id", `"x"`, "negative"}},
	} {
		w, err := New(c.config)
		if err == nil || w != nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != len(c.want) {
			t.Errorf("%s: %d faults, want %d: %v", name, len(lines), len(c.want), err)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not named in %v", name, want, err)
			}
		}
	}
}

func TestNewFillsWhatIsMissing(t *testing.T) {
	w, err := New(Config{RPID: "localhost", AnyOrigin: true})
	if err != nil {
		t.Fatal(err)
	}
	if w.Timeout() != DefaultTimeout || w.config.RPName != "localhost" {
		t.Errorf("%+v", w.config)
	}
	w, err = New(Config{RPID: "xn--bcher-kva.example", RPName: "Bücher", Timeout: time.Second, Origins: []string{
		"https://xn--bcher-kva.example", "http://localhost:3000", "https://[::1]:8443", "chrome-extension://abcdefghijklmnop", "ios:bundle-id:com.example.app",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if w.Timeout() != time.Second || w.config.RPName != "Bücher" {
		t.Errorf("%+v", w.config)
	}
}

// The configuration is copied: changing it afterwards changes nothing.
func TestNewCopiesOrigins(t *testing.T) {
	origins := []string{testOrigin}
	x := newTable(t, func(c *Config) { c.Origins = origins })
	origins[0] = "https://evil.example"
	d := newDevice(t, -7)
	x.register(t, x.accounts[0], d, Options{})
	if _, err := x.login(t, x.accounts[0], d); err != nil {
		t.Error(err)
	}
}

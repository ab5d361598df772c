package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stagedoor/transport/config"
)

// TestInitFits writes a file for each arrangement and each choice of features: all of them
// pass the server's checks with nothing to warn of, and say what was chosen.
func TestInitFits(t *testing.T) {
	t.Chdir(t.TempDir())
	pairs := []struct{ app, api, where string }{
		{"https://app.example.com", "https://app.example.com", "same origin"},
		{"https://example.com:8443", "https://example.com", "same host"},
		{"https://app.example.com", "https://auth.example.com", "two hosts of one site"},
		{"https://example.com", "https://auth.example.com", "two hosts of one site"},
		{"https://app.example.com", "https://example.com", "two hosts of one site"},
		{"https://app.eu.example.co.uk", "https://auth.eu.example.co.uk", "two hosts of one site"},
		{"https://app.github.io", "https://auth.github.io", "two sites"},
		{"https://app.example.org", "https://auth.example.com", "two sites"},
		{"http://localhost:3000", "http://localhost:8080", "same host"},
	}
	for i, pair := range pairs {
		for _, with := range [][]string{nil, {"all"}, {"none"}, {"passkeys"}, {"codes", "verify-by-code"}, {"totp", "recovery-codes", "trust"}} {
			f := initFlags{app: pair.app, api: pair.api, with: with, out: "case.yaml", force: true}
			var out bytes.Buffer
			if err := f.run(&out); err != nil {
				t.Errorf("%s and %s, %v: %v", pair.app, pair.api, with, err)
				continue
			}
			c, err := config.Load("case.yaml", nil)
			if err != nil || len(c.Advice()) > 0 || f.arranged.Where != pair.where {
				t.Errorf("%d %v: %v %v, %s", i, with, err, c.Advice(), f.arranged.Where)
			}
			for name, on := range map[string]bool{
				"passkeys": c.MFA.PasskeyLoginEnabled && slices.Contains(c.MFA.SupportedTypes, "webauthn"), "passkey-signup": c.MFA.PasskeySignupEnabled,
				"codes": c.Account.LoginByCodeEnabled, "verify-by-code": c.Account.EmailVerificationByCodeEnabled && c.Account.PasswordResetByCodeEnabled,
				"totp": slices.Contains(c.MFA.SupportedTypes, "totp"), "recovery-codes": slices.Contains(c.MFA.SupportedTypes, "recovery_codes"),
				"trust": c.MFA.TrustEnabled, "notices": c.Account.EmailNotifications, "activity": c.UserSessions.TrackActivity,
				"pages": c.Serve.Pages,
			} {
				if on != f.features.Has(name) {
					t.Errorf("%v: %s is %v", with, name, on)
				}
			}
			if info, err := os.Stat("case.secret"); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the secret: %v %v", info, err)
			}
		}
	}
	if left, err := filepath.Glob(".stagedoor-init-*"); err != nil || len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

// TestInitRefusesTwoNames: a page at one name of this machine gets no cookies of a server at another.
func TestInitRefusesTwoNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, app := range []string{"http://127.0.0.1:5173", "http://[::1]:5173", "http://app.localhost:5173"} {
		f := initFlags{app: app, api: "http://localhost:8080", out: "case.yaml"}
		if err := f.run(io.Discard); err == nil || !strings.Contains(err.Error(), "two sites") {
			t.Errorf("%s: %v", app, err)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("something was written: %v", left)
	}
}

// TestInitHasWhatDevHas: whoever liked it in development finds it switched on.
func TestInitHasWhatDevHas(t *testing.T) {
	t.Chdir(t.TempDir())
	f := initFlags{app: "http://localhost:3000", api: "http://localhost:8080", out: "stagedoor.yaml"}
	if err := f.run(&bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load("stagedoor.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range config.Differences(config.Dev(), c) {
		section, _, _ := strings.Cut(change.Key, ".")
		if (section == "account" || section == "mfa" || section == "usersessions" || change.Key == "session.device_bound") && change.Key != "mfa.totp_issuer" && change.Key != "mfa.webauthn_rp_id" && change.Key != "mfa.supported_types" {
			t.Errorf("%s", change)
		}
	}
}

// TestInitAsks answers on a terminal: what is wrong is asked again, an empty answer is what is
// suggested.
func TestInitAsks(t *testing.T) {
	var out bytes.Buffer
	f := initFlags{}
	err := f.ask(bufio.NewReader(strings.NewReader("app.example.com\nhttps://app.example.com/\n\nfingerprints\npasskeys,codes\n")), &out)
	if err != nil || f.app != "https://app.example.com" || f.api != "https://auth.example.com" || strings.Join(f.with, " ") != "passkeys codes" {
		t.Errorf("%v: %+v", err, f)
	}
	for _, want := range []string{"[https://app.example.com]", "not an http or https origin", "[https://auth.example.com]", `there is no "fingerprints"`, "verify-by-code  "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not asked: %s", want, out.String())
		}
	}
	for _, answers := range []string{"", "https://app.example.com\n", "nonsense\n"} {
		f := initFlags{}
		if err := f.ask(bufio.NewReader(strings.NewReader(answers)), &out); err == nil || !strings.Contains(err.Error(), "nothing was written") {
			t.Errorf("%q: %v", answers, err)
		}
	}
	f = initFlags{app: "http://localhost:3000", with: []string{"codes"}}
	if err := f.ask(bufio.NewReader(strings.NewReader("\n")), &out); err != nil || f.api != "http://localhost:8080" {
		t.Errorf("%v: %+v", err, f)
	}
}

// TestInitTakesBack: where one file cannot be written, none is.
func TestInitTakesBack(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "a"), filepath.Join(dir, "gone", "b")
	if _, err := writeAll([]draft{{first, "x", 0o600, false}, {second, "y", 0o600, false}}, false); err == nil {
		t.Fatal("written into a folder that is not there")
	}
	if _, err := os.Stat(first); err == nil {
		t.Error("half of it is left")
	}
	if _, err := writeAll([]draft{{first, "x", 0o600, false}}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := writeAll([]draft{{filepath.Join(dir, "c"), "z", 0o600, false}, {first, "y", 0o600, false}}, false); err == nil {
		t.Error("a file is there and was written")
	}
	if text, _ := os.ReadFile(first); string(text) != "x\n" {
		t.Errorf("it has %q", text)
	}
	if _, err := os.Stat(filepath.Join(dir, "c")); err == nil {
		t.Error("half of it is left")
	}
}

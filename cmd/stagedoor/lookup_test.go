package main

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stagedoor/transport/server"
)

// ran runs a command, which must succeed, and returns what it prints.
func ran(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if status := run(args, &out, &errs); status != 0 {
		t.Fatalf("%v: status %d\n%s", args, status, &errs)
	}
	return out.String()
}

// TestEverythingIsOn: the configuration that stands in for one where a flow is off is one
// that a server would start on.
func TestEverythingIsOn(t *testing.T) {
	x, err := server.Check(everything(), server.Options{})
	if err != nil || !x.OK() {
		t.Errorf("%v, %d faults", err, x.Count())
	}
}

func TestNearest(t *testing.T) {
	names := []string{"login", "login_by_code", "mfa_authenticate", "mfa_trust", "signup", "verify_email"}
	for name, want := range map[string][]string{
		"logn": {"login"}, "sign_up": {"signup"}, "authenticate": {"mfa_authenticate"}, "verify_mail": {"verify_email"},
		"": nil, "x": nil, "something_else": nil,
	} {
		if got := nearest(name, names); !slices.Equal(got, want) {
			t.Errorf("nearest to %q is %v, want %v", name, got, want)
		}
	}
}

// TestDistance holds the edit distance against the plain definition of it.
func TestDistance(t *testing.T) {
	var plain func(a, b string) int
	plain = func(a, b string) int {
		switch {
		case a == "" || b == "":
			return len(a) + len(b)
		case a[0] == b[0]:
			return plain(a[1:], b[1:])
		}
		return 1 + min(plain(a[1:], b), plain(a, b[1:]), plain(a[1:], b[1:]))
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ab_]{0,6}`)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if got, want := distance(a, b), plain(a, b); got != want {
			t.Errorf("%q and %q are %d apart, want %d", a, b, got, want)
		}
	})
}

package wire

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanEmail(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	for _, tt := range []struct{ in, want string }{ // want "" is refused
		{"a@example.org", "a@example.org"},
		{"First.Last+tag@Example.ORG", "first.last+tag@example.org"},
		{"!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"},
		{`"a"@example.org`, `"a"@example.org`},
		{`"a@b"@example.org`, `"a@b"@example.org`},
		{`"A\ b\"c\\"@example.org`, `"a\ b\"c\\"@example.org`},
		{`""@example.org`, `""@example.org`},
		{"a@localhost", "a@localhost"},
		{"a@LOCALHOST", "a@localhost"},
		{"a@[127.0.0.1]", "a@[127.0.0.1]"},
		{"a@[::1]", "a@[::1]"},
		{"a@[::FFFF:1.2.3.4]", "a@[::ffff:1.2.3.4]"},
		{"a@example.12", "a@example.12"},
		{"a@x.or-g", "a@x.or-g"},
		{"a@a--b.org", "a@a--b.org"},
		{"a@" + label63 + ".org", "a@" + label63 + ".org"},
		{"a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"},

		{"", ""}, {"@", ""}, {"a", ""}, {"a@", ""}, {"@example.org", ""}, {"nonsense", ""},
		{"a@b", ""}, {"a b@example.org", ""}, {"a@exa mple.org", ""}, {"a@@example.org", ""},
		{"a.@example.org", ""}, {".a@example.org", ""}, {"a..b@example.org", ""},
		{"a@example.org.", ""}, {"a@.example.org", ""}, {"a@example..org", ""}, {"a@.", ""},
		{"a@-example.org", ""}, {"a@example-.org", ""}, {"a@example.org-", ""}, {"a@example.-org", ""},
		{"a@example.c", ""}, {"a@127.0.0.1", ""}, {"a@x_y.org", ""}, {"a@" + label63 + "a.org", ""},
		{"a@[01.2.3.4]", ""}, {"a@[1.2.3]", ""}, {"a@[]", ""}, {"a@[", ""}, {"a@[fe80::1%eth0]", ""}, {"a@[IPv6:::1]", ""},
		{`"a b"@example.org`, ""}, {`"a"b"@example.org`, ""}, {`"a\"@example.org`, ""}, {`"@example.org`, ""}, {`a"b@example.org`, ""},
		{"\"a\tb\"@example.org", ""}, {"\"a\\\tb\"@example.org", ""}, {"\"a\nb\"@example.org", ""}, {"\"\x7f\"@example.org", ""},
		{"a\n@example.org", ""}, {"a@example.org\n", ""}, {"a\r\nBcc: b@example.org", ""}, {"a\x00@example.org", ""},
		{"a,b@example.org", ""}, {"a;b@example.org", ""}, {"<a@example.org>", ""}, {"A <a@example.org>", ""}, {"a@example.org,b@example.org", ""},
		{strings.Repeat("a", 242) + "@example.org", strings.Repeat("a", 242) + "@example.org"},
		{strings.Repeat("a", 243) + "@example.org", ""},
		{strings.Repeat("a", 1<<16) + "@example.org", ""},
	} {
		got, ok := CleanEmail(tt.in)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%.80q: %q, %v; want %q", tt.in, got, ok, tt.want)
		}
	}
}

// TestEmailLookAlikes: an address that only looks like another one, or that some
// normalisation would turn into it, must not become it.
func TestEmailLookAlikes(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"\u212aate@example.org", ""},                    // Kelvin sign
		{"\u017fam@example.org", ""},                     // long s
		{"m\u0131ke@example.org", ""},                    // dotless i
		{"\uff41@example.org", ""},                       // full-width a
		{"\u0430@example.org", ""},                       // Cyrillic a
		{"\u00fc@example.org", ""},                       // no ASCII before the @
		{"a@\uff47mail.com", ""},                         // full-width g
		{"a@\u212aexample.org", ""},                      // Kelvin sign
		{"a@example\u3002org", ""},                       // ideographic full stop
		{"a@example\uff0eorg", ""},                       // full-width full stop
		{"a@gma\u2170l.com", ""},                         // small roman numeral one
		{"a@exam\u00adple.org", ""},                      // soft hyphen, which mapping drops
		{"a@exam\u200dple.org", ""},                      // joiner where nothing joins
		{"a@\u2460.example", ""},                         // circled one
		{"a@mu\u0308nchen.de", ""},                       // not composed
		{"a@M\u00dcNCHEN.de", ""},                        // not lower case
		{"a@\u05d0a.example", ""},                        // mixed directions
		{"a@ex\u0131ample.org", "a@xn--example-sfb.org"}, // another domain, not example.org
		{"a@g\u043egle.com", "a@xn--ggle-55d.com"},       // Cyrillic o: another domain
		{"a@M\u00fcnchen.DE", "a@xn--mnchen-3ya.de"},
		{"a@stra\u00dfe.example", "a@xn--strae-oqa.example"}, // not strasse
		{"a@\u4f8b\u5b50.\u6d4b\u8bd5", "a@xn--fsqu00a.xn--0zwm56d"},
	} {
		if got, ok := CleanEmail(tt.in); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%+q: %q, %v; want %q", tt.in, got, ok, tt.want)
		}
	}
}

// FuzzCleanEmail: an accepted address is ASCII, in lower case, not too long, has no
// control character, and is itself when cleaned again. If the input was ASCII, only
// case was changed: two accepted ASCII inputs are one address only if they differ in
// case alone.
func FuzzCleanEmail(f *testing.F) {
	for _, s := range []string{"a@example.org", `"a\ b"@example.org`, "a@[::1]", "A@m\u00fcnchen.de", "\u212a@example.org", "a@example\u3002org", "a@localhost"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := CleanEmail(s)
		if !ok {
			if got != "" {
				t.Fatalf("%q: refused and still %q", s, got)
			}
			return
		}
		if len(got) > MaxEmail || !utf8.ValidString(s) {
			t.Fatalf("%q: accepted", s)
		}
		for _, c := range []byte(got) {
			if c < ' ' || c > '~' || c >= 'A' && c <= 'Z' {
				t.Fatalf("%q: %q has a %q", s, got, c)
			}
		}
		if again, ok := CleanEmail(got); !ok || again != got {
			t.Fatalf("%q: %q, then %q", s, got, again)
		}
		if isASCII(s) && !strings.EqualFold(s, got) {
			t.Fatalf("%q became %q", s, got)
		}
		if !isASCII(s) && !strings.Contains(got, "xn--") {
			t.Fatalf("%q was folded to %q", s, got)
		}
	})
}

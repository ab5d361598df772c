package plaintext

import "testing"

func TestIsLink(t *testing.T) {
	for _, good := range []string{
		"https://www.example.org/account/verify-email/Mzk:1w2AbC:-_x",
		"http://127.0.0.1:3000/reset?key=a%20b&x=1#frag",
		"acme-app://verify/abc",
	} {
		if !IsLink(good) {
			t.Errorf("%q is no link", good)
		}
	}
	for _, bad := range []string{
		"", "verify", "/verify", "//example.org/verify", "https:", "https:///verify", "mailto:a@example.org",
		"javascript://example.org/%0aalert(1)", "JavaScript://example.org/x", "data://x/y", "vbscript://x/y",
		"https://example.org/a b", "https://example.org/a\nABCDEF", "https://example.org/\u2028x",
		`https://example.org/"onclick=x`, "https://example.org/<b>", "https://exam\u202eple.org/", "ht tp://x",
		"https://example.org/%zz",
	} {
		if IsLink(bad) {
			t.Errorf("%q is a link", bad)
		}
	}
}

package notify

import "testing"

func TestCheckedLink(t *testing.T) {
	for _, good := range []string{
		"https://www.example.org/account/verify-email/Mzk:1w2AbC:-_x",
		"http://127.0.0.1:3000/reset?key=a%20b&x=1#frag",
		"acme-app://verify/abc",
	} {
		if got := checkedLink(good); string(got) != good {
			t.Errorf("checkedLink(%q) = %q", good, got)
		}
	}
	for _, bad := range []string{
		"", "verify", "/verify", "//example.org/verify", "https:", "https:///verify", "mailto:a@example.org",
		"javascript://example.org/%0aalert(1)", "JavaScript://example.org/x", "data://x/y", "vbscript://x/y",
		"https://example.org/a b", "https://example.org/a\nABCDEF", "https://example.org/\u2028x",
		`https://example.org/"onclick=x`, "https://example.org/<b>", "https://exam\u202eple.org/", "ht tp://x",
		"https://example.org/%zz",
	} {
		if got := checkedLink(bad); got != "" {
			t.Errorf("checkedLink(%q) = %q, want nothing", bad, got)
		}
	}
	if got := firstLink("nonsense", "https://b.example/"); got != "https://b.example/" {
		t.Errorf("second link: %q", got)
	}
	if got := firstLink("https://a.example/", "https://b.example/"); got != "https://a.example/" {
		t.Errorf("first link: %q", got)
	}
}

func TestMoment(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-23T19:20:31+01:00": "23 November 2026, 18:20 UTC",
		"2026-01-02T03:04:05.678Z":  "2 January 2026, 03:04 UTC",
		"yesterday":                 "",
		"1763920000":                "",
		"":                          "",
	} {
		if got := moment(in); got != want {
			t.Errorf("moment(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestValidFor(t *testing.T) {
	for in, want := range map[string]string{
		"1": "1 second", "4": "4 seconds", "119": "119 seconds", "120": "2 minutes", "180": "3 minutes",
		"900": "15 minutes", "7199": "119 minutes", "7200": "2 hours", "86400": "24 hours",
		"172799": "47 hours", "172800": "2 days", "259200": "3 days",
		"0": "", "-5": "", "": "", "soon": "", "4.5": "",
	} {
		if got := validFor(in); got != want {
			t.Errorf("validFor(%q) = %q, want %q", in, got, want)
		}
	}
}

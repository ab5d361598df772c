package notify

import (
	"strings"
	"testing"
	"unicode"

	"stagedoor/state"
)

// hostile is what somebody may type as a name, an address or a program's name.
func hostile() []string {
	return []string{
		"x\nK7QM-3XPB\n", "ABCDEF", "\r\nBcc: victim@example.org\r\n\r\nhello", "https://evil.example/aaaaaaaaaaaaaaaa1111",
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "{{.Code}}", "\u202eevil\u2028ABCDEF\u2028", "\x00\xff",
		strings.Repeat("A", 10_000), "javascript://x/%0aalert(1)", "'\"&<>",
	}
}

func TestStrangersDataStaysData(t *testing.T) {
	ts := testTemplates(t, testSite())
	for name, e := range catalogue() {
		for _, bad := range hostile() {
			m := message(name)
			for key := range m.Data {
				if key != "code" && key != "url" && key != "key" {
					m.Data[key] = bad
				}
			}
			for _, key := range []string{"email", "login_url", "signup_url", "reset_url"} {
				m.Data[key] = bad
			}
			for _, key := range []string{"login_url", "signup_url", "reset_url"} {
				if strings.HasPrefix(bad, "https:") {
					delete(m.Data, key)
				}
			}
			r, err := ts.Render(m)
			if err != nil {
				t.Fatalf("%s with %q: %v", name, bad, err)
			}
			wantCodes, wantKeys := 0, 0
			switch e.kind {
			case withCode:
				wantCodes = 1
			case withLink:
				wantKeys = 1
			}
			if c, k := codesIn(r.Text), keysIn(r.Text); len(c) != wantCodes || len(k) != wantKeys {
				t.Errorf("%s with %q: codes %q, keys %q in\n%s", name, bad, c, k, r.Text)
			}
			if strings.ContainsFunc(r.Subject, unicode.IsControl) {
				t.Errorf("%s with %q: subject %q", name, bad, r.Subject)
			}
			for _, s := range []string{"<script", "<img", "javascript:", "\u202e"} {
				if strings.Contains(strings.ReplaceAll(r.HTML, "javascript: //", ""), s) {
					t.Errorf("%s with %q: page has %q", name, bad, s)
				}
			}
			if len(r.HTML) > 20_000 {
				t.Errorf("%s with %.20q: a page of %d bytes", name, bad, len(r.HTML))
			}
		}
	}
}

func TestStrangersAreGreetedByNobodysName(t *testing.T) {
	ts := testTemplates(t, testSite())
	for name, e := range catalogue() {
		if e.channel != state.ByMail {
			continue
		}
		r, err := ts.Render(message(name))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(r.Text, "Hello John,"); got == e.stranger {
			t.Errorf("%s greets by name: %v", name, got)
		}
	}
}

// The notice of a changed address goes to the old one: it must not call that the new.
func TestChangedAddresses(t *testing.T) {
	ts := testTemplates(t, testSite())
	for _, c := range []struct{ from, to, want string }{
		{"old@example.org", "new@example.org", "was changed from old@example.org to new@example.org."},
		{"old@example.org", "", "was changed from old@example.org."},
		{"", "new@example.org", "was changed to new@example.org."},
		{"", "", "was changed."},
	} {
		m := message("email_changed")
		m.Data["from_email"], m.Data["to_email"] = c.from, c.to
		r, err := ts.Render(m)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(strings.Fields(r.Text), " "); !strings.Contains(got, c.want) {
			t.Errorf("from %q to %q: text %s", c.from, c.to, got)
		}
		if got := strings.NewReplacer("<b>", "", "</b>", "").Replace(r.HTML); !strings.Contains(got, c.want) {
			t.Errorf("from %q to %q: page %s", c.from, c.to, got)
		}
	}
}

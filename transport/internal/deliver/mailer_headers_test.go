package deliver

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// FuzzHeaders: whatever a message and a site hold, the mail has the headers that it
// should have, each once, and goes to the address it is for.
func FuzzHeaders(f *testing.F) {
	f.Add("john@example.org", "John", "GitHub", "[Acme] ")
	f.Add("john@example.org\r\nBcc: x@example.org", "\r\n\r\nhello", "x\nX-Evil: 1", "\r\nBcc: y@example.org\r\n")
	f.Add(`"a\r\nb"@example.org`, "=?utf-8?q?=0d=0aBcc:_x?=", "\u2028\u0085", "\x00\xff")
	f.Add("jöhn@exämple.org", strings.Repeat("é", 300), strings.Repeat("x", 2000), strings.Repeat("p ", 200))
	base := mailer(f, nil, nil)
	f.Fuzz(func(t *testing.T, to, user, provider, prefix string) {
		m, site := *base, testSite()
		site.SubjectPrefix = prefix
		m.cfg.Templates = testTemplates(t, site)
		msg, err := m.compose(state.Message{Channel: state.ByMail, Template: "account_connected", To: to, Data: map[string]string{
			"user": user, "provider": provider, "name": user, "email": user, "code": provider,
		}})
		if err != nil {
			if !errors.Is(err, notify.ErrPermanent) || msg != nil {
				t.Fatalf("error %v with a mail %v", err, msg)
			}
			return
		}
		rcpts, err := msg.GetRecipients()
		if err != nil || len(rcpts) != 1 || rcpts[0] != "<"+to+">" || strings.ContainsAny(rcpts[0], "\r\n") {
			t.Fatalf("recipients %q, %v, for %q", rcpts, err, to)
		}
		var raw bytes.Buffer
		if _, err := msg.WriteTo(&raw); err != nil {
			t.Fatal(err)
		}
		header, _ := parts(t, raw.String())
		var names []string
		for name, values := range header {
			if len(values) != 1 {
				t.Errorf("%s: %q", name, values)
			}
			names = append(names, name)
		}
		slices.Sort(names)
		want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "X-Auto-Response-Suppress"}
		if !slices.Equal(names, want) {
			t.Errorf("headers %q", names)
		}
	})
}

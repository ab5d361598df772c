package deliver

import (
	"strings"
	"testing"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// testSite is a site with a name and pages that are hard to mistake for a code.
func testSite() notify.Site {
	return notify.Site{
		Name: "Acme", URL: "https://www.acme.example", SubjectPrefix: "[Acme] ",
		LoginURL: "https://www.acme.example/login", SignUpURL: "https://www.acme.example/signup",
		ResetURL: "https://www.acme.example/password/reset",
	}
}

func testTemplates(t testing.TB, site notify.Site) *notify.Templates {
	t.Helper()
	ts, err := notify.NewTemplates(site)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

const (
	testCode = "K7QM-3XPA"
	testKey  = "Mzk:1w2AbC:4fGh_7-kLmNoPqRs"
	testURL  = "https://www.acme.example/account/verify-email/" + testKey
)

// message is a message of a template as the contract fills it.
func message[T ~string](template T) state.Message {
	channel := state.Template(template).Channel()
	m := state.Message{Channel: channel, Template: state.Template(template), To: "john@example.org", Data: map[string]string{
		"user": "John", "at": "2026-11-23T18:20:00Z", "ip": "203.0.113.7", "user_agent": "Firefox/145.0",
		"provider": "GitHub", "name": "Blue key", "from_email": "john@example.org", "to_email": "new@example.org", "expires_in": "900",
	}}
	if channel == state.BySMS {
		m.To = "+491701234567"
	}
	switch {
	case strings.HasPrefix(string(template), "email_confirmation"), string(template) == "password_reset_key":
		m.Data["url"], m.Data["key"] = testURL, testKey
	case strings.HasSuffix(string(template), "_code"):
		m.Data["code"] = testCode
	}
	return m
}

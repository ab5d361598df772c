package deliver

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

func TestRedact(t *testing.T) {
	for _, c := range []struct {
		channel  state.Channel
		to, want string
	}{
		{state.ByMail, "john@example.org", "j***@example.org"},
		{state.ByMail, "j@example.org", "j***@example.org"},
		{state.ByMail, "éva@example.org", "é***@example.org"},
		{state.ByMail, `"a@b"@example.org`, `"***@example.org`},
		{state.ByMail, "@example.org", "***"},
		{state.ByMail, "john", "***"},
		{state.ByMail, "", "***"},
		{state.ByMail, "j@x\nfake log line", "j***@x fake log line"},
		{state.BySMS, "+491701234567", "+4*********67"},
		{state.BySMS, "+12345", "+***"},
		{state.BySMS, "", "+***"},
	} {
		if got := redact(state.Message{Channel: c.channel, To: c.to}); got != c.want {
			t.Errorf("redact(%q) = %q, want %q", c.to, got, c.want)
		}
	}
}

func TestScrub(t *testing.T) {
	m := state.Message{Channel: state.ByMail, To: "john@example.org", Data: map[string]string{
		"code": testCode, "key": testKey, "url": testURL, "user": "Johnny", "short": "at",
	}}
	for in, want := range map[string]string{
		"550 no such user":                             "550 no such user",
		"550 <john@example.org>: unknown":              "550 <[address]>: unknown",
		"550 <JOHN@Example.ORG> unknown":               "550 <[address]> unknown",
		"bounced from other@example.net":               "bounced from [address]",
		"spam: K7QM-3XPA":                              "spam: ***",
		"spam: k7qm3xpa":                               "spam: ***",
		"spam: " + testURL:                             "spam: [link]",
		"spam: key " + testKey + "!":                   "spam: key ***!",
		"sender johnny looks bad at night":             "sender *** looks bad at night",
		"post smtp://user:secret@mail.example.org: no": "post [link] no",
	} {
		if got := scrub(errors.New(in), m); got != want {
			t.Errorf("scrub(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzScrub(f *testing.F) {
	f.Add("550 ", "john@example.org", "ABCD-EFGH")
	f.Add("x@y", "a.*@b", "(((([")
	f.Fuzz(func(t *testing.T, around, to, code string) {
		// Text of the error's own that happens to hold the secret is not what is tested.
		if len(code) < shortestSecret || len(to) < shortestSecret || strings.ContainsAny("*** [address] [link]", code) {
			t.Skip()
		}
		m := state.Message{Channel: state.ByMail, To: to, Data: map[string]string{"code": code}}
		got := scrub(fmt.Errorf("%s %s %s", around, code, to), m)
		valid := strings.ToValidUTF8(code, "")
		if len(valid) >= shortestSecret && valid == code && strings.Contains(got, code) {
			t.Errorf("code %q is in %q", code, got)
		}
	})
}

func TestPermanentKeepsItsCause(t *testing.T) {
	err := permanent(fmt.Errorf("%w: x", notify.ErrNoTemplate))
	if !errors.Is(err, notify.ErrPermanent) || !errors.Is(err, notify.ErrNoTemplate) {
		t.Errorf("%v", err)
	}
}

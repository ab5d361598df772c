package device

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

func TestMessageKinds(t *testing.T) {
	const key = "Mzk:1w2AbC:4fGh_7-kLmNoPqRs"
	for _, c := range []struct {
		name, text string
		kind       Kind
		code, key  string
		redacted   string // the text if empty
	}{
		{name: "nothing", text: "", kind: Notice},
		{name: "words", text: "Your password was changed.\nWas it you?\n", kind: Notice},
		{name: "code", text: "Enter this:\n\nK7QM-3XPA\n\nSoon.", kind: Code, code: "K7QM-3XPA", redacted: "Enter this:\n\n<>\n\nSoon."},
		{name: "a short last part", text: "Enter\n1234-5678-90\n", kind: Code, code: "1234-5678-90", redacted: "Enter\n<>\n"},
		{name: "short parts", text: "Enter\nBC-DF\n", kind: Code, code: "BC-DF", redacted: "Enter\n<>\n"},
		{name: "digits", text: "Enter\n  123456\t\n", kind: Code, code: "123456", redacted: "Enter\n  <>\t\n"},
		{name: "Windows", text: "Enter\r\nABCDEF\r\n", kind: Code, code: "ABCDEF", redacted: "Enter\n<>\n"},
		{name: "in a sentence", text: "Enter 123456 now\n", kind: Notice},
		{name: "lower case", text: "hello\n", kind: Notice},
		{name: "too short", text: "OK\n", kind: Notice},
		{name: "the first of two", text: "AAA111\nBBB222\n", kind: Code, code: "AAA111", redacted: "<>\nBBB222\n"},
		{name: "twice", text: "Enter\n123456\n\n@www.example.com #123456", kind: Code, code: "123456", redacted: "Enter\n<>\n\n@www.example.com #<>"},
		{name: "within a number", text: "Call +49123456789\n123456\n", kind: Code, code: "123456", redacted: "Call +49123456789\n<>\n"},
		{name: "path", text: "Open\nhttp://127.0.0.1:3000/account/verify-email/" + key + "\nnow", kind: Link, key: key, redacted: "Open\nhttp://127.0.0.1:3000/account/verify-email/<>\nnow"},
		{name: "slash at the end", text: "https://h/v/" + key + "/", kind: Link, key: key, redacted: "https://h/v/<>/"},
		{name: "query", text: "https://h/v?a=1&key=" + key + "&b=2", kind: Link, key: key, redacted: "https://h/v?a=1&key=<>&b=2"},
		{name: "fragment", text: "https://h/#/verify/" + key, kind: Link, key: key, redacted: "https://h/#/verify/<>"},
		{name: "escaped", text: "https://h/v/MzkxMjM0NTY3ODk%3A1w2AbC", kind: Link, key: "MzkxMjM0NTY3ODk:1w2AbC", redacted: "https://h/v/<>"},
		{name: "end of a sentence", text: "(see https://h/v/" + key + ").", kind: Link, key: key, redacted: "(see https://h/v/<>)."},
		{name: "in brackets", text: "<https://h/v/" + key + ">", kind: Link, key: key, redacted: "<https://h/v/<>>"},
		{name: "no key", text: "https://h/account/password/reset", kind: Notice},
		{name: "a long word", text: "https://h/confirmation-of-an-address", kind: Notice},
		{name: "a long host", text: "https://host1-with-a-long-name.example.org/", kind: Notice},
		{name: "no web address", text: "/v/" + key, kind: Notice},
		{name: "the second link", text: "https://h/login\nhttps://h/v/" + key, kind: Link, key: key, redacted: "https://h/login\nhttps://h/v/<>"},
		{name: "both", text: "https://h/v/" + key + "\nABC123\n", kind: Code, code: "ABC123", key: key, redacted: "https://h/v/<>\n<>\n"},
		{name: "one in the other", text: "https://h/v/1234567890:ABC123:0987\nABC123\n", kind: Code, code: "ABC123", key: "1234567890:ABC123:0987", redacted: "https://h/v/<>\n<>\n"},
	} {
		m := newMessage(state.ByMail, "ada@example.org", "Hello", c.text)
		if last := m.LastKey; (last == "") != (c.key == "") || strings.Count(c.text, "https://") < 2 && last != c.key {
			t.Errorf("%s: last key %q", c.name, last)
		}
		if m.Kind != c.kind || m.Code != c.code || m.Key != c.key {
			t.Errorf("%s: %s, code %q, key %q", c.name, m.Kind, m.Code, m.Key)
		}
		want := c.redacted
		if want == "" {
			want = c.text
		}
		if got := m.Redact("<>"); got != want {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
}

// A letter may have a link for its reader and one for a reader who did not ask: both keys are found, and
// neither is left once it is redacted.
func TestMessageOfTwoLinks(t *testing.T) {
	const first, last = "1.AAAADgAAAZsIZm7ZA2c", "1.BBBBDgAAAZsIZm7ZA2d"
	for text, want := range map[string]Message{
		"https://h/v/" + first + "\n\nhttps://h/not-me?key=" + last + "\n": {Kind: Link, Key: first, LastKey: last},
		"ABCD-EFGH\n\nhttps://h/not-me?key=" + last + "\n":                 {Kind: Code, Code: "ABCD-EFGH", Key: last, LastKey: last},
		"https://h/v/" + first + "\nhttps://h/help\n":                      {Kind: Link, Key: first, LastKey: first},
	} {
		m := newMessage(state.ByMail, "ada@example.org", "Hello", text)
		if m.Kind != want.Kind || m.Code != want.Code || m.Key != want.Key || m.LastKey != want.LastKey {
			t.Errorf("%q is read as %+v", text, m)
		}
		if left := m.Redact("<>"); strings.Contains(left, first) || strings.Contains(left, last) || strings.Contains(left, "ABCD") {
			t.Errorf("%q leaves %q", text, left)
		}
	}
}

// Every message that the server has words for is read as what it is, and nothing of its
// secret is left once it is redacted.
func TestMessagesOfTheServer(t *testing.T) {
	words, err := notify.NewTemplates(notify.Site{
		Name: "Example", URL: "https://www.example.org", LoginURL: "https://www.example.org/account/login",
		SignUpURL: "https://www.example.org/account/signup", ResetURL: "https://www.example.org/account/password/reset",
	})
	if err != nil {
		t.Fatal(err)
	}
	const code, key = "K7QM-3XPA", "Mzk:1w2AbC:4fGh_7-kLmNoPqRs"
	count := map[Kind]int{}
	for _, name := range state.Templates() {
		channel := name.Channel()
		for _, secrets := range []map[string]string{
			{}, {"code": code}, {"key": key, "url": "https://www.example.org/account/confirm/" + url.PathEscape(key)},
		} {
			secrets["user"], secrets["provider"], secrets["name"] = "ADA", "GITHUB", "KEY1"
			secrets["from_email"], secrets["to_email"], secrets["expires_in"] = "ada@example.org", "eda@example.org", "900"
			secrets["ip"], secrets["user_agent"], secrets["at"] = "192.0.2.1", "Firefox/140", "2031-05-17T12:00:00Z"
			var box Inbox
			if err := NewSender(&box, words).Send(t.Context(), state.Message{Channel: channel, Template: name, To: "ada@example.org", Data: secrets}); err != nil {
				t.Fatal(err)
			}
			m := box.All()[0]
			want := Notice
			switch {
			case strings.Contains(m.Text, code):
				want = Code
			case strings.Contains(m.Text, "/account/confirm/"):
				want = Link
			}
			if m.Kind != want || m.Code != "" && m.Code != code || m.Key != "" && m.Key != key || m.Name != string(name) || m.Channel != channel {
				t.Errorf("%s: %+v; want a %s", name, m, want)
			}
			if safe := m.Redact("…"); strings.Contains(safe, code) || strings.Contains(safe, "1w2AbC") {
				t.Errorf("%s: redacted:\n%s", name, safe)
			}
			if secrets["code"]+secrets["key"] == "" && want != Notice {
				t.Errorf("%s: a %s without a secret", name, want)
			}
			count[m.Kind]++
		}
	}
	if count[Code] < 5 || count[Link] < 3 || count[Notice] < 30 {
		t.Errorf("kinds: %v", count)
	}
}

// Whatever the words around it, a code alone on a line is found, a key at the end of a
// link is found, and redacting takes both away and nothing else.
func TestMessageProperties(t *testing.T) {
	prose := rapid.StringMatching(`([a-z][a-z ,.!äöü]{0,20}\n){0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9]{6}|[B-DF-HJ-NP-TV-Z]{4}-[0-9B-D]{4}`).Draw(t, "code")
		key := rapid.StringMatching(`[A-Za-z0-9_-]{10}[0-9][A-Za-z0-9:_-]{10}[A-Za-z0-9]`).Draw(t, "key")
		base := rapid.SampledFrom([]string{"http://127.0.0.1:3000/verify/", "https://example.org/v?key=", "https://example.org/#/v/"}).Draw(t, "base")
		a, b, c := prose.Draw(t, "a"), prose.Draw(t, "b"), prose.Draw(t, "c")
		withKey, withCode := rapid.Bool().Draw(t, "withKey"), rapid.Bool().Draw(t, "withCode")
		text, safe := a, a
		if withKey {
			text, safe = text+base+key+"\n", safe+base+"•\n"
		}
		text, safe = text+b, safe+b
		if withCode {
			text, safe = text+code+"\n", safe+"•\n"
		}
		text, safe = text+c, safe+c
		m := newMessage(state.ByMail, "ada@example.org", "", text)
		if withCode != (m.Code == code) || withKey != (m.Key == key) {
			t.Fatalf("code %q, key %q in %q", m.Code, m.Key, text)
		}
		if got := m.Redact("•"); got != safe {
			t.Fatalf("redacted %q, want %q", got, safe)
		}
	})
}

// FuzzMessage: the places of secrets are in order, apart, within the text and on whole
// runes; the code is upper case on a line of its own; the kind says what there is; and a
// redacted message, read again, has another secret or none.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		"", "Enter\n123456\n\n@www.example.com #123456", "https://h/v/1234567890:ABC123:0987\nABC123\n", "https://h/?\xff=%zz0123456789012345",
		"\u00a0ABC\n", "ABC\u00e9\nABC\n", "https://h/v/0123456789abcdef0123456789abcdef0123456789abcdef\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := newMessage(state.ByMail, "ada@example.org", "", text)
		end := 0
		for _, s := range m.Secrets {
			if s.Start < end || s.End <= s.Start || s.End > len(m.Text) {
				t.Fatalf("%v in %d bytes", m.Secrets, len(m.Text))
			}
			if !utf8.RuneStart(m.Text[s.Start]) || s.End < len(m.Text) && !utf8.RuneStart(m.Text[s.End]) && utf8.ValidString(m.Text) {
				t.Fatalf("%v tears a rune", s)
			}
			end = s.End
		}
		want := Notice
		if m.Key != "" {
			want = Link
		}
		if m.Code != "" {
			want = Code
			own := false
			for line := range strings.Lines(m.Text) {
				own = own || strings.Trim(line, " \t\r\n") == m.Code
			}
			if !own || strings.ToUpper(m.Code) != m.Code {
				t.Fatalf("code %q of %q", m.Code, m.Text)
			}
		}
		if m.Kind != want || (m.Kind == Notice) != (len(m.Secrets) == 0) {
			t.Fatalf("%s with code %q, key %q, %v", m.Kind, m.Code, m.Key, m.Secrets)
		}
		again := newMessage(state.ByMail, m.To, "", m.Redact("-"))
		if m.Code != "" && again.Code == m.Code {
			t.Fatalf("the code %q is left in %q", m.Code, again.Text)
		}
	})
}

package notify

import (
	html "html/template"
	"strconv"
	"time"

	"stagedoor/state"
	"stagedoor/transport/internal/plaintext"
)

// The longest values, in runes, that go into a message. Longer ones are cut.
const (
	maxName    = 60
	maxAgent   = 120
	maxAddress = 320
	maxSubject = 200
	maxCode    = 64
	maxList    = 600
)

// view is what a template sees. Its links are checked ([checkedLink]) and everything
// else is one clean line, so that no template has to think of it.
type view struct {
	Site, Host, To, Subject string

	Code                          string
	URL                           html.URL
	LoginURL, SignUpURL, ResetURL html.URL
	// DisownURL is where the reader says that somebody else signed up with the address.
	DisownURL html.URL

	// Greeted is the name the message greets by, empty for none; User may stand in it all
	// the same.
	Greeted, User, Email, FromEmail, ToEmail, Provider, Name string

	At, IP, Agent, ValidFor, Removed string

	PasswordSet bool
	// SignsIn is set where the link of the message lets in who waits for it.
	SignsIn bool

	// Data is all that the message brings, Plain the body in plain text; only templates of
	// the program see them.
	Data  map[string]string
	Plain string
}

// look makes the view of a message.
func (t *Templates) look(m state.Message, e entry) view {
	v := view{
		Site: t.site.Name,
		Host: t.host,
		To:   plaintext.Line(m.To, maxAddress),

		Code:      plaintext.Line(m.Data["code"], maxCode),
		URL:       checkedLink(m.Data["url"]),
		LoginURL:  firstLink(m.Data["login_url"], t.site.LoginURL),
		SignUpURL: firstLink(m.Data["signup_url"], t.site.SignUpURL),
		ResetURL:  firstLink(m.Data["reset_url"], t.site.ResetURL),
		DisownURL: checkedLink(m.Data["disown_url"]),

		User:      plaintext.Line(m.Data["user"], maxName),
		Email:     plaintext.Line(m.Data["email"], maxAddress),
		FromEmail: plaintext.Line(m.Data["from_email"], maxAddress),
		ToEmail:   plaintext.Line(m.Data["to_email"], maxAddress),
		Provider:  plaintext.Line(m.Data["provider"], maxName),
		Name:      plaintext.Line(m.Data["name"], maxName),

		At:       moment(m.Data["at"]),
		IP:       plaintext.Line(m.Data["ip"], maxName),
		Agent:    plaintext.Line(m.Data["user_agent"], maxAgent),
		ValidFor: validFor(m.Data["expires_in"]),
		Removed:  plaintext.Line(m.Data["removed"], maxList),
		// A reader who has chosen a new password just now needs no link to do so.
		PasswordSet: m.Data["password_set"] != "",
		SignsIn:     t.site.LinkSignsIn,
	}
	if v.Email == "" {
		v.Email = v.To
	}
	if !e.stranger {
		v.Greeted = v.User
	}
	if e.own {
		v.Data = make(map[string]string, len(m.Data))
		for name, value := range m.Data {
			v.Data[name] = plaintext.Line(value, maxAddress)
		}
	}
	return v
}

// checkedLink is a text as the link of a message, and nothing where it is none.
func checkedLink(s string) html.URL {
	if !plaintext.IsLink(s) {
		return ""
	}
	return html.URL(s)
}

// firstLink is the first of the two that is a link.
func firstLink(a, b string) html.URL {
	if l := checkedLink(a); l != "" {
		return l
	}
	return checkedLink(b)
}

// moment writes an RFC 3339 time for people, in UTC; nothing for any other text.
func moment(s string) string {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return ""
	}
	return at.UTC().Format("2 January 2006, 15:04 UTC")
}

// validFor writes a number of seconds for people, rounded down to a whole unit of which
// there are at least two; nothing for any other text, nor for zero or less.
func validFor(seconds string) string {
	n, err := strconv.ParseInt(seconds, 10, 64)
	switch {
	case err != nil || n <= 0:
		return ""
	case n == 1:
		return "1 second"
	case n < 2*60:
		return strconv.FormatInt(n, 10) + " seconds"
	case n < 2*60*60:
		return strconv.FormatInt(n/60, 10) + " minutes"
	case n < 2*24*60*60:
		return strconv.FormatInt(n/(60*60), 10) + " hours"
	}
	return strconv.FormatInt(n/(24*60*60), 10) + " days"
}

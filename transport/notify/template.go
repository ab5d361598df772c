package notify

import (
	"errors"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"
	"time"

	"stagedoor/state"
)

// Template is the words of a message of a program's own stages, written in the language
// of text/template.
//
// A template sees what all do: .Site, .To, .Code, .URL, .User and the others that
// [state.Message].Data has under their names in lower case. Any other entry is .Data.name.
// All of it is one clean line each. {{template "code" .}} and {{template "link" .}} set
// the code or the link apart.
type Template struct {
	// Name carries its owner's name: "acme.leave".
	Name state.Template
	// Channel is how it travels: by mail or as a text message.
	Channel state.Channel
	// Code is set where it carries a code: it is not sent once it is older than 15 minutes.
	Code bool
	// Subject is that of a mail. Body is what stands between the greeting and the foot of a
	// mail, or the whole text message.
	Subject, Body string
	// HTML is Body for the HTML part of a mail, in the language of html/template; if empty
	// it is made of Body.
	HTML string
}

// add takes a template of the program in.
func (t *Templates) add(o Template, words *text.Template, page *html.Template) error {
	fault := func(err error) error { return fmt.Errorf("notify: template %q: %w", o.Name, err) }
	_, taken := t.kinds[o.Name]
	switch {
	case !strings.Contains(string(o.Name), ".") || strings.HasPrefix(string(o.Name), "."):
		return fault(errors.New("its name does not carry its owner's (call it owner.name)"))
	case taken:
		return fault(errors.New("there are two of this name"))
	case o.Channel != state.ByMail && o.Channel != state.BySMS:
		return fault(fmt.Errorf("there is no channel %q (mail or sms)", o.Channel))
	case o.Channel == state.ByMail && o.Subject == "":
		return fault(errors.New("a mail needs a subject"))
	}
	texts, err := text.Must(words.Clone()).New("body").Parse(o.Body)
	if err == nil {
		texts, err = texts.New("subject").Parse(o.Subject)
	}
	if err != nil {
		return fault(err)
	}
	if o.HTML == "" {
		o.HTML = `<p style="white-space:pre-line;">{{.Plain}}</p>`
	}
	pages, err := html.Must(page.Clone()).New("body").Parse(o.HTML)
	if err != nil {
		return fault(err)
	}
	e := entry{channel: o.Channel, own: true}
	if o.Code {
		e.kind = withCode
	}
	t.kinds[o.Name], t.texts[o.Name] = e, texts
	if o.Channel == state.ByMail {
		t.pages[o.Name] = pages
	}
	if _, err := t.Render(state.Message{Channel: o.Channel, Template: o.Name}); err != nil {
		return fault(err)
	}
	return nil
}

// MaxAge is [MaxAge] for all templates, the program's own among them.
func (t *Templates) MaxAge(template state.Template) time.Duration {
	return t.kinds[template].kind.maxAge()
}

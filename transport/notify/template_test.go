package notify

import (
	"strings"
	"testing"
	"time"

	"stagedoor/state"
)

func ownMail() Template {
	return Template{
		Name: "acme.due", Channel: state.ByMail, Subject: "Order {{.Data.order}} waits",
		Body: "Your order {{.Data.order}} waits.\n{{template \"code\" .}}\nCome <soon>.",
	}
}

var ownSite = [...]Site{{Name: "Acme", URL: "https://acme.example", SubjectPrefix: "[Acme] "}}

// TestOwnTemplate puts a message of a program's own stage into words.
func TestOwnTemplate(t *testing.T) {
	words, err := NewTemplates(ownSite[0], ownMail(), Template{Name: "acme.text", Channel: state.BySMS, Code: true, Body: "Code {{.Code}} for {{.Data.what}}"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := words.Render(state.Message{Channel: state.ByMail, Template: "acme.due", To: "ann@example.org", Data: map[string]string{
		"order": "7\r\nBcc: eve@example.org", "code": "BCDF", "user": "ann",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != "[Acme] Order 7 Bcc: eve@example.org waits" {
		t.Errorf("the subject is %q", got.Subject)
	}
	if want := "Hello ann,\n\nYour order 7 Bcc: eve@example.org waits.\n\nBCDF\n\nCome <soon>.\n\n--\nSent to ann@example.org by Acme (acme.example).\n"; got.Text != want {
		t.Errorf("the text is %q\nwant %q", got.Text, want)
	}
	if !strings.Contains(got.HTML, "Come &lt;soon&gt;.") || !strings.Contains(got.HTML, "<title>[Acme] Order 7") {
		t.Errorf("the page is\n%s", got.HTML)
	}
	text, err := words.Render(state.Message{Channel: state.BySMS, Template: "acme.text", Data: map[string]string{"code": "BCDF", "what": "a door"}})
	if err != nil || text.Text != "Code BCDF for a door" || text.HTML != "" || text.Subject != "" {
		t.Errorf("the text message is %+v, %v", text, err)
	}
	for name, want := range map[state.Template]time.Duration{"acme.due": 24 * time.Hour, "acme.text": 15 * time.Minute, "login_code": 15 * time.Minute, "none": 24 * time.Hour} {
		if got := words.MaxAge(name); got != want {
			t.Errorf("%s is sent for %v, want %v", name, got, want)
		}
	}
}

// TestOwnTemplateHTML takes the page from the template where it has one.
func TestOwnTemplateHTML(t *testing.T) {
	own := ownMail()
	own.HTML = `<p>Order <b>{{.Data.order}}</b></p>`
	words, err := NewTemplates(ownSite[0], own)
	if err != nil {
		t.Fatal(err)
	}
	got, err := words.Render(state.Message{Channel: state.ByMail, Template: "acme.due", Data: map[string]string{"order": "<7>"}})
	if err != nil || !strings.Contains(got.HTML, "<p>Order <b>&lt;7&gt;</b></p>") {
		t.Errorf("the page is %v\n%s", err, got.HTML)
	}
}

// TestOwnTemplateRefused: faults are found at the start, all together.
func TestOwnTemplateRefused(t *testing.T) {
	wants := map[string]func(*Template){
		`template "due": its name does not carry its owner's (call it owner.name)`:  func(o *Template) { o.Name = "due" },
		`template "acme.b": there is no channel "post" (mail or sms)`:               func(o *Template) { o.Name, o.Channel = "acme.b", "post" },
		`template "acme.c": a mail needs a subject`:                                 func(o *Template) { o.Name, o.Subject = "acme.c", "" },
		`template "acme.d": template: body:1: unclosed action`:                      func(o *Template) { o.Name, o.Body = "acme.d", "{{" },
		`template "acme.e": template: subject:1: unclosed action`:                   func(o *Template) { o.Name, o.Subject = "acme.e", "{{" },
		`template "acme.f": template: body:1: unclosed action`:                      func(o *Template) { o.Name, o.HTML = "acme.f", "{{" },
		`template "acme.g": notify: template: body:1:2: executing "body" at <.Cod>`: func(o *Template) { o.Name, o.Body = "acme.g", "{{.Cod}}" },
		`template "acme.h": there are two of this name`:                             func(o *Template) { o.Name = "acme.h" },
	}
	own := []Template{ownMail()}
	own[0].Name = "acme.h"
	for _, change := range wants {
		o := ownMail()
		change(&o)
		own = append(own, o)
	}
	_, err := NewTemplates(ownSite[0], own...)
	if err == nil {
		t.Fatal("accepted")
	}
	for want := range wants {
		if !strings.Contains(err.Error(), "notify: "+want) {
			t.Errorf("nothing says %s:\n%v", want, err)
		}
	}
}

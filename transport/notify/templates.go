package notify

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	html "html/template"
	"io"
	"maps"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	text "text/template"

	"stagedoor/state"
	"stagedoor/transport/internal/plaintext"
)

// files holds layout.txt, layout.html and one .txt per template; each mail has a .html
// besides, a text message has none.
//
//go:embed templates
var files embed.FS

// ErrNoTemplate is returned for a message whose template does not exist, or does not
// travel by the message's channel.
var ErrNoTemplate = errors.New("no such template")

// Site is what all messages of one server share.
type Site struct {
	// Name is how the messages call the site: "Example". It must not be empty.
	Name string
	// URL is the address of the front end, https://www.example.org. Its host stands at
	// the foot of a mail and, with https, lets phones fill in a code that came by text
	// message (the origin-bound one-time code format of the WICG). It may be empty.
	URL string
	// SubjectPrefix stands before every subject, as it is: "[Example] ". It may be empty.
	SubjectPrefix string
	// LoginURL, SignUpURL and ResetURL are the front end's pages that notices offer; a
	// notice offers nothing where one is empty.
	LoginURL, SignUpURL, ResetURL string
	// LinkSignsIn is set where the link that confirms an address signs in who waits for it.
	LinkSignsIn bool
}

// Rendered is a message in words.
type Rendered struct {
	// Subject is one line without control characters; a text message has none.
	Subject string
	// Text is the plain text, with \n line ends. A code or a link stands alone on a line.
	Text string
	// HTML is a whole page; a text message has none.
	HTML string
}

// Templates makes the words of messages. It is safe for concurrent use.
type Templates struct {
	site  Site
	host  string
	bound string
	kinds map[state.Template]entry
	texts map[state.Template]*text.Template
	pages map[state.Template]*html.Template
}

// NewTemplates reads the embedded templates and those of the program. It refuses a site
// without a name, addresses that are no absolute links, and templates of the program that
// cannot be read, all faults together.
func NewTemplates(site Site, own ...Template) (*Templates, error) {
	our, err := shipped()
	if err != nil {
		return nil, err
	}
	t := &Templates{kinds: catalogue(), texts: maps.Clone(our.texts), pages: maps.Clone(our.pages)}
	var faults []error
	if plaintext.Line(site.Name, maxName) == "" {
		faults = append(faults, errors.New("notify: site name is empty: say how messages call the site"))
	}
	for _, l := range []struct{ field, value string }{
		{"URL", site.URL}, {"LoginURL", site.LoginURL}, {"SignUpURL", site.SignUpURL}, {"ResetURL", site.ResetURL},
	} {
		if l.value != "" && !plaintext.IsLink(l.value) {
			faults = append(faults, fmt.Errorf("notify: site %s %q is not a link: write it whole, as https://www.example.org/login", l.field, l.value))
		}
	}
	site.Name = plaintext.Line(site.Name, maxName)
	t.site = site
	t.host, t.bound = hosts(site.URL)
	for _, o := range own {
		if err := t.add(o, our.words, our.page); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return t, nil
}

// parsed are the embedded templates as they are read: what all messages have in common,
// and each message in a copy of it.
type parsed struct {
	words *text.Template
	page  *html.Template
	texts map[state.Template]*text.Template
	pages map[state.Template]*html.Template
}

// shipped are the embedded templates: they are the same for all sites, and read once.
var shipped = sync.OnceValues(func() (*parsed, error) {
	words, err := text.ParseFS(files, "templates/layout.txt")
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	page, err := html.ParseFS(files, "templates/layout.html")
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	p := &parsed{words: words, page: page, texts: map[state.Template]*text.Template{}, pages: map[state.Template]*html.Template{}}
	for name, e := range catalogue() {
		if p.texts[name], err = text.Must(words.Clone()).ParseFS(files, "templates/"+string(name)+".txt"); err != nil {
			return nil, fmt.Errorf("notify: text of %s: %w", name, err)
		}
		if e.channel == state.BySMS {
			continue
		}
		if p.pages[name], err = html.Must(page.Clone()).ParseFS(files, "templates/"+string(name)+".html"); err != nil {
			return nil, fmt.Errorf("notify: page of %s: %w", name, err)
		}
	}
	return p, nil
})

// hosts returns the host to show, and the one that a code is bound to: a name reached
// by https, since browsers bind codes to nothing else.
func hosts(site string) (shown, bound string) {
	u, err := url.Parse(site)
	if err != nil {
		return "", ""
	}
	shown = u.Hostname()
	if _, err := netip.ParseAddr(shown); err != nil && u.Scheme == "https" {
		bound = shown
	}
	return shown, bound
}

// Knows reports whether there are words for the messages of a template, by a channel.
func (t *Templates) Knows(template state.Template, by state.Channel) bool {
	e, ok := t.kinds[template]
	return ok && e.channel == by
}

// Render puts a message into words. It fails with [ErrNoTemplate], and never because
// something is missing in the message's Data.
func (t *Templates) Render(m state.Message) (Rendered, error) {
	e, ok := t.kinds[m.Template]
	if !ok || e.channel != m.Channel {
		return Rendered{}, fmt.Errorf("%w: %q for %q", ErrNoTemplate, m.Template, m.Channel)
	}
	v := t.look(m, e)
	texts := t.texts[m.Template]
	if m.Channel == state.BySMS {
		v.Host = t.bound
		body, err := executed(texts, "body", v)
		return Rendered{Text: strings.TrimSpace(tidy(body))}, err
	}
	subject, err := executed(texts, "subject", v)
	if err != nil {
		return Rendered{}, err
	}
	v.Subject = plaintext.Line(t.site.SubjectPrefix+subject, maxSubject)
	if e.own {
		if v.Plain, err = executed(texts, "body", v); err != nil {
			return Rendered{}, err
		}
	}
	body, err := executed(texts, "message", v)
	if err != nil {
		return Rendered{}, err
	}
	page, err := executed(t.pages[m.Template], "message", v)
	if err != nil {
		return Rendered{}, err
	}
	return Rendered{Subject: v.Subject, Text: tidy(body), HTML: page}, nil
}

// executor is what text and HTML templates have in common.
type executor interface {
	ExecuteTemplate(w io.Writer, name string, data any) error
}

func executed(t executor, part string, v view) (string, error) {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, part, v); err != nil {
		return "", fmt.Errorf("notify: %w", err)
	}
	return b.String(), nil
}

// tidy takes away spaces at line ends, and more than one empty line in a row, which
// parts that were left out leave behind.
func tidy(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
}

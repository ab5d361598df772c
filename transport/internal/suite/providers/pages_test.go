package providers

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// at walks through the pages of a provider, from the one that the server sent to until a browser
// would leave for the server again, as somebody who signs in by a name and agrees to everything,
// or cancels. The answer is what the provider sends back.
func at(t testing.TB, from, name string, cancel bool) brought {
	t.Helper()
	return through(t, browser(t), from, name, cancel)
}

// browser has been nowhere yet.
func browser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// through is at, in a browser that may have been there before.
func through(t testing.TB, web *http.Client, from, name string, cancel bool) brought {
	t.Helper()
	next, err := http.NewRequest("GET", from, nil)
	for range 20 {
		if err != nil {
			t.Fatal(err)
		}
		if back := next.URL; strings.HasPrefix(back.String(), callback) || strings.HasPrefix(back.String(), page) {
			return returned(t, next)
		}
		var answer *http.Response
		if answer, err = web.Do(next); err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if to, none := answer.Location(); none == nil {
			next, err = http.NewRequest("GET", to.String(), nil)
			continue
		}
		// A browser sends a form on that sends itself, whatever the status.
		if answer.StatusCode != http.StatusOK && !strings.Contains(string(body), "document.forms[0].submit()") {
			t.Fatalf("%s %s: %s\n%.800s", next.Method, next.URL, answer.Status, body)
		}
		next, err = filled(t, next.URL, string(body), name, cancel)
	}
	t.Fatalf("%s leads nowhere in twenty steps", from)
	return brought{}
}

// brought is what a provider has a browser bring back, in the query or in a form.
type brought struct {
	url.Values
	form bool
}

// returned reads it off the browser's request.
func returned(t testing.TB, r *http.Request) brought {
	t.Helper()
	if r.Method == "GET" {
		return brought{r.URL.Query(), false}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	return brought{form, true}
}

var (
	formTag  = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	inputTag = regexp.MustCompile(`(?is)<input\b([^>]*)>`)
	linkTag  = regexp.MustCompile(`(?is)<a\b([^>]*)>`)
	property = regexp.MustCompile(`(?is)\b([a-z]+)\s*=\s*"([^"]*)"`)
)

// properties are those of a tag.
func properties(tag string) map[string]string {
	out := map[string]string{}
	for _, m := range property.FindAllStringSubmatch(tag, -1) {
		out[strings.ToLower(m[1])] = html.UnescapeString(m[2])
	}
	return out
}

// filled is what the person sends from a page: its first form, or the way out.
func filled(t testing.TB, where *url.URL, page, name string, cancel bool) (*http.Request, error) {
	t.Helper()
	for _, link := range linkTag.FindAllStringSubmatch(page, -1) {
		if to := properties(link[1])["href"]; cancel && strings.HasSuffix(to, "/abort") {
			return http.NewRequest("GET", where.ResolveReference(parsed(t, to)).String(), nil)
		}
	}
	forms := formTag.FindAllStringSubmatch(page, -1)
	if len(forms) == 0 {
		t.Fatalf("%s has no form:\n%.800s", where, page)
	}
	form := forms[0]
	for _, other := range forms {
		if cancel && strings.Contains(other[2], `value="rejected"`) {
			form = other
		}
	}
	values := url.Values{}
	for _, input := range inputTag.FindAllStringSubmatch(form[2], -1) {
		p := properties(input[1])
		switch p["name"] {
		case "":
		case "login":
			values.Set("login", name)
		case "password":
			values.Set("password", "of no worth")
		default:
			values.Set(p["name"], p["value"])
		}
	}
	if strings.Contains(page, `name="logout"`) {
		values.Set("logout", "yes") // the button stands beside its form
	}
	to := where
	if action := properties(form[1])["action"]; action != "" {
		to = where.ResolveReference(parsed(t, action))
	}
	r, err := http.NewRequest("POST", to.String(), strings.NewReader(values.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r, err
}

func parsed(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

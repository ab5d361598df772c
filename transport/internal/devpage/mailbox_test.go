package devpage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/internal/deliver"
	"stagedoor/transport/notify"
)

// desk is a page with a mailbox and a clock of its own.
type desk struct {
	t    *testing.T
	page *Page
	mux  *http.ServeMux
	now  time.Time
}

func newDesk(t *testing.T, now time.Time) *desk {
	t.Helper()
	l := &desk{t: t, mux: http.NewServeMux(), now: now}
	templates, err := notify.NewTemplates(notify.Site{Name: "Example", URL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	box, err := deliver.NewMailbox(deliver.MailboxConfig{Templates: templates, Now: func() time.Time { return l.now }})
	if err != nil {
		t.Fatal(err)
	}
	if l.page, err = New(Config{Origin: "http://localhost", Mailbox: box, Started: now, Stories: http.NotFound, Story: http.NotFound}); err != nil {
		t.Fatal(err)
	}
	l.page.Routes(l.mux.Handle)
	return l
}

func (l *desk) get(method, host, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = host
	w := httptest.NewRecorder()
	l.mux.ServeHTTP(w, r)
	return w
}

// letters is what the page is told of the mailbox.
type letters struct {
	Since   int64
	Letters []struct {
		ID                    int64
		At                    time.Time
		Channel, Template, To string
		Subject, Text, Code   string
		HTML                  bool
	}
}

// box asks for the mailbox.
func (l *desk) box(query string) letters {
	l.t.Helper()
	w := l.get("GET", "localhost", "/dev/mailbox.json"+query, "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		l.t.Fatalf("mailbox: status %d, %v", w.Code, w.Header())
	}
	var got letters
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		l.t.Fatal(err)
	}
	return got
}

// post puts a message into the mailbox.
func (l *desk) post(m state.Message) {
	l.t.Helper()
	if err := l.page.Mailbox.Send(l.t.Context(), m); err != nil {
		l.t.Fatal(err)
	}
}

func codeMail(to, code string) state.Message {
	return state.Message{Channel: state.ByMail, Template: "email_code", To: to, Data: map[string]string{"code": code, "email": to}}
}

func TestMailboxLists(t *testing.T) {
	l := newDesk(t, time.Unix(1_900_000_000, 0))
	if got := l.box(""); len(got.Letters) != 0 || got.Since != l.now.UnixMilli() {
		t.Errorf("an empty mailbox answers %+v", got)
	}
	if body := l.get("GET", "localhost", "/dev/mailbox.json", "").Body.String(); !strings.Contains(body, `"letters":[]`) {
		t.Errorf("an empty mailbox answers %s", body)
	}
	l.post(codeMail("ann@example.org", "AAAA-1111"))
	l.now = l.now.Add(time.Minute)
	l.post(codeMail("bob@example.org", "BBBB-2222"))
	l.post(state.Message{Channel: state.BySMS, Template: "phone_code", To: "+31612345678", Data: map[string]string{"code": "333"}})
	for query, want := range map[string]string{
		"": "3 2 1", "?after=0": "3 2 1", "?after=1": "3 2", "?after=3": "", "?after=99": "", "?after=-5": "3 2 1", "?after=x": "3 2 1",
		"?to=ann@example.org": "1", "?to=BOB@example.org": "2", "?to=%2B31612345678&after=2": "3", "?to=nobody": "",
	} {
		var ids []string
		for _, letter := range l.box(query).Letters {
			ids = append(ids, fmt.Sprint(letter.ID))
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
	}
	all := l.box("").Letters
	if got := all[2]; got.Code != "AAAA-1111" || got.To != "ann@example.org" || got.Channel != "mail" || got.Template != "email_code" ||
		got.Subject == "" || !strings.Contains(got.Text, "AAAA-1111") || !got.HTML || !got.At.Equal(l.now.Add(-time.Minute)) {
		t.Errorf("the first letter is %+v", got)
	}
	if got := all[0]; got.Channel != "sms" || got.HTML || got.Subject != "" || got.Code != "333" {
		t.Errorf("the text message is %+v", got)
	}
}

func TestMailboxClears(t *testing.T) {
	l := newDesk(t, time.Unix(1_900_000_000, 0))
	l.post(codeMail("ann@example.org", "AAAA-1111"))
	if w := l.get("DELETE", "localhost", "/dev/mailbox", ""); w.Code != 204 || w.Body.Len() != 0 {
		t.Errorf("clearing: status %d, %q", w.Code, w.Body)
	}
	if got := l.box("").Letters; len(got) != 0 {
		t.Errorf("after clearing there is %+v", got)
	}
	l.post(codeMail("ann@example.org", "BBBB-2222"))
	if got := l.box("?after=1").Letters; len(got) != 1 || got[0].ID != 2 {
		t.Errorf("the next letter is told as %+v", got)
	}
}

// TestMailboxShowsLetters: a letter is somebody else's HTML, and this page frames it.
func TestMailboxShowsLetters(t *testing.T) {
	l := newDesk(t, time.Unix(1_900_000_000, 0))
	l.post(codeMail("ann@example.org", "AAAA-1111"))
	l.post(state.Message{Channel: state.BySMS, Template: "phone_code", To: "+31612345678", Data: map[string]string{"code": "333"}})
	w := l.get("GET", "localhost", "/dev/mailbox/1", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(w.Body.String(), "AAAA-1111") {
		t.Fatalf("the letter: status %d, %v, %s", w.Code, w.Header(), w.Body)
	}
	if got := strings.Join(w.Header().Values("X-Frame-Options"), ","); got != "SAMEORIGIN" {
		t.Errorf("X-Frame-Options is %q", got)
	}
	policy := w.Header().Get("Content-Security-Policy")
	for _, must := range []string{"default-src 'none'", "frame-ancestors 'self'", "sandbox "} {
		if !strings.Contains(policy, must) {
			t.Errorf("the policy %q lacks %q", policy, must)
		}
	}
	for _, never := range []string{"allow-scripts", "allow-same-origin", "script-src", "allow-forms"} {
		if strings.Contains(policy, never) {
			t.Errorf("the policy %q has %q", policy, never)
		}
	}
	if !strings.Contains(w.Body.String(), `<base target="_blank">`) {
		t.Error("the links of the letter open in its frame")
	}
	for _, id := range []string{"2", "3", "0", "-1", "x", "99999999999999999999"} {
		if w := l.get("GET", "localhost", "/dev/mailbox/"+id, ""); w.Code != 404 {
			t.Errorf("letter %s: status %d", id, w.Code)
		}
	}
}

// TestMailboxTellsOneProcessFromAnother: ids begin again, so the page must notice.
func TestMailboxTellsOneProcessFromAnother(t *testing.T) {
	began := time.Unix(1_900_000_000, 0)
	first, second := newDesk(t, began), newDesk(t, began.Add(time.Second))
	if a, b := first.box("").Since, second.box("").Since; b-a != 1000 {
		t.Errorf("two mailboxes are of %d and %d", a, b)
	}
}

package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// mailbox is an empty one whose clock stands still.
func mailbox(t *testing.T, size int) *Mailbox {
	t.Helper()
	b, err := NewMailbox(MailboxConfig{
		Templates: testTemplates(t, testSite()), Size: size,
		Now: func() time.Time { return time.Date(2026, 11, 23, 18, 20, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// post sends a template to somebody, or fails the test.
func post(t *testing.T, s notify.Sender, template, to string) {
	t.Helper()
	m := message(template)
	m.To = to
	if err := s.Send(t.Context(), m); err != nil {
		t.Error(err)
	}
}

func TestMailboxKeepsWhatWasSent(t *testing.T) {
	b := mailbox(t, 0)
	for _, template := range []string{"email_confirmation", "phone_code", "password_changed"} {
		post(t, b, template, message(template).To)
	}
	got := b.List("")
	if len(got) != 3 || got[0].Template != "password_changed" || got[2].Template != "email_confirmation" {
		t.Fatalf("not newest first: %+v", got)
	}
	link, code, note := got[2], got[1], got[0]
	if link.URL != testURL || link.Key != testKey || link.Code != "" || link.To != "john@example.org" || link.Channel != state.ByMail {
		t.Errorf("link: %+v", link)
	}
	if code.Code != testCode || code.Key != "" || code.URL != "" || code.To != "+491701234567" || code.Channel != state.BySMS {
		t.Errorf("code: %+v", code)
	}
	if note.Code != "" || note.Key != "" || note.URL != "" || note.ID != 3 || note.At.Hour() != 18 {
		t.Errorf("notice: %+v", note)
	}
	for _, l := range got {
		want, err := b.templates.Render(message(l.Template))
		if err != nil || l.Rendered != want {
			t.Errorf("%s: %+v, %v", l.Template, l.Rendered, err)
		}
		if again, ok := b.Get(l.ID); !ok || again != l {
			t.Errorf("Get(%d) = %+v, %v", l.ID, again, ok)
		}
	}
	if _, ok := b.Get(4); ok {
		t.Error("found a letter that was never there")
	}
}

func TestMailboxFilters(t *testing.T) {
	b := mailbox(t, 0)
	for _, to := range []string{"ada@example.org", "bob@example.org", "Ada@Example.org"} {
		post(t, b, "email_code", to)
	}
	for to, want := range map[string]string{
		"": "[3 2 1]", "ADA@example.org": "[3 1]", "bob@example.org": "[2]", "nobody@example.org": "[]", "ada": "[]",
	} {
		ids := []int64{}
		for _, l := range b.List(to) {
			ids = append(ids, l.ID)
		}
		if fmt.Sprint(ids) != want {
			t.Errorf("to %q: %v, want %s", to, ids, want)
		}
	}
	if b.List("nobody@example.org") == nil {
		t.Error("no letters is nil, which JSON writes as null")
	}
}

func TestMailboxForgets(t *testing.T) {
	b := mailbox(t, 3)
	for i := range 5 {
		post(t, b, "email_code", fmt.Sprintf("u%d@example.org", i+1))
	}
	got := b.List("")
	if len(got) != 3 || got[0].ID != 5 || got[2].To != "u3@example.org" {
		t.Errorf("%+v", got)
	}
	if _, ok := b.Get(2); ok {
		t.Error("a forgotten letter is still there")
	}
	b.Clear()
	if got := b.List(""); len(got) != 0 {
		t.Errorf("after Clear: %+v", got)
	}
	post(t, b, "email_code", "u6@example.org")
	if got := b.List(""); len(got) != 1 || got[0].ID != 6 {
		t.Errorf("an id is used again: %+v", got)
	}
}

func TestMailboxKeepsFiveHundred(t *testing.T) {
	b := mailbox(t, 0)
	for range 501 {
		post(t, b, "phone_taken", "+491701234567")
	}
	if got := b.List(""); len(got) != 500 || got[499].ID != 2 {
		t.Errorf("%d letters", len(got))
	}
}

func TestMailboxRefusesUnknownTemplates(t *testing.T) {
	b := mailbox(t, 0)
	if err := b.Send(t.Context(), state.Message{Channel: state.ByMail, Template: "nonsense"}); !errors.Is(err, notify.ErrPermanent) {
		t.Errorf("error %v", err)
	}
	if len(b.List("")) != 0 {
		t.Error("kept all the same")
	}
	for _, c := range []MailboxConfig{{}, {Templates: b.templates, Size: -1}} {
		if box, err := NewMailbox(c); err == nil || box != nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

// senderFunc is a notify.Sender in one function.
type senderFunc func(context.Context, state.Message) error

func (f senderFunc) Send(ctx context.Context, m state.Message) error { return f(ctx, m) }

func TestTee(t *testing.T) {
	b := mailbox(t, 0)
	var down error
	var sent []string
	s := b.Tee(senderFunc(func(_ context.Context, m state.Message) error {
		sent = append(sent, string(m.Template))
		return down
	}))
	post(t, s, "email_code", "ada@example.org")
	down = errors.New("down")
	if err := s.Send(t.Context(), message("login_code")); !errors.Is(err, down) {
		t.Errorf("error %v", err)
	}
	if fmt.Sprint(sent) != "[email_code login_code]" {
		t.Errorf("sent %v", sent)
	}
	if got := b.List(""); len(got) != 1 || got[0].Template != "email_code" {
		t.Errorf("kept %+v", got)
	}
	down = nil
	if err := s.Send(t.Context(), state.Message{Channel: state.ByMail, Template: "nonsense"}); err != nil {
		t.Errorf("a delivered message comes back because of its copy: %v", err)
	}
}

func TestMailboxIsSafeForManyAtOnce(t *testing.T) {
	b := mailbox(t, 50)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				post(t, b, "phone_code", fmt.Sprintf("+4917012345%02d", i))
				if got := b.List(""); len(got) > 50 || (len(got) > 1 && got[0].ID <= got[1].ID) {
					t.Errorf("%d letters, or out of order", len(got))
				}
				b.Get(1)
				if i == 0 {
					b.Clear()
				}
			}
		})
	}
	wg.Wait()
	post(t, b, "phone_code", "+4917012345678")
	if got := b.List(""); got[0].ID != 401 {
		t.Errorf("last id %d, want 401", got[0].ID)
	}
}

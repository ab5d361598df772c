package acme

import (
	"context"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/notify"
	"stagedoor/transport/server"
)

// TestLeave closes an account by the mailed code, over the plain contract.
func TestLeave(t *testing.T) {
	told := make(chan server.Event, 100)
	l := newLab(t, func(_ *config.Config, o *server.Options) {
		o.Events = func(_ context.Context, e server.Event) { told <- e }
	})
	access := l.somebody("ann@example.org")
	l.rest("/stages/acme.leave/", "", m{}).is(401)
	l.rest("/stages/acme.leave/", access, m{"why": strings.Repeat("x", 201)}).is(400)
	l.rest("/stages/acme.leave/", access, m{"why": "no time"}).waits("acme.leave_code")
	first := l.mail.code(t, "ann@example.org")
	l.rest("/stages/acme.leave_code/resend/", access, m{}).is(200)
	second := l.mail.code(t, "ann@example.org")
	l.rest("/stages/acme.leave_code/", access, m{"code": first}).is(400)
	if r := l.rest("/stages/acme.leave_code/", access, m{"code": second}).is(200); !strings.Contains(r.Raw, `"result":{"account":"closed"}`) {
		t.Errorf("the flow answers %s", r.Raw)
	}
	l.send("GET", "/auth/session/", access, nil).is(401)
	l.login("ann@example.org").is(400)
	if _, err := l.ValidateSessionToken(t.Context(), access); err == nil {
		t.Error("the session goes on")
	}
	kinds := make(map[server.EventKind]int)
	for kinds[server.AccountDisabled] == 0 || kinds[server.Failed] < 2 {
		select {
		case e := <-told:
			kinds[e.Kind]++
		case <-time.After(20 * time.Second):
			t.Fatalf("told of %v", kinds)
		}
	}
	if kinds[server.SignedUp] != 1 || kinds[server.EmailVerified] != 1 {
		t.Errorf("told of %v", kinds)
	}
}

// TestLeaveHeadless: an app is told what waits in its session; three wrong codes end it.
func TestLeaveHeadless(t *testing.T) {
	l := newLab(t)
	l.somebody("ann@example.org")
	token := l.app("/auth/login", "", m{"email": "ann@example.org", "password": password}).is(200).Meta.Token
	r := l.app("/auth/stages/acme.leave", token, m{}).is(200)
	if r.pending() != "acme.leave_code" {
		t.Errorf("what waits is %s", r.Raw)
	}
	l.app("/auth/stages/acme.leave_code/resend", token, m{}).is(200)
	l.app("/auth/stages/acme.leave_code/resend", token, m{}).is(200)
	l.app("/auth/stages/acme.leave_code/resend", token, m{}).is(409)
	for range 3 {
		l.app("/auth/stages/acme.leave_code", token, m{"code": "WRNG-WRNG"}).is(400)
	}
	l.app("/auth/stages/acme.leave_code", token, m{"code": "WRNG-WRNG"}).is(409)
	if r := l.send("GET", "/_allauth/app/v1/auth/session", token, nil).is(200); r.pending() != "" {
		t.Errorf("what waits is %s", r.Raw)
	}
}

// TestLeaveLimit: a code is asked for three times an hour.
func TestLeaveLimit(t *testing.T) {
	l := newLab(t)
	access := l.somebody("ann@example.org")
	for range 3 {
		l.rest("/stages/acme.leave/", access, m{}).waits("acme.leave_code")
	}
	l.rest("/stages/acme.leave/", access, m{}).is(400)
	other := l.somebody("bob@example.org")
	l.rest("/stages/acme.leave/", other, m{}).waits("acme.leave_code")
}

// TestLeaveMail reads the mail as it goes out.
func TestLeaveMail(t *testing.T) {
	words, err := notify.NewTemplates(notify.Site{Name: "Acme", URL: "https://acme.example"}, LeaveMail())
	if err != nil {
		t.Fatal(err)
	}
	got, err := words.Render(state.Message{
		Channel: state.ByMail, Template: "acme.leave", To: "ann@example.org", Data: map[string]string{"code": "BCDF-GHJK", "expires_in": "900"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Close your account", "\nBCDF-GHJK\n", "It works once, within 15 minutes. If you want to stay", "Sent to ann@example.org by Acme (acme.example)."} {
		if !strings.Contains(got.Subject+"\n"+got.Text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, got.Text)
		}
	}
	if !strings.Contains(got.HTML, "BCDF-GHJK") {
		t.Errorf("the page is\n%s", got.HTML)
	}
}

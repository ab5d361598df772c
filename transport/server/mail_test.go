package server_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/notify"
	"stagedoor/transport/server"
)

// messenger is a flow of another package that stores something and sends the message it
// is asked for.
type messenger struct{}

// Submit sends by the channel and of the template that were asked for.
func (messenger) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	return engine.Verdict{
		Exit: engine.OK, Writes: []engine.Write{state.SetAttribute{Key: "acme.sent", Value: "yes"}},
		Messages: []engine.Message{state.Message{Channel: state.Channel(s.Values.Text("channel")), Template: state.Template(s.Values.Text("template")), To: "ada@example.com"}},
	}, nil
}

func messaging() engine.Extension {
	return engine.Extension{
		Owner: "acme",
		Flows: []engine.Graph{{
			Flow: "acme.send", Title: "send a message", Start: "acme.form", OfSession: true,
			Nodes: engine.Nodes{
				"acme.form": {Stage: engine.Stage{
					ID: "acme.form", Kind: engine.Asks, Exits: engine.Exits{engine.OK: {}},
					Fields: []engine.Field{{Name: "channel", Type: engine.Text}, {Name: "template", Type: engine.Text}},
				}, Next: engine.Next{engine.OK: "acme.done"}},
				"acme.done": {Stage: engine.Stage{ID: "acme.done", Kind: engine.Ends}},
			},
		}},
		Handlers: map[engine.StageID]engine.Handler{"acme.form": messenger{}},
	}
}

// sender signs an account in and returns how it has a message sent: the status that comes
// back.
func sender(l *suite.Lab) (account state.AccountID, send func(channel, template string) int) {
	l.T.Helper()
	added, err := l.AddAccount(l.T.Context(), server.NewAccount{Email: "ada@example.com", EmailVerified: true})
	if err != nil {
		l.T.Fatal(err)
	}
	tok, err := l.CreateSessionToken(l.T.Context(), added.ID, "rest")
	if err != nil {
		l.T.Fatal(err)
	}
	return added.ID, func(channel, template string) int {
		body, err := json.Marshal(suite.M{"channel": channel, "template": template})
		if err != nil {
			l.T.Fatal(err)
		}
		return l.Get("POST", l.Host(), "/auth/stages/acme.send/", string(body), "Authorization", "Bearer "+tok).Code
	}
}

// TestMessagesWithoutWords: a message that nobody could send is an error where it is
// wanted, and nothing is stored.
func TestMessagesWithoutWords(t *testing.T) {
	known := notify.Template{Name: "acme.known", Channel: state.ByMail, Subject: "hello", Body: "hello"}
	l := suite.NewLab(t, suite.Development, func(_ *config.Config, o *server.Options) {
		o.Templates = []notify.Template{known}
		o.Extend = func(server.Parts) []engine.Extension { return []engine.Extension{messaging()} }
	})
	id, send := sender(l)
	for _, c := range []struct {
		channel, template string
		status            int
	}{
		{"mail", "acme.knwon", 500}, {"mail", "", 500}, {"sms", "acme.known", 500}, {"post", "acme.known", 500}, {"", "acme.known", 500},
		{"Mail", "acme.known", 500}, {"mail", "phone_code", 500}, {"mail", "acme.known", 200}, {"nobody", "nothing", 200},
	} {
		before := len(l.Mailbox().List(""))
		if got := send(c.channel, c.template); got != c.status {
			t.Errorf("%q by %q: status %d, want %d", c.template, c.channel, got, c.status)
		}
		account, err := l.Database().Account(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if stored := account.Attributes["acme.sent"] != ""; stored != (c.status == 200) {
			t.Errorf("%q by %q: stored is %v", c.template, c.channel, stored)
		}
		l.Quiet()
		if sent := len(l.Mailbox().List("")) - before; (sent == 1) != (c.status == 200 && c.channel == "mail") {
			t.Errorf("%q by %q: %d letters", c.template, c.channel, sent)
		}
		if c.status == 200 {
			if _, err := l.Ledger().Commit(t.Context(), state.Batch{Run: "undo", Account: id, Now: l.Clock.Read(), Writes: []state.Write{state.SetAttribute{Key: "acme.sent"}}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []string{`unknown template \"acme.knwon\"`, `unknown channel \"post\"`} {
		if !strings.Contains(l.Log.String(), want) {
			t.Errorf("the log does not say %s", want)
		}
	}
}

// TestOwnSendersHaveOwnWords: what a program's sender makes of a template is its business.
func TestOwnSendersHaveOwnWords(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, func(_ *config.Config, o *server.Options) {
		o.Extend = func(server.Parts) []engine.Extension { return []engine.Extension{messaging()} }
	})
	_, send := sender(l)
	if byMail, bySMS := send("mail", "acme.own"), send("sms", "acme.own"); byMail != 200 || bySMS != 500 {
		t.Errorf("status %d by mail, %d by sms, which nobody of the program's carries", byMail, bySMS)
	}
}

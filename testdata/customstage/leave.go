package acme

import (
	"context"
	"strconv"
	"time"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/transport/notify"
)

// Leave is a flow that closes the account of who is signed in, by a code that is mailed to
// it. A number of times, by the rates of "acme.leave", one may begin it.
func Leave(codes stages.Codes, rates engine.Rates) engine.Extension {
	form := engine.Stage{
		ID: "acme.leave_form", Kind: engine.Asks, Title: "the wish to close the account",
		Exits:  engine.Exits{engine.OK: {}},
		Fields: []engine.Field{{Name: "why", Type: engine.Text, MaxLength: 200, Help: "what made the person leave"}},
	}
	code := engine.Stage{
		ID: "acme.leave_code", Kind: engine.Asks, Wire: "acme.leave_code", Title: "the code that closes the account",
		Exits:   engine.Exits{engine.OK: {Proves: []engine.Proof{"acme.leave"}}},
		Fields:  []engine.Field{{Name: "code", Type: engine.CodeIn, Required: true, Help: "the code of the mail"}},
		Actions: []engine.Action{{Name: "resend", Max: 2}},
		Tries:   3,
	}
	left := engine.Stage{ID: "acme.left", Kind: engine.Ends, Title: "the account is closed"}
	return engine.Extension{
		Owner: "acme",
		Flows: []engine.Graph{{
			Flow: "acme.leave", Title: "close one's account", OfSession: true,
			Start: "form", Slot: "acme.leave", Lifetime: leaveTime,
			Nodes: engine.Nodes{
				"form": {Stage: form, Next: engine.Next{engine.OK: "code"}},
				"code": {Stage: code, Next: engine.Next{engine.OK: "left"}},
				"left": {Stage: left, Rules: []engine.Rule{{Proof: "acme.leave"}}},
			},
		}},
		Handlers: map[engine.StageID]engine.Handler{"acme.leave_form": leaveForm{rates}, "acme.leave_code": leaveCode{codes}},
	}
}

// leaveTime is how long the code is good.
const leaveTime = 15 * time.Minute

// LeaveMail is the words of the mail with the code.
func LeaveMail() notify.Template {
	return notify.Template{
		Name: "acme.leave", Channel: state.ByMail, Code: true,
		Subject: "Close your account",
		Body: `To close your account at {{.Site}}, enter this code where you were asked for it:
{{template "code" .}}
{{template "works" .}} If you want to stay, do nothing.`,
	}
}

type leaveForm struct{ rates engine.Rates }

// Limits counts by account how often a code is asked for.
func (l leaveForm) Limits(s engine.Submission) []engine.Take {
	return l.rates.Takes("acme.leave", engine.Counted{IP: s.Client.IP, User: s.Client.Account})
}

// Limited is the answer to asking too often.
func (l leaveForm) Limited(engine.Submission) []engine.FieldError {
	return []engine.FieldError{{Code: "rate_limited"}}
}

// Submit lets everybody go on.
func (l leaveForm) Submit(context.Context, engine.Submission) (engine.Verdict, error) {
	return engine.Verdict{Exit: engine.OK}, nil
}

type leaveCode struct{ stages.Codes }

// Enter mails a code. What is kept of it is no code.
func (l leaveCode) Enter(a engine.Arrival) (engine.Entered, error) {
	kept, mail := l.mail(a.Seed, a.Person.Email)
	return engine.Entered{Data: kept, Hint: a.Person.Email, Messages: mail}, nil
}

// Act mails another one.
func (l leaveCode) Act(_ context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	kept, mail := l.mail(s.Seed, s.Run.Hint)
	return engine.Acted{Data: kept, Messages: mail}, nil
}

func (l leaveCode) mail(seed engine.Seed, to string) (stages.Code, []engine.Message) {
	if to == "" {
		return stages.Code{}, nil
	}
	code, kept := l.New(seed, "acme.leave", to)
	return kept, []engine.Message{state.Message{Channel: state.ByMail, Template: "acme.leave", To: to, Data: map[string]string{
		"code": code, "expires_in": strconv.Itoa(int(leaveTime / time.Second)),
	}}}
}

// Submit closes the account, which ends all its sessions.
func (l leaveCode) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	var kept stages.Code
	if err := s.Data(&kept); err != nil {
		return engine.Verdict{}, err
	}
	if !l.Right(kept, s.Values.Text("code"), "acme.leave", s.Run.Hint) {
		return engine.Verdict{Errors: []engine.FieldError{{Param: "code", Code: "incorrect_code"}}}, nil
	}
	return engine.Verdict{
		Exit: engine.OK, Writes: []engine.Write{state.SetActive{Active: false}}, Reply: map[string]string{"account": "closed"},
	}, nil
}

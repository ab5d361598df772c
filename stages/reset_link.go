package stages

import (
	"context"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
)

// ResetLink asks for an address of the account, and mails it a link to reset the password.
func ResetLink() engine.Stage {
	return engine.Stage{
		ID: "reset_link", Kind: engine.Asks, Title: "whose password is forgotten",
		Exits:  engine.Exits{"sent": {}},
		Fields: []engine.Field{{Name: "email", Type: engine.EmailIn, Required: true, Help: "a mail address of the account"}},
	}
}

type resetLink struct{ *Env }

// Submit mails a link to the account of the address, or tells its reader that there is
// none. The answer is the same.
func (r resetLink) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	email := s.Values.Text("email")
	account, err := r.find(ctx, state.KeyEmail, email)
	if err != nil {
		return engine.Verdict{}, err
	}
	switch {
	case account != nil && account.Active:
		key := r.NewResetKey(account, email, s.Now)
		return engine.Verdict{Exit: "sent", Messages: []engine.Message{state.Message{
			Channel: state.ByMail, Template: state.PasswordResetKeyTemplate, To: email, Data: map[string]string{
				"key": key, "url": strings.ReplaceAll(r.ResetKeyURL, "{key}", key), "email": email, "user": account.Snapshot().Display(),
			},
		}}}, nil
	case r.PreventEnumeration == Shown:
		return wrong("email", "unknown_email"), nil
	}
	return engine.Verdict{Exit: "sent", Messages: r.unknownNotice(email)}, nil
}

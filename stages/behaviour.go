package stages

import "stagedoor/engine"

// Handlers returns the behaviour of the asking stages.
func (e *Env) Handlers() map[engine.StageID]engine.Handler {
	return map[engine.StageID]engine.Handler{
		"password":           password{e},
		"signup_form":        signup{e},
		"verify_email_link":  emailLink{e},
		"verify_email_code":  emailCode{e},
		"email_key":          emailKeyed{emailLink{e}},
		"email_request":      emailRequest{e},
		"mfa_authenticate":   factor{e},
		"mfa_reauthenticate": factor{e},
		"reauthenticate":     reauthenticate{e},
	}
}

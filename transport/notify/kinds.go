package notify

import (
	"slices"
	"time"

	"stagedoor/state"
)

// kind says what a message carries, hence for how long it is worth sending.
type kind int

const (
	notice kind = iota
	withCode
	withLink
)

// entry is what is fixed about a template.
type entry struct {
	channel state.Channel
	kind    kind
	// stranger is true where the recipient need not be the person who acted: anybody can
	// type an address. Such a message greets nobody by the name that was typed with it,
	// so that it carries nobody's own words.
	stranger bool
}

// catalogue lists every template of the contract. The names are those that
// django-allauth gives its mails, without their folder.
func catalogue() map[string]entry {
	return map[string]entry{
		"email_confirmation":        {state.ByMail, withLink, true},
		"email_confirmation_signup": {state.ByMail, withLink, true},
		"email_code":                {state.ByMail, withCode, true},
		"login_code":                {state.ByMail, withCode, false},
		"password_reset_key":        {state.ByMail, withLink, false},
		"password_reset_code":       {state.ByMail, withCode, false},
		"account_already_exists":    {state.ByMail, notice, true},
		"unknown_account":           {state.ByMail, notice, true},

		"phone_code":       {state.BySMS, withCode, false},
		"phone_login_code": {state.BySMS, withCode, false},
		"phone_taken":      {state.BySMS, notice, false},
		"phone_unknown":    {state.BySMS, notice, false},

		"password_changed":         {state.ByMail, notice, false},
		"password_reset":           {state.ByMail, notice, false},
		"password_set":             {state.ByMail, notice, false},
		"email_changed":            {state.ByMail, notice, false},
		"email_confirmed":          {state.ByMail, notice, false},
		"email_deleted":            {state.ByMail, notice, false},
		"totp_activated":           {state.ByMail, notice, false},
		"totp_deactivated":         {state.ByMail, notice, false},
		"recovery_codes_generated": {state.ByMail, notice, false},
		"webauthn_added":           {state.ByMail, notice, false},
		"webauthn_removed":         {state.ByMail, notice, false},
		"account_connected":        {state.ByMail, notice, false},
		"account_disconnected":     {state.ByMail, notice, false},
	}
}

// Names lists the templates, sorted.
func Names() []string {
	all := catalogue()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ChannelOf says how a template travels; false if there is no such template.
func ChannelOf(template string) (state.Channel, bool) {
	e, ok := catalogue()[template]
	return e.channel, ok
}

// MaxAge is how long after it was queued a message is still worth sending: 15 minutes
// for a code, 24 hours for a link or a notice. A code that is older has expired, or the
// person has long asked for another one.
func MaxAge(template string) time.Duration {
	if catalogue()[template].kind == withCode {
		return 15 * time.Minute
	}
	return 24 * time.Hour
}

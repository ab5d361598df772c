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
	// own is true for a template of a program: it sees all data of the message.
	own bool
}

// catalogue lists every template. The names of those that django-allauth has are those it
// gives its mails, without their folder.
func catalogue() map[string]entry {
	return map[string]entry{
		"email_confirmation":        {channel: state.ByMail, kind: withLink, stranger: true},
		"email_confirmation_signup": {channel: state.ByMail, kind: withLink, stranger: true},
		"email_code":                {channel: state.ByMail, kind: withCode, stranger: true},
		"login_code":                {channel: state.ByMail, kind: withCode},
		"password_reset_key":        {channel: state.ByMail, kind: withLink},
		"password_reset_code":       {channel: state.ByMail, kind: withCode},
		"account_already_exists":    {channel: state.ByMail, stranger: true},
		"unknown_account":           {channel: state.ByMail, stranger: true},

		"phone_code":       {channel: state.BySMS, kind: withCode},
		"phone_login_code": {channel: state.BySMS, kind: withCode},
		"phone_taken":      {channel: state.BySMS},
		"phone_unknown":    {channel: state.BySMS},

		"credentials_removed":       {channel: state.ByMail},
		"phone_credentials_removed": {channel: state.BySMS},

		"password_changed":         {channel: state.ByMail},
		"password_reset":           {channel: state.ByMail},
		"password_set":             {channel: state.ByMail},
		"email_changed":            {channel: state.ByMail},
		"email_confirmed":          {channel: state.ByMail},
		"email_deleted":            {channel: state.ByMail},
		"totp_activated":           {channel: state.ByMail},
		"totp_deactivated":         {channel: state.ByMail},
		"recovery_codes_generated": {channel: state.ByMail},
		"webauthn_added":           {channel: state.ByMail},
		"webauthn_removed":         {channel: state.ByMail},
		"account_connected":        {channel: state.ByMail},
		"account_disconnected":     {channel: state.ByMail},
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
func MaxAge(template string) time.Duration { return catalogue()[template].kind.maxAge() }

func (k kind) maxAge() time.Duration {
	if k == withCode {
		return 15 * time.Minute
	}
	return 24 * time.Hour
}

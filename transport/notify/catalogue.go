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
func catalogue() map[state.Template]entry {
	return map[state.Template]entry{
		state.EmailConfirmationTemplate:       {channel: state.ByMail, kind: withLink, stranger: true},
		state.EmailConfirmationSignupTemplate: {channel: state.ByMail, kind: withLink, stranger: true},
		state.EmailCodeTemplate:               {channel: state.ByMail, kind: withCode, stranger: true},
		state.LoginCodeTemplate:               {channel: state.ByMail, kind: withCode},
		state.PasswordResetKeyTemplate:        {channel: state.ByMail, kind: withLink},
		state.PasswordResetCodeTemplate:       {channel: state.ByMail, kind: withCode},
		state.AccountExistsTemplate:           {channel: state.ByMail, stranger: true},
		state.UnknownAccountTemplate:          {channel: state.ByMail, stranger: true},

		state.PhoneCodeTemplate:      {channel: state.BySMS, kind: withCode},
		state.PhoneLoginCodeTemplate: {channel: state.BySMS, kind: withCode},
		state.PhoneTakenTemplate:     {channel: state.BySMS},
		state.PhoneUnknownTemplate:   {channel: state.BySMS},

		state.CredentialsRemovedTemplate:      {channel: state.ByMail},
		state.PhoneCredentialsRemovedTemplate: {channel: state.BySMS},

		state.PasswordChangedTemplate:     {channel: state.ByMail},
		state.PasswordResetTemplate:       {channel: state.ByMail},
		state.PasswordSetTemplate:         {channel: state.ByMail},
		state.EmailChangedTemplate:        {channel: state.ByMail},
		state.EmailConfirmedTemplate:      {channel: state.ByMail},
		state.EmailDeletedTemplate:        {channel: state.ByMail},
		state.TOTPActivatedTemplate:       {channel: state.ByMail},
		state.TOTPDeactivatedTemplate:     {channel: state.ByMail},
		state.RecoveryCodesTemplate:       {channel: state.ByMail},
		state.WebAuthnAddedTemplate:       {channel: state.ByMail},
		state.WebAuthnRemovedTemplate:     {channel: state.ByMail},
		state.AccountConnectedTemplate:    {channel: state.ByMail},
		state.AccountDisconnectedTemplate: {channel: state.ByMail},
	}
}

// Names lists the templates, sorted.
func Names() []state.Template {
	all := catalogue()
	names := make([]state.Template, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ChannelOf says how a template travels; false if there is no such template.
func ChannelOf(template state.Template) (state.Channel, bool) {
	e, ok := catalogue()[template]
	return e.channel, ok
}

// MaxAge is how long after it was queued a message is still worth sending: 15 minutes
// for a code, 24 hours for a link or a notice. A code that is older has expired, or the
// person has long asked for another one.
func MaxAge(template state.Template) time.Duration { return catalogue()[template].kind.maxAge() }

func (k kind) maxAge() time.Duration {
	if k == withCode {
		return 15 * time.Minute
	}
	return 24 * time.Hour
}

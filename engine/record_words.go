package engine

import (
	"sync"

	"stagedoor/engine/compact"
)

// written is how many words the release before this one knows: it can read no number beyond
// them. A new word is read from its own release on, and written from the next.
const written = 148

// words are what records are made of most: each is stored as its number. What is not here is
// stored as it is, so nothing needs to be. The list may grow at its end and must not change
// otherwise. The first 24 take one byte, the others two.
var words = sync.OnceValue(func() *compact.Words {
	return compact.NewWords(written,
		"", "ok", "login", "password", "password_form", "account_due", "active", "account=active",
		"code_due", "not_required", "setting=off", "phone_due", "off", "email_due", "verified", "email=verified",
		"factor_due", "due", "factor=present", "mfa_authenticate", "trust_due", "skip", "none", "factor=none",

		// Slots.
		"email", "phone", "password_reset", "reauthenticate", "ceremony", "provider_signup", "oauth", "totp_secret",
		// Flows.
		"add_email", "change_email", "change_phone", "disown", "email_confirmation", "login_by_code", "mfa_login_webauthn",
		"mfa_reauthenticate", "mfa_signup_webauthn", "password_reset_by_code", "password_reset_request", "provider_redirect",
		"provider_token", "reauthenticate_by_code", "request_email", "resend_email", "signup", "webauthn_add",
		"webauthn_reauthenticate",
		// Nodes.
		"added", "assertion", "code_recipient", "code_request", "connect_due", "connected", "credential", "disown_key",
		"disowned", "done", "email_add", "email_key", "email_request", "email_resend", "login_code", "login_on_reset",
		"mfa_trust", "passkey_form", "password_set", "phone_request", "pretend", "provider_form", "reauthenticated",
		"refused", "reset_code", "reset_key", "reset_link", "reset_request", "session", "signup_form", "signup_waits",
		"verification_request", "verify_email", "verify_phone",
		// Exits.
		"again", "anonymous", "closed", "connect", "created", "disabled", "incomplete", "known", "missing", "no",
		"not_recent", "offer", "optional", "presence", "present", "proved", "recent", "required", "sent", "signed_out",
		"spent", "taken", "trusted", "unknown", "unreachable", "unverified", "void", "yes",
		// Reasons.
		"held", "account=disabled", "proved=code", "trusted=code", "address=none", "setting=required", "setting=optional",
		"email=missing", "email=unverified", "proved=second", "setting=presence", "trusted=second", "phone=missing",
		"phone=none", "phone=verified", "phone=unverified", "browser=no", "spares=second", "spares=code", "spares=nothing",
		"setting=on", "connect=recent", "connect=not_recent", "connect=anonymous", "connect=taken",
		// Methods, and what they were used with.
		"mfa", "code", "socialaccount", "recovery_codes", "totp", "webauthn",
		// Actions.
		"resend", "change", "options", "info",
		// Bound sessions.
		"binds=no",
	)
})

package server

import (
	"slices"

	"stagedoor/state"
	"stagedoor/transport/config"
)

// publicConfig is what GET config answers: nothing that is not for everybody. The first four
// members are those of django-allauth.
type publicConfig struct {
	Account       publicAccount   `json:"account" about:"Sign-up and sign-in."`
	SocialAccount publicSocial    `json:"socialaccount" about:"Third parties."`
	MFA           publicMFA       `json:"mfa" about:"Second factors and passkeys."`
	UserSessions  publicSessions  `json:"usersessions" about:"Sessions."`
	Features      *publicFeatures `json:"features,omitempty"`
}

type publicAccount struct {
	LoginMethods        []string `json:"login_methods" about:"What a person can sign in with." known:"email,phone,username"`
	OpenForSignup       bool     `json:"is_open_for_signup" about:"Whether people can sign up."`
	EmailByCode         bool     `json:"email_verification_by_code_enabled" about:"Whether an address is verified by a code rather than a link."`
	LoginByCode         bool     `json:"login_by_code_enabled" about:"Whether a code can be asked for instead of a password."`
	PasswordResetByCode bool     `json:"password_reset_by_code_enabled" about:"Whether a password is reset by a code rather than a link."`
	// AuthenticationMethod is what older clients look at.
	AuthenticationMethod string `json:"authentication_method,omitempty" about:"The first of these for older clients: email, username or username_email."`
}

type publicSocial struct {
	Providers []state.Provider `json:"providers" about:"The third parties that can be used to sign in."`
}

type publicMFA struct {
	SupportedTypes []string `json:"supported_types" about:"The kinds of second factor on offer." known:"recovery_codes,totp,webauthn"`
	PasskeyLogin   bool     `json:"passkey_login_enabled" about:"Whether a passkey is enough to sign in."`
}

type publicSessions struct {
	TrackActivity bool `json:"track_activity" about:"Whether sessions tell when they were last seen."`
}

// SchemaName names the schema in documents, and says what it is.
func (publicConfig) SchemaName() (name, about string) {
	return "Configuration", "What the server offers everybody."
}

// with is the configuration with what is switched on.
func (p publicConfig) with(f publicFeatures) publicConfig {
	p.Features = &f
	return p
}

// newPublicConfig is the data of GET config.
func newPublicConfig(c config.Config, providers []state.Provider) publicConfig {
	a := c.Account
	methods := slices.Sorted(slices.Values(a.LoginMethods))
	p := publicConfig{
		Account: publicAccount{
			LoginMethods: methods, OpenForSignup: a.SignupEnabled, EmailByCode: a.EmailVerificationByCodeEnabled,
			LoginByCode: a.LoginByCodeEnabled, PasswordResetByCode: a.PasswordResetByCodeEnabled,
		},
		SocialAccount: publicSocial{Providers: providers},
		MFA:           publicMFA{SupportedTypes: c.MFA.SupportedTypes, PasskeyLogin: c.MFA.PasskeyLoginEnabled},
		UserSessions:  publicSessions{TrackActivity: c.UserSessions.TrackActivity},
	}
	email, username := slices.Contains(methods, "email"), slices.Contains(methods, "username")
	switch {
	case email && username:
		p.Account.AuthenticationMethod = "username_email"
	case email:
		p.Account.AuthenticationMethod = "email"
	case username:
		p.Account.AuthenticationMethod = "username"
	}
	return p
}

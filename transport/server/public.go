package server

import (
	"slices"

	"stagedoor/state"
	"stagedoor/transport/config"
)

// publicConfig is what GET config answers: nothing that is not for everybody.
type publicConfig struct {
	Account       publicAccount  `json:"account"`
	SocialAccount publicSocial   `json:"socialaccount"`
	MFA           publicMFA      `json:"mfa"`
	UserSessions  publicSessions `json:"usersessions"`
}

type publicAccount struct {
	LoginMethods        []string `json:"login_methods"`
	OpenForSignup       bool     `json:"is_open_for_signup"`
	EmailByCode         bool     `json:"email_verification_by_code_enabled"`
	LoginByCode         bool     `json:"login_by_code_enabled"`
	PasswordResetByCode bool     `json:"password_reset_by_code_enabled"`
	// AuthenticationMethod is what older clients look at.
	AuthenticationMethod string `json:"authentication_method,omitempty"`
}

type publicSocial struct {
	Providers []state.Provider `json:"providers"`
}

type publicMFA struct {
	SupportedTypes []string `json:"supported_types"`
	PasskeyLogin   bool     `json:"passkey_login_enabled"`
}

type publicSessions struct {
	TrackActivity bool `json:"track_activity"`
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

package server

import (
	"slices"
	"strings"
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
	Providers []publicProvider `json:"providers"`
}

type publicProvider struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	ClientID string   `json:"client_id,omitempty"`
	Flows    []string `json:"flows"`
	OpenID   string   `json:"openid_configuration_url,omitempty"`
}

type publicMFA struct {
	SupportedTypes []string `json:"supported_types"`
	PasskeyLogin   bool     `json:"passkey_login_enabled"`
}

type publicSessions struct {
	TrackActivity bool `json:"track_activity"`
}

// public is the data of GET config.
func (c Config) public() publicConfig {
	a := c.Account
	methods := slices.Sorted(slices.Values(a.LoginMethods))
	p := publicConfig{
		Account: publicAccount{
			LoginMethods: methods, OpenForSignup: a.SignupOpen, EmailByCode: a.EmailVerificationByCodeEnabled,
			LoginByCode: a.LoginByCodeEnabled, PasswordResetByCode: a.PasswordResetByCodeEnabled,
		},
		SocialAccount: publicSocial{Providers: []publicProvider{}},
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
	for _, pr := range c.SocialAccount.Providers {
		p.SocialAccount.Providers = append(p.SocialAccount.Providers, pr.public())
	}
	return p
}

func (p Provider) public() publicProvider {
	out := publicProvider{ID: p.Key(), Name: p.Name, ClientID: p.ClientID, Flows: []string{"provider_redirect", "provider_token"}}
	if out.Name == "" {
		out.Name = p.Key()
	}
	if p.Provider == "openid_connect" {
		out.OpenID = strings.TrimSuffix(p.ServerURL, "/")
		if !strings.Contains(out.OpenID, "/.well-known/") {
			out.OpenID += "/.well-known/openid-configuration"
		}
	}
	return out
}

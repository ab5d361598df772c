package server

import (
	"slices"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
	"stagedoor/transport/config"
)

// publicFeatures is what a front end must know to show what this server has, without trying
// it: all members are there whatever is switched on.
type publicFeatures struct {
	Signup           publicSignup           `json:"signup" about:"How accounts are made."`
	Login            publicLogin            `json:"login" about:"How people sign in, besides by a password."`
	Email            publicEmail            `json:"email" about:"Addresses and their verification."`
	Phone            publicPhone            `json:"phone" about:"Numbers and their verification."`
	Password         publicPassword         `json:"password" about:"Passwords, and how forgotten ones are reset."`
	SecondFactor     publicSecondFactor     `json:"second_factor" about:"What accounts can have besides a password."`
	Reauthentication publicReauthentication `json:"reauthentication" about:"How a signed-in person proves again who they are."`
	Tokens           publicTokens           `json:"tokens" about:"What clients are known by."`
	Codes            publicCodes            `json:"codes" about:"What codes look like, by what they are for."`
}

type publicSignup struct {
	Open     bool                `json:"open" about:"Whether people can sign up."`
	Provider bool                `json:"provider" about:"Whether they can sign up by a third party."`
	Passkey  bool                `json:"passkey" about:"Whether they can sign up with a passkey instead of a password."`
	Fields   []publicSignupField `json:"fields" about:"What a sign-up asks for, in this order."`
}

type publicSignupField struct {
	Name     string `json:"name" about:"The member of the body." known:"email,username,phone,password"`
	Required bool   `json:"required" about:"Whether it must be there."`
}

type publicLogin struct {
	Code      bool     `json:"code" about:"Whether a code can be asked for instead."`
	CodeAfter []string `json:"code_after" about:"After which ways in a code is asked for besides." known:"password,mfa,socialaccount"`
	Resend    bool     `json:"code_resend" about:"Whether a code can be sent again."`
	Passkey   bool     `json:"passkey" about:"Whether a passkey is enough."`
	Provider  bool     `json:"provider" about:"Whether third parties are set up."`
}

type publicEmail struct {
	Verification string `json:"verification" about:"Whether an address must be verified before there is a session, should be, or need not be." known:"mandatory,optional,none"`
	Code         bool   `json:"code" about:"Whether it is verified by a code rather than a link."`
	Resend       bool   `json:"code_resend" about:"Whether that code can be sent again."`
	Change       bool   `json:"code_change" about:"Whether the address can be changed while its code is waited for."`
	Most         int    `json:"max_addresses" about:"How many addresses an account can have; 0 is any number."`
}

type publicPhone struct {
	Enabled      bool `json:"enabled" about:"Whether accounts have numbers."`
	Verification bool `json:"verification" about:"Whether numbers are verified by a code."`
	Resend       bool `json:"code_resend" about:"Whether that code can be sent again."`
	Change       bool `json:"code_change" about:"Whether the number can be changed while its code is waited for."`
}

type publicPassword struct {
	MinLength int  `json:"min_length" about:"In characters."`
	ResetCode bool `json:"reset_code" about:"Whether a reset goes by a code rather than a link."`
	ResetIn   bool `json:"reset_signs_in" about:"Whether a reset signs in."`
}

type publicSecondFactor struct {
	TOTP          bool `json:"totp" about:"One-time codes of an app."`
	RecoveryCodes bool `json:"recovery_codes" about:"Codes on paper."`
	ShownOnce     bool `json:"recovery_codes_shown_once" about:"Whether recovery codes are shown only when they are made."`
	WebAuthn      bool `json:"webauthn" about:"Security keys and passkeys."`
	Upgrade       bool `json:"passkey_upgrade" about:"Whether a browser may make a passkey by itself after a sign-in with a password."`
	Trust         bool `json:"trust" about:"Whether a browser can be trusted, so that it is not asked again. Apps cannot."`
}

type publicReauthentication struct {
	Methods []string `json:"methods" about:"The ways there are." known:"password,code,mfa,socialaccount"`
	Timeout float64  `json:"timeout" about:"How long a proof is good for, in seconds."`
	Account bool     `json:"account_changes" about:"Whether changes of addresses and numbers ask for one, and a first password."`
	Social  bool     `json:"provider_changes" about:"Whether it is asked for before accounts at third parties are connected and disconnected."`
	Factors bool     `json:"authenticator_changes" about:"Whether changes of authenticators ask for one, and a look at recovery codes."`
}

type publicTokens struct {
	JWT     bool `json:"jwt" about:"Whether apps are given JSON Web Tokens besides."`
	Refresh bool `json:"refresh" about:"Whether they are exchanged at tokens/refresh."`
}

type publicCodes struct {
	Login            publicCode `json:"login" about:"To sign in with, alone or besides."`
	Reauthentication publicCode `json:"reauthentication" about:"To prove again who one is."`
	Email            publicCode `json:"email_verification" about:"To verify an address."`
	Phone            publicCode `json:"phone_verification" about:"To verify a number."`
	Reset            publicCode `json:"password_reset" about:"To reset a password."`
	TOTP             publicCode `json:"totp" about:"What an authenticator app shows."`
	Recovery         publicCode `json:"recovery" about:"Recovery codes."`
}

type publicCode struct {
	Length  int  `json:"length" about:"In characters, without dashes."`
	Numeric bool `json:"numeric" about:"Digits alone; else letters."`
	Dashed  bool `json:"dashed" about:"Whether it is shown with dashes. They may be left out where it is typed."`
}

// SchemaName names the schema in documents, and says what it is.
func (publicFeatures) SchemaName() (name, about string) { return "Features", "What is switched on." }

// SchemaName names the schema in documents, and says what it is.
func (publicCode) SchemaName() (name, about string) { return "CodeFormat", "What a code looks like." }

// newFeatures tells what is switched on; flows are those that the server has.
func newFeatures(c config.Config, has func(engine.FlowID) bool, trust bool) publicFeatures {
	a, m := c.Account, c.MFA
	factor := func(kind string) bool { return slices.Contains(m.SupportedTypes, kind) }
	most := a.MaxEmailAddresses
	if a.ChangeEmail {
		most = 1
	}
	return publicFeatures{
		Signup: publicSignup{
			Open: a.SignupEnabled && has(flows.SignupFlow), Provider: len(c.SocialAccount.Providers) > 0 && c.SocialSignupOpen(),
			Passkey: has(flows.PasskeySignupFlow) && a.SignupEnabled, Fields: signupFields(a),
		},
		Login: publicLogin{
			Code: has(flows.LoginByCodeFlow), CodeAfter: codeAfterWays(a), Resend: a.LoginByCodeSupportsResend > 0,
			Passkey: has(flows.PasskeyLoginFlow), Provider: len(c.SocialAccount.Providers) > 0,
		},
		Email: publicEmail{
			Verification: a.EmailVerification, Code: a.EmailVerificationByCodeEnabled,
			Resend: a.EmailVerificationSupportsResend > 0, Change: a.EmailVerificationSupportsChange > 0, Most: most,
		},
		Phone: publicPhone{
			Enabled: a.UsesPhone(), Verification: a.UsesPhone() && a.PhoneVerificationEnabled,
			Resend: a.PhoneVerificationSupportsResend > 0, Change: a.PhoneVerificationSupportsChange > 0,
		},
		Password: publicPassword{MinLength: a.PasswordMinLength, ResetCode: has(flows.ResetByCodeFlow), ResetIn: a.LoginOnPasswordReset},
		SecondFactor: publicSecondFactor{
			TOTP: factor("totp"), RecoveryCodes: factor("recovery_codes"), ShownOnce: m.RecoveryCodesShowOnce, WebAuthn: factor("webauthn"), Upgrade: m.PasskeyUpgradeEnabled, Trust: trust,
		},
		Reauthentication: publicReauthentication{
			Methods: c.ProofMethods(), Timeout: a.ReauthenticationTimeout.Duration().Seconds(), Account: a.ReauthenticationRequired,
			Social: c.ReauthenticatesProviders(), Factors: c.MFA.ReauthenticationRequired,
		},
		Tokens: publicTokens{JWT: c.Headless.TokenStrategy == "jwt", Refresh: c.Headless.TokenStrategy == "jwt"},
		Codes:  newCodes(c),
	}
}

// signupFields are what a sign-up asks for, by the names of the body.
func signupFields(a config.Account) []publicSignupField {
	out := []publicSignupField{}
	for _, name := range []string{"email", "username", "phone", "password"} {
		key := name
		if name == "password" {
			key = "password1"
		}
		if asked, required := a.SignupField(key); asked {
			out = append(out, publicSignupField{Name: name, Required: required})
		}
	}
	return out
}

// codeAfterWays are the ways in after which a code is asked for.
func codeAfterWays(a config.Account) []string {
	out := []string{}
	for _, way := range []string{"password", "mfa", "socialaccount"} {
		if a.LoginByCodeRequired.After(way) {
			out = append(out, way)
		}
	}
	return out
}

// newCodes are the formats of codes.
func newCodes(c config.Config) publicCodes {
	look := func(f stages.CodeFormat) publicCode {
		return publicCode{Length: f.Length, Numeric: f.Numeric, Dashed: f.Dashed}
	}
	f := c.CodeFormats()
	return publicCodes{
		Login: look(f.Login), Reauthentication: look(f.Login), Email: look(f.Email), Phone: look(f.Phone), Reset: look(f.Reset),
		TOTP: publicCode{Length: c.MFA.TOTPDigits, Numeric: true}, Recovery: publicCode{Length: c.MFA.RecoveryCodeDigits, Numeric: true},
	}
}

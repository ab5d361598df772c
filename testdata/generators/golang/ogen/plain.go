package main

import (
	"context"
	"fmt"
	"log"

	"example.org/generated/desk"
	"example.org/generated/ogen/plain"
)

// bearer is the token of a session, once there is one.
type bearer struct{ token string }

// Bearer hands it to the operations that ask for it.
func (b *bearer) Bearer(context.Context, plain.OperationName) (plain.Bearer, error) {
	return plain.Bearer{Token: b.token}, nil
}

// walkPlain takes the same journey on the plain contract, by bearer tokens.
func walkPlain(ctx context.Context) {
	session := new(bearer)
	api, err := plain.NewClient(desk.Server(), session)
	if err != nil {
		log.Fatal(err)
	}
	ann := &plain.LoginRequest{Email: desk.Email(), Password: desk.Password}

	signup := is[*plain.SignupAnswer](api.Signup(ctx, &plain.SignupRequest{Email: desk.Email(), Password: desk.Password}))
	desk.Must(signup.Flow.Value == "verify_email", "signup", signup)
	is[*plain.Verified](api.VerifyEmail(ctx, &plain.VerifyEmailRequest{Key: desk.Key()}))
	session.token = is[*plain.Entered](api.Login(ctx, ann)).AccessToken

	secret := is[*plain.TOTPSecret](api.OfferTOTP(ctx)).Secret
	activate := func() (plain.ActivateTOTPRes, error) {
		return api.ActivateTOTP(ctx, &plain.ActivateTOTPRequest{Secret: secret, Code: desk.TOTP(secret)})
	}
	active, err := activate()
	if asked, ok := active.(*plain.NotAuthenticated); ok {
		desk.Must(asked.Flow.Value == "reauthenticate", "POST mfa/totp/confirm", asked)
		is[*plain.StartReauthenticateAnswer](api.StartReauthenticate(ctx, &plain.StartReauthenticateRequest{Password: desk.Password}))
		active, err = activate()
	}
	is[*plain.AuthenticatorAdded](active, err)
	is[*plain.LoggedOut](api.Logout(ctx))

	again := is[*plain.Unfinished](api.Login(ctx, ann))
	desk.Must(again.Flow.Value == "mfa_authenticate", "second login", again)
	session.token = is[*plain.Entered](api.AuthenticateSecondFactor(ctx, &plain.AuthenticateSecondFactorRequest{
		Token: again.FlowToken.Value, Code: plain.NewOptString(desk.TOTP(secret)),
	})).AccessToken

	end := is[*plain.SessionAnswer](api.GetSession(ctx))
	fmt.Printf("%s is signed in by", end.User.Email)
	for _, method := range end.Methods {
		fmt.Printf(" %s", method.Method)
	}
	fmt.Println()
}

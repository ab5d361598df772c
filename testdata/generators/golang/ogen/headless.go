package main

import (
	"context"
	"fmt"
	"log"

	"example.org/generated/desk"
	"example.org/generated/ogen/headless"
)

// pending is the flow that the server waits for.
func pending(flows []headless.Flow) string {
	for _, flow := range flows {
		if flow.IsPending.Or(false) {
			return string(flow.ID)
		}
	}
	return ""
}

// secrets would be the cookies of a browser. An app has its token, which the HTTP client puts
// in the place of this one.
type secrets struct{ headless.SecuritySource }

// SessionToken stands where the token goes.
func (secrets) SessionToken(context.Context, headless.OperationName) (headless.SessionToken, error) {
	return headless.SessionToken{}, nil
}

// walkHeadless takes it on the headless contract.
func walkHeadless(ctx context.Context) {
	api, err := headless.NewClient(desk.Server()+"/_allauth", secrets{}, headless.WithClient(desk.App()))
	if err != nil {
		log.Fatal(err)
	}
	ann := &headless.LoginRequest{Email: desk.Email(), Password: desk.Password}

	signup := is[*headless.NotAuthenticated](api.AppSignup(ctx, &headless.SignupRequest{Email: desk.Email(), Password: desk.Password}))
	desk.Must(pending(signup.Data.Flows) == "verify_email", "signup", signup)
	verified := is[*headless.NotAuthenticated](api.AppVerifyEmail(ctx, &headless.VerifyEmailRequest{Key: desk.Key()}))
	desk.Must(pending(verified.Data.Flows) == "", "email/verify", verified)
	is[*headless.Authenticated](api.AppLogin(ctx, ann))

	secret := is[*headless.NoTOTP](api.AppGetTOTP(ctx)).Meta.Secret
	activate := func() (headless.AppActivateTOTPRes, error) {
		return api.AppActivateTOTP(ctx, &headless.ActivateTOTPRequest{Code: desk.TOTP(secret)})
	}
	active, err := activate()
	if _, asked := active.(*headless.AuthenticationRequired); asked {
		is[*headless.Authenticated](api.AppReauthenticate(ctx, &headless.ReauthenticateRequest{Password: desk.Password}))
		active, err = activate()
	}
	is[*headless.AuthenticatorAnswer](active, err)

	is[*headless.NotAuthenticated](api.AppDeleteSession(ctx))
	again := is[*headless.NotAuthenticated](api.AppLogin(ctx, ann))
	desk.Must(pending(again.Data.Flows) == "mfa_authenticate", "second login", again)
	is[*headless.Authenticated](api.AppAuthenticateSecondFactor(ctx,
		&headless.AuthenticateSecondFactorRequest{Code: desk.TOTP(secret)}))

	end := is[*headless.Authenticated](api.AppGetSession(ctx))
	fmt.Printf("%s is signed in by", end.Data.User.Email.Or("nobody"))
	for _, method := range end.Data.Methods {
		fmt.Printf(" %s", method.Method)
	}
	fmt.Println()
}

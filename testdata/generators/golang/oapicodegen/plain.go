package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/oapi-codegen/runtime/types"

	"example.org/generated/desk"
	"example.org/generated/oapicodegen/plain"
)

// walkPlain takes the same journey on the plain contract, by bearer tokens.
func walkPlain(ctx context.Context) {
	var token string
	bearer := func(_ context.Context, r *http.Request) error {
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return nil
	}
	api := must(plain.NewClientWithResponses(desk.Server(), plain.WithRequestEditorFn(bearer)))
	email := types.Email(desk.Email())
	ann := plain.LoginRequest{Email: email, Password: desk.Password}

	signup := must(api.SignupWithResponse(ctx, plain.SignupRequest{Email: email, Password: desk.Password}))
	desk.Must(signup.JSON200 != nil && is(signup.JSON200.Flow, "verify_email"), "signup", signup)
	verified := must(api.VerifyEmailWithResponse(ctx, plain.VerifyEmailRequest{Key: desk.Key()}))
	desk.Must(verified.JSON200 != nil, "email/verify", verified)
	entered := must(api.LoginWithResponse(ctx, ann))
	desk.Must(entered.JSON200 != nil, "login", entered)
	token = entered.JSON200.AccessToken

	offer := must(api.OfferTOTPWithResponse(ctx))
	desk.Must(offer.JSON200 != nil, "mfa/totp/add", offer)
	secret := offer.JSON200.Secret
	activate := func() *plain.ActivateTOTPResponse {
		return must(api.ActivateTOTPWithResponse(ctx, plain.ActivateTOTPRequest{Secret: secret, Code: desk.TOTP(secret)}))
	}
	active := activate()
	if active.JSON401 != nil {
		desk.Must(is(active.JSON401.Flow, "reauthenticate"), "mfa/totp/confirm", active)
		proof := must(api.StartReauthenticateWithResponse(ctx, plain.StartReauthenticateRequest{Password: desk.Password}))
		desk.Must(proof.JSON200 != nil, "stages/reauthenticate", proof)
		active = activate()
	}
	desk.Must(active.JSON200 != nil, "mfa/totp/confirm", active)
	out := must(api.LogoutWithResponse(ctx))
	desk.Must(out.JSON200 != nil, "logout", out)
	token = ""

	again := must(api.LoginWithResponse(ctx, ann))
	desk.Must(again.JSON401 != nil && is(again.JSON401.Flow, "mfa_authenticate") && again.JSON401.FlowToken != nil, "second login", again)
	code := desk.TOTP(secret)
	second := must(api.AuthenticateSecondFactorWithResponse(ctx, plain.AuthenticateSecondFactorRequest{Token: *again.JSON401.FlowToken, Code: &code}))
	desk.Must(second.JSON200 != nil, "mfa/authenticate", second)
	token = second.JSON200.AccessToken

	end := must(api.GetSessionWithResponse(ctx))
	desk.Must(end.JSON200 != nil, "session", end)
	fmt.Printf("%s is signed in by", end.JSON200.User.Email)
	for _, method := range end.JSON200.Methods {
		fmt.Printf(" %s", method.Method)
	}
	fmt.Println()
}

// is reports whether a text is there and is the wanted one.
func is(got *string, want string) bool { return got != nil && *got == want }

package main

import (
	"context"
	"fmt"

	"github.com/oapi-codegen/runtime/types"

	"example.org/generated/desk"
	"example.org/generated/oapicodegen/headless"
)

// pending is the flow that the server waits for.
func pending(flows []headless.Flow) string {
	for _, flow := range flows {
		if flow.IsPending != nil && *flow.IsPending {
			return string(flow.Id)
		}
	}
	return ""
}

// walkHeadless takes it on the headless contract.
func walkHeadless(ctx context.Context) {
	api := must(headless.NewClientWithResponses(desk.Server()+"/_allauth", headless.WithHTTPClient(desk.App())))
	email := types.Email(desk.Email())
	login := headless.AppLoginJSONRequestBody{Email: email, Password: desk.Password}

	signup := must(api.AppSignupWithResponse(ctx, headless.AppSignupJSONRequestBody{Email: email, Password: desk.Password}))
	desk.Must(signup.JSON401 != nil && pending(signup.JSON401.Data.Flows) == "verify_email", "signup", signup)
	verified := must(api.AppVerifyEmailWithResponse(ctx, headless.AppVerifyEmailJSONRequestBody{Key: desk.Key()}))
	desk.Must(verified.JSON401 != nil && pending(verified.JSON401.Data.Flows) == "", "email/verify", verified)
	entered := must(api.AppLoginWithResponse(ctx, login))
	desk.Must(entered.JSON200 != nil, "login", entered)

	none := must(api.AppGetTOTPWithResponse(ctx))
	desk.Must(none.JSON404 != nil, "GET totp", none)
	secret := none.JSON404.Meta.Secret
	activate := func() *headless.AppActivateTOTPResponse {
		return must(api.AppActivateTOTPWithResponse(ctx, headless.AppActivateTOTPJSONRequestBody{Code: desk.TOTP(secret)}))
	}
	active := activate()
	if active.JSON401 != nil {
		proof := must(api.AppReauthenticateWithResponse(ctx, headless.AppReauthenticateJSONRequestBody{Password: desk.Password}))
		desk.Must(proof.JSON200 != nil, "reauthenticate", proof)
		active = activate()
	}
	desk.Must(active.JSON200 != nil, "POST totp", active)

	out := must(api.AppDeleteSessionWithResponse(ctx))
	desk.Must(out.JSON401 != nil, "logout", out)
	again := must(api.AppLoginWithResponse(ctx, login))
	desk.Must(again.JSON401 != nil && pending(again.JSON401.Data.Flows) == "mfa_authenticate", "second login", again)
	second := must(api.AppAuthenticateSecondFactorWithResponse(ctx, headless.AppAuthenticateSecondFactorJSONRequestBody{Code: desk.TOTP(secret)}))
	desk.Must(second.JSON200 != nil, "2fa/authenticate", second)

	end := must(api.AppGetSessionWithResponse(ctx))
	desk.Must(end.JSON200 != nil, "session", end)
	fmt.Printf("%s is signed in by", *end.JSON200.Data.User.Email)
	for _, method := range end.JSON200.Data.Methods {
		fmt.Printf(" %s", method.Method)
	}
	fmt.Println()
}

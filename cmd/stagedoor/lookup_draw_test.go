//go:build !race

package main

import (
	"strings"
	"testing"

	"stagedoor/engine/draw"
)

// contractFlows are the flow ids of the headless contract.
func contractFlows() []string {
	return []string{
		"login", "login_by_code", "signup", "provider_redirect", "provider_token", "provider_signup",
		"mfa_login_webauthn", "mfa_signup_webauthn", "password_reset_by_code", "verify_email", "verify_phone",
		"mfa_authenticate", "mfa_trust", "reauthenticate", "mfa_reauthenticate",
	}
}

// TestEveryFlowOfTheContractAnswers draws, checks and explains each, in every format. It has
// one goroutine, so that the race detector would find nothing and take two minutes for it.
func TestEveryFlowOfTheContractAnswers(t *testing.T) {
	t.Parallel()
	for _, id := range contractFlows() {
		for _, format := range draw.Formats() {
			if out := ran(t, "graph", id, "--format", string(format)); !strings.Contains(out, id) && format != draw.PNGFile {
				t.Errorf("graph %s as %s has no %s in it", id, format, id)
			}
		}
		for _, args := range [][]string{{"check", id}, {"check", id, "--json"}, {"explain", id}, {"explain", id, "--json"}} {
			if out := ran(t, args...); !strings.Contains(out, id) {
				t.Errorf("%v prints\n%s", args, out)
			}
		}
	}
}

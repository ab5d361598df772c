package notify

import (
	"strings"
	"testing"

	"stagedoor/state"
)

// TestLinkSaysWhatItDoes: that a link lets in is said where it does.
func TestLinkSaysWhatItDoes(t *testing.T) {
	for signsIn, want := range map[bool]string{false: "who did can sign in then.", true: "it lets in who did."} {
		site := testSite()
		site.LinkSignsIn = signsIn
		r, err := testTemplates(t, site).Render(message(state.EmailConfirmationSignupTemplate))
		if err != nil || !strings.Contains(r.Text, want) || !strings.Contains(r.HTML, want) {
			t.Errorf("%t: no %q, %v:\n%s", signsIn, want, err, r.Text)
		}
	}
}

// TestSubjects: a code that only proves who it is, is not called one that signs in.
func TestSubjects(t *testing.T) {
	ts := testTemplates(t, testSite())
	for name, want := range map[state.Template]string{
		state.LoginCodeTemplate: "Your sign-in code", state.ProofCodeTemplate: "Your confirmation code",
		state.WebAuthnAddedTemplate: "A passkey or security key was added", state.WebAuthnRemovedTemplate: "A passkey or security key was removed",
		state.SessionRefusedTemplate:    "Somebody may have copied a session of yours",
		state.WebAuthnSuspectedTemplate: "Your passkey or security key may have been copied",
	} {
		if r, err := ts.Render(message(name)); err != nil || r.Subject != "[Acme] "+want {
			t.Errorf("%s: %q, %v", name, r.Subject, err)
		}
	}
}

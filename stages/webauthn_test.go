package stages_test

import (
	"testing"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/stages/internal/passkey"
)

// withKeys lets accounts have credentials. What is right with a credential is tested
// where it is judged.
func withKeys(t *testing.T) *world {
	w := newWorld(t)
	if err := w.SetRelyingParty(stages.RelyingParty{ID: "x.org", Origins: []string{"https://x.org"}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWebAuthnOptions(t *testing.T) {
	w := withKeys(t)
	s := w.submission(nil)
	s.Run, s.Client.Account = &engine.Run{Subject: "7"}, "7"
	for _, stage := range []engine.StageID{"passkey_login", "webauthn_add", "mfa_signup_webauthn"} {
		got := w.act(stage, "options", s)
		if got.Reply == nil || got.Used == nil || got.UsedFor != passkey.DefaultTimeout || got.Conflict || got.Keep {
			t.Errorf("%s: %+v", stage, got)
		}
	}
	s.Run, s.Client.Account = &engine.Run{Subject: "99"}, "99"
	for _, stage := range []engine.StageID{"mfa_authenticate", "webauthn_reauthenticate", "webauthn_add", "mfa_signup_webauthn"} {
		if got := w.act(stage, "options", s); !got.Conflict {
			t.Errorf("%s of nobody: %+v", stage, got)
		}
	}
}

// TestWebAuthnRefuses: without options, or with what is no answer to them, nothing is
// proved and nothing stored.
func TestWebAuthnRefuses(t *testing.T) {
	w := withKeys(t)
	for _, stage := range []engine.StageID{"passkey_login", "webauthn_add", "mfa_signup_webauthn", "mfa_authenticate", "webauthn_reauthenticate"} {
		for _, credential := range []string{"", "{}", "[]", "null", `{"id": "AAAA", "type": "public-key"}`} {
			s := w.submission(engine.MapValues{"credential": []byte(credential)})
			s.Run, s.Client.Account = &engine.Run{Subject: "7"}, "7"
			v := w.submit(stage, s)
			if v.Exit != engine.Again || len(v.Errors) != 1 || len(v.Writes) != 0 || v.Subject != "" {
				t.Errorf("%s, %q: %+v", stage, credential, v)
			}
			s.Run, s.Client.Account = &engine.Run{Subject: "99"}, "99"
			if v := w.submit(stage, s); v.Exit != engine.Again || len(v.Errors) == 0 {
				t.Errorf("%s, %q of nobody: %+v", stage, credential, v)
			}
		}
	}
}

package accounts

import (
	"encoding/base64"
	"time"

	"stagedoor/state"
)

// AuthenticatorView is an authenticator as its owner is shown it. Times are in seconds
// since 1970, with milliseconds as a fraction.
type AuthenticatorView struct {
	ID      int64   `json:"id,omitempty"`
	Name    *string `json:"name,omitempty"`
	Passkey *bool   `json:"is_passwordless,omitempty"`
	// CredentialID, RPID and UserHandle are those of a WebAuthn credential, as its authenticator
	// knows them, bytes in base64url: with them a page tells a browser which passkeys the account
	// still has (WebAuthn Level 3, section 5.1.10).
	CredentialID string                  `json:"credential_id,omitempty"`
	RPID         string                  `json:"rp_id,omitempty"`
	UserHandle   string                  `json:"user_handle,omitempty"`
	Type         state.AuthenticatorType `json:"type"`
	CreatedAt    float64                 `json:"created_at"`
	LastUsedAt   *float64                `json:"last_used_at"`
	Total        *int                    `json:"total_code_count,omitempty"`
	Unused       *int                    `json:"unused_code_count,omitempty"`
	Codes        []string                `json:"unused_codes,omitempty"`
}

// View describes an authenticator of an account to its owner; codes includes the recovery codes
// themselves.
func (s *Service) View(owner state.AccountID, x *state.Authenticator, codes bool) (AuthenticatorView, error) {
	v := AuthenticatorView{Type: x.Type, CreatedAt: seconds(x.CreatedAt)}
	if !x.LastUsedAt.IsZero() {
		used := seconds(x.LastUsedAt)
		v.LastUsedAt = &used
	}
	if x.Type == state.WebAuthn {
		v.ID, v.Name, v.Passkey = x.ID, &x.Name, s.Passwordless(x)
		v.RPID, v.CredentialID = s.RPID, base64.RawURLEncoding.EncodeToString(x.CredentialID)
		v.UserHandle = base64.RawURLEncoding.EncodeToString(owner.Bytes())
	}
	if x.Type != state.RecoveryCodes {
		return v, nil
	}
	total, unused, err := s.Codes(x)
	left := len(unused)
	v.Total, v.Unused = &total, &left
	if codes {
		v.Codes = unused
	}
	return v, err
}

// Bare is the view without the ids by which browsers know a credential.
func (v AuthenticatorView) Bare() AuthenticatorView {
	v.CredentialID, v.RPID, v.UserHandle = "", "", ""
	return v
}

// ViewAll describes all authenticators of an account, without recovery codes.
func (s *Service) ViewAll(a *state.Account) ([]AuthenticatorView, error) {
	list := make([]AuthenticatorView, 0, len(a.Authenticators))
	for i := range a.Authenticators {
		v, err := s.View(a.ID, &a.Authenticators[i], false)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

package accounts

import (
	"time"

	"stagedoor/state"
)

// AuthenticatorView is an authenticator as its owner is shown it. Times are in seconds
// since 1970, with milliseconds as a fraction.
type AuthenticatorView struct {
	ID         int64                   `json:"id,omitempty"`
	Name       *string                 `json:"name,omitempty"`
	Passkey    *bool                   `json:"is_passwordless,omitempty"`
	Type       state.AuthenticatorType `json:"type"`
	CreatedAt  float64                 `json:"created_at"`
	LastUsedAt *float64                `json:"last_used_at"`
	Total      *int                    `json:"total_code_count,omitempty"`
	Unused     *int                    `json:"unused_code_count,omitempty"`
	Codes      []string                `json:"unused_codes,omitempty"`
}

// View describes an authenticator to its owner; codes includes the recovery codes
// themselves.
func (s *Service) View(x *state.Authenticator, codes bool) (AuthenticatorView, error) {
	v := AuthenticatorView{Type: x.Type, CreatedAt: seconds(x.CreatedAt)}
	if !x.LastUsedAt.IsZero() {
		used := seconds(x.LastUsedAt)
		v.LastUsedAt = &used
	}
	if x.Type == state.WebAuthn {
		v.ID, v.Name, v.Passkey = x.ID, &x.Name, s.Passwordless(x)
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

// ViewAll describes all authenticators of an account, without recovery codes.
func (s *Service) ViewAll(a *state.Account) ([]AuthenticatorView, error) {
	list := make([]AuthenticatorView, 0, len(a.Authenticators))
	for i := range a.Authenticators {
		v, err := s.View(&a.Authenticators[i], false)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

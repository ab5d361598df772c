package accounts

import (
	"context"

	"stagedoor/state"
)

// CanDisconnect says why a third-party account cannot be disconnected, or "". The last
// one stays where nothing else leads back into the account.
func (s *Service) CanDisconnect(a *state.Account, provider, uid string) string {
	found, others := false, 0
	for _, p := range a.Providers {
		if p.Provider == provider && p.UID == uid {
			found = true
		} else {
			others++
		}
	}
	switch {
	case !found:
		return "account_not_found"
	case others > 0:
		return ""
	case s.ProvidersOnly:
		return "disconnect_last"
	case a.PasswordHash == "":
		return "no_password"
	case s.EmailMandatory && !a.HasVerifiedEmail():
		return "no_verified_email"
	}
	return ""
}

// Disconnect disconnects a third-party account. name is what people call the provider. It
// fails with a [*RefusedError] where that cannot be.
func (s *Service) Disconnect(ctx context.Context, by Principal, provider, uid, name string) (*state.Account, error) {
	return s.decide(ctx, by, "provider_disconnected", func(a *state.Account) plan {
		if code := s.CanDisconnect(a, provider, uid); code != "" {
			return plan{refused: code}
		}
		notices := s.notice(a, by, state.AccountDisconnectedTemplate)
		for i := range notices {
			notices[i].Data["provider"] = name
		}
		return plan{writes: []state.Write{state.DisconnectProvider{Provider: provider, UID: uid}}, notices: notices}
	})
}

package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"stagedoor/state"
)

// CanAdd returns the code of why no authenticator may be added to the account, or "". An
// unverified address may be somebody else's: a stranger's sign-up must not lock its
// owner out.
func (s *Service) CanAdd(a *state.Account) string {
	if s.AllowUnverified {
		return ""
	}
	for _, e := range a.Emails {
		if !e.Verified {
			return "unverified_email"
		}
	}
	return ""
}

// TOTPURL returns the otpauth:// address of a secret for the account.
func (s *Service) TOTPURL(a *state.Account, secret string) (string, error) {
	name := a.Snapshot().Email
	if name == "" {
		name = a.Snapshot().Display()
	}
	return s.MFA.TOTPURL(secret, name)
}

// RightTOTP reports whether the code is one of the secret's now. It spends nothing.
func (s *Service) RightTOTP(secret, code string, now time.Time) bool {
	if secret == "" {
		return false
	}
	_, ok := s.MFA.MatchTOTP(secret, code, now)
	return ok
}

// ActivateTOTP adds TOTP with a secret that the code confirms, and recovery codes if the
// account has none. The code is spent: it does not sign in as well (RFC 6238, section
// 5.2). It fails with [state.ErrSpent] where the code is none of the secret's, and with a
// [*state.ConflictError] if the account has TOTP already, or a [*RefusedError] where it may
// have none.
func (s *Service) ActivateTOTP(ctx context.Context, by Principal, secret, code string) (*state.Account, *state.Authenticator, error) {
	added, err := s.MFA.NewTOTP(by.Seed.ID("totp"), secret, by.Now)
	if err != nil {
		return nil, nil, err
	}
	step, ok := s.MFA.MatchTOTP(secret, code, by.Now)
	if !ok {
		return nil, nil, fmt.Errorf("activate totp: %w", state.ErrSpent)
	}
	added.LastStep = step
	fresh, err := s.MFA.NewRecoveryCodes(by.Seed.ID("recovery codes"), by.Seed.Bytes("recovery codes", 32), by.Now)
	if err != nil {
		return nil, nil, err
	}
	account, err := s.decide(ctx, by, "totp_activated", func(a *state.Account) plan {
		if refused := s.CanAdd(a); refused != "" {
			return plan{refused: refused, param: "code"}
		}
		writes := []state.Write{state.AddAuthenticator{Authenticator: added}}
		if a.Authenticator(state.RecoveryCodes) == nil {
			writes = append(writes, state.AddAuthenticator{Authenticator: fresh})
		}
		return plan{writes: writes, notices: s.notice(a, by, state.TOTPActivatedTemplate)}
	})
	return account, &added, err
}

// CanRemove reports whether authenticators can be taken from their account: not the last
// passkey, where nothing else signs in to it. That a password could be set by a letter is no way
// in that somebody has.
func (s *Service) CanRemove(a *state.Account, ids ...int64) bool {
	if s.SignsInAlone == nil || s.otherWayIn(a) {
		return true
	}
	gone, left := false, false
	for i := range a.Authenticators {
		x := &a.Authenticators[i]
		if x.Type != state.WebAuthn || !s.SignsInAlone(x) {
			continue
		}
		if slices.Contains(ids, x.ID) {
			gone = true
		} else {
			left = true
		}
	}
	return left || !gone
}

// otherWayIn reports whether something else than a passkey signs in to the account.
func (s *Service) otherWayIn(a *state.Account) bool {
	byCode := func(contact string, verified bool) bool { return verified && slices.Contains(s.CodesSignIn, contact) }
	return a.PasswordHash != "" || len(a.Providers) > 0 ||
		byCode(state.KeyEmail, a.HasVerifiedEmail()) || byCode(state.KeyPhone, a.PhoneVerified)
}

// RemoveAuthenticators removes authenticators of one type. The recovery codes go with the
// last one. It fails with a [*RefusedError] where that cannot be.
func (s *Service) RemoveAuthenticators(ctx context.Context, by Principal, t state.AuthenticatorType, ids ...int64) (*state.Account, error) {
	event, template := "totp_deactivated", state.TOTPDeactivatedTemplate
	if t == state.WebAuthn {
		event, template = "webauthn_removed", state.WebAuthnRemovedTemplate
	}
	return s.decide(ctx, by, event, func(a *state.Account) plan {
		if !s.CanRemove(a, ids...) {
			return plan{refused: "cannot_remove_last_passkey", param: "authenticators"}
		}
		return plan{writes: []state.Write{state.RemoveAuthenticators{IDs: ids}}, notices: s.notice(a, by, template)}
	})
}

// RenameAuthenticator renames a WebAuthn credential.
func (s *Service) RenameAuthenticator(ctx context.Context, by Principal, id int64, name string) (*state.Account, error) {
	return s.commit(ctx, by, "webauthn_renamed", []state.Write{state.RenameAuthenticator{ID: id, Name: name}})
}

// Codes returns how many codes a set has, and those that are left.
func (s *Service) Codes(a *state.Authenticator) (total int, unused []string, err error) {
	unused, err = s.MFA.Unused(a)
	return s.MFA.config.RecoveryCount, unused, err
}

// ViewRecoveryCodes notes that the codes are shown and reports whether they may be.
func (s *Service) ViewRecoveryCodes(ctx context.Context, by Principal, a *state.Authenticator) (visible bool, err error) {
	if !a.ViewedAt.IsZero() {
		return !s.MFA.config.ShowOnce, nil
	}
	_, err = s.commit(ctx, by, "recovery_codes_viewed", []state.Write{state.ViewRecoveryCodes{ID: a.ID, At: by.Now}})
	return err == nil, err
}

// RenewRecoveryCodes replaces the recovery codes by a new set, which counts as seen. It
// fails with a [*RefusedError] where there is no second factor that they stand in for.
func (s *Service) RenewRecoveryCodes(ctx context.Context, by Principal) (*state.Account, error) {
	fresh, err := s.MFA.NewRecoveryCodes(by.Seed.ID("recovery codes"), by.Seed.Bytes("recovery codes", 32), by.Now)
	if err != nil {
		return nil, err
	}
	fresh.ViewedAt = by.Now
	return s.decide(ctx, by, "recovery_codes_generated", func(a *state.Account) plan {
		if !a.HasSecondFactor() {
			return plan{refused: "cannot_generate_recovery_codes"}
		}
		var writes []state.Write
		if old := a.Authenticator(state.RecoveryCodes); old != nil {
			writes = append(writes, state.RemoveAuthenticators{IDs: []int64{old.ID}})
		}
		writes = append(writes, state.AddAuthenticator{Authenticator: fresh})
		return plan{writes: writes, notices: s.notice(a, by, state.RecoveryCodesTemplate)}
	})
}

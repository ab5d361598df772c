package accounts

import (
	"context"

	"stagedoor/state"
)

// JudgePassword returns the codes of what is wrong with a new password of the account.
func (s *Service) JudgePassword(a *state.Account, secret string) []string {
	return s.Policy.Check(secret, a)
}

// PasswordLimit names what wrong passwords of an account that is signed in are counted by,
// wherever they are asked for. It is not what they are counted by at a sign-in: there anybody
// can close a name, and who is signed in must not be shut out by that.
func PasswordLimit(account state.AccountID) string { return "password:" + string(account) }

// IsPassword reports whether the secret is the account's password. For an account that
// has none it costs as much, and nothing is.
func (s *Service) IsPassword(ctx context.Context, a *state.Account, secret string) (bool, error) {
	match, err := s.Hasher.Verify(ctx, a.PasswordHash, secret)
	return match.OK, err
}

// ChangePassword sets a new password and signs every other session out; this one too
// unless it is given a new token, whose id has the hash. It fails with [state.ErrSpent]
// where the password was changed meanwhile.
func (s *Service) ChangePassword(ctx context.Context, by Principal, a *state.Account, secret string, tokenHash []byte) (*state.Account, error) {
	hash, err := s.Hasher.Hash(ctx, secret)
	if err != nil {
		return nil, err
	}
	set := state.SetPassword{Hash: hash, SignOut: true, Replaces: a.PasswordHash, Strict: true}
	var writes []state.Write
	if tokenHash != nil {
		set.Keep = by.Session
		writes = append(writes, state.RenewSession{Session: by.Session, TokenHash: tokenHash})
	}
	event, template := "password_changed", state.PasswordChangedTemplate
	if a.PasswordHash == "" {
		event, template = "password_set", state.PasswordSetTemplate
	}
	return s.commit(ctx, by, event, append(writes, set), s.notice(a, by, template)...)
}

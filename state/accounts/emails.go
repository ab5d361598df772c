package accounts

import (
	"context"
	"slices"

	"stagedoor/state"
)

// CanRemoveEmail reports whether an address can be taken from its account: not the
// primary one while there are others, nor the last one where it is what one signs in
// with.
func (s *Service) CanRemoveEmail(a *state.Account, address string) bool {
	e := a.Email(address)
	switch {
	case e == nil:
		return false
	case e.Primary && len(a.Emails) > 1:
		return false
	case len(a.Emails) == 1 && s.EmailOnly:
		return false
	}
	return true
}

// RemoveEmail removes an address of the account. It fails with a [*RefusedError] where
// that cannot be.
func (s *Service) RemoveEmail(ctx context.Context, by Principal, address string) (*state.Account, error) {
	return s.decide(ctx, by, "email_removed", func(a *state.Account) plan {
		switch {
		case a.Email(address) == nil:
			return plan{refused: "unknown_email", param: "email"}
		case !s.CanRemoveEmail(a, address):
			return plan{refused: "cannot_remove_primary_email", param: "email"}
		}
		notices := s.notice(a, by, state.EmailDeletedTemplate)
		for i := range notices {
			notices[i].Data["deleted_email"] = address
		}
		return plan{writes: []state.Write{state.RemoveEmail{Address: address}}, notices: notices}
	})
}

// CanBePrimary reports whether an address can be made the primary one: a verified one, or
// any while none is verified.
func (s *Service) CanBePrimary(a *state.Account, address string) bool {
	e := a.Email(address)
	return e != nil && (e.Verified || !a.HasVerifiedEmail())
}

// SetPrimaryEmail makes an address of the account its primary one. It fails with a
// [*RefusedError] where that cannot be.
func (s *Service) SetPrimaryEmail(ctx context.Context, by Principal, address string) (*state.Account, error) {
	return s.decide(ctx, by, "primary_email_set", func(a *state.Account) plan {
		switch {
		case a.Email(address) == nil:
			return plan{refused: "unknown_email", param: "email"}
		case !s.CanBePrimary(a, address):
			return plan{refused: "unverified_primary_email", param: "email"}
		}
		var notices []state.Message
		if old := a.Primary(); old != nil && old.Address != address {
			notices = s.notice(a, by, state.EmailChangedTemplate)
			for i := range notices {
				notices[i].Data["from_email"], notices[i].Data["to_email"] = old.Address, address
			}
		}
		return plan{writes: []state.Write{state.SetPrimaryEmail{Address: address}}, notices: notices}
	})
}

// EndSessions ends sessions of the account. Where no other is left but, perhaps, the one
// that asks, sign-ins that are under way end, too: a person who signs out everywhere wants
// nobody to come in by what began before.
func (s *Service) EndSessions(ctx context.Context, by Principal, all []state.Session, ids []int64) error {
	writes := []state.Write{state.EndSessions{IDs: ids}}
	left := slices.DeleteFunc(slices.Clone(all), func(x state.Session) bool { return slices.Contains(ids, x.ID) })
	switch {
	case len(left) == 0:
		writes = append(writes, state.RaiseEpoch{})
	case len(left) == 1 && left[0].ID == by.Session && len(ids) > 0:
		writes = append(writes, state.RaiseEpoch{Keep: by.Session})
	}
	_, err := s.commit(ctx, by, "sessions_ended", writes)
	return err
}

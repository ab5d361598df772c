package sqlstore

import (
	"context"

	"stagedoor/state"
)

// addAuthenticator inserts it, unless the same run did so before: then what is stored
// stays, and no new secret takes the place of one a person has seen. born says that it
// comes with the account.
func (t *turn) addAuthenticator(ctx context.Context, x *state.Authenticator, born bool) error {
	n, err := t.tx.exec(ctx, sqlAddAuthenticator, x.ID, string(x.Type), clean(x.Name),
		orNull(x.Secret), orNull(x.CredentialID), orNull(x.Credential), x.LastStep, int64(x.Used), t.b.Run,
		micros(x.ViewedAt), micros(x.CreatedAt), micros(x.LastUsedAt), born, t.b.Account)
	if err != nil || n > 0 {
		return err
	}
	var same bool
	args := []any{t.b.Account, string(x.Type), t.b.Run, orNull(x.CredentialID)}
	if _, err := t.tx.one(ctx, sqlAddedBySame, args, &same); err != nil {
		return err
	}
	switch {
	case same:
		return nil
	case x.Type == state.WebAuthn:
		return &state.ConflictError{Field: "credential"}
	}
	return &state.ConflictError{Field: "authenticator"}
}

// removeAuthenticators removes them, and recovery codes that nothing is left to recover.
func (t *turn) removeAuthenticators(ctx context.Context, w state.RemoveAuthenticators) error {
	for _, id := range w.IDs {
		if err := t.exec(ctx, sqlRemoveAuthenticator, t.b.Account, id); err != nil {
			return err
		}
	}
	return t.exec(ctx, sqlRemoveLoneCodes, t.b.Account)
}

func (t *turn) renameAuthenticator(ctx context.Context, w state.RenameAuthenticator) error {
	return t.exec(ctx, sqlRenameAuthenticator, clean(w.Name), t.b.Account, w.ID)
}

// spendTOTP fails closed: no row means that the step was used, by whomever, or that the
// authenticator is gone.
func (t *turn) spendTOTP(ctx context.Context, w state.SpendTOTP) error {
	n, err := t.tx.exec(ctx, sqlSpendTOTP, w.Step, t.b.Run, micros(w.At), t.b.Account, w.ID)
	if err == nil && n == 0 {
		err = state.ErrSpent
	}
	return err
}

// spendRecoveryCode notes who used the code, so that the same run may come again.
func (t *turn) spendRecoveryCode(ctx context.Context, w state.SpendRecoveryCode) error {
	bit := int64(uint64(1) << w.Index)
	n, err := t.tx.exec(ctx, sqlSpendRecoveryCode, bit, micros(w.At), t.b.Account, w.ID, w.Index, t.b.Run)
	if err != nil {
		return err
	}
	if n == 0 {
		return state.ErrSpent
	}
	return t.exec(ctx, sqlNoteSpender, w.ID, w.Index, t.b.Run)
}

func (t *turn) updateCredential(ctx context.Context, w state.UpdateCredential) error {
	return t.exec(ctx, sqlUpdateCredential, orNull(w.Credential), micros(w.At), t.b.Account, w.ID)
}

func (t *turn) viewRecoveryCodes(ctx context.Context, w state.ViewRecoveryCodes) error {
	return t.exec(ctx, sqlViewRecoveryCodes, micros(w.At), t.b.Account, w.ID)
}

const (
	sqlAddAuthenticator = `INSERT INTO authenticators (id, account_id, type, name, secret, credential_id, credential,
		last_step, spent_by, used, added_by, viewed_at, created_at, last_used_at, endorsement)
	SELECT CAST($1 AS BIGINT), a.id, $2, $3, $4, $5, $6, CAST($7 AS BIGINT), '', CAST($8 AS BIGINT), CAST($9 AS TEXT),
		CAST($10 AS BIGINT), CAST($11 AS BIGINT), CAST($12 AS BIGINT),
		CASE WHEN ` + sqlProved + ` THEN 2 WHEN $13 OR ($9 <> '' AND $9 = a.created_by) THEN 1 ELSE 0 END
	FROM accounts a WHERE a.id = $14
	ON CONFLICT DO NOTHING`

	sqlAddedBySame = `SELECT EXISTS (SELECT 1 FROM authenticators
	WHERE account_id = $1 AND type = $2 AND added_by = $3 AND added_by <> '' AND credential_id IS NOT DISTINCT FROM $4)`

	sqlRemoveAuthenticator = `DELETE FROM authenticators WHERE account_id = $1 AND id = $2`
	sqlRemoveLoneCodes     = `DELETE FROM authenticators WHERE account_id = $1
	AND NOT EXISTS (SELECT 1 FROM authenticators x WHERE x.account_id = $1 AND x.type IN ('totp', 'webauthn'))`

	sqlRenameAuthenticator = `UPDATE authenticators SET name = $1 WHERE account_id = $2 AND id = $3`

	sqlSpendTOTP = `UPDATE authenticators SET last_step = $1, spent_by = $2, last_used_at = $3
	WHERE account_id = $4 AND id = $5 AND type = 'totp'
	AND (last_step < $1 OR (last_step = $1 AND spent_by = $2))`

	sqlSpendRecoveryCode = `UPDATE authenticators SET used = used | $1, last_used_at = $2
	WHERE account_id = $3 AND id = $4 AND type = 'recovery_codes'
	AND (used & $1 = 0 OR EXISTS (
		SELECT 1 FROM spent_codes c WHERE c.authenticator_id = authenticators.id AND c.idx = $5 AND c.run = $6))`
	sqlNoteSpender = `INSERT INTO spent_codes (authenticator_id, idx, run) VALUES ($1, $2, $3)
	ON CONFLICT (authenticator_id, idx) DO NOTHING`

	sqlUpdateCredential  = `UPDATE authenticators SET credential = $1, last_used_at = $2 WHERE account_id = $3 AND id = $4 AND last_used_at <= $2`
	sqlViewRecoveryCodes = `UPDATE authenticators SET viewed_at = $1 WHERE account_id = $2 AND id = $3 AND viewed_at = 0`
)

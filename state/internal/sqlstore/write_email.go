package sqlstore

import (
	"context"

	"stagedoor/state"
)

func (t *turn) addEmail(ctx context.Context, w state.AddEmail) error {
	return t.exec(ctx, sqlAddEmail, w.Address, t.b.Run, t.b.Account)
}

func (t *turn) removeEmail(ctx context.Context, w state.RemoveEmail) error {
	return t.exec(ctx, sqlRemoveEmail, t.b.Account, w.Address)
}

// setPrimaryEmail does nothing where the account does not have the address.
func (t *turn) setPrimaryEmail(ctx context.Context, w state.SetPrimaryEmail) error {
	return t.exec(ctx, sqlSetPrimaryEmail, w.Address, t.b.Account)
}

const (
	sqlCreateEmail = `INSERT INTO emails (account_id, address, verified, reached, is_primary, endorsement) VALUES ($1, $2, $3, $4, $5, $6)`

	sqlAddEmail = `INSERT INTO emails (account_id, address, verified, is_primary, endorsement)
	SELECT a.id, $1, FALSE, FALSE,
		CASE WHEN ` + sqlProved + ` THEN 2 WHEN CAST($2 AS TEXT) <> '' AND $2 = a.created_by THEN 1 ELSE 0 END
	FROM accounts a WHERE a.id = $3
	ON CONFLICT (account_id, address) DO NOTHING`

	sqlSetPrimaryEmail = `UPDATE emails SET is_primary = (address = $1) WHERE account_id = $2
	AND EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $2 AND p.address = $1)`

	sqlRemoveEmail       = `DELETE FROM emails WHERE account_id = $1 AND address = $2`
	sqlRemoveOtherEmails = `DELETE FROM emails WHERE account_id = $1 AND address <> $2`
)

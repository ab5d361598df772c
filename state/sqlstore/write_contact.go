package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"stagedoor/state"
)

// contacts are the addresses and numbers that the batch proves, sorted, each once.
func (t *turn) contacts() []string {
	var out []string
	for _, w := range t.b.Writes {
		switch w := w.(type) {
		case state.ProveContact:
			out = append(out, w.Email+w.Phone)
		case state.CreateAccount:
			for _, e := range w.Account.Emails {
				if e.Verified {
					out = append(out, e.Address)
				}
			}
			if w.Account.PhoneVerified {
				out = append(out, w.Account.Phone)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// proveContact carries out the rules of [state.ProveContact].
func (t *turn) proveContact(ctx context.Context, w state.ProveContact) error {
	var proved, signup, loose bool
	args := []any{w.Email, w.Phone, t.b.Account}
	if _, err := t.tx.one(ctx, sqlStanding, args, &proved, &signup, &loose); err != nil {
		return err
	}
	switch {
	case !proved && !w.Own:
		if err := t.endAll(ctx, w); err != nil {
			return err
		}
	case !proved && signup:
		if err := t.endorseSignup(ctx); err != nil {
			return err
		}
	}
	if loose && (proved && w.Recovers || !proved && w.Own) {
		if err := t.recover(ctx, w, !proved && !w.Recovers); err != nil {
			return err
		}
	}
	if w.Phone != "" {
		return t.provePhone(ctx, w.Phone)
	}
	return t.proveEmail(ctx, w)
}

// sqlStanding asks, once the account's row is locked, whether a contact is proved, whether
// anything waits for the sign-up's own message, and whether anything is not endorsed.
const sqlStanding = `SELECT ` + sqlProved + `,
	EXISTS (SELECT 1 FROM authenticators x WHERE x.account_id = a.id AND x.endorsement = 1)
		OR EXISTS (SELECT 1 FROM emails e WHERE e.account_id = a.id AND e.endorsement = 1 AND e.address <> $1)
		OR EXISTS (SELECT 1 FROM providers p WHERE p.account_id = a.id AND p.endorsement = 1),
	EXISTS (SELECT 1 FROM authenticators x WHERE x.account_id = a.id AND x.endorsement < 2)
		OR EXISTS (SELECT 1 FROM providers p WHERE p.account_id = a.id AND p.endorsement < 2)
		OR EXISTS (SELECT 1 FROM emails e WHERE e.account_id = a.id AND NOT e.verified AND NOT e.reached AND e.address <> $1)
		OR (a.phone <> $2 AND NOT a.phone_verified)
	FROM accounts a WHERE a.id = $3`

// endAll ends everything that the account carries but the contact.
func (t *turn) endAll(ctx context.Context, w state.ProveContact) error {
	if err := t.exec(ctx, sqlEndPassword, t.b.Account); err != nil {
		return err
	}
	if err := t.raise(ctx, 0); err != nil {
		return err
	}
	if err := t.exec(ctx, sqlEndAuthenticators, t.b.Account); err != nil {
		return err
	}
	if err := t.exec(ctx, sqlEndProviders, t.b.Account); err != nil {
		return err
	}
	if err := t.onlyProved(ctx, w, false); err != nil {
		return err
	}
	return t.endOthers(ctx, signedOut, 0)
}

// endorseSignup endorses what the run that made the account set.
func (t *turn) endorseSignup(ctx context.Context) error {
	if err := t.exec(ctx, sqlEndorseAuthenticators, t.b.Account); err != nil {
		return err
	}
	if err := t.exec(ctx, sqlEndorseEmails, t.b.Account); err != nil {
		return err
	}
	return t.exec(ctx, sqlEndorseProviders, t.b.Account)
}

// recover ends what is not endorsed. signup says that the contacts the sign-up named stay.
func (t *turn) recover(ctx context.Context, w state.ProveContact, signup bool) error {
	dropped, err := t.tx.exec(ctx, sqlDropAuthenticators, t.b.Account)
	if err != nil {
		return err
	}
	if dropped > 0 {
		if err := t.exec(ctx, sqlRemoveLoneCodes, t.b.Account); err != nil {
			return err
		}
	}
	if err := t.exec(ctx, sqlDropProviders, t.b.Account); err != nil {
		return err
	}
	return t.onlyProved(ctx, w, signup)
}

// onlyProved removes contacts that are neither proved nor the one that is, nor, where they
// are to stay, named by the sign-up.
func (t *turn) onlyProved(ctx context.Context, w state.ProveContact, signup bool) error {
	if err := t.exec(ctx, sqlDropEmails, t.b.Account, w.Email, signup); err != nil || signup {
		return err
	}
	return t.exec(ctx, sqlDropPhone, t.b.Account, w.Phone)
}

const (
	sqlEndPassword           = `UPDATE accounts SET password_hash = '' WHERE id = $1`
	sqlEndAuthenticators     = `DELETE FROM authenticators WHERE account_id = $1`
	sqlEndProviders          = `DELETE FROM providers WHERE account_id = $1`
	sqlEndorseAuthenticators = `UPDATE authenticators SET endorsement = 2 WHERE account_id = $1 AND endorsement = 1`
	sqlEndorseEmails         = `UPDATE emails SET endorsement = 2 WHERE account_id = $1 AND endorsement = 1`
	sqlEndorseProviders      = `UPDATE providers SET endorsement = 2 WHERE account_id = $1 AND endorsement = 1`
	sqlDropAuthenticators    = `DELETE FROM authenticators WHERE account_id = $1 AND endorsement < 2`
	sqlDropProviders         = `DELETE FROM providers WHERE account_id = $1 AND endorsement < 2`
	sqlDropEmails            = `DELETE FROM emails WHERE account_id = $1 AND NOT verified AND NOT reached AND address <> $2
	AND NOT ($3 AND endorsement > 0)`
	sqlDropPhone = `UPDATE accounts SET phone = '' WHERE id = $1 AND NOT phone_verified AND phone <> $2`
)

// proveEmail marks the address, or adds it; the index of verified addresses finds another
// account that has verified it.
func (t *turn) proveEmail(ctx context.Context, w state.ProveContact) error {
	query := sqlVerifyEmail
	if w.Reached {
		query = sqlReachEmail
	}
	if err := t.exec(ctx, query, t.b.Account, w.Email); err != nil {
		return err
	}
	if w.Replace {
		if err := t.exec(ctx, sqlRemoveOtherEmails, t.b.Account, w.Email); err != nil {
			return err
		}
		if err := t.exec(ctx, sqlSetPrimaryEmail, w.Email, t.b.Account); err != nil {
			return err
		}
	}
	if w.Reached {
		return nil
	}
	return t.takeEmail(ctx, w.Email)
}

// provePhone makes the number the account's verified one; the index of verified numbers
// finds a conflict.
func (t *turn) provePhone(ctx context.Context, number string) error {
	if err := t.exec(ctx, sqlVerifyPhone, number, t.b.Account); err != nil {
		return err
	}
	return t.takePhone(ctx, number)
}

// takePhone takes the number from every account that has it unverified.
func (t *turn) takePhone(ctx context.Context, number string) error {
	return t.exec(ctx, sqlTakePhone, number, t.b.Account)
}

// takeEmail takes the address from every account that has it unverified, and tells their
// sessions.
func (t *turn) takeEmail(ctx context.Context, address string) error {
	rows, err := t.tx.query(ctx, sqlTakeEmail, address, t.b.Account)
	if err != nil {
		return err
	}
	losers, err := scanIDs(rows)
	if err != nil {
		return err
	}
	// Those who lose several at once wait for each other in one order.
	slices.Sort(losers)
	for _, id := range losers {
		if err := t.lost(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// scanIDs reads rows of one id each and closes them.
func scanIDs(rows *sql.Rows) ([]int64, error) {
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// lost tells an account that an address was taken from it.
func (t *turn) lost(ctx context.Context, id int64) error {
	if err := t.exec(ctx, sqlLost, id); err != nil {
		return err
	}
	if err := t.exec(ctx, sqlPrimaryAgain, id); err != nil {
		return err
	}
	var signedIn bool
	if _, err := t.tx.one(ctx, sqlHasSession, []any{id}, &signedIn); err != nil || !signedIn {
		return err
	}
	a, err := t.tx.account(ctx, id)
	if err != nil {
		return err
	}
	text, err := json.Marshal(a.Snapshot())
	if err != nil {
		return fmt.Errorf("encode snapshot: %w", err)
	}
	return t.exec(ctx, sqlTellSnapshot, snapshot, string(text), t.now(), id)
}

const (
	// The first address of an account without a primary one becomes that.
	sqlVerifyEmail = `INSERT INTO emails (account_id, address, verified, reached, endorsement, is_primary)
	VALUES ($1, $2, TRUE, FALSE, 2, NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary))
	ON CONFLICT (account_id, address) DO UPDATE SET verified = TRUE, reached = FALSE, endorsement = 2,
	is_primary = emails.is_primary OR NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary)`

	sqlReachEmail = `INSERT INTO emails (account_id, address, verified, reached, endorsement, is_primary)
	VALUES ($1, $2, FALSE, TRUE, 2, NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary))
	ON CONFLICT (account_id, address) DO UPDATE SET reached = NOT emails.verified, endorsement = 2,
	is_primary = emails.is_primary OR NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary)`

	sqlVerifyPhone = `UPDATE accounts SET phone = $1, phone_verified = TRUE WHERE id = $2`

	sqlTakeEmail = `DELETE FROM emails WHERE address = $1 AND account_id <> $2 AND NOT verified RETURNING account_id`
	sqlTakePhone = `UPDATE accounts SET phone = '', revision = revision + 1 WHERE phone = $1 AND id <> $2 AND NOT phone_verified AND phone <> ''`
	sqlLost      = `UPDATE accounts SET revision = revision + 1 WHERE id = $1`

	sqlPrimaryAgain = `UPDATE emails SET is_primary = TRUE WHERE id = (
		SELECT e.id FROM emails e WHERE e.account_id = $1 ORDER BY e.verified DESC, e.id LIMIT 1)
	AND NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary)`

	sqlHasSession = `SELECT EXISTS (SELECT 1 FROM sessions WHERE account_id = $1)`
)

package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"stagedoor/state"
)

// contacts are the addresses and numbers that the batch verifies, sorted, each once.
func (t *turn) contacts() []string {
	var out []string
	for _, w := range t.b.Writes {
		switch w := w.(type) {
		case state.ProveContact:
			if !w.Reached {
				out = append(out, w.Email+w.Phone)
			}
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

// standing is what an account has before a contact of it is proved.
type standing struct {
	// proved says that a contact is, signup that something waits for the sign-up's own
	// message, loose that something is not endorsed, the password left aside.
	proved, signup, loose bool
	// done says that there is nothing to note of the contact, others that another account
	// has it and has not verified it.
	done, others bool
	// primary says that an address of the account is primary.
	primary bool
}

// proveContact carries out the rules of [state.ProveContact].
func (t *turn) proveContact(ctx context.Context, w state.ProveContact) error {
	s, err := t.standing(ctx, w)
	if err != nil {
		return err
	}
	switch {
	case !s.proved && !w.Own:
		if err := t.endAll(ctx, w, s); err != nil {
			return err
		}
	case !s.proved && s.signup:
		if err := t.endorseSignup(ctx); err != nil {
			return err
		}
	}
	if s.loose && (s.proved && w.Recovers || !s.proved && w.Own) {
		if err := t.recover(ctx, w, !s.proved && !w.Recovers); err != nil {
			return err
		}
	}
	if w.Phone != "" {
		return t.takePhone(ctx, w.Phone, s.others)
	}
	return t.proveEmail(ctx, w, s)
}

// standing asks how the account stands, once its row is locked. Where it is a number that
// is proved, that is noted by the same statement.
func (t *turn) standing(ctx context.Context, w state.ProveContact) (s standing, err error) {
	if w.Phone == "" {
		args := []any{w.Email, w.Reached, t.b.Account}
		_, err = t.tx.one(ctx, sqlStanding, args, &s.proved, &s.signup, &s.loose, &s.done, &s.others, &s.primary)
		s.proved = s.proved || t.phoneProved
		return s, err
	}
	args := []any{w.Phone, t.b.Account}
	_, err = t.tx.one(ctx, sqlVerifyPhone, args, &s.proved, &s.signup, &s.loose, &s.others)
	s.proved, t.phoneProved = s.proved || t.phoneProved, true
	return s, err
}

// profileNames are the attributes of a [state.Profile]; a test holds them against it.
const profileNames = `'profile.name', 'profile.given_name', 'profile.family_name', 'profile.picture'`

const (
	// Whether the account is proved but by its number, and signup and loose of a standing. Of
	// the address that is being proved nothing waits; a number that is being proved is no
	// address, and verified by then. RETURNING of SQLite knows the row by the name of its
	// table alone.
	sqlStands = `(SELECT ` + sqlProvedBesides + ` FROM accounts a WHERE a.id = accounts.id),
	EXISTS (SELECT 1 FROM authenticators x WHERE x.account_id = accounts.id AND x.endorsement = 1)
		OR EXISTS (SELECT 1 FROM emails e WHERE e.account_id = accounts.id AND e.endorsement = 1 AND e.address <> $1)
		OR EXISTS (SELECT 1 FROM providers p WHERE p.account_id = accounts.id AND p.endorsement = 1),
	EXISTS (SELECT 1 FROM authenticators x WHERE x.account_id = accounts.id AND x.endorsement < 2)
		OR EXISTS (SELECT 1 FROM providers p WHERE p.account_id = accounts.id AND p.endorsement < 2)
		OR EXISTS (SELECT 1 FROM attributes n WHERE n.account_id = accounts.id AND n.name IN (` + profileNames + `))
		OR EXISTS (SELECT 1 FROM emails e WHERE e.account_id = accounts.id AND NOT e.verified AND NOT e.reached AND e.address <> $1)
		OR (accounts.phone <> '' AND NOT accounts.phone_verified)`

	// A primary address that is neither proved nor this one may be dropped.
	sqlStanding = `SELECT ` + sqlStands + `,
	EXISTS (SELECT 1 FROM emails e WHERE e.account_id = accounts.id AND e.address = $1 AND e.endorsement = 2
			AND (e.verified AND NOT e.reached OR $2 AND e.reached AND NOT e.verified))
		AND EXISTS (SELECT 1 FROM emails e WHERE e.account_id = accounts.id AND e.is_primary AND (e.verified OR e.reached OR e.address = $1)),
	EXISTS (SELECT 1 FROM emails e WHERE e.address = $1 AND e.account_id <> accounts.id AND NOT e.verified),
	EXISTS (SELECT 1 FROM emails e WHERE e.account_id = accounts.id AND e.is_primary)
	FROM accounts WHERE id = $3`

	sqlVerifyPhone = `UPDATE accounts SET phone = $1, phone_verified = TRUE WHERE id = $2
	RETURNING ` + sqlStands + `,
	EXISTS (SELECT 1 FROM accounts o WHERE o.phone = $1 AND o.phone <> '' AND o.id <> accounts.id AND NOT o.phone_verified)`
)

// endAll ends everything that the account carries but the contact.
func (t *turn) endAll(ctx context.Context, w state.ProveContact, s standing) error {
	t.shown = true
	if _, err := t.raise(ctx, signedOut, 0, sqlEndPassword, t.b.Account); err != nil || !s.loose {
		return err
	}
	if err := t.exec(ctx, sqlEndAuthenticators, t.b.Account); err != nil {
		return err
	}
	if err := t.exec(ctx, sqlEndProviders, t.b.Account); err != nil {
		return err
	}
	if err := t.exec(ctx, sqlDropProfile, t.b.Account); err != nil {
		return err
	}
	return t.exec(ctx, sqlDropEmails, t.b.Account, w.Email, false)
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
	t.shown = true
	dropped, err := t.tx.exec(ctx, sqlDropAuthenticators, t.b.Account)
	if err != nil {
		return err
	}
	if dropped > 0 {
		if err := t.exec(ctx, sqlRemoveLoneCodes, t.b.Account); err != nil {
			return err
		}
	}
	if dropped, err = t.tx.exec(ctx, sqlDropProviders, t.b.Account); err != nil {
		return err
	}
	if dropped > 0 {
		if err := t.exec(ctx, sqlDropProfile, t.b.Account); err != nil {
			return err
		}
	}
	if err := t.exec(ctx, sqlDropEmails, t.b.Account, w.Email, signup); err != nil || signup {
		return err
	}
	return t.exec(ctx, sqlDropPhone, t.b.Account)
}

const (
	sqlEndPassword = sqlRaise + `, password_hash = '', phone = CASE WHEN phone_verified THEN phone ELSE '' END
	WHERE id = $3` + sqlOthersGoOn
	sqlEndAuthenticators     = `DELETE FROM authenticators WHERE account_id = $1`
	sqlEndProviders          = `DELETE FROM providers WHERE account_id = $1`
	sqlEndorseAuthenticators = `UPDATE authenticators SET endorsement = 2 WHERE account_id = $1 AND endorsement = 1`
	sqlEndorseEmails         = `UPDATE emails SET endorsement = 2 WHERE account_id = $1 AND endorsement = 1`
	sqlEndorseProviders      = `UPDATE providers SET endorsement = 2 WHERE account_id = $1 AND endorsement = 1`
	sqlDropAuthenticators    = `DELETE FROM authenticators WHERE account_id = $1 AND endorsement < 2`
	sqlDropProviders         = `DELETE FROM providers WHERE account_id = $1 AND endorsement < 2`
	sqlDropEmails            = `DELETE FROM emails WHERE account_id = $1 AND NOT verified AND NOT reached AND address <> $2
	AND NOT ($3 AND endorsement > 0)`
	// What a provider that is gone has said goes with the last of them.
	sqlDropProfile = `DELETE FROM attributes WHERE account_id = $1 AND name IN (` + profileNames + `)
	AND NOT EXISTS (SELECT 1 FROM providers p WHERE p.account_id = attributes.account_id)`
	sqlDropPhone = `UPDATE accounts SET phone = '' WHERE id = $1 AND NOT phone_verified`
)

// proveEmail marks the address, or adds it; the index of verified addresses finds another
// account that has verified it.
func (t *turn) proveEmail(ctx context.Context, w state.ProveContact, s standing) error {
	query, args := sqlVerifyEmail, []any{t.b.Account, w.Email}
	if w.Reached {
		query, args = sqlReachEmail, append(args, s.primary)
	}
	if !s.done {
		if err := t.exec(ctx, query, args...); err != nil {
			return err
		}
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
	return t.takeEmail(ctx, w.Email, s.others)
}

// takePhone takes the number from every account that has it unverified, if others have it.
// The index of verified numbers finds one that has verified it.
func (t *turn) takePhone(ctx context.Context, number string, others bool) error {
	if !others {
		return nil
	}
	return t.exec(ctx, sqlTakePhone, number, t.b.Account)
}

// takeEmail takes the address from every account that has it unverified, if others have it,
// and tells their sessions.
func (t *turn) takeEmail(ctx context.Context, address string, others bool) error {
	if !others {
		return nil
	}
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
func scanIDs(rows *rowSet) ([]state.AccountID, error) {
	defer rows.Close()
	var out []state.AccountID
	for rows.Next() {
		var id state.AccountID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// lost notes for an account that an address was taken from it.
func (t *turn) lost(ctx context.Context, id state.AccountID) error {
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
	return t.exec(ctx, sqlTellSnapshot, snapshot, string(text), t.due, id)
}

const (
	// The first address that an account without a primary one proves becomes that.
	sqlVerifyEmail = `INSERT INTO emails (account_id, address, verified, reached, endorsement, is_primary)
	VALUES ($1, $2, TRUE, FALSE, 2, NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary))
	ON CONFLICT (account_id, address) DO UPDATE SET verified = TRUE, reached = FALSE, endorsement = 2,
	is_primary = emails.is_primary OR NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary)`

	// One that is only reached takes the place of a primary one that ended, $3.
	sqlReachEmail = `INSERT INTO emails (account_id, address, verified, reached, endorsement, is_primary)
	VALUES ($1, $2, FALSE, TRUE, 2, $3 AND NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary))
	ON CONFLICT (account_id, address) DO UPDATE SET reached = NOT emails.verified, endorsement = 2,
	is_primary = emails.is_primary
		OR (emails.verified OR $3) AND NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary)`

	sqlTakeEmail = `DELETE FROM emails WHERE address = $1 AND account_id <> $2 AND NOT verified RETURNING account_id`
	sqlTakePhone = `UPDATE accounts SET phone = '', revision = revision + 1 WHERE phone = $1 AND id <> $2 AND NOT phone_verified AND phone <> ''`
	sqlLost      = `UPDATE accounts SET revision = revision + 1 WHERE id = $1`

	sqlPrimaryAgain = `UPDATE emails SET is_primary = TRUE WHERE id = (
		SELECT e.id FROM emails e WHERE e.account_id = $1 AND e.verified ORDER BY e.id LIMIT 1)
	AND NOT EXISTS (SELECT 1 FROM emails p WHERE p.account_id = $1 AND p.is_primary)`

	sqlHasSession = `SELECT EXISTS (SELECT 1 FROM sessions WHERE account_id = $1)`
)

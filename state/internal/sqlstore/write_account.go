package sqlstore

import (
	"context"
	"stagedoor/state"
)

// createAccount inserts the account with all that it has. An account that the same run
// made before is left as it is.
func (t *turn) createAccount(ctx context.Context, w *state.CreateAccount) error {
	a := &w.Account
	var createdBy string
	switch found, err := t.tx.one(ctx, sqlCreatedBy, []any{a.ID}, &createdBy); {
	case err != nil:
		return err
	case found && createdBy == t.b.Run && t.b.Run != "":
		return nil
	case found:
		return &state.ConflictError{Field: "id"}
	}
	err := t.exec(ctx, sqlCreateAccount, a.ID, a.Username, usernameKey(a.Username), a.PasswordHash, a.Active,
		a.Epoch, a.Revision, micros(a.CreatedAt), t.b.Run, micros(a.LastLogin), a.Phone, a.PhoneVerified)
	if err != nil {
		return err
	}
	return t.createParts(ctx, a)
}

func (t *turn) createParts(ctx context.Context, a *state.Account) error {
	named := state.OfSignup
	if a.Proved() {
		named = state.Endorsed
	}
	for _, e := range a.Emails {
		if err := t.createEmail(ctx, e, named); err != nil {
			return err
		}
	}
	if a.Phone != "" && a.PhoneVerified {
		if err := t.takePhone(ctx, a.Phone, true); err != nil {
			return err
		}
	}
	for i := range a.Authenticators {
		if err := t.addAuthenticator(ctx, &a.Authenticators[i], true); err != nil {
			return err
		}
	}
	for _, p := range a.Providers {
		if err := t.insertProvider(ctx, p, state.OfSignup, false); err != nil {
			return err
		}
	}
	for name, value := range a.Attributes {
		if err := t.exec(ctx, sqlSetAttribute, a.ID, name, value); err != nil {
			return err
		}
	}
	return nil
}

// createEmail inserts an address of a new account, and takes a verified one from any account
// that has it unverified.
func (t *turn) createEmail(ctx context.Context, e state.Email, named state.Endorsement) error {
	reached := e.Reached && !e.Verified
	if err := t.exec(ctx, sqlCreateEmail, t.b.Account, e.Address, e.Verified, reached, e.Primary, int64(named)); err != nil {
		return err
	}
	if !e.Verified {
		return nil
	}
	return t.takeEmail(ctx, e.Address, true)
}

const (
	sqlCreatedBy     = `SELECT created_by FROM accounts WHERE id = $1`
	sqlCreateAccount = `INSERT INTO accounts (id, username, username_key, password_hash, active,
		epoch, epoch_by, epoch_from, revision, created_at, created_by, last_login, phone, phone_verified)
	VALUES ($1, $2, $3, $4, $5, $6, '', 0, $7, $8, $9, $10, $11, $12)`
)

// setPassword stores the hash, unless it replaces one that is not there any more.
func (t *turn) setPassword(ctx context.Context, w state.SetPassword) error {
	args := []any{w.Hash, t.b.Account, w.Replaces, w.Strict}
	var found bool
	var err error
	if w.SignOut {
		found, err = t.raise(ctx, signedOut, w.Keep, sqlReplacePassword, args...)
	} else {
		var n int64
		n, err = t.tx.exec(ctx, sqlSetPassword, args...)
		found = n > 0
	}
	if err == nil && !found && w.Strict {
		return t.passwordIs(ctx, w.Hash)
	}
	return err
}

// raise runs a query that raises the epoch for all but the session to keep, and ends all
// others. It reports whether the query found the account.
func (t *turn) raise(ctx context.Context, kind string, keep int64, query string, args ...any) (bool, error) {
	var others bool
	found, err := t.tx.one(ctx, query, append([]any{t.b.Run, keep}, args...), &others)
	if err != nil || !others {
		return found, err
	}
	return found, t.endOthers(ctx, kind, keep)
}

// passwordIs fails with [state.ErrSpent] unless the hash is stored already: a salted hash
// is made once, so only the run that made it can find it there.
func (t *turn) passwordIs(ctx context.Context, hash string) error {
	var same bool
	if _, err := t.tx.one(ctx, sqlPasswordIs, []any{t.b.Account, hash}, &same); err != nil {
		return err
	}
	if !same {
		return state.ErrSpent
	}
	return nil
}

// raiseEpoch ends all that began before.
func (t *turn) raiseEpoch(ctx context.Context, w state.RaiseEpoch) error {
	_, err := t.raise(ctx, ended, w.Keep, sqlRaiseEpoch, t.b.Account)
	return err
}

// setActive enables or disables the account.
func (t *turn) setActive(ctx context.Context, w state.SetActive) error {
	if w.Active {
		return t.exec(ctx, sqlEnable, t.b.Account)
	}
	found, err := t.raise(ctx, ended, 0, sqlDisable, t.b.Account)
	if err != nil || found {
		return err
	}
	return t.endOthers(ctx, ended, 0)
}

const (
	sqlSetPassword = `UPDATE accounts SET password_hash = $1
	WHERE id = $2 AND (($3 = '' AND NOT $4) OR password_hash = $3)`
	sqlPasswordIs = `SELECT COUNT(*) > 0 FROM accounts WHERE id = $1 AND password_hash = $2`

	// The same where all that began before ends with the old one.
	sqlReplacePassword = sqlRaise + `, password_hash = $3
	WHERE id = $4 AND (($5 = '' AND NOT $6) OR password_hash = $5)` + sqlOthersGoOn
	sqlRaiseEpoch = sqlRaise + ` WHERE id = $3` + sqlOthersGoOn
	sqlRaise      = `UPDATE accounts SET epoch = epoch + 1,
		epoch_from = CASE WHEN epoch_by = $1 THEN epoch_from ELSE epoch END, epoch_by = $1,
		kept_from = CASE WHEN kept = $2 THEN kept_from ELSE epoch END, kept = $2`

	sqlOthersGoOn = `
	RETURNING EXISTS (SELECT 1 FROM sessions s WHERE s.account_id = accounts.id AND s.id <> $2)`

	sqlEnable  = `UPDATE accounts SET active = TRUE WHERE id = $1`
	sqlDisable = sqlRaise + `, active = FALSE WHERE id = $3 AND active` + sqlOthersGoOn
)

// setPhone replaces the number.
func (t *turn) setPhone(ctx context.Context, w state.SetPhone) error {
	t.phoneProved = false
	return t.exec(ctx, sqlSetPhone, w.Number, t.b.Account)
}

const sqlSetPhone = `UPDATE accounts SET phone = $1, phone_verified = FALSE WHERE id = $2`

// connectProvider puts the third-party account last, with what is known of it now. If
// another account has it that may keep it, the unique constraint finds it.
func (t *turn) connectProvider(ctx context.Context, p state.ProviderAccount) error {
	var standing int64
	var again bool
	if _, err := t.tx.one(ctx, sqlReplaceProvider, []any{p.Provider, p.UID, t.b.Account}, &standing, &again); err != nil {
		return err
	}
	return t.insertProvider(ctx, p, state.Endorsement(standing), again)
}

// insertProvider adds a third-party account. One that was there stands as it stood; a new
// one is endorsed where a contact of the account is proved.
func (t *turn) insertProvider(ctx context.Context, p state.ProviderAccount, standing state.Endorsement, again bool) error {
	return t.exec(ctx, sqlInsertProvider, p.Provider, p.UID, clean(p.Display), orNull(p.Extra),
		micros(p.ConnectedAt), !again, int64(standing), clean(p.Profile.Encode()), t.b.Account)
}

// sqlProved asks whether a contact of the account a is proved, see [state.Account].
const sqlProved = `((a.phone_verified AND a.phone <> '') OR ` + sqlProvedBesides + `)`

// sqlProvedBesides asks the same of all but the number.
const sqlProvedBesides = `EXISTS (SELECT 1 FROM emails e WHERE e.account_id = a.id AND (e.verified OR e.reached))
	OR EXISTS (SELECT 1 FROM authenticators y WHERE y.account_id = a.id AND y.endorsement = 2)
	OR EXISTS (SELECT 1 FROM providers q WHERE q.account_id = a.id AND q.endorsement = 2)`

func (t *turn) disconnectProvider(ctx context.Context, w state.DisconnectProvider) error {
	return t.exec(ctx, sqlDisconnectProvider, t.b.Account, w.Provider, w.UID)
}

func (t *turn) setAttribute(ctx context.Context, name, value string) error {
	if value == "" {
		return t.exec(ctx, sqlRemoveAttribute, t.b.Account, name)
	}
	return t.exec(ctx, sqlSetAttribute, t.b.Account, name, value)
}

const (
	sqlInsertProvider = `INSERT INTO providers (account_id, provider, uid, display, extra, connected_at, endorsement, profile)
	SELECT a.id, $1, $2, $3, $4, CAST($5 AS BIGINT), CASE WHEN $6 AND ` + sqlProved + ` THEN 2 ELSE CAST($7 AS BIGINT) END, CAST($8 AS TEXT)
	FROM accounts a WHERE a.id = $9`
	sqlReplaceProvider = `DELETE FROM providers WHERE provider = $1 AND uid = $2 AND (account_id = $3 OR EXISTS (
		SELECT 1 FROM accounts a WHERE a.id = providers.account_id AND a.last_login <= 0 AND NOT ` + sqlProved + `))
	RETURNING CASE WHEN account_id = $3 THEN endorsement ELSE 0 END, account_id = $3`
	sqlDisconnectProvider = `DELETE FROM providers WHERE account_id = $1 AND provider = $2 AND uid = $3`
	sqlSetAttribute       = `INSERT INTO attributes (account_id, name, value) VALUES ($1, $2, $3)
	ON CONFLICT (account_id, name) DO UPDATE SET value = excluded.value`
	sqlRemoveAttribute = `DELETE FROM attributes WHERE account_id = $1 AND name = $2`
)

// audit notes an event.
func (t *turn) audit(ctx context.Context, w state.Audit) error {
	return t.exec(ctx, sqlAudit, t.b.Account, t.now(), w.Event, clean(string(w.Data)))
}

const sqlAudit = `INSERT INTO audit (account_id, at, event, data) VALUES ($1, $2, $3, $4)`

package sqlstore

import (
	"context"
	"fmt"
	"time"

	"stagedoor/state"
)

// releaseWithin is how long a message waits for the winner of the swap.
const releaseWithin = time.Minute

// Commit stores a batch in one transaction. A batch that holds what no store could keep
// is an error of its own and stores nothing.
func (s *Store) Commit(ctx context.Context, b state.Batch) (state.Receipt, error) {
	if err := checkBatch(&b); err != nil {
		return state.Receipt{}, fmt.Errorf("commit: %w", err)
	}
	messages, err := s.sealMessages(&b)
	if err != nil {
		return state.Receipt{}, fmt.Errorf("commit: %w", err)
	}
	var receipt state.Receipt
	err = s.inTx(ctx, func(tx *tx) error {
		t := &turn{tx: tx, dialect: s.dialect, b: &b, due: s.shared(b.Now)}
		if err := t.store(ctx, messages); err != nil {
			return err
		}
		receipt = t.receipt
		return nil
	})
	if err != nil {
		return state.Receipt{}, err
	}
	return receipt, nil
}

// turn is one batch on its way into the database.
type turn struct {
	tx      *tx
	dialect *dialect
	b       *state.Batch
	receipt state.Receipt
	// due is the time of the turn by the database's clock.
	due int64
	// phoneProved says that the account's number is verified now. It is in the locked row.
	phoneProved bool
	// shown says that what answers need of the account may have changed.
	shown bool
}

// store does all of it. The order matters: the account's row is locked first, sessions
// are ended and learn of changes before the new one is there, and the new one sees the
// account after all writes.
func (t *turn) store(ctx context.Context, messages []sealed) error {
	if t.b.Account != "" {
		if err := t.storeAccount(ctx); err != nil {
			return err
		}
	}
	for _, w := range t.b.Writes {
		if a, ok := w.(state.Audit); ok {
			if err := t.audit(ctx, a); err != nil {
				return err
			}
		}
	}
	return t.queue(ctx, messages)
}

func (t *turn) storeAccount(ctx context.Context) error {
	if err := t.begin(ctx); err != nil {
		return err
	}
	for _, w := range t.b.Writes {
		t.shown = t.shown || changesSnapshot(w)
		if err := t.write(ctx, w); err != nil {
			return err
		}
	}
	a, err := t.tx.account(ctx, t.b.Account)
	if err != nil {
		return err
	}
	t.receipt.Account = a
	if err := t.tellSnapshot(ctx, a); err != nil {
		return err
	}
	if err := t.grant(ctx, a); err != nil {
		return err
	}
	return t.logMethods(ctx)
}

// begin locks the contacts that the batch proves and the account, which it makes first
// where it is a new one. Those who prove one contact queue before they lock an account: who
// wins takes it from the accounts of the others.
func (t *turn) begin(ctx context.Context) error {
	names := t.contacts()
	for _, w := range t.b.Writes {
		c, ok := w.(state.CreateAccount)
		if !ok {
			continue
		}
		if err := t.dialect.lockNames(ctx, t.tx, names); err != nil {
			return err
		}
		names = nil
		if err := t.createAccount(ctx, &c); err != nil {
			return err
		}
	}
	return t.lockAccount(ctx, names)
}

// lockAccount makes other commits about the account wait, and those before it that claim
// one of the names. It raises the account's revision if the batch changes it, and looks
// whether it is the one that the batch was decided on and whether a session may be granted.
func (t *turn) lockAccount(ctx context.Context, names []string) error {
	raise := 0
	var login any
	for _, w := range t.b.Writes {
		if changesAccount(w) {
			raise = 1
		}
		if n, ok := w.(state.NoteLogin); ok {
			login = micros(n.At)
		}
	}
	query, args, err := t.dialect.lockAccount(ctx, t.tx, names, []any{raise, login, t.b.Account})
	if err != nil {
		return err
	}
	var active bool
	var epoch, raisedFrom, kept, keptFrom, revision int64
	var raisedBy string
	found, err := t.tx.one(ctx, query, args, &active, &epoch, &raisedBy, &raisedFrom, &kept, &keptFrom, &revision, &t.phoneProved)
	if err != nil {
		return err
	}
	if !found {
		return state.ErrNotFound
	}
	if t.b.Revision != 0 && t.b.Revision != revision {
		return state.ErrMoved
	}
	if t.b.Session == nil && !t.b.Guard {
		return nil
	}
	// The run that raised the epoch does not end itself by it: it may come again. Nor does
	// a session end that was left alone each time since.
	own := t.b.Run != "" && raisedBy == t.b.Run && t.b.Epoch >= raisedFrom && t.b.Epoch <= epoch
	left := t.b.Holder != 0 && kept == t.b.Holder && t.b.Epoch >= keptFrom && t.b.Epoch <= epoch
	if !active || (t.b.Epoch != epoch && !own && !left) {
		return state.ErrEnded
	}
	return nil
}

// What guards a batch is in the row that is locked: a database that waited for the lock
// reads that row anew, and no other.
const (
	sqlLockAccount = sqlLockRow + sqlLockedRow

	sqlLockRow = `UPDATE accounts SET revision = revision + $1, last_login = COALESCE(CAST($2 AS BIGINT), last_login)
	WHERE id = $3`
	sqlLockedRow = `
	RETURNING active, epoch, epoch_by, epoch_from, kept, kept_from, revision - $1, phone_verified AND phone <> ''`
)

// changesAccount says whether the write changes the account itself.
func changesAccount(w state.Write) bool {
	switch w.(type) {
	case state.LogMethods, state.EndSessions, state.RenewSession, state.BindSession, state.NoteProviderSession, state.Queue, state.Audit:
		return false
	}
	return true
}

// changesSnapshot says whether the write can change what answers need of the account. What
// the proof of a number ends is noted where it does.
func changesSnapshot(w state.Write) bool {
	switch w := w.(type) {
	case state.ProveContact:
		return w.Email != ""
	case state.SetPassword, state.AddEmail, state.RemoveEmail, state.SetPrimaryEmail,
		state.AddAuthenticator, state.RemoveAuthenticators:
		return true
	}
	return false
}

// write carries out one write to the account or its sessions. A kind it does not know
// fails: a write that is passed over would be one that was promised.
func (t *turn) write(ctx context.Context, w state.Write) error {
	switch w := w.(type) {
	case state.CreateAccount, state.NoteLogin, state.LogMethods, state.Queue, state.Audit:
		return nil // each has its own place in the order
	case state.SetPassword:
		return t.setPassword(ctx, w)
	case state.AddEmail:
		return t.addEmail(ctx, w)
	case state.ProveContact:
		return t.proveContact(ctx, w)
	case state.RemoveEmail:
		return t.removeEmail(ctx, w)
	case state.SetPrimaryEmail:
		return t.setPrimaryEmail(ctx, w)
	case state.SetPhone:
		return t.setPhone(ctx, w)
	case state.AddAuthenticator:
		return t.addAuthenticator(ctx, &w.Authenticator, false)
	case state.RemoveAuthenticators:
		return t.removeAuthenticators(ctx, w)
	case state.RenameAuthenticator:
		return t.renameAuthenticator(ctx, w)
	case state.SpendTOTP:
		return t.spendTOTP(ctx, w)
	case state.SpendRecoveryCode:
		return t.spendRecoveryCode(ctx, w)
	case state.UpdateCredential:
		return t.updateCredential(ctx, w)
	case state.ViewRecoveryCodes:
		return t.viewRecoveryCodes(ctx, w)
	case state.RaiseEpoch:
		return t.raiseEpoch(ctx, w)
	case state.SetActive:
		return t.setActive(ctx, w)
	case state.ConnectProvider:
		return t.connectProvider(ctx, w.Account)
	case state.DisconnectProvider:
		return t.disconnectProvider(ctx, w)
	case state.SetAttribute:
		return t.setAttribute(ctx, w.Key, w.Value)
	case state.EndSessions:
		return t.endSessions(ctx, w)
	case state.RenewSession:
		return t.renewSession(ctx, w)
	case state.BindSession:
		return t.bindSession(ctx, w)
	case state.NoteProviderSession:
		return t.noteProviderSession(ctx, w)
	}
	return fmt.Errorf("commit: unknown write %T", w)
}

// exec runs a statement whose count of rows does not matter.
func (t *turn) exec(ctx context.Context, query string, args ...any) error {
	_, err := t.tx.exec(ctx, query, args...)
	return err
}

// now is the time of the turn.
func (t *turn) now() int64 { return micros(t.b.Now) }

// Release lets the messages of a turn go out, those that were queued within the last
// minute. What other turns of the run would tell is told by it.
func (s *Store) Release(ctx context.Context, run string, version uint64, now time.Time) error {
	_, err := s.exec(ctx, sqlRelease, int64(version), s.shared(now), run, s.shared(now.Add(-releaseWithin)))
	if err != nil {
		return fmt.Errorf("release messages: %w", err)
	}
	return nil
}

const sqlRelease = `UPDATE outbox SET released = (version = $1), notice = notice AND version = $1, due_at = CASE WHEN version = $1 THEN $2 ELSE due_at END
	WHERE run = $3 AND NOT released AND (version = $1 AND queued_at >= $4 OR version < $1 AND notice)`

// Abandon deletes the session of the run and the messages of its turn that were not
// released. The run is not marked as ended: no answer named the session.
func (s *Store) Abandon(ctx context.Context, run string, version uint64) error {
	err := s.inTx(ctx, func(tx *tx) error {
		if _, err := tx.exec(ctx, sqlAbandonSession, run); err != nil {
			return err
		}
		_, err := tx.exec(ctx, sqlDropTurn, run, int64(version))
		return err
	})
	if err != nil {
		return fmt.Errorf("abandon turn: %w", err)
	}
	return nil
}

const (
	sqlAbandonSession = `DELETE FROM sessions WHERE run = $1`
	sqlDropTurn       = `DELETE FROM outbox WHERE run = $1 AND version = $2 AND NOT released`
)

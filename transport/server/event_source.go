package server

import (
	"context"
	"encoding/json"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
)

// eventsOfTurn are the events of a turn: first what it stored, then what it came to.
func eventsOfTurn(flows *engine.Flows, t engine.TurnEvent) []Event {
	base := Event{
		At: t.Now, Account: state.AccountID(t.Subject), Flow: t.Flow, Client: t.Client.Kind, IP: t.Client.From(), UserAgent: t.Client.UserAgent,
	}
	if f := flows.Flow(t.Flow); f != nil {
		base.Stage = f.Graph.Nodes[t.Node].Stage.ID
	}
	if t.Run != nil {
		base.Run = t.Run.ID
	}
	writes := make([]state.Write, 0, len(t.Writes))
	for _, w := range t.Writes {
		if write, ok := w.(state.Write); ok {
			writes = append(writes, write)
		}
	}
	out := eventsOfWrites(base, writes)
	add := func(kind EventKind) {
		e := base
		e.Kind = kind
		out = append(out, e)
	}
	switch {
	case t.Outcome == engine.Wrong || t.Outcome == engine.Limited:
		add(Failed)
		out[len(out)-1].Errors, out[len(out)-1].Why = t.Errors, t.Why
		if stages.SuspectsClone(t.Why) {
			add(CloneSuspected)
			out[len(out)-1].Authenticator = state.WebAuthn
		}
		if t.Spent {
			add(Refused)
		}
	case t.Outcome == engine.Granted && t.Client.Account != t.Subject:
		add(SignedIn)
		if bound := stages.BindingOf(t.Client, t.Now); bound.Bound() {
			out = append(out, eventOfBinding(base, bound))
		}
	case t.Outcome == engine.Finished && t.End == "reauthenticated":
		add(Reauthenticated)
	case t.Outcome == engine.Finished && (t.End == "refused" || t.End == ""):
		add(Refused)
	}
	return out
}

// eventsOfWrites are the events of what was stored of an account.
func eventsOfWrites(base Event, writes []state.Write) []Event {
	audited := ""
	for _, w := range writes {
		if a, ok := w.(state.Audit); ok {
			audited = a.Event
		}
	}
	var out []Event
	for _, w := range writes {
		if e, ok := eventOfWrite(base, w, audited); ok {
			out = append(out, e)
		}
	}
	return out
}

// eventOfWrite is the event of one write, false where it is none. audited is what was
// noted beside it.
func eventOfWrite(e Event, w state.Write, audited string) (Event, bool) {
	switch w := w.(type) {
	case state.CreateAccount:
		e.Kind, e.Account = SignedUp, w.Account.ID
		if primary := w.Account.Primary(); primary != nil {
			e.Email = primary.Address
		}
	case state.SetPassword:
		e.Kind = PasswordChanged
		// A hash that only takes the place of an older form is no other password.
		return e, w.SignOut
	case state.AddEmail:
		e.Kind, e.Email = EmailAdded, w.Address
	case state.ProveContact:
		e.Kind, e.Email, e.Phone = EmailVerified, w.Email, w.Phone
		if w.Phone != "" {
			e.Kind = PhoneVerified
		}
		// A reset link that came back verifies no address.
		return e, !w.Reached
	case state.RemoveEmail:
		e.Kind, e.Email = EmailRemoved, w.Address
	case state.SetPrimaryEmail:
		e.Kind, e.Email = EmailChanged, w.Address
	case state.SetPhone:
		return e, false
	case state.ConnectProvider:
		e.Kind, e.Provider = ProviderConnected, w.Account.Provider
		// What is known of a connected account is refreshed in the same way.
		return e, w.Account.ConnectedAt.Equal(e.At)
	case state.DisconnectProvider:
		e.Kind, e.Provider = ProviderDisconnected, w.Provider
	case state.SetActive:
		e.Kind = AccountDisabled
		if w.Active {
			e.Kind = AccountEnabled
		}
	case state.EndSessions:
		e.Kind = SignedOut
	case state.BindSession:
		return eventOfBinding(e, w.Binding), true
	case state.Audit:
		switch w.Event {
		case "session_created":
			e.Kind = SignedIn
		case "refresh_token_reused":
			e.Kind = TokenReused
		case stages.CloneSuspected:
			e.Kind, e.Authenticator = CloneSuspected, state.WebAuthn
		case contract.AttemptEvent:
			return eventOfAttempt(e, w.Data)
		}
		return e, e.Kind != ""
	default:
		return eventOfAuthenticator(e, w, audited)
	}
	return e, true
}

// eventOfBinding is the event of a session that is bound now. Browsers alone bind one that is there.
func eventOfBinding(e Event, b state.Binding) Event {
	if e.Kind, e.Binding = SessionBound, b.Kind; b.Kind == state.BoundDBSC {
		e.Client = token.Browser.String()
	}
	return e
}

// eventOfAttempt is the event of a request that was not its session's.
func eventOfAttempt(e Event, noted json.RawMessage) (Event, bool) {
	var data contract.AttemptData
	if err := json.Unmarshal(noted, &data); err != nil {
		return e, false
	}
	e.Kind, e.Binding, e.Why = SessionRefused, data.Binding, data.Why
	e.Client, e.IP, e.UserAgent = data.Client, data.IP, data.UserAgent
	return e, true
}

// eventOfAuthenticator is eventOfWrite for authenticators.
func eventOfAuthenticator(e Event, w state.Write, audited string) (Event, bool) {
	switch w := w.(type) {
	case state.AddAuthenticator:
		e.Kind, e.Authenticator = AuthenticatorAdded, w.Authenticator.Type
	case state.RemoveAuthenticators:
		e.Kind, e.Authenticator = AuthenticatorRemoved, state.TOTP
		switch audited {
		case "webauthn_removed":
			e.Authenticator = state.WebAuthn
		case "recovery_codes_generated":
			e.Authenticator = state.RecoveryCodes
		case "account_disowned":
			e.Authenticator = ""
		}
	case state.RenameAuthenticator:
		e.Kind, e.Authenticator = AuthenticatorRenamed, state.WebAuthn
	case state.SpendTOTP:
		e.Kind, e.Authenticator = AuthenticatorUsed, state.TOTP
	case state.SpendRecoveryCode:
		e.Kind, e.Authenticator = AuthenticatorUsed, state.RecoveryCodes
	case state.UpdateCredential:
		e.Kind, e.Authenticator = AuthenticatorUsed, state.WebAuthn
	case state.ViewRecoveryCodes:
		e.Kind, e.Authenticator = RecoveryCodesViewed, state.RecoveryCodes
	default:
		return e, false
	}
	return e, true
}

// eventLedger makes events of what it stores: what accounts do that is no turn. The
// engine's own batches go past it, since a turn that is stored may still lose.
type eventLedger struct {
	state.Ledger
	events *events
}

// Commit stores, then queues the events.
func (l eventLedger) Commit(ctx context.Context, b state.Batch) (state.Receipt, error) {
	receipt, err := l.Ledger.Commit(ctx, b)
	if err != nil {
		return receipt, err
	}
	base := Event{At: b.Now, Account: b.Account}
	if b.Session != nil {
		base.Client = b.Session.Client
	}
	for _, w := range b.Writes {
		if a, ok := w.(state.Audit); ok {
			var data struct {
				IP        string
				UserAgent string `json:"user_agent"`
			}
			// An event without an address is an event all the same.
			_ = json.Unmarshal(a.Data, &data)
			base.IP, base.UserAgent = data.IP, data.UserAgent
		}
	}
	l.events.queueUp(eventsOfWrites(base, b.Writes)...)
	return receipt, nil
}

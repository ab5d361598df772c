package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// collected is a hook that keeps events.
type collected struct{ list []Event }

func (c *collected) hook(_ context.Context, e Event) { c.list = append(c.list, e) }

func kindsOf(list []Event) []EventKind {
	var out []EventKind
	for _, e := range list {
		out = append(out, e.Kind)
	}
	return out
}

// TestEventsQueue never waits: what finds no place is lost and said once, and what is left
// is delivered at the end.
func TestEventsQueue(t *testing.T) {
	var log bytes.Buffer
	begun, release, got := make(chan struct{}, eventsMost), make(chan struct{}), new(collected)
	e := newEvents(func(ctx context.Context, one Event) {
		begun <- struct{}{}
		<-release
		got.hook(ctx, one)
	}, slog.New(slog.NewTextHandler(&log, nil)))
	e.queueUp(Event{Kind: Failed})
	<-begun
	for range eventsMost + 10 {
		e.queueUp(Event{Kind: Failed})
	}
	if n := strings.Count(log.String(), "the hook of events is too slow"); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.close(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("closing while it hangs: %v", err)
	}
	close(release)
	<-e.done
	if n := len(got.list); n > 2 {
		t.Errorf("%d events are delivered to who was given up", n)
	}
	e.queueUp(Event{Kind: Failed})

	all := new(collected)
	e = newEvents(all.hook, slog.New(slog.NewTextHandler(&log, nil)))
	for i := range 100 {
		e.queueUp(Event{Account: state.AccountID(strconv.Itoa(i))})
	}
	if err := e.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, one := range all.list {
		if one.Account != state.AccountID(strconv.Itoa(i)) {
			t.Fatalf("event %d is that of account %s", i, one.Account)
		}
	}
	if len(all.list) != 100 {
		t.Errorf("%d events are delivered", len(all.list))
	}
	if err := (*events)(nil).close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestEventsOfWrites maps every write to what it tells of.
func TestEventsOfWrites(t *testing.T) {
	now := time.Unix(1_900_000_000, 0)
	for _, c := range []struct {
		write state.Write
		want  Event
	}{
		{state.CreateAccount{Account: state.Account{ID: "9", Emails: []state.Email{{Address: "a@example.com", Primary: true}}}}, Event{Kind: SignedUp, Account: "9", Email: "a@example.com"}},
		{state.SetPassword{Hash: "x", SignOut: true}, Event{Kind: PasswordChanged}},
		{state.SetPassword{Hash: "x", Replaces: "y"}, Event{}},
		{state.AddEmail{Address: "a@example.com"}, Event{Kind: EmailAdded, Email: "a@example.com"}},
		{state.ProveContact{Email: "a@example.com"}, Event{Kind: EmailVerified, Email: "a@example.com"}},
		{state.ProveContact{Email: "a@example.com", Reached: true}, Event{}},
		{state.RemoveEmail{Address: "a@example.com"}, Event{Kind: EmailRemoved, Email: "a@example.com"}},
		{state.SetPrimaryEmail{Address: "a@example.com"}, Event{Kind: EmailChanged, Email: "a@example.com"}},
		{state.ProveContact{Phone: "+1"}, Event{Kind: PhoneVerified, Phone: "+1"}},
		{state.SetPhone{Number: "+1"}, Event{}},
		{state.AddAuthenticator{Authenticator: state.Authenticator{Type: state.WebAuthn}}, Event{Kind: AuthenticatorAdded, Authenticator: state.WebAuthn}},
		{state.RemoveAuthenticators{IDs: []int64{1}}, Event{Kind: AuthenticatorRemoved, Authenticator: state.TOTP}},
		{state.RenameAuthenticator{ID: 1}, Event{Kind: AuthenticatorRenamed, Authenticator: state.WebAuthn}},
		{state.SpendTOTP{ID: 1}, Event{Kind: AuthenticatorUsed, Authenticator: state.TOTP}},
		{state.SpendRecoveryCode{ID: 1}, Event{Kind: AuthenticatorUsed, Authenticator: state.RecoveryCodes}},
		{state.UpdateCredential{ID: 1}, Event{Kind: AuthenticatorUsed, Authenticator: state.WebAuthn}},
		{state.ViewRecoveryCodes{ID: 1}, Event{Kind: RecoveryCodesViewed, Authenticator: state.RecoveryCodes}},
		{state.ConnectProvider{Account: state.ProviderAccount{Provider: "dummy", ConnectedAt: now}}, Event{Kind: ProviderConnected, Provider: "dummy"}},
		{state.ConnectProvider{Account: state.ProviderAccount{Provider: "dummy", ConnectedAt: now.Add(-time.Hour)}}, Event{}},
		{state.DisconnectProvider{Provider: "dummy"}, Event{Kind: ProviderDisconnected, Provider: "dummy"}},
		{state.SetActive{}, Event{Kind: AccountDisabled}},
		{state.SetActive{Active: true}, Event{Kind: AccountEnabled}},
		{state.EndSessions{}, Event{Kind: SignedOut}},
		{state.Audit{Event: "session_created"}, Event{Kind: SignedIn}},
		{state.Audit{Event: "refresh_token_reused"}, Event{Kind: TokenReused}},
		{state.Audit{Event: "webauthn_renamed"}, Event{}},
		{state.SetAttribute{Key: "acme.terms", Value: "1"}, Event{}},
		{state.NoteLogin{}, Event{}}, {state.RaiseEpoch{}, Event{}}, {state.Queue{}, Event{}}, {state.LogMethods{}, Event{}}, {state.RenewSession{}, Event{}},
	} {
		got := eventsOfWrites(Event{At: now, Account: "7"}, []state.Write{c.write})
		want := c.want
		if want.At = now; want.Account == "" {
			want.Account = "7"
		}
		switch {
		case c.want.Kind == "" && len(got) > 0:
			t.Errorf("%T is told as %+v", c.write, got)
		case c.want.Kind != "" && (len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(want)):
			t.Errorf("%T is told as %+v, want %+v", c.write, got, want)
		}
	}
	for noted, want := range map[string]state.AuthenticatorType{"webauthn_removed": state.WebAuthn, "recovery_codes_generated": state.RecoveryCodes, "totp_deactivated": state.TOTP} {
		got := eventsOfWrites(Event{}, []state.Write{state.RemoveAuthenticators{}, state.Audit{Event: noted}})
		if len(got) != 1 || got[0].Authenticator != want {
			t.Errorf("%s: %+v", noted, got)
		}
	}
}

// TestEventsOfTurns maps what turns come to.
func TestEventsOfTurns(t *testing.T) {
	for _, c := range []struct {
		turn engine.TurnEvent
		want []EventKind
	}{
		{engine.TurnEvent{Outcome: engine.Granted, Subject: "7"}, []EventKind{SignedIn}},
		{engine.TurnEvent{Outcome: engine.Granted, Subject: "7", Client: engine.Client{Account: "7"}}, nil},
		{engine.TurnEvent{Outcome: engine.Finished, End: "reauthenticated"}, []EventKind{Reauthenticated}},
		{engine.TurnEvent{Outcome: engine.Finished, End: "refused"}, []EventKind{Refused}},
		{engine.TurnEvent{Outcome: engine.Finished}, []EventKind{Refused}},
		{engine.TurnEvent{Outcome: engine.Finished, End: "done"}, nil},
		{engine.TurnEvent{Outcome: engine.Wrong, Counted: true}, []EventKind{Failed}},
		{engine.TurnEvent{Outcome: engine.Wrong, Counted: true, Spent: true}, []EventKind{Failed, Refused}},
		{engine.TurnEvent{Outcome: engine.Limited}, []EventKind{Failed}},
		{engine.TurnEvent{Outcome: engine.Advanced, Writes: []engine.Write{state.ProveContact{}, nil}}, []EventKind{EmailVerified}},
		{engine.TurnEvent{Outcome: engine.Conflict}, nil}, {engine.TurnEvent{Outcome: engine.Done}, nil},
	} {
		if got := kindsOf(eventsOfTurn(new(engine.Flows), c.turn)); !slices.Equal(got, c.want) {
			t.Errorf("%+v tells of %v, want %v", c.turn, got, c.want)
		}
	}
}

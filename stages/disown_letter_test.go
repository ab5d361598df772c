package stages_test

import (
	"testing"

	"stagedoor/engine"
	"stagedoor/state"
)

// offers reports whether the only message lets its reader disown the account, and holds
// the key against the one that the account's address has.
func (w *world) offers(what string, list []engine.Message, account engine.AccountID) bool {
	w.t.Helper()
	if len(list) != 1 {
		w.t.Fatalf("%s: %d messages", what, len(list))
	}
	key := dataOf(w.t, list)["disown_key"]
	if key == "" {
		return false
	}
	if want := "https://x/not-me?key=" + key; dataOf(w.t, list)["disown_url"] != want {
		w.t.Errorf("%s: the letter leads to %q, not to %q", what, dataOf(w.t, list)["disown_url"], want)
	}
	v := w.submit("disown_key", w.submission(engine.MapValues{"key": key}))
	if v.Exit != engine.OK || v.Subject != account {
		w.t.Errorf("%s: its key: %+v", what, v)
	}
	return true
}

// TestLettersThatOffer: a letter of a sign-up lets its reader say that it was not him, and
// so does any other whose link would endorse what the sign-up set. No other does: it goes
// to somebody by the word of who has proved to be somebody.
func TestLettersThatOffer(t *testing.T) {
	w := newWorld(t)
	w.DisownURL = "https://x/not-me?key={key}"
	bob := engine.Person{Email: "bob@x.org", Name: "bob"}
	named, proved := bob, bob
	named.EmailNamed, proved.EmailNamed, proved.Proved = true, true, true
	for _, c := range []struct {
		name   string
		person engine.Person
		signup bool
		want   bool
	}{
		{"a sign-up's", named, true, true},
		{"a sign-up's after its number was proved", proved, true, true},
		{"a later sign-in's", named, false, true},
		{"one to an address that was added", bob, false, false},
		{"one of an account with a proved contact", proved, false, false},
	} {
		for _, stage := range []engine.StageID{"verify_email_link", "verify_email_code"} {
			a := engine.Arrival{Run: engine.Run{Subject: "8", Slot: engine.SlotLogin}, Person: c.person, Facts: engine.Facts{Signup: c.signup}}
			_, in := w.enter(stage, a)
			if got := w.offers(c.name, in.Messages, "8"); got != c.want {
				t.Errorf("%s, at %s: offered %t", c.name, stage, got)
			}
		}
	}
}

// TestCodesThatOffer: what the first letter with a code offers, later ones do.
func TestCodesThatOffer(t *testing.T) {
	w := newWorld(t)
	w.DisownURL = "https://x/not-me?key={key}"
	w.bob().Epoch = 4
	for _, offered := range []bool{true, false} {
		a := engine.Arrival{Run: engine.Run{Subject: "8"}, Person: engine.Person{Email: "bob@x.org", EmailNamed: offered, Epoch: 4}}
		run, in := w.enter("verify_email_code", a)
		first := dataOf(t, in.Messages)
		if first["ip"] != "" || first["at"] != "2026-03-01T12:00:00Z" {
			t.Errorf("the letter says %v of who asked", first)
		}
		s := w.submission(engine.MapValues{"email": "other@x.org"})
		s.Run, s.Held = &engine.Run{Subject: "8"}, &run
		again := w.act("verify_email_code", "resend", s)
		if got := w.offers("resent", again.Messages, "8"); got != offered || dataOf(t, again.Messages)["ip"] != "192.0.2.1" {
			t.Errorf("resent: offered %t, not %t; %v", got, offered, dataOf(t, again.Messages))
		}
		moved := w.act("verify_email_code", "change", s)
		if key := dataOf(t, moved.Messages)["disown_key"]; (key != "") != offered {
			t.Errorf("changed: offered %q, not %t", key, offered)
		}
		held := kept(t, run, moved.Data, moved.Hint)
		s.Held = &held
		w.bob().Emails = append(w.bob().Emails, state.Email{Address: "other@x.org"})
		if got := w.offers("changed and resent", w.act("verify_email_code", "resend", s).Messages, "8"); got != offered {
			t.Errorf("changed and resent: offered %t, not %t", got, offered)
		}
		*w.book = *newWorld(t).book
		w.bob().Epoch = 4
	}
}

// TestOptionalLettersThatOffer: a sign-up that waits for nothing mails its letter itself.
func TestOptionalLettersThatOffer(t *testing.T) {
	w := newWorld(t)
	w.DisownURL, w.VerifyEmail = "https://x/not-me?key={key}", engine.Optional
	v := w.submit("signup_form", w.submission(engine.MapValues{"email": "new2@x.org", "password": "violet harbour 7"}))
	made := v.Writes[0].(state.CreateAccount).Account
	w.book.list = append(w.book.list, &made)
	if !w.offers("an optional one", v.Messages, v.Subject) {
		t.Error("the letter of a sign-up offers nothing")
	}
	// A signed-in client may ask for it again, until a contact is proved.
	resend := func() []engine.Message {
		s := w.submission(engine.MapValues{"email": "bob@x.org"})
		s.Client.Account = "8"
		return w.submit("email_resend", s).Messages
	}
	w.bob().Emails[0].Endorsement = state.OfSignup
	if !w.offers("asked for again", resend(), "8") {
		t.Error("the letter that was asked for again offers nothing")
	}
	w.bob().PhoneVerified = true
	if w.offers("asked for again after a proof", resend(), "8") {
		t.Error("an account of somebody who has proved a number can be disowned by letter")
	}
	// Where nobody says who asks, what the account carries ends with the link.
	w.bob().PhoneVerified = false
	s := w.submission(engine.MapValues{"email": "bob@x.org"})
	if w.offers("asked for by a stranger", w.submit("verification_request", s).Messages, "8") {
		t.Error("a stranger's letter offers it")
	}
}

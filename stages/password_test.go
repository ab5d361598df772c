package stages_test

import (
	"context"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

func TestPasswordByEveryName(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ method, value, hint string }{
		{"email", "ann@x.org", "ann@x.org"}, {"email", "new@x.org", "new@x.org"},
		{"username", "ann", ""}, {"username", "ANN", ""}, {"phone", "+31600000001", "+31600000001"},
	} {
		v := w.submit("password", w.submission(engine.MapValues{c.method: c.value, "password": "correct horse"}))
		if v.Exit != engine.OK || v.Subject != "7" || v.Epoch != 3 || v.Hint != c.hint || len(v.Methods) != 1 || len(v.Writes) != 0 {
			t.Errorf("%s %s: %+v", c.method, c.value, v)
			continue
		}
		if m := v.Methods[0]; m.Method != "password" || m.At != noon.UnixMilli() || m.Phone != "" ||
			(m.Email != "") != (c.method == "email") || (m.Username != "") != (c.method == "username") {
			t.Errorf("%s: the log says %+v", c.method, m)
		}
		w.wantErrors(c.method, w.submit("password", w.submission(engine.MapValues{c.method: c.value, "password": "wrong"})).Errors,
			"password:"+c.method+"_password_mismatch")
	}
}

// TestPasswordTellsNothing: unknown names, inactive accounts and accounts without a
// password are answered like a wrong password.
func TestPasswordTellsNothing(t *testing.T) {
	w := newWorld(t)
	w.bob().PasswordHash = ""
	off := w.ann().Clone()
	off.ID, off.Username, off.Emails, off.Active = "9", "off", []state.Email{{Address: "off@x.org"}}, false
	w.book.list = append(w.book.list, off)
	for _, email := range []string{"nobody@x.org", "bob@x.org", "off@x.org"} {
		for _, secret := range []string{"correct horse", "", strings.Repeat("x", 5000)} {
			v := w.submit("password", w.submission(engine.MapValues{"email": email, "password": secret}))
			if v.Exit != engine.Again || v.Subject != "" || v.Found != nil {
				t.Errorf("%s: %+v", email, v)
			}
			w.wantErrors(email, v.Errors, "password:email_password_mismatch")
		}
	}
}

// TestPasswordAlwaysHashes: with no time to hash, an unknown name fails like a known one,
// so a hash is what it waits for.
func TestPasswordAlwaysHashes(t *testing.T) {
	w := newWorld(t)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for _, email := range []string{"ann@x.org", "nobody@x.org"} {
		v, err := w.Handlers()["password"].Submit(gone, w.submission(engine.MapValues{"email": email, "password": "x"}))
		if err == nil || v.Exit != engine.Again || len(v.Errors) != 0 {
			t.Errorf("%s: %+v, %v", email, v, err)
		}
	}
}

func TestPasswordNeedsOneName(t *testing.T) {
	w := newWorld(t)
	for _, v := range []engine.MapValues{
		{"password": "correct horse"}, {"email": "ann@x.org", "username": "ann", "password": "correct horse"},
	} {
		got := w.submit("password", w.submission(v))
		w.wantErrors("names", got.Errors, "invalid_login")
	}
	w.LoginMethods = []string{"username"}
	got := w.submit("password", w.submission(engine.MapValues{"email": "ann@x.org", "password": "correct horse"}))
	w.wantErrors("a name that is not allowed", got.Errors, "invalid_login")
	w.down("password", w.submission(engine.MapValues{"username": "ann", "password": "x"}))
}

func TestPasswordUpgradesAStaleHash(t *testing.T) {
	w := newWorld(t)
	other := newWorld(t)
	other.Hasher = costlier(t)
	w.ann().PasswordHash = other.hash("correct horse")
	if v := w.submit("password", w.submission(engine.MapValues{"username": "ann", "password": "wrong"})); len(v.Writes) != 0 {
		t.Errorf("a wrong password upgrades: %+v", v.Writes)
	}
	v := w.submit("password", w.submission(engine.MapValues{"username": "ann", "password": "correct horse"}))
	if len(v.Writes) != 1 {
		t.Fatalf("%+v", v)
	}
	set := v.Writes[0].(state.SetPassword)
	if set.Replaces != w.ann().PasswordHash || set.SignOut || set.Strict || set.Hash == set.Replaces {
		t.Errorf("%+v", set)
	}
	if m, err := w.Hasher.Verify(context.Background(), set.Hash, "correct horse"); err != nil || !m.OK || m.Stale {
		t.Errorf("the fresh hash: %+v, %v", m, err)
	}
}

func costlier(t *testing.T) *accounts.Hasher {
	h, err := accounts.NewHasher(accounts.HashConfig{MemoryKiB: 16, Time: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestPasswordLimits: tries are counted by client and by name, names alike without
// regard to case, and no name is readable in what counts them.
func TestPasswordLimits(t *testing.T) {
	w := newWorld(t)
	limits := func(v engine.MapValues) []engine.Take {
		return w.Handlers()["password"].(engine.Limiter).Limits(w.submission(v))
	}
	a, b := limits(engine.MapValues{"username": "ann"}), limits(engine.MapValues{"username": "ANN"})
	if len(a) != 2 || a[0].By != "ip" || a[1].By != "key" || a[1].Key != b[1].Key {
		t.Errorf("%+v and %+v", a, b)
	}
	if c := limits(engine.MapValues{"email": "ann"}); c[1].Key == a[1].Key {
		t.Error("a username and an address are counted together")
	}
	if strings.Contains(a[1].Key, "ann") {
		t.Errorf("%s tells the name", a[1].Key)
	}
	if got := limits(engine.MapValues{}); got != nil {
		t.Errorf("without a name: %+v", got)
	}
	v := w.submit("password", w.submission(engine.MapValues{"username": "ann", "password": "correct horse"}))
	if len(v.Refunds) != 2 || v.Refunds[0].All || v.Refunds[1].All || v.Refunds[1].Take.Key != a[1].Key {
		t.Errorf("success gives back %+v", v.Refunds)
	}
}

func TestReauthenticate(t *testing.T) {
	w := newWorld(t)
	s := w.submission(engine.MapValues{"password": "correct horse"})
	s.Client.Account = "7"
	if v := w.submit("reauthenticate", s); v.Exit != engine.OK || !v.Methods[0].Reauthenticated {
		t.Errorf("%+v", v)
	}
	for _, account := range []engine.AccountID{"", "8", "99"} {
		s.Client.Account = account
		w.wantErrors("another account", w.submit("reauthenticate", s).Errors, "password:incorrect_password")
	}
	w.down("reauthenticate", s)
}

package stages_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
)

// boundOnly trusts browsers whose session was bound alone.
func boundOnly(t *testing.T) *world {
	w := newWorld(t)
	w.OfferTrust, w.TrustCode, w.TrustBound, w.BindsSessions = true, true, true, true
	w.SessionKey = func(run string) engine.Key { return engine.Key("session of " + run) }
	w.protect()
	return w
}

// keep makes good what waits in a cookie for the session of a run.
func (w *world) keep(account engine.AccountID, run, cookie string, now time.Time) string {
	w.t.Helper()
	kept, err := w.KeepTrust(w.t.Context(), account, w.SessionKey(run), cookie, now)
	if err != nil {
		w.t.Fatal(err)
	}
	return kept
}

// TestTrustWaitsForItsSession: where trust is for bound sessions alone, a browser's is good for
// nothing until the session that it was given in is bound, and that one alone makes it good.
func TestTrustWaitsForItsSession(t *testing.T) {
	w := boundOnly(t)
	waits := w.trust("", "login_by_code", "mfa_authenticate")
	if got := w.waives("7", waits, noon); got != [2]bool{} || !strings.HasPrefix(waits, ".") {
		t.Errorf("%s waives %v before its session is bound", waits, got)
	}
	later := noon.Add(time.Hour)
	kept := w.keep("7", "", waits, later)
	if got := w.waives("7", kept, later); got != [2]bool{true, true} || strings.Contains(kept, ".") {
		t.Errorf("%s waives %v once its session is bound", kept, got)
	}
	if got := w.waives("7", kept, noon.Add(24*time.Hour+time.Millisecond)); got != [2]bool{} {
		t.Errorf("it lasts longer for having waited: %v", got)
	}
	for name, got := range map[string]string{
		"another session":                  w.keep("7", "another", waits, later),
		"a session of another":             w.keep("8", "", waits, later),
		"nobody's":                         w.keep("", "", waits, later),
		"its session, after its time":      w.keep("7", "", waits, noon.Add(25*time.Hour)),
		"its session, what is good":        w.keep("7", "", kept, later),
		"its session, what does not wait":  w.keep("7", "", strings.TrimPrefix(waits, "."), later),
		"its session, nothing":             w.keep("7", "", "", later),
		"its session, what is no trust":    w.keep("7", "", ".~..~.AAAA~.!!", later),
		"its session, a letter is changed": w.keep("7", "", waits[:30]+flip(waits[30])+waits[31:], later),
	} {
		if got != "" {
			t.Errorf("%s makes good %s", name, got)
		}
	}
	if got := w.waives("7", strings.TrimPrefix(waits, "."), noon); got != [2]bool{} {
		t.Errorf("what waits waives %v without its mark", got)
	}
}

// TestTrustWaitsInVain: what waits for another session, or was made up, has no account read: it comes
// with every request.
func TestTrustWaitsInVain(t *testing.T) {
	w := boundOnly(t)
	waits := w.trust("", "mfa_authenticate")
	w.book.err = state.ErrUnavailable // for who asks
	own, mac, _ := strings.Cut(strings.TrimPrefix(waits, "."), ".")
	for name, cookie := range map[string]string{
		"without its session": "." + own, "with no MAC": "." + own + ".", "with a short one": "." + own + "." + mac[:4], "changed": "." + own[:20] + flip(own[20]) + own[21:] + "." + mac,
	} {
		if got := w.keep("7", "", cookie, noon); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := w.keep("7", "another", waits, noon); got != "" {
		t.Errorf("of another session: %s", got)
	}
	if _, err := w.KeepTrust(t.Context(), "7", w.SessionKey(""), waits, noon); !errors.Is(err, state.ErrUnavailable) {
		t.Errorf("its own session has not asked: %v", err)
	}
}

// TestTrustOfUnboundSessions waives nothing where trust is for bound ones alone, and what bound
// ones have earned is good where it is for all.
func TestTrustOfUnboundSessions(t *testing.T) {
	w := boundOnly(t)
	w.TrustBound = false
	plain := w.trust("", "mfa_authenticate")
	w.TrustBound = true
	if got := w.waives("7", plain, noon); got != [2]bool{} {
		t.Errorf("a trust from before waives %v", got)
	}
	kept := w.keep("7", "", w.trust("", "mfa_authenticate"), noon)
	w.TrustBound = false
	if got := w.waives("7", kept, noon); got != [2]bool{false, true} {
		t.Errorf("of a bound session it waives %v", got)
	}
}

// TestTrustIsKeptBesideOthers: what a session makes good takes the place of its own, and leaves
// that of other accounts. An account that has changed since keeps none.
func TestTrustIsKeptBesideOthers(t *testing.T) {
	w := boundOnly(t)
	of8 := func() string {
		s := w.submission(engine.MapValues{"trust": true})
		s.Run, s.Proved = &engine.Run{Subject: "8", ID: "of 8"}, [][]engine.Proof{{engine.Code}}
		return w.submit("mfa_trust", s).Values[stages.TrustValue]
	}
	bobs := w.keep("8", "of 8", of8(), noon)
	waits := w.trust(bobs, "mfa_authenticate")
	if got := w.waives("8", waits, noon); got != [2]bool{true, false} {
		t.Errorf("of another account, beside what waits: %v", got)
	}
	both := w.keep("7", "", waits, noon)
	if w.waives("7", both, noon) != [2]bool{false, true} || w.waives("8", both, noon) != [2]bool{true, false} {
		t.Errorf("%s waives %v and %v", both, w.waives("7", both, noon), w.waives("8", both, noon))
	}
	w.ann().Epoch++
	if got := w.keep("7", "", waits, noon); got != "" {
		t.Errorf("after all sessions were ended: %s", got)
	}
	w.book.list = w.book.list[1:]
	if got := w.keep("7", "", waits, noon); got != "" {
		t.Errorf("of an account that is gone: %s", got)
	}
	w.book.err = state.ErrUnavailable
	if got, err := w.KeepTrust(t.Context(), "7", w.SessionKey(""), waits, noon); got != "" || !errors.Is(err, state.ErrUnavailable) {
		t.Errorf("a store that is down: %q, %v", got, err)
	}
}

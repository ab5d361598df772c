package stages

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// MFATrust offers not to ask this browser again.
func MFATrust() engine.Stage {
	return engine.Stage{
		ID: "mfa_trust", Kind: engine.Asks, Wire: "mfa_trust", Title: "trust this browser?",
		Exits:  engine.Exits{engine.OK: {}},
		Fields: []engine.Field{{Name: "trust", Type: engine.Bool, Loose: true, Help: "true to be asked less in this browser"}},
	}
}

// What a trust was earned by, as bits. earnedBound is set where the session that it was given in
// was bound to a key of the browser's device afterwards.
const (
	earnedCode   byte = 1
	earnedSecond byte = 2
	earnedBound  byte = 4
)

// maxTrusts is how many accounts one browser may be trusted for.
const maxTrusts = 5

// trustEnd is what stands in a trust behind the account: a time, what earned it, and a MAC.
const trustEnd = 8 + 1 + 16

// trustWaits begins a trust that waives nothing yet: it waits for its session to be bound. No
// other has it in it. Behind the next one is a MAC for the session.
const trustWaits = "."

// TrustValue is the name under which the value of the trust cookie is handed over.
const TrustValue = "mfa_trusted"

type mfaTrust struct{ *Env }

// Submit signs in, and hands out a trust cookie where the client wants one. What the run
// has proved is what the cookie will waive.
func (t mfaTrust) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	v := engine.Verdict{Exit: engine.OK}
	if !s.Values.Bool("trust") {
		return v, nil
	}
	account, err := t.account(ctx, s.Run.Subject)
	if err != nil || account == nil {
		return wrong("trust", "invalid"), err
	}
	session := engine.Key("")
	if t.TrustBound { // a browser's session is bound after the sign-in, if at all
		session = t.SessionKey(s.Run.ID)
	}
	own := t.trust(account, earnedBy(s.Proved), s.Now, session)
	if session != "" {
		own = trustWaits + own + trustWaits + base64.RawURLEncoding.EncodeToString(t.Keys.MAC(trustsSession, []byte(own), []byte(session))[:16])
	}
	v.Values = map[string]string{TrustValue: withTrust(account.ID, own, s.Client.Trust)}
	return v, nil
}

// earnedBy is what a run that has proved so much earns. A passkey proves a second factor
// along with the first one, and is asked for at every sign-in: it earns nothing.
func earnedBy(steps [][]engine.Proof) byte {
	var earned byte
	for _, proved := range steps {
		if slices.Contains(proved, engine.Second) && !slices.Contains(proved, engine.Assertion) {
			earned |= earnedSecond
		}
		if slices.Contains(proved, engine.Code) {
			earned |= earnedCode
		}
	}
	return earned
}

// trust makes a trust of an account. With a session it is good for nothing but to be kept by it,
// see [Env.KeepTrust].
func (e *Env) trust(a *state.Account, earned byte, since time.Time, session engine.Key) string {
	b := a.ID.Bytes()
	b = binary.BigEndian.AppendUint64(b, uint64(since.UnixMilli()))
	b = append(b, earned)
	b = append(b, e.Keys.MAC(trustsOf(session), trustParts(b, a, session)...)[:16]...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// withTrust adds a trust of an account to those of others that a browser has already. What waits
// for another session than the newest waits in vain.
func withTrust(account state.AccountID, own, old string) string {
	kept := []string{own}
	for _, entry := range strings.Split(old, "~") {
		raw, err := base64.RawURLEncoding.DecodeString(entry)
		if err == nil && trustedID(raw) != "" && trustedID(raw) != account && len(kept) < maxTrusts {
			kept = append(kept, entry)
		}
	}
	return strings.Join(kept, "~")
}

// KeepTrust makes good the trust that was given at the sign-in to a session, which has been bound
// to a key of the browser's device since: it returns the cookie that takes the place of the
// browser's, "" where nothing in that waits for this session.
func (e *Env) KeepTrust(ctx context.Context, account engine.AccountID, session engine.Key, cookie string, now time.Time) (string, error) {
	for _, entry := range strings.Split(cookie, "~") {
		own := e.waits(entry, session)
		raw, err := base64.RawURLEncoding.DecodeString(own)
		if own == "" || err != nil || account == "" || trustedID(raw) != state.AccountID(account) {
			continue
		}
		a, err := e.account(ctx, account)
		if err != nil || a == nil {
			return "", err
		}
		earned, since := e.readTrust(a, raw, session, now)
		if earned == 0 {
			continue
		}
		return withTrust(a.ID, e.trust(a, earned|earnedBound, since, ""), cookie), nil
	}
	return "", nil
}

// trustsSession is what a MAC is for by which a trust names the session that it waits for.
const trustsSession = "trust that waits, session"

// waits reads a trust that waits for the session, "" for any other. No account is asked for: a browser
// may show what waits in vain with each request.
func (e *Env) waits(entry string, session engine.Key) string {
	waiting, is := strings.CutPrefix(entry, trustWaits)
	own, mac, also := strings.Cut(waiting, trustWaits)
	raw, err := base64.RawURLEncoding.DecodeString(mac)
	if !is || !also || err != nil || len(raw) != 16 || !e.Keys.Matches(raw, trustsSession, []byte(own), []byte(session)) {
		return ""
	}
	return own
}

// trustedID is the account that a trust says it is for, "" for what is none.
func trustedID(raw []byte) state.AccountID {
	return state.AccountIDOf(raw[:max(0, len(raw)-trustEnd)])
}

// trustsOf is what the MAC of a trust is for: one that waits for a session is none yet.
func trustsOf(session engine.Key) string {
	if session != "" {
		return "trust that waits"
	}
	return "trust"
}

// trustParts are what it covers: what must not change for the trust to hold: the password, the
// authenticators, and the epoch: what ends all other sessions ends this, too. One that waits
// for a session holds in that alone.
func trustParts(head []byte, a *state.Account, session engine.Key) [][]byte {
	parts := [][]byte{head, []byte(a.PasswordHash), binary.BigEndian.AppendUint64(nil, uint64(a.Epoch))}
	if session != "" {
		parts = append(parts, []byte(session))
	}
	var ids []string
	for _, x := range a.Authenticators {
		ids = append(ids, string(x.Type)+strconv.FormatInt(x.ID, 10))
	}
	slices.Sort(ids)
	return append(parts, []byte(strings.Join(ids, " ")))
}

// trusted returns what the browser's cookie waives for the account. Where trust is for bound
// sessions alone, what others have earned waives nothing.
func (e *Env) trusted(a *state.Account, cookie string, now time.Time) byte {
	if cookie == "" || !e.OfferTrust && !e.TrustCode {
		return 0
	}
	for _, entry := range strings.Split(cookie, "~") {
		raw, err := base64.RawURLEncoding.DecodeString(entry)
		if err != nil || a.ID == "" || trustedID(raw) != a.ID {
			continue
		}
		if earned, _ := e.readTrust(a, raw, "", now); earned != 0 && (!e.TrustBound || earned&earnedBound != 0) {
			return earned
		}
	}
	return 0
}

// readTrust reads a trust of the account: what it was earned by, and when. It is nothing where it
// is too old, or not made by [Env.trust] for the same session.
func (e *Env) readTrust(a *state.Account, raw []byte, session engine.Key, now time.Time) (byte, time.Time) {
	head, mac := raw[:len(raw)-16], raw[len(raw)-16:]
	since := time.UnixMilli(int64(binary.BigEndian.Uint64(raw[len(raw)-trustEnd:])))
	age := now.UnixMilli() - since.UnixMilli()
	if age < 0 || age > e.TrustLifetime.Milliseconds() || !e.Keys.Matches(mac, trustsOf(session), trustParts(head, a, session)...) {
		return 0, time.Time{}
	}
	return head[len(head)-1], since
}

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

// What a trust was earned by, as bits.
const (
	earnedCode   byte = 1
	earnedSecond byte = 2
)

// maxTrusts is how many accounts one browser may be trusted for.
const maxTrusts = 5

// trustEnd is what stands in a trust behind the account: a time, what earned it, and a MAC.
const trustEnd = 8 + 1 + 16

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
	v.Values = map[string]string{TrustValue: t.trustCookie(account, earnedBy(s.Proved), s.Client.Trust, s.Now)}
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

// trustCookie adds a trust to those the browser has already.
func (e *Env) trustCookie(a *state.Account, earned byte, old string, now time.Time) string {
	b := a.ID.Bytes()
	b = binary.BigEndian.AppendUint64(b, uint64(now.UnixMilli()))
	b = append(b, earned)
	b = append(b, e.Keys.MAC(trusts, trustParts(b, a)...)[:16]...)
	kept := []string{base64.RawURLEncoding.EncodeToString(b)}
	for _, entry := range strings.Split(old, "~") {
		raw, err := base64.RawURLEncoding.DecodeString(entry)
		if err == nil && trustedID(raw) != "" && trustedID(raw) != a.ID && len(kept) < maxTrusts {
			kept = append(kept, entry)
		}
	}
	return strings.Join(kept, "~")
}

// trustedID is the account that a trust says it is for, "" for what is none.
func trustedID(raw []byte) state.AccountID {
	return state.AccountIDOf(raw[:max(0, len(raw)-trustEnd)])
}

// trusts is what the MAC of a trust is for.
const trusts = "trust"

// trustParts are what it covers: what must not change for the trust to hold: the password, the
// authenticators, and the epoch: what ends all other sessions ends this, too.
func trustParts(head []byte, a *state.Account) [][]byte {
	parts := [][]byte{head, []byte(a.PasswordHash), binary.BigEndian.AppendUint64(nil, uint64(a.Epoch))}
	var ids []string
	for _, x := range a.Authenticators {
		ids = append(ids, string(x.Type)+strconv.FormatInt(x.ID, 10))
	}
	slices.Sort(ids)
	return append(parts, []byte(strings.Join(ids, " ")))
}

// trusted returns what the browser's cookie waives for the account.
func (e *Env) trusted(a *state.Account, cookie string, now time.Time) byte {
	if cookie == "" || !e.OfferTrust && !e.TrustCode {
		return 0
	}
	for _, entry := range strings.Split(cookie, "~") {
		raw, err := base64.RawURLEncoding.DecodeString(entry)
		if err != nil || a.ID == "" || trustedID(raw) != a.ID {
			continue
		}
		head, mac := raw[:len(raw)-16], raw[len(raw)-16:]
		age := now.UnixMilli() - int64(binary.BigEndian.Uint64(raw[len(raw)-trustEnd:]))
		if age < 0 || age > e.TrustLifetime.Milliseconds() || !e.Keys.Matches(mac, trusts, trustParts(head, a)...) {
			continue
		}
		return head[len(head)-1]
	}
	return 0
}

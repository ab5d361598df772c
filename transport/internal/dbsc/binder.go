package dbsc

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"stagedoor/state"
)

const (
	macLen  = 16
	timeLen = 8
)

// text is how everything is written: one way for each.
func text() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// seal writes bytes with a MAC for a purpose.
func (b *Binder) seal(purpose string, raw []byte, with ...[]byte) string {
	raw = append(raw, b.mac(purpose, raw, with...)...)
	return text().EncodeToString(raw)
}

// open reads what seal has written for the purpose, if that has the length.
func (b *Binder) open(purpose, sealed string, length int, with ...[]byte) ([]byte, bool) {
	if len(sealed) != text().EncodedLen(length+macLen) {
		return nil, false
	}
	raw, err := text().DecodeString(sealed)
	if err != nil {
		return nil, false
	}
	raw, mac := raw[:length:length], raw[length:]
	return raw, b.Keys.Matches(mac, purpose, append([][]byte{raw}, with...)...)
}

func (b *Binder) mac(purpose string, raw []byte, with ...[]byte) []byte {
	return b.Keys.MAC(purpose, append([][]byte{raw}, with...)...)[:macLen]
}

func writeTime(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMilli()))
}

func readTime(raw []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(raw))).UTC()
}

// session is a session and the browser that has it.
type session struct {
	hash   []byte
	device ID
}

func (s session) bytes() []byte { return append(bytes.Clone(s.hash), s.device[:]...) }

func readSession(raw []byte) session {
	return session{hash: raw[:hashLen], device: ID(raw[hashLen:])}
}

// The purposes of MACs.
const (
	forOffer     = "dbsc offer"
	forChallenge = "dbsc registration challenge"
	forRefresh   = "dbsc refresh challenge"
	forBound     = "dbsc bound cookie"
	forDevice    = "dbsc device"
	forHere      = "dbsc device of session"
)

// Offer is the value of [RegistrationHeader] that has a browser register a key for a session.
// What it shows there names the session and the browser, and needs no cookie besides: after a
// return from another site there are none.
func (b *Binder) Offer(hash []byte, device ID, now time.Time) string {
	s := session{hash, device}
	authorization := b.seal(forOffer, s.bytes())
	challenge := b.seal(forChallenge, writeTime(now), s.bytes())
	return `(ES256 RS256);path="` + RegisterPath + `";challenge="` + challenge + `";authorization="` + authorization + `"`
}

// Registration is what a browser has shown of a key.
type Registration struct {
	// Hash is the session's, Device the browser's.
	Hash   []byte
	Device ID
	// Binding is to the key.
	Binding state.Binding
}

// Registration judges what a browser has posted as [ResponseHeader]: [ErrOffer] or [ErrProof] where
// it is none. The signature is looked at last.
func (b *Binder) Registration(response string, now time.Time) (Registration, error) {
	t, err := readProof(response)
	if err != nil {
		return Registration{}, err
	}
	raw, ok := b.open(forOffer, t.Claims.Text("authorization"), hashLen+idLen)
	if !ok {
		return Registration{}, ErrOffer
	}
	made, ok := b.open(forChallenge, t.Claims.Text("jti"), timeLen, raw)
	if !ok {
		return Registration{}, ErrOffer
	}
	if age := now.Sub(readTime(made)); age < -Skew || age > OfferAge {
		return Registration{}, ErrOffer
	}
	key, err := shownKey(t)
	if err != nil {
		return Registration{}, err
	}
	der, err := marshalKey(key)
	if err != nil {
		return Registration{}, err
	}
	s := readSession(raw)
	return Registration{
		Hash: s.hash, Device: s.device,
		Binding: state.Binding{Kind: state.BoundDBSC, Thumbprint: key.Thumbprint, Key: string(der), At: now},
	}, nil
}

// Name is which session a browser refreshes.
type Name struct {
	// Hash is the session's as it was when the name was made: a new token has another one.
	Hash    []byte
	Device  ID
	Session int64
	Account state.AccountID
}

// nameContext binds a sealed name to its purpose.
const nameContext = "dbsc session name"

// RefreshPath is where the browser refreshes the session. Nothing in it can be read on the way.
func (b *Binder) RefreshPath(n Name) (string, error) {
	raw := append(bytes.Clone(n.Hash), n.Device[:]...)
	raw = binary.BigEndian.AppendUint64(raw, uint64(n.Session))
	sealed, err := b.Keys.Seal(append(raw, n.Account...), []byte(nameContext))
	return RefreshPath + text().EncodeToString(sealed), err
}

// maxName bounds what is read of a name, in characters.
const maxName = 512

// Name reads what [Binder.RefreshPath] has made.
func (b *Binder) Name(path string) (n Name, ok bool) {
	name, below := strings.CutPrefix(path, RefreshPath)
	if !below || len(name) > maxName {
		return n, false
	}
	sealed, err := text().DecodeString(name)
	if err != nil {
		return n, false
	}
	raw, err := b.Keys.Open(sealed, []byte(nameContext))
	if err != nil || len(raw) < hashLen+idLen+8 {
		return n, false
	}
	s, rest := readSession(raw[:hashLen+idLen]), raw[hashLen+idLen:]
	return Name{Hash: s.hash, Device: s.device, Session: int64(binary.BigEndian.Uint64(rest)), Account: state.AccountID(rest[8:])}, true
}

// Holder is a bound session as it is known now.
type Holder struct {
	Session    int64
	Thumbprint string
	// GoodUntil is when its newest bound cookie ends; zero where that is not known.
	GoodUntil time.Time
}

// HolderOf is that of a session's ticket.
func HolderOf(t *state.Ticket) Holder {
	return Holder{Session: t.Session, Thumbprint: t.Binding.Thumbprint, GoodUntil: t.GoodUntil}
}

// with is what a MAC is besides for, but for what it stands beside.
func (h Holder) with() [][]byte { return [][]byte{writeID(h.Session), []byte(h.Thumbprint)} }

func writeID(session int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(session)) }

// Challenge is what a browser has to sign next. It is good once: the refresh that it leads to
// moves GoodUntil. It is good for no longer than from one refresh to the next.
func (b *Binder) Challenge(h Holder, now time.Time) string {
	return b.seal(forRefresh, writeTime(now), append(h.with(), writeTime(h.GoodUntil))...)
}

// Refresh judges what a browser has posted to refresh its session, by the key that it is bound to
// (SubjectPublicKeyInfo, DER): [ErrChallenge] or [ErrProof].
func (b *Binder) Refresh(response string, h Holder, key string, now time.Time) error {
	t, err := readProof(response)
	if err != nil {
		return err
	}
	made, ok := b.open(forRefresh, t.Claims.Text("jti"), timeLen, append(h.with(), writeTime(h.GoodUntil))...)
	if !ok {
		return ErrChallenge
	}
	if age := now.Sub(readTime(made)); age < -Skew || age > b.Age+OfferAge {
		return ErrChallenge
	}
	public, err := parseKey(key)
	if err != nil {
		return err
	}
	return verify(t, public)
}

// Skew is how far the clocks of two servers may be apart.
const Skew = time.Minute

// Until is when a bound cookie ends that is made now: later than the one before. Random bytes make it
// another one for each of two refreshes at once, so that a store can tell them apart. Who can sign for a
// moment gets no cookie that lives on by refreshing over and over: one that would end much later than
// any that is made now ends like that, as after a clock was set back.
func (b *Binder) Until(h Holder, now time.Time, random []byte) time.Time {
	off := time.Duration(binary.BigEndian.Uint32(random)%1e6) * time.Microsecond
	fresh := now.Add(b.Age - off).Truncate(time.Microsecond)
	if fresh.After(h.GoodUntil) {
		return fresh
	}
	later := h.GoodUntil.Truncate(time.Millisecond).Add(time.Millisecond + off/1000).Truncate(time.Microsecond)
	if later.After(now.Add(b.Age + Skew)) {
		return fresh
	}
	return later
}

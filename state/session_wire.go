package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"stagedoor/engine/compact"
)

// ErrBeside says that what was stored beside a record is no snapshot, or no ticket.
var ErrBeside = errors.New("not what lies beside a record")

// factors are the kinds of second factor as snapshots have them; the list may grow at its end.
var factors = sync.OnceValue(func() *compact.Words {
	return compact.NewWords(3, string(RecoveryCodes), string(TOTP), string(WebAuthn))
})

// The keys of what is stored. A key is never used for anything else again.
const (
	snapshotAccount, snapshotRevision, snapshotUsername, snapshotEmail, snapshotHasPassword = 1, 2, 3, 4, 5
	snapshotVerified, snapshotPhone, snapshotProviders, snapshotSecondFactor                = 6, 7, 8, 9
	snapshotName, snapshotGivenName, snapshotFamilyName, snapshotPicture                    = 10, 11, 12, 13

	ticketSession, ticketAccount, ticketEpoch, ticketCreated, ticketExpires, ticketChecked = 1, 2, 3, 4, 5, 6
	ticketBinding, ticketBindBy, ticketGoodUntil                                           = 7, 8, 9
)

// Encode returns the snapshot as it is kept beside records: CBOR with integers for keys.
func (s Snapshot) Encode() string {
	w := compact.Writer{Bytes: make([]byte, 0, 192)}
	m := w.Map()
	m.Text(snapshotAccount, string(s.Account))
	m.Int(snapshotRevision, s.Revision)
	m.Text(snapshotUsername, s.Username)
	m.Text(snapshotEmail, s.Email)
	m.Bool(snapshotHasPassword, s.HasPassword)
	writeTexts(m, &w, snapshotVerified, s.Verified)
	m.Text(snapshotPhone, s.Phone)
	writeTexts(m, &w, snapshotProviders, s.Providers)
	if len(s.SecondFactor) > 0 {
		m.Key(snapshotSecondFactor)
		w.Array(len(s.SecondFactor))
		for _, kind := range s.SecondFactor {
			w.Word(factors(), string(kind))
		}
	}
	m.Text(snapshotName, s.Profile.Name)
	m.Text(snapshotGivenName, s.Profile.GivenName)
	m.Text(snapshotFamilyName, s.Profile.FamilyName)
	m.Text(snapshotPicture, s.Profile.Picture)
	return string(w.Bytes)
}

// DecodeSnapshot reads what Encode wrote, or the JSON of releases before it. Anything else is
// [ErrBeside] and no snapshot. What it returns holds on to the string.
func DecodeSnapshot(stored string) (Snapshot, error) {
	if isJSON(stored) {
		return readJSON[Snapshot](stored)
	}
	var s Snapshot
	in := compact.Read(stored)
	for range in.Map() {
		switch in.Key() {
		case snapshotAccount:
			s.Account = AccountID(in.Text())
		case snapshotRevision:
			s.Revision = in.Int()
		case snapshotUsername:
			s.Username = in.Text()
		case snapshotEmail:
			s.Email = in.Text()
		case snapshotHasPassword:
			s.HasPassword = in.Bool()
		case snapshotVerified:
			s.Verified = readTexts(&in)
		case snapshotPhone:
			s.Phone = in.Text()
		case snapshotProviders:
			s.Providers = readTexts(&in)
		case snapshotSecondFactor:
			s.SecondFactor = make([]AuthenticatorType, in.Array())
			for i := range s.SecondFactor {
				s.SecondFactor[i] = AuthenticatorType(in.Word(factors()))
			}
		case snapshotName:
			s.Profile.Name = in.Text()
		case snapshotGivenName:
			s.Profile.GivenName = in.Text()
		case snapshotFamilyName:
			s.Profile.FamilyName = in.Text()
		case snapshotPicture:
			s.Profile.Picture = in.Text()
		default:
			in.Skip()
		}
	}
	if err := in.Err(); err != nil {
		return Snapshot{}, fmt.Errorf("snapshot: %w: %w", ErrBeside, err)
	}
	return s, nil
}

// RevisionOf returns the revision of an encoded snapshot. What is none counts as the oldest.
func RevisionOf(stored string) int64 {
	if stored == "" { // as in each step of a stranger
		return 0
	}
	s, err := DecodeSnapshot(stored)
	if err != nil {
		return 0
	}
	return s.Revision
}

// Encode returns the ticket as it is kept beside records: CBOR with integers for keys, its
// times in Unix microseconds.
func (t Ticket) Encode() string {
	w := compact.Writer{Bytes: make([]byte, 0, 96)}
	m := w.Map()
	m.Int(ticketSession, t.Session)
	m.Text(ticketAccount, string(t.Account))
	m.Int(ticketEpoch, t.Epoch)
	for i, at := range [...]time.Time{t.CreatedAt, t.ExpiresAt, t.CheckedAt} {
		if !at.IsZero() {
			m.Key(ticketCreated + byte(i))
			w.Int(at.UnixMicro())
		}
	}
	if t.Binding.Bound() {
		t.Binding.write(m.Inner(ticketBinding))
	}
	for i, at := range [...]time.Time{t.BindBy, t.GoodUntil} {
		if !at.IsZero() {
			m.Key(ticketBindBy + byte(i))
			w.Int(at.UnixMicro())
		}
	}
	return string(w.Bytes)
}

// DecodeTicket reads what Encode wrote, or the JSON of releases before it. Anything else is
// [ErrBeside] and no ticket. What it returns holds on to the string.
func DecodeTicket(stored string) (Ticket, error) {
	if isJSON(stored) {
		return readJSON[Ticket](stored)
	}
	var t Ticket
	in := compact.Read(stored)
	for range in.Map() {
		switch in.Key() {
		case ticketSession:
			t.Session = in.Int()
		case ticketAccount:
			t.Account = AccountID(in.Text())
		case ticketEpoch:
			t.Epoch = in.Int()
		case ticketCreated:
			t.CreatedAt = time.UnixMicro(in.Int()).UTC()
		case ticketExpires:
			t.ExpiresAt = time.UnixMicro(in.Int()).UTC()
		case ticketChecked:
			t.CheckedAt = time.UnixMicro(in.Int()).UTC()
		case ticketBinding:
			t.Binding.read(&in)
		case ticketBindBy:
			t.BindBy = time.UnixMicro(in.Int()).UTC()
		case ticketGoodUntil:
			t.GoodUntil = time.UnixMicro(in.Int()).UTC()
		default:
			in.Skip()
		}
	}
	if err := in.Err(); err != nil {
		return Ticket{}, fmt.Errorf("ticket: %w: %w", ErrBeside, err)
	}
	return t, nil
}

// isJSON tells JSON from CBOR, in which no map begins so.
func isJSON(stored string) bool { return len(stored) > 0 && stored[0] == '{' }

// readJSON is apart, so that what is read from CBOR lies on no heap.
func readJSON[T any](stored string) (T, error) {
	var v, none T
	if err := json.Unmarshal([]byte(stored), &v); err != nil {
		return none, fmt.Errorf("%T: %w: %w", v, ErrBeside, err)
	}
	return v, nil
}

func writeTexts(m compact.Map, w *compact.Writer, key byte, texts []string) {
	if len(texts) == 0 {
		return
	}
	m.Key(key)
	w.Array(len(texts))
	for _, text := range texts {
		w.Text(text)
	}
}

func readTexts(in *compact.Reader) []string {
	texts := make([]string, in.Array())
	for i := range texts {
		texts[i] = in.Text()
	}
	return texts
}

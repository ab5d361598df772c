package passkey

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"stagedoor/state"
)

const (
	testRP     = "example.com"
	testOrigin = "https://login.example.com"
)

// The flags of authenticator data (section 6.1).
const (
	up, uv, be, bs, at byte = 1, 4, 8, 16, 64
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// device is a software authenticator with one credential; its fields are what it says,
// true or not.
type device struct {
	id     []byte
	signer crypto.Signer
	cose   map[int]any
	hash   crypto.Hash

	rpID   string
	origin string
	flags  byte
	count  uint32
	handle []byte
	// client changes the client data; body the JSON that is sent.
	client func(map[string]any)
	body   func(map[string]any)
	// badSig signs something else.
	badSig bool
}

func newDevice(t testing.TB, alg int) *device {
	t.Helper()
	d := &device{id: make([]byte, 32), rpID: testRP, origin: testOrigin, flags: up | uv, hash: crypto.SHA256}
	rand.Read(d.id)
	var err error
	switch alg {
	case -7:
		d.ecdsa(t, elliptic.P256(), crypto.SHA256, -7, 1)
	case -35:
		d.ecdsa(t, elliptic.P384(), crypto.SHA384, -35, 2)
	case -36:
		d.ecdsa(t, elliptic.P521(), crypto.SHA512, -36, 3)
	case -8:
		var public ed25519.PublicKey
		var k ed25519.PrivateKey
		if public, k, err = ed25519.GenerateKey(rand.Reader); err != nil {
			t.Fatal(err)
		}
		d.signer, d.hash, d.cose = k, 0, map[int]any{1: 1, 3: -8, -1: 6, -2: []byte(public)}
	case -257:
		var k *rsa.PrivateKey
		if k, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			t.Fatal(err)
		}
		d.signer, d.cose = k, map[int]any{1: 3, 3: -257, -1: k.N.Bytes(), -2: big.NewInt(int64(k.E)).Bytes()}
	default:
		t.Fatalf("no algorithm %d", alg)
	}
	return d
}

// ecdsa makes a key on a curve, by its COSE number.
func (d *device) ecdsa(t testing.TB, curve elliptic.Curve, hash crypto.Hash, alg, crv int) {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := k.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	half := len(point) / 2
	d.signer, d.hash, d.cose = k, hash, map[int]any{1: 2, 3: alg, -1: crv, -2: point[1 : 1+half], -3: point[1+half:]}
}

func cborOf(t testing.TB, v any) []byte {
	t.Helper()
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func jsonOf(t testing.TB, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// authData is the first 37 bytes of authenticator data.
func (d *device) authData(flags byte) []byte {
	sum := sha256.Sum256([]byte(d.rpID))
	return binary.BigEndian.AppendUint32(append(sum[:], flags), d.count)
}

func (d *device) clientData(t testing.TB, ceremony, challenge string) []byte {
	m := map[string]any{"type": ceremony, "challenge": challenge, "origin": d.origin, "crossOrigin": false}
	if d.client != nil {
		d.client(m)
	}
	return jsonOf(t, m)
}

func (d *device) send(t testing.TB, response, extensions map[string]any) json.RawMessage {
	m := map[string]any{
		"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key",
		"clientExtensionResults": extensions, "response": response,
	}
	if d.body != nil {
		d.body(m)
	}
	return jsonOf(t, m)
}

// create answers creation options, with a discoverable credential if they want one.
func (d *device) create(t testing.TB, o CreationOptions) json.RawMessage {
	t.Helper()
	handle, err := b64.DecodeString(o.PublicKey.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	d.handle = handle
	auth := bytes.Join([][]byte{
		d.authData(d.flags | at), make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(d.id))), d.id, cborOf(t, d.cose),
	}, nil)
	return d.send(t, map[string]any{
		"clientDataJSON":    b64.EncodeToString(d.clientData(t, "webauthn.create", o.PublicKey.Challenge)),
		"attestationObject": b64.EncodeToString(cborOf(t, map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": auth})),
		"transports":        []any{"internal", "hybrid"},
	}, map[string]any{"credProps": map[string]any{"rk": o.PublicKey.AuthenticatorSelection.RequireResidentKey}})
}

func (d *device) sign(t testing.TB, message []byte) []byte {
	t.Helper()
	if d.badSig {
		message = []byte("something else")
	}
	if d.hash != 0 {
		h := d.hash.New()
		h.Write(message)
		message = h.Sum(nil)
	}
	sig, err := d.signer.Sign(rand.Reader, message, d.hash)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// get answers request options.
func (d *device) get(t testing.TB, o RequestOptions) json.RawMessage {
	t.Helper()
	d.count++
	return d.getAs(t, o)
}

// getAs answers without counting on.
func (d *device) getAs(t testing.TB, o RequestOptions) json.RawMessage {
	t.Helper()
	auth, client := d.authData(d.flags), d.clientData(t, "webauthn.get", o.PublicKey.Challenge)
	sum := sha256.Sum256(client)
	response := map[string]any{
		"clientDataJSON":    b64.EncodeToString(client),
		"authenticatorData": b64.EncodeToString(auth),
		"signature":         b64.EncodeToString(d.sign(t, append(append([]byte(nil), auth...), sum[:]...))),
	}
	if d.handle != nil {
		response["userHandle"] = b64.EncodeToString(d.handle)
	}
	return d.send(t, response, map[string]any{})
}

// table is a relying party with accounts, as a caller keeps them.
type table struct {
	w        *WebAuthn
	now      time.Time
	accounts []*state.Account
}

func newTable(t testing.TB, change ...func(*Config)) *table {
	t.Helper()
	// A touch is enough unless a test says otherwise, so that each looks at what it is about.
	c := Config{RPID: testRP, RPName: "Example", Origins: []string{"https://example.com", testOrigin}, PresenceEnough: true}
	for _, f := range change {
		f(&c)
	}
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	x := &table{w: w, now: start}
	for i, email := range []string{"ada@example.com", "bob@example.com"} {
		x.accounts = append(x.accounts, &state.Account{
			ID: state.AccountID(strconv.FormatInt(int64(i+1)<<40, 10)), Active: true, Emails: []state.Email{{Address: email, Verified: true, Primary: true}},
		})
	}
	return x
}

func challenge() []byte {
	b := make([]byte, 32)
	rand.Read(b)
	return b
}

// find is the caller's lookup.
func (x *table) find(_ context.Context, id []byte) (*state.Account, error) {
	for _, a := range x.accounts {
		if find(a, id) != nil {
			return a, nil
		}
	}
	return nil, state.ErrNotFound
}

func (x *table) beginRegistration(t testing.TB, a *state.Account, o Options) (CreationOptions, json.RawMessage) {
	t.Helper()
	options, session, err := x.w.BeginRegistration(UserOf(a), o, challenge(), x.now)
	if err != nil {
		t.Fatal(err)
	}
	return options, session
}

// register gives the account the device's credential.
func (x *table) register(t testing.TB, a *state.Account, d *device, o Options) *state.Authenticator {
	t.Helper()
	options, session := x.beginRegistration(t, a, o)
	r, err := x.w.FinishRegistration(UserOf(a), session, d.create(t, options), x.now)
	if err != nil {
		t.Fatal(err)
	}
	return x.keep(a, r)
}

func (x *table) keep(a *state.Account, r *Registration) *state.Authenticator {
	r.Authenticator.ID = int64(binary.BigEndian.Uint64(a.ID.Bytes())) + int64(len(a.Authenticators)) + 1
	state.AddAuthenticator{Authenticator: r.Authenticator}.Apply(a)
	return &a.Authenticators[len(a.Authenticators)-1]
}

func (x *table) beginLogin(t testing.TB, a *state.Account) (RequestOptions, json.RawMessage) {
	t.Helper()
	options, session, err := x.w.BeginLogin(a, challenge(), x.now)
	if err != nil {
		t.Fatal(err)
	}
	return options, session
}

func (x *table) beginDiscoverable(t testing.TB) (RequestOptions, json.RawMessage) {
	t.Helper()
	options, session, err := x.w.BeginDiscoverable(challenge(), x.now)
	if err != nil {
		t.Fatal(err)
	}
	return options, session
}

// login proves the device's credential for a known account and stores what changed.
func (x *table) login(t testing.TB, a *state.Account, d *device) (*Assertion, error) {
	t.Helper()
	options, session := x.beginLogin(t, a)
	got, err := x.w.FinishLogin(a, session, d.get(t, options), x.now)
	return x.took(t, got, err)
}

// passkey signs in with the device.
func (x *table) passkey(t testing.TB, d *device) (*Assertion, error) {
	t.Helper()
	options, session := x.beginDiscoverable(t)
	got, err := x.w.FinishDiscoverable(t.Context(), session, d.get(t, options), x.find, x.now)
	return x.took(t, got, err)
}

func (x *table) took(t testing.TB, got *Assertion, err error) (*Assertion, error) {
	t.Helper()
	if (got == nil) != (err != nil) {
		t.Fatalf("an error carries no half result: %v, %v", got, err)
	}
	if got != nil {
		state.UpdateCredential{ID: got.Authenticator.ID, Credential: got.Updated, At: x.now}.Apply(got.Account)
	}
	return got, err
}

func wantInvalid(t testing.TB, err error) {
	t.Helper()
	if !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v, want an ErrInvalid", err)
	}
}

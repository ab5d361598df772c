package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/julienschmidt/httprouter"
)

// The reference is what a person would write by hand for two requests alone: who is signed in, and
// a wrong code of an authenticator app. It does the same work as stagedoor, and has no flows, no
// limits, no second contract and nothing to configure.

// referenceRun is a sign-in that waits for a second factor.
type referenceRun struct {
	ID       string            `cbor:"1,keyasint"`
	Node     string            `cbor:"2,keyasint"`
	Begun    int64             `cbor:"3,keyasint"`
	Ends     int64             `cbor:"4,keyasint"`
	Account  string            `cbor:"5,keyasint"`
	Email    string            `cbor:"6,keyasint"`
	Client   string            `cbor:"7,keyasint"`
	Address  string            `cbor:"8,keyasint"`
	Tries    int               `cbor:"9,keyasint"`
	Methods  []referenceMethod `cbor:"10,keyasint"`
	Trail    []string          `cbor:"11,keyasint"`
	Options  []byte            `cbor:"12,keyasint"`
	CodeHash []byte            `cbor:"13,keyasint"`
	More     map[string]string `cbor:"14,keyasint"`
}

// referenceMethod is how somebody has signed in.
type referenceMethod struct {
	Method string `cbor:"1,keyasint" json:"method"`
	At     int64  `cbor:"2,keyasint" json:"at"`
	Email  string `cbor:"3,keyasint,omitempty" json:"email,omitempty"`
	Type   string `cbor:"4,keyasint,omitempty" json:"type,omitempty"`
}

func newReferenceRun() referenceRun {
	random := func(n int) []byte {
		b := make([]byte, n)
		_, _ = rand.Read(b) // never fails, see crypto/rand
		return b
	}
	now := time.Now().Unix()
	return referenceRun{
		ID: base64.RawURLEncoding.EncodeToString(random(24)), Node: "mfa_authenticate", Begun: now, Ends: now + 900,
		Account: "0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11", Email: "somebody.with.a.name@example.com", Client: "app", Address: "127.0.0.1",
		Methods: []referenceMethod{
			{Method: "password", At: now, Email: "somebody.with.a.name@example.com"}, {Method: "mfa", At: now, Type: "totp"},
		},
		Trail:   []string{"password_form/ok", "account_due/active", "factor_due/due"},
		Options: random(160), CodeHash: random(32), More: map[string]string{"next": "/account/security", "locale": "en-GB"},
	}
}

// tokenKey is the key of a token's record.
func tokenKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "reference:" + hex.EncodeToString(sum[:16])
}

// reference serves the two requests, for tokens "0" to "999".
func (b *bare) reference(ctx context.Context, routes *httprouter.Router) error {
	record, err := encodeRun(1, newReferenceRun())
	for i := range bareKeys {
		err = errors.Join(err, b.redis.Set(ctx, tokenKey(strconv.Itoa(i)), record, time.Hour).Err())
	}
	routes.GET("/reference/session", b.referenceSession)
	routes.POST("/reference/step", b.referenceStep)
	return err
}

// encodeRun writes a record: its version in eight bytes, then the run.
func encodeRun(version uint64, run referenceRun) ([]byte, error) {
	text, err := cbor.Marshal(run)
	return append(binary.BigEndian.AppendUint64(nil, version), text...), err
}

// referenceToken is whose record is meant: the header's, or one after the other.
func referenceToken(r *http.Request) string {
	if token := r.Header.Get("X-Session-Token"); token != "" {
		return token
	}
	return strconv.FormatInt(time.Now().UnixMicro()%bareKeys, 10)
}

// load reads a record.
func (b *bare) load(r *http.Request) (raw []byte, run referenceRun, key string, ok bool) {
	key = tokenKey(referenceToken(r))
	raw, err := b.redis.Get(r.Context(), key).Bytes()
	if err != nil || len(raw) < 8 || cbor.Unmarshal(raw[8:], &run) != nil || run.Ends+3600 < time.Now().Unix() {
		return nil, run, "", false
	}
	return raw, run, key, true
}

// referenceSession answers who is signed in.
func (b *bare) referenceSession(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	_, run, _, ok := b.load(r)
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var body struct {
		Status int `json:"status"`
		Data   struct {
			User struct {
				ID       string `json:"id"`
				Display  string `json:"display"`
				Email    string `json:"email"`
				Password bool   `json:"has_usable_password"`
				Username string `json:"username"`
			} `json:"user"`
			Methods []referenceMethod `json:"methods"`
		} `json:"data"`
		Meta struct {
			IsAuthenticated bool `json:"is_authenticated"`
		} `json:"meta"`
	}
	u := &body.Data.User
	u.ID, u.Display, u.Email, u.Username, u.Password = run.Account, run.Email, run.Email, run.Email, true
	body.Status, body.Data.Methods, body.Meta.IsAuthenticated = http.StatusOK, run.Methods, true
	answerJSON(w, http.StatusOK, &body)
}

// referenceStep takes a code for wrong, counts it and keeps the run where it is.
func (b *bare) referenceStep(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	var in struct{ Code string }
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil || json.Unmarshal(body, &in) != nil || in.Code == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	raw, run, key, ok := b.load(r)
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	run.Tries++
	// The version stays, so that connections that share a record do not get in each other's way.
	next, err := encodeRun(binary.BigEndian.Uint64(raw), run)
	if err == nil {
		var n int
		if n, err = b.redis.EvalSha(r.Context(), b.swap, []string{key}, bytes.Clone(raw[:8]), next, keyLife).Int(); err == nil && n == 1 {
			answerJSON(w, http.StatusBadRequest, newSmallAnswer())
			return
		}
	}
	w.WriteHeader(http.StatusConflict)
}

package contract

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/dpop"
	"stagedoor/transport/internal/token"
)

// broken is a store of records that is down, and says what was to be used up.
type broken struct {
	Records
	takes []string
}

var errDown = errors.New("down")

func (b *broken) Load(ctx context.Context, _ engine.Key, take []engine.Take, _ time.Time) (engine.Entry, *engine.Refusal, error) {
	_, err := b.Take(ctx, take, time.Time{})
	return engine.Entry{}, nil, err
}

func (b *broken) Take(_ context.Context, take []engine.Take, _ time.Time) (*engine.Refusal, error) {
	for _, t := range take {
		b.takes = append(b.takes, t.Key)
	}
	return nil, errDown
}

// TestProofWhileTheStoreIsDown: a proof that nobody could remember has not been used up, however often the
// request goes on to ask: nothing is done for it.
func TestProofWhileTheStoreIsDown(t *testing.T) {
	now := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	keys, err := state.NewKeyring(rand.Reader, []byte(strings.Repeat("k", state.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	proofs, err := dpop.New(dpop.Config{Origins: []string{"https://auth.example.com"}, Window: time.Minute, Nonces: dpop.NewNonces(keys)})
	if err != nil {
		t.Fatal(err)
	}
	key, err := device.NewKey(device.ES256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := key.Prove(device.Proof{Method: "POST", URL: "https://auth.example.com/login", At: now, ID: "one"})
	if err != nil {
		t.Fatal(err)
	}
	b := new(broken)
	base := &Base{Proofs: proofs, Visits: &Visits{Records: b}, Now: func() time.Time { return now }}
	r := httptest.NewRequest("POST", "/login", nil)
	r.Header.Set("DPoP", proof)
	c := base.NewCall(r, token.App)
	if _, err := c.Open(t.Context(), "", nil); !errors.Is(err, errDown) {
		t.Fatalf("opened: %v", err)
	}
	for range 2 {
		if _, err := c.Use(t.Context(), nil); !errors.Is(err, errDown) {
			t.Errorf("it goes on: %v", err)
		}
	}
	if len(b.takes) != 3 || !strings.HasPrefix(b.takes[0], onceKey) || b.takes[2] != b.takes[0] {
		t.Errorf("asked for %v", b.takes)
	}
}

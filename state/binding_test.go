package state

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBindingRoundTrip(t *testing.T) {
	full := fullTicket().Binding
	for _, want := range []Binding{full, {}, {Kind: BoundDPoP, Thumbprint: "x"}} {
		got, err := DecodeBinding(want.Encode())
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%v\n%s", err, d)
		}
	}
	stored := full.Encode()
	for n := 1; n < len(stored); n++ {
		if got, err := DecodeBinding(stored[:n]); !errors.Is(err, ErrBeside) || got.Bound() {
			t.Errorf("%d bytes: %+v, %v", n, got, err)
		}
	}
	if _, err := DecodeBinding([]byte("\xa0")); !errors.Is(err, ErrBeside) {
		t.Errorf("a binding without a kind: %v", err)
	}
}

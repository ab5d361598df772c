package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVerifiedIsOfTheSamePlaceAsTheAddress: what an id_token calls an address and what a userinfo
// says of one are never put together to a verified address that neither of them named.
func TestVerifiedIsOfTheSamePlaceAsTheAddress(t *testing.T) {
	old := object{"sub": "1", "email": "old@example.com", "email_verified": true, "phone_number": "+15551234567"}
	unsaid := object{"sub": "1", "email": "old@example.com"}
	for name, c := range map[string]struct{ id, info, want object }{
		"an answer without an address that says verified": {
			unsaid, object{"sub": "1", "email_verified": true}, unsaid,
		},
		"an answer with an empty address": {
			old, object{"sub": "1", "email": " ", "email_verified": false}, old,
		},
		"an answer with a list for an address": {
			unsaid, object{"sub": "1", "email": []any{"new@example.com"}, "email_verified": true}, unsaid,
		},
		"an answer that verifies a number it does not say": {
			old, object{"sub": "1", "phone_number_verified": true}, old,
		},
		"another address": {
			old, object{"sub": "1", "email": "new@example.com", "name": "New"},
			object{"sub": "1", "email": "new@example.com", "phone_number": "+15551234567", "name": "New"},
		},
		"the only address": {
			object{"sub": "1"}, object{"email": "new@example.com", "email_verified": true},
			object{"sub": "1", "email": "new@example.com", "email_verified": true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, merged(c.id, c.info)); d != "" {
				t.Error(d)
			}
		})
	}
}

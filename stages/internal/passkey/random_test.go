package passkey

import (
	"testing"

	"pgregory.net/rapid"
)

// However credentials are used, by whom and in which order, an assertion proves the
// credential it was made with, and the stored count never goes down where that is refused.
func TestRandomUse(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		x := newTable(t, func(c *Config) { c.RefuseClones = true })
		var devices []*device
		owners, passkeys := map[*device]int{}, map[*device]bool{}
		for i := range rapid.IntRange(1, 4).Draw(r, "devices") {
			d := newDevice(t, rapid.SampledFrom([]int{-7, -8}).Draw(r, "alg"))
			owners[d] = i % len(x.accounts)
			passkeys[d] = rapid.Bool().Draw(r, "passkey")
			x.register(t, x.accounts[owners[d]], d, Options{Passwordless: passkeys[d]})
			devices = append(devices, d)
		}
		for range 8 {
			d := rapid.SampledFrom(devices).Draw(r, "device")
			a := x.accounts[rapid.IntRange(0, len(x.accounts)-1).Draw(r, "account")]
			d.flags = up | rapid.SampledFrom([]byte{0, uv}).Draw(r, "uv") | rapid.SampledFrom([]byte{0, be, be | bs}).Draw(r, "backup")
			before := countOf(r, x, d, owners[d])
			d.count = rapid.Uint32Range(0, 6).Draw(r, "count") - 1
			var got *Assertion
			var err error
			known := rapid.Bool().Draw(r, "known")
			if known {
				got, err = x.login(t, a, d)
			} else {
				got, err = x.passkey(t, d)
			}
			right := (known && a == x.accounts[owners[d]] || !known && passkeys[d]) && (d.count > before || d.count == 0 && before == 0)
			if (err == nil) != right {
				r.Fatalf("count %d after %d: %v", d.count, before, err)
			}
			if right && (string(got.Authenticator.CredentialID) != string(d.id) || got.UserVerified != (d.flags&uv != 0)) {
				r.Fatalf("proved something else: %+v", got)
			}
			if after := countOf(r, x, d, owners[d]); after < before || right && after != d.count {
				r.Fatalf("count %d, said %d, stored %d", before, d.count, after)
			}
		}
	})
}

func countOf(r *rapid.T, x *table, d *device, owner int) uint32 {
	known, err := record(find(x.accounts[owner], d.id))
	if err != nil {
		r.Fatal(err)
	}
	return known.Authenticator.SignCount
}

package dbsc

import (
	"testing"
	"time"
)

// FuzzMadeUp: whatever somebody makes up that has not the secret is no proof, no name, no browser and
// no bound cookie; and what the binder has made is read as it was written.
func FuzzMadeUp(f *testing.F) {
	stranger := newBinder(f, 2)
	h := Holder{Session: 7, Thumbprint: "thumb", GoodUntil: start().Add(time.Minute)}
	key := ecKey(f)
	f.Add(stranger.Offer(hashOf("session"), ID{1}, start()), int64(7))
	f.Add(stranger.Bound(h, h.GoodUntil, start()).Value, int64(7))
	f.Add(stranger.DeviceCookie(Device{ID: ID{1}, Binds: true}, 7).Value, int64(7))
	f.Add(key.sign(key.header(true), map[string]any{"jti": "a", "authorization": "b"}), int64(1))
	f.Add(`"a.b.c"`, int64(0))
	b := newBinder(f, 1)
	f.Fuzz(func(t *testing.T, text string, session int64) {
		h := Holder{Session: session, Thumbprint: text}
		if r, err := b.Registration(text, start()); err == nil || r.Binding.Bound() {
			t.Fatalf("registered: %+v", r)
		}
		if err := b.Refresh(text, h, "", start()); err == nil {
			t.Fatal("refreshed")
		}
		if n, ok := b.Name(RefreshPath + text); ok {
			t.Fatalf("named: %+v", n)
		}
		if d, here, ok := b.Device(text, session); ok || here || d != (Device{}) {
			t.Fatalf("a browser: %+v", d)
		}
		if fault := b.Judge(text, h, start()); fault == "" {
			t.Fatal("a bound cookie")
		}
		until := start().Add(time.Minute)
		if fault := b.Judge(b.Bound(h, until, start()).Value, h, start()); fault != "" {
			t.Fatalf("its own: %s", fault)
		}
		d := Device{ID: ID{byte(session)}, Binds: session%2 == 0}
		if got, here, ok := b.Device(b.DeviceCookie(d, session).Value, session); got != d || !ok || here != (session != 0) {
			t.Fatalf("its own browser: %+v %v %v", got, here, ok)
		}
	})
}

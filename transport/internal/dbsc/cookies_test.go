package dbsc

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestBoundCookie: it is good for its session and key until it ends, or until a minute after
// the next one was fetched.
func TestBoundCookie(t *testing.T) {
	b := newBinder(t, 1)
	now := start()
	h := Holder{Session: 7, Thumbprint: "thumb"}
	h.GoodUntil = b.Until(h, now, make([]byte, 4))
	first := b.Bound(h, h.GoodUntil, now)
	if first.Name != "__Host-stagedoor_bound" || first.MaxAge != 600 || first.Path != "/" || first.Domain != "" || !first.Secure || !first.HttpOnly {
		t.Errorf("%+v", first)
	}
	at8 := now.Add(8 * time.Minute)
	refreshed := h
	refreshed.GoodUntil = b.Until(h, at8, make([]byte, 4))
	second := b.Bound(refreshed, refreshed.GoodUntil, at8)
	late, unknown, elsewhere, rebound := h, h, h, h
	late.GoodUntil = now.Add(9*time.Minute + 30*time.Second + b.Age)
	unknown.GoodUntil = time.Time{}
	elsewhere.Session, rebound.Thumbprint = 8, "other"
	for _, tt := range []struct {
		name, value string
		h           Holder
		at          time.Duration
		want        Fault
	}{
		{"none", "", h, 0, Missing},
		{"at once", first.Value, h, 0, ""},
		{"to its end", first.Value, h, 10*time.Minute - time.Millisecond, ""},
		{"at its end", first.Value, h, 10 * time.Minute, Expired},
		{"of another session", first.Value, elsewhere, 0, Forged},
		{"of another key", first.Value, rebound, 0, Forged},
		{"of another server", newBinder(t, 2).Bound(h, h.GoodUntil, now).Value, h, 0, Forged},
		{"cut", first.Value[:len(first.Value)-1], h, 0, Forged},
		{"on its way while another was fetched", first.Value, refreshed, 8*time.Minute + 59*time.Second, ""},
		{"on its way to its end, another being fetched", first.Value, late, 10*time.Minute + 9*time.Second, ""},
		{"a copy, of which another was fetched late", first.Value, late, 10*time.Minute + 10*time.Second, Expired},
		{"a copy", first.Value, refreshed, 9 * time.Minute, Replaced},
		{"the next one", second.Value, refreshed, 17 * time.Minute, ""},
		{"where the store has lost what was", first.Value, unknown, 9 * time.Minute, ""},
		{"made by hand", text().EncodeToString(make([]byte, timeLen+macLen)), h, 0, Forged},
	} {
		if got := b.Judge(tt.value, tt.h, now.Add(tt.at)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if gone := b.Unbound(); gone.MaxAge != -1 || gone.Name != first.Name || gone.Path != "/" || !gone.Secure {
		t.Errorf("taken back: %+v", gone)
	}
}

// TestDeviceCookie names a browser, and the one session that began in it.
func TestDeviceCookie(t *testing.T) {
	b := newBinder(t, 1)
	d := Device{ID: ID{1, 2, 3}}
	cookie := b.DeviceCookie(d, 7)
	if cookie.Name != "__Host-stagedoor_device" || !cookie.Secure || !cookie.HttpOnly || cookie.Path != "/" || cookie.MaxAge < 86400 {
		t.Errorf("%+v", cookie)
	}
	got, here, ok := newBinder(t, 1).Device(cookie.Value, 7)
	if got != d || !here || !ok {
		t.Errorf("%+v %v %v", got, here, ok)
	}
	if got, here, ok := b.Device(cookie.Value, 8); got != d || here || !ok {
		t.Errorf("another session: %+v %v %v", got, here, ok)
	}
	if _, here, _ := b.Device(cookie.Value, 0); here {
		t.Error("it is there for no session")
	}
	d.Binds = true
	if got, _, ok := b.Device(b.DeviceCookie(d, 7).Value, 0); got != d || !ok {
		t.Errorf("with the flag: %+v", got)
	}
	flagged := []byte(cookie.Value)
	flagged[idLen*8/6] ^= 1
	for _, bad := range []string{"", cookie.Value[1:], string(flagged), newBinder(t, 2).DeviceCookie(d, 7).Value} {
		if got, here, ok := b.Device(bad, 7); here || ok || got != (Device{}) {
			t.Errorf("%q: %+v %v %v", bad, got, here, ok)
		}
	}
}

// TestInstructions are what Chromium takes: attributes that are the cookie's, a scope, no age.
func TestInstructions(t *testing.T) {
	b := newBinder(t, 1)
	b.SameSite = http.SameSiteStrictMode
	made, err := b.Instructions(Name{Hash: hashOf("session"), Session: 7})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(made)
	want := `{"session_identifier":"AAAAAAAAAAAAAAAAAAAAAA","refresh_url":"` + made.RefreshURL +
		`","scope":{"include_site":false},` +
		`"credentials":[{"type":"cookie","name":"__Host-stagedoor_bound","attributes":"Path=/; Secure; HttpOnly; SameSite=Strict"}],"allowed_refresh_initiators":["app.example.com"]}`
	if err != nil || string(got) != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	header := b.Bound(Holder{Session: 7}, start().Add(b.Age), start()).String()
	for _, attribute := range strings.Split("Path=/; Secure; HttpOnly; SameSite=Strict", "; ") {
		if !strings.Contains(header, "; "+attribute) {
			t.Errorf("%s is not in %s", attribute, header)
		}
	}
	if got, err := json.Marshal(End(ID{})); err != nil || string(got) != `{"session_identifier":"AAAAAAAAAAAAAAAAAAAAAA","continue":false}` {
		t.Errorf("%v %s", err, got)
	}
}

func TestHeaders(t *testing.T) {
	if got := ChallengeValue("C2", ID{}); got != `"C2";id="AAAAAAAAAAAAAAAAAAAAAA"` {
		t.Error(got)
	}
	for value, want := range map[string]string{
		"": "", `quota_exceeded;session_identifier="S"`: "quota_exceeded", ` unreachable `: "unreachable", `"server_error";x`: "server_error", "BECAUSE": "", "signing_failed": "signing_failed",
	} {
		if got := Skipped(value); got != want {
			t.Errorf("%s: %q", value, got)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	x := newBinder(b, 1)
	h := Holder{Session: 7, Thumbprint: strings.Repeat("t", 43)}
	h.GoodUntil = x.Until(h, start(), make([]byte, 4))
	value := x.Bound(h, h.GoodUntil, start()).Value
	for b.Loop() {
		if x.Judge(value, h, start()) != "" {
			b.Fatal("not good")
		}
	}
}

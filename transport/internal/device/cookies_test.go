package device

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

func mustURL(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// timer is a clock that stands still until it is moved.
type timer struct{ now time.Time }

func (c *timer) read() time.Time { return c.now }

func TestCookies(t *testing.T) {
	clock := &timer{now: time.Unix(1900000000, 0)}
	c := &Cookies{now: clock.read}
	store := func(from string, lines ...string) { c.Store(mustURL(t, from), http.Header{"Set-Cookie": lines}) }
	expect := func(to, want string) {
		t.Helper()
		if got := c.Header(mustURL(t, to)); got != want {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
	store("https://a.example/x/y", "s=1; Path=/", "here=2", "sec=3; Path=/; Secure", "short=4; Path=/; Max-Age=60", "__Host-h=5; Path=/; Secure", "dom=6; Domain=example; Path=/")
	expect("https://a.example/", "__Host-h=5; dom=6; s=1; sec=3; short=4")
	expect("https://a.example/x", "__Host-h=5; dom=6; here=2; s=1; sec=3; short=4")
	expect("https://a.example/xx", "__Host-h=5; dom=6; s=1; sec=3; short=4")
	expect("http://a.example/x/z", "dom=6; here=2; s=1; short=4")
	expect("https://b.example/", "dom=6")
	expect("https://c.test", "")
	store("https://a.example/", "s=; Path=/; Max-Age=0", "sec=7; Path=/; Secure")
	expect("https://a.example/", "__Host-h=5; dom=6; sec=7; short=4")
	clock.now = clock.now.Add(time.Minute)
	expect("https://a.example/", "__Host-h=5; dom=6; sec=7")

	// What a browser refuses.
	store("http://a.example/", "sec=8; Secure; Path=/")
	store("https://a.example/", "__Host-h=9; Path=/", "__Host-h=9; Secure; Path=/x", "__Host-h=9; Secure; Path=/; Domain=a.example", "__Secure-x=9; Path=/", "evil=9; Domain=other.example")
	expect("https://a.example/", "__Host-h=5; dom=6; sec=7")

	thief := &Cookies{now: clock.read}
	thief.Put(mustURL(t, "https://a.example"), "mine", "1")
	thief.Copy(c)
	if all := thief.All(); len(all) != 4 || all["here"] != "2" || thief.Value("__Host-h") != "5" || thief.Value("mine") != "" {
		t.Errorf("stolen: %v", all)
	}
	c.Drop("sec")
	expect("https://a.example/", "__Host-h=5; dom=6")
	store("https://a.example/", "keep=1; Path=/; Max-Age=600")
	c.closed()
	expect("https://a.example/", "keep=1")
	c.Drop("")
	expect("https://a.example/", "")
}

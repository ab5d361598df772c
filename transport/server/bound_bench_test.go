package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
)

// A bound session's read costs at most 1.10 times the processor time of one that is not bound, as
// the README has it of whole servers side by side. Here the handler alone is asked, in turns, and
// the quickest of each decide, so that the bound is wider.
func TestABoundReadCostsAtMostAQuarterMore(t *testing.T) {
	if suite.Raced {
		t.Skip("the race detector slows what is not assembly")
	}
	const turns, each, most = 60, 20, 1.25
	free, bound := boundReads(t)
	quickest := [2]time.Duration{time.Hour, time.Hour}
	for range turns {
		for i, read := range []func(){free, bound} {
			quickest[i] = min(quickest[i], took(each, read))
		}
	}
	got := float64(quickest[1]) / float64(quickest[0])
	t.Logf("a bound read takes %.2f times one that is not: %v and %v", got, quickest[1]/each, quickest[0]/each)
	if got > most {
		t.Errorf("a bound read takes %.2f times one that is not, want at most %.2f", got, most)
	}
}

// boundReads are reads of a session where none are bound, and of one that is bound.
func boundReads(t testing.TB) (free, bound func()) {
	t.Helper()
	var reads [2]func()
	for i, setting := range []string{"off", "offer"} {
		l := suite.NewLab(t, onRedis(t), binding(setting))
		b := browser(l, inside{l.Server}, false)
		join(t, l, b, "ann@example.org")
		if got := len(b.Bound()); got != i {
			t.Fatalf("%s: %d sessions are bound, %q", setting, got, b.Told())
		}
		reads[i] = inBrowser(t, l, b)
	}
	return reads[0], reads[1]
}

// inBrowser reads the session of a browser again and again, with the cookies that it has now.
func inBrowser(t testing.TB, l *suite.Lab, b *device.Browser) func() {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, outside+headlessBrowser+"/auth/session", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", b.Cookies.Header(r.URL))
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	w := &bareWriter{}
	return func() {
		w.header, w.status = make(http.Header), 0
		w.body.Reset()
		l.Server.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			t.Fatalf("status %d, %s", w.status, &w.body)
		}
	}
}

// took is how long some runs of a function take.
func took(times int, f func()) time.Duration {
	began := time.Now()
	for range times {
		f()
	}
	return time.Since(began)
}

// A refresh takes at most two bare verifications with P-256 and two round trips to Redis.
func TestARefreshCostsAtMostTwoSignatures(t *testing.T) {
	if suite.Raced {
		t.Skip("the race detector slows what is not assembly")
	}
	const turns = 300
	x := newRefreshing(t)
	verify, trips := verification(t), roundTrips(t, x.lab)
	whole, bare, two := time.Hour, time.Hour, time.Hour
	for range turns {
		whole = min(whole, x.refresh())
		bare = min(bare, took(1, verify))
		two = min(two, took(1, trips))
	}
	t.Logf("a refresh takes %v, a bare verification %v, two round trips %v", whole, bare, two)
	if most := 2*bare + two; whole > most {
		t.Errorf("a refresh takes %v, want at most %v: twice %v, and %v for two round trips", whole, most, bare, two)
	}
}

// refreshing is a browser whose refreshes are timed, at the server alone.
type refreshing struct {
	t       testing.TB
	lab     *suite.Lab
	browser *device.Browser
	spent   time.Duration
}

func newRefreshing(t testing.TB) *refreshing {
	t.Helper()
	x := &refreshing{t: t, lab: suite.NewLab(t, onRedis(t), binding("offer"))}
	x.browser = browser(x.lab, x, false)
	join(t, x.lab, x.browser, "ann@example.org")
	if len(x.browser.Bound()) != 1 {
		t.Fatalf("the session is not bound: %q", x.browser.Told())
	}
	return x
}

// RoundTrip times what answers a signature.
func (x *refreshing) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	answer, err := inside{x.lab.Server}.RoundTrip(r)
	if strings.Contains(r.URL.Path, "/dbsc/refresh/") && r.Header.Get("Secure-Session-Response") != "" {
		x.spent = time.Since(began)
	}
	return answer, err
}

// refresh has the browser refresh once, and returns how long the server took for the signature.
func (x *refreshing) refresh() time.Duration {
	x.t.Helper()
	x.lab.Clock.Pass(time.Second)
	x.browser.Cookies.Drop("__Host-stagedoor_bound")
	x.browser.Told()
	x.spent = 0
	if status, body := send(x.t, x.lab, x.browser, "GET", headlessBrowser+"/auth/session", ""); status != http.StatusOK || x.spent == 0 {
		x.t.Fatalf("after a refresh: %d, %s; %q", status, body, x.browser.Told())
	}
	return x.spent
}

// verification is one bare verification with P-256.
func verification(t testing.TB) func() {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("x"))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if !ecdsa.VerifyASN1(&key.PublicKey, sum[:], signature) {
			t.Fatal("it does not verify")
		}
	}
}

// roundTrips are a read and a conditional write of 1 KiB in the Redis of a lab.
func roundTrips(t testing.TB, l *suite.Lab) func() {
	t.Helper()
	o, err := redis.ParseURL(l.Config.Redis.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	r := redis.NewClient(o)
	t.Cleanup(func() { _ = r.Close() })
	swap := redis.NewScript(`if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1`)
	value := strings.Repeat("x", 1024)
	if err := r.Set(t.Context(), "bench", value, time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	return func() {
		got, err := r.Get(t.Context(), "bench").Result()
		if err == nil {
			err = swap.Run(t.Context(), r, []string{"bench"}, got, value, 3_600_000).Err()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkBoundRead reads a session in a browser: where none are bound, and one that is bound.
func BenchmarkBoundRead(b *testing.B) {
	free, bound := boundReads(b)
	for name, read := range map[string]func(){"not bound": free, "bound": bound} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read()
			}
		})
	}
}

// BenchmarkRefresh is a refresh with all that a browser does for it; what the server takes of it is
// reported apart, to be held against BenchmarkBareRefresh.
func BenchmarkRefresh(b *testing.B) {
	x := newRefreshing(b)
	var server time.Duration
	for b.Loop() {
		server += x.refresh()
	}
	b.ReportMetric(float64(server.Nanoseconds())/float64(b.N), "server-ns/op")
}

// timed carries requests inside, and notes how long the last took.
type timed struct {
	inside
	spent time.Duration
}

// RoundTrip answers a request.
func (d *timed) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	answer, err := d.inside.RoundTrip(r)
	d.spent = time.Since(began)
	return answer, err
}

// BenchmarkProvedRead reads a session with a token that is bound to a key: each with a proof of its
// own (DPoP). What the server takes of it is reported apart.
func BenchmarkProvedRead(b *testing.B) {
	l := suite.NewLab(b, onRedis(b), binding("offer"))
	holder, door := app(b, l), &timed{inside: inside{l.Server}}
	holder.HTTP = door
	token := joinApp(b, l, holder, "ann@example.org")
	var server time.Duration
	for b.Loop() {
		if status, body := send(b, l, holder, "GET", headlessApp+"/auth/session", "", "X-Session-Token", token); status != http.StatusOK {
			b.Fatalf("%d, %s", status, body)
		}
		server += door.spent
	}
	b.ReportMetric(float64(server.Nanoseconds())/float64(b.N), "server-ns/op")
}

// BenchmarkBareRefresh is one bare verification with P-256, and two round trips.
func BenchmarkBareRefresh(b *testing.B) {
	l := suite.NewLab(b, onRedis(b))
	verify, trips := verification(b), roundTrips(b, l)
	for b.Loop() {
		verify()
		trips()
	}
}

package providers

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// waiting is how many people wait for a provider that says nothing, and most how much longer
// everybody else may wait meanwhile, at the median.
const (
	waiting = 60
	most    = 2.0
)

// mute is a provider that has metadata and says nothing else. It reports each request for
// a token.
func mute(t testing.TB) (issuer string, asked <-chan struct{}, end func()) {
	t.Helper()
	reports := make(chan struct{}, waiting)
	ctx, cancel := context.WithCancel(t.Context())
	var site *httptest.Server
	site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wellKnown {
			_ = json.NewEncoder(w).Encode(suite.M{
				"issuer": site.URL, "authorization_endpoint": site.URL + "/auth", "token_endpoint": site.URL + "/token", "jwks_uri": site.URL + "/keys",
				"id_token_signing_alg_values_supported": []string{"RS256"},
			})
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		reports <- struct{}{}
		select {
		case <-ctx.Done():
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(site.Close)
	t.Cleanup(cancel)
	return site.URL, reports, cancel
}

// before is a server before a provider.
func before(t testing.TB, issuer string) *suite.Lab {
	return suite.NewLab(t, func(c *config.Config, _ *server.Options) {
		c.PublicURL, c.Rest.RedirectURIs = public, []string{page}
		c.Headless.FrontendURLs.ProviderError = public + "/error"
		c.SocialAccount.Providers = []config.Provider{row{}.provider(issuer)}
		c.SocialAccount.RequestsTimeout = 300
		c.Account.EmailVerificationByCodeEnabled = true
	})
}

// hang has people wait for the provider until the test ends it.
func hang(t testing.TB, l *suite.Lab, asked <-chan struct{}, end func()) {
	t.Helper()
	var all sync.WaitGroup
	t.Cleanup(func() {
		end()
		all.Wait()
	})
	for i := range waiting {
		p := &plain{Script: l.Script()}
		to, said := p.leave("login")
		if said != (result{}) {
			t.Fatalf("nobody gets to the provider: %+v", said)
		}
		body := suite.M{"token": p.flow, "code": fmt.Sprint(i), "state": parsed(t, to).Query().Get("state")}
		all.Go(func() { p.Post("/providers/acme/callback/", body) })
	}
	for range waiting {
		select {
		case <-asked:
		case <-time.After(suite.Patience):
			t.Fatal("not all get to the token endpoint")
		}
	}
}

// pace is how long requests of others take beside people who wait for a provider, and without.
type pace struct{ beside, alone []time.Duration }

// measure asks two servers in turns, one of which has people waiting, for a session and to sign
// in by password.
func measure(t testing.TB, rounds int) (reads, logins pace) {
	t.Helper()
	issuer, asked, end := mute(t)
	var members [2]*suite.Script
	for i := range members {
		l := before(t, issuer)
		members[i] = l.Insider("ada@example.org")
		if i == 0 {
			hang(t, l, asked, end)
		}
	}
	timed := func(i int, p *pace, do func(s *suite.Script)) {
		began := time.Now()
		do(members[i])
		took := &p.alone
		if i == 0 {
			took = &p.beside
		}
		*took = append(*took, time.Since(began))
	}
	for n := range rounds {
		for i := range members {
			timed(i, &reads, func(s *suite.Script) { s.Do("GET", "/user/", nil).Is(200) })
			if n%5 == 0 {
				timed(i, &logins, func(s *suite.Script) {
					s.Script().Post("/login/", suite.M{"email": "ada@example.org", "password": suite.Password}).Entered("ada@example.org")
				})
			}
		}
	}
	return reads, logins
}

// times is how much longer it takes beside people who wait, at the median.
func (p pace) times() float64 { return float64(median(p.beside)) / float64(median(p.alone)) }

func median(of []time.Duration) time.Duration {
	sorted := slices.SortedFunc(slices.Values(of), cmp.Compare)
	return sorted[len(sorted)/2]
}

// TestHangingProvider: people who wait for a provider that says nothing hold up nobody else.
func TestHangingProvider(t *testing.T) {
	reads, logins := measure(t, 300)
	for what, p := range map[string]pace{"a session": reads, "a sign-in by password": logins} {
		t.Logf("%s takes %v, and %v beside %d who wait: %.2f times", what, median(p.alone), median(p.beside), waiting, p.times())
		if p.times() > most {
			t.Errorf("%s takes %v, and %v beside %d who wait for a provider", what, median(p.alone), median(p.beside), waiting)
		}
	}
}

// BenchmarkHangingProvider reports the same, at length.
func BenchmarkHangingProvider(b *testing.B) {
	reads, logins := measure(b, max(b.N, 10))
	b.ReportMetric(float64(median(reads.alone).Microseconds()), "µs/read-alone")
	b.ReportMetric(float64(median(reads.beside).Microseconds()), "µs/read-beside")
	b.ReportMetric(reads.times(), "times/read")
	b.ReportMetric(logins.times(), "times/login")
}

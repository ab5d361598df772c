package appjourneys

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"

	"stagedoor/transport/internal/suite"
)

// most is how many bytes the first page may be, with everything: headers and whatever is
// fetched for later.
const most = 60 << 10

// traffic is what a tab asks for.
type traffic struct {
	mu    sync.Mutex
	asked []*network.EventRequestWillBeSent
	bytes map[network.RequestID]float64
}

func (n *traffic) note(event any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		n.asked = append(n.asked, e)
	case *network.EventLoadingFinished:
		n.bytes[e.RequestID] = e.EncodedDataLength
	}
}

// TestFirstLoad: the sign-in page is small, asks nobody but its server, and everything that it
// needs is named in its HTML. Nothing is found only when something else has come.
func TestFirstLoad(t *testing.T) {
	b := suite.NewBrowser(t)
	l := suite.NewLab(t, suite.Hosted)
	var w *walker
	start := func() *traffic {
		w = &walker{b.Tab(t, l, 1280)}
		n := &traffic{bytes: make(map[network.RequestID]float64)}
		w.Listen(n.note)
		return n
	}
	n := start()
	w.Open("/account/login")
	w.Do("what comes next is fetched, too", suite.Until(`['signup', 'step', 'factor', 'forgot', 'verify'].every((name) =>
		performance.getEntriesByType('resource').some((r) => r.name.endsWith(name + '.js') && r.responseEnd > 0))`))
	n.mu.Lock()
	total := 0.0
	for _, size := range n.bytes {
		total += size
	}
	for _, e := range n.asked {
		if !strings.HasPrefix(e.Request.URL, l.Config.Origin()+"/") {
			t.Errorf("%s is asked for: it is not of this server", e.Request.URL)
		}
		if strings.Contains(e.Request.URL, "/_allauth/") && !strings.HasSuffix(e.Request.URL, "/auth/webauthn/login") {
			t.Errorf("%s is asked for, although the document has the answer", e.Request.URL)
		}
	}
	n.mu.Unlock()
	t.Logf("%d requests, %.0f bytes", len(n.asked), total)
	if total > most || total < 10<<10 {
		t.Errorf("the first page with everything has %.0f bytes, at most %d it may have", total, most)
	}

	member := w.account()
	waiting := w.Browser()
	member.Do("POST", "/auth/login", map[string]string{"email": ann, "password": pass}).Is(200)
	waiting.Do("POST", "/auth/code/request", map[string]string{"email": ann}).Is(401)
	for _, visit := range []struct {
		as    *suite.Client
		paths []string
	}{
		{nil, []string{"/", "/account/login", "/account/code", "/account/signup", "/account/password/reset", "/account/verify-email/x", "/account/security"}},
		{waiting, []string{"/", "/account/step", "/account/login", "/account/security"}},
		{member, []string{"/", "/account/", "/account/email", "/account/security", "/account/sessions", "/account/secure", "/account/password"}},
	} {
		for _, path := range visit.paths {
			n := start()
			w.Before(`globalThis.requestIdleCallback = () => {};`)
			if visit.as != nil {
				w.SetSession(visit.as.Cookie("sessionid"))
			}
			w.Open(path)
			n.mu.Lock()
			late := map[string]bool{}
			for _, e := range n.asked {
				if e.Type == network.ResourceTypeScript && (e.Initiator.Type != network.InitiatorTypeParser || e.Initiator.URL != e.DocumentURL) {
					late[e.Request.URL] = true
				}
			}
			n.mu.Unlock()
			if len(late) > 0 {
				t.Errorf("%s: found late: %q", path, slices.Sorted(maps.Keys(late)))
			}
		}
	}
}

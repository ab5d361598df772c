package devicebound

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"stagedoor/transport/internal/suite"
)

// binding are the features by which a browser binds sessions to keys that are files of its
// profile, where the machine has no better place, and as often as it is asked to.
const binding = "DeviceBoundSessions:RefreshQuota/false,EnableBoundSessionCredentialsSoftwareKeysForManualTesting"

// browser is a browser with a profile of its own.
type browser struct {
	*site
	t       *testing.T
	profile string
	// features are those that it is started with besides its own.
	features string
	ctx      context.Context
	stop     func()
}

// browser starts one that nobody has used, and that binds sessions.
func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	b := &browser{site: s, t: t, profile: t.TempDir(), features: binding}
	b.start()
	return b
}

// plain starts a browser that knows nothing of bound sessions.
func (s *site) plain(t *testing.T) *browser {
	t.Helper()
	b := &browser{site: s, t: t, profile: t.TempDir()}
	b.start()
	return b
}

// start starts it on its profile; it ends with the test.
func (b *browser) start() {
	b.t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(suite.Program(b.t, "chromium")), chromedp.UserDataDir(b.profile), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Headless, chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-popup-blocking", true), chromedp.Flag("password-store", "basic"),
		// With all certificates let through, browsers bind nothing: this one alone is.
		chromedp.Flag("ignore-certificate-errors-spki-list", b.pin),
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1"),
	}
	if b.features == "" {
		options = append(options, chromedp.Flag("disable-features", "DeviceBoundSessions"))
	} else {
		options = append(options, chromedp.Flag("enable-features", b.features))
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	stopped := false
	b.ctx, b.stop = ctx, func() {
		if !stopped {
			stopped = true
			// An orderly end, so that the profile is whole.
			_ = chromedp.Cancel(ctx)
			cancel()
			end()
		}
	}
	b.t.Cleanup(b.stop)
	b.must(chromedp.Do(ctx))
}

// restart ends the browser and starts it again on what it kept.
func (b *browser) restart() {
	b.t.Helper()
	b.stop()
	b.start()
}

func (b *browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// tab opens a tab.
func (b *browser) tab() *suite.Tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	b.must(chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)))
	return suite.TabOf(ctx, b.Lab)
}

// cookies are all that it has.
func (b *browser) cookies() []*network.Cookie {
	b.t.Helper()
	got, err := chromedp.Call(b.ctx, storage.GetCookies, storage.GetCookiesParams{})
	b.must(err)
	return got.Cookies
}

// cookie is the value of one of the server's cookies.
func (b *browser) cookie(name string) string {
	b.t.Helper()
	for _, c := range b.cookies() {
		if c.Name == name && strings.HasSuffix(c.Domain, home) {
			return c.Value
		}
	}
	return ""
}

// expire takes the bound cookie from the browser, as its end does, once its pages ask for nothing.
func (b *browser) expire() {
	b.t.Helper()
	b.rests()
	b.drop()
}

// drop takes the bound cookie from the browser at once.
func (b *browser) drop() {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.DeleteCookies, network.DeleteCookiesParams{Name: boundCookie, URL: b.at(home, "/")})
	b.must(err)
}

// steal gives another browser a copy of the cookies, but for some.
func (b *browser) steal(from *browser, but ...string) {
	b.t.Helper()
	var all []*network.CookieParam
	for _, c := range from.cookies() {
		if slices.Contains(but, c.Name) {
			continue
		}
		all = append(all, &network.CookieParam{
			Name: c.Name, Value: c.Value, URL: b.at(strings.TrimPrefix(c.Domain, "."), "/"), Path: c.Path, Secure: c.Secure, HTTPOnly: c.HTTPOnly,
			SameSite: c.SameSite, Expires: cdp.TimeSinceEpoch(c.Expires),
		})
	}
	_, err := chromedp.Call(b.ctx, storage.SetCookies, storage.SetCookiesParams{Cookies: all})
	b.must(err)
}

// bindings are the bound sessions that the browser knows of.
func (b *browser) bindings() []*network.DeviceBoundSession {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, suite.Patience)
	defer cancel()
	_, err := chromedp.Call(ctx, network.EnableDeviceBoundSessions, network.EnableDeviceBoundSessionsParams{})
	b.must(err)
	enable := func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, network.EnableDeviceBoundSessions, network.EnableDeviceBoundSessionsParams{Enable: true})
		return chromedp.Void{}, err
	}
	got, err := chromedp.Run(ctx, chromedp.WaitEvent(network.DeviceBoundSessionsAdded, nil, enable))
	b.must(err)
	return got.Sessions
}

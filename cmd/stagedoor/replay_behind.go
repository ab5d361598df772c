package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"stagedoor/transport/replay"
	"stagedoor/transport/replay/device"
)

// longWait is the longest that a story may wait against a server whose clock is not the
// story's.
const longWait = 30 * time.Second

// messageWait is how long a message may take that must come.
const messageWait = 5 * time.Second

// behind is a target that plays against servers behind addresses. The servers send their
// mail and text messages to the sinks, which are up until the returned function is called.
func (f *replayFlags) behind(ctx context.Context, stories []*replay.Story) (replay.Target, func(), error) {
	bases, err := f.addresses()
	if err != nil {
		return nil, nil, err
	}
	provider, err := device.NewProvider(device.ProviderConfig{Issuer: "http://" + f.oidc})
	if err != nil {
		return nil, nil, err
	}
	inbox := &device.Inbox{}
	mail := device.NewSMTPSink(inbox)
	end, err := f.sinks(ctx, mail, device.HTTPSink(inbox), provider)
	if err != nil {
		return nil, nil, err
	}
	carrier := &http.Transport{DialContext: dialLocal, MaxIdleConnsPerHost: f.jobs}
	return func(_ context.Context, s *replay.Story, _ string) (*replay.World, error) {
		base, ok := bases[s.Profile]
		if !ok {
			base, ok = bases[""]
		}
		switch {
		case !ok:
			return nil, fmt.Errorf("%w: no --base for profile %s", replay.ErrSkip, s.Profile)
		case len(s.Config) > 0:
			return nil, fmt.Errorf("%w: it has a config of its own, and the server behind %s has another", replay.ErrSkip, base.Host)
		case s.Waits() > longWait:
			return nil, fmt.Errorf("%w: it lets %s pass, and the server's clock is not the story's", replay.ErrSkip, s.Waits())
		}
		w := &replay.World{
			Base: strings.TrimSuffix(base.String(), "/"), Origin: base.Scheme + "://" + strings.Replace(base.Host, "127.0.0.1", "localhost", 1),
			HTTP: carrier, Now: time.Now, Pass: wait, Messages: waitFor(inbox), Provider: provider,
		}
		_, err := io.ReadFull(rand.Reader, w.Seed[:])
		return w, err
	}, end, nil
}

// addresses reads --base: by profile, "" for all others.
func (f *replayFlags) addresses() (map[string]*url.URL, error) {
	out := map[string]*url.URL{}
	for _, given := range f.bases {
		profile, address, ok := strings.Cut(given, "=")
		if !ok || strings.Contains(profile, "/") {
			profile, address = "", given
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("--base %s: want PROFILE=URL or a URL, such as default=http://localhost:8080", given)
		}
		out[profile] = u
	}
	return out, nil
}

// sinks starts what servers under test send messages to, and the provider.
func (f *replayFlags) sinks(ctx context.Context, mail *device.SMTPSink, sms, provider http.Handler) (func(), error) {
	var open []io.Closer
	end := func() {
		for _, c := range open {
			_ = c.Close()
		}
	}
	for _, sink := range []struct {
		flag, address string
		serve         func(net.Listener) io.Closer
	}{
		{"smtp", f.smtp, func(l net.Listener) io.Closer { go func() { _ = mail.Serve(l) }(); return mail }},
		{"http", f.http, serveWeb(sms)},
		{"oidc", f.oidc, serveWeb(provider)},
	} {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", sink.address)
		if err != nil {
			end()
			return nil, fmt.Errorf("--%s %s: %w", sink.flag, sink.address, err)
		}
		open = append(open, sink.serve(l))
	}
	return end, nil
}

func serveWeb(h http.Handler) func(net.Listener) io.Closer {
	return func(l net.Listener) io.Closer {
		web := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
		go func() { _ = web.Serve(l) }()
		return web
	}
}

// dialLocal reaches localhost at 127.0.0.1, where servers under test listen; the name is
// for WebAuthn, which takes no bare address.
func dialLocal(ctx context.Context, network, address string) (net.Conn, error) {
	if host, port, err := net.SplitHostPort(address); err == nil && host == "localhost" {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	return (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, network, address)
}

// wait lets time pass by waiting.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// waitFor waits until as many messages have come as must; where none must it waits for
// none.
func waitFor(inbox *device.Inbox) func(context.Context, string, int) ([]device.Message, error) {
	return func(ctx context.Context, to string, n int) ([]device.Message, error) {
		ctx, cancel := context.WithTimeout(ctx, messageWait)
		defer cancel()
		got, err := inbox.Wait(ctx, to, n)
		if errors.Is(err, context.DeadlineExceeded) {
			return inbox.Take(to), nil
		}
		return got, err
	}
}

// isTerminal reports whether what is written is read by a person at a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && terminal(f)
}

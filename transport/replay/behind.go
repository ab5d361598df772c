package replay

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/player"
)

// longWait is the longest that a story may wait against a server whose clock is not the
// story's.
const longWait = 30 * time.Second

// messageWait is how long a message may take that must come.
const messageWait = 5 * time.Second

// idleConnections is how many connections to a server are kept open between requests.
const idleConnections = 64

// Servers are running servers to play against.
type Servers struct {
	// Base is the address of the server for each profile, "" for all other profiles.
	Base map[string]*url.URL
	// SMTP is the address, host:port, to which the servers send their mail, HTTP that of
	// their webhook for text messages, OIDC where they find their OpenID provider.
	SMTP, HTTP, OIDC string
}

// Behind plays against running servers. It listens on the addresses to which they send
// messages, and where they find their provider, until the target is closed. Stories are
// skipped that need what such a server cannot do: accounts made before, a configuration of
// their own, more than half a minute that passes.
func Behind(ctx context.Context, s Servers) (Target, error) {
	provider, err := device.NewProvider(device.ProviderConfig{Issuer: "http://" + s.OIDC})
	if err != nil {
		return Target{}, err
	}
	inbox := &device.Inbox{}
	stop, err := s.listen(ctx, device.NewSMTPSink(inbox), device.HTTPSink(inbox), provider)
	if err != nil {
		return Target{}, err
	}
	carrier := &http.Transport{DialContext: dialLocal, MaxIdleConnsPerHost: idleConnections}
	return Target{open: func(_ context.Context, story *player.Story, _ string) (*player.World, error) {
		base, err := s.baseFor(story)
		if err != nil {
			return nil, err
		}
		w := &player.World{
			Base: strings.TrimSuffix(base.String(), "/"), Origin: base.Scheme + "://" + strings.Replace(base.Host, "127.0.0.1", "localhost", 1),
			HTTP: carrier, Now: time.Now, Pass: wait, Messages: waitFor(inbox), Provider: provider,
		}
		_, err = io.ReadFull(rand.Reader, w.Seed[:])
		return w, err
	}, close: stop}, nil
}

// baseFor is the server for a story; the error says why none can play it.
func (s Servers) baseFor(story *player.Story) (*url.URL, error) {
	base, ok := s.Base[story.Profile]
	if !ok {
		base, ok = s.Base[""]
	}
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: no --base for profile %s", player.ErrSkip, story.Profile)
	case len(story.Config) > 0:
		return nil, fmt.Errorf("%w: it has a config of its own, and the server behind %s has another", player.ErrSkip, base.Host)
	case story.Waits() > longWait:
		return nil, fmt.Errorf("%w: it lets %s pass, and the server's clock is not the story's", player.ErrSkip, story.Waits())
	}
	return base, nil
}

// listen starts what servers under test send messages to, and the provider. An error
// begins with the name of the address at fault: smtp, http or oidc.
func (s Servers) listen(ctx context.Context, mail *device.SMTPSink, sms, provider http.Handler) (func(), error) {
	var open []io.Closer
	stop := func() {
		for _, c := range open {
			_ = c.Close()
		}
	}
	for _, sink := range []struct {
		name, address string
		serve         func(net.Listener) io.Closer
	}{
		{"smtp", s.SMTP, func(l net.Listener) io.Closer { go func() { _ = mail.Serve(l) }(); return mail }},
		{"http", s.HTTP, serveWeb(sms)},
		{"oidc", s.OIDC, serveWeb(provider)},
	} {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", sink.address)
		if err != nil {
			stop()
			return nil, fmt.Errorf("%s %s: %w", sink.name, sink.address, err)
		}
		open = append(open, sink.serve(l))
	}
	return stop, nil
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

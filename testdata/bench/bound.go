package main

import (
	"fmt"
	"net/url"

	"stagedoor/transport/bench"
)

// publicURL is what browsers call the servers that bind their sessions, which they do over https
// alone. Who measures goes to their addresses.
const publicURL = "https://auth.example.com"

// browsers are people who are signed in in browsers of a server, with sessions that are bound or not.
func (b *bed) browsers(setting string, database int, bound bool) (bench.Side, *child, error) {
	store, err := b.redis()
	if err != nil {
		return bench.Side{}, nil, err
	}
	s, err := b.stagedoor("bound "+setting, cheap+fmt.Sprintf("public_url: %s\nsession: {device_bound: %q}\nredis: {url: \"redis://%s/%d\"}\n", publicURL, setting, store.address, database))
	if err != nil {
		return bench.Side{}, nil, err
	}
	t := bench.Target{Base: &url.URL{Scheme: "http", Host: s.address}, Contract: bench.Headless, Mount: "/_allauth", Origin: publicURL}
	side, err := bench.BrowserSide(b.ctx, t, 16, bound)
	if err != nil {
		return bench.Side{}, nil, fmt.Errorf("%w\n%s", err, s.log)
	}
	return side, s, nil
}

// boundRead compares reads of sessions that are bound with those of a server that binds none. Both
// servers and Redis count for either side: who is idle adds nothing.
func boundRead(b *bed, o options) (figures, error) {
	base, off, err := b.browsers("off", 5, false)
	if err != nil {
		return figures{}, err
	}
	subject, on, err := b.browsers("offer", 6, true)
	if err != nil {
		return figures{}, err
	}
	store, err := b.redis()
	if err != nil {
		return figures{}, err
	}
	p := o.pairing
	p.Connections, p.Processes = 16, []bench.Process{off.process(), on.process(), store.process()}
	r, err := bench.Compare(b.ctx, base, subject, p)
	if err != nil {
		return figures{}, err
	}
	micros := fmt.Sprintf("%.1f of %.1f", float64(r.Subject.CPU)/1e3, float64(r.Base.CPU)/1e3)
	return figures{[]string{r.PerSecond.String(), r.CPU.String(), micros}, r}, nil
}

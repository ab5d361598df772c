package player

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"stagedoor/transport/internal/device"
)

// keyed is what a device has that holds a key of its own: a browser that binds its sessions, or
// an app that proves its key with every request. Both are nil for a device without one.
type keyed struct {
	browser *device.Browser
	app     *device.Holder
}

// equip gives a device a key of its own.
func (p *play) equip(c *client) error {
	if c.kind == Browser {
		header := http.Header{}
		p.describe(header, c)
		c.browser = device.NewBrowser(device.BrowserConfig{HTTP: p.world.HTTP, Now: p.world.Now, Entropy: p.source, Header: header})
		return nil
	}
	key, err := device.NewKey(device.ES256, p.source)
	if err != nil {
		return err
	}
	c.app = &device.Holder{Key: key, HTTP: p.world.HTTP, Now: p.world.Now, Entropy: p.source}
	return nil
}

// carrier carries the requests of a device.
func (p *play) carrier(c *client) http.RoundTripper {
	switch {
	case c.browser != nil:
		return c.browser
	case c.app != nil:
		return c.app
	}
	return p.world.HTTP
}

// scheme is what stands before a token in Authorization (RFC 9449, section 7.1).
func (c *client) scheme() string {
	if c.app != nil {
		return "DPoP "
	}
	return "Bearer "
}

// prove adds the proof that a step asks for. Where it asks for none the device proves its key
// itself, if it has one.
func (p *play) prove(req *http.Request, s *Step, c *client) error {
	if c.kind == Browser || s.Proof == nil {
		return nil
	}
	filled, err := p.fill(s.Proof, c)
	if err != nil {
		return err
	}
	switch want := filled.(type) {
	case string:
		if want == "none" {
			want = ""
		}
		if want != "" || c.app != nil {
			req.Header.Set("DPoP", want)
		}
		return nil
	case map[string]any:
		if c.app == nil {
			return fmt.Errorf("proof: the device %s holds no key; name it in binds", c.name)
		}
		proof, err := proofOf(want, req)
		if err != nil {
			return err
		}
		made, err := c.app.Prove(proof)
		req.Header.Set("DPoP", made)
		return err
	}
	return fmt.Errorf("proof: want none, a proof, or members of one")
}

// proofOf is a proof that is changed: header and claims take the place of what it would say, null
// takes a member out; sig: bad spoils it, none leaves it unsigned; token is another one.
func proofOf(want map[string]any, req *http.Request) (device.Proof, error) {
	p := device.Proof{Method: req.Method, URL: req.URL.String(), Token: device.TokenOf(req)}
	for _, name := range sorted(want) {
		members, isMap := want[name].(map[string]any)
		text := fmt.Sprint(want[name])
		switch {
		case name == "header" && isMap:
			p.Header = members
		case name == "claims" && isMap:
			p.Claims = members
		case name == "token":
			p.Token = text
		case name == "sig" && text == "bad":
			p.Spoilt = true
		case name == "sig" && text == "none":
			p.Unsigned = true
		default:
			return p, fmt.Errorf("proof: %s: %v; there are header and claims with members, token, and sig: bad or none", name, want[name])
		}
	}
	return p, nil
}

// steal has a device take over all that another has, but for its key.
func (p *play) steal(from string, c *client) error {
	owner := p.client(from)
	if owner == c {
		return fmt.Errorf("steal: a device does not steal from itself; as names the thief")
	}
	owner.sync()
	c.token, c.access, c.refresh, c.run = owner.token, owner.access, owner.refresh, owner.run
	c.cookies, c.primed = map[string]string{}, true
	at, err := url.Parse(p.world.Base)
	if err != nil {
		return err
	}
	switch {
	case c.browser != nil && owner.browser != nil:
		c.browser.Cookies.Copy(owner.browser.Cookies)
	case c.browser != nil:
		for name, value := range owner.cookies {
			c.browser.Cookies.Put(at, name, value)
		}
	}
	for name, value := range owner.cookies {
		c.cookies[name] = value
	}
	return nil
}

// told is what a browser did of itself since it was last asked.
func (c *client) told() []string {
	if c.browser == nil {
		return nil
	}
	return c.browser.Told()
}

// skips has a browser go without cookies that it lacks, for the reason that a step gives.
func (c *client) skips(s *Step) error {
	if c.browser == nil && s.Skips != "" && c.kind == Browser {
		return fmt.Errorf("skips: the device %s binds nothing; name it in binds", c.name)
	}
	if c.browser != nil {
		c.browser.Skip(s.Skips)
	}
	return nil
}

// lastProof is the proof that the device made last, "" for none.
func (c *client) lastProof() string {
	if c.app == nil {
		return ""
	}
	return c.app.Last()
}

// sync takes over the cookies that a browser has by now, which it changes by itself.
func (c *client) sync() {
	if c.browser != nil {
		c.cookies = c.browser.Cookies.All()
	}
}

// losesKey has a device lose its key; an app makes another one.
func (p *play) losesKey(c *client) error {
	switch {
	case c.browser != nil:
		c.browser.Forget()
		return nil
	case c.app != nil:
		return p.equip(c)
	}
	return fmt.Errorf("drop key: the device %s holds none; name it in binds", c.name)
}

// expectBinding compares what a browser did of itself in a step.
func (p *play) expectBinding(s *Step, c *client, told []string) []Difference {
	if s.Binding == nil || c.kind != Browser {
		return nil
	}
	if c.browser == nil {
		return []Difference{failure(fmt.Errorf("binding: the device %s binds nothing; name it in binds", c.name))}
	}
	want := texts(s.Binding)
	if slices.Equal(want, told) || len(want) == 0 && len(told) == 0 {
		return nil
	}
	return []Difference{{Where: "binding", Want: listed(want), Got: listed(told)}}
}

package player

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"stagedoor/transport/internal/device"
)

// margin is how long a TOTP code must stay the current one when it is made.
const margin = 5 * time.Second

// madeUp are the variables that make themselves up: email, email2, phone, ...
var madeUp = regexp.MustCompile(`^(email|username|phone|password|sub|word|net6)\d*$`)

// The letters that made-up values are made of.
const (
	letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	digits  = "123456789"
	// hexadecimal has no 0: groups of an address lose those in front.
	hexadecimal = "123456789abcdef"
)

// known is a value that belongs to this play alone, and the template it came from.
type known struct{ value, as string }

// makeUp makes up the value of a variable.
func (p *play) makeUp(name string) (any, bool) {
	m := madeUp.FindStringSubmatch(name)
	if m == nil {
		return nil, false
	}
	value := ""
	switch m[1] {
	case "email":
		value = "c" + p.letters(letters, 10) + "@example.org"
	case "username":
		value = "u" + p.letters(letters, 10)
	case "phone":
		value = "+316" + p.letters(digits, 8)
	case "password":
		value = "Pw-" + p.letters(letters, 12)
	case "sub":
		value = "sub-" + p.letters(letters, 10)
	case "word":
		value = "w" + p.letters(letters, 9)
	case "net6": // a /64 of the block for examples (RFC 3849): the first half of an address
		value = "2001:db8:" + p.letters(hexadecimal, 4) + ":" + p.letters(hexadecimal, 4)
	}
	p.keep(name, value)
	return value, true
}

func (p *play) letters(from string, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = from[p.random.IntN(len(from))]
	}
	return string(out)
}

// keep sets a variable to a value of this play alone: where it turns up in an answer it
// is written as the variable.
func (p *play) keep(name, value string) {
	p.vars[name] = value
	p.known = append(p.known, known{value, "{{" + name + "}}"})
	if local, _, ok := strings.Cut(value, "@"); ok {
		p.known = append(p.known, known{local, "{{" + name + ".local}}"})
	}
	// An address goes before the part of it that is also a name.
	slices.SortStableFunc(p.known, func(a, b known) int { return len(b.value) - len(a.value) })
}

// secret is the TOTP secret that a word is about: the variable named, else secret.
func (p *play) secret(args []string, c *client) (string, error) {
	if len(args) == 0 {
		args = []string{"secret"}
	}
	return p.argument(args, 0, c)
}

// totp is the code of the current period.
func (p *play) totp(args []string, c *client) (any, error) {
	secret, err := p.secret(args, c)
	if err != nil {
		return nil, err
	}
	return p.codeAt(secret, device.Steady(p.world.Now(), margin))
}

// totpNext is the code of a period of which none was made yet.
func (p *play) totpNext(args []string, c *client) (any, error) {
	secret, err := p.secret(args, c)
	if err != nil {
		return nil, err
	}
	return p.codeAt(secret, p.app.Fresh(secret, p.world.Now(), margin))
}

// codeAt is the code of a secret at a time, which is waited for.
func (p *play) codeAt(secret string, at time.Time) (any, error) {
	now := p.world.Now()
	if wait := at.Sub(now); wait > 0 {
		if err := p.world.Pass(context.Background(), wait); err != nil {
			return nil, err
		}
	}
	return p.app.Code(secret, at)
}

// totpWrong is a code that is none of the secret's.
func (p *play) totpWrong(args []string, c *client) (any, error) {
	secret, err := p.secret(args, c)
	if err != nil {
		return nil, err
	}
	return device.WrongTOTP(secret, p.world.Now())
}

// passkeyNew answers the last creation options.
func (p *play) passkeyNew(args []string, c *client) (any, error) {
	return p.passkey(args, c.creation, p.keys.New)
}

// passkeyGet answers the last request options.
func (p *play) passkeyGet(args []string, c *client) (any, error) {
	return p.passkey(args, c.request, p.keys.Get)
}

func (p *play) passkey(args []string, options any, answer func(json.RawMessage, string, []string, string) (json.RawMessage, error)) (any, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("want the name of a passkey, and flags if any")
	}
	if options == nil {
		return nil, fmt.Errorf("no answer so far has brought the options that a passkey needs")
	}
	text, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	credential, err := answer(text, args[0], args[1:], p.world.Origin)
	if err != nil {
		return nil, err
	}
	var out any
	return out, decodeNumbers(credential, &out)
}

// idToken is an id token of the provider, with claims as name=value; a value that names a
// variable is the variable's.
func (p *play) idToken(args []string, c *client) (any, error) {
	who, err := p.identity(args, c)
	if err != nil {
		return nil, err
	}
	return p.world.Provider.IDToken(who)
}

// logoutToken is the provider's word that somebody has signed out there, with claims likewise.
func (p *play) logoutToken(args []string, c *client) (any, error) {
	who, err := p.identity(args, c)
	if err != nil {
		return nil, err
	}
	return p.world.Provider.LogoutToken(who)
}

// identity is what a provider says, of claims as name=value.
func (p *play) identity(args []string, c *client) (device.Identity, error) {
	who := device.Identity{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("%q: want claim=value", arg)
		}
		who[name] = value
		if v, err := p.lookup(value, c); err == nil {
			who[name] = fmt.Sprint(v)
		}
	}
	return who, nil
}

// authorize plays a person at the provider the last answer redirected to, and follows the way
// back. A client of the plain contract is its own front end: it finds what came back as
// oidc.code, oidc.state and oidc.error, and says it to the server in a step of its own.
func (p *play) authorize(ctx context.Context, s *Step, c *client) (outcome, error) {
	got := outcome{rec: recordedStep{Step: s.Label()}}
	who, err := p.fill(s.OIDC, c)
	if err != nil {
		return got, err
	}
	if c.location == "" {
		return got, fmt.Errorf("the last answer redirects nowhere, so nobody is at the provider")
	}
	back, err := p.world.Provider.Authorize(c.location, device.Identity(who.(map[string]any)))
	if err != nil {
		return got, err
	}
	if c.kind == Rest {
		return got, p.keepCallback(back)
	}
	req, err := newRequest(ctx, http.MethodGet, back, nil)
	if err != nil {
		return got, err
	}
	p.setHeaders(req, c)
	req.Header.Set("Accept", "text/html,*/*")
	r, err := p.send(req, c)
	if err != nil {
		return got, err
	}
	return p.answered(s, c, req, r), nil
}

// keepCallback keeps what a provider says to a front end.
func (p *play) keepCallback(to string) error {
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	said := map[string]any{}
	for name, values := range u.Query() {
		said[name] = values[0]
	}
	p.vars["oidc"] = said
	return nil
}

// read takes the messages to somebody. The newest is what mail.code, mail.key,
// mail.disown and sms.code stand for.
func (p *play) read(ctx context.Context, s *Step, c *client, who string, want *recordedStep) (outcome, error) {
	got := outcome{answered: true, kinds: []string{}, rec: recordedStep{Step: s.Label()}}
	to, err := p.text(who, c)
	if err != nil {
		return outcome{}, err
	}
	name, n := "mail", len(wantedKinds(s))
	if s.SMS != "" {
		name = "sms"
	}
	if want != nil {
		n = len(want.Mail) + len(want.SMS)
	}
	messages, err := p.world.Messages(ctx, to, n)
	if err != nil {
		return outcome{}, err
	}
	for _, m := range messages {
		got.kinds = append(got.kinds, string(m.Kind))
		vars := map[string]any{"subject": m.Subject, "body": m.Text, "name": m.Name}
		if m.Code != "" || name == "sms" {
			vars["code"] = m.Code
		}
		if m.Key != "" {
			vars["key"], vars["disown"] = m.Key, m.LastKey
		}
		p.vars[name] = vars
	}
	if name == "sms" {
		got.rec.SMS = got.kinds
	} else {
		got.rec.Mail = got.kinds
	}
	return got, nil
}

// burst sends one request many times at once.
func (p *play) burst(s *Step, c *client, req *http.Request, body []byte) (outcome, error) {
	got := outcome{answered: true, rec: recordedStep{Step: s.Label()}}
	replies, errs := make([]*reply, s.Burst), make([]error, s.Burst)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range s.Burst {
		one := req.Clone(req.Context())
		if body != nil {
			one, _ = newRequest(req.Context(), req.Method, req.URL.String(), bytes.Clone(body))
			one.Header = req.Header.Clone()
		}
		all.Go(func() {
			<-start
			replies[i], errs[i] = p.send(one, c)
		})
	}
	close(start)
	all.Wait()
	for i, r := range replies {
		if errs[i] != nil {
			return got, errs[i]
		}
		c.storeCookies(r.header, p.world.Now())
		if r.isJSON {
			p.last = r.body
			c.learn(req, r)
		}
		got.rec.Statuses = append(got.rec.Statuses, r.status)
	}
	slices.Sort(got.rec.Statuses)
	if s.Allow == nil {
		return got, nil
	}
	for _, status := range got.rec.Statuses {
		if !slices.Contains(s.Allow, status) {
			return got, fmt.Errorf("statuses %v; only %v are allowed", got.rec.Statuses, s.Allow)
		}
	}
	got.rec.Allow, got.rec.Statuses = s.Allow, nil
	return got, nil
}

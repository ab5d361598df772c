package walk

import (
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"stagedoor/state"
	"stagedoor/transport/internal/suite"
)

// person is an account as the model knows it: what its owner has proved, and what must
// be shown to be signed in as them.
type person struct {
	email, phone, password string

	exists, emailOK, phoneOK bool
	// reached is set once a reset link came back, which verifies nothing but proves whose
	// the address is.
	reached bool
	// secret is of TOTP, empty where it is off; spent is the last time step used.
	secret string
	spent  int64
	// recovery are the codes that are left.
	recovery []string
	// epoch counts new passwords, prints what ends a trust, logins what ends a link.
	epoch, prints, logins int
}

// showing is the run of a client: for whom, and what it has shown.
type showing struct {
	about               *person
	first, code, second bool
	// passed is set once nothing is asked any more but whether to trust the browser: a
	// factor that is set up only then is for the next sign-in.
	passed   bool
	epoch    int
	deadline time.Time
}

// letter is a code that was sent because a client asked for it.
type letter struct {
	code  string
	about *person
	run   *showing
	until time.Time
	epoch int
}

// holding is what the model knows of a token: the account that is signed in with it, the run that
// waits, and the last codes of each kind.
type holding struct {
	session *person
	over    bool
	run     *showing
	last    map[string]*letter
}

// link is a key in a mail.
type link struct {
	key           string
	about         *person
	epoch, logins int
}

// trusted is what a browser may leave out, until the account changes.
type trusted struct {
	about        *person
	code, second bool
	prints       int
}

// demands is what a configuration asks of a sign-in.
type demands struct {
	setUp                   suite.SetUp
	code, phone, email      bool
	loginOnReset, mailCodes bool
	resetCodes              bool
}

// missing lists what the model has not seen shown for a session of the person.
func (w *walk) missing(h *holding, c *suite.Client, p *person) (out []string) {
	need := func(ok bool, what string) {
		if !ok {
			out = append(out, what)
		}
	}
	r := h.run
	if r == nil || r.about != p {
		return []string{"a run of this account"}
	}
	t := w.trust(c, p)
	need(r.first, "a first factor")
	need(r.epoch == p.epoch, "a first factor of the present password")
	need(w.Clock.Read().Before(r.deadline), "time")
	need(!w.demands.code || r.code || t.code, "a code")
	need(!w.demands.phone || p.phoneOK, "a verified number")
	need(!w.demands.email || p.emailOK, "a verified address")
	need(p.secret == "" || r.second || t.second || r.passed, "a second factor")
	return out
}

// trust is what the client's browser may leave out for the person.
func (w *walk) trust(c *suite.Client, p *person) trusted {
	for _, t := range slices.Backward(w.trusts[c]) {
		if t.about == p {
			if t.prints != p.prints {
				return trusted{}
			}
			return t
		}
	}
	return trusted{}
}

// started puts a new run into the login slot.
func (w *walk) started(h *holding, p *person, first bool) {
	h.run = &showing{about: p, first: first, deadline: w.Clock.Read().Add(900 * time.Second)}
	if p != nil {
		h.run.epoch = p.epoch
	}
}

// collect reads the mail that a move caused, for the client that made it.
func (w *walk) collect(h *holding) {
	w.Quiet()
	w.Mails.Mu.Lock()
	sent := w.Mails.Sent[w.read:]
	w.read = len(w.Mails.Sent)
	w.Mails.Mu.Unlock()
	for _, m := range sent {
		w.take(h, m)
	}
}

func (w *walk) take(h *holding, m state.Message) {
	i := slices.IndexFunc(w.people[:], func(p *person) bool { return p.email == m.To || p.phone == m.To })
	secret := m.Data["code"] + m.Data["key"]
	if i < 0 || secret == "" {
		return
	}
	p := w.people[i]
	w.seen = append(w.seen, secret)
	lasts := map[state.Template]struct {
		kind string
		life time.Duration
	}{
		"login_code": {"login", 180}, "phone_login_code": {"login", 180}, "phone_code": {"phone", 900},
		"email_code": {"email", 900}, "password_reset_code": {"reset", 180},
	}
	if l, ok := lasts[m.Template]; ok {
		h.last[l.kind] = &letter{
			code: secret, about: p, run: h.run, until: w.Clock.Read().Add(l.life * time.Second), epoch: p.epoch,
		}
		return
	}
	w.links = append(w.links, link{key: secret, about: p, epoch: p.epoch, logins: p.logins})
}

// right reports whether the code is the last one of its kind that was sent for this
// client, and still good.
func (w *walk) right(h *holding, kind, code string) *letter {
	l := h.last[kind]
	if l == nil || l.code != code || !w.Clock.Read().Before(l.until) {
		return nil
	}
	return l
}

// passcode is the person's TOTP code of now.
func (w *walk) passcode(p *person) string {
	if p == nil || p.secret == "" {
		return "000000"
	}
	code, err := totp.GenerateCode(p.secret, w.Clock.Read())
	if err != nil {
		w.T.Fatal(err)
	}
	return code
}

// factorRight reports whether a code is a second factor of the person that was not used.
func (w *walk) factorRight(p *person, code string) bool {
	if p == nil || p.secret == "" {
		return false
	}
	return slices.Contains(p.recovery, code) || code == w.passcode(p) && w.Clock.Read().Unix()/30 > p.spent
}

// spend uses a second factor up.
func (w *walk) spend(p *person, code string) {
	if i := slices.Index(p.recovery, code); i >= 0 {
		p.recovery = slices.Delete(p.recovery, i, i+1)
		return
	}
	p.spent = w.Clock.Read().Unix() / 30
}

// proved reports whether somebody has shown that he receives what is sent to the person.
func (p *person) proved() bool { return p.emailOK || p.phoneOK || p.reached }

// firstProof is what follows where somebody shows it who shows nothing else: what was set
// before ends.
func (w *walk) firstProof(p *person, by *holding) {
	if p.proved() {
		return
	}
	w.newPassword(p, "", nil)
	if p.phone = ""; by.run != nil && by.run.about == p {
		by.run.epoch = p.epoch
	}
}

// newPassword is what follows from one: nothing that an old one earned is good.
func (w *walk) newPassword(p *person, secret string, but *holding) {
	p.password = secret
	p.epoch++
	p.prints++
	for _, h := range w.held {
		if h.session == p && h != but {
			h.over = true
		}
	}
}

// secrets are what no answer may hold; recovery codes are short, so with their quotes.
func (w *walk) secrets() []string {
	out := append(append([]string{"$argon2", "BEGIN "}, w.seen...), w.passwords...)
	for _, p := range w.people {
		for _, code := range p.recovery {
			out = append(out, `"`+code+`"`)
		}
		if p.secret != "" {
			out = append(out, p.secret)
		}
	}
	return out
}

// answered holds an answer against what every answer must be.
func (w *walk) answered(r *suite.Reply, mayTell bool) {
	if r.Status >= 500 || r.Status == 0 {
		w.T.Fatalf("%s: %d\n%.300s", r.What, r.Status, r.Raw)
	}
	if r.Status == 401 || r.Status == 410 {
		if len(flows(r)) == 0 {
			w.T.Fatalf("%s: %d without a next move\n%.300s", r.What, r.Status, r.Raw)
		}
	}
	if mayTell {
		return
	}
	for _, s := range w.secrets() {
		if strings.Contains(r.Raw, s) {
			w.T.Fatalf("%s: %d tells the secret %q\n%.600s", r.What, r.Status, s, r.Raw)
		}
	}
}

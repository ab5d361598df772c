package walk

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"stagedoor/transport/internal/suite"
)

// moves are what clients do, by name.
func (w *walk) moves() map[string]func(*rapid.T) {
	moves := map[string]func(){
		"sign up": w.signsUp, "log in": w.logsIn, "log in again": w.logsIn, "ask for a code": w.asksForCode, "enter a code": w.entersCode,
		"enter the code": w.entersCode, "verify an address": w.verifies, "verify the address": w.verifies, "resend": w.resends,
		"second factor": w.showsFactor, "second factor again": w.showsFactor, "trust": w.trustsBrowser, "reauthenticate": w.proves,
		"TOTP on": w.totpOnOff, "change password": w.changesPassword, "forget password": w.forgets, "reset password": w.resets,
		"sign out": w.signsOut, "end sessions": w.endsSessions, "tab": w.opensTab, "time": w.waits, "nonsense": w.nonsense,
	}
	moves["reset all the way"] = func() {
		c, p := w.someone(), w.anybody()
		w.willing, w.meant = c, p
		defer func() { w.willing = nil }()
		w.forgets()
		w.resets()
	}
	for i := range 8 {
		moves[fmt.Sprint("go on ", i)] = w.goesOn
	}
	if w.demands.phone {
		moves["verify a number"], moves["verify the number"] = w.verifiesNumber, w.verifiesNumber
	}
	out := make(map[string]func(*rapid.T))
	for name, f := range moves {
		out[name] = func(*rapid.T) { f() }
	}
	return out
}

type fields = map[string]any

func pick[T any](w *walk, what string, of ...T) T { return rapid.SampledFrom(of).Draw(w.rt, what) }

func (w *walk) someone() *suite.Client {
	if w.willing != nil {
		return w.willing
	}
	return w.clients[pick(w, "client", 0, 1, 2, 3)]
}

func (w *walk) anybody() *person {
	if w.willing != nil {
		return w.meant
	}
	return w.people[pick(w, "person", 0, 0, 1)]
}

// fresh makes up a password.
func (w *walk) fresh() string {
	w.passwords = append(w.passwords, fmt.Sprintf("hard-to-guess-%d-%d", w.n, len(w.passwords)))
	return w.passwords[len(w.passwords)-1]
}

// some is the right code mostly, else one that somebody got some time, or none at all.
func (w *walk) some(right string) string {
	if w.willing != nil {
		return right
	}
	others := append([]string{right, right, right, right, "BBBB-BBBB"}, w.seen[max(0, len(w.seen)-4):]...)
	return pick(w, "code", others...)
}

// must fails the walk where an answer has none of the statuses.
func (w *walk) must(r *suite.Reply, why string, statuses ...int) {
	if !slices.Contains(statuses, r.Status) {
		w.T.Fatalf("%s, %s: %d, want one of %v\n%.400s", r.What, why, r.Status, statuses, r.Raw)
	}
}

// refusals are the statuses that refuse: 401, too, where the run is one of before
// everything ended, and is told as over.
func (h *holding) refusals() []int {
	if r := h.run; r != nil && r.about != nil && r.epoch != r.about.epoch {
		return []int{400, 401, 409, 410}
	}
	return []int{400, 409, 410}
}

func took(r *suite.Reply) bool { return r.Status == 200 || r.Status == 401 }

func (w *walk) signsUp() {
	p, secret := w.anybody(), w.fresh()
	if p.exists && (!p.emailOK || !w.demands.email) {
		return // it would be another account that claims the address: two people are another test
	}
	body := fields{"email": p.email, "password": secret}
	if w.demands.phone {
		body["phone"] = p.phone
	}
	w.move(w.someone(), "POST", "/auth/signup", body, func(h *holding, r *suite.Reply) {
		if !w.demands.email && r.Status == 400 {
			return // an address that need not be verified is not hidden
		}
		w.must(r, "taken or not", 401, 409, 410)
		if r.Status != 401 {
			return
		}
		if p.exists {
			w.shams[secret] = true
			w.started(h, nil, false)
			return
		}
		p.exists, p.password = true, secret
		w.started(h, p, true)
	})
}

func (w *walk) logsIn() {
	p := w.anybody()
	secrets := append([]string{p.password, p.password, p.password, p.password, "never-anybodys-1"}, w.passwords...)
	secret := p.password
	if w.willing == nil {
		secret = pick(w, "password", secrets...)
	}
	name, value := "email", p.email
	if w.demands.phone && p.phone != "" && pick(w, "by phone", true, false) {
		name, value = "phone", p.phone
	}
	w.move(w.someone(), "POST", "/auth/login", fields{name: value, "password": secret}, func(h *holding, r *suite.Reply) {
		if w.shams[secret] {
			w.must(r, "of an account that is nobody's", 400, 401, 409, 410)
			if r.Status == 401 {
				w.started(h, nil, false)
			}
			return
		}
		if !p.exists || p.password == "" || secret != p.password {
			w.must(r, "a wrong password", 400, 410)
			return
		}
		w.must(r, "the right password", 200, 401, 409, 410)
		if took(r) {
			w.started(h, p, true)
		}
	})
}

func (w *walk) asksForCode() {
	p := w.anybody()
	w.move(w.someone(), "POST", "/auth/code/request", fields{"email": p.email}, func(h *holding, r *suite.Reply) {
		w.must(r, "known or not", 200, 401, 410)
		if r.Status != 401 {
			return
		}
		about := p
		if !p.exists {
			about = nil
		}
		w.started(h, about, false)
		h.run.code = false
		h.last["login"] = nil
	})
}

func (w *walk) entersCode() {
	c := w.someone()
	h := w.holding(c)
	code := ""
	if l := h.last["login"]; l != nil {
		code = l.code
	}
	code = w.some(code)
	w.move(c, "POST", pick(w, "path", "/auth/code/confirm", "/auth/stages/login_by_code"), fields{"code": code}, func(h *holding, r *suite.Reply) {
		l := w.right(h, "login", code)
		if l == nil || l.run != h.run || h.run == nil {
			w.must(r, "a wrong login code", h.refusals()...)
			return
		}
		if !took(r) {
			return
		}
		if !h.run.first {
			w.firstProof(l.about, h)
			h.run.deadline = w.Clock.Read().Add(900 * time.Second)
		}
		h.run.first, h.run.code = true, true
		h.last["login"] = nil
		// Only a number can be what it went to where sign-in begins with one.
		l.about.emailOK = true
	})
}

func (w *walk) verifies() {
	c := w.someone()
	h := w.holding(c)
	key := ""
	if l := h.last["email"]; l != nil {
		key = l.code
	} else if len(w.links) > 0 {
		key = w.links[len(w.links)-1].key
	}
	key = w.some(key)
	w.move(c, "POST", "/auth/email/verify", fields{"key": key}, func(h *holding, r *suite.Reply) {
		if w.demands.mailCodes {
			l := w.right(h, "email", key)
			switch {
			case l == nil:
				w.must(r, "a wrong mail code", h.refusals()...)
			case took(r):
				l.about.emailOK = true
				h.last["email"] = nil
			}
			return
		}
		i := slices.IndexFunc(w.links, func(l link) bool { return l.key == key })
		switch {
		case i < 0:
			w.must(r, "a key of nobody", 400, 409, 410)
		case took(r):
			w.links[i].about.emailOK = true
		}
	})
}

func (w *walk) verifiesNumber() {
	c := w.someone()
	if r := w.holding(c).run; r != nil && r.about != nil && r.about.phone == "" && r.epoch == r.about.epoch {
		w.namesNumber(c, r.about)
	}
	code := ""
	if l := w.holding(c).last["phone"]; l != nil {
		code = l.code
	}
	code = w.some(code)
	w.move(c, "POST", "/auth/phone/verify", fields{"code": code}, func(h *holding, r *suite.Reply) {
		l := w.right(h, "phone", code)
		switch {
		case l == nil || l.run != h.run:
			w.must(r, "a wrong number code", h.refusals()...)
		case took(r):
			l.about.phoneOK = true
			h.last["phone"] = nil
		}
	})
}

// namesNumber gives an account a number that has lost the one it signed up with.
func (w *walk) namesNumber(c *suite.Client, p *person) {
	w.numbers++
	number := fmt.Sprintf("+49151%08d", 13_000_000+1000*w.n+w.numbers)
	w.move(c, "POST", "/account/phone", fields{"phone": number}, func(_ *holding, r *suite.Reply) {
		if r.Status == 202 {
			p.phone = number
		}
	})
}

func (w *walk) resends() {
	w.move(w.someone(), "POST", pick(w, "path", "/auth/code/resend", "/auth/email/verify/resend", "/auth/phone/verify/resend"), nil, nil)
}

// goesOn is a client that wants to sign in: it does what is pending, and does it right.
func (w *walk) goesOn() {
	c, p := w.someone(), w.anybody()
	w.willing, w.meant = c, p
	defer func() { w.willing = nil }()
	r := c.Session()
	w.answered(r, false)
	for _, f := range slices.Backward(flows(r)) {
		step := map[string]func(){
			"login_by_code*": w.entersCode, "verify_email*": w.verifies, "verify_phone*": w.verifiesNumber,
			"mfa_authenticate*": w.showsFactor, "mfa_trust*": w.trustsBrowser,
		}[f]
		if step != nil {
			step()
			return
		}
	}
	switch {
	case r.Status == 200:
	case p.exists:
		w.logsIn()
	default:
		w.signsUp()
	}
}

// secondFactor picks a code for the person: right, used, or somebody else's.
func (w *walk) secondFactor(p *person) string {
	if w.willing != nil {
		w.Clock.Pass(30 * time.Second)
		return w.passcode(p)
	}
	codes := []string{w.passcode(p), w.passcode(p), w.passcode(w.people[0]), w.passcode(w.people[1]), "123456"}
	if p != nil && len(p.recovery) > 0 {
		codes = append(codes, p.recovery[0])
	}
	return pick(w, "factor", codes...)
}

func (w *walk) showsFactor() {
	c := w.someone()
	var p *person
	if run := w.holding(c).run; run != nil {
		p = run.about
	}
	code := w.secondFactor(p)
	w.move(c, "POST", pick(w, "path", "/auth/2fa/authenticate", "/auth/stages/mfa_authenticate"), fields{"code": code}, func(h *holding, r *suite.Reply) {
		if r.Status != 200 && !slices.Contains(flows(r), "mfa_trust*") {
			return
		}
		if h.run != nil && h.run.passed && r.Status != 200 {
			return // only the answer about trust is waited for
		}
		if h.run == nil || !w.factorRight(p, code) {
			w.T.Fatalf("%s: a wrong second factor is answered %d\n%.400s", r.What, r.Status, r.Raw)
		}
		w.spend(p, code)
		h.run.second = true
	})
}

func (w *walk) trustsBrowser() {
	c, yes := w.someone(), pick(w, "trust", true, false)
	w.move(c, "POST", "/auth/2fa/trust", fields{"trust": yes}, func(h *holding, r *suite.Reply) {
		if r.Status == 200 && yes && h.run != nil && h.run.about != nil {
			p := h.run.about
			w.trusts[c] = append(w.trusts[c], trusted{about: p, code: h.run.code, second: h.run.second, prints: p.prints})
		}
	})
}

// opensTab takes over what another client of the kind holds, or begins anew.
func (w *walk) opensTab() {
	i := pick(w, "tab", 0, 1, 2, 3)
	from := w.clients[(i+2)%4]
	if pick(w, "anew", true, false, false) {
		w.clients[i] = w.Client(from.Kind)
		return
	}
	w.clients[i] = from.Twin()
	w.trusts[w.clients[i]] = slices.Clone(w.trusts[from])
}

func (w *walk) waits() {
	w.Clock.Pass(pick(w, "time", time.Second, time.Minute, 4*time.Minute, 16*time.Minute))
}

// nonsense asks for what cannot be had.
func (w *walk) nonsense() {
	path := pick(w, "path",
		"/auth/stages/session", "/auth/stages/pretend", "/auth/stages/mfa_authenticate", "/auth/stages/mfa_signup_webauthn",
		"/auth/stages/verify_email", "/auth/stages/verify_phone/change", "/auth/login", "/auth/signup", "/auth/code/confirm",
		"/auth/2fa/authenticate", "/auth/2fa/reauthenticate", "/auth/reauthenticate", "/auth/email/verify", "/auth/password/reset",
		"/auth/phone/verify", "/auth/webauthn/login", "/auth/webauthn/authenticate", "/auth/webauthn/signup", "/auth/provider/signup",
		"/auth/sessions", "/account/email", "/account/phone", "/account/password/change", "/account/authenticators", "/tokens/refresh", "/nowhere")
	body := pick[any](w, "body", nil, "", "[]", "{", "null", `{"code": 7}`, `{"key": null, "password": []}`,
		fields{"code": "BBBB-BBBB"}, fields{"key": "1.AAAA", "password": "hard-to-guess-not"}, fields{"email": "nobody"})
	w.move(w.someone(), pick(w, "method", "GET", "POST", "PUT", "PATCH"), path, body, nil)
}

package walk

import (
	"encoding/json"
	"slices"

	"stagedoor/transport/internal/suite"
)

// proves shows the password or a second factor again.
func (w *walk) proves() {
	c := w.someone()
	p := w.holding(c).session
	if p == nil {
		p = w.anybody()
	}
	if pick(w, "password", true, true, false) {
		secret := w.some(p.password)
		w.move(c, "POST", "/auth/reauthenticate", fields{"password": secret}, func(_ *holding, r *suite.Reply) {
			if secret != p.password {
				w.must(r, "a wrong password", 400, 401, 410)
			}
		})
		return
	}
	code := w.secondFactor(p)
	w.move(c, "POST", "/auth/2fa/reauthenticate", fields{"code": code}, func(h *holding, r *suite.Reply) {
		if r.Status != 200 {
			return
		}
		if h.session != p || !w.factorRight(p, code) {
			w.T.Fatalf("%s: a wrong second factor is answered 200", r.What)
		}
		w.spend(p, code)
	})
}

// totpOnOff switches TOTP on where it is off, and the other way round.
func (w *walk) totpOnOff() {
	c, path := w.someone(), "/account/authenticators/totp"
	h := w.holding(c)
	p := h.session
	if p == nil || p.secret != "" {
		w.move(c, "DELETE", path, nil, func(h *holding, r *suite.Reply) {
			if r.Status == 200 && h.session != nil {
				h.session.secret, h.session.recovery = "", nil
				h.session.prints++
			}
		})
		return
	}
	r := c.Do("GET", path, nil)
	w.answered(r, true)
	secret := r.Meta.Secret
	if secret == "" {
		return
	}
	p.secret = secret
	code := w.passcode(p)
	p.secret = ""
	w.move(c, "POST", path, fields{"code": code}, func(h *holding, r *suite.Reply) {
		w.must(r, "a right TOTP code", 200, 401, 400, 410)
		if r.Status == 200 {
			p.secret, p.spent = secret, -1
			p.prints++
		}
	})
	if p.secret == "" {
		return
	}
	var data struct {
		Unused []string `json:"unused_codes"`
	}
	r = c.Do("GET", "/account/authenticators/recovery-codes", nil)
	w.answered(r, true)
	if err := json.Unmarshal(r.Data, &data); r.Status == 200 && err == nil {
		p.recovery = data.Unused
	}
}

func (w *walk) changesPassword() {
	c, secret := w.someone(), w.fresh()
	p := w.holding(c).session
	if p == nil {
		p = w.anybody()
	}
	current := w.some(p.password)
	w.move(c, "POST", "/account/password/change", fields{"current_password": current, "new_password": secret}, func(h *holding, r *suite.Reply) {
		if r.Status != 200 {
			return
		}
		if h.session != p || current != p.password {
			w.T.Fatalf("%s: a wrong password is answered 200", r.What)
		}
		w.newPassword(p, secret, h)
	})
}

func (w *walk) forgets() {
	w.move(w.someone(), "POST", "/auth/password/request", fields{"email": w.anybody().email}, func(h *holding, r *suite.Reply) {
		if took(r) {
			h.last["reset"] = nil
		}
	})
}

func (w *walk) resets() {
	c, secret := w.someone(), w.fresh()
	key := ""
	if l := w.holding(c).last["reset"]; l != nil {
		key = l.code
	} else if len(w.links) > 0 {
		key = w.links[len(w.links)-1].key
	}
	key = w.some(key)
	w.move(c, "POST", "/auth/password/reset", fields{"key": key, "password": secret}, func(h *holding, r *suite.Reply) {
		var p *person
		if w.demands.resetCodes {
			if l := w.right(h, "reset", key); l != nil && l.epoch == l.about.epoch {
				p = l.about
			}
		} else if i := slices.IndexFunc(w.links, func(l link) bool { return l.key == key }); i >= 0 {
			if l := w.links[i]; l.epoch == l.about.epoch && l.logins == l.about.logins {
				p = l.about
			}
		}
		if p == nil {
			w.must(r, "a reset nobody asked for", 400, 409, 410)
			return
		}
		if took(r) {
			w.wasReset(h, r, p, secret)
		}
	})
}

// wasReset is what follows from a reset.
func (w *walk) wasReset(h *holding, r *suite.Reply, p *person, secret string) {
	if !p.phoneOK {
		p.phone = "" // somebody else may have named it
	}
	w.newPassword(p, secret, nil)
	p.emailOK, p.reached = p.emailOK || w.demands.resetCodes, true
	h.last["reset"] = nil
	if !w.demands.loginOnReset {
		return
	}
	if h.session == nil || h.session == p || r.Status == 200 && w.whois(r) == p {
		h.session, h.over = nil, false
		w.started(h, p, true)
	}
}

func (w *walk) signsOut() {
	w.move(w.someone(), "DELETE", "/auth/session", nil, func(h *holding, r *suite.Reply) {
		w.must(r, "signing out", 401, 410)
		h.over, h.run = h.session != nil, nil
		clear(h.last)
	})
}

func (w *walk) endsSessions() {
	c, mine := w.someone(), pick(w, "mine, too", true, false)
	var list []struct {
		ID      int64
		Current bool `json:"is_current"`
	}
	r := c.Do("GET", "/auth/sessions", nil)
	w.answered(r, false)
	if r.Status != 200 {
		return
	}
	if err := json.Unmarshal(r.Data, &list); err != nil {
		w.T.Fatal(err)
	}
	var ids []int64
	for _, s := range list {
		if mine || !s.Current {
			ids = append(ids, s.ID)
		}
	}
	w.move(c, "DELETE", "/auth/sessions", fields{"sessions": ids}, func(h *holding, r *suite.Reply) {
		if r.Status != 200 && !(mine && r.Status == 401) {
			return
		}
		for _, other := range w.held {
			if other.session == h.session && (other != h || mine) {
				other.over = true
			}
		}
	})
}

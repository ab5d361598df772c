package hijack

import (
	"net/http"
	"slices"

	"stagedoor/state"
)

// returns are the moves of a stranger who comes back with what he has.
func returns() []*move {
	password := func(words, name string, value func(g *game) string, can func(g *game) bool) *move {
		return &move{kind: "password", words: words, can: both(hasPassword, can), do: func(g *game) *reply {
			s := g.stranger.sit(g, "browser")
			s.made = "password"
			return s.signsIn(name, value(g), g.stranger.password)
		}}
	}
	return slices.Concat(reminders(), []*move{
		password("signs in by his password and the owner's address", "email", func(g *game) string { return g.owner.mail }, logsInBy("email")),
		password("signs in by his password and his own address", "email", evil, both(logsInBy("email"), knownAs(evil))),
		password("signs in by his password and the owner's number", "phone", func(g *game) string { return g.owner.phone }, logsInBy("phone")),
		password("signs in by his password and his own number", "phone", func(g *game) string { return g.stranger.phone }, logsInBy("phone")),
		password("signs in by his password and his username", "username", func(g *game) string { return g.stranger.username }, logsInBy("username")),
		providerLogin("provider", "signs in by his account at the provider", func(p *party) string { return p.sub }),
		providerLogin("connected", "signs in by the account at a provider that he connected", func(p *party) string { return "connected-" + p.sub }),
		{kind: "passkey", words: "signs in by his passkey", can: func(g *game) bool { return g.stranger.passkeys > 0 }, do: func(g *game) *reply {
			return g.stranger.passkeyLogin(g)
		}},
		{kind: "old link", words: "opens a link to his own address that he kept", can: keeps("email_confirmation", "email_confirmation_signup"), do: func(g *game) *reply {
			return g.stranger.sit(g, "app").opens()
		}},
		{kind: "own code", words: "signs in by a code to his own address", can: knownAs(evil), do: func(g *game) *reply {
			s := g.stranger.sit(g, "app")
			s.made = "own code"
			return s.goOn(s.do("POST", "/auth/code/request", fields{"email": g.stranger.mail}))
		}},
		{kind: "own SMS", words: "signs in by a code to his own number", can: asks("phone"), do: func(g *game) *reply {
			s := g.stranger.sit(g, "app")
			s.made = "own SMS"
			return s.goOn(s.do("POST", "/auth/code/request", fields{"phone": g.stranger.phone}))
		}},
		{kind: "own reset", words: "resets the password by his own address and signs in", can: knownAs(evil), do: func(g *game) *reply {
			return g.stranger.resets(g, "app", g.stranger.mail)
		}},
	})
}

// reminders are what a stranger does with what he has kept.
func reminders() []*move {
	return []*move{
		{kind: "refresh", words: "refreshes his tokens", can: refreshes, do: func(g *game) *reply {
			var r *reply
			for _, s := range g.stranger.seats {
				if s.refresh != "" {
					r = s.do("POST", "/tokens/refresh", fields{"refresh_token": s.refresh})
				}
			}
			return r
		}},
		{kind: "waiting run", words: "goes on with what waits", can: func(g *game) bool { return len(g.stranger.seats) > 0 }, do: func(g *game) *reply {
			var r *reply
			for _, s := range slices.Clone(g.stranger.seats) {
				r = s.goOn(s.do("GET", "/auth/session", nil))
			}
			return r
		}},
		{kind: "kept code", words: "enters the login code that he kept", can: both(keeps("login_code"), waitsFor("login_by_code")), do: func(g *game) *reply {
			s := g.stranger.waiting("login_by_code")
			s.made = "kept code"
			l := s.newest("login_code")
			l.used = true
			return s.goOn(s.do("POST", "/auth/code/confirm", fields{"code": l.Code}))
		}},
		{kind: "kept reset", words: "uses the reset letter that he kept, and signs in", can: keeps("password_reset_key", "password_reset_code"), do: func(g *game) *reply {
			s := g.stranger.waiting("password_reset_by_code")
			if s == nil {
				s = g.stranger.sit(g, "app")
			}
			s.made = "kept reset"
			return s.usesReset(s.newest("password_reset_key", "password_reset_code"), g.stranger.mail)
		}},
	}
}

// providerLogin is signing in by an account at the provider that some account here has.
func providerLogin(kind, words string, sub func(*party) string) *move {
	return &move{
		kind: kind, words: words, can: connectedAs(sub),
		do: func(g *game) *reply {
			s := g.stranger.sit(g, "browser")
			s.made = kind
			return s.goOn(s.vouched("login", sub(g.stranger), "", false))
		},
	}
}

// passkeyLogin signs in by one of the party's passkeys.
func (p *party) passkeyLogin(g *game) *reply {
	s := p.sit(g, "browser")
	s.made = "passkey"
	r := s.useKeys("/auth/webauthn/login")
	return s.goOn(r)
}

// resets sets the party's password by a letter to an address, and signs in with it.
func (p *party) resets(g *game, kind, mail string) *reply {
	s := p.sit(g, kind)
	s.made = "own reset"
	r := s.do("POST", "/auth/password/request", fields{"email": mail})
	s.collect()
	l := s.newest("password_reset_key", "password_reset_code")
	if l == nil || l.by != p {
		return r
	}
	return s.usesReset(l, mail)
}

// usesReset sets the password by a letter that the party has, and signs in with it.
func (s *seat) usesReset(l *letter, mail string) *reply {
	l.used = true
	s.do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", l.secret())
	r := s.goOn(s.do("POST", "/auth/password/reset", fields{"key": l.secret(), "password": s.password}))
	if r.account() != "" || r.status == http.StatusBadRequest || r.status == http.StatusConflict {
		return r
	}
	return s.signsIn("email", mail, s.password)
}

// opens verifies the party's address by its latest letter.
func (s *seat) opens() *reply {
	s.collect()
	l := s.newest("email_code", "email_confirmation", "email_confirmation_signup")
	if l == nil {
		return &reply{what: "no letter came"}
	}
	l.used = true
	return s.do("POST", "/auth/email/verify", fields{"key": l.secret()})
}

// proved does something that asks for a fresh proof, with one where it is asked for.
func (s *seat) proved(do func() *reply) *reply {
	r := do()
	if r.status == http.StatusUnauthorized {
		s.do("POST", "/auth/reauthenticate", fields{"password": s.password})
		r = do()
	}
	return r
}

// setUpTOTP sets up TOTP and reads the recovery codes.
func (s *seat) setUpTOTP() *reply {
	begun := s.do("GET", "/account/authenticators/totp", nil)
	secret := begun.meta.Secret
	if secret == "" {
		return begun
	}
	r := s.proved(func() *reply {
		return s.do("POST", "/account/authenticators/totp", fields{"code": s.code(secret)})
	})
	if r.status == http.StatusOK {
		s.secrets = append(s.secrets, secret)
		s.recovery = s.do("GET", "/account/authenticators/recovery-codes", nil).data.Codes
	}
	return r
}

// inside is a seat of the party in an account that is not the owner's, nil for none.
func (p *party) inside(g *game) *seat {
	for _, s := range slices.Backward(p.seats) {
		if s.in != "" && !g.owned[s.in] {
			return s
		}
	}
	return nil
}

// waiting is a seat of the party where a flow is pending, nil for none.
func (p *party) waiting(flow string) *seat {
	for _, s := range slices.Backward(p.seats) {
		if s.waits == flow {
			return s
		}
	}
	return nil
}

// identityAs is what the configuration asks of the party that signs up with an address.
func (p *party) identityAs(g *game, mail string) fields {
	return (&seat{game: g, party: p}).identity(mail)
}

// What a move needs, so that it is not made in vain.

func always(*game) bool        { return true }
func fresh(g *game) bool       { return !knownAs(evil)(g) }
func once(g *game) bool        { return g.waited == 0 && len(g.moves) > 0 }
func inside(g *game) bool      { return g.stranger.inside(g) != nil }
func byMailCode(g *game) bool  { return g.config.Account.EmailVerificationByCodeEnabled && fresh(g) }
func hasPassword(g *game) bool { return len(g.moves) > 0 }

func passkeySignup(g *game) bool { return g.config.MFA.PasskeySignupEnabled }

func refreshes(g *game) bool {
	return slices.ContainsFunc(g.stranger.seats, func(s *seat) bool { return s.refresh != "" })
}

func both(a, b func(*game) bool) func(*game) bool {
	return func(g *game) bool { return a(g) && b(g) }
}

func asks(field string) func(*game) bool {
	return func(g *game) bool { asked, _ := g.config.Account.SignupField(field); return asked }
}

func logsInBy(method string) func(*game) bool {
	return func(g *game) bool { return slices.Contains(g.config.Account.LoginMethods, method) }
}

func waitsFor(flow string) func(*game) bool {
	return func(g *game) bool { return g.stranger.waiting(flow) != nil }
}

func keeps(templates ...string) func(*game) bool {
	return func(g *game) bool { return g.stranger.newest(templates...) != nil }
}

func evil(g *game) string { return g.stranger.mail }

// knownAs asks whether any account has the address.
func knownAs(mail func(*game) string) func(*game) bool {
	return func(g *game) bool {
		return slices.ContainsFunc(g.accounts, func(a *state.Account) bool { return a.Email(mail(g)) != nil })
	}
}

// connectedAs asks whether any account has the account at the provider.
func connectedAs(sub func(*party) string) func(*game) bool {
	return func(g *game) bool {
		return slices.ContainsFunc(g.accounts, func(a *state.Account) bool {
			return slices.ContainsFunc(a.Providers, func(p state.ProviderAccount) bool { return p.UID == sub(g.stranger) })
		})
	}
}

package hijack

import (
	"slices"
	"time"
)

// plants are the moves of a stranger who prepares something, or goes on with it.
func plants() []*move {
	return slices.Concat(signups(), insides(), waits())
}

// signups are ways to begin an account, with the owner's address or number or his own.
func signups() []*move {
	by := func(kind string, body func(g *game) fields) func(g *game) *reply {
		return func(g *game) *reply {
			s := g.stranger.sit(g, "app")
			s.made = kind
			f := body(g)
			f["password"] = g.stranger.password
			r := s.goOn(s.do("POST", "/auth/signup", f))
			if mail, own := f["email"].(string); r.account() == "" && r.pending() == "" && own && mail == g.stranger.mail {
				s.signsIn("email", mail, g.stranger.password)
			}
			return r
		}
	}
	return []*move{
		{kind: "password", words: "signs up with the owner's address and a password", can: always, do: by("password", func(g *game) fields {
			return g.stranger.identityAs(g, g.owner.mail)
		})},
		{kind: "own account", words: "signs up with his own address and a password", can: fresh, do: by("own account", func(g *game) fields {
			return g.stranger.identityAs(g, g.stranger.mail)
		})},
		{kind: "number", words: "signs up with the owner's number and a password", can: asks("phone"), do: by("number", func(g *game) fields {
			return fields{"phone": g.owner.phone, "email": g.stranger.mail}
		})},
		{kind: "number left", words: "signs up with the owner's address and his own number, and leaves its code unread", can: asks("phone"), do: func(g *game) *reply {
			s := g.stranger.sit(g, "app")
			s.made = "password"
			f := s.identity(g.owner.mail)
			f["password"] = g.stranger.password
			return s.do("POST", "/auth/signup", f)
		}},
		{kind: "provider", words: "signs in by a provider that does not vouch for the owner's address", can: always, do: func(g *game) *reply {
			s := g.stranger.sit(g, "browser")
			s.made, s.claims = "provider", g.owner.mail
			return s.goOn(s.vouched("login", g.stranger.sub, g.owner.mail, false))
		}},
		{kind: "own provider", words: "signs in by a provider that vouches for his own address", can: fresh, do: func(g *game) *reply {
			s := g.stranger.sit(g, "app")
			s.made = "provider"
			return s.goOn(s.vouched("login", g.stranger.sub, g.stranger.mail, true))
		}},
		{kind: "passkey sign-up", words: "signs up with the owner's address and a passkey to come", can: passkeySignup, do: func(g *game) *reply {
			s := g.stranger.sit(g, "app")
			s.made = "passkey sign-up"
			return s.goOn(s.do("POST", "/auth/webauthn/signup", g.stranger.identityAs(g, g.owner.mail)))
		}},
		{kind: "changed address", words: "has the code of his own sign-up sent to the owner's address", can: byMailCode, do: func(g *game) *reply {
			s := g.stranger.sit(g, "app")
			s.do("POST", "/auth/signup", fields{"email": g.stranger.mail, "password": g.stranger.password})
			return s.do("POST", "/auth/stages/verify_email/change", fields{"email": g.owner.mail})
		}},
		{kind: "changed back", words: "has the code of a sign-up that waits sent to his own address, and enters it", can: waitsFor("verify_email"), do: func(g *game) *reply {
			s := g.stranger.waiting("verify_email")
			return s.goOn(s.do("POST", "/auth/stages/verify_email/change", fields{"email": g.stranger.mail}))
		}},
		{kind: "changed number", words: "has the code of a sign-up that waits sent to the owner's number", can: waitsFor("verify_phone"), do: func(g *game) *reply {
			return g.stranger.waiting("verify_phone").do("POST", "/auth/stages/verify_phone/change", fields{"phone": g.owner.phone})
		}},
		{kind: "changed number back", words: "has the code of a sign-up that waits sent to his own number, and enters it", can: waitsFor("verify_phone"), do: func(g *game) *reply {
			s := g.stranger.waiting("verify_phone")
			return s.goOn(s.do("POST", "/auth/stages/verify_phone/change", fields{"phone": g.stranger.phone}))
		}},
		{kind: "letter again", words: "has the letter of a sign-up that waits sent again", can: waitsFor("verify_email"), do: func(g *game) *reply {
			return g.stranger.waiting("verify_email").do("POST", "/auth/email/verify/resend", nil)
		}},
	}
}

// insides are what a stranger does in an account that is not the owner's yet.
func insides() []*move {
	in := func(kind, words string, do func(g *game, s *seat) *reply) *move {
		return &move{kind: kind, words: words, can: inside, do: func(g *game) *reply { return do(g, g.stranger.inside(g)) }}
	}
	return []*move{
		in("second address", "adds the owner's address to his account", func(g *game, s *seat) *reply {
			return s.goOn(s.do("POST", "/account/email", fields{"email": g.owner.mail}))
		}),
		in("own address", "adds his own address, and leaves its letter unopened", func(g *game, s *seat) *reply {
			return s.do("POST", "/account/email", fields{"email": g.stranger.mail})
		}),
		in("own address", "adds his own address and verifies it", func(g *game, s *seat) *reply {
			s.do("POST", "/account/email", fields{"email": g.stranger.mail})
			return s.opens()
		}),
		in("primary", "makes the owner's address the primary one", func(g *game, s *seat) *reply {
			return s.do("PATCH", "/account/email", fields{"email": g.owner.mail, "primary": true})
		}),
		in("removed address", "removes his own address", func(g *game, s *seat) *reply {
			return s.do("DELETE", "/account/email", fields{"email": g.stranger.mail})
		}),
		in("removed address", "removes the owner's address", func(g *game, s *seat) *reply {
			return s.do("DELETE", "/account/email", fields{"email": g.owner.mail})
		}),
		in("set password", "sets a password", func(g *game, s *seat) *reply {
			return s.do("POST", "/account/password/change", fields{"current_password": g.stranger.password, "new_password": g.stranger.password})
		}),
		in("totp", "sets up TOTP and recovery codes", func(g *game, s *seat) *reply { return s.setUpTOTP() }),
		in("passkey", "adds a passkey", func(g *game, s *seat) *reply {
			return s.proved(func() *reply {
				return s.do("POST", "/account/authenticators/webauthn", fields{
					"name": "key", "passwordless": true, "credential": s.newKey("/account/authenticators/webauthn?passwordless"),
				})
			})
		}),
		in("connected", "connects his account at a provider", func(g *game, s *seat) *reply {
			return s.vouched("connect", "connected-"+g.stranger.sub, "", false)
		}),
		{kind: "phone", words: "sets the owner's number", can: both(inside, asks("phone")), do: func(g *game) *reply {
			return g.stranger.inside(g).do("POST", "/account/phone", fields{"phone": g.owner.phone})
		}},
		{kind: "own phone", words: "sets his own number and verifies it", can: both(inside, asks("phone")), do: func(g *game) *reply {
			s := g.stranger.inside(g)
			r := s.do("POST", "/account/phone", fields{"phone": g.stranger.phone})
			s.collect()
			if l := s.newest("phone_code"); l != nil {
				l.used = true
				r = s.do("POST", "/auth/phone/verify", fields{"code": l.Code})
			}
			return r
		}},
	}
}

// waits are what a stranger begins and leaves for later, and time that passes.
func waits() []*move {
	return []*move{
		{kind: "kept reset", words: "asks for a reset by his own address and keeps the letter", can: knownAs(evil), do: func(g *game) *reply {
			return g.stranger.sit(g, "app").do("POST", "/auth/password/request", fields{"email": g.stranger.mail})
		}},
		{kind: "kept code", words: "asks for a login code to his own address and keeps it", can: knownAs(evil), do: func(g *game) *reply {
			return g.stranger.sit(g, "app").do("POST", "/auth/code/request", fields{"email": g.stranger.mail})
		}},
		{kind: "time", words: "waits for twenty minutes", can: once, do: func(g *game) *reply { return g.wait(20 * time.Minute) }},
	}
}

// wait lets time pass.
func (g *game) wait(d time.Duration) *reply {
	g.waited++
	if err := g.world.Pass(g.t.Context(), d); err != nil {
		g.t.Fatal(err)
	}
	return &reply{what: "time passes"}
}

package hijack

import (
	"net/http"
	"slices"
)

// opensLetter is the kind of the one move that gives a stranger something by nature.
const opensLetter = "the stranger's letter"

// ways are the moves of the owner: each is a way in, gone to its end.
func ways() []*move {
	way := func(kind, words string, can func(*game) bool, do func(g *game, p *party) *reply) *move {
		return &move{owners: true, kind: kind, words: words, can: can, do: func(g *game) *reply { return do(g, g.owner) }}
	}
	return []*move{
		way("code", "asks for a login code and enters it", always, func(g *game, p *party) *reply {
			s := p.sit(g, "app")
			return s.goOn(s.do("POST", "/auth/code/request", fields{"email": p.mail}))
		}),
		way("reset", "resets the password by a letter and signs in", always, func(g *game, p *party) *reply {
			return p.resets(g, "browser", p.mail)
		}),
		way("looked at reset", "asks for a reset, looks whose it is with the right code, and goes no further", always, func(g *game, p *party) *reply {
			s := p.sit(g, "browser")
			r := s.do("POST", "/auth/password/request", fields{"email": p.mail})
			s.collect()
			if l := s.newest("password_reset_key", "password_reset_code"); l != nil {
				l.used = true
				r = s.do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", l.secret())
			}
			return r
		}),
		way("sign-up", "signs up, verifies, and signs in by the password", always, func(g *game, p *party) *reply {
			s := p.sit(g, "app")
			f := s.identity(p.mail)
			f["password"] = p.password
			r := s.goOn(s.do("POST", "/auth/signup", f))
			if r.account() == "" && r.pending() == "" && r.status == http.StatusUnauthorized {
				r = s.signsIn("email", p.mail, p.password)
			}
			return r
		}),
		way("provider", "signs in by a provider that vouches for the address", always, func(g *game, p *party) *reply {
			s := p.sit(g, "browser")
			return s.goOn(s.vouched("login", p.sub, p.mail, true))
		}),
		way("passkey sign-up", "signs up with a passkey", passkeySignup, func(g *game, p *party) *reply {
			s := p.sit(g, "browser")
			return s.goOn(s.do("POST", "/auth/webauthn/signup", s.identity(p.mail)))
		}),
		way("passkey", "signs in by his passkey", func(g *game) bool { return g.owner.passkeys > 0 }, func(g *game, p *party) *reply {
			return p.passkeyLogin(g)
		}),
		way("number", "asks for a login code to the number and enters it", asks("phone"), func(g *game, p *party) *reply {
			s := p.sit(g, "app")
			return s.goOn(s.do("POST", "/auth/code/request", fields{"phone": p.phone}))
		}),
		way(opensLetter, "opens the link of a letter that the stranger's doing has sent", strangersLetter, func(g *game, p *party) *reply {
			l := strangersNewest(g)
			l.used = true
			return p.sit(g, "browser").do("POST", "/auth/email/verify", fields{"key": l.secret()})
		}),
	}
}

// strangersNewest is the owner's latest letter with a link that the stranger had sent.
func strangersNewest(g *game) *letter {
	for i := len(g.owner.letters) - 1; i >= 0; i-- {
		l := &g.owner.letters[i]
		if !l.used && l.by == g.stranger && slices.Contains([]string{"email_confirmation", "email_confirmation_signup"}, l.Name) {
			return l
		}
	}
	return nil
}

func strangersLetter(g *game) bool { return strangersNewest(g) != nil }

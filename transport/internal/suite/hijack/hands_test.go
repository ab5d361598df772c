package hijack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"stagedoor/transport/internal/device"
)

// goOn does what is pending at the seat, as far as the party can.
func (s *seat) goOn(r *reply) *reply {
	for range 6 {
		next := s.next(r)
		if next == nil || next.status == http.StatusBadRequest {
			break
		}
		r = next
	}
	return r
}

// next does one pending stage, nil where nothing is or the party cannot.
func (s *seat) next(r *reply) *reply {
	s.collect()
	post := func(path, field string, templates ...string) *reply {
		l := s.newest(templates...)
		if l == nil || l.by != s.party {
			return nil
		}
		l.used = true
		return s.do("POST", path, fields{field: l.secret()})
	}
	switch r.pending() {
	case "verify_email":
		return post("/auth/email/verify", "key", "email_code", "email_confirmation", "email_confirmation_signup")
	case "verify_phone":
		if r := post("/auth/phone/verify", "code", "phone_code"); r != nil || s.party == s.stranger || s.changed {
			return r
		}
		// The number that waits is somebody else's: his own takes its place.
		s.changed = true
		s.do("POST", "/auth/stages/verify_phone/change", fields{"phone": s.party.phone})
		return s.do("GET", "/auth/session", nil)
	case "login_by_code":
		return post("/auth/code/confirm", "code", "login_code", "phone_login_code")
	case "mfa_authenticate":
		return s.factor()
	case "mfa_trust":
		return s.do("POST", "/auth/2fa/trust", fields{"trust": true})
	case "mfa_signup_webauthn":
		return s.do("PUT", "/auth/webauthn/signup", fields{"name": "key", "credential": s.newKey("/auth/webauthn/signup")})
	case "provider_signup":
		return s.do("POST", "/auth/provider/signup", s.identity(s.claims))
	}
	return nil
}

// factor shows a second factor: a code of an app, else a recovery code, else a key.
func (s *seat) factor() *reply {
	for _, secret := range slices.Backward(s.secrets) {
		if r := s.do("POST", "/auth/2fa/authenticate", fields{"code": s.code(secret)}); r.status != http.StatusBadRequest {
			return r
		}
	}
	for i, code := range slices.Backward(s.recovery) {
		if r := s.do("POST", "/auth/2fa/authenticate", fields{"code": code}); r.status != http.StatusBadRequest {
			s.recovery = slices.Delete(s.recovery, i, i+1)
			return r
		}
	}
	return s.useKeys("/auth/webauthn/authenticate")
}

// useKeys tries the party's passkeys at a path, nil where there are none.
func (s *seat) useKeys(path string) (r *reply) {
	for i := range s.passkeys {
		options := s.do("GET", path, nil)
		if options.data.Request == nil {
			return nil
		}
		answer, err := s.keys.Get(options.data.Request, fmt.Sprint("key", i), nil, s.world.Origin)
		if err != nil {
			s.t.Fatal(err)
		}
		if r = s.do("POST", path, fields{"credential": answer}); r.status != http.StatusBadRequest {
			return r
		}
	}
	return r
}

// code is a code of the secret that was not used before.
func (s *seat) code(secret string) string {
	at := s.app.Fresh(secret, s.world.Now(), 0)
	if d := at.Sub(s.world.Now()); d > 0 {
		if err := s.world.Pass(s.t.Context(), d); err != nil {
			s.t.Fatal(err)
		}
	}
	code, err := s.app.Code(secret, at)
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

// newKey makes a passkey from the options at a path; nil where there are none.
func (s *seat) newKey(path string) json.RawMessage {
	r := s.do("GET", path, nil)
	if r.data.Creation == nil {
		return json.RawMessage("{}")
	}
	answer, err := s.keys.New(r.data.Creation, fmt.Sprint("key", s.passkeys), nil, s.world.Origin)
	if err != nil {
		s.t.Fatalf("%v\n%s", err, r)
	}
	s.passkeys++
	return answer
}

// vouched shows a token of a person at the provider, with an address or none.
func (s *seat) vouched(process, sub, mail string, verified bool) *reply {
	who := device.Identity{"sub": sub}
	if mail != "" {
		who["email"], who["email_verified"] = mail, verified
	}
	id, err := s.world.Provider.IDToken(who)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do("POST", "/auth/provider/token", fields{
		"provider": "mock", "process": process, "token": fields{"client_id": "client", "id_token": id},
	})
}

// identity is what the configuration asks of who signs up with the address.
func (s *seat) identity(mail string) fields {
	f := fields{"email": mail}
	if s.asks("username") {
		f["username"] = s.username
	}
	if s.asks("phone") {
		f["phone"] = s.party.phone
	}
	return f
}

// asks reports whether sign-up has the field.
func (s *seat) asks(field string) bool {
	asked, _ := s.config.Account.SignupField(field)
	return asked
}

// login gives a password for an address.
func (s *seat) login(name, value, password string) *reply {
	return s.do("POST", "/auth/login", fields{name: value, "password": password})
}

// signsIn signs in by password, again where that only verified an address.
func (s *seat) signsIn(name, value, password string) *reply {
	r := s.goOn(s.login(name, value, password))
	if r.account() == "" && r.status == http.StatusUnauthorized && r.pending() == "" {
		r = s.goOn(s.login(name, value, password))
	}
	return r
}

package providers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// lie is something that a provider, or somebody between, says and that is not true.
type lie struct {
	what string
	// at is the endpoint that tells it, and tell what it says instead; before is what was said
	// to the sign-in before.
	at   string
	tell func(said, before map[string]any)
	// brought changes what the browser brings back, of which other is another person's.
	brought func(mine, other brought)
	// bySecret says that it is none where the secret signs.
	bySecret bool
}

// lies are all of them.
func lies() []lie {
	idToken := func(change func(parts []string)) func(said, before map[string]any) {
		return func(said, _ map[string]any) {
			parts := strings.Split(said["id_token"].(string), ".")
			change(parts)
			said["id_token"] = strings.Join(parts, ".")
		}
	}
	return []lie{
		{what: "the name of somebody else", at: "token", tell: idToken(func(parts []string) {
			rewrite(&parts[1], func(claims map[string]any) { claims["sub"] = "eve" })
		})},
		{what: "no signature", at: "token", tell: idToken(func(parts []string) {
			rewrite(&parts[0], func(header map[string]any) { header["alg"] = "none" })
			parts[2] = ""
		})},
		{what: "a signature by the client's own secret", bySecret: true, at: "token", tell: idToken(func(parts []string) {
			rewrite(&parts[0], func(header map[string]any) { header["alg"] = "HS256" })
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(parts[0] + "." + parts[1]))
			parts[2] = base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		})},
		{what: "the id_token of a sign-in before", at: "token", tell: func(said, before map[string]any) { said["id_token"] = before["id_token"] }},
		{what: "no id_token", at: "token", tell: func(said, _ map[string]any) { delete(said, "id_token") }},
		{what: "the userinfo of somebody else", at: "userinfo", tell: func(said, _ map[string]any) { said["sub"] = "eve" }},
		{what: "metadata of another issuer", at: "metadata", tell: func(said, _ map[string]any) { said["issuer"] = "https://evil.example" }},
		{what: "another issuer in the answer", brought: func(mine, _ brought) { mine.Set("iss", "https://evil.example") }},
		{what: "a code of somebody else", brought: func(mine, other brought) { mine.Set("code", other.Get("code")) }},
		{what: "a state of somebody else", brought: func(mine, other brought) { mine.Set("state", other.Get("state")) }},
	}
}

// rewrite changes a part of a signed token.
func rewrite(part *string, change func(map[string]any)) {
	var o map[string]any
	raw, err := base64.RawURLEncoding.DecodeString(*part)
	if err == nil {
		err = json.Unmarshal(raw, &o)
	}
	if err != nil {
		return
	}
	change(o)
	raw, _ = json.Marshal(o)
	*part = base64.RawURLEncoding.EncodeToString(raw)
}

// lying has the server told every lie: each is refused, and true sign-ins go on.
func lying(s *stage, contract string) {
	const honest = "ann@example.org"
	s.enter(s.visitor(contract), honest)
	before, n := s.last("token"), s.made()
	for _, l := range lies() {
		if s.secretly && l.bySecret {
			continue
		}
		if l.at == "metadata" {
			s = s.again()
			n = s.made()
		}
		v := s.visitor(contract)
		asked := s.count(l.at)
		s.is(l.at, harm{lie: func(said []byte) []byte { return l.told(said, before) }})
		got := s.deceived(v, l)
		s.is(l.at, harm{})
		if l.at != "" && s.count(l.at) == asked {
			if l.at != "userinfo" {
				s.T.Errorf("%s: nobody asked", l.what)
			}
			continue
		}
		if got.well() || v.who() != "" || l.at != "" && got.cause == "" {
			s.T.Errorf("%s: %+v, and %q is signed in", l.what, got, v.who())
		}
		if m := s.made(); m != n {
			s.T.Errorf("%s: there were %d accounts, sessions and connected accounts, and there are %d", l.what, n, m)
		}
		if l.at == "metadata" {
			// They are not asked for again within five seconds.
			s.pass(fetchPause)
			s.enter(s.visitor(contract), honest)
			n = s.made()
		}
	}
	s.enter(s.visitor(contract), honest)
}

// deceived is what a lie leads to.
func (s *stage) deceived(v visitor, l lie) result {
	s.T.Helper()
	to, said := v.leave("login")
	if said != (result{}) {
		return said
	}
	mine := at(s.T, to, "ann@example.org", false)
	if l.brought != nil {
		other := s.visitor("plain")
		to, _ := other.leave("login")
		l.brought(mine, at(s.T, to, "eve@example.org", false))
	}
	return v.back(mine)
}

// told is what is said instead; what is no JSON is garbled.
func (l lie) told(said, before []byte) []byte {
	var now, then map[string]any
	if json.Unmarshal(said, &now) != nil || json.Unmarshal(before, &then) != nil {
		return append([]byte("x"), said...)
	}
	l.tell(now, then)
	out, _ := json.Marshal(now)
	return out
}

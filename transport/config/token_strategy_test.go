package config

import "testing"

// TestTokenStrategy: the classes of django-allauth stand for what they do, others for nothing.
func TestTokenStrategy(t *testing.T) {
	for raw, want := range map[string]TokenStrategy{
		"session": "session", "jwt": "jwt",
		"allauth.headless.tokens.strategies.sessions.SessionTokenStrategy": "session",
		"allauth.headless.tokens.strategies.jwt.JWTTokenStrategy":          "jwt",
		"acme.tokens.JWTTokenStrategy":                                     "acme.tokens.JWTTokenStrategy",
	} {
		var s TokenStrategy
		if err := s.set(raw); err != nil || s != want {
			t.Errorf("%s: %s, %v", raw, s, err)
		}
	}
	s := TokenStrategy("jwt")
	if err := s.set(3); err == nil || s != "jwt" {
		t.Errorf("a number: %s, %v", s, err)
	}
}

package server

import (
	"fmt"
	"net/http"
	"os"

	"stagedoor/state"
	"stagedoor/transport/internal/token"
)

// newJWT makes the signed tokens of the configuration, nil where it wants none.
func (s *Server) newJWT(keys *state.Keyring) (*token.JWT, error) {
	h := s.config.Headless
	if h.TokenStrategy != "jwt" {
		return nil, nil
	}
	key, err := s.config.SigningKey(s.options.Rand)
	if err != nil {
		return nil, err
	}
	var previous [][]byte
	for _, name := range h.JWTPreviousKeyFiles {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("headless.jwt_previous_key_files: %w", err)
		}
		previous = append(previous, b)
	}
	return token.NewJWT(token.JWTConfig{
		Algorithm: h.JWTAlgorithm, PrivateKey: []byte(key.Reveal()), PreviousKeys: previous, Issuer: s.config.Origin(),
		AccessAge: h.JWTAccessTokenExpires.Duration(), RefreshAge: h.JWTRefreshTokenExpires.Duration(),
		Rotate: h.JWTRotateRefreshToken, ReuseEndsFamily: h.JWTReuseEndsFamily, Stateful: h.JWTStatefulValidation,
		Keys: keys, Rand: s.options.Rand, Now: s.options.Now,
	})
}

// keySet answers the public keys that verify access tokens (RFC 7517).
func (s *Server) keySet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(s.jwt.JWKS())
}

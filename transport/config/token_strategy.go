package config

import "strings"

// TokenStrategy is what app clients are known by: session or jwt.
type TokenStrategy string

// set takes the classes of django-allauth for what they do, too.
func (s *TokenStrategy) set(raw any) error {
	text, err := toText(raw)
	if err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(text, "allauth.") && strings.HasSuffix(text, ".SessionTokenStrategy"):
		text = "session"
	case strings.HasPrefix(text, "allauth.") && strings.HasSuffix(text, ".JWTTokenStrategy"):
		text = "jwt"
	}
	*s = TokenStrategy(text)
	return nil
}

func (s *TokenStrategy) plain() any { return string(*s) }

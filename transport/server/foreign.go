package server

import "stagedoor/transport/internal/wire"

// foreign makes what judges requests of pages of other origins, and tells of those it refuses.
func (s *Server) foreign() (*wire.CSRF, error) {
	c := s.config
	s.refusals = &wire.Refusals{Log: s.options.Log, Settings: c.ToTrust, OtherSite: c.OtherSite, InAnswers: c.Dev.Enabled, Now: s.options.Now}
	cors, err := wire.NewCORS(wire.CORSConfig{
		AllowedOrigins: c.CORSAllowedOrigins, LocalOrigins: c.LocalOrigins(), Credentials: true, PublicURL: c.Origin(), Refusals: s.refusals,
	})
	if err != nil {
		return nil, err
	}
	s.cors = cors
	return wire.NewCSRF(wire.CSRFConfig{
		PublicURL: c.Origin(), TrustedOrigins: c.TrustedOrigins(), LocalOrigins: c.LocalOrigins(), ReadableBy: c.CORSAllowedOrigins,
		CookieDomain: c.Session.CookieDomain, SameSite: sameSite(c.Session.CookieSameSite), Rand: s.options.Rand,
	})
}

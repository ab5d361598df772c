package server

import (
	"strings"

	"stagedoor/transport/client"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/disownpage"
	"stagedoor/transport/internal/pages"
)

// theme reads the look and the words of the pages, nothing where there are none.
func theme(c config.Config) (config.Theme, error) {
	if !c.ServesPages() {
		return config.Theme{}, nil
	}
	keys, err := pages.TextKeys()
	if err != nil {
		return config.Theme{}, err
	}
	return c.Theme(keys)
}

// newPages makes the pages of serve.pages.
func (s *Server) newPages() (*pages.Page, error) {
	c := s.config
	p := pages.Config{
		Title: c.PagesTitle(), AfterLogin: c.Hosted.AfterLogin, Theme: pages.Theme(s.theme), Mount: "/" + strings.Trim(c.Headless.Mount, "/"),
		API: s.headless, Library: client.Script, LeadsTo: s.contracts.csrf.LeadsTo, Members: s.RequireUser,
		Away: away(c), Problem: writeProblem,
		Trust: c.MFA.TrustCookieAge.Duration(), EmailAlone: !c.MFA.AllowUnverifiedEmail && !c.Account.EmailVerificationByCodeEnabled,
	}
	if s.devpage != nil {
		p.Extra = pages.Extra{
			Guard: s.devpage.Guard, Frames: true, Sample: true, Styles: []string{"/dev/assets/inspector.css"},
			Before: []string{"/dev/assets/virtual.js"}, After: []string{"/dev/assets/inspector.js"},
		}
	}
	return pages.New(p)
}

// newDisownPage makes the page to disown an account, with the look of the other pages.
func (s *Server) newDisownPage(base contract.Base) (*disownpage.Page, error) {
	app, err := pages.Stylesheet()
	if err != nil {
		return nil, err
	}
	look := disownpage.Look{Site: s.config.PagesTitle(), Logo: s.theme.Logo, LogoType: s.theme.LogoType, Styles: [][]byte{app, s.theme.CSS}}
	return disownpage.New(base, look, writeProblem)
}

// away are the sources that forms may lead to: providers, wherever they are. One on plain http
// is of this machine.
func away(c config.Config) []string {
	switch {
	case len(c.SocialAccount.Providers) == 0:
		return nil
	case c.Secure():
		return []string{"https:"}
	}
	return []string{"https:", "http:"}
}

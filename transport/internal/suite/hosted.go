package suite

import (
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// Hosted gives a lab the pages of serve.pages, with everything on that they show, and no front
// end besides. Addresses are verified by link; see [ByCode].
func Hosted(c *config.Config, _ *server.Options) {
	dev := config.Dev()
	c.Serve.Pages, c.Headless.FrontendURLs = true, config.FrontendURLs{}
	c.Account.LoginByCodeEnabled, c.Account.LoginByCodeSupportsResend = true, 2
	c.MFA.SupportedTypes, c.MFA.PasskeyLoginEnabled, c.MFA.TrustEnabled = dev.MFA.SupportedTypes, true, true
	c.MFA.TOTPIssuer, c.UserSessions.TrackActivity = "Example", true
}

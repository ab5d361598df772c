package config

import "net"

// Dev is a server to try things on: everything embedded, mail in a mailbox that
// the server shows itself, and what there is to see switched on. Addresses are
// verified by link; front ends on the usual development ports may call it.
func Dev() Config {
	c := Default()
	c.DataDir = "stagedoor-data/dev"
	c.Dev.Enabled = true
	c.Mail.From = "stagedoor <stagedoor@localhost>"
	c.CORSAllowedOrigins = []string{
		"http://localhost:3000", "http://127.0.0.1:3000",
		"http://localhost:5173", "http://127.0.0.1:5173",
	}
	c.CSRFTrustedOrigins = append([]string(nil), c.CORSAllowedOrigins...)

	c.Account.LoginByCodeEnabled = true
	c.Account.LoginByCodeSupportsResend = 2
	c.Account.EmailNotifications = true
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
	c.MFA.PasskeyLoginEnabled = true
	c.MFA.TrustEnabled = true
	c.MFA.TOTPIssuer = "stagedoor"
	c.SocialAccount.Providers = []Provider{{Provider: "dummy", Name: "Dummy"}}
	c.Headless.ServeSpecification = true
	c.Headless.Extended = true
	c.UserSessions.TrackActivity = true
	c.Session.DeviceBound = "offer"
	return c
}

// development checks that nobody else reaches the page that shows every letter: neither
// at the address nor by way of something in front of it.
func (k *checker) development() {
	if !k.c.Dev.Enabled || k.c.Dev.AllowRemote {
		return
	}
	if host, _, err := net.SplitHostPort(k.c.Listen); err == nil && !isLocal(host) {
		k.wrong("dev.enabled", "the mailbox would be open to others at this address", k.c.Listen,
			"listen on 127.0.0.1, or set dev.allow_remote if nobody else reaches this address")
	}
	if !k.lost && !isLocal(hostOf(k.c.Origin())) {
		k.wrong("dev.enabled", "the mailbox would be open to others under the public URL", k.c.PublicURL,
			"leave public_url out, or set dev.allow_remote if nobody else reaches this URL")
	}
	if header := k.c.TrustedClientIPHeader; header != "" {
		k.wrong("dev.enabled", "the mailbox would be open to who comes by the trusted proxy", header,
			"leave trusted_client_ip_header out, or set dev.allow_remote if nobody else reaches the proxy")
	}
	if k.c.TrustedProxyCount > 0 {
		k.wrong("dev.enabled", "the mailbox would be open to who comes by the trusted proxies", k.c.TrustedProxyCount,
			"leave trusted_proxy_count out, or set dev.allow_remote if nobody else reaches the proxies")
	}
}

package config

// Default is what holds where nobody says otherwise: django-allauth's defaults,
// but for signing in by e-mail, with addresses that must be verified. Links need
// the front end's URLs and mail needs a server, so Validate refuses it as it is.
func Default() Config {
	c := Config{
		Listen:        "127.0.0.1:8080",
		DataDir:       "stagedoor-data",
		BodyLimit:     1 << 20,
		Account:       defaultAccount(),
		SocialAccount: SocialAccount{SignupOpen: true, AutoSignup: true, RequestsTimeout: 5},
		MFA: MFA{
			SupportedTypes:        []string{"recovery_codes", "totp"},
			PasskeyPresenceEnough: true,
			TrustCookieAge:        14 * 86400,
			TOTPPeriod:            30,
			TOTPDigits:            6,
			RecoveryCodeCount:     10,
			RecoveryCodeDigits:    8,
		},
		Headless: Headless{
			Mount:                  "/_allauth",
			Clients:                []string{"browser", "app"},
			TokenStrategy:          "session",
			JWTAlgorithm:           "RS256",
			JWTAccessTokenExpires:  300,
			JWTRefreshTokenExpires: 86400,
			JWTRotateRefreshToken:  true,
			JWTReuseEndsFamily:     true,
			JWTHeaderScheme:        "Bearer",
		},
		Hashing: Hashing{MemoryKiB: 19 * 1024, Time: 2, Parallelism: 1, Queue: 64},
		Redis:   Redis{KeyPrefix: "stagedoor:", EmbeddedMegabytes: 64},
		Mail:    Mail{SMTPPort: 587, SMTPTLS: "mandatory", Timeout: 10},
	}
	c.Rest.TokenLifetime = 3600
	c.Serve.Headless, c.Serve.Rest = true, true
	c.Session.CookieAge, c.Session.CookieSameSite = 14*86400, "lax"
	c.SMS.Timeout = 10
	c.Limits.ReadHeaderTimeout, c.Limits.ReadTimeout = 5, 15
	c.Limits.WriteTimeout, c.Limits.IdleTimeout, c.Limits.ShutdownTimeout = 30, 120, 15
	c.Limits.HeaderBytes = 32 << 10
	c.Log.Level, c.Log.Format = "info", "text"
	c.Trails.KeepDays = 30
	c.Admin.Mount = "/admin"
	return c
}

func defaultAccount() Account {
	return Account{
		LoginMethods:                    []string{"email"},
		SignupFields:                    []string{"email*", "password1*"},
		SignupOpen:                      true,
		PreventEnumeration:              EnumerationOn,
		EmailVerification:               "mandatory",
		EmailVerificationByCodeTimeout:  900,
		EmailVerificationByCodeAttempts: 3,
		EmailConfirmationExpireDays:     3,
		EmailUnknownAccounts:            true,
		PhoneVerificationEnabled:        true,
		PhoneVerificationTimeout:        900,
		PhoneVerificationAttempts:       3,
		LoginByCodeTimeout:              180,
		LoginByCodeAttempts:             3,
		LoginTimeout:                    900,
		PasswordMinLength:               8,
		PasswordResetTimeout:            3 * 86400,
		PasswordResetByCodeTimeout:      180,
		PasswordResetByCodeAttempts:     3,
		ReauthenticationTimeout:         300,
		UsernameMinLength:               1,
		PreserveUsernameCasing:          true,
	}
}

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
	c.UserSessions.TrackActivity = true
	return c
}

package config

// Config is everything the server can be told. It is read by Load from a file
// and the environment, or built in Go from Default or Dev, and checked once by
// Validate. The koanf tags are the keys of the file; nested structs are its
// sections. Ages and time limits are in seconds and may be fractions.
//
// Keys that django-allauth has too carry its setting's name without the prefix
// (ACCOUNT_LOGIN_METHODS is account.login_methods), with its meaning.
type Config struct {
	// Listen is the address of the HTTP server, host:port; port 0 takes a free one.
	Listen string `koanf:"listen"`
	// PublicURL is the origin under which clients reach the server,
	// scheme://host[:port]; empty means http://localhost:PORT.
	PublicURL string `koanf:"public_url"`
	// DataDir holds what an embedded server keeps: the SQLite file and keys it
	// made itself. Relative to the working directory.
	DataDir string `koanf:"data_dir"`
	// SecretKey keys every token, code and seal, at least 32 bytes. Empty means:
	// made at the first start and kept in DataDir (embedded state only).
	SecretKey Secret `koanf:"secret_key"`
	// SecretKeyFallback is another key whose tokens, codes and seals are good, too: the next one
	// until every server knows it, then the one before, until what was made with it is over.
	SecretKeyFallback Secret `koanf:"secret_key_fallback"`
	// BodyLimit is the largest request body in bytes.
	BodyLimit int64 `koanf:"body_limit"`
	// TrustedProxyCount is the number of one's own proxies in front of the
	// server: the client's address is taken that many places from the right of
	// X-Forwarded-For. 0 ignores the header.
	TrustedProxyCount int `koanf:"trusted_proxy_count"`
	// TrustedClientIPHeader is the header in which the proxy in front names the client, such as
	// CF-Connecting-IP or X-Real-IP; X-Forwarded-For is not looked at then. The proxy must set
	// it itself, whatever the client sent. Empty is none.
	TrustedClientIPHeader string `koanf:"trusted_client_ip_header"`
	// RateLimitIPv6Prefix is how many leading bits of an IPv6 address limits count as one
	// client, 1 to 128: providers give a customer 64 and more to choose from.
	RateLimitIPv6Prefix int `koanf:"rate_limit_ipv6_prefix"`
	// UserCodeFormat is how codes look that are mailed and texted, where account has no format
	// for their use. Whoever types a code need not care for case, spaces and dashes.
	UserCodeFormat CodeFormat `koanf:"user_code_format"`
	// CORSAllowedOrigins may read answers from another origin, with credentials.
	CORSAllowedOrigins []string `koanf:"cors_allowed_origins"`
	// CSRFTrustedOrigins may send unsafe requests to the browser client besides
	// the public URL's own origin.
	CSRFTrustedOrigins []string `koanf:"csrf_trusted_origins"`

	Account       Account       `koanf:"account"`
	SocialAccount SocialAccount `koanf:"socialaccount"`
	MFA           MFA           `koanf:"mfa"`
	Headless      Headless      `koanf:"headless"`

	// Rest is about the plain token contract.
	Rest struct {
		// TokenLifetime is the age of an access token in seconds.
		TokenLifetime Seconds `koanf:"token_lifetime"`
		// RedirectURIs are where a provider may send people back to.
		RedirectURIs []string `koanf:"redirect_uris"`
	} `koanf:"rest"`

	// UserSessions is about the list of one's sessions.
	UserSessions struct {
		// TrackActivity keeps each session's last time, address and agent; else its list shows
		// those of the sign-in.
		TrackActivity bool `koanf:"track_activity"`
	} `koanf:"usersessions"`

	// Serve switches each wire contract on or off, and the pages of the server's own.
	Serve struct {
		Headless bool `koanf:"headless"`
		Rest     bool `koanf:"rest"`
		// Pages are an app to sign in and up and to look after one's account with, at / and
		// below /account/. It is a browser client of the headless contract. A development server
		// that has that contract has them in any case.
		Pages bool `koanf:"pages"`
	} `koanf:"serve"`

	Hosted Hosted `koanf:"pages"`

	Session Session `koanf:"session"`

	Hashing Hashing `koanf:"password_hashing"`

	Database Database `koanf:"database"`

	Redis Redis `koanf:"redis"`
	Mail  Mail  `koanf:"mail"`

	// SMS is how text messages leave: one POST of JSON per message.
	SMS struct {
		// WebhookURL gets {"to", "code", "kind"}; empty is the development mailbox.
		WebhookURL Secret `koanf:"webhook_url"`
		// Timeout is for one delivery, in seconds.
		Timeout Seconds `koanf:"timeout"`
		// AllowedCountries are where text messages are sent to, as regions of ISO 3166-1 alpha-2
		// ("CH"); empty is everywhere. How many are sent is limited by the action sms of
		// account.rate_limits.
		AllowedCountries []string `koanf:"allowed_countries"`
		// Supplied says that the program around the server sends text messages
		// itself. It is set in Go and has no key.
		Supplied bool `koanf:"-"`
	} `koanf:"sms"`

	// Limits are the time limits of the HTTP server, in seconds, and the size of
	// a request's header in bytes.
	Limits struct {
		ReadHeaderTimeout Seconds `koanf:"read_header_timeout"`
		ReadTimeout       Seconds `koanf:"read_timeout"`
		WriteTimeout      Seconds `koanf:"write_timeout"`
		IdleTimeout       Seconds `koanf:"idle_timeout"`
		// ShutdownDelay is for how long a server that is asked to end goes on with all that
		// comes, while /readyz says that it is going: load balancers look elsewhere by then. 0
		// is for a server that none stands in front of.
		ShutdownDelay Seconds `koanf:"shutdown_delay"`
		// ShutdownTimeout is how long requests under way may take to end.
		ShutdownTimeout Seconds `koanf:"shutdown_timeout"`
		HeaderBytes     int     `koanf:"header_bytes"`
	} `koanf:"limits"`

	// Log is what is written to standard error.
	Log struct {
		// Level is debug, info, warn or error.
		Level string `koanf:"level"`
		// Format is text or json.
		Format string `koanf:"format"`
	} `koanf:"log"`

	// Trails is about what is kept of runs, so that they can be explained.
	Trails struct {
		// KeepDays is how many days the trail of a run is kept after its last turn; 0 keeps
		// none.
		KeepDays Days `koanf:"keep_days"`
	} `koanf:"trails"`

	// Admin is what operators may ask over HTTP.
	Admin struct {
		// Token is shown as a bearer token (RFC 6750), at least 32 bytes; empty means that
		// there is no such endpoint.
		Token Secret `koanf:"token"`
		// Mount is the path before /runs and /users.
		Mount string `koanf:"mount"`
		// Inspector shows a page below it, at /inspector, which asks for the token: the runs,
		// drawn, and what another configuration would ask. That there are operators can then be
		// seen by anybody.
		Inspector bool `koanf:"inspector"`
	} `koanf:"admin"`

	// Record is about making stories of what goes through the server, to replay; see
	// [stagedoor/transport/replay]. A development server always does so in memory.
	Record struct {
		// Enabled keeps the latest stories in memory, for operators to fetch.
		Enabled bool `koanf:"enabled"`
		// Dir, if not empty, is a folder that every story is written into.
		Dir string `koanf:"dir"`
	} `koanf:"record"`

	// Dev is for trying the server. It shows all mail to all clients, so it is
	// refused on an address that others can reach, under a public URL that is not of this
	// machine and behind proxies, unless AllowRemote says so.
	Dev struct {
		// Enabled shows the page at / with the development mailbox, and allows the
		// provider dummy.
		Enabled bool `koanf:"enabled"`
		// AllowRemote permits Enabled where others can come: on an address that is not
		// loopback, under a public URL, behind proxies.
		AllowRemote bool `koanf:"allow_remote"`
	} `koanf:"dev"`
}

// Default is what holds where nobody says otherwise: django-allauth's defaults,
// but for signing in by e-mail, with addresses that must be verified. Links need
// the front end's URLs and mail needs a server, so Validate refuses it as it is.
func Default() Config {
	c := Config{
		Listen:    "127.0.0.1:8080",
		DataDir:   "stagedoor-data",
		BodyLimit: 1 << 20,

		RateLimitIPv6Prefix: 64,

		Account:       defaultAccount(),
		SocialAccount: SocialAccount{AutoSignup: true, OpenIDConnectURLPrefix: "oidc", RequestsTimeout: 5},
		MFA: MFA{
			ReauthenticationRequired: true,
			SupportedTypes:           []string{"recovery_codes", "totp"},
			WebAuthnUserVerification: "preferred",
			WebAuthnCounter:          "accept",
			TrustCookieAge:           14 * 86400,
			TrustCookieName:          "mfa_trusted",
			TrustCookiePath:          "/",
			TOTPPeriod:               30,
			TOTPTolerance:            1,
			TOTPDigits:               6,
			RecoveryCodeCount:        10,
			RecoveryCodeDigits:       8,
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
	c.Database.Pooler, c.Database.Migrate = "auto", true
	c.Rest.TokenLifetime = 3600
	c.Serve.Headless, c.Serve.Rest = true, true
	c.Session = defaultSession()
	c.SMS.Timeout = 10
	c.Limits.ReadHeaderTimeout, c.Limits.ReadTimeout = 5, 15
	c.Limits.WriteTimeout, c.Limits.IdleTimeout, c.Limits.ShutdownTimeout = 30, 120, 15
	c.Limits.HeaderBytes = 32 << 10
	c.Log.Level, c.Log.Format = "info", "text"
	c.Trails.KeepDays = 30
	c.Admin.Mount = "/admin"
	return c
}

// Embedded says whether accounts are kept in the data directory, and with them
// the keys that the server may make itself: nobody else needs to know those.
func (c Config) Embedded() bool { return c.Database.URL == "" }

package config

import (
	"reflect"
	"slices"
	"strings"
)

// counterpart is a setting of django-allauth and what it is here.
type counterpart struct {
	// setting is its name there, fallback its default there, as a settings file has it.
	setting, fallback string
	// key is its name here: without the prefix and in lower case. Where there is no such key,
	// why says what is instead; of one that there is, it says what differs.
	key, why string
}

// allauthSettings are the settings that django-allauth 65.22 reads for what it serves headless,
// and those of its pages and templates that people carry along. A line is a name, the default
// there behind =, and behind -- what is to be said.
const allauthSettings = `
ALLAUTH_DEFAULT_AUTO_FIELD = None -- there are no Django models; ids are numbers of 53 bits, or what a program gives
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 64
ALLAUTH_TRUSTED_CLIENT_IP_HEADER = None
ALLAUTH_TRUSTED_PROXY_COUNT = 0
ALLAUTH_USER_CODE_FORMAT = {}
` + allauthAccount + allauthForms + allauthOthers

// allauthAccount are those of accounts that concern an API.
const allauthAccount = `
ACCOUNT_ADAPTER = DefaultAccountAdapter -- what is code in Django is a stage, a hook or a key here, such as account.signup_enabled
ACCOUNT_AUTHENTICATION_METHOD = username -- write account.login_methods: [email], [username], or both
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = http -- links have the scheme of headless.frontend_urls and public_url
ACCOUNT_EMAIL_CONFIRMATION_COOLDOWN = 180 -- write account.rate_limits.confirm_email: 1/180s/key
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_EMAIL_CONFIRMATION_HMAC = True -- keys of links are always authenticated by secret_key and stored nowhere
ACCOUNT_EMAIL_MAX_LENGTH = 254 -- it sizes a column of Django's database; an address has at most 254 characters here (RFC 5321)
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_EMAIL_REQUIRED = False -- write account.signup_fields, with a star for what is required: ["email*", "password1*"]
ACCOUNT_EMAIL_SUBJECT_PREFIX = [site name]
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_VERIFICATION = optional
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = ALLAUTH_USER_CODE_FORMAT
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 900
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = False
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = False
ACCOUNT_LOGIN_ATTEMPTS_LIMIT = 5 -- write account.rate_limits.login_failed: 10/m/ip,5/300s/key
ACCOUNT_LOGIN_ATTEMPTS_TIMEOUT = 300 -- write account.rate_limits.login_failed: 10/m/ip,5/300s/key
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ACCOUNT_LOGIN_BY_CODE_FORMAT = ALLAUTH_USER_CODE_FORMAT
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_REQUIRED = False
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = False
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 180
ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED = False
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_MAX_EMAIL_ADDRESSES = None -- any number
ACCOUNT_PASSWORD_MIN_LENGTH = 6 -- there it counts only without AUTH_PASSWORD_VALIDATORS
ACCOUNT_PASSWORD_RESET_BY_CODE_CODE_FORMAT = {} -- write account.password_reset_by_code_format, as its documents do
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = False
ACCOUNT_PASSWORD_RESET_BY_CODE_FORMAT = ALLAUTH_USER_CODE_FORMAT
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 180
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = EmailAwarePasswordResetTokenGenerator -- keys of links are made by secret_key, for one account, address and password
ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = ALLAUTH_USER_CODE_FORMAT
ACCOUNT_PHONE_VERIFICATION_ENABLED = True
ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = 3
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_CHANGE = False
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = False
ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 900
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {}
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "code", "mfa")
ACCOUNT_REAUTHENTICATION_REQUIRED = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SALT = account -- each purpose has a key of its own, made of secret_key
ACCOUNT_SESSION_COOKIE_AGE = SESSION_COOKIE_AGE -- write session.cookie_age, in seconds
ACCOUNT_SESSION_REMEMBER = None -- write session.cookie_age, in seconds
ACCOUNT_SIGNUP_ENABLED = True
ACCOUNT_SIGNUP_FIELDS = ["email", "username*", "password1*", "password2*"]
ACCOUNT_UNIQUE_EMAIL = True -- a verified address always belongs to one account
ACCOUNT_USERNAME_BLACKLIST = []
ACCOUNT_USERNAME_MIN_LENGTH = 1
ACCOUNT_USERNAME_REQUIRED = True -- write account.signup_fields, with a star for what is required: ["username*", "password1*"]
ACCOUNT_USERNAME_VALIDATORS = None -- they are code in Django; a name has letters, digits and @ . + - _ here, and account.username_min_length and account.username_blacklist say more
`

// allauthForms are those of accounts that concern forms, templates and models.
const allauthForms = `
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = True -- there are no pages to redirect; an API answers 409 to who is signed in
ACCOUNT_CONFIRM_EMAIL_ON_GET = False -- a letter's link opens the front end, headless.frontend_urls.account_confirm_email, which posts the key
ACCOUNT_EMAIL_CONFIRMATION_ANONYMOUS_REDIRECT_URL = LOGIN_URL -- where to go next is for the front end to say
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = None -- where to go next is for the front end to say
ACCOUNT_FORMS = {} -- what is code in Django is a stage, a hook or a key here, such as account.signup_fields
ACCOUNT_LOGOUT_ON_GET = False -- a session is ended by a DELETE that no other site can send
ACCOUNT_LOGOUT_REDIRECT_URL = / -- where to go next is for the front end to say
ACCOUNT_PASSWORD_INPUT_RENDER_VALUE = False -- there are no forms to render
ACCOUNT_SIGNUP_EMAIL_ENTER_TWICE = False -- write account.signup_fields; the API takes an address once, the form may ask twice
ACCOUNT_SIGNUP_FORM_CLASS = None -- what a sign-up asks besides is a stage of a program; README.md builds one
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = None -- it is a field of a page; the API of django-allauth has none either
ACCOUNT_SIGNUP_PASSWORD_ENTER_TWICE = True -- write account.signup_fields; the API takes a password once, the form may ask twice
ACCOUNT_SIGNUP_PASSWORD_VERIFICATION = True -- write account.signup_fields; the API takes a password once, the form may ask twice
ACCOUNT_SIGNUP_REDIRECT_URL = LOGIN_REDIRECT_URL -- where to go next is for the front end to say
ACCOUNT_TEMPLATE_EXTENSION = html -- there are no templates of pages; a program brings its own words of messages
ACCOUNT_USER_DISPLAY = a function -- people are shown by their username, or their address
ACCOUNT_USER_MODEL_EMAIL_FIELD = email -- there are no Django models
ACCOUNT_USER_MODEL_USERNAME_FIELD = username -- there are no Django models; leave username out of account.signup_fields for accounts without
`

// allauthOthers are those of providers, second factors, the API, sessions, and of Django.
const allauthOthers = `
SOCIALACCOUNT_ADAPTER = DefaultSocialAccountAdapter -- what is code in Django is a kind of provider, a stage or a key here, such as socialaccount.signup_open
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_EMAIL_REQUIRED = as ACCOUNT_SIGNUP_FIELDS
SOCIALACCOUNT_EMAIL_VERIFICATION = as ACCOUNT_EMAIL_VERIFICATION
SOCIALACCOUNT_FORMS = {} -- what is code in Django is a stage, a hook or a key here, such as account.signup_fields
SOCIALACCOUNT_LOGIN_ON_GET = False -- a sign-in by a provider begins with a POST that no other site can send
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = oidc
SOCIALACCOUNT_PROVIDERS = {} -- a list with a section for each app: provider, client_id, secret, scope and what testdata/profiles/default.yaml shows
SOCIALACCOUNT_QUERY_EMAIL = as SOCIALACCOUNT_EMAIL_REQUIRED
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = as ACCOUNT_REAUTHENTICATION_REQUIRED
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SOCIALACCOUNT_SOCIALACCOUNT_STR = None -- it is for Django's admin pages
SOCIALACCOUNT_STORE_TOKENS = False -- tokens of providers are used once and kept nowhere, but for the id_token that sign_out of a provider keeps, sealed; a kind of provider of a program may keep them
MFA_ADAPTER = DefaultMFAAdapter -- what is code in Django is a stage or a key here, such as mfa.totp_issuer and mfa.webauthn_rp_id
MFA_ALLOW_UNVERIFIED_EMAIL = False
MFA_FORMS = {} -- what is code in Django is a stage, a hook or a key here, such as mfa.supported_types
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_RATE_LIMITS = {}
MFA_REAUTHENTICATION_REQUIRED = True
MFA_RECOVERY_CODES_SHOW_ONCE = False
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 8
MFA_SUPPORTED_TYPES = ["recovery_codes", "totp"]
MFA_TOTP_DIGITS = 6
MFA_TOTP_INSECURE_BYPASS_CODE = None -- no code bypasses a second factor here; tests can compute one from the secret
MFA_TOTP_ISSUER = ""
MFA_TOTP_PERIOD = 30
MFA_TOTP_TOLERANCE = 0
MFA_TRUST_COOKIE_AGE = 14 days -- in seconds
MFA_TRUST_COOKIE_DOMAIN = SESSION_COOKIE_DOMAIN
MFA_TRUST_COOKIE_HTTPONLY = SESSION_COOKIE_HTTPONLY -- no script can ever read this cookie
MFA_TRUST_COOKIE_NAME = mfa_trusted
MFA_TRUST_COOKIE_PATH = SESSION_COOKIE_PATH
MFA_TRUST_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE
MFA_TRUST_COOKIE_SECURE = SESSION_COOKIE_SECURE -- cookies are for https alone where public_url is https
MFA_TRUST_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
MFA_WEBAUTHN_USER_VERIFICATION = preferred
HEADLESS_ADAPTER = DefaultHeadlessAdapter -- what is code in Django is a stage or a hook here; a program around the server answers more of its users at routes of its own
HEADLESS_CLIENTS = ("browser", "app")
HEADLESS_FRONTEND_URLS = {}
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 300
HEADLESS_JWT_ALGORITHM = RS256
HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME = Bearer
HEADLESS_JWT_PRIVATE_KEY = ""
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = 86400
HEADLESS_JWT_ROTATE_REFRESH_TOKEN = True
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = False
HEADLESS_ONLY = False -- the server is headless alone
HEADLESS_SERVE_SPECIFICATION = False
HEADLESS_SPECIFICATION_TEMPLATE_NAME = redoc_cdn.html -- the page of the document is built in; headless.serve_specification switches it on
HEADLESS_TOKEN_STRATEGY = SessionTokenStrategy -- or jwt; the classes are taken for these
USERSESSIONS_ADAPTER = DefaultUserSessionsAdapter -- what is code in Django is a hook here
USERSESSIONS_TRACK_ACTIVITY = False
`

// counterparts are the settings of django-allauth, in the order of its documents.
func counterparts() []counterpart {
	var out []counterpart
	for line := range strings.Lines(allauthSettings) {
		setting, rest, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			continue
		}
		fallback, why, _ := strings.Cut(rest, " -- ")
		out = append(out, counterpart{setting: setting, fallback: fallback, key: keyOfSetting(setting), why: why})
	}
	return out
}

// keyOfSetting is the key that a setting of django-allauth would have here.
func keyOfSetting(setting string) string {
	low := strings.ToLower(setting)
	for _, section := range []string{"account", "socialaccount", "mfa", "headless", "usersessions"} {
		if name, ok := strings.CutPrefix(low, section+"_"); ok {
			return section + "." + name
		}
	}
	return strings.TrimPrefix(low, "allauth_")
}

// isKey says whether there is a key, or a section, of the name.
func isKey(name string) bool {
	t := reflect.TypeFor[Config]()
	for part := range strings.SplitSeq(name, ".") {
		if shapeOf(t) != section {
			return shapeOf(t) == table
		}
		child, known := childType(t, part)
		if !known {
			return false
		}
		t = child
	}
	return true
}

// notHere says what to do instead of a setting of django-allauth that has no key, by the full
// key that it would have or by its name there; keys that were called otherwise before, too.
func notHere(key string) string {
	low := strings.ToLower(key)
	all := counterparts()
	if i := slices.IndexFunc(all, func(c counterpart) bool { return c.key == low || strings.ToLower(c.setting) == low }); i >= 0 && !isKey(all[i].key) {
		return all[i].why
	}
	switch low {
	case "account.signup_open":
		return "write account.signup_enabled"
	case "mail.subject_prefix":
		return "write account.email_subject_prefix"
	}
	if low == "idp" || strings.HasPrefix(low, "idp_oidc_") || strings.HasPrefix(low, "idp.") {
		return "this server signs people in and is no identity provider for others"
	}
	return ""
}

package passkey

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// DefaultTimeout is how long a ceremony waits for its answer. It is long because with
// conditional UI the options are fetched when a login page opens, and answered when the
// person gets round to it.
const DefaultTimeout = 15 * time.Minute

// Config says who the relying party is and what it insists on.
type Config struct {
	// RPID is the domain that credentials belong to, without scheme and port (section
	// 5.1.2).
	RPID string
	// RPName is what a browser calls it; empty is RPID.
	RPName string
	// Origins may run ceremonies: scheme and host of web pages ("https://example.com"),
	// or what the platform says for an app ("android:apk-key-hash:...").
	Origins []string
	// AnyOrigin accepts whatever origin the client claims, for trying things out. The RP
	// id is checked all the same.
	AnyOrigin bool
	// Timeout is how long a ceremony waits; 0 is [DefaultTimeout].
	Timeout time.Duration
	// PresenceEnough takes passkey logins without user verification, which is then preferred.
	// Otherwise it is required.
	PresenceEnough bool
	// UserVerification is what is asked of all but passkeys: "discouraged", "preferred" or
	// "required"; empty is preferred (section 5.8.6).
	UserVerification string
	// TopOrigins are the sites in whose pages a page of another origin may run ceremonies in a
	// frame ("https://shop.example"; sections 5.8.1 and 7.2, step 14). None: no frame of another
	// site may.
	TopOrigins []string
	// RefuseClones refuses an assertion whose signature counter did not go up. Otherwise it
	// carries a warning.
	RefuseClones bool
}

// WebAuthn runs ceremonies for one relying party. It does not change, and may be used by
// several goroutines.
type WebAuthn struct {
	config Config
	lib    *webauthn.WebAuthn
}

// New checks a configuration, and reports all its faults together.
func New(c Config) (*WebAuthn, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.RPName == "" {
		c.RPName = c.RPID
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.UserVerification == "" {
		c.UserVerification = string(protocol.VerificationPreferred)
	}
	origins := append([]string(nil), c.Origins...)
	if len(origins) == 0 {
		origins = []string{"https://" + c.RPID}
	}
	lib, err := webauthn.New(&webauthn.Config{
		RPID: c.RPID, RPDisplayName: c.RPName, RPOrigins: origins,
		RPAllowCrossOrigin: len(c.TopOrigins) > 0, RPTopOrigins: append([]string(nil), c.TopOrigins...),
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("webauthn: %w", err)
	}
	return &WebAuthn{config: c, lib: lib}, nil
}

// Timeout is how long a ceremony waits for its answer.
func (w *WebAuthn) Timeout() time.Duration { return w.config.Timeout }

// IsRPID reports whether a text can be an RP id: a domain.
func IsRPID(id string) bool { return protocol.ValidateRPID(id) == nil }

func (c Config) check() error {
	var faults []error
	if err := protocol.ValidateRPID(c.RPID); err != nil {
		faults = append(faults, fmt.Errorf("webauthn: rp id %q is not a domain: %w; give a host name such as example.com", c.RPID, err))
	}
	if len(c.Origins) == 0 && !c.AnyOrigin {
		faults = append(faults, errors.New("webauthn: no origin may run a ceremony; list at least one"))
	}
	for _, origin := range c.TopOrigins {
		if !isOrigin(origin) || IsApp(origin) {
			faults = append(faults, fmt.Errorf("webauthn: %q is not the origin of a page; give scheme and host alone, such as https://example.com", origin))
		}
	}
	for _, origin := range c.Origins {
		if !isOrigin(origin) {
			faults = append(faults, fmt.Errorf("webauthn: %q is not an origin; give scheme and host alone, such as https://example.com", origin))
		}
	}
	switch protocol.UserVerificationRequirement(c.UserVerification) {
	case "", protocol.VerificationDiscouraged, protocol.VerificationPreferred, protocol.VerificationRequired:
	default:
		faults = append(faults, fmt.Errorf("webauthn: user verification %q; it is discouraged, preferred or required", c.UserVerification))
	}
	if c.Timeout < 0 {
		faults = append(faults, fmt.Errorf("webauthn: timeout %s is negative", c.Timeout))
	}
	return errors.Join(faults...)
}

// IsApp reports whether an origin is that of an app, as its platform says it
// ("android:apk-key-hash:..."), and not of a page.
func IsApp(origin string) bool { return protocol.IsKnownOpaqueOrigin(origin) }

// isOrigin reports whether a client could say this of itself.
func isOrigin(origin string) bool {
	if IsApp(origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
		origin == u.Scheme+"://"+u.Host
}

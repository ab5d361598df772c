package accounts

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"stagedoor/state"
)

// MFAConfig is how TOTP and recovery codes are made.
type MFAConfig struct {
	// Issuer is who the authenticator app says the code is for.
	Issuer string
	// Period is the time step (RFC 6238, X), Digits the length of a code, Tolerance how
	// many steps before and after the present one are accepted.
	Period    time.Duration
	Digits    int
	Tolerance int
	// RecoveryCount is how many recovery codes a set has, at most 64; RecoveryDigits how
	// long each is.
	RecoveryCount  int
	RecoveryDigits int
	// ShowOnce shows recovery codes only until they have been seen.
	ShowOnce bool
}

// MFA makes and checks TOTP secrets and recovery codes. Secrets rest sealed.
type MFA struct {
	config MFAConfig
	keys   *state.Keyring
}

// NewMFA returns an MFA, or an error that says which setting is out of range.
func NewMFA(c MFAConfig, keys *state.Keyring) (*MFA, error) {
	switch {
	case c.Period < time.Second:
		return nil, fmt.Errorf("totp period of %v is too short; it must be a second at least", c.Period)
	case c.Digits < 6 || c.Digits > 8:
		return nil, fmt.Errorf("totp of %d digits; authenticator apps know 6 to 8", c.Digits)
	case c.Tolerance < 0 || c.Tolerance > 10:
		return nil, fmt.Errorf("totp tolerance of %d steps; it must be 0 to 10", c.Tolerance)
	case c.RecoveryCount < 1 || c.RecoveryCount > 64:
		return nil, fmt.Errorf("%d recovery codes; a set has 1 to 64", c.RecoveryCount)
	case c.RecoveryDigits < 8 || c.RecoveryDigits > 18:
		return nil, fmt.Errorf("recovery codes of %d digits; 8 to 18 are possible", c.RecoveryDigits)
	}
	return &MFA{config: c, keys: keys}, nil
}

// Config returns what the MFA was made with.
func (m *MFA) Config() MFAConfig { return m.config }

// LimitKey is what wrong codes of an account are counted for, of a second factor and of TOTP
// that is being set up together.
func (m *MFA) LimitKey(account state.AccountID) string {
	return m.keys.LimitKey("mfa:" + string(account))
}

// TOTPSecret writes 20 random bytes (RFC 4226, section 4) as authenticator apps take
// them: base32 without padding.
func TOTPSecret(random []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random)
}

// TOTPURL returns the otpauth:// address that a QR code carries. In it everything is escaped
// that is not unreserved (RFC 3986, section 2.3), a space as %20, since apps differ in what they
// take a bare &, + or : for. The library's own (pquerna/otp 1.5, totp.Generate) has them bare:
// an app reads the issuer "Smith & Sons" as "Smith " there.
func (m *MFA) TOTPURL(secret, account string) (string, error) {
	if _, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err != nil {
		return "", fmt.Errorf("totp secret: %w", err)
	}
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	query := url.Values{
		"secret": {secret}, "issuer": {m.config.Issuer}, "algorithm": {otp.AlgorithmSHA1.String()},
		"digits": {strconv.Itoa(m.config.Digits)}, "period": {strconv.FormatInt(int64(m.config.Period/time.Second), 10)},
	}
	return "otpauth://totp/" + escape(m.config.Issuer) + ":" + escape(account) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20"), nil
}

// MatchTOTP returns the time step that the code belongs to, however it is typed. Every step
// in reach is tried, so that the time taken does not reveal which one it was.
func (m *MFA) MatchTOTP(secret, code string, now time.Time) (step int64, ok bool) {
	code = typedDigits(code)
	present := now.Unix() / int64(m.config.Period/time.Second)
	for d := -m.config.Tolerance; d <= m.config.Tolerance; d++ {
		at := present + int64(d)
		if at < 0 {
			continue
		}
		right, err := hotp.ValidateCustom(code, uint64(at), secret, hotp.ValidateOpts{Digits: otp.Digits(m.config.Digits)})
		if err == nil && right {
			step, ok = at, true
		}
	}
	return step, ok
}

func sealContext(id int64, t state.AuthenticatorType) []byte {
	return []byte("authenticator " + string(t) + " " + strconv.FormatInt(id, 10))
}

// NewTOTP makes an authenticator of a secret that has been confirmed.
func (m *MFA) NewTOTP(id int64, secret string, now time.Time) (state.Authenticator, error) {
	a := state.Authenticator{ID: id, Type: state.TOTP, LastStep: -1, CreatedAt: now}
	var err error
	a.Secret, err = m.keys.Seal([]byte(secret), sealContext(id, state.TOTP))
	return a, err
}

// NewRecoveryCodes makes a set of recovery codes of 32 random bytes.
func (m *MFA) NewRecoveryCodes(id int64, random []byte, now time.Time) (state.Authenticator, error) {
	a := state.Authenticator{ID: id, Type: state.RecoveryCodes, LastStep: -1, CreatedAt: now}
	var err error
	a.Secret, err = m.keys.Seal(random, sealContext(id, state.RecoveryCodes))
	return a, err
}

// RecoveryCodes returns all codes of a set, by index.
func (m *MFA) RecoveryCodes(a *state.Authenticator) ([]string, error) {
	seed, err := m.keys.Open(a.Secret, sealContext(a.ID, state.RecoveryCodes))
	if err != nil {
		return nil, fmt.Errorf("recovery codes: %w", err)
	}
	modulus := uint64(1)
	for range m.config.RecoveryDigits {
		modulus *= 10
	}
	codes := make([]string, m.config.RecoveryCount)
	h := hmac.New(sha256.New, seed)
	for i := range codes {
		h.Reset()
		h.Write([]byte{byte(i)})
		n := binary.BigEndian.Uint64(h.Sum(nil)) % modulus
		codes[i] = fmt.Sprintf("%0*d", m.config.RecoveryDigits, n)
	}
	return codes, nil
}

// Unused returns the codes of a set that have not been used, in order.
func (m *MFA) Unused(a *state.Authenticator) ([]string, error) {
	all, err := m.RecoveryCodes(a)
	if err != nil {
		return nil, err
	}
	var unused []string
	for i, c := range all {
		if a.Used&(1<<i) == 0 {
			unused = append(unused, c)
		}
	}
	return unused, nil
}

// typedDigits drops what people type between the digits of a code, who read it in groups:
// spaces and punctuation (RFC 8628, section 6.1). Digits of other scripts stay, and are wrong.
func typedDigits(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) {
			return -1
		}
		return r
	}, code)
}

// Check tries a code against the TOTP and the recovery codes of an account. It returns the
// authenticator that accepts it and the write that spends the code, or nil where none
// does. The write must be stored before the code counts: it fails
// where somebody else was faster. A code that is noted as used, the last one of TOTP or
// any recovery code, is accepted too: the store knows by which run, and lets that one
// come again.
func (m *MFA) Check(a *state.Account, code string, now time.Time) (*state.Authenticator, state.Write, error) {
	if t := a.Authenticator(state.TOTP); t != nil {
		secret, err := m.keys.Open(t.Secret, sealContext(t.ID, state.TOTP))
		if err != nil {
			return nil, nil, fmt.Errorf("totp secret: %w", err)
		}
		if step, ok := m.MatchTOTP(string(secret), code, now); ok && step >= t.LastStep {
			return t, state.SpendTOTP{ID: t.ID, Step: step, At: now}, nil
		}
	}
	r, typed := a.Authenticator(state.RecoveryCodes), []byte(typedDigits(code))
	if r == nil || len(typed) != m.config.RecoveryDigits {
		return nil, nil, nil // most that is typed is as long as the other kind of code
	}
	codes, err := m.RecoveryCodes(r)
	if err != nil {
		return nil, nil, err
	}
	found := -1
	for i, c := range codes {
		if subtle.ConstantTimeCompare([]byte(c), typed) == 1 {
			found = i
		}
	}
	if found < 0 {
		return nil, nil, nil
	}
	return r, state.SpendRecoveryCode{ID: r.ID, Index: found, At: now}, nil
}

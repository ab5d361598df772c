package accounts

import (
	"crypto/subtle"

	"stagedoor/state"
)

// SealTOTPSecret seals a TOTP secret that an account was given, until a code of it comes.
func (m *MFA) SealTOTPSecret(account state.AccountID, secret string) ([]byte, error) {
	return m.keys.Seal([]byte(secret), secretContext(account))
}

// OpenTOTPSecret returns a secret that was sealed for the account; one that was sealed for
// another is an error.
func (m *MFA) OpenTOTPSecret(account state.AccountID, sealed []byte) (string, error) {
	secret, err := m.keys.Open(sealed, secretContext(account))
	return string(secret), err
}

func secretContext(account state.AccountID) []byte {
	return state.AccountContext("totp secret", account)
}

// SameSecret compares two secrets in constant time. An empty one equals nothing.
func SameSecret(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

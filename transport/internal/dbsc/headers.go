package dbsc

import (
	"regexp"
	"strings"
)

// The headers, in the form in which Go keeps them.
const (
	// RegistrationHeader offers to register a key, in any answer.
	RegistrationHeader = "Secure-Session-Registration"
	// ChallengeHeader is what is to be signed next, in answers to refreshes.
	ChallengeHeader = "Secure-Session-Challenge"
	// ResponseHeader has the browser's proof.
	ResponseHeader = "Secure-Session-Response"
	// SessionHeader names the session that is to be refreshed.
	SessionHeader = "Sec-Secure-Session-Id"
	// SkippedHeader says that a request goes out without a bound cookie, and why.
	SkippedHeader = "Secure-Session-Skipped"
)

// ChallengeValue is that of [ChallengeHeader]. Chromium ends a session whose id is not in quotes.
func ChallengeValue(challenge string, device ID) string {
	return `"` + challenge + `";id="` + device.String() + `"`
}

// skipped is how browsers write reasons.
var skipped = regexp.MustCompile(`^[a-z_]{1,40}$`)

// Skipped is the reason in a [SkippedHeader], "" for none: quota_exceeded, unreachable,
// server_error or what browsers come to write. It is the client's word alone.
func Skipped(value string) string {
	reason, _, _ := strings.Cut(value, ";")
	if reason = strings.Trim(strings.TrimSpace(reason), `"`); skipped.MatchString(reason) {
		return reason
	}
	return ""
}

package device

import (
	"fmt"
	"sync"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Period is how long a TOTP code is the current one (RFC 6238, section 5.2).
const Period = 30 * time.Second

// tolerance is how many periods before and after the present no wrong code may be right
// in. Servers accept one or two.
const tolerance = 20

// TOTP returns the six digits that an authenticator app shows at a time, for a secret in
// base32 with or without padding (RFC 6238 with SHA-1 and periods of 30 s, as apps have
// it). A secret that is not base32 is an error.
func TOTP(secret string, at time.Time) (string, error) {
	code, err := totp.GenerateCodeCustom(secret, at, totp.ValidateOpts{
		Period: uint(Period / time.Second), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		// The library's error may repeat the secret's characters.
		return "", fmt.Errorf("device: the TOTP secret of %d characters is not base32", len(secret))
	}
	return code, nil
}

// WrongTOTP returns six digits that no server takes for right at that time, however far
// the clocks are apart: they are the code of no period within ten minutes.
func WrongTOTP(secret string, at time.Time) (string, error) {
	right := make(map[string]bool)
	for i := -tolerance; i <= tolerance; i++ {
		code, err := TOTP(secret, at.Add(time.Duration(i)*Period))
		if err != nil {
			return "", err
		}
		right[code] = true
	}
	for n := 0; ; n++ {
		if code := fmt.Sprintf("%06d", n); !right[code] {
			return code, nil
		}
	}
}

// App is an authenticator app whose owner remembers which codes were shown already: a
// server takes each once. The zero value is ready, and safe for concurrent use.
type App struct {
	mu    sync.Mutex
	shown map[string]int64 // the last period that was shown, by secret
}

// Code returns the code of the period that at falls in, and remembers that it was shown.
func (a *App) Code(secret string, at time.Time) (string, error) {
	code, err := TOTP(secret, at)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.shown == nil {
		a.shown = make(map[string]int64)
	}
	a.shown[secret] = max(a.shown[secret], period(at))
	return code, nil
}

// Fresh returns the earliest time, at or after at, whose code has not been shown yet and
// stays current for margin at least. To get there is for the caller: by moving the
// story's clock, or by waiting.
func (a *App) Fresh(secret string, at time.Time, margin time.Duration) time.Time {
	a.mu.Lock()
	last, seen := a.shown[secret]
	a.mu.Unlock()
	if seen && period(at) <= last {
		at = begins(last + 1)
	}
	return Steady(at, margin)
}

// Steady returns at, or the start of the next period where the present one is over in
// less than margin: a code made there is still current when it arrives. A margin of a
// whole period or more asks for what no code has, and is taken for a period's.
func Steady(at time.Time, margin time.Duration) time.Time {
	next := begins(period(at) + 1)
	if next.Sub(at) < min(margin, Period) {
		return next
	}
	return at
}

// period is the number of the period that at falls in: T of RFC 6238, section 4.2.
func period(at time.Time) int64 { return at.Unix() / int64(Period/time.Second) }

func begins(period int64) time.Time { return time.Unix(period*int64(Period/time.Second), 0).UTC() }

package device

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"
)

// secret is the key of RFC 6238, appendix B, in base32.
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// The codes of RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
func TestTOTPAsTheStandardHasIt(t *testing.T) {
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		for _, s := range []string{secret, strings.ToLower(secret)} {
			if got, err := TOTP(s, time.Unix(at, 0)); err != nil || got != want {
				t.Errorf("%d: %q, %v; want %s", at, got, err, want)
			}
		}
	}
	if got, err := TOTP("GEZDGNBVGY======", time.Unix(59, 0)); err != nil || len(got) != 6 {
		t.Errorf("with padding: %q, %v", got, err)
	}
}

func TestTOTPOfNoSecret(t *testing.T) {
	const wrong = "not base32: 0189"
	for _, f := range []func() (string, error){
		func() (string, error) { return TOTP(wrong, time.Unix(0, 0)) },
		func() (string, error) { return WrongTOTP(wrong, time.Unix(0, 0)) },
		func() (string, error) { return new(App).Code(wrong, time.Unix(0, 0)) },
	} {
		code, err := f()
		if code != "" || err == nil || strings.Contains(err.Error(), "0189") {
			t.Errorf("%q, %v", code, err)
		}
	}
}

// A wrong code has the form of a right one, and a server that is generous about clocks
// does not take it.
func TestWrongTOTPIsWrong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0)
		code, err := WrongTOTP(secret, at)
		if err != nil || len(code) != 6 {
			t.Fatalf("%q, %v", code, err)
		}
		for skew := -5 * time.Minute; skew <= 5*time.Minute; skew += Period {
			if totp.Validate(code, secret) {
				t.Fatal("right by the system's clock")
			}
			if right, err := totp.GenerateCode(secret, at.Add(skew)); err != nil || right == code {
				t.Fatalf("%s is right %s away from %s (%v)", code, skew, at, err)
			}
		}
	})
}

// However often and whenever it is asked, an app shows a fresh code that is new, current
// and far enough from its end, as early as there is one.
func TestFreshCodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var app App
		now := time.Unix(rapid.Int64Range(1e9, 2e9).Draw(t, "start"), 0)
		shown := map[int64]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "codes") {
			now = now.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "passes")) * time.Millisecond)
			margin := time.Duration(rapid.IntRange(0, 20).Draw(t, "margin")) * time.Second
			at := app.Fresh(secret, now, margin)
			if at.Before(now) || shown[period(at)] || begins(period(at)+1).Sub(at) < margin {
				t.Fatalf("asked at %s with margin %s: %s, shown %v", now, margin, at, shown)
			}
			for early := now; early.Before(at); early = early.Add(time.Second) {
				if !shown[period(early)] && begins(period(early)+1).Sub(early) >= margin {
					t.Fatalf("asked at %s: %s, though %s would do", now, at, early)
				}
			}
			code, err := app.Code(secret, at)
			want, _ := TOTP(secret, at)
			if err != nil || code != want {
				t.Fatalf("%q, %v; want %s", code, err, want)
			}
			shown[period(at)] = true
			now = at
		}
	})
}

// Two secrets are two accounts: what one has shown says nothing of the other.
func TestFreshIsOfEachSecret(t *testing.T) {
	var app App
	now := time.Unix(1e9, 0)
	if _, err := app.Code(secret, now); err != nil {
		t.Fatal(err)
	}
	if got := app.Fresh("GEZDGNBV", now, 0); !got.Equal(now) {
		t.Errorf("the other secret is fresh at %s only", got)
	}
	if got := app.Fresh(secret, now, 0); !got.Equal(begins(period(now) + 1)) {
		t.Errorf("the secret is fresh at %s", got)
	}
}

func TestSteady(t *testing.T) {
	at := begins(100)
	for _, c := range []struct{ in, margin, want time.Duration }{
		{0, 4 * time.Second, 0},
		{26 * time.Second, 4 * time.Second, 26 * time.Second},
		{26*time.Second + 1, 4 * time.Second, Period},
		{29 * time.Second, 0, 29 * time.Second},
		{0, time.Hour, 0},
		{1, time.Hour, Period},
	} {
		if got := Steady(at.Add(c.in), c.margin).Sub(at); got != c.want {
			t.Errorf("%s into a period with margin %s: %s, want %s", c.in, c.margin, got, c.want)
		}
	}
}

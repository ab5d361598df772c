package token_test

import (
	"encoding/base64"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"stagedoor/transport/internal/token"
)

// beside times two functions in turns and reports how often the second is as long as the
// first. The shortest of many batches counts: whatever else the machine does makes them
// longer only.
func beside(b *testing.B, bare, full func() error) {
	b.Helper()
	shortest := [2]time.Duration{math.MaxInt64, math.MaxInt64}
	const batch = 10
	for b.Loop() {
		for i, f := range []func() error{bare, full} {
			begun := time.Now()
			for range batch {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
			shortest[i] = min(shortest[i], time.Since(begun))
		}
	}
	b.ReportMetric(float64(shortest[0].Nanoseconds())/batch, "ns-bare")
	b.ReportMetric(float64(shortest[1].Nanoseconds())/batch, "ns-token")
	b.ReportMetric(float64(shortest[1])/float64(shortest[0]), "x-bare")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkVerify holds the verification of an access token against that of its
// signature alone.
func BenchmarkVerify(b *testing.B) {
	for _, algorithm := range algorithms {
		b.Run(algorithm, func(b *testing.B) {
			c := newClock()
			cfg := config(b, algorithm, c)
			private, text := newKey(b, algorithm, 0)
			cfg.PrivateKey = text
			j := newJWT(b, cfg)
			access := issue(b, j, sessionOf("1", "run", c.now())).Access
			var key any = text
			if private != nil {
				key = private.Public()
			}
			end := strings.LastIndexByte(access, '.')
			signature, err := base64.RawURLEncoding.DecodeString(access[end+1:])
			if err != nil {
				b.Fatal(err)
			}
			method := jwt.GetSigningMethod(algorithm)
			beside(b,
				func() error { return method.Verify(access[:end], signature, key) },
				func() error { _, err := j.Verify(token.App, access); return err })
		})
	}
}

// BenchmarkIssue holds the two tokens of a sign-in against two bare signatures.
func BenchmarkIssue(b *testing.B) {
	for _, algorithm := range algorithms {
		b.Run(algorithm, func(b *testing.B) {
			c := newClock()
			cfg := config(b, algorithm, c)
			private, text := newKey(b, algorithm, 0)
			cfg.PrivateKey = text
			j := newJWT(b, cfg)
			s := sessionOf("1", "run", c.now())
			var key any = text
			if private != nil {
				key = private
			}
			p := issue(b, j, s)
			method := jwt.GetSigningMethod(algorithm)
			beside(b, func() error {
				for _, t := range []string{p.Access, p.Refresh} {
					if _, err := method.Sign(t[:strings.LastIndexByte(t, '.')], key); err != nil {
						return err
					}
				}
				return nil
			}, func() error { _, err := j.Issue(s); return err })
		})
	}
}

package server_test

import (
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestSQLiteGone takes the file's handles away from a running server.
func TestSQLiteGone(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.ByCode)
	in, waiting, fresh := l.Member("app", "ada@example.com"), l.App(), l.App()
	waiting.Signup("bob@example.com").Is(401)
	code := l.Code("bob@example.com")
	if err := l.Database().Close(); err != nil {
		t.Fatal(err)
	}
	in.Session().Is(200)
	waiting.Session().Is(401).Pending("verify_email")
	waiting.Verify(code).Busy()
	waiting.Do("POST", "/auth/email/verify/resend", nil).Busy()
	fresh.Login("ada@example.com").Busy()
	fresh.Signup("new@example.com").Busy()
	waiting.Session().Is(401).Pending("verify_email")
}

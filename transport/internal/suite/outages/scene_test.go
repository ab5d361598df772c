package outages

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// scene is a server with people in every situation in which an outage can meet them.
type scene struct {
	*suite.Lab
	// in is signed in, waiting has signed up and waits for a code, factor for the second
	// factor, of which codes are recovery codes.
	in, waiting, factor *suite.Client
	code                string
	codes               []string
	// count answers a query of the database that asks for one number.
	count func(query string) int
}

// newScene starts a server; database is the URL of a PostgreSQL, if it is not on SQLite.
func newScene(t *testing.T, database string, change ...suite.SetUp) *scene {
	t.Helper()
	set := append([]suite.SetUp{suite.ByCode, func(c *config.Config, _ *server.Options) {
		c.Database.URL = config.Secret(database)
		c.SecretKey = "a secret key of more than thirty-two bytes"
	}}, change...)
	s := &scene{Lab: suite.NewLab(t, set...)}
	s.count = func(query string) int { return s.Count(query) }
	if database != "" {
		s.count = func(query string) int { return ask(t, database, query) }
	}
	s.in = s.Member("app", "ada@example.com")
	guarded := s.Member("app", "eve@example.com")
	guarded.TOTPOn()
	s.codes = guarded.RecoveryCodes()
	guarded.Logout()
	s.factor = s.App()
	s.factor.Login("eve@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
	s.waiting = s.App()
	s.waiting.Signup("bob@example.com").Is(401).Pending("verify_email")
	s.code = s.Code("bob@example.com")
	return s
}

// ask asks a PostgreSQL for one number.
func ask(t *testing.T, url, query string) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), suite.Patience)
	defer cancel()
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(ctx) }()
	if err := db.QueryRow(ctx, query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// breaks lets a crowd use the server while something is broken for a time, and judges what
// they saw.
func (s *scene) breaks(t *testing.T, o outage, lasts time.Duration, harm, heal func()) {
	t.Helper()
	people := gather(s.Lab)
	time.Sleep(200 * time.Millisecond)
	harm()
	time.Sleep(lasts)
	heal()
	ended := time.Now()
	people.calm(o.back)
	people.leave()
	people.judge(t, o, ended)
	for _, email := range people.members {
		if n := s.count(fmt.Sprintf(`SELECT count(*) FROM emails WHERE address = '%s' AND verified`, email)); n != 1 {
			t.Errorf("%s has signed up, and %d accounts have the address", email, n)
		}
	}
}

// sound looks at what must hold after every outage: who was signed in still is, who waited
// goes on or begins anew, nothing is half made, and no session is without its proofs. kept says
// that runs which waited are there still.
func (s *scene) sound(t *testing.T, kept bool) {
	t.Helper()
	s.in.Session().Is(200)
	if !kept {
		s.waiting.Unknown()
		s.waiting.Verify(s.code).Is(409)
		s.factor.Unknown()
		s.waiting.Login("bob@example.com").Is(401).Pending("verify_email")
		s.code = s.Code("bob@example.com")
		s.factor.Login("eve@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
	}
	s.waiting.Verify(s.code).Is(200)
	s.factor.Factor(s.codes[0]).Is(200)
	again := s.App()
	again.Login("eve@example.com").Is(401)
	again.Factor(s.codes[0]).Is(400, "code:incorrect_code")
	for what, query := range map[string]string{
		"accounts are half made":                      `SELECT count(*) FROM accounts a WHERE password_hash = '' OR last_login > 0 AND NOT EXISTS (SELECT 1 FROM emails e WHERE e.account_id = a.id AND verified)`,
		"addresses are verified twice":                `SELECT count(*) FROM (SELECT address FROM emails WHERE verified GROUP BY address HAVING count(*) > 1) AS twice`,
		"sessions besides the one by a second factor": `SELECT count(*) - 1 FROM sessions WHERE account_id = (SELECT account_id FROM emails WHERE address = 'eve@example.com')`,
	} {
		if n := s.count(query); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}

package main

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"stagedoor/state/statetest"
)

// TestStoresOverTLS runs the server on a PostgreSQL and a Redis that speak TLS alone, each with a
// certificate of an authority of one's own. With another authority it does not start.
func TestStoresOverTLS(t *testing.T) {
	t.Parallel()
	ours, theirs := statetest.NewAuthority(t), statetest.NewAuthority(t)
	postgres := statetest.NewPostgres(t)
	postgres.TLS(ours)
	redis := statetest.StartRedisTLS(t, ours)
	plain := strings.Replace(postgres.URL, "sslmode=disable", "", 1)
	env := func(database, trusted string) []string {
		return append(os.Environ(), "HOME="+t.TempDir(), "SSL_CERT_FILE="+trusted, "STAGEDOOR_DATABASE__URL="+database, "STAGEDOOR_REDIS__URL="+redis,
			"STAGEDOOR_SECRET_KEY="+strings.Repeat("k", 32), "STAGEDOOR_LISTEN=127.0.0.1:0", "STAGEDOOR_MAIL__SMTP_HOST=127.0.0.1", "STAGEDOOR_MAIL__FROM=a@example.com",
			"STAGEDOOR_HEADLESS__FRONTEND_URLS__ACCOUNT_CONFIRM_EMAIL=http://localhost:3000/verify/{key}",
			"STAGEDOOR_HEADLESS__FRONTEND_URLS__ACCOUNT_RESET_PASSWORD_FROM_KEY=http://localhost:3000/reset/{key}")
	}
	p, err := launch(t.TempDir(), "stagedoor", env(plain+"sslmode=verify-full&sslrootcert="+ours.File, ours.File), "serve")
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	resp, err := http.Get(p.url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("/readyz: %d\n%s", resp.StatusCode, p.said())
	}
	for name, c := range map[string]struct{ database, trusted, says string }{
		"another authority for postgres": {plain + "sslmode=verify-full&sslrootcert=" + theirs.File, ours.File, "certificate"},
		"another authority for redis":    {plain + "sslmode=require", theirs.File, "certificate"},
		"postgres without tls":           {plain + "sslmode=disable", ours.File, "no encryption"},
	} {
		p, err := launch(t.TempDir(), "stagedoor", env(c.database, c.trusted), "serve")
		if err == nil {
			p.kill()
			t.Errorf("%s: it starts", name)
			continue
		}
		if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want something of %q", name, err, c.says)
		}
	}
}

package statetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Standby starts a server that follows this one, and takes no writes until it is promoted
// (SELECT pg_promote()). It ends with the test.
func (p *Postgres) Standby() *Postgres {
	p.t.Helper()
	dir, err := os.MkdirTemp("", "stagedoor-pg")
	if err != nil {
		p.t.Fatalf("start a standby: %v", err)
	}
	p.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	copied, err := unprivileged(dir, backupProgram(p.t, p.bin), "-D", filepath.Join(dir, "data"), "-R", "-h", "127.0.0.1",
		"-p", fmt.Sprint(p.server.port), "-U", "postgres", "--checkpoint=fast", "--no-sync")
	if err != nil {
		p.t.Fatalf("start a standby: %v", err)
	}
	copied.Env = append(copied.Env, "PGPASSWORD="+p.server.password)
	if out, err := copied.CombinedOutput(); err != nil {
		p.t.Fatalf("start a standby: pg_basebackup: %v\n%s", err, out)
	}
	port, err := postgresPort()
	if err != nil {
		p.t.Fatalf("start a standby: %v", err)
	}
	s := &Postgres{t: p.t, bin: p.bin, dir: dir, server: &postgres{password: p.server.password, port: port}}
	s.Start()
	p.t.Cleanup(s.Kill)
	s.URL = s.server.url("own")
	return s
}

// backupProgram returns the path of pg_basebackup, or skips the test.
func backupProgram(t testing.TB, bin string) string {
	t.Helper()
	if path := filepath.Join(bin, "pg_basebackup"); exec.Command(path, "--version").Run() == nil {
		return path
	}
	path, err := exec.LookPath("pg_basebackup")
	if err != nil {
		t.Skip("no pg_basebackup: no standby can be made")
	}
	return path
}

// TLS has the server take connections by TLS, with a certificate of the authority, and no
// others.
func (p *Postgres) TLS(a *Authority) {
	p.t.Helper()
	cert, key := a.Issue(p.dir)
	// So that they are the server's files.
	if _, err := unprivileged(p.dir, "true"); err != nil {
		p.t.Fatalf("postgres with tls: %v", err)
	}
	for _, statement := range []string{
		`ALTER SYSTEM SET ssl_cert_file = '` + cert + `'`, `ALTER SYSTEM SET ssl_key_file = '` + key + `'`, `ALTER SYSTEM SET ssl = on`,
	} {
		if err := p.server.exec(statement); err != nil {
			p.t.Skipf("this postgres has no tls: %v", err)
		}
	}
	rules := "local all all reject\nhostssl all all 127.0.0.1/32 scram-sha-256\nhost postgres all 127.0.0.1/32 scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(p.dir, "data", "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		p.t.Fatalf("postgres with tls: %v", err)
	}
	p.Exec(`SELECT pg_reload_conf()`)
	time.Sleep(100 * time.Millisecond) // it reads them beside
}

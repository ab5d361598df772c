package statetest

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Postgres is a server of PostgreSQL that a test has for itself, and can kill and start again.
// What was committed survives: the system keeps what the server has written.
type Postgres struct {
	// URL is an empty database of it, the same after every start.
	URL string

	t      testing.TB
	server *postgres
	bin    string
	dir    string
	proc   *exec.Cmd
}

// NewPostgres starts a server of its own for the test. It is skipped, or fails, as
// [StartPostgres] does.
func NewPostgres(t testing.TB) *Postgres {
	t.Helper()
	p := &Postgres{t: t}
	if err := p.prepare(); err != nil {
		if strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), "postgres") {
			t.Fatalf("start postgres: %v", err)
		}
		t.Skipf("no postgres to test with: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(p.dir) })
	p.Start()
	t.Cleanup(p.Kill)
	p.Exec(`CREATE DATABASE own`)
	p.URL = p.server.url("own")
	return p
}

// prepare makes the server's files.
func (p *Postgres) prepare() error {
	bin, err := postgresFolder()
	if err != nil {
		return err
	}
	if p.dir, err = os.MkdirTemp("", "stagedoor-pg"); err != nil {
		return err
	}
	secret := make([]byte, 16)
	rand.Read(secret)
	p.bin, p.server = bin, &postgres{password: hex.EncodeToString(secret)}
	if err := initPostgres(bin, p.dir, p.server.password); err != nil {
		return errors.Join(err, os.RemoveAll(p.dir))
	}
	p.server.port, err = postgresPort()
	return err
}

// Start starts the server after a Kill or Stop and waits until it answers.
func (p *Postgres) Start() {
	p.t.Helper()
	if p.proc != nil {
		p.t.Fatal("start postgres: it is running")
	}
	cmd, err := unprivileged(p.dir, filepath.Join(p.bin, "postgres"), "-D", filepath.Join(p.dir, "data"), "-k", p.dir,
		"-p", strconv.Itoa(p.server.port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200")
	if err != nil {
		p.t.Fatalf("start postgres: %v", err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatalf("start postgres: %v", err)
	}
	p.proc = cmd
	if err := p.server.wait(); err != nil {
		p.t.Fatalf("start postgres: %v", err)
	}
}

// Kill ends the server as a power cut would: by kill -9, whoever is connected.
func (p *Postgres) Kill() { p.end(syscall.SIGKILL) }

// Stop ends it as an operator does who does not wait for anybody: transactions are rolled back
// and connections ended.
func (p *Postgres) Stop() { p.end(syscall.SIGINT) }

func (p *Postgres) end(s syscall.Signal) {
	if p.proc == nil {
		return
	}
	_ = p.proc.Process.Signal(s)
	_ = p.proc.Wait()
	p.proc = nil
	// The processes of a killed server end a moment later, and none may start beside them.
	for deadline := time.Now().Add(10 * time.Second); p.busy() && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	_ = os.Remove(filepath.Join(p.dir, "data", "postmaster.pid"))
}

// busy reports whether a process still works in the server's folder.
func (p *Postgres) busy() bool {
	found, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return false
	}
	for _, link := range found {
		if to, err := os.Readlink(link); err == nil && to == filepath.Join(p.dir, "data") {
			return true
		}
	}
	return false
}

// Exec runs a statement as the owner of the server, in the database postgres.
func (p *Postgres) Exec(statement string) {
	p.t.Helper()
	if err := p.server.exec(statement); err != nil {
		p.t.Fatalf("%s: %v", statement, err)
	}
}

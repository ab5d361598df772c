package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// postgresFolder is where PostgreSQL's programs are; Debian keeps them out of the PATH.
func postgresFolder() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well formed
	if at, err := exec.LookPath("initdb"); err == nil {
		found = append(found, filepath.Dir(at))
	}
	if len(found) == 0 {
		return "", errors.New("initdb is neither on PATH nor in /usr/lib/postgresql/*/bin; install PostgreSQL")
	}
	return found[len(found)-1], nil
}

// unprivileged is the command as PostgreSQL wants to be run: not by root.
func unprivileged(cmd *exec.Cmd, folders ...string) (*exec.Cmd, error) {
	if os.Getuid() != 0 {
		return cmd, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(who.Uid)
	gid, err2 := strconv.Atoi(who.Gid)
	if err = errors.Join(err, err2); err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if err := os.Chown(folder, uid, gid); err != nil {
			return nil, err
		}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	cmd.Dir = folders[0]
	return cmd, nil
}

// postgres is a PostgreSQL of its own; what is returned is its URL.
func (b *bed) postgres() (string, error) {
	c, err := b.one("PostgreSQL", func() (*child, error) {
		bin, err := postgresFolder()
		if err != nil {
			return nil, err
		}
		dir, err := os.MkdirTemp("", "stagedoor-bench-pg")
		if err != nil {
			return nil, err
		}
		b.closers = append(b.closers, func() { _ = os.RemoveAll(dir) })
		data := filepath.Join(dir, "data")
		initdb, err := unprivileged(exec.CommandContext(b.ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "bench", "-E", "UTF8", "--no-locale", "--no-sync", "--auth=trust"), dir)
		if err != nil {
			return nil, err
		}
		if said, err := initdb.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("initdb: %w\n%s", err, said)
		}
		at, err := freeAddress()
		if err != nil {
			return nil, err
		}
		_, port, _ := net.SplitHostPort(at)
		cmd, err := unprivileged(exec.CommandContext(b.ctx, filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-p", port, "-c", "listen_addresses=127.0.0.1"), dir)
		if err != nil {
			return nil, err
		}
		return b.start("PostgreSQL", at, cmd)
	})
	if err != nil {
		return "", err
	}
	return "postgres://bench@" + c.address + "/postgres?sslmode=disable", nil
}

//go:build !unix

package statetest

import (
	"errors"
	"os/exec"
)

// unprivileged has no way to tell here whether it would run as an administrator.
func unprivileged(string, string, ...string) (*exec.Cmd, error) {
	return nil, errors.New("it is not started on this system")
}

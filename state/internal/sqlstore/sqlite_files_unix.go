//go:build unix

package sqlstore

import (
	"io/fs"
	"os"
	"syscall"
)

// giveTo gives a file of the superuser's to the owner of another one.
func giveTo(f *os.File, like fs.FileInfo) {
	if owner, ok := like.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		_ = f.Chown(int(owner.Uid), int(owner.Gid)) // as SQLite itself does: it works without
	}
}

//go:build unix

package sqlstore

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestFilesBesideTheDatabase: the log and its index are for those whom the database is for,
// whoever opens it.
func TestFilesBesideTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s := openURL(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		t.Fatal(err)
	}
	uid, gid := uint32(os.Geteuid()), uint32(os.Getegid())
	if uid == 0 {
		uid, gid = 12345, 23456
		if err := os.Chown(path, int(uid), int(gid)); err != nil {
			t.Fatal(err)
		}
	}
	signUp(t, openURL(t, path), "1", "x@example.org")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Sys().(*syscall.Stat_t); got.Uid != uid || info.Mode().Perm() != 0o660 || os.Geteuid() == 0 && got.Gid != gid {
			t.Errorf("x.db%s: mode %v of %d:%d, want 0660 of %d:%d", suffix, info.Mode().Perm(), got.Uid, got.Gid, uid, gid)
		}
	}
}

package sqlstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ncruces/go-sqlite3/vfs"
)

// privateFiles is the name under which SQLite finds [private].
const privateFiles = "stagedoor"

// private opens files as the operating system does, but makes them for their owner alone:
// the log holds password hashes like the file itself, and a lock on the index beside it
// stops every writer.
type private struct{ vfs.VFSFilename }

// usePrivateFiles makes private known to SQLite; to do so again changes nothing.
func usePrivateFiles() error {
	files, ok := vfs.Find("").(vfs.VFSFilename)
	if !ok {
		return errors.New("the driver of SQLite opens files in a way that is not known here")
	}
	vfs.Register(privateFiles, private{files})
	return nil
}

// OpenFilename makes what is missing before it is opened. The index of the log is opened
// later, with the default mode, so it is made with the database.
func (p private) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	path := name.String()
	var err error
	switch {
	case path == "" || flags&vfs.OPEN_CREATE == 0:
	case flags&vfs.OPEN_MAIN_DB != 0:
		if err = touch(path); err == nil {
			err = touchBeside(path, path+"-shm")
		}
	case flags&(vfs.OPEN_WAL|vfs.OPEN_MAIN_JOURNAL) != 0:
		err = touchBeside(name.Database(), path)
	default:
		err = touch(path)
	}
	if err != nil {
		return nil, flags, err
	}
	return p.VFSFilename.OpenFilename(name, flags)
}

// makeFile makes the file, and the folder it is in, for its owner alone. What exists is
// left as it is.
func makeFile(path string) error {
	err := os.Mkdir(filepath.Dir(path), 0o700)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make the folder of the file: %w", err)
	}
	return touch(path)
}

// touch makes an empty file for its owner alone if there is none.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// touchBeside makes an empty file beside a database if there is none, for those whom the
// database is for: a file of the superuser's would keep the server out that runs on it.
func touchBeside(database, path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(database)
	if err == nil {
		err = f.Chmod(info.Mode().Perm())
		giveTo(f, info)
	}
	return errors.Join(err, f.Close())
}

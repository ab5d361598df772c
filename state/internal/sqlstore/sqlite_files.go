package sqlstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ncruces/go-sqlite3/vfs"
)

// privateFiles is the name under which SQLite finds [private].
const privateFiles = "stagedoor"

// private opens files as the operating system does, but readable by their owner alone:
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
	if path := name.String(); path != "" && flags&vfs.OPEN_CREATE != 0 {
		if err := touch(path); err != nil {
			return nil, flags, err
		}
		if flags&vfs.OPEN_MAIN_DB != 0 {
			if err := touch(path + "-shm"); err != nil {
				return nil, flags, err
			}
		}
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

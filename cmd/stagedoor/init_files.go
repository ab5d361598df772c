package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// freshSecret is 384 bits as text.
func freshSecret() string {
	raw := make([]byte, 48)
	_, _ = rand.Read(raw) // it never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

// draft is a file to be written. One with replace set takes the place of what is there.
type draft struct {
	path, text string
	mode       fs.FileMode
	replace    bool
}

// writeAll writes files, each whole, or takes back those it has made. Where force is set, those
// that may not be replaced stay as they are; it returns their paths.
func writeAll(files []draft, force bool) (kept []string, err error) {
	for _, d := range files {
		if _, err := os.Lstat(d.path); err == nil && !force {
			return nil, fmt.Errorf("%s is there already; give another name with --out, or --force to replace it (a secret that is there stays)", d.path)
		}
	}
	var made []string
	for _, d := range files {
		err := d.write()
		switch {
		case errors.Is(err, fs.ErrExist) && force:
			kept = append(kept, d.path)
		case err != nil:
			for _, path := range made {
				_ = os.Remove(path)
			}
			return nil, fmt.Errorf("write %s: %w", d.path, err)
		case !d.replace:
			made = append(made, d.path)
		}
	}
	return kept, nil
}

// write puts the file there whole: it is written under another name first. fs.ErrExist says
// that one is there that may not be replaced.
func (d draft) write() error {
	tmp, err := os.CreateTemp(filepath.Dir(d.path), ".stagedoor-init-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.WriteString(strings.TrimSuffix(d.text, "\n") + "\n")
	if err := errors.Join(err, tmp.Chmod(d.mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if d.replace {
		return os.Rename(tmp.Name(), d.path)
	}
	return os.Link(tmp.Name(), d.path)
}

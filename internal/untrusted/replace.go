package untrusted

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

var (
	errFolder = errors.New("it is a folder; name a file")
	errLink   = errors.New("it is a link or lies behind one, and sescheck follows no link to write; name the file that it leads to")
)

// Replace writes a file whole or not at all: a new file beside it, which is on
// the disk before it takes the place of the old one, with its mode and owner.
// Folders that are missing are made. Errors do not have the path, as those of
// Open.
//
// A link is not followed, and not replaced by a file: in the working directory a
// stranger's pull request may have put it there. What is no regular file, such as
// a pipe or /dev/stdout, is written to.
func Replace(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return errFolder
	}
	folder, err := folderOf(path)
	if err != nil {
		return Bare(err)
	}
	defer folder.Close()
	name := filepath.Base(path)
	old, err := folder.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Bare(replace(folder, name, nil, write))
	case err != nil:
		return Bare(err)
	case old.Mode().IsRegular():
		return Bare(replace(folder, name, old, write))
	case old.Mode()&fs.ModeSymlink != 0 && !leadsToDevice(path):
		return errLink
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return Bare(err)
	}
	return Bare(errors.Join(write(f), f.Close()))
}

// folderOf opens the folder in which a file is to be written, and makes it where
// it is missing.
func folderOf(path string) (*os.Root, error) {
	name, local := within(path)
	if dir := filepath.Dir(path); !local {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		return os.OpenRoot(dir)
	}
	here, err := os.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	defer here.Close()
	dir := filepath.Dir(name)
	for at := dir; at != "."; at = filepath.Dir(at) {
		if info, err := here.Lstat(at); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return nil, errLink
		}
	}
	if err := here.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return here.OpenRoot(dir)
}

// within is a path as it is written from the working directory, if it lies in
// that, however it was given. The root of the file system is no checkout.
func within(path string) (name string, ok bool) {
	if filepath.IsLocal(path) {
		return filepath.Clean(path), true
	}
	here, err := os.Stat(".")
	whole, err2 := filepath.Abs(path)
	if err != nil || err2 != nil {
		return "", false
	}
	for dir := filepath.Dir(whole); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if at, err := os.Stat(dir); err == nil && os.SameFile(at, here) {
			name, ok = strings.TrimPrefix(whole[len(dir):], string(filepath.Separator)), true // and perhaps once more, further up
		}
	}
	return name, ok
}

// leadsToDevice reports whether a link is the machine's own, such as /dev/stdout,
// and leads to no regular file.
func leadsToDevice(path string) bool {
	_, local := within(path)
	info, err := os.Stat(path)
	return !local && err == nil && !info.Mode().IsRegular()
}

// replace puts a new file in the place of an old one; old is nil where there is
// none.
func replace(folder *os.Root, name string, old fs.FileInfo, write func(io.Writer) error) (err error) {
	mode := fs.FileMode(0o644)
	if old != nil {
		mode = old.Mode().Perm()
	}
	fresh := ".sescheck-" + rand.Text()
	f, err := folder.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = folder.Remove(fresh)
		}
	}()
	err = write(f)
	if err == nil && old != nil {
		keepOwner(f, old)
		err = f.Chmod(mode) // which the umask may have lessened
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = folder.Rename(fresh, name); err != nil {
		return err
	}
	if dir, err := folder.Open("."); err == nil {
		_ = dir.Sync() // not every file system can
		_ = dir.Close()
	}
	return nil
}

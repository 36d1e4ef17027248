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
	errLink   = errors.New("it is a link or behind one, and sescheck does not write through links; name the file that the link points to")
)

// Replace writes a file whole or not at all: a new file beside it, which is on
// the disk before it takes the place of the old one, with its mode and owner.
// Folders that are missing are made. Errors do not have the path, as those of
// Open.
//
// A link is not followed, and not replaced by a file: in a checkout a stranger's
// pull request may have put it there. A stream that the user named is written to.
func Replace(path string, write func(io.Writer) error) error {
	if isStream(path) {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return Bare(err)
		}
		return Bare(errors.Join(write(f), f.Close()))
	}
	folder, old, err := toWrite(path)
	if err != nil {
		return Bare(err)
	}
	defer folder.Close()
	return Bare(replace(folder, filepath.Base(path), old, write))
}

// Fresh is a file that is made.
type Fresh struct {
	Path string
	Text []byte
}

// Make writes files where there are none, all or none, and returns the path of the
// one that could not be made. fs.ErrExist says that something is there. What Replace
// says of links and folders is so here, too.
func Make(files ...Fresh) (failed string, err error) {
	for i, f := range files {
		if err := f.make(); err != nil {
			for _, made := range files[:i] {
				err = errors.Join(err, os.Remove(made.Path))
			}
			return f.Path, Bare(err)
		}
	}
	return "", nil
}

func (n Fresh) make() error {
	folder, old, err := toWrite(n.Path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if old != nil {
		return fs.ErrExist
	}
	name := filepath.Base(n.Path)
	f, err := folder.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(n.Text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = folder.Remove(name)
	}
	return err
}

// Create makes a file that is written to as things happen, in the place of the one
// that is there. What Replace says of links and streams is so here, too.
func Create(path string) (*os.File, error) {
	if isStream(path) {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		return f, Bare(err)
	}
	folder, old, err := toWrite(path)
	if err != nil {
		return nil, Bare(err)
	}
	defer folder.Close()
	mode, name := fs.FileMode(0o644), filepath.Base(path)
	if old != nil {
		mode = old.Mode().Perm()
		if err := folder.Remove(name); err != nil {
			return nil, Bare(err)
		}
	}
	f, err := folder.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	return f, Bare(err)
}

// toWrite opens the folder in which a file is to be written. old is the file that
// is there, if any.
func toWrite(path string) (folder *os.Root, old fs.FileInfo, err error) {
	if folder, err = folderOf(path); err != nil {
		return nil, nil, err
	}
	old, err = folder.Lstat(filepath.Base(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return folder, nil, nil
	case err != nil:
	case old.IsDir():
		err = errFolder
	case old.Mode()&fs.ModeSymlink != 0:
		err = errLink
	case !old.Mode().IsRegular():
		err = errIrregular
	default:
		return folder, old, nil
	}
	_ = folder.Close()
	return nil, nil, err
}

// folderOf opens the folder that a file lies in, and makes it where it is missing.
// In a checkout there must be no link on the way, wherever it leads: what the
// workflow calls a report is not to become a file of the checkout.
func folderOf(file string) (*os.Root, error) {
	in := placeOf(file)
	if in.name == "." {
		return nil, errFolder
	}
	if in.checkout == "" {
		dir := filepath.Dir(in.name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		return os.OpenRoot(dir)
	}
	at, err := os.OpenRoot(in.checkout)
	if err != nil {
		return nil, err
	}
	steps := strings.Split(in.name, "/")
	for _, step := range steps[:len(steps)-1] {
		next, err := into(at, step)
		_ = at.Close()
		if err != nil {
			return nil, err
		}
		at = next
	}
	return at, nil
}

// into opens a folder in another one, and makes it where it is missing.
func into(folder *os.Root, name string) (*os.Root, error) {
	if err := folder.Mkdir(name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := folder.Lstat(name)
	if err != nil {
		return nil, err
	} else if info.Mode()&fs.ModeSymlink != 0 {
		return nil, errLink
	}
	next, err := folder.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	if opened, err := next.Stat("."); err != nil || !os.SameFile(info, opened) { // it is a link by now
		_ = next.Close()
		return nil, errors.Join(err, errLink)
	}
	return next, nil
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

package untrusted

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Open opens a file to read. A path within the working directory is a path of
// the checkout, which a stranger's pull request may have written: a link there
// cannot lead out of it, and a device is not waited for. Errors do not have the
// path: whoever tells them quotes it.
func Open(path string) (*os.File, error) {
	if !filepath.IsLocal(path) {
		f, err := os.Open(path)
		return f, Bare(err)
	}
	here, err := os.OpenRoot(".")
	if err != nil {
		return nil, Bare(err)
	}
	defer here.Close()
	info, err := here.Stat(path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
		return nil, errors.New("it leads out of the working directory; name the file that it is a link to")
	case err != nil:
		return nil, Bare(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	}
	f, err := here.Open(path)
	return f, Bare(err)
}

// Bare takes the paths out of an error.
func Bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

package untrusted

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
)

var errIrregular = errors.New("it is not a regular file")

// Open opens a file to read. It is the way to open one, whoever named it:
//
//   - In a checkout, a link leads to files of that checkout only; see placeOf.
//   - What is no regular file is not waited for, unless it is a stream that the
//     user named by its number, as the shell does for <(…).
//
// Errors do not have the path: whoever prints them quotes it.
func Open(path string) (*os.File, error) {
	f, err := open(path)
	if err != nil {
		return nil, Bare(err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() && !isStream(path) { // it may be another one by now
		_ = f.Close()
		return nil, errors.Join(Bare(err), errIrregular)
	}
	return f, nil
}

func open(path string) (*os.File, error) {
	if isStream(path) {
		return os.Open(path)
	}
	in := placeOf(path)
	if in.checkout == "" {
		if info, err := os.Stat(path); err != nil {
			return nil, err
		} else if !info.Mode().IsRegular() {
			return nil, errIrregular
		}
		return os.Open(path)
	}
	root, err := os.OpenRoot(in.checkout)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name, info, err := in.follow(root)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errIrregular
	}
	return root.Open(name)
}

// Read reads a file of at most so many octets.
func Read(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, Bare(err)
	}
	var b bytes.Buffer
	if info.Size() <= most {
		b.Grow(int(max(info.Size(), 0)) + bytes.MinRead)
		_, err = b.ReadFrom(io.LimitReader(f, most+1))
	}
	if info.Size() > most || int64(b.Len()) > most {
		return nil, fmt.Errorf("it is larger than %s", size(most))
	}
	return b.Bytes(), Bare(err)
}

// size is a bound in words.
func size(octets int64) string {
	switch {
	case octets < 1<<10:
		return fmt.Sprintf("%d bytes", octets)
	case octets < 1<<20:
		return fmt.Sprintf("%d KiB", octets>>10)
	}
	return fmt.Sprintf("%d MiB", octets>>20)
}

// streams are the names of what is open already, and of what is always there.
var streams = regexp.MustCompile(`^/dev/(stdin|stdout|stderr|null|tty|fd/[0-9]+)$|^/proc/self/fd/[0-9]+$`)

// isStream reports whether a path names a stream and no file.
func isStream(path string) bool { return path == os.DevNull || streams.MatchString(path) }

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

package untrusted

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/bmatcuk/doublestar/v4"
)

// The bounds of what is looked through for files. They are far beyond what a
// repository has that people work in.
const (
	MaxFiles   = 100_000   // found
	MaxEntries = 1_000_000 // files and folders looked at
	MaxLevels  = 100       // of folders in folders
)

// IsFolder reports whether there is a folder of that name.
func IsFolder(path string) (bool, error) {
	if isStream(path) {
		return false, nil
	}
	in := placeOf(path)
	if in.checkout == "" {
		info, err := os.Stat(path)
		return err == nil && info.IsDir(), absent(Bare(err))
	}
	root, err := os.OpenRoot(in.checkout)
	if err != nil {
		return false, Bare(err)
	}
	defer root.Close()
	_, info, err := in.follow(root)
	return err == nil && info.IsDir(), absent(Bare(err))
}

// absent says of a name that Windows allows no file to have, such as a glob, that
// there is no such file.
func absent(err error) error {
	const invalidName = syscall.Errno(123) // ERROR_INVALID_NAME
	if runtime.GOOS == "windows" && errors.Is(err, invalidName) {
		return fs.ErrNotExist
	}
	return err
}

// Named finds what arguments name: files and folders by their names, and where
// there is none, the files that match the argument as a glob, sorted. An argument
// that names nothing stays.
func Named(args []string) (paths []string, err error) {
	for _, arg := range args {
		_, err := IsFolder(arg)
		if !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(arg, "*?[{") {
			paths = append(paths, arg)
			continue
		}
		found, err := Glob(arg)
		switch {
		case err != nil && !errors.Is(err, ErrNoGlob):
			return nil, fmt.Errorf("find %s: %w", Quote(arg), err)
		case len(found) == 0:
			found = []string{arg}
		}
		paths = append(paths, found...)
	}
	return paths, nil
}

// Files finds files in a folder and in those below it, sorted. want is asked of
// each file and folder, by its path with slashes from the folder, whether it is
// wanted, or to be looked into. Folders that git keeps are not looked into, and
// links to folders are not followed: they may go round.
func Files(folder string, want func(name string, isFolder bool) bool) ([]string, error) {
	root, err := openFolder(folder)
	if err != nil {
		return nil, Bare(err)
	}
	defer root.Close()
	s := search{root: root, want: want}
	if err := s.look(".", 0); err != nil {
		return nil, Bare(err)
	}
	slices.Sort(s.found)
	for i, name := range s.found {
		s.found[i] = filepath.Join(folder, filepath.FromSlash(name))
	}
	return s.found, nil
}

func openFolder(folder string) (*os.Root, error) {
	in := placeOf(folder)
	if in.checkout == "" {
		return os.OpenRoot(folder)
	}
	root, err := os.OpenRoot(in.checkout)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name, _, err := in.follow(root)
	if err != nil {
		return nil, err
	}
	return root.OpenRoot(name)
}

// search is what Files has found so far.
type search struct {
	root    *os.Root
	want    func(name string, isFolder bool) bool
	entries int
	found   []string
}

func (s *search) look(folder string, level int) error {
	if level > MaxLevels {
		return fmt.Errorf("its folders are nested more than %d levels deep; name one of them", MaxLevels)
	}
	folders, err := s.list(folder)
	if err != nil {
		return err
	}
	for _, name := range folders {
		if err := s.look(name, level+1); err != nil {
			return err
		}
	}
	return nil
}

// list adds the files of a folder to those found, and returns the folders in it to
// look into.
func (s *search) list(folder string) (folders []string, err error) {
	f, err := s.root.Open(folder)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for {
		const some = 256
		entries, err := f.ReadDir(some)
		for _, e := range entries {
			name := path.Join(folder, e.Name())
			if err := s.take(); err != nil {
				return nil, err
			}
			if e.IsDir() {
				if !strings.EqualFold(e.Name(), ".git") && s.want(name, true) {
					folders = append(folders, name)
				}
			} else if s.want(name, false) && !s.isFolder(e, name) {
				s.found = append(s.found, name)
			}
		}
		if errors.Is(err, io.EOF) {
			return folders, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// take counts a file or folder that is looked at.
func (s *search) take() error {
	s.entries++
	switch {
	case s.entries > MaxEntries:
		return fmt.Errorf("it has more than %d files and folders; name a smaller folder", MaxEntries)
	case len(s.found) >= MaxFiles:
		return fmt.Errorf("it has more than %d matching files; name a smaller folder", MaxFiles)
	}
	return nil
}

// isFolder reports whether a link leads to a folder.
func (s *search) isFolder(e fs.DirEntry, name string) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := s.root.Stat(name)
	return err == nil && info.IsDir()
}

// ErrNoGlob is of a pattern that is none.
var ErrNoGlob = errors.New("it is not a valid glob")

// Glob finds the files that match a pattern, sorted. In it ** crosses folders.
func Glob(pattern string) ([]string, error) {
	if !doublestar.ValidatePathPattern(pattern) {
		return nil, ErrNoGlob
	}
	folder, pattern := doublestar.SplitPattern(filepath.ToSlash(filepath.Clean(pattern)))
	steps := strings.Split(pattern, "/")
	known := slices.IndexFunc(steps, func(s string) bool { return s == "**" || strings.ContainsAny(s, "{}") })
	deep := known >= 0
	if !deep {
		known = len(steps)
	}
	files, err := Files(filepath.FromSlash(folder), func(name string, isFolder bool) bool {
		if !isFolder {
			return doublestar.MatchUnvalidated(pattern, name)
		}
		way := strings.Split(name, "/")
		same := min(len(way), known)
		return (deep || len(way) < len(steps)) && doublestar.MatchUnvalidated(path.Join(steps[:same]...), path.Join(way[:same]...))
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return files, err
}

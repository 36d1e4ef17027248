package untrusted

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// place is where a path that the user gave lies. The links on the way to a
// checkout are the machine's; those in it may come from a stranger's pull request,
// and lead nowhere else.
type place struct {
	checkout string // the innermost one; "" where the path lies in none
	kind     string // "the working directory" or "the repository"
	name     string // the path from there, with slashes; the whole path where there is none
}

// placeOf finds the checkout that a path lies in, however it is written: the
// working directory, or a folder that has a .git. The root of the file system is
// none.
func placeOf(file string) place {
	whole, err := filepath.Abs(file)
	if err != nil {
		return place{name: file}
	}
	in := place{name: whole}
	here, _ := os.Stat(".")
	root := filepath.VolumeName(whole) + string(filepath.Separator)
	for at := len(root); at < len(whole); {
		end := at + strings.IndexByte(whole[at:]+string(filepath.Separator), filepath.Separator)
		folder := whole[:end]
		at = end + 1
		look := os.Stat
		if in.checkout != "" {
			look = os.Lstat
		}
		info, err := look(folder)
		if err != nil || !info.IsDir() {
			break
		}
		kind := ""
		if os.SameFile(info, here) {
			kind = "the working directory"
		} else if _, err := os.Lstat(filepath.Join(folder, ".git")); err == nil {
			kind = "the repository"
		}
		if kind != "" {
			in = place{folder, kind, filepath.ToSlash(whole[min(at, len(whole)):])}
		}
	}
	if in.name == "" {
		in.name = "."
	}
	return in
}

// Checkout is the innermost folder with a .git around a path, without links on the
// way to it; "" where there is none.
func Checkout(at string) string {
	at, err := Whole(at)
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		up := filepath.Dir(at)
		if up == at {
			return ""
		}
		at = up
	}
}

// Whole is an absolute path without links.
func Whole(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// maxLinks is how many links may lead to a file, as on Linux.
const maxLinks = 40

var errLinks = errors.New("its links form a loop")

// follow goes the way to a file or folder in a checkout. Its links must neither
// lead out of the checkout nor into what git keeps there, among which a token may
// be. What it returns is a name without links.
func (p place) follow(root *os.Root) (name string, info fs.FileInfo, err error) {
	left := strings.Split(p.name, "/")
	name, links := ".", 0
	if info, err = root.Lstat(name); err != nil {
		return "", nil, err
	}
	for len(left) > 0 {
		next := path.Join(name, left[0])
		left = left[1:]
		if next == ".." || links > 0 && strings.EqualFold(path.Base(next), ".git") {
			return "", nil, p.leadsOut()
		}
		if info, err = root.Lstat(next); err != nil {
			return "", nil, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			name = next
			continue
		}
		target, err := root.Readlink(next)
		if links++; links > maxLinks {
			err = errLinks
		} else if err == nil && (filepath.IsAbs(target) || filepath.VolumeName(target) != "" || strings.HasPrefix(filepath.ToSlash(target), "/")) {
			err = p.leadsOut()
		}
		if err != nil {
			return "", nil, err
		}
		left = append(strings.Split(filepath.ToSlash(target), "/"), left...)
	}
	return name, info, nil
}

func (p place) leadsOut() error {
	return fmt.Errorf("it leads out of %s; name the file that the link points to", p.kind)
}

package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Names are where a file is looked for if none is given, in this order.
var Names = []string{"sescheck.yaml", "sescheck.yml", ".github/sescheck.yaml", ".github/sescheck.yml"}

// smallest is a file to begin with.
const smallest = `version: 1
domains:
  example.com:
    region: eu-west-1
    mail_from: bounce
    spf: [_spf.google.com]`

// Load reads the files that the arguments name: files, folders, of which the
// *.yaml and *.yml are read, and globs, in which `**` crosses folders. Without
// arguments it reads the first of Names that there is.
//
// The error is for files that cannot be found or read; what is wrong in them is
// told by the problems. With either the File is not to be used.
func Load(args []string) (*File, []Problem, error) {
	paths, err := find(args)
	if err != nil {
		return nil, nil, err
	}
	l := newLoading()
	for _, path := range paths {
		data, err := read(path)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", untrusted.Quote(path), err)
		}
		l.add(filepath.ToSlash(path), data)
	}
	file, problems := l.finish()
	return file, problems, nil
}

// loading puts files together.
type loading struct {
	file     *File
	seen     map[record.Name]Place
	problems []Problem
	first    string // the name of the first file

	// What the files took so far of the bounds that they share.
	copies int // values that an alias, a merge key or defaults brought in
	globs  int // octets of the globs of ignore
}

func newLoading() *loading {
	return &loading{file: &File{Checks: map[string]At[Level]{}}, seen: map[record.Name]Place{}}
}

func (l *loading) add(name string, data []byte) {
	if l.first == "" {
		l.first = name
	}
	r := newReader(name, data, l)
	r.read()
	l.problems = append(l.problems, r.sorted()...)
}

// finish asks for at least one domain: one of several files may do without, if
// it says which findings are accepted, say.
func (l *loading) finish() (*File, []Problem) {
	if len(l.file.Domains) == 0 && len(l.problems) == 0 {
		l.problems = []Problem{{l.first, 1, 1, "there are no domains; list at least one under domains:"}}
	}
	l.shareRegions()
	return l.file, l.problems
}

// shareRegions tells MAIL FROM domains of the same name, in several domains of the
// file, of each other's regions: the name has one MX, and that of any of them is
// right (developer guide, "Regions and Amazon SES").
func (l *loading) shareRegions() {
	at := map[record.Name][]int{}
	each := func(i int, do func(*MailFrom, string)) {
		for _, id := range l.file.Domains[i].Identities {
			if id.MailFrom != nil {
				do(id.MailFrom, id.Region.Value)
			}
		}
	}
	for i := range l.file.Domains {
		each(i, func(m *MailFrom, _ string) {
			if all := at[m.Name.Value]; len(all) == 0 || all[len(all)-1] != i {
				at[m.Name.Value] = append(all, i)
			}
		})
	}
	for name, all := range at {
		for _, i := range all {
			var regions []string
			for _, other := range all {
				each(other, func(m *MailFrom, region string) {
					if other != i && m.Name.Value == name && !slices.Contains(regions, region) {
						regions = append(regions, region)
					}
				})
			}
			each(i, func(m *MailFrom, _ string) {
				if m.Name.Value == name {
					m.Regions = regions
				}
			})
		}
	}
}

// find turns arguments into paths, each once and in order.
func find(args []string) ([]string, error) {
	if len(args) == 0 {
		for _, name := range Names {
			if _, err := os.Lstat(name); err == nil {
				return []string{name}, nil
			}
		}
		return nil, fmt.Errorf("there is no %s here; name the file, let `sescheck import` write it from zone files, from what AWS says or from live DNS, or begin with this one:\n\n%s", words(Names, "or"), smallest)
	}
	var paths []string
	have := map[string]bool{}
	for _, arg := range args {
		found, err := findOne(arg)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			if p = filepath.Clean(p); !have[p] {
				have[p] = true
				paths = append(paths, p)
			}
		}
	}
	return paths, nil
}

// findOne takes an argument for a file or folder of that name if there is one,
// and else for a glob.
func findOne(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return inFolder(arg)
	case err == nil:
		return []string{arg}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("look for %s: %w", untrusted.Quote(arg), untrusted.Bare(err))
	case !strings.ContainsAny(arg, "*?[{"):
		return nil, fmt.Errorf("there is no file %s", untrusted.Quote(arg))
	}
	found, err := doublestar.FilepathGlob(arg, doublestar.WithFilesOnly())
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s is neither a file nor a glob", untrusted.Quote(arg))
	case len(found) == 0:
		return nil, fmt.Errorf("no file matches %s", untrusted.Quote(arg))
	}
	slices.Sort(found)
	return found, nil
}

func inFolder(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("look into %s: %w", untrusted.Quote(folder), untrusted.Bare(err))
	}
	var found []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			found = append(found, filepath.Join(folder, e.Name()))
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("there is no *.yaml or *.yml in %s", untrusted.Quote(folder))
	}
	return found, nil
}

// read reads a file of bounded size.
func read(path string) ([]byte, error) {
	f, err := untrusted.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	if info, err := f.Stat(); err == nil {
		b.Grow(int(min(max(info.Size(), 0), MaxFileSize)) + bytes.MinRead)
	}
	_, err = b.ReadFrom(io.LimitReader(f, MaxFileSize+1))
	return b.Bytes(), untrusted.Bare(err)
}

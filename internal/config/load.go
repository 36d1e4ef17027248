package config

import (
	"errors"
	"fmt"
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

// Load reads the files that the arguments name: files, globs (`**` crosses
// folders), and folders, of which the *.yaml and *.yml are read. Without
// arguments it is the first of Names. The error is for files that cannot be
// found or read; what is wrong in them is told by the problems.
func Load(args []string) (*File, []Problem, error) {
	paths, err := find(args)
	if err != nil {
		return nil, nil, err
	}
	all := &File{Checks: map[string]At[Level]{}}
	var problems []Problem
	places := map[record.Name]Place{}
	for _, path := range paths {
		data, err := read(path)
		if err != nil {
			return nil, nil, err
		}
		f, ps := Parse(filepath.ToSlash(path), data)
		problems = append(problems, ps...)
		for _, d := range f.Domains {
			if at, ok := places[d.Name]; ok {
				problems = append(problems, Problem{d.Place.File, d.Place.Line, d.Place.Column,
					fmt.Sprintf("domain %s stands in %s line %d already; a domain may stand in one file only", d.Name, at.File, at.Line)})
				continue
			}
			places[d.Name] = d.Place
			all.Domains = append(all.Domains, d)
		}
		for id, level := range f.Checks {
			if other, ok := all.Checks[id]; ok && other.Value != level.Value {
				problems = append(problems, Problem{level.Place.File, level.Place.Line, level.Place.Column,
					fmt.Sprintf("check %s is %s here and %s in %s line %d; files that are checked together must agree", untrusted.Quote(id), level.Value, other.Value, other.Place.File, other.Place.Line)})
			}
			all.Checks[id] = level
		}
		all.Ignores = append(all.Ignores, f.Ignores...)
	}
	return all, problems, nil
}

// read reads a file no larger than MaxFile, so that a device does not go on
// for ever.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", untrusted.Line(path), errors.Unwrap(err))
	}
	if !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 {
		return nil, fmt.Errorf("read %s: this is no file", untrusted.Line(path))
	}
	if info.Size() > MaxFile {
		return nil, fmt.Errorf("read %s: the file is larger than %d MiB", untrusted.Line(path), MaxFile>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", untrusted.Line(path), errors.Unwrap(err))
	}
	return data, nil
}

// find turns arguments into the paths of files, each once, in order.
func find(args []string) ([]string, error) {
	if len(args) == 0 {
		for _, name := range Names {
			if _, err := os.Stat(name); err == nil {
				return []string{name}, nil
			}
		}
		return nil, fmt.Errorf("no file: there is none of %s here; name one, or write a first one:\n\n%s", strings.Join(Names, ", "), first)
	}
	var paths []string
	for _, arg := range args {
		found, err := findOne(arg)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			if p = filepath.Clean(p); !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	return paths, nil
}

const first = `version: 1
domains:
  example.com:
    region: eu-west-1
    mail_from: bounce
    spf: [_spf.google.com]`

func findOne(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		var found []string
		for _, pattern := range []string{"*.yaml", "*.yml"} {
			more, err := filepath.Glob(filepath.Join(globEscape(arg), pattern))
			if err != nil {
				return nil, fmt.Errorf("look into %s: %w", untrusted.Line(arg), err)
			}
			found = append(found, more...)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("no file: folder %s has no *.yaml or *.yml", untrusted.Quote(arg))
		}
		slices.Sort(found)
		return found, nil
	case err == nil:
		return []string{arg}, nil
	case strings.ContainsAny(arg, "*?[{"):
		found, err := doublestar.FilepathGlob(arg, doublestar.WithFilesOnly())
		if err != nil {
			return nil, fmt.Errorf("%s is no glob", untrusted.Quote(arg))
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("no file: nothing matches %s", untrusted.Quote(arg))
		}
		slices.Sort(found)
		return found, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no file %s", untrusted.Quote(arg))
	}
	return nil, fmt.Errorf("read %s: %w", untrusted.Line(arg), errors.Unwrap(err))
}

// globEscape keeps the characters of a folder's name from being a pattern.
func globEscape(s string) string {
	return strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, `\`, `\\`).Replace(s)
}

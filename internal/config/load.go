package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Names are where a file is looked for if none is given, in this order.
var Names = []string{"sescheck.yaml", "sescheck.yml", ".github/sescheck.yaml", ".github/sescheck.yml"}

// Smallest is a file to begin with.
const Smallest = `version: 1
domains:
  example.com:
    region: eu-west-1
    mail_from: bounce
    spf: [_spf.google.com]`

// NoFile is the error where no file is named and none is found.
type NoFile struct {
	Below []string // files of the usual names further down, with slashes
}

// Short says in one line that the file is missing, and how to make one.
func (e *NoFile) Short() string {
	short := fmt.Sprintf("there is no %s here", shorten.Words(Names, "or"))
	switch len(e.Below) {
	case 0:
		return short + "; name the file, let `sescheck init` write one, or let `sescheck import` write it from zone files, the output of the AWS CLI or live DNS"
	case 1:
		return short + fmt.Sprintf(", but there is %s: name it", quote(e.Below[0]))
	}
	quoted := make([]string, len(e.Below))
	for i, name := range e.Below {
		quoted[i] = quote(name)
	}
	return short + fmt.Sprintf(", but there are %s: name the ones to check, or all of them as '**/sescheck.y*ml'", shorten.List(quoted, 5))
}

func (e *NoFile) Error() string {
	if len(e.Below) > 0 {
		return e.Short()
	}
	return e.Short() + "; or start with this one:\n\n" + Smallest
}

// further finds files of the usual names in the folders below, as far as it takes
// no time: it is a hint.
func further() []string {
	const levels, folders = 6, 2000
	seen := 0
	found, _ := untrusted.Files(".", func(name string, isFolder bool) bool {
		base := path.Base(name)
		if !isFolder {
			return base == Names[0] || base == Names[1]
		}
		seen++
		return seen <= folders && strings.Count(name, "/") < levels && !strings.HasPrefix(base, ".") && base != "node_modules" && base != "vendor"
	})
	for i := range found {
		found[i] = filepath.ToSlash(found[i])
	}
	return found
}

// Load reads the files that the arguments name: files, folders, of which the
// *.yaml and *.yml are read and further down every sescheck.yaml and sescheck.yml,
// and globs, in which `**` crosses folders. Without arguments it reads the first
// of Names that there is.
//
// The error is for files that cannot be found or read, the problems are the
// mistakes in them. With either the File is not to be used.
func Load(args []string) (*File, []Problem, error) {
	paths, err := find(args)
	if err != nil {
		return nil, nil, err
	}
	return loadAll(paths, func(path string) ([]byte, error) { return untrusted.Read(path, MaxFileSize) })
}

// Text is a file that is not on disk.
type Text struct {
	Name string // with slashes
	Data []byte
}

// LoadTexts reads texts as Load does files.
func LoadTexts(texts []Text) (*File, []Problem, error) {
	var names []string
	for _, t := range texts {
		names = append(names, t.Name)
	}
	return loadAll(names, func(string) ([]byte, error) {
		t := texts[0]
		texts = texts[1:]
		if len(t.Data) > MaxFileSize {
			return nil, fmt.Errorf("it has more than %d MiB", MaxFileSize>>20)
		}
		return t.Data, nil
	})
}

// loadAll reads files, each once and in their order.
func loadAll(paths []string, read func(string) ([]byte, error)) (*File, []Problem, error) {
	l := newLoading()
	left := int64(MaxSize)
	for i, file := range paths {
		data, err := read(file)
		if left -= int64(len(data)); err == nil && left < 0 {
			err = fmt.Errorf("the files have more than %d MiB in total; check them in several runs", MaxSize>>20)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", untrusted.Quote(file), err)
		}
		l.add(filepath.ToSlash(file), data)
		if rest := len(paths) - i - 1; len(l.problems) >= maxProblems && rest > 0 {
			l.problems = append(l.problems, Problem{File: file, Message: fmt.Sprintf("and %d more files were not checked for mistakes", rest)})
			break
		}
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

	// The part of the shared bounds that the files have used.
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
	l.joinSPF()
	return l.file, l.problems
}

// joinSPF joins what several domains of the file ask of one SPF record: that of a
// domain which is a MAIL FROM name, too, or of a MAIL FROM name that they share.
func (l *loading) joinSPF() {
	asked := map[record.Name]int{} // by how many domains
	for i := range l.file.Domains {
		for _, n := range l.file.Domains[i].namesWithSPF() {
			asked[n]++
		}
	}
	all := map[record.Name]*SPF{}
	join := func(name record.Name, own *SPF, mailFrom bool) *SPF {
		if asked[name] < 2 {
			return nil
		}
		if all[name] == nil {
			all[name] = &SPF{}
		}
		joined := all[name]
		joined.MailFrom = joined.MailFrom || mailFrom
		*joined = *BothSPF(joined, own)
		return joined
	}
	for i := range l.file.Domains {
		d := &l.file.Domains[i]
		if joined := join(d.Name, d.SPF, false); d.SPF != nil && joined != nil {
			own := *d.SPF // domains with the same defaults share it
			own.Joined = joined
			d.SPF = &own
		}
		for _, id := range d.Identities {
			if m := id.MailFrom; m != nil {
				m.Joined = join(m.Name.Value, m.SPF, true)
			}
		}
	}
}

// BothSPF joins what two entries ask of one SPF record; nil asks nothing.
func BothSPF(a, b *SPF) *SPF {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	joined := *a
	joined.Includes = slices.Concat(a.Includes, b.Includes)
	joined.Exact = a.Exact && b.Exact
	joined.All = cmp.Or(a.All, b.All)
	return &joined
}

// namesWithSPF are the names of the domain whose SPF records it asks for, each once.
func (d *Domain) namesWithSPF() (names []record.Name) {
	if d.SPF != nil {
		names = append(names, d.Name)
	}
	for _, id := range d.Identities {
		if m := id.MailFrom; m != nil && !slices.Contains(names, m.Name.Value) {
			names = append(names, m.Name.Value)
		}
	}
	return names
}

// shareRegions sets the regions of MAIL FROM domains that several domains of the
// file share: the name has one MX, and that of any of these regions is right
// (developer guide, "Regions and Amazon SES").
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
		return nil, &NoFile{Below: further()}
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

// findOne reads an argument as a file or folder if it exists, otherwise as a
// glob.
func findOne(arg string) ([]string, error) {
	folder, err := untrusted.IsFolder(arg)
	switch {
	case err == nil && folder:
		return inFolder(arg)
	case err == nil:
		return []string{arg}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read %s: %w", untrusted.Quote(arg), err)
	case !strings.ContainsAny(arg, "*?[{"):
		return nil, fmt.Errorf("there is no file %s", untrusted.Quote(arg))
	}
	found, err := untrusted.Glob(arg)
	switch {
	case errors.Is(err, untrusted.ErrNoGlob):
		return nil, fmt.Errorf("%s is neither a file nor a glob", untrusted.Quote(arg))
	case err != nil:
		return nil, fmt.Errorf("find %s: %w", untrusted.Quote(arg), err)
	case len(found) == 0:
		return nil, fmt.Errorf("no file matches %s", untrusted.Quote(arg))
	}
	return found, nil
}

// inFolder finds the files of a folder: its YAML files, and files with sescheck's
// usual names in the folders below.
func inFolder(folder string) ([]string, error) {
	found, err := untrusted.Files(folder, func(name string, isFolder bool) bool {
		if base := path.Base(name); base != name {
			return isFolder || base == Names[0] || base == Names[1]
		}
		return isFolder || path.Ext(name) == ".yaml" || path.Ext(name) == ".yml"
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", untrusted.Quote(folder), err)
	case len(found) == 0:
		return nil, fmt.Errorf("there is no *.yaml or *.yml in %s, and no %s in its subfolders; name files with a glob, such as %s", untrusted.Quote(folder), Names[0], untrusted.Quote(path.Join(filepath.ToSlash(folder), "**/*.yaml")))
	}
	return found, nil
}

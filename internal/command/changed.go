package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// unchanged finds the domains whose part of their file is the same as in a
// revision of the git repository around it. What a domain has from `defaults`
// is its part, too: where they changed, every domain of the file did. Without a
// revision to compare with, nothing is unchanged.
func unchanged(f *config.File, find revision) (map[record.Name]bool, error) {
	before := map[string]map[record.Name]string{}
	now := map[string]map[record.Name]string{}
	same := map[record.Name]bool{}
	for i := range f.Domains {
		d := &f.Domains[i]
		path := d.Place.File
		if now[path] == nil {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", untrusted.Line(path), err)
			}
			old, compared, err := find.file(path)
			if err != nil || !compared {
				return nil, err
			}
			now[path], before[path] = parts(path, string(text)), parts(path, old)
		}
		if old, ok := before[path][d.Name]; ok && old == now[path][d.Name] {
			same[d.Name] = true
		}
	}
	return same, nil
}

// parts are the texts that say something of each domain of a file: its own
// lines, and the defaults. A file that cannot be read has none.
func parts(name, text string) map[record.Name]string {
	f, problems := config.Parse(name, []byte(text))
	if len(problems) > 0 {
		return map[record.Name]string{}
	}
	lines := strings.Split(text, "\n")
	defaults := block(lines, "defaults:")
	all := make(map[record.Name]string, len(f.Domains))
	for _, d := range f.Domains {
		own := lines[d.Place.Line-1 : min(d.Place.EndLine, len(lines))]
		all[d.Name] = strings.TrimSpace(strings.Join(own, "\n")) + "\n" + defaults
	}
	return all
}

// block is a top-level key of a file with all that is indented below it.
func block(lines []string, key string) string {
	var in []string
	for _, l := range lines {
		switch {
		case strings.HasPrefix(l, key):
			in = append(in, l)
		case len(in) > 0 && (strings.HasPrefix(l, " ") || strings.TrimSpace(l) == ""):
			in = append(in, l)
		case len(in) > 0:
			return strings.TrimSpace(strings.Join(in, "\n"))
		}
	}
	return strings.TrimSpace(strings.Join(in, "\n"))
}

// repository is a git repository, read as it lies on disk: neither git nor a
// token is needed.
type repository struct {
	root    string
	objects *filesystem.Storage
}

// openRepository opens the repository that a file is in, and gives the file's
// path there.
func openRepository(path string) (r *repository, relative string, err error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, "", err
	}
	for dir := filepath.Dir(full); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(filepath.Join(dir, ".git")); err == nil && info.IsDir() {
			relative, err := filepath.Rel(dir, full)
			objects := filesystem.NewStorage(osfs.New(filepath.Join(dir, ".git")), cache.NewObjectLRUDefault())
			return &repository{dir, objects}, filepath.ToSlash(relative), err
		}
		if dir == filepath.Dir(dir) {
			return nil, "", fmt.Errorf("%s is in no git repository", untrusted.Line(path))
		}
	}
}

var (
	errNoRevision = errors.New("there is no such branch or tag here, nor a commit by that full hash")
	errNotCloned  = errors.New("that commit is not in this clone; check it out with fetch-depth: 0")
)

// commit finds the commit of a full hash, a branch, a remote's branch, a tag or
// HEAD, perhaps with ~N behind it.
func (r *repository) commit(revision string) (*object.Commit, error) {
	name, back := revision, 0
	if base, n, ok := strings.Cut(revision, "~"); ok {
		name, back = base, 1
		if n != "" {
			var err error
			if back, err = strconv.Atoi(n); err != nil || back < 0 {
				return nil, errors.New("no such revision")
			}
		}
	}
	hash := plumbing.NewHash(name)
	if !plumbing.IsHash(name) {
		var err error
		if hash, err = r.reference(name); err != nil {
			return nil, errNoRevision
		}
	}
	commit, err := object.GetCommit(r.objects, hash)
	if tag, tagErr := object.GetTag(r.objects, hash); err != nil && tagErr == nil {
		commit, err = tag.Commit()
	}
	for ; err == nil && back > 0; back-- {
		commit, err = commit.Parent(0)
	}
	if err != nil {
		return nil, errNotCloned
	}
	return commit, nil
}

func (r *repository) reference(name string) (plumbing.Hash, error) {
	for _, pattern := range plumbing.RefRevParseRules {
		ref, err := storer.ResolveReference(r.objects, plumbing.ReferenceName(fmt.Sprintf(pattern, name)))
		if err == nil {
			return ref.Hash(), nil
		}
	}
	return plumbing.ZeroHash, plumbing.ErrReferenceNotFound
}

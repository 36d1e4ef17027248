package command

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// unchanged returns the domains with the same expectations as in a revision of the
// file's git repository. Values from defaults and anchors count, comments do not.
// Without a revision to compare with, no domain is unchanged.
func unchanged(f *config.File, find revision) (map[record.Name]bool, error) {
	before := map[string]map[record.Name]*config.Domain{}
	same := map[record.Name]bool{}
	for i := range f.Domains {
		d := &f.Domains[i]
		path := d.Place.File
		if before[path] == nil {
			text, compared, err := find.file(path)
			if err != nil || !compared {
				return nil, err
			}
			before[path] = domainsOf(path, text)
		}
		if old := before[path][d.Name]; old != nil && d.Same(old) {
			same[d.Name] = true
		}
	}
	return same, nil
}

// domainsOf returns the domains of a file's text; none if the file has mistakes.
func domainsOf(path, text string) map[record.Name]*config.Domain {
	all := map[record.Name]*config.Domain{}
	if f, problems := config.Parse(path, []byte(text)); len(problems) == 0 {
		for i := range f.Domains {
			all[f.Domains[i].Name] = &f.Domains[i]
		}
	}
	return all
}

// repository is a git repository on disk. Reading it needs neither git nor a token.
type repository struct {
	root    string
	objects store
}

// store holds the objects of a repository. It refuses objects larger than a file
// may be.
type store struct{ *filesystem.Storage }

var errLargeObject = errors.New("the git object there is too large")

// EncodedObject returns an object, after a look at its size.
func (s store) EncodedObject(t plumbing.ObjectType, h plumbing.Hash) (plumbing.EncodedObject, error) {
	if size, err := s.EncodedObjectSize(h); err == nil && size > config.MaxFileSize {
		return nil, errLargeObject
	}
	return s.Storage.EncodedObject(t, h)
}

// openRepository opens the repository of a file, and returns the file's path in it.
func openRepository(path string) (r *repository, relative string, err error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, "", err
	}
	for dir := filepath.Dir(full); ; dir = filepath.Dir(dir) {
		if git := gitFolder(dir); git != nil {
			relative, err := filepath.Rel(dir, full)
			return &repository{dir, store{filesystem.NewStorage(git, cache.NewObjectLRUDefault())}}, filepath.ToSlash(relative), err
		}
		if dir == filepath.Dir(dir) {
			return nil, "", fmt.Errorf("%s is not in a git repository", untrusted.Line(path))
		}
	}
}

// gitFolder returns the git directory of the checkout in dir; nil if dir is not a
// checkout. In submodules and linked worktrees, .git is a file with the path; a
// linked worktree shares branches and objects with the main one.
func gitFolder(dir string) billy.Filesystem {
	at := filepath.Join(dir, ".git")
	info, err := os.Stat(at)
	if err == nil && !info.IsDir() {
		at, err = pointer(at, "gitdir: ", dir)
	}
	if err != nil {
		return nil
	}
	common, err := pointer(filepath.Join(at, "commondir"), "", at)
	if err != nil {
		return osfs.New(at)
	}
	return dotgit.NewRepositoryFilesystem(osfs.New(at), osfs.New(common))
}

const maxPointer = 64 << 10

// pointer returns the path in a file of git, after a prefix. Relative paths start
// at dir.
func pointer(file, word, dir string) (string, error) {
	text, err := untrusted.Read(file, maxPointer)
	path := strings.TrimSpace(strings.TrimPrefix(string(text), word))
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return path, err
}

var (
	errNoRevision = errors.New("there is no such branch, tag or commit here")
	errAmbiguous  = errors.New("several commits begin with this hash; write more of it")
	errNotCloned  = errors.New("that commit is not in this clone; check it out with fetch-depth: 0")
)

// commit returns the commit of a branch, remote branch, tag, HEAD or hash, with an
// optional ^ or ~N.
func (r *repository) commit(revision string) (*object.Commit, error) {
	if base, ok := strings.CutSuffix(revision, "^"); ok {
		revision = base + "~"
	}
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
			hash, err = r.abbreviated(name)
		}
		if err != nil {
			return nil, err
		}
	}
	commit, err := r.commitOf(hash)
	for ; err == nil && back > 0; back-- {
		commit, err = commit.Parent(0)
	}
	if err != nil {
		return nil, errNotCloned
	}
	return commit, nil
}

// commitOf returns a commit, or the commit of an annotated tag.
func (r *repository) commitOf(hash plumbing.Hash) (*object.Commit, error) {
	commit, err := object.GetCommit(r.objects, hash)
	if tag, tagErr := object.GetTag(r.objects, hash); err != nil && tagErr == nil {
		return tag.Commit()
	}
	return commit, err
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

// leastHash is the length of the shortest hash that git accepts.
const leastHash = 4

// abbreviated returns the commit whose hash begins with start.
func (r *repository) abbreviated(start string) (found plumbing.Hash, err error) {
	start = strings.ToLower(start)
	octets, err := hex.DecodeString(start[:len(start)&^1])
	if err != nil || len(start) < leastHash {
		return plumbing.ZeroHash, errNoRevision
	}
	all, err := r.objects.HashesWithPrefix(octets)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	for _, h := range all {
		if _, err := object.GetCommit(r.objects, h); err != nil || !strings.HasPrefix(h.String(), start) {
			continue
		}
		if found != plumbing.ZeroHash {
			return plumbing.ZeroHash, errAmbiguous
		}
		found = h
	}
	if found == plumbing.ZeroHash {
		return found, errNoRevision
	}
	return found, nil
}

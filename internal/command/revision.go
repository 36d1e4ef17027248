package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	pathpkg "path"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// baseOfEvent is the value of --changed-only that stands for what the event of a
// workflow compares with. It needs no token: GitHub puts the event into a file.
const baseOfEvent = "base"

// event is what is read of the file of GITHUB_EVENT_PATH.
type event struct {
	PullRequest *struct {
		Base, Head struct{ SHA string }
	} `json:"pull_request"`
	MergeGroup *struct {
		BaseSHA string `json:"base_sha"`
	} `json:"merge_group"`
}

// revision is what --changed-only was given, and the event if it stands for the
// event's base.
type revision struct {
	name  string
	event *event
}

func readRevision(name string, getenv func(string) string) (revision, error) {
	if name != baseOfEvent || getenv("GITHUB_ACTIONS") != "true" {
		return revision{name: name}, nil
	}
	e, err := readEvent(getenv("GITHUB_EVENT_PATH"))
	if err != nil {
		return revision{}, fmt.Errorf("--changed-only %s: read the event that started the workflow: %w", name, err)
	}
	return revision{name, e}, nil
}

// file is what a file held in the revision; "" if it was not there. It reports
// false where the event has nothing to compare with.
func (rev revision) file(path string) (text string, compared bool, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("--changed-only %s: %w", untrusted.Quote(rev.name), err)
		}
	}()
	repo, relative, err := openRepository(path)
	if err != nil {
		return "", false, err
	}
	commit, err := rev.commit(repo)
	if err != nil || commit == nil {
		return "", false, err
	}
	file, err := commit.File(relative)
	if errors.Is(err, object.ErrFileNotFound) {
		return "", true, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read %s: %w", untrusted.Line(path), err)
	}
	text, err = file.Contents()
	return text, true, err
}

// commit finds the revision; nil where the event has nothing to compare with.
func (rev revision) commit(r *repository) (*object.Commit, error) {
	if rev.event != nil {
		return rev.event.base(r)
	}
	return r.commit(rev.name)
}

// zones are the zones that paths named in the revision, or the folders at the
// paths held.
func (rev revision) zones(ctx context.Context, paths []string) (*source.Zones, error) {
	all := &source.Zones{}
	for _, path := range paths {
		if err := rev.addZones(ctx, all, path); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// addZones adds the zones of one path.
func (rev revision) addZones(ctx context.Context, all *source.Zones, path string) error {
	repo, relative, err := openRepository(filepath.Join(path, "x")) // it may be the root
	if err != nil {
		return err
	}
	commit, err := rev.commit(repo)
	if err != nil {
		return err
	}
	tree, err := commit.Tree()
	if err != nil {
		return err
	}
	relative = pathpkg.Dir(relative)
	if file := fileIn(tree, relative); file != nil {
		return all.AddElsewhere(ctx, []source.Elsewhere{{Path: path, Open: file.Reader}}, true)
	}
	folder := tree
	if relative != "." {
		if folder, err = tree.Tree(relative); errors.Is(err, object.ErrDirectoryNotFound) {
			return nil
		} else if err != nil {
			return err
		}
	}
	var files []source.Elsewhere
	err = folder.Files().ForEach(func(f *object.File) error {
		hidden := strings.HasPrefix(f.Name, ".") || strings.Contains(f.Name, "/.")
		if at := fileIn(tree, pathpkg.Join(relative, f.Name)); at != nil && !hidden {
			files = append(files, source.Elsewhere{Path: filepath.Join(path, filepath.FromSlash(f.Name)), Open: at.Reader})
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return all.AddElsewhere(ctx, files, false)
}

// maxLinks is how many links may lead to a file.
const maxLinks = 8

// fileIn is a file of a commit, or the one that a link there leads to within it;
// nil if there is none.
func fileIn(tree *object.Tree, path string) *object.File {
	for range maxLinks {
		f, err := tree.File(path)
		if err != nil {
			return nil
		}
		if f.Mode != filemode.Symlink {
			return f
		}
		to, err := f.Contents()
		if err != nil || pathpkg.IsAbs(to) {
			return nil
		}
		path = pathpkg.Join(pathpkg.Dir(path), to)
	}
	return nil
}

func readEvent(path string) (*event, error) {
	text, err := untrusted.Read(path, config.MaxFileSize)
	if err != nil {
		return nil, err
	}
	e := new(event)
	return e, json.Unmarshal(text, e)
}

// base finds what an event's change is a change to; nil where the event is no
// pull request, so that everything counts.
//
// What actions/checkout checks out for a pull request is its merge with the base
// branch, made when the event came. Its first parent is that branch, which may
// have gone on since the event's base was noted; against an older commit other
// people's changes would pass for the pull request's. Where the head itself is
// checked out, it is the commit that it branched off from.
func (e *event) base(r *repository) (*object.Commit, error) {
	switch {
	case e.MergeGroup != nil:
		return r.exactly(e.MergeGroup.BaseSHA)
	case e.PullRequest == nil:
		return nil, nil
	}
	here, err := r.commit("HEAD")
	if err != nil {
		return nil, err
	}
	if p := here.ParentHashes; len(p) == 2 && p[1].String() == e.PullRequest.Head.SHA {
		return r.exactly(p[0].String())
	}
	base, err := r.exactly(e.PullRequest.Base.SHA)
	if err != nil {
		return nil, err
	}
	common, err := here.MergeBase(base)
	if err != nil || len(common) == 0 {
		return nil, errShallow
	}
	return common[0], nil
}

var errShallow = errors.New("the base of the pull request is not in this clone; give actions/checkout fetch-depth: 2, or 0 if it checks out anything but the merge")

// exactly is the commit of a hash that an event names.
func (r *repository) exactly(sha string) (*object.Commit, error) {
	if !plumbing.IsHash(sha) {
		return nil, fmt.Errorf("the event has %s in place of a commit", untrusted.Quote(sha))
	}
	commit, err := r.commit(sha)
	if err != nil {
		return nil, errShallow
	}
	return commit, nil
}

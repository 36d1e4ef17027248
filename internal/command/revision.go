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

// baseOfEvent is the value of --changed-only for the base of the workflow's event.
// It needs no token: GitHub writes the event to a file.
const baseOfEvent = "base"

// event is the part of the file of GITHUB_EVENT_PATH that is needed.
type event struct {
	PullRequest *struct {
		Base, Head struct{ SHA string }
	} `json:"pull_request"`
	MergeGroup *struct {
		BaseSHA string `json:"base_sha"`
	} `json:"merge_group"`
}

// revision is the value of --changed-only, with the event for baseOfEvent.
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

// file returns a file's content in the revision; "" if it did not exist. compared
// is false if the event has no base.
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

// commit returns the commit of the revision; nil if the event has no base.
func (rev revision) commit(r *repository) (*object.Commit, error) {
	if rev.event != nil {
		return rev.event.base(r)
	}
	return r.commit(rev.name)
}

// zones returns the zones at paths, as of the revision.
func (rev revision) zones(ctx context.Context, paths []string) (*source.Zones, error) {
	all := &source.Zones{}
	for _, path := range paths {
		if err := rev.addZones(ctx, all, path); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// addZones adds the zones at one path.
func (rev revision) addZones(ctx context.Context, all *source.Zones, path string) error {
	repo, relative, err := openRepository(filepath.Join(path, "x")) // path itself may be the root
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

// maxLinks limits how many links lead to a file.
const maxLinks = 8

// fileIn returns a file of a commit, after links within the commit; nil if there is
// none.
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

// base returns the base of an event's change; nil if the event is not about a pull
// request, so that everything counts as changed.
//
// For a pull request, actions/checkout checks out its merge with the base branch at
// the time of the event. The base is the first parent of that merge: the commit in
// the event may be older, and changes by other people since then would count as
// changes of the pull request. If the head itself is checked out, the base is the
// commit where it branched off.
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

// exactly returns the commit of a hash in an event.
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

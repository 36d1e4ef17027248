package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/sescheck/sescheck/internal/config"
)

// clone is a repository for a workflow's checkout.
type clone struct {
	t    *testing.T
	path string // of the file
	repo *git.Repository
	tree *git.Worktree
}

func newClone(t *testing.T) *clone {
	t.Helper()
	path := commit(t, twoDomains)
	repo, err := git.PlainOpen(filepath.Dir(filepath.Dir(path)))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repo.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	return &clone{t, path, repo, tree}
}

// commit replaces old by text in the file, commits it on top of parents, and checks
// it out.
func (c *clone) commit(old, text string, parents ...plumbing.Hash) plumbing.Hash {
	c.t.Helper()
	now, err := os.ReadFile(c.path)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(c.path, []byte(strings.Replace(string(now), old, text, 1)), 0o644); err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.tree.Add("mail/sescheck.yaml"); err != nil {
		c.t.Fatal(err)
	}
	who := &object.Signature{Name: "t", Email: "t@localhost", When: time.Unix(int64(len(parents)), 0)}
	h, err := c.tree.Commit("x", &git.CommitOptions{Author: who, Parents: parents, AllowEmptyCommits: true})
	if err != nil {
		c.t.Fatal(err)
	}
	return h
}

// graft replaces the parents of the checked-out commit. They need not exist.
func (c *clone) graft(parents ...plumbing.Hash) {
	c.t.Helper()
	head, err := c.repo.Head()
	if err != nil {
		c.t.Fatal(err)
	}
	commit, err := c.repo.CommitObject(head.Hash())
	if err != nil {
		c.t.Fatal(err)
	}
	commit.ParentHashes = parents
	o := c.repo.Storer.NewEncodedObject()
	if err := commit.Encode(o); err != nil {
		c.t.Fatal(err)
	}
	h, err := c.repo.Storer.SetEncodedObject(o)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.repo.Storer.SetReference(plumbing.NewHashReference(head.Name(), h)); err != nil {
		c.t.Fatal(err)
	}
}

// unchanged runs --changed-only base for an event.
func (c *clone) unchanged(event string) (string, error) {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), "event.json")
	if err := os.WriteFile(path, []byte(event), 0o644); err != nil {
		c.t.Fatal(err)
	}
	rev, err := readRevision("base", vars{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": path}.get)
	if err != nil {
		return "", err
	}
	f, problems, err := config.Load([]string{c.path})
	if err != nil || len(problems) > 0 {
		c.t.Fatal(err, problems)
	}
	same, err := unchanged(f, rev)
	var names []string
	for _, d := range f.Domains {
		if same[d.Name] {
			names = append(names, string(d.Name))
		}
	}
	return strings.Join(names, " "), err
}

func pullRequest(base, head plumbing.Hash) string {
	return fmt.Sprintf(`{"number": 1, "pull_request": {"title": "##[error]", "base": {"sha": %q}, "head": {"sha": %q}}}`, base, head)
}

// TestBaseOfMerge: the merge of a pull request is compared with its first parent,
// not with the older commit of the event.
func TestBaseOfMerge(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	old, err := c.repo.ResolveRevision("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	onBase := c.commit("  a.example:\n    mail_from: bounce", "  a.example:\n    mail_from: others", *old)
	merge := "  b.example:\n    mail_from: bounce"
	head := plumbing.NewHash(strings.Repeat("a", 40))
	c.commit(merge, "  b.example:\n    mail_from: mine", onBase, head)
	if same, err := c.unchanged(pullRequest(*old, head)); err != nil || same != "a.example" {
		t.Errorf("unchanged: %q %v", same, err)
	}
}

// TestBaseOfHead: a checked-out head is compared with the commit where it branched
// off.
func TestBaseOfHead(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	fork, err := c.repo.ResolveRevision("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	onBase := c.commit("  a.example:\n    mail_from: bounce", "  a.example:\n    mail_from: others", *fork)
	if err := os.WriteFile(c.path, []byte(twoDomains), 0o644); err != nil {
		t.Fatal(err)
	}
	head := c.commit("  b.example:\n    mail_from: bounce", "  b.example:\n    mail_from: mine", *fork)
	if same, err := c.unchanged(pullRequest(onBase, head)); err != nil || same != "a.example" {
		t.Errorf("unchanged: %q %v", same, err)
	}
}

func TestBaseOfOtherEvents(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	old, err := c.repo.ResolveRevision("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	c.commit("  b.example:\n    mail_from: bounce", "  b.example:\n    mail_from: mine", *old)
	for event, want := range map[string]string{
		fmt.Sprintf(`{"merge_group": {"base_sha": %q}}`, old): "a.example",
		`{"schedule": "17 5 * * *"}`:                          "",
		`{"before": "x", "ref": "refs/heads/main"}`:           "",
	} {
		if same, err := c.unchanged(event); err != nil || same != want {
			t.Errorf("%s: unchanged %q %v, want %q", event, same, err, want)
		}
	}
}

// TestBaseNotCloned: a clone of depth 1 has the merge, but not its parents.
func TestBaseNotCloned(t *testing.T) {
	t.Parallel()
	gone, head := plumbing.NewHash(strings.Repeat("b", 40)), plumbing.NewHash(strings.Repeat("a", 40))
	for name, tt := range map[string]struct{ event, want string }{
		"depth 1":           {pullRequest(gone, head), "give actions/checkout fetch-depth: 2"},
		"depth 1, no merge": {pullRequest(gone, plumbing.NewHash(strings.Repeat("c", 40))), "give actions/checkout fetch-depth: 2, or 0"},
		"merge queue":       {fmt.Sprintf(`{"merge_group": {"base_sha": %q}}`, gone), "give actions/checkout fetch-depth: 2"},
		"no hash":           {`{"merge_group": {"base_sha": "HEAD##[error]x"}}`, `the event has "HEAD#\x23[error]x" in place of a commit`},
		"no event":          {`::error::`, "read the event that started the workflow: invalid character ':'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClone(t)
			c.graft(gone, head)
			if same, err := c.unchanged(tt.event); err == nil || !strings.Contains(err.Error(), "--changed-only") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("unchanged %q, error %v, want %s", same, err, tt.want)
			}
		})
	}
	if _, err := readRevision("base", vars{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": filepath.Join(t.TempDir(), "gone")}.get); err == nil {
		t.Error("an event that is not there is none to compare with")
	}
	if rev, err := readRevision("base", vars{}.get); err != nil || rev.event != nil {
		t.Errorf("elsewhere, base is a branch: %v %v", rev, err)
	}
}

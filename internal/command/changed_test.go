package command

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/sescheck/sescheck/internal/config"
)

const twoDomains = `version: 1
defaults:
  region: eu-west-1
domains:
  a.example:
    mail_from: bounce
  # the second
  b.example:
    mail_from: bounce
`

// commit creates a repository with the file committed, and returns the file's path.
func commit(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "mail", "sescheck.yaml")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	repo, err := git.PlainInit(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repo.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Add("mail/sescheck.yaml"); err != nil {
		t.Fatal(err)
	}
	who := &object.Signature{Name: "t", Email: "t@localhost", When: time.Unix(0, 0)}
	if _, err := tree.Commit("first", &git.CommitOptions{Author: who}); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnchanged(t *testing.T) {
	t.Parallel()
	const before = `version: 1
defaults:
  region: eu-west-1
# of both
  dmarc: none
domains:
  a.example:
    mail_from: &at bounce
    spf: [a.test]
  # the second
  b.example:
    mail_from: *at
`
	for name, c := range map[string]struct{ old, new, want string }{
		"nothing":          {"", "", "a.example b.example"},
		"a value":          {"*at", "mail", "a.example"},
		"an item":          {"[a.test]", "[a.test, b.test]", "b.example"},
		"a key gone":       {"    spf: [a.test]\n", "", "b.example"},
		"another form":     {"[a.test]", "{includes: [a.test]} # the same", "a.example b.example"},
		"what others have": {"&at bounce", "&at mail", ""},
		"a key added":      {"  b.example:\n", "  b.example:\n    dmarc: reject\n", "a.example"},
		"a domain added":   {"domains:\n", "domains:\n  c.example: {dmarc: none}\n", "a.example b.example"},
		"the defaults":     {"region: eu-west-1", "region: us-east-1", ""},
		"a later default":  {"dmarc: none", "dmarc: reject", ""},
		"a day":            {"  b.example:\n", "  b.example:\n    pending_until: 2030-01-01\n", "a.example"},
		"what is silenced": {"version: 1\n", "version: 1\nchecks: {spf-all: off}\n", "a.example b.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := commit(t, before)
			text := strings.Replace(before, c.old, c.new, 1)
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			f, problems := config.Parse(path, []byte(text))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			same, err := unchanged(f, revision{name: "HEAD"})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range f.Domains {
				if same[d.Name] {
					got = append(got, string(d.Name))
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("unchanged: %q, want %q", s, c.want)
			}
		})
	}
}

// TestRevisions: names of the commit before the last, in the checkout, and in a
// worktree below it that has another commit checked out.
func TestRevisions(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	first := c.commit("", "")
	second := c.commit("  b.example:\n    mail_from: bounce", "  b.example:\n    mail_from: mine", first)
	c.commit("  a.example:\n    mail_from: bounce", "  a.example:\n    mail_from: mine", second)
	dir := filepath.Dir(filepath.Dir(c.path))
	other := filepath.Join(dir, "other", "mail", "sescheck.yaml")
	for path, text := range map[string]string{
		other:                               twoDomains,
		filepath.Join(dir, "other", ".git"): "gitdir: ../.git/worktrees/other\n",
		filepath.Join(dir, ".git", "worktrees", "other", "HEAD"):      second.String() + "\n",
		filepath.Join(dir, ".git", "worktrees", "other", "commondir"): "../..\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []struct{ path, name, want string }{
		{c.path, "HEAD", "a.example b.example"},
		{c.path, "HEAD^", "b.example"},
		{c.path, "HEAD~", "b.example"},
		{c.path, "HEAD~2", ""},
		{c.path, "master^", "b.example"},
		{c.path, second.String(), "b.example"},
		{c.path, second.String()[:7], "b.example"},
		{c.path, strings.ToUpper(second.String()[:8]) + "~1", ""},
		{other, "HEAD", "a.example"},
		{other, "HEAD^", "a.example b.example"},
		{other, "master", ""},
	} {
		f, problems, err := config.Load([]string{r.path})
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		same, err := unchanged(f, revision{name: r.name})
		var got []string
		for _, d := range f.Domains {
			if same[d.Name] {
				got = append(got, string(d.Name))
			}
		}
		if s := strings.Join(got, " "); err != nil || s != r.want {
			t.Errorf("%s in %s: unchanged %q %v, want %q", r.name, r.path, s, err, r.want)
		}
	}
}

// TestAmbiguousHash: the common prefix of two commits' hashes names neither.
func TestAmbiguousHash(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	seen := map[string]plumbing.EncodedObject{}
	for i := 0; ; i++ {
		o := c.repo.Storer.NewEncodedObject()
		if err := (&object.Commit{Message: strconv.Itoa(i)}).Encode(o); err != nil {
			t.Fatal(err)
		}
		start := o.Hash().String()[:leastHash]
		other := seen[start]
		if other == nil {
			seen[start] = o
			continue
		}
		for _, o := range []plumbing.EncodedObject{o, other} {
			if _, err := c.repo.Storer.SetEncodedObject(o); err != nil {
				t.Fatal(err)
			}
		}
		r, _, err := openRepository(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.commit(start); !errors.Is(err, errAmbiguous) {
			t.Errorf("%s, as %s and %s begin: %v", start, o.Hash(), other.Hash(), err)
		}
		if got, err := r.commit(o.Hash().String()[:20]); err != nil || got.Hash != o.Hash() {
			t.Errorf("%s: %v", o.Hash(), err)
		}
		return
	}
}

func TestNoSuchRevision(t *testing.T) {
	t.Parallel()
	path := commit(t, twoDomains)
	f, _ := config.Parse(path, []byte(twoDomains))
	for name, want := range map[string]string{
		"nope":                  `--changed-only "nope": there is no such branch, tag or commit here`,
		"HEAD~3":                `--changed-only "HEAD~3": that commit is not in this clone; check it out with fetch-depth: 0`,
		"HEAD~x":                `--changed-only "HEAD~x": no such revision`,
		strings.Repeat("0", 40): "that commit is not in this clone",
		"deadbeef":              "there is no such branch, tag or commit here",
		"abc":                   "no such branch, tag or commit",
		"##[error]x":            `--changed-only "#\x23[error]x": there is no such`,
	} {
		if _, err := unchanged(f, revision{name: name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	outside := filepath.Join(t.TempDir(), "sescheck.yaml")
	if err := os.WriteFile(outside, []byte(twoDomains), 0o644); err != nil {
		t.Fatal(err)
	}
	f, _ = config.Parse(outside, []byte(twoDomains))
	if _, err := unchanged(f, revision{name: "HEAD"}); err == nil || !strings.Contains(err.Error(), "is not in a git repository") {
		t.Errorf("outside of a repository: %v", err)
	}
}

package untrusted_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// said is what a file holds, or why it is not read.
func said(path string) string {
	data, err := untrusted.Read(path, 100)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(data)
}

// ways are the ways to write a path of the working directory.
func ways(t *testing.T, path string) []string {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return []string{path, "./" + path, filepath.Join(here, path), filepath.Join("..", filepath.Base(here), path), here + "/sub/../" + path}
}

const (
	outOfHere = "error: it leads out of the working directory; name the file that the link points to"
	outOfRepo = "error: it leads out of the repository; name the file that the link points to"
)

// TestOpenLinks: a link in a checkout leads to files of that checkout, however
// its path is written, and not to what git keeps there.
func TestOpenLinks(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder(t, map[string]string{
		"file": "text", "sub/file": "below", "sub/up": "-> ../file", "beside": "-> file", "twice": "-> beside", "folder": "-> sub", "here": "-> .",
		"out": "-> " + secret, "up": "-> ../../../../../../../../../etc/hostname", "outside": "-> " + outside, "gone": "-> nowhere", "deep": "-> here/here/here/sub/up",
		".git/config": "token", "token": "-> .git/config", "git": "-> .git", "sub/token": "-> ../.git/config", "a": "-> b", "b": "-> a",
		"root": "-> /", "self/x": "-> x", "dots": "-> sub/../sub/.././file", "null": "-> /dev/null", "stdin": "-> /dev/stdin", "proc": "-> /proc/self/environ",
	})
	for path, want := range map[string]string{
		"file": "text", "sub/file": "below", "sub/up": "text", "beside": "text", "twice": "text", "folder/file": "below", "here/here/sub/file": "below", "deep": "text", "dots": "text",
		"out": outOfHere, "up": outOfHere, "outside/secret": outOfHere, "root/etc/hostname": outOfHere, "here/out": outOfHere, "here/here/outside/secret": outOfHere,
		"token": outOfHere, "git/config": outOfHere, "sub/token": outOfHere, "folder/token": outOfHere,
		"null": outOfHere, "stdin": outOfHere, "proc": outOfHere,
		".git/config": "token",
		"gone":        "error: no such file or directory", "nowhere": "error: no such file or directory",
		"a": "error: its links form a loop", "self/x": "error: its links form a loop",
		"sub": "error: it is not a regular file", "folder": "error: it is not a regular file", ".": "error: it is not a regular file",
	} {
		for _, path := range ways(t, path) {
			if got := said(path); got != want {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
	}
	if got := said(secret); got != "secret" {
		t.Errorf("a file elsewhere that was named itself: %s", got)
	}
}

// TestOpenElsewhere: what is outside of the working directory and lies in a
// repository is a checkout, too; what lies in none is the user's own.
func TestOpenElsewhere(t *testing.T) {
	world := t.TempDir()
	t.Chdir(world)
	folderIn(t, world, map[string]string{
		"secret": "secret", "fork/.git/HEAD": "ref", "fork/sub/file": "text", "fork/out": "-> ../secret", "fork/in": "-> sub/file", "fork/nested/.git": "gitdir: x",
		"fork/nested/up": "-> ../sub/file", "fork/nested/file": "deep", "fork/via": "-> nested/file",
		"config/current": "-> v1", "config/v1/file": "mine", "config/file": "-> current/file", "config/up": "-> ../secret", "mine": "-> fork", "here/x": "",
	})
	t.Chdir("here")
	for path, want := range map[string]string{
		"../fork/in": "text", "../fork/out": outOfRepo, "../fork/nested/up": outOfRepo, "../fork/nested/file": "deep", "../fork/via": "deep",
		"../config/file": "mine", "../config/up": "secret",
		"../mine/in": "text", "../mine/out": outOfRepo,
		"../secret": "secret",
	} {
		for _, path := range []string{path, filepath.Join(world, "here", path)} {
			if got := said(path); got != want {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
	}
	t.Chdir("../fork/sub")
	for path, want := range map[string]string{"file": "text", "../in": "text", "../out": outOfRepo, "../../secret": "secret"} {
		if got := said(path); got != want {
			t.Errorf("from below, %s: %s, want %s", path, got, want)
		}
	}
}

// TestOpenStream: the user may name what is open already, as the shell does.
func TestOpenStream(t *testing.T) {
	if _, err := os.Stat("/dev/fd"); err != nil {
		t.Skip("there is no /dev/fd here")
	}
	t.Chdir(t.TempDir())
	for _, form := range []string{"/dev/fd/%d", "/proc/self/fd/%d"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "piped"); err != nil {
			t.Fatal(err)
		}
		_ = w.Close()
		path := fmt.Sprintf(form, r.Fd())
		if _, err := os.Stat(path); err == nil {
			if got := said(path); got != "piped" {
				t.Errorf("%s: %s", path, got)
			}
		}
		_ = r.Close()
	}
	for _, path := range []string{"/dev/zero", "/dev/fd", "/dev/fd/..", "/dev/../dev/zero"} {
		if got := said(path); got != "error: it is not a regular file" {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestRead(t *testing.T) {
	folder(t, map[string]string{"just": strings.Repeat("x", 100), "over": strings.Repeat("x", 101)})
	if got := said("just"); len(got) != 100 {
		t.Errorf("%s", got)
	}
	if got := said("over"); got != "error: it is larger than 100 bytes" {
		t.Errorf("%s", got)
	}
	for most, want := range map[int64]string{5 << 10: "5 KiB", 64 << 20: "64 MiB"} {
		if err := os.Truncate("over", most+1); err != nil {
			t.Fatal(err)
		}
		if _, err := untrusted.Read("over", most); err == nil || err.Error() != "it is larger than "+want {
			t.Errorf("%v", err)
		}
	}
}

// yaml wants the files that end so, in any folder.
func yaml(name string, isFolder bool) bool { return isFolder || strings.HasSuffix(name, ".yaml") }

// TestFiles: links to folders go round, and are not followed.
func TestFiles(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "x.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"mail/x.yaml": "", "mail/y.yaml/z.yaml": "", "mail/deep/er/x.yaml": "", "mail/link.yaml": "-> x.yaml", "mail/gone.yaml": "-> nowhere", "mail/folder.yaml": "-> deep",
		"mail/a": "-> .", "mail/b": "-> .", "mail/deep/up": "-> ../..", "mail/out": "-> " + outside, "mail/.git/x.yaml": "", "to": "-> mail", "away": "-> " + outside,
	}
	folder(t, files)
	inMail := []string{"deep/er/x.yaml", "gone.yaml", "link.yaml", "x.yaml", "y.yaml/z.yaml"}
	for dir, want := range map[string]string{"mail": "", "to": "", "away": outOfHere, "mail/x.yaml": "error: ", "nowhere": "error: "} {
		got, err := untrusted.Files(dir, yaml)
		if want != "" {
			if err == nil || !strings.HasPrefix("error: "+err.Error(), want) {
				t.Errorf("%s: %q, %v", dir, got, err)
			}
			continue
		}
		for i := range got {
			got[i], _ = filepath.Rel(dir, got[i])
			got[i] = filepath.ToSlash(got[i])
		}
		if err != nil || !slices.Equal(got, inMail) {
			t.Errorf("%s: %q, %v", dir, got, err)
		}
	}
	for pattern, want := range map[string]string{
		"mail/**/*.yaml":      "mail/deep/er/x.yaml mail/gone.yaml mail/link.yaml mail/x.yaml mail/y.yaml/z.yaml",
		"mail/*.yaml":         "mail/gone.yaml mail/link.yaml mail/x.yaml",
		"*/x.yaml":            "mail/x.yaml",
		"to/*/er/*.yaml":      "to/deep/er/x.yaml",
		"**/x.yaml":           "mail/deep/er/x.yaml mail/x.yaml",
		"*/deep/**/x.yaml":    "mail/deep/er/x.yaml",
		"{mail,to}/x.yaml":    "mail/x.yaml",
		"mail/{x,deep/*/x}.*": "mail/deep/er/x.yaml mail/x.yaml",
		"mail/?.yaml":         "mail/x.yaml",
		"nowhere/*.yaml":      "",
		"mail/a/**":           "mail/a/gone.yaml",
	} {
		got, err := untrusted.Glob(pattern)
		if pattern == "mail/a/**" { // a link that was named is followed
			got = slices.DeleteFunc(got, func(s string) bool { return filepath.ToSlash(s) != want })
		}
		if err != nil || filepath.ToSlash(strings.Join(got, " ")) != want {
			t.Errorf("%s: %q, %v", pattern, got, err)
		}
	}
	if _, err := untrusted.Glob("away/*"); err == nil || "error: "+err.Error() != outOfHere {
		t.Errorf("a glob behind a link out of the checkout: %v", err)
	}
	if _, err := untrusted.Glob("["); !errors.Is(err, untrusted.ErrNoGlob) {
		t.Errorf("%v", err)
	}
}

// TestFilesBounds: a folder without end has one.
func TestFilesBounds(t *testing.T) {
	t.Chdir(t.TempDir())
	deep := strings.Repeat("d/", untrusted.MaxLevels)
	if err := os.MkdirAll(deep+"d", 0o755); err != nil {
		t.Skip(err)
	}
	if _, err := untrusted.Files(".", yaml); err == nil || !strings.Contains(err.Error(), "more than 100 levels deep") {
		t.Errorf("%v", err)
	}
	if err := os.Remove(deep + "d"); err != nil {
		t.Fatal(err)
	}
	if got, err := untrusted.Files(".", yaml); err != nil || len(got) > 0 {
		t.Errorf("%q, %v", got, err)
	}
}

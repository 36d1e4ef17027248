package untrusted_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/untrusted"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// folder is a new working directory with files and links in it; a link is
// written "-> target".
func folder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	folderIn(t, ".", files)
}

func folderIn(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, link := strings.CutPrefix(content, "-> "); link {
			if err := os.Symlink(target, name); err != nil {
				t.Skip("no symbolic links here:", err)
			}
			continue
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// left are the files below the working directory, with their contents or where
// they lead to.
func left(t *testing.T) (all []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if d.Type()&fs.ModeSymlink != 0 {
			target, e := os.Readlink(path)
			content, err = []byte("-> "+target), e
		}
		all = append(all, filepath.ToSlash(path)+": "+string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestReplace: a file is new as a whole, and keeps its mode.
func TestReplace(t *testing.T) {
	folder(t, map[string]string{"mine": "old", "all": "old"})
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{"mine": 0o600, "all": 0o666} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"mine", "all", "new", "a/b/new", filepath.Join(here, "c", "new"), filepath.Join(t.TempDir(), "d", "new")} {
		if err := untrusted.Replace(path, text(path)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != path {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if got := left(t); len(got) != 5 {
		t.Errorf("left is %q", got)
	}
	if runtime.GOOS == "windows" {
		return // there are no such modes
	}
	for name, mode := range map[string]fs.FileMode{"mine": 0o600, "all": 0o666} {
		if info, err := os.Stat(name); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, want %v", name, info.Mode(), mode)
		}
	}
}

// TestReplaceFails: what cannot be written leaves all as it was.
func TestReplaceFails(t *testing.T) {
	folder(t, map[string]string{"old": "old", "sub/file": "old"})
	before := left(t)
	for path, c := range map[string]struct {
		write func(io.Writer) error
		want  string
	}{
		"old": {func(w io.Writer) error {
			return errors.Join(text("half of it")(w), errors.New("no more"))
		}, "no more"},
		"new": {func(io.Writer) error { return errors.New("nothing") }, "nothing"},
		"sub": {text("new"), "it is a folder; name a file"},
		".":   {text("new"), "it is a folder; name a file"},
	} {
		if err := untrusted.Replace(path, c.write); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", path, err, c.want)
		}
	}
	if err := untrusted.Replace("old/new", text("new")); err == nil {
		t.Error("a file was taken for a folder")
	}
	if got := left(t); !slices.Equal(got, before) {
		t.Errorf("got %q, want %q", got, before)
	}
}

// TestReplaceLinks: a link decides neither what is written nor where, and stays
// a link.
func TestReplaceLinks(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder(t, map[string]string{
		"file": "old", "sub/file": "old", "beside": "-> file", "out": "-> " + secret, "up": "-> ../../../../../../etc/hostname", "gone": "-> nowhere",
		"folder": "-> sub", "outside": "-> " + outside, "sub/deep": "-> ../sub", "device": "-> /dev/null", "here": "-> .",
	})
	if err := os.Symlink(secret, filepath.Join(outside, "link")); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	before := left(t)
	for _, path := range []string{"beside", "out", "up", "gone", "folder/file", "outside/secret", "outside/new", "sub/deep/file", "device", "here/file", "here/here/new"} {
		for _, path := range []string{path, filepath.Join(here, path), filepath.Join("..", filepath.Base(here), path)} {
			err := untrusted.Replace(path, text("new"))
			if err == nil || !strings.HasPrefix(err.Error(), "it is a link or behind one") {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	if err := untrusted.Replace(filepath.Join(outside, "link"), text("new")); err == nil {
		t.Error("a link outside of the working directory was followed, or replaced")
	}
	if got := left(t); !slices.Equal(got, before) {
		t.Errorf("got %q\nwant %q", got, before)
	}
	if got, err := os.ReadFile(secret); err != nil || string(got) != "secret" {
		t.Errorf("the file outside is %q, %v", got, err)
	}
}

// TestReplaceStream: a stream that the user named is written to, and stays one. A
// link to it is a link as any.
func TestReplaceStream(t *testing.T) {
	if _, err := os.Stat("/dev/null"); err != nil {
		t.Skip("no devices here")
	}
	link := filepath.Join(t.TempDir(), "null")
	if err := os.Symlink("/dev/null", link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	t.Chdir(t.TempDir())
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, path := range []string{"/dev/null", fmt.Sprintf("/dev/fd/%d", w.Fd())} {
		if err := untrusted.Replace(path, text("x")); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := untrusted.Replace(link, text("x")); err == nil || !strings.HasPrefix(err.Error(), "it is a link") {
		t.Errorf("%v", err)
	}
	_ = w.Close()
	if got, err := io.ReadAll(r); string(got) != "x" {
		t.Errorf("the pipe got %q, %v", got, err)
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode().IsRegular() {
		t.Errorf("/dev/null is a file now, %v", err)
	}
}

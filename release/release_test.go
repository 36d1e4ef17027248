package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const changelog = `# Changelog

## Unreleased

- Later.

## 1.2.3 - 2026-12-01

- One.
- Two.

## 1.2.2 - 2026-11-01

- Before.
`

func TestSection(t *testing.T) {
	t.Parallel()
	notes, date, err := section(changelog, "1.2.3")
	if err != nil || notes != "- One.\n- Two.\n" || !date.Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%q %s %v", notes, date, err)
	}
	for version, why := range map[string]string{"1.2": "no section", "1.2.4": "no section", "1x2.3": "no section"} {
		if _, _, err := section(changelog, version); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", version, err)
		}
	}
	if _, _, err := section("## 1.0.0 - 2026-12-01\n\n## 0.9.0 - 2026-11-01\n", "1.0.0"); err == nil {
		t.Error("a release that nothing is said about")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"", "v1.2.3", "1.2", "1.2.3 -X main.x=y", "../x"} {
		if err := run(v, filepath.Join(t.TempDir(), "dist"), ""); err == nil || !strings.Contains(err.Error(), "give a version") {
			t.Errorf("%q: %v", v, err)
		}
	}
}

// TestToolchain: everything that builds a release names the same Go.
func TestToolchain(t *testing.T) {
	t.Parallel()
	for path, form := range map[string]string{
		"../.ci/release": "GOTOOLCHAIN=" + toolchain + " go build -o \"$work/release\" ./release", "../docs/release.md": "GOTOOLCHAIN=" + toolchain,
		"../.github/workflows/release.yml": "go-version: " + strings.TrimPrefix(toolchain, "go") + "\n",
		"../.github/workflows/pages.yml":   "go-version: " + strings.TrimPrefix(toolchain, "go") + "\n",
	} {
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), form) || strings.Count(string(text), "GOTOOLCHAIN=") != strings.Count(string(text), "GOTOOLCHAIN="+toolchain) {
			t.Errorf("%s does not build with %s: %v", path, toolchain, err)
		}
	}
}

// TestBaseImage: the image's base cannot be moved to another one, has the Go of
// releases, and fetches no other.
func TestBaseImage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`(?m)^ARG GO_IMAGE=golang:` + regexp.QuoteMeta(strings.TrimPrefix(toolchain, "go")) + `@sha256:[0-9a-f]{64}$`)
	if !pinned.Match(text) || !strings.Contains(string(text), " GOTOOLCHAIN=local go build ") {
		t.Errorf("the Dockerfile's base image is not pinned, or has another toolchain than %s", toolchain)
	}
	for from := range strings.Lines(string(text)) {
		if base, ok := strings.CutPrefix(from, "FROM "); ok && base != "${GO_IMAGE} AS build\n" && base != "scratch\n" {
			t.Errorf("another base image: %s", base)
		}
	}
}

// TestSums: the published sums are of files only, and those of a commit also of the
// programs, which setup/ checks.
func TestSums(t *testing.T) {
	t.Parallel()
	r := &release{version: "1.2.3", out: t.TempDir()}
	if err := r.asset("a.tar.gz", []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := r.writeSums(map[platform][]byte{}); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(r.out, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	files := read("checksums.txt")
	if want := hash([]byte("a")) + "  a.tar.gz\n"; files != want {
		t.Errorf("%q, not %q", files, want)
	}
	if all := read("commit/setup/checksums.txt"); !strings.HasPrefix(all, files) || strings.Count(all, "\n") != 1+len(platforms) || !strings.Contains(all, "  sescheck_1.2.3_windows_arm64/sescheck.exe\n") {
		t.Error(all)
	}
}

// TestSerial: the serial number is a UUID (RFC 9562, version 8) and depends on the
// program alone.
func TestSerial(t *testing.T) {
	t.Parallel()
	a, b := serial([]byte("a")), serial([]byte("b"))
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(a) || a == b || a != serial([]byte("a")) {
		t.Error(a, b)
	}
}

// TestDependabot: updates are proposed for every module of this repository.
func TestDependabot(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../.github/dependabot.yml")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if err != nil || d.Name() != "go.mod" {
			return err
		}
		found++
		dir := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "..")
		if !regexp.MustCompile(`gomod\n    directories: \[(?:[^\]]*, )?/` + regexp.QuoteMeta(strings.TrimPrefix(dir, "/")) + `[,\]]`).Match(text) {
			t.Errorf("%s/go.mod is missing", dir)
		}
		return nil
	})
	if err != nil || found < 2 {
		t.Errorf("%d modules: %v", found, err)
	}
}

// TestCommitted: the lines that a release changes are there, once.
func TestCommitted(t *testing.T) {
	t.Chdir("..")
	r := &release{version: "1.2.3", out: t.TempDir()}
	for path, line := range map[string]*regexp.Regexp{"action.yml": imageLine, "templates/sescheck.yml": componentLine} {
		if err := r.committed(path, line, "  image: $0"); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(r.out, "commit", path))
		if err != nil || strings.Count(string(text), "\n  image: $0\n") != 1 {
			t.Errorf("%s: %v\n%s", path, err, text)
		}
	}
}

// TestManifests: every manifest names every archive with its sum, and none that is
// not made.
func TestManifests(t *testing.T) {
	t.Parallel()
	r := &release{version: "1.2.3", date: time.Unix(0, 0).UTC(), out: t.TempDir()}
	for _, p := range platforms {
		a := about{Version: r.version}
		if err := r.asset(a.File(p.os, p.arch), []byte(p.os+p.arch)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.manifests(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"packaging/homebrew/sescheck.rb": "darwin amd64, darwin arm64, linux amd64, linux arm64",
		"packaging/nix/sescheck.nix":     "darwin amd64, darwin arm64, linux amd64, linux arm64, linux armv6, linux armv7",
		"packaging/scoop/sescheck.json":  "windows amd64, windows arm64",
		"packaging/winget/manifests/s/sescheck/sescheck/1.2.3/sescheck.sescheck.installer.yaml": "windows amd64, windows arm64",
		"install.sh": "darwin amd64, darwin arm64, freebsd amd64, freebsd arm64, linux amd64, linux arm64, linux armv6, linux armv7",
	} {
		text, err := os.ReadFile(filepath.Join(r.out, path))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range platforms {
			if strings.Contains(strings.ToLower(string(text)), hash([]byte(p.os+p.arch))) {
				got = append(got, p.os+" "+p.arch)
			}
		}
		slices.Sort(got)
		if strings.Join(got, ", ") != want {
			t.Errorf("%s has %v, not %s", path, got, want)
		}
		if strings.Contains(string(text), "{{") || !strings.Contains(string(text), "1.2.3") {
			t.Errorf("%s:\n%s", path, text)
		}
	}
}

// TestDocuments: what is beside the program in an archive, which is all that a
// user has offline, and the licences that must not be missing.
func TestDocuments(t *testing.T) {
	t.Chdir("..")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	r := &release{version: "1.2.3", date: time.Unix(0, 0).UTC(), work: t.TempDir()}
	entries, err := r.documents(map[platform][]byte{here: program})
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]string{}
	for _, e := range entries {
		held[e.name] = string(e.content)
	}
	for name, needle := range map[string]string{
		"LICENSE": "MIT License", "README.md": "# sescheck", "NOTICES": "github.com/miekg/dns v1.", "completions/sescheck.bash": "__complete", "completions/_sescheck": "#compdef sescheck",
		"completions/sescheck.fish": "complete -c sescheck", "completions/sescheck.ps1": "Register-ArgumentCompleter", "man/sescheck.1": `.TH "SESCHECK" "1"`, "man/sescheck-check.1": "fail-on",
	} {
		if !strings.Contains(held[name], needle) {
			t.Errorf("%s has no %q: %.300s", name, needle, held[name])
		}
	}
	if _, ok := held["man/sescheck-action.1"]; ok {
		t.Error("a hidden command has a page")
	}
	for _, needle := range []string{"The Go programming language, " + toolchain, certificatesModule, "github.com/spf13/cobra", "\nRedistribution and use in source", "Apache License\n"} {
		if !strings.Contains(held["NOTICES"], needle) {
			t.Errorf("NOTICES has no %s", needle)
		}
	}
}

// TestZip: Windows gets the same files, and the same bytes each time.
func TestZip(t *testing.T) {
	t.Parallel()
	entries := []entry{{"sescheck.exe", 0o755, []byte("program")}, {"man/", 0o755, nil}, {"man/x.1", 0o644, []byte("page")}}
	one, err := zipped(time.Unix(1e9, 0).UTC(), entries...)
	two, _ := zipped(time.Unix(1e9, 0).UTC(), entries...)
	if err != nil || !bytes.Equal(one, two) {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil || len(z.File) != 3 || z.File[0].Name != "sescheck.exe" || z.File[2].UncompressedSize64 != 4 || !z.File[0].Modified.Equal(time.Unix(1e9, 0)) {
		t.Errorf("%+v %v", z, err)
	}
}

func TestStill(t *testing.T) {
	t.Parallel()
	in := `{"metadata": {"timestamp": "now", "tools": [{"name": "x", "hashes": [1]}]}, "components": [{"name": "y", "hashes": [2]}]}`
	out, err := still(decoded(t, in), time.Unix(0, 0).UTC())
	if err != nil || strings.Contains(string(out), "now") || strings.Contains(string(out), "1,") || !strings.Contains(string(out), "1970-01-01T00:00:00Z") || strings.Count(string(out), "hashes") != 1 {
		t.Errorf("%s %v", out, err)
	}
}

func decoded(t *testing.T, text string) (list map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestLicense: a list gets the licences that an earlier one has, and says so unless it
// has a component that no earlier one has.
func TestLicense(t *testing.T) {
	t.Parallel()
	const (
		plain = `{"components": [{"bom-ref": "a", "purl": "a?goos=windows"}, {"bom-ref": "std"}]}`
		more  = `{"components": [{"bom-ref": "a"}, {"bom-ref": "b"}]}`
		found = `{"components": [{"bom-ref": "a", "purl": "a?goos=linux", "evidence": {"licenses": ["MIT"]}}, {"bom-ref": "std"}]}`
	)
	r := &release{}
	if r.license(decoded(t, plain)) {
		t.Error("licences are known before any list was made")
	}
	r.learn(decoded(t, found))
	list := decoded(t, plain)
	if !r.license(list) {
		t.Error("the licences of a list are not known for another with the same components")
	}
	if got, _ := json.Marshal(list); string(got) != `{"components":[{"bom-ref":"a","evidence":{"licenses":["MIT"]},"purl":"a?goos=windows"},{"bom-ref":"std"}]}` {
		t.Errorf("%s", got)
	}
	if r.license(decoded(t, more)) {
		t.Error("the licences of b are not known")
	}
}

// TestImage reads both images as a registry does: by digests, from the index down.
func TestImage(t *testing.T) {
	t.Parallel()
	beside := []entry{{"LICENSE", 0o644, []byte("licence")}, {"NOTICES", 0o644, []byte("notices")}, {"README.md", 0o644, []byte("no")}}
	programs, shells := map[platform][]byte{}, map[platform][]entry{}
	for _, p := range platforms {
		programs[p] = []byte("the program for " + p.arch)
		shells[p] = []entry{{"bin/", 0o755, nil}, {"bin/busybox", 0o755, []byte("BusyBox for " + p.arch)}, {"bin/sh", link, []byte("busybox")}}
	}
	for kind, shells := range map[string]map[platform][]entry{"image": nil, "image-busybox": shells} {
		make := func() (string, map[string][]byte) {
			r := &release{version: "1.2.3", date: time.Unix(0, 0).UTC(), out: t.TempDir()}
			name, err := r.image(kind, programs, beside, shells)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(r.out, "sescheck_1.2.3_"+kind+".tar"))
			if err != nil {
				t.Fatal(err)
			}
			return name, unpack(t, bytes.NewReader(text))
		}
		name, files := make()
		if again, _ := make(); again != name {
			t.Errorf("%s, and then %s", name, again)
		}
		readImage(t, files, name, shells != nil)
	}
}

func readImage(t *testing.T, files map[string][]byte, name string, shell bool) {
	t.Helper()
	blob := func(d descriptor) []byte {
		content, ok := files["blobs/sha256/"+strings.TrimPrefix(d.Digest, "sha256:")]
		if !ok || digest(content) != d.Digest || len(content) != d.Size {
			t.Fatalf("%+v: no such blob", d)
		}
		return content
	}
	parse := func(text []byte) (m manifest) {
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	top := parse(files["index.json"])
	if len(top.Manifests) != 1 || top.Manifests[0].Digest != name {
		t.Fatalf("index.json names %+v, not %s", top.Manifests, name)
	}
	index := parse(blob(top.Manifests[0]))
	if len(index.Manifests) != 2 {
		t.Fatalf("%d architectures", len(index.Manifests))
	}
	for _, d := range index.Manifests {
		m := parse(blob(d))
		var config struct {
			Architecture string
			Config       struct{ Entrypoint, Cmd []string }
			RootFS       struct {
				DiffIDs []string `json:"diff_ids"`
			}
		}
		if err := json.Unmarshal(blob(*m.Config), &config); err != nil {
			t.Fatal(err)
		}
		layer := gunzip(t, blob(m.Layers[0]))
		if digest(layer) != config.RootFS.DiffIDs[0] || config.Architecture != d.Platform["architecture"] {
			t.Errorf("%+v does not fit its layer", config)
		}
		want := "[/sescheck] []"
		if shell {
			want = "[] [/bin/sh]"
		}
		if got := fmt.Sprint(config.Config.Entrypoint, config.Config.Cmd); got != want {
			t.Errorf("starts %s, not %s", got, want)
		}
		held := unpack(t, bytes.NewReader(layer))
		if got := string(held["sescheck"]); got != "the program for "+config.Architecture {
			t.Errorf("%s: %q", config.Architecture, got)
		}
		if got := string(held["usr/share/doc/sescheck/LICENSE"]) + string(held["usr/share/doc/sescheck/NOTICES"]); got != "licencenotices" {
			t.Errorf("licences: %q", got)
		}
		files := 4
		if shell {
			files += 2
			if string(held["bin/busybox"]) != "BusyBox for "+config.Architecture || string(held["bin/sh"]) != "-> busybox" {
				t.Errorf("the shell is %q", held["bin/busybox"])
			}
		}
		if n := bytes.Count(held["etc/ssl/certs/ca-certificates.crt"], []byte("BEGIN CERTIFICATE")); n < 100 || len(held) != files {
			t.Errorf("%d certificates, %d files", n, len(held))
		}
	}
}

func gunzip(t *testing.T, content []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// unpack reads the files of an archive; folders hold nothing.
func unpack(t *testing.T, r io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		switch h.Typeflag {
		case tar.TypeReg:
			files[h.Name] = content
		case tar.TypeSymlink:
			files[h.Name] = []byte("-> " + h.Linkname)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" {
			t.Errorf("%s belongs to somebody: %+v", h.Name, h)
		}
	}
}

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
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
		if err := run(v, filepath.Join(t.TempDir(), "dist")); err == nil || !strings.Contains(err.Error(), "give a version") {
			t.Errorf("%q: %v", v, err)
		}
	}
}

// TestToolchain: everything that builds a release names the same Go.
func TestToolchain(t *testing.T) {
	t.Parallel()
	for path, form := range map[string]string{
		"../.ci/release": "GOTOOLCHAIN=" + toolchain + " go run ./release", "../docs/release.md": "GOTOOLCHAIN=" + toolchain,
		"../.github/workflows/release.yml": "go-version: " + strings.TrimPrefix(toolchain, "go") + "\n",
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

func TestStill(t *testing.T) {
	t.Parallel()
	in := `{"metadata": {"timestamp": "now", "tools": [{"name": "x", "hashes": [1]}]}, "components": [{"name": "y", "hashes": [2]}]}`
	out, err := still([]byte(in), time.Unix(0, 0).UTC())
	if err != nil || strings.Contains(string(out), "now") || strings.Contains(string(out), "1,") || !strings.Contains(string(out), "1970-01-01T00:00:00Z") || strings.Count(string(out), "hashes") != 1 {
		t.Errorf("%s %v", out, err)
	}
}

// TestImage reads the image as a registry does: by digests, from the index down.
func TestImage(t *testing.T) {
	t.Parallel()
	programs := map[platform][]byte{}
	for _, p := range platforms {
		programs[p] = []byte("the program for " + p.arch)
	}
	make := func() (string, map[string][]byte) {
		r := &release{version: "1.2.3", date: time.Unix(0, 0).UTC(), out: t.TempDir()}
		name, err := r.image(programs)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(r.out, "sescheck_1.2.3_image.tar"))
		if err != nil {
			t.Fatal(err)
		}
		return name, unpack(t, bytes.NewReader(text))
	}
	name, files := make()
	if again, _ := make(); again != name {
		t.Errorf("%s, and then %s", name, again)
	}
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
			Config       struct{ Entrypoint []string }
			RootFS       struct {
				DiffIDs []string `json:"diff_ids"`
			}
		}
		if err := json.Unmarshal(blob(*m.Config), &config); err != nil {
			t.Fatal(err)
		}
		layer := gunzip(t, blob(m.Layers[0]))
		if digest(layer) != config.RootFS.DiffIDs[0] || config.Architecture != d.Platform["architecture"] || config.Config.Entrypoint[0] != "/sescheck" {
			t.Errorf("%+v does not fit its layer", config)
		}
		held := unpack(t, bytes.NewReader(layer))
		if got := string(held["sescheck"]); got != "the program for "+config.Architecture {
			t.Errorf("%s: %q", config.Architecture, got)
		}
		if n := bytes.Count(held["etc/ssl/certs/ca-certificates.crt"], []byte("BEGIN CERTIFICATE")); n < 100 || len(held) != 2 {
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
		if h.Typeflag == tar.TypeReg {
			files[h.Name] = content
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" {
			t.Errorf("%s belongs to somebody: %+v", h.Name, h)
		}
	}
}

package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"
)

//go:embed packaging
var packaging embed.FS

// downloads is where the files of a release are downloaded from.
const downloads = "https://github.com/sescheck/sescheck/releases/download"

// fill fills a template with what it needs to know of the release.
func fill(name string, data any) ([]byte, error) {
	t, err := template.New(name).ParseFS(packaging, "packaging/"+name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, data)
	return b.Bytes(), err
}

// about is what templates know of a release.
type about struct {
	Version, Base, Date string
	sums                []sum
}

// File is the name of the archive for a platform.
func (a about) File(os, arch string) string {
	end := ".tar.gz"
	if os == "windows" {
		end = ".zip"
	}
	return fmt.Sprintf("sescheck_%s_%s_%s%s", a.Version, os, arch, end)
}

// URL is where that archive is.
func (a about) URL(os, arch string) string { return a.Base + "/" + a.File(os, arch) }

// Sum is its SHA-256 sum.
func (a about) Sum(os, arch string) (string, error) {
	for _, s := range a.sums {
		if s.name == a.File(os, arch) {
			return s.hash, nil
		}
	}
	return "", fmt.Errorf("there is no %s", a.File(os, arch))
}

// Upper is the sum in the letters that winget wants.
func (a about) Upper(os, arch string) (string, error) {
	sum, err := a.Sum(os, arch)
	return strings.ToUpper(sum), err
}

// Archives are the platforms whose archives install.sh knows.
func (a about) Archives() []map[string]string {
	var list []map[string]string
	for _, p := range platforms {
		if p.os != "windows" {
			list = append(list, map[string]string{"OS": p.os, "Arch": p.arch})
		}
	}
	return list
}

// about describes the release to templates.
func (r *release) about() about {
	return about{Version: r.version, Base: downloads + "/v" + r.version, Date: r.date.Format(time.DateOnly), sums: r.sums}
}

// manifests writes the download script, and what package managers want to know.
func (r *release) manifests() error {
	script, err := fill("install.sh", r.about())
	if err != nil {
		return err
	}
	winget := "packaging/winget/manifests/s/sescheck/sescheck/" + r.version + "/sescheck.sescheck"
	for name, path := range map[string]string{
		"sescheck.rb": "packaging/homebrew/sescheck.rb", "sescheck.json": "packaging/scoop/sescheck.json", "sescheck.nix": "packaging/nix/sescheck.nix",
		"winget.version.yaml": winget + ".yaml", "winget.installer.yaml": winget + ".installer.yaml", "winget.locale.yaml": winget + ".locale.en-US.yaml",
	} {
		text, err := fill(name, r.about())
		if err := errors.Join(err, r.write(path, text)); err != nil {
			return err
		}
	}
	return r.asset("install.sh", script)
}

// packagings are the packages that are made for an architecture of Linux, and what
// the tool calls it. Programs for ARMv6 also run on ARMv7, which Debian knows under
// the same name.
var packagings = map[string]struct {
	arch  string
	forms []string
}{
	"amd64": {"amd64", []string{"deb", "rpm"}}, "arm64": {"arm64", []string{"deb", "rpm"}}, "armv6": {"arm6", []string{"deb"}},
}

// packages makes the packages for a platform.
func (r *release) packages(p platform, program []byte, beside []entry) error {
	if p.os != "linux" {
		return nil
	}
	for _, form := range packagings[p.arch].forms {
		contents, err := r.stage(form, program, beside)
		if err != nil {
			return err
		}
		known := map[string]any{"Arch": packagings[p.arch].arch, "Release": r.about(), "Time": r.date.Format(time.RFC3339), "Contents": contents, "Work": r.work}
		for _, name := range []string{"nfpm.yaml", "changelog.yaml"} {
			text, err := fill(name, known)
			if err := errors.Join(err, os.WriteFile(filepath.Join(r.work, name), text, 0o644)); err != nil {
				return err
			}
		}
		made := filepath.Join(r.work, "package."+form)
		if err := execute([]string{fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.date.Unix())}, filepath.Join(r.work, "nfpm"), "package", "--config", filepath.Join(r.work, "nfpm.yaml"), "--packager", form, "--target", made); err != nil {
			return err
		}
		content, err := os.ReadFile(made)
		if err := errors.Join(err, r.asset(r.name(p)+"."+form, content)); err != nil {
			return err
		}
	}
	return nil
}

// staged is a file of a package: where it lies, where it goes, and what rpm calls
// it.
type staged struct{ From, To, Mode, Kind string }

// stage writes the files of a package to where the tool finds them.
func (r *release) stage(form string, program []byte, beside []entry) ([]staged, error) {
	places := map[string]string{
		"completions/sescheck.bash": "/usr/share/bash-completion/completions/sescheck", "completions/sescheck.fish": "/usr/share/fish/vendor_completions.d/sescheck.fish",
		"completions/_sescheck": "/usr/share/zsh/vendor-completions/_sescheck", "README.md": "/usr/share/doc/sescheck/README.md", "NOTICES": "/usr/share/doc/sescheck/NOTICES",
		"LICENSE": "/usr/share/doc/sescheck/copyright",
	}
	if form == "rpm" {
		places["completions/_sescheck"] = "/usr/share/zsh/site-functions/_sescheck"
		places["LICENSE"] = "/usr/share/licenses/sescheck/LICENSE"
	}
	files := []staged{}
	for i, e := range append([]entry{{"sescheck", 0o755, program}}, beside...) {
		to := places[e.name]
		switch {
		case e.name == "sescheck":
			to = "/usr/bin/sescheck"
		case strings.HasPrefix(e.name, "man/") && e.content != nil:
			small, err := squeeze(e.content)
			if err != nil {
				return nil, err
			}
			e.content, to = small, "/usr/share/man/man1/"+filepath.Base(e.name)+".gz"
		case to == "":
			continue
		}
		from := filepath.Join(r.work, fmt.Sprintf("staged-%d", i))
		if err := os.WriteFile(from, e.content, 0o644); err != nil {
			return nil, err
		}
		kind := ""
		if form == "rpm" && (strings.HasPrefix(to, "/usr/share/doc/") || strings.HasPrefix(to, "/usr/share/man/")) {
			kind = "doc"
		} else if form == "rpm" && strings.HasPrefix(to, "/usr/share/licenses/") {
			kind = "license"
		}
		files = append(files, staged{from, to, fmt.Sprintf("0%o", e.mode), kind})
	}
	return files, nil
}

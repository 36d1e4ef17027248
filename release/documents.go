package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/cobra/doc"

	"github.com/sescheck/sescheck/internal/command"
)

// documents is what is beside the program in each archive and package.
func (r *release) documents(programs map[platform][]byte) ([]entry, error) {
	entries := []entry{{"LICENSE", 0o644, nil}, {"README.md", 0o644, nil}}
	for i := range entries {
		text, err := os.ReadFile(entries[i].name)
		if err != nil {
			return nil, err
		}
		entries[i].content = text
	}
	notices, err := r.notices(programs)
	if err != nil {
		return nil, err
	}
	entries = append(entries, entry{"NOTICES", 0o644, notices})
	scripts, err := completions()
	if err != nil {
		return nil, err
	}
	pages, err := r.manual()
	return slices.Concat(entries, scripts, pages), err
}

// completions are the scripts by which shells complete what is typed.
func completions() ([]entry, error) {
	root := command.Tree()
	entries := []entry{{"completions/", 0o755, nil}}
	for _, shell := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"sescheck.bash", func(w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
		{"_sescheck", root.GenZshCompletion},
		{"sescheck.fish", func(w io.Writer) error { return root.GenFishCompletion(w, true) }},
		{"sescheck.ps1", root.GenPowerShellCompletionWithDesc},
	} {
		var b bytes.Buffer
		if err := shell.write(&b); err != nil {
			return nil, err
		}
		entries = append(entries, entry{"completions/" + shell.name, 0o644, b.Bytes()})
	}
	return entries, nil
}

// manFlag is a flag in cobra's pages, with its description.
var manFlag = regexp.MustCompile(`(?m)^(?:\.PP\n)?(\\fB-.*)\n\t(.*)$`)

// manual is a page for each command, in section 1. Cobra's pages have their flags
// in paragraphs with tabs, and the month alone.
func (r *release) manual() ([]entry, error) {
	root := command.Tree()
	root.DisableAutoGenTag = true
	dir := filepath.Join(r.work, "man")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	head := &doc.GenManHeader{Section: "1", Date: &r.date, Source: "sescheck " + r.version, Manual: "sescheck"}
	if err := doc.GenManTree(root, head, dir); err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		return nil, err
	}
	entries := []entry{{"man/", 0o755, nil}}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		text = manFlag.ReplaceAll(text, []byte(".TP\n$1\n$2"))
		text = bytes.Replace(text, []byte(r.date.Format(`"Jan 2006"`)), []byte(r.date.Format(`"2006-01-02"`)), 1)
		entries = append(entries, entry{"man/" + filepath.Base(path), 0o644, text})
	}
	return entries, nil
}

// certificatesModule has the certificates of the images.
const certificatesModule = "golang.org/x/crypto/x509roots/fallback"

// notices are the licences of the modules that any of the programs is linked with,
// and of Go.
func (r *release) notices(programs map[platform][]byte) ([]byte, error) {
	args := []string{"run", "./release/notices", "-modules", certificatesModule}
	for p, program := range programs {
		path := filepath.Join(r.work, "noticed-"+p.os+"-"+p.arch)
		if err := os.WriteFile(path, program, 0o644); err != nil {
			return nil, err
		}
		args = append(args, path)
	}
	cmd := exec.Command("go", args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), here.environment()...), os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go run ./release/notices: %w", err)
	}
	return text, nil
}

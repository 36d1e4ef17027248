// Notices prints the licences of what programs of Go are made of: those of Go and of
// the modules that any of them is linked with, as the module cache has them.
//
//	notices [-module PATH] PROGRAM…
package main

import (
	"bytes"
	"debug/buildinfo"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	module := flag.String("module", "", "another module, which is distributed beside the programs")
	flag.Parse()
	text, err := notices(*module, flag.Args())
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

// notices are the licences of Go and of the modules.
func notices(module string, programs []string) ([]byte, error) {
	linked := map[string]bool{}
	if module != "" {
		linked[module] = true
	}
	var toolchain string
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, err
		}
		toolchain = info.GoVersion
		for _, m := range info.Deps {
			linked[m.Path] = true
		}
	}
	args := append([]string{"list", "-m", "-f", "{{.Path}} {{.Version}}\t{{.Dir}}"}, slices.Sorted(maps.Keys(linked))...)
	list, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	var b bytes.Buffer
	b.WriteString("sescheck is distributed with the following, whose licences follow.\n")
	for line := range strings.Lines("The Go programming language, " + toolchain + "\t" + string(root) + string(list)) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if err := licences(&b, name, dir); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// licenceFile is a name of a file with a licence.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)(\.(md|txt))?$`)

// licences writes the licences that lie in a module's folder.
func licences(w io.Writer, name, dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	found := false
	for _, f := range files {
		if f.IsDir() || !licenceFile.MatchString(f.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return err
		}
		found = true
		line := strings.Repeat("=", 80)
		if _, err := fmt.Fprintf(w, "\n%[1]s\n%[2]s: %[3]s\n%[1]s\n\n%[4]s\n", line, name, f.Name(), bytes.TrimSpace(text)); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%s has no licence in %s", name, dir)
	}
	return nil
}

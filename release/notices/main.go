// Notices prints the licences of what programs of Go are made of: those of Go and of
// the modules that any of them is linked with, as the module cache has them.
//
//	notices [-modules PATH,…] [PROGRAM…]
package main

import (
	"bytes"
	"debug/buildinfo"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

func main() {
	modules := flag.String("modules", "", "more modules that are distributed, separated by commas")
	flag.Parse()
	text, err := notices(strings.FieldsFunc(*modules, func(r rune) bool { return r == ',' }), flag.Args())
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

// notices are the licences of Go, of the modules, and of those that the programs are
// linked with.
func notices(modules, programs []string) ([]byte, error) {
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, err
		}
		for _, m := range info.Deps {
			modules = append(modules, m.Path)
		}
	}
	slices.Sort(modules)
	args := append([]string{"list", "-m", "-f", "{{.Path}} {{.Version}}\t{{.Dir}}"}, slices.Compact(modules)...)
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
	for line := range strings.Lines("The Go programming language, " + runtime.Version() + "\t" + string(root) + string(list)) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if err := licences(&b, strings.TrimSpace(name), dir); err != nil {
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

// Command build writes the page to a folder: the engine as WebAssembly, what loads
// it, the files of the page, and the documentation. The same commit and version give
// the same bytes.
//
//	go run ./web/build [-version VERSION] DIR
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	version := flag.String("version", "devel", "what the page calls itself")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: go run ./web/build [-version VERSION] DIR")
		os.Exit(2)
	}
	if err := build(flag.Arg(0), *version); err != nil {
		fmt.Fprintln(os.Stderr, "web/build:", err)
		os.Exit(1)
	}
}

// build writes everything. It runs in the root of the repository.
func build(dir, version string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := writeDocs(os.DirFS("."), dir, version); err != nil {
		return fmt.Errorf("write the documentation:\n%w", err)
	}
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("find Go's own packages: %w", err)
	}
	root := strings.TrimSpace(string(out))
	if err := writeEngine(dir, root, version); err != nil {
		return err
	}
	if err := writeNotices(dir); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(root, "lib", "wasm", "wasm_exec.js"), filepath.Join(dir, "wasm_exec.js")); err != nil {
		return err
	}
	return copyPage(dir)
}

// kinds are the files of the page, by how their names end.
var kinds = []string{".html", ".css", ".js", ".svg", ".png", ".webmanifest"}

// copyPage copies the files of web/, what unpacks the engine, and the style and script
// of the HTML report.
func copyPage(dir string) error {
	files, err := fs.Glob(os.DirFS("web"), "*")
	if err != nil {
		return err
	}
	from := map[string]string{
		"fzstd.js":   "web/third_party/fzstd.js",
		"report.css": "internal/report/page/style.css",
		"report.js":  "internal/report/page/script.js",
	}
	for _, name := range files {
		for _, kind := range kinds {
			if filepath.Ext(name) == kind {
				from[name] = filepath.Join("web", name)
			}
		}
	}
	for name, path := range from {
		if err := copyFile(path, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

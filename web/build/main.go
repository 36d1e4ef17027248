// Command build writes the page to a folder: the engine as WebAssembly, what loads
// it, and the files of the page. The same commit and version give the same bytes.
//
//	go run ./web/build [-version VERSION] DIR
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// maxCompressed bounds the engine, in octets compressed by gzip. It has 3.29 million;
// the aim is 3 million.
const maxCompressed = 3_300_000

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
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("find Go's own packages: %w", err)
	}
	root := strings.TrimSpace(string(out))
	tmp, err := os.MkdirTemp("", "sescheck-web-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	overlay := filepath.Join(tmp, "overlay.json")
	if err := leaveOut(root, overlay); err != nil {
		return fmt.Errorf("leave out what the page does not need: %w", err)
	}
	engine := filepath.Join(dir, "sescheck.wasm")
	// Without inlining the engine is a seventh smaller.
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-gcflags=all=-l", "-overlay="+overlay,
		"-ldflags=-s -w -X main.version="+version, "-o", engine, "./web/engine")
	c.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("build the engine: %w", err)
	}
	if err := copyFile(filepath.Join(root, "lib", "wasm", "wasm_exec.js"), filepath.Join(dir, "wasm_exec.js")); err != nil {
		return err
	}
	if err := copyPage(dir); err != nil {
		return err
	}
	return measure(engine)
}

// kinds are the files of the page, by how their names end.
var kinds = []string{".html", ".css", ".js", ".svg", ".png", ".webmanifest"}

// copyPage copies the files of web/, and the style and script of the HTML report.
func copyPage(dir string) error {
	files, err := fs.Glob(os.DirFS("web"), "*")
	if err != nil {
		return err
	}
	from := map[string]string{
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

// measure prints how large the engine is. One that is too large is an error.
func measure(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	zipped, err := gzipped(raw)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, gzip %d", filepath.Base(path), len(raw), zipped)
	if n, ok := brotli(raw); ok {
		fmt.Printf(", brotli %d", n)
	}
	fmt.Println()
	if zipped > maxCompressed {
		return fmt.Errorf("the engine has %d bytes compressed, more than %d", zipped, maxCompressed)
	}
	return nil
}

func gzipped(raw []byte) (int, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(raw); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return b.Len(), nil
}

// brotli measures with the program of that name, where it is installed.
func brotli(raw []byte) (int, bool) {
	c := exec.Command("brotli", "--stdout", "-")
	c.Stdin = bytes.NewReader(raw)
	out, err := c.StdoutPipe()
	if err != nil || c.Start() != nil {
		return 0, false
	}
	n, err := io.Copy(io.Discard, out)
	return int(n), c.Wait() == nil && err == nil
}

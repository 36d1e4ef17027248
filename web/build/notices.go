package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// writeNotices writes the licences of what the page is made of.
func writeNotices(dir string) error {
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./web/engine")
	list.Env = environment()
	modules, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the modules of the engine: %w", err)
	}
	c := exec.Command("go", "run", "./release/notices", "-modules", strings.Join(strings.Fields(string(modules)), ","))
	c.Stderr = os.Stderr
	text, err := c.Output()
	if err != nil {
		return fmt.Errorf("go run ./release/notices: %w", err)
	}
	fzstd, err := os.ReadFile(filepath.Join("web", "third_party", "fzstd.LICENSE"))
	if err != nil {
		return err
	}
	line := strings.Repeat("=", 80)
	text = fmt.Appendf(text, "\n%[1]s\nfzstd: LICENSE\n%[1]s\n\n%[2]s\n", line, bytes.TrimSpace(fzstd))
	return os.WriteFile(filepath.Join(dir, "notices.txt"), text, 0o644)
}

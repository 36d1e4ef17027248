package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/source"
)

// TestWrite: what is measured must be what the program really takes, and the
// same tomorrow.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "fleet")
	if err := write(dir, 10, 5300); err != nil {
		t.Fatal(err)
	}
	for name, domains := range map[string]int{"sescheck.yaml": 10, "chain.yaml": 1} {
		file, problems, err := config.Load([]string{filepath.Join(dir, name)})
		if err != nil || len(problems) > 0 {
			t.Fatalf("%s: %v %v", name, err, problems)
		}
		if got := len(file.Domains); got != domains {
			t.Errorf("%s has %d domains, want %d", name, got, domains)
		}
	}
	zones, err := source.ReadZones(t.Context(), filepath.Join(dir, "zones"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(zones.All()), 10+len(shared())+1+3; got != want {
		t.Errorf("%d zones, want %d", got, want)
	}

	first := read(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := write(dir, 10, 5300); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, read(t, dir)); d != "" {
		t.Errorf("written twice (-first +second):\n%s", d)
	}
}

// read returns the text of all files by path.
func read(t *testing.T, dir string) map[string]string {
	texts := map[string]string{}
	for _, pattern := range []string{"*.yaml", "*.conf", "zones/*"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, p := range paths {
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			texts[p] = string(text)
		}
	}
	return texts
}

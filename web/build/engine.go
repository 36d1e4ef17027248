package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// maxCompressed bounds the engine as visitors download it, in octets.
const maxCompressed = 3_000_000

// environment is that of a Go command which builds the engine.
func environment() []string {
	return append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
}

// writeEngine compiles the engine with the Go at root, and writes it compressed: few
// hosts compress WebAssembly well, and GitHub Pages does not offer more than gzip. It
// prints the sizes. An engine that is too large is an error.
func writeEngine(dir, root, version string) error {
	tmp, err := os.MkdirTemp("", "sescheck-web-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	overlay := filepath.Join(tmp, "overlay.json")
	if err := leaveOut(root, overlay); err != nil {
		return fmt.Errorf("leave out what the page does not need: %w", err)
	}
	compiled := filepath.Join(tmp, "sescheck.wasm")
	// Without inlining the engine is a seventh smaller.
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-gcflags=all=-l", "-overlay="+overlay,
		"-ldflags=-s -w -X main.version="+version, "-o", compiled, "./web/engine")
	c.Env, c.Stderr = environment(), os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("build the engine: %w", err)
	}
	raw, err := os.ReadFile(compiled)
	if err != nil {
		return err
	}
	// One goroutine: the bytes do not depend on the machine.
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	packed := encoder.EncodeAll(raw, nil)
	fmt.Printf("the engine: %d bytes, compressed %d\n", len(raw), len(packed))
	if len(packed) > maxCompressed {
		return fmt.Errorf("the engine has %d bytes compressed, more than %d", len(packed), maxCompressed)
	}
	return os.WriteFile(filepath.Join(dir, "sescheck.wasm.zst"), packed, 0o644)
}

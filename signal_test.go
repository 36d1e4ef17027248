//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSignalEndsReading: a file that never ends keeps no run from ending, by a
// signal or by the deadline.
func TestSignalEndsReading(t *testing.T) {
	t.Parallel()
	const stdin = "-"
	for _, c := range []struct {
		name   string
		args   []string
		signal bool
		want   int
	}{
		{"check", []string{"check", "/dev/fd/3"}, true, 130},
		{"check, by its deadline", []string{"check", "--deadline", "1ms", "/dev/fd/3"}, false, 3},
		{"lint", []string{"lint", "/dev/fd/3"}, true, 130},
		{"zones", []string{"inspect", "--offline", "--zones", "/dev/fd/3", "example.com"}, true, 130},
		{"records, by its deadline", []string{"records", "--deadline", "1ms", "/dev/fd/3"}, false, 3},
		{"lock", []string{"lock", "/dev/fd/3"}, true, 130},
		{"a baseline", []string{"check", "--baseline", "/dev/fd/3"}, true, 130},
		{"merge", []string{"merge", "/dev/fd/3"}, true, 130},
		{"import", []string{"import", stdin}, true, 130},
		{"import, by its deadline", []string{"import", "--deadline", "1ms", stdin}, false, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			defer w.Close()
			cmd := exec.CommandContext(t.Context(), os.Args[0], c.args...)
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), "SESCHECK_TEST_MAIN=1")
			cmd.Stdin, cmd.ExtraFiles = r, []*os.File{r}
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = &said, &said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if c.signal {
				// More than a pipe holds, so some of it has been read when it is written.
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
					t.Fatal(err, said.String())
				}
				if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
					t.Fatal(err)
				}
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != c.want {
				t.Errorf("exit %d, want %d\n%s", got, c.want, said.String())
			}
		})
	}
}

// TestSignalEndsWriting: a report that nobody reads keeps no run from ending, whether
// the signal comes while it is written or before.
func TestSignalEndsWriting(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	var file strings.Builder
	file.WriteString("version: 1\ndomains:\n")
	for i := range 2000 {
		fmt.Fprintf(&file, "  d%d.example: {spf: none}\n", i)
	}
	path := filepath.Join(t.TempDir(), "sescheck.yaml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	zone := filepath.Join(filepath.Dir(path), "example.zone")
	if err := os.WriteFile(zone, []byte("@ SOA ns h 1 1 1 1 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		wait func(r *os.File) error // until the signal is due
	}{
		"before": {[]string{"--resolver", silent.LocalAddr().String()}, func(*os.File) error { _, _, err := silent.ReadFrom(make([]byte, 512)); return err }},
		"while":  {[]string{"--offline", "--zones", zone}, func(r *os.File) error { _, err := r.Read(make([]byte, 1)); return err }},
	} {
		t.Run(name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"check", "--format", "json", path}, c.args...)...)
			cmd.Env = append(os.Environ(), "SESCHECK_TEST_MAIN=1")
			cmd.Stdout = w
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			_ = w.Close()
			if err := c.wait(r); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != 130 {
				t.Errorf("exit %d", got)
			}
		})
	}
}

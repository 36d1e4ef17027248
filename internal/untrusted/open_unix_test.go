//go:build unix

package untrusted_test

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// TestOpenIrregular: a pipe or socket is not waited for, in a checkout or
// elsewhere, by itself or behind a link, and not written to.
func TestOpenIrregular(t *testing.T) {
	folder(t, map[string]string{"link": "-> pipe", "mail/a.yaml": "-> ../pipe"})
	elsewhere := filepath.Join(t.TempDir(), "pipe")
	for _, path := range []string{"pipe", elsewhere} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip("no pipes here:", err)
		}
	}
	if l, err := net.Listen("unix", "socket"); err == nil {
		defer l.Close()
	}
	for _, path := range []string{"pipe", "link", "mail/a.yaml", "socket", elsewhere} {
		if got := said(path); got != "error: it is not a regular file" {
			t.Errorf("%s: %s", path, got)
		}
		if path == "link" || path == "mail/a.yaml" {
			continue // TestReplaceLinks
		}
		if err := untrusted.Replace(path, text("x")); err == nil || err.Error() != "it is not a regular file" {
			t.Errorf("%s is written to: %v", path, err)
		}
	}
}

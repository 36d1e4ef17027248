package command

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// TestWait: a record that appears while --wait goes on passes the run; one that
// does not fails it when the time is over.
func TestWait(t *testing.T) {
	t.Parallel()
	serve := func(t *testing.T, faults ...string) string {
		s := zonetest.Start(t, filepath.Join(testdata, "common"), "testdata/wait")
		for _, f := range faults {
			s.Fault(t, f)
		}
		return s.Addr
	}
	// The first run asks, and asks again to confirm the absence.
	addr := serve(t, "NXDOMAIN 2 MX bounce.example.com")
	out, errs, code := run(t, "check", "--resolver", addr, "--wait", "2s", "testdata/wait/sescheck.yaml")
	if code != "0" || !strings.Contains(errs, "waiting: 1 errors") {
		t.Errorf("a record that appears: exit %s\n%s%s", code, out, errs)
	}
	addr = serve(t, "NXDOMAIN MX bounce.example.com")
	out, errs, code = run(t, "check", "--resolver", addr, "--wait", "200ms", "--quiet", "testdata/wait/sescheck.yaml")
	if code != "1" || errs != "" || !strings.Contains(out, "mail-from-mx-missing") {
		t.Errorf("a record that stays away: exit %s\n%s%s", code, out, errs)
	}
}

package finding

import (
	"testing"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// TestFingerprint: it survives a moved line, and distinguishes two missing includes
// apart.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "example.com", Type: record.TXT}
	a := Finding{Check: &Check{ID: "spf-include-missing"}, Domain: "example.com", Record: q, Subject: "a.test", Place: config.Place{Line: 3}}
	moved, other := a, a
	moved.Place.Line, moved.Message = 9, "x"
	other.Subject = "b.test"
	if a.Fingerprint() != moved.Fingerprint() || a.Fingerprint() == other.Fingerprint() {
		t.Error(a.Fingerprint(), moved.Fingerprint(), other.Fingerprint())
	}
}

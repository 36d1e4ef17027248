package config_test

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/config"
)

// TestNameAt: @ alone is the domain itself of a zone file, not an e-mail address.
func TestNameAt(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"@":             "is the domain itself in zone files only; write a name",
		"a@example.com": "is an e-mail address",
	} {
		_, problems := config.Parse("sescheck.yaml", []byte("version: 1\ndomains:\n  example.com: {region: eu-west-1, mail_from: '"+value+"'}\n"))
		if len(problems) != 1 || !strings.Contains(problems[0].Message, want) {
			t.Errorf("%s: %v does not say %q", value, problems, want)
		}
	}
}

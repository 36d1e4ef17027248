package iterative

import (
	"net/netip"
	"strings"
	"testing"
)

// TestPublic: no zone leads behind our own firewall.
func TestPublic(t *testing.T) {
	t.Parallel()
	for addr, public := range map[string]bool{
		"192.0.2.1": true, "2001:db8::1": true, "127.0.0.1": false, "10.1.2.3": false, "169.254.169.254": false,
		"100.64.0.1": false, "::1": false, "fd00::1": false, "::ffff:10.0.0.1": false, "0.0.0.0": false, "224.0.0.1": false,
	} {
		if isPublic(netip.MustParseAddr(addr)) != public {
			t.Errorf("%s: public is %v", addr, !public)
		}
	}
}

// TestHints reads the Internet's, and refuses a file without any.
func TestHints(t *testing.T) {
	t.Parallel()
	h := rootHints()
	if len(h.hosts) != 13 {
		t.Errorf("%d root servers", len(h.hosts))
	}
	for _, host := range h.hosts {
		if len(h.glue[host]) != 2 || !h.glue[host][0].Is4() {
			t.Errorf("%s: %v", host, h.glue[host])
		}
	}
	for _, text := range []string{"", ". NS a.root.\n", "com. NS a.root.\na.root. A 192.0.2.1\n", ". NS"} {
		if h, err := readHints(strings.NewReader(text), "hints"); err == nil {
			t.Errorf("%q: %v", text, h)
		}
	}
}

package iterative

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
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

// TestLoadHints: a file is read as it is, or the error says where it is wrong.
func TestLoadHints(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"good":    {". NS b.root.\n. NS a.root.\n. NS a.root.\n. NS none.root.\na.root. A 192.0.2.1\nb.root. AAAA 2001:db8::1\na.root. TXT x\n", "a.root b.root"},
		"garbled": {". NS a.root.\na.root. A 192.0.2\n", " line 2: this is not a record in zone format"},
		"no name": {". NS a.root.\n. A 192.0.2.1\n", ": there are no root hints: write NS records of the root"},
		"missing": {"", "no such file"},
	} {
		path := filepath.Join(dir, name)
		if c.text != "" {
			if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		h, err := LoadHints(path)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(h.hosts)
		}
		if !strings.Contains(got, c.want) || (err != nil) != (name != "good") || err != nil && !strings.Contains(got, path) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	var many strings.Builder
	for i := range maxNameservers + 1 {
		fmt.Fprintf(&many, ". NS n%d.root.\nn%[1]d.root. A 192.0.2.%[1]d\n", i)
	}
	if h, err := readHints(strings.NewReader(many.String()), "hints"); err != nil || len(h.hosts) != maxNameservers {
		t.Errorf("%v, %v", h, err)
	}
}

// TestRoute: this machine has a way to itself, and none over an interface that is
// not there.
func TestRoute(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{"127.0.0.1": true, "fe80::1%no-such": false} {
		if got := hasRoute(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

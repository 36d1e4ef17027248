//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A small Internet: a root, two top-level domains and what they delegate to, an
// NSD to each address.
const (
	root     = "127.0.0.11"
	registry = "127.0.0.12"
	first    = "127.0.0.13" // serves all zones of customers
	second   = "127.0.0.14" // likewise, but one as it was, and one not at all
	nobody   = "127.0.0.15"
)

const (
	records = "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.\nbounce TXT \"v=spf1 include:amazonses.com -all\"\n"
	pair    = "@ NS ns1\n@ NS ns2\nns1 A " + first + "\nns2 A " + second + "\n"
)

// served is the zones by address.
var served = map[string]map[string]string{
	root: {
		".": "test. NS a.nic.test.\na.nic.test. A " + registry + "\ncom. NS a.nic.com.\na.nic.com. A " + registry + "\n",
	},
	registry: {
		"test.": delegate("good") + delegate("stale") + delegate("lame") +
			"dead NS ns1.good\ndead NS ns2.dead\nns2.dead A " + nobody + "\n" +
			"out NS ns1.amazonses.com.\n",
		"com.": "amazonses NS ns1.amazonses\nns1.amazonses A " + first + "\n",
	},
	first: {
		"good.test.":     pair + records + "deep NS ns.deep\nns.deep A " + second + "\n",
		"stale.test.":    pair + records,
		"lame.test.":     pair + records,
		"dead.test.":     records,
		"out.test.":      records,
		"amazonses.com.": "@ NS ns1\nns1 A " + first + "\n@ TXT \"v=spf1 ip4:199.255.192.0/22 -all\"\n",
	},
	second: {
		"good.test.":      pair + records + "deep NS ns.deep\nns.deep A " + second + "\n",
		"deep.good.test.": "bounce.below MX 10 feedback-smtp.eu-west-1.amazonses.com.\nbounce.below TXT \"v=spf1 include:amazonses.com -all\"\n",
		"stale.test.":     pair + strings.Replace(records, "eu-west-1", "us-east-1", 1),
	},
}

func delegate(name string) string {
	return fmt.Sprintf("%[1]s NS ns1.%[1]s\n%[1]s NS ns2.%[1]s\nns1.%[1]s A %[2]s\nns2.%[1]s A %[3]s\n", name, first, second)
}

// startNameServer serves zones at an address, on the port that all share.
func startNameServer(t *testing.T, address string, shared int) {
	start(t, "nsd", func(dir string, port int) string {
		conf := fmt.Sprintf(`server:
  server-count: 1
  ip-address: 127.0.0.1@%d
  ip-address: %s@%d
  zonesdir: %q
  pidfile: "%[4]s/nsd.pid"
  zonelistfile: "%[4]s/zone.list"
  xfrdfile: "%[4]s/xfrd.state"
  xfrdir: "%[4]s"
  database: ""
  username: ""
  rrl-ratelimit: 0
remote-control:
  control-enable: no
`, port, address, shared, dir)
		for apex, text := range served[address] {
			file := strings.Trim(apex, ".") + ".zone"
			text = fmt.Sprintf("$ORIGIN %s\n$TTL 300\n@ SOA ns1 hostmaster 1 7200 3600 1209600 60\n@ NS ns1.dns.test.\n%s", apex, text)
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			conf += fmt.Sprintf("zone:\n  name: %q\n  zonefile: %q\n", apex, file)
		}
		return conf
	}, "-d")
}

// TestAuthoritative walks from the root to every zone's own servers.
func TestAuthoritative(t *testing.T) {
	port := freePort(t)
	for address := range served {
		startNameServer(t, address, port)
	}
	hints := filepath.Join(t.TempDir(), "hints")
	if err := os.WriteFile(hints, []byte(". NS a.root.\na.root. A "+root+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := sescheck(t, nil, "--resolver", "authoritative", "--root-hints", hints, "--authoritative-port", fmt.Sprint(port), "authority.yaml")
	got.expectExit(t, 1, "fail")
	for _, c := range []struct {
		domain, check, status string
		says                  []string // of the message, each; without a check: no finding at all
	}{
		{domain: "good.test"},
		{domain: "below.deep.good.test"},
		{domain: "out.test"},
		{"nowhere.test", "domain-not-found", "fail", []string{"does not exist"}},
		{"stale.test", "nameservers-disagree", "inconclusive", []string{"MX at bounce.stale.test", "ns1.stale.test (" + first, "ns2.stale.test (" + second, "us-east-1", "caches may take about 5 minutes to agree"}},
		{"lame.test", "nameserver-lame", "fail", []string{"ns2.lame.test (" + second, "does not answer for it: REFUSED"}},
		{"dead.test", "nameserver-lame", "fail", []string{"ns2.dead.test (" + nobody, "does not answer for it: connection refused"}},
	} {
		t.Run(c.domain+" "+c.check, func(t *testing.T) {
			var of []finding
			for _, f := range got.Findings {
				if f.Domain == c.domain {
					of = append(of, f)
				}
			}
			switch {
			case c.check == "" && len(of) > 0:
				t.Errorf("findings: %+v", of)
			case c.check == "":
			case len(of) != 1 || of[0].Check != c.check || of[0].Status != c.status:
				t.Errorf("findings: %+v", of)
			case slices.ContainsFunc(c.says, func(s string) bool { return !strings.Contains(of[0].Message, s) }):
				t.Errorf("message %q has not all of %q", of[0].Message, c.says)
			}
		})
	}
}

// Command fleet writes a fleet of healthy Amazon SES domains to a folder: the
// sescheck.yaml that describes them, a zone file for each, and an nsd.conf with
// which one NSD serves them all on loopback, from the root down. Beside it are
// chain.yaml, one domain whose SPF includes go four deep, and root.hints.
//
// The same flags write the same bytes. The records are spelled out here on
// purpose rather than taken from package ses: a mistake there must not hide
// itself.
package main

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// regions are those that the fleet's identities are in, and the DKIM zone of
// each: most share one, younger ones have their own.
var regions = []struct{ name, dkim string }{
	{"eu-west-1", "dkim.amazonses.com"},
	{"us-east-1", "dkim.amazonses.com"},
	{"eu-central-2", "dkim.eu-central-2.amazonses.com"},
	{"ap-southeast-2", "dkim.amazonses.com"},
	{"us-west-2", "dkim.amazonses.com"},
}

// includes are the SPF includes of a domain: SES and one or two other senders.
func includes(i int) []string {
	all := []string{"amazonses.com", "_spf.first-esp.test", "spf.second-esp.test"}
	if i%2 == 1 {
		return all[:2]
	}
	return all
}

func main() {
	n := flag.Int("n", 1000, "how many domains")
	port := flag.Int("port", 5300, "the port on 127.0.0.1 and 127.0.0.2 that NSD is to serve them on")
	dir := flag.String("dir", "", "the folder to write, which must not exist")
	flag.Parse()
	if *dir == "" || flag.NArg() > 0 || *n < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(*dir, *n, *port); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

// write writes everything to dir.
func write(dir string, n, port int) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "zones"), 0o755); err != nil {
		return err
	}
	yaml, err := create(dir, "sescheck.yaml")
	if err != nil {
		return err
	}
	conf, err := create(dir, "nsd.conf")
	if err != nil {
		return errors.Join(err, yaml.close())
	}
	fmt.Fprint(yaml, "version: 1\ndomains:\n")
	fmt.Fprintf(conf, serverConf, port, dir)
	err = eachZone(n, func(z zone) error {
		if z.apex != chainApex {
			fmt.Fprint(yaml, z.yaml)
		}
		name := cmp.Or(z.apex, "root")
		fmt.Fprintf(conf, "zone:\n  name: %s.\n  zonefile: %s.zone\n", z.apex, name)
		return writeFile(filepath.Join(dir, "zones", name+".zone"), z.file())
	})
	return errors.Join(err, yaml.close(), conf.close(),
		writeFile(filepath.Join(dir, "root.hints"), strings.Join(append(servers("."), glue...), "\n")+"\n"),
		writeFile(filepath.Join(dir, "chain.yaml"), "version: 1\ndomains:\n"+chain().yaml))
}

// serverConf is NSD's: one server process, everything it writes in its folder,
// no rate limit, no other user. Each domain is a zone of its own, as in life.
const serverConf = `server:
  server-count: 1
  ip-address: 127.0.0.1@%[1]d
  ip-address: 127.0.0.2@%[1]d
  zonesdir: "%[2]s/zones"
  pidfile: "%[2]s/nsd.pid"
  logfile: "%[2]s/nsd.log"
  zonelistfile: "%[2]s/zone.list"
  xfrdfile: "%[2]s/xfrd.state"
  xfrdir: "%[2]s"
  database: ""
  username: ""
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
`

// zone is a zone and, where it is a domain of the fleet, its part of the YAML.
type zone struct {
	apex    string   // "" for the root
	records []string // owner relative to the apex, type and data
	yaml    string   // "" for a zone that is only referred to
}

// file is the zone in RFC 1035 text.
func (z zone) file() string {
	return "$ORIGIN " + z.apex + ".\n$TTL 300\n" +
		"@ SOA ns1.dns.test. hostmaster.dns.test. 1 7200 3600 1209600 300\n" +
		"@ NS ns1.dns.test.\n@ NS ns2.dns.test.\n" +
		strings.Join(z.records, "\n") + "\n"
}

// servers are the records that delegate a zone. All have the same servers.
func servers(apex string) []string {
	return []string{apex + " NS ns1.dns.test.", apex + " NS ns2.dns.test."}
}

// glue is where the servers are.
var glue = []string{"ns1.dns.test. A 127.0.0.1", "ns2.dns.test. A 127.0.0.2"}

// eachZone calls do with every zone: those that are shared, the fleet, and what
// delegates to them.
func eachZone(n int, do func(zone) error) error {
	root := zone{records: slices.Concat(servers("com."), servers("test."), glue)}
	com := zone{apex: "com", records: servers("amazonses.com.")}
	test := zone{apex: "test", records: glue}
	each := func(z zone) error {
		if strings.HasSuffix(z.apex, ".test") {
			test.records = append(test.records, servers(z.apex+".")...)
		}
		return do(z)
	}
	for _, z := range append(shared(), chain()) {
		if err := each(z); err != nil {
			return err
		}
	}
	for i := 1; i <= n; i++ {
		apex := fmt.Sprintf("d%06d%s.test", i, strings.Repeat("x", i*7%13)) // of various lengths, as names are
		d := domain{apex: apex, region: i % len(regions), spf: includes(i)}
		if err := each(d.zone()); err != nil {
			return err
		}
	}
	return errors.Join(do(test), do(com), do(root))
}

// shared are the zones that the fleet refers to.
func shared() []zone {
	zones := []zone{
		{apex: "amazonses.com", records: []string{
			`@ TXT "v=spf1 ip4:199.255.192.0/22 ip4:199.127.232.0/22 ip4:54.240.0.0/18 ip4:69.169.224.0/20 ip4:23.249.208.0/20 ip4:23.251.224.0/19 ip4:76.223.176.0/20 -all"`,
			`@ TXT "some-site-verification=0123456789"`,
		}},
		{apex: "first-esp.test", records: []string{
			`_spf TXT "v=spf1 include:_netblocks.first-esp.test ~all"`,
			`_netblocks TXT "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8:1::/48 ~all"`,
		}},
		{apex: "second-esp.test", records: []string{`spf TXT "v=spf1 ip4:198.51.100.0/24 -all"`}},
		{apex: "dns.test", records: glue},
	}
	seen := map[string]bool{}
	for _, r := range regions {
		if !seen[r.dkim] {
			seen[r.dkim] = true
			zones = append(zones, zone{apex: r.dkim, records: []string{`* TXT ` + key}})
			zones[0].records = append(zones[0].records, servers(r.dkim+".")...)
		}
	}
	return zones
}

// key is a DKIM key of 2048 bits, the size that SES makes; too long for one
// string.
const key = `"p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlwYn68b0TKoWQrfb2FIJPliWnJNX4EpJeXW3KIBym6zFVfKXcDUQ25RT+GkpN4YqR13q2apRy6qEND7Ax19MoXi7NWRPDpo03GwlcjbvX0mi7TFFGFgmKnUsv+BTgBQZ7+ssLg6xN+l78YZOhZxmSiV3Aw" ` +
	`"h4aVkIsgB152m0Zdfw12kjZHvMp7KkyZom069aMS5yipOpjCBlj/awOe+1nzQPVgxuBf/PiNmLwzb5fmTwZ8RaLv6U974CXbunx01yHLz/MoiyNqz0b4+kgLeJAgf/averERtbPv93XHZ2+bopoBiB42p9pZFAT4mDU9vnDV9vKvP1KFSDHIhHGBrduQIDAQAB"`

// domain is a domain that is set up as Amazon SES wants it.
type domain struct {
	apex   string
	region int
	spf    []string // includes
	more   []string // other records
}

func (d domain) zone() zone {
	region := regions[d.region]
	z := zone{apex: d.apex, records: []string{
		`@ TXT "v=spf1 include:` + strings.Join(d.spf, " include:") + ` ~all"`,
		`@ TXT "some-site-verification=` + token(d.apex, 0) + `"`,
		`_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@` + d.apex + `"`,
		`bounce MX 10 feedback-smtp.` + region.name + `.amazonses.com.`,
		`bounce TXT "v=spf1 include:amazonses.com ~all"`,
	}}
	tokens := make([]string, 3)
	for i := range tokens {
		tokens[i] = token(d.apex, i+1)
		z.records = append(z.records, tokens[i]+"._domainkey CNAME "+tokens[i]+"."+region.dkim+".")
	}
	z.records = append(z.records, d.more...)
	z.yaml = fmt.Sprintf("  %s:\n    region: %s\n    dkim: [%s]\n    mail_from: bounce\n    spf: [%s]\n    dmarc: reject\n",
		d.apex, region.name, strings.Join(tokens, ", "), strings.Join(d.spf, ", "))
	return z
}

const chainApex = "chain.test"

// chain is a domain whose SPF record includes a record that includes another,
// four deep: five questions that cannot be asked side by side.
func chain() zone {
	return domain{apex: chainApex, spf: []string{"spf1.chain.test"}, more: []string{
		`spf1 TXT "v=spf1 include:spf2.chain.test ~all"`,
		`spf2 TXT "v=spf1 include:spf3.chain.test ~all"`,
		`spf3 TXT "v=spf1 include:spf4.chain.test ~all"`,
		`spf4 TXT "v=spf1 ip4:203.0.113.0/24 ~all"`,
	}}.zone()
}

// token looks like an Easy DKIM token: 32 characters of a-z and 2-7.
func token(apex string, i int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", apex, i))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20]))
}

// file is a file being written; its first error shows when it is closed.
type file struct {
	*bufio.Writer
	under io.Closer
}

func create(dir, name string) (file, error) {
	f, err := os.Create(filepath.Join(dir, name))
	return file{bufio.NewWriter(f), f}, err
}

func (f file) close() error { return errors.Join(f.Flush(), f.under.Close()) }

func writeFile(path, text string) error { return os.WriteFile(path, []byte(text), 0o644) }

package source_test

import "testing"

// TestZoneNames: which zone a file holds, by its SOA, its name, its first
// $ORIGIN and its heading.
func TestZoneNames(t *testing.T) {
	t.Parallel()
	const soa = " 300 IN SOA ns1.x.net. h.x.net. 1 2 3 4 5\n"
	ask := func(name string) string {
		return name + ": it does not say which zone it is: begin it with $ORIGIN and the zone's name, such as $ORIGIN example.com."
	}
	for name, c := range map[string]reading{
		"SOA":                            {"zone.txt", "example.com." + soa, "example.com\n1 example.com SOA"},
		"SOA, not the file's name":       {"example.net.zone", "example.com." + soa + "a A 192.0.2.1\n", "example.com\n1 example.com SOA\n2 a.example.com A 192.0.2.1"},
		"SOA without its dot":            {"zone.txt", "example.com" + soa + "a.example.com. A 192.0.2.1\n", "example.com\n1 example.com SOA\n2 a.example.com A 192.0.2.1"},
		"SOA without its dot, named":     {"example.com.txt", "example.com" + soa, "example.com\n1 example.com SOA"},
		"SOA without its dot, origin":    {"zone.txt", "$ORIGIN example.com.\nexample.com" + soa, "example.com\n2 example.com SOA"},
		"no dots at all":                 {"zone.txt", "example.com" + soa + "example.com 300 IN MX 5 a.example.com\na.example.com 300 IN A 192.0.2.1\nb A 192.0.2.2\n", "example.com\n1 example.com SOA\n2 example.com MX 5 a.example.com.\n3 a.example.com A 192.0.2.1\n4 b.example.com A 192.0.2.2"},
		"relative to $ORIGIN":            {"zone.txt", "$ORIGIN com.\nexample" + soa, "example.com\n2 example.com SOA"},
		"two labels relative to $ORIGIN": {"zone.txt", "$ORIGIN uk.\nexample.co" + soa, "example.co.uk\n2 example.co.uk SOA"},
		"the root as $ORIGIN":            {"zone.txt", "$ORIGIN .\nexample.com" + soa + "a.example.com A 192.0.2.1\n", "example.com\n2 example.com SOA\n3 a.example.com A 192.0.2.1"},
		"@ in root.zone":                 {"root.zone", "$ORIGIN .\n@" + soa + "com NS a.example.net.\n", ".\n2 . SOA\n3 com NS a.example.net."},
		"@ at the root, and a heading":   {"zone.txt", ";; Domain: example.com\n$ORIGIN .\n@" + soa + "a.example.com. A 192.0.2.1\n", "example.com\n3 example.com SOA\n4 a.example.com A 192.0.2.1"},
		"@ and the file's name":          {"example.com.txt", "@" + soa + "a A 192.0.2.1\n", "example.com\n1 example.com SOA\n2 a.example.com A 192.0.2.1"},
		"records before the SOA":         {"zone.txt", "a 300 A 192.0.2.1\nexample.com." + soa, "example.com\n1 a.example.com A 192.0.2.1\n2 example.com SOA"},
		"no SOA":                         {"example.com.zone", "a A 192.0.2.1\n", "example.com\n1 a.example.com A 192.0.2.1"},
		"no SOA, $ORIGIN":                {"export.txt", "$ORIGIN example.com.\na A 192.0.2.1\n", "example.com\n2 a.example.com A 192.0.2.1"},
		"$ORIGIN without its dot":        {"export.txt", "$ORIGIN example.com\n@" + soa + "a A 192.0.2.1\n", "example.com\n2 example.com SOA\n3 a.example.com A 192.0.2.1"},
		"$ORIGIN without its dot, named": {"example.com.zone", "$ORIGIN example.com\na A 192.0.2.1\n", "example.com\n2 a.example.com A 192.0.2.1"},
		"a relative $ORIGIN":             {"example.com.zone", "$ORIGIN sub\na A 192.0.2.1\n", "example.com\n2 a.sub.example.com A 192.0.2.1"},
		"$ORIGIN below the name":         {"example.com.zone", "$ORIGIN sub.example.com.\na A 192.0.2.1\n", "example.com\n2 a.sub.example.com A 192.0.2.1"},
		"$ORIGIN against the name":       {"my.export.txt", "$ORIGIN example.com.\na A 192.0.2.1\n", "example.com\n2 a.example.com A 192.0.2.1"},
		"heading":                        {"zone.txt", ";; Domain:     example.com.\n;; Exported:   2026-05-01 20:06:51\nexample.com.\t1\tIN\tA\t192.0.2.1\n", "example.com\n3 example.com A 192.0.2.1"},
		"heading of Windows":             {"records.export", ";\r\n;  Database file records.export for example.com zone.\r\n;      Zone version:  1\r\n;\r\n\r\n@  IN  SOA dc1.example.com. hostmaster. (1 900 600 86400 3600)\r\n", "example.com\n6 example.com SOA"},
		"final dot":                      {"example.com.", "a 300 A 192.0.2.1\n", "example.com\n1 a.example.com A 192.0.2.1"},
		"prefix":                         {"db.example.com", "a A 192.0.2.1\n", "example.com\n1 a.example.com A 192.0.2.1"},
		"suffix":                         {"example.com.hosts", "a A 192.0.2.1\n", "example.com\n1 a.example.com A 192.0.2.1"},
		"two suffixes":                   {"Example.COM.zone.txt", "a A 192.0.2.1\n", "example.com\n1 a.example.com A 192.0.2.1"},
		"one label":                      {"corp.zone", "@" + soa, "corp\n1 corp SOA"},
		"one label with $ORIGIN":         {"corp.zone", "$ORIGIN corp.\n@" + soa, "corp\n2 corp SOA"},
		"a zone of the root":             {"root.zone", "." + soa, ".\n1 . SOA"},
		"@ at a name of GoDaddy's":       {"example.com.txt", "_sip._tls.@ 300 IN SRV 1 1 443 x.\n", "example.com\n1 _sip._tls.example.com TYPE33 ."},

		"zone.txt":                     {"zone.txt", "@" + soa, ask("zone.txt")},
		"@ at the root":                {"zone.txt", "$ORIGIN .\n@" + soa, ask("zone.txt")},
		"a text of one label":          {"corp.txt", "@" + soa, ask("corp.txt")},
		"a word for zone files":        {"export.zone", "@" + soa, ask("export.zone")},
		"a name with blanks":           {"example.com (1).txt", "@" + soa, ask("example.com (1).txt")},
		"nothing that names it at all": {"export.txt", "www 300 IN A 192.0.2.1\n", ask("export.txt")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.hold(t)
		})
	}
}

// TestMadeUpTypes: records of types that DNS does not have, and such as a
// provider answers in another way, are names that exist.
func TestMadeUpTypes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]reading{
		"well-known": {"example.com.zone", `@ 300 IN ALIAS lb.example.net.
a ALIAS lb.example.net.
b IN ANAME lb.example.net.
c IN LUA A "ifportup(443, {'192.0.2.1'})"
d IN LUA MX "something"
e 60 AWS ALIAS A lb.example.net. Z1 false
f 600 DYNA geoip!www
g DYNC geoip!www
h URL301 https://example.net/
i A 192.0.2.1
`, `
example.com
1 example.com computed A
2 a.example.com computed A
3 b.example.com computed A
4 c.example.com computed A
5 d.example.com computed MX
6 e.example.com computed A
7 f.example.com computed A
8 g.example.com computed CNAME
9 h.example.com computed A
10 i.example.com A 192.0.2.1
skipped: 2 ALIAS records, the first in example.com.zone line 1: DNS has no such type
skipped: 1 ANAME record, in example.com.zone line 3: DNS has no such type
skipped: 2 LUA records, the first in example.com.zone line 4: DNS has no such type
skipped: 1 AWS ALIAS record, in example.com.zone line 6: DNS has no such type
skipped: 1 DYNA record, in example.com.zone line 7: DNS has no such type
skipped: 1 DYNC record, in example.com.zone line 8: DNS has no such type
skipped: 1 URL301 record, in example.com.zone line 9: DNS has no such type`},

		"any word in capitals behind a TTL or class": {"example.com.zone", "a 300 HTTPRED https://example.net\nb IN NETLIFYV6 x\nc A 192.0.2.1\n", `
example.com
1 a.example.com computed A
2 b.example.com computed A
3 c.example.com A 192.0.2.1
skipped: 1 HTTPRED record, in example.com.zone line 1: DNS has no such type
skipped: 1 NETLIFYV6 record, in example.com.zone line 2: DNS has no such type`},

		"services of GoDaddy": {"example.com.txt", "@ 600 IN A Parked\na 600 IN A WebsiteBuilder Site\nb A 192.0.2.1\n", `
example.com
1 example.com computed A
2 a.example.com computed A
3 b.example.com A 192.0.2.1
skipped: 2 A records, the first in example.com.txt line 1: it has a service of the provider in place of an address`},

		"time stamps of Windows": {"example.com.dns", "a\t[AGE:3636304]\t1200\tA\t192.0.2.1\n\t[AGE:3636304]\tAAAA\t2001:db8::1\n", `
example.com
1 a.example.com A 192.0.2.1
2 a.example.com AAAA 2001:db8::1`},

		"proxied": {"example.com.txt", `a.example.com. 1 IN CNAME lb.example.net. ; cf_tags=cf-proxied:true
b.example.com. 1 IN CNAME lb.example.net. ; cf_tags=cf-proxied:false
c.example.com. 1 IN A 192.0.2.1 ; cf_tags=team:x,cf-proxied:true
d.example.com. 1 IN AAAA 2001:db8::1 ; for the shop cf_tags=cf-proxied:true
e.example.com. 1 IN CNAME lb.example.net. ; cf_tags=cf-flatten-cname
f.example.com. 1 IN TXT "x" ; cf_tags=cf-proxied:true
`, `
example.com
1 a.example.com proxied lb.example.net.
2 b.example.com CNAME lb.example.net.
3 c.example.com proxied 192.0.2.1
4 d.example.com proxied 2001:db8::1
5 e.example.com proxied lb.example.net.
6 f.example.com TXT "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.hold(t)
		})
	}
}

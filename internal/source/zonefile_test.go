package source_test

import "testing"

// TestForms: zone files as name servers take them and programs write them.
func TestForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]reading{
		"the usual": {"example.com.zone", `$ORIGIN example.com.
$TTL 1h30m ; an hour and a half
@	IN SOA ns1 hostmaster (
		1       ; serial
		3600 600 86400 60 )
	IN	NS	ns1
	300	IN	NS	ns2.example.net.
bounce IN 60 MX 10 feedback-smtp.eu-west-1.amazonses.com.
BOUNCE	TXT	( "v=spf1 include:amazonses.com"
	" ~all" )
Www.Example.COM. CNAME @
$ORIGIN sub
x A 192.0.2.1
`, `
example.com
3 example.com SOA
6 example.com NS ns1.example.com.
7 example.com NS ns2.example.net.
8 bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.
9 bounce.example.com TXT "v=spf1 include:amazonses.com" " ~all"
11 www.example.com CNAME example.com.
13 x.sub.example.com A 192.0.2.1`},

		"lines that end in CR LF, and a mark": {"example.com.txt", "\xef\xbb\xbf$ORIGIN example.com.\r\n; a comment\r\n\r\n@ 300 IN SOA a b (\r\n1 2\r\n3 4 5)\r\na 300 IN A 192.0.2.1\r\n", `
example.com
4 example.com SOA
7 a.example.com A 192.0.2.1`},

		"no final newline":         {"example.com", "a 300 IN A 192.0.2.1", "\nexample.com\n1 a.example.com A 192.0.2.1"},
		"directives in lower case": {"example.com.zone", "$ttl 60\n$origin a.example.com.\n@ A 192.0.2.1\n", "\nexample.com\n3 a.example.com A 192.0.2.1"},

		"a parenthesis at the end of a word": {"example.com.db", "@\tIN SOA dns1.ovh.net. tech.ovh.net. (2023100600 86400 3600 3600000 60)\n\tIN NS dns1.ovh.net.\n", `
example.com
1 example.com SOA
2 example.com NS dns1.ovh.net.`},

		"escapes": {"example.com.zone", `\097 TXT "a\"b\\c\;d" e\ f` + "\n" + `a\.b TXT x` + "\n" + `c TXT "\195\164"` + "\n", `
example.com
1 a.example.com TXT "a\"b\\c;d" "e f"
2 a\046b.example.com TXT "x"
3 c.example.com TXT "\195\164"`},

		"the form for unknown types": {"example.com.zone", "a TYPE1 \\# 4 c0000201\nb CLASS1 TYPE16 \\# 3 02 6869\nc TYPE65534 \\# 1 00\n", `
example.com
1 a.example.com A 192.0.2.1
2 b.example.com TXT "hi"
3 c.example.com TYPE65534 .`},

		"types that nobody asks for need not be right": {"example.com.zone", "@ CAA none at all\n_x._tcp SRV what\nh HTTPS 1 . alpn=\"h2,h3\"\n", `
example.com
1 example.com CAA .
2 _x._tcp.example.com TYPE33 .
3 h.example.com TYPE65 .`},

		"CAA": {"example.com.zone", "@ CAA 0 issuemail \"ca.example; x=\\\"y\"\n@ CAA 128 issue \";\"\n", `
example.com
1 example.com CAA 0 issuemail "ca.example; x=\"y"
2 example.com CAA 128 issue ";"`},

		"another class": {"example.com.zone", "version CH TXT \"1\"\na A 192.0.2.1\n", "\nexample.com\n2 a.example.com A 192.0.2.1"},

		"a record twice": {"example.com.zone", "a 300 A 192.0.2.1\na 60 A 192.0.2.1\n", "\nexample.com\n1 a.example.com A 192.0.2.1"},

		"long strings": {"example.com.zone", "a TXT \"" + repeat("x", 300) + "\"\n", "\nexample.com\n1 a.example.com TXT \"" + repeat("x", 255) + "\" \"" + repeat("x", 45) + "\""},

		"type SPF": {"example.com.zone", "a SPF \"v=spf1 \" \"-all\"\nb TYPE99 \\# 3 027878\n", "\nexample.com\n1 a.example.com SPF \"v=spf1 \" \"-all\"\n2 b.example.com SPF \"xx\""},
		"no quotes": {"example.com.zone", "a TXT v=spf1 -all\nb TXT one ; a comment\nc TXT v=DMARC1; p=none\nd TXT v=DMARC1\\; p=none\n", `
example.com
1 a.example.com TXT "v=spf1" "-all"
2 b.example.com TXT "one"
3 c.example.com TXT "v=DMARC1"
4 d.example.com TXT "v=DMARC1;" "p=none"
skipped: 1 TXT record, in example.com.zone line 3: it ends at a semicolon, which begins a comment outside quotes`},

		"outside of the zone": {"example.com.dns", "@ NS ns1.example.net.\nns1.example.net. A 192.0.2.1\nns2.example.net. A 192.0.2.2\n", `
example.com
1 example.com NS ns1.example.net.
skipped: 2 address records, the first in example.com.dns line 2: it is outside the zone`},

		"two CNAMEs": {"example.com.zone", "a CNAME b\nb A 192.0.2.1\na CNAME c\nc CNAME b\nc CNAME b\n", `
example.com
1 a.example.com CNAME b.example.com.
2 b.example.com A 192.0.2.1
3 a.example.com CNAME c.example.com.
4 c.example.com CNAME b.example.com.
skipped: 2 CNAME records, the first in example.com.zone line 1: another one is at the same name, so neither counts (RFC 2181 section 10.1)`},

		"$GENERATE": {"example.com.zone", "$GENERATE 1-5/2 host-$ 300 IN A 192.0.2.$\n$GENERATE 1-1 t$ TXT \"a; b\"\n$GENERATE 1-2 m$ MX \"$ mail-$\"\n$GENERATE 1-1 c$ 300 IN CNAME \"m$\"\n", `
example.com
1 host-1.example.com A 192.0.2.1
1 host-3.example.com A 192.0.2.3
1 host-5.example.com A 192.0.2.5
2 t1.example.com TXT "a; b"
3 m1.example.com MX 1 mail-1.example.com.
3 m2.example.com MX 2 mail-2.example.com.
4 c1.example.com CNAME m1.example.com.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.hold(t)
		})
	}
}

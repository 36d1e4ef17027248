package spf

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

func TestIs(t *testing.T) {
	tests := map[string]bool{
		"v=spf1": true, "v=spf1 ": true, "V=SpF1 -all": true, "v=spf1 nonsense": true, "v=spf1  -all": true,
		"": false, "v=spf": false, "v=spf10 -all": false, "v=spf1-all": false, " v=spf1 -all": false,
		"v=spf1\t-all": false, "\"v=spf1 -all": false, "spf1 -all": false, "v=spf2.0/pra -all": false, "v=spf1;": false,
	}
	for s, want := range tests {
		if got := Is(untrusted.New(s)); got != want {
			t.Errorf("Is(%q) = %v", s, got)
		}
	}
}

func TestParseTerms(t *testing.T) {
	const text = "V=SPF1  +A MX:Mail.Example.COM./24//64 -include:%{ir}.%{v}.x.example ?ptr exists:_h.example " +
		"ip4:192.0.2.7/24 IP6:2001:db8::1 a//0 ~all exp=why.example redirect=_r.example x-1.y_z=%{h}/: "
	name := record.MustName
	want := []Term{
		{Kind: A, Column: 9, Text: untrusted.New("+A"), Qualifier: '+', Bits4: 32, Bits6: 128},
		{Kind: MX, Column: 12, Text: untrusted.New("MX:Mail.Example.COM./24//64"), Qualifier: '+',
			Domain: untrusted.New("Mail.Example.COM."), Target: name("mail.example.com"), Bits4: 24, Bits6: 64},
		{Kind: Include, Column: 40, Text: untrusted.New("-include:%{ir}.%{v}.x.example"), Qualifier: '-',
			Domain: untrusted.New("%{ir}.%{v}.x.example"), Macros: true, Bits4: 32, Bits6: 128},
		{Kind: PTR, Column: 70, Text: untrusted.New("?ptr"), Qualifier: '?', Bits4: 32, Bits6: 128},
		{Kind: Exists, Column: 75, Text: untrusted.New("exists:_h.example"), Qualifier: '+',
			Domain: untrusted.New("_h.example"), Target: name("_h.example"), Bits4: 32, Bits6: 128},
		{Kind: IP4, Column: 93, Text: untrusted.New("ip4:192.0.2.7/24"), Qualifier: '+',
			Network: netip.MustParsePrefix("192.0.2.7/24"), Bits4: 32, Bits6: 128},
		{Kind: IP6, Column: 110, Text: untrusted.New("IP6:2001:db8::1"), Qualifier: '+',
			Network: netip.MustParsePrefix("2001:db8::1/128"), Bits4: 32, Bits6: 128},
		{Kind: A, Column: 126, Text: untrusted.New("a//0"), Qualifier: '+', Bits4: 32, Bits6: 0},
		{Kind: All, Column: 131, Text: untrusted.New("~all"), Qualifier: '~', Bits4: 32, Bits6: 128},
		{Kind: Exp, Column: 136, Text: untrusted.New("exp=why.example"), Bits4: 32, Bits6: 128,
			Domain: untrusted.New("why.example"), Target: name("why.example")},
		{Kind: Redirect, Column: 152, Text: untrusted.New("redirect=_r.example"), Bits4: 32, Bits6: 128,
			Domain: untrusted.New("_r.example"), Target: name("_r.example")},
		{Kind: Modifier, Column: 172, Text: untrusted.New("x-1.y_z=%{h}/:"), Bits4: 32, Bits6: 128},
	}
	r := Parse(untrusted.New(text))
	opts := cmp.Options{cmpopts.IgnoreUnexported(Term{}), cmp.Comparer(func(a, b untrusted.Text) bool { return a == b }), cmpopts.EquateComparable(netip.Prefix{})}
	if diff := cmp.Diff(want, r.Terms, opts); diff != "" {
		t.Errorf("terms (-want +got):\n%s", diff)
	}
	if len(r.Problems)+len(r.Oddities) > 0 {
		t.Errorf("problems %v, oddities %v", r.Problems, r.Oddities)
	}
	for _, term := range r.Terms {
		if at := text[term.Column-1:]; !strings.HasPrefix(at, term.Text.Raw()) {
			t.Errorf("column %d holds %q, not %q", term.Column, at, term.Text.Raw())
		}
	}
}

func TestRecord(t *testing.T) {
	r := Parse(untrusted.New("v=spf1 include:a.example ptr redirect=r.example ~all include:b.example exp=e.example include: -all ptr:x.example"))
	texts := func(terms []*Term) string {
		var s []string
		for _, t := range terms {
			s = append(s, t.Text.Raw())
		}
		return strings.Join(s, " ")
	}
	for what, test := range map[string]struct{ got, want string }{
		"includes": {texts(r.Of(Include)), "include:a.example include:b.example"},
		"ptr":      {texts(r.Of(PTR)), "ptr ptr:x.example"},
		"all":      {r.All().Text.Raw(), "~all"},
		"redirect": {r.Redirect().Text.Raw(), "redirect=r.example"},
		"unread":   {texts(r.Unread()), "redirect=r.example include:b.example include: -all ptr:x.example"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", what, test.got, test.want)
		}
	}
	r = Parse(untrusted.New("v=spf1 a all: redirect="))
	if r.All() != nil || r.Redirect() != nil || r.Unread() != nil {
		t.Errorf("a bad term counts: %v %v %v", r.All(), r.Redirect(), r.Unread())
	}
}

// Valid are terms without any problem, odd or not.
func TestParseValid(t *testing.T) {
	for _, s := range []string{
		"all", "-ALL", "?all", "include:_spf.google.com", "include:a.b.", "include:example.xn--zckzah", "a:x-.y",
		"a", "a/0", "a/32", "a//128", "a/24//64", "mx/9",
		"a:%{d}", "a:%{d}/24", "a:%{h}.bar", "a:x.%%", "a:x%_", "exists:%{l1r-}.%{D2}.%{i}._spf.%{o127}",
		"a:%{d/}", "a:%{d2r.-+,/_=}", "a:macro%%percent%_%_space%-url-space.example.com",
		"ip4:0.0.0.0/0", "ip4:255.255.255.255/32", "ip6:::/0", "ip6:::1", "ip6:2001:DB8::1.2.3.4/127",
		"exp=x.example", "EXP=%{d}", "redirect=%{d}.x.example", "moo.cow-far_out=man:dog/cat", "m=", "x=%{c}%{r}%{t}",
		"A0=!", "Z9=~", "z-0_9.=x", "a:x.a", "a:x.Zz", "a:x.0a",
		"ptr:x.example", "include:1.2.3.4.example", "a:123.456.789x",
	} {
		if r := Parse(untrusted.New("v=spf1 " + s)); len(r.Problems)+len(r.Oddities) > 0 || len(r.Terms) != 1 || r.Terms[0].Bad {
			t.Errorf("%s: %v %v", s, r.Problems, r.Oddities)
		}
	}
}

func TestProblems(t *testing.T) {
	long := strings.Repeat("a", 64)
	tests := []struct{ term, what, correction string }{
		// names
		{"nclude:x.example", `there is no mechanism "nclude"`, "include:x.example"},
		{"-inlcude:x.example", `there is no mechanism "inlcude"`, "-include:x.example"},
		{"includes:x.example", `there is no mechanism "includes"`, "include:x.example"},
		{"include_spf.x.example", `there is no mechanism "include_spf.x.example"`, "include:_spf.x.example"},
		{"ipv4:192.0.2.1", `there is no mechanism "ipv4"`, "ip4:192.0.2.1"},
		{"ip:2001:db8::/32", `there is no mechanism "ip"`, "ip6:2001:db8::/32"},
		{"ip4192.0.2.1", `there is no mechanism "ip4192.0.2.1"`, "ip4:192.0.2.1"},
		{"192.0.2.0/24", `there is no mechanism "192.0.2.0"`, "ip4:192.0.2.0/24"},
		{"nclude:https://x.example/", `there is no mechanism "nclude"`, "include:x.example"}, // two slips
		{"nclude:https://x.example/,", `there is no mechanism "nclude"`, ""},                 // three
		{"moo", `there is no mechanism "moo"`, ""},
		{"moo:x.example", `there is no mechanism "moo"`, ""},
		{"x.example", `there is no mechanism "x.example"`, ""},
		{"-", "not a mechanism", ""},
		{"=all", "not a mechanism", ""},
		{":", "not a mechanism", ""},
		{"%", `there is no mechanism "%"`, ""},
		{":192.0.2.1", "not a mechanism", "ip4:192.0.2.1"},
		{"moo.cow/far_out=man", `there is no mechanism "moo.cow"`, ""},
		{"1up=foo", `there is no mechanism "1up"`, ""},
		// all
		{"-all.", `there is no mechanism "all."`, "-all"},
		{"--all", `there is no mechanism "-all"`, "-all"},
		{"~all;", `there is no mechanism "all;"`, "~all"},
		{`-all"`, `there is no mechanism "all\""`, "-all"},
		{"-all:x", "all takes nothing after it", "-all"},
		{"-all/8", "all takes nothing after it", "-all"},
		// arguments
		{"include", "include takes a colon and a domain", ""},
		{"include:", "include without a domain", ""},
		{"-include=x.example", "include takes a colon, not =", "-include:x.example"},
		{"include/24", "include takes a colon and a domain before any prefix length", ""},
		{"include:x.example/24", "include takes no prefix length", "include:x.example"},
		{"include:192.0.2.1", "include takes a domain, not an address", "ip4:192.0.2.1"},
		{"a:192.0.2.1/24", "a takes a domain, not an address", "ip4:192.0.2.1/24"},
		{"mx:2001:db8::1", "mx takes a domain, not an address", "ip6:2001:db8::1"},
		{"a:", "a without a domain", "a"},
		{"mx:", "mx without a domain", "mx"},
		{"ptr:", "ptr without a domain", "ptr"},
		{"ptr/24", "ptr takes no prefix length", "ptr"},
		{"exists", "exists takes a colon and a domain", ""},
		{"exists:x.example/8", "exists takes no prefix length", "exists:x.example"},
		// addresses
		{"ip4", "ip4 takes a colon and an IPv4 address", ""},
		{"ip6", "ip6 takes a colon and an IPv6 address", ""},
		{"ip4:", "ip4 without an address", ""},
		{"ip4:2001:db8::/32", "ip4 takes an IPv4 address", "ip6:2001:db8::/32"},
		{"ip6:192.0.2.1", "ip6 takes an IPv6 address", "ip4:192.0.2.1"},
		{"ip4:mail.example", `"mail.example" is not an IPv4 address`, "a:mail.example"},
		{"ip4:192.0.2.01", `"192.0.2.01" is not an IPv4 address`, "ip4:192.0.2.1"},
		{"ip4:192.0.2", `"192.0.2" is not an IPv4 address`, ""},
		{"ip4:192.0.2/24", `"192.0.2" is not an IPv4 address`, "ip4:192.0.2.0/24"},
		{"ip4:192.0.2.*", `"192.0.2.*" is not an IPv4 address`, "ip4:192.0.2.0/24"},
		{"ip4:192.0.2.1:25", `"192.0.2.1:25" is not an IPv4 address`, "ip4:192.0.2.1"},
		{"ip4:[192.0.2.1]", `"[192.0.2.1]" is not an IPv4 address`, "ip4:192.0.2.1"},
		{"ip6:[2001:db8::1]", `"[2001:db8::1]" is not an IPv6 address`, "ip6:2001:db8::1"},
		{"ip6:2001:db8::a:1~all", `"2001:db8::a:1~all" is not an IPv6 address`, "ip6:2001:db8::a:1 ~all"},
		{"ip6:a:a::1~all", `"a:a::1~all" is not an IPv6 address`, "ip6:a:a::1 ~all"}, // four terms may begin in it
		{"ip6:a:a:a::1~all", `"a:a:a::1~all" is not an IPv6 address`, ""},            // five: too many
		{"ip4:192.0.2.1,", `"192.0.2.1," is not an IPv4 address`, "ip4:192.0.2.1"},
		{"ip4:192.0.2.1-192.0.2.9", `"192.0.2.1-192.0.2.9" is not an IPv4 address`, ""},
		{"ip4:192.0.2.0/33", `"/33" is not a prefix length for IPv4`, ""},
		{"ip4:192.0.2.0/024", `"/024" is not a prefix length for IPv4`, "ip4:192.0.2.0/24"},
		{"ip4:192.0.2.0/255.255.255.0", `"/255.255.255.0" is not a prefix length for IPv4`, "ip4:192.0.2.0/24"},
		{"ip4:192.0.2.0/255.0.255.0", `"/255.0.255.0" is not a prefix length for IPv4`, ""},
		{"ip4:192.0.2.0/", `"/" is not a prefix length for IPv4`, "ip4:192.0.2.0"},
		{"ip4:192.0.2.1/032", `"/032" is not a prefix length for IPv4`, "ip4:192.0.2.1"},
		{"ip4:192.0.2.1/033", `"/033" is not a prefix length for IPv4`, ""},
		{"ip4:192.0.2.0//24", `"//24" is not a prefix length for IPv4`, "ip4:192.0.2.0/24"},
		{"ip6:2001:db8::/129", `"/129" is not a prefix length for IPv6`, ""},
		{"ip6:fe80::1%eth0", `"fe80::1%eth0" is not an IPv6 address`, ""},
		{"ip6::CAFE::BABE", `":CAFE::BABE" is not an IPv6 address`, ""},
		{"ip4:192.0.2.300/40", `"/40" is not a prefix length for IPv4|"192.0.2.300" is not an IPv4 address`, ""},
		{"a/33", `"/33" is not a prefix length for IPv4`, ""},
		{"a//129", `"//129" is not a prefix length for IPv6`, ""},
		{"mx/24/64", `"/64" is not a prefix length for IPv4`, "mx/24//64"},
		{"a/x", `"/x" is not a prefix length`, ""},
		{"a:foo/99//999", `"foo" is not a full domain name|"//999" is not a prefix length for IPv6|"/99" is not a prefix length for IPv4`, ""},
		// domains
		{"a:museum.", `"museum." is not a full domain name`, ""},
		{"a:abc.123", `a domain cannot end in "123"`, ""},
		{"a:x.-com", `a domain cannot end in "-com"`, ""},
		{"a:x.example:8080", `a domain cannot end in "example:8080"`, ""},
		{"include:x.example;", `a domain cannot end in "example;"`, "include:x.example"},
		{"include:https://x.example/", `a domain cannot end in "example/"`, "include:x.example"},
		{"include:a..example", `"a..example" is not a domain name: empty label`, ""},
		{"include:.example", `".example" is not a domain name: empty label`, ""},
		{"include:" + long + ".example", fmt.Sprintf("%.80q is not a domain name: label of more than 63 bytes", long+".example"), ""},
		{"include:" + strings.Repeat("abcdefg.", 32) + "example",
			"\"" + strings.Repeat("abcdefg.", 10) + "...\" is not a domain name: name of more than 255 bytes", ""},
		// macros
		{"exists:%{x}.example", `macro "%{x}" has no valid letter`, ""},
		{"exists:%{}.example", `macro "%{}" has no valid letter`, ""},
		{"exists:%{r}.example", `macro "%{r}" is allowed only in the text that exp points to`, ""},
		{"exists:%{c}.example", `macro "%{c}" is allowed only in the text that exp points to`, ""},
		{"exists:%{d0}.example", `macro "%{d0}" keeps 0 parts`, ""},
		{"exists:%{dr2}.example", `macro "%{dr2}" has something other than digits, r and delimiters after its letter`, ""},
		{"exists:%{d;}.example", `macro "%{d;}" has something other than digits, r and delimiters after its letter`, ""},
		{"exists:%{i.example", `macro "%{i.example" has no closing }`, ""},
		{"exists:%(ir).example", "% is not followed by {, %, _ or -", ""},
		{"exists:x.example%", "% is not followed by {, %, _ or -", ""},
		{"exists:%{i}.", `"%{i}." is not a full domain name`, "exists:%{i}"},
		{"exists:%{i}x.-y", `a domain cannot end in "-y"`, ""},
		// modifiers
		{"redirect:x.example", "redirect is a modifier and takes = and a domain", "redirect=x.example"},
		{"redirect", "redirect is a modifier and takes = and a domain", ""},
		{"-redirect=x.example", "redirect is a modifier and takes no qualifier", "redirect=x.example"},
		{"+redirect=x.example", "redirect is a modifier and takes no qualifier", "redirect=x.example"},
		{"redirect=", "redirect without a domain", ""},
		{"redirect=-all", `"-all" is not a full domain name`, ""},
		{"exp=", "exp without a domain", ""},
		{"foo=%abc", "% is not followed by {, %, _ or -", ""},
		// characters
		{"\tmx", "a tab, where only spaces may separate terms", "mx"},
		{"mx\u00a0a", "no-break spaces; a record is visible ASCII", "mx a"},
		{"a:x.example\r\n-all", `control character "\013"; a record is visible ASCII`, "a:x.example -all"},
		{"\u2013all", "long dashes; a record is visible ASCII", "-all"},
		{"\u201cmx\u201d", "curly quotes; a record is visible ASCII", "mx"},
		{"include:x.example\u200b", "invisible characters; a record is visible ASCII", "include:x.example"},
		{"include:x.example~all", `a domain cannot end in "example~all"`, "include:x.example ~all"},
		{"include:x.example+all", `a domain cannot end in "example+all"; a space is missing before +all, which lets everybody send`, ""},
		{"include;x.example", `there is no mechanism "include;x.example"`, "include:x.example"},
		{"ip4,192.0.2.1", `there is no mechanism "ip4,192.0.2.1"`, "ip4:192.0.2.1"},
		{"ip4:192.0.2.1ip4:192.0.2.2-all", `"192.0.2.1ip4:192.0.2.2-all" is not an IPv4 address`, "ip4:192.0.2.1 ip4:192.0.2.2 -all"},
		{"include:x.example;ip4:192.0.2.1", `a domain cannot end in "1"`, "include:x.example ip4:192.0.2.1"},
		{"all.", `there is no mechanism "all."`, ""},
		{"---all", `there is no mechanism "--all"`, "-all"},
		{"al:x.example", `there is no mechanism "al"`, ""},
		{"include:é.example", `byte "\195"; a record is visible ASCII`, ""},
		{"a:x.example\x00", `control character "\000"; a record is visible ASCII`, ""},
		{"a\x7f", `control character "\127"; a record is visible ASCII`, ""},
	}
	for _, test := range tests {
		t.Run(test.term, func(t *testing.T) {
			r := Parse(untrusted.New("v=spf1 a " + test.term + " -all"))
			if strings.HasSuffix(test.term, ":") || len(test.term) == 1 { // not to be joined with the next
				r = Parse(untrusted.New("v=spf1 a " + test.term))
			}
			var what []string
			for _, p := range r.Problems {
				what = append(what, p.What)
				if p.Column != 10 || p.Term.Raw() != test.term || p.Correction.Raw() != test.correction {
					t.Errorf("column %d, term %q, meant %q, want %q", p.Column, p.Term.Raw(), p.Correction.Raw(), test.correction)
				}
			}
			if got := strings.Join(what, "|"); got != test.what {
				t.Errorf("says\n%s\nwant\n%s", got, test.what)
			}
			if len(r.Oddities) > 0 {
				t.Errorf("oddities %v", r.Oddities)
			}
			if !r.Terms[1].Bad || r.Terms[0].Bad {
				t.Error("the wrong term is bad")
			}
		})
	}
}

func TestCorrections(t *testing.T) {
	for record, want := range map[string]string{
		"v=spf1 include:x.example~all": `column 8: "include:x.example~all": a domain cannot end in "example~all"; a space is missing: probably "include:x.example ~all" was meant`,
		"v=spf1 redirect:x.example":    `column 8: "redirect:x.example": redirect is a modifier and takes = and a domain; probably "redirect=x.example" was meant`,
		"v=spf1 ip4:x":                 `column 8: "ip4:x": "x" is not an IPv4 address`,
	} {
		if got := Parse(untrusted.New(record)).Problems[0].String(); got != want {
			t.Errorf("%s\n got %s\nwant %s", record, got, want)
		}
	}
	if got := Qualifier(0).String(); got != "" {
		t.Errorf("a modifier has the sign %q", got)
	}
}

func TestOddities(t *testing.T) {
	tests := []struct{ term, what, correction string }{
		{"include=x.example", "with = this is an unknown modifier, which is ignored; the mechanism include takes a colon", "include:x.example"},
		{"ip4=192.0.2.1", "with = this is an unknown modifier, which is ignored; the mechanism ip4 takes a colon", "ip4:192.0.2.1"},
		{"inlcude=x.example", "an unknown modifier, which is ignored", "include:x.example"},
		{"redirct=x.example", "an unknown modifier, which is ignored", "redirect=x.example"},
		{"v=spf1", "a second v=spf1, which receivers ignore: are these two records in one?", ""},
		{"v=DMARC1;", "a DMARC record begins here, which receivers ignore: it belongs in a TXT record of its own, at _dmarc", ""},
		{"v=BIMI1", "another record begins here, which receivers ignore: it belongs in a TXT record of its own", ""},
		{"include:https://x.example", `"https://x.example" is a URL; write a name`, "include:x.example"},
		{"include:x.example-all", `"x.example-all" ends in a label with a hyphen, but no top-level domain has one`, "include:x.example -all"},
		{"include:a.exampleinclude:b.example", `"a.exampleinclude:b.example" has characters that are not allowed in a host name`, "include:a.example include:b.example"},
		{"include:a.example,include:b.example", `"a.example,include:b.example" has characters that are not allowed in a host name`, "include:a.example include:b.example"},
		{"include:a.example,b.example", `"a.example,b.example" has characters that are not allowed in a host name`, ""},
		{"a:foo:bar/baz.example.com", `"foo:bar/baz.example.com" has characters that are not allowed in a host name`, ""},
		{"mx:foo/24.example.com/24", `"foo/24.example.com" has characters that are not allowed in a host name`, ""},
		{`a:x\y.example`, `"x\\y.example" has characters that are not allowed in a host name`, "a:xy.example"},
		{"ip6:::ffff:192.0.2.1", "an IPv4-mapped address never matches, because such a client counts as IPv4", "ip4:192.0.2.1"},
	}
	for _, test := range tests {
		t.Run(test.term, func(t *testing.T) {
			r := Parse(untrusted.New("v=spf1 a " + test.term + " -all"))
			if len(r.Problems) > 0 || len(r.Oddities) != 1 {
				t.Fatalf("problems %v, oddities %v", r.Problems, r.Oddities)
			}
			if p := r.Oddities[0]; p.What != test.what || p.Correction.Raw() != test.correction || p.Column != 10 {
				t.Errorf("%v", p)
			}
			if r.Terms[1].Bad {
				t.Error("the term is bad")
			}
		})
	}
}

// Problems that are between terms.
func TestProblemsOfRecord(t *testing.T) {
	tests := []struct {
		record string
		want   []string
	}{
		{"v=spf1 redirect=a.example exp=a.example ReDirect=b.example -all EXP=a.example", []string{
			`column 41: "ReDirect=b.example": a second redirect; only one is allowed`,
			`column 65: "EXP=a.example": a second exp; only one is allowed`,
		}},
		{"v=spf1 redirect= redirect=b.example", []string{
			`column 8: "redirect=": redirect without a domain`,
			`column 18: "redirect=b.example": a second redirect; only one is allowed`,
		}},
		{"v=spf1 include: _spf.x.example - all", []string{
			`column 8: "include:": include without a domain; probably "include:_spf.x.example" was meant`,
			`column 17: "_spf.x.example": there is no mechanism "_spf.x.example"`,
			`column 32: "-": not a mechanism; probably "-all" was meant`,
		}},
		{"v=spf1 include _spf.x.example in clude:a.example -all", []string{
			`column 8: "include": include takes a colon and a domain; probably "include:_spf.x.example" was meant`,
			`column 16: "_spf.x.example": there is no mechanism "_spf.x.example"`,
			`column 31: "in": there is no mechanism "in"; probably "include:a.example" was meant`,
			`column 34: "clude:a.example": there is no mechanism "clude"; probably "include:a.example" was meant`,
		}},
		{"v=spf1 mx: mail.example -all", []string{
			`column 8: "mx:": mx without a domain; probably "mx:mail.example" was meant`,
			`column 12: "mail.example": there is no mechanism "mail.example"`,
		}},
		{"v=spf1;a -all", []string{`column 1: "v=spf1;a": an SPF record begins with v=spf1, and then comes a space or nothing`}},
		{"", []string{`column 1: "": an SPF record begins with v=spf1, and then comes a space or nothing`}},
		{"v=spf1", nil},
		{"v=spf1   ", nil},
	}
	for _, test := range tests {
		t.Run(test.record, func(t *testing.T) {
			var got []string
			for _, p := range Parse(untrusted.New(test.record)).Problems {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever a record holds, what is said about it is printable ASCII.
func TestProblemsAreSafe(t *testing.T) {
	hostile := "\x1b]0;x\a::error::##[group]<b>`\u202e|\"\\"
	for _, before := range []string{"", "include:", "ip4:", "ip4:1.2.3.4/", "a/", "x=%{", "redirect=", "-", "exists:%{d", "all", "v="} {
		r := Parse(untrusted.New("v=spf1 " + before + hostile + " " + before + "::error##[x]"))
		for _, p := range append(r.Problems, r.Oddities...) {
			for _, c := range []byte(p.String()) {
				if c < ' ' || c > '~' {
					t.Fatalf("%q", p.String())
				}
			}
			if strings.Contains(p.String(), "##[") {
				t.Errorf("%s", p)
			}
		}
	}
}

func TestParseIsBounded(t *testing.T) {
	for name, s := range map[string]string{
		"a term of some length": "v=spf1 " + strings.Repeat("x", 2*MaxTerm),
		"one long term":         "v=spf1 " + strings.Repeat("x", 64<<10),
		"one long macro":        "v=spf1 a:" + strings.Repeat("%{d}", 16<<10),
		"open macros":           "v=spf1 a:" + strings.Repeat("%{", 32<<10),
		"one long domain":       "v=spf1 include:" + strings.Repeat("a.", 32<<10),
		"blanks":                "v=spf1" + strings.Repeat(" ", 64<<10),
		"bad terms":             "v=spf1" + strings.Repeat(" nclude:a.bc", 10_000),
		"terms to be guessed":   "v=spf1" + strings.Repeat(" "+strings.Repeat("/", 299), 200),
	} {
		t.Run(name, func(t *testing.T) {
			r := Parse(untrusted.New(s))
			if n, want := len(r.Terms)+r.Left.Terms, len(strings.Fields(s))-1; n != want {
				t.Errorf("%d terms, want %d", n, want)
			}
			for _, p := range r.Problems {
				if len(p.String()) > 500 {
					t.Errorf("a problem of %d octets", len(p.String()))
				}
			}
			small(t, r)
		})
	}
}

// small holds what is kept of a record against the bounds.
func small(t *testing.T, r *Record) {
	t.Helper()
	if len(r.Terms) > MaxTerms+maxBeyond+3 || len(r.Problems) > MaxProblems || len(r.Oddities) > MaxProblems {
		t.Errorf("%d terms, %d problems, %d oddities", len(r.Terms), len(r.Problems), len(r.Oddities))
	}
	for _, p := range append(r.Problems, r.Oddities...) {
		if p.Term.Len() > MaxTerm {
			t.Errorf("a problem keeps %d octets", p.Term.Len())
		}
	}
	octets := r.Text.Len()
	for _, term := range r.Terms {
		octets += term.Text.Len()
	}
	if most := 2*MaxText + (maxBeyond+3)*MaxTerm; octets > most {
		t.Errorf("%d octets are kept, more than %d", octets, most)
	}
	if r.Octets > MaxText && !r.Cut {
		t.Error("nothing says that not all is kept")
	}
}

// Of many problems twenty are kept, and the others counted.
func TestProblemsAreBounded(t *testing.T) {
	for n, left := range map[int]int{19: 0, 20: 0, 21: 1, 23: 3} {
		r := Parse(untrusted.New("v=spf1" + strings.Repeat(" nclude:a.example", n) + strings.Repeat(" include=a.example", n)))
		if len(r.Problems) != n-left || r.Left.Problems != left {
			t.Errorf("of %d problems %d are kept, and %d more counted", n, len(r.Problems), r.Left.Problems)
		}
		if len(r.Oddities) != n-left || r.Left.Oddities != left {
			t.Errorf("of %d oddities %d are kept, and %d more counted", n, len(r.Oddities), r.Left.Oddities)
		}
		for _, p := range r.Problems {
			if p.Correction.Raw() != "include:a.example" || !p.Sure {
				t.Errorf("%v, sure %v", p, p.Sure)
			}
		}
	}
}

// A record of MaxTerms terms, of MaxText octets or with a term of MaxTerm octets
// is kept whole; with one more, it is cut.
func TestParseBounds(t *testing.T) {
	for name, of := range map[string]func(n int) string{
		"terms":          func(n int) string { return strings.Repeat(" ip4:192.0.2.1", MaxTerms+n) },
		"text":           func(n int) string { return strings.Repeat(" ", MaxText+n-len("v=spf1a")) + "a" },
		"a term":         func(n int) string { return " x=" + strings.Repeat("x", MaxTerm+n-len("x=")) },
		"a network":      func(n int) string { return strings.Repeat(" a", MaxTerms-1) + strings.Repeat(" ip4:10.0.0.0/9", n+1) },
		"a bad term":     func(n int) string { return strings.Repeat(" a", MaxTerms-1) + strings.Repeat(" x", n+1) },
		"behind all":     func(n int) string { return strings.Repeat(" ~all", MaxTerms+n) },
		"behind all end": func(n int) string { return strings.Repeat(" ip4:192.0.2.1", MaxTerms-1) + strings.Repeat(" ~all", n+1) },
	} {
		whole, cut := Parse(untrusted.New("v=spf1"+of(0))), Parse(untrusted.New("v=spf1"+of(1)))
		if whole.Cut || whole.Left != (Left{}) || !cut.Cut {
			t.Errorf("%s: cut %v with %+v, and with one more %v", name, whole.Cut, whole.Left, cut.Cut)
		}
	}
	r := Parse(untrusted.New("v=spf1" + strings.Repeat(" ip4:192.0.2.1", MaxTerms) + " ip4:192.0.2.2 a ip4:192.0.2.3"))
	if want := (Left{Column: 7 + MaxTerms*14 + 1, Terms: 2}); r.Left != want {
		t.Errorf("%+v, want %+v", r.Left, want)
	}
}

// Of a record with more than is kept, the verdict is that of the whole: what ends
// it, what it costs, that it is wrong somewhere, the include far behind.
func TestParseKeepsWhatDecides(t *testing.T) {
	networks := strings.Repeat(" ip4:192.0.2.1", 900)
	includes := strings.Repeat(" include:a.example", 900)
	for name, c := range map[string]struct {
		text    string
		lookups int // terms that cost one, kept or not
		has     string
	}{
		"the ending":            {networks + " -all", 0, "-all"},
		"a redirect":            {networks + " redirect=b.example", 1, "redirect=b.example"},
		"an include behind":     {networks + " include:b.example ~all", 1, "include:b.example"},
		"a large network":       {networks + " ip4:10.0.0.0/8 ~all", 0, "ip4:10.0.0.0/8"},
		"everybody behind":      {networks + " ip4:0.0.0.0/0 ~all", 0, "ip4:0.0.0.0/0"},
		"lookups":               {includes + " ~all", 900, "~all"},
		"lookups behind all":    {" ~all" + includes, 0, "~all"},
		"lookups around all":    {includes + " ~all" + includes, 900, "~all"},
		"an error far behind":   {includes + " ~all nonsense", 900, "~all"},
		"a second all":          {networks + " -all +all", 0, "-all"},
		"an explanation behind": {networks + " exp=b.example -all", 0, "exp=b.example"},
	} {
		t.Run(name, func(t *testing.T) {
			r := Parse(untrusted.New("v=spf1" + c.text))
			small(t, r)
			if !r.Cut || r.Left.Terms == 0 {
				t.Error("nothing is left out")
			}
			lookups := r.Left.Lookups
			all := r.All()
			found := false
			for i := range r.Terms {
				term := &r.Terms[i]
				if term.Kind.Queries() && !term.unread(all) {
					lookups++
				}
				found = found || term.Text.Raw() == c.has
			}
			if lookups != c.lookups || !found {
				t.Errorf("%d lookups, %s kept: %v", lookups, c.has, found)
			}
			if wrong := strings.Contains(c.text, "nonsense"); wrong != (len(r.Problems) > 0) {
				t.Errorf("problems %v", r.Problems)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	text := untrusted.New("v=spf1 include:amazonses.com include:_spf.google.com include:spf.protection.outlook.com " +
		"ip4:192.0.2.0/24 ip6:2001:db8::/32 mx a:mail.example.com ~all")
	b.ReportAllocs()
	for b.Loop() {
		if r := Parse(text); len(r.Problems) > 0 {
			b.Fatal(r.Problems)
		}
	}
}

package spf

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

func txtOf(strs ...string) record.Record {
	r := record.Record{Type: record.TXT}
	for _, s := range strs {
		r.Strings = append(r.Strings, untrusted.New(s))
	}
	return r
}

// TestRestore: what a TXT record was meant to be, with all its terms, or why
// that is not certain. The strings of a record are separated by |.
func TestRestore(t *testing.T) {
	const b = "ip4:198.51.100.9 include:_spf.x.example -all"
	const whole = "v=spf1 " + b
	const short = "v=spf1 include:x.example ~all"
	for _, c := range []struct{ txt, text, mistakes, doubt string }{
		// characters
		{`"` + whole + `"`, whole, "quotes are part of the data", ""},
		{"'" + whole + "'", whole, "quotes are part of the data", ""},
		{"\u201c" + whole + "\u201d", whole, "curly quotes are part of the data", ""},
		{"\u00ab" + whole + "\u00bb", whole, "curly quotes are part of the data", ""},
		{"\x93" + whole + "\x94", whole, "curly quotes are part of the data", ""},
		{"v=spf1\u00a0" + b, whole, "no-break spaces are part of the data", ""},
		{"v=spf1\xa0" + b, whole, "no-break spaces are part of the data", ""},
		{"v=spf1\t" + b, whole, "tabs are part of the data", ""},
		{"v=spf1\r\n" + b, whole, "line breaks are part of the data", ""},
		{"\u200bv=spf1\u200b include:x.example\ufeff ~all", short, "invisible characters are part of the data", ""},
		{"v=spf1 include:\u201cx.example\u201d \u2013all", "v=spf1 include:x.example -all", "curly quotes and long dashes are part of the data", ""},
		{"v\uff1dspf1 include\uff1ax.example \uff5eall", short, "tildes that are not ASCII and colons that are not ASCII and equals signs that are not ASCII are part of the data", ""},
		{`\"` + whole + `\"`, whole, "backslashes and quotes are part of the data", ""},
		{`v=spf1\032` + b, whole, "backslashes are part of the data", ""},
		{`v=spf1\ include:x.example\ ~all`, short, "backslashes are part of the data", ""},
		{`\226\128\156` + whole + `\226\128\157`, whole, "backslashes and curly quotes are part of the data", ""},
		{"&quot;" + whole + "&quot;", whole, "HTML entities are part of the data", ""},
		{"v=spf1&nbsp;include:x.example&#32;~all", short, "HTML entities and no-break spaces are part of the data", ""},
		{"v=spf1%20include%3Ax.example%20~all", short, "percent-encoded characters are part of the data", ""},
		{`"v=spf1 include:x.example" "~all"`, short, "quotes are part of the data", ""},
		{`"v=spf1 include:x.exa" "mple ~all"`, short, "quotes are part of the data", ""},
		{`v=spf1 include:x.example" "ip4:192.0.2.1 -all`, "v=spf1 include:x.example ip4:192.0.2.1 -all", "quotes are part of the data", ""},
		{"v=spf1 include:\u00e9.example -all", "", "", `"include:\195\169.example": byte "\195"; a record is visible ASCII`},
		{"v=spf1 a\x00 -all", "", "", `"a\000": control character "\000"; a record is visible ASCII`},
		// the version section
		{" " + whole, whole, "it begins with a space", ""},
		{"-" + whole, whole, "there is something before v=spf1", ""},
		{"(" + short + ")", short, "there is something before v=spf1", ""},
		{`( "v=spf1 include:x.example" "~all" )`, short, "there is something before v=spf1; quotes are part of the data", ""},
		{"v=spf " + b, whole, "it does not begin with v=spf1", ""},
		{"v:spf1 " + b, whole, "it does not begin with v=spf1", ""},
		{"v=spf-all", "v=spf1 -all", "it does not begin with v=spf1", ""},
		{"v=spf 192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all", "it does not begin with v=spf1", ""},
		{"v=spf1.0 -all", "v=spf1 -all", "it does not begin with v=spf1", ""},
		{"v=spf2 " + b, whole, "it does not begin with v=spf1", ""},
		{"v=sfp1 a -all", "v=spf1 a -all", "it does not begin with v=spf1", ""},
		{"V = SPF1 a -all", "v=spf1 a -all", "it does not begin with v=spf1", ""},
		{"spf1 " + b, whole, "it does not begin with v=spf1", ""},
		{"=spf1 " + b, whole, "it does not begin with v=spf1", ""},
		{"v=spf1" + b, whole, "after v=spf1 comes a space", ""},
		{"v=spf1-all", "v=spf1 -all", "after v=spf1 comes a space", ""},
		{"v=spf1; " + b, whole, "after v=spf1 comes a space", ""},
		{"v=spf1;" + b, whole, "after v=spf1 comes a space", ""},
		{"V=SPF1, " + b, whole, "after v=spf1 comes a space", ""},
		{"v=spf1:" + b, whole, "after v=spf1 comes a space", ""},
		{"v=spf1;", "v=spf1", "after v=spf1 comes a space", ""},
		{"v=spf1,include:x.example,ip4:192.0.2.1,-all", "v=spf1 include:x.example ip4:192.0.2.1 -all", "after v=spf1 comes a space", ""},
		{b, whole, "it does not begin with v=spf1", ""},
		{`"` + b + `"`, whole, "it does not begin with v=spf1; quotes are part of the data", ""},
		{"a mx ~all", "v=spf1 a mx ~all", "it does not begin with v=spf1", ""},
		{"v=spf10 include:x.example", "", "", `"v=spf10" is not a version`},
		{" spf10 include:x.example ~all", "", "", `"spf10" is not a version`},
		{"xv=spf1 include:x.example ~all", "", "", "there is something before v=spf1"},
		{"our old one: v=spf1 include:x.example ~all", "", "", "there is something before v=spf1"},
		// what was pasted with it
		{"example.com. IN TXT " + whole, whole, "the record's name or type is part of the data", ""},
		{`example.com. 3600 IN TXT "` + whole + `"`, whole, "the record's name or type is part of the data; quotes are part of the data", ""},
		{"bounce 1h TXT " + whole, "", "", "there is something before v=spf1"},
		{"bounce IN TXT " + whole, whole, "the record's name or type is part of the data", ""},
		{"@ TXT " + whole, whole, "the record's name or type is part of the data", ""},
		{"TXT=" + whole, whole, "the record's name or type is part of the data", ""},
		{"Value: " + whole, whole, "the record's name or type is part of the data", ""},
		{"spf=" + whole, whole, "the record's name or type is part of the data", ""},
		{"example.com. IN TXT ( v=spf1 a -all )", "v=spf1 a -all", "the record's name or type is part of the data", ""},
		// records in one
		{"v=spf1; v=spf1 " + b, whole, "after v=spf1 comes a space; v=spf1 appears a second time", ""},
		{"v=spf1 include:x.example ~all|v=spf1 include:y.example -all", "v=spf1 include:x.example ~all include:y.example -all", "its strings join without a space; v=spf1 appears a second time", ""},
		{"v=spf1 include:x.example ~allv=spf1 include:y.example ~all", "v=spf1 include:x.example ~all include:y.example ~all", "v=spf1 appears a second time", ""},
		{"v=spf1 include:x.example ~all|spf2.0/pra include:x.example ~all", short, "it is followed by a record of Sender ID (spf2.0), which is obsolete", ""},
		{"v=spf1 include:x.example ~all spf2.0/mfrom,pra include:x.example ~all", short, "it is followed by a record of Sender ID (spf2.0), which is obsolete", ""},
		{"v=spf1; include:x.example ~all v=DMARC1; p=reject; rua=mailto:d@x.example", short, "after v=spf1 comes a space; it is followed by a record of another kind (\"v=DMARC1;\")", ""},
		{"v=spf1; v=DMARC1; p=reject; include:x.example ~all", short, "after v=spf1 comes a space; it is followed by a record of another kind (\"v=DMARC1;\")", ""},
		{"v=spf1 redirect=a.example redirect=b.example", "", "", `"redirect=b.example": a second redirect; only one is allowed`},
		// terms
		{"v=spf1 include: x.example ~all", short, "", ""},
		{"v=spf1 include x.example ~all", short, "", ""},
		{"v=spf1 + include:x.example - all", "v=spf1 +include:x.example -all", "", ""},
		{"v=spf1 - include:x.example ~all", "", "", `"-": not a mechanism`},
		{"v=spf1 include:x.example ~ ip4:192.0.2.1 ~all", "", "", `"~": not a mechanism`},
		{"v=spf1 include : x.example ~ all", short, "", ""},
		{"v=spf1 inclu de:x.example ~all", short, "", ""},
		{"v=spf1 include:x .example ~all", short, "", ""},
		{"v=spf1 include:x example.com ~all", "", "", `"include:x": "x" is not a full domain name`},
		{"v=spf1 include:x.example~all", short, "", ""},
		{"v=spf1|include:x.example|-all", "v=spf1 include:x.example -all", "its strings join without a space", ""},
		{"v=spf1 a|mx|-all", "v=spf1 a mx -all", "its strings join without a space", ""},
		{"v=spf1 mx-all", "v=spf1 mx -all", "", ""},
		{"v=spf1 include:x.exampleinclude:y.exampleip4:192.0.2.1~all", "v=spf1 include:x.example include:y.example ip4:192.0.2.1 ~all", "", ""},
		{"v=spf1 inlcude:x.example -al", "v=spf1 include:x.example -all", "", ""},
		{"v=spf1 inclde:x.example ip4=192.0.2.1 ~ALL.", "v=spf1 include:x.example ip4=192.0.2.1 ~ALL", "", ""},
		{"v=spf1 ip:192.0.2.1 ipv4:192.0.2.0/24 ipv6:2001:db8::1 ~all;", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::1 ~all", "", ""},
		{"v=spf1 include:x.example; ip4:192.0.2.1; -all ;", "v=spf1 include:x.example ip4:192.0.2.1 -all", "", ""},
		{"v=spf1 include:https://x.example/ ~all", short, "", ""},
		{"v=spf1 include:x.example ~all\"", short, "quotes are part of the data", ""},
		{"v=spf1 include:x.example -all ; comment", "", "", `"comment": there is no mechanism "comment"`},
		{"v=spf1 a:x.example/33 -all", "", "", `"a:x.example/33": "/33" is not a prefix length for IPv4`},
		{"v=spf1 ip4:192.0.2.300 -all", "", "", `"ip4:192.0.2.300": "192.0.2.300" is not an IPv4 address`},
		{"v=spf1 ip4:192.0.2.0/ -all", "", "", `"ip4:192.0.2.0/": "/" is not a prefix length for IPv4`},
		{"v=spf1 ip4:192.0.2.010 -all", "", "", `"ip4:192.0.2.010": "192.0.2.010" is not an IPv4 address`},
		{"v=spf1 ip4:192.0.2.007 -all", "v=spf1 ip4:192.0.2.7 -all", "", ""},
		{"v=spf1 mx: -all", "", "", `"mx:": mx without a domain`},
		{"v=spf1 a include:x.example al", "", "", `"al": there is no mechanism "al"`},
		{"v=spf1 a include:x.example +al", "", "", `"+al": there is no mechanism "al"`},
		{"v=spf1 moo -all", "", "", `"moo": there is no mechanism "moo"`},
		{whole, whole, "", ""},
		{"v=spf1 v=spf1 -all", "v=spf1 v=spf1 -all", "", ""}, // valid, if odd
	} {
		t.Run(c.txt, func(t *testing.T) {
			r, ok := Restore(txtOf(strings.Split(c.txt, "|")...))
			if mistakes := strings.Join(r.Mistakes, "; "); !ok || r.Text != c.text || r.Doubt != c.doubt || mistakes != c.mistakes {
				t.Errorf("%v\n got %q, %q, %q\nwant %q, %q, %q", ok, r.Text, mistakes, r.Doubt, c.text, c.mistakes, c.doubt)
			}
		})
	}
	for _, s := range []string{"", "v=DMARC1; p=none", "v=spf1-site-verification=abc", "see v=spf1 docs", "spf2.0/pra include:x.example ~all", "MS=ms1", "v=spfx", "see v=spf1 mx docs", strings.Repeat("x", 5000)} {
		if r, ok := Restore(txtOf(s)); ok {
			t.Errorf("%.50s was not meant for SPF, and became %+v", s, r)
		}
	}
	for octets, together := range map[int]bool{maxGuessable: true, maxGuessable + 1: false} {
		macros := strings.Repeat("%{i}.", 56)
		macros += strings.Repeat("x", octets-len("exists:"+macros+".example")) + ".example"
		for _, seam := range []string{": ", " "} {
			r, _ := Restore(txtOf("v=spf1 exists" + seam + macros + " ~all"))
			if r.Text == "v=spf1 exists:"+macros+" ~all" != together {
				t.Errorf("%d octets: %+v", octets, r)
			}
		}
		r, _ := Restore(txtOf("v=spf1 xists:" + macros + "x ~all")) // as long
		if r.Text == "v=spf1 exists:"+macros+"x ~all" != together {
			t.Errorf("a slip in %d octets: %+v", octets, r)
		}
	}
	for s, doubt := range map[string]string{
		"v=spf1 " + strings.Repeat("x ", 3000):              "it has more than 4096 bytes",
		"v=spf1 " + strings.Repeat("nclude:x.example ", 51): "it has more than 50 mistakes",
	} {
		if r, ok := Restore(txtOf(s)); !ok || r.Text != "" || r.Doubt != doubt {
			t.Errorf("%v, %+v", ok, r)
		}
	}
	for _, terms := range []string{strings.Repeat("x ", 3000), strings.Repeat("a ", 300), "; " + strings.Repeat("a ", 300), strings.Repeat("ip4:192.0.2.1 ", 1000)} {
		if r, ok := Restore(txtOf("v=spf1 " + terms)); !ok || r.Text != "" || r.Doubt == "" {
			t.Errorf("%.20s: %v, %+v", terms, ok, r)
		}
	}
}

// garblers are what people, forms and editors do to a record.
var garblers = []func(r *rand.Rand, s string) string{
	func(_ *rand.Rand, s string) string { return `"` + s + `"` },
	func(_ *rand.Rand, s string) string { return "\u201c" + s + "\u201d" },
	func(_ *rand.Rand, s string) string { return `\"` + s + `\"` },
	func(_ *rand.Rand, s string) string { return "&quot;" + s + "&quot;" },
	func(_ *rand.Rand, s string) string { return "example.com. 300 IN TXT " + s },
	func(_ *rand.Rand, s string) string { return " " + s + " " },
	func(r *rand.Rand, s string) string { return atSpace(r, s, "\u00a0") },
	func(r *rand.Rand, s string) string { return atSpace(r, s, "\t") },
	func(r *rand.Rand, s string) string { return atSpace(r, s, "  \u200b") },
	func(r *rand.Rand, s string) string { return atSpace(r, s, "\r\n") },
	func(r *rand.Rand, s string) string { return atSpace(r, s, `" "`+" ") },
	func(r *rand.Rand, s string) string { return atSpace(r, s, "; ") },
	func(_ *rand.Rand, s string) string { return strings.Replace(s, "v=spf1 ", "v=spf1;", 1) },
	func(_ *rand.Rand, s string) string { return strings.Replace(s, "v=spf1", "v:spf1", 1) },
	func(_ *rand.Rand, s string) string { return strings.Replace(s, "include:", "include: ", 1) },
	func(_ *rand.Rand, s string) string { return strings.Replace(s, "include:", "inlcude:", 1) },
	func(_ *rand.Rand, s string) string { return strings.Replace(s, "ip4:", "ipv4:", 1) },
	func(_ *rand.Rand, s string) string { return strings.Replace(s, " ~all", "~all", 1) },
	func(_ *rand.Rand, s string) string { return strings.Replace(s, " -all", " \u2013all", 1) },
}

// atSpace puts something in place of one of the spaces of s.
func atSpace(r *rand.Rand, s, instead string) string {
	words := strings.Split(s, " ")
	if len(words) == 1 {
		return s
	}
	i := 1 + r.IntN(len(words)-1)
	return strings.Join(words[:i], " ") + instead + strings.Join(words[i:], " ")
}

// TestRestoreGarbled: records that are garbled in one way or two are put together
// as they were, or not at all.
func TestRestoreGarbled(t *testing.T) {
	terms := []string{"a", "mx", "a:mail.x.example", "mx:x.example/24", "ip4:192.0.2.0/24", "ip4:203.0.113.7", "ip6:2001:db8::/32", "include:_spf.x.example", "include:y.example", "exists:z.example", "?include:w.example"}
	ends := []string{"-all", "~all", "?all", "redirect=_spf.x.example"}
	r := rand.New(rand.NewPCG(4096, 7))
	whole := 0
	const cases = 600
	for range cases {
		words := []string{version}
		for _, i := range r.Perm(len(terms))[:r.IntN(len(terms))] {
			words = append(words, terms[i])
		}
		want := strings.Join(append(words, ends[r.IntN(len(ends))]), " ")
		s := want
		for range 1 + r.IntN(2) {
			s = garblers[r.IntN(len(garblers))](r, s)
		}
		got, ok := Restore(txtOf(s))
		if got.Text == want {
			whole++
		}
		if same := strings.Join(strings.Fields(got.Text), " "); !ok || got.Text != "" && same != want {
			t.Errorf("%q: %v\n got %q, %q\nwant %q", s, ok, got.Text, got.Doubt, want)
		}
	}
	if whole < cases*9/10 {
		t.Errorf("%d of %d are put together", whole, cases)
	}
}

// FuzzRestore: what is restored is a valid record, and has every term of the
// text that is good by itself.
func FuzzRestore(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, "")
		f.Add(`"`+s, s+`"`)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		got, ok := Restore(txtOf(one, two))
		for _, s := range append(got.Mistakes, got.Doubt) {
			if !isASCII(s) {
				t.Errorf("%q", s)
			}
		}
		switch {
		case !ok:
			if Is(untrusted.New(one + two)) {
				t.Error("an SPF record was not meant to be one")
			}
			return
		case (got.Text == "") == (got.Doubt == ""):
			t.Errorf("%+v", got)
		case got.Text == "":
			return
		}
		p := Parse(untrusted.New(got.Text))
		if len(p.Problems) > 0 {
			t.Fatalf("%q has %v", got.Text, p.Problems)
		}
		if strings.Contains(strings.ToLower(one+two), "spf2.0") || !isASCII(one+two) || strings.ContainsAny(one+two, "\\&%\"'`") {
			return // what is in between is left out
		}
		if all := p.All(); all != nil && all.Qualifier == '+' && !strings.Contains(strings.ToLower(one+two), "all") {
			t.Errorf("%q lets everybody send", got.Text)
		}
		have := strings.Fields(got.Text)
		for _, w := range strings.FieldsFunc(one+" "+two, func(c rune) bool { return c == ' ' }) {
			if isMechanism(w) && strings.Contains(one+two, " "+w+" ") && !slices.Contains(have, w) {
				t.Errorf("%s is lost: %s", fmt.Sprintf("%q", w), got.Text)
			}
		}
	})
}

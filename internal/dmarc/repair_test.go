package dmarc

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
)

// txt is a TXT record of these strings.
func txt(parts ...string) record.Record {
	r := record.Record{Type: record.TXT}
	for _, p := range parts {
		r.Strings = append(r.Strings, text(p))
	}
	return r
}

// TestRepair: live text, the record to publish, and what is wrong. Without a
// record the first fault that is open says why.
func TestRepair(t *testing.T) {
	const rua = "rua=mailto:d@example.com"
	for _, tt := range []struct{ live, want, faults string }{
		// Nothing is wrong: the text stays, in the order that older receivers want.
		{"v=DMARC1; p=none", "v=DMARC1; p=none", ""},
		{"v=DMARC1;p=Reject;PCT=0", "v=DMARC1; p=reject; pct=0", ""},
		{"V = DMARC1 ; " + rua + "; p=reject", "v=DMARC1; p=reject; " + rua, ""},
		{"v=DMARC1; p=reject; rf=afrf; ri=86400; x-owner=mail; x=1; x=2;; ", "v=DMARC1; p=reject; rf=afrf; ri=86400; x-owner=mail; x=1; x=2", ""},
		{"v=DMARC1; p=none; rua=mailto:a@example.com!10m, mailto:o'brien@example.com?subject=x%20y", "v=DMARC1; p=none; rua=mailto:a@example.com!10m, mailto:o'brien@example.com?subject=x%20y", ""},
		{"v=DMARC1; p=none; rua=https://example.com/r", "v=DMARC1; p=none; rua=https://example.com/r", ""},
		{"v=DMARC1; " + rua, "v=DMARC1; " + rua, ""},

		// The version.
		{" v=DMARC1; p=reject; sp=reject; adkim=r; " + rua, "v=DMARC1; p=reject; sp=reject; adkim=r; " + rua, "there is a space before v=DMARC1"},
		{"v=DMARC; p=none", "v=DMARC1; p=none", `the version is DMARC1, not "DMARC"`},
		{"v=DMARC2; p=none", "v=DMARC1; p=none", `the version is DMARC1, not "DMARC2"`},
		{"v=DMARC1.0; p=none", "v=DMARC1; p=none", `the version is DMARC1, not "DMARC1.0"`},
		{"v=DMARK1; p=none", "v=DMARC1; p=none", `the version is DMARC1, not "DMARK1"`},
		{"v=dmarc1; p=none", "v=DMARC1; p=none", "the version is DMARC1, in capital letters"},
		{"V=Dmarc1; p=none", "v=DMARC1; p=none", "the version is DMARC1, in capital letters"},
		{"v=DMARC 1; p=none", "v=DMARC1; p=none", `the version is DMARC1, not "DMARC 1"`},
		{"nv=DMARC1; p=none", "v=DMARC1; p=none", "the tag is v, not nv"},
		{"version=DMARC1; p=none", "v=DMARC1; p=none", "the tag is v, not version"},
		{"DMARC1; p=none", "v=DMARC1; p=none", "v= is missing before DMARC1"},
		{"v DMARC1; p=none", "v=DMARC1; p=none", "= is missing after v"},
		{"v:DMARC1; p=none", "v=DMARC1; p=none", "there is a colon in place of = after v"},
		{"v==DMARC1; p=none", "v=DMARC1; p=none", "there is more than one = after v"},
		{"p=reject; " + rua, "v=DMARC1; p=reject; " + rua, "v=DMARC1 is missing at its beginning"},
		{"p=reject; v=DMARC1; " + rua, "v=DMARC1; p=reject; " + rua, "v=DMARC1 is not the first tag"},
		{rua + "; p=reject; v=DMARC1", "v=DMARC1; p=reject; " + rua, "v=DMARC1 is not the first tag"},
		{";v=DMARC1; p=none", "v=DMARC1; p=none", "v=DMARC1 is not the first tag"},
		{`_dmarc.example.com. 3600 IN TXT "v=DMARC1; p=reject"`, "v=DMARC1; p=reject", "there is something before v=DMARC1; quotes are part of the data"},

		// What forms, editors and zone files put into the data.
		{`"v=DMARC1; p=reject; ` + rua + `"`, "v=DMARC1; p=reject; " + rua, "quotes are part of the data"},
		{`'v=DMARC1; p=reject'`, "v=DMARC1; p=reject", "quotes are part of the data"},
		{`v=DMARC1; p=reject; "sp=none"`, "v=DMARC1; p=reject; sp=none", "quotes are part of the data"},
		{`v=DMARC1; p=none; rua="mailto:d@example.com"`, "v=DMARC1; p=none; " + rua, "quotes are part of the data"},
		{"“v=DMARC1; p=reject; " + rua + "”", "v=DMARC1; p=reject; " + rua, "curly quotes are part of the data"},
		{"\x93v=DMARC1; p=reject\x94", "v=DMARC1; p=reject", "curly quotes are part of the data"},
		{"v=DMARC1; p=\x91reject\x92", "v=DMARC1; p=reject", "curly quotes are part of the data"},
		{`v=DMARC1\; p=reject\; ` + rua, "v=DMARC1; p=reject; " + rua, "a backslash is part of the data"},
		{`\"v=DMARC1; p=reject\"`, "v=DMARC1; p=reject", "a backslash is part of the data; quotes are part of the data"},
		{`v=DMARC1\059 p=reject`, "v=DMARC1; p=reject", "the escapes of a zone file are part of the data"},
		{"v=DMARC1;\u00a0p=reject;\u00a0" + rua, "v=DMARC1; p=reject; " + rua, "a no-break space (U+00A0) is part of the data"},
		{"v=DMARC1;\xa0p=reject", "v=DMARC1; p=reject", "a no-break space (U+00A0) is part of the data"},
		{"v=DMARC1; p=reject;\u200bsp=none", "v=DMARC1; p=reject; sp=none", "a character that is not ASCII is part of the data"},
		{"v=DMARC1\uff1b p=reject", "v=DMARC1; p=reject", "a character that is not ASCII looks like a semicolon"},
		{"v=DMARC1;\np=reject;\n" + rua, "v=DMARC1; p=reject; " + rua, "a line break is part of the data"},
		{"&quot;v=DMARC1; p=none; " + rua + "&quot;", "v=DMARC1; p=none; " + rua, "HTML is part of the data; quotes are part of the data"},
		{"<p>v=DMARC1; p=none</p>", "v=DMARC1; p=none", "HTML is part of the data"},

		// Semicolons.
		{"v=DMARC1; p=quarantine " + rua, "v=DMARC1; p=quarantine; " + rua, "a semicolon is missing before rua="},
		{"v=DMARC1 p=none " + rua, "v=DMARC1; p=none; " + rua, "a semicolon is missing after v=DMARC1; a semicolon is missing before rua="},
		{"v=DMARC1, p=none, " + rua, "v=DMARC1; p=none; " + rua, "there is a comma in place of the semicolon after v=DMARC1; there is a comma in place of the semicolon before rua="},
		{"v=DMARC1p=none;" + rua, "v=DMARC1; p=none; " + rua, "a semicolon is missing after v=DMARC1"},
		{"v=DMARC1;p=none" + rua, "v=DMARC1; p=none; " + rua, "a semicolon is missing before rua="},
		{"v=DMARC1; p=reject; adkim=saspf=s", "v=DMARC1; p=reject; adkim=s; aspf=s", "a semicolon is missing before aspf="},
		{"v=DMARC1; p=none; " + rua + " ruf=mailto:f@example.com", "v=DMARC1; p=none; " + rua + "; ruf=mailto:f@example.com", "a semicolon is missing before ruf="},
		{"v=DMARC1; p=none; " + rua + ", sp=reject", "v=DMARC1; p=none; " + rua + "; sp=reject", "there is a comma in place of the semicolon before sp="},
		{"v=DMARC1; p=none; " + rua + " v=DMARC1; p=none; rua=mailto:e@example.com", "v=DMARC1; p=none; " + rua + ",mailto:e@example.com", "v appears twice; p appears twice; rua appears twice"},

		// Tags.
		{"v=DMARC1; p:none; rua:mailto:d@example.com", "v=DMARC1; p=none; " + rua, "there is a colon in place of = after p; there is a colon in place of = after rua"},
		{"v=DMARC1; p==none", "v=DMARC1; p=none", "there is more than one = after p"},
		{"v=DMARC1; p quarantine; rua mailto:d@example.com", "v=DMARC1; p=quarantine; " + rua, "= is missing after p; = is missing after rua"},
		{"v=DMARC1; reject; " + rua, "v=DMARC1; p=reject; " + rua, "p= is missing before reject"},
		{"v=DMARC1; policy=reject", "v=DMARC1; p=reject", "the tag is p, not policy"},
		{"v=DMARC1; p=quarantine; p=quarantine", "v=DMARC1; p=quarantine", "p appears twice"},
		{"v=DMARC1; p=reject; rua=; sp=", "v=DMARC1; p=reject", "rua has no value; sp has no value"},

		// Values.
		{"v=DMARC1; p=quarentine; " + rua, "v=DMARC1; p=quarantine; " + rua, `p is "quarentine", which is not a policy; quarantine is meant`},
		{"v=DMARC1; p=reject; sp=rejct; " + rua, "v=DMARC1; p=reject; sp=reject; " + rua, `sp is "rejct", which is not a policy; reject is meant`},
		{"v=DMARC1; p=rejected; np=non", "v=DMARC1; p=reject; np=none", `p is "rejected", which is not a policy; reject is meant; np is "non", which is not a policy; none is meant`},
		{"v=DMARC1; p=none.", "v=DMARC1; p=none", `p is "none.", which is not a policy; none is meant`},
		{"v=DMARC1; p=reject; aspf=strict; adkim=Relaxed", "v=DMARC1; p=reject; aspf=s; adkim=r", `aspf is "strict", not r or s; s is meant; adkim is "Relaxed", not r or s; r is meant`},
		{"v=DMARC1; p=reject; t=yes; psd=no", "v=DMARC1; p=reject; t=y; psd=n", `t is "yes", not y or n; y is meant; psd is "no", not y, n or u; n is meant`},
		{"v=DMARC1; p=reject; fo=0:1:d:s; ruf=mailto:f@example.com", "v=DMARC1; p=reject; fo=1:d:s; ruf=mailto:f@example.com", `fo is "0:1:d:s", which is not a list of 0 or 1, d and s, each once, separated by colons; 1:d:s is meant`},
		{"v=DMARC1; p=reject; fo=1,d; ruf=mailto:f@example.com", "v=DMARC1; p=reject; fo=1:d; ruf=mailto:f@example.com", `fo is "1,d", which is not a list of 0 or 1, d and s, each once, separated by colons; 1:d is meant`},

		// Addresses.
		{"v=DMARC1; p=none; rua=d@example.com", "v=DMARC1; p=none; " + rua, "in rua, mailto: is missing before the address"},
		{"v=DMARC1; p=none; rua=mailto;d@example.com", "v=DMARC1; p=none; " + rua, "in rua, there is a semicolon in place of the colon after mailto"},
		{"v=DMARC1; p=none; rua=mailto d@example.com", "v=DMARC1; p=none; " + rua, "in rua, there is no colon after mailto"},
		{"v=DMARC1; p=none; rua=mailto: d@example.com", "v=DMARC1; p=none; " + rua, "in rua, there is a space after mailto:"},
		{"v=DMARC1; p=none; rua=mailto://d@example.com", "v=DMARC1; p=none; " + rua, "in rua, there are slashes after mailto:"},
		{"v=DMARC1; p=none; rua=mailto=d@example.com", "v=DMARC1; p=none; " + rua, "in rua, there is something besides the address"},
		{"v=DMARC1; p=none; rua=mail:d@example.com", "v=DMARC1; p=none; " + rua, `in rua, the scheme is mailto:, not "mail"`},
		{"v=DMARC1; p=none; rua=e-mail:d@example.com", "v=DMARC1; p=none; " + rua, `in rua, the scheme is mailto:, not "e-mail"`},
		{"v=DMARC1; p=none; ruf=mailto:a@example.com; mailto:b@example.com", "v=DMARC1; p=none; ruf=mailto:a@example.com,mailto:b@example.com", "in ruf, there is a semicolon in place of the comma between two addresses"},
		{"v=DMARC1; p=none; rua=malito:d@example.com!10m", "v=DMARC1; p=none; " + rua + "!10m", `in rua, the scheme is mailto:, not "malito"`},
		{"v=DMARC1; p=none; rua=mail to:d@example.com", "v=DMARC1; p=none; " + rua, "in rua, the scheme is mailto, in one word"},
		{"v=DMARC1; p=none; rua=mailto:<d@example.com>", "v=DMARC1; p=none; " + rua, "in rua, there are brackets around the address"},
		{"v=DMARC1; p=none; rua=<mailto:d@example.com|d@example.com>", "v=DMARC1; p=none; " + rua, "in rua, there are brackets around the address"},
		{"v=DMARC1; p=none; rua=[d@example.com](mailto:d@example.com)", "v=DMARC1; p=none; " + rua, "in rua, there are brackets around the address"},
		{`v=DMARC1; p=none; rua=<a href="mailto:d@example.com">d@example.com</a>`, "v=DMARC1; p=none; " + rua, "HTML is part of the data; in rua, mailto: is missing before the address"},
		{"v=DMARC1; p=none; rua=mailto:a@example.com mailto:b@example.com", "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com", "in rua, there is no comma between two addresses"},
		{"v=DMARC1; p=none; rua=mailto:a@example.commailto:b@example.com", "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com", "in rua, there is no comma between two addresses"},
		{"v=DMARC1; p=none; rua=mailto:a@example.com; mailto:b@example.com; sp=reject", "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com; sp=reject", "in rua, there is a semicolon in place of the comma between two addresses"},
		{"v=DMARC1; p=none; rua=mailto:d@example.com,", "v=DMARC1; p=none; " + rua, "in rua, the list has an empty item"},

		// What was meant is not certain.
		{"v=DMARC1; p=strict; " + rua, "", `p is "strict", which is not a policy`},
		{"v=DMARC1; p=none; rua=mailto d@" + strings.Repeat("a", 64) + ".com", "", `in rua, "mailto d@` + strings.Repeat("a", 64) + `.com" cannot be used (mailto: is missing before the address)`},
		{"v=DMARC1; p=reject; sp=no", "", `sp is "no", which is not a policy`},
		{"v=DMARC1; p=; " + rua, "", `p is "", which is not a policy`},
		{"v=DMARC1; p=none; p=reject", "", `p appears as "none" and as "reject"`},
		{"v=DMARC1; p=reject; aspf=r; aspf=s", "", `aspf appears as "r" and as "s"`},
		{"v=DMARC1; p=reject; aspf=simple", "", `aspf is "simple", not r or s`},
		{"v=DMARC1; p=reject; fo=all; ruf=mailto:f@example.com", "", `fo is "all", which is not a list of 0 or 1, d and s, each once, separated by colons`},
		{"v=DMARC1; p=reject; rua=dmarc", "", `in rua, "dmarc" cannot be used (not a URI: it has no scheme)`},
		{"v=DMARC1; p=reject; rua=mailto:d@example,com", "", `in rua, "com" cannot be used (not a URI: it has no scheme)`},
		{"v=DMARC1; p=reject; rua=mailto:d@exämple.com", "", `in rua, "mailto:d@ex\195\164mple.com" cannot be used (a character that is not allowed in a URI: "\195")`},
		{"v=DMARC1; p=reject; hello", "", `"hello" is not a tag`},
		{"v=DMARC1;", "", "there is no p tag"},
		{"v=DMARC1; sp=reject", "", "there is no p tag"},
		{"v=DMARC1; p=reject; x=\u00e4", "", ""},
		{"v=DMARC1; p=reject; " + strings.Repeat("x=1; ", 500), "", "it is longer than 2048 bytes"},
	} {
		r := Repair(txt(tt.live))
		got, why := r.Text()
		if got.Raw() != tt.want || Words(r.Faults) != tt.faults {
			t.Errorf("%q\n got %q, %s\nwant %q, %s", tt.live, got.Raw(), Words(r.Faults), tt.want, tt.faults)
		}
		if (tt.want == "") != (why != "") {
			t.Errorf("%.200q: %q, and no record because %q", tt.live, got.Raw(), why)
		}
	}
}

func TestRepairStrings(t *testing.T) {
	const wrong = "two strings of the TXT record are joined without a semicolon before "
	long := "v=DMARC1; p=none; rua=" + strings.Repeat("mailto:a@example.com,", 11) + "mailto:b@"
	for _, tt := range []struct {
		parts        []string
		want, faults string
	}{
		{[]string{"v=DMARC1; p=none;", "rua=mailto:a@example.com"}, "v=DMARC1; p=none; rua=mailto:a@example.com", ""},
		{[]string{"v=DMARC1; p=none", "; rua=mailto:a@example.com"}, "v=DMARC1; p=none; rua=mailto:a@example.com", ""},
		{[]string{"v=DMARC1; p=none", "rua=mailto:a@example.com", "ruf=mailto:b@example.com"}, "v=DMARC1; p=none; rua=mailto:a@example.com; ruf=mailto:b@example.com", wrong + "rua=; " + wrong + "ruf="},
		{[]string{"v=DMARC1", "p=none"}, "v=DMARC1; p=none", wrong + "p="},
		{[]string{long, "example.com"}, long + "example.com", ""},
	} {
		r := Repair(txt(tt.parts...))
		if got, _ := r.Text(); got.Raw() != tt.want || Words(r.Faults) != tt.faults {
			t.Errorf("%q\n got %q, %s\nwant %q, %s", tt.parts, got.Raw(), Words(r.Faults), tt.want, tt.faults)
		}
	}
	for n, want := range map[int]string{249: "; sp=reject", 250: "sp=reject"} { // a string of full length may end anywhere
		begin := "v=DMARC1; p=none; y="
		begin += strings.Repeat("x", n-len(begin))
		r := Repair(txt(begin, "sp=reject"))
		if got, _ := r.Text(); got.Raw() != begin+want {
			t.Errorf("behind %d octets: %q", n, got.Raw())
		}
	}
	cut := strings.Repeat("x", 255-len("v=DMARC1; p=none; y=; s"))
	r := Repair(txt("v=DMARC1; p=none; y="+cut+"; s", "p=reject"))
	if got, _ := r.Text(); got.Raw() != "v=DMARC1; p=none; y="+cut+"; sp=reject" || len(r.Faults) > 0 {
		t.Errorf("a tag that lies in two full strings: %q, %s", got.Raw(), Words(r.Faults))
	}
}

func TestRepairSeveral(t *testing.T) {
	for _, tt := range []struct{ one, other, want, faults string }{
		{"v=DMARC1; p=reject", "v=DMARC1; p=reject; rua=mailto:a@example.com", "v=DMARC1; p=reject; rua=mailto:a@example.com", ""},
		{"v=DMARC1; p=none; rua=mailto:a@example.com; sp=none", "v=DMARC1; p=none; rua=mailto:b@example.com,mailto:a@Example.com", "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com; sp=none", ""},
		{"v=DMARC1; p=none; rua=mailto:a@example.com", "v=DMARC1; p=reject", "", `p appears as "none" and as "reject"`},
		{"v=DMARC1; p=none; adkim=s", "v=DMARC1; p=none; adkim=r", "", `adkim appears as "s" and as "r"`},
		{"v=DMARC1; p=none", "v=DMARC1; p=none; sp=rejct", "v=DMARC1; p=none; sp=reject", `sp is "rejct", which is not a policy; reject is meant`},
	} {
		r := Repair(txt(tt.one), txt(tt.other))
		if got, _ := r.Text(); got.Raw() != tt.want || Words(r.Faults) != tt.faults {
			t.Errorf("%q and %q\n got %q, %s\nwant %q, %s", tt.one, tt.other, got.Raw(), Words(r.Faults), tt.want, tt.faults)
		}
	}
}

// TestSet: a value of the caller's settles what was open, at its place.
func TestSet(t *testing.T) {
	r := Repair(txt("v=DMARC1; p=none; rua=mailto:a@example.com; aspf=x"), txt("v=DMARC1; p=reject; t=y"))
	open, _ := r.Open()
	if open.Tag != "p" || open.Most != Reject {
		t.Errorf("open: %+v", open)
	}
	r.Set("p", "reject")
	r.Set("aspf", "s")
	r.Set("sp", "none")
	r.Remove("t")
	const want = "v=DMARC1; p=reject; rua=mailto:a@example.com; aspf=s; sp=none"
	if got, why := r.Text(); got.Raw() != want {
		t.Errorf("%q, %s\nwant %q", got.Raw(), why, want)
	}
}

func TestRecognize(t *testing.T) {
	for in, want := range map[string]string{
		"v=dmarc1; p=none":         "the version is DMARC1, in capital letters",
		`"v=DMARC1; p=none"`:       "quotes are part of the data",
		"p=none; v=DMARC1":         "v=DMARC1 is not the first tag",
		"p=reject":                 "v=DMARC1 is missing at its beginning",
		"nv=DMARC1; p=none; sp=oh": `the tag is v, not nv; sp is "oh", which is not a policy`,
	} {
		if r, ok := Recognize(txt(in)); !ok || Words(r.Faults) != want {
			t.Errorf("%q: %v, %s", in, ok, Words(r.Faults))
		}
	}
	for _, in := range []string{
		"v=DMARC1; p=none", "", "=", ";", "v=spf1 -all", "hello", "v=DKIM1; p=MIIB", "v=DKIM1; k=rsa; p=", "p=MIIB", "v=TLSRPTv1; rua=mailto:a@example.com", "v=STSv1; id=1", "v=BIMI1; l=; a=",
		"google-site-verification=v=DMARC1", "amazonses:abc=", "rua=mailto:a@example.com", "dmarc-check-is-done", "v=mc1", "apple-domain=x",
	} {
		if r, ok := Recognize(txt(in)); ok {
			t.Errorf("%q is taken for a DMARC record: %s", in, Words(r.Faults))
		}
	}
}

// garblings are slips, each of which leaves every tag legible.
var garblings = []func(s string) string{
	func(s string) string { return " " + s },
	func(s string) string { return `"` + s + `"` },
	func(s string) string { return "“" + s + "”" },
	func(s string) string { return "'" + s + "'" },
	func(s string) string { return "\ufeff" + s },
	func(s string) string { return strings.ReplaceAll(s, ";", `\;`) },
	func(s string) string { return strings.ReplaceAll(s, "; ", ";\u00a0") },
	func(s string) string { return strings.Replace(s, "; ", " ", 1) },
	func(s string) string { return strings.Replace(s, "; ", ", ", 1) },
	func(s string) string { return strings.ReplaceAll(s, "; ", " ") },
	func(s string) string { return strings.ReplaceAll(s, "; ", ", ") },
	func(s string) string { return strings.ReplaceAll(s, "; ", ";\n") },
	func(s string) string { return strings.Replace(s, "DMARC1", "dmarc1", 1) },
	func(s string) string { return strings.Replace(s, "DMARC1", "DMARC", 1) },
	func(s string) string { return strings.Replace(s, "v=DMARC1; ", "", 1) },
	func(s string) string { return strings.Replace(s, "v=", "v:", 1) },
	func(s string) string { return strings.ReplaceAll(s, "p=", "p:") },
	func(s string) string { return strings.ReplaceAll(s, "mailto:", "") },
	func(s string) string { return strings.ReplaceAll(s, "mailto:", "mailto: ") },
	func(s string) string { return strings.ReplaceAll(s, "mailto:", "mailto://") },
	func(s string) string { return strings.ReplaceAll(s, "mailto:", "mail:") },
	func(s string) string { return strings.ReplaceAll(s, ",mailto", " mailto") },
	func(s string) string { return strings.ReplaceAll(s, "quarantine", "quarentine") },
	func(s string) string { return strings.ReplaceAll(s, "reject", "rejct") },
	func(s string) string { return strings.ReplaceAll(s, "=s", "=strict") },
	func(s string) string { return s + ";" },
	func(s string) string { return "_dmarc IN TXT " + s },
}

// TestGarbledRecordsKeepTheirTags: of any record with one or two slips, either
// nothing is published, or all of its tags, with no weaker policy.
func TestGarbledRecordsKeepTheirTags(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	of := func(all ...string) string { return all[random.IntN(len(all))] }
	repaired := 0
	const rounds = 2_000
	for range rounds {
		tags := []string{"v=DMARC1", "p=" + of("none", "quarantine", "reject")}
		for _, one := range []string{
			"sp=" + of("none", "quarantine", "reject"), "np=" + of("none", "reject"), "adkim=" + of("r", "s"), "aspf=" + of("r", "s"), "t=y", "pct=" + of("0", "25"),
			"rua=mailto:" + of("d@example.com", "d@example.com,mailto:e+x@sub.example.org", "o'neil@example.com!10m"), "ruf=mailto:f@example.com", "fo=" + of("1", "1:d:s"),
		} {
			if random.IntN(3) == 0 {
				tags = append(tags, one)
			}
		}
		whole := strings.Join(tags, "; ")
		live := garblings[random.IntN(len(garblings))](whole)
		if random.IntN(2) == 0 {
			live = garblings[random.IntN(len(garblings))](live)
		}
		r := Repair(txt(live))
		got, _ := r.Text()
		if got.Len() == 0 {
			continue
		}
		repaired++
		want, have := Parse(text(whole)), Parse(got)
		if diff := cmp.Diff(sorted(want), sorted(have)); diff != "" {
			t.Fatalf("%q\nmeant as %q\nbecame   %q\n%s", live, whole, got.Raw(), diff)
		}
	}
	if repaired < rounds*9/10 {
		t.Errorf("only %d of %d records were repaired", repaired, rounds)
	}
}

// sorted are the tags of a record in any order.
func sorted(r *Record) (all []string) {
	for _, tag := range r.Tags {
		all = append(all, tag.Name.Raw()+"="+tag.Value.Raw())
	}
	slices.Sort(all)
	return all
}

// FuzzRepair: whatever the text, what is to be published is a record without a
// mistake, in printable ASCII; of a record that receivers apply it keeps what
// they read, and a sound one is left alone.
func FuzzRepair(f *testing.F) {
	f.Add("v=DMARC1; p=reject; sp=none; np=quarantine; adkim=s; aspf=strict; rua=mailto:a@example.com!10m,b@example.com; fo=1:d:s; ruf=mailto://c@example.com")
	f.Add("“v=dmarc1, p:none rua=mailto;a@example.com\u00a0sp=rejct")
	f.Add("v=DMARC1p=none\x00;;=; v=DMARC1\\059&quot;<a href=x>")
	for _, g := range garblings {
		f.Add(g("v=DMARC1; p=quarantine; sp=reject; rua=mailto:a@example.com"))
	}
	f.Fuzz(func(t *testing.T, s string) {
		one := record.NewTXT(s)
		r := Repair(one)
		for _, fault := range r.Faults {
			if fault.Text == "" || strings.ContainsFunc(fault.Text, func(c rune) bool { return c < ' ' || c > '~' }) || strings.Contains(fault.Text, "##[") {
				t.Errorf("fault %q is not fit to be printed", fault.Text)
			}
		}
		if m, ok := Recognize(one); ok && len(m.Faults) == 0 {
			t.Error("it is no record, and nothing is wrong with it")
		}
		live := Parse(text(s))
		sound := Is(text(s)) && !slices.ContainsFunc(live.Problems, func(p Problem) bool { return p.Weight != Note })
		if Is(text(s)) && !sound && len(r.Faults) == 0 {
			t.Errorf("nothing is wrong, and yet %v", live.Problems)
		}
		got, why := r.Text()
		if got.Len() == 0 {
			if why == "" {
				t.Error("no record, and no reason")
			}
			return
		}
		if !got.Plain() {
			t.Errorf("%q is not plain", got.Raw())
		}
		again := Repair(record.NewTXT(got.Raw()))
		if twice, _ := again.Text(); twice != got || len(again.Faults) > 0 {
			t.Errorf("%q becomes %q: %s", got.Raw(), twice.Raw(), Words(again.Faults))
		}
		if _, fatal := live.Fatal(); !Is(text(s)) || fatal {
			return
		}
		have := Parse(got)
		if have.P < live.P {
			t.Errorf("%q is weaker: p=%s", got.Raw(), have.P)
		}
		for _, u := range slices.Concat(live.RUA, live.RUF) {
			if u.Wrong == "" && !slices.ContainsFunc(slices.Concat(have.RUA, have.RUF), u.Same) {
				t.Errorf("%q lost %s", got.Raw(), u.Text)
			}
		}
		if sound && len(r.Faults) == 0 {
			if tags(live) != tags(have) {
				t.Errorf("%s became %s", live.Text, have.Text)
			}
		}
	})
}

// BenchmarkRepair is of the longest text that is repaired, and of the slips that
// cost most.
func BenchmarkRepair(b *testing.B) {
	for name, s := range map[string]string{
		"tags":      "v=DMARC1; p=none" + strings.Repeat(";a=b", 500),
		"slips":     "v=dmarc1" + strings.Repeat(",p=x", 500),
		"addresses": "v=DMARC1; p=none; rua=" + strings.Repeat("a@b.cd ", 280),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Repair(record.NewTXT(s))
			}
		})
	}
}

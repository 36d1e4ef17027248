package dmarc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// text marks a test's string as foreign.
func text(s string) untrusted.Text { return untrusted.New(s) }

func TestIs(t *testing.T) {
	for in, is := range map[string]bool{
		"v=DMARC1; p=none":                  true,
		"v=DMARC1":                          true,
		"v=DMARC1;":                         true,
		"V = DMARC1 ;p=none":                true,
		"v\t=\tDMARC1\t; p=none":            true,
		"v=DMARC1 ":                         true,
		"v=dmarc1; p=none":                  false,
		"v=DMARC1 p=none":                   false,
		"v=DMARC1, p=none":                  false,
		"v=DMARC10; p=none":                 false,
		" v=DMARC1; p=none":                 false,
		`"v=DMARC1; p=none"`:                false,
		"p=none; v=DMARC1":                  false,
		"":                                  false,
		"=":                                 false,
		"v=spf1 -all":                       false,
		"google-site-verification=v=DMARC1": false,
	} {
		if got := Is(text(in)); got != is {
			t.Errorf("Is(%q) = %v, want %v", in, got, is)
		}
	}
}

// tags renders the fields of a record that differ from the defaults of a
// record with p=none.
func tags(r *Record) string {
	s := []string{"p=" + r.P.String()}
	if r.SP != nil {
		s = append(s, "sp="+r.SP.String())
	}
	if r.NP != nil {
		s = append(s, "np="+r.NP.String())
	}
	if r.PSD != PSDUnknown {
		s = append(s, "psd="+r.PSD.String())
	}
	if r.T {
		s = append(s, "t=y")
	}
	if r.ADKIM != Relaxed {
		s = append(s, "adkim="+r.ADKIM.String())
	}
	if r.ASPF != Relaxed {
		s = append(s, "aspf="+r.ASPF.String())
	}
	for _, u := range r.RUA {
		s = append(s, "rua="+u.Text.Raw())
	}
	for _, u := range r.RUF {
		s = append(s, "ruf="+u.Text.Raw())
	}
	if r.FO != "0" {
		s = append(s, "fo="+r.FO)
	}
	if r.AsNone {
		s = append(s, "as none")
	}
	return strings.Join(s, " ")
}

// problems renders each problem as weight, offset and the words.
func problems(r *Record) []string {
	var all []string
	for _, p := range r.Problems {
		all = append(all, fmt.Sprintf("%s %d %s", [...]string{"note", "ignored", "fatal"}[p.Weight], p.Offset, p))
	}
	return all
}

func TestParse(t *testing.T) {
	const rua = "rua=mailto:a@example.com"
	for _, tt := range []struct {
		name, in, want string
		problems       []string
	}{
		{"least", "v=DMARC1; p=none", "p=none", nil},
		{
			"everything",
			"v=DMARC1; p=reject; sp=quarantine; np=reject; psd=n; t=y; adkim=s; aspf=s; rua=mailto:a@example.com, mailto:b@example.net; ruf=mailto:c@example.com; fo=1:d:s;",
			"p=reject sp=quarantine np=reject psd=n t=y adkim=s aspf=s rua=mailto:a@example.com rua=mailto:b@example.net ruf=mailto:c@example.com fo=1:d:s", nil,
		},
		{"any case and blanks", "v=DMARC1 ;\tp = Reject ; ADKIM=S; PSD=Y", "p=reject psd=y adkim=s", []string{
			"note 24 ADKIM: tag names are in lower case; some receivers do not know this one",
			"note 33 PSD: tag names are in lower case; some receivers do not know this one",
		}},
		{"defaults spelled out", "v=DMARC1; p=none; psd=u; t=n; adkim=r; aspf=r; fo=0; ruf=mailto:a@example.com", "p=none ruf=mailto:a@example.com", nil},

		// RFC 9989 section 4.10.1: without a readable policy it depends on rua.
		{"no p, rua", "v=DMARC1; " + rua, "p=none rua=mailto:a@example.com as none", []string{
			"note 0 there is no p tag: the record is read as p=none",
		}},
		{"no p, rua, sp", "v=DMARC1; sp=reject; " + rua, "p=none rua=mailto:a@example.com as none", []string{
			"note 0 there is no p tag: the record is read as p=none",
		}},
		{"no p, no rua", "v=DMARC1; sp=reject", "p=none as none", []string{
			"fatal 0 neither a p tag nor a valid rua: receivers apply no DMARC",
		}},
		{"no p, bad rua", "v=DMARC1; rua=a@example.com", "p=none rua=a@example.com as none", []string{
			"fatal 0 neither a p tag nor a valid rua: receivers apply no DMARC",
			`ignored 10 rua: "a@example.com": mailto: is missing before the address`,
		}},
		{"bad p, rua", "v=DMARC1; p=monitor; " + rua, "p=none rua=mailto:a@example.com as none", []string{
			`ignored 10 p: "monitor" is not a policy; use none, quarantine or reject`,
			"ignored 10 p: without a valid policy, receivers read the record as p=none",
		}},
		{"bad p, bad sp, rua", "v=DMARC1; p=monitor; sp=rejct; " + rua, "p=none rua=mailto:a@example.com as none", []string{
			`ignored 10 p: "monitor" is not a policy; use none, quarantine or reject`,
			"ignored 10 p: without a valid policy, receivers read the record as p=none",
			`ignored 21 sp: "rejct" is not a policy; use none, quarantine or reject`,
		}},
		{"bad p, no rua", "v=DMARC1; p=monitor", "p=none as none", []string{
			`ignored 10 p: "monitor" is not a policy; use none, quarantine or reject`,
			"fatal 10 p: no valid policy and no valid rua: receivers apply no DMARC",
		}},
		{"empty p", "v=DMARC1; p=", "p=none as none", []string{
			`ignored 10 p: "" is not a policy; use none, quarantine or reject`,
			"fatal 10 p: no valid policy and no valid rua: receivers apply no DMARC",
		}},
		{"bad sp, rua", "v=DMARC1; p=reject; sp=rejct; " + rua, "p=none rua=mailto:a@example.com as none", []string{
			`ignored 20 sp: "rejct" is not a policy; use none, quarantine or reject`,
			"ignored 20 sp: without a valid policy, receivers read the record as p=none",
		}},
		{"bad np, no rua", "v=DMARC1; p=reject; np=x", "p=none as none", []string{
			`ignored 20 np: "x" is not a policy; use none, quarantine or reject`,
			"fatal 20 np: no valid policy and no valid rua: receivers apply no DMARC",
		}},
		{"bad np, one of two rua valid", "v=DMARC1; p=reject; np=x; rua=x,https://example.com/r", "p=none rua=x rua=https://example.com/r as none", []string{
			`ignored 20 np: "x" is not a policy; use none, quarantine or reject`,
			"ignored 20 np: without a valid policy, receivers read the record as p=none",
			`ignored 26 rua: "x": not a URI: it has no scheme`,
			`note 26 rua: "https://example.com/r": receivers need to support only mailto`,
		}},

		// Section 4.8: other syntax errors cost the tag, not the record.
		{"bad letters", "v=DMARC1; p=reject; psd=x; t=yes; adkim=; aspf=strict", "p=reject", []string{
			`ignored 20 psd: "x" is not one of u, y, n; the default u applies`,
			`ignored 27 t: "yes" is not one of n, y; the default n applies`,
			`ignored 34 adkim: "" is not one of r, s; the default r applies`,
			`ignored 42 aspf: "strict" is not one of r, s; the default r applies`,
		}},
		{"no tag", "v=DMARC1; p=reject; sp", "p=reject", []string{`ignored 20 "sp" is not a tag: it has no =`}},
		{"no name", "v=DMARC1; p=reject; =x", "p=reject", []string{"ignored 20 a = without a tag before it"}},
		{"two semicolons", "v=DMARC1;; p=reject;", "p=reject", []string{"note 9 an empty tag: two ; in a row"}},
		{"quote at the end", `v=DMARC1; p=reject"`, "p=none as none", []string{
			`ignored 10 p: "reject\"" is not a policy; use none, quarantine or reject`,
			"fatal 10 p: no valid policy and no valid rua: receivers apply no DMARC",
		}},
		{"not ASCII", "v=DMARC1; p=reject; sp=none\u00a0; " + rua, "p=none rua=mailto:a@example.com as none", []string{
			"ignored 20 sp: a character that is not printable ASCII, at byte 5 of the value",
			"ignored 20 sp: without a valid policy, receivers read the record as p=none",
		}},

		// What RFC 9989 removed, and what nobody defined.
		{"removed", "v=DMARC1; p=reject; pct=25; rf=afrf; ri=86400", "p=reject", []string{
			"note 20 pct: removed by RFC 9989: receivers ignore it and apply the policy to all mail; t=y is the test mode now",
			"note 28 rf: removed by RFC 9989: receivers ignore it",
			"note 37 ri: removed by RFC 9989: receivers ignore it",
		}},
		{"removed, with nonsense", "v=DMARC1; p=reject; pct=lots", "p=reject", []string{
			"note 20 pct: removed by RFC 9989: receivers ignore it and apply the policy to all mail; t=y is the test mode now",
		}},
		{"unknown", "v=DMARC1; p=reject; x=1; x=2; p2=\x01", "p=reject", []string{
			"note 20 x: unknown tag: receivers ignore it",
			"note 25 x: the tag appears twice, so it is ignored",
			"note 30 p2: unknown tag: receivers ignore it",
		}},
		{"order of RFC 7489", "v=DMARC1; " + rua + "; p=reject", "p=reject rua=mailto:a@example.com", []string{
			"note 36 p: receivers that still follow RFC 7489 expect p right after v=DMARC1",
		}},
		{"twice", "v=DMARC1; p=reject; P=none; " + rua, "p=reject rua=mailto:a@example.com", []string{
			"fatal 20 P: the tag appears twice, which makes the whole record invalid (RFC 6376 section 3.2)",
		}},
		{"version twice", "v=DMARC1; v=DMARC1; p=none", "p=none", []string{
			"fatal 10 v: the tag appears twice, which makes the whole record invalid (RFC 6376 section 3.2)",
			"note 20 p: receivers that still follow RFC 7489 expect p right after v=DMARC1",
		}},

		{"size limit", "v=DMARC1; p=none; rua=mailto:a@example.com!10m", "p=none rua=mailto:a@example.com", []string{
			`note 18 rua: "mailto:a@example.com": the size limit !10m was removed by RFC 9989: receivers ignore it`,
		}},
		{"empty place", "v=DMARC1; p=none; rua=mailto:a@example.com,", "p=none rua=mailto:a@example.com rua=", []string{
			`ignored 18 rua: "": an empty item in the list`,
		}},
		{"fo alone", "v=DMARC1; p=none; fo=1", "p=none fo=1", []string{"note 18 fo: ignored, because there is no ruf"}},
		{"fo with blanks", "v=DMARC1; p=none; fo=D : 1; ruf=mailto:a@example.com", "p=none ruf=mailto:a@example.com fo=d:1", nil},
		{"fo both", "v=DMARC1; p=none; fo=0:1; ruf=mailto:a@example.com", "p=none ruf=mailto:a@example.com", []string{
			"ignored 18 fo: 0 and 1 exclude each other; the default 0 applies",
		}},
		{"fo twice", "v=DMARC1; p=none; fo=d:d; ruf=mailto:a@example.com", "p=none ruf=mailto:a@example.com", []string{
			`ignored 18 fo: "d:d" is not a list of 0 or 1, d and s, each once, separated by colons; the default 0 applies`,
		}},

		{"no record", "v=spf1 -all", "p=none", []string{"fatal 0 it does not start with v=DMARC1, so receivers ignore it"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Parse(text(tt.in))
			if got := tags(r); got != tt.want {
				t.Errorf("read %q\n as %s\nwant %s", tt.in, got, tt.want)
			}
			if diff := cmp.Diff(tt.problems, problems(r)); diff != "" {
				t.Errorf("problems of %q (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestTagsKeepTheirPlaces(t *testing.T) {
	in := "v=DMARC1;p = reject ;  rua = mailto:a@example.com ,mailto:b@example.net!5k"
	r := Parse(text(in))
	var got []string
	for _, tag := range r.Tags {
		got = append(got, fmt.Sprintf("%d %s=%s", tag.Offset, tag.Name.Raw(), tag.Value.Raw()))
	}
	want := []string{"0 v=DMARC1", "9 p=reject", "23 rua=mailto:a@example.com ,mailto:b@example.net!5k"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	for _, u := range r.RUA {
		if !strings.HasPrefix(in[u.Offset:], u.Text.Raw()) {
			t.Errorf("%s is said to be at octet %d, where there is %q", u.Text, u.Offset, in[u.Offset:])
		}
	}
	if tag, ok := r.Tag("rua"); !ok || tag.Offset != 23 {
		t.Errorf("Tag(rua) = %v, %v", tag, ok)
	}
	if _, ok := r.Tag("sp"); ok {
		t.Error("Tag(sp) finds a tag that is not there")
	}
}

func TestParseURI(t *testing.T) {
	for _, tt := range []struct{ in, host, size, wrong string }{
		{"mailto:a@example.com", "example.com", "", ""},
		{"MAILTO:a@Example.COM", "example.com", "", ""},
		{"mailto:a@example.com!10M", "example.com", "10m", ""},
		{"mailto:a@example.com!1024", "example.com", "1024", ""},
		{"mailto:a%21b@example.com", "example.com", "", ""},
		{"mailto:a@example.com?subject=x@y", "example.com", "", ""},
		{"mailto:a@example.com%2Cb@example.net", "example.com", "", ""},
		{"mailto:a+dmarc@sub.example.com", "sub.example.com", "", ""},
		{"https://r.example.com:8443/x", "r.example.com", "", ""},
		{"mailto:AZaz09@example.com", "example.com", "", ""},
		{"zz+az.09-x://r.example.com", "r.example.com", "", ""},
		{"9z://r.example.com", "", "", "not a URI: it has no scheme"},
		{"mailto:a@example.com!10k", "example.com", "10k", ""},
		{"mailto:a@example.com!", "", "", "a ! without a size after it; in an address, write %21"},
		{"mailto:a@example.com!k", "", "", "a ! without a size after it; in an address, write %21"},
		{"mailto:a!b@example.com", "", "", "a ! without a size after it; in an address, write %21"},
		{"mailto: a@example.com", "", "", "there is a space in it"},
		{"mailto:<a@example.com>", "", "", `a character that is not allowed in a URI: "<"`},
		{"mailto:a@exämple.com", "", "", `a character that is not allowed in a URI: "\195"`},
		{"mailto:a%2@example.com", "", "", "a % without two hexadecimal digits after it"},
		{"mailto:a%", "", "", "a % without two hexadecimal digits after it"},
		{"mailto:", "", "", "not an address: it has no @"},
		{"mailto:example.com", "", "", "not an address: it has no @"},
		{"mailto:@example.com", "", "", "not an address: there is nothing usable before the @"},
		{"mailto://a@example.com", "", "", "not an address: there is nothing usable before the @"},
		{"mailto:a%20b@example.com", "", "", "not an address: there is nothing usable before the @"},
		{"mailto:a@", "", "", "not an address: there is no host name after the @"},
		{"mailto:a@example..com", "", "", "not an address: there is no host name after the @"},
		{"mailto:a@[192.0.2.1]", "", "", "not an address: there is no host name after the @"},
		{"mailto:a@example.com@example.net", "", "", "not an address: it has more than one @"},
		{"mailto:a@example.commailto:b@example.com", "", "", "not an address: it has more than one @"},
		{"mail:a@example.com", "", "", "the scheme is mailto:, not mail:"},
		{"MALITO:a@example.com", "", "", "the scheme is mailto:, not malito:"},
		{"a@example.com", "", "", "mailto: is missing before the address"},
		{"mail to:a@example.com", "", "", "mailto: is missing before the address"},
		{"example.com", "", "", "not a URI: it has no scheme"},
		{"https:", "", "", "not a valid URI"},
		{"https://[::1", "", "", "not a valid URI"},
		{" \t", "", "", "an empty item in the list"},
	} {
		u := ParseURI(text(tt.in))
		if string(u.Host) != tt.host || u.Size != tt.size || u.Wrong != tt.wrong {
			t.Errorf("ParseURI(%q) = host %q, size %q, wrong %q\nwant %q, %q, %q", tt.in, u.Host, u.Size, u.Wrong, tt.host, tt.size, tt.wrong)
		}
	}
}

func TestSameURI(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"mailto:a@example.com", "MailTo:a@EXAMPLE.com!10m", true},
		{"mailto:a@example.com", "mailto:A@example.com", false},
		{"mailto:a@example.com", "mailto:a@example.net", false},
		{"mailto:a@example.com?subject=x", "mailto:a@example.com", false},
		{"https://example.com/a", "https://example.com/a", true},
		{"https://example.com/a", "https://example.com/b", false},
		{"a@example.com", "mailto:a@example.com", false},
	} {
		if got := ParseURI(text(tt.a)).Same(ParseURI(text(tt.b))); got != tt.same {
			t.Errorf("%q same as %q: %v, want %v", tt.a, tt.b, got, tt.same)
		}
	}
}

func TestPolicyOrder(t *testing.T) {
	if !(None < Quarantine && Quarantine < Reject) {
		t.Error("policies are not ordered by strictness")
	}
	for p, lower := range map[Policy]Policy{Reject: Quarantine, Quarantine: None, None: None} {
		if got := p.Lower(); got != lower {
			t.Errorf("%s.Lower() = %s, want %s", p, got, lower)
		}
	}
}

// FuzzParse holds what must be true of any text: nothing panics, nothing of it
// is printed raw, and places are places in it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"v=DMARC1; p=reject; sp=none; np=quarantine; psd=n; t=y; adkim=s; aspf=r; rua=mailto:a@example.com!10m,x; ruf=https://[::1; fo=1:d:s; pct=5",
		"v=DMARC1", "V = DMARC1;;=;p", "v=DMARC1; rua=,;\x1b[31m=##[error]", "“v=DMARC1”", "v=DMARC1;rua=mailto:%,mailto:a@\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := Parse(text(s))
		_, fatal := r.Fatal()
		if !Is(text(s)) && !fatal {
			t.Error("no record, and yet not fatal")
		}
		for _, tag := range r.Tags {
			if !strings.HasPrefix(s[tag.Offset:], tag.Name.Raw()) {
				t.Errorf("tag %s is not at octet %d", tag.Name, tag.Offset)
			}
		}
		for _, u := range append(r.RUA, r.RUF...) {
			if !strings.HasPrefix(s[u.Offset:], u.Text.Raw()) {
				t.Errorf("URI %s is not at octet %d", u.Text, u.Offset)
			}
			if u.Wrong == "" && u.Scheme == "mailto" && u.Host == "" {
				t.Errorf("URI %s is right, and has no host", u.Text)
			}
			if !u.Same(u) {
				t.Errorf("URI %s is not the same as itself", u.Text)
			}
		}
		if r.AsNone && (r.P != None || r.SP != nil || r.NP != nil) {
			t.Error("read as none, and yet a policy")
		}
		for _, p := range r.Problems {
			if p.Offset < 0 || p.Offset > len(s) {
				t.Errorf("problem at octet %d of %d", p.Offset, len(s))
			}
			for _, c := range []byte(p.String()) {
				if c < ' ' || c > '~' {
					t.Errorf("problem %q is not printable", p.String())
				}
			}
			if strings.Contains(p.String(), "##[") {
				t.Errorf("problem %q commands the runner", p.String())
			}
		}
	})
}

// BenchmarkExtremes parses what no honest record is; see docs/performance.md.
func BenchmarkExtremes(b *testing.B) {
	for name, text := range map[string]string{
		"10,000 tags":         "v=DMARC1; p=none" + strings.Repeat(";a=b", 10_000),
		"64 KiB of addresses": "v=DMARC1; p=none; rua=" + strings.Repeat("mailto:a@b.cd,", 64<<10/14),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(Parse(untrusted.New(text)).Problems) == 0 {
					b.Fatal("no problem")
				}
			}
		})
	}
}

package spf

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
)

func TestCheckHost(t *testing.T) {
	ptrs := func(i int) string { // eleven names, of which the i-th is the client's
		var b strings.Builder
		for j := range MaxHosts + 1 {
			fmt.Fprintf(&b, "\n1.2.0.192.in-addr.arpa PTR %c.d.example", 'a'+j)
		}
		return fmt.Sprintf("d.example TXT v=spf1 ptr -all%s\n%c.d.example A 192.0.2.1", &b, 'a'+i)
	}
	gone := strings.Repeat("a:gone.example ", 2)
	tests := map[string]struct {
		zone   string
		client string
		want   Result
	}{
		"two voids are allowed":            {"d.example TXT v=spf1 " + gone + "+all", "192.0.2.1", Pass},
		"three are not":                    {"d.example TXT v=spf1 " + gone + "mx:gone.example +all", "192.0.2.1", PermError},
		"a void exists":                    {"d.example TXT v=spf1 " + gone + "exists:gone.example +all", "192.0.2.1", PermError},
		"a void ptr":                       {"d.example TXT v=spf1 " + gone + "ptr +all", "192.0.2.1", PermError},
		"an address of the other family":   {"d.example TXT v=spf1 " + gone + "a:x.example +all\nx.example AAAA 2001:db8::1", "192.0.2.1", PermError},
		"and of an IPv6 client":            {"d.example TXT v=spf1 " + gone + "a:x.example +all\nx.example A 192.0.2.1", "2001:db8::1", PermError},
		"an address of its own family":     {"d.example TXT v=spf1 " + gone + "a:x.example +all\nx.example A 192.0.2.9", "192.0.2.1", Pass},
		"a host of the other family":       {"d.example TXT v=spf1 " + gone + "mx:x.example +all\nx.example MX y.example\ny.example A 192.0.2.9", "2001:db8::1", Pass},
		"exists asks for A of all":         {"d.example TXT v=spf1 " + gone + "exists:x.example -all\nx.example A 192.0.2.9", "2001:db8::1", Pass},
		"exists is void of AAAA":           {"d.example TXT v=spf1 " + gone + "exists:x.example -all\nx.example AAAA 2001:db8::1", "2001:db8::1", PermError},
		"the macro p costs nothing":        {"d.example TXT v=spf1 " + gone + "exists:%{p}.x.example -all\nunknown.x.example A 192.0.2.9", "192.0.2.1", Pass},
		"hosts are no terms":               {"d.example TXT v=spf1 " + gone + "mx +all\nd.example MX gone.example", "192.0.2.1", Pass},
		"voids in an include":              {"d.example TXT v=spf1 " + gone + "include:x.example +all\nx.example TXT v=spf1 a", "192.0.2.1", PermError},
		"a void after a match":             {"d.example TXT v=spf1 +all " + gone + gone, "192.0.2.1", Pass},
		"a failing host":                   {"d.example TXT v=spf1 mx +all\nd.example MX x.example\nx.example FAIL A", "192.0.2.1", TempError},
		"a failing host not needed":        {"d.example TXT v=spf1 mx +all\nd.example MX x.example\nx.example FAIL AAAA\nx.example A 192.0.2.9", "192.0.2.1", Pass},
		"a failing PTR only does not name": {"d.example TXT v=spf1 ptr ?all\n1.2.0.192.in-addr.arpa FAIL PTR", "192.0.2.1", Neutral},
		"a zone is no part of an address":  {"d.example TXT v=spf1 ip6:fe80::/10 -all", "fe80::1%eth0", Pass},
		"the tenth name":                   {ptrs(9), "192.0.2.1", Pass},
		"the eleventh name":                {ptrs(10), "192.0.2.1", Fail},
		"no client":                        {"d.example TXT v=spf1 +all", "", None},
		"null MX":                          {"d.example TXT v=spf1 mx -all\nd.example MX .", "192.0.2.1", Fail},
		"a name nobody can ask is no void": {"d.example TXT v=spf1 " + gone + "exists:x..%{d} a:x..%{d} +all", "192.0.2.1", Pass},
		"nor is it explained":              {"d.example TXT v=spf1 -all exp=x..%{d}", "192.0.2.1", Fail},
		"a term that is not kept":          {"d.example TXT v=spf1" + strings.Repeat(" ip4:198.51.100.1", MaxTerms) + " ip4:192.0.2.1 -all", "192.0.2.1", Pass},
		"one before those":                 {"d.example TXT v=spf1 ip4:192.0.2.1" + strings.Repeat(" ip4:198.51.100.1", MaxTerms) + " -all", "192.0.2.1", Pass},
		"redirect to itself":               {"d.example TXT v=spf1 redirect=d.example", "192.0.2.1", PermError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			client, _ := netip.ParseAddr(test.client)
			w := worldOf(t, test.zone)
			got := CheckHost(t.Context(), w, Mail{Client: client, Sender: "me@d.example", Helo: "h.example"})
			if got.Result != test.want {
				t.Errorf("%s, want %s", got.Result, test.want)
			}
			for q := range w.asked {
				if q.Name == "" || q.Name == record.Root {
					t.Errorf("asks for %s", q)
				}
			}
		})
	}
}

func TestExpand(t *testing.T) {
	// RFC 7208 section 7.4, with the name of the client added.
	e := evaluation{
		mail: Mail{Client: netip.MustParseAddr("192.0.2.3"), Helo: "h.example.org"}, local: "strong-bad", domain: "email.example.com",
		reversed: true, names: []record.Name{"other.example", "mx.email.example.com"},
	}
	six := e
	six.mail.Client = netip.MustParseAddr("2001:db8::cb01")
	tests := []struct {
		e          *evaluation
		spec, want string
	}{
		{&e, "%{s}", "strong-bad@email.example.com"},
		{&e, "%{o}", "email.example.com"},
		{&e, "%{d}", "email.example.com"},
		{&e, "%{d4}", "email.example.com"},
		{&e, "%{d3}", "email.example.com"},
		{&e, "%{d2}", "example.com"},
		{&e, "%{d1}", "com"},
		{&e, "%{d999999999999999999999}", "email.example.com"},
		{&e, "%{dr}", "com.example.email"},
		{&e, "%{d2r}", "example.email"},
		{&e, "%{l}", "strong-bad"},
		{&e, "%{l-}", "strong.bad"},
		{&e, "%{lr}", "strong-bad"},
		{&e, "%{lr-}", "bad.strong"},
		{&e, "%{l1r-}", "strong"},
		{&e, "%{S}", "strong-bad%40email.example.com"},
		{&e, "%{h}%%%_%-", "h.example.org% %20"},
		{&e, "%{p}", "mx.email.example.com"},
		{&e, "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
		{&e, "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
		{&e, "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
		{&e, "%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
		{&six, "%{ir}.%{v}._spf.%{d2}", "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"},
		{&six, "%{c}", "2001:db8::cb01"},
		{&six, "%{r}", "unknown"},
	}
	for _, test := range tests {
		pieces, err := parseMacros(test.spec, domainLetters+expLetters)
		if err != nil {
			t.Errorf("%s: %v", test.spec, err)
			continue
		}
		if got := test.e.expand(pieces, "email.example.com"); got != test.want {
			t.Errorf("%s expands to %q, want %q", test.spec, got, test.want)
		}
	}
}

// TestTarget: what a domain-spec asks for. Of a name that is too long, labels are
// dropped from the left.
func TestTarget(t *testing.T) {
	label := strings.Repeat("a", 59)
	long := strings.Repeat(label+".", 4) + "bc.example" // 250 octets
	for _, c := range []struct{ spec, sender, want string }{
		{"%{d}." + long, "me@xx", "xx." + long},
		{"%{d}." + long + ".", "me@xx", "xx." + long},
		{"%{d}." + long, "me@xxx", long},
		{"%{d}." + long, "me@xxxx.yy", "yy." + long},
		{"%{d}." + label + "." + long, "me@xx", long},
		{"%{d}" + strings.Repeat("a", 253), "me@xx", ""},
		{"%{l}.example", `a\b@xx`, `a\b.example`},
	} {
		term, _, _ := parseTerm("exists:" + c.spec)
		local, domain, _ := strings.Cut(c.sender, "@")
		e := evaluation{local: local, domain: domain}
		if got := e.target(&term, domain); got != c.want {
			t.Errorf("%.20s of %s: %d octets, %s", c.spec, c.sender, len(got), got)
		}
	}
	w := newWorld()
	w.txt("d.example", []string{"v=spf1 exists:%{l}.x.example -all"})
	CheckHost(t.Context(), w, Mail{Client: netip.MustParseAddr("192.0.2.1"), Sender: `a\b@d.example`})
	if q := (record.Question{Name: record.MustName(`a\\b.x.example`), Type: record.A}); w.asked[q] != 1 {
		t.Errorf("asked %v", w.asked)
	}
}

// A mail that no term matches meets every term, and so must find what the tree
// says it costs.
func TestTreeCountsWhatAnEvaluationMeets(t *testing.T) {
	terms := strings.Fields(`ip4:198.51.100.0/24 a mx a:a.example a:none.example a:both.example mx:a.example mx:gone.example mx:null.example
		exists:gone.example include:%d.example include:%d.example include:%d.example -include:%d.example x=y`)
	const base = `
		a.example A 198.51.100.1
		a.example MX a.example
		a.example MX gone.example
		both.example A 198.51.100.1
		both.example AAAA 2001:db8::1
		none.example PTR x.example
		null.example MX .`
	r := rand.New(rand.NewPCG(7208, 2))
	mail := Mail{Client: netip.MustParseAddr("203.0.113.7"), Sender: "me@0.example", Helo: "h.example"}
	within, beyond := 0, 0
	for range 1500 {
		var zone strings.Builder
		zone.WriteString(base)
		const records = 5
		for i := range records {
			if r.IntN(2) == 0 {
				fmt.Fprintf(&zone, "\n%d.example A 198.51.100.2\n%[1]d.example MX %[1]d.example", i)
			}
		}
		w := worldOf(t, zone.String())
		for i := range records {
			s := "v=spf1"
			for range r.IntN(5) {
				term := terms[r.IntN(len(terms))]
				if strings.Contains(term, "%d") {
					if i == records-1 {
						continue
					}
					term = fmt.Sprintf(term, i+1+r.IntN(records-1-i)) // no loops
				}
				s += " " + term
			}
			switch {
			case i < records-1 && r.IntN(4) == 0:
				s += fmt.Sprintf(" redirect=%d.example", i+1)
			case r.IntN(2) == 0:
				s += " exp=a.example ?all mx include:0.example"
			}
			owner := record.MustName(fmt.Sprintf("%d.example", i))
			w.txt(owner, []string{s})
		}
		v := CheckHost(t.Context(), w, mail)
		cost := grow(t, w, "0.example").Root.Cost
		if !cost.Lookups.Exact() || !cost.Voids.Exact() {
			t.Fatalf("gaps in %+v", cost)
		}
		if cost.Lookups.N > MaxLookups || cost.Voids.N > MaxVoids {
			beyond++
			if v.Result != PermError {
				t.Errorf("%s, with %+v: %v", v.Result, cost, w.records)
			}
			continue
		}
		within++
		if v.Result != Neutral || v.Lookups != cost.Lookups.N || v.Voids != cost.Voids.N {
			t.Errorf("%+v, with %+v: %v", v, cost, w.records)
		}
	}
	if within < 300 || beyond < 300 {
		t.Errorf("%d within the limits, %d beyond: too one-sided", within, beyond)
	}
}

// TestPath: which terms decided is reported, the outermost first.
func TestPath(t *testing.T) {
	for name, c := range map[string]struct{ zone, client, want string }{
		"a term":                {"d.example TXT v=spf1 ip4:198.51.100.1 ip4:192.0.2.0/24 -all", "192.0.2.1", `d.example "ip4:192.0.2.0/24"`},
		"all":                   {"d.example TXT v=spf1 include:x.example -all\nx.example TXT v=spf1 -all", "192.0.2.1", `d.example "-all"`},
		"inside an include":     {"d.example TXT v=spf1 include:x.example -all\nx.example TXT v=spf1 include:y.example -all\ny.example TXT v=spf1 a:z.example -all\nz.example A 192.0.2.1", "192.0.2.1", `d.example "include:x.example" > x.example "include:y.example" > y.example "a:z.example"`},
		"behind a redirect":     {"d.example TXT v=spf1 redirect=x.example\nx.example TXT v=spf1 ~all", "192.0.2.1", `d.example "redirect=x.example" > x.example "~all"`},
		"an error":              {"d.example TXT v=spf1 include:gone.example -all", "192.0.2.1", `d.example "include:gone.example"`},
		"an error further down": {"d.example TXT v=spf1 include:x.example -all\nx.example TXT v=spf1 a:y.example -all\ny.example FAIL A", "192.0.2.1", `d.example "include:x.example" > x.example "a:y.example"`},
		"nothing":               {"d.example TXT v=spf1 include:x.example\nx.example TXT v=spf1 -all", "192.0.2.1", ""},
		"no record":             {"d.example A 192.0.2.1", "192.0.2.1", ""},
	} {
		got := CheckHost(t.Context(), worldOf(t, c.zone), Mail{Client: netip.MustParseAddr(c.client), Sender: "me@d.example"})
		var path []string
		for _, d := range got.Path {
			path = append(path, fmt.Sprintf("%s %s", d.Domain, d.Term.Text))
		}
		if s := strings.Join(path, " > "); s != c.want {
			t.Errorf("%s: %s by %s, want %s", name, got.Result, s, c.want)
		}
	}
}

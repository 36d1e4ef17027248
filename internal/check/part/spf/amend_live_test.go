package spf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// askerOf asks dns for everything.
func askerOf(t *testing.T, dns record.Asker, d *config.Domain) part.Asker {
	t.Helper()
	each := func(n int, do func(i int)) {
		for i := range n {
			do(i)
		}
	}
	shared := part.NewRunCache(dns)
	return part.Asker{Each: each, Own: part.NewCache(dns), Shared: shared, Forest: spf.NewForest(t.Context(), shared), Domains: part.NewDomains([]config.Domain{*d})}
}

// TestAmend: the record that the file asks for, put into what is live, or why there
// is none. Where nothing is live, a second answer has to say so.
func TestAmend(t *testing.T) {
	t.Parallel()
	says := func(text string) func(record.Question) record.Answer {
		return func(q record.Question) record.Answer {
			a := record.Answer{Question: q, Status: record.NoData}
			if text != "" {
				a.Status, a.Records = record.Found, []record.Record{record.NewTXT(text)}
			}
			return a
		}
	}
	disagreed := func(q record.Question) record.Answer {
		return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Disagreed, Detail: "ns1 and ns2"}}
	}
	none, other := says(""), says("hello")
	const mailFrom = "{region: eu-west-1, mail_from: bounce}"
	for name, c := range map[string]struct {
		file, live string
		second     []func(record.Question) record.Answer
		want       string
	}{
		"nothing to change":        {"{spf: [a.test]}", `@ TXT "v=spf1 include:a.test -all"`, nil, "v=spf1 include:a.test -all, live"},
		"an include is missing":    {"{spf: [a.test, b.test]}", `@ TXT "v=spf1 include:a.test -all"`, nil, "v=spf1 include:a.test include:b.test -all, live, changed"},
		"none is to be there":      {"{spf: none}", `@ TXT "v=spf1 -all"`, nil, ""},
		"a CNAME":                  {"{spf: [a.test]}", "@ CNAME x.test.", nil, "example.com is a CNAME to x.test, and no other record can share its name; delete it first"},
		"a wildcard's CNAME":       {mailFrom, "* CNAME x.test.", []func(record.Question) record.Answer{none}, "v=spf1 include:amazonses.com ~all, changed"},
		"a wildcard's, to SPF":     {mailFrom, "* CNAME x.test.\nx.test. TXT \"v=spf1 ip4:192.0.2.7 -all\"", nil, "v=spf1 ip4:192.0.2.7 include:amazonses.com -all, changed"},
		"a wildcard's, to right":   {mailFrom, "* CNAME x.test.\nx.test. TXT \"v=spf1 include:amazonses.com -all\"", nil, "v=spf1 include:amazonses.com -all"},
		"not answered":             {"{spf: [a.test]}", "@ TXT TIMEOUT", nil, "failure: timeout after 3 tries"},
		"two records":              {"{spf: [a.test]}", "@ TXT \"v=spf1 include:a.test -all\"\n@ TXT \"v=spf1 include:b.test ~all\"", nil, "v=spf1 include:a.test include:b.test ~all, live, changed, they end differently; the record to publish ends in ~all, the mildest, the next finding would be spf-include-unexpected: the SPF record of example.com includes \"b.test\", which the file does not list"},
		"two that end alike":       {"{spf: [a.test, b.test]}", "@ TXT \"v=spf1 include:a.test -all\"\n@ TXT \"v=spf1 include:b.test -all\"", nil, "v=spf1 include:a.test include:b.test -all, live, changed"},
		"two, and the file's end":  {"{spf: {includes: [a.test, b.test], all: \"?all\"}}", "@ TXT \"v=spf1 include:a.test -all\"\n@ TXT \"v=spf1 include:b.test ~all\"", nil, "v=spf1 include:a.test include:b.test ?all, live, changed"},
		"two, the mildest":         {"{spf: [a.test, b.test]}", "@ TXT \"v=spf1 include:a.test ?all\"\n@ TXT \"v=spf1 include:b.test -all\"", nil, "v=spf1 include:a.test include:b.test ?all, live, changed, they end differently; the record to publish ends in ?all, the mildest"},
		"two without an end":       {"{spf: [a.test, b.test]}", "@ TXT \"v=spf1 include:a.test\"\n@ TXT \"v=spf1 include:b.test +all\"", nil, "v=spf1 include:a.test include:b.test ~all, live, changed, the record to publish does not end in \"+all\", which lets everybody send"},
		"two, one with a redirect": {"{spf: [a.test]}", "@ TXT \"v=spf1 include:a.test -all\"\n@ TXT \"v=spf1 redirect=b.test\"", nil, "example.com has 2 SPF records, and they cannot be merged (a record with a redirect cannot be merged); keep one, then change that, live"},
		"a syntax error":           {"{spf: [a.test]}", `@ TXT "v=spf1 include:a.test moo -all"`, nil, `the SPF record of example.com has a syntax error, and it is not certain what was meant; fix it first: column 23: "moo": there is no mechanism "moo", live`},
		"too many lookups":         {"{spf: [six.test, a.test, b.test]}", `@ TXT "v=spf1 include:six.test a:a.test mx:a.test exists:a.test -all"`, nil, "no SPF record can be given for example.com: the next finding would be spf-lookups: "},
		"behind all":               {"{spf: [a.test]}", `@ TXT "v=spf1 -all include:a.test ptr"`, nil, "v=spf1 include:a.test -all ptr, live, changed, terms after the all term stay there: ptr should not be used: remove it"},
		"none, and none":           {"{spf: [a.test]}", "@ TXT x", []func(record.Question) record.Answer{none}, "v=spf1 include:a.test ~all, changed"},
		"none, and another text":   {"{spf: [a.test]}", "@ TXT x", []func(record.Question) record.Answer{other, none}, "v=spf1 include:a.test ~all, changed"},
		"none, nobody is asked":    {"{spf: [a.test]}", "@ TXT x", nil, ""},
		"none, not answered":       {"{spf: [a.test]}", "@ TXT x", []func(record.Question) record.Answer{judgetest.Failing}, "failure: timeout after 3 tries"},
		"none, answered by one":    {"{spf: [a.test]}", "@ TXT x", []func(record.Question) record.Answer{judgetest.Failing, none}, "v=spf1 include:a.test ~all, changed"},
		"none, and one by then":    {"{spf: [a.test]}", "@ TXT x", []func(record.Question) record.Answer{none, says("v=spf1 -all")}, "failure: servers disagree after 2 tries: asked again, DNS answered differently: the record is being changed, or the servers disagree"},
		"none, and two answers":    {"{spf: [a.test]}", "@ TXT x", []func(record.Question) record.Answer{disagreed, none}, "failure: servers disagree: ns1 and ns2"},
		"of a MAIL FROM name":      {mailFrom, `bounce TXT "v=spf1 -all"`, nil, "v=spf1 include:amazonses.com -all, live, changed"},
		"an include not answered":  {mailFrom, `bounce TXT "v=spf1 include:down.test -all"`, nil, "live, failure: timeout after 3 tries"},
		"of the domain, likewise":  {"{spf: [down.test]}", `@ TXT "v=spf1 include:down.test -all"`, nil, "v=spf1 include:down.test -all, live"},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains: {example.com: "+c.file+"}\n")
		d := &f.Domains[0]
		var resolvers []record.Asker
		for _, s := range c.second {
			resolvers = append(resolvers, judgetest.Answers(s))
		}
		dns := judgetest.Live(t, senders+c.live+`
			six.test. TXT "v=spf1 include:a.test include:b.test a:a.test a:a.test a:a.test -all"
			six2.test. TXT "v=spf1 include:a.test include:b.test a:a.test a:a.test a:a.test -all"
			`)
		var all []string
		for _, m := range Amend(t.Context(), askerOf(t, dns, d), resolvers, d) {
			got := []string{}
			if m.Text != "" {
				got = append(got, m.Text)
			}
			if m.Why != "" {
				got = append(got, m.Why)
			}
			for _, w := range []struct {
				is   bool
				word string
			}{{m.Live, "live"}, {m.Changed && m.Text != "", "changed"}} {
				if w.is {
					got = append(got, w.word)
				}
			}
			got = append(got, m.Notes...)
			if m.Failure != nil {
				got = append(got, "failure: "+m.Failure.Reason())
			}
			all = append(all, strings.Join(got, ", "))
		}
		if got := strings.Join(all, "|"); got != c.want && !(strings.HasSuffix(c.want, ": ") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

// TestIncludes: what a lock says of the names that the records lead to, each once,
// and which questions failed.
func TestIncludes(t *testing.T) {
	t.Parallel()
	dns := judgetest.Live(t, senders+`
		@ TXT "v=spf1 include:a.test include:two.test include:bad.test include:none.test include:down.test include:all.test include:big.test -all"
		bounce TXT "v=spf1 include:amazonses.com include:down.test -all"
		all.test. TXT "v=spf1 mx -all a"
		big.test. TXT "v=spf1`+strings.Repeat(" ip4:192.0.2.1", 10)+`"`+strings.Repeat(` "`+strings.Repeat(" ip4:192.0.2.1", 15)+`"`, 20)+`
		`)
	f := judgetest.Parse(t, "version: 1\ndomains: {example.com: {region: eu-west-1, mail_from: bounce, spf: [a.test]}, example.org: {spf: none}}\n")
	for window := range 3 {
		includes, failed := Includes(t.Context(), f.Domains, dns, window)
		var open []string
		for _, f := range failed {
			open = append(open, f.Question.String())
		}
		if got := strings.Join(open, " "); got != "TXT down.test" {
			t.Errorf("not answered: %s", got)
		}
		for name, want := range map[record.Name]string{
			"a.test": " 0 ip4:192.0.2.1 -all", "two.test": "several 0", "bad.test": "invalid 0 ip4:x -all", "none.test": "none 0", "all.test": " 1 mx -all", "big.test": "long 0",
			"amazonses.com": " 0 ip4:199.255.192.0/22 ip4:54.240.0.0/18 ip4:69.169.224.0/20 -all",
		} {
			l, ok := includes[name]
			if got := strings.TrimRight(fmt.Sprintf("%s %d %s", l.State, l.Lookups, strings.Join(l.Terms, " ")), " "); !ok || got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if len(includes) != 7 {
			t.Errorf("%d names: %v", len(includes), includes)
		}
	}
}

// TestDifference: what changed since an include was locked, in words.
func TestDifference(t *testing.T) {
	t.Parallel()
	now := config.Locked{Terms: []string{"ip4:192.0.2.1", "-all"}}
	for state, want := range map[string]string{
		"none":    "there was no SPF record, and now there is a valid one; added ip4:192.0.2.1, -all",
		"several": "there was more than one SPF record, and now there is a valid one; added ip4:192.0.2.1, -all",
		"long":    "there was one that is too long to be locked, and now there is a valid one; added ip4:192.0.2.1, -all",
		"invalid": "there was one with a syntax error, and now there is a valid one; added ip4:192.0.2.1, -all",
	} {
		then := config.Locked{State: state}
		if got := difference(then, now); got != want {
			t.Errorf("%s: %s", state, got)
		}
		if shown := len(asRecord(then)) > 0; shown != (state == "invalid") {
			t.Errorf("%s: a record is shown: %v", state, shown)
		}
	}
	if got, want := difference(config.Locked{Terms: []string{"a", "-all"}}, now), "added ip4:192.0.2.1; removed a"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := asRecord(now); len(got) != 1 || got[0] != `"v=spf1 ip4:192.0.2.1 -all"` {
		t.Errorf("%q", got)
	}
	if got := lookups(1) + ", " + lookups(2); got != "1 lookup, 2 lookups" {
		t.Error(got)
	}
	if vendor("_spf.google.com") != "Google" || vendor("a.b.test") != "b.test" {
		t.Error(vendor("_spf.google.com"), vendor("a.b.test"))
	}
}

// TestDoubt: what follows from a record that may be there after all is not known.
func TestDoubt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		check  *finding.Check
		at     record.Name
		back   bool
		unsure bool
	}{
		{Missing, "a.test", true, true}, {IncludeBroken, "a.test", true, false}, {IncludeDangling, "a.test", true, false},
		{IncludeMissing, "a.test", false, false}, {Missing, "c.test", false, false},
	} {
		p := &snapshot.Snapshot{SPF: []snapshot.SPF{{Name: "b.test", SES: snapshot.Right, Partly: true}, {Name: "a.test", SES: snapshot.Right, Partly: true}}}
		doubt(finding.Finding{Check: c.check, Record: record.Question{Name: c.at}}, p)
		if got := p.SPF[1]; (got.SES == snapshot.Unknown) != c.back || got.Partly == c.back || got.Unsure != c.unsure || p.SPF[0].SES != snapshot.Right || !p.SPF[0].Partly {
			t.Errorf("%s of %s: %+v", c.check, c.at, p.SPF)
		}
	}
}

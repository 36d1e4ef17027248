package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/dmarc"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/check/part/verification"
	"github.com/sescheck/sescheck/internal/record"
)

// TestUnavailable: what is said of a question that failed, by how it failed and by
// which checks it leaves open.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "a.example", Type: record.TXT}
	said := []record.Said{{Zone: "example", Server: "ns1", Says: "this"}, {Zone: "example", Server: "ns2", Says: "that"}}
	for name, c := range map[string]struct {
		failure             record.Failure
		checks              []*finding.Check
		says, impact, cause string
		ses                 bool
	}{
		"a timeout":                   {record.Failure{Fault: record.Timeout, Server: "192.0.2.1:53"}, []*finding.Check{spf.Missing}, "TXT at a.example could not be resolved by 192.0.2.1:53: timeout", "", "dns-unavailable 192.0.2.1:53 ", false},
		"of SES":                      {record.Failure{Fault: record.Timeout}, []*finding.Check{spf.Missing, verification.Missing}, "TXT at a.example could not be resolved: timeout", "", "dns-unavailable ", true},
		"servers of the zone":         {record.Failure{Fault: record.Timeout, Server: "ns1", Said: said}, []*finding.Check{spf.Missing}, "TXT at a.example could not be resolved: timeout", "", "dns-unavailable ns1 ", false},
		"offline":                     {record.Failure{Fault: record.Offline}, []*finding.Check{spf.Missing}, "", "add the file of the zone", "dns-unavailable ", false},
		"two CNAMEs":                  {record.Failure{Fault: record.TwoCNAMEs}, []*finding.Check{spf.Missing}, "", "keep one", "dns-unavailable ", false},
		"too much":                    {record.Failure{Fault: record.Excess}, []*finding.Check{spf.Missing}, "", "no server can send that answer", "dns-unavailable ", false},
		"the end of the run":          {record.Failure{Fault: record.Interrupted}, []*finding.Check{spf.Missing}, "", "the run ended first", "dns-unavailable ", false},
		"only to explain":             {record.Failure{Fault: record.Interrupted}, []*finding.Check{part.NameDoubled, WildcardAnswer}, "", "nothing: the query was only to explain another finding", "dns-unavailable ", false},
		"to explain, and for a check": {record.Failure{Fault: record.Interrupted}, []*finding.Check{WildcardAnswer, mailfrom.MXMissing}, "", "the run ended first", "dns-unavailable ", false},
		"two answers":                 {record.Failure{Fault: record.Disagreed, Said: said, TTL: 60}, []*finding.Check{spf.Missing}, "TXT at a.example differs between servers: ns1 says this; ns2 says that; caches may take about 1 minute to agree", "", "nameservers-disagree example", false},
		"two resolvers":               {record.Failure{Fault: record.Disagreed, Said: []record.Said{{Server: "a", Says: "this"}, {Server: "b", Says: "that"}}}, []*finding.Check{spf.Missing}, "differs between servers", "", "", false},
		"two, and nobody knows who":   {record.Failure{Fault: record.Disagreed}, []*finding.Check{spf.Missing}, "could not be resolved", "", "", false},
		"a signature":                 {record.Failure{Fault: record.BadRcode, Rcode: "SERVFAIL", EDE: []record.EDE{{Code: 7}}}, []*finding.Check{spf.Missing}, "could not be resolved: SERVFAIL", "do not exist until DNSSEC is fixed", "dns-unavailable ", false},
	} {
		c.failure.Question = q
		found := unavailable([]part.Undecided{{Answer: record.Answer{Question: q, Failure: &c.failure}, Checks: c.checks}})
		if len(found) != 1 {
			t.Fatalf("%s: %d findings", name, len(found))
		}
		f := found[0]
		disagreed := c.failure.Fault == record.Disagreed && len(c.failure.Said) > 0
		if !strings.HasPrefix(f.Message, c.says) && !strings.Contains(f.Message, c.says) || !strings.Contains(f.Impact, c.impact) || c.impact == "" && f.Impact != "" ||
			!strings.HasPrefix(f.Cause, c.cause) || c.cause == "" && f.Cause != "" || (f.SESError != "") != c.ses || (f.Check == NameserversDisagree) != disagreed {
			t.Errorf("%s: %s: %s; %s; %s; %s", name, f.Check, f.Message, f.Impact, f.Cause, f.SESError)
		}
	}
	twice := []part.Undecided{
		{Answer: record.Answer{Failure: &record.Failure{Question: q}}, Checks: []*finding.Check{spf.Missing, dmarc.Missing}},
		{Answer: record.Answer{Failure: &record.Failure{Question: record.Question{Name: "b.example", Type: record.TXT}}}},
		{Answer: record.Answer{Failure: &record.Failure{Question: q}}, Checks: []*finding.Check{spf.Invalid, spf.Missing}},
	}
	found := unavailable(twice)
	if len(found) != 2 || !slices.Equal(found[0].Undecided, []*finding.Check{spf.Missing, spf.Invalid, dmarc.Missing}) || !slices.Equal(found[1].Undecided, []*finding.Check{DNSUnavailable}) {
		t.Errorf("%d findings of two questions: %v", len(found), found)
	}
}

// TestStillOpen: a finding about one subject leaves its check open for the others,
// and a query whose checks failed anyway keeps them.
func TestStillOpen(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "_dmarc.a.example", Type: record.TXT}
	for name, c := range map[string]struct {
		found []finding.Finding
		open  []*finding.Check
		want  []*finding.Check
	}{
		"another subject":     {[]finding.Finding{{Check: dmarc.ReportUnauthorized, Record: q, Subject: "b.example"}}, []*finding.Check{dmarc.ReportUnauthorized}, []*finding.Check{dmarc.ReportUnauthorized}},
		"the record itself":   {[]finding.Finding{{Check: spf.Lookups, Record: q}}, []*finding.Check{spf.Lookups, spf.LookupsHigh, spf.PassAll}, []*finding.Check{spf.PassAll}},
		"nothing else":        {[]finding.Finding{{Check: spf.VoidLookups, Record: q}}, []*finding.Check{spf.VoidLookups}, []*finding.Check{spf.VoidLookups}},
		"of another record":   {[]finding.Finding{{Check: spf.Lookups}}, []*finding.Check{spf.Lookups}, []*finding.Check{spf.Lookups}},
		"without any finding": {nil, []*finding.Check{spf.Lookups}, []*finding.Check{spf.Lookups}},
	} {
		open := stillOpen(part.Verdict{Findings: c.found, Undecided: []part.Undecided{{About: q, Checks: c.open}}})
		if !slices.Equal(open[0].Checks, c.want) {
			t.Errorf("%s: %v", name, finding.IDs(open[0].Checks))
		}
	}
}

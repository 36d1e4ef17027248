package check

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// TestPromised: what a plan is still to make neither passes nor fails, and counts
// as an answer.
func TestPromised(t *testing.T) {
	t.Parallel()
	f := parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, mail_from: bounce}\n")
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Promised, Server: "the plan", Detail: "aws_route53_record.mx"}}
	}}
	out := Run(t.Context(), f, w, Options{Window: 1, Verbose: true})
	d := out.Domains[0]
	if len(d.Findings) > 0 || d.Passed != 1 || // the region is known
		!out.Answered {
		t.Errorf("%d findings, %d passed, answered %v", len(d.Findings), d.Passed, out.Answered)
	}
	types := map[string]string{}
	for _, p := range d.Promises {
		types[p.Record.String()] = p.From
	}
	if from := types["MX bounce.example.com"]; from != "aws_route53_record.mx" {
		t.Errorf("%v", d.Promises)
	}
	for _, row := range d.Rows {
		if row.Status != Promised && row.Check != RegionUnknown {
			t.Errorf("%s of %s is %s", row.Check, row.Record, row.Status)
		}
	}
}

// TestEasyDKIM: of three CNAMEs that a plan is to make, two are a finding.
func TestEasyDKIM(t *testing.T) {
	t.Parallel()
	for records, want := range map[int]string{0: "dkim-missing", 2: "dkim-missing", 3: ""} {
		f := parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: easy}\n")
		f.Domains[0].Identities[0].DKIM.Promised = &config.Promised{From: "aws_sesv2_email_identity.this", Records: make([]config.PromisedRecord, records)}
		w := &world{answer: func(q record.Question, _ bool) record.Answer {
			return record.Answer{Question: q, Status: record.NoData}
		}}
		d := Run(t.Context(), f, w, Options{Window: 1}).Domains[0]
		got := ""
		for _, f := range d.Findings {
			got += f.Check.ID
		}
		if got != want || len(d.Unlooked) > 0 || records == 3 && d.Passed != 2 { // the domain and its region
			t.Errorf("%d records: %q, want %q", records, got, want)
		}
		if promised := len(d.Promises) > 0 && d.Promises[0].Count == records; promised != (records > 0) {
			t.Errorf("%d records: %v", records, d.Promises)
		}
	}
}

// TestEasyDKIMUnknown: without a plan, the report says that DKIM is not looked at.
func TestEasyDKIMUnknown(t *testing.T) {
	t.Parallel()
	f := parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: easy}\n")
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		return record.Answer{Question: q, Status: record.NoData}
	}}
	if d := Run(t.Context(), f, w, Options{Window: 1}).Domains[0]; len(d.Unlooked) != 1 || len(d.Findings) > 0 {
		t.Errorf("%v %v", d.Unlooked, d.Findings)
	}
}

// TestPlannedDKIM: of a record that is made of a token, the rest of its name and of
// its target is known before the apply.
func TestPlannedDKIM(t *testing.T) {
	t.Parallel()
	const right, leads = "*._domainkey.example.com", "*.dkim.amazonses.com"
	for _, c := range []struct {
		name, target string
		zone         record.Name
		want         *Check
		says         string
	}{
		{right, leads, "", nil, ""},
		{right + ".", leads + ".", "example.com", nil, ""},
		{"*._domainkey", leads, "example.com", nil, ""},
		{"*._domainkey", leads, "", nil, ""},
		{"*", "*", "example.com", nil, ""},
		{"", "", "", nil, ""},
		{"*._domainkey.example.com.example.com", leads, "", NameDoubled, "TOKEN._domainkey.example.com.example.com, with the domain twice"},
		{"*.example.com", leads, "example.com", DKIMMissing, "TOKEN.example.com, without _domainkey"},
		{"*._domainkey.example.net", leads, "", DKIMMissing, "instead of TOKEN._domainkey.example.com"},
		{right, "*.dkim.af-south-1.amazonses.com", "", DKIMWrongTarget, "the DKIM zone of another region than eu-west-1"},
		{right, "*.dkim.amazonaws.com", "", DKIMWrongTarget, "no DKIM zone of SES"},
	} {
		f := parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: easy}\n")
		one := config.PromisedRecord{Address: "aws_route53_record.dkim[0]", Name: c.name, Target: c.target, Zone: c.zone}
		f.Domains[0].Identities[0].DKIM.Promised = &config.Promised{From: "x", Records: []config.PromisedRecord{one, {}, {}}}
		v := judgeDKIM(wantDKIM(&f.Domains[0])[0], nil)
		switch {
		case c.want == nil && (len(v.findings) > 0 || v.promises[0].Count != 3):
			t.Errorf("%s %s: %v", c.name, c.target, v.findings)
		case c.want != nil && (len(v.findings) != 1 || v.findings[0].Check != c.want || !strings.Contains(v.findings[0].text(), c.says) || v.promises[0].Count != 2):
			t.Errorf("%s %s: %+v", c.name, c.target, v.findings)
		}
	}
}

package check

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/domain"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// TestPromised: what a plan is still to make neither passes nor fails, and counts
// as an answer.
func TestPromised(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, mail_from: bounce}\n")
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
		if row.Status != finding.Promised && row.Check != domain.RegionUnknown {
			t.Errorf("%s of %s is %s", row.Check, row.Record, row.Status)
		}
	}
}

// TestEasyDKIM: of three CNAMEs that a plan is to make, two are a finding.
func TestEasyDKIM(t *testing.T) {
	t.Parallel()
	for records, want := range map[int]string{0: "dkim-missing", 2: "dkim-missing", 3: ""} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: easy}\n")
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
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: easy}\n")
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		return record.Answer{Question: q, Status: record.NoData}
	}}
	if d := Run(t.Context(), f, w, Options{Window: 1}).Domains[0]; len(d.Unlooked) != 1 || len(d.Findings) > 0 {
		t.Errorf("%v %v", d.Unlooked, d.Findings)
	}
}

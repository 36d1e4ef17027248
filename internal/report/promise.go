package report

import (
	"fmt"
	"maps"
	"slices"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// jsonPromise is a planned record that is partly known only after the apply.
type jsonPromise struct {
	Record jsonQuestion `json:"record"`
	Count  int          `json:"count"`
	Part   wanted.Part  `json:"part,omitempty"`
	From   string       `json:"from"`
	Checks []string     `json:"checks"`
}

func toJSONPromises(d *check.Domain) (all []jsonPromise) {
	for _, p := range d.Promises {
		all = append(all, jsonPromise{question(p.Record), p.Count, p.Part, p.From, finding.IDs(p.Checks)})
	}
	return all
}

func readPromises(in []jsonPromise) (all []finding.Promise, err error) {
	for _, p := range in {
		q, err := p.Record.question()
		if err != nil {
			return nil, err
		}
		checks, err := lookUpAll(p.Checks)
		if err != nil {
			return nil, err
		}
		if p.Part != "" && !check.IsPart(p.Part) {
			return nil, fmt.Errorf("%s is not a part of a domain", untrusted.Quote(string(p.Part)))
		}
		if p.Count < 1 || p.Count > maxCount {
			return nil, fmt.Errorf("a promise cannot have %d records", p.Count)
		}
		all = append(all, finding.Promise{Record: q, Count: p.Count, Part: p.Part, From: clean(p.From), Checks: checks})
	}
	return all, nil
}

// promises describes a domain's planned records, merged by type and origin: "3
// DKIM CNAMEs of aws_sesv2_email_identity.this, known after apply".
func promises(all []finding.Promise) (lines []string) {
	type kind struct {
		part  wanted.Part
		rtype record.Type
		from  string
	}
	var kinds []kind
	of := map[kind][]finding.Promise{}
	for _, p := range all {
		k := kind{p.Part, p.Record.Type, p.From}
		if of[k] == nil {
			kinds = append(kinds, k)
		}
		of[k] = append(of[k], p)
	}
	for _, k := range kinds {
		ps, n := of[k], 0
		if k.part == wanted.SES {
			names := map[string]bool{}
			for _, p := range ps {
				names[string(p.Record.Name)] = true
			}
			lines = append(lines, fmt.Sprintf("what Amazon SES says about %s, which %s changes", shorten.List(slices.Sorted(maps.Keys(names)), 4), k.from))
			continue
		}
		for _, p := range ps {
			n += p.Count
		}
		what := k.rtype.String() + " record"
		if k.part == wanted.DKIM {
			what = "DKIM " + k.rtype.String()
		}
		at := " at " + string(ps[0].Record.Name)
		if n > 1 {
			at = ""
		}
		from := ""
		if k.from != "" {
			from = " of " + k.from
		}
		lines = append(lines, fmt.Sprintf("%s%s%s, known after apply", shorten.Count(n, what), at, from))
	}
	return lines
}

// promised are the lines about promises, a domain at a time.
func (r *Report) promised() (lines []string) {
	for i := range r.Domains {
		for _, l := range promises(r.Domains[i].Promises) {
			lines = append(lines, fmt.Sprintf("%s: promised: %s", r.Domains[i].Name, l))
		}
	}
	return lines
}

// promisedRecords counts the planned records of a domain.
func promisedRecords(d *check.Domain) (n int) {
	for _, p := range d.Promises {
		n += p.Count
	}
	return n
}

// passed says how many checks of a domain passed, and how many planned records it
// has.
func passed(d *check.Domain) string {
	s := shorten.Count(d.Passed, "check") + " passed"
	if n := promisedRecords(d); n > 0 {
		s += fmt.Sprintf(", %d promised", n)
	}
	return s
}

// promisedOf are the promises of a part.
func promisedOf(d *check.Domain, part wanted.Part) []finding.Promise {
	return slices.DeleteFunc(slices.Clone(d.Promises), func(p finding.Promise) bool { return p.Part != part })
}

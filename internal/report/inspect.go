package report

import (
	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/inspection"
)

// inspect decides what to say of a domain.
func (r *Report) inspect(d *check.Domain) *inspection.Inspection {
	return inspection.Of(d, name(d), r.SPF)
}

// causes groups the findings of a section by cause.
func causes(s inspection.Section) (all []group) {
	at := map[string]int{}
	for _, f := range s.Findings {
		if i, ok := at[f.Cause]; ok && f.Cause != "" {
			all[i].findings = append(all[i].findings, f)
			continue
		}
		at[f.Cause] = len(all)
		all = append(all, group{findings: []*finding.Finding{f}})
	}
	return all
}

// inspected returns how the run ended, in words.
func (r *Report) inspected() string { return r.judgement("there is something to fix", "") + r.early() }

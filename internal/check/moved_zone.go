package check

import (
	"context"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// movedZone names the delegated name servers in the findings if every record for
// SES is missing: the zone was moved without them, or they were entered at a
// provider that does not serve the zone.
func (r *run) movedZone(ctx context.Context, a part.Asker, d *config.Domain, exams []part.Examination, v *part.Verdict) {
	var missing []*finding.Finding
	for i := range v.Findings {
		if f := &v.Findings[i]; f.Check.Missing && f.Status == "" && !f.Astray && len(f.Actual) == 0 {
			missing = append(missing, f)
		}
	}
	expected := 0
	for _, l := range exams {
		for _, s := range l.Scopes() {
			if !slices.ContainsFunc(s.Checks, func(c *finding.Check) bool { return c.Missing }) {
				continue
			}
			if !slices.ContainsFunc(missing, func(f *finding.Finding) bool { return f.Record == s.Record }) {
				return
			}
			expected++
		}
	}
	if expected < 2 {
		return
	}
	ns := a.Own.Ask(ctx, record.Question{Name: d.Name.Registrable(), Type: record.NS})
	if ns.Failure != nil {
		v.Moot = append(v.Moot, ns.Failure.Question)
	}
	if ns.Status != record.Found {
		return
	}
	var hosts []string
	for _, r := range ns.Records {
		hosts = append(hosts, string(r.Host))
	}
	missing[0].Notef("all %d SES records are missing, and the zone is served by %s: was it moved, or are the records in another zone?",
		expected, strings.Join(hosts[:min(len(hosts), 4)], ", "))
}

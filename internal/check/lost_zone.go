package check

import (
	"context"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// lostZone says whose name servers were asked where every record for SES is
// missing: then the zone was moved without them, or they were entered at a
// provider that does not serve it.
func (r *run) lostZone(ctx context.Context, a asks, d *config.Domain, exams []examination, v *verdict) {
	var missing []*Finding
	for i := range v.findings {
		if f := &v.findings[i]; f.Check.Lost && f.Status == "" && !f.astray && len(f.Actual) == 0 {
			missing = append(missing, f)
		}
	}
	if len(missing) == 0 {
		return
	}
	expected := 0
	for _, l := range exams {
		for _, s := range l.scopes() {
			if slices.ContainsFunc(s.checks, func(c *Check) bool { return c.Lost }) {
				expected++
			}
		}
	}
	if expected < 2 || len(missing) < expected {
		return
	}
	ns := a.own.Ask(ctx, record.Question{Name: d.Name.Registrable(), Type: record.NS})
	if ns.Failure != nil {
		v.moot = append(v.moot, ns.Failure.Question)
	}
	if ns.Status != record.Found {
		return
	}
	var hosts []string
	for _, r := range ns.Records {
		hosts = append(hosts, string(r.Host))
	}
	missing[0].note("all %d records for SES are missing here, and the zone is served by %s: was it moved, or were they entered elsewhere?",
		expected, strings.Join(hosts[:min(len(hosts), 4)], ", "))
}

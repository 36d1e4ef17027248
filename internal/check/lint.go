package check

import (
	"time"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
)

// Lint finds what can be said of a file without DNS, in its order: warnings at
// most, since the file can be read. What it silences is left out.
func Lint(file *config.File, now time.Time) (found []finding.Finding) {
	s := newSettling(file, Options{Now: now})
	for i := range file.Domains {
		d := &file.Domains[i]
		var fs []finding.Finding
		for _, p := range parts {
			fs = append(fs, p.WithoutDNS(d)...)
		}
		finding.Sort(fs)
		for _, f := range fs {
			if s.complete(d, &f, false) && f.Status == finding.Fail {
				f.Severity = min(f.Severity, finding.Warning)
				found = append(found, f)
			}
		}
	}
	return found
}

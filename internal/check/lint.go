package check

import (
	"time"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
)

// Lint finds mistakes in a file without DNS, in the order of the file: warnings
// at most, since the file is valid. Silenced ones are left out.
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

package check

import (
	"time"

	"github.com/sescheck/sescheck/internal/config"
)

// Static finds what can be said of a file without DNS, in its order: warnings at
// most, since the file can be read. What it silences is left out.
func Static(file *config.File, now time.Time) (found []Finding) {
	s := newSettling(file, Options{Now: now})
	for i := range file.Domains {
		d := &file.Domains[i]
		var fs []Finding
		for _, p := range parts {
			fs = append(fs, p.unasked(d)...)
		}
		Sort(fs)
		for _, f := range fs {
			if s.complete(d, &f, false) && f.Status == Fail {
				f.Severity = min(f.Severity, Warning)
				found = append(found, f)
			}
		}
	}
	return found
}

package check

import (
	"fmt"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
)

// Static finds what can be said of a file without DNS, in its order: warnings at
// most, since the file can be read. What it silences is left out.
func Static(file *config.File, now time.Time) (found []Finding) {
	s := newSettling(file, Options{Now: now})
	for i := range file.Domains {
		d := &file.Domains[i]
		var fs []Finding
		for _, w := range wantDomain(d) {
			fs = append(fs, w.unknownRegions()...)
		}
		for _, w := range wantReceiving(d) {
			fs = append(fs, w.regionWithout()...)
		}
		fs = append(fs, withoutSPF(d)...)
		for _, w := range wantSPF(d) {
			fs = append(fs, w.impossible()...)
		}
		order(fs)
		for _, f := range fs {
			if s.complete(d, &f, false) && f.Status == Fail {
				f.Severity = min(f.Severity, Warning)
				found = append(found, f)
			}
		}
	}
	return found
}

// withoutSPF finds the MAIL FROM names that are to have no SPF record.
func withoutSPF(d *config.Domain) (found []Finding) {
	for _, id := range d.Identities {
		if m := id.MailFrom; m != nil && m.SPF != nil && m.SPF.None {
			found = append(found, Finding{
				Check:   SPFSESUnauthorized,
				Record:  record.Question{Name: m.Name.Value, Type: record.TXT},
				Place:   m.SPF.Place,
				Message: fmt.Sprintf("MAIL FROM name %s is to have no SPF record, and without one it does not authorise Amazon SES", m.Name.Value),
			})
		}
	}
	return found
}

// impossible finds the lists of includes with which no SPF record can be right.
func (w spfWant) impossible() (found []Finding) {
	includes := map[record.Name]bool{}
	if w.mailFrom && (w.listed == nil || !w.listed.None) {
		includes[ses.SPFInclude] = true
	}
	for _, include := range w.includes() {
		includes[include.Value] = true
		if include.Value == w.name {
			found = append(found, Finding{
				Check:   SPFIncludeLoop,
				Record:  w.record(),
				Place:   include.Place,
				Message: fmt.Sprintf("%s is listed as an include of itself", w.name),
			})
		}
	}
	if n := len(includes); n > spf.MaxLookups {
		found = append(found, Finding{
			Check:   SPFLookups,
			Record:  w.record(),
			Place:   w.place,
			Message: fmt.Sprintf("the SPF record of %s is to have %d includes, and no record may need more than %d DNS lookups", w.name, n, spf.MaxLookups),
		})
	}
	return found
}

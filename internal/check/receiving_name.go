package check

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// elsewhereSPF corrects SPF findings at MAIL FROM names that receive other mail: the
// MX finding says to choose another name, so Amazon SES is not added here.
func elsewhereSPF(v *part.Verdict) {
	for _, mx := range v.Findings {
		if !mailfrom.Receives(mx) {
			continue
		}
		for i := range v.Findings {
			f := &v.Findings[i]
			if f.Part != wanted.SPFRecord || f.Record.Name != mx.Record.Name || f.Advice != "" {
				continue
			}
			lacks := slices.Contains([]*finding.Check{spf.SESUnauthorized, spf.Missing, part.NameDoubled}, f.Check)
			if !lacks && !addsSES(f) {
				continue
			}
			f.Publish, f.Drop = nil, nil
			if lacks {
				f.Advice = fmt.Sprintf("%s receives other mail (%s). Choose another MAIL FROM name, and publish %q there.", mx.Record.Name, mx.Check, wanted.SPF(nil, nil, true))
			}
		}
	}
}

// addsSES reports whether a finding publishes an SPF record that authorises SES in
// place of records that do not.
func addsSES(f *finding.Finding) bool {
	live := slices.ContainsFunc(f.Rests, func(a record.Answer) bool { return slices.ContainsFunc(a.Records, authorizesSES) })
	return !live && slices.ContainsFunc(f.Publish, func(r record.RR) bool { return authorizesSES(r.Data) })
}

package inspection

import (
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/shorten"
)

// besideSections show further records that matter to mail of SES.
func besideSections(b *snapshot.Beside) (all []Section) {
	if b == nil {
		return nil
	}
	for _, one := range []struct {
		title string
		snapshot.Published
	}{{"BIMI", b.BIMI}, {"TLS-RPT", b.TLSRPT}, {"MTA-STS", b.MTASTS}, {"CAA for S/MIME", b.CAA}, {"DNSSEC", b.DNSSEC}} {
		if one.State == "" {
			continue
		}
		s := Section{Title: one.title, Mark: map[snapshot.State]string{snapshot.Right: "ok", snapshot.Wrong: "note"}[one.State]}
		for _, r := range one.Records {
			s.Records = append(s.Records, shorten.Text(r, 400)+" at "+string(one.At))
		}
		s.Records = shorten.Items(s.Records, 10)
		s.Says = one.Says
		switch {
		case one.State == snapshot.Unknown:
			s.Says = []string{"not answered"}
		case one.State == snapshot.Missing && len(s.Says) == 0:
			s.Says = []string{"no record"}
		}
		all = append(all, s)
	}
	return all
}

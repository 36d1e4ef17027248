package report

import (
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/shorten"
)

// besideSections show the records beside those of SES that matter to its mail.
func besideSections(b *snapshot.Beside) (all []section) {
	if b == nil {
		return nil
	}
	for _, one := range []struct {
		title string
		snapshot.Published
	}{{"BIMI", b.BIMI}, {"TLS-RPT", b.TLSRPT}, {"MTA-STS", b.MTASTS}, {"CAA for S/MIME", b.CAA}} {
		if one.State == "" {
			continue
		}
		s := section{title: one.title, mark: map[snapshot.State]string{snapshot.Right: "ok", snapshot.Wrong: "note"}[one.State]}
		for _, r := range one.Records {
			s.records = append(s.records, cut(r, 400)+" at "+string(one.At))
		}
		s.records = shorten.Items(s.records, 10)
		s.says = one.Says
		switch {
		case one.State == snapshot.Unknown:
			s.says = []string{"not answered"}
		case one.State == snapshot.Missing && len(s.says) == 0:
			s.says = []string{"no record"}
		}
		all = append(all, s)
	}
	return all
}

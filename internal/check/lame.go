package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// lame finds the servers that did not answer for a zone of the domain. Other
// zones, such as those of Amazon SES, are for others to mend.
func lame(own *cache, d *config.Domain, v *verdict) {
	seen := map[record.Said]record.Answer{}
	for a := range own.answers {
		for _, s := range a.Lame {
			if s.Zone.In(d.Name.Registrable()) {
				seen[s] = *a
			}
		}
	}
	says := func(a, b record.Said) int { return strings.Compare(a.Server+a.Says, b.Server+b.Says) }
	for _, s := range slices.SortedFunc(maps.Keys(seen), says) {
		f := Finding{
			Check:   NameserverLame,
			Part:    sharedPart.Name,
			Record:  record.Question{Name: s.Zone, Type: record.NS},
			Subject: string(s.Host),
			Place:   d.Place,
			Message: fmt.Sprintf("%s is a name server of %s, but does not answer for it: %s", s.Server, s.Zone, s.Says),
			Cause:   fmt.Sprintf("nameserver-lame %s %s", s.Zone, s.Host),
		}
		told := func(o Finding) bool { return o.Check == f.Check && o.Cause == f.Cause }
		if slices.ContainsFunc(v.findings, told) {
			continue // it failed in several ways
		}
		f.Evidence.of(seen[s])
		f.Evidence.Servers = []record.Said{s}
		v.findings = append(v.findings, f)
	}
}

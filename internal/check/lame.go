package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// NameserverLame is the check of this file.
var NameserverLame = &finding.Check{
	ID: "nameserver-lame", Severity: finding.Warning, Since: "1.0.0",
	Title:   "A name server does not answer for the zone",
	Means:   "Found with --resolver authoritative. The parent zone delegates to this server (a \"lame\" delegation), but the server is dead, has no address, refuses, or does not have the zone, while other servers answer. A server counts as dead if it answered nothing in the whole run.",
	Matters: "queries to this server take longer or fail; if the other servers fail too, nobody can find the zone. If the name of the server does not exist, somebody else may register it and answer for the zone",
	Fix:     "Make the server answer for the zone, or remove it from the delegation at the registrar.",
	Sources: []string{"https://www.rfc-editor.org/rfc/rfc9499#section-7"},
}

// lame finds servers that do not answer for a zone of the domain. Zones of third
// parties, such as Amazon SES, are left out.
func lame(own *part.Cache, d *config.Domain, v *part.Verdict) {
	seen := map[record.Said]record.Answer{}
	for a := range own.Answers {
		for _, s := range a.Lame {
			if s.Zone.In(d.Name.Registrable()) {
				seen[s] = *a
			}
		}
	}
	says := func(a, b record.Said) int { return strings.Compare(a.Server+a.Says, b.Server+b.Says) }
	for _, s := range slices.SortedFunc(maps.Keys(seen), says) {
		f := finding.Finding{
			Check:   NameserverLame,
			Part:    sharedPart.Name,
			Record:  record.Question{Name: s.Zone, Type: record.NS},
			Subject: string(s.Host),
			Place:   d.Place,
			Message: fmt.Sprintf("%s is a name server of %s, but does not answer for it: %s", s.Server, s.Zone, strings.TrimPrefix(s.Says, "nothing: ")),
			Cause:   fmt.Sprintf("nameserver-lame %s %s", s.Zone, s.Host),
		}
		reported := func(o finding.Finding) bool { return o.Check == f.Check && o.Cause == f.Cause }
		if slices.ContainsFunc(v.Findings, reported) {
			continue // it failed in several ways
		}
		f.Evidence.Of(seen[s])
		f.Evidence.Servers = []record.Said{s}
		v.Findings = append(v.Findings, f)
	}
}

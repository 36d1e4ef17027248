package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
)

// ZoneNotLive is the check of this file.
var ZoneNotLive = &finding.Check{
	ID: "zone-not-live", Severity: finding.Warning, Since: "1.0.0",
	Title:   "The given zone is not the live zone",
	Means:   "DNS delegates the zone to none of the name servers that the zone of --zones or --plan lists. It is a new hosted zone that the registrar does not know, or an old one. Or a plan replaces the zone by a new one.",
	Matters: "SES and receivers see another zone: records in this one change nothing for them",
	Fix:     "Enter the name servers of this zone at the registrar, or use the live zone. If you are about to move the zone, turn the check off or ignore it until then.",
	Sources: []string{"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html", "https://www.rfc-editor.org/rfc/rfc1034#section-4.2"},
}

// GivenZone is a zone of the user, with its name servers.
type GivenZone struct {
	Apex    record.Name
	Servers []record.Name // may be empty

	// Replaced are the name servers of the zone that a plan replaces by this one, whose
	// name servers are not known yet.
	Replaced []record.Name

	Place  config.Place
	Origin finding.Origin
}

// zonesLive reports given zones of the file's domains that resolvers do not use:
// none of their name servers is in DNS.
func (r *run) zonesLive(ctx context.Context, file *config.File) (found []finding.Finding, failed []part.Undecided) {
	if r.options.Live == nil {
		return nil, nil
	}
	above := namesAbove(file)
	var zones []GivenZone
	for _, z := range r.options.Given {
		if len(z.Servers)+len(z.Replaced) > 0 && above[z.Apex] {
			zones = append(zones, z)
		}
	}
	answers := make([]record.Answer, len(zones))
	r.workers.each(len(zones), func(i int) {
		answers[i] = r.options.Live.Ask(ctx, record.Question{Name: zones[i].Apex, Type: record.NS})
	})
	for i, a := range answers {
		f, open := judgeZone(zones[i], a)
		found = append(found, f...)
		failed = append(failed, open...)
	}
	return found, failed
}

// namesAbove are the domains of a file and the names above them.
func namesAbove(file *config.File) map[record.Name]bool {
	above := map[record.Name]bool{record.Root: true}
	for i := range file.Domains {
		for n := file.Domains[i].Name; !above[n]; n = n.Parent() {
			above[n] = true
		}
	}
	return above
}

// judgeZone compares the name servers of a given zone with DNS. A zone that DNS
// does not have yet is no finding.
func judgeZone(z GivenZone, live record.Answer) (found []finding.Finding, failed []part.Undecided) {
	if live.Status == record.Unknown {
		return nil, []part.Undecided{{Answer: live, About: live.Question, Place: z.Place, Checks: []*finding.Check{ZoneNotLive}}}
	}
	served := part.HostsOf(live.Records)
	serves := func(n record.Name) bool { return slices.Contains(served, string(n)) }
	message := fmt.Sprintf("the given zone %s lists the name servers %s, but DNS delegates the zone to %s", z.Apex, shorten.List(z.Servers, 4), shorten.List(served, 4))
	switch {
	case len(z.Replaced) > 0 && slices.ContainsFunc(z.Replaced, serves):
		message = fmt.Sprintf("the plan replaces the zone %s, which changes its name servers, but DNS delegates it to those of the old zone: %s", z.Apex, shorten.List(served, 4))
	case len(served) == 0, len(z.Replaced) > 0, slices.ContainsFunc(z.Servers, serves):
		return nil, nil
	}
	expected := make([]string, len(z.Servers))
	for i, n := range z.Servers {
		expected[i] = n.FQDN()
	}
	slices.Sort(expected)
	return []finding.Finding{{
		Check:    ZoneNotLive,
		Domain:   z.Apex,
		Record:   live.Question,
		Place:    z.Place,
		Origin:   z.Origin,
		Expected: expected,
		Actual:   finding.Data(live),
		Rests:    []record.Answer{live},
		Message:  message,
	}}, nil
}

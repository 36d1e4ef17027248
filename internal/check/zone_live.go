package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
)

// GivenZone is a zone that the user gave, with the name servers that it says it has.
type GivenZone struct {
	Apex    record.Name
	Servers []record.Name // none where they are not known
	Place   config.Place
	Origin  Origin
}

// zonesLive finds the given zones of the file's domains that the world is not sent
// to: none of their name servers is among those that DNS has for the zone.
func (r *run) zonesLive(ctx context.Context, file *config.File) (found []Finding, failed []undecided) {
	if r.options.Live == nil {
		return nil, nil
	}
	var zones []GivenZone
	for _, z := range r.options.Given {
		if len(z.Servers) > 0 && slices.ContainsFunc(file.Domains, func(d config.Domain) bool { return d.Name.In(z.Apex) }) {
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

// judgeZone compares the name servers of a given zone with those that DNS has. A zone
// that DNS does not have yet is no finding.
func judgeZone(z GivenZone, live record.Answer) (found []Finding, failed []undecided) {
	if live.Status == record.Unknown {
		return nil, []undecided{{answer: live, about: live.Question, place: z.Place, checks: []*Check{ZoneNotLive}}}
	}
	served := hostsOf(live.Records)
	if len(served) == 0 || slices.ContainsFunc(z.Servers, func(n record.Name) bool { return slices.Contains(served, string(n)) }) {
		return nil, nil
	}
	var has []string
	for _, n := range z.Servers {
		has = append(has, string(n))
	}
	f := Finding{
		Check:    ZoneNotLive,
		Domain:   z.Apex,
		Record:   live.Question,
		Place:    z.Place,
		Origin:   z.Origin,
		Expected: fqdns(has),
		Actual:   data(live),
		rests:    []record.Answer{live},
		Message:  fmt.Sprintf("the zone %s that was given is served by %s, and DNS sends everybody to %s", z.Apex, shorten.List(has, 4), shorten.List(served, 4)),
	}
	return []Finding{f}, nil
}

func fqdns(names []string) (all []string) {
	for _, n := range names {
		all = append(all, record.Name(n).FQDN())
	}
	slices.Sort(all)
	return all
}

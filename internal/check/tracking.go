package check

import (
	"context"
	"fmt"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/wanted"
)

const trackingGuide = "https://docs.aws.amazon.com/ses/latest/dg/configure-custom-open-click-domains.html"

// The checks of this part.
var (
	TrackingMissing = &Check{
		ID: "tracking-missing", Severity: Error, Since: "1.0.0", Denies: wanted.Tracking, Absence: true, Ends: true,
		Title:   "The tracking domain's CNAME record is missing",
		Means:   "There is no record at the custom open and click tracking name.",
		Matters: "links in mail that was sent with tracking lead nowhere, and opens are not counted",
		Mend:    "Publish the CNAME.",
		Sources: []string{trackingGuide},
	}
	TrackingWrong = &Check{
		ID: "tracking-wrong", Severity: Error, Since: "1.0.0", Denies: wanted.Tracking, Ends: true,
		Title:   "The tracking domain points to another host",
		Means:   "The CNAME's target is not the tracking host of the region, or the target that the file names.",
		Matters: "links in mail that was sent with tracking lead to the wrong place, unless the host there hands them on to SES",
		Mend:    "Correct the target. Where a CDN stands in front for HTTPS, name its host as target in the file.",
		Sources: []string{trackingGuide},
	}
)

// trackingPart looks for the CNAME of custom open and click tracking domains.
var trackingPart = partOf[trackingWant, trackingSeen]{
	name:    wanted.Tracking,
	checks:  []*Check{TrackingMissing, TrackingWrong},
	wants:   wantTracking,
	scope:   scopeTracking,
	observe: observeTracking,
	judge:   judgeTracking,
}

type trackingWant struct {
	domain record.Name
	place  config.Place
	name   record.Name
	target record.Name
	alias  bool // the target is a CDN's: addresses in place of the CNAME are an alias record, and right
}

func (w trackingWant) record() record.Question {
	return record.Question{Name: w.name, Type: record.CNAME}
}

type trackingSeen struct {
	cname     record.Answer
	addresses []record.Answer // A and AAAA; asked only where there is no CNAME
	doubled   []record.Answer
}

func wantTracking(d *config.Domain) []trackingWant {
	var all []trackingWant
	for _, id := range d.Identities {
		t := id.Tracking
		if t == nil {
			continue
		}
		w := trackingWant{domain: d.Name, place: t.Place, name: t.Name.Value, target: ses.TrackingHost(id.Region.Value)}
		if t.Target != nil {
			w.target, w.alias = t.Target.Value, true
		}
		all = append(all, w)
	}
	return all
}

var trackingChecks = []*Check{TrackingMissing, TrackingWrong}

func scopeTracking(w trackingWant) []scope {
	return []scope{{record: w.record(), checks: trackingChecks}}
}

func observeTracking(ctx context.Context, a asks, w trackingWant) (s trackingSeen) {
	s.cname = a.own.Ask(ctx, w.record())
	if !s.cname.Absent() {
		return s
	}
	s.addresses = a.all(ctx, record.Question{Name: w.name, Type: record.A}, record.Question{Name: w.name, Type: record.AAAA})
	if s.addresses[0].Absent() && s.addresses[1].Absent() {
		s.doubled = a.doubled(ctx, w.record(), w.domain)
	}
	return s
}

func judgeTracking(w trackingWant, s trackingSeen) (v verdict) {
	f := Finding{
		Record:   w.record(),
		Subject:  string(w.name),
		Place:    w.place,
		Expected: []string{w.target.FQDN()},
		Actual:   data(append(s.addresses, s.cname)...),
		fix:      []record.RR{toPublish(w.name, record.Record{Type: record.CNAME, Host: w.target})},
	}
	if s.cname.Status == record.Unknown {
		v.unknown(s.cname, w.record(), w.place, trackingChecks...)
		return v
	}
	if s.cname.Status == record.Found {
		if target := s.cname.Records[0].Host; target != w.target {
			f.Check = TrackingWrong
			f.Message = fmt.Sprintf("%s points to %s instead of %s", w.name, target, w.target)
			if how := spoilt(w.name, target, w.target); how != "" {
				f.Message += how
			} else if !ses.IsTrackingHost(target) {
				f.note("if a CDN stands there on purpose, name its host as target in the file")
				f.fix = nil
			}
			if len(f.fix) > 0 {
				f.drop = liveRecords(s.cname, s.cname.Records...)
			}
			v.add(f, s.cname)
		}
		return v
	}
	for _, a := range s.addresses {
		switch {
		case a.Status == record.Found && w.alias:
			return verdict{} // an alias record of the CDN looks like this
		case a.Status == record.Found:
			f.Check = TrackingWrong
			f.Message = fmt.Sprintf("%s has addresses of its own instead of a CNAME to %s: it is proxied, flattened, or another server; if a CDN stands there on purpose, name its host as target in the file", w.name, w.target)
			f.fix = nil
			v.add(f, s.cname, a)
			return v
		case a.Status == record.Unknown:
			v.unknown(a, w.record(), w.place, trackingChecks...)
		}
	}
	if len(v.undecided) > 0 {
		return v
	}
	f.Check = TrackingMissing
	f.Message = fmt.Sprintf("no CNAME record at %s", w.name)
	v.missingOrDoubled(f, s.doubled, func(a record.Answer) bool { return a.Records[0].Host == w.target }, s.cname)
	return v
}

// Package tracking checks the CNAMEs of custom open and click tracking domains.
package tracking

import (
	"context"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/wanted"
)

const guide = "https://docs.aws.amazon.com/ses/latest/dg/configure-custom-open-click-domains.html"

// The checks of this part.
var (
	Missing = &finding.Check{
		ID: "tracking-missing", Severity: finding.Error, Since: "1.0.0", Denies: wanted.Tracking, Absence: true, Ends: true,
		Title:   "The tracking domain's CNAME record is missing",
		Means:   "There is no record at the custom open and click tracking name.",
		Matters: "links in tracked mail lead nowhere, and opens are not counted",
		Fix:     "Publish the CNAME.",
		Sources: []string{guide},
	}
	Wrong = &finding.Check{
		ID: "tracking-wrong", Severity: finding.Error, Since: "1.0.0", Denies: wanted.Tracking, Ends: true,
		Title:   "The tracking domain points to another host",
		Means:   "The CNAME's target is not the tracking host of the region, or the target that the file names.",
		Matters: "links in tracked mail lead to the wrong place, unless the host there passes them on to SES",
		Fix:     "Correct the target. If a CDN is in front for HTTPS, set its host as target in the file.",
		Sources: []string{guide},
	}
)

// Part checks the CNAMEs of custom open and click tracking domains.
var Part = part.Of[want, seen]{
	Name:    wanted.Tracking,
	Checks:  checks,
	Wants:   wants,
	Scope:   scope,
	Observe: observe,
	Judge:   judge,
}

type want struct {
	domain record.Name
	place  config.Place
	name   record.Name
	target record.Name
	unsure bool // the region is unknown, and so is its host
	alias  bool // the target is a CDN: addresses instead of the CNAME are right, by an alias record
}

func (w want) record() record.Question {
	return record.Question{Name: w.name, Type: record.CNAME}
}

type seen struct {
	cname     record.Answer
	addresses []record.Answer // A and AAAA; queried only without a CNAME
	// Queried only without these:
	others  []record.Answer // MX and TXT of the name itself
	doubled []record.Answer

	unregistered record.Name // the domain without an owner that a wrong CNAME leads to
}

func wants(d *config.Domain) []want {
	var all []want
	for _, id := range d.Identities {
		t := id.Tracking
		if t == nil {
			continue
		}
		w := want{domain: d.Name, place: t.Place, name: t.Name.Value, target: ses.TrackingHost(id.Region.Value)}
		_, known := ses.LookupRegion(id.Region.Value)
		w.unsure = !known
		if t.Target != nil {
			w.target, w.alias, w.unsure = t.Target.Value, true, false
		}
		all = append(all, w)
	}
	return all
}

var checks = []*finding.Check{Missing, Wrong}

func scope(w want) []part.Scope {
	return []part.Scope{{Record: w.record(), Checks: checks}}
}

func observe(ctx context.Context, a part.Asker, w want) (s seen) {
	s.cname = a.Own.Ask(ctx, w.record())
	if !s.cname.Absent() {
		if s.cname.Status == record.Found && s.cname.Records[0].Host != w.target {
			s.unregistered = a.Unregistered(ctx, s.cname)
		}
		return s
	}
	s.addresses = a.All(ctx, record.Question{Name: w.name, Type: record.A}, record.Question{Name: w.name, Type: record.AAAA})
	if s.addresses[0].Absent() && s.addresses[1].Absent() {
		if s.cname.Status != record.NoName {
			s.others = a.Explicit(ctx, record.Question{Name: w.name, Type: record.MX}, record.Question{Name: w.name, Type: record.TXT})
		}
		s.doubled = a.Doubled(ctx, w.record(), w.domain)
	}
	return s
}

func judge(w want, s seen) (v part.Verdict) {
	f := finding.Finding{
		Record:   w.record(),
		Subject:  string(w.name),
		Place:    w.place,
		Expected: []string{w.target.FQDN()},
		Actual:   finding.Data(append(s.addresses, s.cname)...),
		Publish:  []record.RR{finding.ToPublish(w.name, record.Record{Type: record.CNAME, Host: w.target})},
	}
	if w.unsure {
		f.Publish = nil
	}
	if s.cname.Status == record.Unknown {
		v.Unknown(s.cname, w.record(), w.place, checks...)
		return v
	}
	if s.cname.Status == record.Found {
		if target := s.cname.Records[0].Host; target != w.target {
			f.Check = Wrong
			f.Message = fmt.Sprintf("%s points to %s instead of %s", w.name, target, w.target)
			switch how := part.Spoilt(w.name, target, w.target); {
			case how != "":
				f.Message += how
			case s.unregistered != "":
				f.Notef("%s", part.Takeover(w.name, s.unregistered))
			case !ses.IsTrackingHost(target):
				f.Notef("if a CDN is there on purpose, set its host as target in the file")
				f.Publish = nil
			}
			if len(f.Publish) > 0 {
				f.Drop = finding.LiveRecords(s.cname, s.cname.Records...)
			}
			v.Add(f, s.cname)
		}
		return v
	}
	for _, a := range s.addresses {
		switch {
		case a.Status == record.Found && w.alias:
			return part.Verdict{} // an alias record of the CDN
		case a.Status == record.Found:
			f.Check = Wrong
			f.Message = fmt.Sprintf("%s has addresses of its own instead of a CNAME to %s: it is proxied, flattened, or another server; if a CDN is there on purpose, set its host as target in the file", w.name, w.target)
			f.Publish = nil
			v.Add(f, s.cname, a)
			return v
		case a.Status == record.Unknown:
			v.Unknown(a, w.record(), w.place, checks...)
		}
	}
	if len(v.Undecided) > 0 {
		return v
	}
	w.judgeMissing(&v, f, s)
	return v
}

// judgeMissing reports a missing CNAME, and other records at its name, which must be
// removed first (RFC 1034 section 3.6.2). A name that receives mail keeps them.
func (w want) judgeMissing(v *part.Verdict, f finding.Finding, s seen) {
	f.Check = Missing
	f.Message = fmt.Sprintf("no CNAME record at %s", w.name)
	rests := []record.Answer{s.cname}
	var types []string
	for _, a := range s.others {
		v.Beside(a)
		if a.Status != record.Found {
			continue
		}
		rests = append(rests, a)
		f.Actual = append(f.Actual, finding.Data(a)...)
		types = append(types, a.Question.Type.String())
		if a.Question.Type == record.MX {
			f.Advice = fmt.Sprintf("%s receives mail at %s. Choose another tracking name.", w.name, shorten.List(part.HostsOf(a.Records), 3))
		}
		if len(f.Publish) > 0 {
			f.Drop = append(f.Drop, finding.LiveRecords(a, a.Records...)...)
		}
	}
	right := func(a record.Answer) bool { return a.Records[0].Host == w.target }
	if len(types) > 0 {
		f.Notef("it has records of type %s, and a CNAME shares its name with no other record", strings.Join(types, " and "))
		v.Add(f, rests...)
		return
	}
	v.MissingOrDoubled(f, s.doubled, right, rests...)
}

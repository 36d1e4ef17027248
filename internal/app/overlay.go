package app

import (
	"slices"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// This file converts zones and changes for package check.

// published returns the records of the zone files.
func published(overlay *source.Zones) (all []check.Published) {
	changes := overlay.Changes()
	for _, z := range overlay.All() {
		for r := range z.Published() {
			if _, gone := changes.Deleted(r.Owner); !gone && !taken(changes, r) && overlay.Of(r.Owner) == z {
				all = append(all, asPublished(z.Apex, r))
			}
		}
	}
	for _, q := range changes.Sets() {
		for _, r := range changes.At(q).Records {
			if r.Plain() {
				all = append(all, asPublished(r.Owner.Registrable(), r))
			}
		}
	}
	return all
}

// asPublished converts a record of a zone.
func asPublished(zone record.Name, r source.Record) check.Published {
	return check.Published{Zone: zone, Place: config.Place{File: r.File, Line: r.Line}, Origin: originOf(r.Place), Owner: r.Owner, Record: r.Data}
}

// taken reports whether a change also has a record, or deletes it.
func taken(changes *source.Changes, r source.Record) bool {
	s := changes.At(record.Question{Name: r.Owner, Type: r.Data.Type})
	same := func(o source.Record) bool { return record.Compare(o.Data, r.Data) == 0 }
	return s != nil && (s.Whole || slices.ContainsFunc(s.Records, same) || slices.ContainsFunc(s.Gone, same))
}

// made returns a function that finds the records of zones and changes, with the
// place where each is made or deleted; nil without zones and changes.
func made(overlay *source.Zones) func(record.Question) []finding.Made {
	if overlay == nil {
		return nil
	}
	return func(q record.Question) (all []finding.Made) {
		z := overlay.Of(q.Name)
		if s := overlay.Changes().At(q); s != nil {
			for _, r := range s.Records {
				all = append(all, finding.Made{Data: r.Data, Broken: r.Unreadable != "", Origin: originOf(r.Place)})
			}
			for _, r := range s.Gone {
				if slices.ContainsFunc(s.Records, func(o source.Record) bool { return record.Compare(o.Data, r.Data) == 0 }) {
					continue // it is only proxied now, or made elsewhere
				}
				all = append(all, finding.Made{Data: r.Data, Origin: deletedBy(r.Place)})
			}
			if z != nil && s.Whole && len(s.Records) > 0 {
				all = append(all, replaced(z, q, s)...)
			}
			if s.Whole {
				return all
			}
		}
		h, gone := overlay.Changes().Deleted(q.Name)
		switch {
		case z == nil && gone:
			return append(all, finding.Made{Data: record.Record{Type: q.Type}, Origin: deletedBy(h.Place), Broken: true})
		case z == nil:
			return all
		}
		here, _ := z.At(q.Name)
		for _, r := range here {
			if r.Data.Type != q.Type || taken(overlay.Changes(), r) {
				continue
			}
			one := finding.Made{Data: r.Data, Origin: originOf(r.Place)}
			if gone {
				one.Origin = deletedBy(h.Place)
			}
			all = append(all, one)
		}
		return all
	}
}

// replaced returns the records of a zone that a change replaces by other ones.
func replaced(z *source.Zone, q record.Question, s *source.Set) (all []finding.Made) {
	here, _ := z.At(q.Name)
	for _, r := range here {
		kept := func(o source.Record) bool { return record.Compare(o.Data, r.Data) == 0 }
		if r.Data.Type == q.Type && !slices.ContainsFunc(s.Records, kept) {
			all = append(all, finding.Made{Data: r.Data, Origin: deletedBy(s.Records[0].Place)})
		}
	}
	return all
}

// given returns the whole zones and the zones of plans, with their name servers.
func given(overlay *source.Zones) (all []check.GivenZone) {
	for _, z := range overlay.All() {
		g := check.GivenZone{Apex: z.Apex, Place: config.Place{File: z.File}}
		here, _ := z.At(z.Apex)
		for _, r := range here {
			if r.Data.Type == record.NS && r.Plain() {
				g.Servers, g.Origin = append(g.Servers, r.Data.Host), originOf(r.Place)
				g.Place = config.Place{File: r.File, Line: r.Line}
			}
		}
		all = append(all, g)
	}
	for _, h := range overlay.Changes().Hosted() {
		g := check.GivenZone{Apex: h.Apex, Servers: h.NameServers, Place: config.Place{File: h.File, Line: h.Line}, Origin: originOf(h.Place)}
		if old, ok := overlay.Changes().Deleted(h.Apex); ok && h.New && len(g.Servers) == 0 {
			g.Replaced = old.NameServers
		}
		all = append(all, g)
	}
	return all
}

// originOf returns the place where a record is made.
func originOf(p source.Place) finding.Origin {
	return finding.OriginAt(placeOf(p), p.Address)
}

// deletedBy returns the place where a record is deleted.
func deletedBy(p source.Place) finding.Origin {
	o := originOf(p)
	o.Deletes = true
	return o
}

// placeOf converts a place.
func placeOf(p source.Place) config.Place {
	return config.LinesOf(p.File, p.Line, p.End)
}

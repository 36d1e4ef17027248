package source

import (
	"slices"

	"github.com/sescheck/sescheck/internal/record"
)

// This file finds the names that changes delegate, and the zones that they delete.

// belongs notes the zone of a record that a change makes or keeps, and whether the
// record delegates its name. Zone is "" where it is not known.
func (c *Changes) belongs(zone, owner record.Name, typ record.Type) {
	if c.apexes == nil {
		c.apexes, c.cuts = map[record.Name]bool{}, map[record.Name]bool{}
	}
	if zone != "" {
		c.apexes[zone] = true
	}
	if typ == record.NS && owner != "" && owner != zone && owner != owner.Registrable() {
		c.cuts[owner] = true
	}
}

// delegates reports whether a change makes or keeps a delegation of a name.
func (c *Changes) delegates(name record.Name) bool {
	return c != nil && c.cuts[name] && c.sets[record.Question{Name: name, Type: record.NS}].Answers()
}

// Cut is a delegation that a change makes or keeps.
type Cut struct {
	Apex record.Name
	*Set
	Apart bool // the changes have no records of the zone below it
}

// Cut finds the delegation at or above a name; ok is false for none. A name in a
// whole zone has none, since its records are known.
func (c *Changes) Cut(name record.Name) (cut Cut, ok bool) {
	if c == nil || len(c.cuts) == 0 {
		return cut, false
	}
	cut.Apart = true
	for n := name; n != record.Root; n = n.Parent() {
		if c.of.zones[n] != nil {
			return Cut{}, false
		}
		cut.Apart = cut.Apart && !c.apexes[n]
		if c.delegates(n) {
			cut.Apex, cut.Set = n, c.sets[record.Question{Name: n, Type: record.NS}]
			return cut, true
		}
	}
	return Cut{}, false
}

// buried reports whether the records of a question are not answered, because a
// change delegates the name to other servers.
func (c *Changes) buried(q record.Question) bool {
	cut, ok := c.Cut(q.Name)
	return ok && cut.Apart && (q.Type != record.NS || q.Name != cut.Apex)
}

// addHosted takes a zone.
func (c *Changes) addHosted(h Hosted) {
	c.hosted = append(c.hosted, h)
	if h.Gone && c.gone == nil {
		c.gone = map[record.Name]Hosted{}
	}
	if h.Gone {
		c.gone[h.Apex] = h
		return
	}
	c.belongs(h.Apex, "", 0)
}

// Deleted finds the zone of a name if a change deletes it, or replaces it by a new
// one. A zone that is kept under the same name may be the one that answers, and so
// may a whole zone with other name servers, or one above that does not delegate it.
func (c *Changes) Deleted(name record.Name) (h Hosted, ok bool) {
	if c == nil || len(c.gone) == 0 {
		return h, false
	}
	for n := name; n != record.Root; n = n.Parent() {
		whole, kept := c.of.zones[n], func(o Hosted) bool { return o.Apex == n && !o.Gone && !o.New }
		switch h, ok = c.gone[n]; {
		case ok:
			return h, !slices.ContainsFunc(c.hosted, kept) && !c.isUnused(h)
		case whole != nil, c.apexes[n], c.delegates(n):
			return h, false
		}
	}
	return h, false
}

// isUnused reports whether the whole zones show that a deleted zone does not answer
// its names: that of its name has other name servers, or one above does not delegate
// it, or no longer.
func (c *Changes) isUnused(h Hosted) bool {
	if whole := c.of.zones[h.Apex]; whole != nil {
		return h.IsElsewhere(whole.servers())
	}
	for n := h.Apex.Parent(); n != record.Root; n = n.Parent() {
		above := c.of.zones[n]
		if above == nil {
			continue
		}
		here, _ := above.At(h.Apex)
		delegates := slices.ContainsFunc(here, func(r Record) bool { return r.Data.Type == record.NS && r.Owner == h.Apex })
		changed := c.sets[record.Question{Name: h.Apex, Type: record.NS}]
		return !changed.Answers() && (!delegates || changed != nil && len(changed.Gone) > 0)
	}
	return false
}

// elsewhere are the deleted zones that do not answer their names.
func (c *Changes) elsewhere() (all []Hosted) {
	if c == nil {
		return nil
	}
	for _, h := range c.hosted {
		if h.Gone && c.isUnused(h) {
			all = append(all, h)
		}
	}
	return all
}

// IsElsewhere reports whether name servers are those of another zone: they are
// known, and this zone has none of them.
func (h Hosted) IsElsewhere(servers []record.Name) bool {
	mine := func(n record.Name) bool { return slices.Contains(h.NameServers, n) }
	return len(servers) > 0 && len(h.NameServers) > 0 && !slices.ContainsFunc(servers, mine)
}

// servers are the name servers that a zone lists.
func (z *Zone) servers() (all []record.Name) {
	here, _ := z.At(z.Apex)
	for _, r := range here {
		if r.Data.Type == record.NS && r.Plain() {
			all = append(all, r.Data.Host)
		}
	}
	return all
}

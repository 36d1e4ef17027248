package wanted

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

const (
	maxContradictions = 1000 // reported; the rest is counted
	maxDemands        = 100  // compared at one name
)

// Contradictions finds entries of a file that no DNS can satisfy together: fixing
// one breaks another. Entries that share a name and can both be right are none.
// Invalid values are ignored.
func Contradictions(domains []config.Domain) []config.Problem {
	c := contradictions{at: map[record.Name][]entry{}}
	for i := range domains {
		c.domains = append(c.domains, &domains[i])
	}
	c.find()
	if n := len(c.problems) - maxContradictions; n > 0 {
		c.problems = c.problems[:maxContradictions]
		c.problems[maxContradictions-1].Message += fmt.Sprintf("; and %d more entries contradict each other", n)
	}
	return c.problems
}

// Reconcile removes from discovered domains what contradicts them or the domains
// of a file, and returns a note for each removal.
func Reconcile(file []config.Domain, found []*config.Domain) []Note {
	c := contradictions{at: map[record.Name][]entry{}, firm: len(file), reconcile: true}
	for i := range file {
		c.domains = append(c.domains, &file[i])
	}
	c.domains = append(c.domains, found...)
	c.find()
	return c.notes
}

// contradictions are the demands at names that several entries may share.
type contradictions struct {
	domains  []*config.Domain
	at       map[record.Name][]entry
	problems []config.Problem

	reconcile bool // take entries out instead of reporting problems
	firm      int  // the domains before it are left alone
	notes     []Note
}

// find compares all entries that share a name.
func (c *contradictions) find() {
	for i := range c.domains {
		c.note(i)
	}
	delete(c.at, "") // of names that are wrong
	for i, d := range c.domains {
		if c.at[d.Name] != nil {
			c.at[d.Name] = append(c.at[d.Name], entry{int32(i), -1, Receiving})
		}
	}
	for _, d := range c.domains {
		if !c.reconcile {
			c.keys(d)
		}
		for j := range d.Identities {
			for _, name := range names(&d.Identities[j]) {
				c.compare(c.demands(name))
				delete(c.at, name) // each name once
			}
		}
	}
}

// entry is a part of a domain that asks for records at a name: the MAIL FROM
// domain or the tracking domain of an identity, or the domain itself.
type entry struct {
	domain, identity int32
	part             Part
}

// note collects the names, apart from its own, at which a domain asks for
// records.
func (c *contradictions) note(i int) {
	for j, id := range c.domains[i].Identities {
		if id.MailFrom != nil {
			c.at[id.MailFrom.Name.Value] = append(c.at[id.MailFrom.Name.Value], entry{int32(i), int32(j), MailFrom})
		}
		if id.Tracking != nil {
			c.at[id.Tracking.Name.Value] = append(c.at[id.Tracking.Name.Value], entry{int32(i), int32(j), Tracking})
		}
	}
}

// names are the names, apart from the domain, at which an identity asks for
// records.
func names(id *config.Identity) (all []record.Name) {
	if id.MailFrom != nil {
		all = append(all, id.MailFrom.Name.Value)
	}
	if id.Tracking != nil {
		all = append(all, id.Tracking.Name.Value)
	}
	return all
}

// demand is the records that an entry needs at a name.
type demand struct {
	name   record.Name
	part   Part
	what   string // the role of the name
	place  config.Place
	domain record.Name
	index  int           // of the domain
	key    string        // of the file, that asks for it
	drop   func()        // takes it out
	hosts  []record.Name // allowed MX hosts: of a MAIL FROM domain exactly one of them
	target record.Name   // of a CNAME
	alias  bool          // addresses in place of the CNAME are right as well
	spf    *config.SPF   // nil lists nothing
	ses    bool          // SPF has to authorise SES
	public *dkim.Key     // nil for a token of Easy DKIM
}

// demands are those of all entries that share a name.
func (c *contradictions) demands(name record.Name) (all []demand) {
	entries := c.at[name]
	if len(entries) < 2 {
		return nil
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return int(a.domain - b.domain) })
	for _, e := range entries[:min(len(entries), maxDemands)] {
		d := c.domains[e.domain]
		more := domainDemands
		switch e.part {
		case MailFrom:
			more = mailFromDemands
		case Tracking:
			more = trackingDemands
		}
		for _, one := range more(d, e.identity) {
			one.domain, one.index = d.Name, int(e.domain)
			all = append(all, one)
		}
	}
	return all
}

func mailFromDemands(d *config.Domain, identity int32) []demand {
	id := &d.Identities[identity]
	m := id.MailFrom
	mx := demand{
		name: m.Name.Value, part: MailFrom, place: m.Place, what: fmt.Sprintf("the MAIL FROM name of %s", d.Name),
		key: "mail_from", drop: func() { id.MailFrom = nil },
	}
	for _, r := range append([]string{id.Region.Value}, m.Regions...) {
		mx.hosts = append(mx.hosts, ses.FeedbackHost(r))
	}
	txt := mx
	txt.part, txt.spf, txt.ses = SPFRecord, m.SPF, true
	if m.SPF != nil {
		txt.place = m.SPF.Place
	}
	return []demand{mx, txt}
}

func trackingDemands(d *config.Domain, identity int32) []demand {
	id := &d.Identities[identity]
	t := id.Tracking
	one := demand{
		name: t.Name.Value, part: Tracking, place: t.Place, what: fmt.Sprintf("the tracking name of %s", d.Name),
		key: "tracking", drop: func() { id.Tracking = nil }, target: ses.TrackingHost(id.Region.Value),
	}
	if t.Target != nil {
		one.target, one.alias = t.Target.Value, true
	}
	one.alias = one.alias || id.Region.Value == ""
	return []demand{one}
}

func domainDemands(d *config.Domain, _ int32) (all []demand) {
	for i := range d.Identities {
		id := &d.Identities[i]
		r := id.Receiving
		if r == nil {
			continue
		}
		host := ses.InboundHost(id.Region.Value)
		if r.Host != nil {
			host = r.Host.Value
		}
		if host != "" {
			all = append(all, demand{
				name: d.Name, part: Receiving, place: r.Place, what: "a domain that receives mail",
				key: "receiving", drop: func() { id.Receiving = nil }, hosts: []record.Name{host},
			})
		}
	}
	if d.SPF != nil {
		all = append(all, demand{
			name: d.Name, part: SPFRecord, place: d.SPF.Place, what: "a domain of the file",
			key: "spf", drop: func() { d.SPF = nil }, spf: d.SPF,
		})
	}
	return all
}

// compare reports each demand that an earlier one contradicts.
func (c *contradictions) compare(all []demand) {
	for i, this := range all {
		for _, other := range all[:i] {
			if this.domain == other.domain && this.index != other.index {
				continue // a discovered domain that the file has
			}
			if why := clash(other, this); why != "" {
				c.report(this, other, why)
				break
			}
		}
	}
}

// report reports the contradiction of two demands, or removes one of them.
func (c *contradictions) report(this, other demand, why string) {
	if c.reconcile {
		if this.index < c.firm || other.index >= c.firm && rank(other.part) > rank(this.part) {
			this, other = other, this
		}
		if this.index >= c.firm {
			this.drop()
			c.notes = append(c.notes, Note{this.domain, fmt.Sprintf("%s is left out: %s is %s, too, and %s", this.key, this.name, other.what, why)})
		}
		return
	}
	where := fmt.Sprintf("line %d", other.place.Line)
	switch {
	case other.place.File != this.place.File:
		where = untrusted.Quote(other.place.File) + " " + where
	case other.place.Line == this.place.Line:
		where += fmt.Sprintf(" column %d", other.place.Column)
	}
	is := fmt.Sprintf("%s, and in %s %s", this.what, where, other.what)
	if this.what == other.what {
		is = fmt.Sprintf("%s here and in %s", this.what, where)
	}
	c.problems = append(c.problems, config.Problem{
		File: this.place.File, Line: this.place.Line, Column: this.place.Column,
		Message: fmt.Sprintf("%s is %s: %s", this.name, is, why),
	})
}

// clash says why two demands on a name cannot both be met; "" if they can.
func clash(a, b demand) string {
	if rank(a.part) > rank(b.part) {
		a, b = b, a
	}
	switch {
	case a.part == MailFrom && b.part == Receiving && !slices.Contains(a.hosts, b.hosts[0]):
		return "a MAIL FROM name has one MX record, for bounces to Amazon SES, so it cannot receive other mail; choose another MAIL FROM name"
	case b.part == Tracking && a.part == Tracking && a.target != b.target && !(a.alias && b.alias):
		return fmt.Sprintf("it cannot be a CNAME to both %s and %s; use two names", a.target, b.target)
	case b.part == Tracking && !b.alias && (a.part == MailFrom || a.part == Receiving):
		return fmt.Sprintf("it cannot have both the CNAME to %s and an MX record; rename one of them", b.target)
	case b.part == Tracking && !b.alias && a.part == SPFRecord && (a.spf == nil || !a.spf.None):
		return fmt.Sprintf("it cannot have both the CNAME to %s and an SPF record; rename one of them", b.target)
	case a.part == SPFRecord && b.part == SPFRecord:
		return clashOfSPF(a, b)
	}
	return ""
}

// clashOfSPF compares two entries' demands on the one SPF record of a name.
func clashOfSPF(a, b demand) string {
	none := func(d demand) bool { return d.spf != nil && d.spf.None }
	ending := func(d demand) string {
		if d.spf == nil || d.spf.All == nil {
			return ""
		}
		return d.spf.All.Value
	}
	switch x, y := ending(a), ending(b); {
	case none(a) && none(b):
		return ""
	case none(a) || none(b):
		return "one of them wants an SPF record there, and the other wants none"
	case x != "" && y != "" && x != y:
		return fmt.Sprintf("its SPF record cannot end in both %s and %s; write the same in both", x, y)
	case a.ses && b.ses && a.domain == b.domain: // identities of one domain list includes together
		return ""
	}
	for _, pair := range [][2]demand{{a, b}, {b, a}} {
		if extra := unlisted(pair[0], pair[1]); extra != "" {
			return fmt.Sprintf("one of them wants include:%s in its SPF record, and the other does not list it; list the same in both", extra.Text().Bare())
		}
	}
	return ""
}

// unlisted is an include that more asks for and exact does not allow.
func unlisted(exact, more demand) record.Name {
	if exact.spf == nil || !exact.spf.Exact || more.spf == nil {
		return ""
	}
	for _, want := range more.spf.Includes {
		same := func(n config.At[record.Name]) bool { return n.Value == want.Value }
		if !slices.ContainsFunc(exact.spf.Includes, same) && !(exact.ses && want.Value == ses.SPFInclude) {
			return want.Value
		}
	}
	return ""
}

// keys compares the DKIM keys of a domain's identities: a selector has one.
func (c *contradictions) keys(d *config.Domain) {
	if len(d.Identities) < 2 {
		return
	}
	first := map[string]demand{}
	add := func(label, what string, key *dkim.Key, place config.Place) {
		this := demand{name: ses.DKIMName(label, d.Name), part: DKIM, what: what, public: key, place: place}
		other, taken := first[label]
		switch {
		case !taken:
			first[label] = this
		case (key == nil) != (other.public == nil):
			c.report(this, other, "it cannot be both a CNAME and a key; use another selector for the key")
		case key != nil && !dkim.SameKey(*key, *other.public):
			c.report(this, other, "a selector has one key; use another selector for each key")
		}
	}
	for _, id := range d.Identities {
		if id.DKIM == nil {
			continue
		}
		for _, t := range id.DKIM.Tokens {
			add(t.Value, "the name of a token of Easy DKIM", nil, t.Place)
		}
		if key, err := dkim.ParsePublic(id.DKIM.PublicKey.Value); err == nil && id.DKIM.Selector.Value != "" {
			add(id.DKIM.Selector.Value, "the name of your own DKIM key", &key, id.DKIM.Selector.Place)
		}
	}
}

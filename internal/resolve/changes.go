package resolve

import (
	"context"
	"slices"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/iterative"
	"github.com/sescheck/sescheck/internal/source"
)

// This file applies planned changes to the current records: those of the given
// zones, otherwise those of DNS.

// plan is the name of the server in answers of planned changes.
const plan = "the plan"

// changedTTL is the TTL of an absence that a change makes: nothing says it.
const changedTTL = 300

// present answers a question as things are now.
type present func(record.Question) (reply, *record.Failure)

// once asks for the records at one name, as they will be, without following
// CNAMEs.
func (r *Resolver) once(ctx context.Context, t *iterative.Task, q record.Question, first int) (reply, *record.Failure) {
	now := func(q record.Question) (reply, *record.Failure) { return r.now(ctx, t, q, first) }
	c := r.zones.Changes()
	if c == nil {
		return now(q)
	}
	if cut, ok := c.Cut(q.Name); ok && (q.Type != record.NS || q.Name != cut.Apex) {
		if now = below(cut, now); cut.Apart {
			return now(q)
		}
	}
	if h, ok := c.Deleted(q.Name); ok {
		now = deleted(h, now)
	}
	rep, failure := r.turns(ctx, q)
	if rep.sets == 0 && q.Type != record.CNAME && !c.At(q).Answers() {
		rep, failure = r.turns(ctx, record.Question{Name: q.Name, Type: record.CNAME})
	}
	if rep.sets == 0 {
		rep, failure = laid(c, q, now)
		rep, failure = unplaced(c, q, rep, failure)
	}
	if rep.server == plan && failure == nil {
		r.client.Trace.Local(q, plan, rep.Reply)
	}
	return rep, failure
}

// below asks for names that a change delegates. If it is a new delegation, nobody
// knows what its servers will answer, unless DNS has one of them already.
func below(cut source.Cut, now present) present {
	if !cut.Changed {
		return now
	}
	return func(q record.Question) (reply, *record.Failure) {
		rep, failure := now(record.Question{Name: cut.Apex, Type: record.NS})
		switch {
		case failure != nil:
			failure.Question = q
			return rep, failure
		case slices.ContainsFunc(rep.Answers, func(rr record.RR) bool { return rr.Data.Type == record.NS && holds(cut.Records, rr) }):
			return now(q)
		}
		p := source.Promise{}
		if len(cut.Promises) > 0 {
			p = cut.Promises[0]
		} else {
			p.Place = cut.Records[0].Place
		}
		p.Type = 0
		return reply{server: plan, local: true}, promised(q, p)
	}
}

// deleted asks for names in a zone that a change deletes: there are none, unless
// DNS delegates the name to other servers, which have another zone of that name.
func deleted(h source.Hosted, now present) present {
	return func(q record.Question) (reply, *record.Failure) {
		rep, failure := now(record.Question{Name: h.Apex, Type: record.NS})
		if failure != nil && failure.Fault != record.Offline {
			failure.Question = q
			return rep, failure
		}
		var servers []record.Name
		for _, rr := range rep.Answers {
			if rr.Data.Type == record.NS {
				servers = append(servers, rr.Data.Host)
			}
		}
		if failure == nil && h.IsElsewhere(servers) {
			return now(q)
		}
		gone := absent()
		if q.Name != h.Apex {
			gone.Rcode = dns.RcodeNameError
		}
		return gone, nil
	}
}

// unplaced says that a query has no answer yet, if it has no records and a change
// makes some that may be its: records whose place, a zone or a name, is not known
// yet.
func unplaced(c *source.Changes, q record.Question, rep reply, failure *record.Failure) (reply, *record.Failure) {
	set := c.At(q)
	switch {
	case set.Answers(), failure != nil && failure.Fault != record.Offline, failure == nil && (len(rep.Answers) > 0 || rep.unseen):
		return rep, failure
	}
	for _, t := range []record.Type{q.Type, record.CNAME} {
		at := record.Question{Name: q.Name, Type: t}
		if p, ok := c.Zoneless(at); ok && set == nil {
			return reply{server: plan, local: true}, promised(q, p)
		}
		if p, ok := c.Loose(at); ok {
			return reply{server: plan, local: true}, promised(q, p)
		}
	}
	return rep, failure
}

// laid answers a query from the changes, and from the current records for what
// they leave open.
func laid(c *source.Changes, q record.Question, now present) (reply, *record.Failure) {
	set, alias := c.At(q), c.At(record.Question{Name: q.Name, Type: record.CNAME})
	if q.Type == record.CNAME {
		alias = nil
	}
	for _, s := range []*source.Set{set, alias} {
		if s != nil && len(s.Promises) > 0 {
			return reply{server: plan, local: true}, promised(q, s.Promises[0])
		}
	}
	switch {
	case set != nil && set.Whole && (len(set.Records) > 0 || !alias.Answers()):
		return fromSet(set, q)
	case !set.Answers() && alias.Answers():
		return through(c, alias, q, now)
	case set != nil:
		return partly(c, set, q, now)
	}
	return untouched(c, alias, q, now)
}

// through answers from a CNAME that a change makes, or with the addresses that a
// provider answers in its place.
func through(c *source.Changes, alias *source.Set, q record.Question, now present) (rep reply, failure *record.Failure) {
	at := record.Question{Name: q.Name, Type: record.CNAME}
	if alias.Whole {
		rep, failure = fromSet(alias, at)
	} else {
		rep, failure = partly(c, alias, at, now)
	}
	rep.unseen = rep.unseen || failure == nil && isUnseen(alias.Records, q.Type)
	return rep, failure
}

// turns answers from one of several rotating RRsets (weighted records, for
// example), if a change makes one of them: those of the change, and the unchanged
// ones of the zone. Without any it returns no reply. Live RRsets are left out,
// since DNS does not show which one answered.
func (r *Resolver) turns(ctx context.Context, q record.Question) (rep reply, failure *record.Failure) {
	set := r.zones.Changes().At(q)
	if set == nil || len(set.Promises) > 0 {
		return rep, nil
	}
	named := func(rec source.Record) bool { return rec.Set != "" }
	if !slices.ContainsFunc(slices.Concat(set.Records, set.Gone), named) {
		return rep, nil
	}
	all := slices.Clone(set.Records)
	if z := r.zones.Of(q.Name); z != nil {
		at, _ := z.At(q.Name)
		for _, rec := range ofType(at, q.Type) {
			same := func(o source.Record) bool { return o.Set == rec.Set }
			if named(rec) && !slices.ContainsFunc(set.Records, same) && !slices.ContainsFunc(set.Gone, same) {
				all = append(all, rec)
			}
		}
	}
	if !slices.ContainsFunc(all, named) {
		return rep, nil
	}
	one, sets := oneSet(weighty(all), record.SetOf(ctx))
	rep, failure = fromSet(&source.Set{Records: one}, q)
	rep.sets = max(sets, 1)
	return rep, failure
}

// weighty leaves out sets of weight 0, unless all have it: then Route 53 answers
// with each of them.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-weighted.html
func weighty(all []source.Record) []source.Record {
	weightless := func(r source.Record) bool { return r.Weightless }
	if kept := slices.DeleteFunc(slices.Clone(all), weightless); len(kept) > 0 {
		return kept
	}
	return all
}

// promised is why a question has no answer yet.
func promised(q record.Question, p source.Promise) *record.Failure {
	if p.Type != 0 {
		q.Type = p.Type // such as that of a CNAME, for all that is behind it
	}
	return &record.Failure{Question: q, Fault: record.Promised, Server: plan, Detail: p.Place.String()}
}

// fromSet answers from an RRset that a change says all of.
func fromSet(s *source.Set, q record.Question) (reply, *record.Failure) {
	rep := absent()
	rep.Answers, _ = rrset(s.Records, q.Type, q.Name)
	rep.unseen = isUnseen(s.Records, q.Type)
	return rep, nil
}

// absent is the answer that there are no records.
func absent() reply {
	rep := reply{server: plan, local: true}
	rep.Authoritative, rep.SOATTL = true, changedTTL
	return rep
}

// isUnseen reports whether addresses are answered, of which the records do not say
// which.
func isUnseen(records []source.Record, t record.Type) bool {
	return (t == record.A || t == record.AAAA) && slices.ContainsFunc(records, func(r source.Record) bool {
		return r.Proxied || r.Computed && r.Data.Type == record.A
	})
}

// partly answers with the current records, without deleted and with added ones.
// If there is nobody to ask, the change is all that is known.
func partly(c *source.Changes, s *source.Set, q record.Question, now present) (reply, *record.Failure) {
	rep, failure := now(q)
	switch {
	case failure != nil && failure.Fault == record.Offline:
		return fromSet(s, q)
	case failure != nil:
		return rep, failure
	}
	if hides(c, rep, q, now) {
		rep.Answers = nil
	}
	taken := func(rr record.RR) bool {
		return rr.Owner == q.Name && rr.Data.Type == q.Type && !holds(plainly(s.Records), rr) && (holds(s.Gone, rr) || holds(s.Records, rr))
	}
	kept := slices.DeleteFunc(slices.Clone(rep.Answers), taken)
	here := func(rr record.RR) bool { return rr.Owner == q.Name && rr.Data.Type == q.Type }
	added, _ := rrset(s.Records, q.Type, q.Name)
	for _, rr := range added {
		if !slices.ContainsFunc(kept, func(o record.RR) bool { return here(o) && rr.Same(o) }) {
			kept = append(kept, rr)
		}
	}
	if len(added) > 0 { // a CNAME that was at the name cannot be there any more
		kept = slices.DeleteFunc(kept, func(rr record.RR) bool { return !here(rr) })
	}
	rep.Answers, rep.unseen = kept, rep.unseen || isUnseen(s.Records, q.Type)
	if rep.Rcode == dns.RcodeNameError && (len(kept) > 0 || c.Has(q.Name)) {
		rep.Rcode = dns.RcodeSuccess
	}
	if len(kept) == 0 && rep.SOATTL == 0 {
		rep.SOATTL = changedTTL
	}
	return rep, nil
}

// plainly leaves out the records that are not answered as they are written, such
// as proxied ones.
func plainly(records []source.Record) []source.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r source.Record) bool { return !r.Plain() })
}

func holds(records []source.Record, rr record.RR) bool {
	return slices.ContainsFunc(records, func(r source.Record) bool {
		return r.Data.Type == rr.Data.Type && (record.RR{Owner: rr.Owner, Data: r.Data}).Same(rr)
	})
}

// hides reports whether an answer is of a wildcard that will not answer any more,
// because a record is made at the name: the name has none before, and the wildcard
// above it has the same.
func hides(c *source.Changes, rep reply, q record.Question, now present) bool {
	if len(rep.Answers) == 0 || q.Name.FirstLabel() == "*" || !c.New(q.Name) {
		return false
	}
	return sameAs(rep, record.Question{Name: q.Name.Parent().Child("*"), Type: q.Type}, now)
}

// untouched answers a query that no change mentions from the current records. But
// a change may delete the name's CNAME, create the name by other records, or add
// a wildcard above it. A name that loses its records counts as one that exists
// without records.
func untouched(c *source.Changes, alias *source.Set, q record.Question, now present) (reply, *record.Failure) {
	rep, failure := now(q)
	if failure != nil {
		return rep, failure
	}
	if hides(c, rep, q, now) {
		return absent(), nil
	}
	isAlias := func(rr record.RR) bool { return rr.Owner == q.Name && rr.Data.Type == record.CNAME }
	if alias != nil && slices.ContainsFunc(rep.Answers, isAlias) && q.Type != record.CNAME {
		return absent(), nil
	}
	switch exists := rep.Rcode != dns.RcodeNameError; {
	case c.Has(q.Name):
		rep.Rcode = dns.RcodeSuccess
		return rep, nil
	case exists && len(rep.Answers) == 0:
		return rep, nil
	}
	for _, t := range []record.Type{q.Type, record.CNAME} {
		w, at := c.Wildcard(record.Question{Name: q.Name, Type: t})
		switch {
		case w == nil, len(rep.Answers) > 0 && !sameAs(rep, at, now):
		case len(w.Promises) > 0:
			return reply{server: plan, local: true}, promised(q, w.Promises[0])
		case w.Answers() || len(rep.Answers) > 0:
			wild, failure := laid(c, at, now)
			for i := range wild.Answers {
				if wild.Answers[i].Owner == at.Name {
					wild.Answers[i].Owner = q.Name
				}
			}
			return wild, failure
		}
	}
	return rep, nil
}

// sameAs reports whether an answer is that of a wildcard: both have the same
// records.
func sameAs(rep reply, wildcard record.Question, now present) bool {
	wild, failure := now(wildcard)
	return failure == nil && slices.EqualFunc(rep.Answers, wild.Answers, func(a, b record.RR) bool { return record.Compare(a.Data, b.Data) == 0 })
}

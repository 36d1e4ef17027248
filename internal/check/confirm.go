package check

import (
	"context"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// confirm repeats the queries behind errors of absence, and judges the domain
// again with the new answers. With several resolvers it queries each, for all
// errors, and judges the answers of each separately. A finding that every
// judgement repeats is confirmed; one that a judgement denies is contradicted,
// and becomes inconclusive. Without a second answer, the first one counts,
// unconfirmed.
//
// Withdrawing findings may reveal more. Those get one further round, in which a
// contradicted finding stays, as inconclusive, so that the loop ends.
func (r *run) confirm(ctx context.Context, own *part.Cache, d *config.Domain, exams []part.Examination, v *part.Verdict) {
	resolvers := r.resolver.Resolvers()
	c := confirming{run: r, own: own, domain: d, exams: exams, several: len(resolvers) > 1}
	for last := false; c.doubt(v.Findings); last = true {
		if c.seconds == nil {
			for _, r := range resolvers {
				c.seconds = append(c.seconds, second{Cache: part.NewCache(r)})
			}
		}
		r.workers.each(len(c.seconds), func(i int) { c.judge(ctx, &c.seconds[i]) })
		differing := map[record.Question]record.Answer{}
		for i := range v.Findings {
			c.settle(ctx, &v.Findings[i], differing, last)
		}
		if len(differing) == 0 {
			return
		}
		c.withdraw(ctx, v, differing)
	}
}

// confirming is the second look at a domain.
type confirming struct {
	run       *run
	own       *part.Cache
	domain    *config.Domain
	exams     []part.Examination
	several   bool // there are several resolvers
	seconds   []second
	doubted   map[record.Question]bool          // queries to repeat
	withdrawn map[record.Question]record.Answer // queries on which resolvers differ, as failures
}

// doubt collects the queries of findings that are not settled yet, and reports
// whether there are any.
func (c *confirming) doubt(findings []finding.Finding) (any bool) {
	for _, f := range findings {
		for _, a := range c.doubts(f) {
			if c.doubted == nil {
				c.doubted = map[record.Question]bool{}
			}
			c.doubted[a.Question] = true
			any = true
		}
	}
	return any
}

// second is the answers of one resolver, and the judgement by them.
type second struct {
	*part.Cache
	back map[finding.Key]bool // findings that this judgement repeats
	open map[finding.Key]bool // checks that a failed query left undecided, without a subject
}

// judge judges the domain with one resolver's answers to the doubted queries.
func (c *confirming) judge(ctx context.Context, s *second) {
	s.back, s.open = map[finding.Key]bool{}, map[finding.Key]bool{}
	for _, v := range c.examine(ctx, s.Cache) {
		for _, u := range v.Undecided {
			for _, c := range u.Checks {
				s.open[finding.Key{Check: c, Record: u.About}] = true
			}
		}
		for _, f := range v.Believed() {
			s.back[f.Key()] = true
		}
	}
}

// examine judges with new answers to doubted queries, and with failures for
// withdrawn ones.
func (c *confirming) examine(ctx context.Context, again *part.Cache) []part.Verdict {
	own := fresh{c.withdrawn, c.doubted, again, c.own}
	shared := own
	shared.cache = c.run.shared
	forest := c.run.forest.Again(ctx, shared, func(n record.Name) bool {
		q := record.Question{Name: n, Type: record.TXT}
		_, none := c.withdrawn[q]
		return none || c.doubted[q]
	})
	return c.run.examine(ctx, part.Asker{Each: c.run.workers.each, Own: own, Shared: shared, Forest: forest, Domains: c.run.domains}, c.exams)
}

// settle decides whether a finding is confirmed. If resolvers contradict it, it
// adds the queries with different answers to differing; in the last round the
// finding itself becomes inconclusive.
func (c *confirming) settle(ctx context.Context, f *finding.Finding, differing map[record.Question]record.Answer, last bool) {
	rests := c.doubts(*f)
	if len(rests) == 0 {
		return
	}
	heard, denied, answered := false, false, false
	for _, s := range c.seconds {
		switch {
		case s.denies(ctx, *f, rests):
			denied = true
		case s.back[f.Key()]:
			heard = true
		}
		for _, a := range rests {
			answered = answered || s.Ask(ctx, a.Question).Status != record.Unknown
		}
	}
	f.Evidence.Confirmed = new(heard && !denied)
	switch {
	case denied:
		if last || !c.differ(ctx, rests, differing) {
			c.contradicted(f)
		}
	case !heard && !answered:
		f.Notef("asked a second time, DNS did not answer")
	case !heard:
		f.Notef("asked a second time, DNS did not answer everything")
	}
	if c.several && (heard || denied) {
		f.Evidence.Servers = c.answers(ctx, rests[0])
	}
}

// denies reports whether a resolver contradicts a finding: responsible servers
// disagree, or the finding is gone because of a different answer, and not because
// of a failed query.
func (s *second) denies(ctx context.Context, f finding.Finding, rests []record.Answer) bool {
	other, whole := false, true
	for _, first := range rests {
		a := s.Ask(ctx, first.Question)
		if disagreed(a) {
			return true
		}
		whole = whole && a.Status != record.Unknown
		other = other || a.Status != record.Unknown && !a.Same(first)
	}
	return !s.back[f.Key()] && (other || whole && !s.open[finding.Key{Check: f.Check, Record: f.Record}])
}

func disagreed(a record.Answer) bool {
	return a.Failure != nil && a.Failure.Fault == record.Disagreed
}

// differ adds the queries with different answers to differing. It returns false
// if there are none, or if a single resolver changed its answer.
func (c *confirming) differ(ctx context.Context, rests []record.Answer, differing map[record.Question]record.Answer) bool {
	found := false
	for _, first := range rests {
		fail := &record.Failure{Question: first.Question, Fault: record.Disagreed, TTL: first.TTL}
		same := true
		for _, s := range c.seconds {
			a := s.Ask(ctx, first.Question)
			if disagreed(a) {
				fail, same = a.Failure, false
				break
			}
			if a.Status != record.Unknown {
				fail.TTL = max(fail.TTL, a.TTL)
				same = same && a.Same(first)
			}
		}
		if same || !c.several && len(fail.Said) == 0 {
			continue
		}
		if len(fail.Said) == 0 {
			fail.Said = c.answers(ctx, first)
			fail.Server = first.Server
		}
		differing[first.Question] = record.Answer{Question: first.Question, Failure: fail}
		found = true
	}
	return found
}

// answers lists the first and the repeated answers, with their servers.
func (c *confirming) answers(ctx context.Context, first record.Answer) []record.Said {
	all := []record.Said{{Server: first.Server, Says: first.Says()}}
	for _, s := range c.seconds {
		a := s.Ask(ctx, first.Question)
		said := record.Said{Server: a.Server, Says: a.Says()}
		if !slices.Contains(all, said) {
			all = append(all, said)
		}
	}
	return all
}

// withdraw judges the domain once more, with failures for the queries on which
// resolvers differ. Checks that depend on them become undecided.
func (c *confirming) withdraw(ctx context.Context, v *part.Verdict, differing map[record.Question]record.Answer) {
	if v.ReplacesAll() { // no part was judged before
		for _, a := range differing {
			v.Findings = nil
			v.Undecided = append(v.Undecided, part.Undecided{Answer: a, Place: c.domain.Place, Part: wanted.Domain, Checks: checksOf(c.exams)})
		}
		return
	}
	c.withdrawn = differing
	earlier := v.Findings
	verdicts, _ := effective(c.examine(ctx, c.own))
	*v = together(verdicts)
	for i := range v.Findings {
		for _, f := range earlier {
			if f.Key() == v.Findings[i].Key() {
				v.Findings[i] = f
			}
		}
	}
}

// contradicted makes a finding inconclusive that a second answer denies.
func (c *confirming) contradicted(f *finding.Finding) {
	f.Status = finding.Inconclusive
	f.Undecided = []*finding.Check{f.Check}
	if f.Check.ReplacesAll { // it replaced all findings
		f.Undecided = checksOf(c.exams)
	}
	f.Notef("asked again, DNS answered differently: the record is being changed, or the servers disagree")
	f.Impact = "not known until the servers agree"
	f.Publish, f.Drop = nil, nil
}

// doubts returns the answers of an error to ask for again: with one resolver
// those of absences, with several all, but no settled ones. Answers from the
// user's zone files need no confirmation.
func (c *confirming) doubts(f finding.Finding) (rests []record.Answer) {
	if f.Evidence.Confirmed != nil || f.Check.Severity < finding.Error || !f.Check.Absence && !c.several {
		return nil
	}
	for _, a := range f.Rests {
		if !a.Local {
			rests = append(rests, a)
		}
	}
	return rests
}

// fresh answers doubted queries anew, withdrawn ones with failures, and all
// further ones from cache.
type fresh struct {
	withdrawn    map[record.Question]record.Answer
	doubted      map[record.Question]bool
	again, cache *part.Cache
}

func (f fresh) Ask(ctx context.Context, q record.Question) record.Answer {
	if a, ok := f.withdrawn[q]; ok {
		return a
	}
	return f.of(q).Ask(ctx, q)
}

func (f fresh) of(q record.Question) *part.Cache {
	if f.doubted[q] {
		return f.again
	}
	return f.cache
}

// Answers yields the answers so far, without withdrawn ones.
func (f fresh) Answers(yield func(*record.Answer) bool) {
	for _, m := range []*part.Cache{f.again, f.cache} {
		for a := range m.Answers {
			_, none := f.withdrawn[a.Question]
			if !none && f.of(a.Question) == m && !yield(a) {
				return
			}
		}
	}
}

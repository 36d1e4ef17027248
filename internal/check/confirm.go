package check

import (
	"context"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// confirm asks once more what the errors of absence rest on, and judges the
// domain again with the new answers in place of the old; of several resolvers
// it asks each, what other errors rest on too, and judges with the answers of
// each by itself. A finding that comes back every time is confirmed. One that
// does not is contradicted, and inconclusive. Where no second answer can be
// had, the first one stands, unconfirmed.
func (r *run) confirm(ctx context.Context, own *memory, d *config.Domain, v *verdict) {
	opinions := r.resolver.Opinions()
	c := confirming{run: r, own: own, domain: d, several: len(opinions) > 1}
	doubted := map[record.Question]bool{}
	for _, f := range v.findings {
		for _, q := range c.doubts(f) {
			doubted[q] = true
		}
	}
	if len(doubted) == 0 {
		return
	}
	c.seconds = make([]second, len(opinions))
	r.crew.each(len(opinions), func(i int) { c.seconds[i] = c.judge(ctx, newMemory(opinions[i]), doubted) })
	differing := map[record.Question]record.Answer{}
	for i := range v.findings {
		c.settle(ctx, &v.findings[i], differing)
	}
	if len(differing) > 0 {
		c.withdraw(ctx, v, differing)
	}
}

// confirming is the second look at a domain.
type confirming struct {
	run     *run
	own     *memory
	domain  *config.Domain
	several bool // several resolvers were given
	seconds []second
}

// second is what one opinion came to.
type second struct {
	*memory              // its answers
	back    map[key]bool // the findings that came back
}

// judge judges the domain with the answers of one opinion to what is doubted.
func (c *confirming) judge(ctx context.Context, again *memory, doubted map[record.Question]bool) second {
	s := second{again, map[key]bool{}}
	for _, v := range c.examine(ctx, doubted, again) {
		for _, f := range v.believed() {
			s.back[keyOf(f)] = true
		}
	}
	return s
}

func (c *confirming) examine(ctx context.Context, doubted map[record.Question]bool, again record.Asker) []verdict {
	a := asks{crew: c.run.crew, own: fresh{doubted, again, c.own}, shared: fresh{doubted, again, c.run.shared}}
	a.forest = spf.NewForest(ctx, a.shared)
	return c.run.examine(ctx, a, looksAt(c.domain))
}

// settle says of a finding whether it is confirmed. Where resolvers contradict
// it, the questions to which they answer differently are added to differing.
func (c *confirming) settle(ctx context.Context, f *Finding, differing map[record.Question]record.Answer) {
	qs := c.doubts(*f)
	if len(qs) == 0 {
		return
	}
	heard, denied := false, false
	for _, s := range c.seconds {
		switch answered, disagreed := s.answered(ctx, qs); {
		case disagreed:
			denied = true
		case answered:
			heard = true
			denied = denied || !s.back[keyOf(*f)]
		}
	}
	f.Evidence.Confirmed = new(heard && !denied)
	switch {
	case denied:
		if !c.differ(ctx, *f, qs, differing) {
			c.contradicted(f)
		}
	case !heard:
		f.Message += "; asked a second time, nobody answered"
	case c.several:
		f.Evidence.Servers = c.told(ctx, f.rests[0])
	}
}

// answered reports whether an opinion had an answer to all questions, or found
// that those who should know do not agree.
func (s second) answered(ctx context.Context, qs []record.Question) (all, disagreed bool) {
	all = true
	for _, q := range qs {
		a := s.Ask(ctx, q)
		all = all && a.Status != record.Unknown
		disagreed = disagreed || a.Failure != nil && a.Failure.Fault == record.Disagreed
	}
	return all, disagreed
}

// differ notes to which of the questions there are different answers. It
// reports false where there are none, or where only one resolver has changed
// its mind.
func (c *confirming) differ(ctx context.Context, f Finding, qs []record.Question, differing map[record.Question]record.Answer) bool {
	found := false
	for _, first := range f.rests {
		if !slices.Contains(qs, first.Question) {
			continue
		}
		fail := &record.Failure{Question: first.Question, Fault: record.Disagreed, TTL: first.TTL}
		same := true
		for _, s := range c.seconds {
			a := s.Ask(ctx, first.Question)
			if a.Failure != nil && a.Failure.Fault == record.Disagreed {
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
			fail.Said = c.told(ctx, first)
			fail.Server = first.Server
		}
		differing[first.Question] = record.Answer{Question: first.Question, Failure: fail}
		found = true
	}
	return found
}

// told is who said what, first and when asked again.
func (c *confirming) told(ctx context.Context, first record.Answer) []record.Said {
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

// withdraw judges the domain once more, with no answer at all to the questions
// on which resolvers differ: whatever rests on them is undecided.
func (c *confirming) withdraw(ctx context.Context, v *verdict, differing map[record.Question]record.Answer) {
	if v.replacesAll() { // nothing else was judged yet
		for _, a := range differing {
			v.findings = nil
			v.undecided = append(v.undecided, undecided{answer: a, place: c.domain.Place, part: domainPart.Name, checks: checksOf(looksAt(c.domain))})
		}
		return
	}
	doubted := map[record.Question]bool{}
	for q := range differing {
		doubted[q] = true
	}
	earlier := v.findings
	*v = together(c.examine(ctx, doubted, askerFunc(func(_ context.Context, q record.Question) record.Answer { return differing[q] })))
	for i := range v.findings {
		for _, f := range earlier {
			if keyOf(f) == keyOf(v.findings[i]) {
				v.findings[i] = f
			}
		}
	}
}

// contradicted makes a finding inconclusive that a second answer denies.
func (c *confirming) contradicted(f *Finding) {
	f.Status = Inconclusive
	f.Undecided = []string{f.Check}
	if f.Check == "domain-not-found" { // it took the place of all others
		f.Undecided = checksOf(looksAt(c.domain))
	}
	f.Message += "; asked again, DNS said otherwise: the record is being changed, or the servers do not agree"
	f.Impact = "unknown, until the servers agree"
	f.Fix = nil
}

// doubts returns the questions that an error rests on and that are asked again:
// of one resolver those of absences, of several all. Answers from the user's
// own zone files need no second.
func (c *confirming) doubts(f Finding) []record.Question {
	if check := known[f.Check]; check.Severity < Error || !check.Absence && !c.several {
		return nil
	}
	var qs []record.Question
	for _, a := range f.rests {
		if !a.Local {
			qs = append(qs, a.Question)
		}
	}
	return qs
}

// key is what makes two findings the same one.
type key struct {
	check, subject string
	record         record.Question
}

func keyOf(f Finding) key { return key{f.Check, f.Subject, f.Record} }

// fresh answers the doubted questions anew and all others from memory.
type fresh struct {
	doubted map[record.Question]bool
	again   record.Asker
	memory  record.Asker
}

func (f fresh) Ask(ctx context.Context, q record.Question) record.Answer {
	if f.doubted[q] {
		return f.again.Ask(ctx, q)
	}
	return f.memory.Ask(ctx, q)
}

type askerFunc func(context.Context, record.Question) record.Answer

func (f askerFunc) Ask(ctx context.Context, q record.Question) record.Answer { return f(ctx, q) }

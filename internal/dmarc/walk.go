package dmarc

import (
	"context"

	"github.com/sescheck/sescheck/internal/record"
)

// Askers are asked for the records of a walk. A domain's own name is its own
// business; the names above it, up to `_dmarc.com`, are the same for many
// domains, so their Asker had better remember for the whole run.
type Askers struct {
	Own   record.Asker
	Upper record.Asker // nil: Own
}

// Step is one name of a walk, what was answered there and the DMARC records
// among it.
type Step struct {
	Domain  record.Name // without the `_dmarc` label; the question's name has it
	Answer  record.Answer
	Records []*Record
}

// Outcome is how the search for a policy ended.
type Outcome uint8

const (
	// Open is the zero Outcome: a question on the way failed, so nothing may be
	// said about the policy.
	Open Outcome = iota
	// Applies means that there is a record and it takes effect.
	Applies
	// Missing means that no name of the walk holds a record.
	Missing
	// Invalid means that the record found is one that receivers do not apply.
	Invalid
)

func (o Outcome) String() string {
	switch o {
	case Applies:
		return "applies"
	case Missing:
		return "missing"
	case Invalid:
		return "invalid"
	default:
		return "open"
	}
}

// Discovery is how a domain's policy was looked for, and what was found.
type Discovery struct {
	Domain         record.Name
	Steps          []Step // in the order they were asked
	Outcome        Outcome
	Record         *Record     // the record of Applies and Invalid
	PolicyDomain   record.Name // where Record was found; "" for Missing and Open
	Organizational record.Name // "" where the walk ended before that was certain

	// Failure is the question that left the outcome open. With another outcome
	// it is that of a top-level domain above a record; see walk.
	Failure *record.Failure
}

// Discover looks for the record that applies to domain (RFC 9989 section
// 4.10.1), one question at a time: a domain with its own record costs one.
func Discover(ctx context.Context, ask Askers, domain record.Name) Discovery {
	d := Discovery{Domain: domain}
	own := look(ctx, ask.Own, domain)
	d.Steps = []Step{own}
	switch {
	case own.Answer.Status == record.Unknown:
		d.Failure = own.Answer.Failure
	case len(own.Records) == 1:
		d.settle(domain, own.Records[0])
		if r := own.valid(); r != nil && r.PSD != PSDUnknown {
			d.Organizational = domain
		}
	default:
		w := walk(ctx, ask, d.Steps)
		d.Steps, d.Failure = w.steps, w.failure
		d.inherit(w)
	}
	return d
}

// Duplicate returns the first step at which several records stand, if the walk
// found no valid record before it. Receivers discard them all and go on (RFC
// 9989 section 4.10); those that follow RFC 7489 apply no DMARC at all.
func (d Discovery) Duplicate() (Step, bool) {
	for _, s := range d.Steps {
		if len(s.Records) > 1 {
			return s, true
		}
		if s.valid() != nil {
			break
		}
	}
	return Step{}, false
}

// At returns the step on which Applies and Invalid rest: that of PolicyDomain,
// which need not be the last one asked.
func (d Discovery) At() (Step, bool) {
	for _, s := range d.Steps {
		if s.Domain == d.PolicyDomain {
			return s, true
		}
	}
	return Step{}, false
}

// settle gives the search its end with r, found at name.
func (d *Discovery) settle(name record.Name, r *Record) {
	d.Outcome, d.Record, d.PolicyDomain = Applies, r, name
	if _, fatal := r.Fatal(); fatal {
		d.Outcome = Invalid
	}
}

// inherit takes the record from a walk that found none at the domain itself:
// the Organizational Domain's, else the Public Suffix Domain's.
func (d *Discovery) inherit(w walked) {
	if w.open {
		return
	}
	d.Organizational = organizational(w.steps)
	var psd *Step
	for i := range w.steps {
		s := &w.steps[i]
		r := s.single()
		switch {
		case r == nil:
		case s.Domain == d.Organizational:
			d.settle(s.Domain, r)
			return
		case r.PSD == PSDYes && s.valid() != nil:
			psd = s
		}
	}
	if psd != nil {
		d.settle(psd.Domain, psd.single())
		return
	}
	d.Outcome = Missing
	for _, s := range w.steps {
		if r := s.single(); r != nil {
			d.settle(s.Domain, r) // nothing valid anywhere: name what was meant to be
			return
		}
	}
}

// Organization is a domain's Organizational Domain and how it was found.
type Organization struct {
	Domain  record.Name // "" if a failed question leaves it open
	Steps   []Step
	Failure *record.Failure
}

// OrganizationalDomain walks the tree from domain to the top (RFC 9989
// section 4.10.2). It asks anew for what Discover has asked already: its Askers
// are expected to remember.
func OrganizationalDomain(ctx context.Context, ask Askers, domain record.Name) Organization {
	own := look(ctx, ask.Own, domain)
	o := Organization{Steps: []Step{own}, Failure: own.Answer.Failure}
	if own.Answer.Status == record.Unknown {
		return o
	}
	w := walk(ctx, ask, o.Steps)
	o.Steps, o.Failure = w.steps, w.failure
	if !w.open {
		o.Domain = organizational(w.steps)
	}
	return o
}

// walked is a walk and why it ended, other than at its natural end.
type walked struct {
	steps   []Step
	open    bool            // a question failed, and with it the walk
	failure *record.Failure // of that question, or of one that did not matter
}

// walk goes on from the first step to the top of the tree, as far as RFC 9989
// section 4.10 says.
//
// A failed question leaves the result open, but for one case: a top-level
// domain above a name that holds a valid record. Only a registry that published
// a record without psd=y, making one organization of all below it, could still
// change the result.
func walk(ctx context.Context, ask Askers, steps []Step) walked {
	upper := ask.Upper
	if upper == nil {
		upper = ask.Own
	}
	w := walked{steps: steps}
	found := steps[0].valid() != nil
	for name := steps[0].Domain; !stops(w.steps) && name.Labels() > 1; {
		name = next(name)
		s := look(ctx, upper, name)
		w.steps = append(w.steps, s)
		if s.Answer.Status == record.Unknown {
			w.failure, w.open = s.Answer.Failure, !found || name.Labels() > 1
			return w
		}
		found = found || s.valid() != nil
	}
	return w
}

// stops reports whether the last step ends the walk: psd=y and psd=n do.
func stops(steps []Step) bool {
	r := steps[len(steps)-1].single()
	return r != nil && r.PSD != PSDUnknown
}

// next is the name that the walk asks after name: its parent, or, of more
// than eight labels, the last seven, which bounds the walk to eight questions.
func next(name record.Name) record.Name {
	if name.Labels() > 8 {
		return last(name, 7)
	}
	return name.Parent()
}

// last returns the last n labels of name.
func last(name record.Name, n int) record.Name {
	for name.Labels() > n {
		name = name.Parent()
	}
	return name
}

// organizational selects the Organizational Domain of the domain whose walk
// this is (RFC 9989 section 4.10.2).
func organizational(steps []Step) record.Name {
	start := steps[0].Domain
	org := start
	for _, s := range steps { // from the longest name to the shortest
		r := s.valid()
		switch {
		case r == nil:
		case r.PSD == PSDYes && s.Domain != start:
			return last(start, s.Domain.Labels()+1)
		case r.PSD == PSDNo:
			return s.Domain
		default:
			org = s.Domain
		}
	}
	return org
}

func look(ctx context.Context, ask record.Asker, domain record.Name) Step {
	q := record.Question{Name: domain.Child("_dmarc"), Type: record.TXT}
	if _, err := record.ParseName(string(q.Name)); err != nil {
		// The label makes the name too long for DNS: nothing can be there.
		return Step{Domain: domain, Answer: record.Answer{Question: q, Status: record.NoName}}
	}
	s := Step{Domain: domain, Answer: ask.Ask(ctx, q)}
	for _, r := range s.Answer.Records {
		if text := r.Text(); Is(text) {
			s.Records = append(s.Records, Parse(text))
		}
	}
	return s
}

// single returns the record of a name that holds exactly one.
func (s Step) single() *Record {
	if len(s.Records) == 1 {
		return s.Records[0]
	}
	return nil
}

// valid returns the record of a name that holds exactly one, if receivers can
// apply it.
func (s Step) valid() *Record {
	r := s.single()
	if r == nil {
		return nil
	}
	if _, fatal := r.Fatal(); fatal {
		return nil
	}
	return r
}

// Effect is the policy that receivers apply to a domain and where it is from.
type Effect struct {
	Policy    Policy
	Published Policy // before t=y
	Tag       string // the tag that decides: p, sp or np; p also where it is not there
	Inherited bool   // from a record above the domain
}

// Effective returns the policy that takes effect for the domain of d, whose
// Outcome must be Applies. Whether the domain exists, that is, whether a
// question for it is answered otherwise than by NXDOMAIN (RFC 9989 section
// 3.2.13), is the caller's to know; it matters for an inherited np only.
func (d Discovery) Effective(exists bool) Effect {
	if d.Record == nil {
		return Effect{}
	}
	r := d.Record
	e := Effect{Published: r.P, Tag: "p", Inherited: d.PolicyDomain != d.Domain}
	switch {
	case !e.Inherited:
	case !exists && r.NP != nil:
		e.Published, e.Tag = *r.NP, "np"
	case r.SP != nil:
		e.Published, e.Tag = *r.SP, "sp"
	}
	e.Policy = e.Published
	if r.T {
		e.Policy = e.Published.Lower()
	}
	return e
}

// Strays returns the TXT records of a step that are no DMARC records but were
// meant as such.
func (s Step) Strays() []Stray { return Strays(s.Answer) }

// Strays returns the TXT records of an answer that are no DMARC records but were
// meant as such.
func Strays(a record.Answer) []Stray {
	var all []Stray
	for _, r := range a.Records {
		if meant, ok := Recognize(r); ok {
			all = append(all, Stray{Record: r, Why: Words(meant.Faults)})
		}
	}
	return all
}

// Stray is a TXT record that was meant as a DMARC record, and why it is none.
type Stray struct {
	Record record.Record
	Why    string
}

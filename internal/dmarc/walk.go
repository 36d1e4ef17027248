package dmarc

import (
	"context"

	"github.com/sescheck/sescheck/internal/record"
)

// Askers answer the queries of a walk. Own is for the domain's own name. Upper is
// for the names above it, up to `_dmarc.com`: many domains share them, so it
// should cache.
type Askers struct {
	Own   record.Asker
	Upper record.Asker // nil for Own
}

// Step is one name of a walk, with its answer and DMARC records.
type Step struct {
	Domain  record.Name // without the `_dmarc` label of the query
	Answer  record.Answer
	Records []*Record
}

// Outcome is the end of a policy discovery.
type Outcome uint8

const (
	// Open is the zero Outcome: a query failed, so the policy is unknown.
	Open Outcome = iota
	// Applies: a record takes effect.
	Applies
	// Missing: no name of the walk has a record.
	Missing
	// Invalid: the record found is not applied by receivers.
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

// Discovery is the search for a domain's policy, and its result.
type Discovery struct {
	Domain         record.Name
	Steps          []Step // in query order
	Outcome        Outcome
	Record         *Record     // for Applies and Invalid
	PolicyDomain   record.Name // the name of Record; "" for Missing and Open
	Organizational record.Name // "" if the walk ended before it was certain

	// Failure is the query that left the outcome Open. For other outcomes it is
	// the failed query for a top-level domain above the record; see walk.
	Failure *record.Failure
}

// Discover finds the record that applies to domain (RFC 9989 section 4.10.1), one
// query at a time: a domain with a record of its own takes one.
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

// Duplicate returns the first step with several records, if no valid record came
// before it. Receivers discard them all and walk on (RFC 9989 section 4.10);
// receivers that follow RFC 7489 apply no DMARC.
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

// At returns the step of PolicyDomain, which decides Applies and Invalid. It is
// not always the last.
func (d Discovery) At() (Step, bool) {
	for _, s := range d.Steps {
		if s.Domain == d.PolicyDomain {
			return s, true
		}
	}
	return Step{}, false
}

// settle ends the search with the record r at name.
func (d *Discovery) settle(name record.Name, r *Record) {
	d.Outcome, d.Record, d.PolicyDomain = Applies, r, name
	if _, fatal := r.Fatal(); fatal {
		d.Outcome = Invalid
	}
}

// inherit takes the record from a walk without one at the domain itself: the
// Organizational Domain's, otherwise the Public Suffix Domain's.
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
			d.settle(s.Domain, r) // no valid record: return the invalid one
			return
		}
	}
}

// Organization is a domain's Organizational Domain, and the walk to it.
type Organization struct {
	Domain  record.Name // "" if a query failed
	Steps   []Step
	Failure *record.Failure
}

// OrganizationalDomain walks the tree from domain to the top (RFC 9989 section
// 4.10.2). It repeats queries of Discover: the Askers should cache.
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

// walked is a walk, and why it ended early.
type walked struct {
	steps   []Step
	open    bool            // a query failed, which ended the walk
	failure *record.Failure // of that query, or of one without effect
}

// walk continues from the first step to the top of the tree (RFC 9989 section
// 4.10).
//
// A failed query leaves the result open, with one exception: a query for a
// top-level domain above a valid record. It could change the result only if the
// registry published a record without psd=y, which would make all domains below
// one organization.
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

// stops reports whether the last step ends the walk, by psd=y or psd=n.
func stops(steps []Step) bool {
	r := steps[len(steps)-1].single()
	return r != nil && r.PSD != PSDUnknown
}

// next is the next name of the walk: the parent or, above a name of more than
// eight labels, its last seven. So a walk has at most eight queries.
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

// organizational selects the Organizational Domain from the steps of a walk (RFC
// 9989 section 4.10.2).
func organizational(steps []Step) record.Name {
	start := steps[0].Domain
	org := start
	for _, s := range steps { // longest name first
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
		// With the label the name is too long for DNS, so it has no record.
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

// single returns the record of a name with exactly one.
func (s Step) single() *Record {
	if len(s.Records) == 1 {
		return s.Records[0]
	}
	return nil
}

// valid returns the record of a name with exactly one, if receivers apply it.
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

// Effect is the policy that receivers apply to a domain, and its origin.
type Effect struct {
	Policy    Policy
	Published Policy // before t=y
	Tag       string // the deciding tag: p, sp or np; p if it is absent
	Inherited bool   // from a record above the domain
}

// Effective returns the policy that takes effect for the domain of d, whose
// Outcome must be Applies. exists says whether the domain exists: queries for it
// are not answered with NXDOMAIN (RFC 9989 section 3.2.13). It only matters for
// an inherited np.
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

// Strays returns the TXT records of a step that were meant to be DMARC records
// and are not.
func (s Step) Strays() []Stray { return Strays(s.Answer) }

// Strays returns the TXT records of an answer that were meant to be DMARC records
// and are not.
func Strays(a record.Answer) []Stray {
	var all []Stray
	for _, r := range a.Records {
		if repaired, ok := Recognize(r); ok {
			all = append(all, Stray{Record: r, Why: Words(repaired.Faults)})
		}
	}
	return all
}

// Stray is a TXT record that was meant to be a DMARC record, and why it is not
// one.
type Stray struct {
	Record record.Record
	Why    string
}

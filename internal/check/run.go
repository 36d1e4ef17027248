package check

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Resolver answers questions. Resolvers are those that confirm an answer, each
// asked past every cache; several if the user named several.
type Resolver interface {
	record.Asker
	Resolvers() []record.Asker
}

// Options are how a run is done.
type Options struct {
	Window    int                          // domains looked at side by side, more where answers are slow
	Now       time.Time                    // what `pending_until` and `until` are held against
	Strict    bool                         // the file silences nothing
	Verbose   bool                         // keep a row for every check and record
	Looked    func(record.Name) bool       // for which domains to keep what was looked at; nil for none
	Authority bool                         // each zone's own servers are asked, so that lame ones are told
	Pictures  bool                         // keep what DNS holds for each domain, right or wrong
	Mails     []spf.Mail                   // with Pictures: evaluate SPF for these
	Trees     bool                         // keep the SPF trees of all domains, not only of those with findings
	Selected  func(*Check) bool            // which checks are wanted; nil for all
	Made      func(record.Question) []Made // the records of zones and plans, with their origin; nil for none
	Published []Published                  // the records of the zone files, for record-unclaimed
	Partial   bool                         // some domains or checks were left out: an unused ignore says nothing
	Shard     []int                        // look at these domains only, others do the rest; nil for all
	Unchanged map[record.Name]bool         // domains of which the file asks what it did: their findings are warnings at most
	Touched   func(record.Question) bool   // whether the records changed that answer a question: a domain that asks it did change; nil where none did
	Done      func(*Domain)                // called as each domain is done; may be nil
}

// Outcome is a whole run.
type Outcome struct {
	Domains  []Domain                   // in the order of the file
	Answered bool                       // whether any question at all had an answer
	Partial  bool                       // some domains or checks were left out
	Findings []Finding                  // those that belong to the file or the zone files, and to no domain
	Looked   []Looked                   // which of the checks that belong to no part of a domain were looked at
	Held     []Finding                  // of a shard, instead of Findings: each stands only if every shard has it
	Ending   []config.Ignore            // ignores that end within a week
	Off      []string                   // checks that the file turned off
	Lowered  []string                   // checks whose severity the file lowers
	SPF      map[record.Name]*SPFRecord // with Options.Trees: what stands at every name that was looked at
}

// scope is the checks that are judged about one record.
type scope struct {
	record record.Question
	checks []*Check
}

// caching is an asker that keeps its answers.
type caching interface {
	record.Asker
	answers(yield func(*record.Answer) bool) // so far, in no order
}

// asks is whom a part asks.
type asks struct {
	*crew
	own    caching      // answers are dropped when the domain is judged
	shared record.Asker // answers are kept for the run: names that many domains refer to
	forest *spf.Forest  // the SPF trees of shared names

	domains map[record.Name]*config.Domain // of the file

	pictures bool // what is seen is kept for the reports
}

// picture is where to keep what is seen; nil for nowhere.
func (a asks) picture() *Picture {
	if !a.pictures {
		return nil
	}
	return &Picture{}
}

// examiner is a part of a domain, whatever types it observes with.
type examiner interface {
	part() Part
	look(*config.Domain) look // nil where the file asks for nothing there
}

// look is one part of one domain.
type look interface {
	part() Part
	scopes() []scope
	subjects() [][]string // of each scope, the items of the file that it is about; nil where the part lists none
	examine(context.Context, asks) verdict
}

// examiners are the parts, in the order of the documentation.
var examiners = []examiner{
	&domainPart,
	&verificationPart,
	&dkimPart,
	&ownKeyPart,
	&mailFromPart,
	&spfPart,
	&dmarcPart,
	&receivingPart,
	&trackingPart,
}

// looksAt returns what there is to look at in a domain: itself, and the parts
// of which the file asks for something.
func looksAt(d *config.Domain) []look {
	looks := make([]look, 0, len(examiners))
	for _, e := range examiners {
		if l := e.look(d); l != nil {
			looks = append(looks, l)
		}
	}
	return looks
}

// aspect is an examiner: W is what the file wants of one thing in the part, S
// what was seen of it.
type aspect[W, S any] struct {
	Part
	wants   func(*config.Domain) []W // none: nothing is asked
	scope   func(W) []scope          // what is judged, and about which record
	items   func(W) []string         // what the file lists, of which findings are the subjects; nil for nothing, else there is one scope
	observe func(context.Context, asks, W) S
	judge   func(W, S) verdict   // pure
	show    func(W, S, *Picture) // keeps what was seen for the reports; nil where they show none
}

func (p *aspect[W, S]) part() Part { return p.Part }

func (p *aspect[W, S]) look(d *config.Domain) look {
	wants := p.wants(d)
	if len(wants) == 0 {
		return nil
	}
	return &aspectLook[W, S]{p, wants}
}

// aspectLook is what the file wants of a part of one domain.
type aspectLook[W, S any] struct {
	*aspect[W, S]
	wanted []W
}

func (l *aspectLook[W, S]) scopes() []scope {
	if len(l.wanted) == 1 {
		return l.scope(l.wanted[0])
	}
	var all []scope
	for _, w := range l.wanted {
		all = append(all, l.scope(w)...)
	}
	return all
}

func (l *aspectLook[W, S]) subjects() (all [][]string) {
	if l.items == nil {
		return nil
	}
	for _, w := range l.wanted {
		all = append(all, l.items(w))
	}
	return all
}

func (l *aspectLook[W, S]) examine(ctx context.Context, a asks) verdict {
	seen := make([]S, len(l.wanted))
	a.each(len(l.wanted), func(i int) { seen[i] = l.observe(ctx, a, l.wanted[i]) })
	v := verdict{picture: a.picture()}
	for i, w := range l.wanted {
		one := l.judge(w, seen[i])
		v.findings = append(v.findings, one.findings...)
		v.undecided = append(v.undecided, one.undecided...)
		v.moot = append(v.moot, one.moot...)
		v.trees = append(v.trees, one.trees...)
		v.hidden = append(v.hidden, one.hidden...)
		if v.picture != nil && l.show != nil {
			l.show(w, seen[i], v.picture)
		}
	}
	v.belongs(l.Name)
	return v
}

// belongs notes the part that a verdict is about.
func (v *verdict) belongs(part wanted.Part) {
	for i := range v.findings {
		v.findings[i].Part = part
	}
	for i := range v.undecided {
		v.undecided[i].part = part
	}
}

// Run checks every domain of the file, a window of them at a time.
func Run(ctx context.Context, file *config.File, r Resolver, o Options) *Outcome {
	shared := newRunMemory(r)
	crew := newCrew()
	defer crew.dismiss()
	run := &run{
		crew:     crew,
		resolver: r,
		shared:   shared,
		forest:   spf.NewForest(ctx, shared),
		options:  o,
		settling: newSettling(file, o),
		domains:  byName(file),
		trees:    map[record.Name]*SPFRecord{},
	}
	todo := o.todo(file)
	out := &Outcome{Domains: make([]Domain, len(todo)), Partial: o.Partial, Off: run.settling.off(), Lowered: run.settling.lowered()}
	var mu sync.Mutex
	crew.through(len(todo), newPlaces(o.Window), func(i int) {
		d, answered := run.domain(ctx, &file.Domains[todo[i]])
		out.Domains[i] = d
		mu.Lock()
		defer mu.Unlock()
		out.Answered = out.Answered || answered
		if o.Done != nil {
			o.Done(&out.Domains[i])
		}
	})
	out.Findings, out.Ending = run.settling.housekeeping()
	out.Looked = run.settling.kept()
	if o.Shard != nil {
		out.Held, out.Findings = out.Findings, nil
	}
	out.SPF = run.trees
	return out
}

// byName are the domains of a file by their names.
func byName(file *config.File) map[record.Name]*config.Domain {
	all := make(map[record.Name]*config.Domain, len(file.Domains))
	for i := range file.Domains {
		all[file.Domains[i].Name] = &file.Domains[i]
	}
	return all
}

// todo are the domains to look at, by their index in the file.
func (o Options) todo(file *config.File) []int {
	if o.Shard != nil {
		return o.Shard
	}
	all := make([]int, len(file.Domains))
	for i := range all {
		all[i] = i
	}
	return all
}

type run struct {
	crew     *crew
	resolver Resolver
	shared   *memory
	forest   *spf.Forest
	options  Options
	settling *settling
	domains  map[record.Name]*config.Domain

	mu    sync.Mutex
	trees map[record.Name]*SPFRecord
}

// domain examines one domain. answered says whether any question about it had
// an answer.
func (r *run) domain(ctx context.Context, d *config.Domain) (_ Domain, answered bool) {
	looks := looksAt(d)
	if ctx.Err() != nil {
		v := verdict{undecided: []undecided{r.notBegun(ctx, d, looks)}}
		v.unchanged = r.options.Unchanged[d.Name] && r.options.Touched == nil
		return r.settling.settle(d, looks, v), false
	}
	own := newMemory(r.resolver)
	a := asks{crew: r.crew, own: own, shared: r.shared, forest: r.forest, domains: r.domains, pictures: r.options.Pictures}
	noted := r.note(d, &a)
	verdicts, gone := standing(r.examine(ctx, a, looks))
	v := together(verdicts)
	r.confirm(ctx, own, d, looks, &v)
	lame(own, d, &v)
	r.wildcards(ctx, a, own, d, &v)
	v.besideCNAMEs()
	r.lostZone(ctx, a, d, looks, &v)
	r.keepTrees(verdicts, len(v.findings))
	var seen *Picture
	if r.options.Pictures && !gone {
		seen = picture(d, verdicts, v.findings)
		seen.Mails = r.mails(ctx, own, seen)
	}
	for got := range own.answers {
		if got.Status != record.Unknown || got.Failure.Fault == record.Promised {
			answered = true
		} else if !gone {
			v.failed(*got, d.Place)
		}
	}
	v.unchanged = r.options.Unchanged[d.Name] && !r.touched(own, noted, verdicts)
	out := r.settling.settle(d, looks, v)
	out.Picture = seen
	return out, answered
}

// standing are the verdicts that count: where the domain does not exist, only
// that.
func standing(verdicts []verdict) (_ []verdict, gone bool) {
	i := slices.IndexFunc(verdicts, verdict.replacesAll)
	if i < 0 {
		return verdicts, false
	}
	v := &verdicts[i]
	v.findings = slices.DeleteFunc(v.findings, func(f Finding) bool { return !f.Check.ReplacesAll })
	return verdicts[i : i+1], true
}

// together is what all parts have to say that may be believed.
func together(verdicts []verdict) (v verdict) {
	for _, one := range verdicts {
		v.findings = append(v.findings, one.believed()...)
		v.undecided = append(v.undecided, one.undecided...)
		v.moot = append(v.moot, one.moot...)
		v.hidden = append(v.hidden, one.hidden...)
	}
	return v
}

// examine looks at the parts side by side; at the domain itself, which is the
// first, last, since it is asked about only where all else was in vain.
func (r *run) examine(ctx context.Context, a asks, looks []look) []verdict {
	verdicts := make([]verdict, len(looks))
	a.each(len(looks)-1, func(i int) { verdicts[i+1] = looks[i+1].examine(ctx, a) })
	verdicts[0] = looks[0].examine(ctx, a)
	verdicts[0].findings = slices.DeleteFunc(verdicts[0].findings, func(f Finding) bool {
		return f.Check.ReplacesAll && !r.settling.wanted(f.Check) // it cannot stand for others then
	})
	return verdicts
}

func (r *run) keepTrees(verdicts []verdict, found int) {
	if !r.options.Trees && found == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range verdicts {
		for _, t := range v.trees {
			addTree(r.trees, t)
		}
	}
}

// replacesAll reports whether the domain does not exist, so that nothing else
// is worth saying.
func (v verdict) replacesAll() bool {
	return slices.ContainsFunc(v.findings, func(f Finding) bool { return f.Check.ReplacesAll })
}

// believed returns the findings that rest on answers. This is the one place
// that keeps a failed question from becoming a finding, whatever a judge says.
func (v verdict) believed() []Finding {
	return slices.DeleteFunc(v.findings, func(f Finding) bool {
		return slices.ContainsFunc(f.rests, func(a record.Answer) bool { return a.Status == record.Unknown })
	})
}

// failed makes sure that a failed question is told even if no judge did.
func (v *verdict) failed(a record.Answer, place config.Place) {
	if slices.Contains(v.moot, a.Failure.Question) {
		return
	}
	for _, u := range v.undecided {
		if u.answer.Failure.Question == a.Failure.Question {
			return
		}
	}
	v.unknown(a, a.Question, place)
}

// notBegun is the inconclusive outcome of a domain whose turn never came.
func (r *run) notBegun(ctx context.Context, d *config.Domain, looks []look) undecided {
	q := record.Question{Name: d.Name, Type: record.SOA}
	u := undecided{
		place: d.Place,
		answer: record.Answer{Question: q, Failure: &record.Failure{
			Question: q, Fault: record.Interrupted, Detail: context.Cause(ctx).Error(),
		}},
	}
	u.checks = checksOf(looks)
	return u
}

// checksOf are the checks that are made of a domain, each once.
func checksOf(looks []look) (all []*Check) {
	for _, l := range looks {
		for _, s := range l.scopes() {
			for _, c := range s.checks {
				if !slices.Contains(all, c) {
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// Package check compares the file's expectations of a domain with DNS, and
// explains the differences.
//
// A domain has parts: verification, dkim, mail-from and so on, each a folder in
// part/. A part queries DNS (observe), and then compares (judge), which is pure.
// This package runs the parts, and implements what they share: a failed query is
// never a missing record, an absence is confirmed before it is reported, and the
// file silences findings.
//
// The package reads no files, and knows neither transports nor report formats.
package check

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/ses"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Resolver answers queries. Resolvers are those that confirm an answer, each
// without caches; several if the user named several.
type Resolver interface {
	record.Asker
	Resolvers() []record.Asker
}

// Options are the options of a run.
type Options struct {
	Window    int                                  // domains at the same time; more while answers are slow
	Now       time.Time                            // for `pending_until` and `until`
	Strict    bool                                 // the file silences nothing
	Verbose   bool                                 // keep a row for every check and record
	Looked    func(record.Name) bool               // domains for which Domain.Looked is kept; nil for none
	Authority bool                                 // the zones' own servers are queried, so lame ones are reported
	Snapshots bool                                 // keep the records of each domain
	Mails     []spf.Mail                           // with Snapshots: evaluate SPF for these
	Trees     bool                                 // keep the SPF trees of all domains, not only of those with findings
	Selected  func(*finding.Check) bool            // checks to report; nil for all
	Made      func(record.Question) []finding.Made // records of zones and plans with their origin; nil for none
	Given     []GivenZone                          // whole zones of the user, for zone-not-live
	SES       *account.Account                     // the state of Amazon SES, for its checks; may be nil
	Some      bool                                 // domains of the file were left out, so a missing one may be in it
	Live      record.Asker                         // DNS without the user's zones and plans; nil if offline
	Published []Published                          // records of zone files, for record-unclaimed
	Partial   bool                                 // domains or checks were left out, so an ignore without a match may be in use
	Shard     []int                                // indices of the domains of this shard; nil for all
	Unchanged map[record.Name]bool                 // domains that did not change in the file: their findings are at most warnings
	Touched   func(record.Question) bool           // reports whether a query's records changed, so that domains with it did change; nil if none changed
	Done      func(*Domain)                        // called after each domain; may be nil
}

// Outcome is the result of a run.
type Outcome struct {
	Domains  []Domain                            // in the order of the file
	Answered bool                                // at least one query was answered
	Partial  bool                                // domains or checks were left out
	Findings []finding.Finding                   // those of the file and the zone files; each Domain has its own
	Looked   []Looked                            // decided checks that belong to no part of a domain
	Held     []finding.Finding                   // of a shard, instead of Findings: a finding counts only if every shard has it
	Ending   []config.Ignore                     // ignores that end within a week
	Off      []string                            // checks that the file turned off
	Lowered  []string                            // checks whose severity the file lowers
	SPF      map[record.Name]*snapshot.SPFRecord // with Options.Trees: the SPF record at every name
}

// Run checks all domains of the file, a window of them at a time.
func Run(ctx context.Context, file *config.File, r Resolver, o Options) *Outcome {
	shared := part.NewRunCache(r)
	workers := newWorkers()
	defer workers.close()
	left := leftovers(file, o.Published)
	run := &run{
		workers:  workers,
		resolver: r,
		shared:   shared,
		forest:   spf.NewForest(ctx, shared),
		options:  o,
		settling: newSettling(file, o),
		domains:  part.NewDomains(file.Domains),
		trees:    map[record.Name]*snapshot.SPFRecord{},
		reached:  authorizing(left),
	}
	todo := o.todo(file)
	out := &Outcome{Domains: make([]Domain, len(todo)), Partial: o.Partial, Off: run.settling.off(), Lowered: run.settling.lowered()}
	var mu sync.Mutex
	workers.limited(len(todo), newSemaphore(o.Window), func(i int) {
		d, answered := run.domain(ctx, &file.Domains[todo[i]])
		out.Domains[i] = d
		mu.Lock()
		defer mu.Unlock()
		out.Answered = out.Answered || answered
		if o.Done != nil {
			o.Done(&out.Domains[i])
		}
	})
	notLive, failed := run.zonesLive(ctx, file)
	out.Findings, out.Ending = run.settling.housekeeping(slices.Concat(notLive, unavailable(failed), run.unlistedInSES(), unclaimed(file, o.Published, left, run.reached)))
	out.Looked = run.settling.kept(failed)
	if o.Shard != nil {
		out.Held, out.Findings = out.Findings, nil
	}
	out.SPF = run.trees
	return out
}

// newAsker returns the asker of the parts, without the fields for one domain.
func newAsker(ctx context.Context, w *workers, shared *part.Cache) part.Asker {
	return part.Asker{Each: w.each, Shared: shared, Forest: spf.NewForest(ctx, shared)}
}

// todo are the indices of the domains to check.
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
	workers  *workers
	resolver Resolver
	shared   *part.Cache
	forest   *spf.Forest
	options  Options
	settling *settling
	domains  *part.Domains

	mu    sync.Mutex // for trees and reached
	trees map[record.Name]*snapshot.SPFRecord

	// names of leftover SPF records that authorise SES: whether a live SPF record
	// leads to them
	reached map[record.Name]bool
}

// domain examines one domain. answered says whether at least one query was
// answered.
func (r *run) domain(ctx context.Context, d *config.Domain) (_ Domain, answered bool) {
	exams := examinations(d)
	if ctx.Err() != nil {
		v := part.Verdict{Undecided: []part.Undecided{r.notBegun(ctx, d, exams)}}
		unchanged := r.options.Unchanged[d.Name] && r.options.Touched == nil
		return r.settling.settle(d, examinedOf(exams, nil), v, unchanged), false
	}
	own := part.NewCache(r.resolver)
	a := part.Asker{Each: r.workers.each, Own: own, Shared: r.shared, Forest: r.forest, Domains: r.domains, Snapshots: r.options.Snapshots}
	var found *discovery
	var near *beside
	if d.Open {
		found = discover(ctx, a, d.Name)
		d = found.with(d)
		exams = examinations(d)
		near = observeBeside(ctx, a, d.Name)
	}
	noted := r.note(d, &a)
	verdicts, gone := effective(r.examine(ctx, a, exams))
	v := together(verdicts)
	r.confirm(ctx, own, d, exams, &v)
	lame(own, d, &v)
	r.wildcards(ctx, a, own, d, &v)
	elsewhereSPF(&v)
	besideCNAMEs(ctx, a, &v)
	r.movedZone(ctx, a, d, exams, &v)
	side := ses.Compare(ctx, a, d, r.options.SES, r.options.Now, &v)
	r.keepTrees(verdicts, len(v.Findings))
	r.reach(verdicts)
	var seen *snapshot.Snapshot
	if r.options.Snapshots && !gone {
		seen = snapshotOf(d, verdicts, v.Findings)
		seen.Mails = r.mails(ctx, own, seen)
		if found != nil {
			seen.Discovery = found.snapshot()
			seen.Beside = near.snapshot(seen)
			seen.Receivers = snapshot.ReceiversOf(d, seen, r.options.Now)
		}
	}
	if found != nil {
		v.Moot = append(append(v.Moot, found.unanswered...), near.unanswered()...)
	}
	for got := range own.Answers {
		if got.Status != record.Unknown || got.Failure.Fault == record.Promised {
			answered = true
		} else if !gone {
			failed(&v, *got, d.Place)
		}
	}
	unchanged := r.options.Unchanged[d.Name] && !r.touched(own, noted, verdicts)
	out := r.settling.settle(d, examinedOf(exams, side), v, unchanged)
	out.Snapshot = seen
	if !r.options.SES.Empty() && !gone && side.Unlooked(d) {
		out.Unlooked = append(out.Unlooked, wanted.SES)
	}
	return out, answered
}

// unlistedInSES reports domains of SES that are not in the file.
func (r *run) unlistedInSES() []finding.Finding {
	if r.options.Some {
		return nil
	}
	return ses.Unlisted(r.options.SES, r.domains)
}

// examinedOf are the parts of a domain to count, with the state in SES.
func examinedOf(exams []part.Examination, side *ses.Side) (all []part.Examined) {
	for _, e := range exams {
		all = append(all, e)
	}
	if side != nil {
		all = append(all, side)
	}
	return all
}

// effective are the verdicts that count: if the domain does not exist, only that
// one.
func effective(verdicts []part.Verdict) (_ []part.Verdict, gone bool) {
	i := slices.IndexFunc(verdicts, part.Verdict.ReplacesAll)
	if i < 0 {
		return verdicts, false
	}
	v := &verdicts[i]
	v.Findings = slices.DeleteFunc(v.Findings, func(f finding.Finding) bool { return !f.Check.ReplacesAll })
	return verdicts[i : i+1], true
}

// together joins the believed findings of all verdicts.
func together(verdicts []part.Verdict) (v part.Verdict) {
	for _, one := range verdicts {
		one.Findings = one.Believed()
		v.Join(one)
	}
	return v
}

// examine runs the parts at the same time. The domain itself, which is first,
// comes last: it is queried only if no part found a record.
func (r *run) examine(ctx context.Context, a part.Asker, exams []part.Examination) []part.Verdict {
	verdicts := make([]part.Verdict, len(exams))
	a.Each(len(exams)-1, func(i int) { verdicts[i+1] = exams[i+1].Examine(ctx, a) })
	verdicts[0] = exams[0].Examine(ctx, a)
	verdicts[0].Findings = slices.DeleteFunc(verdicts[0].Findings, func(f finding.Finding) bool {
		return f.Check.ReplacesAll && !r.settling.wanted(f.Check) // turned off, it cannot replace findings
	})
	return verdicts
}

func (r *run) keepTrees(verdicts []part.Verdict, found int) {
	if !r.options.Trees && found == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range verdicts {
		for _, t := range v.Trees {
			snapshot.AddTree(r.trees, t)
		}
	}
}

// reach notes which names of SPF records in zone files the live SPF records lead to.
func (r *run) reach(verdicts []part.Verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.reached) == 0 {
		return
	}
	for _, v := range verdicts {
		for _, t := range v.Trees {
			for _, n := range t.Nodes {
				for _, name := range slices.Concat(n.Answer.Chain, []record.Name{n.Name}) {
					if _, ok := r.reached[name]; ok {
						r.reached[name] = true
					}
				}
			}
		}
	}
}

// failed makes sure that a failed query is reported, even if no judge did.
func failed(v *part.Verdict, a record.Answer, place config.Place) {
	if slices.Contains(v.Moot, a.Failure.Question) {
		return
	}
	v.Unknown(a, a.Question, place)
}

// notBegun is the inconclusive result of a domain that the run did not reach.
func (r *run) notBegun(ctx context.Context, d *config.Domain, exams []part.Examination) part.Undecided {
	q := record.Question{Name: d.Name, Type: record.SOA}
	u := part.Undecided{
		Place: d.Place,
		Answer: record.Answer{Question: q, Failure: &record.Failure{
			Question: q, Fault: record.Interrupted, Detail: context.Cause(ctx).Error(),
		}},
	}
	u.Checks = checksOf(exams)
	return u
}

// checksOf are the checks of a domain, each once.
func checksOf(exams []part.Examination) (all []*finding.Check) {
	for _, l := range exams {
		for _, s := range l.Scopes() {
			for _, c := range s.Checks {
				if !slices.Contains(all, c) {
					all = append(all, c)
				}
			}
		}
	}
	return all
}

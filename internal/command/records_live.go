package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

// This file compares the records of the file with live ones, for --merge and
// --only-missing.

// live is the state of DNS.
type live struct {
	recordsFlags
	whole   bool // the output replaces whole RRsets
	domains map[record.Name]*check.Domain
	spf     map[record.Name]check.AmendedSPF
	answers map[record.Question]record.Answer

	notes      []wanted.Note
	unanswered []error // why records are left out
	cannot     []error
}

// ask queries DNS and returns the records left to publish. left is the exit code if
// a record is left out; stderr has the reason.
func (run *recordsRun) ask(ctx context.Context, env *Env, sets []wanted.Set, notes []wanted.Note) (_ []wanted.Set, _ []wanted.Note, left *exit, err error) {
	resolver, done, err := run.dnsFlags.resolver(run.from)
	if err != nil {
		return nil, nil, nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	ctx, cancel := run.within(ctx, 2*len(run.file.Domains), 0)
	defer cancel()
	l := &live{recordsFlags: run.recordsFlags, whole: run.format.Whole, domains: map[record.Name]*check.Domain{}}
	window := app.Window(run.inFlight())
	outcome := check.Run(ctx, run.file, resolver, check.Options{Window: window, Now: time.Now(), Strict: true, Partial: true})
	for i := range outcome.Domains {
		l.domains[outcome.Domains[i].Name] = &outcome.Domains[i]
	}
	if run.merge {
		l.spf = check.AmendSPF(ctx, run.file.Domains, resolver, window)
	}
	l.answers = askAll(ctx, resolver, window, sets)
	var kept []wanted.Set
	for _, s := range sets {
		if s, ok := l.set(s); ok {
			kept = append(kept, s)
		}
	}
	for _, why := range slices.Concat(l.cannot, l.unanswered) {
		env.fail(why)
	}
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		left = &exit{code: exitInterrupted}
	case len(l.cannot) > 0:
		left = &exit{code: exitFindings}
	case len(l.unanswered) > 0:
		left = &exit{code: exitInconclusive}
	}
	notes = append(notes, l.notes...)
	if run.onlyMissing { // no notes for domains without missing records
		notes = slices.DeleteFunc(notes, func(n wanted.Note) bool {
			return !slices.ContainsFunc(kept, func(s wanted.Set) bool { return s.Records[0].Domain == n.Domain })
		})
	}
	return kept, notes, left, nil
}

// askAll queries the sets.
func askAll(ctx context.Context, r *resolve.Resolver, window int, sets []wanted.Set) map[record.Question]record.Answer {
	all := map[record.Question]record.Answer{}
	slots := make(chan struct{}, window)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, s := range sets {
		slots <- struct{}{}
		wg.Go(func() {
			got := askFor(ctx, r, s)
			mu.Lock()
			for _, a := range got {
				all[a.Question] = a
			}
			mu.Unlock()
			<-slots
		})
	}
	wg.Wait()
	return all
}

// notBesideCNAME are types of records that a name of a wanted CNAME may have.
var notBesideCNAME = []record.Type{record.A, record.AAAA, record.MX, record.TXT}

// askFor queries a set, and for a missing CNAME the other records at its name. It leaves
// out what comes from a wildcard, except for the CNAMEs to DMARC records, which count.
func askFor(ctx context.Context, r *resolve.Resolver, s wanted.Set) []record.Answer {
	a := r.Ask(ctx, s.Question)
	if len(a.Chain) > 0 && s.Records[0].Part != wanted.DMARCRecord && part.FromWildcard(ctx, r, a) {
		return []record.Answer{{Question: s.Question, Status: record.NoName}}
	}
	all := []record.Answer{a}
	if s.Type != record.CNAME || a.Status != record.NoData {
		return all
	}
	for _, t := range notBesideCNAME {
		if other := r.Ask(ctx, record.Question{Name: s.Name, Type: t}); !part.FromWildcard(ctx, r, other) {
			all = append(all, other)
		}
	}
	return all
}

// set returns the part of a set to publish; ok is false for none.
func (l *live) set(s wanted.Set) (_ wanted.Set, ok bool) {
	out := wanted.Set{Question: s.Question}
	missing := false
	for _, r := range s.Records {
		r, keep, lacks := l.record(r)
		if !keep {
			if lacks && l.whole { // the output replaces the RRset, so it needs every record
				return s, false
			}
			continue
		}
		missing = missing || lacks
		out.Records = append(out.Records, r)
	}
	if len(out.Records) == 0 || l.onlyMissing && !missing {
		return s, false
	}
	if !l.whole {
		return out, true
	}
	return l.withOthers(s, out)
}

// record returns what to publish for a wanted record. keep is false for nothing;
// lacks means that DNS lacks the record, or that this is unknown.
func (l *live) record(r wanted.Record) (_ wanted.Record, keep, lacks bool) {
	has, known := l.domains[r.Domain].Has(r)
	m, amended := l.spf[r.Owner]
	amended = amended && r.Part == wanted.SPFRecord
	if why := l.domains[r.Domain].Blocked(r); why != "" && r.Part != wanted.DMARCRecord {
		l.cannot = append(l.cannot, fmt.Errorf("the %s record of %s was left out: %s", r.Data.Type, r.Owner, why))
		return r, false, true
	}
	switch {
	case amended && m.Failure != nil:
		l.unknown(r, m.Failure)
		return r, false, true
	case amended && m.Why != "" && (l.onlyMissing && has && known):
		return r, false, false
	case amended && m.Why != "":
		l.cannot = append(l.cannot, fmt.Errorf("%s; its record was left out", m.Why))
		return r, false, true
	case amended:
		r.Data = record.NewTXT(m.Text)
		if m.Changed && m.Live {
			r.Purpose += ", changed"
			l.note(r, "the SPF record of %s replaces the live one; do not publish both", r.Owner)
		}
		for _, n := range m.Notes {
			l.note(r, "about the SPF record of %s: %s", r.Owner, n)
		}
		return r, m.Changed || !l.onlyMissing || l.whole, m.Changed
	case !known && (l.onlyMissing || r.Part == wanted.DMARCRecord):
		l.unknown(r, l.failure(r))
		return r, false, true
	case r.Part == wanted.DMARCRecord:
		return l.dmarc(r, has)
	case l.besideCNAME(r):
		return l.notBeside(r, has)
	case has && l.onlyMissing && !l.whole:
		return r, false, false
	case !has:
		l.noteReplaced(r, l.replaces(r))
		l.noteExcluded(r)
	}
	return r, true, !has
}

// besideCNAME reports whether a record would be next to a live CNAME that no finding
// removes.
func (l *live) besideCNAME(r wanted.Record) bool {
	a := l.answers[record.Question{Name: r.Owner, Type: r.Data.Type}]
	return r.Data.Type != record.CNAME && len(a.Chain) > 0 && !slices.Contains(l.excluded(r), record.CNAME)
}

// notBeside leaves out a record at a name with a CNAME (RFC 1034 section 3.6.2).
func (l *live) notBeside(r wanted.Record, has bool) (_ wanted.Record, keep, lacks bool) {
	a := l.answers[record.Question{Name: r.Owner, Type: r.Data.Type}]
	switch {
	case !has:
		l.cannot = append(l.cannot, fmt.Errorf("the %s record of %s was left out: %s is a CNAME to %s, and no other record can share its name; delete it first", r.Data.Type, r.Owner, r.Owner, a.Chain[0]))
	case !l.onlyMissing:
		l.note(r, "the %s record at %s, to which %s is a CNAME, is enough; %s needs no other one", r.Data.Type, a.Owner(), r.Owner, r.Owner)
	}
	return r, false, !has
}

// dmarc returns what to publish for a domain's DMARC record. A live record that
// satisfies the file stays, since the file is a minimum. --merge changes a record
// as the fix of a finding does; if that is impossible, there is nothing to publish.
func (l *live) dmarc(r wanted.Record, has bool) (_ wanted.Record, keep, lacks bool) {
	a := l.answers[record.Question{Name: r.Owner, Type: record.TXT}]
	text, why := l.domains[r.Domain].AmendedDMARC()
	own := len(a.Chain) == 0 && slices.ContainsFunc(a.Records, func(at record.Record) bool { return l.excludes(r, at, a) })
	switch {
	case why != "" && (l.merge && (own || !has) || !has && len(a.Chain) > 0):
		l.cannot = append(l.cannot, fmt.Errorf("the DMARC record of %s was left out: %s", r.Domain, why))
		return r, false, true
	case l.merge && text.Len() > 0 && (own || !has):
		r.Data = record.NewTXT(text.Raw())
		if own {
			r.Purpose += ", changed"
		}
		l.noteReplaced(r, own)
		return r, true, true
	case !has:
		l.noteReplaced(r, own)
		return r, true, true
	case l.onlyMissing && !l.whole:
		return r, false, false
	}
	for _, at := range a.Records {
		if len(a.Chain) == 0 && dmarc.Is(at.Text()) && at.Text().Plain() {
			r.Data = record.NewTXT(at.Text().Raw())
			return r, !l.onlyMissing, false
		}
	}
	switch {
	case l.onlyMissing:
	case len(a.Chain) > 0 && slices.ContainsFunc(a.Records, func(at record.Record) bool { return dmarc.Is(at.Text()) }):
		l.note(r, "the DMARC record at %s, to which %s is a CNAME, is enough; %s needs no other one", a.Owner(), r.Owner, r.Domain)
	default:
		l.note(r, "the DMARC record that %s inherits is enough; it needs no record of its own", r.Domain)
	}
	return r, false, false
}

// noteReplaced adds a note that a record replaces live ones.
func (l *live) noteReplaced(r wanted.Record, something bool) {
	if something {
		l.note(r, "the %s record of %s replaces the live one; do not publish both", r.Data.Type, r.Owner)
	}
}

// noteExcluded adds a note for each type of live record that must go first, because
// it or the wanted record is a CNAME (RFC 1034 section 3.6.2).
func (l *live) noteExcluded(r wanted.Record) {
	for _, t := range l.excluded(r) {
		l.note(r, "delete the %s record of %s first: a CNAME shares its name with no other record", t, r.Owner)
	}
}

// excluded are the types of live records that cannot be at a name with a wanted
// record, because they or it are a CNAME.
func (l *live) excluded(r wanted.Record) (types []record.Type) {
	for _, f := range l.domains[r.Domain].Findings {
		if f.Record != (record.Question{Name: r.Owner, Type: r.Data.Type}) {
			continue
		}
		for _, old := range f.Drop {
			t := old.Data.Type
			if old.Owner == r.Owner && (t == record.CNAME) != (r.Data.Type == record.CNAME) && !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
	}
	if r.Data.Type != record.CNAME {
		return types
	}
	for _, t := range notBesideCNAME {
		if a := l.answers[record.Question{Name: r.Owner, Type: t}]; a.Status == record.Found && !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	return types
}

// replaces reports whether a record replaces a live one.
func (l *live) replaces(r wanted.Record) bool {
	a := l.answers[record.Question{Name: r.Owner, Type: r.Data.Type}]
	return r.Sole() && slices.ContainsFunc(a.Records, func(at record.Record) bool { return l.excludes(r, at, a) })
}

// excludes reports whether a live record of an answer excludes a wanted one. A garbled
// DMARC record next to a valid one does not: receivers ignore it.
func (l *live) excludes(r wanted.Record, at record.Record, a record.Answer) bool {
	switch r.Part {
	case wanted.SPFRecord:
		replaced := func(o record.Record) bool { return o.Text() == at.Text() }
		return spf.Is(at.Text()) || slices.ContainsFunc(l.spf[r.Owner].Replaces, replaced)
	case wanted.DMARCRecord:
		if slices.ContainsFunc(a.Records, func(o record.Record) bool { return dmarc.Is(o.Text()) }) {
			return dmarc.Is(at.Text())
		}
		_, isDMARC := dmarc.Recognize(at)
		return isDMARC
	}
	return r.Sole()
}

// withOthers adds the live records that stay to a set.
func (l *live) withOthers(s, out wanted.Set) (_ wanted.Set, ok bool) {
	a := l.answers[s.Question]
	if !shared(s) && s.Type != record.TXT {
		return out, true // other types have no foreign records
	}
	if a.Status == record.Unknown {
		l.unknown(s.Records[0], a.Failure)
		return s, false
	}
	for _, at := range a.Records {
		same := func(r record.Record) bool {
			return r.Type == record.TXT && r.Text() == at.Text() || r.String() == at.String()
		}
		if slices.ContainsFunc(out.All(), same) || slices.ContainsFunc(s.Records, func(r wanted.Record) bool { return l.excludes(r, at, a) }) {
			continue
		}
		if at.Type == record.TXT && !at.Text().Plain() {
			l.cannot = append(l.cannot, fmt.Errorf("a TXT record of %s has characters that cannot be copied: %.80s; its records were left out", s.Name, at.Text()))
			return s, false
		}
		out.Live = append(out.Live, at)
	}
	return out, true
}

func (l *live) note(r wanted.Record, format string, args ...any) {
	l.notes = append(l.notes, wanted.Note{Domain: r.Domain, Text: fmt.Sprintf(format, args...)})
}

// unknown notes that a query about a record has no answer.
func (l *live) unknown(r wanted.Record, why error) {
	l.unanswered = append(l.unanswered, fmt.Errorf("%s: %s %s is not known, and was left out: %w", r.Domain, r.Owner, r.Data.Type, why))
}

// failure returns the reason why a record is unknown.
func (l *live) failure(r wanted.Record) error {
	for _, f := range l.domains[r.Domain].Findings {
		if f.Status == finding.Inconclusive {
			return errors.New(f.Message)
		}
	}
	return errors.New("no answer")
}

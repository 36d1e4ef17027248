package report

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// MaxSize bounds a JSON report: several times the size of one about
// config.MaxDomains domains.
const MaxSize = 512 << 20

// maxCount bounds numbers of a report that are added up.
const maxCount = 1 << 30

// Part is a JSON report: of a shard, or of a whole run.
type Part struct {
	run            Run
	outcome        check.Outcome
	shard          Shard
	verbose        bool
	compared       bool // it has a baseline
	fixed, carried []Earlier
}

// Read reads a JSON report from an untrusted source: names, types, checks and
// words must be valid, and texts are escaped again. Unknown keys are skipped.
func Read(r io.Reader) (*Part, error) {
	limited := &io.LimitedReader{R: r, N: MaxSize + 1}
	dec := json.NewDecoder(limited)
	var in jsonReport
	err := dec.Decode(&in)
	switch {
	case limited.N <= 0:
		return nil, fmt.Errorf("it is larger than %d MB", MaxSize>>20)
	case err != nil:
		return nil, fmt.Errorf("this is not a JSON report of sescheck: %w", err)
	case in.SchemaVersion != SchemaVersion || in.Tool.Name != "sescheck":
		return nil, fmt.Errorf("this is not a JSON report of schema version %d", SchemaVersion)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is extra data after the report")
	}
	p := &Part{}
	if err := p.read(&in); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Part) read(in *jsonReport) error {
	if in.DurationMS < 0 || in.DurationMS > maxCount {
		return errors.New("duration_ms is out of bounds")
	}
	if in.Early != "" && in.Early != BySignal && in.Early != ByDeadline {
		return fmt.Errorf("ended_early_by cannot be %s", untrusted.Quote(string(in.Early)))
	}
	p.run = Run{Version: clean(in.Tool.Version), Started: in.StartedAt, Duration: time.Duration(in.DurationMS) * time.Millisecond, Early: in.Early}
	o := &p.outcome
	o.Answered, o.Partial, o.Off, o.Lowered = in.Answered, in.Partial, cleaned(in.Off), cleaned(in.Lowered)
	for _, ig := range in.Ending {
		until, err := time.Parse(time.DateOnly, ig.Until)
		if err != nil {
			return fmt.Errorf("ending: %s is not a date", untrusted.Quote(ig.Until))
		}
		o.Ending = append(o.Ending, config.Ignore{
			Place: ig.Location.place(), Check: config.At[string]{Value: ig.Check}, Owner: ig.Owner, Until: &config.At[time.Time]{Value: until},
		})
	}
	scopes := make([][]*finding.Check, len(in.Scopes))
	var err error
	for i, ids := range in.Scopes {
		if scopes[i], err = lookUpAll(ids); err != nil {
			return err
		}
	}
	if o.Looked, err = readLooked(in.LookedAt, scopes); err != nil {
		return err
	}
	if err := p.readDomains(in.Domains, scopes); err != nil {
		return err
	}
	if err := p.readFindings(in.Findings); err != nil {
		return err
	}
	if err := p.readTrees(in.SPF); err != nil {
		return err
	}
	p.fixed, p.carried = readEarlier(in.Fixed), readEarlier(in.Carried)
	p.compared = p.compared || len(p.fixed)+len(p.carried) > 0
	return p.readShard(in.Shard)
}

// readEarlier reads the findings of the report's own baseline.
func readEarlier(in []Earlier) (all []Earlier) {
	for _, e := range in {
		why, behind := e.Why, e.Behind
		if !e.clean() {
			continue
		}
		if slices.ContainsFunc(whys, func(w reason) bool { return w.why == why }) {
			e.Why = why
		}
		if _, err := lookUp(behind); err == nil {
			e.Behind = behind
		}
		if e.Why != "" {
			e.SESUntil = sesUntil(e.of, e.FirstSeen)
		}
		all = append(all, e)
	}
	return all
}

// Recall copies the comparison with a baseline from reports.
func (r *Report) Recall(parts []*Part) {
	for _, p := range parts {
		if p.compared {
			r.Compared = true
			r.Fixed, r.Carried = append(r.Fixed, p.fixed...), append(r.Carried, p.carried...)
		}
	}
}

func (p *Part) readDomains(in []jsonDomain, scopes [][]*finding.Check) error {
	p.outcome.Domains = make([]check.Domain, len(in))
	for i, d := range in {
		if !canonical(d.Name) || d.Passed < 0 || d.Passed > maxCount {
			return fmt.Errorf("%s is not a valid domain, or its count is out of range", untrusted.Quote(string(d.Name)))
		}
		out := check.Domain{Name: d.Name, Written: cmp.Or(clean(d.Written), string(d.Name)), Passed: d.Passed, Parts: d.Parts, Unlooked: d.Unlooked}
		if err := areParts(slices.Concat(d.Parts, d.Unlooked)...); err != nil {
			return fmt.Errorf("domain %s: %w", d.Name, err)
		}
		for _, row := range d.Checks {
			q, err := row.Record.question()
			if err != nil {
				return err
			}
			c, ok := check.Lookup(row.Check)
			if !ok || !slices.Contains([]finding.Status{finding.Pass, finding.Fail, finding.Inconclusive, finding.Ignored, finding.Promised, finding.Skipped}, row.Status) {
				return fmt.Errorf("domain %s: %s with status %s is not a valid row of checks", d.Name, untrusted.Quote(row.Check), untrusted.Quote(string(row.Status)))
			}
			out.Rows = append(out.Rows, check.Row{Check: c, Record: q, Status: row.Status})
			p.verbose = true
		}
		var err error
		if out.Looked, err = readLooked(d.LookedAt, scopes); err != nil {
			return fmt.Errorf("domain %s: %w", d.Name, err)
		}
		if out.Promises, err = readPromises(d.Promised); err != nil {
			return fmt.Errorf("domain %s: %w", d.Name, err)
		}
		if len(d.Alignment) > 0 {
			out.Snapshot = &snapshot.Snapshot{}
			for _, a := range d.Alignment {
				out.Snapshot.Alignment = append(out.Snapshot.Alignment, snapshot.Alignment{
					Regions: cleaned(a.Regions), Result: clean(a.Result), Legs: cleaned(a.Legs), Sentence: clean(a.Sentence),
				})
			}
			p.verbose = true
		}
		p.outcome.Domains[i] = out
	}
	return nil
}

// areParts returns an error for an invalid part.
func areParts(parts ...wanted.Part) error {
	if i := slices.IndexFunc(parts, func(p wanted.Part) bool { return !check.IsPart(p) }); i >= 0 {
		return fmt.Errorf("%s is not a part of a domain", untrusted.Quote(string(parts[i])))
	}
	return nil
}

// readFindings assigns the findings to their domains. Findings of an unlisted
// domain belong to the file or a zone file.
func (p *Part) readFindings(in []jsonFinding) error {
	at := map[record.Name]int{}
	for i, d := range p.outcome.Domains {
		if _, twice := at[d.Name]; twice {
			return fmt.Errorf("domain %s is listed twice", d.Name)
		}
		at[d.Name] = i
	}
	for i := range in {
		f, err := in[i].finding()
		if err != nil {
			return err
		}
		p.compared = p.compared || in[i].Baseline != ""
		if in[i].FirstSeen.Before(p.run.Started) {
			f.FirstSeen = in[i].FirstSeen
		}
		if d, ok := at[f.Domain]; ok && f.Part != "" {
			p.outcome.Domains[d].Findings = append(p.outcome.Domains[d].Findings, f)
		} else {
			p.outcome.Findings = append(p.outcome.Findings, f)
		}
	}
	return nil
}

func (p *Part) readTrees(in map[record.Name]jsonRecord) error {
	p.outcome.SPF = make(map[record.Name]*snapshot.SPFRecord, len(in))
	for name, rec := range in {
		if !canonical(name) {
			return fmt.Errorf("spf: %s is not a valid name", untrusted.Quote(string(name)))
		}
		out := &snapshot.SPFRecord{
			Text: clean(rec.Record), Octets: rec.Octets, State: clean(rec.State), Left: rec.LeftOut,
			Lookups: atLeast(rec.Lookups, rec.AtLeast), Voids: atLeast(rec.Voids, rec.VoidsAtLeast),
		}
		for _, t := range rec.Terms {
			if t.Target != "" && !canonical(t.Target) {
				return fmt.Errorf("spf: %s is not a valid name", untrusted.Quote(string(t.Target)))
			}
			out.Terms = append(out.Terms, snapshot.SPFTerm{
				Text: clean(t.Term), Leads: t.Target, Lookups: atLeast(t.Lookups, t.AtLeast), Voids: atLeast(t.Voids, false),
				Void: t.Void, Loop: t.Loop, Unread: t.Unread, Cut: t.Cut, Answers: cleaned(t.Answers), More: t.LeftOut,
			})
		}
		p.outcome.SPF[name] = out
	}
	return nil
}

// readShard reads the shard. A report without one is of a whole run.
func (p *Part) readShard(in *jsonShard) error {
	n := len(p.outcome.Domains)
	if in == nil {
		p.shard = Shard{Index: 1, Count: 1, Domains: n}
		for i := range n {
			p.shard.Positions = append(p.shard.Positions, i)
		}
		p.outcome.Held, p.outcome.Findings = p.outcome.Findings, nil
		return nil
	}
	_, err := hex.DecodeString(in.Run)
	switch {
	case err != nil || in.Count < 1 || in.Count > MaxShards || in.Index < 1 || in.Index > in.Count || in.Domains < 0 || in.Domains > config.MaxDomains:
		return errors.New("its shard is not valid")
	case len(in.Positions) != n:
		return fmt.Errorf("it has %d domains, but %d positions", n, len(in.Positions))
	case len(p.outcome.Findings) > 0:
		return fmt.Errorf("it is a shard, but a finding of %s belongs to none of its domains", p.outcome.Findings[0].Check)
	}
	for i, at := range in.Positions {
		if at < 0 || at >= in.Domains || i > 0 && at <= in.Positions[i-1] {
			return fmt.Errorf("position %d is out of range or order", at)
		}
	}
	p.shard = Shard{Index: in.Index, Count: in.Count, Run: in.Run, Domains: in.Domains, Positions: in.Positions}
	for i := range in.Held {
		f, err := in.Held[i].finding()
		if err != nil {
			return err
		}
		p.outcome.Held = append(p.outcome.Held, f)
	}
	return nil
}

// finding restores a finding of the run, without its comparison with a baseline.
func (in *jsonFinding) finding() (finding.Finding, error) {
	of, err := lookUp(in.Check)
	if err != nil {
		return finding.Finding{}, err
	}
	undecided, err := lookUpAll(in.Undecided)
	if err != nil {
		return finding.Finding{}, err
	}
	if !slices.Contains([]finding.Status{finding.Fail, finding.Inconclusive, finding.Ignored}, in.Status) || in.Severity == 0 {
		return finding.Finding{}, fmt.Errorf("a finding of %s has no severity, or status %s", in.Check, untrusted.Quote(string(in.Status)))
	}
	if in.Domain != "" && !canonical(in.Domain) {
		return finding.Finding{}, fmt.Errorf("a finding of %s has domain %s, which is not a valid name", in.Check, untrusted.Quote(string(in.Domain)))
	}
	if in.Part != "" {
		if err := areParts(in.Part); err != nil {
			return finding.Finding{}, fmt.Errorf("a finding of %s: %w", in.Check, err)
		}
	}
	q, err := in.Record.question()
	if err != nil {
		return finding.Finding{}, fmt.Errorf("a finding of %s: %w", in.Check, err)
	}
	evidence, err := in.Evidence.evidence()
	if err != nil {
		return finding.Finding{}, fmt.Errorf("a finding of %s: %w", in.Check, err)
	}
	var change finding.Change
	if c := in.Change; c != nil {
		change = finding.Change{Add: cleaned(c.Add), Remove: cleaned(c.Remove)}
	}
	var origin finding.Origin
	if o := in.Source; o != nil {
		at := jsonLocation{File: o.File, Line: o.Line, EndLine: o.EndLine}.place()
		origin = finding.Origin{File: at.File, Line: at.Line, EndLine: at.EndLine, Address: clean(o.Address), Deletes: o.Deletes}
	}
	return finding.Finding{
		Check: of, Severity: in.Severity, Status: in.Status, Silence: finding.ParseSilence(clean(in.Silenced)),
		Domain: in.Domain, Part: in.Part, Record: q, Subject: clean(in.Subject), Cause: clean(in.Cause),
		Message: clean(in.Message), Impact: clean(in.Impact),
		Expected: cleaned(in.Expected), Actual: cleaned(in.Actual), Fix: cleaned(in.Fix), Change: change,
		Advice: clean(in.Advice), Sender: clean(in.Sender), Undecided: undecided, SESError: clean(in.SESError), Standing: in.Baseline == "standing",
		Place:    in.Location.place(),
		Origin:   origin,
		Evidence: evidence,
	}, nil
}

func (in jsonEvidence) evidence() (finding.Evidence, error) {
	e := finding.Evidence(in)
	e.Server, e.Rcode = clean(e.Server), clean(e.Rcode)
	for i := range e.Servers {
		s := &e.Servers[i]
		if s.Zone != "" && !canonical(s.Zone) {
			return e, fmt.Errorf("zone %s is not a valid name", untrusted.Quote(string(s.Zone)))
		}
		s.Server, s.Says = clean(s.Server), clean(s.Says)
	}
	return e, nil
}

func (in jsonQuestion) question() (record.Question, error) {
	if in == (jsonQuestion{}) {
		return record.Question{}, nil
	}
	t, ok := record.ParseType(in.Type)
	if !ok || !canonical(in.Name) {
		return record.Question{}, fmt.Errorf("%s %s is not a valid record", untrusted.Quote(in.Type), untrusted.Quote(string(in.Name)))
	}
	return record.Question{Name: in.Name, Type: t}, nil
}

// place keeps file names unchanged: every format escapes them, because those of a
// run are untrusted as well.
func (in jsonLocation) place() config.Place {
	bound := func(n int) int { return min(max(n, 0), maxCount) }
	return config.Place{File: in.File, Line: bound(in.Line), Column: bound(in.Column), EndLine: bound(in.EndLine)}
}

func canonical(n record.Name) bool {
	parsed, err := record.ParseName(string(n))
	return err == nil && parsed == n
}

// atLeast is a count, exact or not. The report does not have the gaps.
func atLeast(n int, more bool) spf.Count {
	c := spf.Count{N: min(max(n, 0), maxCount)}
	if more {
		c.Gaps = spf.Failed
	}
	return c
}

// clean escapes a text of a report. Texts that sescheck wrote do not change; IP
// addresses, which may begin with two colons, are kept.
func clean(s string) string {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" { // a zone can be any text
		return s
	}
	return untrusted.Line(s)
}

func cleaned(all []string) []string {
	for i, s := range all {
		all[i] = clean(s)
	}
	return all
}

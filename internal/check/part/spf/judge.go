package spf

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// judging collects the findings about one record.
type judging struct {
	want
	seen
	part.Verdict
	broke bool // mail of SES does not pass because an error ends the evaluation first
}

func judge(w want, s seen) part.Verdict {
	j := &judging{want: w, seen: s}
	j.Trees = []*spf.Tree{s.tree}
	root := s.tree.Root
	none := w.none()
	switch {
	case root.Answer.Status == record.Unknown && none:
		j.Unknown(root.Answer, w.record(), w.place, Unwanted)
	case root.Answer.Status == record.Unknown:
		j.Unknown(root.Answer, w.record(), w.place, w.checks()...)
	case none && len(root.Records) > 0:
		f := j.about(Unwanted, "", "%s has an SPF record, and the file says it has none", w.name)
		if len(root.Answer.Chain) == 0 {
			f.Drop = finding.LiveSPF(root.Answer)
		}
		if n := root.Found; n > 1 {
			f.Message = fmt.Sprintf("%s has %d SPF records, and the file says it has none", w.name, n)
		}
	case none:
	case len(root.Records) == 0:
		j.missing()
	case len(root.Records) > 1:
		f := j.about(Duplicate, "", "%s has %d SPF records; with more than one, no mail passes SPF", w.name, root.Found)
		f.Notes = append(f.Notes, j.cure.remarks(slices.Concat(j.cure.said, j.cure.brings))...)
	case len(root.Record().Problems) > 0:
		j.invalid(root.Record())
	default:
		j.text(root.Record())
		j.includes()
		j.targets()
		j.copiesBelow()
		j.upstream()
		j.ending()
		j.limits()
		j.among()
		j.hides()
	}
	j.fixes()
	return j.Verdict
}

// hides notes checks that a finding hides: cost and targets of includes if one is
// broken, and checks that a worse finding implies.
func (j *judging) hides() {
	behind := []*finding.Check{
		IncludeBroken, IncludeDangling, IncludeLoop, Lookups, LookupsHigh, VoidLookups, MXHosts, PassAll,
		UpstreamChanged,
	}
	if _, at := ending(j.tree.Root); at.Record() == nil || len(at.Record().Problems) > 0 { // the target of a redirect
		behind = append(behind, All)
	}
	for _, f := range j.Findings {
		switch f.Check {
		case IncludeBroken, IncludeDangling, IncludeLoop:
			j.Hide(f.Record, f.Check, behind...)
		case Lookups:
			j.Hide(f.Record, f.Check, LookupsHigh)
		case PassAll:
			j.Hide(f.Record, f.Check, All)
		}
	}
}

// among adds to findings of errors that mail of SES does not pass because of
// them.
func (j *judging) among() {
	for i := range j.Findings {
		f := &j.Findings[i]
		switch f.Check {
		case IncludeBroken, IncludeDangling, IncludeLoop, Lookups, MXHosts:
			if j.broke {
				f.Impact = f.Check.Matters + "; mail from Amazon SES does not pass now"
			}
		}
	}
}

// about adds a finding that follows from the record itself, to be filled in.
func (j *judging) about(check *finding.Check, subject, format string, args ...any) *finding.Finding {
	root := j.tree.Root
	f := finding.Finding{
		Check:   check,
		Subject: subject,
		Record:  j.want.record(),
		Place:   j.place,
		Message: fmt.Sprintf(format, args...),
	}
	for _, r := range root.Records {
		f.Actual = append(f.Actual, fmt.Sprintf("%.*s", finding.MaxShown, r.Text))
	}
	slices.Sort(f.Actual)
	j.Add(f, root.Answer)
	return &j.Findings[len(j.Findings)-1]
}

// all is the ending that the file asks for; may be "".
func (w want) all() string {
	if w.listed == nil || w.listed.All == nil {
		return ""
	}
	return w.listed.All.Value
}

// fixes adds the record to publish to the findings that it resolves.
func (j *judging) fixes() {
	for i := range j.Findings {
		f := &j.Findings[i]
		if len(f.Publish) > 0 || has(j.cure.after, *f) {
			continue
		}
		if j.cure.text != "" {
			f.Publish = []record.RR{finding.ToPublish(j.name, record.NewTXT(j.cure.text))}
			if len(j.tree.Root.Answer.Chain) == 0 {
				f.Drop = finding.LiveRecords(j.tree.Root.Answer, j.cure.drop...)
			}
		}
		if !f.Check.Ends && j.cure.after != nil && f.Advice == "" {
			f.Notes = append(f.Notes, j.cure.remarks(j.cure.brings)...)
		}
		if f.Check == IncludeMissing && j.cure.first != "" {
			f.Advice = fmt.Sprintf("Correct the record of %s first, and check again: it may have the include.", j.cure.first)
		}
	}
}

// missing reports that there is no record, and garbled ones in its place.
func (j *judging) missing() {
	root := j.tree.Root.Answer
	f := finding.Finding{
		Check:   Missing,
		Record:  j.want.record(),
		Place:   j.place,
		Message: fmt.Sprintf("%s has no SPF record", j.name),
	}
	joined := joinedVersion(root)
	if joined != "" {
		f.Notef("the strings of %s join without a space (spf-string-join), so it does not count", joined)
		j.Add(j.stringJoin(joined), root)
	}
	if joined == "" {
		f.Actual = noteGarbled(&f, root)
	}
	if j.typed.Status == record.Found {
		f.Notef("there is one of type SPF, which receivers no longer read: use type TXT")
		f.Actual = finding.Data(j.typed)
	}
	j.Beside(j.typed)
	f.Notes = append(f.Notes, j.cure.remarks(slices.Concat(j.cure.said, j.cure.brings))...)
	switch {
	case j.cure.text != "":
		f.Expected = []string{part.Quoted(j.cure.text)}
	case j.cure.why == "" && !j.open:
		f.Expected = []string{part.Quoted(j.suggestion())}
	}
	j.Astray(&f, j.strays, j.domain, authorizesSES)
	at := j.MissingOrDoubled(f, j.doubled, spfIn, root)
	switch { // the record at the doubled name may need changes
	case at == nil:
	case j.cure.text != "":
		at.Publish = []record.RR{finding.ToPublish(j.name, record.NewTXT(j.cure.text))}
		at.Notes = slices.Concat(at.Notes, j.cure.remarks(slices.Concat(j.cure.said, j.cure.brings)))
	case j.cure.why != "":
		at.Publish, at.Drop, at.Expected = nil, nil, nil
		at.Notes = append(at.Notes, j.cure.remarks(nil)...)
	}
}

// spfIn reports whether an answer has an SPF record, perhaps a garbled one.
func spfIn(a record.Answer) bool {
	return slices.ContainsFunc(a.Records, func(r record.Record) bool {
		_, ok := spf.Restore(r)
		return ok
	})
}

// authorizesSES reports whether an answer has an SPF record that includes SES, perhaps a
// garbled one.
func authorizesSES(a record.Answer) bool {
	return slices.ContainsFunc(a.Records, func(r record.Record) bool {
		restored, ok := spf.Restore(r)
		return ok && parsed(restored.Text).Includes(ses.SPFInclude)
	})
}

// noteGarbled adds to a missing record the garbled ones in its place. It returns
// their data.
func noteGarbled(f *finding.Finding, a record.Answer) (data []string) {
	const most = 3
	for _, r := range a.Records {
		restored, ok := spf.Restore(r)
		if !ok || len(data) == most {
			continue
		}
		why := restored.Mistakes
		if restored.Doubt != "" {
			why = append(why, restored.Doubt)
		}
		f.Notef("%.80s does not count: %s", r.Text(), strings.Join(why, "; "))
		data = append(data, r.String())
	}
	return data
}

// suggestion is the shortest record that satisfies the file.
func (w want) suggestion() string { return wanted.SPF(w.listed, w.joined, w.mailFrom) }

func (j *judging) invalid(r *spf.Record) {
	var all []string
	for _, p := range r.Problems {
		all = append(all, p.String())
	}
	const most = 5
	if left := len(all) - most + r.Left.Problems; len(all) > most {
		all = append(all[:most], fmt.Sprintf("and %d more", left))
	}
	f := j.about(Invalid, "", "the SPF record of %s has a syntax error: %s", j.name, strings.Join(all, "; "))
	for _, mistake := range j.mistakes() {
		f.Notef("%s", mistake)
	}
	t, _, _ := joined(j.tree.Root.Answer, r)
	if t != nil {
		f.Notef("two strings join without a space at %.80s (spf-string-join)", t.Text)
	}
	f.Notes = append(f.Notes, j.cure.remarks(slices.Concat(j.cure.said, j.cure.brings))...)
	if t != nil {
		j.Add(j.stringJoin(fmt.Sprintf("%.80s", t.Text)), j.tree.Root.Answer)
	}
}

// mistakes are the reasons for syntax errors that no single term shows.
func (j *judging) mistakes() []string {
	for _, r := range j.tree.Root.Answer.Records {
		if spf.Is(r.Text()) {
			restored, _ := spf.Restore(r)
			return slices.DeleteFunc(restored.Mistakes, func(s string) bool { return s == spf.Unspaced })
		}
	}
	return nil
}

func (j *judging) stringJoin(at string) finding.Finding {
	return finding.Finding{
		Check:   StringJoin,
		Record:  j.want.record(),
		Place:   j.place,
		Message: fmt.Sprintf("two strings of the SPF record of %s join without a space at %s", j.name, at),
		Actual:  finding.Data(j.tree.Root.Answer),
	}
}

// text judges the record itself.
func (j *judging) text(r *spf.Record) {
	if unread := r.Unread(); len(unread) > 0 {
		j.afterAll(r, unread)
	}
	j.ignored(r)
	if ptr := r.Of(spf.PTR); len(ptr) > 0 {
		j.about(Ptr, "", "the SPF record of %s uses %s", j.name, terms(ptr))
	}
	if n := len(j.name) + r.Octets; n > 450 {
		f := j.about(Length, "", "the SPF record of %s has %d bytes with its name; more than 450 may not fit into a plain UDP answer", j.name, n)
		if r.Left.Terms > 0 {
			f.Notef("%d of its %d terms were only counted", r.Left.Terms, len(r.Terms)+r.Left.Terms)
		}
	}
	if t, _, _ := joined(j.tree.Root.Answer, r); t != nil {
		j.Add(j.stringJoin(fmt.Sprintf("%.80s", t.Text)), j.tree.Root.Answer)
	}
	if copies := copiesOf(r); len(copies) > 0 {
		f := j.about(CopiedRanges, "", "the SPF record of %s copies address ranges of Amazon SES: %s", j.name, terms(copies))
		if !j.needsSES() && !j.includesSES() {
			f.Notef("SES never sends with the domain itself, so remove them")
		}
	}
}

// copiesOf are the terms of a record that copy address ranges of SES.
func copiesOf(r *spf.Record) []*spf.Term {
	return slices.DeleteFunc(r.Of(spf.IP4), func(t *spf.Term) bool { return !copied(t) })
}

// copiesBelow reports copies of SES's address ranges in records of the domain's own
// names that the record leads to.
func (j *judging) copiesBelow() {
	for _, n := range j.tree.Nodes[1:] {
		r := n.Record()
		if r == nil || len(r.Problems) > 0 || n.Name == ses.SPFInclude || !n.Answer.Owner().In(j.domain) {
			continue
		}
		copies := copiesOf(r)
		if len(copies) == 0 {
			continue
		}
		owner := n.Answer.Owner()
		f := j.about(CopiedRanges, string(n.Name), "the SPF record of %s copies address ranges of Amazon SES: %s; that of %s leads to it: %s", owner, terms(copies), j.name, j.path(n))
		f.Cause = "spf-copied-ranges " + string(owner)
		f.Actual = []string{fmt.Sprintf("%.*s", finding.MaxShown, r.Text)}
		f.Rests = append(f.Rests, n.Answer)
		f.Advice = fmt.Sprintf("Replace the copies in the record of %s with include:%s.", owner, ses.SPFInclude)
		if !j.needsSES() {
			f.Advice = fmt.Sprintf("Remove the copies from the record of %s, or replace them with include:%s if a MAIL FROM name uses it. SES never sends with the domain itself.", owner, ses.SPFInclude)
		}
	}
}

// afterAll reports terms that are never evaluated.
func (j *judging) afterAll(r *spf.Record, unread []*spf.Term) {
	endings := slices.DeleteFunc(slices.Clone(unread), func(t *spf.Term) bool { return t.Kind != spf.All })
	if len(endings) == len(unread) {
		f := j.about(AfterAll, "", "the SPF record of %s has several endings: %s counts, and %s is never read", j.name, r.All().Text, terms(endings))
		f.Impact = "nothing, if the first ending is the right one"
		return
	}
	f := j.about(AfterAll, "", "never read in the SPF record of %s: %s", j.name, terms(unread))
	if slices.ContainsFunc(r.Terms, func(t spf.Term) bool { return isVersionTerm(&t) && !isForeign(&t) }) {
		f.Notef("v=spf1 appears twice: two records were joined")
	}
	switch {
	case len(j.cure.stays) > 0 && j.cure.text != "":
		f.Notef("the record to publish leaves it after the all term, because %s", strings.Join(j.cure.stays, "; "))
	case len(j.cure.stays) > 0:
		f.Notef("no record is shown, because %s", strings.Join(j.cure.stays, "; "))
	case j.cure.moved && j.cure.text != "":
		f.Notef("the record to publish has it before the all term")
	}
}

// ignored reports misspelt terms that receivers ignore as unknown modifiers,
// unless the finding of a missing include names them.
func (j *judging) ignored(r *spf.Record) {
	var all []string
	foreign := false
	for _, o := range r.Oddities {
		t := termAt(r, o)
		foreign = foreign || isForeign(t)
		reported := slices.ContainsFunc(correctedIncludes(o), j.required)
		behind := isVersionTerm(t) && !isForeign(t) && len(r.Unread()) > 0
		if t.Kind == spf.Modifier && !reported && !behind {
			all = append(all, o.String())
		}
	}
	if len(all) > 0 {
		f := j.about(TermIgnored, "", "receivers ignore a part of the SPF record of %s: %s", j.name, strings.Join(shorten.Items(all, 5), "; "))
		if foreign {
			f.Impact = "the record that begins there has no effect"
		}
	}
}

// includes compares the includes of the record with the file.
func (j *judging) includes() {
	nodes := chain(j.tree.Root)
	last := nodes[len(nodes)-1]
	glued, left, right := joined(j.tree.Root.Answer, j.tree.Root.Record())
	beside := sync.OnceValue(func() []record.Record { return garbled(j.tree.Root.Answer) })
	for _, want := range j.want.includes() {
		at, live := firstInclude(nodes, want.Value)
		if live != nil && (live.Qualifier == '+' || j.mailFrom && want.Value == ses.SPFInclude) { // authorized judges SES's
			continue
		}
		if live == nil && last.Answer.Status == record.Unknown {
			j.Unknown(last.Answer, j.want.record(), want.Place, IncludeMissing)
			continue
		}
		f := j.about(IncludeMissing, string(want.Value), "the SPF record of %s does not include %s", j.name, want.Value.Text().Bare())
		f.Place = want.Place
		f.Cause = "spf-include-missing " + string(want.Value)
		f.Expected = []string{"include:" + want.Value.Text().Bare()}
		if live != nil {
			f.Message = fmt.Sprintf("%.80s in the SPF record of %s%s does not pass: with the qualifier %s, mail of that sender gets %s", live.Text, j.name, j.between(at), live.Qualifier, resultOf[live.Qualifier])
			continue
		}
		if j.after(want.Value) {
			f.Message += " before the all term; receivers never read what comes after it"
		}
		j.explain(f, want.Value)
		if glued != nil && parsed("v=spf1 "+left+" "+right).Includes(want.Value) {
			f.Notef("it runs into another term where two strings join (spf-string-join)")
		}
		f.Message += whereElse(want.Value, beside())
	}
	if j.mailFrom {
		j.authorized()
	}
	j.unexpected()
}

// resultOf are the results of mail that a term with a qualifier matches.
var resultOf = map[spf.Qualifier]string{'+': "pass", '-': "fail", '~': "softfail", '?': "neutral"}

// firstInclude is the first evaluated include of a name in a chain of records,
// which decides, and its record; nil for none.
func firstInclude(nodes []*spf.Node, name record.Name) (*spf.Node, *spf.Term) {
	for _, n := range nodes {
		for _, b := range readIncludes(n) {
			if targetName(b.Term) == name {
				return n, b.Term
			}
		}
	}
	return nil, nil
}

// garbled are the records of an answer that were meant to be SPF records.
func garbled(a record.Answer) []record.Record {
	return slices.DeleteFunc(slices.Clone(a.Records), func(r record.Record) bool {
		restored, ok := spf.Restore(r)
		return !ok || restored.Text == "" || spf.Is(r.Text())
	})
}

// whereElse names the garbled record next to an SPF record that has an include,
// or "".
func whereElse(include record.Name, beside []record.Record) string {
	for _, r := range beside {
		restored, _ := spf.Restore(r)
		if slices.ContainsFunc(parsed(restored.Text).Of(spf.Include), func(t *spf.Term) bool { return t.Target == include }) {
			return fmt.Sprintf("; %.80s next to it does, but is not an SPF record: %s", r.Text(), strings.Join(restored.Mistakes, "; "))
		}
	}
	return ""
}

func (j *judging) authorized() {
	r := j.readSES()
	if r.State == snapshot.Unknown {
		for _, a := range r.open {
			j.Unknown(a, j.want.record(), j.place, SESUnauthorized)
		}
	}
	if j.broke = r.broken; r.State != snapshot.Wrong || r.broken {
		return
	}
	f := j.about(SESUnauthorized, "", "the SPF record of MAIL FROM name %s does not authorise Amazon SES", j.name)
	f.Expected = []string{"include:" + string(ses.SPFInclude)}
	if copiesSES(j.tree.Root) && r.unmatched() {
		f.Message = fmt.Sprintf("the SPF record of MAIL FROM name %s does not include %s; it has copies of the address ranges instead", j.name, ses.SPFInclude)
		f.Impact = "SPF passes only for mail from the copied ranges: SES may send from others, and Amazon changes them without notice"
	} else if r.partly {
		f.Impact = "mail from some addresses of SES does not pass SPF; SES itself checks only the MX and reports nothing"
	}
	f.Message += j.decided(r)
	if j.after(ses.SPFInclude) {
		f.Message += fmt.Sprintf(": include:%s comes after the all term, so receivers never read it", ses.SPFInclude)
	}
	j.misnamed(f)
	j.odd(f, ses.SPFInclude)
}

// copied reports whether a term is a copy of one of SES's address ranges.
func copied(t *spf.Term) bool { return t.Kind == spf.IP4 && ses.Sends(t.Network) }

// copiesSES reports whether the record itself lets copies of SES's address ranges
// pass.
func copiesSES(root *spf.Node) bool {
	return slices.ContainsFunc(root.Branches, func(b spf.Branch) bool { return !b.Unread && b.Term.Qualifier == '+' && copied(b.Term) })
}

// misnamed adds the include that was meant to be SES's to the finding that SES's
// is missing.
func (j *judging) misnamed(f *finding.Finding) {
	for _, b := range readIncludes(j.tree.Root) {
		if misnamesSES(j.want, j.seen, b.Term.Target) {
			f.Notef("the name to include is %s, not %s", ses.SPFInclude, b.Term.Target)
		}
	}
}

// decided names the term by which mail of SES does not pass, unless it is the
// all.
func (j *judging) decided(r sesReading) string {
	switch b := r.by.branch; {
	case r.unmatched():
		return ""
	case b.Term.Target == ses.SPFInclude:
		return fmt.Sprintf(": %.80s%s does not pass", b.Term.Text, j.between(r.by.node))
	case r.partly:
		return fmt.Sprintf(": %.80s%s matches some of its addresses first, and does not pass", b.Term.Text, j.between(r.by.node))
	default:
		return fmt.Sprintf(": %.80s%s matches its addresses first, and does not pass", b.Term.Text, j.between(r.by.node))
	}
}

// explain adds to a missing include what the record has in its place.
func (j *judging) explain(f *finding.Finding, name record.Name) {
	j.odd(f, name)
	if name == ses.SPFInclude {
		j.misnamed(f)
	}
	for _, n := range j.tree.Nodes {
		if up := n.Parent; n.Name == name && up != nil && up != j.tree.Root {
			f.Notef("%s does, but may stop", up.Name)
			f.Impact = fmt.Sprintf("mail of that sender passes SPF only while %s includes it", up.Name)
		}
	}
}

// odd adds misspelt forms of an include to the finding that it is missing, but
// not those of another include of the file.
func (j *judging) odd(f *finding.Finding, name record.Name) {
	r := j.tree.Root.Record()
	for _, o := range r.Oddities {
		corrected := correctedIncludes(o)
		if len(corrected) == 0 && termAt(r, o).Kind == spf.Modifier {
			continue // ignored reports it
		}
		if slices.Contains(corrected, name) || !slices.ContainsFunc(corrected, j.lists) {
			f.Notef("%s", o.String())
		}
	}
}

// after reports whether the record has an include that is never evaluated.
func (j *judging) after(name record.Name) bool {
	return slices.ContainsFunc(j.tree.Root.Record().Unread(), func(t *spf.Term) bool {
		return t.Kind == spf.Include && targetName(t) == name
	})
}

// unexpected reports includes that the file does not list, also those of a
// redirect's target.
func (j *judging) unexpected() {
	if j.listed == nil || !j.listed.Exact {
		return
	}
	type stranger struct {
		at     *spf.Node
		branch *spf.Branch
	}
	reported, all := map[record.Name]bool{}, []stranger{}
	for _, n := range chain(j.tree.Root) {
		if n.Answer.Status == record.Unknown {
			j.Unknown(n.Answer, j.want.record(), j.place, IncludeUnexpected)
		}
		for _, b := range readIncludes(n) {
			name := targetName(b.Term)
			if reported[name] || j.accepts(name) || misnamesSES(j.want, j.seen, name) || j.misspells(n, b.Term) {
				continue
			}
			reported[name] = true
			all = append(all, stranger{n, b})
		}
	}
	for i, s := range all {
		if i == finding.MaxAlike {
			j.about(IncludeUnexpected, "more", "the SPF record of %s has %d more includes that the file does not list", j.name, len(all)-i)
			break
		}
		name := targetName(s.branch.Term)
		f := j.about(IncludeUnexpected, string(name), "the SPF record of %s includes %.100s, which the file does not list%s", j.name, s.branch.Term.Domain, j.by(s.at))
		f.Cause = "spf-include-unexpected " + string(name)
		if q := s.branch.Term.Qualifier; q != '+' {
			result := "gets " + resultOf[q]
			if q == '-' {
				result = "fails"
			}
			f.Message = fmt.Sprintf("the SPF record of %s has %.100s, which the file does not list%s: mail of %.100s %s", j.name, s.branch.Term.Text, j.by(s.at), s.branch.Term.Domain, result)
			f.Impact = "the include lets nobody send: mail that its record lets pass does not pass here"
			f.Notef("if that is on purpose, set exact: false in the file")
			f.Cause += " " + q.String()
		}
	}
}

// misspells reports whether an include is a misspelt one of the file, or SES's at
// a MAIL FROM name. That is reported as missing.
func (w want) misspells(n *spf.Node, t *spf.Term) bool {
	return slices.ContainsFunc(n.Record().Oddities, func(o spf.Problem) bool {
		return o.Column == t.Column && slices.ContainsFunc(correctedIncludes(o), w.required)
	})
}

// targets judges the targets of includes and redirects.
func (j *judging) targets() {
	broken := 0
	for _, n := range j.tree.Nodes[1:] {
		switch {
		case n.Answer.Status == record.Unknown:
			j.Unknown(n.Answer, j.want.record(), j.place, IncludeBroken, IncludeDangling, IncludeLoop, Lookups, LookupsHigh, VoidLookups, PassAll)
		case n.Record() == nil || len(n.Record().Problems) > 0:
			if broken++; broken <= finding.MaxAlike {
				j.broken(n)
			}
		}
	}
	if n := broken - finding.MaxAlike; n > 0 {
		j.about(IncludeBroken, "more", "the SPF record of %s leads to %d more names without a valid SPF record", j.name, n)
	}
	loops := map[record.Name]bool{}
	for _, n := range j.tree.Nodes {
		for _, b := range n.Branches {
			for _, a := range b.Answers {
				if a.Status == record.Unknown {
					j.Unknown(a, j.want.record(), j.place, VoidLookups)
				}
			}
			if name := b.Term.Target; b.Loop && !loops[name] && len(loops) < finding.MaxAlike {
				loops[name] = true
				f := j.about(IncludeLoop, string(name), "the includes of the SPF record of %s form a loop: %s leads back to %s", j.name, n.Name, name)
				f.Cause = "spf-include-loop " + string(name)
			}
		}
	}
}

func (j *judging) broken(n *spf.Node) {
	f := finding.Finding{
		Check:   IncludeBroken,
		Subject: string(n.Name),
		Record:  j.want.record(),
		Place:   j.placeOf(n.Name),
		Actual:  finding.Data(n.Answer),
		Cause:   "spf-include-broken " + string(n.Name),
	}
	rests := []record.Answer{n.Answer}
	owner := n.Answer.Owner()
	soa := j.registrable[owner.Registrable()]
	at, wrong := string(n.Name), j.wrongName(n)
	if spf.Impossible(owner) {
		rests = []record.Answer{j.tree.Root.Answer} // the name was not queried
	}
	if len(n.Answer.Chain) > 0 {
		at = fmt.Sprintf("%s is a CNAME to %s, which", n.Name, owner)
	}
	switch {
	case len(n.Records) > 1:
		f.Message = fmt.Sprintf("%s has %d SPF records", at, n.Found)
	case len(n.Records) == 1:
		f.Message = fmt.Sprintf("the SPF record of %s has a syntax error: %s", owner, n.Records[0].Problems[0])
	case n.Answer.Status != record.NoName:
		f.Message = at + " has no SPF record"
	case wrong != "":
		f.Message = wrong
	case soa.Status == record.NoName:
		f.Check = IncludeDangling
		f.Cause = "spf-include-dangling " + string(soa.Question.Name)
		f.Message = fmt.Sprintf("%s is not registered", soa.Question.Name)
		if owner != n.Name {
			f.Message = fmt.Sprintf("%s is a CNAME to %s, whose domain %s", n.Name, owner, f.Message)
		}
		rests = append(rests, soa)
	default:
		f.Message = at + " does not exist"
		if soa.Status == record.Unknown {
			j.Unknown(soa, f.Record, f.Place, IncludeDangling)
		}
	}
	if wrong == "" {
		f.Message += fmt.Sprintf(", and the SPF record of %s needs it: %s", j.name, j.path(n))
	}
	j.own(&f, n)
	if isMisnamed(j.seen, n.Name) {
		f.Notef("the name of Amazon SES is %s", ses.SPFInclude)
	}
	for i, s := range f.Actual {
		f.Actual[i] = finding.Shortened(s, finding.MaxShown)
	}
	j.Add(f, rests...)
}

// own adds to a broken record of the domain's owner how to correct it.
func (j *judging) own(f *finding.Finding, n *spf.Node) {
	owner := n.Answer.Owner()
	if !owner.In(j.domain.Registrable()) {
		return
	}
	if len(n.Records) == 0 {
		noteGarbled(f, n.Answer)
	}
	c, text := salvaged(n)
	switch {
	case text != "":
		f.Publish = []record.RR{finding.ToPublish(owner, record.NewTXT(text))}
		f.Drop = finding.LiveRecords(n.Answer, c.drop...)
		f.Notes = append(f.Notes, c.said...)
	case hasSPF(n):
		f.Advice = fmt.Sprintf("Correct the record of %s, which is yours.", owner)
	case j.cure.text == "" && !spf.Impossible(owner) && owner.Plain():
		f.Advice = fmt.Sprintf("Publish an SPF record at %s, which is a name of yours, or remove the term that leads to it.", owner)
	}
}

// wrongName says why a target cannot be a name, such as a URL, or "".
func (j *judging) wrongName(n *spf.Node) string {
	up := n.Parent
	for _, b := range up.Branches {
		for _, o := range up.Record().Oddities {
			if b.Child == n && b.Term.Column == o.Column {
				return fmt.Sprintf("the SPF record of %s leads nowhere: %s", up.Name, o)
			}
		}
	}
	return ""
}

// ending judges the all, unless the record lets everybody send anyway.
func (j *judging) ending() {
	all, at := ending(j.tree.Root)
	open := passing(j.tree.Root, map[*spf.Node]bool{})
	switch c, crowded := readCrowd(j.tree); {
	case all != nil && all.Qualifier == '+':
		j.about(PassAll, "", "the SPF record of %s ends in %s%s: anybody may send", j.name, all.Text, j.by(at))
	case len(open) > 0:
		for _, n := range open {
			f := j.about(PassAll, string(n.Name), "the SPF record of %s includes %s, which lets anybody send: %s", j.name, n.Name, j.path(n))
			f.Cause = "spf-pass-all " + string(n.Name)
		}
	case crowded:
		j.crowd(c)
	case at.Answer.Status == record.Unknown:
		j.Unknown(at.Answer, j.want.record(), j.place, All)
	case all == nil && at.Record() != nil && at.Record().Redirect() == nil:
		f := j.about(All, "", "the SPF record of %s has no all at its end%s: mail from other senders is neutral", j.name, j.by(at))
		j.lost(f, at)
		f.Advice = j.endAt(at, "~all or -all")
	case all != nil && j.want.all() != "" && all.Qualifier.String()+"all" != j.want.all():
		f := j.about(All, "", "the SPF record of %s ends in %s%s; the file says %s", j.name, all.Text, j.by(at), j.want.all())
		f.Place = j.listed.All.Place
		f.Expected = []string{j.want.all()}
		f.Impact = "receivers treat mail from other senders differently from what you want"
		f.Advice = j.endAt(at, j.want.all())
	}
}

// endAt is the advice where a redirect leads to the record that ends wrongly; ""
// for the record itself.
func (j *judging) endAt(at *spf.Node, all string) string {
	switch {
	case at == j.tree.Root:
		return ""
	case at.Answer.Owner().In(j.domain):
		return fmt.Sprintf("End the record of %s in %s.", at.Name, all)
	}
	return fmt.Sprintf("The record of %s decides, which is not yours. Ask its owner, or write include:%[1]s and %s in place of the redirect.", at.Name, all)
}

// lost adds to a missing all the term that it runs into.
func (j *judging) lost(f *finding.Finding, at *spf.Node) {
	for _, o := range at.Record().Oddities {
		if parsed("v=spf1 "+o.Correction.Raw()).All() != nil && !slices.ContainsFunc(correctedIncludes(o), j.required) {
			f.Notef("%s", o.String())
		}
	}
	if t, _, right := joined(at.Answer, at.Record()); t != nil && parsed("v=spf1 "+right).All() != nil {
		f.Notef("two strings join without a space at %.80s (spf-string-join)", t.Text)
	}
}

// crowd reports networks that let nearly the whole Internet send.
func (j *judging) crowd(c crowd) {
	share := "all"
	if c.share < 1 {
		share = fmt.Sprintf("%.0f %% of all", 100*c.share)
	}
	lets := fmt.Sprintf("lets %s %s addresses send: %s", share, c.family, terms(c.terms))
	switch {
	case c.at == j.tree.Root:
		j.about(PassAll, "", "the SPF record of %s %s", j.name, lets)
		return
	case slices.Contains(chain(j.tree.Root), c.at):
		j.about(PassAll, string(c.at.Name), "the SPF record of %s %s%s", j.name, lets, j.by(c.at))
		return
	}
	f := j.about(PassAll, string(c.at.Name), "the SPF record of %s includes %s, which %s: %s", j.name, c.at.Name, lets, j.path(c.at))
	f.Cause = "spf-pass-all " + string(c.at.Name)
}

// by names the record with the ending, if a redirect leads to it.
func (j *judging) by(at *spf.Node) string {
	if at == j.tree.Root {
		return ""
	}
	return fmt.Sprintf(", through a redirect to the record of %s", at.Name)
}

// between is by in the middle of a sentence.
func (j *judging) between(at *spf.Node) string {
	by := j.by(at)
	if by == "" {
		return ""
	}
	return by + ","
}

// passing returns the included records with +all that include terms with + lead
// to.
func passing(n *spf.Node, seen map[*spf.Node]bool) []*spf.Node {
	var all []*spf.Node
	for _, at := range chain(n) {
		if seen[at] {
			continue
		}
		seen[at] = true
		for _, b := range readIncludes(at) {
			if b.Child == nil || b.Term.Qualifier != '+' || seen[b.Child] {
				continue
			}
			if end, _ := ending(b.Child); end != nil && end.Qualifier == '+' {
				all = append(all, b.Child)
				seen[b.Child] = true
				continue
			}
			all = append(all, passing(b.Child, seen)...)
		}
	}
	return all
}

// limits judges the cost of the record (RFC 7208 section 4.6.4).
func (j *judging) limits() {
	root := j.tree.Root
	lookups, voids := root.Cost.Lookups, root.Cost.Voids
	switch {
	case lookups.N > spf.MaxLookups:
		j.about(Lookups, "", "the SPF record of %s needs %s DNS lookups, and the limit is %d: %s", j.name, number(lookups), spf.MaxLookups, costs(root))
	case lookups.N >= spf.MaxLookups-1:
		j.about(LookupsHigh, "", "the SPF record of %s needs %s of its %d DNS lookups: %s", j.name, number(lookups), spf.MaxLookups, costs(root))
	}
	for _, n := range j.tree.Nodes {
		reported := map[untrusted.Text]bool{}
		for _, b := range n.Branches {
			if b.Hosts && !reported[b.Term.Text] {
				reported[b.Term.Text] = true
				j.about(MXHosts, string(n.Name)+" "+b.Term.Text.String(), "%.200s in the SPF record of %s has more than %d MX hosts, which is the limit", b.Term.Text, n.Name, spf.MaxHosts)
			}
		}
	}
	if voids.N > spf.MaxVoids {
		j.about(VoidLookups, "", "the SPF record of %s has %s lookups without an answer, and the limit is %d: %s", j.name, number(voids), spf.MaxVoids, shorten.List(j.voids(), mostTerms))
	}
}

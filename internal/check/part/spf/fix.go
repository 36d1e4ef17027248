package spf

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
)

// This file makes the one SPF record to publish in place of the live one. It is
// the same for every finding, so that fixes do not undo each other. It is judged
// as if it were live: findings that it resolves get it, and none gets it if it
// causes an error. Live senders are left out only by a rule that the finding
// states.

// cure is the record to publish.
type cure struct {
	text    string            // may be ""
	why     string            // why text is empty, as a clause
	said    []string          // clauses about live terms that change
	brings  []string          // warnings that it causes, as clauses
	next    []*finding.Check  // checks of the findings that it causes
	stays   []string          // clauses about terms that stay after all
	moved   bool              // some terms move from after all to before it
	drop    []record.Record   // live TXT records to remove
	doubled record.Name       // a doubled name, if the record comes from there
	after   []finding.Finding // findings as if it were live
	first   record.Name       // the target of the redirect, if its record must be corrected first
}

// maxRepaired is the longest record that is repaired, in octets. No working
// record is longer.
const maxRepaired = 4096

// cured makes the record to publish.
func cured(ctx context.Context, a part.Asker, w want, s seen) (c cure) {
	root := s.tree.Root
	if root.Answer.Status == record.Unknown || len(root.Answer.Chain) > 0 && !w.mailFrom || w.none() {
		return c
	}
	v := judge(w, s)
	now := v.Believed()
	if len(now) == 0 || len(root.Answer.Chain) > 0 && !part.FromWildcard(ctx, a.Own, root.Answer) {
		return c
	}
	if _, at := ending(root); at != root && at.Answer.Owner().In(w.domain) && hasSPF(at) && (at.Record() == nil || len(at.Record().Problems) > 0) {
		c.why, c.after = fmt.Sprintf("the record of %s, to which it redirects, must be corrected first", at.Name), []finding.Finding{}
		c.first = at.Name
		return c
	}
	live := c.salvage(w, s)
	if live == "" || len(live) > maxRepaired {
		return c
	}
	base := s
	if r := root.Record(); r == nil || r.Text.Raw() != live {
		base = pretend(ctx, a, w, root.Answer, live)
	}
	if r := base.tree.Root.Record(); r.Cut {
		c.why = "it would be too long"
		return c
	}
	as := func(bars []*finding.Check) cure {
		c := c
		m := repairing{want: w, seen: base, cure: &c, bars: bars}
		if c.text = m.repair(); isRecord(root, c.text) {
			c.text = ""
			return c
		}
		v := judge(w, pretend(ctx, a, w, root.Answer, c.text))
		c.weigh(now, v.Believed())
		return c
	}
	repaired := as(nil)
	if repaired.moved && len(repaired.next) > 0 {
		if behind := as(repaired.next); len(behind.next) < len(repaired.next) {
			return behind
		}
	}
	return repaired
}

// isRecord reports whether a text equals the live record, apart from spaces.
func isRecord(n *spf.Node, text string) bool {
	r := n.Record()
	return r != nil && len(r.Problems) == 0 && text == strings.Join(strings.FieldsFunc(r.Text.Raw(), func(c rune) bool { return c == ' ' }), " ")
}

// pretend observes the name as if text were live.
func pretend(ctx context.Context, a part.Asker, w want, live record.Answer, text string) seen {
	live.Status, live.Chain, live.Records = record.Found, nil, []record.Record{record.NewTXT(text)}
	a.Own = instead{a.Own, live}
	return look(ctx, a, w)
}

// instead is an asker with one answer replaced.
type instead struct {
	part.Caching
	answer record.Answer
}

func (i instead) Ask(ctx context.Context, q record.Question) record.Answer {
	if q == i.answer.Question {
		return i.answer
	}
	return i.Caching.Ask(ctx, q)
}

// weigh drops the record if it causes an error, and notes the warnings that it
// causes.
func (c *cure) weigh(now, after []finding.Finding) {
	c.after = after
	for _, f := range after {
		if has(now, f) {
			continue
		}
		c.next = append(c.next, f.Check)
		switch text := fmt.Sprintf("the next finding would be %s: %s", f.Check, f.Text()); f.Check.Severity {
		case finding.Error:
			c.text, c.why, c.brings = "", text, nil
			return
		case finding.Warning:
			c.brings = append(c.brings, text)
		}
	}
}

// has reports whether a finding is in a list.
func has(all []finding.Finding, f finding.Finding) bool {
	return slices.ContainsFunc(all, func(o finding.Finding) bool { return o.Key() == f.Key() })
}

// remarks are the clauses for a finding: why there is no record, or notes about
// it.
func (c *cure) remarks(known []string) []string {
	if c.why != "" {
		return []string{"no record is shown, because " + c.why}
	}
	return known
}

// hasSPF reports whether a name has a record that is, or was meant to be, an SPF
// record.
func hasSPF(n *spf.Node) bool { return len(n.Records) > 0 || len(garbled(n.Answer)) > 0 }

// salvaged merges the records of a name that the tree leads to into one. text is
// "" if that is not possible.
func salvaged(n *spf.Node) (c cure, text string) {
	const most = 3000 // octets: answers in a tree are cut a little beyond
	octets := 0
	for _, r := range n.Answer.Records {
		octets += r.Text().Len()
	}
	if n.Answer.Left == 0 && octets <= most {
		text = c.salvage(want{name: n.Name, open: true}, seen{tree: &spf.Tree{Root: n}})
	}
	return c, text
}

// salvage merges all live records, including garbled ones and those at a doubled name,
// into one valid record; "" if that is not possible.
func (c *cure) salvage(w want, s seen) string {
	var texts []string
	add := func(from record.Record) (restored bool) {
		r, restored := spf.Restore(from)
		if restored && r.Text == "" {
			c.why = "it is not certain what was meant"
		}
		if restored {
			texts = append(texts, r.Text)
		}
		return restored
	}
	none := len(s.tree.Root.Records) == 0
	for _, r := range s.tree.Root.Answer.Records {
		if (none || spf.Is(r.Text())) && add(r) {
			c.drop = append(c.drop, r)
		}
	}
	if len(texts) == 0 {
		for _, r := range s.typed.Records {
			add(r)
		}
	}
	for _, a := range s.doubled {
		if len(texts) > 0 || a.Status != record.Found || len(a.Chain) > 0 {
			continue
		}
		valid := slices.ContainsFunc(a.Records, func(r record.Record) bool { return spf.Is(r.Text()) })
		for _, r := range a.Records {
			if (!valid || spf.Is(r.Text())) && add(r) {
				c.doubled = a.Question.Name
			}
		}
	}
	switch {
	case c.why != "":
		return ""
	case len(texts) == 0 && w.open: // only the owner knows the senders
		return ""
	case len(texts) == 0:
		return w.suggestion()
	case len(texts) == 1:
		return texts[0]
	}
	return c.merged(w, texts)
}

// merged is one record with the terms of several. It ends in their mildest all,
// unless the file says which.
func (c *cure) merged(w want, texts []string) string {
	var terms, behind []string
	all, differ := "", false
	for _, text := range texts {
		r := parsed(text)
		end, unread := r.All(), r.Unread()
		if end == nil && r.Redirect() != nil {
			c.why = "a record with a redirect cannot be merged"
			return ""
		}
		for i := range r.Terms {
			switch t := &r.Terms[i]; {
			case t.Kind == spf.All:
			case slices.Contains(unread, t):
				behind = append(behind, t.Text.Raw())
			default:
				terms = append(terms, t.Text.Raw())
			}
		}
		if end == nil {
			continue
		}
		if end.Qualifier == '+' {
			c.saysOpen(end)
			continue
		}
		q := end.Qualifier.String()
		differ = differ || all != "" && all != q
		if all == "" || strings.Index("-~?", q) > strings.Index("-~?", all) {
			all = q
		}
	}
	if differ && w.all() == "" {
		c.said = append(c.said, fmt.Sprintf("they end differently; the record to publish ends in %sall, the mildest", all))
	}
	if all == "" {
		all = "~"
	}
	return strings.Join(slices.Concat([]string{"v=spf1"}, terms, []string{all + "all"}, behind), " ")
}

// saysOpen notes that an all that lets everybody send is not kept.
func (c *cure) saysOpen(all *spf.Term) {
	text := fmt.Sprintf("the record to publish does not end in %s, which lets everybody send", all.Text)
	if !slices.Contains(c.said, text) {
		c.said = append(c.said, text)
	}
}

// lists reports whether the file has an include.
func (w want) lists(name record.Name) bool {
	return slices.ContainsFunc(w.includes(), func(i atName) bool { return i.Value == name })
}

// accepts reports whether the record may have an include.
func (w want) accepts(name record.Name) bool {
	return w.listed == nil || !w.listed.Exact || w.required(name)
}

// asked are the includes that the file lists for the record, in any entry.
func (w want) asked() []atName {
	switch {
	case w.joined == nil:
		return w.includes()
	case w.joined.MailFrom && !w.mailFrom:
		return append([]atName{{Value: ses.SPFInclude, Place: w.place}}, w.joined.Includes...)
	}
	return w.joined.Includes
}

// required reports whether the record must have an include.
func (w want) required(name record.Name) bool {
	asked := func(i atName) bool { return i.Value == name }
	return w.mailFrom && name == ses.SPFInclude || slices.ContainsFunc(w.asked(), asked)
}

// needsSES reports whether the record must have Amazon's include.
func (w want) needsSES() bool { return w.required(ses.SPFInclude) }

// repairing builds an SPF record from a valid one.
type repairing struct {
	want
	seen
	*cure
	bars     []*finding.Check // checks that terms after all would cause before it: they stay
	crowd    []*spf.Term      // terms that let nearly the whole Internet send
	terms    []string
	taken    map[string]bool // the set of terms
	have     map[record.Name]bool
	all      string
	redirect string
	behind   []string // terms that stay after all
	lacks    bool     // the live record lacks a required include
	foreign  bool     // the terms belong to a record of another kind
}

// repair builds the record. It copies only printable ASCII, as valid records
// have.
func (m *repairing) repair() string {
	r := m.tree.Root.Record()
	if c, ok := readCrowd(m.tree); ok && c.at == m.tree.Root {
		m.crowd = c.terms
	}
	m.taken, m.have = map[string]bool{}, map[record.Name]bool{}
	unread := map[*spf.Term]bool{}
	for _, t := range r.Unread() {
		unread[t] = true
	}
	m.lacks = m.lacksInclude()
	for i := range r.Terms {
		t := &r.Terms[i]
		if t.Kind == spf.Modifier && (isVersionTerm(t) || m.foreign) {
			m.foreign = isForeign(t) || m.foreign && !isVersionTerm(t)
			continue
		}
		if corrected := m.corrected(r, t); corrected != nil {
			for k := range corrected.Terms {
				m.term(&corrected.Terms[k], unread[t])
			}
			continue
		}
		m.term(t, unread[t])
	}
	m.include()
	if t := r.Redirect(); t != nil && unread[t] && !m.have[targetName(t)] {
		m.stay(t, "a redirect works only without all: remove one of them")
	}
	return m.String()
}

// lacksInclude reports whether the live record lacks a required include.
func (m *repairing) lacksInclude() bool {
	return m.refusesSES() || slices.ContainsFunc(m.includes(), func(i atName) bool {
		_, t := firstInclude(chain(m.tree.Root), i.Value)
		return t == nil
	})
}

// refusesSES reports whether mail that SES sends with the MAIL FROM name does not pass,
// and not only because of an error elsewhere.
func (m *repairing) refusesSES() bool {
	if !m.mailFrom {
		return false
	}
	r := m.readSES()
	return r.State == snapshot.Wrong && !r.broken
}

// corrected returns the certain correction of an odd term, unless the file
// excludes an include in it; nil for none.
func (m *repairing) corrected(r *spf.Record, t *spf.Term) *spf.Record {
	for _, o := range r.Oddities {
		if o.Column != t.Column || !o.Sure || o.Correction.Len() == 0 {
			continue
		}
		corrected := parsed("v=spf1 " + o.Correction.Raw())
		if !slices.ContainsFunc(corrected.Of(spf.Include), func(i *spf.Term) bool { return !m.accepts(targetName(i)) }) {
			return corrected
		}
	}
	return nil
}

// term copies a term of the live record, or leaves it out.
func (m *repairing) term(t *spf.Term, unread bool) {
	text, name := t.Text.Raw(), targetName(t)
	switch {
	case t.Kind == spf.All:
		if m.all == "" && !unread && t.Qualifier != '+' {
			m.all = t.Qualifier.String() + "all"
		}
		if !unread && t.Qualifier == '+' {
			m.saysOpen(t)
		}
	case t.Kind == spf.Redirect && unread:
	case t.Kind == spf.Redirect:
		if m.open || !m.leadsNowhere(name) || hasSPF(m.node(name)) {
			m.redirect = text
		}
	case t.Kind == spf.Include && misnamesSES(m.want, m.seen, name):
		m.added(ses.SPFInclude)
	case t.Kind == spf.Include && !m.lists(name) && m.dangles(name):
		m.said = append(m.said, fmt.Sprintf("%.80s is left out, because nobody has registered its domain", t.Text))
	case t.Kind == spf.Include && m.lacks && !m.open && !m.required(name) && m.leadsNowhere(name) && !hasSPF(m.node(name)):
		m.said = append(m.said, fmt.Sprintf("%.80s is left out, because it leads to no SPF record", t.Text))
	case t.Kind == spf.Include && m.mailFrom && name == ses.SPFInclude && t.Qualifier != '+': // include adds it again, with +
	case unread && t.Kind == spf.Include && !m.accepts(name):
		m.stay(t, fmt.Sprintf("the file does not list %.80s: list it or remove it", t.Domain))
	case unread && t.Kind == spf.PTR:
		m.stay(t, "ptr should not be used: remove it")
	case unread && len(m.bars) > 0 && !(t.Kind == spf.Include && m.required(name)):
		m.stay(t, "before the all term it would cause "+strings.Join(finding.IDs(m.bars), " and "))
	case t.Kind == spf.Include && m.have[name], m.taken[text]:
	case copied(t) && (m.needsSES() || m.includesSES()):
	case slices.Contains(m.crowd, t):
		m.said = append(m.said, fmt.Sprintf("%.80s is left out, because it lets nearly everybody send", t.Text))
	default:
		if t.Kind == spf.Include && m.required(name) {
			text = strings.TrimLeft(text, "-~?") // with a qualifier its mail would not pass
		}
		m.moved = m.moved || unread && !(t.Kind == spf.Include && m.required(name))
		m.have[name] = m.have[name] || t.Kind == spf.Include
		m.taken[text] = true
		m.terms = append(m.terms, text)
	}
}

// stay leaves a term after all, where it has no effect.
func (m *repairing) stay(t *spf.Term, why string) {
	m.behind = append(m.behind, t.Text.Raw())
	if !slices.Contains(m.stays, why) {
		m.stays = append(m.stays, why)
	}
}

// added adds an include.
func (m *repairing) added(name record.Name) {
	if text := name.Text(); !m.have[name] && text.Plain() {
		m.have[name] = true
		m.terms = append(m.terms, "include:"+text.Raw())
	}
}

// include adds the missing includes. SES's comes first if another term could
// prevent it from passing: a term that does not pass, or a copy of SES's own.
func (m *repairing) include() {
	if had := m.have[ses.SPFInclude]; m.refusesSES() || m.mailFrom && passesAll(m.tree.Root) {
		m.added(ses.SPFInclude)
		i := slices.IndexFunc(m.terms, func(s string) bool { return strings.EqualFold(s, "include:"+string(ses.SPFInclude)) })
		fails := func(term string) bool { return strings.ContainsAny(term[:1], "-~?") }
		if i > 0 && (had || slices.ContainsFunc(m.terms[:i], fails)) {
			first := m.terms[i]
			m.terms = slices.Insert(slices.Delete(m.terms, i, i+1), 0, first)
		}
	}
	for _, i := range m.asked() {
		_, beyond := firstInclude(chain(m.tree.Root)[1:], i.Value) // by the redirect
		if m.redirect == "" || beyond == nil || beyond.Qualifier != '+' {
			m.added(i.Value)
		}
	}
}

func (m *repairing) String() string {
	end := m.want.all()
	switch {
	case m.redirect != "":
		end = m.redirect // the target decides the ending
	case end != "":
	case m.all != "":
		end = m.all
	default:
		end = "~all"
	}
	return strings.Join(slices.Concat([]string{"v=spf1"}, m.terms, []string{end}, m.behind), " ")
}

// isVersionTerm reports whether a term is a second version section. Receivers
// read it as an unknown modifier.
func isVersionTerm(t *spf.Term) bool {
	return t.Kind == spf.Modifier && strings.HasPrefix(strings.ToLower(t.Text.Raw()), "v=")
}

// isForeign reports whether a version section is that of a record of another kind,
// such as v=DMARC1.
func isForeign(t *spf.Term) bool {
	return isVersionTerm(t) && !strings.HasPrefix(strings.ToLower(t.Text.Raw()), "v=spf1")
}

// includesSES reports whether the record has SES's include with +.
func (s seen) includesSES() bool {
	return slices.ContainsFunc(readIncludes(s.tree.Root), func(b *spf.Branch) bool {
		return b.Term.Target == ses.SPFInclude && b.Term.Qualifier == '+'
	})
}

// node is the node of a name in the tree, or nil.
func (s seen) node(name record.Name) *spf.Node {
	for _, n := range s.tree.Nodes[1:] {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// leadsNowhere reports whether a name in the record is known to have no SPF
// record.
func (s seen) leadsNowhere(name record.Name) bool {
	n := s.node(name)
	return n != nil && n.Answer.Status != record.Unknown && len(n.Records) == 0
}

// dangles reports whether the domain of a name in the tree, or of its CNAME, is
// not registered.
func (s seen) dangles(name record.Name) bool {
	n := s.node(name)
	return n != nil && n.Answer.Status == record.NoName && n.Name.Plain() && s.registrable[n.Answer.Owner().Registrable()].Status == record.NoName
}

// misnamesSES reports whether an include was certainly meant to be SES's.
func misnamesSES(w want, s seen, name record.Name) bool {
	if w.lists(name) || !w.accepts(ses.SPFInclude) {
		return false
	}
	return isMisnamed(s, name) || w.needsSES() && name.In("amazonaws.com")
}

// isMisnamed reports whether a name without a record was meant to be SES's: it is
// in a different domain of Amazon, or nearly right.
func isMisnamed(s seen, name record.Name) bool {
	return s.leadsNowhere(name) && (name.In("amazonaws.com") || ses.Misnamed(name))
}

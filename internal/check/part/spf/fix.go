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

// This file puts together the one SPF record to publish in place of what is
// live. Whatever is found wrong, the record is the same, so that fixes do not
// undo each other. Before it is given it is judged as if it were live: a finding
// gets it if it is gone then, and nobody gets it if it brings an error. No live
// sender is left out but by a rule that is told.

// cure is the record to publish.
type cure struct {
	text   string            // "" where none is given
	why    string            // why none is given, in a clause
	said   []string          // what became of live terms, where that has to be said, in clauses
	brings []string          // the warnings that it brings, in clauses
	next   []*finding.Check  // of the findings that it brings
	stays  []string          // why terms behind all stay there, in clauses
	moved  bool              // other terms behind all come before it
	drop   []record.Record   // the live TXT records that it takes the place of
	after  []finding.Finding // what is found once it is published
}

// maxRepaired bounds the record that is repaired, in octets. None that works is
// longer.
const maxRepaired = 4096

// cured works out the record to publish.
func cured(ctx context.Context, a part.Asker, w want, s seen) (c cure) {
	root := s.tree.Root
	if root.Answer.Status == record.Unknown || len(root.Answer.Chain) > 0 || w.none() {
		return c
	}
	v := judge(w, s)
	now := v.Believed()
	if len(now) == 0 {
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

// isRecord reports whether a text is the record that is live but for its spaces.
func isRecord(n *spf.Node, text string) bool {
	r := n.Record()
	return r != nil && len(r.Problems) == 0 && text == strings.Join(strings.FieldsFunc(r.Text.Raw(), func(c rune) bool { return c == ' ' }), " ")
}

// pretend looks at the record as if text were live.
func pretend(ctx context.Context, a part.Asker, w want, live record.Answer, text string) seen {
	live.Status, live.Records = record.Found, []record.Record{record.NewTXT(text)}
	a.Own = instead{a.Own, live}
	return look(ctx, a, w)
}

// instead gives one answer in place of a live one.
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

// weigh takes the record back if it brings an error, and says what else it
// brings.
func (c *cure) weigh(now, after []finding.Finding) {
	c.after = after
	for _, f := range after {
		if has(now, f) {
			continue
		}
		c.next = append(c.next, f.Check)
		switch text := fmt.Sprintf("%s would be next: %s", f.Check, f.Text()); f.Check.Severity {
		case finding.Error:
			c.text, c.why, c.brings = "", text, nil
			return
		case finding.Warning:
			c.brings = append(c.brings, text)
		}
	}
}

// has reports whether a finding is among others.
func has(all []finding.Finding, f finding.Finding) bool {
	return slices.ContainsFunc(all, func(o finding.Finding) bool { return o.Key() == f.Key() })
}

// remarks is what has to be said of the record to publish: why there is none, or
// what is to be known of it.
func (c *cure) remarks(known []string) []string {
	if c.why != "" {
		return []string{"no record is shown, because " + c.why}
	}
	return known
}

// salvage is all that is live, or was meant to be, as one valid record; ""
// where nothing can be made of it.
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
	switch {
	case c.why != "":
		return ""
	case len(texts) == 0 && w.open: // whom it should let send is for others to say
		return ""
	case len(texts) == 0:
		return w.suggestion()
	case len(texts) == 1:
		return texts[0]
	}
	return c.merged(w, texts)
}

// merged is one record with the terms of several. Of their endings it has the
// mildest, unless the file says which.
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
		if end == nil || end.Qualifier == '+' {
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

// lists reports whether the file lists an include.
func (w want) lists(name record.Name) bool {
	return slices.ContainsFunc(w.includes(), func(i atName) bool { return i.Value == name })
}

// accepts reports whether the record may have an include.
func (w want) accepts(name record.Name) bool {
	return w.listed == nil || !w.listed.Exact || w.required(name)
}

// required reports whether the record must have an include.
func (w want) required(name record.Name) bool {
	return w.lists(name) || w.mailFrom && name == ses.SPFInclude
}

// needsSES reports whether the record must have Amazon's include.
func (w want) needsSES() bool { return w.mailFrom || w.lists(ses.SPFInclude) }

// repairing is an SPF record as it is put together from a valid one.
type repairing struct {
	want
	seen
	*cure
	bars     []*finding.Check // what terms behind all would bring before it: they stay
	crowd    []*spf.Term      // that let nearly everybody send
	terms    []string
	taken    map[string]bool // the same, to find one
	have     map[record.Name]bool
	all      string
	redirect string
	behind   []string // terms that stay behind all
}

// repair puts the record together. Only printable ASCII is taken over, which is
// what valid records have.
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
	for i := range r.Terms {
		t := &r.Terms[i]
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

// corrected are the terms that an odd term was certainly meant to be, where the file
// has nothing against their includes; else nil.
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

// term takes a term of the live record over, or leaves it out.
func (m *repairing) term(t *spf.Term, unread bool) {
	text, name := t.Text.Raw(), targetName(t)
	switch {
	case t.Kind == spf.All:
		if m.all == "" && !unread && t.Qualifier != '+' {
			m.all = t.Qualifier.String() + "all"
		}
	case t.Kind == spf.Redirect && unread, isVersionTerm(t):
	case t.Kind == spf.Redirect:
		if m.open || !m.leadsNowhere(name) {
			m.redirect = text
		}
	case t.Kind == spf.Include && misnamesSES(m.want, m.seen, name):
		m.added(ses.SPFInclude)
	case t.Kind == spf.Include && !m.lists(name) && m.dangles(name):
		m.said = append(m.said, fmt.Sprintf("%.80s is left out, because nobody has registered its domain", t.Text))
	case t.Kind == spf.Include && m.mailFrom && name == ses.SPFInclude && t.Qualifier != '+': // it is added so that it passes
	case unread && t.Kind == spf.Include && !m.accepts(name):
		m.stay(t, fmt.Sprintf("the file does not list %.80s: list it or remove it", t.Domain))
	case unread && t.Kind == spf.PTR:
		m.stay(t, "ptr should not be used: remove it")
	case unread && len(m.bars) > 0 && !(t.Kind == spf.Include && m.required(name)):
		m.stay(t, "before all it would cause "+strings.Join(finding.IDs(m.bars), " and "))
	case t.Kind == spf.Include && m.have[name], m.taken[text]:
	case copied(t) && (m.needsSES() || m.includesSES()):
	case slices.Contains(m.crowd, t):
		m.said = append(m.said, fmt.Sprintf("%.80s is left out, because it lets nearly everybody send", t.Text))
	default:
		m.moved = m.moved || unread && !(t.Kind == spf.Include && m.required(name))
		m.have[name] = m.have[name] || t.Kind == spf.Include
		m.taken[text] = true
		m.terms = append(m.terms, text)
	}
}

// stay leaves a term behind all, where nobody reads it.
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

// include adds the includes that are missing. That of SES comes first where
// another term may get in its way: one that does not pass, or where SES's own is
// there already.
func (m *repairing) include() {
	r, had := readSES(m.tree), m.have[ses.SPFInclude]
	if m.mailFrom && (r.State == snapshot.Wrong && !r.broken || passesAll(m.tree.Root)) {
		m.added(ses.SPFInclude)
		i := slices.IndexFunc(m.terms, func(s string) bool { return strings.EqualFold(s, "include:"+string(ses.SPFInclude)) })
		fails := func(term string) bool { return strings.ContainsAny(term[:1], "-~?") }
		if i > 0 && (had || slices.ContainsFunc(m.terms[:i], fails)) {
			first := m.terms[i]
			m.terms = slices.Insert(slices.Delete(m.terms, i, i+1), 0, first)
		}
	}
	var beyond []record.Name // includes of the records that the redirect leads to
	for _, n := range chain(m.tree.Root)[1:] {
		for _, b := range readIncludes(n) {
			beyond = append(beyond, targetName(b.Term))
		}
	}
	for _, i := range m.includes() {
		if m.redirect == "" || !slices.Contains(beyond, i.Value) {
			m.added(i.Value)
		}
	}
}

func (m *repairing) String() string {
	end := m.want.all()
	switch {
	case m.redirect != "":
		end = m.redirect // the ending is the target's to change
	case end != "":
	case m.all != "":
		end = m.all
	default:
		end = "~all"
	}
	return strings.Join(slices.Concat([]string{"v=spf1"}, m.terms, []string{end}, m.behind), " ")
}

// isVersionTerm reports whether a term is a second version section, which is an
// unknown modifier to receivers.
func isVersionTerm(t *spf.Term) bool {
	return t.Kind == spf.Modifier && strings.HasPrefix(strings.ToLower(t.Text.Raw()), "v=")
}

// includesSES reports whether the record includes SES's, and passes by it.
func (s seen) includesSES() bool {
	return slices.ContainsFunc(readIncludes(s.tree.Root), func(b *spf.Branch) bool {
		return b.Term.Target == ses.SPFInclude && b.Term.Qualifier == '+'
	})
}

// node is the node of a name in the tree; nil if there is none.
func (s seen) node(name record.Name) *spf.Node {
	for _, n := range s.tree.Nodes[1:] {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// leadsNowhere reports whether it is known that a name that the record refers to
// has no SPF record.
func (s seen) leadsNowhere(name record.Name) bool {
	n := s.node(name)
	return n != nil && n.Answer.Status != record.Unknown && len(n.Records) == 0
}

// dangles reports whether nobody has registered the domain that a name of the
// tree, or its CNAME, leads to.
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

// isMisnamed reports whether a name that leads nowhere was meant to be SES's: one
// of Amazon's other domain, or one that is nearly right.
func isMisnamed(s seen, name record.Name) bool {
	return s.leadsNowhere(name) && (name.In("amazonaws.com") || ses.Misnamed(name))
}

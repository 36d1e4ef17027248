package check

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
)

// mend is the one SPF record to publish in place of the live one: whatever is
// found wrong with it, the fix is the same, so that fixes do not undo each
// other. "" means that there is nothing to publish, or that it cannot be built
// exactly: only printable ASCII is taken over.
func (j *spfJudge) mend(r *spf.Record) string {
	if !r.Text.Plain() || len(r.Problems) > 0 {
		return ""
	}
	m := mending{spfWant: j.spfWant, gone: j.gone()}
	for _, n := range chain(j.tree.Root)[1:] {
		for _, b := range reads(n, spf.Include) {
			m.beyond = append(m.beyond, targetName(b.Term))
		}
	}
	m.authorized, _ = authorizes(j.tree.Root, map[*spf.Node]bool{})
	m.authorized = m.authorized && len(j.tree.Root.Records) == 1 && !passesAll(j.tree.Root)
	left, right, glued := "", "", (*spf.Term)(nil)
	if len(j.tree.Root.Records) == 1 {
		glued, left, right = joined(j.tree.Root.Answer, r)
	}
	for i := range r.Terms {
		t := &r.Terms[i]
		if t == glued {
			m.take(parsed("v=spf1 " + left + " " + right))
			continue
		}
		m.term(m.meant(r, t), slices.Contains(r.Unread(), t))
	}
	text := m.String()
	if text == strings.Join(strings.Fields(r.Text.Raw()), " ") && len(j.tree.Root.Records) == 1 {
		return ""
	}
	return text
}

// gone are the includes of the record that lead nowhere and that the file does
// not list.
func (j *spfJudge) gone() (names []record.Name) {
	for _, n := range j.tree.Nodes[1:] {
		leadsOn := n.Answer.Status == record.Unknown || n.Record() != nil && len(n.Record().Problems) == 0
		if !leadsOn && !j.lists(n.Name) {
			names = append(names, n.Name)
		}
	}
	return names
}

// lists reports whether the file lists an include.
func (w spfWant) lists(name record.Name) bool {
	return slices.ContainsFunc(w.includes(), func(i atName) bool { return i.Value == name })
}

// mending is an SPF record as it is put together.
type mending struct {
	spfWant
	authorized bool // SES is, by whatever stays in the record
	gone       []record.Name
	terms      []string
	have       []record.Name // includes among terms
	all        string
	other      string // redirect
	// beyond are the includes of the records that the redirect leads to.
	beyond []record.Name
}

// meant is the include of the file that an odd term of the record stands for;
// without one it is the term itself.
func (m *mending) meant(r *spf.Record, t *spf.Term) *spf.Term {
	for _, o := range r.Oddities {
		if o.Column != t.Column {
			continue
		}
		if i := meantInclude(o); i != nil && (m.lists(targetName(i)) || m.mailFrom && targetName(i) == ses.SPFInclude) {
			return i
		}
	}
	return t
}

func (m *mending) take(r *spf.Record) {
	for i := range r.Terms {
		m.term(m.meant(r, &r.Terms[i]), false)
	}
}

// term takes a term of the live record over, or leaves it out.
func (m *mending) term(t *spf.Term, unread bool) {
	name := targetName(t)
	switch t.Kind {
	case spf.All:
		if m.all == "" && t.Qualifier != '+' {
			m.all = t.Qualifier.String() + "all"
		}
	case spf.Redirect:
		if !unread && !slices.Contains(m.gone, name) {
			m.other = t.Text.Raw()
		}
	case spf.Include:
		neutral := name == ses.SPFInclude && m.mailFrom && t.Qualifier != '+'
		if unread && !m.lists(name) || neutral || slices.Contains(m.gone, name) || slices.Contains(m.have, name) {
			return
		}
		m.have = append(m.have, name)
		m.terms = append(m.terms, t.Text.Raw())
	default:
		copied := t.Kind == spf.IP4 && ses.Sends(t.Network) && (m.mailFrom || m.lists(ses.SPFInclude))
		if !unread && !copied && !slices.Contains(m.terms, t.Text.Raw()) {
			m.terms = append(m.terms, t.Text.Raw())
		}
	}
}

func (m *mending) String() string {
	want := m.includes()
	if m.mailFrom && !m.authorized {
		want = append([]atName{{Value: ses.SPFInclude}}, want...)
	}
	for _, i := range want {
		if m.other != "" && slices.Contains(m.beyond, i.Value) {
			continue
		}
		if text := i.Value.Text(); !slices.Contains(m.have, i.Value) && text.Plain() {
			m.have = append(m.have, i.Value)
			m.terms = append(m.terms, "include:"+text.Raw())
		}
	}
	end := m.spfWant.all()
	switch {
	case m.other != "":
		end = m.other // the ending is the target's to change
	case end != "":
	case m.all != "":
		end = m.all
	default:
		end = "~all"
	}
	return strings.Join(append(append([]string{"v=spf1"}, m.terms...), end), " ")
}

// merge is one record with the terms of several, mended; "" where they cannot be
// merged. Of two endings the milder is kept, unless the file says which.
func (j *spfJudge) merge(rs []*spf.Record) string {
	var terms []string
	all := ""
	for _, r := range rs {
		if !r.Text.Plain() || len(r.Problems) > 0 || r.Redirect() != nil {
			return ""
		}
		for _, t := range r.Terms {
			if t.Kind != spf.All {
				terms = append(terms, t.Text.Raw())
			} else if q := t.Qualifier.String(); all == "" || strings.Index("-~?+", q) > strings.Index("-~?+", all[:1]) {
				all = q + "all"
			}
		}
	}
	return j.mend(parsed(strings.TrimSpace("v=spf1 " + strings.Join(terms, " ") + " " + all)))
}

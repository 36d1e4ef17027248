package snapshot

import (
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// SPFRecord is an SPF record for the reports: its terms with what they cost.
// What an include leads to stands under its own name.
type SPFRecord struct {
	Text    string    // in presentation form; "" where there is no record, or none is known, or it is left out
	Octets  int       // how many the record has, where Text is not all of it
	State   string    // "ok", "none", "several", "invalid" or "unknown"
	Lookups spf.Count // with all beneath
	Voids   spf.Count
	Terms   []SPFTerm
	Left    int // terms that are left out

	size int // about, in JSON
}

// SPFTerm is one term of an SPFRecord.
type SPFTerm struct {
	Text    string
	Leads   record.Name // include and redirect: where to; "" otherwise
	Lookups spf.Count
	Voids   spf.Count
	Void    bool // it found nothing
	Loop    bool // it leads back to where it came from
	Unread  bool // it is never evaluated
	Cut     bool // it is not followed, since the tree is too large
	Answers []string
	More    int // answers that are left out
}

// How much of a tree the reports have at most. What is left out is counted.
const (
	MaxTree    = 256 << 10 // octets as JSON, about: records in full, those nearest to the root first
	maxAnswers = 40        // answers to one term
)

// AddTree keeps the records of a tree, each name once. Of a name that several
// trees have, the fullest is kept, so that it does not matter which comes first.
func AddTree(all map[record.Name]*SPFRecord, t *spf.Tree) {
	left := MaxTree
	for _, n := range t.Nodes {
		old := all[n.Name]
		if old != nil && old.whole() && !fuller(n.Cost.Lookups, old.Lookups) {
			left -= old.size
			continue
		}
		r := NewSPFRecord(n)
		if left -= r.size; left < 0 {
			r.Left += len(r.Terms)
			r.Terms, r.Text, r.Octets = nil, "", octetsOf(n)
		}
		if old == nil || r.Fuller(old) {
			all[n.Name] = r
		}
	}
}

// whole reports whether no tree has more of the record.
func (r *SPFRecord) whole() bool { return r.Octets == 0 || r.Text != "" }

// Fuller reports whether r tells more of a record than what another tree has of it.
func (r *SPFRecord) Fuller(other *SPFRecord) bool {
	if len(r.Terms) != len(other.Terms) {
		return len(r.Terms) > len(other.Terms)
	}
	return fuller(r.Lookups, other.Lookups)
}

// fuller reports whether a count tells more than another, which was made where a
// tree ends.
func fuller(a, b spf.Count) bool {
	if a.Exact() != b.Exact() {
		return a.Exact()
	}
	return a.N > b.N
}

func octetsOf(n *spf.Node) int {
	if n.Record() == nil {
		return 0
	}
	return n.Record().Octets
}

// TermText is a term as it stands. Two colons at its front become an escape of
// the same form: the term may come to stand at the front of a line, and there
// they make it a command to GitHub's runner.
func TermText(t *spf.Term) string {
	text := t.Text.Bare()
	if strings.HasPrefix(text, "::") {
		return `\058` + text[1:]
	}
	return text
}

// NewSPFRecord is the record of a node of a tree.
func NewSPFRecord(n *spf.Node) *SPFRecord {
	r := &SPFRecord{Lookups: n.Cost.Lookups, Voids: n.Cost.Voids}
	switch rec := n.Record(); {
	case n.Answer.Status == record.Unknown:
		r.State = "unknown"
	case len(n.Records) == 0:
		r.State = "none"
	case rec == nil:
		r.State = "several"
	default:
		r.State, r.Text, r.Left = "ok", rec.Text.String(), rec.Left.Terms
		if len(rec.Problems) > 0 {
			r.State = "invalid"
		}
		if rec.Text.Len() < rec.Octets {
			r.Octets = rec.Octets
		}
	}
	r.size = inJSON(r.Text)
	r.Terms = make([]SPFTerm, 0, len(n.Branches))
	for i := range n.Branches {
		t := spfTerm(&n.Branches[i])
		r.size += inJSON(t.Text) + len(t.Leads)
		for _, a := range t.Answers {
			r.size += inJSON(a)
		}
		r.Terms = append(r.Terms, t)
	}
	return r
}

func spfTerm(b *spf.Branch) SPFTerm {
	t := SPFTerm{
		Text: TermText(b.Term), Lookups: b.Cost.Lookups, Voids: b.Cost.Voids,
		Void: b.Void, Loop: b.Loop, Unread: b.Unread, Cut: b.Cut,
	}
	if b.Term.Kind == spf.Include || b.Term.Kind == spf.Redirect {
		t.Leads = b.Term.Target
	}
	for _, a := range b.Answers {
		t.Answers = append(t.Answers, finding.Data(a)...)
		t.More += a.Left
	}
	if left := len(t.Answers) - maxAnswers; left > 0 {
		t.Answers = t.Answers[:maxAnswers]
		t.More += left
	}
	return t
}

// inJSON is how long a text in presentation form is as a value of JSON, about,
// with what stands around it.
func inJSON(s string) int {
	const around = 60
	return around + len(s) + strings.Count(s, `\`) + strings.Count(s, `"`)
}

// Words says what there is at a name.
func (r *SPFRecord) Words() string {
	switch r.State {
	case "none":
		return "no SPF record"
	case "several":
		return "several SPF records"
	case "invalid":
		return "a record with a syntax error"
	case "unknown":
		return "not answered"
	}
	return "one record"
}

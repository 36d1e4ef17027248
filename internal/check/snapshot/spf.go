package snapshot

import (
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// SPFRecord is an SPF record for reports: its terms with their cost. The records
// of includes are under their own names.
type SPFRecord struct {
	Text    string    // in presentation form; "" if there is none, it is unknown, or left out
	Octets  int       // length of the record, if Text is cut
	State   string    // "ok", "none", "several", "invalid" or "unknown"
	Lookups spf.Count // of the record and all below
	Voids   spf.Count
	Terms   []SPFTerm
	Left    int // number of terms left out

	size int // approximate, in JSON
}

// SPFTerm is one term of an SPFRecord.
type SPFTerm struct {
	Text    string
	Leads   record.Name // target of an include or redirect
	Lookups spf.Count
	Voids   spf.Count
	Void    bool // a void lookup
	Loop    bool // an endless loop
	Unread  bool // it is never evaluated
	Cut     bool // not followed: the tree is too large
	Answers []string
	More    int // number of answers left out
}

// Bounds on a tree in reports. The rest is counted.
const (
	MaxTree    = 256 << 10 // approximate octets of JSON: whole records, nearest to the root first
	maxAnswers = 40        // answers of one term
)

// AddTree adds the records of a tree, each name once. Of several versions of a
// name it keeps the fullest, so that the order of trees does not matter.
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

// whole reports whether the text of the record is complete.
func (r *SPFRecord) whole() bool { return r.Octets == 0 || r.Text != "" }

// Fuller reports whether r has more of a record than another tree's version.
func (r *SPFRecord) Fuller(other *SPFRecord) bool {
	if len(r.Terms) != len(other.Terms) {
		return len(r.Terms) > len(other.Terms)
	}
	return fuller(r.Lookups, other.Lookups)
}

// fuller reports whether a count is more exact than that of a tree that was cut.
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

// TermText is the text of a term. Two colons at its front become an escape: at
// the start of a line they would be a command to GitHub's runner.
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

// inJSON is the approximate length of a text as a JSON value, with its
// punctuation.
func inJSON(s string) int {
	const around = 60
	return around + len(s) + strings.Count(s, `\`) + strings.Count(s, `"`)
}

// Words describes the record, or why there is none.
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

package check

import (
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// SPFRecord is an SPF record for the reports: its terms with what they cost.
// What an include leads to stands under its own name.
type SPFRecord struct {
	Text    string    // in presentation form; "" where there is no record, or none is known
	State   string    // "ok", "none", "several", "invalid" or "unknown"
	Lookups spf.Count // with all beneath
	Voids   spf.Count
	Terms   []SPFTerm
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
	Answers []string
}

// addTree keeps the records of a tree, each name once.
func addTree(all map[record.Name]*SPFRecord, t *spf.Tree) {
	for _, n := range t.Nodes {
		if all[n.Name] == nil {
			all[n.Name] = spfRecord(n)
		}
	}
}

// termText is a term as it stands. Two colons at its front become an escape of
// the same form: the term may come to stand at the front of a line, and there
// they make it a command to GitHub's runner.
func termText(t *spf.Term) string {
	text := t.Text.Bare()
	if strings.HasPrefix(text, "::") {
		return `\058` + text[1:]
	}
	return text
}

func spfRecord(n *spf.Node) *SPFRecord {
	r := &SPFRecord{Lookups: n.Cost.Lookups, Voids: n.Cost.Voids}
	switch {
	case n.Answer.Status == record.Unknown:
		r.State = "unknown"
	case len(n.Records) == 0:
		r.State = "none"
	case len(n.Records) > 1:
		r.State = "several"
	default:
		r.State, r.Text = "ok", n.Record().Text.String()
		if len(n.Record().Problems) > 0 {
			r.State = "invalid"
		}
	}
	for _, b := range n.Branches {
		t := SPFTerm{
			Text: termText(b.Term), Lookups: b.Cost.Lookups, Voids: b.Cost.Voids,
			Void: b.Void, Loop: b.Loop, Unread: b.Unread,
		}
		if b.Term.Kind == spf.Include || b.Term.Kind == spf.Redirect {
			t.Leads = b.Term.Target
		}
		for _, a := range b.Answers {
			t.Answers = append(t.Answers, data(a)...)
		}
		r.Terms = append(r.Terms, t)
	}
	return r
}

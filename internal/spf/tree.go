package spf

import (
	"fmt"
	"strconv"

	"github.com/sescheck/sescheck/internal/record"
)

// How far a walk goes. It is past what RFC 7208 section 4.6.4 allows, so that
// the include that spends the lookups can be named, and bounded, because every
// name is somebody else's record. The bounds are on the shape of the tree, so
// that the same records give the same tree however fast they answer.
const (
	MaxDepth        = 20  // includes and redirects from the root down to a name
	MaxNames        = 50  // names below the root, breadth first
	MaxQuestions    = 100 // for the a, mx and exists terms of one record; an mx is taken to need 21
	MaxAllQuestions = 200 // for those of all records, breadth first; a record has all of its questions or none

	maxAhead = 30 // names that are fetched before it is their turn

	// What a walk asks for side by side, since an answer may have 64 KiB.
	sideNames     = 12
	sideQuestions = 8 // of terms
)

// Tree is a record with everything that it refers to.
type Tree struct {
	Root      *Node   // the first of Nodes
	Nodes     []*Node // every name once, breadth first
	Truncated bool    // there is more than the bounds allow
}

// node returns the node of a name: the few that there are need no map.
func (t *Tree) node(name record.Name) *Node {
	for _, n := range t.Nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// Node is a name at which an SPF record is looked for. It stands once in a
// tree, however many terms refer to it.
type Node struct {
	Name     record.Name
	Depth    int           // the least number of includes and redirects from the root
	Parent   *Node         // the first that refers to it, nearest to the root; nil of the root
	Answer   record.Answer // of TXT, no more than MaxRecords; if it is unknown, so is all that would be beneath
	Records  []*Record     // the SPF records in it: none, one, or several, which is a PermError; no more than MaxRecords
	Found    int           // how many SPF records there are
	Branches []Branch      // one for each term that is kept, where there is exactly one record
	Cost     Totals        // of the record, with all beneath; the question for Answer is not in it
	state    progress      // of the count
	unasked  bool          // its questions are beyond MaxAllQuestions
}

// Record returns the node's SPF record, or nil if it has none or several.
func (n *Node) Record() *Record {
	if len(n.Records) != 1 {
		return nil
	}
	return n.Records[0]
}

// Branch is a term with what it leads to. Nothing is asked for a ptr, whose
// lookups depend on the client.
type Branch struct {
	Term    *Term
	Child   *Node           // of include and redirect, if it was followed
	Answers []record.Answer // a: A and AAAA; exists: A; mx: MX, then A and AAAA of each host; no more than MaxRecords each
	Unread  bool            // after all, or a redirect beside all: never evaluated, not followed, costs nothing
	Hosts   bool            // an mx with more than MaxHosts hosts, a PermError; their addresses were not asked for
	Loop    bool            // Child is this node or one above it: evaluation would not end
	Cut     bool            // not followed, because the walk is Truncated here
	Void    bool            // a lookup without an answer; A and AAAA of one term are one
	Cost    Totals          // of the term, with all beneath
}

// Totals is what RFC 7208 section 4.6.4 limits. What is used repeatedly is
// counted repeatedly.
type Totals struct {
	Lookups Count // terms that ask DNS
	Voids   Count // of those, the ones that found nothing
}

// Count is a number that may be larger if it has gaps. It stops at a million.
type Count struct {
	N    int
	Gaps Gap
}

// Gap says why a count is only "at least": a set of reasons.
type Gap uint8

// The reasons.
const (
	Macro   Gap = 1 << iota // a name that depends on the mail was not followed
	Failed                  // a question failed: what is beyond is not known
	Endless                 // includes go round
	Capped                  // the walk was truncated
)

// Has reports whether g has one of the reasons of h.
func (g Gap) Has(h Gap) bool { return g&h != 0 }

// Exact reports whether the count is the whole.
func (c Count) Exact() bool { return c.Gaps == 0 }

// Words says how many there are: "3", or "at least 3".
func (c Count) Words() string {
	if c.Exact() {
		return strconv.Itoa(c.N)
	}
	return fmt.Sprintf("at least %d", c.N)
}

type progress uint8

const (
	under progress = iota + 1 // the count is in the middle of it
	over
)

// count adds up what a finished tree costs from the node downwards, in the
// order of the records, so that no figure depends on who answered first. It
// goes through each node once: what is referred to again has its totals
// already. A tree that doubles at every level is counted as fast as any.
func (n *Node) count() {
	if n.state == over {
		return
	}
	n.state = under
	if n.Answer.Status == record.Unknown {
		n.Cost.gap(Failed)
	}
	for i := range n.Branches {
		b := &n.Branches[i]
		b.count()
		n.Cost.add(b.Cost)
	}
	if r := n.Record(); r != nil && r.Left.Lookups > 0 {
		n.Cost.Lookups.add(Count{N: r.Left.Lookups})
		n.Cost.gap(Capped)
	}
	n.state = over
}

func (b *Branch) count() {
	t := b.Term
	if b.Unread || t.Bad || !t.Kind.Queries() {
		return
	}
	b.Cost.Lookups.N = 1
	switch {
	case t.Macros:
		b.Cost.gap(Macro)
	case b.Child != nil:
		b.countChild()
	case b.Cut && (t.Kind == Include || t.Kind == Redirect):
		b.Cost.gap(Capped)
	case b.Cut:
		b.Cost.Voids.Gaps |= Capped
	default:
		b.void()
	}
	if b.Void {
		b.Cost.Voids.N++
	}
}

func (b *Branch) countChild() {
	b.Void = b.Child.Answer.Absent()
	if b.Child.state == under {
		b.Loop = true
		b.Cost.gap(Endless)
		return
	}
	b.Child.count()
	b.Cost.add(b.Child.Cost)
}

// void judges an a, mx or exists by its answers. An mx that has hosts is not
// void, whatever these have: they are no terms.
func (b *Branch) void() {
	absent, failed := 0, 0
	for _, a := range b.Answers {
		switch {
		case a.Absent():
			absent++
		case a.Status == record.Unknown:
			failed++
		}
	}
	switch {
	case len(b.Answers) == 0:
	case absent == len(b.Answers):
		b.Void = true
	case absent+failed == len(b.Answers):
		b.Cost.Voids.Gaps |= Failed
	}
}

func (t *Totals) add(o Totals) {
	t.Lookups.add(o.Lookups)
	t.Voids.add(o.Voids)
}

func (t *Totals) gap(g Gap) {
	t.Lookups.Gaps |= g
	t.Voids.Gaps |= g
}

func (c *Count) add(o Count) {
	c.N = min(c.N+o.N, maxCount)
	c.Gaps |= o.Gaps
}

const maxCount = 1_000_000 // shared includes can multiply beyond any number

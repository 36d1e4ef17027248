package spf

import (
	"fmt"
	"strconv"

	"github.com/sescheck/sescheck/internal/record"
)

// Bounds of a walk. They exceed the limits of RFC 7208 section 4.6.4, so that the
// include that uses the lookups up can be named, but strangers control the
// records. They bound the shape of the tree, so that the same records give the
// same tree, however fast their answers are.
const (
	MaxDepth        = 20  // includes and redirects between the root and a name
	MaxNames        = 50  // names below the root, breadth first
	MaxQuestions    = 100 // queries of the a, mx and exists terms of one record; an mx counts as 21, its own and two for each host
	MaxAllQuestions = 200 // queries of all records, breadth first; of a record all or none are sent

	maxAhead = 30 // names that are prefetched

	// Bounds on queries in parallel, since an answer may have 64 KiB.
	sideNames     = 12
	sideQuestions = 8 // queries of terms
)

// Tree is a record with all its references.
type Tree struct {
	Root      *Node   // the first of Nodes
	Nodes     []*Node // every name once, breadth first
	Truncated bool    // the bounds cut the tree
}

// node returns the node of a name. A scan is fast enough for MaxNames.
func (t *Tree) node(name record.Name) *Node {
	for _, n := range t.Nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// Node is a name whose SPF record a tree needs. It is in the tree once, however
// many terms refer to it.
type Node struct {
	Name     record.Name
	Depth    int           // the least number of includes and redirects from the root
	Parent   *Node         // the referring node that is nearest to the root; nil for the root
	Answer   record.Answer // of TXT, at most MaxRecords; if unknown, all below is unknown as well
	Records  []*Record     // the SPF records of Answer, at most MaxRecords; two are a PermError
	Found    int           // number of SPF records at the name
	Branches []Branch      // one for each kept term, if there is exactly one record
	Cost     Totals        // of the record and all below, without the query for the record itself
	state    progress      // of the count
	unasked  bool          // its queries exceed MaxAllQuestions
}

// Record returns the node's SPF record, or nil if it has none or more than one.
func (n *Node) Record() *Record {
	if len(n.Records) != 1 {
		return nil
	}
	return n.Records[0]
}

// Branch is a term with its answers and child. ptr has neither: its lookups
// depend on the client.
type Branch struct {
	Term    *Term
	Child   *Node           // of a followed include or redirect
	Answers []record.Answer // a: A and AAAA; exists: A; mx: MX, then A and AAAA of each host; at most MaxRecords each
	Unread  bool            // no evaluation reaches it: not followed, costs nothing
	Hosts   bool            // an mx with more than MaxHosts hosts, a PermError; their addresses are not queried
	Loop    bool            // Child is this node or an ancestor: an endless loop
	Cut     bool            // not followed, because of the bounds
	Void    bool            // a lookup without an answer; A and AAAA of a term are one lookup
	Cost    Totals          // of the term and all below
}

// Totals are the numbers that RFC 7208 section 4.6.4 limits. Repeated references
// count each time.
type Totals struct {
	Lookups Count // terms with a query
	Voids   Count // void lookups among them
}

// Count is a number, or with gaps a lower bound. It saturates at a million.
type Count struct {
	N    int
	Gaps Gap
}

// Gap is a set of reasons why a count is only a lower bound.
type Gap uint8

// The reasons.
const (
	Macro   Gap = 1 << iota // a name depends on the mail, and is not followed
	Failed                  // a query failed
	Endless                 // includes form a loop
	Capped                  // the bounds cut the walk
)

// Has reports whether g contains one of the reasons of h.
func (g Gap) Has(h Gap) bool { return g&h != 0 }

// Exact reports whether the count has no gaps.
func (c Count) Exact() bool { return c.Gaps == 0 }

// Words returns the count in words: "3", or "at least 3".
func (c Count) Words() string {
	if c.Exact() {
		return strconv.Itoa(c.N)
	}
	return fmt.Sprintf("at least %d", c.N)
}

type progress uint8

const (
	under progress = iota + 1 // the count is in the middle of this node: a loop
	over
)

// count adds up the cost of a finished tree from the node downwards, depth first
// and in the order of the records, so that it does not depend on the order of
// answers. Each node is visited once and then reused, so even a tree that doubles
// at every level takes linear time.
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

// void decides whether an a, mx or exists is a void lookup. An mx with hosts is
// not, even if these have no addresses: hosts are not terms.
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

const maxCount = 1_000_000 // shared includes multiply

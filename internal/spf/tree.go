package spf

import (
	"context"

	"github.com/sescheck/sescheck/internal/record"
)

// How far a walk goes. It is past what RFC 7208 section 4.6.4 allows, so that
// the include that spends the lookups can be named, and bounded, because every
// name is somebody else's record. The bounds are on the shape of the tree, so
// that the same records give the same tree however fast they answer.
const (
	MaxDepth     = 20  // includes and redirects from the root down to a name
	MaxNames     = 100 // names below the root, breadth first
	MaxQuestions = 100 // for the a, mx and exists terms of one record; an mx is taken to need 21
)

// Tree is a record with everything that it refers to.
type Tree struct {
	Root      *Node
	Nodes     []*Node // every name once, breadth first; the root is the first
	Truncated bool    // there is more than MaxDepth, MaxNames and MaxQuestions allow
}

// Node is a name at which an SPF record is looked for. It stands once in a
// tree, however many terms refer to it.
type Node struct {
	Name     record.Name
	Depth    int           // the least number of includes and redirects from the root
	Answer   record.Answer // of TXT; if it is unknown, so is all that would be beneath
	Records  []*Record     // the SPF records in it: none, one, or several, which is a PermError
	Branches []Branch      // one for each term, where there is exactly one record
	Cost     Totals        // of the record, with all beneath; the question for Answer is not in it
}

// Record returns the node's SPF record, or nil if it has none or several.
func (n *Node) Record() *Record {
	if len(n.Records) != 1 {
		return nil
	}
	return n.Records[0]
}

// Branch is a term with what it leads to.
type Branch struct {
	Term    *Term
	Unread  bool            // after all, or a redirect beside all: never evaluated, not followed, costs nothing
	Child   *Node           // of include and redirect, if it was followed
	Answers []record.Answer // a: A and AAAA; exists: A; mx: MX, then A and AAAA of each host
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

// Forest remembers for one run what stands at the names that SPF records refer
// to: many domains share a few of them. It may be used from many goroutines;
// a name is fetched once.
type Forest struct {
	ctx context.Context // of the run: what is shared does not end with one domain's walk
	ask record.Asker
}

// NewForest returns an empty forest that asks ask until ctx, the run's, ends.
func NewForest(ctx context.Context, ask record.Asker) *Forest {
	return &Forest{ctx: ctx, ask: ask}
}

// Walk follows everything that the SPF record at name refers to. The record
// itself, and what its own a, mx and exists terms need, is asked of own and
// forgotten; the records that it includes belong to the forest.
//
// Everything is asked as soon as it is known, so that a walk takes as long as
// its longest chain of questions. A question that fails, or that ctx ends,
// stays a failure in the tree.
func (f *Forest) Walk(ctx context.Context, own record.Asker, name record.Name) *Tree {
	root := &Node{Name: name, Answer: own.Ask(ctx, record.Question{Name: name, Type: record.TXT})}
	return &Tree{Root: root, Nodes: []*Node{root}} // the walk itself is still to be written
}

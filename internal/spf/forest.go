package spf

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/record"
)

// Forest remembers for one run what stands at the names that SPF records refer
// to: many domains share a few of them. It may be used from many goroutines;
// a name is fetched once.
type Forest struct {
	ctx context.Context // of the run: what is shared does not end with one domain's walk
	ask record.Asker

	mu    sync.Mutex
	pages map[record.Name]*page
}

// NewForest returns an empty forest that asks ask until ctx, the run's, ends.
func NewForest(ctx context.Context, ask record.Asker) *Forest {
	return &Forest{ctx: ctx, ask: newMemo(ctx, ask), pages: map[record.Name]*page{}}
}

// Walk follows everything that the SPF record at name refers to. The record
// itself, and what its a, mx and exists terms need at or below name, is asked
// of own and forgotten; all else belongs to the forest.
//
// Everything is asked as soon as it is known, so that a walk takes as long as
// its longest chain of questions. A question that fails, or that ctx ends,
// stays a failure in the tree. Answers and records in it are shared: they are
// for reading.
func (f *Forest) Walk(ctx context.Context, own record.Asker, name record.Name) *Tree {
	w := walk{ctx: ctx, forest: f, ahead: make([]record.Name, 1, 8)}
	defer w.over.Store(true)
	w.ahead[0] = name
	root := ownPage(ctx, own, f.ask, name)
	w.hurry(root, 0)
	t := w.build(name, root)
	t.Root.count()
	return t
}

// page returns the page of name, and fetches it if nobody did.
func (f *Forest) page(name record.Name) *page {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.pages[name]
	if !ok {
		p = fetchPage(f.ctx, f.ask, name)
		f.pages[name] = p
	}
	return p
}

// walk is one tree in the making.
type walk struct {
	ctx    context.Context
	forest *Forest
	over   atomic.Bool  // nothing more is to be fetched
	asked  atomic.Int64 // questions that hurry began with

	mu    sync.Mutex
	ahead []record.Name // fetched ahead of build: most often a few
}

// hurry fetches the names beneath p as soon as each is known, and what their
// terms need. Which of that belongs to the tree is for build to say, which goes
// by levels and so cannot start on the next while one answer is slow; hurry only
// warms the forest.
func (w *walk) hurry(p *page, depth int) {
	select {
	case <-p.read:
	case <-w.ctx.Done():
		return
	}
	if depth > 0 && p.asks > 0 && w.asked.Add(int64(p.asks)) <= MaxAllQuestions {
		p.begin(w.forest.ctx)
	}
	if depth == MaxDepth {
		return
	}
	for _, t := range p.next {
		if !w.first(t.Target) {
			continue
		}
		next := w.forest.page(t.Target)
		select {
		case <-next.read: // another domain's walk has been here
			w.hurry(next, depth+1)
		default:
			go w.hurry(next, depth+1)
		}
	}
}

func (w *walk) first(name record.Name) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if slices.Contains(w.ahead, name) || len(w.ahead) > MaxNames || w.over.Load() || w.ctx.Err() != nil {
		return false
	}
	w.ahead = append(w.ahead, name)
	return true
}

// build makes the tree level by level, so that what the bounds leave out
// depends on nothing but the records.
func (w *walk) build(name record.Name, root *page) *Tree {
	t := &Tree{Root: &Node{Name: name}}
	t.Nodes = append(t.Nodes, t.Root)
	pages := []*page{root}
	asked := 0
	for i := 0; i < len(t.Nodes); i++ {
		n, p := t.Nodes[i], pages[i]
		if !w.wait(p.read) {
			n.Answer = interrupted(record.Question{Name: n.Name, Type: record.TXT})
			pages[i] = nil
			continue
		}
		n.Answer, n.Records, n.Found = p.answer, p.records, p.found
		if r := n.Record(); r != nil && r.Left.Lookups > 0 {
			t.Truncated = true
		}
		switch {
		case asked+p.asks > MaxAllQuestions:
			n.unasked = true
		case i > 0 && p.asks > 0:
			p.begin(w.forest.ctx)
			fallthrough
		default:
			asked += p.asks
		}
		for _, child := range w.lead(t, n, p) {
			pages = append(pages, w.forest.page(child.Name))
		}
	}
	for i, n := range t.Nodes {
		if pages[i] != nil && w.finish(n, pages[i]) {
			t.Truncated = true
		}
	}
	return t
}

// lead links the node to those that its record leads to, and returns those that
// are new in the tree.
func (w *walk) lead(t *Tree, n *Node, p *page) (added []*Node) {
	if len(p.next) == 0 {
		return nil
	}
	n.branch()
	for j := range n.Branches {
		b := &n.Branches[j]
		if k := b.Term.Kind; b.Unread || !b.Term.followed() || k != Include && k != Redirect {
			continue
		}
		child := t.node(b.Term.Target)
		if child == nil {
			if n.Depth == MaxDepth || len(t.Nodes) > MaxNames {
				b.Cut, t.Truncated = true, true
				continue
			}
			child = &Node{Name: b.Term.Target, Depth: n.Depth + 1, Parent: n}
			t.Nodes = append(t.Nodes, child)
			added = append(added, child)
		}
		b.Child = child
	}
	return added
}

// finish gives a node of which the record is there its branches with their
// answers, and reports whether some are left out. If the page is not done the
// walk has ended before.
func (w *walk) finish(n *Node, p *page) (cut bool) {
	done := !n.unasked && w.wait(p.done)
	if done && p.leaf.branches != nil {
		n.Branches, n.Cost, n.state = p.leaf.branches, p.leaf.cost, over
		return false
	}
	if n.Branches == nil {
		n.branch()
	}
	return n.fill(p, done)
}

// wait reports whether done came before the end of the context. What is done
// already counts even then.
func (w *walk) wait(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
	}
	select {
	case <-done:
		return true
	case <-w.ctx.Done():
		return false
	}
}

// branch makes a branch for each term of the node's record.
func (n *Node) branch() {
	r := n.Record()
	if r == nil {
		return
	}
	all := r.All()
	n.Branches = make([]Branch, len(r.Terms))
	for i := range r.Terms {
		t := &r.Terms[i]
		n.Branches[i] = Branch{Term: t, Unread: t.unread(all)}
	}
}

// fill gives the branches their answers, and reports whether some were beyond
// the bounds. If the page is not done the walk has ended before, or it was not
// asked.
func (n *Node) fill(p *page, done bool) (cut bool) {
	for i := range n.Branches {
		b := &n.Branches[i]
		first := b.Term.questions(n.Name)
		switch {
		case len(first) == 0 || b.Unread:
		case n.unasked || i >= p.cut:
			b.Cut, cut = true, true
		case !done:
			for _, q := range first {
				b.Answers = append(b.Answers, interrupted(q))
			}
		default:
			b.Answers = p.answers[i]
			mx := b.Answers[0]
			b.Hosts = b.Term.Kind == MX && len(mx.Records)+mx.Left > MaxHosts
		}
	}
	return cut
}

func interrupted(q record.Question) record.Answer {
	return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Interrupted}}
}

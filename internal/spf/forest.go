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
	over   atomic.Bool // nothing more is to be fetched

	mu    sync.Mutex
	ahead []record.Name // fetched ahead of build: most often a few
}

// hurry fetches the names beneath p as soon as each is known. Which of them
// belong to the tree is for build to say, which goes by levels and so cannot
// start on the next while one answer is slow; hurry only warms the forest.
func (w *walk) hurry(p *page, depth int) {
	select {
	case <-p.read:
	case <-w.ctx.Done():
		return
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
	for i := 0; i < len(t.Nodes); i++ {
		n := t.Nodes[i]
		if !w.wait(pages[i].read) {
			n.Answer = interrupted(record.Question{Name: n.Name, Type: record.TXT})
			continue
		}
		n.Answer, n.Records = pages[i].answer, pages[i].records
		if len(pages[i].next) == 0 {
			continue
		}
		n.branch()
		for j := range n.Branches {
			b := &n.Branches[j]
			if k := b.Term.Kind; b.Unread || !b.Term.followed() || k != Include && k != Redirect {
				continue
			}
			child := t.node(b.Term.Target)
			switch {
			case child != nil:
			case n.Depth == MaxDepth || len(t.Nodes) > MaxNames:
				b.Cut, t.Truncated = true, true
				continue
			default:
				child = &Node{Name: b.Term.Target, Depth: n.Depth + 1}
				t.Nodes = append(t.Nodes, child)
				pages = append(pages, w.forest.page(child.Name))
			}
			b.Child = child
		}
	}
	for i, n := range t.Nodes {
		done := w.wait(pages[i].done)
		if done && pages[i].leaf.branches != nil {
			n.Branches, n.Cost, n.state = pages[i].leaf.branches, pages[i].leaf.cost, over
			continue
		}
		if n.Branches == nil {
			n.branch()
		}
		if n.fill(pages[i], done) {
			t.Truncated = true
		}
	}
	return t
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
// MaxQuestions. If the page is not done the walk has ended before.
func (n *Node) fill(p *page, done bool) (cut bool) {
	for i := range n.Branches {
		b := &n.Branches[i]
		first := b.Term.questions(n.Name)
		switch {
		case len(first) == 0 || b.Unread:
		case !done:
			for _, q := range first {
				b.Answers = append(b.Answers, interrupted(q))
			}
		case i >= p.cut:
			b.Cut, cut = true, true
		default:
			b.Answers = p.answers[i]
			b.Hosts = b.Term.Kind == MX && len(b.Answers[0].Records) > MaxHosts
		}
	}
	return cut
}

func interrupted(q record.Question) record.Answer {
	return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Interrupted}}
}

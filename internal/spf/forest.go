package spf

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/record"
)

// Forest caches for one run the records that SPF records refer to, since many
// domains share a few of them. It fetches each name once, and is safe for
// concurrent use.
type Forest struct {
	ctx context.Context // of the run: shared records outlive one domain's walk
	ask record.Asker

	first   *Forest // has the names that are not doubted; may be nil
	doubted func(record.Name) bool

	mu      sync.Mutex
	records map[record.Name]*fetchedRecord
}

// NewForest returns an empty forest that sends queries to ask until the run's ctx
// ends.
func NewForest(ctx context.Context, ask record.Asker) *Forest {
	return &Forest{ctx: ctx, ask: newMemo(ctx, possible{ask}), records: map[record.Name]*fetchedRecord{}}
}

// Again returns a forest that fetches doubted names again, with ask until ctx
// ends, and takes the rest from f.
func (f *Forest) Again(ctx context.Context, ask record.Asker, doubted func(record.Name) bool) *Forest {
	again := NewForest(ctx, ask)
	again.first, again.doubted = f, doubted
	return again
}

// Walk follows all references of the SPF record at name, breadth first. The
// record itself, and the queries of its a, mx and exists terms at or below name,
// go to own and are not kept; the forest keeps the rest.
//
// Each query is sent as soon as its name is known, so a walk takes as long as its
// longest chain of queries. A query that fails or is cancelled is a failure in
// the tree. Callers must not modify the answers and records of the tree, which
// are shared.
func (f *Forest) Walk(ctx context.Context, own record.Asker, name record.Name) *Tree {
	w := walk{ctx: ctx, forest: f, ahead: make([]record.Name, 1, 8)}
	defer w.over.Store(true)
	w.ahead[0] = name
	root := w.own(own, name)
	w.hurry(root, 0)
	t := w.build(name, root)
	t.Root.count()
	return t
}

// fetch returns the record of name, and fetches it the first time.
func (f *Forest) fetch(name record.Name) *fetchedRecord {
	if f.first != nil && !f.doubted(name) {
		return f.first.fetch(name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.records[name]
	if !ok {
		p = startFetch(f.ctx, f.ask, name)
		f.records[name] = p
	}
	return p
}

// walk builds one tree.
type walk struct {
	ctx    context.Context
	forest *Forest
	over   atomic.Bool  // hurry stops
	asked  atomic.Int64 // queries that hurry started

	mu     sync.Mutex
	ahead  []record.Name // names that hurry fetched; usually a few
	flying int           // number of those that are still loading
	slots  chan struct{} // bounds the queries of terms in parallel
}

// own loads the record of the tree's root, and starts the queries of its terms.
func (w *walk) own(own record.Asker, name record.Name) *fetchedRecord {
	p := &fetchedRecord{name: name, read: now, done: now, ctx: w.ctx, ask: own}
	p.load()
	if p.asks == 0 {
		p.complete()
		return p
	}
	p.ask = rooted{name, newMemo(w.ctx, own), w.forest.ask}
	w.begin(p)
	return p
}

// begin starts the queries of a record's terms, unless another walk did.
func (w *walk) begin(p *fetchedRecord) {
	p.begun.Do(func() {
		w.mu.Lock()
		if w.slots == nil {
			w.slots = make(chan struct{}, sideQuestions)
		}
		p.ask = narrow{p.ask, w.slots}
		w.mu.Unlock()
		done := make(chan struct{})
		p.done = done
		go func() {
			p.complete()
			close(done)
		}()
	})
}

// hurry prefetches the names below p, and the queries of their terms, depth
// first. It only warms the cache: build decides which of them belong to the tree.
// Alone, build would wait at each level for the slowest answer.
func (w *walk) hurry(p *fetchedRecord, depth int) {
	select {
	case <-p.read:
	case <-w.ctx.Done():
		return
	}
	if depth > 0 {
		w.landed()
	}
	if depth > 0 && p.asks > 0 && w.asked.Add(int64(p.asks)) <= MaxAllQuestions {
		w.begin(p)
	}
	if depth == MaxDepth {
		return
	}
	for _, t := range p.next {
		first, full := w.first(t.Target)
		if full {
			return // build continues in the order of the record
		}
		if !first {
			continue
		}
		next := w.forest.fetch(t.Target)
		select {
		case <-next.read: // already loaded by another walk
			w.hurry(next, depth+1)
		default:
			go w.hurry(next, depth+1)
		}
	}
}

// first reports whether hurry is to fetch a name: not yet fetched, and within the
// bounds. full is true beyond them.
func (w *walk) first(name record.Name) (first, full bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case slices.Contains(w.ahead, name):
		return false, false
	case len(w.ahead) > maxAhead || w.flying == sideNames || w.over.Load() || w.ctx.Err() != nil:
		return false, true
	}
	w.ahead = append(w.ahead, name)
	w.flying++
	return true, false
}

func (w *walk) landed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flying--
}

// build makes the tree breadth first, so that its bounds cut by the records
// alone, not by the timing of answers.
func (w *walk) build(name record.Name, root *fetchedRecord) *Tree {
	t := &Tree{Root: &Node{Name: name}}
	t.Nodes = append(t.Nodes, t.Root)
	records := []*fetchedRecord{root}
	asked := 0
	for i := 0; i < len(t.Nodes); i++ {
		for len(records) < min(len(t.Nodes), i+sideNames) {
			records = append(records, w.forest.fetch(t.Nodes[len(records)].Name))
		}
		n, p := t.Nodes[i], records[i]
		if !w.wait(p.read) {
			n.Answer = interrupted(record.Question{Name: n.Name, Type: record.TXT})
			records[i] = nil
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
			w.begin(p)
			fallthrough
		default:
			asked += p.asks
		}
		t.lead(n, p)
	}
	for i, n := range t.Nodes {
		if records[i] != nil && w.finish(n, records[i]) {
			t.Truncated = true
		}
	}
	return t
}

// lead adds the children of a node, and its new names to the tree.
func (t *Tree) lead(n *Node, p *fetchedRecord) {
	if len(p.next) == 0 {
		return
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
		}
		b.Child = child
	}
}

// finish sets the branches of a node, and reports whether some are cut. If the
// queries of the record are not done, the walk has ended before.
func (w *walk) finish(n *Node, p *fetchedRecord) (cut bool) {
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

// wait reports whether done is closed before the context ends. If both are, done
// wins.
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

// fill sets the answers of the branches, and reports whether some are cut by the
// bounds. done is false if the walk ended before the queries, or did not send
// them.
func (n *Node) fill(p *fetchedRecord, done bool) (cut bool) {
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

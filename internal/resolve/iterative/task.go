package iterative

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// Bounds of what one question of the user's can make us ask (NXNSAttack,
// CVE-2020-8616): so many for its name, and for the target of each CNAME, and so
// many for the whole chain. Unbound (max-global-quota) and BIND (max-query-count)
// have 200 for a chain, but do not ask all servers of a zone; here an honest one
// of sixteen zones may take 300. A search for a server's address counts as one
// question more, since not every one comes to ask any. What is sent again for lack
// of an answer is bounded for the chain, too, by a little more than it takes to
// find a whole zone dead.
//
// As many as it may take to hear all servers of a zone are kept for the question
// itself: servers that are hard to find take nothing from those that are not.
const (
	mostQuestions = 200
	mostForChain  = 2 * mostQuestions
	mostResends   = mostQuestions
	keptForItself = maxNameservers * transport.DeadAfter
)

// budget is how many questions may be spent, how many were, and whether more
// were wanted.
type budget struct {
	most    int32
	spent   atomic.Int32
	refused atomic.Bool
	resent  atomic.Int32 // datagrams
}

// renew allows what the next name of a chain may cost.
func (b *budget) renew() {
	b.most = min(b.spent.Load()+mostQuestions, mostForChain)
	b.refused.Store(false)
}

// Task is a piece of work and the work that it waits for now. It is paid for from
// the budget of the user's question that it is done for.
type Task struct {
	key    any
	parent *Task // that it is done for; nil for a question of the user's
	depth  int   // how many there are above it
	budget *budget

	// stopped says that some of it was left undone for a reason that lies with
	// the task that it was done for: it was needed there already, was too far down,
	// or the budget is spent. That it failed means nothing to other tasks.
	stopped atomic.Bool

	needs   map[*Task]int // edges of the wait-for graph
	visited int           // the last search of that graph which met it
}

// NewTask is the task of a question of the user's, and of the whole chain of
// CNAMEs that it leads to.
func NewTask() *Task { return &Task{budget: &budget{}} }

// isFor reports whether the task is, or is done for, the work for key.
func (t *Task) isFor(key any) bool {
	for ; t != nil; t = t.parent {
		if t.key == key {
			return true
		}
	}
	return false
}

// Spend takes one question from the budget. It reports false where there is none
// left.
func (t *Task) Spend() bool {
	if t.budget.spent.Add(1) <= t.most() {
		return true
	}
	t.budget.spent.Add(-1)
	t.budget.refused.Store(true)
	t.stopped.Store(true)
	return false
}

// Resend takes one datagram that is sent again, for lack of an answer, from
// those of the whole chain.
func (t *Task) Resend() bool { return t.budget.resent.Add(1) <= mostResends }

// spent reports whether the task may ask nothing more.
func (t *Task) spent() bool { return t.budget.spent.Load() >= t.most() }

func (t *Task) most() int32 {
	if t.depth == 0 {
		return t.budget.most
	}
	return t.budget.most - keptForItself
}

// explain adds to a failure that more questions were wanted than are allowed.
func (t *Task) explain(f *record.Failure) {
	if f != nil && t.budget.refused.Load() {
		f.Detail = strings.TrimPrefix(fmt.Sprintf("%s; no more than %d questions are asked for one, nor %d for a chain of CNAMEs", f.Detail, mostQuestions, mostForChain), "; ")
	}
}

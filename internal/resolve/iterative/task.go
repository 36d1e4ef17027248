package iterative

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// Bounds of the questions that one question of the user's can cause (NXNSAttack,
// CVE-2020-8616). Unbound (max-global-quota) and BIND (max-query-count) allow 200
// for a chain, but do not ask all servers of a zone; here an honest chain of
// sixteen zones may take 300. A search for a server's address counts as one
// question more, since some searches ask none.
const (
	mostQuestions = 200               // for a name, and for the target of each CNAME
	mostForChain  = 2 * mostQuestions // of CNAMEs
	mostResends   = mostQuestions     // datagrams sent again for a chain: a few more than it takes to find a zone dead

	// keptForItself is enough to reach all servers of a zone, so that servers
	// that are hard to find take nothing from easy ones.
	keptForItself = maxNameservers * transport.DeadAfter
)

// budget counts the questions against the bounds.
type budget struct {
	most    int32
	spent   atomic.Int32
	refused atomic.Bool  // more were wanted
	resent  atomic.Int32 // datagrams
}

// renew allows the questions for the next name of a chain.
func (b *budget) renew() {
	b.most = min(b.spent.Load()+mostQuestions, mostForChain)
	b.refused.Store(false)
}

// Task is a piece of work, done for a question of the user's and paid for from its
// budget.
type Task struct {
	key    any
	parent *Task // that it is done for; nil for a question of the user's
	depth  int   // how many there are above it
	budget *budget

	// stopped says that a part of the work was skipped because of the parent: it
	// needs this work itself, is too deep, or has spent its budget. The failure
	// means nothing to other tasks.
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

// Resend takes one datagram that is sent again from the budget of the chain.
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
		f.Detail = strings.TrimPrefix(fmt.Sprintf("%s; at most %d queries are sent for one, and %d for a chain of CNAMEs", f.Detail, mostQuestions, mostForChain), "; ")
	}
}

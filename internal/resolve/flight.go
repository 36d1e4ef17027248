package resolve

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// flights does work that many need, once: whoever needs it meanwhile waits, and
// whoever needs it later finds it done. Work that went wrong is remembered for
// a while only, if at all, so that a later one tries again.
//
// Work may need other work. What comes to need itself is told so instead: two
// zones whose servers are named in each other are a loop. What would only come
// to wait for itself, because others do parts of it, is done once more.
type flights[K comparable, V any] struct {
	failures time.Duration // how long work that went wrong is remembered

	mu  sync.Mutex
	all map[K]*flight[V]
}

type flight[V any] struct {
	task
	done  chan struct{}
	value V
	good  bool      // the value is kept
	until time.Time // and if it is not good, until then
}

func newFlight[V any](parent *task, key any) *flight[V] {
	return &flight[V]{
		task: task{key: key, parent: parent, depth: parent.depth + 1, allowance: parent.allowance},
		done: make(chan struct{}),
	}
}

func (f *flight[V]) isDone() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// task is a piece of work and the work that it waits for now.
type task struct {
	key       any
	parent    *task // that it is done for; nil for a question of the user's
	depth     int   // how many there are above it
	allowance *allowance

	// stopped says that some of it was left undone for a reason that lies with
	// whom it was done for: it was needed there already, was too far down, or the
	// allowance is spent. That it failed means nothing to others.
	stopped atomic.Bool

	needs map[*task]int
	look  int // the last in which it was met
}

// Bounds of what one question of the user's can make us ask (NXNSAttack,
// CVE-2020-8616): so many for its name, and for the target of each CNAME, and so
// many for the whole chain. Unbound (max-global-quota) and BIND (max-query-count)
// have 200 for a chain, but do not ask all servers of a zone; here an honest one
// of sixteen zones may take 300. A search for a server's address counts as one
// question more, since not every one comes to ask any. What silence makes
// us send again is bounded for the chain, too, by a little more than it takes to
// find a whole zone dead.
//
// As many as it may take to hear all servers of a zone are kept for the question
// itself: servers that are hard to find take nothing from those that are not.
const (
	mostQuestions = 200
	mostForChain  = 2 * mostQuestions
	mostResends   = mostQuestions
	keptForItself = maxNameservers * silence
)

// allowance is how many questions may be spent, how many were, and whether more
// were wanted.
type allowance struct {
	most    int32
	spent   atomic.Int32
	refused atomic.Bool
	resent  atomic.Int32 // datagrams
}

// renew allows what the next name of a chain may cost.
func (a *allowance) renew() {
	a.most = min(a.spent.Load()+mostQuestions, mostForChain)
	a.refused.Store(false)
}

// resend takes one datagram that is sent again, for lack of an answer, from
// those of the whole chain.
func (a *allowance) resend() bool { return a == nil || a.resent.Add(1) <= mostResends }

// isFor reports whether the task is, or is done for, the work for key.
func (t *task) isFor(key any) bool {
	for ; t != nil; t = t.parent {
		if t.key == key {
			return true
		}
	}
	return false
}

// newTask is the task of a question of the user's.
func newTask() *task { return &task{allowance: &allowance{}} }

// spend takes one question from the allowance. It reports false where there is
// none left.
func (t *task) spend() bool {
	if t.allowance.spent.Add(1) <= t.most() {
		return true
	}
	t.allowance.spent.Add(-1)
	t.allowance.refused.Store(true)
	t.stopped.Store(true)
	return false
}

// spent reports whether the task may ask nothing more.
func (t *task) spent() bool { return t.allowance.spent.Load() >= t.most() }

// tell adds to a failure that more questions were wanted than are allowed.
func (t *task) tell(f *record.Failure) {
	if f != nil && t.allowance.refused.Load() {
		f.Detail = strings.TrimPrefix(fmt.Sprintf("%s; no more than %d questions are asked for one, nor %d for a chain of CNAMEs", f.Detail, mostQuestions, mostForChain), "; ")
	}
}

func (t *task) most() int32 {
	if t.depth == 0 {
		return t.allowance.most
	}
	return t.allowance.most - keptForItself
}

// waits is the lock over all needs. Whoever takes it holds no other after it.
type waits struct {
	mu    sync.Mutex
	looks int
}

// reaches reports whether t, by and by, waits for the other. Each task is met
// once: there may be far more ways than tasks.
func (w *waits) reaches(t, other *task) bool {
	w.looks++
	ahead := []*task{t}
	for len(ahead) > 0 {
		t := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		if t == other {
			return true
		}
		if t.look == w.looks {
			continue
		}
		t.look = w.looks
		for n := range t.needs {
			ahead = append(ahead, n)
		}
	}
	return false
}

// enter notes that the parent waits for t. It reports false where t, by and by,
// waits for the parent. Nobody waits for a question of the user's.
func (w *waits) enter(parent, t *task) bool {
	if parent.depth == 0 {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reaches(t, parent) {
		return false
	}
	if parent.needs == nil {
		parent.needs = map[*task]int{}
	}
	parent.needs[t]++
	return true
}

func (w *waits) leave(parent, t *task) {
	if parent.depth == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if parent.needs[t]--; parent.needs[t] == 0 {
		delete(parent.needs, t)
	}
}

// do returns the result of the work for key, waiting for whoever does it or
// doing it now. good says whether the result is worth keeping. ok is false
// where the parent is itself done for that work, or the context ends first.
func (f *flights[K, V]) do(ctx context.Context, w *waits, parent *task, key K, work func(*task) (v V, good bool)) (v V, ok bool) {
	for ctx.Err() == nil && !parent.isFor(key) {
		one, mine := f.join(parent, key)
		if mine || !one.isDone() {
			if !w.enter(parent, &one.task) {
				one, mine = newFlight[V](parent, key), true
				w.enter(parent, &one.task)
			}
			if mine {
				f.perform(ctx, key, one, work)
			} else {
				select {
				case <-one.done:
				case <-ctx.Done():
				}
			}
			w.leave(parent, &one.task)
		}
		switch {
		case !one.isDone():
		case one.good || !one.stopped.Load():
			return one.value, true
		case mine:
			parent.stopped.Store(true)
			return one.value, true
		} // what stopped others need not stop us
	}
	parent.stopped.Store(true)
	return v, false
}

// join finds the work for key, or begins it.
func (f *flights[K, V]) join(parent *task, key K) (one *flight[V], mine bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one = f.all[key]
	if one != nil && (!one.isDone() || one.good || time.Now().Before(one.until)) {
		return one, false
	}
	one = newFlight[V](parent, key)
	if f.all == nil {
		f.all = map[K]*flight[V]{}
	}
	f.all[key] = one
	return one, true
}

func (f *flights[K, V]) perform(ctx context.Context, key K, one *flight[V], work func(*task) (v V, good bool)) {
	one.value, one.good = work(&one.task)
	if ctx.Err() != nil {
		one.stopped.Store(true)
	}
	one.parent = nil
	one.until = time.Now().Add(f.failures)
	if !one.good && one.stopped.Load() {
		f.mu.Lock()
		if f.all[key] == one {
			delete(f.all, key)
		}
		f.mu.Unlock()
	}
	close(one.done)
}

// forget drops all results.
func (f *flights[K, V]) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = nil
}

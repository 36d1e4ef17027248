package resolve

import (
	"context"
	"sync"
)

// flights does work that many need, once: whoever needs it meanwhile waits, and
// whoever needs it later finds it done. Work that went wrong is forgotten, so
// that the next one tries again.
//
// Work may need other work. What would come to wait for itself is told so
// instead: two zones whose servers are named in each other are a loop.
type flights[K comparable, V any] struct {
	mu  sync.Mutex
	all map[K]*flight[V]
}

type flight[V any] struct {
	task
	done  chan struct{}
	value V
}

// task is a piece of work and the work that it waits for now.
type task struct {
	depth int // how many tasks wait for this one, each for the next
	needs map[*task]int
}

// waits is the lock over all needs. Whoever takes it holds no other after it.
type waits struct{ mu sync.Mutex }

func (t *task) reaches(other *task) bool {
	if t == other {
		return true
	}
	for n := range t.needs {
		if n.reaches(other) {
			return true
		}
	}
	return false
}

// enter notes that the parent waits for t. It reports false where t, by and by,
// waits for the parent. A nil parent is one that nobody waits for.
func (w *waits) enter(parent, t *task) bool {
	if parent == nil {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if t.reaches(parent) {
		return false
	}
	if parent.needs == nil {
		parent.needs = map[*task]int{}
	}
	parent.needs[t]++
	return true
}

func (w *waits) leave(parent, t *task) {
	if parent == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if parent.needs[t]--; parent.needs[t] == 0 {
		delete(parent.needs, t)
	}
}

// do returns the result of the work for key, waiting for whoever does it or
// doing it now. keep says whether the result is worth keeping. ok is false
// where the work waits for the parent itself, or the context ends first.
func (f *flights[K, V]) do(ctx context.Context, w *waits, parent *task, key K, work func(*task) (v V, keep bool)) (v V, ok bool) {
	f.mu.Lock()
	one := f.all[key]
	mine := one == nil
	if mine {
		one = &flight[V]{done: make(chan struct{})}
		if parent != nil {
			one.depth = parent.depth + 1
		}
		if f.all == nil {
			f.all = map[K]*flight[V]{}
		}
		f.all[key] = one
	}
	f.mu.Unlock()
	if !mine {
		select {
		case <-one.done:
			return one.value, true
		default:
		}
	}
	if !w.enter(parent, &one.task) {
		return v, false
	}
	defer w.leave(parent, &one.task)
	if !mine {
		select {
		case <-one.done:
			return one.value, true
		case <-ctx.Done():
			return v, false
		}
	}
	keep := false
	one.value, keep = work(&one.task)
	if !keep {
		f.mu.Lock()
		if f.all[key] == one {
			delete(f.all, key)
		}
		f.mu.Unlock()
	}
	close(one.done)
	return one.value, true
}

// forget drops all results.
func (f *flights[K, V]) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = nil
}

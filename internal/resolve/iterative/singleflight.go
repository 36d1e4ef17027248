package iterative

import (
	"context"
	"sync"
	"time"
)

// singleflight does work that many tasks need once, and keeps the result. Work
// that failed is kept for a while only, if at all, so that a later task tries again.
//
// Unlike golang.org/x/sync/singleflight it detects deadlocks, since work may need
// more work. Work that needs itself is refused: two zones whose servers are named
// in each other are a loop. Work that would wait for itself only because several
// tasks do parts of it is done once more.
type singleflight[K comparable, V any] struct {
	failures time.Duration // how long work that failed is kept

	mu      sync.Mutex
	flights map[K]*flight[V]
}

type flight[V any] struct {
	Task
	done  chan struct{}
	value V
	good  bool      // the value is kept
	until time.Time // and if it is not good, until then
}

func newFlight[V any](parent *Task, key any) *flight[V] {
	return &flight[V]{
		Task: Task{key: key, parent: parent, depth: parent.depth + 1, budget: parent.budget},
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

// waitGraph locks the wait-for graph, the needs of all tasks. A cycle in it would
// be a deadlock. No lock is taken while this one is held.
type waitGraph struct {
	mu       sync.Mutex
	searches int
}

// reaches reports whether t waits for the goal, directly or through more tasks. It
// is a depth-first search that meets each task once: there may be far more paths.
func (w *waitGraph) reaches(t, goal *Task) bool {
	w.searches++
	ahead := []*Task{t}
	for len(ahead) > 0 {
		t := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		if t == goal {
			return true
		}
		if t.visited == w.searches {
			continue
		}
		t.visited = w.searches
		for n := range t.needs {
			ahead = append(ahead, n)
		}
	}
	return false
}

// enter notes that the parent waits for t. It reports false where t waits
// for the parent. No task waits for a question of the user's.
func (w *waitGraph) enter(parent, t *Task) bool {
	if parent.depth == 0 {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reaches(t, parent) {
		return false
	}
	if parent.needs == nil {
		parent.needs = map[*Task]int{}
	}
	parent.needs[t]++
	return true
}

func (w *waitGraph) leave(parent, t *Task) {
	if parent.depth == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if parent.needs[t]--; parent.needs[t] == 0 {
		delete(parent.needs, t)
	}
}

// do returns the result of the work for key, waiting for the task that does it or
// doing it now. good says whether the result is worth keeping. ok is false where
// the parent is itself done for that work, or the context ends first.
func (s *singleflight[K, V]) do(ctx context.Context, w *waitGraph, parent *Task, key K, work func(*Task) (v V, good bool)) (v V, ok bool) {
	for ctx.Err() == nil && !parent.isFor(key) {
		f, mine := s.join(parent, key)
		if mine || !f.isDone() {
			if !w.enter(parent, &f.Task) {
				f, mine = newFlight[V](parent, key), true
				w.enter(parent, &f.Task)
			}
			if mine {
				s.perform(ctx, key, f, work)
			} else {
				select {
				case <-f.done:
				case <-ctx.Done():
				}
			}
			w.leave(parent, &f.Task)
		}
		switch {
		case !f.isDone():
		case f.good || !f.stopped.Load():
			return f.value, true
		case mine:
			parent.stopped.Store(true)
			return f.value, true
		} // the reason was another task's
	}
	parent.stopped.Store(true)
	return v, false
}

// join finds the work for key, or begins it.
func (s *singleflight[K, V]) join(parent *Task, key K) (f *flight[V], mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f = s.flights[key]
	if f != nil && (!f.isDone() || f.good || time.Now().Before(f.until)) {
		return f, false
	}
	f = newFlight[V](parent, key)
	if s.flights == nil {
		s.flights = map[K]*flight[V]{}
	}
	s.flights[key] = f
	return f, true
}

func (s *singleflight[K, V]) perform(ctx context.Context, key K, f *flight[V], work func(*Task) (v V, good bool)) {
	f.value, f.good = work(&f.Task)
	if ctx.Err() != nil {
		f.stopped.Store(true)
	}
	f.parent = nil
	f.until = time.Now().Add(s.failures)
	if !f.good && f.stopped.Load() {
		s.mu.Lock()
		if s.flights[key] == f {
			delete(s.flights, key)
		}
		s.mu.Unlock()
	}
	close(f.done)
}

// forget drops all results.
func (s *singleflight[K, V]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flights = nil
}

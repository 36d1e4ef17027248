package part

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/record"
)

// Cache caches the answers of a domain or of a run, and sends each query once
// (singleflight). Bulky answers are not kept, except for the addresses of a
// domain.
type Cache struct {
	next  record.Asker
	run   bool // it belongs to a run
	mu    sync.Mutex
	calls map[record.Question]*cached
}

type cached struct {
	asking sync.WaitGroup // counts one until the answer is there
	done   atomic.Bool
	answer record.Answer
}

// questions is the capacity for the queries of a healthy domain, plus one.
const questions = 8

// NewCache returns a cache before next.
func NewCache(next record.Asker) *Cache {
	return &Cache{next: next, calls: make(map[record.Question]*cached, questions)}
}

// NewRunCache returns a cache for a whole run.
func NewRunCache(next record.Asker) *Cache {
	m := NewCache(next)
	m.run = true
	return m
}

// Ask returns the cached answer, or sends the query; concurrent callers share one
// query. If answers rotate, the first is kept.
func (m *Cache) Ask(ctx context.Context, q record.Question) record.Answer {
	a := m.first(record.WithSet(ctx, 0), q)
	if a.Sets > 1 && record.SetOf(ctx) > 0 {
		return m.next.Ask(ctx, q)
	}
	return a
}

func (m *Cache) first(ctx context.Context, q record.Question) record.Answer {
	m.mu.Lock()
	c, ok := m.calls[q]
	if !ok {
		c = &cached{}
		c.asking.Add(1)
		m.calls[q] = c
	}
	m.mu.Unlock()
	if ok {
		c.asking.Wait()
		return c.answer
	}
	defer c.asking.Done()
	c.answer = m.next.Ask(ctx, q)
	c.done.Store(true)
	if (m.run || q.Type == record.A || q.Type == record.AAAA) && c.answer.Bulky() {
		m.mu.Lock()
		delete(m.calls, q)
		m.mu.Unlock()
	}
	return c.answer
}

// Known is the cached answer; its status is Unknown where the question was
// not asked.
func (m *Cache) Known(q record.Question) (none record.Answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.calls[q]; c != nil && c.done.Load() {
		return c.answer
	}
	return none
}

// Answers yields all cached answers, in no order.
func (m *Cache) Answers(yield func(*record.Answer) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.calls {
		if c.done.Load() && !yield(&c.answer) {
			return
		}
	}
}

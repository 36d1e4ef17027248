package check

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/record"
)

// memory keeps the answers of one scope, a domain or a whole run, so that a
// question is on its way once and answered once. Drop it to forget. What is bulky
// it does not keep: addresses never, and nothing for a whole run.
type memory struct {
	next  record.Asker
	run   bool // it is a whole run's
	mu    sync.Mutex
	calls map[record.Question]*remembered
}

type remembered struct {
	asking sync.WaitGroup // one, until the answer is there
	done   atomic.Bool
	answer record.Answer
}

// questions is how many a healthy domain has, and one more.
const questions = 8

// newMemory remembers what next answers.
func newMemory(next record.Asker) *memory {
	return &memory{next: next, calls: make(map[record.Question]*remembered, questions)}
}

// newRunMemory remembers what next answers for a whole run.
func newRunMemory(next record.Asker) *memory {
	m := newMemory(next)
	m.run = true
	return m
}

// Ask returns the remembered answer, or asks. Whoever asks the same meanwhile
// waits for that answer.
func (m *memory) Ask(ctx context.Context, q record.Question) record.Answer {
	m.mu.Lock()
	c, ok := m.calls[q]
	if !ok {
		c = &remembered{}
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

// known is the remembered answer; its status is Unknown where the question was
// not asked.
func (m *memory) known(q record.Question) (none record.Answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.calls[q]; c != nil && c.done.Load() {
		return c.answer
	}
	return none
}

// answers goes through all that was answered so far, in no order.
func (m *memory) answers(yield func(*record.Answer) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.calls {
		if c.done.Load() && !yield(&c.answer) {
			return
		}
	}
}

package check

import (
	"context"
	"sync"

	"github.com/sescheck/sescheck/internal/record"
)

// memory keeps the answers of one scope, a domain or a whole run, so that a
// question is on its way once and answered once. Drop it to forget.
type memory struct {
	next  record.Asker
	mu    sync.Mutex
	calls map[record.Question]*remembered
}

type remembered struct {
	done   chan struct{}
	answer record.Answer
}

// questions is how many a healthy domain has, and a few more.
const questions = 16

// newMemory remembers what next answers.
func newMemory(next record.Asker) *memory {
	return &memory{next: next, calls: make(map[record.Question]*remembered, questions)}
}

// Ask returns the remembered answer, or asks. Whoever asks the same meanwhile
// waits for that answer.
func (m *memory) Ask(ctx context.Context, q record.Question) record.Answer {
	m.mu.Lock()
	c, ok := m.calls[q]
	if !ok {
		c = &remembered{done: make(chan struct{})}
		m.calls[q] = c
	}
	m.mu.Unlock()
	if ok {
		<-c.done
		return c.answer
	}
	defer close(c.done)
	c.answer = m.next.Ask(ctx, q)
	return c.answer
}

// answers goes through all that was answered so far, in no order.
func (m *memory) answers(yield func(*record.Answer) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.calls {
		select {
		case <-c.done:
			if !yield(&c.answer) {
				return
			}
		default:
		}
	}
}

package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// call is a question in flight.
type call struct {
	*Query
	id    uint16
	news  chan struct{} // takes one: the call has ended
	timer *time.Timer   // nil until first used

	// Guarded by the mutex of inflight.
	garbled bool // a message with the right id and question could not be read
	ended   bool
	reply   Reply
	err     error
}

func (c *call) end(r Reply, err error) {
	if !c.ended {
		c.ended, c.reply, c.err = true, r, err
		c.news <- struct{}{}
	}
}

// inflight is the questions in flight over one socket or connection, by id.
type inflight struct {
	mu    sync.Mutex
	calls map[uint16]*call
	free  []*call // to be used again
}

func newInflight() inflight { return inflight{calls: map[uint16]*call{}} }

// add registers q under a random id that no question in flight has.
func (w *inflight) add(q *Query) (*call, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) > 1<<15 {
		return nil, errors.New("too many queries in flight on one socket")
	}
	var c *call
	if n := len(w.free); n > 0 {
		c, w.free = w.free[n-1], w.free[:n-1]
	} else {
		c = &call{news: make(chan struct{}, 1)}
	}
	c.Query = q
	for {
		c.id = uint16(rand.Uint32()) // ChaCha8, seeded by the system
		if _, taken := w.calls[c.id]; !taken {
			break
		}
	}
	w.calls[c.id] = c
	return c, nil
}

// message appends the question as it goes out.
func (c *call) message(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, c.id)
	return append(b, c.Wire[2:]...)
}

// remove ends the wait for c, which its caller must not use any more.
func (w *inflight) remove(c *call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.calls, c.id)
	select {
	case <-c.news:
	default:
	}
	*c = call{news: c.news, timer: c.timer}
	w.free = append(w.free, c)
}

// wait returns the answer, or why there is none by the timeout. The question
// stays in flight until it is removed.
func (w *inflight) wait(ctx context.Context, c *call, timeout time.Duration) (Reply, error) {
	if c.timer == nil {
		c.timer = time.NewTimer(timeout)
	} else {
		c.timer.Reset(timeout)
	}
	defer c.timer.Stop()
	select {
	case <-c.news:
	case <-c.timer.C:
	case <-ctx.Done():
		return Reply{}, context.Cause(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case c.ended:
		return c.reply, c.err
	case c.garbled:
		return Reply{}, &Fault{Kind: record.Malformed}
	}
	return Reply{}, &Fault{Kind: record.Timeout}
}

// deliver gives a message to the question that it answers. A message that answers
// none of them, or cannot be read, is dropped and the wait goes on.
func (w *inflight) deliver(wire []byte) {
	if len(wire) < headerSize {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.calls[binary.BigEndian.Uint16(wire)]
	if c == nil || !c.IsAnsweredBy(wire) {
		return
	}
	if r, err := c.Parse(wire); err != nil {
		c.garbled = true
	} else {
		c.end(r, nil)
	}
}

// fail ends every question in flight.
func (w *inflight) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		c.end(Reply{}, err)
	}
}

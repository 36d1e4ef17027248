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
	id   uint16
	news chan struct{} // takes one: a field below has changed

	// Guarded by the mutex of inflight.
	until   time.Time // the end of the present wait
	late    bool      // it is later than that
	garbled bool      // a message with the right id and question could not be read
	ended   bool
	reply   Reply
	err     error
}

func (c *call) notify() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

func (c *call) end(r Reply, err error) {
	if !c.ended {
		c.ended, c.reply, c.err = true, r, err
		c.notify()
	}
}

// inflight is the questions in flight over one socket or connection, by id.
type inflight struct {
	mu    sync.Mutex
	calls map[uint16]*call
	free  []*call     // to be used again
	timer *time.Timer // one for all questions, since it hardly ever fires
	due   time.Time   // when it does; zero for never
}

func newInflight() inflight { return inflight{calls: map[uint16]*call{}} }

var errManyWaiting = errors.New("too many questions wait on one socket")

// add registers q under a random id that no question in flight has.
func (w *inflight) add(q *Query) (*call, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) > 1<<15 {
		return nil, errManyWaiting
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
	*c = call{news: c.news}
	w.free = append(w.free, c)
}

// wait returns the answer, or why there is none by the timeout. The question
// stays in flight until it is removed.
func (w *inflight) wait(ctx context.Context, c *call, timeout time.Duration) (Reply, error) {
	w.limit(c, timeout)
	for {
		select {
		case <-c.news:
		case <-ctx.Done():
			return Reply{}, context.Cause(ctx)
		}
		w.mu.Lock()
		r, err, ended, late := c.reply, c.err, c.ended, c.late
		if !ended && late {
			err = &Fault{Kind: record.Timeout}
			if c.garbled {
				err = &Fault{Kind: record.Malformed}
			}
		}
		w.mu.Unlock()
		if ended || late {
			return r, err
		}
	}
}

// limit sets how long to wait for c from now on.
func (w *inflight) limit(c *call, timeout time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.until, c.late = time.Now().Add(timeout), false
	switch {
	case w.timer == nil:
		w.timer = time.AfterFunc(timeout, w.sweep)
	case w.due.IsZero() || c.until.Before(w.due):
		w.timer.Reset(timeout)
	default:
		return
	}
	w.due = c.until
}

// sweep ends the waits that are over, and sets the timer to the end of the next.
func (w *inflight) sweep() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.due = time.Time{}
	for _, c := range w.calls {
		switch {
		case c.until.IsZero() || c.late || c.ended:
		case !now.Before(c.until):
			c.late = true
			c.notify()
		case w.due.IsZero() || c.until.Before(w.due):
			w.due = c.until
		}
	}
	if !w.due.IsZero() {
		w.timer.Reset(w.due.Sub(now))
	}
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

package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// call is a question on its way.
type call struct {
	*query
	id   uint16
	news chan struct{} // takes one: something below has changed

	// Guarded by the mutex of waiting.
	until   time.Time // when whoever waits gives up, for now
	late    bool      // it is later than that
	garbled bool      // something came that looked right and could not be read
	ended   bool
	reply   reply
	err     error
}

func (c *call) tell() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

func (c *call) end(r reply, err error) {
	if !c.ended {
		c.ended, c.reply, c.err = true, r, err
		c.tell()
	}
}

// waiting is the questions on their way over one socket or connection, by id.
type waiting struct {
	mu    sync.Mutex
	calls map[uint16]*call
	spare []*call     // to be used again
	timer *time.Timer // one for all, for it hardly ever tells of anything
	due   time.Time   // when it will; zero for never
}

func newWaiting() waiting { return waiting{calls: map[uint16]*call{}} }

var errManyWaiting = errors.New("too many questions wait on one socket")

// add registers q under a random id that no other question there has.
func (w *waiting) add(q *query) (*call, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) > 1<<15 {
		return nil, errManyWaiting
	}
	var c *call
	if n := len(w.spare); n > 0 {
		c, w.spare = w.spare[n-1], w.spare[:n-1]
	} else {
		c = &call{news: make(chan struct{}, 1)}
	}
	c.query = q
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
	return append(b, c.wire[2:]...)
}

// remove ends the waiting of the one who added c, and must not use it any more.
func (w *waiting) remove(c *call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.calls, c.id)
	select {
	case <-c.news:
	default:
	}
	*c = call{news: c.news}
	w.spare = append(w.spare, c)
}

// wait returns the answer, or why there is none by the timeout. The question
// stays on its way until it is removed.
func (w *waiting) wait(ctx context.Context, c *call, timeout time.Duration) (reply, error) {
	w.limit(c, timeout)
	for {
		select {
		case <-c.news:
		case <-ctx.Done():
			return reply{}, context.Cause(ctx)
		}
		w.mu.Lock()
		r, err, ended, late := c.reply, c.err, c.ended, c.late
		if !ended && late {
			err = &fault{kind: record.Timeout}
			if c.garbled {
				err = &fault{kind: record.Malformed}
			}
		}
		w.mu.Unlock()
		if ended || late {
			return r, err
		}
	}
}

// limit sets how long there is to wait for c from now on.
func (w *waiting) limit(c *call, timeout time.Duration) {
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

// sweep tells those who waited for long enough, and comes back when the next
// one will have.
func (w *waiting) sweep() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.due = time.Time{}
	for _, c := range w.calls {
		switch {
		case c.until.IsZero() || c.late || c.ended:
		case !now.Before(c.until):
			c.late = true
			c.tell()
		case w.due.IsZero() || c.until.Before(w.due):
			w.due = c.until
		}
	}
	if !w.due.IsZero() {
		w.timer.Reset(w.due.Sub(now))
	}
}

// deliver gives a message to the question that it answers. Whatever answers
// none of them, or cannot be read, is dropped and the waiting goes on.
func (w *waiting) deliver(wire []byte) {
	if len(wire) < headerSize {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.calls[binary.BigEndian.Uint16(wire)]
	if c == nil || !answersTo(wire, c.query) {
		return
	}
	if r, err := parseReply(wire, c.query); err != nil {
		c.garbled = true
	} else {
		c.end(r, nil)
	}
}

// fail ends every question that waits.
func (w *waiting) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		c.end(reply{}, err)
	}
}

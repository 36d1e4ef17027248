package resolve

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// connection carries many questions at once. Its errors are those of a
// transport.
type connection interface {
	ask(ctx context.Context, q *query, timeout time.Duration) (reply, error)
	alive() bool
	Close() error
}

// kept is a connection that is dialled when it is needed, and kept open.
type kept struct {
	dial func(context.Context) (connection, error)

	mu     sync.Mutex
	conn   connection // nil until first used
	closed bool
	at     time.Time // of the last dialling that failed
	err    error     // and why it did
}

func (k *kept) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	if k.conn != nil {
		_ = k.conn.Close()
	}
}

func (k *kept) exchange(ctx context.Context, q *query, a attempt) (reply, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, a.timeout, &fault{kind: record.Timeout})
	defer cancel()
	c, reused, err := k.open(ctx, start)
	if err != nil {
		return reply{}, err
	}
	r, err := c.ask(ctx, q, a.timeout)
	if f, ok := errors.AsType[*fault](err); ok && f.kind == record.Unreachable && reused && ctx.Err() == nil {
		// A server may close an idle connection at any moment (RFC 7766
		// section 6.2.3): that is no failure of this question.
		if c, _, err = k.open(ctx, start); err != nil {
			return reply{}, err
		}
		r, err = c.ask(ctx, q, a.timeout)
	}
	return r, err
}

// open returns the connection in use, or a new one. Questions that come while it
// is being dialled wait for it; where that fails they all do, instead of dialling
// one by one.
func (k *kept) open(ctx context.Context, asked time.Time) (c connection, reused bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.closed:
		return nil, false, unreachable(net.ErrClosed)
	case k.conn != nil && k.conn.alive():
		return k.conn, true, nil
	case k.err != nil && k.at.After(asked):
		return nil, false, k.err
	}
	c, err = k.dial(ctx)
	if err == nil {
		k.conn = c
		return c, false, nil
	}
	switch reason := unsafeReason(err); {
	case reason != "":
		err = &fault{kind: record.Unreachable, detail: reason}
	case ctx.Err() != nil:
		return nil, false, context.Cause(ctx)
	default:
		err = unreachable(err)
	}
	k.at, k.err = time.Now(), err
	return nil, false, err
}

//go:build !js

package transport

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// connection carries many questions at once. Its errors are those of an
// Exchanger.
type connection interface {
	ask(ctx context.Context, q *Query, timeout time.Duration) (Reply, error)
	alive() bool
	Close() error
}

// persistent is a persistent connection: dialled when it is first needed, kept
// open, and dialled again when it broke.
type persistent struct {
	dial func(context.Context) (connection, error)

	mu     sync.Mutex
	conn   connection // nil until first used
	closed bool
	at     time.Time // when dialling last failed
	err    error     // and why
}

func (p *persistent) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.conn != nil {
		_ = p.conn.Close()
	}
}

func (p *persistent) Exchange(ctx context.Context, q *Query, a Attempt) (Reply, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, a.Timeout, &Fault{Kind: record.Timeout})
	defer cancel()
	c, reused, err := p.open(ctx, start)
	if err != nil {
		return Reply{}, err
	}
	r, err := c.ask(ctx, q, a.Timeout)
	if reused && redials(err) && ctx.Err() == nil {
		if c, _, err = p.open(ctx, start); err != nil {
			return Reply{}, err
		}
		r, err = c.ask(ctx, q, a.Timeout)
	}
	return r, err
}

// open returns the connection in use, or a new one. Questions that come while it
// is being dialled wait for it; where that fails they all do, instead of dialling
// one by one.
func (p *persistent) open(ctx context.Context, asked time.Time) (c connection, reused bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, false, unreachable(net.ErrClosed)
	case p.conn != nil && p.conn.alive():
		return p.conn, true, nil
	case p.err != nil && p.at.After(asked):
		return nil, false, p.err
	}
	c, err = p.dial(ctx)
	if err == nil {
		p.conn = c
		return c, false, nil
	}
	switch reason := unsafeReason(err); {
	case reason != "":
		err = &Fault{Kind: record.Unreachable, Detail: reason}
	case ctx.Err() != nil:
		return nil, false, context.Cause(ctx)
	default:
		err = unreachable(err)
	}
	p.at, p.err = time.Now(), err
	return nil, false, err
}

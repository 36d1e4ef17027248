package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// streamTransport asks one server over a connection that is kept open and
// carries many questions at once (RFC 7766 section 6.2.1.1).
type streamTransport struct {
	name   string
	padded bool
	dial   func(context.Context) (net.Conn, error)

	mu     sync.Mutex
	conn   *streamConn // nil until first used
	closed bool
	dialled
}

// dialled is how the last dialling went. Many questions wait for one
// connection, and where it fails they all do, instead of dialling one by one.
type dialled struct {
	at  time.Time
	err error
}

// failedSince returns why no connection came about, if that was after a
// question was asked that needs it.
func (d *dialled) failedSince(asked time.Time) error {
	if d.err != nil && d.at.After(asked) {
		return d.err
	}
	return nil
}

// failed notes that and why no connection came about.
func (d *dialled) failed(ctx context.Context, err error) error {
	switch reason := unsafeReason(err); {
	case reason != "":
		err = &fault{kind: record.Unreachable, detail: reason}
	case ctx.Err() != nil:
		return context.Cause(ctx)
	default:
		err = unreachable(err)
	}
	d.at, d.err = time.Now(), err
	return err
}

func newTCP(addr netip.AddrPort) *streamTransport {
	return &streamTransport{name: "tcp://" + addr.String(), dial: func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", addr.String())
	}}
}

func (t *streamTransport) String() string { return t.name }

func (t *streamTransport) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.conn != nil {
		_ = t.conn.Close()
	}
}

func (t *streamTransport) exchange(ctx context.Context, q *query, a attempt) (reply, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, a.timeout, &fault{kind: record.Timeout})
	defer cancel()
	c, reused, err := t.open(ctx, start)
	if err != nil {
		return reply{}, err
	}
	r, err := c.ask(ctx, q, a.timeout)
	if f, ok := errors.AsType[*fault](err); ok && f.kind == record.Unreachable && reused && ctx.Err() == nil {
		// A server may close an idle connection at any moment (RFC 7766
		// section 6.2.3): that is no failure of this question.
		if c, _, err = t.open(ctx, start); err != nil {
			return reply{}, err
		}
		r, err = c.ask(ctx, q, a.timeout)
	}
	if err == nil && r.truncated {
		return reply{}, &fault{kind: record.Malformed, detail: "truncated over TCP"}
	}
	return r, err
}

// open returns the connection in use, or a new one. Questions that come while
// it is being dialled wait for it.
func (t *streamTransport) open(ctx context.Context, asked time.Time) (c *streamConn, reused bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, false, unreachable(net.ErrClosed)
	}
	if t.conn != nil && !t.conn.broken.Load() {
		return t.conn, true, nil
	}
	if err := t.failedSince(asked); err != nil {
		return nil, false, err
	}
	conn, err := t.dial(ctx)
	if err != nil {
		return nil, false, t.failed(ctx, err)
	}
	t.conn = &streamConn{Conn: conn, padded: t.padded, waiting: newWaiting()}
	go t.conn.read()
	return t.conn, false, nil
}

type streamConn struct {
	net.Conn
	padded bool
	broken atomic.Bool
	heard  atomic.Int64 // when something last came, in ns
	write  sync.Mutex
	waiting
}

func (s *streamConn) ask(ctx context.Context, q *query, timeout time.Duration) (reply, error) {
	c, err := s.add(q)
	if err != nil {
		return reply{}, err
	}
	defer s.remove(c)
	wire := c.message(nil)
	if s.padded {
		wire = pad(wire)
	}
	framed := binary.BigEndian.AppendUint16(make([]byte, 0, len(wire)+2), uint16(len(wire)))
	framed = append(framed, wire...)
	s.write.Lock()
	_ = s.SetWriteDeadline(time.Now().Add(timeout))
	_, err = s.Write(framed)
	s.write.Unlock()
	if err != nil {
		s.end(err)
		return reply{}, unreachable(err)
	}
	start := time.Now()
	r, err := s.wait(ctx, c, timeout)
	if err != nil && s.heard.Load() < start.UnixNano() && time.Since(start) >= timeout/2 {
		s.end(err) // it is dead, and the next question better takes a new one
	}
	return r, err
}

func (s *streamConn) read() {
	var size [2]byte
	buf := make([]byte, 1<<16)
	for {
		if _, err := io.ReadFull(s, size[:]); err != nil {
			s.end(err)
			return
		}
		n := binary.BigEndian.Uint16(size[:])
		if _, err := io.ReadFull(s, buf[:n]); err != nil {
			s.end(err)
			return
		}
		s.heard.Store(time.Now().UnixNano())
		s.deliver(buf[:n])
	}
}

func (s *streamConn) end(err error) {
	s.broken.Store(true)
	_ = s.Close()
	s.fail(unreachable(err))
}

//go:build !js

package transport

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// Stream asks one server over a connection that carries many questions at once
// (RFC 7766 section 6.2.1.1).
type Stream struct {
	name string
	persistent
}

// newStream asks over the connection that dial makes.
func newStream(name string, padded bool, dial func(context.Context) (net.Conn, error)) *Stream {
	return &Stream{name, persistent{dial: func(ctx context.Context) (connection, error) {
		conn, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		s := &streamConn{Conn: conn, padded: padded, inflight: newInflight()}
		go s.read()
		return s, nil
	}}}
}

// NewTCP is DNS over TCP (RFC 7766).
func NewTCP(addr netip.AddrPort) *Stream {
	return newStream("tcp://"+addr.String(), false, func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", addr.String())
	})
}

func (t *Stream) String() string { return t.name }

type streamConn struct {
	net.Conn
	padded bool
	broken atomic.Bool
	heard  atomic.Int64 // when a message last came, in ns
	write  sync.Mutex
	inflight
}

func (s *streamConn) ask(ctx context.Context, q *Query, timeout time.Duration) (Reply, error) {
	c, err := s.add(q)
	if err != nil {
		return Reply{}, err
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
		return Reply{}, unreachable(err)
	}
	start := time.Now()
	r, err := s.wait(ctx, c, timeout)
	if err != nil && seemsDead(&s.heard, start, timeout) {
		s.end(err)
	}
	if err == nil && r.truncated {
		return Reply{}, &Fault{Kind: record.Malformed, Detail: "truncated over TCP"}
	}
	return r, err
}

func (s *streamConn) alive() bool { return !s.broken.Load() }

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

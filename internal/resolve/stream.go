package resolve

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

// streamTransport asks one server over a connection that carries many questions
// at once (RFC 7766 section 6.2.1.1).
type streamTransport struct {
	name string
	kept
}

// newStream keeps a connection that dial makes.
func newStream(name string, padded bool, dial func(context.Context) (net.Conn, error)) *streamTransport {
	return &streamTransport{name, kept{dial: func(ctx context.Context) (connection, error) {
		conn, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		s := &streamConn{Conn: conn, padded: padded, waiting: newWaiting()}
		go s.read()
		return s, nil
	}}}
}

func newTCP(addr netip.AddrPort) *streamTransport {
	return newStream("tcp://"+addr.String(), false, func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", addr.String())
	})
}

func (t *streamTransport) String() string { return t.name }

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
	if err == nil && r.truncated {
		return reply{}, &fault{kind: record.Malformed, detail: "truncated over TCP"}
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

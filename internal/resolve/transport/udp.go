//go:build !js

package transport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// sockets is the number of connected UDP sockets, and so of source ports, for one
// server. A connected socket takes datagrams from the server's address only;
// off-path attackers must guess port and id.
const sockets = 8

// UDP asks one server over UDP, many questions at once on a few
// sockets, and over TCP where an answer was truncated.
type UDP struct {
	addr   netip.AddrPort
	name   string
	slots  [sockets]udpSlot
	turn   atomic.Uint32 // the slot for the next questions
	stream *Stream
}

type udpSlot struct {
	mu     sync.Mutex
	socket *udpSocket // nil until first used
	closed bool
}

// NewUDP is DNS over UDP, with TCP for truncated answers.
func NewUDP(addr netip.AddrPort) *UDP {
	t := &UDP{addr: addr, name: addr.String(), stream: NewTCP(addr)}
	t.next()
	return t
}

func (t *UDP) String() string { return t.name }

func (t *UDP) Close() {
	for i := range t.slots {
		s := &t.slots[i]
		s.mu.Lock()
		s.closed = true
		if s.socket != nil {
			_ = s.socket.conn.Close()
		}
		s.mu.Unlock()
	}
	t.stream.Close()
}

func (t *UDP) Exchange(ctx context.Context, q *Query, a Attempt) (Reply, error) {
	s, err := t.socket()
	if err != nil {
		return Reply{}, unreachable(err)
	}
	r, err := s.ask(ctx, q, a)
	if err != nil || !r.truncated {
		return r, err
	}
	r, err = t.stream.Exchange(ctx, q, a)
	if f, ok := errors.AsType[*Fault](err); ok {
		err = &Fault{Kind: f.Kind, Detail: strings.TrimPrefix(f.Detail+", over TCP since UDP was too small", ", ")}
	}
	return r, err
}

// socket returns the current socket, or a new one if there is none or it failed.
// The next queries use it as well, until a batch is sent.
func (t *UDP) socket() (*udpSocket, error) {
	s := &t.slots[t.turn.Load()]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, net.ErrClosed
	}
	if s.socket != nil && !s.socket.broken.Load() {
		return s.socket, nil
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(t.addr))
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(1 << 20) // a smaller one works, with more loss
	s.socket = &udpSocket{conn: conn, batch: newBatcher(conn, t.next), inflight: newInflight()}
	go s.socket.read()
	return s.socket, nil
}

// next lets another socket have its turn, by chance (ChaCha8, seeded by the
// system).
func (t *UDP) next() { t.turn.Store(rand.Uint32N(sockets)) }

// udpSocket is one connected socket with the questions in flight on it.
type udpSocket struct {
	conn   *net.UDPConn
	broken atomic.Bool
	batch  *batcher
	inflight
}

func (s *udpSocket) ask(ctx context.Context, q *Query, a Attempt) (Reply, error) {
	c, err := s.add(q)
	if err != nil {
		return Reply{}, err
	}
	defer s.remove(c)
	alone := a.Before > 0 // a question that is sent again: a network may lose the segments of a batch
	return a.Send(
		func() (err error) {
			if alone {
				_, err = s.conn.Write(c.message(nil))
			} else {
				err = s.batch.send(c.message)
			}
			alone = true
			if err != nil {
				// The kernel's error may be about a question before this one, and it
				// is reported once.
				s.fail(unreachable(err))
				return unreachable(err)
			}
			return nil
		},
		func(d time.Duration) (Reply, error) { return s.wait(ctx, c, d) },
	)
}

// read hands every datagram to the question that it answers, if any, until the
// socket closes.
func (s *udpSocket) read() {
	buf := make([]byte, 1<<16)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			// A refused port shows here, after the datagram that met it. The
			// socket itself is still good, but its questions in flight have failed.
			if !errors.Is(err, net.ErrClosed) {
				s.fail(unreachable(err))
				if isRefused(err) {
					continue
				}
			}
			s.broken.Store(true)
			_ = s.conn.Close()
			s.fail(unreachable(err))
			return
		}
		s.deliver(buf[:n])
	}
}

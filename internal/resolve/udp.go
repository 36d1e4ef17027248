package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// sockets is how many connected UDP sockets, and so source ports, the
// questions to one server are spread over. Connected sockets take datagrams
// from the server's address only; several ports and random ids are what an
// off-path forger has to guess.
const sockets = 8

// udpTransport asks one server over UDP, many questions at once on a few
// sockets, and over TCP where an answer was truncated.
type udpTransport struct {
	addr   netip.AddrPort
	pool   [sockets]udpSlot
	stream *streamTransport
}

type udpSlot struct {
	mu     sync.Mutex
	socket *udpSocket // nil until first used
	closed bool
}

func newUDP(addr netip.AddrPort) *udpTransport {
	return &udpTransport{addr: addr, stream: newTCP(addr)}
}

func (t *udpTransport) String() string { return t.addr.String() }

func (t *udpTransport) close() {
	for i := range t.pool {
		s := &t.pool[i]
		s.mu.Lock()
		s.closed = true
		if s.socket != nil {
			_ = s.socket.conn.Close()
		}
		s.mu.Unlock()
	}
	t.stream.close()
}

func (t *udpTransport) exchange(ctx context.Context, q *query, a attempt) (reply, error) {
	s, err := t.pool[rand.IntN(sockets)].open(t.addr)
	if err != nil {
		return reply{}, unreachable(err)
	}
	r, err := s.ask(ctx, q, a)
	if err != nil || !r.truncated {
		return r, err
	}
	r, err = t.stream.exchange(ctx, q, a)
	if f, ok := errors.AsType[*fault](err); ok {
		err = &fault{kind: f.kind, detail: strings.TrimPrefix(f.detail+", over TCP since UDP was too small", ", ")}
	}
	return r, err
}

// open returns the slot's socket, a new one if there is none or if the last
// one broke.
func (s *udpSlot) open(addr netip.AddrPort) (*udpSocket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, net.ErrClosed
	}
	if s.socket != nil && !s.socket.broken.Load() {
		return s.socket, nil
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(1 << 20) // a smaller one works too, with more loss
	s.socket = &udpSocket{conn: conn, waiting: waiting{calls: map[uint16]*call{}}}
	go s.socket.read()
	return s.socket, nil
}

// udpSocket is one connected socket with the questions that wait on it.
type udpSocket struct {
	conn   *net.UDPConn
	broken atomic.Bool
	waiting
}

func (s *udpSocket) ask(ctx context.Context, q *query, a attempt) (reply, error) {
	c, err := s.add(q)
	if err != nil {
		return reply{}, err
	}
	defer s.remove(c)
	return a.send(
		func() error {
			_, err := s.conn.Write(c.wire)
			if err != nil {
				// What the kernel reports here may be about a question before this
				// one, and it reports it once.
				s.fail(unreachable(err))
				return unreachable(err)
			}
			return nil
		},
		func(d time.Duration) (reply, error) { return c.wait(ctx, d) },
	)
}

// read hands every datagram to the question that it answers and drops the
// rest, until the socket closes.
func (s *udpSocket) read() {
	buf := make([]byte, 1<<16)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			// A refused port shows here, after the datagram that met it. The
			// socket itself is still good, but whoever waits need not.
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

// call is a question on its way.
type call struct {
	*query
	id      uint16
	wire    []byte
	done    chan result // takes one
	garbled atomic.Bool // something came that looked right and could not be read
}

type result struct {
	reply reply
	err   error
}

// wait returns the answer, or why there is none by the timeout.
func (c *call) wait(ctx context.Context, timeout time.Duration) (reply, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case r := <-c.done:
		return r.reply, r.err
	case <-ctx.Done():
		return reply{}, context.Cause(ctx)
	case <-timer.C:
		if c.garbled.Load() {
			return reply{}, &fault{kind: record.Malformed}
		}
		return reply{}, &fault{kind: record.Timeout}
	}
}

// waiting is the questions on their way over one socket or connection, by id.
type waiting struct {
	mu    sync.Mutex
	calls map[uint16]*call
}

var errManyWaiting = errors.New("too many questions wait on one socket")

// add registers q under a random id that no other question there has.
func (w *waiting) add(q *query) (*call, error) {
	c := &call{query: q, wire: make([]byte, len(q.wire)), done: make(chan result, 1)}
	copy(c.wire, q.wire)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) > 1<<15 {
		return nil, errManyWaiting
	}
	for {
		c.id = uint16(rand.Uint32()) // ChaCha8, seeded by the system
		if _, taken := w.calls[c.id]; !taken {
			break
		}
	}
	w.calls[c.id] = c
	binary.BigEndian.PutUint16(c.wire, c.id)
	return c, nil
}

func (w *waiting) remove(c *call) {
	w.mu.Lock()
	delete(w.calls, c.id)
	w.mu.Unlock()
}

// deliver gives a message to the question that it answers. Whatever answers
// none of them, or cannot be read, is dropped and the waiting goes on.
func (w *waiting) deliver(wire []byte) {
	if len(wire) < headerSize {
		return
	}
	w.mu.Lock()
	c := w.calls[binary.BigEndian.Uint16(wire)]
	w.mu.Unlock()
	if c == nil || !answersTo(wire, c.query) {
		return
	}
	r, err := parseReply(wire, c.query)
	if err != nil {
		c.garbled.Store(true)
		return
	}
	select {
	case c.done <- result{reply: r}:
	default:
	}
}

// fail ends every question that waits.
func (w *waiting) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		select {
		case c.done <- result{err: err}:
		default:
		}
	}
}

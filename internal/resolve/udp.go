package resolve

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

// sockets is how many connected UDP sockets, and so source ports, the
// questions to one server are spread over. Connected sockets take datagrams
// from the server's address only; several ports and random ids are what an
// off-path forger has to guess.
const sockets = 8

// udpTransport asks one server over UDP, many questions at once on a few
// sockets, and over TCP where an answer was truncated.
type udpTransport struct {
	addr   netip.AddrPort
	name   string
	pool   [sockets]udpSlot
	turn   atomic.Uint32 // the slot for the next questions
	stream *streamTransport
}

type udpSlot struct {
	mu     sync.Mutex
	socket *udpSocket // nil until first used
	closed bool
}

func newUDP(addr netip.AddrPort) *udpTransport {
	t := &udpTransport{addr: addr, name: addr.String(), stream: newTCP(addr)}
	t.next()
	return t
}

func (t *udpTransport) String() string { return t.name }

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
	s, err := t.socket()
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

// socket returns the socket whose turn it is, a new one if there is none or if
// the last one broke. The next questions take it too, until something is sent.
func (t *udpTransport) socket() (*udpSocket, error) {
	s := &t.pool[t.turn.Load()]
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
	_ = conn.SetReadBuffer(1 << 20) // a smaller one works too, with more loss
	s.socket = &udpSocket{conn: conn, outbox: newOutbox(conn, t.next), waiting: newWaiting()}
	go s.socket.read()
	return s.socket, nil
}

// next lets another socket have its turn, by chance (ChaCha8, seeded by the
// system).
func (t *udpTransport) next() { t.turn.Store(rand.Uint32N(sockets)) }

// udpSocket is one connected socket with the questions that wait on it.
type udpSocket struct {
	conn   *net.UDPConn
	broken atomic.Bool
	outbox *outbox
	waiting
}

func (s *udpSocket) ask(ctx context.Context, q *query, a attempt) (reply, error) {
	c, err := s.add(q)
	if err != nil {
		return reply{}, err
	}
	defer s.remove(c)
	alone := a.tries > 0 // what is sent again: a network may lose the pieces that an outbox makes
	return a.send(
		func() (err error) {
			if alone {
				_, err = s.conn.Write(c.message(nil))
			} else {
				err = s.outbox.send(c.message)
			}
			alone = true
			if err != nil {
				// What the kernel reports here may be about a question before this
				// one, and it reports it once.
				s.fail(unreachable(err))
				return unreachable(err)
			}
			return nil
		},
		func(d time.Duration) (reply, error) { return s.wait(ctx, c, d) },
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

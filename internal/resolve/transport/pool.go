package transport

import (
	"container/list"
	"context"
	"net/netip"
	"sync"
)

// mostOpen is how many servers have sockets, not counting servers in use.
const mostOpen = 64

// Pool is an LRU cache of the sockets to servers. A walk from the root meets
// thousands of servers, most of them once.
type Pool struct {
	dial func(netip.AddrPort) Exchanger

	mu     sync.Mutex
	open   map[netip.AddrPort]*pooled
	recent *list.List // of *pooled, the latest first
}

type pooled struct {
	addr netip.AddrPort
	Exchanger
	users   int
	element *list.Element
}

// NewPool returns a pool that opens sockets with dial.
func NewPool(dial func(netip.AddrPort) Exchanger) *Pool {
	return &Pool{dial: dial, open: map[netip.AddrPort]*pooled{}, recent: list.New()}
}

// take returns the sockets to a server, to be given back with leave.
func (p *Pool) take(addr netip.AddrPort) *pooled {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.open[addr]
	if s == nil {
		s = &pooled{addr: addr, Exchanger: p.dial(addr)}
		s.element = p.recent.PushFront(s)
		p.open[addr] = s
	}
	s.users++
	p.recent.MoveToFront(s.element)
	return s
}

// leave gives the sockets back, and closes the least recently used ones.
func (p *Pool) leave(s *pooled) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.users--
	for e := p.recent.Back(); e != nil && len(p.open) > mostOpen; {
		old := e.Value.(*pooled)
		e = e.Prev()
		if old.users == 0 {
			p.drop(old)
		}
	}
}

func (p *Pool) drop(s *pooled) {
	s.Close()
	p.recent.Remove(s.element)
	delete(p.open, s.addr)
}

// Close closes all sockets.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.open {
		p.drop(s)
	}
}

// At is one server, asked through the pool.
func (p *Pool) At(addr netip.AddrPort) Exchanger { return member{p, addr} }

type member struct {
	pool *Pool
	addr netip.AddrPort
}

func (m member) String() string { return m.addr.String() }

func (m member) Close() {}

func (m member) Exchange(ctx context.Context, q *Query, a Attempt) (Reply, error) {
	s := m.pool.take(m.addr)
	defer m.pool.leave(s)
	return s.Exchange(ctx, q, a)
}

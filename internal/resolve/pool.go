package resolve

import (
	"container/list"
	"context"
	"net/netip"
	"sync"
)

// mostOpen is how many servers have sockets, besides those that are being
// asked.
const mostOpen = 64

// pool keeps the sockets to the servers that were asked last. A walk meets
// thousands of servers, most of them once.
type pool struct {
	dial func(netip.AddrPort) transport

	mu     sync.Mutex
	open   map[netip.AddrPort]*pooled
	recent *list.List // of *pooled, the latest first
}

type pooled struct {
	addr      netip.AddrPort
	transport transport
	users     int
	place     *list.Element
}

func newPool(dial func(netip.AddrPort) transport) *pool {
	return &pool{dial: dial, open: map[netip.AddrPort]*pooled{}, recent: list.New()}
}

// take returns the sockets to a server, to be given back with leave.
func (p *pool) take(addr netip.AddrPort) *pooled {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.open[addr]
	if s == nil {
		s = &pooled{addr: addr, transport: p.dial(addr)}
		s.place = p.recent.PushFront(s)
		p.open[addr] = s
	}
	s.users++
	p.recent.MoveToFront(s.place)
	return s
}

// leave gives the sockets back, and closes those that were not used for longest.
func (p *pool) leave(s *pooled) {
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

func (p *pool) drop(s *pooled) {
	s.transport.close()
	p.recent.Remove(s.place)
	delete(p.open, s.addr)
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.open {
		p.drop(s)
	}
}

// at is a transport to one server through the pool.
func (p *pool) at(addr netip.AddrPort) transport { return place{p, addr} }

type place struct {
	pool *pool
	addr netip.AddrPort
}

func (p place) String() string { return p.addr.String() }

func (p place) close() {}

func (p place) exchange(ctx context.Context, q *query, a attempt) (reply, error) {
	s := p.pool.take(p.addr)
	defer p.pool.leave(s)
	return s.transport.exchange(ctx, q, a)
}

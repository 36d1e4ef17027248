package transport

import (
	"context"
	"net/netip"
	"sync"
	"testing"
)

// counted is a transport that knows how many like it are open.
type counted struct {
	mu   *sync.Mutex
	open *int
	hold chan struct{}
}

func (c *counted) String() string { return "" }

func (c *counted) Exchange(context.Context, *Query, Attempt) (Reply, error) {
	if c.hold != nil {
		<-c.hold
	}
	return Reply{}, nil
}

func (c *counted) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.open--
}

// TestPool: sockets to few servers stay open, none that is in use is closed,
// and none is left in the end.
func TestPool(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	open, most := 0, 0
	hold := make(chan struct{})
	busy := netip.MustParseAddrPort("192.0.2.1:53")
	p := NewPool(func(addr netip.AddrPort) Exchanger {
		mu.Lock()
		defer mu.Unlock()
		open++
		most = max(most, open)
		c := &counted{mu: &mu, open: &open}
		if addr == busy {
			c.hold = hold
		}
		return c
	})
	done := make(chan struct{})
	s := p.take(busy)
	go func() {
		_, _ = p.At(busy).Exchange(t.Context(), nil, Attempt{})
		close(done)
	}()
	addr := busy.Addr()
	for range 1000 {
		addr = addr.Next()
		_, _ = p.At(netip.AddrPortFrom(addr, 53)).Exchange(t.Context(), nil, Attempt{})
	}
	if p.open[busy] != s {
		t.Error("sockets in use were closed")
	}
	p.leave(s)
	close(hold)
	<-done
	if most > mostOpen+1 {
		t.Errorf("%d were open at once", most)
	}
	p.Close()
	if open != 0 || p.recent.Len() != 0 {
		t.Errorf("%d are open after the end", open)
	}
}

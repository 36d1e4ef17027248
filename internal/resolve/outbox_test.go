package resolve

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// listen returns a socket on loopback that waits for datagrams, not for ever.
func listen(t *testing.T) *net.UDPConn {
	t.Helper()
	l, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_ = l.SetReadDeadline(time.Now().Add(30 * time.Second))
	return l
}

// TestOutbox: what many send at the same time arrives whole, each once, and no
// buffer is used for two.
func TestOutbox(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	conn, err := net.DialUDP("udp", nil, listener.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const senders, each = 16, 10 // they fit into the listener's buffer
	var left atomic.Int32
	o := newOutbox(conn, func() { left.Add(1) })
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			for j := range each {
				if err := o.send(func(b []byte) []byte { return fmt.Appendf(b, "%d of %d", j, i) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	arrived := map[string]int{}
	buf := make([]byte, 100)
	for range senders * each {
		n, err := listener.Read(buf)
		if err != nil {
			t.Fatalf("after %d: %v", len(arrived), err)
		}
		arrived[string(buf[:n])]++
	}
	sending.Wait()
	if len(arrived) != senders*each {
		t.Errorf("%d different ones arrived", len(arrived))
	}
	if n := left.Load(); n < 1 || n > senders*each || o.sending || len(o.in) > 0 {
		t.Errorf("sent %d times, sending %v, %d are left", n, o.sending, len(o.in))
	}
}

// TestSockets: what is sent one after the other goes out from several ports, by
// chance.
func TestSockets(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	u := newUDP(listener.LocalAddr().(*net.UDPAddr).AddrPort())
	defer u.close()
	ports := map[int]bool{}
	for range 100 {
		s, err := u.socket()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.outbox.send(func(b []byte) []byte { return append(b, 1) }); err != nil {
			t.Fatal(err)
		}
		_, from, err := listener.ReadFromUDP(make([]byte, 10))
		if err != nil {
			t.Fatal(err)
		}
		ports[from.Port] = true
	}
	if len(ports) != sockets {
		t.Errorf("%d ports", len(ports)) // one of 8 is left out once in 80,000 runs
	}
}

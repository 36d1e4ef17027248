package transport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
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

// connected returns such a socket, and one that sends to it.
func connected(t *testing.T) (listener, conn *net.UDPConn) {
	t.Helper()
	listener = listen(t)
	conn, err := net.DialUDP("udp", nil, listener.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return listener, conn
}

// TestBatcher: what many send at the same time arrives whole, each once, and no
// buffer is used for two; also where the kernel does not cut datagrams out of a
// piece, or does not know what is wanted of it.
func TestBatcher(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*batcher){
		"as it is":         func(*batcher) {},
		"no segments":      func(o *batcher) { o.segment = nil },
		"refused segments": func(o *batcher) { o.segment = func(int) []byte { return make([]byte, 24) } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testBatcher(t, change)
		})
	}
}

func testBatcher(t *testing.T, change func(*batcher)) {
	listener, conn := connected(t)
	const senders, each = 16, 10 // they fit into the listener's buffer
	var left atomic.Int32
	o := newBatcher(conn, func() { left.Add(1) })
	change(o)
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			for j := range each {
				if err := o.send(func(b []byte) []byte { return fmt.Appendf(b, "%d of %0*d", j, i, i) }); err != nil {
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

// TestBatcherFails: one datagram or several, the sender gets the socket's error.
func TestBatcherFails(t *testing.T) {
	t.Parallel()
	_, conn := connected(t)
	_ = conn.Close()
	o := newBatcher(conn, func() {})
	if err := o.send(func(b []byte) []byte { return append(b, 'x') }); !errors.Is(err, net.ErrClosed) {
		t.Errorf("one: %v", err)
	}
	if err := o.write([][]byte{{'x'}, {'y'}}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("two: %v", err)
	}
}

// TestPieces: datagrams of one size go to the kernel as one piece, and come out
// of it as they were.
func TestPieces(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("this system cuts no pieces")
	}
	listener, conn := connected(t)
	var datagrams [][]byte
	want := map[string]int{}
	for i := range 2*mostSegments + 20 {
		d := fmt.Appendf(nil, "%03d%*s", i, i/70, "")
		datagrams = append(datagrams, d)
		want[string(d)]++
	}
	rand.Shuffle(len(datagrams), func(i, j int) { datagrams[i], datagrams[j] = datagrams[j], datagrams[i] })
	o := newBatcher(conn, func() {})
	if err := o.write(datagrams); err != nil {
		t.Fatal(err)
	}
	if o.segment == nil {
		t.Error("the kernel refused the pieces")
	}
	if len(o.messages) != 5 { // two for 70 of one size, two for 70 of another, one for 8
		t.Errorf("%d pieces", len(o.messages))
	}
	buf := make([]byte, 2000)
	for range datagrams {
		n, err := listener.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		want[string(buf[:n])]--
	}
	for d, n := range want {
		if n != 0 {
			t.Errorf("%q: %d missing", d, n)
		}
	}
}

// TestLostPieces: a network that loses what is sent as a piece does not lose
// what is sent again.
func TestLostPieces(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	go func() { // answers what asks for a name, and drops what is cut short
		buf := make([]byte, 2000)
		for {
			n, from, err := listener.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			var m dns.Msg
			if m.Unpack(buf[:n]) == nil && m.IsEdns0() != nil {
				wire, _ := new(dns.Msg).SetRcode(&m, dns.RcodeNameError).Pack()
				wire[3] |= 0x80 // RA
				_, _ = listener.WriteToUDPAddrPort(wire, from)
			}
		}
	}()
	u := NewUDP(listener.LocalAddr().(*net.UDPAddr).AddrPort())
	defer u.Close()
	var lost atomic.Int32
	for i := range u.slots {
		u.turn.Store(uint32(i))
		s, err := u.socket()
		if err != nil {
			t.Fatal(err)
		}
		if cut := s.batch.segment; cut != nil {
			s.batch.segment = func(size int) []byte {
				lost.Add(1)
				return cut(size - 1)
			}
		}
	}
	l := newState(256, nil)
	var asking sync.WaitGroup
	for i := range maxCredit {
		asking.Go(func() {
			q, err := NewQuery(record.Question{Name: record.MustName(fmt.Sprintf("n%03d.example.com", i)), Type: record.TXT})
			if err != nil {
				t.Error(err)
				return
			}
			r, err := u.Exchange(t.Context(), q, Attempt{Timeout: 30 * time.Second, state: l})
			if err != nil || r.Rcode != dns.RcodeNameError {
				t.Errorf("%d: %+v, %v", i, r, err)
			}
		})
	}
	asking.Wait()
	if runtime.GOOS == "linux" && lost.Load() == 0 {
		t.Error("nothing went as a piece")
	}
}

// TestSockets: what is sent one after the other goes out from several ports, by
// chance.
func TestSockets(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	u := NewUDP(listener.LocalAddr().(*net.UDPAddr).AddrPort())
	defer u.Close()
	ports := map[int]bool{}
	for range 100 {
		s, err := u.socket()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.batch.send(func(b []byte) []byte { return append(b, 1) }); err != nil {
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

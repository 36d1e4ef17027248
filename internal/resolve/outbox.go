package resolve

import (
	"net"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/net/ipv4"
)

// outbox gathers the datagrams that goroutines have for one socket at the same
// time, and hands them to the kernel in one call (sendmmsg, where there is
// one). With many questions under way that costs less, here and at a
// server that is woken once for all of them. Those of one size go through the
// kernel as one piece, too, which it cuts up at the end (UDP_SEGMENT).
type outbox struct {
	conn  *net.UDPConn
	batch *ipv4.PacketConn // the same, of whatever family

	leaves func() // called before something is sent

	mu      sync.Mutex
	sending bool     // somebody is about to send what is in it
	in, out [][]byte // what is to be sent next, and what is on its way

	// For whoever sends.
	pieces []ipv4.Message
	cut    func(size int) []byte // says into what a piece is cut; nil where the kernel does not do it
}

func newOutbox(conn *net.UDPConn, leaves func()) *outbox {
	return &outbox{conn: conn, batch: ipv4.NewPacketConn(conn), leaves: leaves, cut: cutter(conn)}
}

// send sends what write appends, or leaves it to somebody who is about to
// send. An error may be about any datagram of the socket; who left his to
// somebody else does not get it.
func (o *outbox) send(write func([]byte) []byte) error {
	o.mu.Lock()
	o.in = grown(o.in)
	b := &o.in[len(o.in)-1]
	*b = write((*b)[:0])
	if o.sending {
		o.mu.Unlock()
		return nil
	}
	o.sending = true
	o.mu.Unlock()
	runtime.Gosched() // whoever has something to send now does so before
	var failed error
	for {
		o.mu.Lock()
		if len(o.in) == 0 {
			o.sending = false
			o.mu.Unlock()
			return failed
		}
		o.in, o.out = o.out[:0], o.in
		o.mu.Unlock()
		o.leaves()
		if err := o.write(o.out); err != nil {
			failed = err
		}
	}
}

// grown adds a datagram, with the buffer that was there before if any.
func grown(datagrams [][]byte) [][]byte {
	if n := len(datagrams); n < cap(datagrams) {
		return datagrams[:n+1]
	}
	return append(datagrams, nil)
}

func (o *outbox) write(datagrams [][]byte) error {
	slices.SortFunc(datagrams, func(a, b []byte) int { return len(a) - len(b) })
	for len(datagrams) > 1 && runtime.GOOS == "linux" {
		o.gather(datagrams)
		n, err := o.batch.WriteBatch(o.pieces, 0)
		for _, p := range o.pieces[:max(n, 0)] {
			datagrams = datagrams[len(p.Buffers):]
		}
		switch {
		case isRefused(err):
			return err
		case err != nil && o.cut != nil:
			o.cut = nil // the network card makes no checksums
		case err != nil: // a sandbox without the call
			return o.writeEach(datagrams)
		}
	}
	return o.writeEach(datagrams)
}

func (o *outbox) writeEach(datagrams [][]byte) error {
	for _, d := range datagrams {
		if _, err := o.conn.Write(d); err != nil {
			return err
		}
	}
	return nil
}

// mostSegments is how many datagrams Linux takes as one piece (UDP_MAX_SEGMENTS
// was 64 at first).
const mostSegments = 64

// gather makes pieces of datagrams that are sorted by size.
func (o *outbox) gather(datagrams [][]byte) {
	o.pieces = o.pieces[:0]
	for len(datagrams) > 0 {
		n, size := 1, len(datagrams[0])
		for o.cut != nil && n < min(len(datagrams), mostSegments) && len(datagrams[n]) == size {
			n++
		}
		p := ipv4.Message{Buffers: datagrams[:n:n]}
		if n > 1 {
			p.OOB = o.cut(size)
		}
		o.pieces = append(o.pieces, p)
		datagrams = datagrams[n:]
	}
}

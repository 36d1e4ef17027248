//go:build !js

package transport

import (
	"net"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/net/ipv4"
)

// batcher gathers the datagrams that goroutines send over one socket at the same
// time, and hands them to the kernel in one call (sendmmsg, where there is
// one): that costs less, and wakes a server once for all of them. Datagrams of one
// size are one message to the kernel (generic segmentation offload, UDP_SEGMENT).
type batcher struct {
	conn  *net.UDPConn
	batch *ipv4.PacketConn // the same, of either family

	leaves func() // called before a batch is sent

	mu      sync.Mutex
	sending bool     // a goroutine is about to send all that is in it
	in, out [][]byte // next datagrams, and datagrams being sent

	// For the goroutine that sends.
	messages []ipv4.Message
	segment  func(size int) []byte // the control message that has the kernel segment; nil where it cannot
}

func newBatcher(conn *net.UDPConn, leaves func()) *batcher {
	return &batcher{conn: conn, batch: ipv4.NewPacketConn(conn), leaves: leaves, segment: segmenter(conn)}
}

// send sends the datagram that write appends, or leaves it to the goroutine that
// is about to send. An error may be about any datagram of the socket, and only
// that goroutine gets it.
func (o *batcher) send(write func([]byte) []byte) error {
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
	runtime.Gosched() // goroutines that have a datagram now add it first
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

func (o *batcher) write(datagrams [][]byte) error {
	slices.SortFunc(datagrams, func(a, b []byte) int { return len(a) - len(b) })
	for len(datagrams) > 1 && runtime.GOOS == "linux" {
		o.gather(datagrams)
		n, err := o.batch.WriteBatch(o.messages, 0)
		for _, p := range o.messages[:max(n, 0)] {
			datagrams = datagrams[len(p.Buffers):]
		}
		switch {
		case isRefused(err):
			return err
		case err != nil && o.segment != nil:
			o.segment = nil // the network card makes no checksums
		case err != nil: // a sandbox without the call
			return o.writeEach(datagrams)
		}
	}
	return o.writeEach(datagrams)
}

func (o *batcher) writeEach(datagrams [][]byte) error {
	for _, d := range datagrams {
		if _, err := o.conn.Write(d); err != nil {
			return err
		}
	}
	return nil
}

// mostSegments is how many datagrams Linux takes as one message (UDP_MAX_SEGMENTS
// was 64 at first).
const mostSegments = 64

// gather makes messages of datagrams that are sorted by size.
func (o *batcher) gather(datagrams [][]byte) {
	o.messages = o.messages[:0]
	for len(datagrams) > 0 {
		n, size := 1, len(datagrams[0])
		for o.segment != nil && n < min(len(datagrams), mostSegments) && len(datagrams[n]) == size {
			n++
		}
		p := ipv4.Message{Buffers: datagrams[:n:n]}
		if n > 1 {
			p.OOB = o.segment(size)
		}
		o.messages = append(o.messages, p)
		datagrams = datagrams[n:]
	}
}

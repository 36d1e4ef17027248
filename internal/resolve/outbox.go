package resolve

import (
	"net"
	"runtime"
	"sync"

	"golang.org/x/net/ipv4"
)

// outbox gathers the datagrams that goroutines have for one socket at the same
// time, and hands them to the kernel in one call (sendmmsg, where there is
// one). With many questions under way that costs less, here and at a
// server that is woken once for all of them.
type outbox struct {
	conn  *net.UDPConn
	batch *ipv4.PacketConn // the same, of whatever family

	leaves func() // called before something is sent

	mu      sync.Mutex
	sending bool           // somebody is about to send what is in it
	in, out []ipv4.Message // what is to be sent next, and what is on its way
}

func newOutbox(conn *net.UDPConn, leaves func()) *outbox {
	return &outbox{conn: conn, batch: ipv4.NewPacketConn(conn), leaves: leaves}
}

// send sends what write appends, or leaves it to somebody who is about to
// send. An error may be about any datagram of the socket; who left his to
// somebody else does not get it.
func (o *outbox) send(write func([]byte) []byte) error {
	o.mu.Lock()
	o.in = grown(o.in)
	b := &o.in[len(o.in)-1].Buffers[0]
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

// grown adds a message to ms, with the buffer that was there before if any.
func grown(ms []ipv4.Message) []ipv4.Message {
	if n := len(ms); n < cap(ms) && ms[:n+1][n].Buffers != nil {
		return ms[:n+1]
	}
	return append(ms, ipv4.Message{Buffers: [][]byte{nil}})
}

func (o *outbox) write(ms []ipv4.Message) error {
	for len(ms) > 1 && runtime.GOOS == "linux" {
		n, err := o.batch.WriteBatch(ms, 0)
		if isRefused(err) {
			return err
		}
		if err != nil { // a sandbox without the call
			break
		}
		ms = ms[n:]
	}
	for _, m := range ms {
		if _, err := o.conn.Write(m.Buffers[0]); err != nil {
			return err
		}
	}
	return nil
}

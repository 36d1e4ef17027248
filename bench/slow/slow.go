// Command slow sits before a DNS server and lets every answer take its time:
// each datagram is handed on at once, and what comes back is held until the
// delay since the question is over, or lost with a share of them. Questions do
// not wait for each other. It knows nothing of DNS, and no TCP.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:5301", "the address to be asked at")
	to := flag.String("to", "127.0.0.1:5300", "the server that knows the answers")
	delay := flag.Duration("delay", 20*time.Millisecond, "how long an answer takes")
	loss := flag.Float64("loss", 0, "which share of the answers gets lost, from 0 to 1")
	flag.Parse()
	fmt.Fprintln(os.Stderr, "slow:", serve(*listen, *to, *delay, *loss))
	os.Exit(1)
}

// serve returns only with an error.
func serve(listen, to string, delay time.Duration, loss float64) error {
	addr, err := net.ResolveUDPAddr("udp", listen)
	if err != nil {
		return err
	}
	server, err := net.ResolveUDPAddr("udp", to)
	if err != nil {
		return err
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		return err
	}
	var lines lines
	for {
		l, err := lines.take(server)
		if err != nil {
			return err
		}
		n, client, err := conn.ReadFromUDPAddrPort(l.buf)
		if err != nil {
			return err
		}
		if rand.Float64() < loss {
			continue
		}
		due := time.Now().Add(delay)
		go func() {
			n, err := l.ask(n)
			if err != nil {
				_ = l.server.Close() // the answer may still come, and would be another's
				return               // the client sees a lost packet, which is what it is
			}
			time.Sleep(time.Until(due))
			_, _ = conn.WriteToUDPAddrPort(l.buf[:n], netip.AddrPortFrom(client.Addr().Unmap(), client.Port()))
			lines.give(l)
		}()
	}
}

// line is a socket to the server that carries one question at a time, so that
// answers need no sorting.
type line struct {
	server *net.UDPConn
	buf    []byte
}

// ask asks what is in the first n octets of buf, and puts the answer there.
func (l *line) ask(n int) (int, error) {
	if _, err := l.server.Write(l.buf[:n]); err != nil {
		return 0, err
	}
	_ = l.server.SetReadDeadline(time.Now().Add(time.Second))
	return l.server.Read(l.buf)
}

// lines are those that nobody uses.
type lines struct {
	mu   sync.Mutex
	idle []*line
}

func (ls *lines) take(server *net.UDPAddr) (*line, error) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if n := len(ls.idle); n > 0 {
		l := ls.idle[n-1]
		ls.idle = ls.idle[:n-1]
		return l, nil
	}
	c, err := net.DialUDP("udp", nil, server)
	return &line{c, make([]byte, 1<<16)}, err
}

func (ls *lines) give(l *line) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.idle = append(ls.idle, l)
}

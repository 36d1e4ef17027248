// Command slow stands before a DNS server and lets every answer take its time:
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
	for {
		buf := make([]byte, 1<<16)
		n, client, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		if rand.Float64() < loss {
			continue
		}
		due := time.Now().Add(delay)
		go func() {
			answer, err := ask(server, buf[:n])
			if err != nil {
				return // the client sees a lost packet, which is what it is
			}
			time.Sleep(time.Until(due))
			_, _ = conn.WriteToUDPAddrPort(answer, netip.AddrPortFrom(client.Addr().Unmap(), client.Port()))
		}()
	}
}

// ask asks the server over a socket of its own, so that answers need no
// sorting.
func ask(server *net.UDPAddr, question []byte) ([]byte, error) {
	c, err := net.DialUDP("udp", nil, server)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if _, err := c.Write(question); err != nil {
		return nil, err
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	answer := make([]byte, 1<<16)
	n, err := c.Read(answer)
	return answer[:n], err
}

// Command simple asks each question of a list once, as a program would that does
// no more than call a library: what bench/run holds sescheck against. It reads
// dnsperf's lists, a name and a type a line, and judges nothing.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"
)

func main() {
	server := flag.String("server", "127.0.0.1:5300", "who is asked")
	with := flag.String("with", "exchange", "exchange: dns.Client.Exchange, a socket a question; resolver: net.Resolver, Go's own")
	list := flag.String("questions", "", "the list")
	side := flag.Int("side", 64, "how many ask side by side")
	flag.Parse()
	ask, ok := map[string]asker{"exchange": exchange(*server), "resolver": resolver(*server)}[*with]
	if !ok || *list == "" || flag.NArg() > 0 || *side < 1 {
		flag.Usage()
		os.Exit(2)
	}
	questions, err := read(*list)
	if err == nil {
		err = askAll(questions, ask, *side)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "simple:", err)
		os.Exit(1)
	}
	fmt.Println(len(questions), "answers")
}

// question is a name and a type, TXT or MX.
type question struct{ name, kind string }

// asker asks a question and fails unless there are records.
type asker func(question) error

func exchange(server string) asker {
	c := &dns.Client{UDPSize: 1232}
	return func(q question) error {
		m := new(dns.Msg).SetQuestion(dns.Fqdn(q.name), dns.StringToType[q.kind])
		m.SetEdns0(1232, false)
		r, _, err := c.Exchange(m, server)
		if err == nil && len(r.Answer) == 0 {
			err = errors.New("no records")
		}
		return err
	}
}

func resolver(server string) asker {
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, server)
	}}
	return func(q question) (err error) {
		switch q.kind {
		case "TXT":
			_, err = r.LookupTXT(context.Background(), q.name+".")
		case "MX":
			_, err = r.LookupMX(context.Background(), q.name+".")
		default:
			err = errors.New("net.Resolver cannot ask for it")
		}
		return err
	}
}

func read(path string) ([]question, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []question
	s := bufio.NewScanner(f)
	for s.Scan() {
		name, kind, ok := strings.Cut(s.Text(), " ")
		if !ok {
			return nil, fmt.Errorf("%s: no question: %q", path, s.Text())
		}
		all = append(all, question{name, kind})
	}
	return all, s.Err()
}

// askAll asks all questions, some side by side, and returns the first error.
func askAll(questions []question, ask asker, side int) error {
	var next atomic.Int64
	var first error
	var once sync.Once
	var asking sync.WaitGroup
	for range side {
		asking.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(questions) {
					return
				}
				q := questions[i]
				if err := ask(q); err != nil {
					once.Do(func() { first = fmt.Errorf("%s %s: %w", q.name, q.kind, err) })
				}
			}
		})
	}
	asking.Wait()
	return first
}

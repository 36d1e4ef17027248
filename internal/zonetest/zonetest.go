// Package zonetest serves zone files on loopback for tests, with faults of the
// network and of servers.
//
// A server answers recursive queries: it follows CNAMEs through all of its zones.
// To queries without RD it answers as a name server: the records at one name, or a
// referral. It shares no code with package resolve, so that the two do not share
// mistakes.
package zonetest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// Server is a DNS server over UDP and TCP on one port of 127.0.0.1.
type Server struct {
	Addr string // host:port

	zones  map[string]*zone
	faults []*fault
	mu     sync.Mutex
	asked  []string
	times  map[string]int // number of times by query
}

type zone struct {
	apex    string
	soa     dns.RR
	records map[string][]dns.RR // by owner
	nodes   map[string]bool     // owners, and the names above them in the zone
}

// Start serves every *.zone file in the folders until the test ends. A file has the
// name of its zone; root.zone is the root. If two folders have a zone, the last one
// wins. Each line of a file named faults is a fault; see Fault.
func Start(t *testing.T, dirs ...string) *Server {
	t.Helper()
	s := &Server{zones: map[string]*zone{}, times: map[string]int{}}
	for _, dir := range dirs {
		paths, err := filepath.Glob(filepath.Join(dir, "*.zone"))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			if err := s.load(p); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := os.ReadFile(filepath.Join(dir, "faults")); err == nil {
			for line := range strings.Lines(string(text)) {
				s.Fault(t, line)
			}
		}
	}
	s.Addr = s.listen(t, "127.0.0.1")
	return s
}

// load reads a zone file. Names without a final dot are relative to the zone.
func (s *Server) load(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	apex := dns.Fqdn(strings.ToLower(strings.TrimSuffix(filepath.Base(path), ".zone")))
	if apex == "root." {
		apex = "."
	}
	z := &zone{apex: apex, records: map[string][]dns.RR{}, nodes: map[string]bool{apex: true}}
	p := dns.NewZoneParser(f, apex, path)
	p.SetDefaultTTL(300)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		owner := strings.ToLower(rr.Header().Name)
		z.records[owner] = append(z.records[owner], rr)
		for n := owner; n != apex && dns.IsSubDomain(apex, n); n = above(n) {
			z.nodes[n] = true
		}
		if rr.Header().Rrtype == dns.TypeSOA {
			z.soa = rr
		}
	}
	if err := p.Err(); err != nil {
		return err
	}
	if z.soa == nil {
		if z.soa, err = dns.NewRR(fmt.Sprintf("%s 300 IN SOA ns1.%[2]s hostmaster.%[2]s 1 3600 600 86400 60", apex, strings.TrimPrefix(apex, "."))); err != nil {
			return err
		}
	}
	s.zones[apex] = z
	return nil
}

func above(name string) string {
	if i, end := dns.NextLabel(name, 0); !end {
		return name[i:]
	}
	return "."
}

// OverIPv6 also serves the zones at [::1], and returns the address. Without IPv6 it
// skips the test.
func (s *Server) OverIPv6(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip(err)
	}
	_ = l.Close()
	return s.listen(t, "::1")
}

// listen serves TCP and UDP on the same free port.
func (s *Server) listen(t *testing.T, host string) string {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		pc, err := net.ListenPacket("udp", addr)
		if err != nil { // the port is not free for UDP
			_ = l.Close()
			continue
		}
		for _, srv := range []*dns.Server{{Listener: l, Handler: s}, {PacketConn: pc, Handler: s}} {
			started := make(chan struct{})
			srv.NotifyStartedFunc = func() { close(started) }
			go func() { _ = srv.ActivateAndServe() }()
			<-started
			t.Cleanup(func() { _ = srv.Shutdown() })
		}
		return addr
	}
	t.Fatal("no port is free for both TCP and UDP")
	return ""
}

// Asked returns the queries so far, such as "udp TXT example.com".
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// Forget clears the list of Asked.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = nil
}

// ServeDNS implements dns.Handler.
func (s *Server) ServeDNS(w dns.ResponseWriter, r *dns.Msg) {
	if len(r.Question) != 1 {
		return
	}
	q := r.Question[0]
	name := strings.ToLower(q.Name)
	network := w.RemoteAddr().Network()
	f := s.take(network, q.Qtype, name, fmt.Sprintf("%s %d %s %d", w.RemoteAddr(), r.Id, name, q.Qtype))

	m := new(dns.Msg).SetReply(r)
	m.RecursionAvailable = true
	m.Compress = true
	if r.IsEdns0() != nil {
		m.SetEdns0(1232, false)
	}
	if r.RecursionDesired {
		s.answer(m, name, q.Qtype, 0)
	} else {
		m.RecursionAvailable = false
		s.answerOwn(m, name, q.Qtype)
	}
	if f != nil && !f.apply(w, m) {
		return
	}
	if network == "udp" {
		size := dns.MinMsgSize
		if opt := r.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		m.Truncate(size)
	}
	_ = w.WriteMsg(m)
}

// answer adds the records at a name, and follows CNAMEs.
func (s *Server) answer(m *dns.Msg, name string, t uint16, depth int) {
	z := s.zoneOf(name)
	if z == nil {
		m.Rcode = dns.RcodeNameError
		return
	}
	rrs := z.lookup(name)
	if rrs == nil && !z.nodes[name] {
		m.Rcode = dns.RcodeNameError
	}
	var alias *dns.CNAME
	found := false
	for _, rr := range rrs {
		rr = dns.Copy(rr)
		rr.Header().Name = name
		switch c, is := rr.(*dns.CNAME); {
		case rr.Header().Rrtype == t:
			m.Answer = append(m.Answer, rr)
			found = true
		case is:
			if alias != nil {
				m.Answer = append(m.Answer, alias) // two CNAMEs are invalid, but some servers have them
			}
			alias = c
		}
	}
	switch {
	case found:
	case alias != nil && depth < 10:
		m.Answer = append(m.Answer, alias)
		s.answer(m, strings.ToLower(alias.Target), t, depth+1)
	case alias != nil:
		m.Rcode = dns.RcodeServerFailure
	default:
		m.Ns = append(m.Ns, z.soa)
	}
}

// answerOwn adds the answer of a name server, without recursion.
func (s *Server) answerOwn(m *dns.Msg, name string, t uint16) {
	z := s.zoneOf(name)
	if z == nil {
		m.Rcode = dns.RcodeRefused
		return
	}
	servers := func(owner string) []dns.RR { return ofType(z.records[owner], dns.TypeNS) }
	for cut := name; cut != z.apex; cut = above(cut) {
		if m.Ns = servers(cut); len(m.Ns) > 0 {
			for _, ns := range m.Ns {
				host := strings.ToLower(ns.(*dns.NS).Ns)
				m.Extra = append(append(m.Extra, ofType(z.records[host], dns.TypeA)...), ofType(z.records[host], dns.TypeAAAA)...)
			}
			return
		}
	}
	m.Authoritative = true
	rrs := z.lookup(name)
	for _, t := range []uint16{t, dns.TypeCNAME} {
		for _, rr := range ofType(rrs, t) {
			rr = dns.Copy(rr)
			rr.Header().Name = name
			m.Answer = append(m.Answer, rr)
		}
		if len(m.Answer) > 0 {
			return
		}
	}
	m.Ns = append(m.Ns, z.soa)
	if rrs == nil && !z.nodes[name] {
		m.Rcode = dns.RcodeNameError
	}
}

func ofType(rrs []dns.RR, t uint16) (all []dns.RR) {
	for _, rr := range rrs {
		if rr.Header().Rrtype == t {
			all = append(all, rr)
		}
	}
	return all
}

func (s *Server) zoneOf(name string) *zone {
	for n := name; ; n = above(n) {
		if z := s.zones[n]; z != nil {
			return z
		}
		if n == "." {
			return nil
		}
	}
}

// lookup returns the records at a name, or those of the wildcard that covers it
// (RFC 4592); nil if there are none.
func (z *zone) lookup(name string) []dns.RR {
	if z.nodes[name] {
		return z.records[name]
	}
	encloser := name
	for !z.nodes[encloser] {
		encloser = above(encloser)
	}
	return z.records["*."+encloser]
}

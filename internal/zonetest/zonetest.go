// Package zonetest serves zone files on loopback for tests, and does to the
// answers what the network and broken servers do.
//
// It answers as a recursive resolver would: CNAMEs are followed through all of
// its zones. Who asks without RD gets what a name server of these zones says:
// one record deep, or a referral. It is written apart from package resolve on purpose, so that the
// two do not share a misreading of DNS.
package zonetest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Server is a DNS server over UDP and TCP on one port of 127.0.0.1.
type Server struct {
	Addr string // host:port

	zones  map[string]*zone
	faults []*fault
	mu     sync.Mutex
	asked  []string
}

type zone struct {
	apex    string
	soa     dns.RR
	records map[string][]dns.RR // by owner
	nodes   map[string]bool     // owners and all names above them within the zone
}

// Start serves every *.zone file in the folders, each named after its zone (the
// root's is root.zone),
// until the test ends; of two files for a zone, the last folder's counts. Lines
// of a file named `faults`, if any, say what goes wrong; see Fault.
func Start(t *testing.T, dirs ...string) *Server {
	t.Helper()
	s := &Server{zones: map[string]*zone{}}
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

// load reads a zone file. A name ends in a dot or is relative to the zone.
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

// OverIPv6 serves the same at [::1] and returns the address. Where there is no
// IPv6 it skips the test.
func (s *Server) OverIPv6(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip(err)
	}
	_ = l.Close()
	return s.listen(t, "::1")
}

// listen serves TCP on a port that the system chooses and UDP on the same.
func (s *Server) listen(t *testing.T, host string) string {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		pc, err := net.ListenPacket("udp", addr)
		if err != nil { // the port is taken for UDP: try another
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

// Asked returns the questions that came, as "udp TXT example.com".
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// ServeDNS answers one message.
func (s *Server) ServeDNS(w dns.ResponseWriter, r *dns.Msg) {
	if len(r.Question) != 1 {
		return
	}
	q := r.Question[0]
	name := strings.ToLower(q.Name)
	network := w.RemoteAddr().Network()
	f := s.take(network, q.Qtype, name)

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

// answer fills in what the zones hold for name, following CNAMEs.
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

// answerOwn fills in what a name server of the zones answers.
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

// lookup returns the records at name, or those of the wildcard that covers it
// (RFC 4592); nil where there is neither.
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

// fault is something that happens to the answers to a question.
type fault struct {
	kind    string
	left    int // how often; -1 is always
	network string
	rrtype  uint16
	name    string
	delay   time.Duration
}

var kinds = []string{"DROP", "DELAY", "TRUNCATE", "GARBAGE", "FORGE", "WRONGID", "STRANGER", "EMPTY", "BOGUS"}

// Fault adds a line of a faults file. Empty lines and those after # count for
// nothing. The others are
//
//	KIND [TIMES] [udp|tcp] TYPE NAME
//
// where TYPE or NAME may be `*`, and KIND is an rcode such as SERVFAIL or
// REFUSED; DROP; TRUNCATE (the UDP answer is cut); GARBAGE (no message at
// all); FORGE (an answer to another question with the right id comes first);
// STRANGER (the answer holds another name's records); BOGUS (SERVFAIL with an EDE that says so); WRONGID (an answer with
// another id comes first); EMPTY (an empty answer without authority, as of a
// server that is not responsible); or a duration, which delays the answer.
func (s *Server) Fault(t *testing.T, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	if len(words) == 0 {
		return
	}
	f := &fault{kind: words[0], left: -1}
	words = words[1:]
	if len(words) > 2 {
		if _, err := fmt.Sscan(words[0], &f.left); err == nil {
			words = words[1:]
		}
	}
	if len(words) > 2 {
		f.network, words = words[0], words[1:]
	}
	if len(words) != 2 {
		t.Fatalf("fault %q: want KIND [TIMES] [udp|tcp] TYPE NAME", line)
	}
	if d, err := time.ParseDuration(f.kind); err == nil {
		f.kind, f.delay = "DELAY", d
	}
	f.rrtype = dns.StringToType[words[0]]
	if f.name = words[1]; f.name != "*" {
		f.name = dns.Fqdn(strings.ToLower(f.name))
	}
	if f.rrtype == 0 && words[0] != "*" {
		t.Fatalf("fault %q: no type %s", line, words[0])
	}
	if _, isRcode := dns.StringToRcode[f.kind]; !isRcode && !slices.Contains(kinds, f.kind) {
		t.Fatalf("fault %q: no fault %s", line, f.kind)
	}
	s.mu.Lock()
	s.faults = append(s.faults, f)
	s.mu.Unlock()
}

// take notes a question and returns the fault that it meets, counting it off.
func (s *Server) take(network string, t uint16, name string) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, fmt.Sprintf("%s %s %s", network, dns.TypeToString[t], strings.TrimSuffix(name, ".")))
	for _, f := range s.faults {
		if f.left == 0 || f.network != "" && f.network != network || f.rrtype != 0 && f.rrtype != t || f.name != "*" && f.name != name {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		return f
	}
	return nil
}

// apply does to an answer what the fault says, and reports whether it is still
// to be sent.
func (f *fault) apply(w dns.ResponseWriter, m *dns.Msg) bool {
	switch f.kind {
	case "DROP":
		return false
	case "DELAY":
		time.Sleep(f.delay)
	case "TRUNCATE":
		if w.RemoteAddr().Network() == "udp" {
			m.Answer, m.Truncated = nil, true
		}
	case "GARBAGE":
		wire, _ := m.Pack()
		_, _ = w.Write(wire[:len(wire)-len(wire)/3])
		return false
	case "FORGE":
		x := m.Copy()
		x.Question[0].Name = "evil.test."
		x.Answer = evil("evil.test.")
		_ = w.WriteMsg(x)
	case "WRONGID":
		x := m.Copy()
		x.Id++
		x.Answer = evil(m.Question[0].Name)
		_ = w.WriteMsg(x)
	case "STRANGER":
		m.Rcode = dns.RcodeSuccess
		m.Answer = evil("evil.test.")
	case "EMPTY":
		m.Rcode, m.Answer, m.Ns, m.RecursionAvailable = dns.RcodeSuccess, nil, nil, false
	case "BOGUS":
		m.Rcode, m.Answer, m.Ns = dns.RcodeServerFailure, nil, nil
		if opt := m.IsEdns0(); opt != nil {
			opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeDNSBogus, ExtraText: "##[error]no valid signature"})
		}
	default:
		m.Rcode, m.Answer, m.Ns = dns.StringToRcode[f.kind], nil, nil
	}
	return true
}

func evil(name string) []dns.RR {
	return []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60}, Txt: []string{"v=spf1 +all"}}}
}

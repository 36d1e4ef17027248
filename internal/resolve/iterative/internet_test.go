package iterative_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/resolve/iterative"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// made is an Internet that is made up: zones by the address that serves them.
// It answers as a server does that looks no further than itself.
type made struct {
	t       *testing.T
	servers map[string]map[string][]dns.RR // address, apex
	faults  map[string]string              // by address: a word of Exchange
	mute    map[string]int                 // by address: how many tries get no answer
	lost    func(datagram string) bool     // whether one is lost; nil for none

	mu    sync.Mutex
	asked []string       // as "192.0.2.1 TXT example.com"
	sent  map[string]int // how often, where some are lost
}

// makeUp reads an Internet: paragraphs that begin with `# ADDRESS… ZONE`, with
// the zone's records below.
func makeUp(t *testing.T, texts ...string) *made {
	t.Helper()
	m := &made{t: t, servers: map[string]map[string][]dns.RR{}, faults: map[string]string{}}
	for _, part := range strings.Split("\n"+strings.Join(texts, "\n"), "\n# ")[1:] {
		head, body, _ := strings.Cut(part, "\n")
		words := strings.Fields(head)
		apex := words[len(words)-1]
		p := dns.NewZoneParser(strings.NewReader(body), apex, "")
		p.SetDefaultTTL(300)
		var all []dns.RR
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			all = append(all, rr)
		}
		if err := p.Err(); err != nil {
			t.Fatalf("%s: %v", head, err)
		}
		for _, addr := range words[:len(words)-1] {
			if m.servers[addr] == nil {
				m.servers[addr] = map[string][]dns.RR{}
			}
			m.servers[addr][apex] = all
		}
	}
	return m
}

// walk returns a resolver that asks this Internet.
func (m *made) walk(t *testing.T) *resolve.Resolver {
	t.Helper()
	r := resolve.New(resolve.Options{Authority: m.root(t).Walk, Timeout: 2 * time.Second, Retries: 2, Concurrency: 64})
	t.Cleanup(r.Close)
	return r
}

// root is the root of this Internet.
func (m *made) root(t *testing.T) *iterative.Authority {
	t.Helper()
	h, err := iterative.ReadHints(strings.NewReader(". NS a.root.\n. NS b.root.\na.root. A 198.51.100.1\nb.root. A 198.51.100.2\n"), "hints")
	if err != nil {
		t.Fatal(err)
	}
	return iterative.AuthorityOver(h,
		func(a netip.AddrPort) transport.Exchanger { return &madeServer{m, a.Addr().String()} },
		netip.Addr.Is4)
}

func (m *made) count(part string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.asked {
		if strings.Contains(a, part) {
			n++
		}
	}
	return n
}

type madeServer struct {
	*made
	addr string
}

func (s *madeServer) String() string { return s.addr }
func (s *madeServer) Close()         {}

func (s *madeServer) Exchange(ctx context.Context, q *transport.Query, a transport.Attempt) (transport.Reply, error) {
	var m dns.Msg
	if err := m.Unpack(q.Wire); err != nil || m.RecursionDesired {
		return transport.Reply{}, fmt.Errorf("unexpected question: %w", err)
	}
	name := m.Question[0].Name
	s.mu.Lock()
	s.asked = append(s.asked, fmt.Sprintf("%s %s", s.addr, q.Question))
	wrong := s.faults[s.addr]
	zones := s.servers[s.addr]
	if s.mute[s.addr] > 0 {
		s.mute[s.addr]--
		wrong = "silent"
	}
	s.mu.Unlock()
	r := new(dns.Msg).SetReply(&m)
	switch {
	case zones == nil || wrong == "silent":
		return transport.Reply{}, waitInVain(ctx, a.Timeout)
	case wrong == "upwards":
		r.Ns = append(r.Ns, mustRR(". NS a.root."))
	case wrong == "sideways":
		r.Ns = append(r.Ns, mustRR("elsewhere.org. NS ns.elsewhere.org."))
	case wrong == "cached":
		s.answer(r, zones, name, m.Question[0].Qtype)
		r.Authoritative = false
	case wrong == "denies": // that there is anything where there are no records itself
		if s.answer(r, zones, name, m.Question[0].Qtype); m.Question[0].Qtype == dns.TypeNS && len(r.Answer) == 0 && r.Authoritative {
			r.Rcode = dns.RcodeNameError
		}
	case wrong != "":
		r.Rcode = dns.StringToRcode[wrong]
	default:
		s.answer(r, zones, name, m.Question[0].Qtype)
	}
	wire, err := r.Pack()
	if err != nil {
		s.t.Errorf("pack: %v", err)
	}
	if !q.IsAnsweredBy(wire) {
		s.t.Errorf("the made-up server gives no answer to %s", q.Question)
	}
	if s.lost == nil {
		return q.Parse(wire)
	}
	arrived := false
	return a.Send(func() error {
		arrived = s.arrives(fmt.Sprintf("%s %s", s.addr, q.Question))
		return nil
	}, func(d time.Duration) (transport.Reply, error) {
		if !arrived {
			return transport.Reply{}, waitInVain(ctx, d)
		}
		time.Sleep(20 * time.Millisecond)
		return q.Parse(wire)
	})
}

// arrives reports whether a question and its answer do. Each has its own fate,
// whatever else is asked before it: which that is follows the scheduler.
func (m *made) arrives(question string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sent == nil {
		m.sent = map[string]int{}
	}
	n := m.sent[question]
	m.sent[question]++
	return !m.lost(fmt.Sprintf("%s, %d there", question, n)) && !m.lost(fmt.Sprintf("%s, %d back", question, n))
}

func waitInVain(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return &transport.Fault{Kind: record.Timeout}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func mustRR(s string) dns.RR {
	x, err := dns.NewRR(s)
	if err != nil {
		panic(err)
	}
	return x
}

func (s *madeServer) answer(r *dns.Msg, zones map[string][]dns.RR, name string, t uint16) {
	apex := name
	for zones[apex] == nil {
		if apex == "." {
			r.Rcode = dns.RcodeRefused
			return
		}
		apex = parent(apex)
	}
	zone := zones[apex]
	at := func(owner string, t uint16) (all []dns.RR) {
		for _, x := range zone {
			if strings.EqualFold(x.Header().Name, owner) && x.Header().Rrtype == t {
				all = append(all, x)
			}
		}
		return all
	}
	for cut := name; cut != apex; cut = parent(cut) {
		if ns := at(cut, dns.TypeNS); len(ns) > 0 {
			r.Ns = ns
			for _, x := range ns {
				host := x.(*dns.NS).Ns
				r.Extra = append(append(r.Extra, at(host, dns.TypeA)...), at(host, dns.TypeAAAA)...)
			}
			return
		}
	}
	r.Authoritative = true
	exists := func(owner string) bool {
		for _, x := range zone {
			if dns.IsSubDomain(owner, x.Header().Name) {
				return true
			}
		}
		return false
	}
	owner := name
	for up := parent(name); up != apex && up != "."; up = parent(up) {
		if d := at(up, dns.TypeDNAME); len(d) > 0 {
			target := strings.TrimSuffix(name, up) + d[0].(*dns.DNAME).Target
			r.Answer = append(d, mustRR(name+" 300 CNAME "+target))
			return
		}
	}
	if !exists(name) {
		encloser := parent(name)
		for !exists(encloser) {
			encloser = parent(encloser)
		}
		owner = "*." + encloser
	}
	for _, t := range []uint16{t, dns.TypeCNAME} {
		for _, x := range at(owner, t) {
			x = dns.Copy(x)
			x.Header().Name = name
			r.Answer = append(r.Answer, x)
		}
		if len(r.Answer) > 0 {
			break
		}
	}
	if len(r.Answer) == 0 {
		r.Ns = at(apex, dns.TypeSOA)
		if !exists(owner) {
			r.Rcode = dns.RcodeNameError
		}
	}
}

func parent(name string) string {
	if i, end := dns.NextLabel(name, 0); !end {
		return name[i:]
	}
	return "."
}

func txtAt(name record.Name) record.Question { return record.Question{Name: name, Type: record.TXT} }

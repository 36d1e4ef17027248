package zonetest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// fault changes the answers to some queries.
type fault struct {
	kind    string
	left    int             // how many times; -1 for always
	hit     map[string]bool // datagrams that had it
	network string
	rrtype  uint16
	name    string
	delay   time.Duration
	share   float64
}

var kinds = []string{
	"AD", "BOGUS", "CUT", "DELAY", "DROP", "EMPTY", "FORGE", "GARBAGE", "HUGE", "LOOP", "LOSS", "SOURCE", "STRANGER", "TRUNCATE", "WRONGID",
}

// Fault adds a line of a faults file. Empty lines and text after # are skipped. A
// line is
//
//	KIND [TIMES] [udp|tcp] TYPE NAME
//
// where TYPE or NAME may be `*`. TIMES counts queries: a datagram that is sent again
// gets the same fault again, except DROP. KIND is
//
//	AD         the answer says that it was validated
//	an rcode   such as SERVFAIL or REFUSED
//	BOGUS      SERVFAIL with an EDE for a failed signature
//	EMPTY      an empty answer without authority, as from a server that is not responsible
//	DROP       no answer
//	5%         no answer to this share of the datagrams; every run drops the same
//	           ones among those with the same query
//	50ms       the answer comes this much later
//	TRUNCATE   the UDP answer is empty and has the bit TC
//	CUT        the same, and the answer ends in the middle of a record
//	GARBAGE    a message that cannot be parsed
//	HUGE       the answer, padded with other records to 64 KiB
//	FORGE      first a forged answer to another query, with the right id
//	WRONGID    first a forged answer with another id
//	SOURCE     first a forged answer from another port, right otherwise
//	STRANGER   the answer has the records of another name
//	LOOP       the answer is a loop of two CNAMEs
func (s *Server) Fault(t *testing.T, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	if len(words) == 0 {
		return
	}
	f := &fault{kind: words[0], left: -1, hit: map[string]bool{}}
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
	if share, is := strings.CutSuffix(f.kind, "%"); is {
		n, err := strconv.Atoi(share)
		if err != nil {
			t.Fatalf("fault %q: no share %s", line, f.kind)
		}
		f.kind, f.share = "LOSS", float64(n)/100
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

// take logs a query and returns the fault that applies to it, if any. A datagram that
// is sent again is the same datagram.
func (s *Server) take(network string, t uint16, name, datagram string) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := fmt.Sprintf("%s %s %s", network, dns.TypeToString[t], strings.TrimSuffix(name, "."))
	s.asked = append(s.asked, asked)
	s.times[asked]++
	for _, f := range s.faults {
		if f.kind == "LOSS" && (network != "udp" || chance(asked, s.times[asked]) >= f.share) {
			continue
		}
		if network == "udp" && f.hit[datagram] {
			return f
		}
		if f.left == 0 || f.network != "" && f.network != network || f.rrtype != 0 && f.rrtype != t || f.name != "*" && f.name != name {
			continue
		}
		if f.left > 0 {
			f.left--
			if f.kind != "DROP" {
				f.hit[datagram] = true
			}
		}
		return f
	}
	return nil
}

// chance is a number from 0 to 1, the same for the n-th time of a query in every
// run.
func chance(asked string, n int) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(asked))
	return rand.New(rand.NewPCG(h.Sum64(), uint64(n))).Float64()
}

// apply applies the fault to an answer, and reports whether to send it.
func (f *fault) apply(w dns.ResponseWriter, m *dns.Msg) bool {
	switch f.kind {
	case "DROP", "LOSS":
		return false
	case "DELAY":
		time.Sleep(f.delay)
	case "TRUNCATE":
		if w.RemoteAddr().Network() == "udp" {
			m.Answer, m.Truncated = nil, true
		}
	case "CUT":
		if w.RemoteAddr().Network() == "udp" {
			m.Truncated = true
			wire, _ := m.Pack()
			cut := 5 // of the OPT record
			if len(m.Answer) > 0 {
				cut = len(wire) / 5
			}
			_, _ = w.Write(wire[:len(wire)-cut])
			return false
		}
	case "HUGE":
		junk := &dns.TXT{Hdr: dns.RR_Header{Name: "evil.test.", Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60}}
		for range 4 {
			junk.Txt = append(junk.Txt, strings.Repeat("x", 250))
		}
		for len(m.Answer) > 0 && m.Len() < 1<<16-1200 {
			m.Answer = append(m.Answer, junk)
		}
	case "GARBAGE":
		wire, _ := m.Pack()
		_, _ = w.Write(wire[:len(wire)-len(wire)/3])
		return false
	case "FORGE":
		x := m.Copy()
		x.Question[0].Name = "evil.test."
		x.Answer = forged("evil.test.", m.Question[0])
		_ = w.WriteMsg(x)
	case "WRONGID":
		x := m.Copy()
		x.Id++
		x.Rcode, x.Answer, x.Ns = dns.RcodeSuccess, forged(m.Question[0].Name, m.Question[0]), nil
		_ = w.WriteMsg(x)
	case "STRANGER":
		m.Rcode = dns.RcodeSuccess
		m.Answer = forged("evil.test.", m.Question[0])
	case "SOURCE":
		if client, is := w.RemoteAddr().(*net.UDPAddr); is {
			x := m.Copy()
			x.Rcode, x.Answer, x.Ns = dns.RcodeSuccess, forged(m.Question[0].Name, m.Question[0]), nil
			if wire, err := x.Pack(); err == nil {
				fromElsewhere(client, wire)
			}
		}
	case "LOOP":
		name := m.Question[0].Name
		m.Rcode, m.Ns, m.Answer = dns.RcodeSuccess, nil, []dns.RR{
			&dns.CNAME{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: 60}, Target: "loop.test."},
			&dns.CNAME{Hdr: dns.RR_Header{Name: "loop.test.", Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: 60}, Target: name},
		}
	case "EMPTY":
		m.Rcode, m.Answer, m.Ns, m.RecursionAvailable = dns.RcodeSuccess, nil, nil, false
	case "AD":
		m.AuthenticatedData = true
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

// fromElsewhere sends a datagram from a port that was not queried.
func fromElsewhere(to *net.UDPAddr, wire []byte) {
	conn, err := net.ListenPacket("udp", net.JoinHostPort(to.IP.String(), "0"))
	if err == nil {
		_, _ = conn.WriteTo(wire, to)
		_ = conn.Close()
	}
}

// forged are the records of a forger who wants every check to pass.
func forged(owner string, q dns.Question) []dns.RR {
	h := dns.RR_Header{Name: owner, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 60}
	switch {
	case q.Qtype == dns.TypeMX:
		return []dns.RR{&dns.MX{Hdr: h, Preference: 10, Mx: "feedback-smtp.eu-west-1.amazonses.com."}}
	case q.Qtype != dns.TypeTXT:
		h.Rrtype = dns.TypeTXT
	case strings.HasPrefix(strings.ToLower(q.Name), "_dmarc."):
		return []dns.RR{&dns.TXT{Hdr: h, Txt: []string{"v=DMARC1; p=reject"}}}
	case strings.Contains(strings.ToLower(q.Name), "._domainkey."):
		return []dns.RR{&dns.TXT{Hdr: h, Txt: []string{"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}}}
	}
	return []dns.RR{&dns.TXT{Hdr: h, Txt: []string{"v=spf1 include:amazonses.com -all"}}}
}

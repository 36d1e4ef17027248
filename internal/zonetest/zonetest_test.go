package zonetest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/miekg/dns"
)

// TestFaultOfADatagram: a fault that counts queries does not count a datagram that is
// sent again, as clients do when an answer is late.
func TestFaultOfADatagram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "example.test.zone"), []byte("@ 60 IN SOA ns hostmaster 1 60 60 60 60\n@ 60 IN NS ns\n@ 60 IN TXT x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Start(t, dir)
	s.Fault(t, "NXDOMAIN 1 TXT example.test")
	conn, err := dns.Dial("udp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	first := new(dns.Msg).SetQuestion("example.test.", dns.TypeTXT)
	second := first.Copy()
	second.Id++
	for i, c := range []struct {
		m    *dns.Msg
		want int
	}{{first, dns.RcodeNameError}, {first, dns.RcodeNameError}, {second, dns.RcodeSuccess}, {first, dns.RcodeNameError}} {
		if err := conn.WriteMsg(c.m); err != nil {
			t.Fatal(err)
		}
		answer, err := conn.ReadMsg()
		if err != nil || answer.Rcode != c.want {
			t.Errorf("datagram %d: %v, %v", i, answer, err)
		}
	}
}

// Command hostile is a DNS server of SPF records that are made to cost as much as
// a message of 64 KiB can; package zonetest has them. With -write it writes the
// YAML files of domains that meet them.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// answer is what the server says.
func answer(name string, t uint16) (all []dns.RR, exists bool) {
	owner := strings.TrimSuffix(strings.ToLower(name), ".")
	texts, exists := zonetest.HostileTexts(owner)
	if !exists {
		return nil, false
	}
	header := dns.RR_Header{Name: name, Rrtype: t, Class: dns.ClassINET, Ttl: 60}
	switch t {
	case dns.TypeTXT:
		for _, text := range texts {
			all = append(all, &dns.TXT{Hdr: header, Txt: split(text)})
		}
	case dns.TypeA:
		for _, a := range zonetest.HostileV4() {
			all = append(all, &dns.A{Hdr: header, A: a.AsSlice()})
		}
	case dns.TypeAAAA:
		for _, a := range zonetest.HostileV6() {
			all = append(all, &dns.AAAA{Hdr: header, AAAA: a.AsSlice()})
		}
	case dns.TypeMX:
		for _, host := range zonetest.HostileHosts(owner) {
			all = append(all, &dns.MX{Hdr: header, Mx: dns.Fqdn(host)})
		}
	}
	return all, true
}

// split cuts a text into strings as package dns writes them, with escapes.
func split(text string) (all []string) {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for len(text) > 0 {
		n := min(255, len(text))
		all = append(all, escape.Replace(text[:n]))
		text = text[n:]
	}
	return all
}

// messages are answers that were made before, without their ids.
var messages sync.Map

func serve(w dns.ResponseWriter, r *dns.Msg) {
	if len(r.Question) != 1 {
		return
	}
	q := r.Question[0]
	m := new(dns.Msg).SetReply(r)
	m.RecursionAvailable = true
	if w.RemoteAddr().Network() == "udp" {
		m.Truncated = true // nearly all are too long
		_ = w.WriteMsg(m)
		return
	}
	if wire, ok := messages.Load(q); ok {
		_, _ = w.Write(append([]byte{byte(r.Id >> 8), byte(r.Id)}, wire.([]byte)[2:]...))
		return
	}
	m.Compress = true
	var exists bool
	if m.Answer, exists = answer(q.Name, q.Qtype); len(m.Answer) == 0 {
		soa, _ := dns.NewRR("test. 60 IN SOA ns.test. h.test. 1 3600 600 86400 60")
		m.Ns = []dns.RR{soa}
		if !exists {
			m.Rcode = dns.RcodeNameError
		}
	}
	wire, err := m.Pack()
	if err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", q.Name, err)
		return
	}
	messages.Store(q, wire)
	_, _ = w.Write(wire)
}

// write makes the files of an attack: one domain that is in it, six of them,
// and twelve healthy ones that share one vendor.
func write(dir string) error {
	for _, name := range zonetest.Attacks() {
		for file, f := range map[string]struct {
			domains int
			zone    string
		}{"one": {1, name}, "six": {6, name}, "shared": {12, "of-" + name}} {
			var text strings.Builder
			text.WriteString("version: 1\ndomains:\n")
			for i := range f.domains {
				fmt.Fprintf(&text, "  d%d.%s.%s: {spf: {includes: [], exact: false}}\n", i, f.zone, zonetest.HostileZone)
			}
			if err := os.WriteFile(filepath.Join(dir, name+"-"+file+".yaml"), []byte(text.String()), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func main() {
	listen := flag.String("listen", "127.0.0.1:5302", "the address to be asked at")
	dir := flag.String("write", "", "write the YAML files of the domains that meet the attacks here, and end")
	flag.Parse()
	if *dir != "" {
		if err := write(*dir); err != nil {
			fmt.Fprintln(os.Stderr, "hostile:", err)
			os.Exit(1)
		}
		return
	}
	for _, network := range []string{"udp", "tcp"} {
		go func() {
			err := (&dns.Server{Addr: *listen, Net: network, Handler: dns.HandlerFunc(serve)}).ListenAndServe()
			fmt.Fprintln(os.Stderr, "hostile:", err)
			os.Exit(1)
		}()
	}
	select {}
}

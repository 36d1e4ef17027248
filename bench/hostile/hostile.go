// Command hostile is a DNS server of records that are made to cost as much as a
// message of 64 KiB can: every name below ATTACK.evil.test has the SPF record of
// that attack, which leads to more names there. It prints the attacks, or writes
// the YAML of domains that meet one.
package main

import (
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// room is for the data of one answer, so that its message has 64 KiB at most.
const room = 60_000

// attacks are what stands at the names below each.
var attacks = map[string]func(name string) []string{
	"includes": func(n string) []string { return one(fill("include:%s", leads(n, ""))) },
	"few":      func(n string) []string { return one(fill("include:%s", few(leads(n, "")))) },
	"long":     func(n string) []string { return one(fill("include:%s", leads(n, long))) },
	"redirect": func(n string) []string { return one(fill("ip4:192.0.2.%d", count) + " redirect=" + leads(n, "")(0)) },
	"garbage":  func(n string) []string { return one(front(n) + fill("x%d", count)) },
	"misspelt": func(n string) []string { return one(front(n) + fill("nclude:%s", leads(n, ""))) },
	"odd":      func(n string) []string { return one(front(n) + fill("include=%s", leads(n, ""))) },
	"octets":   func(n string) []string { return one(front(n) + fill("\x01\x02\x03\x04\x05\x06\x07\x08%d", count)) },
	"quotes": func(n string) []string {
		return one(front(n) + fill(`include:""""""""""""""""""""""""""""%s`, leads(n, "")))
	},
	"terms":  func(n string) []string { return one(front(n) + fill("a%.0d", count)) },
	"hosts":  func(n string) []string { return one(front(n) + fill("a:%s", leads(n, ""))) },
	"mail":   func(n string) []string { return one(front(n) + fill("mx:%s", leads(n, ""))) },
	"void":   func(n string) []string { return one(front(n) + fill("a:%s", leads(n, ".none"))) },
	"exists": func(n string) []string { return one(front(n) + fill("exists:%%{i}.%s", leads(n, ""))) },
	"macros": func(n string) []string {
		return one(front(n) + "exists:" + strings.Repeat("%{i}", room/5) + ".example")
	},
	"unread":  func(n string) []string { return one(front(n) + "-all " + fill("include:%s", leads(n, ""))) },
	"records": records,
}

// one is a single record of a text.
func one(text string) []string { return []string{"v=spf1 " + text} }

// front leads on, so that an attack meets a walk as often as it goes.
func front(name string) string {
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, "include:%s ", leads(name, "")(i))
	}
	return b.String()
}

// fill repeats a term until there is no more room.
func fill[T any](format string, of func(int) T) string {
	var b strings.Builder
	for i := 0; b.Len() < room-2000; i++ {
		fmt.Fprintf(&b, format+" ", of(i))
	}
	return strings.TrimSpace(b.String())
}

func count(i int) int { return i % 250 }

// long is what makes a name as long as one can be.
const long = ".xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

// leads names what the record at name leads to: no two records to the same.
func leads(name, more string) func(int) string {
	return func(i int) string {
		h := fnv.New64a()
		fmt.Fprintf(h, "%s %d", name, i)
		return fmt.Sprintf("x%x%s.%s", h.Sum64(), more, attack(name)+".evil.test")
	}
}

// few leads to fifty names again and again.
func few(of func(int) string) func(int) string { return func(i int) string { return of(i % 50) } }

// records are many SPF records at one name, and the first of them leads on.
func records(name string) []string {
	if strings.HasPrefix(name, "records.") {
		return one(front(name))
	}
	var all []string
	for i := range 2000 {
		all = append(all, fmt.Sprintf("v=spf1 a:x%d -all", i))
	}
	return all
}

// attack is the attack that a name belongs to.
func attack(name string) string {
	labels := dns.SplitDomainName(name)
	if len(labels) < 3 || strings.Join(labels[len(labels)-2:], ".") != "evil.test" {
		return ""
	}
	return labels[len(labels)-3]
}

// of is what stands at a name: below of-ATTACK.evil.test the record of a domain
// that includes one vendor of the attack.
func of(name string) func(string) []string {
	if vendor, ok := strings.CutPrefix(attack(name), "of-"); ok {
		return func(string) []string { return one("include:vendor." + vendor + ".evil.test -all") }
	}
	return attacks[attack(name)]
}

// answer is what the server says.
func answer(name string, t uint16) (all []dns.RR) {
	of := of(name)
	if of == nil || strings.Contains(name, ".none.") {
		return nil
	}
	header := dns.RR_Header{Name: name, Rrtype: t, Class: dns.ClassINET, Ttl: 60}
	switch t {
	case dns.TypeTXT:
		for _, text := range of(strings.TrimSuffix(name, ".")) {
			all = append(all, &dns.TXT{Hdr: header, Txt: split(text)})
		}
	case dns.TypeA:
		for i := range 3500 {
			all = append(all, &dns.A{Hdr: header, A: net.IPv4(10, 9, byte(i>>8), byte(i))})
		}
	case dns.TypeAAAA:
		for i := range 2000 {
			all = append(all, &dns.AAAA{Hdr: header, AAAA: net.ParseIP(fmt.Sprintf("2001:db8::%x", i+1))})
		}
	case dns.TypeMX:
		for i := range 10 {
			all = append(all, &dns.MX{Hdr: header, Mx: dns.Fqdn(leads(name, "")(i))})
		}
	}
	return all
}

// split cuts a text into strings as package dns writes them, with escapes.
func split(text string) (all []string) {
	for len(text) > 0 {
		n := min(255, len(text))
		all = append(all, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text[:n]))
		text = text[n:]
	}
	return all
}

func serve(w dns.ResponseWriter, r *dns.Msg) {
	m := new(dns.Msg).SetReply(r)
	m.RecursionAvailable, m.Compress = true, true
	if len(r.Question) == 1 {
		name := strings.ToLower(r.Question[0].Name)
		if m.Answer = answer(name, r.Question[0].Qtype); len(m.Answer) == 0 {
			soa, _ := dns.NewRR("test. 60 IN SOA ns.test. h.test. 1 3600 600 86400 60")
			m.Ns = []dns.RR{soa}
			if of(name) == nil {
				m.Rcode = dns.RcodeNameError
			}
		}
	}
	if o := r.IsEdns0(); o != nil {
		m.SetEdns0(1232, false)
	}
	if w.RemoteAddr().Network() == "udp" {
		m.Truncate(512)
	}
	_ = w.WriteMsg(m)
}

// write makes the files of domains: those that stand in an attack themselves,
// and healthy ones that share one vendor.
func write(dir string) error {
	for _, name := range slices.Sorted(maps.Keys(attacks)) {
		for file, f := range map[string]struct {
			domains int
			zone    string
		}{"one": {1, name}, "six": {6, name}, "shared": {12, "of-" + name}} {
			text := "version: 1\ndomains:\n"
			for i := range f.domains {
				text += fmt.Sprintf("  d%d.%s.evil.test: {spf: {includes: [], exact: false}}\n", i, f.zone)
			}
			if err := os.WriteFile(filepath.Join(dir, name+"-"+file+".yaml"), []byte(text), 0o644); err != nil {
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

package zonetest

import (
	"hash/fnv"
	"net/netip"
	"strconv"
	"strings"
	"sync"
)

// This file has SPF records that cost a resolver and a parser as much as a message
// of 64 KiB can. Each attack has a zone, ATTACK.evil.test: every name in it has the
// record of the attack, which leads to other names in the zone. A name in
// of-ATTACK.evil.test is a healthy domain that includes one such vendor.

// HostileZone is the parent of the attacks' zones.
const HostileZone = "evil.test"

// room is the size of an answer's data in octets, so that its message fits into 64
// KiB.
const room = 58_000

// attack returns the TXT records at a name.
type attack func(name string) []string

// attacks has the attacks by name.
var attacks = map[string]attack{
	"includes": func(n string) []string { return one(fill("include:%s", leads(n, ""))) },
	"few":      func(n string) []string { return one(fill("include:%s", few(leads(n, "")))) },
	"long":     func(n string) []string { return one(fill("include:%s", leads(n, long))) },
	"redirect": func(n string) []string { return one(fill("ip4:192.0.2.%s", count) + " redirect=" + leads(n, "")(0)) },
	"garbage":  func(n string) []string { return one(front(n) + fill("x%s", count)) },
	"misspelt": func(n string) []string { return one(front(n) + fill("nclude:%s", leads(n, ""))) },
	"odd":      func(n string) []string { return one(front(n) + fill("include=%s", leads(n, ""))) },
	"octets":   func(n string) []string { return one(front(n) + fill("\x01\x02\x03\x04\x05\x06\x07\x08%s", count)) },
	"quotes": func(n string) []string {
		return one(front(n) + fill(`include:""""""""""""""""""""""""""""%s`, leads(n, "")))
	},
	"terms":  func(n string) []string { return one(front(n) + strings.Repeat("a ", room/2)) },
	"hosts":  func(n string) []string { return one(front(n) + fill("a:%s", leads(n, ""))) },
	"mail":   func(n string) []string { return one(front(n) + fill("mx:%s", leads(n, ""))) },
	"void":   func(n string) []string { return one(front(n) + fill("a:%s", leads(n, ".none"))) },
	"exists": func(n string) []string { return one(front(n) + fill("exists:%{i}.%s", leads(n, ""))) },
	"macros": func(n string) []string {
		return one(front(n) + "exists:" + strings.Repeat("%{i}", room/5) + ".example")
	},
	"networks": func(n string) []string { return one(front(n) + fill("ip4:%s.0.0.0/10", count)) },
	"unread":   func(n string) []string { return one(front(n) + "-all " + fill("include:%s", leads(n, ""))) },
	"records":  records,
}

// Attacks returns the names of the attacks.
func Attacks() (names []string) {
	for name := range attacks {
		names = append(names, name)
	}
	return names
}

// HostileTexts returns the TXT records at a name, which is in lower case without
// the final dot. exists is false if the name does not exist.
func HostileTexts(name string) (texts []string, exists bool) {
	zone := zoneOf(name)
	if vendor, ok := strings.CutPrefix(zone, "of-"); ok && attacks[vendor] != nil {
		return one("include:vendor." + vendor + "." + HostileZone + " -all"), true
	}
	of := attacks[zone]
	if of == nil || strings.Contains(name, ".none.") {
		return nil, false
	}
	return of(name), true
}

// HostileHosts returns the hosts of the MX records at a name that exists.
func HostileHosts(name string) (hosts []string) {
	for i := range 10 {
		hosts = append(hosts, leads(name, "")(i))
	}
	return hosts
}

// HostileV4 and HostileV6 are the addresses at every name that exists, sorted.
var (
	HostileV4 = sync.OnceValue(func() (all []netip.Addr) {
		for i := range 3500 {
			all = append(all, netip.AddrFrom4([4]byte{10, 9, byte(i >> 8), byte(i)}))
		}
		return all
	})
	HostileV6 = sync.OnceValue(func() (all []netip.Addr) {
		for i := range 2000 {
			all = append(all, netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 14: byte(i >> 8), 15: byte(i)}))
		}
		return all
	})
)

// zoneOf returns the attack whose zone a name is in.
func zoneOf(name string) string {
	rest, ok := strings.CutSuffix(name, "."+HostileZone)
	if !ok || !strings.Contains(rest, ".") {
		return ""
	}
	return rest[strings.LastIndexByte(rest, '.')+1:]
}

// one returns a single SPF record.
func one(text string) []string { return []string{"v=spf1 " + text} }

// front returns includes of further names with the same attack.
func front(name string) string {
	var b strings.Builder
	for i := range 20 {
		b.WriteString("include:" + leads(name, "")(i) + " ")
	}
	return b.String()
}

// fill repeats a term, with another text in place of its %s, until the room is used.
func fill(term string, of func(int) string) string {
	before, after, _ := strings.Cut(term, "%s")
	var b strings.Builder
	for i := 0; b.Len() < room-2000; i++ {
		b.WriteString(before)
		b.WriteString(of(i))
		b.WriteString(after)
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func count(i int) string { return strconv.Itoa(i % 250) }

// long pads a name to the maximum length.
var long = strings.Repeat("."+strings.Repeat("x", 63), 3)

// leads returns the names that the record at a name leads to. No two names lead to
// the same ones.
func leads(name, more string) func(int) string {
	zone := zoneOf(name) + "." + HostileZone
	return func(i int) string {
		h := fnv.New64a()
		_, _ = h.Write([]byte(name + " " + strconv.Itoa(i))) // a hash does not fail
		return "x" + strconv.FormatUint(h.Sum64(), 16) + more + "." + zone
	}
}

// few repeats the first 50 of the names.
func few(of func(int) string) func(int) string { return func(i int) string { return of(i % 50) } }

// records returns many SPF records at one name, which vendors and domains include.
func records(name string) []string {
	if strings.HasPrefix(name, "d") || strings.HasPrefix(name, "vendor.") {
		return one(front(name))
	}
	var all []string
	for i := range 2000 {
		all = append(all, "v=spf1 a:x"+strconv.Itoa(i)+" -all")
	}
	return all
}

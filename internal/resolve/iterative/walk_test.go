package iterative_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/iterative"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// world is a root, com, net and org, with example.com on two servers.
const world = `
# 198.51.100.1 198.51.100.2 .
@ SOA a.root. h. 1 1 1 1 900
com NS a.gtld.com.
a.gtld.com A 198.51.100.11
net NS a.gtld.net.
a.gtld.net A 198.51.100.12
org NS a.gtld.net.

# 198.51.100.11 com.
@ SOA a.gtld h. 1 1 1 1 600
example NS ns1.example
example NS ns2.example
ns1.example A 198.51.100.21
ns2.example A 198.51.100.22
outside NS ns1.hoster.net.
ns1.hoster.net. A 198.51.100.66 ; to be ignored: com knows nothing of net
a.loop NS ns.b.loop
orphan NS ns.orphan
circle1 NS ns.circle2
circle2 NS ns.circle1
six NS ns.six
ns.six AAAA 2001:db8::6
half NS ns.six
half NS ns1.example
vanished NS ns1.hoster.net.
vanished NS ns.never.net.
upper NS ns1.example
upper NS ns.upper
ns.upper A 198.51.100.51

# 198.51.100.12 net.
@ SOA a.gtld h. 1 1 1 1 600
hoster NS ns1.hoster
ns1.hoster A 198.51.100.31

# 198.51.100.12 org.
@ SOA a.gtld.net. h. 1 1 1 1 600
other NS ns1.hoster.net.

# 198.51.100.21 198.51.100.22 example.com.
@ SOA ns1 h 7 3600 600 86400 60
@ NS ns1
@ NS ns2
@ TXT "v=spf1 -all"
ns1 A 198.51.100.21
ns2 A 198.51.100.22
a.b.c TXT "deep"
*.wild TXT "wild"
out CNAME there.other.org.
gone CNAME nothing.other.org.
old DNAME new.example.com.
x.new TXT "by DNAME"
self CNAME self
sub NS ns.sub
ns.sub A 198.51.100.41
x.y.sub TXT "not from here"

# 198.51.100.41 sub.example.com.
@ SOA ns h 1 1 1 1 60
deep.er NS ns.deep.er
ns.deep.er A 198.51.100.42
x.y TXT "from the zone below"

# 198.51.100.42 deep.er.sub.example.com.
@ SOA ns h 1 1 1 1 60
@ TXT "at the bottom"

# 198.51.100.31 hoster.net.
@ SOA ns1 h 1 1 1 1 60
ns1 A 198.51.100.31

# 198.51.100.31 outside.com.
@ SOA ns1.hoster.net. h 1 1 1 1 60
@ TXT "by the right server"

# 198.51.100.66 outside.com.
@ SOA ns1.hoster.net. h 1 1 1 1 60
@ TXT "FORGED"

# 198.51.100.31 other.org.
@ SOA ns1.hoster.net. h 1 1 1 1 60
there TXT "there"

# 198.51.100.31 vanished.com.
@ SOA ns1.hoster.net. h 1 1 1 1 60
@ TXT "half there"

# 198.51.100.21 upper.com.
@ SOA ns1 h 1 1 1 1 60
@ TXT "upper"

# 198.51.100.51 com.
@ SOA a.gtld h. 1 1 1 1 600

# 198.51.100.21 half.com.
@ SOA ns1 h 1 1 1 1 60
@ TXT "over IPv4"
`

// answers puts an answer into a line, with the servers that were lame for it.
func inALine(a record.Answer) string {
	s := a.Says()
	if a.Failure != nil {
		s = a.Failure.Reason()
	} else if !a.AA {
		s += ", without authority"
	}
	for _, l := range a.Lame {
		s += "; lame for " + string(l.Zone) + ": " + l.Server + ": " + l.Says
	}
	return s
}

func TestWalk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		about  string            // what else there is, or other
		faults map[string]string // by address
		q      record.Name       // TXT
		want   string
	}{
		{name: "both servers agree", q: "example.com", want: `"v=spf1 -all"`},
		{name: "no such name", q: "nothing.example.com", want: "no such name"},
		{name: "an empty non-terminal", q: "b.c.example.com", want: "no TXT record"},
		{name: "below an empty non-terminal", q: "a.b.c.example.com", want: `"deep"`},
		{name: "a wildcard", q: "any.thing.wild.example.com", want: `"wild"`},
		{name: "no domain", q: "_dmarc.nosuch.com", want: "no such name"},
		{name: "no top-level domain", q: "example.nosuch", want: "no such name"},
		{name: "a CNAME to another zone", q: "out.example.com", want: `CNAME there.other.org., "there"`},
		{name: "a CNAME to nothing", q: "gone.example.com", want: "CNAME nothing.other.org., no such name"},
		{name: "a CNAME to itself", q: "self.example.com", want: "endless chain of CNAMEs"},
		{name: "a DNAME", q: "x.old.example.com", want: `CNAME x.new.example.com., "by DNAME"`},
		{name: "a zone below", q: "x.y.sub.example.com", want: `"from the zone below"`},
		{name: "two zones below", q: "deep.er.sub.example.com", want: `"at the bottom"`},
		{name: "an address from out of bailiwick is ignored", q: "outside.com", want: `"by the right server"`},
		{name: "a server in its own zone without an address", q: "orphan.com",
			want: "server not reachable: none of the servers of orphan.com. answers for it: ns.orphan.com says nothing: its address could not be found"},
		{name: "two zones that name each other's servers", q: "circle1.com",
			want: "server not reachable: none of the servers of circle1.com. answers for it: ns.circle2.com says nothing: its address could not be found"},
		{name: "IPv6 only, on a machine without", q: "six.com",
			want: "server not reachable: none of the servers of six.com. answers for it: ns.six.com says nothing: this machine has no route to 2001:db8::6"},
		{name: "one server with IPv6 only is nobody's fault", q: "half.com", want: `"over IPv4"`},
		{name: "a server whose name is not there", q: "vanished.com",
			want: `"half there"; lame for vanished.com: ns.never.net: nothing: it has no address`},
		{name: "a server that is dead", faults: map[string]string{"198.51.100.22": "silent"}, q: "example.com",
			want: `"v=spf1 -all"; lame for example.com: ns2.example.com (198.51.100.22:53): nothing: timeout`},
		{name: "a server that refuses", faults: map[string]string{"198.51.100.22": "REFUSED"}, q: "nothing.example.com",
			want: `no such name; lame for example.com: ns2.example.com (198.51.100.22:53): REFUSED`},
		{name: "a server that refers upwards", faults: map[string]string{"198.51.100.22": "upwards"}, q: "example.com",
			want: `"v=spf1 -all"; lame for example.com: ns2.example.com (198.51.100.22:53): a referral to .`},
		{name: "a server that refers sideways", faults: map[string]string{"198.51.100.22": "sideways"}, q: "example.com",
			want: `"v=spf1 -all"; lame for example.com: ns2.example.com (198.51.100.22:53): a referral to elsewhere.org.`},
		{name: "a server that only has a copy", faults: map[string]string{"198.51.100.22": "cached"}, q: "example.com",
			want: `"v=spf1 -all"; lame for example.com: ns2.example.com (198.51.100.22:53): an answer without authority`},
		{name: "a server that has only the zone above", q: "upper.com",
			want: `"upper"; lame for upper.com: ns.upper.com (198.51.100.51:53): an answer from zone com.`},
		{name: "all servers refuse", faults: map[string]string{"198.51.100.21": "REFUSED", "198.51.100.22": "SERVFAIL"}, q: "example.com",
			want: "REFUSED: none of the servers of example.com. answers for it: ns1.example.com (198.51.100.21:53) says REFUSED; ns2.example.com (198.51.100.22:53) says SERVFAIL"},
		{name: "all servers are dead", faults: map[string]string{"198.51.100.21": "silent", "198.51.100.22": "silent"}, q: "example.com",
			want: "timeout: none of the servers of example.com. answers for it: ns1.example.com (198.51.100.21:53), ns2.example.com (198.51.100.22:53) say nothing: timeout"},
		{name: "the zone above is dead", faults: map[string]string{"198.51.100.11": "silent"}, q: "example.com",
			want: "timeout: none of the servers of com. answers for it: a.gtld.com (198.51.100.11:53) says nothing: timeout"},
		{name: "one root server is dead", faults: map[string]string{"198.51.100.1": "silent"}, q: "example.com", want: `"v=spf1 -all"`},
		{name: "one server is behind", about: "# 198.51.100.22 example.com.\n@ SOA ns1 h 6 3600 600 86400 60\n@ 240 TXT \"v=spf1 +all\"\n", q: "example.com",
			want: `servers disagree: ns1.example.com (198.51.100.21:53) says "v=spf1 -all", in serial 7; ns2.example.com (198.51.100.22:53) says "v=spf1 +all", in serial 6, which is behind`},
		{name: "one server does not have it yet", about: "# 198.51.100.22 example.com.\n@ SOA ns1 h 6 3600 600 86400 60\n", q: "out.example.com",
			want: `servers disagree: ns1.example.com (198.51.100.21:53) says CNAME there.other.org., in serial 7; ns2.example.com (198.51.100.22:53) says no such name, in serial 6, which is behind`},
		{name: "servers differ in one version", about: "# 198.51.100.22 example.com.\n@ SOA ns1 h 7 3600 600 86400 60\n", q: "out.example.com",
			want: `servers disagree: ns1.example.com (198.51.100.21:53) says CNAME there.other.org., in serial 7; ns2.example.com (198.51.100.22:53) says no such name, in serial 7`},
		{name: "a serial that went round", about: "# 198.51.100.22 example.com.\n@ SOA ns1 h 4294967295 3600 600 86400 60\n", q: "out.example.com",
			want: `servers disagree: ns1.example.com (198.51.100.21:53) says CNAME there.other.org., in serial 7; ns2.example.com (198.51.100.22:53) says no such name, in serial 4294967295, which is behind`},
		{name: "a server that gives no serial", about: "# 198.51.100.22 example.com.\n@ TXT other\n", q: "example.com",
			want: `servers disagree: ns1.example.com (198.51.100.21:53) says "v=spf1 -all", in serial 7; ns2.example.com (198.51.100.22:53) says "other"`},
		{name: "one server knows no empty non-terminals", about: "# 198.51.100.22 example.com.\n@ SOA ns1 h 6 3600 600 86400 60\nx TXT x\n", q: "b.c.example.com", want: "no TXT record"},
		{name: "a server that serves only the zone above", about: "# 198.51.100.41 example.com.\n@ SOA ns1 h 6 3600 600 86400 60\n", faults: map[string]string{}, q: "x.y.sub.example.com", want: `"from the zone below"`},
		{name: "a CNAME at the apex", about: "# 198.51.100.31 other.org.\n@ SOA ns1.hoster.net. h 1 1 1 1 60\n@ CNAME example.com.\n", q: "other.org", want: `CNAME example.com., "v=spf1 -all"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := makeUp(t, world, c.about)
				m.faults = c.faults
				a := m.walk(t).Ask(t.Context(), txtAt(c.q))
				if got := inALine(a); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
			})
		})
	}
}

// TestWalkIsShared: of many questions at once, each zone above is asked once
// where to go on.
func TestWalkIsShared(t *testing.T) {
	t.Parallel()
	m := makeUp(t, world)
	r := m.walk(t)
	var wg sync.WaitGroup
	for _, name := range []record.Name{"example.com", "a.b.c.example.com", "x.wild.example.com", "out.example.com", "nothing.example.com", "outside.com"} {
		for range 20 {
			wg.Go(func() {
				if a := r.Ask(t.Context(), txtAt(name)); a.Failure != nil {
					t.Error(a.Failure)
				}
			})
		}
	}
	wg.Wait()
	for _, c := range []struct {
		asked string
		want  int
	}{
		{"NS com", 1}, {"NS net", 1}, {"NS org", 1},
		{"NS example.com", 1}, {"NS outside.com", 1}, {"A ns1.hoster.net", 1},
		{"198.51.100.21 TXT example.com", 20}, {"198.51.100.22 TXT example.com", 20},
	} {
		if n := m.count(c.asked); n != c.want {
			t.Errorf("%s was asked %d times, want %d", c.asked, n, c.want)
		}
	}
}

// TestNobodyBelow: once a domain is known not to be there, nothing below it is
// asked for (RFC 8020).
func TestNobodyBelow(t *testing.T) {
	t.Parallel()
	m := makeUp(t, world)
	r := m.walk(t)
	for _, name := range []record.Name{"nosuch.com", "_dmarc.nosuch.com", "a.b.nosuch.com"} {
		if a := r.Ask(t.Context(), txtAt(name)); a.Status != record.NoName || a.TTL != 300 {
			t.Errorf("%s: %s, TTL %d", name, inALine(a), a.TTL)
		}
	}
	if n := m.count("nosuch"); n != 2 {
		t.Errorf("asked %d times: %v", n, m.asked)
	}
}

// TestDeniedInBetween: a zone with many delegations is walked label by label,
// and its servers may deny a name that only has others below it. What is
// below is found all the same.
func TestDeniedInBetween(t *testing.T) {
	t.Parallel()
	var delegations strings.Builder
	for i := range 8 {
		fmt.Fprintf(&delegations, "s%d NS ns.s\n", i)
	}
	m := makeUp(t, world, "# 198.51.100.21 198.51.100.22 example.com.\n@ SOA ns1 h 7 3600 600 86400 60\na.b.c TXT deep\nns.s A 198.51.100.41\n"+delegations.String())
	r := m.walk(t)
	for i := range 8 {
		r.Ask(t.Context(), txtAt(record.Name(fmt.Sprintf("s%d.example.com", i))))
	}
	m.faults = map[string]string{"198.51.100.21": "denies", "198.51.100.22": "denies"}
	if a := r.Ask(t.Context(), txtAt("a.b.c.example.com")); inALine(a) != `"deep"` {
		t.Error(inALine(a))
	}
	if m.count("NS c.example.com") == 0 {
		t.Error("it was not walked label by label")
	}
}

// TestTTLLeft: how long a disagreement may last is said by the longest of the
// answers, an absence's too.
func TestTTLLeft(t *testing.T) {
	t.Parallel()
	m := makeUp(t, world, "# 198.51.100.22 example.com.\n@ SOA ns1 h 6 3600 600 86400 7200\n@ 240 IN TXT \"v=spf1 +all\"\n")
	r := m.walk(t)
	for name, want := range map[record.Name]uint32{"example.com": 300, "out.example.com": 300, "a.b.c.example.com": 300} {
		a := r.Ask(t.Context(), txtAt(name))
		if a.Failure == nil || a.Failure.Fault != record.Disagreed || a.Failure.TTL != want {
			t.Errorf("%s: %s, want a disagreement for %d s", name, inALine(a), want)
		}
	}
}

// TestSerialsOnlyWhereServersDisagree: they are asked of those that answered, and
// for nothing else.
func TestSerialsOnlyWhereServersDisagree(t *testing.T) {
	t.Parallel()
	m := makeUp(t, world, "# 198.51.100.22 example.com.\n@ SOA ns1 h 6 3600 600 86400 60\n@ TXT other\na.b.c TXT deep\n")
	r := m.walk(t)
	for name, want := range map[record.Name]int{"a.b.c.example.com": 0, "outside.com": 0, "example.com": 2} {
		before := m.count(" SOA ")
		r.Ask(t.Context(), txtAt(name))
		if n := m.count(" SOA ") - before; n != want {
			t.Errorf("%s: %d questions for serials, want %d", name, n, want)
		}
	}
}

// TestLossIsNotLameness: where one datagram in ten is lost each way, and so one
// exchange in five, answers are those that there are without, and nobody is
// called lame.
func TestLossIsNotLameness(t *testing.T) {
	t.Parallel()
	names := []record.Name{"example.com", "a.b.c.example.com", "x.wild.example.com", "out.example.com", "nothing.example.com", "outside.com", "x.y.sub.example.com", "nosuch.com"}
	clean := map[record.Name]string{}
	for _, n := range names {
		clean[n] = inALine(makeUp(t, world).walk(t).Ask(t.Context(), txtAt(n)))
	}
	for seed := range uint64(400) {
		synctest.Test(t, func(t *testing.T) {
			m := makeUp(t, world)
			m.lost = func(datagram string) bool {
				h := sha256.Sum256(fmt.Appendf(nil, "%d %s", seed, datagram))
				return binary.BigEndian.Uint64(h[:])%10 == 0
			}
			r := m.walk(t)
			start := time.Now()
			var wg sync.WaitGroup
			for _, n := range names {
				wg.Go(func() {
					if got := inALine(r.Ask(t.Context(), txtAt(n))); got != clean[n] {
						t.Errorf("%d: got  %s\nwant %s", seed, got, clean[n])
					}
				})
			}
			wg.Wait()
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("%d: took %s", seed, d)
			}
		})
	}
}

// TestSlowIsNotDead: two tries in vain say nothing yet, three do.
func TestSlowIsNotDead(t *testing.T) {
	t.Parallel()
	for tries, want := range map[int]string{
		2: `"v=spf1 -all"`,
		3: `"v=spf1 -all"; lame for example.com: ns2.example.com (198.51.100.22:53): nothing: timeout`,
	} {
		synctest.Test(t, func(t *testing.T) {
			m := makeUp(t, world)
			m.mute = map[string]int{"198.51.100.22": tries}
			if got := inALine(m.walk(t).Ask(t.Context(), txtAt("example.com"))); got != want {
				t.Errorf("after %d: %s", tries, got)
			}
		})
	}
}

// TestDeadServerIsSpared: a server that never answers costs the first questions
// some time, and those after them none.
func TestDeadServerIsSpared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := makeUp(t, world)
		m.faults = map[string]string{"198.51.100.22": "silent"}
		r := m.walk(t)
		start := time.Now()
		r.Ask(t.Context(), txtAt("example.com"))
		if d := time.Since(start); d > 7*time.Second {
			t.Errorf("the first question took %s", d)
		}
		asked := m.count("198.51.100.22")
		start = time.Now()
		for i := range 20 {
			a := r.Ask(t.Context(), txtAt(record.Name(fmt.Sprintf("x%d.wild.example.com", i))))
			if a.Status != record.Found || len(a.Lame) != 1 {
				t.Errorf("%s", inALine(a))
			}
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("20 questions took %s", d)
		}
		if n := m.count("198.51.100.22") - asked; n > 0 {
			t.Errorf("the dead server was asked %d times more", n)
		}
	})
}

// TestOneFailureIsNotLameness: a server that has answered for the zone may fail
// on one name.
func TestOneFailureIsNotLameness(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := makeUp(t, world)
		r := m.walk(t)
		r.Ask(t.Context(), txtAt("example.com"))
		m.faults = map[string]string{"198.51.100.22": "SERVFAIL"}
		if got := inALine(r.Ask(t.Context(), txtAt("a.b.c.example.com"))); got != `"deep"` {
			t.Error(got)
		}
	})
}

// TestForget: nothing is kept from one round of --wait to the next.
func TestForget(t *testing.T) {
	t.Parallel()
	m := makeUp(t, world)
	m.faults = map[string]string{"198.51.100.22": "REFUSED"}
	r := m.walk(t)
	if a := r.Ask(t.Context(), txtAt("example.com")); len(a.Lame) != 1 {
		t.Errorf("before: %s", inALine(a))
	}
	m.mu.Lock()
	m.faults = nil
	m.mu.Unlock()
	r.Forget()
	if a := r.Ask(t.Context(), txtAt("example.com")); a.Status != record.Found || len(a.Lame) > 0 {
		t.Errorf("after: %s", inALine(a))
	}
}

// TestWalkEndsWithTheRun: whoever waits for a walk under way stops waiting.
func TestWalkEndsWithTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := makeUp(t, world)
		m.faults = map[string]string{"198.51.100.11": "silent"}
		r := m.walk(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for _, n := range []record.Name{"example.com", "out.example.com", "nosuch.com"} {
			wg.Go(func() {
				if a := r.Ask(ctx, txtAt(n)); a.Failure == nil || a.Failure.Fault != record.Interrupted {
					t.Errorf("%s: %s", n, inALine(a))
				}
			})
		}
		wg.Wait()
	})
}

// TestHostileDelegations: names of servers without end, in zones whose servers
// are such names again (NXNSAttack), cost a bounded number of questions, and
// what comes of it is a failure that says so. Servers of the zone that can be
// asked all the same are heard.
func TestHostileDelegations(t *testing.T) {
	t.Parallel()
	const bound = "at most 200 queries are sent for one, and 400 for a chain of CNAMEs: "
	for levels := 1; levels <= 3; levels++ {
		t.Run(fmt.Sprintf("levels: %d", levels), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := makeUp(t, world, hostile(levels, "evil", "beside"))
				r := m.walk(t)
				most := iterative.MostQuestions
				if levels == 1 {
					most = 3 * iterative.MaxNameservers
				}
				asked := 0
				ask := func(q record.Name) record.Answer {
					a := r.Ask(t.Context(), txtAt(q))
					n := m.count(" ")
					if n-asked > most {
						t.Errorf("%s: %d questions", q, n-asked)
					}
					asked = n
					return a
				}
				for _, q := range []record.Name{"evil.com", "x.evil.com", "y.evil.com"} {
					a := ask(q)
					if a.Status != record.Unknown || a.Failure.Fault != record.Unreachable || strings.Contains(inALine(a), bound) != (levels > 1) {
						t.Errorf("%s: %s", q, inALine(a))
					}
				}
				m.mute = map[string]int{"198.51.100.21": 2, "198.51.100.22": 2} // all else was asked when they are heard
				if a := ask("beside.com"); a.Status != record.Found {
					t.Errorf("%s", inALine(a))
				}
			})
		})
	}
}

// TestHostileChain: with CNAMEs from one such zone to the next a chain costs no
// more than two of them.
func TestHostileChain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var zones []string
		chain := ""
		for i := range 8 {
			zones = append(zones, fmt.Sprintf("beside-%d", i))
			chain += fmt.Sprintf("# 198.51.100.21 198.51.100.22 beside-%d.com.\n@ CNAME beside-%d.com.\n\n", i, i+1)
		}
		m := makeUp(t, world, hostile(2, zones...), chain)
		a := m.walk(t).Ask(t.Context(), txtAt("beside-0.com"))
		if len(a.Chain) < 2 || !strings.Contains(inALine(a), "400 for a chain of CNAMEs: ") {
			t.Errorf("after %d CNAMEs: %s", len(a.Chain), inALine(a))
		}
		if n := m.count(" "); n > iterative.MostForChain {
			t.Errorf("%d questions", n)
		}
	})
}

// TestHostileSilence: servers that let every question be sent again and again
// cost a bounded number of datagrams, and no answer of others.
func TestHostileSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		com, all := "# 198.51.100.11 com.\nns A 198.51.100.21\n", "198.51.100.21"
		for z := range 2 {
			com += fmt.Sprintf("z%d NS ns\n", z)
			for n := range iterative.MaxNameservers - 1 {
				com += fmt.Sprintf("z%d NS s%d.z%d\ns%d.z%d A 203.0.113.%d\n", z, n, z, n, z, 100*z+n)
				all += fmt.Sprintf(" 203.0.113.%d", 100*z+n)
			}
		}
		m := makeUp(t, world, com, "# "+all+" z0.com.\n@ CNAME z1.com.\n", "# "+all+" z1.com.\n@ TXT end\n")
		m.lost = func(datagram string) bool { return strings.HasPrefix(datagram, "203.0.113.") }
		a := m.walk(t).Ask(t.Context(), txtAt("z0.com"))
		if a.Status != record.Found || len(a.Lame) != 2*(iterative.MaxNameservers-1) {
			t.Error(inALine(a))
		}
		datagrams := 0
		for to, n := range m.sent {
			if m.lost(to) {
				datagrams += n
			}
		}
		if again := datagrams - m.count("203.0.113."); again > iterative.MostResends {
			t.Errorf("%d datagrams were sent again", again)
		}
	})
}

// TestLongChain: a chain as long as any that is followed is followed to its end,
// though each of its zones has four servers in zones of their own, which have to
// be found.
func TestLongChain(t *testing.T) {
	t.Parallel()
	com, net, below := "# 198.51.100.11 com.\n", "# 198.51.100.12 net.\n", ""
	for i := range transport.MaxChain + 1 {
		for k := range 4 {
			com += fmt.Sprintf("c%d NS ns.d%d-%d.net.\n", i, i, k)
			net += fmt.Sprintf("d%d-%d NS a.d%d-%d\na.d%d-%d A 198.51.100.31\n", i, k, i, k, i, k)
			below += fmt.Sprintf("# 198.51.100.31 d%d-%d.net.\nns A 198.51.100.4%d\n\n", i, k, k)
		}
		data := fmt.Sprintf("CNAME c%d.com.", i+1)
		if i == transport.MaxChain {
			data = "TXT end"
		}
		below += fmt.Sprintf("# 198.51.100.40 198.51.100.41 198.51.100.42 198.51.100.43 c%d.com.\n@ %s\n\n", i, data)
	}
	m := makeUp(t, world, com, net, below)
	if a := m.walk(t).Ask(t.Context(), txtAt("c0.com")); len(a.Chain) != transport.MaxChain || a.Status != record.Found {
		t.Errorf("after %d CNAMEs and %d questions: %s", len(a.Chain), m.count(" "), inALine(a))
	}
}

// hostile is com with zones that are each served by more names than anybody
// asks, in zones of the next level; those of the last are not there. Those whose
// names begin with beside have two good servers too.
func hostile(levels int, zones ...string) string {
	text := "# 198.51.100.11 com.\n@ SOA a.gtld h. 1 1 1 1 600\nns1.example A 198.51.100.21\nns2.example A 198.51.100.22\n"
	for _, z := range zones {
		if strings.HasPrefix(z, "beside") {
			text += z + " NS ns1.example\n" + z + " NS ns2.example\n"
		}
	}
	for range levels {
		var below []string
		for _, z := range zones {
			for n := range iterative.MaxNameservers + 5 {
				next := fmt.Sprintf("%s-%d", z, n)
				text += z + " NS ns." + next + "\n"
				below = append(below, next)
			}
		}
		zones = below[:min(len(below), 200)]
	}
	return text + "# 198.51.100.21 198.51.100.22 beside.com.\n@ SOA ns1.example h 1 1 1 1 60\n@ TXT here\n"
}

// TestPause: a server that fails at once is not asked again at once, but its next
// address is.
func TestPause(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		about string
		asked int           // how often each address is asked
		took  time.Duration // of the whole question
	}{
		"one address":   {"", 3, 200 * time.Millisecond},
		"two addresses": {"# 198.51.100.11 com.\nexample NS ns\nns A 198.51.100.21\nns A 198.51.100.22\n", 2, 100 * time.Millisecond}, // three tries in all
	} {
		synctest.Test(t, func(t *testing.T) {
			m := makeUp(t, world, c.about)
			m.faults = map[string]string{"198.51.100.21": "SERVFAIL", "198.51.100.22": "SERVFAIL"}
			start := time.Now()
			a := m.walk(t).Ask(t.Context(), txtAt("example.com"))
			if d := time.Since(start); d != c.took || a.Status != record.Unknown {
				t.Errorf("%s: %s after %s", name, inALine(a), d)
			}
			if n := m.count("198.51.100.21 TXT"); n != c.asked {
				t.Errorf("%s: asked %d times", name, n)
			}
		})
	}
}

// TestDeepServers: where each zone's server is in the next zone, a few of them are
// looked for, one for the other, and not any number.
func TestDeepServers(t *testing.T) {
	t.Parallel()
	for n, found := range map[int]bool{7: true, 8: true, 9: false} {
		com, below := "# 198.51.100.11 com.\n@ SOA a.gtld h. 1 1 1 1 600\n", ""
		for i := range n {
			com += fmt.Sprintf("z%d NS ns.z%d\n", i, i+1)
			below += fmt.Sprintf("# 203.0.113.%d z%d.com.\n@ TXT here\nns A 203.0.113.%d\n\n", i+1, i, i)
		}
		com += fmt.Sprintf("z%d NS ns.z%d\nns.z%[1]d A 203.0.113.%[1]d\n", n, n)
		below += fmt.Sprintf("# 203.0.113.%d z%[1]d.com.\nns A 203.0.113.%[1]d\n", n)
		m := makeUp(t, world, com, below)
		if a := m.walk(t).Ask(t.Context(), txtAt("z0.com")); (a.Status == record.Found) != found {
			t.Errorf("%d: %s", n, inALine(a))
		}
	}
}

// TestFirstAddress: of a server's addresses the first is asked, and the next where
// that does not answer.
func TestFirstAddress(t *testing.T) {
	t.Parallel()
	const com = "# 198.51.100.1 198.51.100.2 .\ncom NS a.gtld.com.\na.gtld.com A 198.51.100.11\na.gtld.com A 198.51.100.13\n"
	const beside = "# 198.51.100.13 com.\n@ SOA a.gtld h. 1 1 1 1 600\nexample NS ns1.example\nns1.example A 198.51.100.21\n"
	for fault, want := range map[string]bool{"": false, "REFUSED": true} {
		synctest.Test(t, func(t *testing.T) {
			m := makeUp(t, world, com, beside)
			m.faults = map[string]string{"198.51.100.11": fault}
			if a := m.walk(t).Ask(t.Context(), txtAt("example.com")); a.Status != record.Found {
				t.Errorf("%q: %s", fault, inALine(a))
			}
			if asked := m.count("198.51.100.13 ") > 0; asked != want {
				t.Errorf("%q: the second address was asked: %v", fault, asked)
			}
		})
	}
}

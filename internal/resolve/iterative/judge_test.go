package iterative

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/transport"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// rr is a record as the text of a zone file has it, less TTL and class.
func rr(text string) record.RR {
	f := strings.Fields(text)
	a := record.RR{Owner: record.Name(f[0]), TTL: 300}
	switch f[1] {
	case "TXT":
		a.Data = record.Record{Type: record.TXT, Strings: []untrusted.Text{untrusted.New(f[2])}}
	case "CNAME":
		a.Data = record.Record{Type: record.CNAME, Host: record.Name(f[2])}
	case "A", "AAAA":
		a.Data = record.Record{Type: map[string]record.Type{"A": record.A, "AAAA": record.AAAA}[f[1]], Addr: netip.MustParseAddr(f[2])}
	}
	return a
}

// TestJudge: which reply of a server of example.com to a question below it is an
// answer, which is a referral, and which is neither.
func TestJudge(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "a.b.example.com", Type: record.TXT}
	to := func(zone record.Name) transport.Referral {
		return transport.Referral{Zone: zone, NS: []record.Name{"ns.example.net"}}
	}
	for name, c := range map[string]struct {
		reply transport.Reply
		want  string
	}{
		"an answer":                               {transport.Reply{Authoritative: true, Answers: []record.RR{rr("a.b.example.com TXT x")}}, `answers "x"`},
		"no such name":                            {transport.Reply{Authoritative: true, Rcode: dns.RcodeNameError, SOA: "example.com"}, "answers no such name"},
		"no data":                                 {transport.Reply{Authoritative: true, SOA: "example.com"}, "answers no TXT record"},
		"no data of a zone it serves below":       {transport.Reply{Authoritative: true, SOA: "b.example.com"}, "answers no TXT record"},
		"a CNAME counts, its target does not":     {transport.Reply{Authoritative: true, Answers: []record.RR{rr("a.b.example.com CNAME c.example.org"), rr("c.example.org TXT y")}}, "answers CNAME c.example.org."},
		"a CNAME to another zone of the server's": {transport.Reply{Authoritative: true, Rcode: dns.RcodeNameError, SOA: "example.org", Answers: []record.RR{rr("a.b.example.com CNAME c.example.org")}}, "answers CNAME c.example.org."},
		"a CNAME to a name in the zone":           {transport.Reply{Authoritative: true, Rcode: dns.RcodeNameError, SOA: "example.com", Answers: []record.RR{rr("a.b.example.com CNAME c.example.com")}}, "answers CNAME c.example.com."},
		"without authority":                       {transport.Reply{Answers: []record.RR{rr("a.b.example.com TXT x")}}, "is an answer without authority"},
		"denied without authority":                {transport.Reply{Rcode: dns.RcodeNameError, SOA: "example.com"}, "is an answer without authority"},
		"a referral down":                         {transport.Reply{Referral: to("b.example.com")}, "refers to b.example.com"},
		"a referral down with authority":          {transport.Reply{Authoritative: true, Referral: to("b.example.com")}, "refers to b.example.com"},
		"a referral to the name itself":           {transport.Reply{Referral: to("a.b.example.com")}, "refers to a.b.example.com"},
		"a referral below the name":               {transport.Reply{Referral: to("x.a.b.example.com")}, "is a referral to x.a.b.example.com."},
		"a referral down, not towards it":         {transport.Reply{Referral: to("c.example.com")}, "is a referral to c.example.com."},
		"a referral to the zone itself":           {transport.Reply{Referral: to("example.com")}, "is a referral to example.com."},
		"a referral upwards":                      {transport.Reply{Referral: to("com")}, "is a referral to com."},
		"a referral sideways":                     {transport.Reply{Referral: to("example.net")}, "is a referral to example.net."},
		"a referral that denies":                  {transport.Reply{Rcode: dns.RcodeNameError, Referral: to("b.example.com")}, "is a referral to b.example.com."},
		"its own name servers, and no data":       {transport.Reply{Authoritative: true, Referral: to("example.com")}, "answers no TXT record"},
		"of the zone above":                       {transport.Reply{Authoritative: true, SOA: "com"}, "is an answer from zone com."},
		"denied by the zone above":                {transport.Reply{Authoritative: true, Rcode: dns.RcodeNameError, SOA: "com"}, "is an answer from zone com."},
		"of another zone":                         {transport.Reply{Authoritative: true, SOA: "example.net"}, "is an answer from zone example.net."},
		"refused":                                 {transport.Reply{Rcode: dns.RcodeRefused}, "is REFUSED"},
		"refused with a referral":                 {transport.Reply{Rcode: dns.RcodeRefused, Referral: to("b.example.com")}, "is REFUSED"},
		"a failure with authority":                {transport.Reply{Authoritative: true, Rcode: dns.RcodeServerFailure, Answers: []record.RR{rr("a.b.example.com TXT x")}}, "is SERVFAIL"},
		"not authoritative, says its rcode":       {transport.Reply{Authoritative: true, Rcode: dns.RcodeNotAuth}, "is NOTAUTH"},
		"an rcode without a name":                 {transport.Reply{Authoritative: true, Rcode: 3841}, "is RCODE3841"},
	} {
		r := response{server: &nameserver{name: "ns1.example.com"}}
		r.judge(c.reply, "example.com", q)
		got := "is " + r.failure.Rcode
		switch {
		case r.answers:
			got = "answers " + r.says(q)
		case r.refers:
			got = "refers to " + string(r.reply.Referral.Zone)
		}
		if got != c.want || r.answers && r.refers {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		for _, a := range r.reply.Answers {
			if a.Owner != q.Name {
				t.Errorf("%s: it is taken at its word about %s", name, a.Owner)
			}
		}
		if r.server.answered.Load() != r.answers {
			t.Errorf("%s: it counts as a server that answered: %v", name, !r.answers)
		}
	}
}

// heard is a response of the server with that name.
func heard(name record.Name, change func(*response)) response {
	r := response{server: &nameserver{name: name}, addr: netip.MustParseAddrPort("192.0.2.1:53"), failure: record.Failure{Fault: record.Timeout}}
	change(&r)
	return r
}

func answering(name record.Name, reply transport.Reply) response {
	return heard(name, func(r *response) { r.answers, r.reply = true, reply })
}

func says(name record.Name, text string) response {
	return answering(name, transport.Reply{Answers: []record.RR{rr("example.com " + text)}})
}

func failing(name record.Name, lame bool, fault record.Fault, rcode string) response {
	return heard(name, func(r *response) { r.lame, r.failure = lame, record.Failure{Fault: fault, Rcode: rcode} })
}

func serial(r response, n uint32) response {
	r.serial = &n
	return r
}

// TestAgreed: what several servers of a zone say together.
func TestAgreed(t *testing.T) {
	t.Parallel()
	denies := transport.Reply{Rcode: dns.RcodeNameError, SOATTL: 60}
	empty := transport.Reply{SOATTL: 900}
	refers := heard("a", func(r *response) {
		r.refers, r.reply = true, transport.Reply{Referral: transport.Referral{Zone: "sub.example.com"}}
	})
	for name, c := range map[string]struct {
		of   record.Type // TXT if 0
		said []response
		want string
	}{
		"both the same":           {0, []response{says("a", "TXT x"), says("b", "TXT x")}, `"x"`},
		"two texts":               {0, []response{says("a", "TXT x"), says("b", "TXT y")}, `differ for 300 s: a: "x"; b: "y"`},
		"the third differs":       {0, []response{says("a", "TXT x"), says("b", "TXT x"), says("c", "TXT y")}, `differ for 300 s: a: "x"; b: "x"; c: "y"`},
		"one has none":            {0, []response{says("a", "TXT x"), answering("b", empty)}, `differ for 900 s: a: "x"; b: no TXT record`},
		"one denies":              {0, []response{answering("a", denies), says("b", "TXT x")}, `differ for 300 s: a: no such name; b: "x"`},
		"a text and a CNAME":      {0, []response{says("a", "TXT x"), says("b", "CNAME c.example.net")}, `differ for 300 s: a: "x"; b: CNAME c.example.net.`},
		"a CNAME and none":        {0, []response{says("a", "CNAME c.example.net"), answering("b", denies)}, "differ for 300 s: a: CNAME c.example.net.; b: no such name"},
		"two CNAMEs":              {0, []response{says("a", "CNAME c.example.net"), says("b", "CNAME d.example.net")}, "differ for 300 s: a: CNAME c.example.net.; b: CNAME d.example.net."},
		"both deny":               {0, []response{answering("a", denies), answering("b", denies)}, "no such name"},
		"no name, and no data":    {0, []response{answering("a", denies), answering("b", empty)}, "no TXT record"},
		"no data, and no name":    {0, []response{answering("a", empty), answering("b", denies)}, "no TXT record"},
		"addresses may differ":    {record.A, []response{says("a", "A 192.0.2.1"), says("b", "A 192.0.2.2")}, "192.0.2.1"},
		"IPv6 addresses too":      {record.AAAA, []response{says("a", "AAAA 2001:db8::1"), says("b", "AAAA 2001:db8::2")}, "2001:db8::1"},
		"an address and none":     {record.A, []response{says("a", "A 192.0.2.1"), answering("b", empty)}, "differ for 900 s: a: 192.0.2.1; b: no A record"},
		"none and an address":     {record.A, []response{answering("a", denies), says("b", "A 192.0.2.1")}, "differ for 300 s: a: no such name; b: 192.0.2.1"},
		"one is lame":             {0, []response{failing("a", true, record.BadRcode, "REFUSED"), says("b", "TXT x")}, `"x", lame: a: REFUSED`},
		"one fails by chance":     {0, []response{failing("a", false, record.BadRcode, "SERVFAIL"), says("b", "TXT x")}, `"x"`},
		"one is lame, two differ": {0, []response{failing("a", true, record.Timeout, ""), says("b", "TXT x"), says("c", "TXT y")}, `differ for 300 s: a: nothing: timeout; b: "x"; c: "y", lame: a: nothing: timeout`},
		"one refers":              {0, []response{refers, says("b", "TXT x")}, `"x"`},
		"one refers, two differ":  {0, []response{refers, says("b", "TXT x"), says("c", "TXT y")}, `differ for 300 s: b: "x"; c: "y"`},
		"one was not asked":       {0, []response{{}, says("b", "TXT x"), says("c", "TXT y")}, `differ for 300 s: b: "x"; c: "y"`},
		"one is behind":           {0, []response{serial(says("a", "TXT x"), 7), serial(says("b", "TXT y"), 8)}, `differ for 300 s: a: "x", in serial 7, which is behind; b: "y", in serial 8`},
		"serials that went round": {0, []response{serial(says("a", "TXT x"), 1<<32-1), serial(says("b", "TXT y"), 1)}, `differ for 300 s: a: "x", in serial 4294967295, which is behind; b: "y", in serial 1`},
		"none answers":            {0, []response{failing("a", true, record.Timeout, ""), failing("b", true, record.Timeout, "")}, "timeout by a: a: nothing: timeout; b: nothing: timeout"},
		"an rcode before silence": {0, []response{failing("a", true, record.Timeout, ""), failing("b", true, record.BadRcode, "REFUSED")}, "REFUSED by b: a: nothing: timeout; b: REFUSED"},
		"silence after an rcode":  {0, []response{failing("a", true, record.BadRcode, "REFUSED"), failing("b", true, record.Timeout, "")}, "REFUSED by a: a: REFUSED; b: nothing: timeout"},
		"the first of two rcodes": {0, []response{failing("a", true, record.BadRcode, "REFUSED"), failing("b", true, record.BadRcode, "SERVFAIL")}, "REFUSED by a: a: REFUSED; b: SERVFAIL"},
		"the end of the run":      {0, []response{failing("a", false, record.BadRcode, "REFUSED"), failing("b", false, record.Interrupted, "")}, "the run ended before an answer came by b: a: REFUSED; b: nothing: the run ended before an answer came"},
		"no server was asked":     {0, []response{{}}, "server not reachable by nobody: "},
	} {
		q := record.Question{Name: "example.com", Type: record.TXT}
		if c.of != 0 {
			q.Type = c.of
		}
		cons := consensus{question: q, zone: "example.com", responses: c.said}
		a, failure := cons.agreed()
		if got := summary(a, failure, q); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

// summary puts the outcome of a consensus into a line.
func summary(a Answer, failure *record.Failure, q record.Question) string {
	words := func(said []record.Said) string {
		var all []string
		for _, s := range said {
			server, _, _ := strings.Cut(s.Server, " ")
			all = append(all, server+": "+s.Says)
		}
		return strings.Join(all, "; ")
	}
	line := ""
	switch {
	case failure == nil:
		line = (&response{reply: a.Reply, answers: true}).says(q)
	case failure.Fault == record.Disagreed:
		line = "differ for " + fmt.Sprintf("%d s: ", failure.TTL) + words(failure.Said)
	default:
		server, _, _ := strings.Cut(failure.Server, " ")
		short := *failure
		short.Said, short.Detail = nil, ""
		if server == "" {
			server = "nobody"
		}
		return short.Reason() + " by " + server + ": " + words(failure.Said)
	}
	if len(a.Lame) > 0 {
		line += ", lame: " + words(a.Lame)
	}
	return line
}

// TestRefer: of referrals to several zones the next one down counts, with the
// servers that all who refer there name.
func TestRefer(t *testing.T) {
	t.Parallel()
	to := func(zone record.Name, ns ...record.Name) response {
		r := heard("a", func(r *response) { r.refers = true })
		r.reply.Referral = transport.Referral{Zone: zone, NS: ns}
		return r
	}
	for name, c := range map[string]struct {
		said []response
		zone record.Name
		ns   []record.Name
	}{
		"none":               {[]response{says("a", "TXT x")}, "", nil},
		"one":                {[]response{says("a", "TXT x"), to("b.test", "n2", "n1")}, "b.test", []record.Name{"n1", "n2"}},
		"two to one":         {[]response{to("b.test", "n2", "n1"), to("b.test", "n3", "n1")}, "b.test", []record.Name{"n1", "n2", "n3"}},
		"the next one down":  {[]response{to("c.b.test", "n1"), to("b.test", "n2"), to("c.b.test", "n3")}, "b.test", []record.Name{"n2"}},
		"and not one deeper": {[]response{to("b.test", "n2"), to("c.b.test", "n1")}, "b.test", []record.Name{"n2"}},
	} {
		cons := consensus{zone: "test", responses: c.said}
		cons.refer()
		if cons.referral.zone != c.zone || !slices.Equal(cons.referral.hosts, c.ns) {
			t.Errorf("%s: %s %v, want %s %v", name, cons.referral.zone, cons.referral.hosts, c.zone, c.ns)
		}
	}
}

// TestAddresses: at which addresses of a name server it is asked, and whether it is
// lame for having none.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glue    string
		private bool
		want    string
	}{
		{"192.0.2.1", false, "192.0.2.1:53"},
		{"192.0.2.1 2001:db8::1", false, "192.0.2.1:53"},
		{"10.0.0.1 192.0.2.1", false, "192.0.2.1:53"},
		{"192.0.2.1 10.0.0.1", false, "192.0.2.1:53"},
		{"2001:db8::1 10.0.0.1", false, "10.0.0.1 is not a public address, for sure"},
		{"10.0.0.1 2001:db8::1", false, "this machine has no route to 2001:db8::1"},
		{"10.0.0.1", false, "10.0.0.1 is not a public address, for sure"},
		{"10.0.0.1", true, "10.0.0.1:53"},
		{"0.0.0.0", true, "0.0.0.0 is not a public address, for sure"},
		{"224.0.0.1", true, "224.0.0.1 is not a public address, for sure"},
		{"2001:db8::1", false, "this machine has no route to 2001:db8::1"},
	} {
		client := transport.NewClient(transport.Options{})
		n := &nameservers{network: network{reaches: netip.Addr.Is4}, client: client, pool: transport.NewPool(nil), port: 53, private: c.private}
		n.forget()
		ns := &nameserver{name: "ns.example.com"}
		for a := range strings.FieldsSeq(c.glue) {
			ns.glue = append(ns.glue, netip.MustParseAddr(a))
		}
		all, why, sure := n.addressesOf(t.Context(), NewTask(), ns)
		got := why
		if sure {
			got += ", for sure"
		}
		if len(all) > 0 {
			got = all[0].addr.String()
		}
		if got != c.want || len(all) > 1 {
			t.Errorf("%s: %s (%d), want %s", c.glue, got, len(all), c.want)
		}
	}
}

// TestCut: a delegation is bounded, and glue counts for its own hosts within the
// bailiwick only.
func TestCut(t *testing.T) {
	t.Parallel()
	r := transport.Referral{Zone: "example.com"}
	for _, h := range []record.Name{"ns1.example.com", "ns2.com", "ns3.net", "ns1.example.com"} {
		r.NS = append(r.NS, h)
		for _, a := range []string{"192.0.2.9", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.9"} {
			r.Glue = append(r.Glue, rr(string(h)+" A "+a))
		}
	}
	r.Glue = append(r.Glue, rr("www.example.com A 192.0.2.80"))
	var d delegation
	d.merge(r)
	if len(d.glue["www.example.com"]) > 0 {
		t.Error("a host that is no name server has glue")
	}
	got := map[record.Name]int{}
	for _, ns := range newCut(d, "com").servers {
		got[ns.name] = len(ns.glue)
	}
	if len(got) != 3 || got["ns1.example.com"] != maxAddresses || got["ns2.com"] != maxAddresses || got["ns3.net"] != 0 {
		t.Errorf("glue by server: %v", got)
	}
	for i := range 3 * maxNameservers {
		r.NS = append(r.NS, record.Name(fmt.Sprintf("n%d.com", i)))
	}
	d = delegation{}
	d.merge(r)
	d.merge(r)
	if len(d.hosts) != maxNameservers {
		t.Errorf("%d servers", len(d.hosts))
	}
}

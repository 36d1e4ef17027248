package resolve_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/zonetest"
)

const exampleZone = `
@        300 IN SOA ns1 hostmaster 1 3600 600 86400 60
@        300 IN TXT "v=spf1 include:amazonses.com -all"
@        300 IN TXT "with \"quotes\", a back\\slash; and \195\164\000"
bounce   60  IN MX 10 feedback-smtp.eu-west-1.amazonses.com.
alias    300 IN CNAME Target.Other.test.
loop1    300 IN CNAME loop2
loop2    300 IN CNAME loop1
dead     300 IN CNAME nothing.other.test.
a.b.c    300 IN TXT "deep"
*.wild   300 IN TXT "from the wildcard"
split    300 IN TXT "one" "two"
big      300 IN TXT "%[1]s"
big      300 IN TXT "a%[1]s"
big      300 IN TXT "b%[1]s"
big      300 IN TXT "c%[1]s"
big      300 IN TXT "d%[1]s"
big      300 IN TXT "e%[1]s"
`

// serve starts a server over example.test and other.test with the faults given
// and returns it with a resolver that asks it.
func serve(t *testing.T, faults ...string) (*zonetest.Server, *resolve.Resolver) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "example.test.zone", fmt.Sprintf(exampleZone, strings.Repeat("x", 240)))
	write(t, dir, "other.test.zone", "@ 300 IN SOA ns1 h 1 3600 600 86400 60\ntarget 120 IN TXT \"found\"\n")
	s := zonetest.Start(t, dir)
	for _, f := range faults {
		s.Fault(t, f)
	}
	return s, ask(t, resolve.Options{}, s.Addr)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// ask returns a resolver over the servers, patient enough for a slow machine
// and impatient enough for a test.
func ask(t *testing.T, o resolve.Options, servers ...string) *resolve.Resolver {
	t.Helper()
	var err error
	if o.Servers, err = resolve.ParseServers(t.Context(), servers); err != nil {
		t.Fatal(err)
	}
	if o.Timeout == 0 {
		o.Timeout = 800 * time.Millisecond
	}
	o.Retries, o.Concurrency = 2, 64
	r := resolve.New(o)
	t.Cleanup(r.Close)
	return r
}

func txt(name record.Name) record.Question { return record.Question{Name: name, Type: record.TXT} }

// shown is an answer for comparing: status, chain and data.
func shown(a record.Answer) string {
	s := a.Status.String()
	for _, n := range a.Chain {
		s += " -> " + string(n)
	}
	for _, r := range a.Records {
		s += " " + r.String()
	}
	if a.Failure != nil {
		s += " " + string(a.Failure.Question.Name) + ": " + a.Failure.Reason()
	}
	return s
}

func TestAsk(t *testing.T) {
	t.Parallel()
	_, r := serve(t)
	for _, c := range []struct {
		q    record.Question
		want string
	}{
		{txt("example.test"), `found "v=spf1 include:amazonses.com -all" "with \"quotes\", a back\\slash; and \195\164\000"`},
		{record.Question{Name: "bounce.example.test", Type: record.MX}, "found 10 feedback-smtp.eu-west-1.amazonses.com."},
		{txt("bounce.example.test"), "no data"},
		{txt("nothing.example.test"), "no such name"},
		{txt("b.c.example.test"), "no data"},
		{txt("x.y.wild.example.test"), `found "from the wildcard"`},
		{txt("split.example.test"), `found "one" "two"`},
		{txt("alias.example.test"), `found -> target.other.test "found"`},
		{record.Question{Name: "alias.example.test", Type: record.CNAME}, "found target.other.test."},
		{txt("dead.example.test"), "no such name -> nothing.other.test"},
	} {
		if got := shown(r.Ask(t.Context(), c.q)); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.q, got, c.want)
		}
	}
	if got := r.Ask(t.Context(), txt("split.example.test")).Records[0].Text().Raw(); got != "onetwo" {
		t.Errorf("joined strings: %q", got)
	}
	if got := r.Ask(t.Context(), txt("example.test")).Records[1].Text().Raw(); got != "with \"quotes\", a back\\slash; and \xc3\xa4\x00" {
		t.Errorf("octets: %q", got)
	}
}

// TestTTLs: the answer as a whole lasts as long as its shortest record, or absence;
// the CNAME at the name and the records at the end have their own TTLs.
func TestTTLs(t *testing.T) {
	t.Parallel()
	const zone = `$ORIGIN example.test.
$TTL 3600
@     IN SOA ns1 h 1 3600 600 86400 60
own      IN TXT "x"
first    IN CNAME second
second 0 IN CNAME last
last 900 IN TXT "x"
end  20  IN CNAME own
away 700 IN CNAME home.other.test.
gone     IN CNAME none
none 0   IN CNAME nothing
uneven 9 IN MX 1 a
uneven 5 IN MX 2 b
`
	dir, live := t.TempDir(), t.TempDir()
	write(t, dir, "example.test.zone", zone)
	zones, err := source.ReadZones(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	write(t, live, "example.test.zone", zone)
	write(t, live, "other.test.zone", "home 80 IN CNAME end.example.test.\n")
	s := zonetest.Start(t, live)
	for name, r := range map[string]*resolve.Resolver{"live": ask(t, resolve.Options{}, s.Addr), "zones": ask(t, resolve.Options{Zones: zones}, s.Addr)} {
		for _, c := range []struct {
			q    record.Question
			want string
		}{
			{txt("own.example.test"), "3600, CNAME 0, records 3600"},
			{txt("first.example.test"), "0, CNAME 3600, records 900"},
			{txt("second.example.test"), "0, CNAME 0, records 900"},
			{txt("end.example.test"), "20, CNAME 20, records 3600"},
			{txt("away.example.test"), "20, CNAME 700, records 3600"},
			{txt("gone.example.test"), "0, CNAME 3600, records 0"},
			{txt("nothing.example.test"), "60, CNAME 0, records 0"},
			{record.Question{Name: "first.example.test", Type: record.CNAME}, "3600, CNAME 0, records 3600"},
			{record.Question{Name: "uneven.example.test", Type: record.MX}, "5, CNAME 0, records 5"},
		} {
			a := r.Ask(t.Context(), c.q)
			if got := fmt.Sprintf("%d, CNAME %d, records %d", a.TTL, a.AliasTTL, a.OwnTTL); got != c.want {
				t.Errorf("%s, %s: %s\n got %s\nwant %s", name, c.q, shown(a), got, c.want)
			}
		}
	}
}

// TestTruncated: an answer too large for UDP is asked for over TCP, whole.
func TestTruncated(t *testing.T) {
	t.Parallel()
	s, r := serve(t)
	if a := r.Ask(t.Context(), txt("big.example.test")); len(a.Records) != 6 {
		t.Errorf("got %d of 6 records: %s", len(a.Records), shown(a))
	}
	if asked := s.Asked(); !slices.Contains(asked, "tcp TXT big.example.test") {
		t.Errorf("no question over TCP: %q", asked)
	}
}

// TestFaults: whatever goes wrong on the way, the answer is the right one or
// none; it is never an absence.
func TestFaults(t *testing.T) {
	t.Parallel()
	const right = `found -> target.other.test "found"`
	unknown := func(reason string) string { return "unknown alias.example.test: " + reason }
	for _, c := range []struct{ fault, want string }{
		{"SERVFAIL TXT alias.example.test", unknown("SERVFAIL after 3 tries")},
		{"REFUSED TXT alias.example.test", unknown("REFUSED after 3 tries")},
		{"NOTIMP TXT alias.example.test", unknown("NOTIMP after 3 tries")},
		{"BOGUS TXT alias.example.test", unknown(`SERVFAIL (EDE 6 DNSSEC Bogus "#\035[error]no valid signature") after 3 tries`)},
		{"SERVFAIL 2 TXT alias.example.test", right},
		{"DROP TXT alias.example.test", unknown("timeout after 3 tries")},
		{"DROP 2 TXT alias.example.test", right},
		{"GARBAGE TXT alias.example.test", unknown("no readable answer after 3 tries")},
		{"GARBAGE 1 TXT alias.example.test", right},
		{"FORGE TXT alias.example.test", right},
		{"WRONGID TXT alias.example.test", right},
		{"STRANGER TXT alias.example.test", unknown("no readable answer after 3 tries")},
		{"STRANGER 2 TXT alias.example.test", right},
		{"EMPTY TXT alias.example.test", unknown("no answer after 3 tries: the server is neither recursive nor authoritative for the name")},
		{"TRUNCATE udp TXT alias.example.test", right},
		{"FORMERR 1 TXT alias.example.test", right},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			_, r := serve(t, c.fault)
			if got := shown(r.Ask(t.Context(), txt("alias.example.test"))); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestTruncatedAndNoTCP: half an answer is none.
func TestTruncatedAndNoTCP(t *testing.T) {
	t.Parallel()
	_, r := serve(t, "DROP tcp * *")
	if got := shown(r.Ask(t.Context(), txt("big.example.test"))); got != "unknown big.example.test: timeout after 3 tries: over TCP since UDP was too small" {
		t.Error(got)
	}
}

func TestLoop(t *testing.T) {
	t.Parallel()
	_, r := serve(t)
	if a := r.Ask(t.Context(), txt("loop1.example.test")); a.Status != record.Unknown {
		t.Errorf("a loop of CNAMEs: %s", shown(a))
	}
	if a := r.Ask(t.Context(), record.Question{Name: "loop1.example.test", Type: record.CNAME}); shown(a) != "found loop2.example.test." {
		t.Errorf("the CNAME itself: %s", shown(a))
	}
}

// TestNextServer: a question that fails goes to the next server, not to the
// same one again.
func TestNextServer(t *testing.T) {
	t.Parallel()
	bad, _ := serve(t, "SERVFAIL * *")
	good, _ := serve(t)
	r := ask(t, resolve.Options{}, bad.Addr, good.Addr)
	a := r.Ask(t.Context(), txt("alias.example.test"))
	if a.Status != record.Found || a.Server != good.Addr {
		t.Errorf("%s by %s", shown(a), a.Server)
	}
	if n := len(bad.Asked()); n != 1 {
		t.Errorf("the failing server was asked %d times", n)
	}
}

// TestResolvers: every resolver that was named is asked by itself.
func TestResolvers(t *testing.T) {
	t.Parallel()
	first, _ := serve(t)
	second, _ := serve(t)
	r := ask(t, resolve.Options{}, first.Addr, second.Addr)
	if a := r.Ask(t.Context(), txt("example.test")); a.Server != first.Addr {
		t.Errorf("first asked %s", a.Server)
	}
	var servers []string
	for _, o := range r.Resolvers() {
		servers = append(servers, o.Ask(t.Context(), txt("example.test")).Server)
	}
	if diff := cmp.Diff([]string{first.Addr, second.Addr}, servers); diff != "" {
		t.Errorf("resolvers, want -, got +\n%s", diff)
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	const addr = "127.0.0.1:1" // a port that was free a moment ago may be another test's server by now
	a := ask(t, resolve.Options{}, addr).Ask(t.Context(), txt("example.test"))
	if a.Status != record.Unknown || a.Failure.Fault != record.Unreachable && a.Failure.Fault != record.Timeout {
		t.Errorf("nobody listens: %s", shown(a))
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	_, r := serve(t, "DROP * *")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := r.Ask(ctx, txt("example.test"))
	if a.Status != record.Unknown || a.Failure.Fault != record.Interrupted {
		t.Error(shown(a))
	}
}

// TestIPv6: servers may have addresses of either kind.
func TestIPv6(t *testing.T) {
	t.Parallel()
	s, _ := serve(t)
	addr := s.OverIPv6(t)
	for _, scheme := range []string{"", "udp://", "tcp://"} {
		if a := ask(t, resolve.Options{}, scheme+addr).Ask(t.Context(), txt("big.example.test")); len(a.Records) != 6 {
			t.Errorf("%s%s: %s", scheme, addr, shown(a))
		}
	}
}

// TestManyAtOnce: answers find their questions when many are on their way.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"udp://", "tcp://"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			s, _ := serve(t)
			r := ask(t, resolve.Options{Timeout: 5 * time.Second}, scheme+s.Addr)
			var wg sync.WaitGroup
			for i := range 500 {
				wg.Go(func() {
					q := txt(record.Name(fmt.Sprintf("n%d.wild.example.test", i)))
					if a := r.Ask(t.Context(), q); a.Status != record.Found || a.Question != q {
						t.Errorf("%s: %s", q, shown(a))
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestParseServers(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		"192.0.2.1":             "192.0.2.1:53",
		"192.0.2.1:5300":        "192.0.2.1:5300",
		"2001:db8::1":           "[2001:db8::1]:53",
		"[2001:db8::1]":         "[2001:db8::1]:53",
		"[2001:db8::1]:5300":    "[2001:db8::1]:5300",
		"fe80::1%eth0":          "[fe80::1%eth0]:53",
		"[fe80::1%eth0]:5300":   "[fe80::1%eth0]:5300",
		"::1":                   "[::1]:53",
		"udp://192.0.2.1":       "192.0.2.1:53",
		"tcp://192.0.2.1:5300":  "tcp://192.0.2.1:5300",
		"":                      `resolver "": neither an address nor a host name, such as 192.0.2.53 or 192.0.2.53:5300`,
		"192.0.2.1:x":           `resolver "192.0.2.1:x": neither an address nor a host name, such as 192.0.2.53 or 192.0.2.53:5300`,
		"192.0.2.1:65536":       `resolver "192.0.2.1:65536": neither an address nor a host name, such as 192.0.2.53 or 192.0.2.53:5300`,
		"ftp://192.0.2.1":       `resolver "ftp://192.0.2.1": there is no such scheme; write system, an address, udp://, tcp://, tls:// or https://`,
		"##[error]x\n::error::": `resolver "#\x23[error]x\n::error::": neither an address nor a host name, such as 192.0.2.53 or 192.0.2.53:5300`,
	} {
		got := ""
		servers, err := resolve.ParseServers(t.Context(), []string{spec})
		if err != nil {
			got = err.Error()
		} else {
			got = servers[0].String()
		}
		if got != want {
			t.Errorf("%q\n got %s\nwant %s", spec, got, want)
		}
	}
}

// TestZones: what zone files hold is answered from them, all else from the
// server; a chain may lead from one to the other and back.
func TestZones(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "example.test.zone", `$ORIGIN example.test.
$TTL 300
@      IN SOA ns1 h 1 3600 600 86400 60
@      IN TXT "new"
in     IN CNAME @
out    IN CNAME target.other.test.
back   IN CNAME home.other.test.
sub    IN NS ns.elsewhere.test.
sub    IN TXT "not ours to say"
a.b    IN TXT "deep"
*.wild IN TXT "any"
x.wild IN MX 10 mail
dup    IN TXT "same"
dup    IN TXT "same"
two    IN CNAME in
two    IN TXT "beside"
both   IN CNAME in
both   IN MX 10 mail
proxied IN CNAME in ; cf_tags=cf-proxied:true
alias  IN ALIAS in
dync   IN DYNC geoip!x
lua    IN LUA TXT "x"
twice  IN CNAME in
twice  IN CNAME out
tree   IN DNAME other.test.
`)
	zones, err := source.ReadZones(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	live := t.TempDir()
	write(t, live, "example.test.zone", "@ IN TXT \"old\"\nsub IN TXT \"live\"\n")
	write(t, live, "other.test.zone", "target IN TXT \"live\"\nhome IN CNAME example.test.\n")
	s := zonetest.Start(t, live)
	online := ask(t, resolve.Options{Zones: zones}, s.Addr)
	offline := resolve.New(resolve.Options{Zones: zones, Timeout: time.Second, Concurrency: 1})
	const nobody = "offline, and no zone file holds this name"
	const twice = "unknown twice.example.test: several CNAME records at one name, which DNS does not allow (RFC 2181 section 10.1)"
	for _, c := range []struct{ name, online, offline string }{
		{"example.test", `found "new"`, `found "new"`},
		{"in.example.test", `found -> example.test "new"`, `found -> example.test "new"`},
		{"out.example.test", `found -> target.other.test "live"`, "unknown -> target.other.test target.other.test: " + nobody},
		{"back.example.test", `found -> home.other.test -> example.test "new"`, "unknown -> home.other.test home.other.test: " + nobody},
		{"sub.example.test", `found "live"`, "unknown sub.example.test: " + nobody},
		{"x.sub.example.test", "no such name", "unknown x.sub.example.test: " + nobody},
		{"b.example.test", "no data", "no data"},
		{"c.example.test", "no such name", "no such name"},
		{"y.wild.example.test", `found "any"`, `found "any"`},
		{"x.wild.example.test", "no data", "no data"},
		{"y.x.wild.example.test", "no such name", "no such name"},
		{"dup.example.test", `found "same"`, `found "same"`},
		{"two.example.test", `found "beside"`, `found "beside"`}, // providers' exports have such
		{"both.example.test", `found -> in.example.test -> example.test "new"`, `found -> in.example.test -> example.test "new"`},
		{"unknown.test", "no such name", "unknown unknown.test: " + nobody},
		{"proxied.example.test", "no data", "no data"},
		{"alias.example.test", "no data", "no data"},
		{"dync.example.test", "no such name", "unknown dync.example.test: " + nobody},
		{"lua.example.test", "no such name", "unknown lua.example.test: " + nobody},
		{"tree.example.test", "no data", "no data"},
		{"a.tree.example.test", "no such name", "unknown a.tree.example.test: " + nobody},
		{"twice.example.test", twice, twice},
	} {
		q := txt(record.Name(c.name))
		if diff := cmp.Diff([]string{c.online, c.offline}, []string{shown(online.Ask(t.Context(), q)), shown(offline.Ask(t.Context(), q))}); diff != "" {
			t.Errorf("%s: want -, got +\n%s", c.name, diff)
		}
	}
	for _, q := range s.Asked() {
		if strings.HasSuffix(q, " example.test") {
			t.Errorf("the server was asked for what the files hold: %s", q)
		}
	}
}

// TestUnseenAddresses: of an alias that a provider makes, and of what it
// proxies, it is known that there are addresses, and not which; there is no
// CNAME to be seen.
func TestUnseenAddresses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "example.test.txt", `example.test 300 IN SOA ns1.example.test. h.example.test. 1 2 3 4 5
@ 1 IN CNAME target.other.test. ; cf_tags=cf-proxied:true
a 1 IN A 192.0.2.1 ; cf_tags=cf-proxied:true
b 1 IN ALIAS target.other.test.
c 1 IN LUA MX "10 mail"
`)
	zones, err := source.ReadZones(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r := resolve.New(resolve.Options{Zones: zones, Timeout: time.Second, Concurrency: 1})
	for _, c := range []struct {
		name record.Name
		t    record.Type
		want string
	}{
		{"example.test", record.A, "found"},
		{"example.test", record.AAAA, "found"},
		{"example.test", record.CNAME, "no data"},
		{"a.example.test", record.A, "found"},
		{"a.example.test", record.MX, "no data"},
		{"b.example.test", record.AAAA, "found"},
		{"b.example.test", record.TXT, "no data"},
		{"c.example.test", record.MX, "unknown c.example.test: offline, and no zone file holds this name"},
		{"c.example.test", record.A, "no data"},
	} {
		if got := shown(r.Ask(t.Context(), record.Question{Name: c.name, Type: c.t})); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.t, c.name, got, c.want)
		}
	}
}

// TestAboveTheZones: offline there is no policy above one's own zones, and what
// else the zones do not hold is unknown.
func TestAboveTheZones(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "example.co.uk.zone", "@ 300 IN TXT a\n")
	write(t, dir, "mail.example.com.zone", "@ 300 IN TXT a\n")
	zones, err := source.ReadZones(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r := resolve.New(resolve.Options{Zones: zones, Timeout: time.Second, Concurrency: 1})
	for name, known := range map[record.Name]bool{
		"_dmarc.co.uk":       true,
		"_dmarc.uk":          true,
		"_dmarc.com":         true,
		"_dmarc.example.com": false, // may be the organisation's
		"_dmarc.net":         false, // above none of the zones
		"com":                false,
		"_spf.com":           false,
	} {
		a := r.Ask(t.Context(), txt(name))
		if known != (a.Status == record.NoName) || known != a.Local && a.Failure == nil {
			t.Errorf("%s: %s", name, shown(a))
		}
	}
	if a := r.Ask(t.Context(), record.Question{Name: "_dmarc.com", Type: record.CNAME}); a.Status != record.Unknown {
		t.Errorf("a CNAME above: %s", shown(a))
	}
}

// TestSeveralCNAMEs: of an answer with several CNAMEs at one name nothing is
// believed, also if it is the target of another. The same one twice is one.
func TestSeveralCNAMEs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "example.test.zone", `
to    300 IN CNAME twice
twice 300 IN CNAME a
twice 300 IN CNAME b
same  300 IN CNAME a
same  300 IN CNAME A
a     300 IN TXT "a"
b     300 IN TXT "b"
`)
	r := ask(t, resolve.Options{}, zonetest.Start(t, dir).Addr)
	const twice = "unknown twice.example.test: several CNAME records at one name, which DNS does not allow (RFC 2181 section 10.1)"
	for _, c := range []struct {
		name record.Name
		t    record.Type
		want string
	}{
		{"twice.example.test", record.TXT, twice},
		{"twice.example.test", record.CNAME, twice},
		{"to.example.test", record.TXT, twice},
		{"same.example.test", record.TXT, `found -> a.example.test "a"`},
	} {
		if got := shown(r.Ask(t.Context(), record.Question{Name: c.name, Type: c.t})); got != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.t, c.name, got, c.want)
		}
	}
}

package source

import (
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
)

// FuzzZoneFile: whatever a zone file holds, reading it does not panic, every
// record is in its zone and at a line of the file, names exist with all names
// above them, and the same text is read the same again.
func FuzzZoneFile(f *testing.F) {
	for _, text := range []string{
		"$ORIGIN example.com.\n@ 300 IN SOA ns1 h (\n1 ; serial\n2 3 4 5 )\n\tNS ns1\n",
		"example.com\t3600\tIN\tSOA\ta. b. 1 2 3 4 5\na.example.com.\t1\tIN\tCNAME\tb. ; cf_tags=cf-proxied:true\n",
		"a 300 IN ALIAS b\nc AWS ALIAS A d Z1 false\nd [AGE:1] 60 A 192.0.2.1\n",
		"$GENERATE 1-3/2 a${0,3,d} TXT \"$\" \\$\n",
		"a TXT v=DMARC1; p=none\nb TXT \"a\\\"b\\010\" ( c\r\n ) \"\"\nc TYPE16 \\# 2 0161\n",
		"$INCLUDE x\n$TTL 1h\n$ORIGIN .\n",
		"a.b MX 10 c\n*.w CNAME @\na CNAME b\na CNAME c\nsub NS x\ny.sub A 192.0.2.1\nt DNAME u.\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		few := usage{generated: maxGenerated - 100, made: maxMadeOctets - 10000} // lest $GENERATE takes all the time
		used := few
		z, problems, err := readZone(t.Context(), "example.com.zone", text, &used)
		if err != nil {
			return // a bound
		}
		again, problemsAgain, _ := readZone(t.Context(), "example.com.zone", text, &few)
		if !slices.EqualFunc(problems, problemsAgain, func(a, b problem) bool { return a == b }) {
			t.Fatalf("%v and then %v", problems, problemsAgain)
		}
		lines := strings.Count(text, "\n") + 1
		for _, p := range problems {
			if p.line < 0 || p.line > lines {
				t.Fatalf("a problem in line %d of %d: %s", p.line, lines, p.text)
			}
		}
		if len(problems) > 0 {
			return
		}
		if err := z.zone.index(&usage{}); err != nil {
			t.Fatal(err)
		}
		if err := again.zone.index(&usage{}); err != nil {
			t.Fatal(err)
		}
		holdZone(t, z.zone, lines)
		same := func(a, b Record) bool {
			return a.Owner == b.Owner && a.Line == b.Line && a.TTL == b.TTL && a.Plain() == b.Plain() && record.Compare(a.Data, b.Data) == 0
		}
		if !slices.EqualFunc(z.zone.Records, again.zone.Records, same) {
			t.Fatalf("%v and then %v", z.zone.Records, again.zone.Records)
		}
	})
}

// holdZone holds a zone to what all of them are.
func holdZone(t *testing.T, z *Zone, lines int) {
	t.Helper()
	for i, r := range z.Records {
		if n, err := record.ParseName(string(r.Owner)); err != nil || n != r.Owner || !n.In(z.Apex) {
			t.Fatalf("owner %q in zone %q: %v", r.Owner, z.Apex, err)
		}
		if r.Line < 1 || r.Line > lines {
			t.Fatalf("%s is at line %d of %d", r.Owner, r.Line, lines)
		}
		if i > 0 && z.Records[i-1].Owner > r.Owner {
			t.Fatalf("%s after %s", r.Owner, z.Records[i-1].Owner)
		}
		for n := r.Owner; n != z.Apex; n = n.Parent() {
			if _, exists := z.At(n); !exists {
				t.Fatalf("%s is not there, above %s", n, r.Owner)
			}
		}
	}
	for range z.Published() {
	}
}

package spf

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// zone is DNS as lines such as "a.example A 192.0.2.1" and "a.example FAIL" have
// it; a name that is not in them does not exist.
type zone map[record.Name]map[record.Type][]record.Record

func zoneOf(t *testing.T, lines string) zone {
	t.Helper()
	z := zone{}
	for line := range strings.Lines(lines) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(f) < 2 {
			continue
		}
		name := record.MustName(f[0])
		if z[name] == nil {
			z[name] = map[record.Type][]record.Record{}
		}
		if f[1] == "FAIL" {
			z[name] = nil
			continue
		}
		typ, ok := record.ParseType(f[1])
		if !ok || len(f) < 3 {
			t.Fatalf("line %q", line)
		}
		r := record.Record{Type: typ}
		switch typ {
		case record.TXT:
			r.Strings = []untrusted.Text{untrusted.New(f[2])}
		case record.A, record.AAAA:
			r.Addr = netip.MustParseAddr(f[2])
		default:
			r.Host = record.MustName(f[2])
		}
		z[name][typ] = append(z[name][typ], r)
	}
	return z
}

func (z zone) Ask(_ context.Context, q record.Question) record.Answer {
	types, there := z[q.Name]
	switch {
	case !there:
		return judgetest.Absent(q, record.NoName)
	case types == nil:
		return judgetest.Failing(q)
	case len(types[q.Type]) == 0:
		return judgetest.Absent(q, record.NoData)
	}
	return record.Answer{Question: q, Status: record.Found, Records: types[q.Type]}
}

func (z zone) tree(t *testing.T, name record.Name) *spf.Tree {
	return spf.NewForest(t.Context(), z).Walk(t.Context(), z, name)
}

// readZone is what the trees below may refer to.
const readZone = `
	amazonses.com TXT v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 ip4:69.169.224.0/20 -all
	esp.example TXT v=spf1 ip4:192.0.2.0/24 include:amazonses.com -all
	other.example TXT v=spf1 ip4:192.0.2.0/24 -all
	soft.example TXT v=spf1 ?include:amazonses.com ~all
	some.example TXT v=spf1 ip4:54.240.8.0/24 -all
	most.example TXT v=spf1 ip4:54.0.0.0/8 ip4:199.0.0.0/8 ip4:69.0.0.0/8 -all
	without.example TXT v=spf1 -ip4:54.240.8.0/24 include:amazonses.com -all
	open.example TXT v=spf1 +all
	closed.example TXT v=spf1 -all
	loop.example TXT v=spf1 include:loop.example -all
	two.example TXT v=spf1 -all
	two.example TXT v=spf1 +all
	bad.example TXT v=spf1 ip4:x -all
	down.example FAIL
	host.example A 192.0.2.9
	sends.example A 54.240.8.9
	sends.example MX sends.example
	six.example AAAA 2001:db8::9
	many.example MX sends.example`

// TestReadSES: whether mail of SES passes, as a receiver reads a record.
func TestReadSES(t *testing.T) {
	t.Parallel()
	ten := strings.Repeat("a:host.example ", 10)
	nine := strings.Repeat("a:host.example ", 9)
	for name, c := range map[string]struct {
		record string
		want   snapshot.State
		by     string // the term that decides that it is Wrong
		partly bool
		broken bool
		open   int
	}{
		"the include":                           {record: "include:amazonses.com ~all", want: snapshot.Right},
		"in an include":                         {record: "include:esp.example -all", want: snapshot.Right},
		"in a redirect":                         {record: "redirect=esp.example", want: snapshot.Right},
		"a redirect to it":                      {record: "redirect=amazonses.com", want: snapshot.Right},
		"a redirect before the terms":           {record: "redirect=closed.example include:amazonses.com", want: snapshot.Right},
		"behind all":                            {record: "~all include:amazonses.com", want: snapshot.Wrong, by: "~all"},
		"all before the redirect":               {record: "redirect=amazonses.com -all", want: snapshot.Wrong, by: "-all"},
		"nothing":                               {record: "", want: snapshot.Wrong},
		"others":                                {record: "ip4:192.0.2.1 mx:host.example -all", want: snapshot.Wrong, by: "-all"},
		"everybody":                             {record: "+all", want: snapshot.Right},
		"everybody in an include":               {record: "include:open.example -all", want: snapshot.Right},
		"neutral":                               {record: "?include:amazonses.com +all", want: snapshot.Wrong, by: "?include:amazonses.com"},
		"neutral further down":                  {record: "include:soft.example -all", want: snapshot.Wrong, by: "-all"},
		"neutral further down, then the right":  {record: "include:soft.example include:amazonses.com -all", want: snapshot.Right},
		"a vendor with SES shut out":            {record: "-include:esp.example include:amazonses.com -all", want: snapshot.Wrong, by: "-include:esp.example"},
		"a vendor with SES made neutral":        {record: "?include:esp.example include:amazonses.com -all", want: snapshot.Wrong, by: "?include:esp.example"},
		"a vendor with SES behind it":           {record: "include:amazonses.com -include:esp.example -all", want: snapshot.Right},
		"another vendor shut out":               {record: "-include:other.example include:amazonses.com -all", want: snapshot.Right},
		"all addresses shut out":                {record: "-ip4:0.0.0.0/0 include:amazonses.com -all", want: snapshot.Wrong, by: "-ip4:0.0.0.0/0"},
		"IPv6 shut out":                         {record: "-ip6:::/0 include:amazonses.com -all", want: snapshot.Right},
		"all ranges soft":                       {record: "~ip4:199.255.192.0/22 ~ip4:54.240.0.0/18 ~ip4:69.169.224.0/20 include:amazonses.com -all", want: snapshot.Wrong, by: "~ip4:199.255.192.0/22"},
		"some ranges soft":                      {record: "~ip4:54.240.8.0/24 include:amazonses.com -all", want: snapshot.Wrong, by: "~ip4:54.240.8.0/24", partly: true},
		"some ranges soft, behind":              {record: "include:amazonses.com ~ip4:54.240.8.0/24 -all", want: snapshot.Right},
		"some ranges shut out by a vendor":      {record: "-include:some.example include:amazonses.com -all", want: snapshot.Wrong, by: "-include:some.example", partly: true},
		"some ranges, within what passes":       {record: "include:without.example -all", want: snapshot.Wrong, by: "-all", partly: true},
		"the rest of them from another":         {record: "include:without.example include:some.example -all", want: snapshot.Right},
		"ranges that only once were SES's":      {record: "-ip4:24.110.64.0/18 include:amazonses.com -all", want: snapshot.Right},
		"copies of all ranges":                  {record: "include:most.example -include:amazonses.com", want: snapshot.Right},
		"copies of some":                        {record: "ip4:54.240.0.0/18 -all", want: snapshot.Wrong, by: "-all", partly: true},
		"a host of SES shut out":                {record: "-a:sends.example include:amazonses.com -all", want: snapshot.Wrong, by: "-a:sends.example", partly: true},
		"its network shut out":                  {record: "-a:sends.example/8 include:amazonses.com -all", want: snapshot.Wrong, by: "-a:sends.example/8", partly: true},
		"a mail host of SES shut out":           {record: "-mx:sends.example include:amazonses.com -all", want: snapshot.Wrong, by: "-mx:sends.example", partly: true},
		"another host shut out":                 {record: "-a:host.example -mx:host.example -a:six.example/0 include:amazonses.com -all", want: snapshot.Right},
		"every IPv4 host shut out":              {record: "-a:host.example/0 include:amazonses.com -all", want: snapshot.Wrong, by: "-a:host.example/0"},
		"a name that exists":                    {record: "-exists:host.example include:amazonses.com -all", want: snapshot.Wrong, by: "-exists:host.example"},
		"a name that exists lets all pass":      {record: "exists:host.example -all", want: snapshot.Right},
		"a name that does not":                  {record: "-exists:gone.example include:amazonses.com -all", want: snapshot.Right},
		"ptr":                                   {record: "-ptr include:amazonses.com -all", want: snapshot.Right},
		"ptr of Amazon":                         {record: "-ptr:amazonses.com include:amazonses.com -all", want: snapshot.Unknown},
		"ptr of a macro":                        {record: "-ptr:%{d} include:amazonses.com -all", want: snapshot.Unknown},
		"ptr of another":                        {record: "-ptr:host.example include:amazonses.com -all", want: snapshot.Right},
		"a macro":                               {record: "exists:%{i}.host.example -all", want: snapshot.Unknown},
		"a macro that shuts out":                {record: "-exists:%{i}.host.example include:amazonses.com -all", want: snapshot.Unknown},
		"a macro that lets in":                  {record: "exists:%{i}.host.example include:amazonses.com -all", want: snapshot.Right},
		"a macro in an include":                 {record: "include:%{i}.host.example -all", want: snapshot.Unknown},
		"a macro in a redirect":                 {record: "redirect=%{i}.host.example", want: snapshot.Unknown},
		"a macro behind":                        {record: "include:amazonses.com -exists:%{i}.host.example -all", want: snapshot.Right},
		"tenth":                                 {record: nine + "include:amazonses.com -all", want: snapshot.Right},
		"eleventh":                              {record: ten + "include:amazonses.com -all", want: snapshot.Wrong, broken: true},
		"eleventh by redirect":                  {record: ten + "redirect=amazonses.com", want: snapshot.Wrong, broken: true},
		"after a broken include":                {record: "include:none.example include:amazonses.com -all", want: snapshot.Wrong, broken: true},
		"after one with two records":            {record: "include:two.example include:amazonses.com -all", want: snapshot.Wrong, broken: true},
		"after one with an error":               {record: "include:bad.example include:amazonses.com -all", want: snapshot.Wrong, broken: true},
		"a broken include, and nothing else":    {record: "include:none.example -all", want: snapshot.Wrong, by: "-all"},
		"a broken redirect":                     {record: "redirect=none.example", want: snapshot.Wrong},
		"a redirect to itself":                  {record: "redirect=d.example", want: snapshot.Wrong},
		"too many lookups, and nothing else":    {record: ten + "a:host.example -all", want: snapshot.Wrong, by: "-all"},
		"a vendor shut out behind a broken one": {record: "include:none.example -include:esp.example include:amazonses.com -all", want: snapshot.Wrong, by: "-include:esp.example"},
		"before a broken one":                   {record: "include:amazonses.com include:none.example -all", want: snapshot.Right},
		"after a loop":                          {record: "include:loop.example include:amazonses.com -all", want: snapshot.Wrong, broken: true},
		"behind no answer":                      {record: "include:down.example -all", want: snapshot.Unknown, open: 1},
		"no answer before it":                   {record: "include:down.example include:amazonses.com -all", want: snapshot.Right},
		"no answer that may shut out":           {record: "-include:down.example include:amazonses.com -all", want: snapshot.Unknown, open: 1},
		"no address that may shut out":          {record: "-a:down.example include:amazonses.com -all", want: snapshot.Unknown, open: 1},
		"no address, and no include":            {record: "mx:down.example -all", want: snapshot.Unknown, open: 1},
		"no answer behind it":                   {record: "include:amazonses.com -include:down.example -all", want: snapshot.Right},
		"a syntax error":                        {record: "include:amazonses.com ip4:x -all", want: snapshot.Wrong},
		"more terms than are kept":              {record: strings.Repeat("ip4:192.0.2.1 ", 400) + "-all", want: snapshot.Unknown},
		"more terms, behind":                    {record: "include:amazonses.com " + strings.Repeat("-ip4:192.0.2.1 ", 400) + "-all", want: snapshot.Right},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := zoneOf(t, readZone+"\nd.example TXT v=spf1 "+c.record)
			got := (seen{tree: z.tree(t, "d.example")}).readSES()
			by := ""
			if got.by.branch != nil && got.State == snapshot.Wrong {
				by = got.by.branch.Term.Text.Raw()
			}
			if got.State != c.want || by != c.by || got.partly != c.partly || got.broken != c.broken || len(got.open) != c.open {
				t.Errorf("%s by %q, partly %v, broken %v, %d open", got.State, by, got.partly, got.broken, len(got.open))
			}
		})
	}
	for name, c := range map[string]struct {
		zone string
		want snapshot.State
	}{
		"no record": {"", snapshot.Wrong},
		"no answer": {"d.example FAIL", snapshot.Unknown},
	} {
		if got := (seen{tree: zoneOf(t, c.zone).tree(t, "d.example")}).readSES(); got.State != c.want {
			t.Errorf("%s: %s", name, got.State)
		}
	}
}

// randomRecords are the records of 0.example to 3.example, each of which leads
// only to those behind it.
func randomRecords(r *rand.Rand, terms []string) string {
	signs := []string{"", "", "", "-", "~", "?"}
	var b strings.Builder
	const records = 4
	for i := range records {
		fmt.Fprintf(&b, "\n%d.example TXT v=spf1", i)
		for range r.IntN(5) {
			b.WriteString(" " + signs[r.IntN(len(signs))] + terms[r.IntN(len(terms))])
			if i < records-1 && r.IntN(2) == 0 {
				fmt.Fprintf(&b, " %sinclude:%d.example", signs[r.IntN(len(signs))], i+1+r.IntN(records-1-i))
			}
		}
		switch {
		case i < records-1 && r.IntN(4) == 0:
			fmt.Fprintf(&b, " redirect=%d.example", i+1)
		case r.IntN(3) > 0:
			b.WriteString(" " + signs[r.IntN(len(signs))] + "all")
		}
	}
	return b.String()
}

// sendersOf are addresses of networks: their first and last, and of every network
// in them the first and last, and those beside.
func sendersOf(of, within []netip.Prefix) (all []netip.Addr) {
	for _, n := range of {
		last := lastOf(n)
		all = append(all, n.Addr(), last)
		for _, w := range within {
			for _, a := range []netip.Addr{w.Masked().Addr(), w.Masked().Addr().Prev(), lastOf(w), lastOf(w).Next()} {
				if n.Contains(a) {
					all = append(all, a)
				}
			}
		}
	}
	return all
}

func lastOf(n netip.Prefix) netip.Addr {
	b := n.Masked().Addr().As4()
	for i := n.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

// TestReadSESAgreesWithCheckHost holds the reading against the evaluation of
// single mails, each from an address of SES: what is Right passes for all of
// them, and what is Wrong for some does not.
func TestReadSESAgreesWithCheckHost(t *testing.T) {
	t.Parallel()
	terms := strings.Fields(`ip4:54.240.0.0/18 ip4:54.240.8.0/24 ip4:54.240.8.9 ip4:54.0.0.0/8 ip4:199.255.192.0/22 ip4:69.169.224.0/20 ip4:0.0.0.0/0 ip4:128.0.0.0/1
		ip4:192.0.2.0/24 ip6:::/0 a:sends.example a:sends.example/20 a:host.example mx:sends.example mx:sends.example/24 exists:host.example
		include:amazonses.com include:amazonses.com include:esp.example include:some.example include:without.example include:most.example include:closed.example`)
	r := rand.New(rand.NewPCG(7208, 4))
	tally := map[snapshot.State]int{}
	partly := 0
	for range 1500 {
		z := zoneOf(t, readZone+randomRecords(r, terms))
		tree := z.tree(t, "0.example")
		got := (seen{tree: tree}).readSES()
		passed, not := 0, 0
		for _, a := range sendersOf(seen{tree: tree}.sesNetworks(), matched(tree, func(n netip.Prefix) bool { return n.Addr().Is4() })) {
			v := spf.CheckHost(t.Context(), z, spf.Mail{Client: a, Sender: "x@0.example"})
			if v.Voids > 0 {
				t.Fatalf("voids: %s", tree.Root.Record().Text)
			}
			if v.Result == spf.Pass {
				passed++
			} else {
				not++
			}
		}
		tally[got.State]++
		if got.partly {
			partly++
		}
		if want := map[bool]snapshot.State{true: snapshot.Right, false: snapshot.Wrong}[not == 0]; got.State != want || got.partly != (passed > 0 && not > 0) {
			t.Errorf("%s, partly %v, but %d pass and %d do not: %v", got.State, got.partly, passed, not, z)
		}
	}
	if tally[snapshot.Right] < 300 || tally[snapshot.Wrong] < 300 || partly < 100 {
		t.Errorf("%v, %d partly: too one-sided", tally, partly)
	}
}

// TestReadCrowd: which records let nearly everybody send.
func TestReadCrowd(t *testing.T) {
	t.Parallel()
	quarters := "ip4:0.0.0.0/2 ip4:64.0.0.0/2 ip4:128.0.0.0/2 "
	for name, c := range map[string]struct {
		record string
		share  string // "" is not everybody
		at     record.Name
	}{
		"all of IPv4":               {"ip4:0.0.0.0/0 -all", "IPv4 100", "d.example"},
		"a network of length 0":     {"ip4:192.0.2.1/0 -all", "IPv4 100", "d.example"},
		"all of IPv6":               {"ip6:::/0 -all", "IPv6 100", "d.example"},
		"what there is of IPv6":     {"ip6:2000::/3 -all", "IPv6 100", "d.example"},
		"other IPv6":                {"ip6:fc00::/7 ip6:fe80::/10 -all", "", ""},
		"two halves":                {"ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", "IPv4 100", "d.example"},
		"one half":                  {"ip4:128.0.0.0/1 -all", "IPv4 50", "d.example"},
		"three quarters":            {quarters + "-all", "IPv4 75", "d.example"},
		"a quarter":                 {"ip4:64.0.0.0/2 -all", "", ""},
		"a quarter four times":      {strings.Repeat("ip4:64.0.0.0/2 ", 4) + "-all", "", ""},
		"big companies":             {"ip4:17.0.0.0/8 ip4:9.0.0.0/8 ip4:54.0.0.0/8 ip4:52.0.0.0/8 -all", "", ""},
		"sixteenths":                {firstNetworks(4, 8) + "-all", "IPv4 50", "d.example"},
		"sixteenths, not half":      {firstNetworks(4, 7) + "-all", "", ""},
		"not passing":               {"?ip4:0.0.0.0/0 -all", "", ""},
		"behind all":                {"-all ip4:0.0.0.0/0", "", ""},
		"shut out before":           {"-ip4:0.0.0.0/1 ip4:0.0.0.0/0 -all", "IPv4 50", "d.example"},
		"most shut out before":      {"-ip4:0.0.0.0/1 -ip4:128.0.0.0/2 ip4:0.0.0.0/0 -all", "", ""},
		"in an include":             {"include:wide.example -all", "IPv4 100", "wide.example"},
		"half here and half there":  {"ip4:0.0.0.0/1 include:half.example -all", "IPv4 100", "d.example"},
		"in a neutral include":      {"?include:wide.example -all", "", ""},
		"in a redirect":             {"redirect=wide.example", "IPv4 100", "wide.example"},
		"the network of a host":     {"a:host.example/0 -all", "IPv4 100", "d.example"},
		"of a mail host":            {"mx:sends.example/1 -all", "IPv4 50", "d.example"},
		"of an IPv6 host":           {"a:six.example//0 -all", "IPv6 100", "d.example"},
		"of no host":                {"a:gone.example/0 -all", "", ""},
		"behind a name that exists": {"exists:host.example ip4:0.0.0.0/0 -all", "IPv4 100", "d.example"},
		"a name that exists":        {"exists:host.example -all", "", ""},
		"a name that depends":       {"exists:%{i}.host.example -all", "", ""},
		"behind the tenth lookup":   {strings.Repeat("a:host.example ", 10) + "include:wide.example -all", "", ""},
		"as +all":                   {"include:open.example -all", "", ""},
		"nothing of that":           {"include:amazonses.com a:host.example -all", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := zoneOf(t, readZone+`
				wide.example TXT v=spf1 ip4:0.0.0.0/0 -all
				half.example TXT v=spf1 ip4:128.0.0.0/1 -all
				d.example TXT v=spf1 `+c.record)
			got, ok := readCrowd(z.tree(t, "d.example"))
			share, at := "", record.Name("")
			if ok {
				share, at = fmt.Sprintf("%s %.0f", got.family, 100*got.share), got.at.Name
			}
			if share != c.share || at != c.at {
				t.Errorf("%q at %q, want %q at %q", share, at, c.share, c.at)
			}
			if ok && (len(got.terms) == 0 || slices.Contains(got.terms, nil)) {
				t.Errorf("by %v", got.terms)
			}
		})
	}
}

// firstNetworks are the first n networks of a length.
func firstNetworks(bits, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "ip4:%d.0.0.0/%d ", i<<(8-bits), bits)
	}
	return b.String()
}

func TestCut(t *testing.T) {
	t.Parallel()
	prefixes := func(s string) (all []netip.Prefix) {
		for f := range strings.FieldsSeq(s) {
			all = append(all, netip.MustParsePrefix(f))
		}
		return all
	}
	for _, c := range []struct{ of, by, want string }{
		{"192.0.2.0/24", "", "192.0.2.0"},
		{"192.0.2.0/24", "192.0.0.0/16 198.51.100.0/25 192.0.2.0/24", "192.0.2.0"},
		{"192.0.2.0/24", "192.0.2.64/26", "192.0.2.0 192.0.2.64 192.0.2.128"},
		{"192.0.2.0/24", "192.0.2.0/26 192.0.2.0/28 192.0.2.192/26", "192.0.2.0 192.0.2.16 192.0.2.64 192.0.2.192"},
		{"0.0.0.0/0", "255.255.255.255/32", "0.0.0.0 255.255.255.255"},
		{"2000::/3", "2001:db8::/32 10.0.0.0/8", "2000:: 2001:db8:: 2001:db9::"},
	} {
		var got []string
		size := 0.0
		for _, p := range cut(prefixes(c.of), prefixes(c.by)) {
			got = append(got, p.address().String())
			size += p.size()
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s by %s: %s, want %s", c.of, c.by, s, c.want)
		}
		if whole := pieceOf(prefixes(c.of)[0]).size(); size != whole {
			t.Errorf("%s by %s: the pieces have %g, the whole %g", c.of, c.by, size, whole)
		}
	}
	if !slices.Equal(seen{tree: zoneOf(t, "d.example TXT v=spf1 -all").tree(t, "d.example")}.sesNetworks(), ses.Ranges()) {
		t.Error("without the record of amazonses.com, other ranges than those that are known")
	}
}

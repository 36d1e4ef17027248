package spf

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	blitiri "blitiri.com.ar/go/spf"
)

//go:generate go test . -run ^TestComparison$ -update

var update = flag.Bool("update", false, "rewrite docs/spf-comparison.md")

// comparison is where the table of TestComparison is.
const comparison = "../../docs/spf-comparison.md"

// awkward is a record on which implementations differ, or might.
type awkward struct {
	title, clause string
	client        netip.Addr
	zone          string
}

// readAwkward reads testdata/awkward.txt, which explains its form.
func readAwkward(t *testing.T) (all []awkward) {
	t.Helper()
	f, err := os.Open("testdata/awkward.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var c *awkward
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		title, isTitle := strings.CutPrefix(line, "== ")
		client, isClient := strings.CutPrefix(line, "client ")
		switch {
		case line == "" || line[0] == '#':
		case isTitle:
			all = append(all, awkward{title: title, client: netip.MustParseAddr("203.0.113.7")})
			c = &all[len(all)-1]
		case c.clause == "":
			c.clause = line
		case isClient:
			c.client = netip.MustParseAddr(client)
		default:
			c.zone += line + "\n"
		}
	}
	return all
}

var octet = regexp.MustCompile(`\\x[0-9a-f]{2}`)

func (c awkward) world(t *testing.T) *world {
	t.Helper()
	w := newWorld()
	for line := range strings.Lines(c.zone) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		data := octet.ReplaceAllStringFunc(f[2], func(s string) string {
			n, _ := strconv.ParseUint(s[2:], 16, 8)
			return string([]byte{byte(n)})
		})
		if err := w.add(f[0], f[1], data); err != nil {
			t.Fatalf("%s: line %q: %v", c.title, line, err)
		}
	}
	return w
}

// outcome is what an implementation makes of a mail.
type outcome struct {
	Result         string
	Lookups, Voids int
}

func (o outcome) String() string {
	return fmt.Sprintf("%s %d/%d", o.Result, o.Lookups, o.Voids)
}

func (c awkward) mail() Mail {
	return Mail{Client: c.client, Sender: "user@d.example", Helo: "helo.example"}
}

func (c awkward) ours(t *testing.T) outcome {
	v := CheckHost(t.Context(), c.world(t), c.mail())
	return outcome{v.Result.String(), v.Lookups, v.Voids}
}

// whole is what the record costs a mail that meets all of it.
func (c awkward) whole(t *testing.T) string {
	show := func(n Count) string {
		if n.Exact() {
			return strconv.Itoa(n.N)
		}
		return "≥" + strconv.Itoa(n.N)
	}
	cost := grow(t, c.world(t), "d.example").Root.Cost
	return show(cost.Lookups) + "/" + show(cost.Voids)
}

// blitiri asks the other library. It only counts: the counts are
// the least limits with which it does not complain of them.
func (c awkward) blitiri(t *testing.T) outcome {
	const plenty = 60
	check := func(o ...blitiri.Option) (blitiri.Result, error) {
		o = append(o, blitiri.WithResolver(&netLike{world: c.world(t)}), blitiri.WithContext(t.Context()))
		return blitiri.CheckHostWithSender(net.IP(c.client.AsSlice()), c.mail().Helo, c.mail().Sender, o...)
	}
	least := func(most uint, reached error, limits func(uint) []blitiri.Option) int {
		for n := range most {
			if _, err := check(limits(n)...); !errors.Is(err, reached) {
				return int(n)
			}
		}
		return int(most)
	}
	result, err := check()
	o := outcome{Result: string(result)}
	lookups, voids := uint(plenty), uint(plenty)
	if errors.Is(err, blitiri.ErrLookupLimitReached) {
		lookups = MaxLookups
	}
	if errors.Is(err, blitiri.ErrVoidLookupLimitReached) {
		voids = MaxVoids + 1 // the one too many was asked for
	}
	o.Lookups = least(lookups, blitiri.ErrLookupLimitReached, func(n uint) []blitiri.Option {
		return []blitiri.Option{blitiri.OverrideLookupLimit(n)}
	})
	o.Voids = least(voids, blitiri.ErrVoidLookupLimitReached, func(n uint) []blitiri.Option {
		return []blitiri.Option{blitiri.OverrideVoidLookupLimit(n)}
	})
	return o
}

// TestComparison holds docs/spf-comparison.md against what this package and the
// other library say today. What pyspf says is in testdata/pyspf.json, which
// .ci/pyspf holds against the real one.
func TestComparison(t *testing.T) {
	text, err := os.ReadFile("testdata/pyspf.json")
	if err != nil {
		t.Fatal(err)
	}
	var pyspf map[string]outcome
	if err := json.Unmarshal(text, &pyspf); err != nil {
		t.Fatal(err)
	}
	cases := readAwkward(t)
	if len(cases) < 25 || len(pyspf) != len(cases) {
		t.Fatalf("%d records, %d of them tried with pyspf", len(cases), len(pyspf))
	}
	var b strings.Builder
	b.WriteString("| record | RFC 7208 | sescheck | whole record | pyspf | blitiri |\n|---|---|---|---|---|---|\n")
	for _, c := range cases {
		ours := c.ours(t)
		cell := func(o outcome) string {
			if o.Result != ours.Result {
				return "**" + o.String() + "**"
			}
			return o.String()
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", c.title, c.clause, ours, c.whole(t), cell(pyspf[c.title]), cell(c.blitiri(t)))
	}
	doc, err := os.ReadFile(comparison)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- table -->\n", "<!-- end of table -->\n"
	before, rest, ok := strings.Cut(string(doc), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", comparison)
	}
	if *update {
		if err := os.WriteFile(comparison, []byte(before+begin+b.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if old != b.String() {
		t.Errorf("%s has another table than\n%s", comparison, b.String())
	}
}

package finding

import (
	"fmt"
	"strings"
	"testing"
)

func TestFindingIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_000)
	var many []string
	for i := range 500 {
		many = append(many, fmt.Sprintf("%03d %s", i, long[:100]))
	}
	f := Finding{Message: long, Impact: long, Expected: []string{long, "second"}, Actual: many, Fix: many, Change: Change{Remove: []string{long, long, long}}}
	f.Bound()
	if len(f.Message) != MaxSaid || !strings.HasSuffix(f.Message, "...") || len(f.Impact) != MaxSaid {
		t.Errorf("a message of %d octets, an impact of %d", len(f.Message), len(f.Impact))
	}
	if len(f.Expected) != 2 || len(f.Expected[0]) != MaxListed || f.Expected[1] != "and 1 more" {
		t.Errorf("expected %d: %.40q", len(f.Expected), f.Expected)
	}
	last := f.Actual[len(f.Actual)-1]
	if n := octets(f.Actual); n > MaxListed+20 || last != fmt.Sprintf("and %d more", len(many)-len(f.Actual)+1) {
		t.Errorf("%d octets are found, the last %s", n, last)
	}
	if f.Fix != nil || f.Change.Remove != nil {
		t.Error("records to publish that nobody publishes")
	}
	short := Finding{Message: "a", Actual: []string{"b"}, Fix: []string{"c"}, Change: Change{Add: []string{"d"}}}
	same := short
	same.Bound()
	if fmt.Sprint(short) != fmt.Sprint(same) {
		t.Errorf("%v becomes %v", short, same)
	}
}

// A cut is between two characters, and in no escape.
func TestShortened(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"0123456789":       "0123456789",
		"0123456789a":      "0123456...",
		`012345\001ab`:     "012345...",
		`01234\001abc`:     "01234...",
		`0123\001abcd`:     `0123...`,
		`012\001abcdef`:    `012\001...`,
		"012345\u00e9abcd": "012345...",
	} {
		if got := Shortened(s, 10); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}

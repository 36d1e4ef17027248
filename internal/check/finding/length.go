package finding

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds on the texts of a finding, in octets: strangers write parts of them, and
// a record may have 64 KiB.
const (
	MaxSaid   = 2_000  // message and impact
	MaxListed = 8_000  // Expected and Actual
	MaxChange = 20_000 // records to publish or remove; a longer change is dropped
	MaxShown  = 2_000  // a record in a message
)

// MaxAlike bounds the findings of one check about one name.
const MaxAlike = 20

// Bound shortens the texts. Records to publish must be exact, so they are kept
// whole or dropped.
func (f *Finding) Bound() {
	f.Message, f.Impact = Shortened(f.Message, MaxSaid), Shortened(f.Impact, MaxSaid)
	f.Expected, f.Actual = limited(f.Expected), limited(f.Actual)
	if octets(f.Fix) > MaxChange || octets(f.Change.Add)+octets(f.Change.Remove) > MaxChange {
		f.Fix, f.Change = nil, Change{}
	}
}

func octets(items []string) (n int) {
	for _, s := range items {
		n += len(s)
	}
	return n
}

// Shortened cuts a text to most octets, but not inside an escape.
func Shortened(s string, most int) string {
	const mark = "..."
	if len(s) <= most {
		return s
	}
	n := most - len(mark)
	if i := strings.IndexByte(s[n-3:n], '\\'); i >= 0 {
		n += i - 3
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + mark
}

// limited returns the first items within MaxListed octets, and the number of the
// rest as the last item.
func limited(items []string) []string {
	if octets(items) <= MaxListed {
		return items
	}
	var all []string
	left := MaxListed
	for i, s := range items {
		if left < len(s) && i > 0 {
			return append(all, fmt.Sprintf("and %d more", len(items)-i))
		}
		all = append(all, Shortened(s, MaxListed))
		left -= len(s)
	}
	return all
}

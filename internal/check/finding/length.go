package finding

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// How much a finding says at most, in octets: its texts hold what strangers
// wrote, and a record may have 64 KiB.
const (
	MaxSaid   = 2_000  // the message, the impact
	MaxListed = 8_000  // what was expected; what is there
	MaxChange = 20_000 // records to publish or to remove: if they have more, there are none
	MaxShown  = 2_000  // a record beside a finding about it
)

// MaxAlike is how many findings of one check there are about a name at most.
const MaxAlike = 20

// Bound cuts what is too long to be read. Records to publish have to be exact,
// so that these are given whole or not at all.
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

// Shortened is the beginning of a text, if it is longer than most. An escape is
// not cut in the middle.
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

// limited are the items that there is room for; the last one says how many there
// are more.
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

package check

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// How much a finding says at most, in octets: its texts hold what strangers
// wrote, and a record may have 64 KiB.
const (
	maxSaid   = 2_000  // the message, the impact
	maxListed = 8_000  // what was expected; what is there
	maxChange = 20_000 // records to publish or to remove: if they have more, there are none
	maxShown  = 2_000  // a record beside a finding about it
)

// maxAlike is how many findings of one check there are about a name at most.
const maxAlike = 20

// bound cuts what is too long to be read. Records to publish have to be exact,
// so that these are given whole or not at all.
func (f *Finding) bound() {
	f.Message, f.Impact = shortened(f.Message, maxSaid), shortened(f.Impact, maxSaid)
	f.Expected, f.Actual = fitting(f.Expected), fitting(f.Actual)
	if octets(f.Fix) > maxChange || octets(f.Change.Add)+octets(f.Change.Remove) > maxChange {
		f.Fix, f.Change = nil, Change{}
	}
}

func octets(items []string) (n int) {
	for _, s := range items {
		n += len(s)
	}
	return n
}

// shortened is the beginning of a text, if it is longer than most. An escape is
// not cut in the middle.
func shortened(s string, most int) string {
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

// fitting are the items that there is room for; the last one says how many there
// are more.
func fitting(items []string) []string {
	if octets(items) <= maxListed {
		return items
	}
	var all []string
	left := maxListed
	for i, s := range items {
		if left < len(s) && i > 0 {
			return append(all, fmt.Sprintf("and %d more", len(items)-i))
		}
		all = append(all, shortened(s, maxListed))
		left -= len(s)
	}
	return all
}

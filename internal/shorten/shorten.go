// Package shorten cuts lists in sentences to a length that can be read.
package shorten

import (
	"fmt"
	"strings"
)

// List names the first few of many: "a, b and 3 more".
func List[T ~string](names []T, most int) string {
	var b strings.Builder
	for i, n := range names[:min(len(names), most)] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(n))
	}
	if more := len(names) - most; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// Items returns the first few of many, and as the last item how many there are
// besides: "a", "b", "and 3 more".
func Items(items []string, most int) []string {
	if len(items) <= most {
		return items
	}
	return append(items[:most:most], fmt.Sprintf("and %d more", len(items)-most))
}

// Words joins words as "a, b or c", with the last word given.
func Words(all []string, last string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " " + last + " " + all[len(all)-1]
}

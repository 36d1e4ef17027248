// Package shorten cuts lists and texts to a length that can be read, and counts in
// words.
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

// Items returns the first few of many, and the number of the rest as the last
// item: "a", "b", "and 3 more".
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

// Text cuts s to at most n octets, with a mark. It cuts only ASCII, or our own
// text.
func Text(s string, n int) string {
	const mark = " [cut]"
	if len(s) <= n {
		return s
	}
	s = s[:n-len(mark)]
	for len(s) > 0 && s[len(s)-1] >= 0x80 {
		s = s[:len(s)-1]
	}
	return s + mark
}

// Count counts things: "1 error", "2 errors", "2 identities", "2 addresses".
func Count(n int, one string) string {
	stem, y := strings.CutSuffix(one, "y")
	switch {
	case n == 1:
		return "1 " + one
	case y && strings.TrimRight(stem, "aeou") == stem:
		return fmt.Sprintf("%d %sies", n, stem)
	case strings.HasSuffix(one, "s"):
		return fmt.Sprintf("%d %ses", n, one)
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// Number writes a small number as a word.
func Number(n int) string {
	words := []string{"none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if n < 0 || n >= len(words) {
		return fmt.Sprint(n)
	}
	return words[n]
}

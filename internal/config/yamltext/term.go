package yamltext

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Term is a piece of YAML to be written: a word, a list, or a mapping.
type Term struct {
	Word  string
	List  []Term // nil: no list
	Pairs []Pair
}

// Pair is a key of a mapping with its value.
type Pair struct {
	Key   string
	Value Term
}

// ListOf is a list of words.
func ListOf(words []string) Term {
	t := Term{List: []Term{}}
	for _, w := range words {
		t.List = append(t.List, Term{Word: w})
	}
	return t
}

// width is how long a line may become before a list or mapping in it is
// written a line an item.
const width = 120

// Flow writes t within a line.
func (t Term) Flow() string {
	var parts []string
	switch {
	case t.List != nil:
		for _, item := range t.List {
			parts = append(parts, item.Flow())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case t.Pairs != nil:
		for _, p := range t.Pairs {
			parts = append(parts, p.Flow())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return Word(t.Word)
}

// Flow writes a key with its value within a line.
func (p Pair) Flow() string { return Word(p.Key) + ": " + p.Value.Flow() }

// Block writes t over lines of its own, each indented.
func (t Term) Block(indent, step int) string {
	var b strings.Builder
	margin := strings.Repeat(" ", indent)
	for _, p := range t.Pairs {
		b.WriteString(margin + p.under(indent, step))
	}
	for _, item := range t.List {
		if line := item.Flow(); item.Pairs == nil || indent+2+len(line) <= width {
			b.WriteString(margin + "- " + line + "\n")
			continue
		}
		b.WriteString(margin + "- " + strings.TrimLeft(item.Block(indent+2, step), " "))
	}
	return b.String()
}

// under writes a key, at an indentation that is written already, with its value.
func (p Pair) under(indent, step int) string {
	v := p.Value
	line := Word(p.Key) + ": " + v.Flow()
	fits := indent+len(line) <= width || len(v.List) == 0 && len(v.Pairs) == 0
	if mappings := len(v.List) > 0 && v.List[0].Pairs != nil; fits && !mappings {
		return line + "\n"
	}
	return Word(p.Key) + ":\n" + v.Block(indent+step, step)
}

var (
	// plainWord is a word that needs no quotes anywhere in YAML, within brackets
	// too.
	plainWord = regexp.MustCompile(`^[A-Za-z0-9_+/.][A-Za-z0-9_+/.=@-]*(:[A-Za-z0-9_+/.=@-]+)*$`)
	// typed is a word that some version of YAML takes for a number, a date or a
	// time of day.
	typed = regexp.MustCompile(`^[-+.]?[0-9][0-9a-fA-FxXoO_.:+-]*$|^[-+]?\.([0-9]|inf|nan)|^[-+]`)
)

// IsSwitch reports whether s is a word that people write for yes, no or nothing.
func IsSwitch(s string) bool {
	return slices.Contains([]string{"none", "no", "off", "false", "null", "true", "yes", "on"}, strings.ToLower(s))
}

// Word writes a word, of valid UTF-8, so that each version of YAML reads it as
// that text. It is in ASCII, and holds no command of a CI runner.
func Word(s string) string {
	switch strings.ToLower(s) {
	case "true", "false": // the reader wants them as they are
		if s == strings.ToLower(s) {
			return s
		}
	case "none":
		return s
	}
	if plainWord.MatchString(s) && !typed.MatchString(strings.ToLower(s)) && !IsSwitch(s) && s != "~" && !strings.EqualFold(s, "y") && !strings.EqualFold(s, "n") {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		case c > '~':
			fmt.Fprintf(&b, `\U%08x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return strings.ReplaceAll(b.String(), "##[", `#\x23[`)
}

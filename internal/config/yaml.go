package config

import (
	"fmt"
	"regexp"
	"strings"
)

// term is a piece of YAML to be written: a word, a list, or a mapping.
type term struct {
	word  string
	list  []term // nil: no list
	pairs []keyed
}

// keyed is a key of a mapping with its value.
type keyed struct {
	key   string
	value term
}

func listOf(words []string) term {
	t := term{list: []term{}}
	for _, w := range words {
		t.list = append(t.list, term{word: w})
	}
	return t
}

// width is how long a line may become before a list or mapping in it is
// written a line an item.
const width = 120

// flow writes t within a line.
func (t term) flow() string {
	var parts []string
	switch {
	case t.list != nil:
		for _, item := range t.list {
			parts = append(parts, item.flow())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case t.pairs != nil:
		for _, p := range t.pairs {
			parts = append(parts, p.flow())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return word(t.word)
}

func (p keyed) flow() string { return word(p.key) + ": " + p.value.flow() }

// block writes t over lines of its own, each indented.
func (t term) block(indent, step int) string {
	var b strings.Builder
	margin := strings.Repeat(" ", indent)
	for _, p := range t.pairs {
		b.WriteString(margin + p.under(indent, step))
	}
	for _, item := range t.list {
		if line := item.flow(); item.pairs == nil || indent+2+len(line) <= width {
			b.WriteString(margin + "- " + line + "\n")
			continue
		}
		b.WriteString(margin + "- " + strings.TrimLeft(item.block(indent+2, step), " "))
	}
	return b.String()
}

// under writes a key, at an indentation that is written already, with its value.
func (p keyed) under(indent, step int) string {
	v := p.value
	line := word(p.key) + ": " + v.flow()
	fits := indent+len(line) <= width || len(v.list) == 0 && len(v.pairs) == 0
	if fits && p.key != "identities" {
		return line + "\n"
	}
	return word(p.key) + ":\n" + v.block(indent+step, step)
}

var (
	// plainWord is a word that needs no quotes anywhere in YAML, within brackets
	// too.
	plainWord = regexp.MustCompile(`^[A-Za-z0-9_+/.][A-Za-z0-9_+/.=@-]*(:[A-Za-z0-9_+/.=@-]+)*$`)
	// typed is a word that some version of YAML takes for a number, a date or a
	// time of day.
	typed = regexp.MustCompile(`^[-+.]?[0-9][0-9a-fA-FxXoO_.:+-]*$|^[-+]?\.([0-9]|inf|nan)|^[-+]`)
)

// word writes a word, of valid UTF-8, so that each version of YAML reads it as
// that text. It is in ASCII, and holds no command of a CI runner.
func word(s string) string {
	switch strings.ToLower(s) {
	case "true", "false": // the reader wants them as they are
		if s == strings.ToLower(s) {
			return s
		}
	case "none":
		return s
	}
	if plainWord.MatchString(s) && !typed.MatchString(strings.ToLower(s)) && !off(s) && s != "~" && !strings.EqualFold(s, "y") && !strings.EqualFold(s, "n") {
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

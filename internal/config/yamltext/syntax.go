package yamltext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/untrusted"
)

var yamlError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// Explain says in plain words what an error of yaml.v3 means, and where it is.
// The line in the error is that of the mistake, or the one before the block
// around it, or missing for the first line.
func (t *Text) Explain(err error) (Position, string) {
	n, problem := t.parseError(err)
	has := func(s string) bool { return strings.Contains(problem, s) }
	switch {
	case has("tab character"):
		return t.tab(n)
	case has("cannot start any token"):
		return t.badStart(n)
	case has("directive"):
		return t.first(n), "a line cannot begin with %; remove it"
	case has("unknown anchor"):
		_, name, _ := strings.Cut(problem, "'")
		return t.alias(strings.TrimSuffix(name, "' referenced"))
	case has("expected alphabetic or numeric character"):
		return t.bareSign(n)
	case has("mapping values are not allowed"):
		return t.secondColon(n)
	case has("block sequence entries are not allowed"):
		return t.find(n, "- ", "a list cannot begin on the line of its key; begin it on the next line, or write [a, b]")
	case has("could not find expected ':'"):
		return t.first(n), "this is not a key with a value; add a colon and a space, or check whether the line before it is complete"
	case has("unknown escape"), has("hexdecimal"), has("Unicode character escape"):
		return t.find(n, `\`, `in double quotes \ begins an escape; use single quotes`)
	case has("exceeded max depth"):
		return t.first(n), "this is nested too deeply to be read"
	}
	if at, what := t.mismatch(); what != "" {
		return at, what
	}
	at := t.first(t.stop(err))
	switch {
	case has("did not find expected key"), has("expected <document start>"):
		return at, "this line does not fit the lines above it; indent it like the keys that it belongs with"
	case has("did not find expected '-' indicator"):
		return at, "this is between the items of a list; begin it with -, or indent it like the key that it belongs to"
	case has("did not find expected node content"):
		if m := questionMark.FindStringIndex(t.Line(at.Line)); m != nil {
			at.Column = len([]rune(t.Line(at.Line)[:m[1]]))
			return at, "within brackets a value cannot begin with ?; put it into quotes"
		}
		return at, "a value is missing here; give one, or put the value into quotes"
	}
	return at, "this is not valid YAML (" + untrusted.Line(problem) + "); put values with special characters in quotes"
}

// parseError returns the line and the message of an error of yaml.v3.
func (t *Text) parseError(err error) (line int, problem string) {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		m = []string{"", "", err.Error()}
	}
	n, _ := strconv.Atoi(m[1])
	return min(max(n, 1), len(t.starts)), m[2]
}

// BadAlias returns the line in which an error of yaml.v3 found a * or & that is
// neither alias nor anchor, as in templates and other formats.
func (t *Text) BadAlias(err error) (Position, bool) {
	n, problem := t.parseError(err)
	return t.first(n), strings.Contains(problem, "unknown anchor") || strings.Contains(problem, "expected alphabetic or numeric character")
}

// first is the first character of a line that is no space.
func (t *Text) first(n int) Position {
	line := t.Line(n)
	return Position{Line: n, Column: 1 + len(line) - len(strings.TrimLeft(line, " \t"))}
}

// find is where s is in a line.
func (t *Text) find(n int, s, what string) (Position, string) {
	line := t.Line(n)
	before, _, ok := strings.Cut(line, s)
	if !ok {
		return t.first(n), what
	}
	return Position{Line: n, Column: 1 + len([]rune(before))}, what
}

const tabbed = "this line is indented with a tab; YAML allows only spaces"

// tab finds the next line that a tab indents.
func (t *Text) tab(n int) (Position, string) {
	for k := n; k <= len(t.starts); k++ {
		line := t.Line(k)
		if i := strings.IndexByte(line, '\t'); i >= 0 && strings.Trim(line[:i], " ") == "" && strings.TrimSpace(line) != "" {
			return Position{Line: k, Column: i + 1}, tabbed
		}
	}
	return t.first(n), "there is a tab in place of a space; replace it"
}

// badStart finds the character of a line that cannot be where it is.
func (t *Text) badStart(n int) (Position, string) {
	line := t.Line(n)
	if i := strings.IndexByte(line, '\t'); i >= 0 && strings.Trim(line[:i], " -") == "" {
		return Position{Line: n, Column: i + 1}, tabbed
	}
	if m := unquotedSign.FindStringSubmatchIndex(line); m != nil {
		at := Position{Line: n, Column: 1 + len([]rune(line[:m[2]]))}
		return at, fmt.Sprintf("a value cannot begin with %s; put it in quotes", line[m[2]:m[3]])
	}
	return t.first(n), "there is a character that no value can begin with; put the value into quotes"
}

var (
	questionMark = regexp.MustCompile(`[:,\[{][ 	]*\?`)
	unquotedSign = regexp.MustCompile("(?:^|[ \t,\\[{])([@`%])")
	bareWord     = regexp.MustCompile(`(?:^|[ \t,\[{])([*&][^ \t,\]}]*)`)
)

// alias finds the first use of an anchor that there is not.
func (t *Text) alias(name string) (Position, string) {
	for n := 1; n <= len(t.starts); n++ {
		for _, m := range bareWord.FindAllStringSubmatchIndex(t.Line(n), -1) {
			line := t.Line(n)
			if word := line[m[2]:m[3]]; word == "*"+name {
				at := Position{Line: n, Column: 1 + len([]rune(line[:m[2]]))}
				return at, fmt.Sprintf("%s is an alias, but there is no &%s above; if it is not an alias, put the value in quotes", word, name)
			}
		}
	}
	return Position{Line: 1, Column: 1}, fmt.Sprintf("there is an alias *%s, but no &%s", name, name)
}

// bareSign finds a * or & that was not meant as an alias or an anchor, as in
// a glob.
func (t *Text) bareSign(n int) (Position, string) {
	line := t.Line(n)
	if m := bareWord.FindStringSubmatchIndex(line); m != nil {
		at := Position{Line: n, Column: 1 + len([]rune(line[:m[2]]))}
		return at, fmt.Sprintf("a value cannot begin with %s; put it in quotes: %s", line[m[2]:m[2]+1], Quote(line[m[2]:m[3]]))
	}
	return t.first(n), "a value cannot begin with * or &; put it into quotes"
}

// secondColon explains a key that is where a value belongs: in the line of
// another key, or deeper than a key that has its value.
func (t *Text) secondColon(n int) (Position, string) {
	line := t.Line(n)
	colon := func(s string) int {
		if i := strings.Index(s, ": "); i >= 0 {
			return i
		}
		if strings.HasSuffix(s, ":") {
			return len(s) - 1
		}
		return -1
	}
	if i := colon(line); i >= 0 {
		if j := colon(line[i+1:]); j >= 0 {
			at := Position{Line: n, Column: 1 + len([]rune(line[:i+1+j]))}
			return at, "a second colon in one line; begin a new line, or put the value into quotes"
		}
	}
	above := t.LastBefore(Position{n, 1})
	if above > 0 && colon(t.Line(above)) < 0 {
		return t.first(above), "a key ends in a colon and a space, but this line does not have them; write key: value"
	}
	return t.first(n), "this line is indented deeper than the key above it, which already has a value; give both the same indentation"
}

// longText is the size from which the decoder is not asked again.
const longText = 1 << 20

// stop is the line at which yaml.v3 noticed an error. It reads ahead by a few
// tokens, so that it is asked again with less and less of the text.
func (t *Text) stop(err error) int {
	feed := &lines{text: t}
	d := yaml.NewDecoder(feed)
	var n yaml.Node
	for Decode(d, &n) == nil {
		n = yaml.Node{}
	}
	line := min(feed.given, len(t.starts))
	if len(t.Data) > longText {
		return line
	}
	for range 8 {
		if line <= 1 || !t.fails(line-1, err) {
			break
		}
		line--
	}
	return max(line, 1)
}

// fails reports whether the first lines fail like the whole text.
func (t *Text) fails(lines int, with error) bool {
	d := yaml.NewDecoder(bytes.NewReader(t.Data[:t.starts[lines]]))
	for {
		err := Decode(d, &yaml.Node{})
		if err != nil {
			return !errors.Is(err, io.EOF) && err.Error() == with.Error()
		}
	}
}

// lines gives a text line by line, and knows how far it was read.
type lines struct {
	text  *Text
	given int
	rest  []byte
}

func (l *lines) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		if l.given == len(l.text.starts) {
			return 0, io.EOF
		}
		l.rest = l.text.Data[l.text.starts[l.given]:]
		if l.given++; l.given < len(l.text.starts) {
			l.rest = l.rest[:l.text.starts[l.given]-l.text.starts[l.given-1]]
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func lineNumber(n int) string { return "line " + strconv.Itoa(n) }

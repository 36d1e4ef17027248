package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config/configtest"
)

func readBy(read func(*reader), data []byte) (*File, []Problem) {
	l := newLoading()
	r := newReader("f", data, l)
	read(r)
	l.problems = r.sorted()
	return l.finish()
}

// inPieces reports whether a file is read in pieces of the least size, and
// fails if it then says anything else than the whole does.
func inPieces(t *testing.T, data []byte) (pieces bool) {
	t.Helper()
	whole, wholeProblems := readBy((*reader).readWhole, data)
	file, problems := readBy(func(r *reader) {
		if pieces = r.readPieces(1); !pieces {
			r.readWhole()
		}
	}, data)
	if diff := cmp.Diff(wholeProblems, problems); diff != "" {
		t.Errorf("problems, in pieces %v: %s\n%s", pieces, diff, data)
	}
	if diff := cmp.Diff(whole, file); diff != "" && len(problems) == 0 {
		t.Errorf("file, in pieces %v: %s\n%s", pieces, diff, data)
	}
	return pieces
}

// TestPiecesOfStories: whatever is in testdata reads the same in pieces.
func TestPiecesOfStories(t *testing.T) {
	texts := configtest.Texts(t, "testdata")
	n := 0
	for _, text := range texts {
		if inPieces(t, []byte(text)) {
			n++
		}
	}
	if n < len(texts)/3 {
		t.Errorf("only %d of %d texts are read in pieces", n, len(texts))
	}
}

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		what, text string
		pieces     bool
	}{
		{"one domain", "version: 1\ndomains:\n  a.example: {spf: none}\n", true},
		{"no newline at the end", "version: 1\ndomains:\n  a.example: {spf: none}\n  b.example: {spf: none}", true},
		{"carriage returns", "version: 1\r\ndomains:\r\n  a.example:\r\n    spf: none\r\n  b.example: {spf: none}\r\n", true},
		{"comments everywhere", "# a\nversion: 1\ndomains: # b\n# c\n  # d\n  a.example: # e\n    spf: none # f\n    # g\n# h\n  b.example: {spf: none}\n  # i\n# j\nchecks: {x: off}\n# k\n", true},
		{"domains first", "domains:\n  a.example: {spf: none}\n\n  b.example:\n    region: Europe\nversion: 1\n", true},
		{"defaults behind", "domains:\n  a.example: {mail_from: b}\n  b.example:\ndefaults: {region: eu-west-1}\nversion: 1\n", true},
		{"duplicates over pieces", "version: 1\ndomains:\n  a.example: {spf: none}\n  b.example: {spf: none}\n  A.example: {spf: none}\n", true},
		{"an alias within a piece", "version: 1\ndomains:\n  a.example: {region: &r eu-west-1, mail_from: *r}\n", true},
		{"an alias over pieces", "version: 1\ndomains:\n  a.example: &x {spf: none}\n  b.example: *x\n", false},
		{"an alias of defaults", "version: 1\ndefaults: &x {spf: none}\ndomains:\n  a.example: *x\n", false},
		{"a merge key", "version: 1\ndomains:\n  a.example: &x {spf: none}\n  <<: {b.example: *x}\n", false},
		{"a quoted name", "version: 1\ndomains:\n  \"a.example\": {spf: none}\n", false},
		{"braces", "version: 1\ndomains: {a.example: {spf: none}}\n", false},
		{"braces on the next line", "version: 1\ndomains:\n  {a.example: {spf: none}}\n", false},
		{"braces closed below", "version: 1\ndomains:\n  a.example: {\n    spf: none\n  }\n", false},
		{"brackets at the margin", "version: 1\ndomains:\n  a.example: {spf: [\nx.example]}\n", false},
		{"brackets over what looks like an entry", "version: 1\ndomains:\n  a.example: {spf: none,\n  dmarc: none}\n", false},
		{"quotes over entries", "version: 1\ndomains:\n  a.example: {spf: none}\nignore:\n  - check: a\n    reason: \"x\ndomains:\n  y\"\n", true},
		{"domains within quotes", "version: 1\nignore:\n- check: a\n  reason: \"x\ndomains:\n  y: z\n\"\n", false},
		{"domains in a block scalar", "version: 1\nignore:\n- check: a\n  reason: |\n   x\ndomains:\n  a.example:\n   spf: none\n", true},
		{"domains twice", "version: 1\ndomains:\n  a.example: {spf: none}\ndomains:\n  b.example: {spf: none}\n", true},
		{"a list", "version: 1\ndomains:\n  - a.example\n", false},
		{"a list at the margin", "version: 1\ndomains:\n- a.example\n", false},
		{"nothing", "version: 1\ndomains:\n", false},
		{"a question mark", "version: 1\ndomains:\n  ? a.example\n  : {spf: none}\n", false},
		{"uneven", "version: 1\ndomains:\n  a.example: {spf: none}\n   b.example: {spf: none}\n", false},
		{"outdented", "version: 1\ndomains:\n   a.example: {spf: none}\n  b.example: {spf: none}\n", false},
		{"a tab", "version: 1\ndomains:\n\ta.example: {spf: none}\n", false},
		{"an unclosed bracket", "version: 1\ndomains:\n  a.example: {spf: [x}\n  b.example: {spf: none}\n", false},
		{"a value over lines", "version: 1\ndomains:\n  a.example:\n    spf: none\n  b.example: x\n    y\n", true},
		{"a second document", "version: 1\ndomains:\n  a.example: {spf: none}\n---\nversion: 1\ndomains:\n  b.example: {spf: none}\n", false},
		{"an end of the document", "version: 1\ndomains:\n  a.example: {spf: none}\n...\n", true},
		{"domains in the second document", "version: 1\n---\ndomains:\n  b.example: {spf: none}\n", false},
		{"Unicode", "version: 1\ndomains:\n  münchen.example: {spf: none, regoin: x}\n", true},
		{"problems at both ends", "version: 2\ndomains:\n  a.example: {region: x}\n  b.example: {region: y}\nignore: []\n", true},
	} {
		if got := inPieces(t, []byte(c.text)); got != c.pieces {
			t.Errorf("%s: in pieces %v", c.what, got)
		}
	}
}

// fleet is a file of many domains, as an organisation might write it.
func fleet(domains int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\n\ndefaults:\n  dmarc: reject\n\ndomains:\n")
	for i := range domains {
		token := fmt.Sprintf("%08xexampleexampleexampleex", i)
		fmt.Fprintf(&b, "  customer-%d.example.com:\n    region: eu-west-1\n    verification: pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=\n"+
			"    dkim: [a%s, b%s, c%s]\n    mail_from: bounce\n    spf: [amazonses.com, _spf.example.net, spf.example.org]\n\n", i, token, token, token)
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	data := fleet(50_000)
	for name, read := range map[string]func(*reader){
		"pieces": (*reader).read,
		"whole":  (*reader).readWhole,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, ps := readBy(read, data); len(ps) > 0 {
					b.Fatal(ps[0])
				}
			}
		})
	}
}

// Package hostile is for tests: texts that a stranger may write, and copies of
// what would obey them, GitHub's runner and a terminal.
package hostile

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Payloads are texts that somebody may write into a record, a file, an argument,
// an input of the action or the name of a file. Each has the word pwn in it,
// by which a test knows that it came through.
var Payloads = []string{
	"::error::pwn", "  ::add-mask::pwn", "\u00a0::stop-commands::pwn", "\u3000::error::pwn", "x\n::error file=a::pwn", "pwn\r::set-output name=result::pass", "x\r\n::group::pwn",
	"##[error]pwn", "a##[set-output name=result;]pwn", "###[debug]pwn", "#\u200b#[error]pwn", "##[##[error]pwn",
	"x\u0085::error::pwn", "x\u2028::error::pwn", "x\u2029::error::pwn", "x\v::error::pwn", "x\f::error::pwn",
	"\x1b]52;c;cHdu\apwn\x1b[2J", "\x9b31mpwn", "\u009b31mpwn", "\u202epwn\u2066", "p\u200bw\u00adn pwn\u034f\ufe0f\u3164", "\xff\xfepwn", "%0A::error::pwn", "pwn\x00",
	"<script>pwn</script>", "]]><b>pwn</b>", "`<img src=pwn>`", "pwn.yaml:3:5: error", "a,title=pwn::pwn", "${pwn}%{pwn}", `pwn"\`, "pwn'|>&*!",
}

// Words are the payloads, and words that YAML takes for something else without
// quotes.
func Words() []string {
	return slices.Concat(Payloads, []string{
		"", " ", strings.Repeat("long ", 300), "a b", "none", "no", "~", "null", "1e10", "0x1f", "2026-01-02", "12:30:00", "-all", "+all", "- x", "# x", "x #y", "a: b", "a:b", "[x]", "{x}", "*x", "&x", "!x", "%x", "@x", "`x`",
		"ä", "日本", "\t", "\"", `\`, `\x23`, "'", "mailto:##[stop-commands]x@evil.test", "\U0001f600", "\ufeff", "\ufffe",
	})
}

// Commands finds what GitHub's runner would obey in the output of a step. It has
// two parsers (actions/runner, ActionCommand.cs, TryParseV2 and TryParse):
// `::name properties::message` where a line begins so after blanks, and the older
// `##[name properties]message` anywhere in a line.
func Commands(output string) (commands []string) {
	for line := range strings.FieldsFuncSeq(output, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if trimmed := strings.TrimLeftFunc(line, unicode.IsSpace); strings.HasPrefix(trimmed, "::") {
			if head, _, ok := strings.Cut(trimmed[2:], "::"); ok {
				commands = append(commands, head)
				continue
			}
		}
		if _, rest, ok := strings.Cut(line, "##["); ok && strings.Contains(rest, "]") {
			commands = append(commands, "##["+rest)
		}
	}
	return commands
}

// Characters finds what does more than to show itself, or shows nothing: controls,
// bidirectional overrides, line separators, what has no width, and octets that
// are no character.
func Characters(printed string) (found []rune) {
	if !utf8.ValidString(printed) {
		found = append(found, utf8.RuneError)
	}
	for _, r := range printed {
		switch {
		case r == '\n' || r == '\t' || ' ' <= r && r <= '~': // nearly all that is printed
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			found = append(found, r)
		}
	}
	return found
}

// TXT writes octets as the text of a TXT record in a zone file.
func TXT(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if i > 0 && i%255 == 0 {
			b.WriteString(`" "`)
		}
		fmt.Fprintf(&b, `\%03d`, s[i])
	}
	return b.String() + `"`
}

// Label writes octets as a label in a zone file.
func Label(s string) string {
	var b strings.Builder
	for i := range min(len(s), 63) {
		fmt.Fprintf(&b, `\%03d`, s[i])
	}
	return b.String()
}

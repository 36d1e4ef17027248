package spf

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Restored is the SPF record that a garbled TXT record was meant to be.
type Restored struct {
	Text     string   // a valid record with every term of the garbled one; "" if in doubt
	Mistakes []string // the mistakes, as clauses that are safe to print
	Doubt    string   // why Text is empty, as a clause that is safe to print
}

// Unspaced is the mistake of strings that lack a space where DNS joins them.
const Unspaced = "its strings join without a space"

// maxRestored is the longest text that is restored, in octets. No working record
// is longer.
const maxRestored = 4096

// maxGuesses is how many terms are corrected at most. A person makes fewer
// mistakes.
const maxGuesses = 50

// tooLong is the doubt about a record that Parse cuts.
var tooLong = fmt.Sprintf("it has more than %d terms, or more than %d bytes", MaxTerms, MaxText)

// Restore returns the SPF record that a TXT record was meant to be. ok is false
// if it was not meant to be one. A valid record is returned as it is.
func Restore(txt record.Record) (r Restored, ok bool) {
	text := txt.Text()
	if p := Parse(text); Is(text) && len(p.Problems) == 0 {
		if p.Cut {
			return Restored{Doubt: tooLong}, true
		}
		return Restored{Text: text.Raw()}, true
	}
	if text.Len() > maxRestored {
		return Restored{Doubt: fmt.Sprintf("it has more than %d bytes", maxRestored)}, Is(text)
	}
	var strs []string
	for _, s := range txt.Strings {
		strs = append(strs, s.Raw())
	}
	joined := joinStrings(strs)
	if joined != text.Raw() {
		r.Mistakes = append(r.Mistakes, Unspaced)
	}
	s, undone := plain(joined)
	if bare := unquoted(s); bare != s {
		s = bare
		if strings.ContainsAny(text.Raw(), quotes) {
			undone = append(undone, "quotes")
		}
	}
	mistake, doubt, body, ok := cutVersion(s)
	if !ok && versionless(s) {
		mistake, body, ok = "it does not begin with v=spf1", s, true
	}
	if !ok {
		return Restored{}, false
	}
	if mistake != "" {
		r.Mistakes = append(r.Mistakes, mistake)
	}
	if len(undone) > 0 {
		r.Mistakes = append(r.Mistakes, strings.Join(undone, " and ")+" are part of the data")
	}
	if r.Doubt = doubt; doubt == "" {
		r.terms(strings.Fields(body))
	}
	return r, true
}

// quotes are the ASCII characters with which people quote a text.
const quotes = "\"'`"

// typed matches the border between two strings of a TXT record in zone file
// notation.
var typed = regexp.MustCompile(`" *"`)

// unquoted removes quotes, and joins quoted strings as DNS joins them.
func unquoted(s string) string {
	s = strings.ReplaceAll(joinStrings(typed.Split(s, -1)), `"`, "")
	fields := strings.Split(s, " ")
	for i, f := range fields {
		fields[i] = strings.Trim(f, quotes)
	}
	return strings.Join(fields, " ")
}

// joinStrings joins the strings of a TXT record as DNS does, but puts a space
// where two terms would become one word.
func joinStrings(strs []string) string {
	var b strings.Builder
	for _, s := range strs {
		before := b.String()
		left := strings.Trim(before[strings.LastIndexByte(before, ' ')+1:], quotes)
		first, _, _ := strings.Cut(s, " ")
		right := strings.Trim(first, quotes)
		if left != "" && !flawless(left+right) && (flawless(right) || isVersion(right)) {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	return b.String()
}

func isVersion(s string) bool { return strings.EqualFold(s, version) }

var (
	// versionLike matches a version section, also a garbled one.
	versionLike = regexp.MustCompile(`(?i)v ?[=:;,+._-]{1,2} ?s(?:pf|fp)(?:-?[12l](?:\.0)?)?|^[ =:]*(?:v ?)?spf1`)

	// pasted matches text before the data that was pasted along: name, TTL,
	// class, type, and labels of a form.
	pasted = regexp.MustCompile(`(?i)^(?:(?:txt|spf|value|data|content|record|answer|host|name|type|in|@|[0-9]+[smhdw]?|[a-z0-9_*-]+(?:\.[a-z0-9_-]+)+\.?)(?:[ :=;,(]+|$))+$|^[a-z0-9_*-]+ +(?:[0-9]+ +)?(?:in +)?(?:txt|spf)[ :=(]*$`)

	// glued matches an all with another record right after it.
	glued = regexp.MustCompile(`(?i)^([+?~-]?all)(v=spf1|spf2\.0.*)$`)
)

// behindVersion are characters that people type after the version section.
const behindVersion = "=:;,.|/"

// cutVersion cuts the version section off, and returns the mistake in it, or a
// doubt.
func cutVersion(s string) (mistake, doubt, body string, ok bool) {
	at := versionLike.FindStringIndex(s)
	if at == nil {
		return "", "", "", false
	}
	before, found := s[:at[0]], strings.Trim(s[at[0]:at[1]], " ")
	body = strings.TrimLeft(s[at[1]:], behindVersion)
	first, _, _ := strings.Cut(body, " ")
	lead := strings.Trim(before, " -=:;,.(>*+~|!#")
	switch {
	case first != "" && !isVersion(first) && !flawless(first) && sure(first) == "":
		doubt = fmt.Sprintf("%.40s is not a version", untrusted.New(found+first))
	case lead != "" && !pasted.MatchString(strings.TrimLeft(before, " ")):
		doubt = "there is something before v=spf1"
	case lead == "" && strings.Trim(before, " ") != "":
		mistake = "there is something before v=spf1"
	case lead != "":
		mistake = "the record's name or type is part of the data"
	case before != "":
		mistake = "it begins with a space"
	case !isVersion(found):
		mistake = "it does not begin with v=spf1"
	case first != "" || len(s) > at[1]+len(body):
		mistake = "after v=spf1 comes a space"
	}
	if doubt != "" && !slices.ContainsFunc(strings.Fields(body), isMechanism) {
		return "", "", "", false // an ordinary word that starts like a version
	}
	return mistake, doubt, body, true
}

// versionless reports whether s is an SPF record without its version section:
// valid terms, and an all with a sign at the end.
func versionless(s string) bool {
	words := strings.Fields(s)
	if len(words) < 2 || slices.ContainsFunc(words, func(w string) bool { return !flawless(w) }) {
		return false
	}
	last := words[len(words)-1]
	return strings.ContainsAny(last[:1], signs) && kindOf(last[1:]) == All
}

// isMechanism reports whether s is a valid term that is no ordinary word: it has a
// colon or a sign.
func isMechanism(s string) bool {
	return flawless(s) && (strings.Contains(s, ":") || strings.ContainsAny(s[:1], signs))
}

// terms restores the terms of a record, or sets Doubt.
func (r *Restored) terms(words []string) {
	all, guesses := []string{version}, 0
	for {
		if words = r.begins(words); len(words) == 0 {
			break
		}
		_, wrong, _ := parseTerm(words[0])
		if guesses += min(len(wrong), 1); guesses > maxGuesses {
			r.Doubt = fmt.Sprintf("it has more than %d mistakes", maxGuesses)
			return
		}
		text, n := restoredTerm(words)
		if n == 0 {
			r.Doubt = fmt.Sprintf("%.80s: %s", untrusted.New(words[0]), wrong[0])
			return
		}
		all = append(all, text)
		words = words[n:]
	}
	text := strings.Join(all, " ")
	switch p := Parse(untrusted.New(text)); {
	case len(p.Problems) > 0:
		r.Doubt = fmt.Sprintf("%.80s: %s", p.Problems[0].Term, p.Problems[0].What)
	case p.Cut:
		r.Doubt = tooLong
	default:
		r.Text = text
	}
}

// begins skips text before the next term: punctuation, the version section of
// another record, or a Sender ID record.
func (r *Restored) begins(words []string) []string {
	for len(words) > 0 {
		w := words[0]
		switch m := glued.FindStringSubmatch(w); {
		case m != nil:
			return append([]string{m[1], m[2]}, words[1:]...)
		case strings.Trim(w, ",;.|()") == "":
			words = words[1:]
		case isVersion(strings.TrimRight(w, behindVersion)):
			r.Mistakes = append(r.Mistakes, "v=spf1 appears a second time")
			words = words[1:]
		case isForeign(w):
			r.Mistakes = append(r.Mistakes, fmt.Sprintf("it is followed by a record of another kind (%.40s)", untrusted.New(w)))
			for words = words[1:]; len(words) > 0 && isTag(words[0]); {
				words = words[1:]
			}
		case strings.HasPrefix(strings.ToLower(w), "spf2.0"):
			r.Mistakes = append(r.Mistakes, "it is followed by a record of Sender ID (spf2.0), which is obsolete")
			n := slices.IndexFunc(words, isVersion)
			if n < 0 {
				return nil
			}
			words = words[n:]
		default:
			return words
		}
	}
	return nil
}

// isForeign reports whether a word is the version of a record that is no SPF
// record, such as v=DMARC1.
func isForeign(word string) bool {
	word = strings.ToLower(word)
	return strings.HasPrefix(word, "v=") && !strings.HasPrefix(word, version)
}

// isTag reports whether a word is a tag of a record that is no SPF record, such
// as p=reject.
func isTag(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && isName(name) && kindOf(name) == Unknown && len(nearest(name)) == 0 && !strings.EqualFold(name, "v")
}

// restoredTerm returns the term or terms that the first n words were meant to be;
// n is 0 if in doubt.
func restoredTerm(words []string) (text string, n int) {
	if _, wrong, _ := parseTerm(words[0]); len(wrong) == 0 {
		return words[0], 1
	}
	if text, n = rejoined(words); n > 0 {
		return text, n
	}
	if guess := sure(words[0]); guess != "" {
		return guess, 1
	}
	return "", 0
}

// rejoined joins the first n words into a term that was split by a space, or has
// a space for its colon; n is 0 if they make none.
func rejoined(words []string) (text string, n int) {
	if len(words) > 1 && len(words[0]) == 1 && strings.Contains("-~?", words[0]) && kindOf(words[1]) != All {
		return "", 0 // the sign of the next term, or of a list
	}
	for n = 2; n <= min(3, len(words)); n++ {
		text = strings.Join(words[:n], "")
		if len(text) > maxGuessable {
			break
		}
		if flawless(text) && !passes(text) && atSeam(words[0], words[1]) {
			return text, n
		}
	}
	if len(words) == 1 || strings.ContainsAny(words[0], ":=/") || flawless(words[1]) {
		return "", 0
	}
	if text = words[0] + ":" + words[1]; len(text) <= maxGuessable && flawless(text) {
		return text, 2
	}
	return "", 0
}

// atSeam reports whether only a space can have been added between two parts of a
// term: next to punctuation, or inside the mechanism's name.
func atSeam(left, right string) bool {
	const punctuation = ":=./-_+~?"
	return !strings.ContainsAny(left, ":=/") || strings.ContainsAny(left[len(left)-1:], punctuation) || strings.ContainsAny(right[:1], punctuation)
}

// passes reports whether the term is an all with the result pass.
func passes(term string) bool {
	t, _, _ := parseTerm(term)
	return t.Kind == All && t.Qualifier == '+'
}

package dmarc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

const version = "DMARC1"

// Is reports whether t is a DMARC record: its first tag is v=DMARC1, in that case
// exactly, with spaces where RFC 9989 section 4.8 allows them. Receivers ignore
// all other records.
func Is(t untrusted.Text) bool {
	first, _, _ := strings.Cut(t.Raw(), ";")
	name, value, ok := strings.Cut(first, "=")
	return ok && strings.EqualFold(strings.TrimRight(name, blanks), "v") && strings.Trim(value, blanks) == version
}

// blanks is WSP of RFC 5234.
const blanks = " \t"

// Parse reads a DMARC record. For any other text it returns a Record with a Fatal
// problem.
func Parse(t untrusted.Text) *Record {
	r := &Record{Text: t, FO: "0"}
	if !Is(t) {
		r.Problems = []Problem{{Weight: Fatal, Text: "it does not start with v=DMARC1, so receivers ignore it"}}
		return r
	}
	r.split()
	p := parser{Record: r, seen: map[string]bool{}}
	for _, tag := range r.Tags {
		p.read(tag)
	}
	p.conclude()
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return cmp.Compare(a.Offset, b.Offset) })
	return r
}

// split cuts the text into tags (RFC 9989 section 4.8, dmarc-record).
func (r *Record) split() {
	raw := r.Text.Raw()
	for start := 0; start <= len(raw); {
		end := len(raw)
		if i := strings.IndexByte(raw[start:], ';'); i >= 0 {
			end = start + i
		}
		part := raw[start:end]
		offset := start + len(part) - len(strings.TrimLeft(part, blanks))
		name, value, ok := strings.Cut(part, "=")
		name, value = strings.Trim(name, blanks), strings.Trim(value, blanks)
		switch {
		case ok:
			r.Tags = append(r.Tags, Tag{Name: untrusted.New(name), Value: untrusted.New(value), Offset: offset})
		case name != "":
			r.add(Ignored, Tag{Offset: offset}, "%.60s is not a tag: it has no =", untrusted.New(name))
		case end < len(raw):
			r.add(Note, Tag{Offset: offset}, "an empty tag: two ; in a row")
		}
		start = end + 1
	}
}

func (r *Record) add(w Weight, t Tag, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{Weight: w, Tag: t.Name, Offset: t.Offset, Text: fmt.Sprintf(format, args...)})
}

// parser is a Record that is being read.
type parser struct {
	*Record
	seen      map[string]bool
	badPolicy bool // p, sp or np is there, but not a policy
	badTag    Tag  // the first such tag
}

// read reads one tag. An invalid value leaves the default: receivers discard
// syntax errors after v=DMARC1 (RFC 9989 section 4.8).
func (p *parser) read(t Tag) {
	name := strings.ToLower(t.Name.Raw())
	known := isTag(name)
	if p.seen[name] {
		p.twice(t, known)
		return
	}
	p.seen[name] = true
	if !known {
		p.unknown(t, name)
		return
	}
	if name != t.Name.Raw() {
		p.add(Note, t, "tag names are in lower case; some receivers do not know this one")
	}
	if at := strings.IndexFunc(t.Value.Raw(), func(c rune) bool { return c < ' ' || c > '~' }); at >= 0 {
		p.add(Ignored, t, "a character that is not printable ASCII, at byte %d of the value", at+1)
		p.noPolicy(t, name)
		return
	}
	switch name {
	case "p":
		p.policy(t, &p.P)
	case "sp":
		p.SP = new(Policy)
		p.policy(t, p.SP)
	case "np":
		p.NP = new(Policy)
		p.policy(t, p.NP)
	case "psd":
		p.PSD = PSD(p.letter(t, "uyn"))
	case "t":
		p.T = p.letter(t, "ny") == 1
	case "adkim":
		p.ADKIM = Mode(p.letter(t, "rs"))
	case "aspf":
		p.ASPF = Mode(p.letter(t, "rs"))
	case "rua":
		p.RUA = p.uris(t)
	case "ruf":
		p.RUF = p.uris(t)
	case "fo":
		p.options(t)
	}
}

func isTag(name string) bool {
	switch name {
	case "v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo":
		return true
	}
	return false
}

// twice judges a repeated tag. In the tag-list syntax, which is DKIM's (RFC 9989
// section 4.7), a repeated name makes the whole list invalid (RFC 6376 section
// 3.2). Unknown tags are ignored first.
func (p *parser) twice(t Tag, known bool) {
	if known {
		p.add(Fatal, t, "the tag appears twice, which makes the whole record invalid (RFC 6376 section 3.2)")
	} else {
		p.add(Note, t, "the tag appears twice, so it is ignored")
	}
}

func (p *parser) unknown(t Tag, name string) {
	switch name {
	case "pct":
		p.add(Note, t, "removed by RFC 9989: receivers ignore it and apply the policy to all mail; t=y is the test mode now")
	case "rf", "ri":
		p.add(Note, t, "removed by RFC 9989: receivers ignore it")
	case "":
		p.add(Ignored, t, "a = without a tag before it")
	default:
		p.add(Note, t, "unknown tag: receivers ignore it")
	}
}

func (p *parser) policy(t Tag, into *Policy) {
	policy, ok := ParsePolicy(t.Value.Raw())
	if !ok {
		p.add(Ignored, t, "%.40s is not a policy; use none, quarantine or reject", t.Value)
		p.noPolicy(t, strings.ToLower(t.Name.Raw()))
	}
	*into = policy
}

func (p *parser) noPolicy(t Tag, name string) {
	if (name == "p" || name == "sp" || name == "np") && !p.badPolicy {
		p.badPolicy, p.badTag = true, t
	}
}

// letter returns the index of the value in letters. The first letter is the
// default.
func (p *parser) letter(t Tag, letters string) int {
	v := strings.ToLower(t.Value.Raw())
	if i := strings.Index(letters, v); len(v) == 1 && i >= 0 {
		return i
	}
	p.add(Ignored, t, "%.40s is not one of %s; the default %s applies", t.Value, strings.Join(strings.Split(letters, ""), ", "), letters[:1])
	return 0
}

func (p *parser) options(t Tag) {
	count := map[string]int{}
	options := strings.Split(strings.ToLower(t.Value.Raw()), ":")
	for i, o := range options {
		o = strings.Trim(o, blanks)
		options[i] = o
		count[o]++
		if o != "0" && o != "1" && o != "d" && o != "s" || count[o] > 1 {
			p.add(Ignored, t, "%.40s is not a list of 0 or 1, d and s, each once, separated by colons; the default 0 applies", t.Value)
			return
		}
	}
	if count["0"]+count["1"] > 1 {
		p.add(Ignored, t, "0 and 1 exclude each other; the default 0 applies")
		return
	}
	p.FO = strings.Join(options, ":")
}

// uris reads a list of reporting URIs.
func (p *parser) uris(t Tag) []URI {
	var all []URI
	// The value begins after the name and the =.
	raw := p.Text.Raw()
	at := t.Offset + strings.IndexByte(raw[t.Offset:], '=') + 1
	at += len(raw[at:]) - len(strings.TrimLeft(raw[at:], blanks))
	for part := range strings.SplitSeq(t.Value.Raw(), ",") {
		u := ParseURI(untrusted.New(part))
		u.Offset = at + len(part) - len(strings.TrimLeft(part, blanks))
		at += len(part) + 1
		all = append(all, u)
		switch {
		case u.Wrong != "":
			p.add(Ignored, t, "%.200s: %s", u.Text, u.Wrong)
		case u.Scheme != "mailto":
			p.add(Note, t, "%.200s: receivers need to support only mailto", u.Text)
		}
		if u.Size != "" {
			p.add(Note, t, "%.200s: the size limit !%s was removed by RFC 9989: receivers ignore it", u.Text, u.Size)
		}
	}
	return all
}

// conclude applies the rules about several tags, first the one for a record
// without a valid policy (RFC 9989 section 4.10.1).
func (p *parser) conclude() {
	reportable := slices.ContainsFunc(p.RUA, func(u URI) bool { return u.Wrong == "" })
	switch {
	case p.badPolicy && reportable:
		p.asNone()
		p.add(Ignored, p.badTag, "without a valid policy, receivers read the record as p=none")
	case p.badPolicy:
		p.asNone()
		p.add(Fatal, p.badTag, "no valid policy and no valid rua: receivers apply no DMARC")
	case !p.seen["p"] && reportable:
		p.asNone()
		p.add(Note, Tag{}, "there is no p tag: the record is read as p=none")
	case !p.seen["p"]:
		// Section 4.7 reads such a record as p=none, section 4.10.1 does not. The
		// latter describes what receivers do.
		p.asNone()
		p.add(Fatal, Tag{}, "neither a p tag nor a valid rua: receivers apply no DMARC")
	default:
		if !strings.EqualFold(p.Tags[1].Name.Raw(), "p") {
			t, _ := p.Tag("p")
			p.add(Note, t, "receivers that still follow RFC 7489 expect p right after v=DMARC1")
		}
	}
	if fo, ok := p.Tag("fo"); ok && !p.seen["ruf"] {
		p.add(Note, fo, "ignored, because there is no ruf")
	}
}

// asNone sets the record that receivers use in place of an invalid one.
func (p *parser) asNone() { p.P, p.SP, p.NP, p.AsNone = None, nil, nil, true }

package dmarc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Repaired is the intended DMARC record: every readable tag of the live text,
// including those that receivers misread.
type Repaired struct {
	Tags   []Tag   // v first, then p; known names in lower case; without offsets
	Faults []Fault // mistakes in the live text
}

// Fault is a mistake because of which receivers ignore or misread a tag.
type Fault struct {
	Tag  string // the tag's name in lower case; "" for the whole record
	Text string // describes the mistake; safe to print
	Open bool   // the correction is not certain, so Tags lacks the tag
	Most Policy // of an open p, sp or np: the strictest possible policy
}

// maxRepaired is the longest text that is repaired, in octets. Records written by
// people are shorter.
const maxRepaired = 2048

// Repair corrects TXT records that were meant to be one DMARC record: it repairs
// one record, and merges several. A mistake with several possible meanings is
// left Open.
func Repair(rs ...record.Record) Repaired {
	r := &repairer{several: len(rs) > 1}
	for _, one := range rs {
		r.text(one)
	}
	r.conclude()
	return r.Repaired
}

// Recognize reports whether a TXT record that is no DMARC record was meant to be
// one, and repairs it.
func Recognize(one record.Record) (Repaired, bool) {
	if Is(one.Text()) {
		return Repaired{}, false
	}
	r := &repairer{}
	r.text(one)
	if !r.versioned && !r.policyFirst() {
		return Repaired{}, false
	}
	r.conclude()
	return r.Repaired, true
}

// Tag returns the tag with a name in lower case.
func (r *Repaired) Tag(name string) (Tag, bool) {
	for _, t := range r.Tags {
		if t.Name.Raw() == name {
			return t, true
		}
	}
	return Tag{}, false
}

// Fault returns the first mistake in a tag.
func (r *Repaired) Fault(name string) (Fault, bool) {
	i := slices.IndexFunc(r.Faults, func(f Fault) bool { return f.Tag == name })
	if i < 0 {
		return Fault{}, false
	}
	return r.Faults[i], true
}

// Open returns the first mistake without a certain correction.
func (r *Repaired) Open() (Fault, bool) {
	i := slices.IndexFunc(r.Faults, func(f Fault) bool { return f.Open })
	if i < 0 {
		return Fault{}, false
	}
	return r.Faults[i], true
}

// Set sets a tag, and resolves its open mistakes.
func (r *Repaired) Set(name, value string) {
	r.Faults = slices.DeleteFunc(r.Faults, func(f Fault) bool { return f.Open && f.Tag == name })
	t := Tag{Name: untrusted.New(name), Value: untrusted.New(value)}
	switch i := slices.IndexFunc(r.Tags, func(t Tag) bool { return t.Name.Raw() == name }); {
	case i >= 0:
		r.Tags[i] = t
	case name == "p":
		r.Tags = slices.Insert(r.Tags, 1, t)
	default:
		r.Tags = append(r.Tags, t)
	}
}

// Remove removes a tag and its open mistakes.
func (r *Repaired) Remove(name string) {
	r.Faults = slices.DeleteFunc(r.Faults, func(f Fault) bool { return f.Open && f.Tag == name })
	r.Tags = slices.DeleteFunc(r.Tags, func(t Tag) bool { return t.Name.Raw() == name })
}

// Text is the record to publish. It is empty if a mistake is open, or if the
// record has characters that cannot be copied; why is the reason.
func (r *Repaired) Text() (text untrusted.Text, why string) {
	if f, ok := r.Open(); ok {
		return text, f.Text
	}
	text = r.joined()
	if !text.Plain() {
		return untrusted.Text{}, "it has characters that cannot be copied"
	}
	for _, p := range Parse(text).Problems {
		if p.Weight != Note {
			return untrusted.Text{}, p.String()
		}
	}
	return text, ""
}

// Record parses the certain tags as receivers would.
func (r *Repaired) Record() *Record { return Parse(r.joined()) }

func (r *Repaired) joined() untrusted.Text {
	parts := make([]string, len(r.Tags))
	for i, t := range r.Tags {
		parts[i] = t.Name.Raw() + "=" + t.Value.Raw()
	}
	return untrusted.New(strings.Join(parts, "; "))
}

// Words lists the mistakes, each once, for people.
func Words(faults []Fault) string {
	var all []string
	for _, f := range faults {
		if !slices.Contains(all, f.Text) {
			all = append(all, f.Text)
		}
	}
	return strings.Join(shorten.Items(all, 4), "; ")
}

// repairer is a record that is being repaired.
type repairer struct {
	Repaired
	several   bool // there are several records
	long      bool // a text exceeds maxRepaired
	versioned bool // the current text has a version section
	tags      []piece
	begin     int  // index of the first tag of the current text
	behind    bool // an empty part comes before the current one
}

// piece is a tag as found; its value is not repaired yet.
type piece struct {
	name   string // known tags in lower case
	value  string
	joined string // the mistake between the parts of the value; "" for none
}

func (r *repairer) fault(tag, format string, args ...any) {
	r.Faults = append(r.Faults, Fault{Tag: tag, Text: fmt.Sprintf(format, args...)})
}

func (r *repairer) open(tag string, most Policy, format string, args ...any) {
	r.Faults = append(r.Faults, Fault{Tag: tag, Text: fmt.Sprintf(format, args...), Open: true, Most: most})
}

// text reads one TXT record.
func (r *repairer) text(one record.Record) {
	r.versioned, r.begin, r.behind = false, len(r.tags), false
	if one.Text().Len() > maxRepaired {
		r.versioned, r.long = Is(one.Text()), true
		r.open("", Reject, "it is longer than %d bytes", maxRepaired)
		return
	}
	whole := decode(r.strings(one))
	plain, wrong := unmarked(whole)
	if wrong != "" {
		r.fault("", "%s", wrong)
	}
	for part := range strings.SplitSeq(plain, ";") {
		for _, s := range r.cut(part) {
			r.piece(s)
		}
		r.behind = true
	}
	if !r.versioned && r.policyFirst() {
		r.fault("v", "v=DMARC1 is missing at its beginning")
	}
}

// strings joins the strings of a TXT record, with a semicolon where two tags
// would become one. After a string of nearly full length (250 of 255 octets) it
// adds none: that border is arbitrary.
func (r *repairer) strings(one record.Record) string {
	var b strings.Builder
	for i, s := range one.Strings {
		before := strings.TrimRight(b.String(), blanks)
		if before != "" && !strings.HasSuffix(before, ";") && one.Strings[i-1].Len() < 250 {
			if next := beginsTag.FindStringSubmatch(s.Raw()); next != nil {
				name := strings.ToLower(next[1])
				r.unseparated(before[strings.LastIndexByte(before, ';')+1:], name, "two strings of the TXT record are joined without a semicolon before "+name+"=")
				b.WriteString(";")
			}
		}
		b.WriteString(s.Raw())
	}
	return b.String()
}

// policyFirst reports whether the current text begins with a policy, as only
// DMARC records do.
func (r *repairer) policyFirst() bool {
	if r.begin >= len(r.tags) {
		return false
	}
	_, ok := ParsePolicy(r.tags[r.begin].value)
	return ok && r.tags[r.begin].name == "p"
}

// cut splits a part of the text where the semicolon before a tag is missing.
func (r *repairer) cut(part string) (all []string) {
	if isOneWord(part) {
		return []string{part}
	}
	start := 0
	for _, m := range unseparatedTag.FindAllStringSubmatchIndex(part, -1) {
		name := strings.ToLower(part[m[2]:m[3]])
		left := part[start:m[0]]
		if strings.Trim(left, nothing) == "" {
			continue
		}
		wrong := "a semicolon is missing before " + name + "="
		if strings.Contains(part[m[0]:m[2]], ",") {
			wrong = "there is a comma in place of the semicolon before " + name + "="
		}
		if _, _, _, _, version := readVersion(clean(left)); version {
			wrong = afterVersion(part[m[0]:m[2]])
		}
		r.unseparated(left, name, wrong)
		all = append(all, left)
		start = m[2]
	}
	return append(all, part[start:])
}

// isOneWord reports whether nothing in a part can be between two tags. It spares
// records without mistakes the search for it.
func isOneWord(part string) bool {
	return !strings.ContainsFunc(strings.Trim(part, nothing), func(c rune) bool {
		return c <= ' ' || c >= 0x80 || strings.ContainsRune(nothing, c)
	})
}

// unseparated notes a missing semicolon between two tags, because of which
// receivers misread both.
func (r *repairer) unseparated(left, next, wrong string) {
	before, _, _ := pair(clean(left))
	if _, _, _, _, version := readVersion(clean(left)); version {
		before = "v"
	}
	if next == "v" { // v is not first, which is noted elsewhere
		return
	}
	if before != "" {
		r.fault(before, "%s", wrong)
	}
	if before != "v" {
		r.fault(next, "%s", wrong)
	}
}

// piece reads one tag, or text in the place of one.
func (r *repairer) piece(raw string) {
	if name, value, ok := pair(strings.Trim(raw, blanks)); ok && (name == "rua" || name == "ruf") && separator(strings.Trim(raw, blanks)) == "" && sound(value) {
		r.take(name, value)
		return
	}
	s := clean(raw)
	if s == "" {
		if strings.Trim(raw, blanks) != "" {
			r.fault("", "%s", unclean(raw))
		}
		return
	}
	if r.version(raw, s) {
		return
	}
	name, value, ok := pair(s)
	switch at := strings.IndexByte(s, '='); {
	case !ok && at > 0 && !strings.Contains(s[:at], "@"):
		r.other(raw, s[:at], s[at+1:])
	case !ok:
		r.nameless(raw, s)
	case !isTag(name) && !removed(name):
		r.other(raw, name, value)
	default:
		if wrong := unclean(raw); wrong != "" {
			r.fault(name, "%s", wrong)
		}
		if wrong := separator(s); wrong != "" {
			r.fault(name, "%s", wrong)
		}
		r.take(name, value)
	}
}

// take adds a tag, and a tag that its value is joined to.
func (r *repairer) take(name, value string) {
	if m := glued.FindStringSubmatch(value); m != nil && takesWord(name) {
		next, rest, _ := pair(m[2])
		r.fault(name, "a semicolon is missing before %s=", next)
		r.fault(next, "a semicolon is missing before %s=", next)
		r.tags = append(r.tags, piece{name: name, value: m[1]})
		r.take(next, rest)
		return
	}
	r.tags = append(r.tags, piece{name: name, value: value})
}

// other keeps an unknown tag unchanged.
func (r *repairer) other(raw, name, value string) {
	if n, v, ok := strings.Cut(raw, "="); ok && strings.Trim(raw, blanks) != "" {
		name, value = strings.Trim(n, blanks), strings.Trim(v, blanks)
	}
	r.tags = append(r.tags, piece{name: name, value: value})
}

// nameless reads text without a tag name: an address that continues the list
// before it, a policy, or unreadable text.
func (r *repairer) nameless(raw, s string) {
	last := len(r.tags) - 1
	list := last >= r.begin && (r.tags[last].name == "rua" || r.tags[last].name == "ruf")
	if list && strings.Contains(s, "@") {
		p := &r.tags[last]
		if endsInScheme.MatchString(p.value) {
			p.value, p.joined = p.value+":"+s, "there is a semicolon in place of the colon after mailto"
		} else {
			p.value, p.joined = p.value+","+s, "there is a semicolon in place of the comma between two addresses"
		}
		return
	}
	if name, value, ok := spaced(s); ok {
		r.fault(name, "= is missing after %s", name)
		r.take(name, value)
		return
	}
	if _, ok := ParsePolicy(s); ok && !slices.ContainsFunc(r.tags[r.begin:], func(p piece) bool { return p.name == "p" }) {
		r.fault("p", "p= is missing before %s", strings.ToLower(s))
		r.take("p", s)
		return
	}
	if !r.versioned && len(r.tags) == r.begin {
		r.fault("v", "there is something before v=DMARC1")
		return
	}
	r.open("", None, "%.60s is not a tag", untrusted.New(strings.Trim(raw, blanks)))
}

// conclude corrects the values and sorts the tags.
func (r *repairer) conclude() {
	r.Tags = []Tag{{Name: untrusted.New("v"), Value: untrusted.New(version)}}
	r.alias()
	var names []string
	by := map[string][]piece{}
	for _, p := range r.tags {
		if len(by[p.name]) == 0 {
			names = append(names, p.name)
		}
		by[p.name] = append(by[p.name], p)
	}
	if i := slices.Index(names, "p"); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, "p")
	}
	for _, name := range names {
		r.unite(name, by[name])
	}
	if len(by["p"]) == 0 && !r.reportable() && !r.long {
		r.open("p", None, "there is no p tag")
	}
}

// alias takes a tag called policy for p, if p is missing.
func (r *repairer) alias() {
	if slices.ContainsFunc(r.tags, func(p piece) bool { return p.name == "p" }) {
		return
	}
	for i := range r.tags {
		p := &r.tags[i]
		if _, ok := nearPolicy(p.value); ok && strings.EqualFold(p.name, "policy") {
			p.name = "p"
			r.fault("p", "the tag is p, not policy")
			return
		}
	}
}

// reportable reports whether the record has a valid address for reports.
func (r *repairer) reportable() bool {
	rua, ok := r.Tag("rua")
	return ok && slices.ContainsFunc(strings.Split(rua.Value.Raw(), ","), func(s string) bool { return ParseURI(untrusted.New(s)).Wrong == "" })
}

// unite merges all tags of a name into one.
func (r *repairer) unite(name string, all []piece) {
	known := isTag(name) || removed(name)
	if !known { // receivers ignore it
		for _, p := range all {
			r.Tags = append(r.Tags, Tag{Name: untrusted.New(p.name), Value: untrusted.New(p.value)})
		}
		return
	}
	switch name {
	case "v": // read before
		r.open("v", None, "v also appears as %.40s", untrusted.New(all[0].value))
		return
	case "rua", "ruf":
		r.uris(name, all)
		return
	}
	var values []string
	most := None
	for _, p := range all {
		if p.value == "" && name != "p" {
			r.fault(name, "%s has no value", name)
			continue
		}
		value, wrong, ok := correct(name, p.value)
		if !ok {
			r.open(name, Reject, "%s", wrong)
			return
		}
		if wrong != "" {
			r.fault(name, "%s", wrong)
		}
		policy, _ := ParsePolicy(value)
		most = max(most, policy)
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	switch {
	case len(values) == 1:
		r.twice(name, len(all))
		r.Tags = append(r.Tags, Tag{Name: untrusted.New(name), Value: untrusted.New(values[0])})
	case len(values) > 1:
		r.open(name, most, "%s appears as %.40s and as %.40s", name, untrusted.New(values[0]), untrusted.New(values[1]))
	}
}

// twice notes a known tag that one record has more than once.
func (r *repairer) twice(name string, count int) {
	if count > 1 && !r.several && isTag(name) {
		r.fault(name, "%s appears twice", name)
	}
}

// uris merges all addresses of a tag into one list.
func (r *repairer) uris(name string, all []piece) {
	var list []URI
	r.twice(name, len(all))
	for _, p := range all {
		if p.joined != "" {
			r.fault(name, "in %s, %s", name, p.joined)
		}
		if p.value == "" {
			r.fault(name, "%s has no value", name)
			continue
		}
		found, wrong, ok := correctURIs(p.value)
		if !ok {
			r.open(name, None, "in %s, %s", name, wrong)
			return
		}
		if wrong != "" && p.joined == "" {
			r.fault(name, "in %s, %s", name, wrong)
		}
		for _, u := range found {
			if !slices.ContainsFunc(list, u.Same) {
				list = append(list, u)
			}
		}
	}
	if len(list) == 0 {
		return
	}
	if _, wrong := r.Fault(name); !wrong && len(all) == 1 {
		r.Tags = append(r.Tags, Tag{Name: untrusted.New(name), Value: untrusted.New(all[0].value)})
		return
	}
	texts := make([]string, len(list))
	for i, u := range list {
		texts[i] = u.Text.Raw()
		if u.Size != "" {
			texts[i] += "!" + u.Size
		}
	}
	r.Tags = append(r.Tags, Tag{Name: untrusted.New(name), Value: untrusted.New(strings.Join(texts, ","))})
}

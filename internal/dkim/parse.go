package dkim

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// fws is the white space that is allowed around the parts of a tag-list and
// inside base64. RFC 6376 requires a space after each line end; verifiers do not
// check that.
const fws = " \t\r\n"

// usualTags is the capacity for the tags of a record. Nearly all records have
// fewer.
const usualTags = 8

type tag struct {
	name, value string
	offset      int
}

// split cuts a record into tags (RFC 6376 section 3.2). Text that is no tag is
// returned as broken.
func split(raw string) (tags []tag, broken []tag) {
	tags = make([]tag, 0, min(strings.Count(raw, ";")+1, usualTags))
	for start := 0; start <= len(raw); {
		end := len(raw)
		if i := strings.IndexByte(raw[start:], ';'); i >= 0 {
			end = start + i
		}
		part := raw[start:end]
		t := tag{offset: start + len(part) - len(strings.TrimLeft(part, fws))}
		name, value, ok := strings.Cut(part, "=")
		t.name, t.value = strings.Trim(name, fws), strings.Trim(value, fws)
		switch {
		case ok && isName(t.name):
			tags = append(tags, t)
		case ok, t.name != "", end < len(raw): // only after the last ; may be nothing
			broken = append(broken, t)
		}
		start = end + 1
	}
	return tags, broken
}

// isName reports whether s is a tag-name: ALPHA *(ALPHA / DIGIT / "_").
func isName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case i > 0 && (c >= '0' && c <= '9' || c == '_'):
		default:
			return false
		}
	}
	return s != ""
}

// IsKeyRecord reports whether t looks like a key record: it has a p= tag, and not
// the version of another record type, such as DMARC's.
func IsKeyRecord(t untrusted.Text) bool {
	tags, _ := split(t.Raw())
	key := false
	for _, t := range tags {
		switch t.name {
		case "p":
			key = true
		case "v":
			if len(t.value) < 4 || !strings.EqualFold(t.value[:4], "DKIM") {
				return false
			}
		}
	}
	return key
}

// HasKey reports whether t is a key record that is not revoked. It does not
// decode the key.
func HasKey(t untrusted.Text) bool {
	if !IsKeyRecord(t) {
		return false
	}
	tags, _ := split(t.Raw())
	for _, tag := range tags {
		if tag.name == "p" {
			return strings.Trim(tag.value, " \t\r\n") != ""
		}
	}
	return false
}

// Parse reads a key record. Any other TXT record has the fault NoKey.
func Parse(t untrusted.Text) Key {
	k := Key{Text: t}
	tags, broken := split(t.Raw())
	for _, b := range broken {
		k.add(BadTagList, tag{offset: b.offset}, "%s", brokenTag(b))
	}
	byName := map[string]tag{}
	for i, t := range tags {
		if _, ok := byName[t.name]; ok {
			k.add(BadTagList, tag{offset: t.offset}, "the tag %.20s appears twice, which makes the whole record invalid", untrusted.New(t.name))
			continue
		}
		byName[t.name] = t
		if at := strings.IndexFunc(t.value, func(c rune) bool { return c > '~' || c < ' ' && !strings.ContainsRune(fws, c) }); at >= 0 {
			k.add(BadTagList, tag{offset: t.offset}, "the tag %.20s has a character that is not printable ASCII", untrusted.New(t.name))
		}
		if t.name == "v" {
			k.version(t, i)
		}
	}
	k.keyType(byName)
	k.lists(byName)
	k.key(byName)
	slices.SortStableFunc(k.Problems, func(a, b Problem) int { return cmp.Compare(a.Offset, b.Offset) })
	return k
}

func brokenTag(t tag) string {
	switch {
	case strings.ContainsAny(t.name[:min(1, len(t.name))], `"'\`):
		return quoted
	case t.name == "":
		return "there is nothing before a ; or a ="
	default:
		return fmt.Sprintf("%.40s is not a tag", untrusted.New(t.name))
	}
}

func (k *Key) add(f Fault, t tag, format string, args ...any) {
	k.Problems = append(k.Problems, Problem{Fault: f, Tag: t.name, Offset: t.offset, Text: fmt.Sprintf(format, args...)})
}

func (k *Key) version(t tag, place int) {
	if place > 0 {
		k.add(BadVersion, t, "it must be the first tag")
	}
	if t.value != "DKIM1" {
		k.add(BadVersion, t, "%.40s is not DKIM1", untrusted.New(t.value))
	}
}

func (k *Key) keyType(tags map[string]tag) {
	t, ok := tags["k"]
	switch {
	case !ok, strings.EqualFold(t.value, "rsa"):
		k.Type = RSA
	case strings.EqualFold(t.value, "ed25519"):
		k.Type = Ed25519
	default:
		k.Type = Other
		k.add(WrongType, t, "verifiers do not know keys of type %.40s", untrusted.New(t.value))
	}
}

// lists reads the tags with colon-separated words. Unknown words are ignored.
func (k *Key) lists(tags map[string]tag) {
	if t, ok := tags["h"]; ok && !slices.Contains(words(t), "sha256") {
		k.add(NoSHA256, t, "sha256 is not among the hashes, but it is the only one in use (RFC 8301 section 3.1)")
	}
	if t, ok := tags["s"]; ok && !slices.Contains(words(t), "email") && !slices.Contains(words(t), "*") {
		k.add(NoEmail, t, "neither email nor * is among the services")
	}
	t, ok := tags["t"]
	if !ok {
		return
	}
	for _, flag := range words(t) {
		switch flag {
		case "y":
			k.Testing = true
			k.add(TestMode, t, "y means testing: verifiers may treat signed mail as if it were unsigned")
		case "s":
			k.Strict = true
		case "":
		default:
			k.add(UnknownFlag, t, "%.40s is not a flag that verifiers know", untrusted.New(flag))
		}
	}
}

func words(t tag) []string {
	all := strings.Split(strings.ToLower(t.value), ":")
	for i, w := range all {
		all[i] = strings.Trim(w, fws)
	}
	return all
}

// key reads p=, the key itself.
func (k *Key) key(tags map[string]tag) {
	t, ok := tags["p"]
	if !ok {
		why := "there is no p= tag, so there is no key"
		if _, upper := tags["P"]; upper {
			why += ": the tag must be in lower case"
		}
		k.add(NoKey, tag{}, "%s", why)
		return
	}
	encoded := squeeze(t.value)
	if encoded == "" {
		k.Revoked = true
		k.add(RevokedKey, t, "it is empty: the key is revoked")
		return
	}
	m, fault, why := decode(encoded, k.Type)
	if fault == 0 && k.Type != Other && m.kind != k.Type {
		fault, why = WrongType, fmt.Sprintf("the key is of type %s, and k= says %s", m.kind, k.Type)
		if _, ok := tags["k"]; !ok {
			why = fmt.Sprintf("the key seems to be of type %s, and k= must say so", m.kind)
		}
	}
	k.material, k.Bits, k.Bare = m, m.bits, m.bare
	if fault != 0 {
		if fault == Truncated && k.Text.Len() == 255 {
			why += "; the record has 255 bytes, the limit of one string in a TXT record"
		}
		k.add(fault, t, "%s", why)
		return
	}
	if m.bare {
		k.add(BareRSA, t, "it is an RSAPublicKey without a SubjectPublicKeyInfo, which not all verifiers read")
	}
	switch {
	case m.kind != RSA:
	case m.bits < 1024:
		k.add(ShortRSA, t, "%d bits: verifiers must not accept RSA keys under 1024 (RFC 8301 section 3.2)", m.bits)
	case m.bits < 2048:
		k.add(WeakRSA, t, "%d bits: signers should use at least 2048 (RFC 8301 section 3.2)", m.bits)
	}
}

// Unseparated describes a record that Separated corrects.
const Unseparated = "semicolons are missing between the tags"

// beforeTag matches the text before a tag which is not separated by a semicolon.
var beforeTag = regexp.MustCompile(`[\s,:]+([vkpthsn]\s*=)`)

// Separated is a record with semicolons where another separator is before a tag.
func Separated(t untrusted.Text) untrusted.Text {
	return untrusted.New(beforeTag.ReplaceAllStringFunc(t.Raw(), func(s string) string {
		return "; " + strings.TrimLeft(s, fws+",:")
	}))
}

// squeeze removes the white space from s.
func squeeze(s string) string {
	if !strings.ContainsAny(s, fws) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(fws, c) }), "")
}

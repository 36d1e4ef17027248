package dkim

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

var errPrivate = errors.New("this is a private key; write the public key here, and create a new pair if anybody else can read this file")

// ParsePublic reads an RSA public key from a configuration file: base64 of a
// SubjectPublicKeyInfo, with or without white space and PEM armour, or a whole
// key record. A short key is no error; it has a Problem.
func ParsePublic(s string) (Key, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return Key{}, errors.New("no key")
	case strings.Contains(s, "-----BEGIN"):
		return fromPEM(s)
	case strings.HasPrefix(s, "ssh-"):
		return Key{}, errors.New("this is an SSH key; `ssh-keygen -e -m PKCS8` converts it to PEM")
	case IsKeyRecord(untrusted.New(s)):
		return fromRecord(s)
	default:
		return fromRecord("p=" + s)
	}
}

func fromRecord(s string) (Key, error) {
	k := Parse(untrusted.New(s))
	for _, p := range k.Problems {
		switch {
		case !p.Fault.Fatal(), p.Fault == ShortRSA:
		case p.Text == private:
			return Key{}, errPrivate
		default:
			return Key{}, errors.New(p.Text)
		}
	}
	return k, nil
}

// fromPEM returns the text between BEGIN and END. YAML may have folded its lines
// into one, which encoding/pem refuses.
func fromPEM(s string) (Key, error) {
	_, s, _ = strings.Cut(s, "-----BEGIN ")
	label, body, _ := strings.Cut(s, "-----")
	body, _, ended := strings.Cut(body, "-----END "+label+"-----")
	switch {
	case strings.HasSuffix(label, "PRIVATE KEY"):
		return Key{}, errPrivate
	case label != "PUBLIC KEY" && label != "RSA PUBLIC KEY":
		return Key{}, fmt.Errorf("this is a %.40s, not a PUBLIC KEY", untrusted.New(label))
	case !ended:
		return Key{}, errors.New("the END line of the PEM armour is missing")
	}
	return fromRecord("p=" + body)
}

// Base64 returns the value of `p=`; for an RSA key, always a
// SubjectPublicKeyInfo. It is "" if the key could not be decoded.
func (k Key) Base64() string { return k.material.key }

// TXT returns the shortest key record to publish, in the form of Amazon's guide,
// as one string: callers split it into strings of 255 octets. It is "" if the key
// could not be decoded.
func (k Key) TXT() string {
	switch {
	case k.material.key == "":
		return ""
	case k.material.kind == Ed25519:
		return "k=ed25519; p=" + k.material.key
	default:
		return "p=" + k.material.key
	}
}

// Garbled describes how a record was damaged that was meant to publish want, for
// example by quotes in the data. It is "" if the record publishes want, or is
// unrelated.
func Garbled(t untrusted.Text, want Key) string {
	found := Parse(t)
	raw := t.Raw()
	if want.material.key == "" || SameKey(found, want) {
		return escaped(raw, found)
	}
	holds := func(s string) bool { return SameKey(Parse(untrusted.New(s)), want) }
	switch {
	case holds(strings.ReplaceAll(raw, `\`, "")):
		return backslashed
	case holds(strings.NewReplacer(`"`, "", `\`, "", "'", "", "“", "", "”", "").Replace(raw)):
		return quoted
	case holds(Separated(t).Raw()):
		return Unseparated
	case holds("p=" + raw):
		return "p= is missing before the key"
	case holds(strings.Map(base64Only, raw)):
		return "it has characters that are not allowed in a key record"
	}
	if k, err := fromPEM(raw); err == nil && SameKey(k, want) {
		return armour
	}
	tags, _ := split(raw)
	for _, tag := range tags {
		if strings.EqualFold(tag.name, "p") && strings.EqualFold(squeeze(tag.value), want.material.key) {
			return "upper and lower case were changed"
		}
	}
	return ""
}

// escaped describes semicolons with the backslash of a zone file, if only they
// make a key unusable; "" otherwise.
func escaped(raw string, found Key) string {
	_, useless := found.Fatal()
	if _, still := Parse(untrusted.New(strings.ReplaceAll(raw, `\;`, ";"))).Fatal(); useless && !still {
		return "backslashes are part of the data"
	}
	return ""
}

// base64Only drops characters that are neither base64 nor part of a tag-list.
func base64Only(c rune) rune {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune("+/=;:_ \t", c):
		return c
	}
	return -1
}

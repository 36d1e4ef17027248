// Package dkim reads DKIM key records (RFC 6376 section 3.6.1) and compares the
// keys in them by what they decode to, not by how they are written.
//
// It verifies no signatures and asks no DNS.
package dkim

import (
	"fmt"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Key is what a key record holds. Fields of tags that are absent have their
// defaults.
type Key struct {
	Text    untrusted.Text
	Type    Type // k=; the type that the key material must have
	Revoked bool // p= is there and empty
	Testing bool // t=y
	Strict  bool // t=s: the i= domain must be the d= domain itself
	Bits    int  // RSA: size of the modulus; 256 for Ed25519; 0 if there is no readable key
	Bare    bool // RSA as a PKCS#1 RSAPublicKey instead of a SubjectPublicKeyInfo: verifiers differ on it

	Problems []Problem // in order of their place; the first that IsFatal is why it is no use

	content string // what SameKey compares
}

// Type is a key type of the `k` tag.
type Type uint8

// The key types of RFC 6376 and RFC 8463.
const (
	RSA Type = iota
	Ed25519
	Other // a word that neither RFC knows
)

func (t Type) String() string {
	switch t {
	case RSA:
		return "rsa"
	case Ed25519:
		return "ed25519"
	default:
		return "other"
	}
}

// Fault is a way in which a key record is wrong.
type Fault uint8

// The faults. Those from BadTagList on make the key useless.
const (
	TestMode     Fault = iota + 1 // t=y: verifiers may treat signed mail as unsigned
	WeakRSA                       // 1024 to 2047 bits: RFC 8301 section 3.2 wants 2048
	BareRSA                       // PKCS#1 instead of SubjectPublicKeyInfo
	UnknownFlag                   // in t=; ignored
	BadTagList                    // the record is no tag-list: no `=`, a name twice …
	BadVersion                    // v= is not first, or not DKIM1
	NoKey                         // no p= at all
	RevokedKey                    // p= is empty
	BadBase64                     // p= is not base64
	Truncated                     // p= is the beginning of a key
	NotAKey                       // p= is base64 of something else
	WrongType                     // k= is not what p= holds, or a type nobody knows
	NoSHA256                      // h= leaves out sha256, the only hash left (RFC 8301 section 3.1)
	NoEmail                       // s= leaves out email
	ShortRSA                      // under 1024 bits: verifiers must not accept it (RFC 8301 section 3.2)
)

// Fatal reports whether a key with this fault cannot verify mail.
func (f Fault) Fatal() bool { return f >= BadTagList }

// Problem is a fault with its place.
type Problem struct {
	Fault  Fault
	Tag    string // p, k, h, s, t or v; "" for the record as a whole
	Offset int    // of the tag, in octets from the start of the record
	Text   string // what is wrong, in our own words, safe to print
}

func (p Problem) String() string {
	if p.Tag == "" {
		return p.Text
	}
	return fmt.Sprintf("%s=: %s", p.Tag, p.Text)
}

// Parse reads a key record.
func Parse(t untrusted.Text) Key { return Key{Text: t} }

// IsKeyRecord reports whether t looks like a key record at all: a tag-list
// with a p= tag.
func IsKeyRecord(t untrusted.Text) bool { return false }

// Fatal returns why the key cannot verify mail, if it cannot.
func (k Key) Fatal() (Problem, bool) {
	for _, p := range k.Problems {
		if p.Fault.Fatal() {
			return p, true
		}
	}
	return Problem{}, false
}

// Has reports whether the record has that fault.
func (k Key) Has(f Fault) bool {
	for _, p := range k.Problems {
		if p.Fault == f {
			return true
		}
	}
	return false
}

// SameKey reports whether a and b hold the same public key, however it is
// written. Keys that could not be read are the same as none.
func SameKey(a, b Key) bool { return a.content != "" && a.content == b.content }

// ParsePublic reads a public key as a person writes it into a file: base64 of
// a SubjectPublicKeyInfo with or without blanks, line breaks and PEM armour,
// or a whole key record `v=DKIM1; p=…`.
func ParsePublic(s string) (Key, error) { return Key{}, nil }

// TXT returns the value to publish for the key, `v=DKIM1; k=rsa; p=…`, as one string:
// cutting it into character-strings is for whoever writes the record.
func (k Key) TXT() string { return "" }

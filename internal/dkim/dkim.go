// Package dkim reads DKIM key records (RFC 6376 section 3.6.1) and compares the
// keys in them by what they decode to, not by how they are written.
//
// It verifies no signatures, asks no DNS, and knows nothing of Amazon SES: that
// SES takes no Ed25519 keys, say, is for the check to judge.
package dkim

import (
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Key is what a key record holds. Fields of tags that are absent have their
// defaults.
type Key struct {
	Text    untrusted.Text
	Type    Type // k=; what the key is said to be
	Revoked bool // p= is there and empty
	Testing bool // t=y
	Strict  bool // t=s: the i= domain must be the d= domain itself
	Bits    int  // of the RSA modulus; 256 for Ed25519; 0 if there is no readable key
	Bare    bool // an RSAPublicKey without the SubjectPublicKeyInfo around it

	Problems []Problem // in order of their place

	material material
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
	TestMode    Fault = iota + 1 // t=y: verifiers may treat signed mail as unsigned
	WeakRSA                      // 1024 to 2047 bits: RFC 8301 section 3.2 wants 2048
	BareRSA                      // RSAPublicKey, which RFC 6376 says, and not SubjectPublicKeyInfo, which all use
	UnknownFlag                  // in t=; verifiers ignore it
	BadTagList                   // the record is no tag-list: no `=`, a name twice …
	BadVersion                   // v= is not first, or not DKIM1
	NoKey                        // no p= at all
	RevokedKey                   // p= is empty
	BadBase64                    // p= is not base64
	Truncated                    // p= is the beginning of a key
	NotAKey                      // p= is base64 of something else
	WrongType                    // p= holds a key of another type than k= says, or nobody knows that type
	NoSHA256                     // h= leaves out sha256, the only hash left (RFC 8301 section 3.1)
	NoEmail                      // s= leaves out email
	ShortRSA                     // under 1024 bits: verifiers must not accept it (RFC 8301 section 3.2)
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
	return p.Tag + "=: " + p.Text
}

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
// written. A key that could not be read is the same as no other.
func SameKey(a, b Key) bool { return a.material.same(b.material) }

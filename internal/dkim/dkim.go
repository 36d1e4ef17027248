// Package dkim reads DKIM key records (RFC 6376 section 3.6.1), and compares keys
// by their decoded form.
//
// It verifies no signatures, asks no DNS, and knows nothing of Amazon SES. For
// example, that SES supports no Ed25519 keys is for the check to judge.
package dkim

import (
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Key is the content of a key record. Absent tags have their defaults.
type Key struct {
	Text    untrusted.Text
	Type    Type // k=
	Revoked bool // p= is empty
	Testing bool // t=y
	Strict  bool // t=s: the i= domain must equal the d= domain
	Bits    int  // of the RSA modulus; 256 for Ed25519; 0 if there is no readable key
	Bare    bool // an RSAPublicKey without the SubjectPublicKeyInfo around it

	Problems []Problem // in the order of the record

	material material
}

// Type is a key type of the `k` tag.
type Type uint8

// The key types of RFC 6376 and RFC 8463.
const (
	RSA Type = iota
	Ed25519
	Other // unknown to both RFCs
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

// Fault is a mistake in a key record.
type Fault uint8

// The faults. Those from BadTagList on make the key useless.
const (
	TestMode    Fault = iota + 1 // t=y: verifiers may treat signed mail as unsigned
	WeakRSA                      // 1024 to 2047 bits: RFC 8301 section 3.2 recommends 2048
	BareRSA                      // RSAPublicKey, as RFC 6376 says, instead of the SubjectPublicKeyInfo of practice
	UnknownFlag                  // in t=; verifiers ignore it
	BadTagList                   // the record is no tag-list: a tag without `=`, a name twice
	BadVersion                   // v= is not first, or not DKIM1
	NoKey                        // there is no p=
	RevokedKey                   // p= is empty
	BadBase64                    // p= is not base64
	Truncated                    // p= is the beginning of a key
	NotAKey                      // p= is base64, but not of a key
	WrongType                    // the key in p= is not of the type in k=, or that type is unknown
	NoSHA256                     // h= leaves out sha256, the only hash left (RFC 8301 section 3.1)
	NoEmail                      // s= leaves out email
	ShortRSA                     // under 1024 bits: verifiers must not accept it (RFC 8301 section 3.2)
)

// Fatal reports whether a key with this fault cannot verify mail.
func (f Fault) Fatal() bool { return f >= BadTagList }

// Problem is a fault and its place.
type Problem struct {
	Fault  Fault
	Tag    string // p, k, h, s, t or v; "" for the whole record
	Offset int    // of the tag, in octets from the start of the record
	Text   string // describes the fault; safe to print
}

func (p Problem) String() string {
	if p.Tag == "" {
		return p.Text
	}
	return p.Tag + "=: " + p.Text
}

// Fatal returns the first problem because of which the key cannot verify mail.
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

// SameKey reports whether a and b have the same public key, in any notation. A
// key that could not be decoded equals none.
func SameKey(a, b Key) bool { return a.material.same(b.material) }

package dkim

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// material is a decoded public key. The zero value is no key.
type material struct {
	kind Type
	bits int
	bare bool
	key  string // base64 of the SubjectPublicKeyInfo, or of the 32 octets of Ed25519
}

func (m material) same(o material) bool { return m.key != "" && m.kind == o.kind && m.key == o.key }

// decode reads base64 without white space. It expects a key of type kind. The
// fault is 0 for a key of any type that DKIM has.
func decode(encoded string, kind Type) (material, Fault, string) {
	der, complete, why := fromBase64(encoded)
	if why != "" {
		return material{}, BadBase64, why
	}
	m, fault, why := decodeDER(der, kind)
	if fault == 0 && !complete {
		// Only lenient verifiers add the padding.
		return m, BadBase64, "the = at the end is missing"
	}
	if fault == NotAKey && !complete {
		return material{}, BadBase64, "base64 whose length is not a multiple of 4: its end is missing"
	}
	return m, fault, why
}

// fromBase64 decodes the valid part of s. complete is false if characters are
// missing at the end.
func fromBase64(s string) (der []byte, complete bool, why string) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+', c == '/', c == '=':
		case c == '"' || c == '\\' || c == '\'':
			return nil, false, quoted
		case strings.HasPrefix(s[i:], "-----"):
			return nil, false, armour
		case c == '-' || c == '_':
			return nil, false, "- and _ are base64 characters for URLs, not for DKIM"
		default:
			return nil, false, "a character that is not base64: " + untrusted.New(string([]byte{c})).String()
		}
	}
	if der, err := base64.StdEncoding.DecodeString(s); err == nil {
		return der, true, ""
	}
	body := strings.TrimRight(s, "=")
	if strings.Contains(body, "=") {
		return nil, false, "there is a = in the middle: perhaps two different keys were joined"
	}
	if len(body)%4 == 0 {
		return nil, false, "there are too many = at the end"
	}
	if len(body)%4 == 1 {
		body = body[:len(body)-1] // six bits are less than an octet
	}
	der, err := base64.RawStdEncoding.DecodeString(body)
	if err != nil {
		return nil, false, "no base64"
	}
	return der, false, ""
}

// decodeDER reads a key in one of three forms: the SubjectPublicKeyInfo of RFC
// 6376 appendix C, which all verifiers accept; the RSAPublicKey of its section
// 3.6.1 (erratum 3017); or the 32 octets of RFC 8463.
func decodeDER(der []byte, kind Type) (material, Fault, string) {
	if len(der) == ed25519.PublicKeySize && (kind == Ed25519 || der[0] != sequence) {
		return material{kind: Ed25519, bits: 256, key: base64.StdEncoding.EncodeToString(der)}, 0, ""
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		switch key := key.(type) {
		case *rsa.PublicKey:
			return fromRSA(key, false)
		case ed25519.PublicKey:
			return material{}, NotAKey, "p= has an Ed25519 key alone, without a SubjectPublicKeyInfo (RFC 8463 section 4.2)"
		default:
			return material{}, WrongType, "a public key that is neither RSA nor Ed25519"
		}
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return fromRSA(key, true)
	}
	have, want, ok := extent(der)
	switch {
	case ok && want > have:
		return material{}, Truncated, fmt.Sprintf("the key is cut off: it has %d of %d bytes", have, want)
	case isPrivate(der):
		return material{}, NotAKey, private
	case ok && want < have:
		return material{}, NotAKey, fmt.Sprintf("%d extra bytes follow the key", have-want)
	default:
		return material{}, NotAKey, "the base64 is not a public key"
	}
}

// Texts that several faults share.
const (
	private = "this is a private key, which must stay secret"
	quoted  = "quotes are part of the data"
	armour  = "the lines BEGIN and END of PEM are part of the data"
)

func fromRSA(key *rsa.PublicKey, bare bool) (material, Fault, string) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return material{}, NotAKey, "the base64 is not a public key"
	}
	return material{kind: RSA, bits: key.N.BitLen(), bare: bare, key: base64.StdEncoding.EncodeToString(der)}, 0, ""
}

const (
	sequence = 0x30 // the DER tags at the start of a key
	integer  = 0x02
)

// extent returns the length of der, and the length that its first value, a
// SEQUENCE, declares. ok is false if der does not begin with one.
func extent(der []byte) (have, want int, ok bool) {
	if len(der) < 4 || der[0] != sequence || der[1] == 0x80 { // DER has no indefinite lengths
		return 0, 0, false
	}
	header, length := 2, int(der[1])
	if der[1] > 0x80 {
		n := int(der[1] - 0x80)
		if n > 2 { // no key is longer than 64 KiB
			return 0, 0, false
		}
		header, length = 2+n, 0
		for _, b := range der[2:header] {
			length = length<<8 | int(b)
		}
	}
	if header >= len(der) || der[header] != sequence && der[header] != integer {
		return 0, 0, false
	}
	return len(der), header + length, true
}

func isPrivate(der []byte) bool {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return true
	}
	_, err := x509.ParsePKCS1PrivateKey(der)
	return err == nil
}

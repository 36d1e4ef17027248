package dkim

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte/asn1"

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
		case c == '\\' && (i+1 == len(s) || s[i+1] != '"'):
			return nil, false, backslashed
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
	if len(der) == ed25519Size && (kind == Ed25519 || der[0] != byte(asn1.SEQUENCE)) {
		return material{kind: Ed25519, bits: 256, key: base64.StdEncoding.EncodeToString(der)}, 0, ""
	}
	if algorithm, key, ok := subjectPublicKeyInfo(der); ok {
		bits := rsaBits(key)
		switch {
		case bytes.Equal(algorithm, rsaEncryption) && bits > 0:
			return material{kind: RSA, bits: bits, key: base64.StdEncoding.EncodeToString(der)}, 0, ""
		case bytes.Equal(algorithm, idEd25519) && len(key) == ed25519Size:
			return material{}, NotAKey, "p= has an Ed25519 key alone, without a SubjectPublicKeyInfo (RFC 8463 section 4.2)"
		case !isRSA(algorithm) && !bytes.Equal(algorithm, idEd25519):
			return material{}, WrongType, "a public key that is neither RSA nor Ed25519"
		}
	}
	if bits := rsaBits(der); bits > 0 {
		return material{kind: RSA, bits: bits, bare: true, key: base64.StdEncoding.EncodeToString(withAlgorithm(der))}, 0, ""
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
	private     = "this is a private key, which must stay secret"
	quoted      = "quotes are part of the data"
	backslashed = "backslashes are part of the data"
	armour      = "the lines BEGIN and END of PEM are part of the data"
)

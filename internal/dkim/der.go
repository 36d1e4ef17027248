package dkim

import (
	"math/bits"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// This file reads the DER of keys. Package crypto/x509 reads it, too, but links all
// curves and ciphers into the web page.

// Algorithms of a SubjectPublicKeyInfo, in DER.
var (
	rsaEncryption = []byte{0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0} // RFC 3279 section 2.3.1
	idEd25519     = []byte{0x30, 5, 6, 3, 0x2b, 0x65, 0x70}                                   // RFC 8410 section 3
)

// ed25519Size is the length of an Ed25519 public key in octets (RFC 8032 section 5.1.5).
const ed25519Size = 32

// subjectPublicKeyInfo splits a SubjectPublicKeyInfo (RFC 5280 section 4.1) into its
// algorithm, in DER, and the octets of its key.
func subjectPublicKeyInfo(der []byte) (algorithm, key []byte, ok bool) {
	all := cryptobyte.String(der)
	var info, first cryptobyte.String
	ok = all.ReadASN1(&info, asn1.SEQUENCE) && all.Empty() &&
		info.ReadASN1Element(&first, asn1.SEQUENCE) && info.ReadASN1BitStringAsBytes(&key) && info.Empty()
	return first, key, ok
}

// isRSA reports whether an algorithm is rsaEncryption, with or without the NULL that
// has to follow it.
func isRSA(algorithm cryptobyte.String) bool {
	var parameters, id cryptobyte.String
	return algorithm.ReadASN1(&parameters, asn1.SEQUENCE) && parameters.ReadASN1Element(&id, asn1.OBJECT_IDENTIFIER) &&
		string(id) == string(rsaEncryption[2:13])
}

// rsaBits returns the length of the modulus of an RSAPublicKey (RFC 8017 appendix
// A.1.1) in bits, or 0 for any other DER.
func rsaBits(der []byte) int {
	all := cryptobyte.String(der)
	var key cryptobyte.String
	var modulus []byte
	var exponent int64
	if !all.ReadASN1(&key, asn1.SEQUENCE) || !all.Empty() ||
		!key.ReadASN1Integer(&modulus) || !key.ReadASN1Integer(&exponent) || !key.Empty() || exponent <= 0 {
		return 0
	}
	return 8*len(modulus) - bits.LeadingZeros8(modulus[0])
}

// withAlgorithm makes a SubjectPublicKeyInfo of an RSAPublicKey.
func withAlgorithm(key []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(rsaEncryption)
		b.AddASN1BitString(key)
	})
	return b.BytesOrPanic()
}

// isPrivate reports whether der begins as a private key does: the version, then the
// modulus (RSAPrivateKey, RFC 8017 appendix A.1.2), the algorithm (PKCS #8, RFC 5958
// section 2), or the secret itself (ECPrivateKey, RFC 5915 section 3).
func isPrivate(der []byte) bool {
	all := cryptobyte.String(der)
	var key, version cryptobyte.String
	return all.ReadASN1(&key, asn1.SEQUENCE) && key.ReadASN1(&version, asn1.INTEGER) && len(version) == 1 && version[0] <= 1 &&
		(key.PeekASN1Tag(asn1.INTEGER) || key.PeekASN1Tag(asn1.SEQUENCE) || key.PeekASN1Tag(asn1.OCTET_STRING))
}

// extent returns the length of der, and the length that its first value, a
// SEQUENCE, declares. ok is false if der does not begin with one.
func extent(der []byte) (have, want int, ok bool) {
	if len(der) < 4 || der[0] != byte(asn1.SEQUENCE) || der[1] == 0x80 { // DER has no indefinite lengths
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
	if header >= len(der) || der[header] != byte(asn1.SEQUENCE) && der[header] != byte(asn1.INTEGER) {
		return 0, 0, false
	}
	return len(der), header + length, true
}

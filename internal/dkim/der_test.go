package dkim

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"testing"
)

// byX509 returns the RSA or Ed25519 key that crypto/x509 finds.
func byX509(der []byte) (m material, fault Fault) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		public, err := x509.ParsePKCS1PublicKey(der)
		if err != nil {
			return material{}, NotAKey
		}
		m.bare, key = true, public
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		der, _ := x509.MarshalPKIXPublicKey(key)
		return material{kind: RSA, bits: key.N.BitLen(), bare: m.bare, key: base64.StdEncoding.EncodeToString(der)}, 0
	case ed25519.PublicKey:
		return material{}, NotAKey
	default:
		return material{}, WrongType
	}
}

// sameAsX509 fails unless decodeDER finds a key where crypto/x509 does, and the same.
// Only an exponent may be greater: crypto/x509 takes 31 bits in an RSAPublicKey.
func sameAsX509(t *testing.T, der []byte) {
	t.Helper()
	if len(der) == ed25519Size {
		return // the octets of a key
	}
	m, fault, why := decodeDER(der, RSA)
	want, wantFault := byX509(der)
	if fault == 0 && wantFault != 0 && hasLongExponent(der) {
		return
	}
	if m != want || (fault == 0) != (wantFault == 0) {
		t.Errorf("%x: %+v, fault %d %s; crypto/x509 has %+v, fault %d", der, m, fault, why, want, wantFault)
	}
}

// hasLongExponent reports whether the key ends with an exponent that crypto/x509
// refuses.
func hasLongExponent(der []byte) bool {
	for n := 5; n <= 8; n++ {
		if at := len(der) - n - 2; at > 0 && der[at] == 2 && int(der[at+1]) == n {
			return true
		}
	}
	return false
}

// keys makes public and private keys of all types and forms, in DER.
func keys(t testing.TB) (public, secret [][]byte) {
	t.Helper()
	must := func(der []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	for _, bits := range []int{1024, 1025, 2048} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		public = append(public, must(x509.MarshalPKIXPublicKey(&key.PublicKey)), x509.MarshalPKCS1PublicKey(&key.PublicKey))
		secret = append(secret, must(x509.MarshalPKCS8PrivateKey(key)), x509.MarshalPKCS1PrivateKey(key))
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edwards, edwardsSecret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	exchange, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public = append(public, must(x509.MarshalPKIXPublicKey(&curve.PublicKey)),
		must(x509.MarshalPKIXPublicKey(edwards)), must(x509.MarshalPKIXPublicKey(exchange.PublicKey())))
	secret = append(secret, must(x509.MarshalPKCS8PrivateKey(curve)), must(x509.MarshalECPrivateKey(curve)),
		must(x509.MarshalPKCS8PrivateKey(edwardsSecret)), must(x509.MarshalPKCS8PrivateKey(exchange)))
	return public, secret
}

// TestDER: keys of all types and forms, whole, cut at each octet, and with each octet
// of their structure changed, are read as crypto/x509 reads them.
func TestDER(t *testing.T) {
	t.Parallel()
	public, secret := keys(t)
	for _, der := range append(public, secret...) {
		for n := range der {
			sameAsX509(t, der[:n])
		}
		sameAsX509(t, der)
		sameAsX509(t, append(bytes.Clone(der), 0))
		for at := range min(len(der), 40) {
			for _, changed := range []byte{0, 1, 0x7f, 0x80, 0xff, der[at] + 1, der[at] - 1, der[at] ^ 0x80} {
				damaged := bytes.Clone(der)
				damaged[at] = changed
				sameAsX509(t, damaged)
			}
		}
	}
	for _, der := range secret {
		if _, fault, why := decodeDER(der, RSA); fault != NotAKey || why != private {
			t.Errorf("a private key: fault %d, %s\n%x", fault, why, der)
		}
	}
	for _, der := range public {
		_, fault, why := decodeDER(der, RSA)
		if _, want := byX509(der); fault != want {
			t.Errorf("%x: fault %d %s, crypto/x509 has %d", der, fault, why, want)
		}
		if isPrivate(der) {
			t.Errorf("a public key is taken for a private one: %x", der)
		}
	}
}

func FuzzDER(f *testing.F) {
	public, secret := keys(f)
	for _, der := range append(public, secret...) {
		f.Add(der)
	}
	f.Fuzz(sameAsX509)
}

// Package x509 stands in for crypto/x509 in the web page.
package x509

type Certificate struct{ Raw, RawSubjectPublicKeyInfo []byte }

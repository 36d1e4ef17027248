// Package ecdsa stands in for crypto/ecdsa in the web page.
package ecdsa

import (
	"crypto"
	"crypto/elliptic"
	"errors"
	"io"
	"math/big"
)

var errNoKeys = errors.New("the page signs nothing")

type PublicKey struct {
	elliptic.Curve
	X, Y *big.Int
}

type PrivateKey struct {
	PublicKey
	D *big.Int
}

func (*PrivateKey) Public() crypto.PublicKey { return nil }

func (*PrivateKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errNoKeys }

func GenerateKey(elliptic.Curve, io.Reader) (*PrivateKey, error) { return nil, errNoKeys }

func Verify(*PublicKey, []byte, *big.Int, *big.Int) bool { return false }

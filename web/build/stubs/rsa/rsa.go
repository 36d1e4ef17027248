// Package rsa stands in for crypto/rsa in the web page.
package rsa

import (
	"crypto"
	"errors"
	"io"
	"math/big"
)

var errNoKeys = errors.New("the page signs nothing")

type PublicKey struct {
	N *big.Int
	E int
}

type PrivateKey struct {
	PublicKey
	D           *big.Int
	Primes      []*big.Int
	Precomputed struct{ Dp, Dq, Qinv *big.Int }
}

func (*PrivateKey) Public() crypto.PublicKey { return nil }

func (*PrivateKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errNoKeys }

func GenerateKey(io.Reader, int) (*PrivateKey, error) { return nil, errNoKeys }

func VerifyPKCS1v15(*PublicKey, crypto.Hash, []byte, []byte) error { return errNoKeys }

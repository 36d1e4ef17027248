// Package ed25519 stands in for crypto/ed25519 in the web page.
package ed25519

import (
	"crypto"
	"errors"
	"io"
)

const (
	PublicKeySize = 32
	SeedSize      = 32
)

var errNoKeys = errors.New("the page signs nothing")

type (
	PublicKey  []byte
	PrivateKey []byte
)

func (PrivateKey) Public() crypto.PublicKey { return nil }

func (PrivateKey) Seed() []byte { return nil }

func (PrivateKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errNoKeys }

func GenerateKey(io.Reader) (PublicKey, PrivateKey, error) { return nil, nil, errNoKeys }

func NewKeyFromSeed([]byte) PrivateKey { return nil }

func Verify(PublicKey, []byte, []byte) bool { return false }

//go:build !linux

package resolve

// segments is nil: only Linux cuts what is sent into datagrams.
var segments func(size int) []byte

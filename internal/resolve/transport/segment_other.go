//go:build !linux && !js

package transport

import "net"

// segmenter returns nil: only Linux segments messages.
func segmenter(*net.UDPConn) func(size int) []byte { return nil }

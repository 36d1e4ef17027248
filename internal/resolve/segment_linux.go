package resolve

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// segments is the control message that has the kernel cut what is sent into
// datagrams of so many octets (udp(7), UDP_SEGMENT; cmsg(3)).
func segments(size int) []byte {
	b := make([]byte, unix.CmsgSpace(2))
	const kind = 4 + 4 // octets of level and type, behind the length
	if word := unix.CmsgLen(0) - kind; word == 8 {
		binary.NativeEndian.PutUint64(b, uint64(unix.CmsgLen(2)))
	} else {
		binary.NativeEndian.PutUint32(b, uint32(unix.CmsgLen(2)))
	}
	binary.NativeEndian.PutUint32(b[unix.CmsgLen(0)-kind:], unix.IPPROTO_UDP)
	binary.NativeEndian.PutUint32(b[unix.CmsgLen(0)-4:], unix.UDP_SEGMENT)
	binary.NativeEndian.PutUint16(b[unix.CmsgLen(0):], uint16(size))
	return b
}

package transport

import (
	"encoding/binary"
	"net"

	"golang.org/x/sys/unix"
)

// segmenter returns segments if the kernel knows of it, as it does since Linux
// 4.18. Older kernels ignore the control message, and so do some sandboxes.
func segmenter(conn *net.UDPConn) func(size int) []byte {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil
	}
	known := false
	err = raw.Control(func(fd uintptr) {
		_, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT)
		known = err == nil
	})
	if err != nil || !known {
		return nil
	}
	return segments
}

// segments is the control message that has the kernel cut a message into
// datagrams of size octets (udp(7), UDP_SEGMENT; cmsg(3)).
func segments(size int) []byte {
	const kind = 4 + 4 // octets of level and type, which follow the length
	b := make([]byte, unix.CmsgSpace(2))
	head, data := b[:unix.CmsgLen(0)], b[unix.CmsgLen(0):]
	if n := len(head) - kind; n == 8 {
		binary.NativeEndian.PutUint64(head, uint64(unix.CmsgLen(2)))
	} else {
		binary.NativeEndian.PutUint32(head, uint32(unix.CmsgLen(2)))
	}
	binary.NativeEndian.PutUint32(head[len(head)-8:], unix.IPPROTO_UDP)
	binary.NativeEndian.PutUint32(head[len(head)-4:], unix.UDP_SEGMENT)
	binary.NativeEndian.PutUint16(data, uint16(size))
	return b
}

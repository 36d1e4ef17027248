//go:build unix

package untrusted

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a new file to the owner and group of the old one, as far as
// that is allowed: in a container sescheck may run as root.
func keepOwner(f *os.File, old fs.FileInfo) {
	if owner, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(owner.Uid), int(owner.Gid))
	}
}

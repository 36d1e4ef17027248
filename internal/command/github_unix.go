//go:build unix

package command

import (
	"io/fs"
	"os"
	"syscall"
)

// disown gives a folder and what is in it to the owner of the workspace. The
// action's container runs as root; on a runner of one's own the next checkout
// runs as somebody else, and could not clear away what root left. Where that is
// not allowed, nothing is lost but the courtesy.
func disown(root *os.Root, folder string) {
	info, err := root.Stat(".")
	if err != nil {
		return
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return
	}
	_ = fs.WalkDir(root.FS(), folder, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return root.Lchown(name, int(owner.Uid), int(owner.Gid))
	})
}

//go:build unix

package command

import (
	"io/fs"
	"os"
	"syscall"
)

// chownToWorkspace gives a folder and its files to the owner of the workspace. The action's
// container runs as root; on a self-hosted runner the next checkout runs as another
// user, who could not delete files of root. Errors do not matter.
func chownToWorkspace(root *os.Root, folder string) {
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

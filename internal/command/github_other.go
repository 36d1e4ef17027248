//go:build !unix

package command

import "os"

// chownToWorkspace does nothing: the action's container runs Linux.
func chownToWorkspace(*os.Root, string) {}

//go:build !unix

package command

import "os"

// disown does nothing: the action's container runs Linux.
func disown(*os.Root, string) {}

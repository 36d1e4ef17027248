// Package scripttest writes the programs that tests run.
package scripttest

import (
	"os"
	"syscall"
	"testing"
)

// Write writes a program. No process starts meanwhile: a new one has all open files
// until it runs its own program, and a file that is open for writing cannot be run
// ("text file busy", https://go.dev/issue/22315).
func Write(t testing.TB, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte(text), 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
}

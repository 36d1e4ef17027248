// Sescheck compares the DNS records that Amazon SES needs with a declarative
// YAML file. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"golang.org/x/term"

	"github.com/sescheck/sescheck/internal/command"
)

// version is set by the linker for releases.
var version = "0.1.0-dev"

// The collector is told to let the heap grow while it is small: a run is short,
// and makes much that it soon forgets.
const (
	growth = 400       // percent: with 800 more is lost to fresh memory than is won
	small  = 300 << 20 // octets
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
		debug.SetMemoryLimit(small)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	width, _, _ := term.GetSize(int(os.Stdout.Fd())) // 0 where stdout is no terminal
	os.Exit(command.Main(ctx, os.Args[1:], command.Env{
		Version:        version,
		Stdin:          os.Stdin,
		Stdout:         os.Stdout,
		Stderr:         os.Stderr,
		Getenv:         os.Getenv,
		StdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		StdoutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		StdoutWidth:    width,
		StderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}))
}

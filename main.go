// Sescheck compares the DNS records that Amazon SES needs with a declarative
// YAML file. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/sescheck/sescheck/internal/command"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// version is set by the linker for releases.
var version string

// versionOf is the version that the linker set, or else that of the module that was
// asked for, as with `go install …@v1.2.3`, or of the commit that was built.
func versionOf(linked string, info *debug.BuildInfo) string {
	switch {
	case linked != "":
		return linked
	case info != nil && info.Main.Version != "" && info.Main.Version != "(devel)":
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "devel"
}

// The garbage collector lets the heap grow while it is small: a run is short,
// and makes much that it soon forgets. From there on the heap may be twice what is
// in use. A limit that stayed would make the collector run without end once as
// much is in use.
const (
	growth = 400       // percent: with 800 more is lost to fresh memory than is won
	small  = 128 << 20 // octets of memory
)

// pace sets up the garbage collector for a short run.
func pace() {
	debug.SetGCPercent(growth)
	debug.SetMemoryLimit(small)
	follow(small)
}

// follow sets the limit anew after the next collection, and so on.
func follow(limit int64) {
	runtime.AddCleanup(new([64]byte), func(old int64) {
		if limit := limitFor(inUse()); limit != old {
			debug.SetMemoryLimit(limit)
			old = limit
		}
		follow(old)
	}, limit)
}

// limitFor is how much memory there may be, where so many octets of the heap are
// in use: rounded, so that it is seldom set.
func limitFor(inUse uint64) int64 {
	const step = 16 << 20
	return max(small, int64(2*inUse+3*step)/step*step)
}

// inUse is how many octets of the heap the last collection found in use.
func inUse() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}

func main() {
	if os.Getenv("GOGC") == "" {
		pace()
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go interrupt(signals, stop, os.Exit, patience)
	width, _, _ := term.GetSize(int(os.Stdout.Fd())) // 0 where stdout is no terminal
	info, _ := debug.ReadBuildInfo()
	os.Exit(command.Main(ctx, os.Args[1:], command.Env{
		Version:        versionOf(version, info),
		Stdin:          os.Stdin,
		Stdout:         os.Stdout,
		Stderr:         os.Stderr,
		Getenv:         os.Getenv,
		StdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		StdoutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		StdoutWidth:    width,
		StderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Checkout:       untrusted.Checkout("."),
	}))
}

// patience is how long a run may take to end after a signal: for a report of what is
// known that is plenty, unless the input was made to be much.
const patience = 900 * time.Millisecond

// interrupt lets the first signal end what is being done, so that what is known is
// reported. A second one, or the end of patience, ends the program.
func interrupt(signals <-chan os.Signal, stop func(), exit func(int), patience time.Duration) {
	<-signals
	stop()
	select {
	case <-signals:
	case <-time.After(patience):
	}
	exit(130)
}

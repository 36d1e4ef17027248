package app

import (
	"context"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// The exit codes.
const (
	ExitPass         = 0
	ExitFindings     = 1
	ExitUsage        = 2 // wrong usage or wrong file
	ExitInconclusive = 3
	ExitBroken       = 4 // sescheck itself failed
	ExitInterrupted  = 130
)

// ExitCode returns the exit code of a report.
func ExitCode(ctx context.Context, r *report.Report) int {
	if ctx.Err() != nil {
		return ExitInterrupted
	}
	switch r.Result {
	case finding.Fail:
		return ExitFindings
	case finding.Inconclusive:
		return ExitInconclusive
	}
	return ExitPass
}

// Safe makes a text safe for stderr: CI runners obey none of its lines.
func Safe(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(untrusted.Line(strings.TrimRight(line, "\n")) + "\n")
	}
	return b.String()
}

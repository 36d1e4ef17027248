package spf

import "github.com/sescheck/sescheck/internal/untrusted"

// Parse reads a record.
func Parse(t untrusted.Text) *Record { return &Record{Text: t} }

package dmarc

import "github.com/sescheck/sescheck/internal/untrusted"

// Is reports whether t is a DMARC record: whether its first tag is v=DMARC1,
// the value in that case exactly, blanks where RFC 9989 section 4.8 allows
// them. What is none is ignored by receivers, whatever it resembles.
func Is(t untrusted.Text) bool { return false }

// Resembles returns in what way t, which is no DMARC record, seems to have
// been meant as one, such as `v=dmarc1` or quotes that became data. It is ""
// if it doesn't.
func Resembles(t untrusted.Text) string { return "" }

// Parse reads a DMARC record. Of what is none it returns a Record with a Fatal
// problem.
func Parse(t untrusted.Text) *Record { return &Record{Text: t} }

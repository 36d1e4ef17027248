// Package dmarc reads DMARC policy records, and finds the one that applies to a
// domain by the DNS Tree Walk of RFC 9989, without a public suffix list. Tags of
// RFC 7489 that RFC 9989 removed are only noted.
//
// It judges no mail and writes no reports. It sends queries only through its
// Askers, and caches nothing.
package dmarc

import (
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Policy is the Domain Owner's request for mail that fails. Policies compare by
// strictness: None < Quarantine < Reject.
type Policy uint8

// The policies of RFC 9989 section 4.7.
const (
	None Policy = iota
	Quarantine
	Reject
)

var policies = [...]string{None: "none", Quarantine: "quarantine", Reject: "reject"}

func (p Policy) String() string {
	if int(p) < len(policies) {
		return policies[p]
	}
	return fmt.Sprintf("policy %d", uint8(p))
}

// ParsePolicy reads none, quarantine or reject in any case: ABNF literals are
// case-insensitive.
func ParsePolicy(s string) (Policy, bool) {
	for p, word := range policies {
		if strings.EqualFold(s, word) {
			return Policy(p), true
		}
	}
	return None, false
}

// Lower returns the next less strict policy, which `t=y` asks for.
func (p Policy) Lower() Policy {
	if p == None {
		return None
	}
	return p - 1
}

// Mode says how closely an authenticated domain must match the Author Domain.
type Mode uint8

// The alignment modes; relaxed is the default of `adkim` and `aspf`.
const (
	Relaxed Mode = iota // same Organizational Domain
	Strict              // same name
)

// String returns the letter of the mode in a record.
func (m Mode) String() string {
	if m == Strict {
		return "s"
	}
	return "r"
}

// PSD is the value of the `psd` tag.
type PSD uint8

// The values of `psd`; u is the default.
const (
	PSDUnknown PSD = iota // u: may be an Organizational Domain
	PSDYes                // y: a Public Suffix Domain
	PSDNo                 // n: the Organizational Domain of itself and all names below
)

func (p PSD) String() string {
	switch p {
	case PSDYes:
		return "y"
	case PSDNo:
		return "n"
	default:
		return "u"
	}
}

// Record is a DMARC policy record as receivers read it: tags that are absent or
// invalid have their defaults.
type Record struct {
	Text     untrusted.Text
	Tags     []Tag     // as published, in order, including ignored ones
	Problems []Problem // in the order of the record

	P      Policy
	SP     *Policy // nil if absent
	NP     *Policy // nil if absent
	PSD    PSD
	T      bool // t=y: apply the policy one step lower
	ADKIM  Mode
	ASPF   Mode
	RUA    []URI
	RUF    []URI
	FO     string // colon-separated options; "0" by default
	AsNone bool   // p is missing, or p, sp or np is invalid: a valid rua makes it p=none
}

// Tag is a tag=value pair and its place.
type Tag struct {
	Name   untrusted.Text
	Value  untrusted.Text // without surrounding spaces
	Offset int            // of the name, in octets from the start of the record
}

// Weight is the effect of a Problem.
type Weight uint8

// The weights, from harmless to fatal.
const (
	Note    Weight = iota // none: a removed or unknown tag
	Ignored               // a syntax error: the default replaces the value (RFC 9989 section 4.8)
	Fatal                 // receivers apply no DMARC
)

// Problem is a mistake in a record, or a note for its owner.
type Problem struct {
	Weight Weight
	Tag    untrusted.Text // the tag's name; empty for the whole record
	Offset int            // of that tag
	Text   string         // describes the problem; safe to print
}

func (p Problem) String() string {
	switch n := p.Tag.Len(); {
	case n == 0:
		return p.Text
	case n > 40: // no tag of RFC 9989 is that long
		return fmt.Sprintf("%.40s: %s", p.Tag, p.Text)
	default:
		return p.Tag.Bare() + ": " + p.Text
	}
}

// Tag returns the first tag with a name in lower case.
func (r *Record) Tag(name string) (Tag, bool) {
	for _, t := range r.Tags {
		if strings.EqualFold(t.Name.Raw(), name) {
			return t, true
		}
	}
	return Tag{}, false
}

// Fatal returns the first problem because of which receivers apply no DMARC.
func (r *Record) Fatal() (Problem, bool) {
	for _, p := range r.Problems {
		if p.Weight == Fatal {
			return p, true
		}
	}
	return Problem{}, false
}

// Package dmarc reads DMARC Policy Records and finds the one that applies to a
// domain, as RFC 9989 says: by the DNS Tree Walk, without a list of public
// suffixes. What RFC 7489 had and RFC 9989 removed is named, never held
// against a record.
//
// It judges no mail and writes no reports. It asks DNS only through the Askers
// it is handed and remembers nothing between calls.
package dmarc

import (
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Policy is what a Domain Owner wants done with mail that fails. Policies
// compare by strictness: None < Quarantine < Reject.
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

// ParsePolicy reads none, quarantine or reject in any case: the literals of
// the ABNF are not case-sensitive.
func ParsePolicy(s string) (Policy, bool) {
	for p, word := range policies {
		if strings.EqualFold(s, word) {
			return Policy(p), true
		}
	}
	return None, false
}

// Lower returns the policy one step less strict, which is what `t=y` asks for.
func (p Policy) Lower() Policy {
	if p == None {
		return None
	}
	return p - 1
}

// Mode is how near an authenticated domain must be to the Author Domain.
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

// PSD says what the domain of a record is, by its `psd` tag.
type PSD uint8

// The values of `psd`; u is the default.
const (
	PSDUnknown PSD = iota // u: perhaps an Organizational Domain, perhaps not
	PSDYes                // y: a Public Suffix Domain
	PSDNo                 // n: the Organizational Domain of itself and all below
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

// Record is a DMARC Policy Record. Its fields hold what a receiver makes of
// it: the defaults for tags that are absent or cannot be read.
type Record struct {
	Text     untrusted.Text
	Tags     []Tag     // as published, in order, `v` first; also those that are ignored
	Problems []Problem // in order of their place

	P      Policy
	SP     *Policy // nil: not there
	NP     *Policy // nil: not there
	PSD    PSD
	T      bool // t=y: apply the policy one step lower
	ADKIM  Mode
	ASPF   Mode
	RUA    []URI
	RUF    []URI
	FO     string // the options with colons between; "0" by default
	AsNone bool   // p is missing, or p, sp or np unreadable: read as p=none on the strength of a valid rua
}

// Tag is one tag=value pair with its place.
type Tag struct {
	Name   untrusted.Text
	Value  untrusted.Text // without the blanks around it
	Offset int            // of the name, in octets from the start of the record
}

// Weight is what a Problem means for the record.
type Weight uint8

// The weights, from harmless to fatal.
const (
	Note    Weight = iota // allowed, or ignored by receivers: a removed or an unknown tag
	Ignored               // a syntax error: the value does not count, its default does (RFC 9989 section 4.8)
	Fatal                 // receivers apply no DMARC at all
)

// Problem is something about a record that its owner would want to know.
type Problem struct {
	Weight Weight
	Tag    untrusted.Text // the tag's name; empty where no single tag is meant
	Offset int            // of that tag
	Text   string         // what is wrong, in our own words, safe to print
}

func (p Problem) String() string {
	switch n := p.Tag.Len(); {
	case n == 0:
		return p.Text
	case n > 40: // nothing that RFC 9989 knows
		return fmt.Sprintf("%.40s: %s", p.Tag, p.Text)
	default:
		return p.Tag.Bare() + ": " + p.Text
	}
}

// Tag returns the first tag of that name, which is given in lower case.
func (r *Record) Tag(name string) (Tag, bool) {
	for _, t := range r.Tags {
		if strings.EqualFold(t.Name.Raw(), name) {
			return t, true
		}
	}
	return Tag{}, false
}

// Fatal returns what makes receivers apply no DMARC at all, if something does.
func (r *Record) Fatal() (Problem, bool) {
	for _, p := range r.Problems {
		if p.Weight == Fatal {
			return p, true
		}
	}
	return Problem{}, false
}

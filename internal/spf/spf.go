// Package spf reads SPF records (RFC 7208) for somebody who wants to fix
// them: Parse keeps every term with its column and tells all that is wrong, a
// Forest walks everything that a record refers to and counts what that costs,
// and CheckHost evaluates a record as a mail server does.
//
// It does not know what a record should hold, nor Amazon SES; and it asks DNS
// only through a record.Asker.
package spf

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// The limits of RFC 7208 section 4.6.4.
const (
	MaxLookups = 10 // terms that ask DNS, in the whole tree
	MaxVoids   = 2  // of those, the ones that found nothing
	MaxHosts   = 10 // hosts of one mx term, names of one ptr term
)

const version = "v=spf1"

// Is reports whether t, the joined strings of a TXT record, is an SPF record:
// the version section, in any case, then a space or the end (RFC 7208 section
// 4.5). Whether anything in it makes sense is for Parse to say.
func Is(t untrusted.Text) bool {
	s := t.Raw()
	return len(s) >= len(version) && strings.EqualFold(s[:len(version)], version) &&
		(len(s) == len(version) || s[len(version)] == ' ')
}

// Kind is which mechanism or modifier a term is.
type Kind uint8

// The mechanisms and modifiers of RFC 7208.
const (
	Unknown Kind = iota // neither a mechanism nor a modifier: a syntax error
	All
	Include
	A
	MX
	PTR
	IP4
	IP6
	Exists
	Redirect
	Exp
	Modifier // unknown, and to be ignored (section 6)
)

// String returns the name as records write it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[Unknown]
}

var kindNames = [...]string{
	Unknown: "unknown term", All: "all", Include: "include", A: "a", MX: "mx", PTR: "ptr", IP4: "ip4", IP6: "ip6",
	Exists: "exists", Redirect: "redirect", Exp: "exp", Modifier: "unknown modifier",
}

// Queries reports whether such a term asks DNS and so costs one of the ten
// lookups. The question of exp is not counted.
func (k Kind) Queries() bool {
	switch k {
	case Include, A, MX, PTR, Exists, Redirect:
		return true
	}
	return false
}

// Qualifier is the sign before a mechanism: '+', '-', '~' or '?'. A mechanism
// without a sign has '+', a modifier none.
type Qualifier byte

// String returns the sign; of a modifier, nothing.
func (q Qualifier) String() string {
	if q == 0 {
		return ""
	}
	return string(rune(q))
}

// Term is a directive or a modifier of a record.
type Term struct {
	Kind      Kind
	Qualifier Qualifier
	Bad       bool           // there is a Problem with it; then what follows may be missing
	Macros    bool           // Domain holds macros, so that it is a name only for a given mail
	Bits4     uint8          // a and mx: CIDR length for IPv4, 32 if none is written
	Bits6     uint8          // likewise for IPv6, 128
	Column    int            // of its first octet in the joined text, from 1
	Text      untrusted.Text // as it stands
	Domain    untrusted.Text // the domain-spec as it stands; empty if there is none
	Target    record.Name    // Domain without macros, as a name; "" if there is none
	Network   netip.Prefix   // ip4 and ip6
}

// Problem is something wrong with a term.
type Problem struct {
	Column     int            // where the term begins
	Term       untrusted.Text // as it stands
	What       string         // a clause such as `ip4 takes an IPv4 address`; fit to print
	Correction untrusted.Text // the term, or the terms, that were probably meant; empty where that is not clear
	Sure       bool           // they were certainly meant: nothing is lost, and there is no other reading
}

func (p Problem) String() string {
	s := fmt.Sprintf("column %d: %.80s: %s", p.Column, p.Term, p.What)
	switch m := p.Correction.Raw(); {
	case m == "":
	case strings.ReplaceAll(m, " ", "") == p.Term.Raw():
		s += fmt.Sprintf("; a space is missing: probably %.80s was meant", p.Correction)
	default:
		s += fmt.Sprintf("; probably %.80s was meant", p.Correction)
	}
	return s
}

// Record is a parsed SPF record, or of a huge one what Parse keeps.
type Record struct {
	Text   untrusted.Text // its first MaxText octets
	Octets int            // how many it has
	Terms  []Term         // in order, also those that have problems

	// Problems are the syntax errors, in the order of the terms. With any of
	// them the record is a PermError wherever it is used (section 4.6).
	Problems []Problem

	// Oddities are terms that are valid but surely not meant so, such as
	// include=example.com, which is an unknown modifier and ignored.
	Oddities []Problem

	Cut  bool // not all of it is kept: Left has what is missing, and a term may have lost its end
	Left Left
}

// Left is what is not kept of a record: numbers of what there is more.
type Left struct {
	Column   int // of the first term
	Terms    int
	Lookups  int // terms that cost a lookup
	Problems int
	Oddities int
}

// Of returns the good terms of kind k in order.
func (r *Record) Of(k Kind) []*Term {
	var of []*Term
	for i := range r.Terms {
		if t := &r.Terms[i]; t.Kind == k && !t.Bad {
			of = append(of, t)
		}
	}
	return of
}

// All returns the first all, which ends the evaluation, or nil.
func (r *Record) All() *Term { return r.first(All) }

// Redirect returns the redirect, or nil. If there is also an all, it is never
// read (section 6.1).
func (r *Record) Redirect() *Term { return r.first(Redirect) }

func (r *Record) first(k Kind) *Term {
	for i := range r.Terms {
		if t := &r.Terms[i]; t.Kind == k && !t.Bad {
			return t
		}
	}
	return nil
}

// Unread returns what no evaluation comes to: the mechanisms after the first
// all (section 5.1), and a redirect wherever it stands beside an all.
func (r *Record) Unread() []*Term {
	var unread []*Term
	all := r.All()
	for i := range r.Terms {
		if t := &r.Terms[i]; t.unread(all) {
			unread = append(unread, t)
		}
	}
	return unread
}

func (t *Term) unread(all *Term) bool {
	switch {
	case all == nil || t.Kind == Exp || t.Kind == Modifier:
		return false
	case t.Kind == Redirect:
		return true
	}
	return t.Column > all.Column
}

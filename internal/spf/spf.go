// Package spf reads SPF records (RFC 7208) for their owners: Parse keeps every
// term with its column and lists all problems, a Forest follows all references of
// a record and counts their cost, and CheckHost evaluates a record as a mail
// server does.
//
// It does not know which terms a record should have, nor Amazon SES. It sends
// queries only through a record.Asker.
package spf

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// The limits of RFC 7208 section 4.6.4.
const (
	MaxLookups = 10 // terms with a query, in the whole tree
	MaxVoids   = 2  // void lookups among them: without an answer
	MaxHosts   = 10 // hosts of one mx term, names of one ptr term
)

const version = "v=spf1"

// Is reports whether t, the joined strings of a TXT record, is an SPF record: the
// version section in any case, then a space or the end (RFC 7208 section 4.5).
// Parse judges the terms.
func Is(t untrusted.Text) bool {
	s := t.Raw()
	return len(s) >= len(version) && strings.EqualFold(s[:len(version)], version) &&
		(len(s) == len(version) || s[len(version)] == ' ')
}

// Kind is the mechanism or modifier of a term.
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

// Queries reports whether a term of this kind counts as one of the ten lookups.
// exp does not.
func (k Kind) Queries() bool {
	switch k {
	case Include, A, MX, PTR, Exists, Redirect:
		return true
	}
	return false
}

// Qualifier is the sign before a mechanism: '+', '-', '~' or '?'. The default is
// '+'; modifiers have none.
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
	Bad       bool           // has a Problem; the fields below may be missing
	Macros    bool           // Domain has macros, so its name depends on the mail
	Bits4     uint8          // a and mx: prefix length for IPv4, 32 by default
	Bits6     uint8          // a and mx: prefix length for IPv6, 128 by default
	Column    int            // of its first octet in the joined text, from 1
	Text      untrusted.Text // as in the record
	Domain    untrusted.Text // the domain-spec as in the record; may be empty
	Target    record.Name    // Domain as a name; "" if it has macros
	Network   netip.Prefix   // ip4 and ip6
}

// Problem is a mistake in a term.
type Problem struct {
	Column     int            // where the term begins
	Term       untrusted.Text // as in the record
	What       string         // a clause such as `ip4 takes an IPv4 address`; safe to print
	Correction untrusted.Text // the probably intended term or terms; may be empty
	Sure       bool           // Correction is certain: it keeps all of the term, and no other reading exists
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

// Record is a parsed SPF record. Of a huge one, Parse keeps a part.
type Record struct {
	Text   untrusted.Text // its first MaxText octets
	Octets int            // length of the whole record
	Terms  []Term         // in order, including bad ones

	// Problems are the syntax errors, in the order of the terms. Any of them
	// makes the record a PermError (section 4.6).
	Problems []Problem

	// Oddities are valid terms that are certainly mistakes, such as
	// include=example.com, which is an unknown modifier and ignored.
	Oddities []Problem

	Cut  bool // only a part is kept: Left counts the rest, and a term may lack its end
	Left Left
}

// Left counts the parts of a record that are not kept.
type Left struct {
	Column   int // of the first term
	Terms    int
	Lookups  int // terms that cost a lookup
	Problems int
	Oddities int
}

// Of returns the valid terms of kind k, in order.
func (r *Record) Of(k Kind) []*Term {
	var of []*Term
	for i := range r.Terms {
		if t := &r.Terms[i]; t.Kind == k && !t.Bad {
			of = append(of, t)
		}
	}
	return of
}

// Includes reports whether a valid term includes a name, with any qualifier.
func (r *Record) Includes(name record.Name) bool {
	return slices.ContainsFunc(r.Of(Include), func(t *Term) bool { return t.Target == name })
}

// All returns the first all, which ends the evaluation, or nil.
func (r *Record) All() *Term { return r.first(All) }

// Redirect returns the redirect, or nil. An all makes it void (section 6.1).
func (r *Record) Redirect() *Term { return r.first(Redirect) }

func (r *Record) first(k Kind) *Term {
	for i := range r.Terms {
		if t := &r.Terms[i]; t.Kind == k && !t.Bad {
			return t
		}
	}
	return nil
}

// Unread returns the terms that no evaluation reaches: mechanisms after the first
// all (section 5.1), and a redirect in a record with an all.
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

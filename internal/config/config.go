// Package config reads the YAML file in which an organisation describes its
// Amazon SES domains, and keeps the place of every value.
//
// It knows the keys and values of a file, not the answers of DNS: names are
// completed and short forms spelled out, and package ses says which records follow
// from them. Package yamltext knows the text below it, package edit writes it. It
// does no I/O but reading the files it is given.
package config

import (
	"path/filepath"
	"reflect"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// Place is the place of a key or value in a file. Lines and columns count from 1,
// columns in characters.
type Place struct {
	File    string // as the user named it
	Line    int
	Column  int
	EndLine int // the last line of the value; Line if it has one line
}

// LinesOf is the place of lines of a file; the zero value without a file.
func LinesOf(file string, first, last int) Place {
	if file == "" {
		return Place{}
	}
	return Place{File: filepath.ToSlash(filepath.Clean(file)), Line: first, EndLine: last}
}

// At is a value with its place. For the value of a key that is the key's place;
// for an item of a list, the item's.
type At[T any] struct {
	Value T
	Place Place
}

// File is the content of one or several YAML files.
type File struct {
	Domains []Domain // in the order of the files
	Checks  map[string]At[Level]
	Ignores []Ignore
}

// Level is the value of a check under `checks`: a severity, or off.
type Level string

// The levels.
const (
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelNote    Level = "note"
	LevelOff     Level = "off"
)

// Domain is one domain with all that is expected of it. A key that the file does
// not have is nil and not checked.
type Domain struct {
	Name         record.Name // the A-label
	Written      string      // as the file has it, perhaps in Unicode
	Place        Place       // of its key; EndLine is the last line of its part of the file
	Identities   []Identity  // one, unless the domain says `identities`
	SPF          *SPF        // of the domain itself
	DMARC        *DMARC
	Require      []At[string]   // the receivers whose rules mail through SES has to meet
	PendingUntil *At[time.Time] // midnight UTC of the day; findings are notes before it
	Lock         *Lock          // the locked content of its includes; nil without a lock file

	// Open marks a domain of which nothing is expected: its records are judged in
	// themselves. No domain of a file is open.
	Open bool
}

// Identity is an Amazon SES identity: the domain in one region of one account.
type Identity struct {
	Place        Place // the item of `identities`, or the domain's key
	Region       At[string]
	Sender       At[string]   // the sender on SES that the identity belongs to; "" for none
	Verification []At[string] // tokens of the legacy TXT, without the amazonses: prefix
	DKIM         *DKIM
	MailFrom     *MailFrom
	Receiving    *Receiving
	Tracking     *Tracking
}

// DKIM is how the identity signs: Easy DKIM if it has Tokens, BYODKIM if it
// has a Selector, not at all if None.
type DKIM struct {
	Place             Place
	None              bool
	Easy              bool             // Easy DKIM, with the tokens that --plan has
	Promised          *Promised        // of Easy, the CNAMEs that a plan will make, in place of Tokens
	Tokens            []At[string]     // lower case: they are labels
	SigningHostedZone *At[record.Name] // nil: the region's own
	Selector          At[string]
	PublicKey         At[string] // base64 of a SubjectPublicKeyInfo, spaces removed; "" with a sender, which keeps it
	Implied           bool       // the file does not say it: it is the layout of the sender
}

// Promised is the Easy DKIM of an identity whose tokens are known after the apply.
// It is not read from the file: the command fills it in from a plan.
type Promised struct {
	From    string // the address of the identity's resource
	Records []PromisedRecord
}

// PromisedRecord is a CNAME that a plan makes of a token.
type PromisedRecord struct {
	Address      string // of its resource
	Place        Place  // of the code that makes it, as far as it is known
	Name, Target string // "*" for unknown parts; may be ""
	Zone         record.Name
	Flaw         string // why it cannot work for any token, such as "is proxied"; "" for no reason
}

// MailFrom is the custom MAIL FROM domain.
type MailFrom struct {
	Place       Place
	Name        At[record.Name] // complete
	Regions     []string        // regions of identities of other domains with the same name
	OnMXFailure At[string]      // "reject", "use_default" or "" where the file does not say
	SPF         *SPF            // expected of its own SPF record; nil: nothing listed
	Joined      *SPF            // with what other entries of the file ask of the same record; nil if none does
	Implied     bool            // the file does not say it: it is the layout of the sender
}

// SPF is expected of an SPF record.
type SPF struct {
	Place    Place
	None     bool // there must be no record
	Includes []At[record.Name]
	Exact    bool        // an include that is live but not listed is a finding; the default where includes are listed
	All      *At[string] // "-all", "~all", "?all" or "+all"; nil: any but "+all"
	MailFrom bool        // of Joined: the name is a MAIL FROM name, so the record includes Amazon SES
	Joined   *SPF        // with what other entries of the file ask of the same record; nil if none does
}

// DMARC is the minimum for the policy in effect, and exact values for further
// tags. Nil fields are not checked.
type DMARC struct {
	Place           Place
	Policy          *At[string] // "none", "quarantine" or "reject"
	SubdomainPolicy *At[string]
	NP              *At[string]
	ASPF            *At[string] // "r" or "s"
	ADKIM           *At[string]
	RUA             []At[string] // URIs
}

// Receiving asks for the SES inbound MX of the region, or for that of Host.
type Receiving struct {
	Place Place
	Host  *At[record.Name] // a Mail Manager ingress endpoint
}

// Tracking asks for the CNAME of a custom open and click tracking domain.
type Tracking struct {
	Place  Place
	Name   At[record.Name]  // complete
	Target *At[record.Name] // nil: the region's r.<region>.awstrack.me
}

// Ignore accepts findings, with a reason and perhaps for a time.
type Ignore struct {
	Place  Place
	Check  At[string] // an id or a glob of ids
	Domain At[string] // a glob; "*" where the file does not say
	Record At[string] // a glob of record names; "*" where the file does not say
	Reason At[string]
	Owner  string
	Until  *At[time.Time] // midnight UTC; the ignore is over when the day begins
}

// Same reports whether two domains have equal expectations, apart from places and
// locks.
func (d *Domain) Same(other *Domain) bool {
	return same(reflect.ValueOf(d), reflect.ValueOf(other))
}

func same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Pointer:
		if a.Type() == reflect.TypeFor[*Lock]() {
			return true
		}
		return a.IsNil() && b.IsNil() || !a.IsNil() && !b.IsNil() && same(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		switch a.Type() {
		case reflect.TypeFor[Place]():
			return true
		case reflect.TypeFor[time.Time]():
			return a.Interface() == b.Interface() // days, at midnight UTC
		}
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Interface() == b.Interface()
}

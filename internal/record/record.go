// Package record has the types for DNS that all packages share: names, types,
// records, questions, answers, failures.
//
// It does no I/O and knows no wire format. Package resolve turns messages into
// these values, and the packages above it see only these.
package record

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Type is a record type, by its IANA number.
type Type uint16

// The types that sescheck asks for, and none.
const (
	NoType Type = 0 // for findings about a name and no record, such as an SES identity; its word is ""

	A     Type = 1
	NS    Type = 2
	CNAME Type = 5
	SOA   Type = 6
	PTR   Type = 12
	MX    Type = 15
	TXT   Type = 16
	AAAA  Type = 28
	SPF   Type = 99  // obsolete (RFC 7208 section 3.1)
	CAA   Type = 257 // who may issue certificates (RFC 8659)
)

func (t Type) String() string {
	switch t {
	case NoType:
		return ""
	case A:
		return "A"
	case NS:
		return "NS"
	case CNAME:
		return "CNAME"
	case SOA:
		return "SOA"
	case PTR:
		return "PTR"
	case MX:
		return "MX"
	case TXT:
		return "TXT"
	case AAAA:
		return "AAAA"
	case SPF:
		return "SPF"
	case CAA:
		return "CAA"
	}
	return fmt.Sprintf("TYPE%d", uint16(t)) // RFC 3597 section 5
}

// ParseType reads the name of one of the types above.
func ParseType(s string) (Type, bool) {
	for _, t := range []Type{NoType, A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SPF, CAA} {
		if t.String() == s {
			return t, true
		}
	}
	return 0, false
}

// Question is a name and the type asked for at it, in class IN.
type Question struct {
	Name Name
	Type Type
}

func (q Question) String() string {
	return strings.TrimPrefix(q.Type.String()+" ", " ") + string(q.Name)
}

// Record is the data of one resource record; its owner is the answer's. Only
// the fields of its type are set.
type Record struct {
	Type       Type
	Strings    []untrusted.Text // TXT and SPF: its character-strings, as octets; CAA: its property and value
	Host       Name             // MX exchange; target of CNAME, NS and PTR; MNAME of SOA
	Preference uint16           // MX; the flags of CAA
	Serial     uint32           // SOA
	Addr       netip.Addr       // A, AAAA
}

// maxString is the longest character-string, in octets (RFC 1035 section 3.3).
const maxString = 255

// NewTXT returns the TXT record of a text, cut into as many strings as it takes.
func NewTXT(text string) Record {
	r := Record{Type: TXT}
	for len(text) > maxString {
		r.Strings = append(r.Strings, untrusted.New(text[:maxString]))
		text = text[maxString:]
	}
	r.Strings = append(r.Strings, untrusted.New(text))
	return r
}

// Text returns the strings of a TXT record joined without a blank between
// them, as RFC 7208 section 3.3 and RFC 6376 section 3.6.2.2 want it.
func (r Record) Text() untrusted.Text {
	if len(r.Strings) == 1 {
		return r.Strings[0]
	}
	var b strings.Builder
	b.Grow(r.size())
	for _, s := range r.Strings {
		b.WriteString(s.Raw())
	}
	return untrusted.New(b.String())
}

// size is how many octets the strings of a TXT record have together.
func (r Record) size() int {
	size := 0
	for _, s := range r.Strings {
		size += s.Len()
	}
	return size
}

// String returns the record's data in presentation form, safe to print.
func (r Record) String() string {
	switch r.Type {
	case TXT, SPF:
		parts := make([]string, len(r.Strings))
		for i, s := range r.Strings {
			parts[i] = s.String()
		}
		return strings.Join(parts, " ")
	case CAA:
		if len(r.Strings) == 2 {
			return fmt.Sprintf("%d %s %s", r.Preference, r.Strings[0].Bare(), r.Strings[1])
		}
		return r.Host.FQDN()
	case MX:
		return fmt.Sprintf("%d %s", r.Preference, r.Host.FQDN())
	case A, AAAA:
		return r.Addr.String()
	default:
		return r.Host.FQDN()
	}
}

// RR is a record with its owner, as one line of a zone file.
type RR struct {
	Owner Name
	TTL   uint32 // seconds
	Data  Record
}

func (r RR) String() string {
	return fmt.Sprintf("%s %d IN %s %s", r.Owner.FQDN(), r.TTL, r.Data.Type, r.Data)
}

// Same reports whether two records have the same owner and data. How a TXT
// record is cut into strings makes no difference.
func (r RR) Same(o RR) bool {
	if r.Owner != o.Owner || r.Data.Type != o.Data.Type {
		return false
	}
	if r.Data.Type == TXT {
		return r.Data.size() == o.Data.size() && r.Data.Text().Raw() == o.Data.Text().Raw()
	}
	return Compare(r.Data, o.Data) == 0
}

// Compare orders records by type and data: DNS gives them in no order.
func Compare(a, b Record) int {
	return cmp.Or(
		cmp.Compare(a.Type, b.Type),
		cmp.Compare(a.Preference, b.Preference),
		cmp.Compare(a.Host, b.Host),
		a.Addr.Compare(b.Addr),
		slices.CompareFunc(a.Strings, b.Strings, func(x, y untrusted.Text) int { return cmp.Compare(x.Raw(), y.Raw()) }),
	)
}

// Sort puts the records of one RRset into an order that depends on their data
// alone.
func Sort(rs []Record) { slices.SortFunc(rs, Compare) }

// Status is the result of a query for some records.
type Status uint8

const (
	// Unknown is the zero Status: there is no answer that can be believed. A
	// failed query, or one that was never sent, must not look like a missing
	// record.
	Unknown Status = iota
	// Found means that there are records. Of addresses that a DNS provider makes
	// up, a zone file does not say which: then there are none among Records.
	Found
	// NoData means that the name exists without records of this type.
	NoData
	// NoName means that the name does not exist (NXDOMAIN).
	NoName
)

func (s Status) String() string {
	switch s {
	case Found:
		return "found"
	case NoData:
		return "no data"
	case NoName:
		return "no such name"
	}
	return "unknown"
}

// Answer is the result of a query.
type Answer struct {
	Question  Question
	Status    Status
	Chain     []Name   // the targets of the CNAMEs that were followed, in order
	Records   []Record // sorted; of the type asked, owned by the end of the chain
	Left      int      // number of further records that were not kept
	TTL       uint32   // seconds; the least of all that the answer rests on
	AliasTTL  uint32   // seconds; of the CNAME at the name asked, the first of Chain
	OwnTTL    uint32   // seconds; of Records alone
	Server    string   // who answered: host:port, or the name of a zone file
	Local     bool     // answered from a zone file that the user gave, not by a server
	AA        bool     // everything in it is from servers that are responsible for its zone
	Validated bool     // the server says that it validated everything in it with DNSSEC
	Lame      []Said   // servers of the zones that did not answer, although others did
	Sets      int      // how many RRsets take turns in the answer, where it rests on one of several; see WithSet
	Failure   *Failure // set if and only if Status is Unknown
}

type setKey struct{}

// WithSet makes a context in which the i-th of several rotating RRsets answers,
// for example of weighted ones in Route 53.
func WithSet(ctx context.Context, i int) context.Context {
	return context.WithValue(ctx, setKey{}, i)
}

// SetOf is which of several RRsets answers; the first unless WithSet says another.
func SetOf(ctx context.Context) int {
	i, _ := ctx.Value(setKey{}).(int)
	return i
}

// bulky is from about how many octets on an answer is not worth remembering.
const bulky = 8 << 10

// Bulky reports whether an answer takes so much memory that it is better asked
// for again than remembered.
func (a Answer) Bulky() bool {
	const each = 64
	size := len(a.Records) * each
	for _, r := range a.Records {
		for _, s := range r.Strings {
			size += s.Len()
		}
	}
	return size > bulky
}

// Absent reports whether there are certainly no such records.
func (a Answer) Absent() bool { return a.Status == NoData || a.Status == NoName }

// Owner is the name that holds, or would hold, the records: the end of the
// CNAME chain.
func (a Answer) Owner() Name {
	if len(a.Chain) > 0 {
		return a.Chain[len(a.Chain)-1]
	}
	return a.Question.Name
}

// Same reports whether two answers have the same records, apart from server and
// TTL.
func (a Answer) Same(b Answer) bool {
	return a.Status == b.Status && slices.Equal(a.Chain, b.Chain) &&
		slices.EqualFunc(a.Records, b.Records, func(x, y Record) bool { return Compare(x, y) == 0 })
}

// Fault is the way in which a question failed.
type Fault uint8

// The faults, from the network's to our own.
const (
	Timeout     Fault = iota + 1 // no server answered in time
	Unreachable                  // the server could not be reached
	BadRcode                     // an rcode that is no answer: SERVFAIL, REFUSED, FORMERR …
	Malformed                    // answers came, and none could be read
	ChainLoop                    // the CNAMEs form a loop, or are too many
	TwoCNAMEs                    // there are several at one name
	Excess                       // a zone file has more records than an answer can hold
	Offline                      // --offline, and the zone files do not hold the name
	Interrupted                  // the run was over before the answer came
	Disagreed                    // servers gave different answers
	Promised                     // a plan makes the record, with data that is known after the apply
)

// Failure is why a query has no answer. As an error it names server and query.
type Failure struct {
	Question Question // the failed query; it may be for the target of a CNAME
	Fault    Fault
	Rcode    string // such as SERVFAIL, for BadRcode
	EDE      []EDE  // the server's explanation (RFC 8914)
	Server   string // the last server asked; "" if none was
	Tries    int
	Detail   string // more about it, in our own words
	Said     []Said // the answers of each server, for Disagreed
	TTL      uint32 // for Disagreed: the seconds until no cache holds any of it
}

// Said is the answer of one of several servers.
type Said struct {
	Zone   Name   `json:"zone,omitempty"` // that it is a name server of; "" for a resolver
	Host   Name   `json:"-"`              // its name, if it has one
	Server string `json:"server"`         // its name and its address, as far as they are known
	Says   string `json:"says"`           // safe to print: the records, their absence, or the failure
}

// EDE is an Extended DNS Error (RFC 8914).
type EDE struct {
	Code uint16
	Name string         // the IANA registry's word for Code
	Text untrusted.Text // EXTRA-TEXT
}

func (e EDE) String() string {
	s := fmt.Sprintf("EDE %d", e.Code)
	if e.Name != "" {
		s += " " + e.Name
	}
	if e.Text.Len() > 0 {
		s += fmt.Sprintf(" %.200s", e.Text)
	}
	return s
}

// unsigned describes mistakes in a zone's signatures that validating resolvers
// report, by the code of RFC 8914 section 4.
var unsigned = map[uint16]string{
	6:  "the signatures are wrong",
	7:  "a signature has expired",
	8:  "a signature is not valid yet",
	9:  "the key that the parent zone names is missing",
	10: "signatures are missing",
	11: "there is no zone key",
	12: "the proof that the name does not exist is missing",
	25: "a signature ends before it begins",
}

// Bogus is the mistake in the zone's signatures because of which a validating
// resolver gives no answer, or "".
func (f *Failure) Bogus() string {
	for _, e := range f.EDE {
		if why := unsigned[e.Code]; why != "" && f.Fault == BadRcode {
			return why
		}
	}
	return ""
}

// Reason describes the failure without server and query.
func (f *Failure) Reason() string {
	var s string
	switch f.Fault {
	case Timeout:
		s = "timeout"
	case Unreachable:
		s = "server not reachable"
	case BadRcode:
		s = f.Rcode
	case Malformed:
		s = "no readable answer"
	case ChainLoop:
		s = "endless chain of CNAMEs"
	case TwoCNAMEs:
		s = "several CNAME records at one name, which DNS does not allow (RFC 2181 section 10.1)"
	case Excess:
		s = "more records at one name than an answer can hold"
	case Offline:
		s = "offline, and no zone file holds this name"
	case Interrupted:
		s = "the run ended before an answer came"
	case Disagreed:
		s = "servers disagree"
	case Promised:
		s = "known after apply"
	default:
		s = "not asked"
	}
	for _, e := range f.EDE {
		s += " (" + e.String() + ")"
	}
	if f.Tries > 1 {
		s += fmt.Sprintf(" after %d tries", f.Tries)
	}
	if f.Detail != "" {
		s += ": " + f.Detail
	}
	if len(f.Said) > 0 {
		s += ": " + Summary(f.Said)
	}
	return s
}

// most is how many servers are named side by side.
const most = 5

// Summary lists servers with their answers. Servers with the same answer are
// joined.
func Summary(all []Said) string {
	var says []string
	who := map[string][]string{}
	for _, s := range all {
		if who[s.Says] == nil {
			says = append(says, s.Says)
		}
		who[s.Says] = append(who[s.Says], s.Server)
	}
	for i, what := range says {
		by := who[what]
		if len(by) > most {
			by = append(by[:most-1:most-1], fmt.Sprintf("%d more", len(by)-most+1))
		}
		verb := " say "
		if len(who[what]) == 1 {
			verb = " says "
		}
		says[i] = strings.Join(by, ", ") + verb + what
	}
	if len(says) > most {
		says = append(says[:most-1:most-1], fmt.Sprintf("and %d more differ", len(says)-most+1))
	}
	return strings.Join(says, "; ")
}

// Says puts an answer into a few words.
func (a Answer) Says() string {
	if a.Failure != nil {
		return a.Failure.Reason()
	}
	var all []string
	if len(a.Chain) > 0 {
		all = append(all, "CNAME "+shortened(a.Chain[0].FQDN()))
	}
	switch a.Status {
	case NoName:
		all = append(all, "no such name")
	case NoData:
		all = append(all, "no "+a.Question.Type.String()+" record")
	}
	const shown = 3
	for i, r := range a.Records {
		if i == shown {
			all = append(all, fmt.Sprintf("%d more", len(a.Records)-shown))
			break
		}
		all = append(all, shortened(r.String()))
	}
	return strings.Join(all, ", ")
}

// shortened cuts the middle out of a long text: keys differ at their ends.
func shortened(s string) string {
	const head, tail = 60, 30
	if len(s) <= head+tail+10 {
		return s
	}
	return fmt.Sprintf("%s…%s (%d characters)", s[:head], s[len(s)-tail:], len(s))
}

func (f *Failure) Error() string {
	if f.Server == "" {
		return fmt.Sprintf("ask for %s: %s", f.Question, f.Reason())
	}
	return fmt.Sprintf("ask %s for %s: %s", f.Server, f.Question, f.Reason())
}

// Asker answers questions. It follows CNAMEs, and it may be used from many
// goroutines at once. A question that fails, be it because ctx ended, is an
// Answer whose Status is Unknown, never an absence.
type Asker interface {
	Ask(ctx context.Context, q Question) Answer
}

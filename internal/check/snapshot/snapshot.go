// Package snapshot holds what DNS has for a domain, right or wrong, as reports show
// it beside the findings.
package snapshot

import (
	"github.com/sescheck/sescheck/internal/record"
)

// Snapshot is what DNS holds for a domain, right or wrong: what reports show
// beside the findings. Like those it is safe to print.
type Snapshot struct {
	SPF          []SPF // of the domain itself first
	DMARC        *DMARC
	MailFrom     []MailFrom
	DKIM         []DKIM
	Verification []Verification
	Alignment    []Alignment
	Mails        []Mail // with Options.Mails
	Discovery    *Discovery
	Beside       *Beside
	Receivers    []Receiver
}

// State is how something stands in DNS.
type State string

// The states. The zero State is none of them: it was not looked at.
const (
	Right   State = "ok"
	Wrong   State = "wrong"
	Missing State = "missing"
	Unknown State = "unknown" // not answered
)

// SPF says where a record stands that Outcome.SPF has, and what follows
// from it.
type SPF struct {
	Name     record.Name
	MailFrom bool
	All      string // how it ends, such as "~all"; "" if it does not, or that is not known
	SES      State  // whether mail of Amazon SES passes by it: Right, Wrong or Unknown
	Partly   bool   // Wrong, and it passes from some of SES's addresses
	Capped   bool   // the tree goes on beyond what is followed
	Unsure   bool   // one answer says that there is none, and another that there is
}

// DMARC is the policy that takes effect.
type DMARC struct {
	State      State
	At         record.Name // where the record stands; "" if there is none, or none is known
	Record     string      // in presentation form
	Policy     string      // in effect for the domain; "" if that is not known
	Tag        string      // the tag that says so
	Subdomains string      // in effect for the names below that exist
	Inherited  bool        // from a name above
	Testing    bool        // t=y
	ASPF       string      // r or s
	ADKIM      string
	Reports    []string    // URIs of rua that can be used
	Unusable   int         // what stands in rua besides
	CNAME      record.Name // the domain's own name is one, to here
}

// MailFrom is the MX of a MAIL FROM name.
type MailFrom struct {
	Name   record.Name
	State  State
	MX     []string
	CNAME  record.Name // the name is one, to here
	Region string      // of the feedback host that the MX is; "" if it is none
	Sender string      // the sender on SES that has it, such as Resend; "" for none that is known
}

// DKIM is what stands at a selector.
type DKIM struct {
	Selector string // or the token of Easy DKIM
	Name     record.Name
	State    State
	Target   record.Name // of the CNAME; "" if there is none
	Key      string      // such as "rsa, 2048 bits"; "" if there is none
	Records  int         // the TXT records there, if there are several
	Sender   string      // the sender on SES that keeps it, such as Resend; "" for none
	Testing  bool        // t=y: verifiers may treat signed mail as unsigned
}

// Verification is the tokens of Amazon SES at a name.
type Verification struct {
	Name   record.Name
	State  State
	Tokens []string
	Others int // TXT records that stand where tokens do and are none
}

// Mail is what SPF says of a mail (RFC 7208 section 2.6).
type Mail struct {
	Client  string
	Sender  string
	Result  string   // pass, fail, softfail, neutral, none, temperror or permerror
	Path    []string // the terms that decided, each with the domain whose record it stands in, outermost first
	Lookups int
	Says    string // what the domain says about a fail, in presentation form
}

// StateOf is the state of an answer about which nothing else is wrong.
func StateOf(a record.Answer) State {
	switch {
	case a.Status == record.Unknown:
		return Unknown
	case a.Absent():
		return Missing
	}
	return Right
}

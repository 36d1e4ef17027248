// Package snapshot has the records of a domain, right or wrong, as reports show
// them.
package snapshot

import (
	"github.com/sescheck/sescheck/internal/record"
)

// Snapshot is the records of a domain, right or wrong, for reports. Like
// findings, it is safe to print.
type Snapshot struct {
	SPF          []SPF // that of the domain itself first
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

// State is the state of records in DNS.
type State string

// The states. The zero State was not queried.
const (
	Right   State = "ok"
	Wrong   State = "wrong"
	Missing State = "missing"
	Unknown State = "unknown" // not answered
)

// SPF is the name of a record in Outcome.SPF, and its effect.
type SPF struct {
	Name     record.Name
	MailFrom bool
	All      string // the ending, such as "~all"; "" if there is none, or it is unknown
	SES      State  // whether mail of Amazon SES passes: Right, Wrong or Unknown
	Partly   bool   // Wrong, but mail from some of SES's addresses passes
	Capped   bool   // the bounds of the walk cut the tree
	Unsure   bool   // answers differ on whether there is a record
}

// DMARC is the policy in effect.
type DMARC struct {
	State      State
	At         record.Name // the name of the record; "" if there is none, or it is unknown
	Record     string      // in presentation form
	Policy     string      // of the domain; "" if unknown
	Tag        string      // the deciding tag
	Subdomains string      // of existing subdomains
	Inherited  bool        // from a name above
	Testing    bool        // t=y
	ASPF       string      // r or s
	ADKIM      string
	Reports    []string    // valid URIs of rua
	Unusable   int         // number of invalid ones
	CNAME      record.Name // target of a CNAME at the domain's own name
}

// MailFrom is the MX of a MAIL FROM name.
type MailFrom struct {
	Name   record.Name
	State  State
	MX     []string
	CNAME  record.Name // target of a CNAME at the name
	Region string      // of the feedback host in the MX; may be ""
	Sender string      // the sender on SES, such as Resend; "" for none known
}

// DKIM is the key at a selector.
type DKIM struct {
	Selector string // or the token of Easy DKIM
	Name     record.Name
	State    State
	Target   record.Name // of the CNAME; may be ""
	Key      string      // such as "rsa, 2048 bits"; may be ""
	Records  int         // number of TXT records, if there are several
	Sender   string      // the sender on SES with the key, such as Resend; "" for none
	Testing  bool        // t=y: verifiers may treat signed mail as unsigned
}

// Verification is the tokens of Amazon SES at a name.
type Verification struct {
	Name   record.Name
	State  State
	Tokens []string
	Others int // TXT records that cannot be tokens
}

// Mail is the SPF result of a mail (RFC 7208 section 2.6).
type Mail struct {
	Client  string
	Sender  string
	Result  string   // pass, fail, softfail, neutral, none, temperror or permerror
	Path    []string // the deciding terms with the domains of their records, outermost first
	Lookups int
	Says    string // the domain's explanation of a fail, in presentation form
}

// StateOf is the state of an answer without mistakes.
func StateOf(a record.Answer) State {
	switch {
	case a.Status == record.Unknown:
		return Unknown
	case a.Absent():
		return Missing
	}
	return Right
}

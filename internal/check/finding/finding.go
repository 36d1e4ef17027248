// Package finding holds what can be wrong, and what was found: checks, and the
// differences between the file and DNS that they name.
package finding

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Status is what became of a finding.
type Status string

// The statuses of findings; rows of --verbose have Promised, Pass and Skipped too.
const (
	Fail         Status = "fail"
	Inconclusive Status = "inconclusive"
	Ignored      Status = "ignored"
	Promised     Status = "promised"
	Pass         Status = "pass"
	Skipped      Status = "skipped"
)

// Finding is one difference between the file and DNS. All its texts are safe
// to print: what came from DNS in them is in presentation form.
type Finding struct {
	Check     *Check
	Severity  Severity
	Status    Status
	Domain    record.Name
	Part      wanted.Part // that it was found in; "" for none
	Record    record.Question
	Subject   string // what tells findings of one check and record apart: a token, an include, a tag
	Message   string
	Impact    string
	Expected  []string
	Actual    []string     // sorted
	Fix       []string     // what has to be in DNS in the end, as lines of a zone file
	Change    Change       // what to do about what is live
	Advice    string       // what to do where a record to publish would do harm; a sentence
	Sender    string       // the sender on SES whose customer it is for; "" for none
	SenderFix string       // what this customer does, in place of the fix of the check; "" if that applies, or there is a change
	Review    string       // the day by which the rule that it is about is to be looked up again; "" for none
	Place     config.Place // in the file
	Origin    Origin       // of the record that is wrong, where it is known
	Undecided []*Check     // that an inconclusive finding leaves open
	SESError  string       // SES's own word for it, on verification and DKIM
	FirstSeen time.Time
	Standing  bool // an earlier report had it too
	Evidence  Evidence
	Silence   Silence
	Cause     string // findings with the same cause are one to people

	// Of parts, for the engine. A report that is read again has none of it.
	Rests   []record.Answer // what it was concluded from
	Publish []record.RR     // becomes Fix
	Drop    []record.RR     // live records that have to go
	Astray  bool            // what is missing stands under another name

	Notes     []string       // what else is known of it: they go behind Message in the end
	SaysCNAME bool           // that its name is a CNAME is among them
	CNAME     string         // that the name is a CNAME, where the part knows what that means
	Amended   untrusted.Text // the domain's own DMARC record, repaired and with what the file asks more of it
	Unamended string         // why there is none
}

// Notef adds what else is known of a finding.
func (f *Finding) Notef(format string, args ...any) {
	f.Notes = append(f.Notes, fmt.Sprintf(format, args...))
}

// Text is the message with the notes.
func (f *Finding) Text() string {
	return strings.Join(append([]string{f.Message}, f.Notes...), "; ")
}

// Evidence is the answer that a finding rests on.
type Evidence struct {
	Server    string
	Rcode     string
	AA        bool
	TTL       uint32
	Confirmed *bool         // whether a second answer said the same; nil where none is needed
	Servers   []record.Said // where several matter: who said what
}

// Data returns the records of answers in presentation form, sorted.
func Data(answers ...record.Answer) []string {
	var all []string
	for _, a := range answers {
		for _, r := range a.Records {
			all = append(all, r.String())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Sort sorts findings as the report has them: by the order of the table, then
// by what they are about.
func Sort(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(
			Compare(a.Check, b.Check),
			cmp.Compare(a.Place.Line, b.Place.Line),
			cmp.Compare(a.Place.Column, b.Place.Column),
			cmp.Compare(a.Record.Name, b.Record.Name),
			cmp.Compare(a.Record.Type, b.Record.Type),
			cmp.Compare(a.Subject, b.Subject),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// Of takes over what is known of the answer.
func (e *Evidence) Of(a record.Answer) {
	e.Server, e.Rcode, e.AA, e.TTL = a.Server, "NOERROR", a.AA, a.TTL
	switch {
	case a.Failure != nil:
		e.Rcode = a.Failure.Rcode
	case a.Status == record.NoName:
		e.Rcode = "NXDOMAIN"
	}
}

// Key is what makes two findings of a domain the same one.
type Key struct {
	Check   *Check
	Subject string
	Record  record.Question
}

// Key is what the finding is about.
func (f Finding) Key() Key { return Key{f.Check, f.Subject, f.Record} }

// Fingerprint identifies a finding from one run to the next: by check, domain,
// record and subject, not by line, message or answer.
func (f *Finding) Fingerprint() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		f.Check.ID, string(f.Domain), string(f.Record.Name), f.Record.Type.String(), f.Subject,
	}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Label is the word for what a finding is.
func (f *Finding) Label() string {
	switch f.Status {
	case Inconclusive:
		return "inconclusive"
	case Ignored:
		return "ignored"
	}
	return f.Severity.String()
}

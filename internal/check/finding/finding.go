// Package finding has the checks and their findings: differences between the file
// and DNS.
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

// Status is the result of a check.
type Status string

// Findings have the first three; rows of --verbose have all.
const (
	Fail         Status = "fail"
	Inconclusive Status = "inconclusive"
	Ignored      Status = "ignored"
	Promised     Status = "promised"
	Pass         Status = "pass"
	Skipped      Status = "skipped"
)

// Finding is one difference between the file and DNS. All its texts are safe to
// print: text from DNS is in presentation form.
type Finding struct {
	Check     *Check
	Severity  Severity
	Status    Status
	Domain    record.Name
	Part      wanted.Part // "" for none
	Record    record.Question
	Subject   string // distinguishes findings of one check and record: a token, an include, a tag
	Message   string
	Impact    string
	Expected  []string
	Actual    []string     // sorted
	Fix       []string     // the records to have in the end, as lines of a zone file
	Change    Change       // from the live records to Fix
	Advice    string       // a sentence that replaces a record to publish that would do harm
	Sender    string       // the sender on SES that the customer uses; "" for none
	SenderFix string       // the fix for customers of Sender; "" for the fix of the check, or if there is a change
	Review    string       // the day by which the rule is to be reviewed; "" for none
	Place     config.Place // in the file
	Origin    Origin       // of the wrong record, if known
	Undecided []*Check     // checks that an inconclusive finding leaves open
	SESError  string       // the error of SES, for verification and DKIM
	FirstSeen time.Time
	Standing  bool // an earlier report has it
	Evidence  Evidence
	Silence   Silence
	Cause     string // findings with the same cause are shown as one

	// Of parts, for the engine. A report that is read again has none of it.
	Rests   []record.Answer // the answers that it follows from
	AtMost  Severity        // a bound on its severity, unless the file has one; 0 for none
	Publish []record.RR     // becomes Fix
	Drop    []record.RR     // live records to remove
	Astray  bool            // the missing record is at another name
	Beside  bool            // the record is there; the finding is about another one next to it

	Notes     []string       // sentences to append to Message
	SaysCNAME bool           // Notes mention the CNAME at its name
	CNAME     string         // a part's sentence about the CNAME at the name
	Amended   untrusted.Text // the domain's own DMARC record, repaired and extended as the file asks
	Unamended string         // why Amended is empty
}

// Notef appends a note.
func (f *Finding) Notef(format string, args ...any) {
	f.Notes = append(f.Notes, fmt.Sprintf(format, args...))
}

// Text is the message with the notes.
func (f *Finding) Text() string {
	return strings.Join(append([]string{f.Message}, f.Notes...), "; ")
}

// Evidence is the answer that decided.
type Evidence struct {
	Server    string
	Rcode     string
	AA        bool
	TTL       uint32
	Confirmed *bool         // a second answer agrees; nil if none is needed
	Servers   []record.Said // their answers, if several matter
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

// Sort sorts findings in the order of the checks, then by record and subject.
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

// Of copies server, rcode and TTL of an answer.
func (e *Evidence) Of(a record.Answer) {
	e.Server, e.Rcode, e.AA, e.TTL = a.Server, "NOERROR", a.AA, a.TTL
	switch {
	case a.Failure != nil:
		e.Rcode = a.Failure.Rcode
	case a.Status == record.NoName:
		e.Rcode = "NXDOMAIN"
	}
}

// Key identifies a finding within a domain.
type Key struct {
	Check   *Check
	Subject string
	Record  record.Question
}

// Key returns the key of a finding.
func (f Finding) Key() Key { return Key{f.Check, f.Subject, f.Record} }

// Fingerprint identifies a finding across runs, by check, domain, record and
// subject; not by line, message or answer.
func (f *Finding) Fingerprint() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		f.Check.ID, string(f.Domain), string(f.Record.Name), f.Record.Type.String(), f.Subject,
	}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Label is the word for a finding in reports.
func (f *Finding) Label() string {
	switch f.Status {
	case Inconclusive:
		return "inconclusive"
	case Ignored:
		return "ignored"
	}
	return f.Severity.String()
}

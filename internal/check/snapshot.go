package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Snapshot is what DNS holds for a domain, right or wrong: what reports show
// beside the findings. Like those it is safe to print.
type Snapshot struct {
	SPF          []SPFSnapshot // of the domain itself first
	DMARC        *DMARCSnapshot
	MailFrom     []MailFromSnapshot
	DKIM         []DKIMSnapshot
	Verification []VerificationSnapshot
	Alignment    []Alignment
	Mails        []MailSnapshot // with Options.Mails
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

// SPFSnapshot says where a record stands that Outcome.SPF has, and what follows
// from it.
type SPFSnapshot struct {
	Name     record.Name
	MailFrom bool
	All      string // how it ends, such as "~all"; "" if it does not, or that is not known
	SES      State  // whether mail of Amazon SES passes by it: Right, Wrong or Unknown
	Partly   bool   // Wrong, and it passes from some of SES's addresses
	Capped   bool   // the tree goes on beyond what is followed
	Unsure   bool   // one answer says that there is none, and another that there is
}

// DMARCSnapshot is the policy that takes effect.
type DMARCSnapshot struct {
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

// MailFromSnapshot is the MX of a MAIL FROM name.
type MailFromSnapshot struct {
	Name   record.Name
	State  State
	MX     []string
	CNAME  record.Name // the name is one, to here
	Region string      // of the feedback host that the MX is; "" if it is none
}

// DKIMSnapshot is what stands at a selector.
type DKIMSnapshot struct {
	Selector string // or the token of Easy DKIM
	Name     record.Name
	State    State
	Target   record.Name // of the CNAME; "" if there is none
	Key      string      // such as "rsa, 2048 bits"; "" if there is none
	Records  int         // the TXT records there, if there are several
	Testing  bool        // t=y: verifiers may treat signed mail as unsigned
}

// VerificationSnapshot is the tokens of Amazon SES at a name.
type VerificationSnapshot struct {
	Name   record.Name
	State  State
	Tokens []string
	Others int // TXT records that stand where tokens do and are none
}

// MailSnapshot is what SPF says of a mail (RFC 7208 section 2.6).
type MailSnapshot struct {
	Client  string
	Sender  string
	Result  string   // pass, fail, softfail, neutral, none, temperror or permerror
	Path    []string // the terms that decided, each with the domain whose record it stands in, outermost first
	Lookups int
	Says    string // what the domain says about a fail, in presentation form
}

// mails evaluates SPF for the mails of Options: those without a sender as if
// they came from each name of the domain that has SPF.
func (r *run) mails(ctx context.Context, ask record.Asker, p *Snapshot) (all []MailSnapshot) {
	for _, m := range r.options.Mails {
		senders := []string{m.Sender}
		if m.Sender == "" {
			senders = nil
			for _, s := range p.SPF {
				senders = append(senders, "postmaster@"+string(s.Name))
			}
		}
		for _, m.Sender = range senders {
			m.Now = r.options.Now
			v := spf.CheckHost(ctx, ask, m)
			one := MailSnapshot{Client: m.Client.String(), Sender: untrusted.New(m.Sender).Bare(), Result: v.Result.String(), Lookups: v.Lookups}
			for _, step := range v.Path {
				one.Path = append(one.Path, fmt.Sprintf("%.100s of %s", step.Term.Text, step.Domain))
			}
			if v.Explanation.Len() > 0 {
				one.Says = fmt.Sprintf("%.200s", v.Explanation)
			}
			all = append(all, one)
		}
	}
	return all
}

// snapshot puts together what the parts saw. What a second answer denied is not
// known.
func snapshot(d *config.Domain, verdicts []verdict, findings []Finding) *Snapshot {
	p := &Snapshot{}
	for _, v := range verdicts {
		o := v.snapshot
		if o == nil {
			continue
		}
		p.SPF = append(p.SPF, o.SPF...)
		p.MailFrom = append(p.MailFrom, o.MailFrom...)
		p.DKIM = append(p.DKIM, o.DKIM...)
		p.Verification = append(p.Verification, o.Verification...)
		if o.DMARC != nil {
			p.DMARC = o.DMARC
		}
	}
	for _, f := range findings {
		if f.Status == Inconclusive {
			p.doubt(f)
		}
	}
	p.Alignment = align(d, p)
	return p
}

// doubt takes back what a finding was concluded from that is not certain.
func (p *Snapshot) doubt(f Finding) {
	name := f.Record.Name
	switch f.Check {
	case DMARCMissing:
		p.DMARC = &DMARCSnapshot{State: Unknown}
	case MailFromMXMissing:
		for i := range p.MailFrom {
			if m := &p.MailFrom[i]; m.Name == name {
				m.State = Unknown
			}
		}
	case DKIMMissing, DKIMKeyMissing, DKIMKeyPartial:
		for i := range p.DKIM {
			if k := &p.DKIM[i]; k.Name == name || k.Key == "" && f.Check != DKIMMissing {
				k.State = Unknown
			}
		}
	case SPFMissing, SPFIncludeBroken, SPFIncludeDangling:
		for i := range p.SPF {
			if s := &p.SPF[i]; s.Name == name {
				s.SES, s.Partly, s.Unsure = Unknown, false, f.Check == SPFMissing
			}
		}
	}
}

// stateOf is the state of an answer about which nothing else is wrong.
func stateOf(a record.Answer) State {
	switch {
	case a.Status == record.Unknown:
		return Unknown
	case a.Absent():
		return Missing
	}
	return Right
}

func showSPF(w spfWant, s spfSeen, p *Snapshot) {
	root := s.tree.Root
	one := SPFSnapshot{Name: w.name, MailFrom: w.mailFrom, Capped: s.tree.Truncated}
	read := readSES(s.tree)
	one.SES, one.Partly = read.State, read.partly
	if root.Record() != nil {
		if all, _ := ending(root); all != nil {
			one.All = all.Qualifier.String() + "all"
		}
	}
	p.SPF = append(p.SPF, one)
}

func showDMARC(w dmarcWant, s dmarcSeen, p *Snapshot) {
	one := &DMARCSnapshot{State: Wrong}
	p.DMARC = one
	switch s.Outcome {
	case dmarc.Open:
		one.State = Unknown
	case dmarc.Missing:
		one.State = Missing
		if at, twice := s.Duplicate(); twice {
			one.State, one.At = Wrong, at.Answer.Question.Name
		}
	case dmarc.Invalid:
		one.At = s.PolicyDomain.Child("_dmarc")
	case dmarc.Applies:
		one.State = Right
		one.At = s.PolicyDomain.Child("_dmarc")
		one.ASPF, one.ADKIM, one.Testing = s.Record.ASPF.String(), s.Record.ADKIM.String(), s.Record.T
		effect := s.Effective(s.exists.Status != record.NoName)
		one.Tag, one.Inherited = effect.Tag, effect.Inherited
		if s.exists.Failure == nil {
			one.Policy = effect.Policy.String()
		}
		below := s.Discovery
		below.Domain = w.domain.Child("x")
		one.Subdomains = below.Effective(true).Policy.String()
		for _, u := range s.Record.RUA {
			if u.Wrong != "" {
				one.Unusable++
				continue
			}
			one.Reports = append(one.Reports, u.Text.Bare())
		}
	}
	if chain := s.Steps[0].Answer.Chain; len(chain) > 0 {
		one.CNAME = chain[0]
	}
	if s.Record != nil {
		one.Record = s.Record.Text.String()
	}
}

func showMailFrom(w mailFromWant, s mailFromSeen, p *Snapshot) {
	one := MailFromSnapshot{Name: w.name, State: stateOf(s.mx), MX: data(s.mx)}
	if len(s.mx.Chain) > 0 {
		one.CNAME = s.mx.Chain[0]
	}
	if mx := s.mx.Records; len(mx) == 1 {
		one.Region = ses.RegionOf(mx[0].Host)
	}
	if one.State == Right && (len(s.mx.Records) > 1 || !w.right(s.mx.Records[0].Host)) {
		one.State = Wrong
	}
	p.MailFrom = append(p.MailFrom, one)
}

func showDKIM(w dkimWant, seen []tokenSeen, p *Snapshot) {
	for i, s := range seen {
		one := DKIMSnapshot{Selector: w.tokens[i].Value, Name: w.record(w.tokens[i].Value).Name, Target: s.target()}
		one.key(s.txt)
		switch {
		case s.txt.Status == record.Unknown, s.cname.Failure != nil && one.Target == "":
			one.State = Unknown
		case one.Target == "" && s.txt.Absent():
			one.State = Missing
		case s.usable():
			one.State = Right // whether by the right way is for the findings to say
		default:
			one.State = Wrong
		}
		p.DKIM = append(p.DKIM, one)
	}
}

func showOwnKey(w ownKeyWant, s ownKeySeen, p *Snapshot) {
	one := DKIMSnapshot{Selector: w.selector.Value, Name: w.record().Name, State: stateOf(s.txt)}
	if len(s.txt.Chain) > 0 {
		one.Target = s.txt.Chain[0]
	}
	one.key(s.txt)
	if n := len(s.txt.Records); n > 1 {
		one.State, one.Records = Wrong, n
	} else if key := s.key(); one.State == Right && (!w.is(key) || unusable(key) != "") {
		one.State = Wrong
	}
	p.DKIM = append(p.DKIM, one)
}

// key describes the key at a selector, if there is one record.
func (p *DKIMSnapshot) key(txt record.Answer) {
	if len(txt.Records) != 1 {
		return
	}
	k := dkim.Parse(txt.Records[0].Text())
	p.Testing = k.Testing
	switch fatal, useless := k.Fatal(); {
	case k.Revoked:
		p.Key = "revoked"
	case useless:
		p.Key = "unusable: " + fatal.Text
	default:
		p.Key = fmt.Sprintf("%s, %d bits", k.Type, k.Bits)
	}
}

func showVerification(w verificationWant, s verificationSeen, p *Snapshot) {
	for _, a := range []record.Answer{s.under, s.apex} {
		one := VerificationSnapshot{Name: a.Question.Name, State: stateOf(a)}
		for _, r := range a.Records {
			token, prefixed := strings.CutPrefix(r.Text().Raw(), ses.VerificationPrefix)
			switch here := a.Question == s.under.Question; {
			case isToken(token) && (here || prefixed || w.lists(token)):
				one.Tokens = append(one.Tokens, r.Text().String())
			case here:
				one.Others++
			}
		}
		if one.State == Right && len(one.Tokens) == 0 {
			one.State = Missing
		}
		slices.Sort(one.Tokens)
		p.Verification = append(p.Verification, one)
	}
}

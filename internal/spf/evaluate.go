package spf

import (
	"context"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Result is the result of check_host() for a mail (RFC 7208 section 2.6).
type Result uint8

// The results.
const (
	None Result = iota
	Neutral
	Pass
	Fail
	SoftFail
	TempError
	PermError
)

func (r Result) String() string {
	return [...]string{"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}[min(r, PermError)]
}

// Mail is the input of check_host().
type Mail struct {
	Client   netip.Addr
	Sender   string // of MAIL FROM; may be empty
	Helo     string
	Receiver string    // the receiving host, for the macro r
	Now      time.Time // for the macro t
}

// Verdict is the outcome of check_host(), with its cost.
type Verdict struct {
	Result
	Explanation untrusted.Text // the domain's explanation of a Fail; may be empty
	Lookups     int            // terms that asked DNS
	Voids       int            // of those, the ones that found nothing

	// Path is the terms that decided, outermost first: the match, or the error.
	// It is empty if no term decided.
	Path []Decision
}

// Decision is a term of a path, and the domain of its record.
type Decision struct {
	Domain record.Name
	Term   *Term
}

// CheckHost evaluates the SPF record of a mail's domain as a mail server does:
// from left to right, within the limits of section 4.6.4.
//
// It also verifies Parse and the counts of a Tree, because the test suites of RFC
// 7208 test mails.
func CheckHost(ctx context.Context, ask record.Asker, m Mail) Verdict {
	m.Client = m.Client.Unmap().WithZone("") // section 5: an IPv4-mapped address is an IPv4 one
	if !m.Client.IsValid() {
		return Verdict{}
	}
	if m.Sender == "" {
		m.Sender = m.Helo
	}
	at := strings.LastIndexByte(m.Sender, '@')
	e := evaluation{ctx: ctx, ask: ask, mail: m, local: "postmaster", domain: m.Sender[at+1:]} // section 4.3
	if at > 0 {
		e.local = m.Sender[:at]
	}
	e.Result, e.Explanation = e.check(e.domain)
	return e.Verdict
}

// evaluation is the state of one check_host() with its recursive calls.
type evaluation struct {
	Verdict
	ctx           context.Context
	ask           record.Asker
	mail          Mail
	local, domain string // of the sender

	reversed bool // the names of the client were looked up
	names    []record.Name
	nameless bool // the client has no PTR record
}

// check is check_host() for a domain.
func (e *evaluation) check(domain string) (Result, untrusted.Text) {
	domain = strings.TrimSuffix(domain, ".")
	owner, ok := toName(domain)
	if last := domain[strings.LastIndexByte(domain, '.')+1:]; !ok || len(last) == len(domain) || !isTopLabel(last) {
		return None, untrusted.Text{} // section 4.3: no full domain name
	}
	answer := e.ask.Ask(e.ctx, record.Question{Name: owner, Type: record.TXT})
	if answer.Status == record.Unknown {
		return TempError, untrusted.Text{}
	}
	all := texts(answer)
	if len(all) == 0 {
		return None, untrusted.Text{}
	}
	r := Parse(all[0])
	if len(all) > 1 || len(r.Problems) > 0 {
		return PermError, untrusted.Text{}
	}
	for t := range r.every(all[0]) {
		if t.Qualifier == 0 {
			continue
		}
		e.Path = nil
		matches, wrong := e.matches(t, owner, domain)
		if !matches && wrong == None {
			e.Path = nil
			continue
		}
		e.Path = slices.Insert(e.Path, 0, Decision{owner, t})
		if wrong != None {
			return wrong, untrusted.Text{}
		}
		switch t.Qualifier {
		case '-':
			return Fail, e.explain(r, domain)
		case '~':
			return SoftFail, untrusted.Text{}
		case '?':
			return Neutral, untrusted.Text{}
		}
		return Pass, untrusted.Text{}
	}
	t := r.Redirect()
	if t == nil {
		return Neutral, untrusted.Text{}
	}
	defer func() { e.Path = slices.Insert(e.Path, 0, Decision{owner, t}) }()
	if !e.lookUp() {
		return PermError, untrusted.Text{}
	}
	result, explanation := e.check(e.target(t, domain))
	if result == None {
		return PermError, untrusted.Text{} // section 6.1
	}
	return result, explanation
}

// every yields all terms of the record whose text is t, including those that
// Parse does not keep.
func (r *Record) every(t untrusted.Text) iter.Seq[*Term] {
	return func(yield func(*Term) bool) {
		if !r.Cut {
			for i := range r.Terms {
				if !yield(&r.Terms[i]) {
					return
				}
			}
			return
		}
		for column, text := range eachTerm(t.Raw()) {
			term, _, _ := parseTerm(text)
			term.Column = column
			if !yield(&term) {
				return
			}
		}
	}
}

// lookUp counts a term that asks DNS. It returns false beyond the limit.
func (e *evaluation) lookUp() bool {
	if e.Lookups == MaxLookups {
		return false
	}
	e.Lookups++
	return true
}

// matches reports whether the mechanism t matches, or the error that ends the
// evaluation.
func (e *evaluation) matches(t *Term, owner record.Name, domain string) (bool, Result) {
	if t.Kind.Queries() && !e.lookUp() {
		return false, PermError
	}
	switch t.Kind {
	case All:
		return true, None
	case IP4, IP6:
		return t.Network.Contains(e.mail.Client), None
	case Include:
		switch result, _ := e.check(e.target(t, domain)); result {
		case Pass:
			return true, None
		case TempError:
			return false, TempError
		case PermError, None:
			return false, PermError
		}
		return false, None
	}
	name, ok := owner, true
	if t.Domain.Len() > 0 {
		name, ok = toName(e.target(t, domain))
	}
	if !ok {
		return false, None // section 4.8 leaves this open; there is no name to query
	}
	switch t.Kind {
	case A:
		return e.address(t, name, true)
	case Exists:
		a := e.ask.Ask(e.ctx, record.Question{Name: name, Type: record.A})
		return a.Status == record.Found, e.count(a)
	case MX:
		return e.hosts(t, name)
	}
	e.reverse()
	if e.nameless {
		e.Voids++
	}
	below := func(n record.Name) bool { return n.In(name) }
	return slices.ContainsFunc(e.names, below), e.overVoid()
}

// count counts a void lookup. It returns the error that ends the evaluation, or
// None.
func (e *evaluation) count(a record.Answer) Result {
	if a.Status == record.Unknown {
		return TempError
	}
	if a.Absent() {
		e.Voids++
	}
	return e.overVoid()
}

func (e *evaluation) overVoid() Result {
	if e.Voids > MaxVoids {
		return PermError
	}
	return None
}

// address compares the client with the addresses of a name. Only addresses of the
// client's family count (section 5): without any, the lookup is void (section
// 4.6.4).
func (e *evaluation) address(t *Term, name record.Name, counted bool) (bool, Result) {
	family, bits := record.A, t.Bits4
	if e.mail.Client.Is6() {
		family, bits = record.AAAA, t.Bits6
	}
	a := e.ask.Ask(e.ctx, record.Question{Name: name, Type: family})
	if a.Status == record.Unknown || a.Status == record.Found && len(a.Records) == 0 {
		return false, TempError
	}
	for _, r := range a.Records {
		if netip.PrefixFrom(r.Addr, int(bits)).Contains(e.mail.Client) {
			return true, None
		}
	}
	if !counted {
		return false, None
	}
	return false, e.count(a)
}

func (e *evaluation) hosts(t *Term, name record.Name) (bool, Result) {
	mx := e.ask.Ask(e.ctx, record.Question{Name: name, Type: record.MX})
	if wrong := e.count(mx); wrong != None {
		return false, wrong
	}
	if len(mx.Records) > MaxHosts {
		return false, PermError
	}
	for _, r := range mx.Records {
		if r.Host == record.Root {
			continue
		}
		if matches, wrong := e.address(t, r.Host, false); matches || wrong != None {
			return matches, wrong
		}
	}
	return false, None
}

// reverse finds the validated names of the client: those of its PTR records that
// lead back to its address (section 5.5). Names whose queries fail are left out.
func (e *evaluation) reverse() {
	if e.reversed {
		return
	}
	e.reversed = true
	ptr := e.ask.Ask(e.ctx, record.Question{Name: reverseName(e.mail.Client), Type: record.PTR})
	e.nameless = ptr.Absent()
	itself := &Term{Bits4: 32, Bits6: 128}
	for i, r := range ptr.Records {
		if i == MaxHosts {
			break // section 4.6.4: ignore further names
		}
		if ok, _ := e.address(itself, r.Host, false); ok {
			e.names = append(e.names, r.Host)
		}
	}
}

// explain fetches and expands the text that exp points to. On any error there is
// no explanation (section 6.2).
func (e *evaluation) explain(r *Record, domain string) untrusted.Text {
	t := r.first(Exp)
	if t == nil {
		return untrusted.Text{}
	}
	name, ok := toName(e.target(t, domain))
	if !ok {
		return untrusted.Text{}
	}
	a := e.ask.Ask(e.ctx, record.Question{Name: name, Type: record.TXT})
	if len(a.Records) != 1 {
		return untrusted.Text{}
	}
	text := a.Records[0].Text()
	pieces, err := parseMacros(text.Raw(), domainLetters+expLetters)
	if err != nil || !text.Plain() {
		return untrusted.Text{}
	}
	return untrusted.New(e.expand(pieces, domain))
}

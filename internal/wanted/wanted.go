// Package wanted lists the DNS records that the file asks for.
//
// It gives one answer where several are right: a live policy may be stricter, and
// a live SPF record may have more terms. Package check decides whether live
// records are right. Package wanted sends no queries, and writes no format.
package wanted

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Part is a part of a domain: the purpose of its records, and the subject of its
// checks. Reports use these words.
type Part string

// The parts that have records, in the order in which these are given.
const (
	Verification Part = "verification"
	DKIM         Part = "dkim"
	MailFrom     Part = "mail-from"
	SPFRecord    Part = "spf"
	DMARCRecord  Part = "dmarc"
	Receiving    Part = "receiving"
	Tracking     Part = "tracking"
)

// The parts that only checks have.
const (
	Domain Part = "domain"                 // the domain itself
	OwnKey Part = "dkim with your own key" // the checks of BYODKIM; its records are of DKIM
	SES    Part = "ses"                    // the state in Amazon SES
	Rules  Part = "receivers"              // the rules of receivers of mail
	Every  Part = "shared"                 // the checks that any part can have
)

// Record is one record that the file asks for.
type Record struct {
	Owner   record.Name
	Data    record.Record
	Part    Part
	Purpose string       // the purpose in a few plain words
	Domain  record.Name  // whose part of the file asks for it
	Place   config.Place // where
}

// Sole reports whether the name can have only one such record.
func (r Record) Sole() bool { return r.Part != Verification && r.Part != Receiving }

// Note is a remark about a domain's records.
type Note struct {
	Domain record.Name
	Text   string // safe to print
}

// Records are the records that a domain asks for, each once, with notes.
func Records(d *config.Domain) ([]Record, []Note) {
	l := &list{domain: d}
	for i := range d.Identities {
		l.identity(&d.Identities[i])
	}
	l.spf()
	l.dmarc()
	slices.SortStableFunc(l.records, func(a, b Record) int { return rank(a.Part) - rank(b.Part) })
	return l.records, l.notes
}

func rank(p Part) int {
	return slices.Index([]Part{Verification, DKIM, MailFrom, SPFRecord, DMARCRecord, Receiving, Tracking}, p)
}

// list is a domain's records as they are put together.
type list struct {
	domain  *config.Domain
	records []Record
	notes   []Note
}

// add adds a record, unless another identity has asked for the same.
func (l *list) add(r Record) {
	same := func(o Record) bool {
		return o.Owner == r.Owner && o.Data.Type == r.Data.Type && o.Data.String() == r.Data.String()
	}
	if !slices.ContainsFunc(l.records, same) {
		r.Domain = l.domain.Name
		l.records = append(l.records, r)
	}
}

func (l *list) note(format string, args ...any) {
	l.notes = append(l.notes, Note{l.domain.Name, fmt.Sprintf(format, args...)})
}

func (l *list) identity(id *config.Identity) {
	name := l.domain.Name
	for _, t := range id.Verification {
		l.add(Record{
			Owner: ses.VerificationName(name), Data: record.NewTXT(t.Value), Part: Verification,
			Purpose: "verification" + in(id), Place: t.Place,
		})
	}
	l.dkim(id)
	if m := id.MailFrom; m != nil {
		l.mailFrom(id, m)
	}
	if r := id.Receiving; r != nil {
		l.receiving(id, r)
	}
	if t := id.Tracking; t != nil {
		l.tracking(id, t)
	}
}

// in names the identity's region at the end of a purpose.
func in(id *config.Identity) string {
	if id.Region.Value == "" {
		return ""
	}
	return ", " + id.Region.Value
}

func (l *list) dkim(id *config.Identity) {
	if id.DKIM == nil {
		return
	}
	sender := ses.LookupSender(id.Sender.Value)
	switch k := id.DKIM; {
	case sender != nil && k.Easy && len(k.Tokens) == 0:
		l.note("the three DKIM CNAMEs of %s%s are not among these: copy them from %s", l.domain.Name, in(id), sender.Dashboard())
	case sender != nil && k.Selector.Value != "" && k.PublicKey.Value == "":
		l.note("the DKIM key at %s is not among these: copy its TXT record from %s", ses.DKIMName(k.Selector.Value, l.domain.Name), sender.Dashboard())
	case k.Easy && len(k.Tokens) == 0:
		l.note("the three DKIM CNAMEs of %s%s are not among these: dkim is easy, and its tokens are not in the file", l.domain.Name, in(id))
	}
	zone := DKIMZone(id)
	for _, t := range id.DKIM.Tokens {
		owner := ses.DKIMName(t.Value, l.domain.Name)
		if slices.ContainsFunc(l.records, func(r Record) bool { return r.Data.Type == record.CNAME && r.Owner == owner }) {
			continue // a replica uses the CNAMEs of its parent (Deterministic Easy DKIM)
		}
		l.add(Record{
			Owner:   owner,
			Data:    record.Record{Type: record.CNAME, Host: ses.DKIMTarget(t.Value, zone)},
			Part:    DKIM,
			Purpose: "Easy DKIM" + in(id), Place: t.Place,
		})
	}
	key, err := dkim.ParsePublic(id.DKIM.PublicKey.Value)
	if id.DKIM.Selector.Value == "" || err != nil { // impossible: the reader of the file checked it
		return
	}
	purpose := "your own DKIM key"
	if sender != nil {
		purpose = "DKIM key of " + sender.Name
	}
	l.add(Record{
		Owner: ses.DKIMName(id.DKIM.Selector.Value, l.domain.Name), Data: record.NewTXT(key.TXT()), Part: DKIM,
		Purpose: purpose + in(id), Place: id.DKIM.Selector.Place,
	})
}

// DKIMZone is the zone that the Easy DKIM records of an identity lead to.
func DKIMZone(id *config.Identity) record.Name {
	if z := id.DKIM.SigningHostedZone; z != nil {
		return z.Value
	}
	return ses.DKIMZone(id.Region.Value)
}

// mailFrom asks for one MX, also where identities in several regions share the
// name: it may be that of any of them (developer guide, "Regions and Amazon
// SES").
func (l *list) mailFrom(id *config.Identity, m *config.MailFrom) {
	mx := Record{
		Owner: m.Name.Value, Data: ses.FeedbackMX(id.Region.Value), Part: MailFrom,
		Purpose: "MAIL FROM" + in(id), Place: m.Place,
	}
	shared := func(r Record) bool { return r.Part == MailFrom && r.Owner == mx.Owner }
	if !slices.ContainsFunc(l.records, shared) {
		l.add(mx)
	}
}

func (l *list) receiving(id *config.Identity, r *config.Receiving) {
	mx := record.Record{Type: record.MX, Preference: ses.Preference, Host: ses.InboundHost(id.Region.Value)}
	purpose := "receiving" + in(id)
	if region, known := ses.LookupRegion(id.Region.Value); r.Host == nil && known && !region.Receives {
		l.note("SES is not known to receive mail in %s (table of %s), so there is no MX record for %s", region.Name, ses.TableDate, l.domain.Name)
		return
	}
	if r.Host != nil {
		mx.Host, purpose = r.Host.Value, "receiving"
	}
	l.add(Record{Owner: l.domain.Name, Data: mx, Part: Receiving, Purpose: purpose, Place: r.Place})
}

func (l *list) tracking(id *config.Identity, t *config.Tracking) {
	target := ses.TrackingHost(id.Region.Value)
	if t.Target != nil {
		target = t.Target.Value
	}
	name := t.Name.Value
	switch {
	case name == name.Registrable():
		l.note("%s is the top of a zone, which cannot be a CNAME: make it an alias of %s", name, target)
		return
	case name == l.domain.Name && l.hasOthers():
		l.note("%s has other records, so it cannot be a CNAME: make it an alias of %s", name, target)
		return
	}
	l.add(Record{
		Owner: name, Data: record.Record{Type: record.CNAME, Host: target}, Part: Tracking,
		Purpose: "click and open tracking" + in(id), Place: t.Place,
	})
}

// hasOthers reports whether records of another type are asked for at the domain
// itself.
func (l *list) hasOthers() bool {
	receives := func(id config.Identity) bool { return id.Receiving != nil }
	return l.domain.SPF != nil && !l.domain.SPF.None || slices.ContainsFunc(l.domain.Identities, receives)
}

// spf asks for the SPF records of the domain and of its MAIL FROM names, one
// for each name.
func (l *list) spf() {
	for _, id := range l.domain.Identities {
		m := id.MailFrom
		if m == nil || m.SPF != nil && m.SPF.None {
			continue
		}
		text := SPF(l.listedAt(m.Name.Value), m.Joined, true)
		l.add(Record{
			Owner: m.Name.Value, Data: record.NewTXT(text), Part: SPFRecord,
			Purpose: "SPF of the MAIL FROM name", Place: m.Place,
		})
	}
	switch s := l.domain.SPF; {
	case s == nil:
	case s.None:
		l.note("%s has no SPF record, as the file says: delete one that is there", l.domain.Name)
	default:
		l.add(Record{
			Owner: l.domain.Name, Data: record.NewTXT(SPF(s, s.Joined, false)), Part: SPFRecord,
			Purpose: "SPF of the domain", Place: s.Place,
		})
	}
}

// listedAt joins the SPF expectations of all identities with a MAIL FROM name.
func (l *list) listedAt(name record.Name) (listed *config.SPF) {
	for _, id := range l.domain.Identities {
		if id.MailFrom != nil && id.MailFrom.Name.Value == name {
			listed = config.BothSPF(listed, id.MailFrom.SPF)
		}
	}
	return listed
}

func (l *list) dmarc() {
	d := l.domain.DMARC
	if d == nil {
		return
	}
	l.add(Record{
		Owner: l.domain.Name.Child("_dmarc"), Data: record.NewTXT(DMARC(d)), Part: DMARCRecord,
		Purpose: "DMARC", Place: d.Place,
	})
	var noted []record.Name
	for _, uri := range d.RUA {
		host := dmarc.ParseURI(untrusted.New(uri.Value)).Host
		if host == "" || slices.Contains(noted, host) || host.Registrable() == l.domain.Name.Registrable() {
			continue
		}
		noted = append(noted, host)
		if name, ok := dmarc.ReportName(l.domain.Name, host); ok {
			l.note(`reports go to another organisation, which must publish: %s IN TXT "v=DMARC1"`, name.FQDN())
		}
	}
}

package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// RecordUnclaimed is the check of this file.
var RecordUnclaimed = &finding.Check{
	ID: "record-unclaimed", Severity: finding.Note, Since: "1.0.0",
	Title:   "The zone files have an SES record that no domain of the file asks for",
	Means:   "A zone file or plan has a verification token, DKIM record, MAIL FROM or inbound MX, tracking CNAME, or an SPF record that authorises SES, and no domain of the YAML file asks for it.",
	Matters: "nobody checks the identity that it belongs to, or the identity is gone and the record was left behind",
	Fix:     "Add what the message names to the file, or delete the record if nobody needs it.",
}

// Published is a record of the user's zone files.
type Published struct {
	Zone   record.Name
	Place  config.Place
	Origin finding.Origin
	Owner  record.Name
	Record record.Record
}

// sesRecord is a published record of SES.
type sesRecord struct {
	Published
	is     ses.Recognized // NoUse: an SPF record that authorises SES
	domain record.Name    // its domain, as far as names show it
}

// recognized reports whether a record is one of SES.
func (p Published) recognized() (sesRecord, bool) {
	s := sesRecord{Published: p, is: ses.Recognize(p.Owner, p.Record)}
	if s.is.Use == ses.NoUse && !authorizesSES(p.Record) {
		return sesRecord{}, false
	}
	switch s.is.Use {
	case ses.EasyDKIM, ses.Verification:
		if s.domain = s.is.Domain; s.domain == "" {
			s.domain = p.Zone
		}
	case ses.MailFrom, ses.Tracking:
		if s.domain = p.Owner.Parent(); s.domain.IsSuffix() { // a public suffix
			s.domain = p.Owner
		}
	default:
		s.domain = p.Owner
	}
	s.domain = s.domain.Undoubled(p.Zone)
	return s, true
}

func authorizesSES(r record.Record) bool {
	return r.Type == record.TXT && spf.Parse(r.Text()).Includes(ses.SPFInclude)
}

// authorizing are the names of SPF records that authorise SES, each false.
func authorizing(left []sesRecord) map[record.Name]bool {
	all := map[record.Name]bool{}
	for _, s := range left {
		if s.is.Use == ses.NoUse {
			all[s.Owner] = false
		}
	}
	return all
}

// expected is the query for the record at its right name.
func (s sesRecord) expected() record.Question {
	q := record.Question{Name: s.Owner.Undoubled(s.Zone), Type: s.is.Use.Type()}
	switch s.is.Use {
	case ses.EasyDKIM:
		q.Name = ses.DKIMName(s.is.Token, s.domain)
	case ses.Verification:
		q.Name = ses.VerificationName(s.domain)
	}
	return q
}

// claims are the records of the file's domains. A misplaced record is claimed as
// well: the finding of the missing one names it.
func claims(file *config.File) map[record.Question]bool {
	all := map[record.Question]bool{}
	for i := range file.Domains {
		d := &file.Domains[i]
		for _, l := range examinations(d) {
			for _, s := range l.Scopes() {
				all[s.Record] = true
				names := part.DoubledNames(s.Record.Name, d.Name)
				if s.Record.Type == record.CNAME {
					names = append(names, part.StrayNames(s.Record.Name, d.Name)...)
				}
				for _, n := range names {
					all[record.Question{Name: n, Type: s.Record.Type}] = true
				}
			}
		}
	}
	return all
}

// anyTokens are the domains with `dkim: easy` whose tokens nobody gave: any record of
// Easy DKIM may be theirs.
func anyTokens(file *config.File) map[record.Name]bool {
	all := map[record.Name]bool{}
	for _, d := range file.Domains {
		all[d.Name] = slices.ContainsFunc(d.Identities, func(id config.Identity) bool {
			return id.DKIM != nil && id.DKIM.Easy && id.DKIM.Promised == nil && len(id.DKIM.Tokens) == 0
		})
	}
	return all
}

// unclaimed reports those of the leftovers that belong to no domain of the file.
// reached are names that live SPF records of the domains lead to.
func unclaimed(file *config.File, published []Published, left []sesRecord, reached map[record.Name]bool) (found []finding.Finding) {
	if len(left) == 0 {
		return nil
	}
	left = unused(file, published, left, reached)
	u := newUnlisted(file, left)
	for _, s := range left {
		found = append(found, u.finding(s))
	}
	return found
}

// leftovers are the records of SES in the zone files that the file does not name.
func leftovers(file *config.File, published []Published) (left []sesRecord) {
	if len(published) == 0 {
		return nil
	}
	type key struct {
		owner record.Name
		use   ses.Use
		token string
	}
	claimed, easy, seen := claims(file), anyTokens(file), map[key]bool{}
	for _, p := range published {
		s, ok := p.recognized()
		k := key{p.Owner, s.is.Use, s.is.Token}
		if !ok || seen[k] || easy[s.domain] && s.is.Use == ses.EasyDKIM && s.expected().Name == p.Owner || claimed[s.expected()] || claimed[record.Question{Name: p.Owner, Type: s.is.Use.Type()}] {
			continue
		}
		seen[k] = true
		left = append(left, s)
	}
	return left
}

// unused leaves out what the file's domains use, and what a finding names as
// misplaced.
func unused(file *config.File, published []Published, left []sesRecord, reached map[record.Name]bool) []sesRecord {
	u, m := newUses(file, published), newMisplaced(file, published)
	return slices.DeleteFunc(left, func(s sesRecord) bool {
		return u.used[record.Question{Name: s.Owner, Type: s.Record.Type}] || m.has(s) || s.is.Use == ses.NoUse && reached[s.Owner]
	})
}

// unlisted has the unclaimed records, and what findings need of the file to say
// how to add them.
type unlisted struct {
	domains  map[record.Name]*config.Domain
	mailFrom map[record.Name]bool     // MAIL FROM names
	tokens   map[record.Name][]string // of Easy DKIM, by domain
}

func newUnlisted(file *config.File, left []sesRecord) *unlisted {
	u := &unlisted{domains: map[record.Name]*config.Domain{}, mailFrom: map[record.Name]bool{}, tokens: map[record.Name][]string{}}
	for i := range file.Domains {
		u.domains[file.Domains[i].Name] = &file.Domains[i]
	}
	for _, s := range left {
		switch s.is.Use {
		case ses.MailFrom:
			u.mailFrom[s.Owner] = true
		case ses.EasyDKIM:
			u.tokens[s.domain] = append(u.tokens[s.domain], s.is.Token)
		default:
		}
	}
	return u
}

// finding describes an unclaimed record, and how to add it to the file. All
// records of a domain that is not in the file have one cause.
func (u *unlisted) finding(s sesRecord) finding.Finding {
	if s.is.Use == ses.NoUse && u.mailFrom[s.Owner] {
		s.domain = s.Owner.Parent()
	}
	f := finding.Finding{
		Check:  RecordUnclaimed,
		Domain: s.Zone,
		Record: record.Question{Name: s.Owner, Type: s.Record.Type},
		Actual: []string{s.Record.String()},
		Place:  s.Place,
		Origin: s.Origin,
	}
	what := s.is.Use.String()
	if s.is.Use == ses.NoUse {
		what = "an SPF record that authorises SES"
	}
	if how := s.is.Wrongly(s.Record.Type); len(how) > 0 {
		what += ", published " + strings.Join(how, " and ")
	}
	f.Message = fmt.Sprintf("%s is %s, and no domain of the file asks for it: ", s.Owner, what)
	d := u.domains[s.domain]
	of, foreign, _ := s.domain.Foreign(s.Zone)
	switch {
	case s.is.Use == ses.Submission:
		f.Message = fmt.Sprintf("%s is %s, which is for sending and receives no mail: delete the record", s.Owner, what)
		f.Impact = "mail to the name is not delivered: the host accepts mail only after a login"
	case s.is.Use == ses.MailFrom && u.domains[s.Owner] != nil:
		f.Message += "a MAIL FROM domain is a subdomain of its identity; delete the record here"
		f.Impact = "this name cannot be a MAIL FROM domain, and mail to it goes to Amazon SES as if it were a bounce"
	case s.is.Mistakes&ses.CaseFolded != 0:
		f.Message += "replace it with the TXT record that SES shows, or delete it"
		f.Impact = s.impact(false)
	case d == nil && foreign:
		f.Message += fmt.Sprintf("it looks like a record of %s in the zone of %s, where nobody looks for it; publish it there, and delete it here", of, s.Zone)
		f.Impact = s.impact(true)
		f.Cause = fmt.Sprintf("record-unclaimed %s in %s", of, s.Zone)
	case isWildcard(s.Owner):
		f.Message += fmt.Sprintf("the file cannot list a wildcard; list the names that need it in %s, or delete the record if nothing uses it", s.Zone)
		f.Impact = s.impact(false)
		f.Cause = "record-unclaimed " + string(s.Owner)
	case s.domain.Labels() < 2:
		f.Message += "the name is not below a domain; write it in full, or delete the record"
		f.Impact = "nobody looks at the name, so the record has no effect"
	case d == nil && s.is.Use == ses.NoUse:
		f.Message += fmt.Sprintf("list %s, as `import` writes it, or delete the record if nothing uses it", s.domain)
		f.Cause = "record-unclaimed " + string(s.domain)
	case d == nil:
		f.Message += fmt.Sprintf("list %s, as `import` writes it, or delete the record", s.domain)
		f.Cause = "record-unclaimed " + string(s.domain)
	default:
		f.Message += u.advice(s, d)
		f.Impact = s.impact(false)
		f.Cause = fmt.Sprintf("record-unclaimed %s %d", s.domain, s.is.Use)
	}
	return f
}

// advice says which keys to add to a domain of the file.
func (u *unlisted) advice(s sesRecord, d *config.Domain) string {
	add := ""
	switch s.is.Use {
	case ses.EasyDKIM:
		const most = 6
		tokens := u.tokens[s.domain]
		if len(tokens) > most {
			tokens = append(tokens[:most:most], "…")
		}
		list := strings.Join(tokens, ", ")
		if slices.ContainsFunc(d.Identities, func(id config.Identity) bool { return id.DKIM != nil && len(id.DKIM.Tokens) > 0 }) {
			return fmt.Sprintf("add its identity to %s with dkim: [%s], or delete its records if it is gone", d.Name, list)
		}
		add = fmt.Sprintf("dkim: [%s]", list)
	case ses.Verification:
		add = fmt.Sprintf("verification: %.80s", untrusted.New(s.is.Token))
	case ses.MailFrom:
		add = "mail_from: " + under(s.Owner, d.Name)
	case ses.Receiving:
		add = "receiving: true"
	case ses.MailManager:
		add = fmt.Sprintf("receiving: {host: %s}", s.is.Host)
	case ses.Tracking:
		add = "tracking: " + under(s.Owner, d.Name)
	default:
		if !u.mailFrom[s.Owner] {
			return fmt.Sprintf("list its includes as spf of %s, or delete the record if nothing uses it", d.Name)
		}
		add = "mail_from: " + under(s.Owner, d.Name)
	}
	return fmt.Sprintf("add %s to %s, or delete the record if nothing uses it", add, d.Name)
}

// under is a name in the notation of the file: a single label without the domain.
func under(n, domain record.Name) string {
	if n.Parent() == domain {
		return n.FirstLabel()
	}
	return string(n)
}

// impact is the effect of the record; "" if it is misplaced.
func (s sesRecord) impact(elsewhere bool) string {
	key := s.is.Use == ses.EasyDKIM && s.is.Zone == "" // a copied key works until SES rotates it
	if elsewhere || s.Owner.Undoubled(s.Zone) != s.Owner || s.is.Mistakes&^ses.ShortToken != 0 && !key {
		return "Amazon SES does not recognise the record, so it has no effect"
	}
	switch s.is.Use {
	case ses.EasyDKIM:
		return fmt.Sprintf("the account that has the identity can sign mail as %s", s.domain)
	case ses.Verification:
		return fmt.Sprintf("the account that the token was made for can send as %s", s.domain)
	case ses.MailFrom:
		return "bounces of mail that has the name as its MAIL FROM go to Amazon SES"
	case ses.Receiving, ses.MailManager:
		return "mail to the name goes to Amazon SES, whether or not anybody reads it there"
	case ses.Tracking:
		return "links under the name lead to Amazon SES"
	default:
		return "mail that Amazon SES sends with the name as its MAIL FROM passes SPF"
	}
}

package check

import (
	"context"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// This file finds records of a domain without a file at their usual names: MAIL
// FROM names, tracking names, and keys of senders on SES.

// discovery has the answers at the usual names of a domain.
type discovery struct {
	mx         record.Answer // of the domain itself
	mailbox    record.Answer // CNAME of autodiscover, for WorkMail
	mailFrom   []record.Answer
	keys       []record.Answer // of senders
	tracking   []record.Answer
	wildcard   bool // a wildcard MX leads to SES
	unanswered []record.Question
}

// discover queries the usual names. A failed query has no effect on checks.
func discover(ctx context.Context, a part.Asker, domain record.Name) *discovery {
	found := &discovery{}
	var qs []record.Question
	at := func(n record.Name, t record.Type) { qs = append(qs, record.Question{Name: n, Type: t}) }
	at(domain, record.MX)
	at(domain.Child("autodiscover"), record.CNAME)
	at(domain.Child(ses.NoLabel), record.MX)
	const first = 3
	for _, l := range ses.MailFromLabels {
		at(domain.Child(l), record.MX)
	}
	keys := len(qs)
	for _, s := range ses.Senders() {
		if !s.Easy() {
			at(ses.DKIMName(s.Selector, domain), record.TXT)
		}
	}
	tracking := len(qs)
	for _, l := range ses.TrackingLabels {
		at(domain.Child(l), record.CNAME)
	}
	got := a.All(ctx, qs...)
	found.mx, found.mailbox, found.wildcard = got[0], got[1], isFeedback(got[2])
	for _, one := range got {
		if one.Status == record.Unknown {
			found.unanswered = append(found.unanswered, one.Question)
		}
	}
	if !found.wildcard {
		found.mailFrom = slices.DeleteFunc(slices.Clone(got[first:keys]), func(a record.Answer) bool { return !isFeedback(a) })
	}
	found.keys = slices.DeleteFunc(slices.Clone(got[keys:tracking]), func(a record.Answer) bool {
		return len(a.Chain) > 0 || !slices.ContainsFunc(a.Records, func(r record.Record) bool { return dkim.HasKey(r.Text()) })
	})
	found.tracking = slices.DeleteFunc(slices.Clone(got[tracking:]), func(a record.Answer) bool { return trackingRegion(a) == "" })
	return found
}

// isFeedback reports whether an MX is that of a MAIL FROM domain of SES, or a
// garbled one.
func isFeedback(a record.Answer) bool {
	return slices.ContainsFunc(a.Records, func(r record.Record) bool { return ses.Recognize(a.Question.Name, r).Use == ses.MailFrom })
}

// trackingRegion is the region of the tracking host that an answer leads to, or
// "".
func trackingRegion(a record.Answer) string {
	for _, r := range a.Records {
		if is := ses.Recognize(a.Question.Name, r); is.Use == ses.Tracking {
			return is.Region
		}
	}
	return ""
}

// with adds the discovered names to those that the user gave.
func (found *discovery) with(d *config.Domain) *config.Domain {
	out := *d
	given, selectors := d.Identities[0], d.Identities[1:]
	var mine, theirs []config.Identity
	var names []record.Name
	for _, a := range found.mailFrom {
		if n := a.Question.Name; given.MailFrom == nil || given.MailFrom.Name.Value != n {
			names = append(names, n)
		}
	}
	for _, a := range found.keys {
		s := ses.SenderOfSelector(a.Question.Name.FirstLabel())
		id := config.Identity{Sender: config.At[string]{Value: s.Key}, DKIM: &config.DKIM{Selector: config.At[string]{Value: s.Selector}}}
		selectors = slices.DeleteFunc(slices.Clone(selectors), func(o config.Identity) bool { return o.DKIM.Selector.Value == s.Selector })
		own := d.Name.Child(s.MailFrom)
		if len(names) == 1 && len(found.keys) == 1 && given.MailFrom == nil && ses.SenderOfMailFrom(names[0]) == nil {
			own = names[0] // the customer chose this name
		}
		if i := slices.Index(names, own); i >= 0 {
			id.MailFrom = mailFromAt(own)
			names = slices.Delete(names, i, i+1)
		} else if given.MailFrom != nil && given.MailFrom.Name.Value == own {
			id.MailFrom, given.MailFrom = given.MailFrom, nil
		}
		theirs = append(theirs, id)
	}
	for _, n := range names {
		id := config.Identity{MailFrom: mailFromAt(n)}
		if s := ses.SenderOfMailFrom(n); s != nil {
			id.Sender.Value = s.Key
		}
		mine = append(mine, id)
	}
	if given.MailFrom == nil && len(mine) > 0 && mine[0].Sender.Value == "" {
		given.MailFrom, mine = mine[0].MailFrom, mine[1:]
	}
	out.Identities = []config.Identity{given}
	if others := slices.Concat(mine, theirs); len(others) > 0 {
		if given.MailFrom == nil && given.DKIM == nil && given.Region.Value == "" {
			out.Identities = nil
		}
		out.Identities = append(out.Identities, others...)
	}
	out.Identities = append(out.Identities, selectors...)
	return &out
}

func mailFromAt(n record.Name) *config.MailFrom {
	return &config.MailFrom{Name: config.At[record.Name]{Value: n}}
}

// snapshot converts a discovery for reports.
func (found *discovery) snapshot() *snapshot.Discovery {
	p := &snapshot.Discovery{MX: finding.Data(found.mx), Receives: snapshot.StateOf(found.mx), Wildcard: found.wildcard}
	for _, r := range found.mx.Records {
		switch is := ses.Recognize(found.mx.Question.Name, r); is.Use {
		case ses.Receiving:
			if is.Region != "" && !slices.Contains(p.Inbound, is.Region) {
				p.Inbound = append(p.Inbound, is.Region)
			}
		case ses.MailManager:
			p.Manager = true
		}
		if r.Host == record.Root { // RFC 7505
			p.Receives = snapshot.Missing
		}
	}
	slices.Sort(p.Inbound)
	for _, r := range found.mailbox.Records {
		if ses.IsWorkMail(r.Host) {
			p.WorkMail, p.WorkMailEnd = r.Host, ses.WorkMailEnd
		}
	}
	for _, a := range found.tracking {
		p.Tracking = append(p.Tracking, snapshot.Tracking{Name: a.Question.Name, Region: trackingRegion(a)})
	}
	for _, q := range found.unanswered {
		p.Unanswered = append(p.Unanswered, q.String())
	}
	return p
}

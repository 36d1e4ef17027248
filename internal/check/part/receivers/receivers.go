package receivers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/dkim"
	"github.com/sescheck/sescheck/internal/check/part/dmarc"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/receiver"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Rule is the check of this part.
var Rule = &finding.Check{
	ID: "receiver-rule", Severity: finding.Warning, Since: "1.0.0", Absence: true,
	Title:   "A receiver's rule for bulk senders is not met",
	Means:   "The file requires (`require`) that mail sent through SES meets the published rules of a receiver. As the file describes the domain and with the records in DNS now, it does not meet one of them. Rules about what DNS does not show (volume, complaints, unsubscribe) never count as met. Once the review date of a rule has passed, the finding is a note.",
	Matters: "the receiver may refuse mail from bulk senders, or treat it as spam",
	Fix:     "Fix what the message names: the SPF record of the MAIL FROM name, the DKIM records, or the DMARC policy. The checks for these show the records.",
	Sources: sourcesOfRules(),
}

// sourcesOfRules are the receivers' own pages.
func sourcesOfRules() (all []string) {
	for _, r := range receiver.All() {
		all = append(all, r.Sources[0])
	}
	return all
}

// Part compares mail through SES with the rules of receivers. It sends only
// queries that the parts for mail send as well.
var Part = part.Of[want, seen]{
	Name:    wanted.Rules,
	Checks:  []*finding.Check{Rule},
	Wants:   wants,
	Scope:   scope,
	Observe: observe,
	Judge:   judge,
}

type want struct {
	domain *config.Domain // with DMARC, and without SPF at the domain
	rules  []config.At[string]
}

// seen is the snapshot of the parts for mail, and their answers.
type seen struct {
	*snapshot.Snapshot
	rests map[receiver.Need][]record.Answer
	open  map[receiver.Need][]record.Answer // failed answers
}

func wants(d *config.Domain) []want {
	if len(d.Require) == 0 {
		return nil
	}
	mail := *d
	mail.SPF = nil // mail of SES comes from MAIL FROM names
	if mail.DMARC == nil {
		mail.DMARC = &config.DMARC{Place: d.Require[0].Place}
	}
	return []want{{&mail, d.Require}}
}

// record is the record that decides about a need.
func (w want) record(n receiver.Need) record.Question {
	q := record.Question{Name: w.domain.Name.Child("_dmarc"), Type: record.TXT}
	switch n {
	case receiver.DKIM:
		q.Name = w.domain.Name.Child("_domainkey")
	case receiver.SPF:
		q.Name = w.domain.Name
		for _, id := range w.domain.Identities {
			if id.MailFrom != nil {
				q.Name = id.MailFrom.Name.Value
				break
			}
		}
	}
	return q
}

func scope(w want) (all []part.Scope) {
	for _, n := range []receiver.Need{receiver.SPF, receiver.DKIM, receiver.DMARC} { // Align is decided by DMARC's
		all = append(all, part.Scope{Record: w.record(n), Checks: []*finding.Check{Rule}})
	}
	return all
}

func observe(ctx context.Context, a part.Asker, w want) seen {
	s := seen{&snapshot.Snapshot{}, map[receiver.Need][]record.Answer{}, map[receiver.Need][]record.Answer{}}
	see(ctx, a, &mailfrom.Part, w.domain, &s, receiver.SPF)
	see(ctx, a, &spf.Part, w.domain, &s, receiver.SPF)
	see(ctx, a, &dkim.EasyPart, w.domain, &s, receiver.DKIM)
	see(ctx, a, &dkim.OwnKeyPart, w.domain, &s, receiver.DKIM)
	see(ctx, a, &dmarc.Part, w.domain, &s, receiver.DMARC)
	for _, n := range []receiver.Need{receiver.SPF, receiver.DKIM, receiver.DMARC} {
		s.rests[receiver.Align] = append(s.rests[receiver.Align], s.rests[n]...)
		s.open[receiver.Align] = append(s.open[receiver.Align], s.open[n]...)
	}
	return s
}

// see observes a part, fills the snapshot, and keeps the answers for a need.
func see[W, S any](ctx context.Context, a part.Asker, p *part.Of[W, S], d *config.Domain, s *seen, n receiver.Need) {
	for _, w := range p.Wants(d) {
		seen := p.Observe(ctx, a, w)
		p.Show(w, seen, s.Snapshot)
		v := p.Judge(w, seen)
		for _, f := range v.Findings {
			s.rests[n] = append(s.rests[n], f.Rests...)
		}
		for _, u := range v.Undecided {
			s.open[n] = append(s.open[n], u.Answer)
		}
	}
}

func judge(w want, s seen) (v part.Verdict) {
	for _, rule := range required(w.rules) {
		q := w.record(rule.Need)
		switch state, why := snapshot.Meets(w.domain, s.Snapshot, rule.Need); state {
		case snapshot.NotMet:
			f := finding.Finding{
				Check:   Rule,
				Record:  q,
				Subject: rule.ID,
				Place:   rule.place,
				Message: fmt.Sprintf("%s %s for %s: %s", shorten.Words(receiverNames(rule.by), "and"), verbOf(rule.by), rule.Asks, why),
				Impact:  refusals(rule.by),
				Review:  rule.by[0].Review,
			}
			if p := s.DMARC; rule.Need == receiver.DMARC && p.State == snapshot.Missing && p.CNAME == "" {
				f.Publish = []record.RR{finding.ToPublish(q.Name, record.NewTXT("v=DMARC1; p=none"))}
			}
			v.Add(f, s.rests[rule.Need]...)
		case snapshot.Unanswered:
			for _, a := range s.open[rule.Need] {
				v.Unknown(a, q, rule.place, Rule)
			}
		}
	}
	return v
}

// requiredRule is a rule, and the receivers that have it.
type requiredRule struct {
	receiver.Rule
	by    []*receiver.Receiver
	place config.Place // of the first
}

// required are the rules of the required receivers, each once.
func required(keys []config.At[string]) (all []requiredRule) {
	for _, key := range keys {
		r := receiver.Lookup(key.Value)
		for _, rule := range r.Rules {
			i := slices.IndexFunc(all, func(o requiredRule) bool { return o.ID == rule.ID && o.by[0].Review == r.Review })
			if i < 0 {
				i = len(all)
				all = append(all, requiredRule{Rule: rule, place: key.Place})
			}
			all[i].by = append(all[i].by, r)
		}
	}
	return all
}

func receiverNames(by []*receiver.Receiver) (all []string) {
	for _, r := range by {
		all = append(all, r.Name)
	}
	return all
}

func verbOf(by []*receiver.Receiver) string {
	if len(by) == 1 {
		return "asks"
	}
	return "ask"
}

// refusals say what receivers do with mail that does not meet a rule.
func refusals(by []*receiver.Receiver) string {
	var all, silent []string
	for _, r := range by {
		if r.Answer == "" {
			silent = append(silent, r.Name)
		} else {
			all = append(all, fmt.Sprintf("since %[3]s, %[1]s refuses mail from bulk senders with %[2]s", r.Name, r.Answer, r.Since))
		}
	}
	if len(silent) > 0 {
		all = append(all, shorten.Words(silent, "and")+" may refuse it or treat it as spam")
	}
	return strings.Join(all, "; ")
}

package spf

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
)

// vendors are well-known names of senders, by registrable domain.
var vendors = map[record.Name]string{
	"amazonses.com": "Amazon SES", "google.com": "Google", "outlook.com": "Microsoft", "sendgrid.net": "SendGrid", "mailgun.org": "Mailgun",
	"mcsv.net": "Mailchimp", "mandrillapp.com": "Mandrill", "salesforce.com": "Salesforce", "exacttarget.com": "Salesforce", "zendesk.com": "Zendesk",
	"hubspotemail.net": "HubSpot", "hubspot.com": "HubSpot", "mtasv.net": "Postmark", "sparkpostmail.com": "SparkPost", "zoho.com": "Zoho", "zoho.eu": "Zoho",
	"pphosted.com": "Proofpoint", "mimecast.com": "Mimecast", "helpscoutemail.com": "Help Scout", "freshdesk.com": "Freshdesk", "intercom.io": "Intercom",
	"mailjet.com": "Mailjet", "brevo.com": "Brevo", "sendinblue.com": "Brevo", "messagingengine.com": "Fastmail", "protonmail.ch": "Proton",
}

// vendor is the sender of a name.
func vendor(name record.Name) string {
	domain := name.Registrable()
	if v, ok := vendors[domain]; ok {
		return v
	}
	return string(domain)
}

// upstream compares the records that the tree leads to with the lock. An unlocked
// name is new: the changed record that leads to it is reported. A record that is
// broken now is reported as broken.
func (j *judging) upstream() {
	if j.locked == nil {
		return
	}
	for _, n := range j.tree.Nodes[1:] {
		then, ok := j.locked.Includes[n.Name]
		if !ok {
			continue
		}
		if n.Answer.Status == record.Unknown {
			j.Unknown(n.Answer, j.want.record(), j.placeOf(n.Name), UpstreamChanged)
			continue
		}
		if now := lockedNode(n); now.State == "" && !then.Same(now) {
			j.Add(j.changed(n, then, now), n.Answer)
		}
	}
}

func (j *judging) changed(n *spf.Node, then, now config.Locked) finding.Finding {
	f := finding.Finding{
		Check:    UpstreamChanged,
		Subject:  string(n.Name),
		Record:   j.want.record(),
		Place:    j.placeOf(n.Name),
		Cause:    "spf-upstream-changed " + string(n.Name),
		Expected: asRecord(then),
		Actual:   finding.Data(n.Answer),
	}
	f.Message = fmt.Sprintf("%s (%s) has changed since it was locked on %s: %s", n.Name, vendor(n.Name), then.Since.Format("2006-01-02"), difference(then, now))
	switch more := now.Lookups - then.Lookups; {
	case more > 0:
		f.Notef("it now needs %s, %d more than before", lookups(now.Lookups), more)
	case more < 0:
		f.Notef("it now needs %s, %d fewer than before", lookups(now.Lookups), -more)
	}
	used := j.tree.Root.Cost.Lookups
	f.Notef("%s needs %s of its %d lookups, so %d are left", j.name, number(used), spf.MaxLookups, max(spf.MaxLookups-used.N, 0))
	return f
}

func lookups(n int) string {
	if n == 1 {
		return "1 lookup"
	}
	return fmt.Sprintf("%d lookups", n)
}

// difference describes the change of a record.
func difference(then, now config.Locked) string {
	added, removed := then.Changes(now)
	var parts []string
	if then.State != now.State {
		parts = append(parts, fmt.Sprintf("there was %s, and now there is a valid one", inWords(then.State)))
	}
	if len(added) > 0 {
		parts = append(parts, "added "+shorten.List(added, 8))
	}
	if len(removed) > 0 {
		parts = append(parts, "removed "+shorten.List(removed, 8))
	}
	return strings.Join(parts, "; ")
}

func inWords(state string) string {
	switch state {
	case "none":
		return "no SPF record"
	case "several":
		return "more than one SPF record"
	case "long":
		return "one that is too long to be locked"
	}
	return "one with a syntax error"
}

// asRecord is the locked record.
func asRecord(l config.Locked) []string {
	if l.State == "none" || l.State == "several" || l.State == "long" {
		return nil
	}
	return []string{`"` + strings.Join(append([]string{"v=spf1"}, l.Terms...), " ") + `"`}
}

// lockedNode is the lock of a name: the terms that are evaluated. Addresses of a
// and mx are left out, since they change often.
func lockedNode(n *spf.Node) config.Locked {
	l := config.Locked{Lookups: n.Cost.Lookups.N, Terms: []string{}}
	if state := snapshot.NewSPFRecord(n).State; state != "ok" {
		l.State = state
	} else if n.Record().Cut {
		l.State = "long"
		return l
	}
	for _, b := range n.Branches {
		if !b.Unread {
			l.Terms = append(l.Terms, snapshot.TermText(b.Term))
		}
	}
	return l
}

// Includes resolves the targets of the domains' SPF records. failed are the
// failed queries; if there are any, the includes are incomplete.
func Includes(ctx context.Context, domains []config.Domain, r record.Asker, window int) (includes map[record.Name]config.Locked, failed []*record.Failure) {
	forest := spf.NewForest(ctx, part.NewRunCache(r))
	includes = map[record.Name]config.Locked{}
	var mu sync.Mutex
	seen := map[record.Question]bool{}
	keep := func(t *spf.Tree) {
		mu.Lock()
		defer mu.Unlock()
		for i, n := range t.Nodes {
			switch f := n.Answer.Failure; {
			case f != nil && !seen[f.Question]:
				seen[f.Question] = true
				failed = append(failed, f)
			case f == nil && i > 0:
				if _, ok := includes[n.Name]; !ok {
					includes[n.Name] = lockedNode(n)
				}
			}
		}
	}
	slots := make(chan struct{}, max(window, 1))
	var wg sync.WaitGroup
	for i := range domains {
		for _, w := range wants(&domains[i]) {
			if w.listed != nil && w.listed.None {
				continue
			}
			slots <- struct{}{}
			wg.Go(func() {
				keep(forest.Walk(ctx, part.NewCache(r), w.name))
				<-slots
			})
		}
	}
	wg.Wait()
	slices.SortFunc(failed, func(a, b *record.Failure) int { return strings.Compare(a.Question.String(), b.Question.String()) })
	return includes, failed
}

package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// Probe queries DNS for records of SES at domains that the user named. It tries
// MAIL FROM names at the given labels and at the usual ones. Easy DKIM tokens
// cannot be found: their names are random.
func (inv *Inventory) Probe(ctx context.Context, ask record.Asker, names []record.Name, labels []string) (unanswered []string) {
	probes := make([]probe, len(names))
	var wait sync.WaitGroup
	slots := make(chan struct{}, window)
	for i, n := range names {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			probes[i].run(&asking{Asker: ask, ctx: ctx}, n, labels, inv.Selectors)
		})
	}
	wait.Wait()
	for i, n := range names {
		inv.Name(n)
		p := probes[i]
		for _, got := range p.answers {
			if len(got.Chain) > 0 && strings.Contains(string(got.Question.Name), "._domainkey.") {
				continue // a CNAME: the key of another service
			}
			for _, r := range got.Records {
				inv.Record("", got.Question.Name, r)
			}
		}
		if p.wildcard {
			inv.domain(n).note(fmt.Sprintf("Every name below %s has an MX of Amazon SES, so its MAIL FROM name cannot be found; set it with --mail-from.", n))
		}
		unanswered = append(unanswered, p.failed...)
	}
	return unanswered
}

// probe is the answers about one domain.
type probe struct {
	answers  []record.Answer
	failed   []string
	wildcard bool
}

func (p *probe) run(a *asking, domain record.Name, labels, selectors []string) {
	keep := func(got record.Answer) { p.answers = append(p.answers, got) }
	keep(a.txt(ses.VerificationName(domain)))
	keep(a.txt(domain))
	keep(a.ask(record.Question{Name: domain, Type: record.MX}))
	for _, s := range slices.Concat(selectors, resellers) {
		keep(a.txt(ses.DKIMName(s, domain)))
	}
	mx := func(label string) record.Answer {
		return a.ask(record.Question{Name: domain.Child(label), Type: record.MX})
	}
	if p.wildcard = isMailFrom(mx(ses.NoLabel)); !p.wildcard {
		labels = slices.Concat(labels, ses.MailFromLabels)
		slices.Sort(labels)
	}
	for _, l := range slices.Compact(labels) {
		keep(mx(l))
	}
	p.failed = a.failed
}

func isMailFrom(got record.Answer) bool {
	return slices.ContainsFunc(got.Records, func(r record.Record) bool {
		return ses.Recognize(got.Question.Name, r).Use == ses.MailFrom
	})
}

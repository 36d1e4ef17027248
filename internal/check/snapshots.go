package check

import (
	"context"
	"fmt"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// mails evaluates SPF for the mails of Options. Those without a sender are
// evaluated for each name of the domain with SPF.
func (r *run) mails(ctx context.Context, ask record.Asker, p *snapshot.Snapshot) (all []snapshot.Mail) {
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
			one := snapshot.Mail{Client: m.Client.String(), Sender: untrusted.New(m.Sender).Bare(), Result: v.Result.String(), Lookups: v.Lookups}
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

// snapshotOf merges the snapshots of the parts, without what a second answer
// denied.
func snapshotOf(d *config.Domain, verdicts []part.Verdict, findings []finding.Finding) *snapshot.Snapshot {
	p := &snapshot.Snapshot{}
	for _, v := range verdicts {
		o := v.Snapshot
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
		if f.Status == finding.Inconclusive {
			for _, of := range parts {
				of.TakeBack(f, p)
			}
		}
	}
	p.Alignment = snapshot.Align(d, p)
	return p
}

package snapshot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/receiver"
)

// RuleState says whether mail through SES meets a rule of a receiver.
type RuleState string

// The states.
const (
	Met        RuleState = "met"
	NotMet     RuleState = "not met"
	Unseen     RuleState = "not visible in DNS"
	Unanswered RuleState = "not answered"
)

// worst returns the state that counts.
func worst(a, b RuleState) RuleState {
	order := []RuleState{Met, Unseen, Unanswered, NotMet}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// Meets says whether mail through SES meets a need for all identities of a
// domain, and why not.
func Meets(d *config.Domain, p *Snapshot, n receiver.Need) (state RuleState, why string) {
	switch n {
	case receiver.Other:
		return Unseen, ""
	case receiver.DMARC:
		return dmarcState(p.DMARC)
	}
	all := identities(d)
	if len(all) == 0 {
		return Unseen, "nothing is known about mail through SES"
	}
	state = Met
	for _, id := range all {
		one, reason := meetsOne(d, id, p, n)
		if worse := worst(state, one); worse != state {
			state, why = worse, reason
		}
	}
	return state, why
}

// meetsOne is Meets for one identity.
func meetsOne(d *config.Domain, id config.Identity, p *Snapshot, n receiver.Need) (RuleState, string) {
	dkim, spf := dkimLeg(d, id, p), spfLeg(d, id, p)
	switch n {
	case receiver.DKIM:
		return dkim.ruleState(), cmp.Or(strings.TrimPrefix(dkim.why, "not by DKIM, because "), "no DKIM records are known")
	case receiver.SPF:
		return spfState(d, id, p)
	}
	if dkim.state == Right || spf.state == Right {
		return Met, ""
	}
	var why []string
	for _, l := range []leg{dkim, spf} {
		if l.why != "" {
			why = append(why, l.why)
		}
	}
	best := NotMet // one leg is enough
	for _, l := range []leg{dkim, spf} {
		if s := l.ruleState(); s != NotMet && (best == NotMet || s == Unanswered) {
			best = s
		}
	}
	return best, strings.Join(why, "; ")
}

// ruleState is the state of a rule about a leg.
func (l leg) ruleState() RuleState {
	switch l.state {
	case Right:
		return Met
	case Unknown:
		return Unanswered
	case "":
		return Unseen
	}
	return NotMet
}

// spfState is the state of a rule about SPF. Without a custom MAIL FROM domain,
// or while its MX is wrong, SES sends as amazonses.com, for which SPF passes.
func spfState(d *config.Domain, id config.Identity, p *Snapshot) (RuleState, string) {
	if id.MailFrom == nil {
		if d.Open {
			return Unseen, "no MAIL FROM domain is known"
		}
		return Met, ""
	}
	name := id.MailFrom.Name.Value
	for _, m := range p.MailFrom {
		switch {
		case m.Name != name:
		case m.State == Unknown:
			return Unanswered, ""
		case m.State != Right:
			return Met, ""
		}
	}
	for _, s := range p.SPF {
		switch {
		case s.Name != name:
		case s.SES == Wrong:
			return NotMet, fmt.Sprintf("mail from SES does not pass the SPF record of %s", name)
		case s.SES == Unknown:
			return Unanswered, ""
		}
	}
	return Met, ""
}

func dmarcState(p *DMARC) (RuleState, string) {
	switch {
	case p == nil || p.State == Unknown:
		return Unanswered, ""
	case p.State == Right:
		return Met, ""
	}
	return NotMet, "no policy takes effect"
}

// Receiver is a receiver, with the state of its rules.
type Receiver struct {
	Name     string
	Scope    string
	Since    string
	Answer   string // of its servers, if mail does not meet the rules
	Source   string
	Outdated bool // the rules are due for review
	Review   string
	Rules    []Rule
}

// Rule is one rule of a receiver.
type Rule struct {
	ID    string
	Asks  string
	State RuleState
	Why   string // why it is not met
	Seen  bool   // DNS can show the state
}

// ReceiversOf compares a domain with the rules of all receivers.
func ReceiversOf(d *config.Domain, p *Snapshot, now time.Time) (all []Receiver) {
	for _, r := range receiver.All() {
		one := Receiver{Name: r.Name, Scope: r.Scope, Since: r.Since, Answer: r.Answer, Source: r.Sources[0], Review: r.Review}
		one.Outdated = receiver.Due(r.Review, now)
		for _, rule := range r.Rules {
			state, why := Meets(d, p, rule.Need)
			if state != NotMet {
				why = ""
			}
			one.Rules = append(one.Rules, Rule{rule.ID, rule.Asks, state, why, rule.Need != receiver.Other})
		}
		all = append(all, one)
	}
	return all
}

package snapshot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// Alignment says whether mail of SES, as identity and DNS are set up, passes
// DMARC (RFC 9989 section 4.4).
type Alignment struct {
	Sender   string // the sender on SES, such as Resend; "" for SES itself
	MailFrom record.Name
	Regions  []string // of the identities; may be empty
	Result   string   // pass, fail, none without a policy, or unknown
	Legs     []string // how it passes: dkim, spf
	Sentence string   // the result in words

	before, after string // the parts of Sentence around the mail's name
}

// leg is one of the two ways to pass DMARC.
type leg struct {
	name  string
	state State  // "" if its setup is unknown
	why   string // why it is not Right
	only  string // a limitation, if Right
	when  string // the missing setup, if unknown
}

// Align judges the mail of each identity, and merges equal results. It returns
// nothing if DMARC was not checked.
func Align(d *config.Domain, p *Snapshot) []Alignment {
	if p.DMARC == nil {
		return nil
	}
	var all []Alignment
	for _, id := range identities(d) {
		a := judgeLegs(p.DMARC, dkimLeg(d, id, p), spfLeg(d, id, p))
		a.Sender = ses.SenderName(id.Sender.Value)
		if id.MailFrom != nil && d.Open {
			a.MailFrom = id.MailFrom.Name.Value
		}
		i := slices.IndexFunc(all, func(o Alignment) bool {
			return o.before == a.before && o.after == a.after && o.Sender == a.Sender && o.MailFrom == a.MailFrom
		})
		if i < 0 {
			i = len(all)
			all = append(all, a)
		}
		if r := id.Region.Value; r != "" && !slices.Contains(all[i].Regions, r) {
			all[i].Regions = append(all[i].Regions, r)
		}
	}
	for i := range all {
		a := &all[i]
		who := fmt.Sprintf("mail of %s through %s", d.Name, cmp.Or(a.Sender, "SES"))
		if len(all) > 1 && a.MailFrom != "" {
			who += " from " + string(a.MailFrom)
		}
		if len(all) > 1 && len(a.Regions) > 0 {
			who += " in " + strings.Join(a.Regions, " and ")
		}
		a.Sentence = a.before + who + a.after
	}
	return all
}

// identities are those to judge: none of a domain without anything about SES in
// the file. In inspect, each MAIL FROM name and each sender on SES has an
// identity; DKIM keys without a sender count for all identities without one.
func identities(d *config.Domain) []config.Identity {
	if d.Open {
		all := slices.DeleteFunc(slices.Clone(d.Identities), func(id config.Identity) bool { return id.MailFrom == nil && id.Sender.Value == "" })
		if len(all) == 0 {
			return d.Identities[:1]
		}
		return all
	}
	return slices.DeleteFunc(slices.Clone(d.Identities), func(id config.Identity) bool {
		return id.Region.Value == "" && id.DKIM == nil && id.MailFrom == nil && len(id.Verification) == 0
	})
}

// judgeLegs makes the sentence without the mail's name.
func judgeLegs(policy *DMARC, legs ...leg) (a Alignment) {
	var by, ifs, rest []string
	for _, l := range legs {
		switch l.state {
		case Right:
			a.Legs = append(a.Legs, l.name)
			by = append(by, "by "+strings.ToUpper(l.name)+l.only)
		case "":
			ifs = append(ifs, l.when)
		default:
			rest = append(rest, l.why)
		}
	}
	passes := strings.Join(by, " and ")
	why := ""
	if len(rest) > 0 {
		why = "; " + strings.Join(rest, "; ")
	}
	unknown := slices.ContainsFunc(legs, func(l leg) bool { return l.state == Unknown })
	switch {
	case policy.State == Unknown:
		a.Result, a.Legs = "unknown", nil
		a.before, a.after = "whether ", " passes DMARC is not known: there is no certain answer about the policy"
	case policy.State != Right && len(a.Legs) > 0:
		a.Result = "none"
		a.before, a.after = "there is no DMARC policy; with one, ", " would pass "+passes+why
	case policy.State != Right:
		a.Result = "none"
		a.before = "there is no DMARC policy for "
		if len(ifs) > 0 {
			a.after = "; with one, it would pass " + strings.Join(ifs, ", or ")
		}
		a.after += why
	case len(a.Legs) > 0:
		a.Result = "pass"
		a.after = " passes DMARC " + passes + why
	case len(ifs) > 0:
		a.Result = "unknown"
		a.after = " passes DMARC " + strings.Join(ifs, ", or ") + why
	case unknown:
		a.Result = "unknown"
		a.before, a.after = "whether ", " passes DMARC is not known"+strings.Replace(why, ";", ":", 1)
	default:
		a.Result = "fail"
		a.after = " cannot pass DMARC" + strings.Replace(why, ";", ":", 1)
	}
	return a
}

// dkimLeg is DKIM: SES signs with the domain itself, which aligns in both modes.
func dkimLeg(d *config.Domain, id config.Identity, p *Snapshot) leg {
	l := leg{name: "dkim", when: "if SES signs it with DKIM"}
	var names []record.Name
	for _, other := range d.Identities {
		if k := other.DKIM; k != nil && (k == id.DKIM || d.Open && id.Sender.Value == "" && other.Sender.Value == "") {
			for _, t := range k.Tokens {
				names = append(names, ses.DKIMName(t.Value, d.Name))
			}
			if k.Selector.Value != "" {
				names = append(names, ses.DKIMName(k.Selector.Value, d.Name))
			}
		}
	}
	switch {
	case id.DKIM != nil && id.DKIM.None:
		l.state, l.why = Wrong, "not by DKIM, because SES does not sign it"
		return l
	case len(names) == 0:
		return l
	}
	states := map[State]int{}
	for _, k := range p.DKIM {
		if slices.Contains(names, k.Name) {
			states[k.State]++
		}
	}
	switch answered := states[Right] + states[Wrong] + states[Missing]; {
	case states[Right] == len(names):
		l.state = Right
	case states[Right] > 0:
		l.state = Right
		l.only = fmt.Sprintf(" (while SES signs with a selector that has a key: %d of %d are known to)", states[Right], len(names))
	case answered < len(names):
		l.state, l.why = Unknown, "for DKIM, not all queries were answered"
	default:
		l.state, l.why = Wrong, "not by DKIM, because there is no key at its selectors"
	}
	return l
}

// spfLeg is SPF: without a custom MAIL FROM domain, or while its MX is wrong, SPF
// passes for amazonses.com, which does not align.
func spfLeg(d *config.Domain, id config.Identity, p *Snapshot) leg {
	l := leg{name: "spf", state: Wrong}
	strict := p.DMARC.ASPF == "s"
	if id.MailFrom == nil {
		switch {
		case strict:
			l.why = "not by SPF, because aspf=s requires the domain itself, and a custom MAIL FROM domain is a subdomain"
		case d.Open:
			l.state, l.when = "", "if it has a MAIL FROM domain below "+string(d.Name)
		default:
			l.why = "not by SPF, which without a custom MAIL FROM domain passes for amazonses.com"
		}
		return l
	}
	name := id.MailFrom.Name.Value
	mx, spf := Unknown, Unknown
	for _, m := range p.MailFrom {
		if m.Name == name {
			mx = m.State
		}
	}
	for _, s := range p.SPF {
		if s.Name == name {
			spf = s.SES
		}
	}
	switch {
	case strict:
		l.why = fmt.Sprintf("not by SPF, because MAIL FROM %s does not align with aspf=s", name)
	case mx == Missing || mx == Wrong:
		l.why = fmt.Sprintf("not by SPF, because the MX of %s is wrong, so SES does not use it", name)
	case spf == Wrong:
		l.why = fmt.Sprintf("not by SPF, because the SPF record of %s does not pass mail from SES", name)
	case mx == Right && spf == Unknown:
		l.state, l.why = Unknown, fmt.Sprintf("for SPF, it is not known whether the SPF record of %s passes mail from SES", name)
	case mx == Unknown || spf == Unknown:
		l.state, l.why = Unknown, fmt.Sprintf("for SPF, not all queries about %s were answered", name)
	default:
		l.state = Right
	}
	return l
}

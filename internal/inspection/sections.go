package inspection

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
)

// This file has the sections of inspect: records, and their meaning in words.

// marks are the marks of states.
var marks = map[snapshot.State]string{snapshot.Right: "ok", snapshot.Unknown: "inconclusive"}

func (trees trees) spfSection(title string, p snapshot.SPF) Section {
	s := Section{Title: title, Mark: "ok"}
	tree := trees[p.Name]
	if tree == nil {
		return s
	}
	switch {
	case p.Unsure:
		s.Mark = "inconclusive"
		return s
	case tree.State == "unknown":
		s.Mark = "inconclusive"
		s.unanswered = []string{"TXT " + string(p.Name)}
		return s
	case tree.State == "ok":
		s.Tree = p.Name
		s.Says = append(s.Says, fmt.Sprintf("%s of %d DNS lookups", tree.Lookups.Words(), spf.MaxLookups))
		if tree.Voids.Exact() || tree.Voids.N > 0 {
			s.Says[0] += fmt.Sprintf(", %s of %d without an answer", tree.Voids.Words(), spf.MaxVoids)
		}
		s.Says = append(s.Says, endings[p.All])
		if p.Capped {
			s.Says = append(s.Says, "the tree goes on, but sescheck does not follow it further")
		}
	default:
		s.Says = []string{tree.Words()}
	}
	if tree.Text != "" {
		s.Records = []string{tree.Text}
	}
	return s
}

// endings are the effects of an all on mail that no earlier term matches.
var endings = map[string]string{
	"-all": "mail from other senders fails (-all)",
	"~all": "mail from other senders softfails (~all)",
	"?all": "mail from other senders is neutral (?all)",
	"+all": "mail from any sender passes (+all)",
	"":     "the record says nothing about mail from other senders (no all)",
}

func dmarcSection(p *snapshot.DMARC) Section {
	s := Section{Title: "DMARC", Mark: marks[p.State]}
	if p.Record != "" {
		s.Records = []string{p.Record}
	}
	switch p.State {
	case snapshot.Unknown:
		s.Says = []string{"nothing is known about the policy"}
	case snapshot.Missing:
		s.Says = []string{"no policy applies: receivers decide what to do with forged mail"}
	case snapshot.Wrong:
		s.Says = []string{fmt.Sprintf("the record at %s is not a valid policy", p.At)}
	default:
		s.Says = policyWords(p)
		if p.Policy == "none" {
			s.Mark = "note"
		}
	}
	if p.CNAME != "" {
		s.Says = append(s.Says, "the name is a CNAME to "+string(p.CNAME))
	}
	return s
}

// requests are what policies ask of receivers.
var requests = map[string]string{
	"reject":     "asks receivers to reject mail that fails",
	"quarantine": "asks receivers to quarantine mail that fails",
	"none":       "asks receivers to do nothing about mail that fails",
	"":           "is not known, because not all queries were answered",
}

func policyWords(p *snapshot.DMARC) []string {
	what := fmt.Sprintf("policy %s %s", p.Policy, requests[p.Policy])
	if p.Policy == "" {
		what = "the policy " + requests[""]
	}
	if p.Inherited {
		what += fmt.Sprintf("; it is inherited as %s from %s", p.Tag, p.At)
	}
	if p.Testing {
		what += "; t=y lowers it by one step"
	}
	says := []string{what}
	if !p.Inherited && p.Subdomains != p.Policy {
		says = append(says, "subdomains have policy "+p.Subdomains)
	}
	strict := map[string]string{"s": "strict", "r": "relaxed"}
	says = append(says, fmt.Sprintf("alignment is %s for DKIM and %s for SPF", strict[p.ADKIM], strict[p.ASPF]))
	switch {
	case len(p.Reports) > 0:
		return append(says, "reports go to "+shorten.List(p.Reports, 5))
	case p.Unusable > 0:
		return append(says, "nobody receives reports (no address in rua can be used)")
	}
	return append(says, "nobody receives reports (no rua)")
}

func (trees trees) mailFromSection(p *snapshot.Snapshot, m snapshot.MailFrom) Section {
	s := Section{Title: "MAIL FROM " + string(m.Name), Mark: marks[m.State]}
	for _, mx := range m.MX {
		s.Records = append(s.Records, "MX "+mx)
	}
	switch {
	case m.State == snapshot.Unknown: // the finding says which question
	case m.State == snapshot.Missing:
		s.Says = append(s.Says, "no MX record")
	case len(m.MX) > 1:
		s.Says = append(s.Says, shorten.Count(len(m.MX), "MX record")+", and SES needs exactly one")
	case m.Region != "" && m.Sender != "":
		s.Says = append(s.Says, fmt.Sprintf("bounces go to SES in %s, as %s asks", m.Region, m.Sender))
	case m.Region != "":
		s.Says = append(s.Says, "bounces go to SES in "+m.Region)
	default:
		s.Says = append(s.Says, "bounces do not go to SES")
	}
	if m.CNAME != "" {
		s.Says = append(s.Says, "the name is a CNAME to "+string(m.CNAME))
	}
	for _, one := range p.SPF {
		if one.Name != m.Name {
			continue
		}
		own := trees.spfSection("", one)
		for _, text := range own.Records {
			s.Records = append(s.Records, "TXT "+text)
		}
		s.Mark, s.Tree = worse(s.Mark, own.Mark), own.Tree
		s.Says = append(s.Says, own.Says...)
		s.unanswered = append(s.unanswered, own.unanswered...)
		switch {
		case one.SES == snapshot.Right:
			s.Says = append(s.Says, "mail from SES passes its SPF record")
		case own.Mark != "inconclusive" && one.Partly:
			s.Says = append(s.Says, "mail from some addresses of SES does not pass its SPF record")
		case own.Mark != "inconclusive" && one.SES == snapshot.Wrong && own.Tree != "":
			s.Says = append(s.Says, "mail from SES does not pass its SPF record")
		case own.Mark != "inconclusive" && one.SES == snapshot.Unknown:
			s.Says = append(s.Says, "it is not known whether mail from SES passes its SPF record")
		}
	}
	return s
}

func dkimSection(all []snapshot.DKIM) Section {
	s := Section{Title: "DKIM", Mark: "ok"}
	for _, k := range all {
		line := k.Selector + ": "
		switch {
		case k.State == snapshot.Unknown:
			line += "not answered"
			s.Mark = worse(s.Mark, "inconclusive")
		case k.State == snapshot.Missing:
			line += "no record at " + string(k.Name)
		case k.Records > 1:
			line += fmt.Sprintf("%d TXT records at %s, and a selector has exactly one", k.Records, k.Name)
		case k.Key != "":
			line += "key " + k.Key
		case k.Target != "":
			line += "no key"
		default:
			line += "no key at " + string(k.Name)
		}
		if k.Target != "" {
			line += ", through a CNAME to " + string(k.Target)
		}
		if k.Sender != "" {
			line += ", kept by " + k.Sender
		}
		if k.Testing {
			line += ", in test mode (t=y)"
		}
		s.Says = append(s.Says, line)
	}
	return s
}

func verificationSection(all []snapshot.Verification) Section {
	s := Section{Title: "SES verification"}
	tokens, others := 0, 0
	for _, v := range all {
		for _, t := range v.Tokens {
			s.Records = append(s.Records, fmt.Sprintf("TXT %s at %s", shorten.Text(t, 120), v.Name))
			tokens++
		}
		others += v.Others
		if v.State == snapshot.Unknown {
			s.Mark = "inconclusive"
			s.unanswered = append(s.unanswered, "TXT "+string(v.Name))
		}
	}
	switch {
	case tokens > 0:
		s.Says = append(s.Says, shorten.Count(tokens, "token")+", one for each region and account that verified by TXT")
	case s.Mark == "":
		s.Says = append(s.Says, "no token: if SES knows the domain, it was verified through DKIM")
	}
	if others > 0 {
		s.Says = append(s.Says, shorten.Count(others, "TXT record")+" at "+string(all[0].Name)+" that cannot be a token")
	}
	return s
}

func mailSection(m snapshot.Mail) Section {
	s := Section{Title: fmt.Sprintf("SPF for %s as %s", m.Client, m.Sender)}
	s.Says = []string{fmt.Sprintf("%s, after %s", m.Result, shorten.Count(m.Lookups, "DNS lookup"))}
	path := m.Path
	if len(path) > 5 { // round and round
		path = slices.Concat(path[:2], []string{"…"}, path[len(path)-1:])
	}
	switch {
	case len(m.Path) > 0 && strings.HasSuffix(m.Result, "error"):
		s.Says = append(s.Says, "the evaluation ended at "+strings.Join(path, ", then "))
	case len(m.Path) > 0:
		s.Says = append(s.Says, "matched by "+strings.Join(path, ", then "))
	case m.Result == "neutral":
		s.Says = append(s.Says, "no term matched")
	}
	if m.Says != "" {
		s.Says = append(s.Says, "the domain explains: "+m.Says)
	}
	return s
}

func alignmentSection(all []snapshot.Alignment) Section {
	s := Section{Title: "Mail through SES"}
	for _, a := range all {
		s.Says = append(s.Says, a.Sentence)
		s.Mark = worse(s.Mark, map[string]string{"pass": "ok", "fail": "error"}[a.Result])
	}
	return s
}

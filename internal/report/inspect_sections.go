package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
)

// This file has the sections of inspect: what stands in DNS, in words.

// marks are those of states that are told in words.
var marks = map[snapshot.State]string{snapshot.Right: "ok", snapshot.Unknown: "inconclusive"}

func (r *Report) spfSection(title string, p snapshot.SPF) section {
	s := section{title: title, mark: "ok"}
	tree := r.SPF[p.Name]
	if tree == nil {
		return s
	}
	switch {
	case p.Unsure:
		s.mark = "inconclusive"
		return s
	case tree.State == "unknown":
		s.mark = "inconclusive"
		s.unanswered = []string{"TXT " + string(p.Name)}
		return s
	case tree.State == "ok":
		s.tree = p.Name
		s.says = append(s.says, fmt.Sprintf("%s of %d DNS lookups", count(tree.Lookups), spf.MaxLookups))
		if tree.Voids.Exact() || tree.Voids.N > 0 {
			s.says[0] += fmt.Sprintf(", %s of %d without an answer", count(tree.Voids), spf.MaxVoids)
		}
		s.says = append(s.says, endings[p.All])
		if p.Capped {
			s.says = append(s.says, "the tree goes on beyond what is followed here")
		}
	default:
		s.says = []string{state(tree)}
	}
	if tree.Text != "" {
		s.records = []string{tree.Text}
	}
	return s
}

// endings say what an all does to mail that nothing before it matches.
var endings = map[string]string{
	"-all": "mail from other senders fails (-all)",
	"~all": "mail from other senders softfails (~all)",
	"?all": "mail from other senders is neutral (?all)",
	"+all": "mail from any sender passes (+all)",
	"":     "the record says nothing about mail from other senders (no all)",
}

func dmarcSection(p *snapshot.DMARC) section {
	s := section{title: "DMARC", mark: marks[p.State]}
	if p.Record != "" {
		s.records = []string{p.Record}
	}
	switch p.State {
	case snapshot.Unknown:
		s.says = []string{"nothing is known about the policy"}
	case snapshot.Missing:
		s.says = []string{"no policy applies: receivers decide what to do with forged mail"}
	case snapshot.Wrong:
		s.says = []string{fmt.Sprintf("the record at %s is not a valid policy", p.At)}
	default:
		s.says = policyWords(p)
		if p.Policy == "none" {
			s.mark = "note"
		}
	}
	if p.CNAME != "" {
		s.says = append(s.says, "the name is a CNAME to "+string(p.CNAME))
	}
	return s
}

// requests say what a policy asks of receivers.
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
		return append(says, "nobody gets reports (no address in rua can be used)")
	}
	return append(says, "nobody gets reports (no rua)")
}

func (r *Report) mailFromSection(p *snapshot.Snapshot, m snapshot.MailFrom) section {
	s := section{title: "MAIL FROM " + string(m.Name), mark: marks[m.State]}
	for _, mx := range m.MX {
		s.records = append(s.records, "MX "+mx)
	}
	switch {
	case m.State == snapshot.Unknown: // the finding says which question
	case m.State == snapshot.Missing:
		s.says = append(s.says, "no MX record")
	case len(m.MX) > 1:
		s.says = append(s.says, plural(len(m.MX), "MX record")+", and SES needs exactly one")
	case m.Region != "" && m.Sender != "":
		s.says = append(s.says, fmt.Sprintf("bounces go to SES in %s, as %s asks", m.Region, m.Sender))
	case m.Region != "":
		s.says = append(s.says, "bounces go to SES in "+m.Region)
	default:
		s.says = append(s.says, "bounces do not go to SES")
	}
	if m.CNAME != "" {
		s.says = append(s.says, "the name is a CNAME to "+string(m.CNAME))
	}
	for _, one := range p.SPF {
		if one.Name != m.Name {
			continue
		}
		own := r.spfSection("", one)
		for _, text := range own.records {
			s.records = append(s.records, "TXT "+text)
		}
		s.mark, s.tree = worse(s.mark, own.mark), own.tree
		s.says = append(s.says, own.says...)
		s.unanswered = append(s.unanswered, own.unanswered...)
		switch {
		case one.SES == snapshot.Right:
			s.says = append(s.says, "mail from SES passes its SPF record")
		case own.mark != "inconclusive" && one.Partly:
			s.says = append(s.says, "mail from some addresses of SES does not pass its SPF record")
		case own.mark != "inconclusive" && one.SES == snapshot.Wrong && own.tree != "":
			s.says = append(s.says, "mail from SES does not pass its SPF record")
		case own.mark != "inconclusive" && one.SES == snapshot.Unknown:
			s.says = append(s.says, "it is not known whether mail from SES passes its SPF record")
		}
	}
	return s
}

func dkimSection(all []snapshot.DKIM) section {
	s := section{title: "DKIM", mark: "ok"}
	for _, k := range all {
		line := k.Selector + ": "
		switch {
		case k.State == snapshot.Unknown:
			line += "not answered"
			s.mark = worse(s.mark, "inconclusive")
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
			line += ", by a CNAME to " + string(k.Target)
		}
		if k.Sender != "" {
			line += ", kept by " + k.Sender
		}
		if k.Testing {
			line += ", in test mode (t=y)"
		}
		s.says = append(s.says, line)
	}
	return s
}

func verificationSection(all []snapshot.Verification) section {
	s := section{title: "SES verification"}
	tokens, others := 0, 0
	for _, v := range all {
		for _, t := range v.Tokens {
			s.records = append(s.records, fmt.Sprintf("TXT %s at %s", cut(t, 120), v.Name))
			tokens++
		}
		others += v.Others
		if v.State == snapshot.Unknown {
			s.mark = "inconclusive"
			s.unanswered = append(s.unanswered, "TXT "+string(v.Name))
		}
	}
	switch {
	case tokens > 0:
		s.says = append(s.says, plural(tokens, "token")+", one for each region and account that verified by TXT")
	case s.mark == "":
		s.says = append(s.says, "no token: if SES knows the domain, it was verified through DKIM")
	}
	if others > 0 {
		s.says = append(s.says, plural(others, "TXT record")+" at "+string(all[0].Name)+" that cannot be a token")
	}
	return s
}

func mailSection(m snapshot.Mail) section {
	s := section{title: fmt.Sprintf("SPF for %s as %s", m.Client, m.Sender)}
	s.says = []string{fmt.Sprintf("%s, after %s", m.Result, plural(m.Lookups, "DNS lookup"))}
	path := m.Path
	if len(path) > 5 { // round and round
		path = slices.Concat(path[:2], []string{"and so on"}, path[len(path)-1:])
	}
	switch {
	case len(m.Path) > 0 && strings.HasSuffix(m.Result, "error"):
		s.says = append(s.says, "it ended at "+strings.Join(path, ", then "))
	case len(m.Path) > 0:
		s.says = append(s.says, "matched by "+strings.Join(path, ", then "))
	case m.Result == "neutral":
		s.says = append(s.says, "no term matched")
	}
	if m.Says != "" {
		s.says = append(s.says, "the domain explains: "+m.Says)
	}
	return s
}

func alignmentSection(all []snapshot.Alignment) section {
	s := section{title: "Mail through SES"}
	for _, a := range all {
		s.says = append(s.says, a.Sentence)
		s.mark = worse(s.mark, map[string]string{"pass": "ok", "fail": "error"}[a.Result])
	}
	return s
}

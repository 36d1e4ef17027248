package check

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file reads further records that matter to mail of SES: BIMI, MTA-STS,
// TLS-RPT, CAA for S/MIME, and DNSSEC. No check judges them.

// beside has their answers.
type beside struct {
	bimi           []record.Answer // of the domain and of the organisation
	tlsRPT, mtaSTS record.Answer
	caa            []record.Answer // of the domain and the names above it, nearest first
}

// observeBeside queries the records. A failed query has no effect on checks.
func observeBeside(ctx context.Context, a part.Asker, domain record.Name) *beside {
	org := domain.Registrable()
	qs := []record.Question{
		{Name: domain.Child("_bimi").Child("default"), Type: record.TXT},
		{Name: org.Child("_bimi").Child("default"), Type: record.TXT},
		{Name: domain.Child("_tls").Child("_smtp"), Type: record.TXT},
		{Name: domain.Child("_mta-sts"), Type: record.TXT},
	}
	first := len(qs)
	for n := domain; n.In(org); n = n.Parent() { // RFC 8659 section 3, limited to names of the organisation
		qs = append(qs, record.Question{Name: n, Type: record.CAA})
	}
	got := a.All(ctx, qs...)
	return &beside{bimi: got[:2], tlsRPT: got[2], mtaSTS: got[3], caa: got[first:]}
}

// unanswered are the queries that failed.
func (b *beside) unanswered() (all []record.Question) {
	for _, a := range slices.Concat(b.bimi, []record.Answer{b.tlsRPT, b.mtaSTS}, b.caa) {
		if a.Status == record.Unknown {
			all = append(all, a.Question)
		}
	}
	return all
}

// snapshot explains the records of a domain.
func (b *beside) snapshot(p *snapshot.Snapshot) *snapshot.Beside {
	out := &snapshot.Beside{BIMI: readBIMI(b.bimi, p.DMARC), CAA: readCAA(b.caa), DNSSEC: readDNSSEC(b.caa[0])}
	if p.Discovery != nil && p.Discovery.Receives == snapshot.Right {
		out.TLSRPT = readTLSRPT(b.tlsRPT)
		out.MTASTS = readMTASTS(b.mtaSTS)
	}
	return out
}

// tagsOf returns the tags of a record such as v=BIMI1; l=… in lower case. The
// first of each name wins.
func tagsOf(text untrusted.Text) map[string]string {
	all := map[string]string{}
	for t := range strings.SplitSeq(text.Raw(), ";") {
		name, value, _ := strings.Cut(t, "=")
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			if _, have := all[name]; !have {
				all[name] = strings.TrimSpace(value)
			}
		}
	}
	return all
}

// versioned are the records of an answer that begin with v= and a version.
func versioned(a record.Answer, version string) (all []record.Record) {
	for _, r := range a.Records {
		if v, ok := strings.CutPrefix(strings.TrimSpace(r.Text().Raw()), "v="); ok && strings.EqualFold(strings.TrimSpace(strings.SplitN(v, ";", 2)[0]), version) {
			all = append(all, r)
		}
	}
	return all
}

// versionedRecord finds the only record of a version at a name. Its tags are nil
// if there is none, or more than one.
func versionedRecord(a record.Answer, version string) (p snapshot.Published, of map[string]string) {
	all := versioned(a, version)
	switch {
	case a.Status == record.Unknown:
		return snapshot.Published{At: a.Question.Name, State: snapshot.Unknown}, nil
	case len(all) == 0:
		return snapshot.Published{State: snapshot.Missing}, nil
	}
	p = snapshot.Published{At: a.Question.Name, State: snapshot.Right}
	for _, r := range all {
		p.Records = append(p.Records, r.String())
	}
	if len(all) > 1 {
		p.State, p.Says = snapshot.Wrong, []string{fmt.Sprintf("%d records, so receivers use none of them", len(all))}
		return p, nil
	}
	return p, tagsOf(all[0].Text())
}

// misread notes a mistake in a record.
func misread(p *snapshot.Published, format string, args ...any) {
	p.State = snapshot.Wrong
	p.Says = append(p.Says, fmt.Sprintf(format, args...))
}

// readBIMI reads the record of the domain or, if it has none, of the organisation
// (draft-brand-indicators-for-message-identification, section 7.2), and compares
// it with the DMARC policy.
func readBIMI(answers []record.Answer, policy *snapshot.DMARC) snapshot.Published {
	p, of := versionedRecord(answers[0], "BIMI1")
	if p.State == snapshot.Missing {
		p, of = versionedRecord(answers[1], "BIMI1")
	}
	if of == nil {
		return p
	}
	logo, certificate := of["l"], of["a"]
	if logo == "" && certificate == "" {
		p.Says = append(p.Says, "the domain asks receivers not to show a logo")
		return p
	}
	if why := notLogo(logo); why != "" {
		misread(&p, "%s", why)
	}
	switch u, err := url.Parse(certificate); {
	case certificate == "":
		p.Says = append(p.Says, "there is no certificate (a=), without which Gmail shows no logo")
	case err != nil || u.Scheme != "https" || u.Host == "":
		misread(&p, "the address of the certificate (a=) must begin with https://")
	}
	if why := notEnforced(policy); why != "" {
		misread(&p, "no logo is shown: %s", why)
	}
	return p
}

// notLogo says why an address cannot be that of a logo, or "". It fetches
// nothing.
func notLogo(logo string) string {
	u, err := url.Parse(logo)
	switch {
	case logo == "":
		return "there is no address of a logo (l=)"
	case err != nil || u.Scheme != "https" || u.Host == "":
		return "the address of the logo (l=) must begin with https://"
	case !strings.HasSuffix(strings.ToLower(u.Path), ".svg") && !strings.HasSuffix(strings.ToLower(u.Path), ".svgz"):
		return "the logo (l=) must be an SVG file, but its address does not end in .svg"
	}
	return ""
}

// notEnforced says why a DMARC policy is too weak for BIMI. It is "" if the
// policy is strict enough or unknown.
func notEnforced(p *snapshot.DMARC) string {
	switch {
	case p == nil || p.State == snapshot.Unknown || p.State == snapshot.Right && p.Policy == "":
		return ""
	case p.State != snapshot.Right:
		return "the DMARC policy must be quarantine or reject, but no policy takes effect"
	case p.Policy == "none":
		return "the DMARC policy must be quarantine or reject, but it is none"
	case p.Subdomains == "none":
		return "the DMARC policy of subdomains (sp) must not be none"
	case p.Testing:
		return "the DMARC policy is in test mode (t=y)"
	}
	return ""
}

// readTLSRPT reads the destinations of TLS reports (RFC 8460 section 3).
func readTLSRPT(a record.Answer) snapshot.Published {
	p, of := versionedRecord(a, "TLSRPTv1")
	if of == nil {
		return p
	}
	for uri := range strings.SplitSeq(of["rua"], ",") {
		uri = strings.TrimSpace(uri)
		if !strings.HasPrefix(uri, "mailto:") && !strings.HasPrefix(uri, "https://") {
			misread(&p, "nobody receives reports: rua must begin with mailto: or https://")
			return p
		}
	}
	p.Says = append(p.Says, "reports about TLS for mail to the domain go to "+untrusted.New(of["rua"]).Bare())
	return p
}

// readMTASTS reads the record that announces an MTA-STS policy (RFC 8461 section
// 3.1).
func readMTASTS(a record.Answer) snapshot.Published {
	p, of := versionedRecord(a, "STSv1")
	switch {
	case of == nil:
	case of["id"] == "":
		misread(&p, "it has no id, so senders ignore it")
	default:
		p.Says = append(p.Says, fmt.Sprintf("the policy is at https://mta-sts.%s/.well-known/mta-sts.txt, which is not fetched here", strings.TrimPrefix(string(a.Question.Name), "_mta-sts.")))
	}
	return p
}

// readDNSSEC says whether the resolver validated an answer of the domain. Zone files
// and the zone's own servers validate nothing.
func readDNSSEC(a record.Answer) snapshot.Published {
	switch {
	case a.Status == record.Unknown:
		return snapshot.Published{State: snapshot.Unknown}
	case a.Local || a.AA:
		return snapshot.Published{}
	case a.Validated:
		return snapshot.Published{State: snapshot.Right, Says: []string{"the zone is signed, and the resolver validated its answer"}}
	}
	return snapshot.Published{State: snapshot.Missing, Says: []string{"not validated: the zone is not signed, or the resolver does not validate"}}
}

// readCAA lists the issuers of S/MIME certificates (RFC 9495). The records of the
// nearest name decide.
func readCAA(answers []record.Answer) snapshot.Published {
	for _, a := range answers {
		switch a.Status {
		case record.Unknown:
			return snapshot.Published{At: a.Question.Name, State: snapshot.Unknown}
		case record.Found:
			return caaOf(a)
		}
	}
	return snapshot.Published{State: snapshot.Missing, Says: []string{"no CAA record: any authority may issue certificates for S/MIME"}}
}

func caaOf(a record.Answer) snapshot.Published {
	p := snapshot.Published{At: a.Question.Name, State: snapshot.Right, Records: finding.Data(a)}
	if slices.ContainsFunc(a.Records, func(r record.Record) bool { return len(r.Strings) != 2 }) {
		misread(&p, "not all of it can be read")
		return p
	}
	var may []string
	restricted := false
	for _, r := range a.Records {
		if !strings.EqualFold(r.Strings[0].Raw(), "issuemail") {
			continue
		}
		restricted = true
		issuer, _, _ := strings.Cut(r.Strings[1].Raw(), ";")
		if issuer = strings.TrimSpace(issuer); issuer != "" {
			may = append(may, untrusted.New(issuer).Bare())
		}
	}
	switch {
	case !restricted:
		p.Says = []string{"it has no issuemail: any authority may issue certificates for S/MIME"}
	case len(may) == 0:
		p.Says = []string{"no authority may issue certificates for S/MIME"}
	default:
		p.Says = []string{"certificates for S/MIME may be issued by " + strings.Join(may, ", ")}
	}
	return p
}

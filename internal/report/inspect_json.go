package report

import (
	"io"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
)

// The shape of inspect's JSON, a contract with its readers: see
// docs/inspect.schema.json. Findings and SPF trees are those of check's JSON.
type (
	jsonInspection struct {
		jsonHead
		Domains  []jsonInspected            `json:"domains"`
		Findings []jsonFinding              `json:"findings"`
		SPF      map[record.Name]jsonRecord `json:"spf"`
	}
	jsonInspected struct {
		Name         record.Name            `json:"name"`
		Result       finding.Status         `json:"result"`
		Verdict      string                 `json:"verdict"`
		Passed       int                    `json:"passed"`
		SPF          []jsonSPFSnapshot      `json:"spf"`
		DMARC        *jsonDMARCSnapshot     `json:"dmarc"`
		MailFrom     []jsonMailFromSnapshot `json:"mail_from"`
		DKIM         []jsonDKIMSnapshot     `json:"dkim"`
		Verification []jsonVerificationHere `json:"verification"`
		CheckHost    []jsonMailSnapshot     `json:"check_host"`
		Receiving    *jsonReceiving         `json:"receiving"`
		Tracking     []jsonTracking         `json:"tracking"`
		Unanswered   []string               `json:"not_answered"`
		Alignment    []jsonAlignment        `json:"alignment"`
		Receivers    []jsonReceiver         `json:"receivers"`
		Beside       *jsonBeside            `json:"beside"`
	}
	jsonReceiving struct {
		State       snapshot.State `json:"state"`
		MX          []string       `json:"mx"`
		Regions     []string       `json:"ses_regions"`
		MailManager bool           `json:"mail_manager"`
		WorkMail    record.Name    `json:"workmail"`
	}
	jsonBeside struct {
		BIMI   *jsonPublished `json:"bimi"`
		TLSRPT *jsonPublished `json:"tls_rpt"`
		MTASTS *jsonPublished `json:"mta_sts"`
		CAA    *jsonPublished `json:"caa"`
		DNSSEC *jsonPublished `json:"dnssec"`
	}
	jsonPublished struct {
		At      record.Name    `json:"at"`
		State   snapshot.State `json:"state"`
		Records []string       `json:"records"`
		Says    []string       `json:"says"`
	}
	jsonTracking struct {
		Name   record.Name `json:"name"`
		Region string      `json:"region"`
	}
	jsonReceiver struct {
		Name   string     `json:"name"`
		Scope  string     `json:"scope"`
		Since  string     `json:"since"`
		Answer string     `json:"answer"`
		Source string     `json:"source"`
		Review string     `json:"review"`
		Rules  []jsonRule `json:"rules"`
	}
	jsonRule struct {
		ID    string             `json:"id"`
		Asks  string             `json:"asks"`
		State snapshot.RuleState `json:"state"`
		Why   string             `json:"why"`
	}
	jsonSPFSnapshot struct {
		Name      record.Name `json:"name"`
		State     string      `json:"state"`
		Lookups   int         `json:"lookups"`
		Voids     int         `json:"voids"`
		AtLeast   bool        `json:"at_least"`
		All       string      `json:"all"`
		SESPasses string      `json:"ses_passes"`
	}
	jsonDMARCSnapshot struct {
		State      snapshot.State `json:"state"`
		At         record.Name    `json:"at"`
		Record     string         `json:"record"`
		Policy     string         `json:"policy"`
		Tag        string         `json:"tag"`
		Inherited  bool           `json:"inherited"`
		Subdomains string         `json:"subdomains"`
		Testing    bool           `json:"testing"`
		ADKIM      string         `json:"adkim"`
		ASPF       string         `json:"aspf"`
		RUA        []string       `json:"rua"`
		CNAME      record.Name    `json:"cname"`
	}
	jsonMailFromSnapshot struct {
		Name   record.Name    `json:"name"`
		State  snapshot.State `json:"state"`
		MX     []string       `json:"mx"`
		CNAME  record.Name    `json:"cname"`
		Region string         `json:"region"`
		Sender string         `json:"sender"`
	}
	jsonDKIMSnapshot struct {
		Selector string         `json:"selector"`
		Name     record.Name    `json:"name"`
		State    snapshot.State `json:"state"`
		CNAME    record.Name    `json:"cname"`
		Key      string         `json:"key"`
		Sender   string         `json:"sender"`
		Testing  bool           `json:"testing"`
	}
	jsonVerificationHere struct {
		Name   record.Name    `json:"name"`
		State  snapshot.State `json:"state"`
		Tokens []string       `json:"tokens"`
		Others int            `json:"others"`
	}
	jsonMailSnapshot struct {
		IP          string   `json:"ip"`
		Sender      string   `json:"sender"`
		Result      string   `json:"result"`
		Path        []string `json:"path"`
		Lookups     int      `json:"lookups"`
		Explanation string   `json:"explanation"`
	}
	jsonAlignment struct {
		Sender   string   `json:"sender,omitempty"`
		Regions  []string `json:"regions"`
		Result   string   `json:"result"`
		Legs     []string `json:"legs"`
		Sentence string   `json:"sentence"`
	}
)

// InspectJSON writes the result of inspect for programs.
func InspectJSON(w io.Writer, r *Report) error {
	whole := toJSON(r)
	out := jsonInspection{jsonHead: whole.jsonHead, Domains: []jsonInspected{}, Findings: whole.Findings, SPF: whole.SPF}
	for i := range r.Domains {
		out.Domains = append(out.Domains, r.toJSONInspected(&r.Domains[i]))
	}
	return writeJSON(w, out, " ")
}

func (r *Report) toJSONInspected(d *check.Domain) jsonInspected {
	j := jsonInspected{
		Name: d.Name, Result: d.Result(r.FailOn), Passed: d.Passed,
		SPF: []jsonSPFSnapshot{}, MailFrom: []jsonMailFromSnapshot{}, DKIM: []jsonDKIMSnapshot{},
		Verification: []jsonVerificationHere{}, CheckHost: []jsonMailSnapshot{}, Alignment: []jsonAlignment{},
		Tracking: []jsonTracking{}, Unanswered: []string{}, Receivers: []jsonReceiver{},
	}
	j.Verdict = r.inspect(d).Verdict
	p := d.Snapshot
	if p == nil {
		return j
	}
	for _, s := range p.SPF {
		one := jsonSPFSnapshot{Name: s.Name, All: s.All, SESPasses: yesNo[s.SES]}
		if tree := r.SPF[s.Name]; tree != nil {
			one.State, one.Lookups, one.Voids, one.AtLeast = tree.State, tree.Lookups.N, tree.Voids.N, !tree.Lookups.Exact()
		}
		if s.Unsure {
			one.State = "unknown"
		}
		j.SPF = append(j.SPF, one)
	}
	if m := p.DMARC; m != nil {
		j.DMARC = &jsonDMARCSnapshot{m.State, m.At, m.Record, m.Policy, m.Tag, m.Inherited, m.Subdomains, m.Testing, m.ADKIM, m.ASPF, lines(m.Reports), m.CNAME}
	}
	for _, m := range p.MailFrom {
		j.MailFrom = append(j.MailFrom, jsonMailFromSnapshot{m.Name, m.State, lines(m.MX), m.CNAME, m.Region, m.Sender})
	}
	for _, k := range p.DKIM {
		j.DKIM = append(j.DKIM, jsonDKIMSnapshot{k.Selector, k.Name, k.State, k.Target, k.Key, k.Sender, k.Testing})
	}
	for _, v := range p.Verification {
		j.Verification = append(j.Verification, jsonVerificationHere{v.Name, v.State, lines(v.Tokens), v.Others})
	}
	for _, m := range p.Mails {
		j.CheckHost = append(j.CheckHost, jsonMailSnapshot{m.Client, m.Sender, m.Result, lines(m.Path), m.Lookups, m.Says})
	}
	j.Alignment = append(j.Alignment, toJSONAlignment(p)...)
	j.discovered(p)
	return j
}

// discovered adds the records at usual names, and the rules of receivers.
func (j *jsonInspected) discovered(p *snapshot.Snapshot) {
	if found := p.Discovery; found != nil {
		j.Receiving = &jsonReceiving{found.Receives, lines(found.MX), lines(found.Inbound), found.Manager, found.WorkMail}
		for _, t := range found.Tracking {
			j.Tracking = append(j.Tracking, jsonTracking(t))
		}
		j.Unanswered = lines(found.Unanswered)
	}
	if b := p.Beside; b != nil {
		j.Beside = &jsonBeside{toJSONPublished(b.BIMI), toJSONPublished(b.TLSRPT), toJSONPublished(b.MTASTS), toJSONPublished(b.CAA), toJSONPublished(b.DNSSEC)}
	}
	for _, r := range p.Receivers {
		one := jsonReceiver{r.Name, r.Scope, r.Since, r.Answer, r.Source, r.Review, []jsonRule{}}
		for _, rule := range r.Rules {
			one.Rules = append(one.Rules, jsonRule{rule.ID, rule.Asks, rule.State, rule.Why})
		}
		j.Receivers = append(j.Receivers, one)
	}
}

// yesNo are the words for states of a question.
var yesNo = map[snapshot.State]string{snapshot.Right: "yes", snapshot.Wrong: "no", snapshot.Unknown: "unknown"}

func toJSONAlignment(p *snapshot.Snapshot) (all []jsonAlignment) {
	if p == nil {
		return nil
	}
	for _, a := range p.Alignment {
		all = append(all, jsonAlignment{a.Sender, lines(a.Regions), a.Result, lines(a.Legs), a.Sentence})
	}
	return all
}

// toJSONPublished is nil for a record that was not queried.
func toJSONPublished(p snapshot.Published) *jsonPublished {
	if p.State == "" {
		return nil
	}
	return &jsonPublished{p.At, p.State, lines(p.Records), lines(p.Says)}
}

package report

import (
	"bufio"
	"cmp"
	"encoding/json"
	"io"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// SchemaVersion is the version of the JSON report. It rises with incompatible
// changes.
const SchemaVersion = 1

// The shape of the JSON report, a contract with its readers: see
// docs/report.schema.json.
type (
	jsonHead struct {
		SchemaVersion int            `json:"schema_version"`
		Tool          jsonTool       `json:"tool"`
		StartedAt     time.Time      `json:"started_at"`
		DurationMS    int64          `json:"duration_ms"`
		Early         Early          `json:"ended_early_by,omitempty"`
		Result        finding.Status `json:"result"`
		Counts        Counts         `json:"counts"`
	}
	jsonReport struct {
		jsonHead
		Findings []jsonFinding              `json:"findings"`
		Domains  []jsonDomain               `json:"domains"`
		SPF      map[record.Name]jsonRecord `json:"spf"`
		Fixed    []Earlier                  `json:"fixed,omitempty"`
		Carried  []Earlier                  `json:"carried,omitempty"`
		Off      []string                   `json:"off,omitempty"`
		Lowered  []string                   `json:"lowered,omitempty"`
		Ending   []jsonIgnore               `json:"ending,omitempty"`
		Answered bool                       `json:"answered"`
		Partial  bool                       `json:"partial,omitempty"`
		Scopes   [][]string                 `json:"scopes,omitempty"`
		LookedAt []jsonLooked               `json:"looked_at,omitempty"`
		Shard    *jsonShard                 `json:"shard,omitempty"`
	}
	jsonTool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	jsonFinding struct {
		Check       string           `json:"check"`
		Severity    finding.Severity `json:"severity"`
		Status      finding.Status   `json:"status"`
		Silenced    string           `json:"silenced,omitempty"`
		Domain      record.Name      `json:"domain"`
		Part        wanted.Part      `json:"part,omitempty"`
		Record      jsonQuestion     `json:"record"`
		Subject     string           `json:"subject,omitempty"`
		Cause       string           `json:"cause,omitempty"`
		Message     string           `json:"message"`
		Impact      string           `json:"impact"`
		Expected    []string         `json:"expected"`
		Actual      []string         `json:"actual"`
		Fix         []string         `json:"fix"`
		Change      *jsonChange      `json:"change,omitempty"`
		Advice      string           `json:"advice,omitempty"`
		Sender      string           `json:"sender,omitempty"`
		Undecided   []string         `json:"undecided,omitempty"`
		SESError    string           `json:"ses_error,omitempty"`
		Source      *jsonSource      `json:"source,omitempty"`
		Location    jsonLocation     `json:"location"`
		Fingerprint string           `json:"fingerprint"`
		FirstSeen   time.Time        `json:"first_seen"`
		SESUntil    *time.Time       `json:"ses_until,omitempty"` // the time until SES looks for the record
		Baseline    string           `json:"baseline,omitempty"`
		Docs        string           `json:"docs"`
		Evidence    jsonEvidence     `json:"evidence"`
	}
	jsonQuestion struct {
		Name record.Name `json:"name"`
		Type string      `json:"type"`
	}
	jsonChange struct {
		Add    []string `json:"add"`
		Remove []string `json:"remove"`
	}
	jsonSource struct {
		File    string `json:"file,omitempty"`
		Line    int    `json:"line,omitempty"`
		EndLine int    `json:"end_line,omitempty"`
		Address string `json:"address,omitempty"`
		Deletes bool   `json:"deletes,omitempty"`
	}
	jsonLocation struct {
		File    string `json:"file"`
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		EndLine int    `json:"end_line"`
	}
	jsonEvidence struct {
		Server    string        `json:"server,omitempty"`
		Rcode     string        `json:"rcode,omitempty"`
		AA        bool          `json:"aa,omitempty"`
		TTL       uint32        `json:"ttl"`
		Confirmed *bool         `json:"confirmed,omitempty"`
		Servers   []record.Said `json:"servers,omitempty"`
	}
	jsonDomain struct {
		Name      record.Name     `json:"name"`
		Result    finding.Status  `json:"result"`
		Passed    int             `json:"passed"`
		Written   string          `json:"written,omitempty"`
		Parts     []wanted.Part   `json:"parts"`
		Checks    []jsonRow       `json:"checks,omitempty"`
		Alignment []jsonAlignment `json:"alignment,omitempty"`
		LookedAt  []jsonLooked    `json:"looked_at,omitempty"`
		Promised  []jsonPromise   `json:"promised,omitempty"`
		Unlooked  []wanted.Part   `json:"not_looked_at,omitempty"`
	}
	jsonRow struct {
		Check  string         `json:"check"`
		Record jsonQuestion   `json:"record"`
		Status finding.Status `json:"status"`
	}
	jsonRecord struct {
		State        string     `json:"state"`
		Record       string     `json:"record,omitempty"`
		Octets       int        `json:"octets,omitempty"`
		Lookups      int        `json:"lookups"`
		Voids        int        `json:"voids"`
		AtLeast      bool       `json:"at_least,omitempty"`
		VoidsAtLeast bool       `json:"voids_at_least,omitempty"`
		Terms        []jsonTerm `json:"terms"`
		LeftOut      int        `json:"terms_left_out,omitempty"`
	}
	jsonTerm struct {
		Term    string      `json:"term"`
		Target  record.Name `json:"target,omitempty"`
		Lookups int         `json:"lookups"`
		Voids   int         `json:"voids"`
		AtLeast bool        `json:"at_least,omitempty"`
		Void    bool        `json:"void,omitempty"`
		Loop    bool        `json:"loop,omitempty"`
		Unread  bool        `json:"unread,omitempty"`
		Cut     bool        `json:"not_followed,omitempty"`
		Answers []string    `json:"answers,omitempty"`
		LeftOut int         `json:"answers_left_out,omitempty"`
	}
)

// JSON writes the report for programs.
func JSON(w io.Writer, r *Report) error {
	indent := " "
	if len(r.Domains) > fleet {
		indent = ""
	}
	return streamJSON(w, r, indent)
}

// fleet is the number of domains above which JSON is not indented.
const fleet = 1000

// writeJSON writes a value.
func writeJSON(w io.Writer, v any, indent string) error {
	buf := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(untrusted.JSON(buf))
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return buf.Flush()
}

// toJSON is the whole report as a value.
func toJSON(r *Report) jsonReport {
	out := toJSONFrame(r)
	for f := range r.Findings() {
		out.Findings = append(out.Findings, r.toJSONFinding(f))
	}
	for i := range r.Domains {
		out.Domains = append(out.Domains, r.toJSONDomain(&r.Domains[i]))
	}
	for name, rec := range r.SPF {
		out.SPF[name] = toJSONRecord(rec)
	}
	return out
}

// toJSONFrame is the report without its findings, domains and SPF trees.
func toJSONFrame(r *Report) jsonReport {
	out := jsonReport{
		jsonHead: jsonHead{
			SchemaVersion: SchemaVersion,
			Tool:          jsonTool{"sescheck", r.Version},
			StartedAt:     r.Started.UTC().Truncate(time.Second),
			DurationMS:    r.Duration.Milliseconds(),
			Early:         r.Early,
			Result:        r.Result,
			Counts:        r.Counts,
		},
		Findings: []jsonFinding{},
		Domains:  []jsonDomain{},
		SPF:      map[record.Name]jsonRecord{},
		Fixed:    r.Fixed,
		Carried:  r.Carried,
		Off:      r.Off,
		Lowered:  r.Lowered,
		Answered: r.Answered,
		Partial:  r.Partial,
		Shard:    toJSONShard(r),
	}
	out.Scopes = r.scopes()
	out.LookedAt = r.toJSONLooked(r.Looked)
	for _, ig := range r.Ending {
		out.Ending = append(out.Ending, toJSONIgnore(ig))
	}
	return out
}

func (r *Report) toJSONFinding(f *finding.Finding) jsonFinding {
	jf := toJSONFinding(f)
	jf.Docs = r.docs(f.Check)
	if r.Compared && f.Status == finding.Fail {
		jf.Baseline = "new"
		if f.Standing {
			jf.Baseline = "standing"
		}
	}
	return jf
}

func (r *Report) toJSONDomain(d *check.Domain) jsonDomain {
	jd := jsonDomain{Name: d.Name, Result: d.Result(r.FailOn), Passed: d.Passed, Parts: lines(d.Parts), Alignment: toJSONAlignment(d.Snapshot), LookedAt: r.toJSONLooked(d.Looked), Promised: toJSONPromises(d), Unlooked: d.Unlooked}
	if d.Written != string(d.Name) {
		jd.Written = d.Written
	}
	for _, row := range d.Rows {
		jd.Checks = append(jd.Checks, jsonRow{row.Check.ID, question(row.Record), row.Status})
	}
	return jd
}

func toJSONFinding(f *finding.Finding) jsonFinding {
	out := jsonFinding{
		Check: f.Check.ID, Severity: f.Severity, Status: f.Status, Silenced: f.Silence.String(),
		Domain: f.Domain, Part: f.Part, Record: question(f.Record), Subject: f.Subject, Cause: f.Cause,
		Message: f.Message, Impact: f.Impact,
		Expected: lines(f.Expected), Actual: lines(f.Actual), Fix: lines(f.Fix),
		Advice: cmp.Or(f.Advice, f.SenderFix), Sender: f.Sender, Undecided: finding.IDs(f.Undecided), SESError: f.SESError,
		Location:    location(f.Place),
		Fingerprint: f.Fingerprint(),
		FirstSeen:   f.FirstSeen.UTC().Truncate(time.Second),
		Docs:        f.Check.DocsURL(),
		Evidence:    jsonEvidence(f.Evidence),
	}
	if !f.Change.Empty() {
		out.Change = &jsonChange{lines(f.Change.Add), lines(f.Change.Remove)}
	}
	if f.Origin != (finding.Origin{}) {
		out.Source = (*jsonSource)(&f.Origin)
	}
	if f.Status == finding.Fail {
		out.SESUntil = sesUntil(f.Check, out.FirstSeen)
	}
	return out
}

func toJSONRecord(rec *snapshot.SPFRecord) jsonRecord {
	jr := jsonRecord{
		State: rec.State, Record: rec.Text, Octets: rec.Octets, LeftOut: rec.Left,
		Lookups: rec.Lookups.N, Voids: rec.Voids.N, AtLeast: !rec.Lookups.Exact(), VoidsAtLeast: !rec.Voids.Exact(),
		Terms: make([]jsonTerm, 0, len(rec.Terms)),
	}
	for _, t := range rec.Terms {
		jr.Terms = append(jr.Terms, jsonTerm{t.Text, t.Leads, t.Lookups.N, t.Voids.N, !t.Lookups.Exact(), t.Void, t.Loop, t.Unread, t.Cut, t.Answers, t.More})
	}
	return jr
}

func location(p config.Place) jsonLocation {
	return jsonLocation{p.File, p.Line, p.Column, p.EndLine}
}

func question(q record.Question) jsonQuestion {
	if q.Name == "" { // a finding about the file
		return jsonQuestion{}
	}
	return jsonQuestion{q.Name, q.Type.String()}
}

// lines turns nil into an empty list.
func lines[T ~string](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

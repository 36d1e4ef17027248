package report

import (
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
)

// maxResults is GitHub code scanning's limit for the results of a run.
const maxResults = 25000

// The fields of SARIF 2.1.0 that code scanning reads
// (docs.oasis-open.org/sarif/sarif/v2.1.0).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool              sarifTool         `json:"tool"`
		AutomationDetails sarifID           `json:"automationDetails"`
		Invocations       []sarifInvocation `json:"invocations,omitempty"`
		Results           []sarifResult     `json:"results"`
		Properties        sarifProperties   `json:"properties"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifID struct {
		ID string `json:"id"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifProperties struct {
		LeftOut int `json:"resultsLeftOut,omitempty"`
	}
	sarifRule struct {
		ID               string       `json:"id"`
		ShortDescription sarifText    `json:"shortDescription"`
		FullDescription  sarifText    `json:"fullDescription"`
		Help             sarifText    `json:"help"`
		HelpURI          string       `json:"helpUri"`
		Default          sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID        string             `json:"ruleId"`
		RuleIndex     int                `json:"ruleIndex"`
		Level         string             `json:"level"`
		Message       sarifText          `json:"message"`
		Locations     []sarifLocation    `json:"locations"`
		Related       []sarifLocation    `json:"relatedLocations,omitempty"`
		Fingerprints  sarifFingerprints  `json:"partialFingerprints"`
		Suppressions  []sarifSuppression `json:"suppressions,omitempty"`
		BaselineState string             `json:"baselineState,omitempty"`
	}
	sarifFingerprints struct {
		Primary string `json:"primaryLocationLineHash"`
	}
	sarifSuppression struct {
		Kind string `json:"kind"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine"`
	}
)

// SARIF writes the report for code scanning. Ignored findings are suppressed
// results.
func SARIF(w io.Writer, r *Report) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "sescheck", Version: r.Version, InformationURI: "https://github.com/sescheck/sescheck",
		}},
		AutomationDetails: sarifID{"sescheck/"},
		Results:           []sarifResult{},
	}
	index := map[string]int{}
	for i, c := range check.All() {
		index[c.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID:               c.ID,
			ShortDescription: sarifText{c.Title},
			FullDescription:  sarifText{c.Means},
			Help:             sarifText{c.Means + "\n\nImpact: " + c.Matters + ".\n\n" + c.Fix},
			HelpURI:          r.docs(c),
			Default:          sarifDefault{c.Severity.String()},
		})
	}
	kept, left := sarifFindings(r)
	var says []sarifNotification
	if left > 0 {
		run.Properties.LeftOut = left
		says = append(says, sarifNotification{"warning", sarifText{
			fmt.Sprintf("the %d least important results are left out: code scanning accepts %d per run. All are in the JSON report.", left, maxResults),
		}})
	}
	for _, l := range r.promised() {
		says = append(says, sarifNotification{"note", sarifText{l}})
	}
	if len(says) > 0 {
		run.Invocations = []sarifInvocation{{true, says}}
	}
	for _, f := range kept {
		res := toSARIF(f, index[f.Check.ID])
		if r.Compared && f.Status == finding.Fail {
			res.BaselineState = "new"
			if f.Standing {
				res.BaselineState = "unchanged"
			}
		}
		run.Results = append(run.Results, res)
	}
	return writeJSON(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	}, " ")
}

// sarifFindings are the findings within code scanning's limit: if there are too
// many, the worst, in the order of the file.
func sarifFindings(r *Report) (kept []*finding.Finding, left int) {
	all := slices.Collect(r.Findings())
	if len(all) <= maxResults {
		return all, 0
	}
	worst := slices.Clone(all)
	slices.SortStableFunc(worst, func(a, b *finding.Finding) int { return reach(b) - reach(a) })
	keep := make(map[*finding.Finding]bool, maxResults)
	for _, f := range worst[:maxResults] {
		keep[f] = true
	}
	return slices.DeleteFunc(all, func(f *finding.Finding) bool { return !keep[f] }), len(worst) - maxResults
}

// reach is the weight of a finding; ignored ones have none.
func reach(f *finding.Finding) int {
	if f.Status == finding.Ignored {
		return 0
	}
	return weight(f)
}

func toSARIF(f *finding.Finding, rule int) sarifResult {
	res := sarifResult{
		RuleID:       f.Check.ID,
		RuleIndex:    rule,
		Level:        f.Severity.String(),
		Message:      sarifText{sentences(f)},
		Fingerprints: sarifFingerprints{f.Fingerprint()},
		Locations:    []sarifLocation{sarifAt(pointed(f))},
	}
	if pointed(f) != f.Place {
		res.Related = []sarifLocation{sarifAt(f.Place)}
	}
	switch f.Status {
	case finding.Inconclusive:
		res.Level = "warning"
	case finding.Ignored:
		res.Suppressions = []sarifSuppression{{"external"}}
	}
	return res
}

func sarifAt(p config.Place) sarifLocation {
	at := sarifLocation{sarifPhysical{Artifact: sarifArtifact{sarifURI(p.File)}}}
	if p.Line > 0 {
		at.Physical.Region = &sarifRegion{StartLine: p.Line, StartColumn: p.Column, EndLine: max(p.EndLine, p.Line)}
	}
	return at
}

// sarifURI is a path as a URI: relative to the root of the repository, or with
// file: if outside.
func sarifURI(file string) string {
	to := url.URL{Path: file}
	switch {
	case drive.MatchString(file):
		to = url.URL{Scheme: "file", Path: "/" + strings.ReplaceAll(file, `\`, "/")}
	case strings.HasPrefix(file, "/"):
		to.Scheme = "file"
	}
	return to.String()
}

// drive matches the start of an absolute path on Windows.
var drive = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// sentences describe a finding in one line: mistake, impact and change.
func sentences(f *finding.Finding) string {
	parts := []string{f.Message + "."}
	if how, where := made(f); where != "" {
		parts = append(parts, capital(how)+" "+where+".")
	}
	if f.Impact != "" {
		parts = append(parts, "Impact: "+f.Impact+".")
	}
	for _, do := range blocks(steps(f.Change)) {
		parts = append(parts, capital(do.label)+": "+strings.Join(do.lines, " "))
	}
	return strings.Join(parts, " ")
}

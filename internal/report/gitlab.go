package report

import (
	"fmt"
	"io"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
)

// The fields of a Code Quality report that GitLab reads
// (docs.gitlab.com/ci/testing/code_quality, "Code Quality report format").
type (
	gitlabIssue struct {
		Description string         `json:"description"`
		CheckName   string         `json:"check_name"`
		Fingerprint string         `json:"fingerprint"`
		Severity    string         `json:"severity"`
		Location    gitlabLocation `json:"location"`
	}
	gitlabLocation struct {
		Path  string      `json:"path"`
		Lines gitlabLines `json:"lines"`
	}
	gitlabLines struct {
		Begin int `json:"begin"`
	}
)

// GitLab writes a Code Quality report, without ignored findings, for which GitLab
// has no word. Fingerprints are made unique, because GitLab shows one issue for
// each.
func GitLab(w io.Writer, r *Report) error {
	issues := []gitlabIssue{}
	times := map[string]int{}
	for f := range r.Findings() {
		if f.Status == finding.Ignored {
			continue
		}
		issue := r.toGitLab(f)
		if times[issue.Fingerprint]++; times[issue.Fingerprint] > 1 {
			issue.Fingerprint += fmt.Sprintf("-%d", times[issue.Fingerprint])
		}
		issues = append(issues, issue)
	}
	return writeJSON(w, issues, " ")
}

func (r *Report) toGitLab(f *finding.Finding) gitlabIssue {
	at := pointed(f)
	if at.File == "" { // GitLab requires a path
		at.File = config.Names[0]
	}
	says := sentences(f)
	if f.Status == finding.Inconclusive {
		says = "Inconclusive: " + says
	}
	return gitlabIssue{says + " " + r.docs(f.Check), f.Check.ID, f.Fingerprint(), gitlabSeverity(f), gitlabLocation{at.File, gitlabLines{max(at.Line, 1)}}}
}

// gitlabSeverity is GitLab's word for a severity. An inconclusive finding is
// minor, like a warning: it may fail the run, but is no error in DNS.
func gitlabSeverity(f *finding.Finding) string {
	switch {
	case f.Status == finding.Inconclusive, f.Severity == finding.Warning:
		return "minor"
	case f.Severity == finding.Error:
		return "major"
	}
	return "info"
}

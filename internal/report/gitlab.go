package report

import (
	"fmt"
	"io"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
)

// The parts of a Code Quality report that GitLab reads
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

// GitLab writes a Code Quality report: every finding that the file does not
// ignore, since GitLab has no word for those. GitLab shows one issue of each
// fingerprint, so that no two are the same.
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
	if at.File == "" { // GitLab takes no issue without a path
		at.File = config.Names[0]
	}
	says := sentences(f)
	if f.Status == finding.Inconclusive {
		says = "Inconclusive: " + says
	}
	return gitlabIssue{says + " " + r.docs(f.Check), f.Check.ID, f.Fingerprint(), gitlabSeverity(f), gitlabLocation{at.File, gitlabLines{max(at.Line, 1)}}}
}

// gitlabSeverity is GitLab's word. What is not known is minor, as a warning is: it
// may fail the run, but it is no error in DNS.
func gitlabSeverity(f *finding.Finding) string {
	switch {
	case f.Status == finding.Inconclusive, f.Severity == finding.Warning:
		return "minor"
	case f.Severity == finding.Error:
		return "major"
	}
	return "info"
}

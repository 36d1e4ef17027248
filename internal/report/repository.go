package report

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Repository is the location of the files in a report.
type Repository struct {
	// Path returns the path of a file from the root of the repository, with
	// slashes, and whether the file is inside. It is nil if paths start at the
	// root already.
	Path func(file string) (path string, within bool)
	// Blob is the URL of the files at the checked commit, such as
	// https://github.com/o/r/blob/SHA; "" if unknown.
	Blob string
}

func (p Repository) path(file string) (path string, within bool) {
	if p.Path == nil {
		return file, filepath.IsLocal(file)
	}
	return p.Path(file)
}

// keep drops origins outside the repository: local paths mean nothing to readers
// elsewhere.
func (p Repository) keep(fs []finding.Finding) {
	for i := range fs {
		if o := &fs[i].Origin; o.File != "" {
			if _, within := p.path(o.File); !within {
				o.File, o.Line, o.EndLine = "", 0, 0
			}
		}
	}
}

// rooted is the report with paths from the root of the repository, wherever in it
// sescheck was started. People at a terminal read them as they gave them.
func (r *Report) rooted() *Report {
	if r.Repository.Path == nil {
		return r
	}
	c := *r
	c.Domains = slices.Clone(r.Domains)
	for i := range c.Domains {
		c.Domains[i].Findings = r.rootedFindings(c.Domains[i].Findings)
	}
	c.Outcome.Findings = r.rootedFindings(r.Outcome.Findings)
	c.Ending = slices.Clone(r.Ending)
	for i := range c.Ending {
		c.Ending[i].Place = r.rootedPlace(c.Ending[i].Place)
	}
	c.Outcome.Held = r.rootedFindings(r.Outcome.Held)
	c.Repository.Path = nil
	return &c
}

func (r *Report) rootedFindings(fs []finding.Finding) []finding.Finding {
	fs = slices.Clone(fs)
	for i := range fs {
		fs[i].Place = r.rootedPlace(fs[i].Place)
		fs[i].Origin.File = r.rootedPlace(config.Place{File: fs[i].Origin.File}).File
	}
	return fs
}

func (r *Report) rootedPlace(p config.Place) config.Place {
	if p.File != "" {
		p.File, _ = r.Repository.path(p.File)
	}
	return p
}

// linked is Markdown that links a text to a place in the repository, if its URL
// is known.
func (p Repository) linked(text string, at config.Place) string {
	if p.Blob == "" || at.File == "" || !filepath.IsLocal(at.File) {
		return text
	}
	steps := strings.Split(at.File, "/")
	for i, s := range steps {
		steps[i] = url.PathEscape(s)
	}
	to := p.Blob + "/" + strings.Join(steps, "/")
	if at.Line > 0 {
		to += fmt.Sprintf("#L%d", at.Line)
	}
	return "[" + text + "](" + untrusted.Line(to) + ")"
}

var released = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// docs is the URL of a check's documentation for this release.
func (r *Report) docs(c *finding.Check) string {
	if released.MatchString(r.Version) {
		return strings.Replace(c.DocsURL(), "/blob/main/", "/blob/v"+r.Version+"/", 1)
	}
	return c.DocsURL()
}

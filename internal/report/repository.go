package report

import (
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Repository is where the files lie that a report names.
type Repository struct {
	// Path gives the path of a file from the root of the repository, with slashes,
	// and whether it lies there. It is nil where paths are from the root already.
	Path func(file string) (path string, within bool)
	// Blob is where the files can be seen at the commit that was checked, such as
	// https://github.com/o/r/blob/SHA; "" where that is not known.
	Blob string
}

func (p Repository) path(file string) (path string, within bool) {
	if p.Path == nil {
		return file, filepath.IsLocal(file)
	}
	return p.Path(file)
}

// keep drops the files of origins that lie outside of the repository: a machine's
// paths say nothing to readers elsewhere.
func (p Repository) keep(fs []finding.Finding) {
	for i := range fs {
		if o := &fs[i].Origin; o.File != "" {
			if _, within := p.path(o.File); !within {
				o.File, o.Line, o.EndLine = "", 0, 0
			}
		}
	}
}

// rooted is a format whose paths are those from the root of the repository,
// wherever in it sescheck was started. People at a terminal read them as they gave
// them.
func rooted(write Format) Format {
	return func(w io.Writer, r *Report) error {
		if r.Repository.Path == nil {
			return write(w, r)
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
		if r.Shard != nil {
			shard := *r.Shard
			shard.Held = r.rootedFindings(shard.Held)
			c.Shard = &shard
		}
		c.Repository.Path = nil
		return write(w, &c)
	}
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

// linked is text that leads to a place in the repository, where that can be seen;
// the text is Markdown.
func (r *Report) linked(text string, p config.Place) string {
	if r.Repository.Blob == "" || p.File == "" || !filepath.IsLocal(p.File) {
		return text
	}
	steps := strings.Split(p.File, "/")
	for i, s := range steps {
		steps[i] = url.PathEscape(s)
	}
	to := r.Repository.Blob + "/" + strings.Join(steps, "/")
	if p.Line > 0 {
		to += fmt.Sprintf("#L%d", p.Line)
	}
	return "[" + text + "](" + untrusted.Line(to) + ")"
}

var released = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// docs is where a check is explained as this release knows it.
func (r *Report) docs(c *finding.Check) string {
	if released.MatchString(r.Version) {
		return strings.Replace(c.DocsURL(), "/blob/main/", "/blob/v"+r.Version+"/", 1)
	}
	return c.DocsURL()
}

//go:build !js

package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// The elements of JUnit's XML that CI systems agree on.
type (
	junitSuites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Time     string   `xml:"time,attr"`
		Suites   []junitSuite
	}
	junitSuite struct {
		XMLName  xml.Name `xml:"testsuite"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Cases    []junitCase
	}
	junitCase struct {
		XMLName xml.Name      `xml:"testcase"`
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitProblem `xml:"failure"`
		Error   *junitProblem `xml:"error"`
		Skipped *junitSkipped `xml:"skipped"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit writes a test case for each part of each domain. Findings that fail the
// run are failures, inconclusive ones that would fail it are errors, and ignored
// ones are skipped; the rest is the output of the case.
func JUnit(w io.Writer, r *Report) error {
	out := junitSuites{Name: "sescheck", Time: fmt.Sprintf("%.3f", r.Duration.Seconds())}
	for i := range r.Domains {
		d := &r.Domains[i]
		byPart := map[wanted.Part][]*finding.Finding{}
		for j := range d.Findings {
			byPart[d.Findings[j].Part] = append(byPart[d.Findings[j].Part], &d.Findings[j])
		}
		s := junitSuite{Name: string(d.Name)}
		for _, part := range d.Parts {
			s.add(r.junitCase(string(d.Name), string(part), byPart[part], promises(promisedOf(d, part))))
		}
		out.add(s)
	}
	if len(r.Outcome.Findings) > 0 {
		var fs []*finding.Finding
		for i := range r.Outcome.Findings {
			fs = append(fs, &r.Outcome.Findings[i])
		}
		s := junitSuite{Name: "file"}
		s.add(r.junitCase("file", "file", fs, nil))
		out.add(s)
	}
	buf := bufio.NewWriter(w)
	_, _ = buf.WriteString(xml.Header)
	enc := xml.NewEncoder(buf)
	enc.Indent("", " ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_ = buf.WriteByte('\n')
	return buf.Flush()
}

func (o *junitSuites) add(s junitSuite) {
	o.Tests += s.Tests
	o.Failures += s.Failures
	o.Errors += s.Errors
	o.Skipped += s.Skipped
	o.Suites = append(o.Suites, s)
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (r *Report) junitCase(class, part string, fs []*finding.Finding, promised []string) junitCase {
	c := junitCase{Class: class, Name: part}
	var failing, unknown, ignored, others []*finding.Finding
	for _, f := range fs {
		switch {
		case f.Status == finding.Ignored:
			ignored = append(ignored, f)
		case r.undecided(f), f.Status == finding.Inconclusive && !r.Answered:
			unknown = append(unknown, f)
		case r.fails(f):
			failing = append(failing, f)
		default:
			others = append(others, f)
		}
	}
	if len(fs) > 0 {
		c.File, c.Line = untrusted.Line(fs[0].Place.File), fs[0].Place.Line
	}
	notes := texts(others)
	for _, l := range promised {
		notes = append(notes, "promised: "+l)
	}
	c.Out = strings.Join(notes, "\n\n")
	switch {
	case len(failing) > 0:
		c.Failure = problem(append(failing, unknown...))
	case len(unknown) > 0:
		c.Error = problem(unknown)
	case len(ignored) > 0:
		c.Skipped = &junitSkipped{ignored[0].Message}
	}
	return c
}

func problem(fs []*finding.Finding) *junitProblem {
	return &junitProblem{Message: fs[0].Message, Type: fs[0].Check.ID, Text: strings.Join(texts(fs), "\n\n")}
}

// texts are findings as text, without colour.
func texts(fs []*finding.Finding) []string {
	var all []string
	for _, f := range fs {
		all = append(all, plainText(f))
	}
	return all
}

//go:build !js

package report

import "io"

// OfCheck are the formats of check.
func OfCheck() Formats {
	return Formats{
		"github":      func(w io.Writer, r *Report) error { return GitHub(w, r.rooted()) },
		"gitlab":      func(w io.Writer, r *Report) error { return GitLab(w, r.rooted()) },
		"html":        func(w io.Writer, r *Report) error { return HTML(w, r.rooted()) },
		"json":        func(w io.Writer, r *Report) error { return JSON(w, r.rooted()) },
		"junit":       func(w io.Writer, r *Report) error { return JUnit(w, r.rooted()) },
		"markdown":    func(w io.Writer, r *Report) error { return Markdown(w, r.rooted()) },
		"openmetrics": OpenMetrics,
		"sarif":       func(w io.Writer, r *Report) error { return SARIF(w, r.rooted()) },
		"text":        func(w io.Writer, r *Report) error { return Text(w, r, TextOptions{}) },
	}
}

// OfInspect are the formats of inspect.
func OfInspect() Formats {
	return Formats{
		"html":     InspectHTML,
		"json":     InspectJSON,
		"markdown": InspectMarkdown,
		"text":     func(w io.Writer, r *Report) error { return InspectText(w, r, TextOptions{}) },
	}
}

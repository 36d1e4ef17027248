package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/record"
)

// OpenMetrics writes the outcome as gauges in OpenMetrics text
// (prometheus.io/docs/specs/om/open_metrics_spec). With gauges only, it means the
// same in Prometheus' older text format, which node_exporter's textfile collector
// reads.
func OpenMetrics(w io.Writer, r *Report) error {
	m := &metrics{bufio.NewWriter(w)}
	m.family("build_info", "", "The release that ran.")
	m.sample("build_info", "1", "version", r.Version)
	m.one("run_timestamp_seconds", "seconds", "When the run began, in seconds since 1970.", strconv.FormatInt(r.Started.Unix(), 10))
	m.one("run_duration_seconds", "seconds", "How long the run took.", strconv.FormatFloat(r.Duration.Seconds(), 'f', 3, 64))
	m.one("run_answered", "", "1 if DNS answered any query.", flag(r.Answered))
	m.family("result", "", "1 for the result of the run: pass, fail or inconclusive.")
	for _, s := range results {
		m.sample("result", flag(r.Result == s), "result", string(s))
	}
	for _, c := range []struct {
		name, help string
		n          int
	}{
		{"domains", "Domains of the file.", r.Counts.Domains},
		{"passed_checks", "Checks of a record that passed.", r.Counts.Passed},
		{"errors", "Findings that are errors.", r.Counts.Errors},
		{"warnings", "Findings that are warnings.", r.Counts.Warnings},
		{"notes", "Findings that are notes.", r.Counts.Notes},
		{"inconclusive", "Findings that are inconclusive because a query was not answered.", r.Counts.Inconclusive},
		{"ignored", "Findings that the file ignores.", r.Counts.Ignored},
		{"promised_records", "Records that a plan makes and cannot show yet.", r.Counts.Promised},
	} {
		m.one(c.name, "", c.help, strconv.Itoa(c.n))
	}
	m.domains(r)
	m.findings(r)
	m.print("# EOF\n")
	return m.Flush()
}

// results are the results of a run or a domain. Each has a sample, so that no
// series ends when the result changes.
var results = []finding.Status{finding.Pass, finding.Fail, finding.Inconclusive}

// metrics writes metric families.
type metrics struct{ *bufio.Writer }

func (m *metrics) print(format string, args ...any) { _, _ = fmt.Fprintf(m, format, args...) }

// family begins a metric family. The unit, if any, ends its name.
func (m *metrics) family(name, unit, help string) {
	m.print("# TYPE sescheck_%s gauge\n", name)
	if unit != "" {
		m.print("# UNIT sescheck_%s %s\n", name, unit)
	}
	m.print("# HELP sescheck_%s %s\n", name, help)
}

// one is a family of one sample without labels.
func (m *metrics) one(name, unit, help, value string) {
	m.family(name, unit, help)
	m.sample(name, value)
}

var inLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// sample writes a sample with its labels, as pairs of name and value.
func (m *metrics) sample(name, value string, labels ...string) {
	var pairs []string
	for i := 0; i < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+inLabel.Replace(labels[i+1])+`"`)
	}
	if pairs != nil {
		name += "{" + strings.Join(pairs, ",") + "}"
	}
	m.print("sescheck_%s %s\n", name, value)
}

func (m *metrics) domains(r *Report) {
	m.family("domain_result", "", "1 for the result of the domain: pass, fail or inconclusive.")
	for i := range r.Domains {
		d := &r.Domains[i]
		result := d.Result(r.FailOn)
		for _, s := range results {
			m.sample("domain_result", flag(result == s), "domain", string(d.Name), "result", string(s))
		}
	}
}

// findings counts findings by domain, check, severity and status.
func (m *metrics) findings(r *Report) {
	type key struct {
		domain   record.Name
		check    string
		severity finding.Severity
		status   finding.Status
	}
	var order []key
	n := map[key]int{}
	for f := range r.Findings() {
		k := key{f.Domain, f.Check.ID, f.Severity, f.Status}
		if n[k]++; n[k] == 1 {
			order = append(order, k)
		}
	}
	m.family("findings", "", "Findings by domain, check, severity and status: fail, inconclusive or ignored.")
	for _, k := range order {
		m.sample("findings", strconv.Itoa(n[k]), "domain", string(k.domain), "check", k.check, "severity", k.severity.String(), "status", string(k.status))
	}
}

// flag is a boolean as a number.
func flag(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

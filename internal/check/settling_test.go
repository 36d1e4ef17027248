package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/dmarc"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/part/ses"
	"github.com/sescheck/sescheck/internal/record"
)

// absent is DNS in which a domain exists, and nothing below it.
func absent(q record.Question, _ bool) record.Answer {
	if q.Type == record.SOA {
		return judgetest.Absent(q, record.NoData)
	}
	return judgetest.Absent(q, record.NoName)
}

// TestSettle: how severe a finding is in the end: by the file, by what changed, and
// until when its domain is pending.
func TestSettle(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	unchanged := map[record.Name]bool{"example.com": true}
	for name, c := range map[string]struct {
		checks, domain string
		options        Options
		want           string
	}{
		"as it is":                    {"", "", Options{}, "dmarc-missing error fail"},
		"turned off":                  {"{dmarc-missing: off}", "", Options{}, "; off: dmarc-missing"},
		"turned off, strictly":        {"{dmarc-missing: off}", "", Options{Strict: true}, "dmarc-missing error fail"},
		"a note":                      {"{dmarc-missing: note}", "", Options{}, "dmarc-missing note fail; lowered: dmarc-missing (note)"},
		"a note, strictly":            {"{dmarc-missing: note}", "", Options{Strict: true}, "dmarc-missing error fail"},
		"as severe as it is":          {"{dmarc-missing: error}", "", Options{}, "dmarc-missing error fail"},
		"two lowered, two off":        {"{spf-all: note, spf-pass-all: off, dmarc-missing: warning, dmarc-invalid: off}", "", Options{}, "dmarc-missing warning fail; off: dmarc-invalid spf-pass-all; lowered: dmarc-missing (warning) spf-all (note)"},
		"another check":               {"", "", Options{Selected: func(c *finding.Check) bool { return c == dmarc.Invalid }}, ""},
		"unchanged":                   {"", "", Options{Unchanged: unchanged}, "dmarc-missing warning fail unchanged"},
		"unchanged, and a note":       {"{dmarc-missing: note}", "", Options{Unchanged: unchanged}, "dmarc-missing note fail; lowered: dmarc-missing (note)"},
		"pending":                     {"", "pending_until: 2026-11-25", Options{Now: day}, "dmarc-missing note fail pending"},
		"pending until now":           {"", "pending_until: 2026-11-24", Options{Now: day}, "dmarc-missing error fail"},
		"pending for a moment more":   {"", "pending_until: 2026-11-24", Options{Now: day.Add(-1)}, "dmarc-missing note fail pending"},
		"pending, strictly":           {"", "pending_until: 2026-11-25", Options{Now: day, Strict: true}, "dmarc-missing error fail"},
		"pending, and a note already": {"{dmarc-missing: note}", "pending_until: 2026-11-25", Options{Now: day}, "dmarc-missing note fail; lowered: dmarc-missing (note)"},
		"pending and unchanged":       {"", "pending_until: 2026-11-25", Options{Now: day, Unchanged: unchanged}, "dmarc-missing note fail pending"},
	} {
		if c.domain != "" {
			c.domain = ", " + c.domain
		}
		text := "version: 1\ndomains:\n  example.com: {spf: none, dmarc: none" + c.domain + "}\n"
		if c.checks != "" {
			text += "checks: " + c.checks + "\n"
		}
		c.options.Window = 1
		out := Run(t.Context(), judgetest.Parse(t, text), &world{answer: absent}, c.options)
		var all []string
		for _, f := range out.Domains[0].Findings {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", f.Check, f.Severity, f.Status,
				map[finding.SilenceKind]string{finding.Unchanged: "unchanged", finding.Pending: "pending"}[f.Silence.Kind])))
		}
		got := strings.Join(all, ", ")
		if len(out.Off) > 0 {
			got += "; off: " + strings.Join(out.Off, " ")
		}
		if len(out.Lowered) > 0 {
			got += "; lowered: " + strings.Join(out.Lowered, " ")
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestSettleUnanswered: a question that failed is as severe as the severest check
// that it leaves open, of those that are wanted.
func TestSettleUnanswered(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {dmarc: none}\nchecks: {dmarc-missing: warning, dmarc-duplicate: off, dmarc-invalid: note}\n")
	for name, c := range map[string]struct {
		selected []*finding.Check
		want     string
	}{
		"one":             {[]*finding.Check{dmarc.Missing}, "warning fail: dmarc-missing"},
		"two":             {[]*finding.Check{dmarc.Invalid, dmarc.Missing}, "warning: dmarc-missing dmarc-invalid"},
		"the lesser":      {[]*finding.Check{dmarc.Invalid}, "note: dmarc-invalid"},
		"one that is off": {[]*finding.Check{dmarc.Duplicate}, ""},
		"itself":          {[]*finding.Check{DNSUnavailable}, "warning: all"},
	} {
		w := &world{answer: func(q record.Question, again bool) record.Answer {
			if q.Name == "_dmarc.example.com" {
				return judgetest.Failing(q)
			}
			return absent(q, again)
		}}
		for _, unchanged := range []bool{false, true} {
			o := Options{Window: 1, Selected: func(of *finding.Check) bool { return slices.Contains(c.selected, of) }}
			if unchanged {
				o.Unchanged = map[record.Name]bool{"example.com": true}
			}
			got := ""
			for _, f := range Run(t.Context(), f, w, o).Domains[0].Findings {
				got = fmt.Sprintf("%s: %s", f.Severity, strings.Join(finding.IDs(f.Undecided), " "))
				if f.Status != finding.Inconclusive || (f.Silence.Kind == finding.UnchangedOpen) != unchanged {
					t.Errorf("%s: %s, silence %v", name, f.Status, f.Silence)
				}
			}
			if want := strings.Replace(c.want, " fail", "", 1); got != want && name != "itself" || name == "itself" && len(strings.Fields(got)) < 4 {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

// TestHousekeepingDays: an ignore is over on its day, and is named from a week
// before it on.
func TestHousekeepingDays(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		before  time.Duration
		checks  string // of the item
		options Options
		want    string
	}{
		"on the day":                  {0, "dmarc-missing", Options{}, "ignore-expired, fail"},
		"a moment before":             {1, "dmarc-missing", Options{}, "ending, ignored"},
		"a week before":               {week, "dmarc-missing", Options{}, "ending, ignored"},
		"longer before":               {week + 1, "dmarc-missing", Options{}, "ignored"},
		"unused":                      {week + 1, "dmarc-invalid", Options{}, "ignore-unused, fail"},
		"unused, a week before":       {week, "dmarc-invalid", Options{}, "ignore-unused, fail"},
		"unused by some domains":      {week + 1, "dmarc-invalid", Options{Partial: true}, "fail"},
		"unused by some, ending":      {week, "dmarc-invalid", Options{Partial: true}, "ending, fail"},
		"unused by a shard":           {week + 1, "dmarc-invalid", Options{Shard: []int{0}}, "held ignore-unused, fail"},
		"unused by a shard, ending":   {week, "dmarc-invalid", Options{Shard: []int{0}}, "held ignore-unused, ending, fail"},
		"on the day, strictly":        {0, "dmarc-missing", Options{Strict: true}, "fail"},
		"a moment before, strictly":   {1, "dmarc-missing", Options{Strict: true}, "fail"},
		"on the day, of some domains": {0, "dmarc-missing", Options{Partial: true}, "ignore-expired, fail"},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {spf: none, dmarc: none}\nignore:\n  - {check: "+c.checks+", reason: why, until: 2026-11-24}\n")
		c.options.Window, c.options.Now = 1, until.Add(-c.before)
		out := Run(t.Context(), f, &world{answer: absent}, c.options)
		var got []string
		for _, f := range out.Findings {
			got = append(got, f.Check.ID)
		}
		for _, f := range out.Held {
			got = append(got, "held "+f.Check.ID)
		}
		if len(out.Ending) > 0 {
			got = append(got, "ending")
		}
		for _, f := range out.Domains[0].Findings {
			got = append(got, string(f.Status))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}
}

// TestLintWarns: what is wrong with the file by itself is a warning at most, and
// the file silences it as it does a finding.
func TestLintWarns(t *testing.T) {
	t.Parallel()
	for rest, want := range map[string]string{
		"":                                "region-unknown warning",
		"checks: {region-unknown: off}":   "",
		"checks: {region-unknown: note}":  "region-unknown note",
		"checks: {region-unknown: error}": "region-unknown warning",
		"ignore: [{check: region-unknown, reason: new}]":                      "",
		"ignore: [{check: region-unknown, domain: example.org, reason: new}]": "region-unknown warning",
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: xx-new-1, dkim: [tokena, tokenb, tokenc]}\n"+rest+"\n")
		var got []string
		for _, f := range Lint(f, time.Time{}) {
			got = append(got, f.Check.ID+" "+f.Severity.String())
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%q: %q, want %q", rest, s, want)
		}
	}
}

// TestLooked: which checks were looked at that belong to no part of a domain, so
// that what they do not find is gone.
func TestLooked(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  a.example: {dmarc: none}\n")
	every := func(record.Name) bool { return true }
	published := []Published{{Zone: "a.example", Owner: "x.a.example"}, {Zone: "a.example", Owner: "y.a.example"}, {Zone: "b.example", Owner: "b.example"}}
	ns := []record.Name{"ns1.test"}
	live := &world{answer: func(q record.Question, _ bool) record.Answer {
		if q.Name == "open.a.example" {
			return judgetest.Failing(q)
		}
		return judgetest.Absent(q, record.NoName)
	}}
	const standIns = "name-doubled value-garbled wildcard-answer"
	for name, c := range map[string]struct {
		options Options
		want    string
	}{
		"all":              {Options{Looked: every}, standIns + " ignore-expired ignore-unused"},
		"nothing kept":     {Options{}, ""},
		"strictly":         {Options{Looked: every, Strict: true}, standIns},
		"some domains":     {Options{Looked: every, Partial: true}, standIns + " ignore-expired"},
		"one check":        {Options{Looked: every, Selected: func(c *finding.Check) bool { return c == IgnoreUnused }}, "ignore-unused"},
		"zone files":       {Options{Looked: every, Published: published, Selected: func(c *finding.Check) bool { return c == RecordUnclaimed }}, "; record-unclaimed of SOA a.example; record-unclaimed of SOA b.example"},
		"of another check": {Options{Looked: every, Published: published, Given: []GivenZone{{Apex: "a.example", Servers: ns}}, Live: live, Selected: func(c *finding.Check) bool { return c == IgnoreUnused }}, "ignore-unused"},
		"given zones":      {Options{Looked: every, Given: []GivenZone{{Apex: "a.example", Servers: ns}}, Live: live, Selected: func(c *finding.Check) bool { return c == ZoneNotLive }}, "; zone-not-live of NS a.example"},
		"not asked":        {Options{Looked: every, Given: []GivenZone{{Apex: "a.example", Servers: ns}}, Selected: func(c *finding.Check) bool { return c == ZoneNotLive }}, ""},
	} {
		c.options.Window = 1
		var got []string
		for _, l := range Run(t.Context(), f, &world{answer: absent}, c.options).Looked {
			s := strings.Join(finding.IDs(l.Checks), " ")
			if slices.Contains(l.Checks, ses.IdentityUnlisted) {
				continue // which is about the domains that Amazon SES has
			}
			if l.Record != (record.Question{}) {
				s += " of " + l.Record.String()
			}
			got = append(got, s)
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}

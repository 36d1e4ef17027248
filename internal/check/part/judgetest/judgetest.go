// Package judgetest tests the judges of parts by tables. Each row has a file,
// live records and the expected findings.
package judgetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/spf"
)

// Row is a row of a judge's table: the file, the live records, and the expected
// findings.
type Row struct {
	What string
	File string // the keys of example.com, as YAML
	Live string // DNS as a zone file of example.com; TIMEOUT in place of data is a failure

	Domain    string // in place of example.com
	Locked    string // the terms of a.test, in sescheck.lock
	Inspected bool   // without expectations, as in inspect

	Want []Found
	Near []*finding.Check // checks that nearly fire
}

// Found is an expected finding. Empty fields match anything.
type Found struct {
	Check   *finding.Check
	Open    bool   // inconclusive
	Subject string // of the finding, if set
	Says    string // in its message, impact or advice; of an inconclusive one, in the failure's detail
	Change  string // the change: lines of a zone file after + and -
}

// RSA2048 is a public key of 2048 bits, in base64.
const RSA2048 = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqI2j2ORxrHC4LMzwo8EBphRZmPfmsf7yN/mBItmtntWwMjPVJbSFnrlAUjvaxJjtI3rHLy0WRW8AGUEb7ZSUT8V+CfUmZxzo1Ktexl5SoV" +
	"rHtAk32ajVy89gA4gdmb59P9e0Hv87VlHaxCwaL5pcMlPCXbcS+YgG4PCaKK+WZtdQslgdRo89l7TohqYx7L7peUPvqhiufZUT/7cG+5Q293zAg9un5wNPQniaZxujeIPnOEnb+cS+oiQIfdnumDIA" +
	"mosljCpMY4UVXyn0YODlqCDV4TWZ2AmOWz3xMShPw21thKz/ziRE4Mqo+H4wilFTWF0V5rlZ0SbOUOHaneqrDQIDAQAB"

// Unchanged is the change of a finding without records.
const Unchanged = "none"

// Judged judges a part of example.com by each row of its table. Every check of
// the part, and of beside, must fire in one row and nearly fire in another.
func Judged[W, S any](t *testing.T, of *part.Of[W, S], beside []*finding.Check, rows []Row) {
	t.Helper()
	fires, almost := map[*finding.Check]bool{}, map[*finding.Check]bool{}
	for _, r := range rows {
		for _, f := range r.Want {
			fires[f.Check] = fires[f.Check] || !f.Open
		}
		for _, c := range r.Near {
			almost[c] = true
		}
		t.Run(r.What, func(t *testing.T) {
			t.Parallel()
			r.Hold(t, JudgedBy(t, of, r))
		})
	}
	for _, c := range slices.Concat(of.Checks, beside) {
		if !fires[c] || !almost[c] {
			t.Errorf("%s: found in a row: %v, nearly found in another: %v", c, fires[c], almost[c])
		}
	}
}

// JudgedBy is the verdict about a row's file.
func JudgedBy[W, S any](t *testing.T, of *part.Of[W, S], r Row) (v part.Verdict) {
	t.Helper()
	file := Parse(t, fmt.Sprintf("version: 1\ndomains:\n  %s: {%s}\n", cmp.Or(r.Domain, "example.com"), r.File))
	file.Domains[0].Lock = locked(r.Locked)
	if d := &file.Domains[0]; r.Inspected {
		d.Open = true
		for i := range d.Identities {
			d.Identities[i].Region.Value = ""
		}
	}
	return Verdict(t, of, file, Live(t, r.Live))
}

// Verdict is the verdict about the first domain of a file.
func Verdict[W, S any](t *testing.T, of *part.Of[W, S], file *config.File, dns record.Asker) (v part.Verdict) {
	t.Helper()
	shared := part.NewRunCache(dns)
	each := func(n int, do func(i int)) {
		for i := range n {
			do(i)
		}
	}
	a := part.Asker{Each: each, Own: part.NewCache(dns), Shared: shared, Forest: spf.NewForest(t.Context(), shared), Domains: part.NewDomains(file.Domains)}
	for _, w := range of.Wants(&file.Domains[0]) {
		v.Join(of.Judge(w, of.Observe(t.Context(), a, w)))
	}
	return v
}

// Parse reads a file.
func Parse(t testing.TB, text string) *config.File {
	t.Helper()
	f, problems := config.Parse("sescheck.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return f
}

// Answers is DNS as a function.
type Answers func(record.Question) record.Answer

// Ask calls the function.
func (f Answers) Ask(_ context.Context, q record.Question) record.Answer { return f(q) }

// Failing is a failed answer.
func Failing(q record.Question) record.Answer {
	return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Timeout, Server: "192.0.2.53:53", Tries: 3}}
}

// Absent is an answer without a record.
func Absent(q record.Question, s record.Status) record.Answer {
	return record.Answer{Question: q, Status: s, Server: "192.0.2.53:53"}
}

// locked is a lock with the terms of a.test.
func locked(terms string) *config.Lock {
	if terms == "" {
		return nil
	}
	return &config.Lock{Includes: map[record.Name]config.Locked{"a.test": {Terms: strings.Fields(terms)}}}
}

// Hold compares a verdict with the row.
func (r Row) Hold(t *testing.T, v part.Verdict) {
	t.Helper()
	want := map[string]int{}
	for _, f := range r.Want {
		want[f.String()]++
	}
	got := map[string]int{}
	for _, f := range v.Believed() {
		i := slices.IndexFunc(r.Want, func(w Found) bool {
			return !w.Open && w.Check == f.Check && (w.Subject == "" || w.Subject == f.Subject)
		})
		if i < 0 {
			t.Errorf("found %s, of %q: %s", f.Check, f.Subject, f.Text())
			continue
		}
		got[r.Want[i].String()]++
		r.Want[i].hold(t, f)
	}
	open := map[*finding.Check]bool{}
	for _, u := range v.Undecided {
		for _, c := range u.Checks {
			for _, f := range r.Want {
				if f.Open && f.Check == c && !strings.Contains(u.Answer.Failure.Detail, f.Says) {
					t.Errorf("%s does not say %q: %s", f, f.Says, u.Answer.Failure.Detail)
				}
			}
			if !open[c] {
				got[Found{Check: c, Open: true}.String()]++
			}
			open[c] = true
		}
	}
	for f, n := range want {
		if got[f] != n {
			t.Errorf("%s is found %d times, not %d", f, got[f], n)
		}
	}
	for f := range got {
		if want[f] == 0 {
			t.Errorf("found %s", f)
		}
	}
	for _, c := range r.Near {
		if open[c] || slices.ContainsFunc(r.Want, func(f Found) bool { return f.Check == c }) {
			t.Errorf("%s is said to be nearly found", c)
		}
	}
}

// String is the finding in a word or two.
func (f Found) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s%s", f.Check, f.Subject, map[bool]string{true: "inconclusive"}[f.Open]))
}

// hold compares a finding with the row.
func (f Found) hold(t *testing.T, got finding.Finding) {
	t.Helper()
	if all := got.Text() + "\n" + got.Impact + "\n" + got.Advice; !strings.Contains(all, f.Says) {
		t.Errorf("%s does not say %q:\n%s", f.Check, f.Says, all)
	}
	if f.Change == "" {
		return
	}
	got.Prescribe()
	var change []string
	for _, r := range got.Change.Remove {
		change = append(change, "-"+r)
	}
	for _, r := range got.Change.Add {
		change = append(change, "+"+r)
	}
	var want []string
	for line := range strings.Lines(f.Change) {
		line = strings.TrimSpace(line)
		if line == "" || line == Unchanged {
			continue
		}
		for _, r := range records(t, line[1:]) {
			want = append(want, line[:1]+r.String())
		}
	}
	slices.Sort(change)
	slices.Sort(want)
	if !slices.Equal(change, want) {
		t.Errorf("the change of %s is\n%s\nnot\n%s", f.Check, strings.Join(change, "\n"), strings.Join(want, "\n"))
	}
}

// Inconclusive are expected findings of open checks.
func Inconclusive(checks ...*finding.Check) (all []Found) {
	for _, c := range checks {
		all = append(all, Found{Check: c, Open: true})
	}
	return all
}

// records reads lines of a zone file of example.com.
func records(t *testing.T, lines string) (all []record.RR) {
	t.Helper()
	p := dns.NewZoneParser(strings.NewReader(lines+"\n"), "example.com.", "")
	p.SetDefaultTTL(finding.SuggestedTTL)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		r, err := source.FromRR(rr)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := p.Err(); err != nil {
		t.Fatalf("%v in\n%s", err, lines)
	}
	return all
}

// liveDNS answers as a resolver: it follows CNAMEs and applies wildcards.
type liveDNS struct {
	at      map[record.Name][]record.Record
	missing map[record.Question]bool
}

// Live is DNS with the records of a zone file of example.com.
func Live(t *testing.T, lines string) liveDNS {
	t.Helper()
	l := liveDNS{map[record.Name][]record.Record{}, map[record.Question]bool{}}
	var zone strings.Builder
	for line := range strings.Lines(lines) {
		if text, missing := strings.CutSuffix(strings.TrimSpace(line), " TIMEOUT"); missing {
			name, typ, _ := strings.Cut(text, " ")
			of, ok := record.ParseType(strings.TrimSpace(typ))
			if !ok {
				t.Fatalf("line %q", line)
			}
			for _, r := range records(t, name+" TXT x") {
				l.missing[record.Question{Name: r.Owner, Type: of}] = true
			}
			continue
		}
		zone.WriteString(strings.TrimSpace(line) + "\n")
	}
	for _, r := range records(t, zone.String()) {
		l.at[r.Owner] = append(l.at[r.Owner], r.Data)
	}
	return l
}

// Ask answers as a resolver.
func (l liveDNS) Ask(_ context.Context, q record.Question) record.Answer {
	a := record.Answer{Question: q, Server: "192.0.2.53:53", TTL: finding.SuggestedTTL, AliasTTL: finding.SuggestedTTL, OwnTTL: finding.SuggestedTTL}
	for name := q.Name; ; {
		if l.missing[record.Question{Name: name, Type: q.Type}] {
			a.Failure = Failing(q).Failure
			return a
		}
		all, exists := l.under(name)
		a.Records = slices.DeleteFunc(slices.Clone(all), func(r record.Record) bool { return r.Type != q.Type })
		record.Sort(a.Records)
		alias := slices.IndexFunc(all, func(r record.Record) bool { return r.Type == record.CNAME })
		switch {
		case len(a.Records) > 0:
			a.Status = record.Found
			return a
		case alias >= 0:
			name = all[alias].Host
			a.Chain = append(a.Chain, name)
		case exists:
			a.Status = record.NoData
			return a
		default:
			a.Status = record.NoName
			return a
		}
	}
}

// under returns the records at a name, also by a wildcard, and whether the name
// exists.
func (l liveDNS) under(name record.Name) ([]record.Record, bool) {
	if all := l.at[name]; len(all) > 0 {
		return all, true
	}
	exists := func(name record.Name) bool {
		for n := range l.at {
			if n.In(name) {
				return true
			}
		}
		for q := range l.missing {
			if q.Name.In(name) {
				return true
			}
		}
		return false
	}
	if exists(name) {
		return nil, true
	}
	above := name.Parent()
	for above != record.Root && !exists(above) {
		above = above.Parent()
	}
	all := l.at[above.Child("*")]
	return all, len(all) > 0
}

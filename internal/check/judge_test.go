package check

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/spf"
)

// row is a row of a judge's table: what the file asks for, what is live, and what
// the judge finds.
type row struct {
	what string
	file string // the keys of example.com, as YAML
	live string // DNS as a zone file of example.com; TIMEOUT in place of data is no answer

	domain    string // another than example.com
	locked    string // the terms of a.test, in sescheck.lock
	inspected bool   // nothing is expected of the domain

	want []found
	near []*Check // what is nearly found, and is not
}

// found is a finding of a row. Of what the row leaves empty, nothing is asked.
type found struct {
	check   *Check
	open    bool   // inconclusive
	subject string // of a finding that has one
	says    string // in its message, its impact or its advice; of an inconclusive one, in the failure's detail
	change  string // what to do about what is live: lines of a zone file behind + and -
}

// rsa2048 is a public key of 2048 bits, in base64.
const rsa2048 = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqI2j2ORxrHC4LMzwo8EBphRZmPfmsf7yN/mBItmtntWwMjPVJbSFnrlAUjvaxJjtI3rHLy0WRW8AGUEb7ZSUT8V+CfUmZxzo1Ktexl5SoV" +
	"rHtAk32ajVy89gA4gdmb59P9e0Hv87VlHaxCwaL5pcMlPCXbcS+YgG4PCaKK+WZtdQslgdRo89l7TohqYx7L7peUPvqhiufZUT/7cG+5Q293zAg9un5wNPQniaZxujeIPnOEnb+cS+oiQIfdnumDIA" +
	"mosljCpMY4UVXyn0YODlqCDV4TWZ2AmOWz3xMShPw21thKz/ziRE4Mqo+H4wilFTWF0V5rlZ0SbOUOHaneqrDQIDAQAB"

// unchanged is the change of a finding that gives no records.
const unchanged = "none"

// judged judges a part of example.com by each row of its table. Every check of
// the part, and those that the judge knows beside them, has to be found in some
// row and nearly be found in another.
func judged[W, S any](t *testing.T, of *partOf[W, S], beside []*Check, rows []row) {
	t.Helper()
	fires, almost := map[*Check]bool{}, map[*Check]bool{}
	for _, r := range rows {
		for _, f := range r.want {
			fires[f.check] = fires[f.check] || !f.open
		}
		for _, c := range r.near {
			almost[c] = true
		}
		t.Run(r.what, func(t *testing.T) {
			t.Parallel()
			r.hold(t, judgedBy(t, of, r))
		})
	}
	for _, c := range slices.Concat(of.checks, beside) {
		if !fires[c] || !almost[c] {
			t.Errorf("%s: found in a row: %v, nearly found in another: %v", c, fires[c], almost[c])
		}
	}
}

// judgedBy is what a judge says of all that the file of a row asks for in its part.
func judgedBy[W, S any](t *testing.T, of *partOf[W, S], r row) (v verdict) {
	t.Helper()
	file := parse(t, fmt.Sprintf("version: 1\ndomains:\n  %s: {%s}\n", cmp.Or(r.domain, "example.com"), r.file))
	file.Domains[0].Lock = locked(r.locked)
	if d := &file.Domains[0]; r.inspected {
		d.Open = true
		for i := range d.Identities {
			d.Identities[i].Region.Value = ""
		}
	}
	return verdictOn(t, of, file, live(t, r.live))
}

// verdictOn is what a judge says of all that the first domain of a file asks for in
// its part.
func verdictOn[W, S any](t *testing.T, of *partOf[W, S], file *config.File, dns record.Asker) (v verdict) {
	t.Helper()
	shared := newRunCache(dns)
	each := func(n int, do func(i int)) {
		for i := range n {
			do(i)
		}
	}
	a := asks{each: each, own: newCache(dns), shared: shared, forest: spf.NewForest(t.Context(), shared), domains: map[record.Name]*config.Domain{}}
	for i := range file.Domains {
		a.domains[file.Domains[i].Name] = &file.Domains[i]
	}
	for _, w := range of.wants(&file.Domains[0]) {
		v.join(of.judge(w, of.observe(t.Context(), a, w)))
	}
	return v
}

// parse reads a file.
func parse(t testing.TB, text string) *config.File {
	t.Helper()
	f, problems := config.Parse("sescheck.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return f
}

// answers is DNS as a function.
type answers func(record.Question) record.Answer

// Ask calls the function.
func (f answers) Ask(_ context.Context, q record.Question) record.Answer { return f(q) }

// failing is an answer that did not come.
func failing(q record.Question) record.Answer {
	return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Timeout, Server: "192.0.2.53:53", Tries: 3}}
}

// absent is an answer that there is no record.
func absent(q record.Question, s record.Status) record.Answer {
	return record.Answer{Question: q, Status: s, Server: "192.0.2.53:53"}
}

// locked is a lock of the terms of a.test.
func locked(terms string) *config.Lock {
	if terms == "" {
		return nil
	}
	return &config.Lock{Includes: map[record.Name]config.Locked{"a.test": {Terms: strings.Fields(terms)}}}
}

// hold compares a verdict with the row.
func (r row) hold(t *testing.T, v verdict) {
	t.Helper()
	want := map[string]int{}
	for _, f := range r.want {
		want[f.String()]++
	}
	got := map[string]int{}
	for _, f := range v.believed() {
		i := slices.IndexFunc(r.want, func(w found) bool {
			return !w.open && w.check == f.Check && (w.subject == "" || w.subject == f.Subject)
		})
		if i < 0 {
			t.Errorf("found %s, of %q: %s", f.Check, f.Subject, f.text())
			continue
		}
		got[r.want[i].String()]++
		r.want[i].hold(t, f)
	}
	open := map[*Check]bool{}
	for _, u := range v.undecided {
		for _, c := range u.checks {
			for _, f := range r.want {
				if f.open && f.check == c && !strings.Contains(u.answer.Failure.Detail, f.says) {
					t.Errorf("%s does not say %q: %s", f, f.says, u.answer.Failure.Detail)
				}
			}
			if !open[c] {
				got[found{check: c, open: true}.String()]++
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
	for _, c := range r.near {
		if open[c] || slices.ContainsFunc(r.want, func(f found) bool { return f.check == c }) {
			t.Errorf("%s is said to be nearly found", c)
		}
	}
}

func (f found) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s%s", f.check, f.subject, map[bool]string{true: "inconclusive"}[f.open]))
}

// hold compares a finding with what the row has of it.
func (f found) hold(t *testing.T, got Finding) {
	t.Helper()
	if all := got.text() + "\n" + got.Impact + "\n" + got.Advice; !strings.Contains(all, f.says) {
		t.Errorf("%s does not say %q:\n%s", f.check, f.says, all)
	}
	if f.change == "" {
		return
	}
	got.prescribe()
	var change []string
	for _, r := range got.Change.Remove {
		change = append(change, "-"+r)
	}
	for _, r := range got.Change.Add {
		change = append(change, "+"+r)
	}
	var want []string
	for line := range strings.Lines(f.change) {
		line = strings.TrimSpace(line)
		if line == "" || line == unchanged {
			continue
		}
		for _, r := range records(t, line[1:]) {
			want = append(want, line[:1]+r.String())
		}
	}
	slices.Sort(change)
	slices.Sort(want)
	if !slices.Equal(change, want) {
		t.Errorf("the change of %s is\n%s\nnot\n%s", f.check, strings.Join(change, "\n"), strings.Join(want, "\n"))
	}
}

// inconclusive are rows' findings of checks that stay open.
func inconclusive(checks ...*Check) (all []found) {
	for _, c := range checks {
		all = append(all, found{check: c, open: true})
	}
	return all
}

// records reads lines of a zone file of example.com.
func records(t *testing.T, lines string) (all []record.RR) {
	t.Helper()
	p := dns.NewZoneParser(strings.NewReader(lines+"\n"), "example.com.", "")
	p.SetDefaultTTL(suggestedTTL)
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

// liveDNS answers as a resolver does: it follows CNAMEs, knows wildcards, and
// denies what is not there.
type liveDNS struct {
	at   map[record.Name][]record.Record
	lost map[record.Question]bool
}

func live(t *testing.T, lines string) liveDNS {
	t.Helper()
	l := liveDNS{map[record.Name][]record.Record{}, map[record.Question]bool{}}
	var zone strings.Builder
	for line := range strings.Lines(lines) {
		if text, lost := strings.CutSuffix(strings.TrimSpace(line), " TIMEOUT"); lost {
			name, typ, _ := strings.Cut(text, " ")
			of, ok := record.ParseType(strings.TrimSpace(typ))
			if !ok {
				t.Fatalf("line %q", line)
			}
			for _, r := range records(t, name+" TXT x") {
				l.lost[record.Question{Name: r.Owner, Type: of}] = true
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

func (l liveDNS) Ask(_ context.Context, q record.Question) record.Answer {
	a := record.Answer{Question: q, Server: "192.0.2.53:53", TTL: suggestedTTL}
	for name := q.Name; ; {
		if l.lost[record.Question{Name: name, Type: q.Type}] {
			a.Failure = failing(q).Failure
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

// under are the records at a name, those of a wildcard too, and whether the name
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
		for q := range l.lost {
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

package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// verdict is the result for the fleet: failing findings and undecided checks, as
// "domain check name type".
type verdict struct {
	exit      string
	result    string
	fails     []string
	undecided map[string]bool // "domain check"
	failed    map[string]bool // names of failed queries
	out       string
}

// judge checks the fleet of testdata/faults.
func judge(t *testing.T, timeout string, resolvers ...string) verdict {
	t.Helper()
	args := []string{"check", "--format", "json", "--timeout", timeout}
	if len(resolvers) > 1 {
		args = append(args, "--retries", "6") // a good server may be slow on a busy machine
	}
	for _, r := range resolvers {
		args = append(args, "--resolver", r)
	}
	out, errs, code := run(t, append(args, "testdata/faults/sescheck.yaml")...)
	var r struct {
		Result   string
		Findings []struct {
			Check, Status, Domain string
			Record                struct{ Name, Type string }
			Undecided             []string
		}
	}
	if err := json.NewDecoder(bytes.NewReader([]byte(out))).Decode(&r); err != nil || errs != "" {
		t.Fatalf("exit %s: %v\n%s", code, err, errs)
	}
	v := verdict{exit: code, result: r.Result, undecided: map[string]bool{}, failed: map[string]bool{}, out: out}
	for _, f := range r.Findings {
		switch f.Status {
		case "fail":
			v.fails = append(v.fails, strings.Join([]string{f.Domain, f.Check, f.Record.Name, f.Record.Type}, " "))
		case "inconclusive":
			v.failed[f.Record.Name] = true
			for _, c := range append(f.Undecided, f.Check) {
				v.undecided[f.Domain+" "+c] = true
			}
		}
	}
	slices.Sort(v.fails)
	return v
}

// faulty serves the zones of testdata/faults with faults.
func faulty(t *testing.T, faults ...string) *zonetest.Server {
	t.Helper()
	s := zonetest.Start(t, filepath.Join(testdata, "common"), "testdata/faults")
	for _, f := range faults {
		for line := range strings.Lines(f) {
			s.Fault(t, line)
		}
	}
	return s
}

// same requires the verdict of the clean run.
func same(t *testing.T, clean, got verdict) {
	t.Helper()
	if got.exit != clean.exit || !slices.Equal(got.fails, clean.fails) || len(got.undecided) > 0 {
		t.Errorf("exit %s, %d findings, undecided %v; want %s, %d\n%s", got.exit, len(got.fails), got.undecided, clean.exit, len(clean.fails), got.out)
	}
}

// generals are the checks that another check replaces if one more query shows the
// cause.
var generals = map[string]string{"name-doubled": "mail-from-mx-missing", "spf-include-dangling": "spf-include-broken"}

// honest requires that every failing finding is in the clean run too, and that the
// rest is undecided: no existing record is missing, and no failing check passes. If
// the domain's existence is undecided, a finding may be about each record instead
// of the domain; if a cause is undecided, the general check may fail instead.
func honest(t *testing.T, clean, got verdict) {
	t.Helper()
	allowed := slices.Clone(clean.fails)
	for _, f := range clean.fails {
		domain, rest, _ := strings.Cut(f, " ")
		check, _, _ := strings.Cut(rest, " ")
		general := f
		if generals[check] != "" && got.undecided[domain+" "+check] {
			general = strings.Replace(f, check, generals[check], 1)
			allowed = append(allowed, general)
		}
		if !slices.Contains(got.fails, f) && !slices.Contains(got.fails, general) &&
			!got.undecided[domain+" "+check] && !got.undecided[domain+" "+generals[check]] {
			t.Errorf("passed over: %s", f)
		}
	}
	for _, f := range got.fails {
		domain, _, _ := strings.Cut(f, " ")
		if !slices.Contains(allowed, f) && !got.undecided[domain+" domain-not-found"] {
			t.Errorf("found, and not there: %s", f)
		}
	}
	if got.result == "pass" || got.exit == "0" {
		t.Errorf("it passed")
	}
}

func cleanVerdict(t *testing.T) verdict {
	t.Helper()
	clean := judge(t, "20s", faulty(t).Addr)
	if len(clean.undecided) > 0 || len(clean.fails) < 14 {
		t.Fatalf("the clean run: %s", clean.out)
	}
	return clean
}

// together runs subtests in parallel that mostly wait: more than there are
// processors.
type together struct {
	sync.WaitGroup
	places chan struct{}
}

func (w *together) run(t *testing.T, name string, f func(t *testing.T)) {
	if w.places == nil {
		w.places = make(chan struct{}, 8)
	}
	w.places <- struct{}{}
	w.Go(func() {
		t.Run(name, f)
		<-w.places
	})
}

// TestFaultsCured: lost datagrams and forgeries from off the path change nothing.
func TestFaultsCured(t *testing.T) {
	t.Parallel()
	clean := cleanVerdict(t)
	var waiting together
	defer waiting.Wait()
	for _, fault := range []string{
		"1% * *", "5% * *", "20% * *", "30ms * *",
		"WRONGID * *", "FORGE * *", "SOURCE * *",
		"TRUNCATE * *", "CUT * *", "HUGE * *",
	} {
		waiting.run(t, fault, func(t *testing.T) {
			same(t, clean, judge(t, "5s", faulty(t, fault).Addr))
		})
	}
}

// lies are faults of a server that apply to every query.
var lies = []string{
	"DROP * *", "SERVFAIL * *", "REFUSED * *", "NOTIMP * *", "FORMERR * *", "BOGUS * *", "EMPTY * *",
	"GARBAGE * *", "STRANGER * *",
}

// deadPort has no server. A port that was free a moment ago may belong to another
// test's server.
const deadPort = "127.0.0.1:1"

// loops are CNAME loops. Instead of a DKIM record, a loop is a finding by itself: a
// CNAME with a wrong target.
const loops = `LOOP MX bounce.healthy.test
LOOP MX bounce.no-mx.test
LOOP MX bounce.two-mx.test
LOOP TXT healthy.test
LOOP TXT no-spf.test
LOOP TXT no-include.test
LOOP TXT _dmarc.no-dmarc.test
LOOP TXT _spf.vendor.test`

// TestFaultsAlone: if the only server is faulty, everything is inconclusive.
func TestFaultsAlone(t *testing.T) {
	t.Parallel()
	clean := cleanVerdict(t)
	var waiting together
	defer waiting.Wait()
	for _, fault := range lies {
		waiting.run(t, fault, func(t *testing.T) {
			got := judge(t, "300ms", faulty(t, fault).Addr)
			honest(t, clean, got)
			if len(got.fails) > 0 || got.exit != "3" {
				t.Errorf("exit %s, found %v", got.exit, got.fails)
			}
		})
	}
}

// TestFaultsLoops: an endless chain proves nothing about its end.
func TestFaultsLoops(t *testing.T) {
	t.Parallel()
	clean := cleanVerdict(t)
	got := judge(t, "20s", faulty(t, loops).Addr)
	honest(t, clean, got)
	if len(got.undecided) < 15 {
		t.Errorf("undecided is only %v", got.undecided)
	}
}

// TestFaultsOfOneServer: with one good server of two, verdicts are those of the
// clean run, or undecided if the other server contradicts.
func TestFaultsOfOneServer(t *testing.T) {
	t.Parallel()
	clean := cleanVerdict(t)
	var waiting together
	defer waiting.Wait()
	for _, fault := range append(slices.Clone(lies), loops, "dead", "20% * *", "WRONGID * *", "FORGE * *", "SOURCE * *", "CUT * *", "HUGE * *") {
		for _, order := range []string{"bad first", "good first"} {
			waiting.run(t, fmt.Sprintf("%.10s, %s", fault, order), func(t *testing.T) {
				bad := deadPort
				if fault != "dead" {
					bad = faulty(t, fault).Addr
				}
				servers := []string{bad, faulty(t).Addr}
				if order == "good first" {
					slices.Reverse(servers)
				}
				got := judge(t, "700ms", servers...)
				honest(t, clean, got)
				if !strings.HasPrefix(fault, "LOOP") && len(got.undecided) > 0 {
					t.Errorf("undecided: %v\n%s", got.undecided, got.out)
				}
			})
		}
	}
}

// TestFaultsOfSomeNames: if some queries fail, everything else is judged.
func TestFaultsOfSomeNames(t *testing.T) {
	t.Parallel()
	clean := cleanVerdict(t)
	var waiting together
	defer waiting.Wait()
	for _, name := range []string{"bounce.no-mx.test", "_dmarc.no-dmarc.test", "b2._domainkey.no-dkim.test", "no-spf.test", "_spf.vendor.test", "gone.test"} {
		for _, kind := range []string{"DROP", "SERVFAIL", "STRANGER", "EMPTY"} {
			waiting.run(t, kind+" "+name, func(t *testing.T) {
				got := unhurried(t, clean, name, faulty(t, kind+" * "+name).Addr)
				if len(got.fails) < 10 {
					t.Errorf("only %v", got.fails)
				}
			})
		}
	}
}

// unhurried returns the verdict if only queries for a name fail. It gives a busy
// machine more time.
func unhurried(t *testing.T, clean verdict, name, server string) verdict {
	t.Helper()
	for timeout := 400 * time.Millisecond; ; timeout *= 2 {
		got := judge(t, timeout.String(), server)
		honest(t, clean, got)
		switch delete(got.failed, name); {
		case len(got.failed) == 0:
			return got
		case timeout > 30*time.Second:
			t.Fatalf("no answer about %v\n%s", got.failed, got.out)
		}
	}
}

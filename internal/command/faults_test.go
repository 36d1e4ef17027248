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

// verdict is what a run says of the fleet: the findings that fail, and what
// stays undecided, both as "domain check name type".
type verdict struct {
	exit      string
	result    string
	fails     []string
	undecided map[string]bool // "domain check"
	failed    map[string]bool // names of questions that got no answer
	out       string
}

// judge runs the program on the fleet of testdata/faults.
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

// faulty serves the zones of testdata/faults with the faults given.
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

// same insists that a verdict is the clean run's.
func same(t *testing.T, clean, got verdict) {
	t.Helper()
	if got.exit != clean.exit || !slices.Equal(got.fails, clean.fails) || len(got.undecided) > 0 {
		t.Errorf("exit %s, %d findings, undecided %v; want %s, %d\n%s", got.exit, len(got.fails), got.undecided, clean.exit, len(clean.fails), got.out)
	}
}

// generals are the checks in whose place others are told where one more question
// shows the cause.
var generals = map[string]string{"name-doubled": "mail-from-mx-missing", "spf-include-dangling": "spf-include-broken"}

// honest insists that whatever a verdict says is said by the clean run too, and
// that the rest is undecided: no record is missing that is there, and nothing
// passes that does not. Where it is undecided whether a domain is there at all,
// it may say of each record what the clean run says of the whole; where the
// cause is undecided, it says what there is without it.
func honest(t *testing.T, clean, got verdict) {
	t.Helper()
	said := slices.Clone(clean.fails)
	for _, f := range clean.fails {
		domain, rest, _ := strings.Cut(f, " ")
		check, _, _ := strings.Cut(rest, " ")
		general := f
		if generals[check] != "" && got.undecided[domain+" "+check] {
			general = strings.Replace(f, check, generals[check], 1)
			said = append(said, general)
		}
		if !slices.Contains(got.fails, f) && !slices.Contains(got.fails, general) &&
			!got.undecided[domain+" "+check] && !got.undecided[domain+" "+generals[check]] {
			t.Errorf("passed over: %s", f)
		}
	}
	for _, f := range got.fails {
		domain, _, _ := strings.Cut(f, " ")
		if !slices.Contains(said, f) && !got.undecided[domain+" domain-not-found"] {
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

// together runs subtests side by side that only wait: more of them than there
// are processors.
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

// TestFaultsCured: what the network does to some of the datagrams, and what a
// forger off the path sends, changes nothing.
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

// lies are what a server may do to everything it is asked.
var lies = []string{
	"DROP * *", "SERVFAIL * *", "REFUSED * *", "NOTIMP * *", "FORMERR * *", "BOGUS * *", "EMPTY * *",
	"GARBAGE * *", "STRANGER * *",
}

// nobody listens there. A port that was free a moment ago may be another test's
// server by now.
const nobody = "127.0.0.1:1"

// loops are CNAMEs that go round. Where a DKIM record should be, one is a
// finding in itself: a CNAME with another target than it should have.
const loops = `LOOP MX bounce.healthy.test
LOOP MX bounce.no-mx.test
LOOP MX bounce.two-mx.test
LOOP TXT healthy.test
LOOP TXT no-spf.test
LOOP TXT no-include.test
LOOP TXT _dmarc.no-dmarc.test
LOOP TXT _spf.vendor.test`

// TestFaultsAlone: where the only server is no help, everything is
// inconclusive.
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

// TestFaultsLoops: a chain that never ends says nothing about what is at its
// end.
func TestFaultsLoops(t *testing.T) {
	t.Parallel()
	clean := cleanVerdict(t)
	got := judge(t, "20s", faulty(t, loops).Addr)
	honest(t, clean, got)
	if len(got.undecided) < 15 {
		t.Errorf("undecided is only %v", got.undecided)
	}
}

// TestFaultsOfOneServer: with one good server of two, first or second, the
// verdicts are the clean run's, or undecided where the other contradicts.
func TestFaultsOfOneServer(t *testing.T) {
	t.Parallel()
	clean := cleanVerdict(t)
	var waiting together
	defer waiting.Wait()
	for _, fault := range append(slices.Clone(lies), loops, "dead", "20% * *", "WRONGID * *", "FORGE * *", "SOURCE * *", "CUT * *", "HUGE * *") {
		for _, order := range []string{"bad first", "good first"} {
			waiting.run(t, fmt.Sprintf("%.10s, %s", fault, order), func(t *testing.T) {
				bad := nobody
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

// TestFaultsOfSomeNames: where some questions fail and others do not, what can
// be told is told.
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

// unhurried is the verdict where only the questions about a name fail. A busy
// machine answers others too late; then there is more time.
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

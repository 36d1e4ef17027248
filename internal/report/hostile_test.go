package report

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// What one hostile domain may cost.
const (
	mostWritten = 1 << 20  // octets, in any format
	mostKept    = 6 << 20  // octets, when the run is over
	mostUsed    = 20 << 20 // octets, while it runs
)

// evil answers with the records of the attacks, and measures the memory that is
// in use meanwhile.
type evil struct {
	mu    sync.Mutex
	asked int
	used  uint64 // at most
	after func(asked int)
}

func (e *evil) Resolvers() []record.Asker { return []record.Asker{e} }

func (e *evil) Ask(ctx context.Context, q record.Question) record.Answer {
	if ctx.Err() != nil {
		return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Interrupted}}
	}
	e.note()
	texts, exists := zonetest.HostileTexts(string(q.Name))
	if !exists {
		return record.Answer{Question: q, Status: record.NoName}
	}
	a := record.Answer{Question: q, Status: record.Found, Server: "192.0.2.53:53", TTL: 60}
	switch q.Type {
	case record.TXT:
		for _, text := range texts {
			a.Records = append(a.Records, record.NewTXT(text))
		}
	case record.A:
		a.Records = make([]record.Record, 0, len(zonetest.HostileV4()))
		for _, addr := range zonetest.HostileV4() {
			a.Records = append(a.Records, record.Record{Type: record.A, Addr: addr})
		}
	case record.AAAA:
		a.Records = make([]record.Record, 0, len(zonetest.HostileV6()))
		for _, addr := range zonetest.HostileV6() {
			a.Records = append(a.Records, record.Record{Type: record.AAAA, Addr: addr})
		}
	case record.MX:
		for _, host := range zonetest.HostileHosts(string(q.Name)) {
			a.Records = append(a.Records, record.Record{Type: record.MX, Host: record.MustName(host)})
		}
	default:
		a.Status = record.NoData
	}
	return a
}

func (e *evil) note() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked++
	if e.asked%20 == 0 {
		e.used = max(e.used, min(inUse(), inUse())) // what others make and forget meanwhile is in one of them
	}
	if e.after != nil {
		e.after(e.asked)
	}
}

// soFar returns how many questions were asked, and the most memory that was in use.
// Questions that a walk sent ahead may still be on their way when the run is over.
func (e *evil) soFar() (asked int, used uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked, e.used
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// hostileFile is the file of n domains in the zone of an attack.
func hostileFile(t *testing.T, zone string, n int) *config.File {
	t.Helper()
	text := "version: 1\ndomains:\n"
	for i := range n {
		text += fmt.Sprintf("  d%d.%s.%s: {spf: {includes: [], all: \"-all\"}}\n", i, zone, zonetest.HostileZone)
	}
	path := filepath.Join(t.TempDir(), "sescheck.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	file, problems, err := config.Load([]string{path})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return file
}

// hostileRun is a run of n domains that meet an attack, held against the bounds.
func hostileRun(t *testing.T, zone string, n int) *Report {
	t.Helper()
	file := hostileFile(t, zone, n)
	before := inUse()
	e := &evil{}
	outcome := check.Run(t.Context(), file, e, check.Options{Window: n, Trees: true, Now: time.Now()})
	kept := min(inUse(), inUse())
	r := New(Run{}, outcome, Policy{FailOn: finding.Error})
	_, used := e.soFar()
	for _, m := range []struct {
		what string
		n    uint64
		most int
	}{{"kept", kept, mostKept}, {"used", used, mostUsed}} {
		if m.n > before && m.n-before > uint64(m.most*n) {
			t.Errorf("%d KiB are %s, more than %d", (m.n-before)>>10, m.what, m.most*n>>10)
		}
	}
	return r
}

// written counts what is written.
type written int

func (w *written) Write(p []byte) (int, error) {
	*w += written(len(p))
	return len(p), nil
}

// TestHostileTrees: whatever is in an SPF tree, its report is small in every
// format, little memory is used, and what is wrong with it is reported.
func TestHostileTrees(t *testing.T) {
	reports := map[string]string{
		"garbage": "spf-invalid", "misspelt": "spf-invalid", "octets": "spf-invalid", "quotes": "spf-lookups", "records": "spf-include-broken",
		"redirect": "spf-lookups", "macros": "spf-lookups", "networks": "spf-lookups", "void": "spf-lookups",
	}
	for _, name := range slices.Sorted(slices.Values(zonetest.Attacks())) {
		t.Run(name, func(t *testing.T) {
			r := hostileRun(t, name, 1)
			small(t, r, mostWritten)
			want := reports[name]
			if want == "" {
				want = "spf-lookups"
			}
			reported := map[string]bool{}
			for f := range r.Findings() {
				reported[f.Check.ID] = true
				if n := len(f.Message); n > 2000 {
					t.Errorf("%s: a message of %d octets", f.Check, n)
				}
				for _, lines := range [][]string{f.Expected, f.Actual, f.Fix, f.Change.Add, f.Change.Remove, {f.Subject}, {f.Cause}} {
					if n := len(strings.Join(lines, "")); n > 20_000 {
						t.Errorf("%s: %d octets in %.200q", f.Check, n, lines)
					}
				}
			}
			if !reported[want] || r.Result != finding.Fail {
				t.Errorf("%s is not reported: %v", want, reported)
			}
		})
	}
}

// TestHostileVendor: what many healthy domains share is kept and written once.
func TestHostileVendor(t *testing.T) {
	const domains = 12
	for _, name := range []string{"includes", "octets", "hosts"} {
		t.Run(name, func(t *testing.T) {
			r := hostileRun(t, "of-"+name, domains)
			small(t, r, mostWritten*domains/4)
			if vendor := r.SPF[record.MustName("vendor."+name+"."+zonetest.HostileZone)]; vendor == nil || len(vendor.Terms) == 0 || vendor.Left == 0 {
				t.Errorf("of the vendor's record is kept: %+v", vendor)
			}
		})
	}
}

// small holds a report in every format against a bound, those of inspect too.
func small(t *testing.T, r *Report, most int) {
	t.Helper()
	for format, write := range OfCheck() {
		var n written
		if err := write(&n, r); err != nil {
			t.Fatal(err)
		}
		if int(n) > most {
			t.Errorf("%s: %d octets", format, n)
		}
	}
}

// TestHostileInspect: the same of inspect, which keeps what it shows besides.
func TestHostileInspect(t *testing.T) {
	for _, name := range []string{"includes", "octets", "records"} {
		file := hostileFile(t, name, 1)
		outcome := check.Run(t.Context(), file, &evil{}, check.Options{Window: 1, Trees: true, Snapshots: true, Now: time.Now()})
		r := New(Run{}, outcome, Policy{FailOn: finding.Error})
		for format, write := range OfInspect() {
			var n written
			if err := write(&n, r); err != nil {
				t.Fatal(err)
			}
			if n > mostWritten {
				t.Errorf("%s in %s: %d octets", name, format, n)
			}
		}
	}
}

// TestHostileTreesEnd: a run that is cancelled in the middle of a hostile tree asks
// nothing more, and its report is there.
func TestHostileTreesEnd(t *testing.T) {
	for _, name := range []string{"includes", "hosts", "mail"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			const enough = 15
			e := &evil{after: func(asked int) {
				if asked == enough {
					cancel()
				}
			}}
			outcome := check.Run(ctx, hostileFile(t, name, 3), e, check.Options{Window: 3, Trees: true, Now: time.Now()})
			r := New(Run{}, outcome, Policy{FailOn: finding.Error, InconclusiveFail: true})
			// Questions that were on their way at that moment may still count.
			if asked, _ := e.soFar(); asked > enough+100 {
				t.Errorf("%d questions were asked, and the run was cancelled at the %dth", asked, enough)
			}
			if r.Counts.Inconclusive == 0 {
				t.Error("nothing is inconclusive")
			}
			if err := Text(io.Discard, r, TextOptions{}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

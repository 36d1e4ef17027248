package source

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestBounds: what a file may cost is bounded by its size, and that is bounded.
func TestBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		used usage // before
		text string
		want string
	}{
		"$GENERATE":                 {usage{}, strings.Repeat("$GENERATE 0-65535 a$ A 192.0.2.1\n", 40), "more than 100000 records from $GENERATE in the zone files"},
		"$GENERATE with much in it": {usage{}, "$GENERATE 0-65535 a$ TXT " + strings.Repeat("${0,255} ", 100) + "\n", "more than 8 MiB of text from $GENERATE in the zone files"},
		"records":                   {usage{records: maxRecords - 1}, "a A 192.0.2.1\nb A 192.0.2.1\n", "more than 1000000 records in the zone files"},
		"names above records":       {usage{records: maxRecords - 5}, "x.e.d.c.b.a A 192.0.2.1\n", "more than 1000000 records in the zone files"},
		"as many as may be":         {usage{records: maxRecords - 4}, "x.b.a A 192.0.2.1\ny.b.a A 192.0.2.1\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := Zones{used: c.used}
			err := z.Add(t.Context(), file(t, c.text))
			if name == "$GENERATE" && !strings.Contains(fmt.Sprint(err), "example.com.zone line 2: ") {
				t.Errorf("no place: %v", err)
			}
			for errors.Unwrap(err) != nil {
				err = errors.Unwrap(err)
			}
			if err == nil && c.want != "" || err != nil && err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// file writes a zone file of example.com.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "example.com.zone")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestManyRecordsOfOneName: they are sorted and compared without going through
// all of them for each.
func TestManyRecordsOfOneName(t *testing.T) {
	t.Parallel()
	const n = 100000
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "@ TXT \"%d\"\n", i%(n/2))
	}
	zones, err := ReadZones(t.Context(), file(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(zones.All()[0].Records); got != n/2 {
		t.Errorf("%d records", got)
	}
}

// TestExcess: of one name and type, no more records are believed than an answer can
// hold. Those of other types and names are.
func TestExcess(t *testing.T) {
	t.Parallel()
	many := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format+"\n", i)
		}
		return b.String()
	}
	text := many(`a TXT "%05d"`, 4000) + "a MX 1 mail\n" + many(`b TXT "%05d"`, 3640) + many("c MX %d mail", 4100) + many("d CNAME x%d", 4700)
	zones, err := ReadZones(t.Context(), file(t, text))
	if err != nil {
		t.Fatal(err)
	}
	published := map[string]int{}
	for r := range zones.All()[0].Published() {
		published[r.Owner.FirstLabel()+" "+r.Data.Type.String()]++
	}
	if want := map[string]int{"a MX": 1, "b TXT": 3640}; !maps.Equal(published, want) {
		t.Errorf("published: %v, want %v", published, want)
	}
	var said []string
	for _, s := range zones.Skipped() {
		said = append(said, s.String()[:strings.Index(s.String(), ",")]+s.Why)
	}
	const why = "there are more at one name than an answer can hold"
	if want := []string{"4000 TXT records" + why, "4100 MX records" + why, "4700 CNAME recordsanother one is at the same name, so neither counts (RFC 2181 section 10.1)"}; !slices.Equal(said, want) {
		t.Errorf("skipped: %q, want %q", said, want)
	}
}

// TestMemory: reading takes a few times the size of the file.
func TestMemory(t *testing.T) {
	var b strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&b, "host-%d.sub.example.com. 300 IN TXT \"some text of usual length %d\"\n", i, i)
	}
	path := file(t, b.String())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := ReadZones(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := int(after.TotalAlloc-before.TotalAlloc) / b.Len(); got > 40 {
		t.Errorf("%d octets are allocated for each of the file's", got)
	}
}

// TestInterrupted: reading ends when the run does.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the run is over")
	cancel(why)
	path := file(t, "a A 192.0.2.1\n")
	for _, p := range []string{filepath.Dir(path), path} {
		if _, err := ReadZones(ctx, p); !errors.Is(err, why) {
			t.Errorf("%s: %v", p, err)
		}
	}
	if _, _, err := readZone(ctx, path, "a A 192.0.2.1\n", &usage{}); !errors.Is(err, why) {
		t.Errorf("in a file: %v", err)
	}
}

// TestPlanMemory: of a plan of 50 MB, that of a large estate, the few resources
// that are about DNS are kept, and the rest is gone through without being built.
func TestPlanMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads 50 MB")
	}
	const size = 50 << 20
	attributes := "{" + strings.Repeat(`"a": [1, true, {"b": "c"}], `, 200) + `"password": "x"}`
	other := `{"address": "aws_instance.i", "mode": "managed", "type": "aws_instance", "name": "i", "change": {"actions": ["no-op"], "before": ` + attributes + `, "after": ` + attributes + `, "after_unknown": {}}}, `
	held := `{"address": "aws_instance.i", "mode": "managed", "type": "aws_instance", "name": "i", "values": ` + attributes + `}, `
	const dns = `"address": "aws_route53_record.r", "mode": "managed", "type": "aws_route53_record", "name": "r"`
	const values = `{"name": "a.example.com", "type": "TXT", "ttl": 300, "records": ["x"]}`
	text := `{"format_version": "1.2", "planned_values": {"root_module": {"resources": [` + strings.Repeat(held, size/4/len(held)) + `{` + dns + `, "values": ` + values + `}]}}, ` +
		`"resource_changes": [` + strings.Repeat(other, size/2/len(other)) + `{` + dns + `, "change": {"actions": ["create"], "before": null, "after": ` + values + `, "after_unknown": {}}}], ` +
		`"prior_state": {"values": {"root_module": {"resources": [` + strings.Repeat(held, size/4/len(held)) + `{` + dns + `, "values": ` + values + `}]}}}}`
	path := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	zones := &Zones{}
	runtime.ReadMemStats(&before)
	if err := zones.AddPlans(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := len(zones.Changes().Sets()); got != 1 {
		t.Errorf("%d RRsets", got)
	}
	octets, objects := float64(after.TotalAlloc-before.TotalAlloc)/float64(len(text)), after.Mallocs-before.Mallocs
	t.Logf("%.1f octets are allocated for each of the plan's, in %d objects", octets, objects)
	if octets > 4 || objects > uint64(len(text))/400 {
		t.Errorf("%.1f octets are allocated for each of the plan's, in %d objects", octets, objects)
	}
}

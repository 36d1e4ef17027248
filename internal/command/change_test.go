package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// reportedFinding is a finding as the JSON report has it.
type reportedFinding struct {
	Check, Status, Severity, Message, Fingerprint string
	Record                                        struct{ Name, Type string }
	Fix                                           []string
	Change                                        struct{ Add, Remove []string }
}

// follows are findings that a change may cause, because they are about records of
// other domains or about the file itself.
var follows = map[string]string{
	"dkim-key-weak":             "the key is the file's own",
	"dkim-key-missing":          "the key is Amazon's to publish",
	"dkim-key-partial":          "the key is Amazon's to publish",
	"dmarc-report-unauthorized": "those who get the reports have to agree",
}

// lying are stories in which DNS answers differently from its zones, so that a
// change of a zone has no effect.
var lying = []string{"dns/asked-again-no-answer"}

// listed are stories with a Route 53 listing, or with records that a plan removes or
// proxies, because this test changes only zone files. TestSets and TestLaid cover them.
var listed = []string{
	"dkim-missing/proxied-by-a-plan", "dkim-missing/proxied-by-a-plan-of-a-zone", "mail-from-mx-multiple/one-set-of-two", "mail-from-mx-wrong/weighted-set-in-a-plan", "mail-from-mx-wrong/weighted-sets",
	"spf-missing/value-removed-by-a-plan", "spf-ses-unauthorized/latency-sets", "tracking-wrong/weighted-sets", "zone-not-live/replaced-by-a-plan", "zones/deleted-by-a-plan",
}

// inFile are findings whose change is half of the fix. The other half is in the
// file, as their messages say.
var inFile = []string{"ses-tokens-differ"}

// TestChanges carries out the change of every finding of every story, and checks
// again. The finding is gone, and there is no new one. The same is true if all
// changes of a story are carried out together.
func TestChanges(t *testing.T) {
	t.Parallel()
	for _, dir := range scenarios(t) {
		if slices.Contains(slices.Concat(lying, listed), strings.TrimPrefix(dir, testdata+"/")) {
			continue
		}
		t.Run(strings.TrimPrefix(dir, testdata+"/"), func(t *testing.T) {
			t.Parallel()
			before := findingsOf(t, dir)
			var all []reportedFinding
			same := map[string][]reportedFinding{} // by change
			for _, print := range slices.Sorted(maps.Keys(before)) {
				if f := before[print]; len(f.Change.Add)+len(f.Change.Remove) > 0 && !slices.Contains(inFile, f.Check) {
					key := fmt.Sprint(f.Change)
					same[key] = append(same[key], f)
					all = append(all, f)
				}
			}
			for _, findings := range same {
				carryOut(t, dir, before, findings...)
			}
			if len(same) > 1 {
				carryOut(t, dir, before, all...)
			}
		})
	}
}

// carryOut applies the changes of findings to a copy of a story, and checks again.
func carryOut(t *testing.T, dir string, before map[string]reportedFinding, findings ...reportedFinding) {
	t.Helper()
	var what []string
	for _, f := range findings {
		what = append(what, f.Check+" of "+f.Record.Name)
	}
	z := copyZones(t, dir)
	for _, f := range findings {
		z.remove(f.Change.Remove)
	}
	for _, f := range findings {
		if !z.add(f.Change.Add) {
			return // the zone does not exist, or no server answers for it
		}
	}
	z.write(t)
	after := findingsOf(t, z.dir)
	for _, f := range findings {
		if _, still := after[f.Fingerprint]; still {
			t.Errorf("%s is found again after its change: %s\n%+v", f.Check, after[f.Fingerprint].Message, f.Change)
		}
	}
	for _, print := range slices.Sorted(maps.Keys(after)) {
		if f := after[print]; isNew(f, before, findings) {
			t.Errorf("after the change of %s there is a new finding: %s %s: %s", strings.Join(what, ", "), f.Severity, f.Check, f.Message)
		}
	}
}

// isNew reports whether a change caused an unannounced finding. A finding about
// another record that was wrong before may change its check.
func isNew(f reportedFinding, before map[string]reportedFinding, changed []reportedFinding) bool {
	if _, was := before[f.Fingerprint]; was || follows[f.Check] != "" {
		return false
	}
	announced := func(o reportedFinding) bool { return strings.Contains(o.Message, "the next finding would be "+f.Check) }
	if slices.ContainsFunc(changed, announced) {
		return false
	}
	about := func(o reportedFinding) bool { return o.Record == f.Record }
	return slices.ContainsFunc(changed, about) || !slices.ContainsFunc(slices.Collect(maps.Values(before)), about)
}

// findingsOf returns the failing findings of a story by fingerprint.
func findingsOf(t *testing.T, dir string) map[string]reportedFinding {
	t.Helper()
	out := runScenario(t, dir, "json")
	var r struct{ Findings []reportedFinding }
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&r); err != nil {
		return nil // a story about a wrong file
	}
	all := map[string]reportedFinding{}
	for _, f := range r.Findings {
		if f.Status == "fail" {
			all[f.Fingerprint] = f
		}
	}
	return all
}

// zoneFolders are the zone files of a copy of a story, by folder and file.
type zoneFolders struct {
	t       *testing.T
	dir     string
	folders map[string]map[string][]dns.RR
	gone    *[]dns.RR // what was removed
}

func copyZones(t *testing.T, dir string) zoneFolders {
	t.Helper()
	z := zoneFolders{t, filepath.Join(t.TempDir(), filepath.Base(dir)), map[string]map[string][]dns.RR{}, new([]dns.RR)}
	if err := os.CopyFS(z.dir, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(z.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".zone" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		p := dns.NewZoneParser(strings.NewReader(string(text)), apexOf(e.Name()), path)
		p.SetDefaultTTL(300)
		var rrs []dns.RR
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			rrs = append(rrs, rr)
		}
		if p.Err() != nil {
			return p.Err()
		}
		folder := filepath.Dir(path)
		if z.folders[folder] == nil {
			z.folders[folder] = map[string][]dns.RR{}
		}
		z.folders[folder][e.Name()] = rrs
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func apexOf(file string) string { return dns.Fqdn(strings.TrimSuffix(file, ".zone")) }

// holding returns the file of a folder whose zone has a name; "" for none.
func holding(files map[string][]dns.RR, owner string) (file string) {
	for f := range files {
		if dns.IsSubDomain(apexOf(f), owner) && (file == "" || dns.CountLabel(apexOf(f)) > dns.CountLabel(apexOf(file))) {
			file = f
		}
	}
	return file
}

// remove removes records. Each must exist exactly.
func (z zoneFolders) remove(lines []string) {
	z.t.Helper()
	for _, l := range lines {
		old := parsedRR(z.t, l)
		found := false
		for _, files := range z.folders {
			f := holding(files, old.Header().Name)
			left := slices.DeleteFunc(slices.Clone(files[f]), func(rr dns.RR) bool { return sameData(rr, old) })
			found = found || len(left) < len(files[f])
			files[f] = left
		}
		if !found && !slices.ContainsFunc(*z.gone, func(rr dns.RR) bool { return sameData(rr, old) }) {
			z.t.Errorf("to be removed, and not there: %s", l)
		}
		*z.gone = append(*z.gone, old)
	}
}

// add adds records, and returns false if no zone has their names. A CNAME excludes
// other records.
func (z zoneFolders) add(lines []string) bool {
	z.t.Helper()
	for _, l := range lines {
		rr := parsedRR(z.t, l)
		found := false
		for _, files := range z.folders {
			f := holding(files, rr.Header().Name)
			if f == "" {
				continue
			}
			found = true
			if slices.ContainsFunc(files[f], func(o dns.RR) bool { return sameData(o, rr) }) {
				continue
			}
			for _, o := range files[f] {
				alias := o.Header().Rrtype == dns.TypeCNAME || rr.Header().Rrtype == dns.TypeCNAME
				if alias && strings.EqualFold(o.Header().Name, rr.Header().Name) {
					z.t.Errorf("beside a CNAME there can be no other record: %s and %s", o, rr)
				}
			}
			files[f] = append(files[f], rr)
		}
		if !found {
			return false
		}
	}
	return true
}

func (z zoneFolders) write(t *testing.T) {
	t.Helper()
	for folder, files := range z.folders {
		for name, rrs := range files {
			var b strings.Builder
			for _, rr := range rrs {
				b.WriteString(rr.String() + "\n")
			}
			if err := os.WriteFile(filepath.Join(folder, name), []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func parsedRR(t *testing.T, line string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(line)
	if err != nil || rr == nil {
		t.Fatalf("no record: %s: %v", line, err)
	}
	return rr
}

// sameData reports whether two records have the same owner and wire format.
func sameData(a, b dns.RR) bool {
	return strings.EqualFold(a.Header().Name, b.Header().Name) && bytes.Equal(wire(a), wire(b))
}

func wire(rr dns.RR) []byte {
	rr = dns.Copy(rr)
	h := rr.Header()
	h.Name, h.Ttl = ".", 0
	buf := make([]byte, dns.Len(rr)*5)
	n, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return []byte(err.Error() + rr.String())
	}
	if h.Rrtype == dns.TypeTXT {
		return buf[:n]
	}
	return bytes.ToLower(buf[:n])
}

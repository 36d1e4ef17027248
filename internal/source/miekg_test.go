package source

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// TestReadsAsMiekg: of the zone files of all stories the records are those that
// miekg/dns reads.
func TestReadsAsMiekg(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../testdata/*/*/*.zone")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, path := range paths {
		apex := fileZone(path)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, ok := byMiekg(string(text), apex.FQDN())
		if apex == "" || !ok {
			continue
		}
		z, problems, err := readZone(t.Context(), path, string(text), &usage{})
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %v", path, problems, err)
			continue
		}
		var got []string
		for _, r := range z.zone.Records {
			got = append(got, fmt.Sprintf("%s %s", r.Owner, r.Data))
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: want -, got +\n%s", path, diff)
		}
		read++
	}
	if read < 200 {
		t.Errorf("only %d zone files of %d", read, len(paths))
	}
}

// byMiekg are the records that miekg/dns reads. It reports false where it takes
// the file for wrong.
func byMiekg(text, origin string) (all []string, ok bool) {
	p := dns.NewZoneParser(strings.NewReader(text), origin, "")
	p.SetDefaultTTL(defaultTTL)
	for x, ok := p.Next(); ok; x, ok = p.Next() {
		rr, err := FromRR(x)
		if err != nil {
			return nil, false
		}
		if x.Header().Class == dns.ClassINET {
			all = append(all, fmt.Sprintf("%s %s", rr.Owner, rr.Data))
		}
	}
	slices.Sort(all)
	return all, p.Err() == nil
}

package dmarc

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// orgs is an Organizer over a table; names that are not in it fail.
func orgs(t *testing.T, table map[record.Name]record.Name, asked *int) Organizer {
	t.Helper()
	return func(n record.Name) (record.Name, *record.Failure) {
		*asked++
		if org, ok := table[n]; ok {
			return org, nil
		}
		return "", &record.Failure{Fault: record.Timeout}
	}
}

func TestAlignment(t *testing.T) {
	table := map[record.Name]record.Name{
		"mail.example.com": "example.com", "news.example.com": "example.com",
		"dept.example.com": "dept.example.com", // psd=n
		"a.co.uk":          "a.co.uk", "b.co.uk": "b.co.uk",
	}
	for _, tt := range []struct {
		a, b            record.Name
		strict, relaxed bool
		asked           int // by relaxed
		failed          bool
	}{
		{a: "example.com", b: "example.com", strict: true, relaxed: true},
		{a: "bounce.example.com", b: "example.com", relaxed: true},
		{a: "example.com", b: "mail.example.com", relaxed: true},
		{a: "mail.example.com", b: "news.example.com", relaxed: true, asked: 2},
		{a: "dept.example.com", b: "news.example.com", asked: 2},
		{a: "a.co.uk", b: "b.co.uk", asked: 2},
		{a: "example.net", b: "example.com"},
		{a: "example.com", b: "counterexample.com"},
		{a: "lame.example.com", b: "news.example.com", asked: 1, failed: true},
		{a: "news.example.com", b: "lame.example.com", asked: 2, failed: true},
	} {
		asked := 0
		org := orgs(t, table, &asked)
		if got, failure := Aligned(tt.a, tt.b, Strict, org); got != tt.strict || failure != nil || asked != 0 {
			t.Errorf("%s and %s, strict: %v, %v, %d asked; want %v", tt.a, tt.b, got, failure, asked, tt.strict)
		}
		got, failure := Aligned(tt.a, tt.b, Relaxed, org)
		if got != tt.relaxed || asked != tt.asked || (failure != nil) != tt.failed {
			t.Errorf("%s and %s, relaxed: %v, %v, %d asked; want %v, %d asked", tt.a, tt.b, got, failure, asked, tt.relaxed, tt.asked)
		}
		external, failure := External(tt.a, tt.b, org)
		if want := !tt.relaxed && !tt.failed; external != want || (failure != nil) != tt.failed {
			t.Errorf("reports of %s at %s external: %v, %v; want %v", tt.a, tt.b, external, failure, want)
		}
	}
}

func TestReportAuthorisation(t *testing.T) {
	if got, ok := ReportName("blue.example.com", "red.example.net"); !ok || got != "blue.example.com._report._dmarc.red.example.net" {
		t.Errorf("ReportName = %q, %v", got, ok)
	}
	long := record.MustName(strings.Repeat(strings.Repeat("a", 59)+".", 4) + "com")
	if got, ok := ReportName(long, "red.example.net"); ok {
		t.Errorf("a name too long for DNS passes: %q", got)
	}
	for _, tt := range []struct {
		texts []string
		want  bool
	}{
		{[]string{"v=DMARC1"}, true},
		{[]string{"v=DMARC1;"}, true},
		{[]string{"hello", "v=DMARC1; rua=mailto:a@red.example.net"}, true},
		{[]string{"v=DMARC1; ", "v=DMARC1;"}, true},
		{[]string{"v=dmarc1"}, false},
		{[]string{"v=spf1 -all"}, false},
		{nil, false},
	} {
		var a record.Answer
		for _, s := range tt.texts {
			a.Records = append(a.Records, record.Record{Type: record.TXT, Strings: []untrusted.Text{untrusted.New(s)}})
		}
		if got := Authorizes(a); got != tt.want {
			t.Errorf("%q authorise: %v, want %v", tt.texts, got, tt.want)
		}
	}
}

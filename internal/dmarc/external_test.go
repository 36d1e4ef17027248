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

func TestExternal(t *testing.T) {
	table := map[record.Name]record.Name{
		"mail.example.com": "example.com", "news.example.com": "example.com",
		"dept.example.com": "dept.example.com", // psd=n
		"a.co.uk":          "a.co.uk", "b.co.uk": "b.co.uk",
	}
	for _, tt := range []struct {
		a, b     record.Name
		external bool
		asked    int
		failed   bool
	}{
		{a: "example.com", b: "example.com"},
		{a: "bounce.example.com", b: "example.com"},
		{a: "example.com", b: "mail.example.com"},
		{a: "mail.example.com", b: "news.example.com", asked: 2},
		{a: "dept.example.com", b: "news.example.com", external: true, asked: 2},
		{a: "a.co.uk", b: "b.co.uk", external: true, asked: 2},
		{a: "example.net", b: "example.com", external: true},
		{a: "example.com", b: "counterexample.com", external: true},
		{a: "lame.example.com", b: "news.example.com", asked: 1, failed: true},
		{a: "news.example.com", b: "lame.example.com", asked: 2, failed: true},
	} {
		asked := 0
		got, failure := External(tt.a, tt.b, orgs(t, table, &asked))
		if got != tt.external || asked != tt.asked || (failure != nil) != tt.failed {
			t.Errorf("reports of %s at %s: external: %v, %v, %d asked; want %v, %d asked", tt.a, tt.b, got, failure, asked, tt.external, tt.asked)
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

package receivers

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/receiver"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// TestSources: the check names a page of each receiver's own.
func TestSources(t *testing.T) {
	t.Parallel()
	if n := len(receiver.All()); len(Rule.Sources) != n {
		t.Errorf("%d pages of %d receivers", len(Rule.Sources), n)
	}
}

// TestObserve: a need is concluded from what the parts find, and is open where a
// question of theirs failed; alignment is concluded from all of it.
func TestObserve(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {require: [gmail], identities: [{region: eu-west-1, dkim: [tokena, tokenb, tokenc], mail_from: bounce}, {region: us-east-1, mail_from: mail}]}\n")
	w := wants(&f.Domains[0])[0]
	for n, name := range map[receiver.Need]record.Name{
		receiver.SPF: "bounce.example.com", receiver.DKIM: "_domainkey.example.com", receiver.DMARC: "_dmarc.example.com", receiver.Align: "_dmarc.example.com",
	} {
		if got := w.record(n); got.Name != name || got.Type != record.TXT {
			t.Errorf("%v is decided by %s", n, got)
		}
	}
	for live, want := range map[string]struct{ rests, open map[receiver.Need]bool }{
		"@ A 192.0.2.1": {map[receiver.Need]bool{receiver.SPF: true, receiver.DKIM: true, receiver.DMARC: true, receiver.Align: true}, nil},
		"_dmarc TXT TIMEOUT": {
			map[receiver.Need]bool{receiver.SPF: true, receiver.DKIM: true, receiver.Align: true},
			map[receiver.Need]bool{receiver.DMARC: true, receiver.Align: true},
		},
	} {
		dns := judgetest.Live(t, live)
		each := func(n int, do func(int)) {
			for i := range n {
				do(i)
			}
		}
		shared := part.NewRunCache(dns)
		s := observe(t.Context(), part.Asker{Each: each, Own: part.NewCache(dns), Shared: shared, Forest: spf.NewForest(t.Context(), shared)}, w)
		for _, n := range []receiver.Need{receiver.SPF, receiver.DKIM, receiver.DMARC, receiver.Align} {
			if (len(s.rests[n]) > 0) != want.rests[n] || (len(s.open[n]) > 0) != want.open[n] {
				t.Errorf("%s: %v rests on %d answers, and %d are open", live, n, len(s.rests[n]), len(s.open[n]))
			}
		}
	}
}

// TestScope: the rules are counted at the records that decide them.
func TestScope(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {require: [gmail], region: eu-west-1, mail_from: bounce}\n")
	var got []string
	for _, s := range scope(wants(&f.Domains[0])[0]) {
		if len(s.Checks) != 1 || s.Checks[0] != Rule {
			t.Errorf("%s: %v", s.Record, s.Checks)
		}
		got = append(got, string(s.Record.Name))
	}
	if want := "bounce.example.com _domainkey.example.com _dmarc.example.com"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %s", got, want)
	}
}

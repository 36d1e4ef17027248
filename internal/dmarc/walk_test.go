package dmarc

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// zone answers from TXT records by the name below _dmarc: texts separated by
// "|", or SERVFAIL. It notes what it was asked.
type zone struct {
	t     *testing.T
	texts map[string]string
	asked []string
}

func (z *zone) Ask(_ context.Context, q record.Question) record.Answer {
	name, ok := strings.CutPrefix(string(q.Name), "_dmarc.")
	if !ok || q.Type != record.TXT {
		z.t.Errorf("asked for %s", q)
	}
	z.asked = append(z.asked, name)
	a := record.Answer{Question: q, Server: "192.0.2.53:53", TTL: 300}
	switch s, there := z.texts[name]; {
	case !there:
		a.Status = record.NoName
	case s == "":
		a.Status = record.NoData
	case s == "SERVFAIL":
		a.Failure = &record.Failure{Question: q, Fault: record.BadRcode, Rcode: "SERVFAIL", Server: a.Server, Tries: 3}
	default:
		a.Status = record.Found
		for text := range strings.SplitSeq(s, "|") {
			a.Records = append(a.Records, record.Record{Type: record.TXT, Strings: []untrusted.Text{untrusted.New(text)}})
		}
	}
	return a
}

// TestDiscover also counts questions: `asked` is all of them, in order.
func TestDiscover(t *testing.T) {
	const none, quarantine, reject = "v=DMARC1; p=none", "v=DMARC1; p=quarantine", "v=DMARC1; p=reject"
	for _, tt := range []struct {
		name    string
		domain  string
		texts   map[string]string
		asked   string
		outcome Outcome
		at      string
		org     string
		policy  Policy
		failed  bool

		duplicate string
	}{
		{
			name: "own record costs one question", domain: "mail.example.com",
			texts: map[string]string{"mail.example.com": none, "example.com": reject},
			asked: "mail.example.com", outcome: Applies, at: "mail.example.com",
		},
		{
			name: "own record among other TXT", domain: "example.com",
			texts: map[string]string{"example.com": "v=spf1 -all|" + reject + "|v=dmarc1; p=none"},
			asked: "example.com", outcome: Applies, at: "example.com", policy: Reject,
		},
		{
			name: "own record with psd=n", domain: "example.com",
			texts: map[string]string{"example.com": reject + "; psd=n"},
			asked: "example.com", outcome: Applies, at: "example.com", org: "example.com", policy: Reject,
		},
		{
			name: "a public suffix as Author Domain", domain: "gov.example",
			texts: map[string]string{"gov.example": reject + "; sp=none; psd=y"},
			asked: "gov.example", outcome: Applies, at: "gov.example", org: "gov.example", policy: Reject,
		},
		{
			name: "of two that cannot be applied, the nearer", domain: "mail.example.com",
			texts: map[string]string{"example.com": "v=DMARC1; np=none", "com": "v=DMARC1; sp=none"},
			asked: "mail.example.com example.com com", outcome: Invalid, at: "example.com", org: "mail.example.com",
		},
		{
			name: "inherited", domain: "mail.example.com",
			texts: map[string]string{"example.com": quarantine},
			asked: "mail.example.com example.com com", outcome: Applies, at: "example.com", org: "example.com", policy: Quarantine,
		},
		{
			name: "inherited from the shortest name", domain: "a.mail.example.com",
			texts: map[string]string{"mail.example.com": reject, "example.com": quarantine},
			asked: "a.mail.example.com mail.example.com example.com com", outcome: Applies, at: "example.com", org: "example.com", policy: Quarantine,
		},
		{
			name: "psd=n ends the walk", domain: "a.mail.example.com",
			texts: map[string]string{"mail.example.com": reject + "; psd=n", "example.com": quarantine},
			asked: "a.mail.example.com mail.example.com", outcome: Applies, at: "mail.example.com", org: "mail.example.com", policy: Reject,
		},
		{
			name: "psd=y above a record", domain: "mail.giant.bank.example",
			texts: map[string]string{"giant.bank.example": quarantine, "bank.example": reject + "; psd=y", "example": none},
			asked: "mail.giant.bank.example giant.bank.example bank.example", outcome: Applies, at: "giant.bank.example", org: "giant.bank.example", policy: Quarantine,
		},
		{
			name: "psd=y and nothing below", domain: "mail.mega.bank.example",
			texts: map[string]string{"bank.example": "v=DMARC1; p=none; sp=reject; psd=y"},
			asked: "mail.mega.bank.example mega.bank.example bank.example", outcome: Applies, at: "bank.example", org: "mega.bank.example", policy: Reject,
		},
		{
			name: "psd=y right above the domain", domain: "mega.bank.example",
			texts: map[string]string{"bank.example": "v=DMARC1; p=none; sp=reject; psd=y"},
			asked: "mega.bank.example bank.example", outcome: Applies, at: "bank.example", org: "mega.bank.example", policy: Reject,
		},
		{
			name: "a record below the Organizational Domain does not count", domain: "a.mail.mega.bank.example",
			texts: map[string]string{"mail.mega.bank.example": none, "bank.example": reject + "; psd=y"},
			asked: "a.mail.mega.bank.example mail.mega.bank.example mega.bank.example bank.example", outcome: Applies, at: "bank.example", org: "mega.bank.example", policy: Reject,
		},
		{
			name: "eight labels and more jump to seven", domain: "a.b.c.d.e.f.g.h.i.j.mail.example.com",
			texts:   map[string]string{"example.com": reject, "b.c.d.e.f.g.h.i.j.mail.example.com": none},
			asked:   "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com i.j.mail.example.com j.mail.example.com mail.example.com example.com com",
			outcome: Applies, at: "example.com", org: "example.com", policy: Reject,
		},
		{
			name: "eight labels", domain: "a.b.c.d.e.f.example.com",
			texts: map[string]string{"b.c.d.e.f.example.com": reject + "; psd=n"},
			asked: "a.b.c.d.e.f.example.com b.c.d.e.f.example.com", outcome: Applies, at: "b.c.d.e.f.example.com", org: "b.c.d.e.f.example.com", policy: Reject,
		},
		{
			name: "psd=y at the name jumped to", domain: "a.b.c.d.e.f.g.h.example.com",
			texts: map[string]string{"d.e.f.g.h.example.com": reject + "; psd=y"},
			asked: "a.b.c.d.e.f.g.h.example.com d.e.f.g.h.example.com", outcome: Applies, at: "d.e.f.g.h.example.com", org: "c.d.e.f.g.h.example.com", policy: Reject,
		},
		{
			name: "missing", domain: "mail.example.com",
			texts: map[string]string{"example.com": "v=spf1 -all"},
			asked: "mail.example.com example.com com", outcome: Missing, org: "mail.example.com",
		},
		{
			name: "missing, of one label", domain: "localhost",
			asked: "localhost", outcome: Missing, org: "localhost",
		},
		{
			name: "duplicate", domain: "mail.example.com",
			texts: map[string]string{"mail.example.com": reject + "|" + none, "example.com": reject},
			asked: "mail.example.com example.com com", outcome: Applies, at: "example.com", org: "example.com", policy: Reject, duplicate: "mail.example.com",
		},
		{
			name: "duplicate and nothing above", domain: "mail.example.com",
			texts: map[string]string{"mail.example.com": reject + "|" + none},
			asked: "mail.example.com example.com com", outcome: Missing, org: "mail.example.com", duplicate: "mail.example.com",
		},
		{
			name: "duplicate above", domain: "mail.example.com",
			texts: map[string]string{"example.com": reject + "|" + none, "com": quarantine},
			asked: "mail.example.com example.com com", outcome: Applies, at: "com", org: "com", policy: Quarantine, duplicate: "example.com",
		},
		{
			name: "duplicate, and an invalid record above", domain: "mail.example.com",
			texts: map[string]string{"mail.example.com": reject + "|" + none, "example.com": "v=DMARC1"},
			asked: "mail.example.com example.com com", outcome: Invalid, at: "example.com", org: "mail.example.com", duplicate: "mail.example.com",
		},
		{
			name: "duplicate, and a failure above", domain: "mail.example.com",
			texts: map[string]string{"mail.example.com": reject + "|" + none, "example.com": "SERVFAIL"},
			asked: "mail.example.com example.com", outcome: Open, failed: true, duplicate: "mail.example.com",
		},
		{
			name: "duplicate above a record is passed over", domain: "a.mail.example.com",
			texts: map[string]string{"mail.example.com": reject, "example.com": quarantine + "|" + none},
			asked: "a.mail.example.com mail.example.com example.com com", outcome: Applies, at: "mail.example.com", org: "mail.example.com", policy: Reject,
		},
		{
			name: "invalid", domain: "mail.example.com",
			texts: map[string]string{"mail.example.com": "v=DMARC1; p=x", "example.com": reject},
			asked: "mail.example.com", outcome: Invalid, at: "mail.example.com",
		},
		{
			name: "invalid above", domain: "mail.example.com",
			texts: map[string]string{"example.com": "v=DMARC1"},
			asked: "mail.example.com example.com com", outcome: Invalid, at: "example.com", org: "mail.example.com",
		},
		{
			name: "invalid at the Organizational Domain below a public suffix", domain: "mail.mega.bank.example",
			texts: map[string]string{"mega.bank.example": "v=DMARC1", "bank.example": reject + "; psd=y"},
			asked: "mail.mega.bank.example mega.bank.example bank.example", outcome: Invalid, at: "mega.bank.example", org: "mega.bank.example",
		},
		{
			name: "invalid in between does not count", domain: "a.mail.example.com",
			texts: map[string]string{"mail.example.com": "v=DMARC1; p=x", "example.com": reject},
			asked: "a.mail.example.com mail.example.com example.com com", outcome: Applies, at: "example.com", org: "example.com", policy: Reject,
		},

		// A failure is never an absence.
		{
			name: "failure at the domain", domain: "mail.example.com",
			texts: map[string]string{"mail.example.com": "SERVFAIL", "example.com": reject},
			asked: "mail.example.com", outcome: Open, failed: true,
		},
		{
			name: "failure on the way", domain: "mail.example.com",
			texts: map[string]string{"example.com": "SERVFAIL", "com": reject},
			asked: "mail.example.com example.com", outcome: Open, failed: true,
		},
		{
			name: "failure above a record", domain: "a.mail.example.com",
			texts: map[string]string{"mail.example.com": reject, "example.com": "SERVFAIL"},
			asked: "a.mail.example.com mail.example.com example.com", outcome: Open, failed: true,
		},
		{
			name: "failure at the top, nothing found", domain: "example.com",
			texts: map[string]string{"com": "SERVFAIL"},
			asked: "example.com com", outcome: Open, failed: true,
		},
		{
			name: "failure at the top above a record", domain: "mail.example.com",
			texts: map[string]string{"example.com": reject, "com": "SERVFAIL"},
			asked: "mail.example.com example.com com", outcome: Applies, at: "example.com", org: "example.com", policy: Reject, failed: true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := &zone{t: t, texts: tt.texts}
			d := Discover(t.Context(), Askers{Own: z}, record.MustName(tt.domain))
			if got := strings.Join(z.asked, " "); got != tt.asked {
				t.Errorf("asked %s\nwant  %s", got, tt.asked)
			}
			if d.Outcome != tt.outcome || string(d.PolicyDomain) != tt.at || string(d.Organizational) != tt.org {
				t.Errorf("got %s at %q of %q, want %s at %q of %q", d.Outcome, d.PolicyDomain, d.Organizational, tt.outcome, tt.at, tt.org)
			}
			if (d.Failure != nil) != tt.failed {
				t.Errorf("failure %v, want one: %v", d.Failure, tt.failed)
			}
			if at, ok := d.Duplicate(); ok != (tt.duplicate != "") || string(at.Domain) != tt.duplicate {
				t.Errorf("several records at %q, want %q", at.Domain, tt.duplicate)
			}
			if got := d.Effective(true).Policy; got != tt.policy {
				t.Errorf("policy %s, want %s", got, tt.policy)
			}
			if (d.Record != nil) != (tt.outcome == Applies || tt.outcome == Invalid) {
				t.Errorf("%s with record %v", d.Outcome, d.Record)
			}
			at, ok := d.At()
			if ok != (tt.at != "") || string(at.Domain) != tt.at || ok && d.Record != nil && !slices.Contains(at.Records, d.Record) {
				t.Errorf("At() is the step of %q, %v", at.Domain, ok)
			}
			var steps []string
			for _, s := range d.Steps {
				steps = append(steps, string(s.Domain))
			}
			if diff := cmp.Diff(z.asked, steps); diff != "" {
				t.Errorf("steps are not what was asked:\n%s", diff)
			}
		})
	}
}

func TestDiscoverAsksUpperNamesElsewhere(t *testing.T) {
	own := &zone{t: t}
	upper := &zone{t: t, texts: map[string]string{"example.com": "v=DMARC1; p=reject"}}
	d := Discover(t.Context(), Askers{Own: own, Upper: upper}, "mail.example.com")
	if d.Outcome != Applies || !slices.Equal(own.asked, []string{"mail.example.com"}) || !slices.Equal(upper.asked, []string{"example.com", "com"}) {
		t.Errorf("%s; own asked %v, upper %v", d.Outcome, own.asked, upper.asked)
	}
}

func TestDiscoverBelowTheLongestName(t *testing.T) {
	z := &zone{t: t, texts: map[string]string{"test": "v=DMARC1; p=reject; psd=y"}}
	label := strings.Repeat("a", 62)
	long := record.MustName(strings.Repeat(label+".", 3) + strings.Repeat("a", 58) + ".test")
	d := Discover(t.Context(), Askers{Own: z}, long)
	if d.Outcome != Applies || d.PolicyDomain != "test" || slices.Contains(z.asked, string(long)) {
		t.Errorf("%s at %q, asked %v", d.Outcome, d.PolicyDomain, z.asked)
	}
}

func TestOrganizationalDomain(t *testing.T) {
	const r = "v=DMARC1; p=reject"
	for _, tt := range []struct {
		name, domain string
		texts        map[string]string
		asked        string
		want         string
	}{
		{"RFC 9989 B.4.1", "signing.example.com", map[string]string{"signing.example.com": r, "example.com": r}, "signing.example.com example.com com", "example.com"},
		{"own record only", "example.com", map[string]string{"example.com": r}, "example.com com", "example.com"},
		{"no record", "a.example.com", nil, "a.example.com example.com com", "a.example.com"},
		{"psd=n", "a.example.com", map[string]string{"a.example.com": r + ";psd=n", "example.com": r}, "a.example.com", "a.example.com"},
		{"psd=y at the start", "bank.example", map[string]string{"bank.example": r + ";psd=y", "example": r}, "bank.example", "bank.example"},
		{"psd=y above", "a.b.example", map[string]string{"example": r + ";psd=y"}, "a.b.example b.example example", "b.example"},
		{"duplicates are passed over", "a.example.com", map[string]string{"a.example.com": r + "|" + r + ";", "example.com": r}, "a.example.com example.com com", "example.com"},
		{"invalid ones too", "a.example.com", map[string]string{"a.example.com": r, "example.com": "v=DMARC1"}, "a.example.com example.com com", "a.example.com"},
		{"failure", "a.example.com", map[string]string{"a.example.com": r, "example.com": "SERVFAIL"}, "a.example.com example.com", ""},
		{"failure at the start", "a.example.com", map[string]string{"a.example.com": "SERVFAIL"}, "a.example.com", ""},
		{"failure at the top above a record", "example.com", map[string]string{"example.com": r, "com": "SERVFAIL"}, "example.com com", "example.com"},
		{"failure at the top", "example.com", map[string]string{"com": "SERVFAIL"}, "example.com com", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := &zone{t: t, texts: tt.texts}
			o := OrganizationalDomain(t.Context(), Askers{Own: z}, record.MustName(tt.domain))
			if string(o.Domain) != tt.want {
				t.Errorf("%q, want %q", o.Domain, tt.want)
			}
			if got := strings.Join(z.asked, " "); got != tt.asked {
				t.Errorf("asked %s, want %s", got, tt.asked)
			}
			if o.Domain == "" && o.Failure == nil {
				t.Error("no domain, and no failure to say why")
			}
		})
	}
}

func TestEffective(t *testing.T) {
	for _, tt := range []struct {
		name, domain, text string
		exists             bool
		want               Effect
	}{
		{"own p", "example.com", "p=reject; sp=none; np=none", true, Effect{Reject, Reject, "p", false}},
		{"own p, t=y", "example.com", "p=reject; t=y", true, Effect{Quarantine, Reject, "p", false}},
		{"own p=quarantine, t=y", "example.com", "p=quarantine; t=y", true, Effect{None, Quarantine, "p", false}},
		{"own p=none, t=y", "example.com", "p=none; t=y", true, Effect{None, None, "p", false}},
		{"own record, whatever exists", "example.com", "p=reject; np=none", false, Effect{Reject, Reject, "p", false}},
		{"sp", "a.example.com", "p=reject; sp=quarantine; np=none", true, Effect{Quarantine, Quarantine, "sp", true}},
		{"np", "a.example.com", "p=none; sp=quarantine; np=reject", false, Effect{Reject, Reject, "np", true}},
		{"np does not apply to what exists", "a.example.com", "p=none; np=reject", true, Effect{None, None, "p", true}},
		{"no np: sp", "a.example.com", "p=none; sp=quarantine", false, Effect{Quarantine, Quarantine, "sp", true}},
		{"neither: p", "a.example.com", "p=quarantine", false, Effect{Quarantine, Quarantine, "p", true}},
		{"sp, t=y", "a.example.com", "p=none; sp=reject; t=y", true, Effect{Quarantine, Reject, "sp", true}},
		{"read as none", "a.example.com", "p=reject; sp=x; np=reject; rua=mailto:a@example.com", false, Effect{None, None, "p", true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := &zone{t: t, texts: map[string]string{"example.com": "v=DMARC1; " + tt.text}}
			d := Discover(t.Context(), Askers{Own: z}, record.MustName(tt.domain))
			if got := d.Effective(tt.exists); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestStrays(t *testing.T) {
	z := &zone{t: t, texts: map[string]string{"example.com": "v=dmarc1; p=none|v=DMARC1; p=reject|hello"}}
	d := Discover(t.Context(), Askers{Own: z}, "example.com")
	strays := d.Steps[0].Strays()
	if len(strays) != 1 || strays[0].Record.Text() != text("v=dmarc1; p=none") || strays[0].Why == "" {
		t.Errorf("strays %v", strays)
	}
}

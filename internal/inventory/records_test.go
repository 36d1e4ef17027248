package inventory

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/edit"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// zone is DNS that has some records, and nothing else.
type zone map[record.Question][]record.Record

func (z zone) Ask(_ context.Context, q record.Question) record.Answer {
	a := record.Answer{Question: q, Status: record.NoName, Records: z[q]}
	if len(a.Records) > 0 {
		a.Status = record.Found
	}
	return a
}

// TestRecordsWithoutEnd: what a zone has more of than a file can have is counted.
func TestRecordsWithoutEnd(t *testing.T) {
	inv := New(Options{})
	a := func(name, host string, t record.Type) {
		inv.Record("a.example", record.Name(name+".a.example"), record.Record{Type: t, Host: record.Name(host)})
	}
	for i := range 3000 {
		token := fmt.Sprintf("t%d", i)
		a(token+"._domainkey", token+".dkim.amazonses.com", record.CNAME)
		a(token, "feedback-smtp.eu-west-1.amazonses.com", record.MX)
		a(token, "feedback-smtp.eu-west-1.amazonses.com", record.MX)
		a(token+"x", "r.eu-west-1.awstrack.me", record.CNAME)
		a("*."+token, "feedback-smtp.eu-west-1.amazonses.com", record.MX)
		inv.Record("a.example", "a.example", record.Record{Type: record.MX, Host: record.Name(fmt.Sprintf("inbound-smtp.eu-west-%d.amazonaws.com", i%50+2))})
		inv.Record("a.example", "_amazonses.a.example", record.NewTXT(token))
	}
	r := inv.Result(t.Context(), zone{})
	want := []string{
		"*.t0.a.example: the MX of a MAIL FROM domain at a wildcard, which the file cannot express (and 2999 more like it)",
		"t100._domainkey.a.example: an Easy DKIM record, and the file can have only 100 of them per domain (and 2899 more like it)",
		"_amazonses.a.example: a verification token, and the file can have only 100 of them per domain (and 2899 more like it)",
		"t100.a.example: the MX of a MAIL FROM domain, and the file can have only 100 of them per domain (and 5799 more like it)",
		"t100x.a.example: a tracking domain, and the file can have only 100 of them per domain (and 2899 more like it)",
		"51 of 151 identities of a.example were left out: a domain can have 100 in the file",
	}
	if diff := cmp.Diff(want, r.Skipped); diff != "" {
		t.Error(diff)
	}
	if _, problems := config.Parse("f", edit.Write(r.Entries)); len(problems) > 0 {
		t.Error(problems)
	}
	if n := len(r.Entries[0].Domain.Identities); n != 100 || r.Identities != n {
		t.Errorf("%d identities are written and %d counted", n, r.Identities)
	}
}

// FuzzRecords: whatever is in a zone, what comes of it is a file without
// mistakes, and nothing that is said of it commands anybody. A line is an owner
// and the data of a record.
func FuzzRecords(f *testing.F) {
	f.Add("t._domainkey.a.example CNAME t.dkim.amazonses.com\nb.a.example MX feedback-smtp.eu-west-1.amazonses.com\n_amazonses.a.example TXT abc=\n_dmarc.a.example TXT v=DMARC1; p=reject; rua=mailto:a@a.example")
	f.Add("a.example MX inbound-smtp.us-east-1.amazonaws.com.a.example\nc.a.example CNAME r.eu-west-1.awstrack.me\na.example TXT v=spf1 include:%{i}.x.example redirect=b.example\ns1._domainkey.a.example TXT p=")
	f.Add("a.example TXT amazonses:##[x\n*.a.example MX feedback-smtp..amazonses.com\na.example MX x.mail-manager-smtp.amazonaws.com\nt._domainkey.a.example.a.example CNAME t.dkim.af-south-1.amazonses.com")
	f.Add("aq7xlvhjfmqruhk2ytlb6434lcykrdu2._domainkey.a.example TXT aq7xlvhjfmqruhk2ytlb6434lcykrdu2.dkim.amazonses.com\n_domainkey.t.a.example MX t.dkim.amazonses\na.example.a.example TXT v=spf1 -all\nb.a.example SPF v=spf1 include:amazonses.com")
	f.Add("t._domainkey.b.com.a.example CNAME t.dkim.amazonses.com\n_amazonses.a.example TXT pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU\n_dmarc.a.example.a.example TXT v=DMARC1; p=reject\nresend._domainkey.a.example TXT p=x\nsend.a.example MX 10\\032feedback-smtp.eu-west-1")
	f.Fuzz(func(t *testing.T, lines string) {
		z := zone{}
		inv := New(Options{Everyone: true, Selectors: []string{"s1"}})
		for line := range strings.Lines(lines) {
			owner, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			kind, data, _ := strings.Cut(rest, " ")
			n, err := record.ParseName(owner)
			if err != nil {
				continue
			}
			r := record.Record{Type: record.TXT, Strings: []untrusted.Text{untrusted.New(data)}}
			if kind == "SPF" {
				r.Type = record.SPF
			} else if host, err := record.ParseName(data); err == nil && kind != "TXT" {
				r = record.Record{Type: map[bool]record.Type{true: record.MX, false: record.CNAME}[kind == "MX"], Host: host}
			}
			z[record.Question{Name: n, Type: r.Type}] = append(z[record.Question{Name: n, Type: r.Type}], r)
			inv.Record("a.example", n, r)
		}
		found := inv.Result(t.Context(), z)
		if len(found.Entries) > 0 {
			if _, problems := config.Parse("f", edit.Write(found.Entries)); len(problems) > 0 {
				t.Errorf("%v\n%s", problems, edit.Write(found.Entries))
			}
		}
		said := append(found.Skipped, found.NotWritten...)
		for _, e := range found.Entries {
			said = append(said, e.Notes...)
		}
		for _, what := range said {
			if strings.ContainsAny(what, "\n\r\x1b\x00") || strings.Contains(what, "##[") {
				t.Errorf("unsafe: %q", what)
			}
		}
	})
}

// TestGarbledDMARC: a garbled DMARC record is read as meant, and reported.
func TestGarbledDMARC(t *testing.T) {
	t.Parallel()
	at := record.Question{Name: "_dmarc.a.example", Type: record.TXT}
	for text, want := range map[string]string{
		`"v=DMARC1; p=reject"`: "reject", " v=DMARC1; p=reject": "reject", "\u201cv=DMARC1; p=reject\u201d": "reject", "v=DMARC1, p=reject": "reject",
		"v=DMARC1 p=reject": "reject", "v=dmarc1; p=quarantine": "quarantine", "DMARC1; p=reject": "reject", "v:DMARC1; p=reject": "reject", "p=reject; v=DMARC1": "reject",
		"v=DMARC1; p=reject": "reject", "hello": "",
	} {
		inv := New(Options{})
		inv.Name("a.example")
		r := inv.Result(t.Context(), zone{at: {record.NewTXT(text)}})
		e := r.Entries[0]
		got := ""
		if e.Domain.DMARC != nil {
			got = e.Domain.DMARC.Policy.Value
		}
		noted := strings.Contains(strings.Join(e.Notes, " "), "The DMARC record of _dmarc.a.example is garbled, so receivers ignore it")
		if got != want || noted != (want != "" && text != "v=DMARC1; p=reject") {
			t.Errorf("%q: %q, notes %q", text, got, e.Notes)
		}
	}
}

// TestGarbledDMARCOpen: if the policy of a garbled record is not certain, none is
// written, and that is reported.
func TestGarbledDMARCOpen(t *testing.T) {
	t.Parallel()
	inv := New(Options{})
	inv.Name("a.example")
	r := inv.Result(t.Context(), zone{{Name: "_dmarc.a.example", Type: record.TXT}: {record.NewTXT("v=DMARC1, p=foo")}})
	if e := r.Entries[0]; e.Domain.DMARC != nil || !strings.Contains(strings.Join(e.Notes, " "), "its policy is not clear") {
		t.Errorf("%+v, notes %q", e.Domain.DMARC, e.Notes)
	}
}

// TestInventedDKIMZone: a DKIM zone that a region does not have is not written, so
// that check reports the records.
func TestInventedDKIMZone(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-west-1": "  a.example:\n    region: eu-west-1\n    dkim: [ta, tb, tc]\n", "af-south-1": "  a.example:\n    region: af-south-1\n    dkim: [ta, tb, tc]\n",
	} {
		inv := New(Options{})
		for _, token := range []string{"ta", "tb", "tc"} {
			inv.Record("a.example", record.Name(token+"._domainkey.a.example"), record.Record{Type: record.CNAME, Host: record.Name(token + ".dkim." + region + ".amazonses.com")})
		}
		r := inv.Result(t.Context(), zone{})
		if got := string(edit.Write(r.Entries)); !strings.Contains(got, want) || strings.Contains(got, "hosted_zone") || strings.Contains(got, "point to dkim.eu-west-1.amazonses.com") != (region == "eu-west-1") {
			t.Error(got)
		}
	}
}

// TestIgnoredInclude: an include that receivers ignore because of its spelling was
// meant as well, and is reported.
func TestIgnoredInclude(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"v=spf1 include=_spf.b.example ~all": true, "v=spf1 include:_spf.b.example ~all": false, "v=spf1 INCLUDE=_spf.b.example include:_spf.b.example ~all": true} {
		inv := New(Options{})
		inv.Name("a.example")
		r := inv.Result(t.Context(), zone{{Name: "a.example", Type: record.TXT}: {record.NewTXT(text)}})
		e := r.Entries[0]
		if s := e.Domain.SPF; s == nil || len(s.Includes) != 1 || s.Includes[0].Value != "_spf.b.example" {
			t.Errorf("%q: %+v", text, s)
		}
		if noted := strings.Contains(strings.Join(e.Notes, " "), "Receivers ignore a part of the SPF record of a.example"); noted != want {
			t.Errorf("%q: notes %q", text, e.Notes)
		}
	}
}

// TestOtherThanSES: a MAIL FROM domain or tokens of DNS that the identity in SES
// does not have are reported.
func TestOtherThanSES(t *testing.T) {
	t.Parallel()
	const mail, keys = "Amazon SES does not have bounce.a.example as the MAIL FROM domain of its identity in eu-west-1", "Amazon SES does not sign with some of the tokens in DNS"
	for ses, want := range map[string][2]bool{
		`"DkimAttributes": {"Tokens": ["ta", "tb", "tc"]}, "MailFromAttributes": {"MailFromDomain": "bounce.a.example"}`: {},
		`"DkimAttributes": {"Tokens": ["ta", "tb", "tc"]}, "MailFromAttributes": {"MailFromDomain": "mail.a.example"}`:   {true, false},
		`"DkimAttributes": {"Tokens": ["ta", "tb", "tc"]}, "MailFromAttributes": {}`:                                     {true, false},
		`"DkimAttributes": {"Tokens": ["td", "te", "tf"]}, "MailFromAttributes": {"MailFromDomain": "bounce.a.example"}`: {false, true},
	} {
		acc := &account.Account{}
		if err := acc.Read(strings.NewReader(`{"EmailIdentity": "a.example", "Region": "eu-west-1", `+ses+`}`), account.Hint{}); err != nil {
			t.Fatal(err)
		}
		inv := New(Options{})
		inv.Account(acc)
		inv.Record("a.example", "bounce.a.example", record.Record{Type: record.MX, Preference: 10, Host: "feedback-smtp.eu-west-1.amazonses.com"})
		for _, token := range []string{"ta", "tb", "tc"} {
			inv.Record("a.example", record.Name(token+"._domainkey.a.example"), record.Record{Type: record.CNAME, Host: record.Name(token + ".dkim.amazonses.com")})
		}
		notes := strings.Join(inv.Result(t.Context(), zone{}).Entries[0].Notes, " ")
		if got := [2]bool{strings.Contains(notes, mail), strings.Contains(notes, keys)}; got != want {
			t.Errorf("%s: %q", ses, notes)
		}
	}
}

package spf

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// others are the records of vendors: their names end in test, and gone.test is
// registered by nobody.
var others = map[record.Name]string{
	"amazonses.com":  "v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 -all",
	"a.test":         "v=spf1 ip4:192.0.2.0/25 -all",
	"b.test":         "v=spf1 ip4:192.0.2.128/25 -all",
	"six.test":       "v=spf1 include:a.test include:b.test include:a.test include:b.test include:a.test -all",
	"typo.test":      "v=spf1 ip4: 192.0.2.1 mix -all",
	"ses.test":       "v=spf1 include:amazonses.com -all",
	"_spf.d.example": "v=spf1 include:a.test include:b.test -all",
}

// world has a TXT record, or several, at name, and those of the others.
func world(name record.Name, live []record.Record, of record.Type) judgetest.Answers {
	return func(q record.Question) record.Answer {
		a := record.Answer{Question: q, Status: record.NoData, Server: "192.0.2.53:53"}
		text, known := others[q.Name]
		switch {
		case q.Name == name && q.Type == of && len(live) > 0:
			a.Records = live
		case q.Type == record.TXT && known:
			a.Records = []record.Record{record.NewTXT(text)}
		case q.Name.In("gone.test"):
			a.Status = record.NoName
		case q.Type == record.CNAME && q.Name == "alias.test":
			a.Records = []record.Record{{Type: record.CNAME, Host: "x.gone.test"}}
		case q.Name == "alias.test":
			a.Status, a.Chain = record.NoName, []record.Name{"x.gone.test"}
		case q.Name != name && !q.Name.In("d.example") && !known && q.Type != record.SOA:
			a.Status = record.NoName
		}
		if len(a.Records) > 0 {
			a.Status = record.Found
		}
		return a
	}
}

// findings are the findings of the spf part.
func findings(t *testing.T, file string, dns record.Asker) []finding.Finding {
	t.Helper()
	all := judgetest.Verdict(t, &Part, judgetest.Parse(t, "version: 1\ndomains: {d.example: "+file+"}\n"), dns).Believed()
	for i := range all {
		all[i].Prescribe()
	}
	finding.Sort(all)
	return all
}

// toPublishIn is the record that the findings have to publish, which is the same
// for all; "" if they have none.
func toPublishIn(t *testing.T, fs []finding.Finding) (text string) {
	t.Helper()
	for _, f := range fs {
		for _, r := range f.Publish {
			if text != "" && r.Data.Text().Raw() != text {
				t.Errorf("two records to publish: %s and %s", text, r)
			}
			text = r.Data.Text().Raw()
		}
	}
	return text
}

// checksIn are the checks of findings.
func checksIn(fs []finding.Finding) (all []*finding.Check) {
	for _, f := range fs {
		all = append(all, f.Check)
	}
	return slices.Compact(all)
}

func txtRecords(lives ...string) (all []record.Record) {
	for _, live := range lives {
		r := record.Record{Type: record.TXT}
		for s := range strings.SplitSeq(live, "|") {
			r.Strings = append(r.Strings, untrusted.New(s))
		}
		all = append(all, r)
	}
	return all
}

const (
	listsA  = "{spf: [a.test]}"
	bounces = "{region: eu-west-1, mail_from: bounce}"
)

// TestRecordToPublish: which record is given in place of what is live, and what
// is said where there is none or where it is not all that was live. Once it is
// published, the findings that had it are gone and no error comes.
func TestRecordToPublish(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file string
		live []string // TXT records, strings separated by |
		want string
		says string // in some message
	}{
		{listsA, []string{"v=spf1 include:a.test ~all"}, "", ""},
		{listsA, nil, "v=spf1 include:a.test ~all", ""},
		{listsA, []string{"v=spf1 mx ~all"}, "v=spf1 mx include:a.test ~all", ""},
		{listsA, []string{"v=spf1 mx"}, "v=spf1 mx include:a.test ~all", ""},
		{listsA, []string{"v=spf1 include:a.test include:a.test +all"}, "v=spf1 include:a.test ~all", ""},
		{"{spf: {includes: [a.test], all: \"-all\"}}", []string{"v=spf1 a ~all"}, "v=spf1 a include:a.test -all", ""},
		// behind all
		{listsA, []string{"v=spf1 -all include:a.test"}, "v=spf1 include:a.test -all", "before the all term"},
		{listsA, []string{"v=spf1 include:a.test ~all include:b.test"}, "", `the file does not list "b.test"`},
		{listsA, []string{"v=spf1 ~all include:a.test include:b.test"}, "v=spf1 include:a.test ~all include:b.test", `the file does not list "b.test"`},
		{"{spf: {includes: [a.test], exact: false}}", []string{"v=spf1 include:a.test ~all include:b.test"}, "v=spf1 include:a.test include:b.test ~all", "the record to publish has it before the all term"},
		{"{spf: {includes: [a.test], exact: false}}", []string{"v=spf1 include:a.test ~all include:x.gone.test"}, "", "before the all term it would cause spf-include-dangling"},
		{"{spf: {includes: [a.test], exact: false}}", []string{"v=spf1 include:a.test ~all include:six.test include:six.test include:a.test mx"}, "v=spf1 include:a.test include:six.test mx ~all", ""},
		{"{spf: [a.test, six.test]}", []string{"v=spf1 include:six.test include:a.test ~all a mx exists:d.example"}, "", "before the all term it would cause spf-lookups"},
		{listsA, []string{"v=spf1 include:a.test ~all ip4:192.0.2.9 ip6:2001:db8::1"}, "v=spf1 include:a.test ip4:192.0.2.9 ip6:2001:db8::1 ~all", "the record to publish has it before the all term"},
		{listsA, []string{"v=spf1 include:a.test ~all ptr"}, "", "ptr should not be used"},
		{listsA, []string{"v=spf1 include:a.test ~all -all"}, "v=spf1 include:a.test ~all", `several endings: "~all" counts, and "-all" is never read`},
		{listsA, []string{"v=spf1 include:a.test redirect=_spf.d.example ~all"}, "", "a redirect works only without all"},
		{bounces, []string{"v=spf1 redirect=amazonses.com -all"}, "v=spf1 include:amazonses.com -all", ""},
		// records in one
		{listsA, []string{"v=spf1 v=spf1 include:a.test ~all"}, "v=spf1 include:a.test ~all", `"v=spf1": a second v=spf1`},
		{"{spf: [a.test, b.test]}", []string{"v=spf1 include:a.test ~all v=spf1 include:b.test -all"}, "v=spf1 include:a.test include:b.test ~all", "two records were joined"},
		{listsA, []string{"v=spf1 ~all v=spf1 include:a.test include:b.test ~all"}, "v=spf1 include:a.test ~all include:b.test", `the file does not list "b.test"`},
		{listsA, []string{"v=spf1 include:a.test ~all|spf2.0/pra include:a.test ~all"}, "v=spf1 include:a.test ~all", ""},
		{"{spf: [a.test, b.test]}", []string{"v=spf1 include:a.test ~all|v=spf1 include:b.test ~all"}, "v=spf1 include:a.test include:b.test ~all", ""},
		// several records
		{listsA, []string{"v=spf1 include:a.test -all", "v=spf1 ip4:192.0.2.9 ~all"}, "v=spf1 include:a.test ip4:192.0.2.9 ~all", "ends in ~all, the mildest"},
		{listsA, []string{"v=spf1 include:a.test -all", "v=spf1 include:b.test -all"}, "v=spf1 include:a.test include:b.test -all", `includes "b.test", which the file does not list`},
		{listsA, []string{"v=spf1 include:a.test +all", "v=spf1 a ?all"}, "v=spf1 include:a.test a ?all", ""},
		{"{spf: {includes: [a.test], all: \"-all\"}}", []string{"v=spf1 include:a.test ~all", "v=spf1 ?all"}, "v=spf1 include:a.test -all", ""},
		{listsA, []string{"v=spf1 include:a.test ~all", "v=spf1 include:x.gone.test ~all"}, "v=spf1 include:a.test ~all", `"include:x.gone.test" is left out`},
		{listsA, []string{"v=spf1 include:a.test ~all", "v=spf1 redirect=_spf.d.example"}, "", "a record with a redirect cannot be merged"},
		{listsA, []string{"v=spf1 include:a.test ~all", "v=spf1 inlcude:b.test ~all"}, "v=spf1 include:a.test include:b.test ~all", ""},
		{listsA, []string{"v=spf1 include:a.test ~all", "v=spf1 ip4:192.0.2.300 ~all"}, "", "it is not certain what was meant"},
		{"{spf: [a.test, six.test]}", []string{"v=spf1 include:six.test ~all", "v=spf1 a mx exists:d.example a:d.example include:a.test ~all"}, "", "the next finding would be spf-lookups"},
		// garbled
		{listsA, []string{`"v=spf1 ip4:192.0.2.9 include:a.test -all"`}, "v=spf1 ip4:192.0.2.9 include:a.test -all", "quotes are part of the data"},
		{listsA, []string{"\u201cv=spf1 ip4:192.0.2.9 -all\u201d"}, "v=spf1 ip4:192.0.2.9 include:a.test -all", "curly quotes are part of the data"},
		{listsA, []string{" v=spf1 include:a.test mx -all"}, "v=spf1 include:a.test mx -all", "it begins with a space"},
		{listsA, []string{"d.example. IN TXT v=spf1 mx -all"}, "v=spf1 mx include:a.test -all", "the record's name or type is part of the data"},
		{listsA, []string{"v=spf1; mx -all", "-v=spf1 a ~all"}, "v=spf1 mx a include:a.test ~all", "there is something before v=spf1"},
		{listsA, []string{"v=spf1; mx moo -all"}, "", "it is not certain what was meant"},
		{listsA, []string{"v=spf10 mx include:b.test -all"}, "", `"v=spf10" is not a version`},
		{listsA, []string{"v=spf1-verification=abc"}, "v=spf1 include:a.test ~all", ""},
		{listsA, []string{"v=spf1|include:a.test|-all"}, "v=spf1 include:a.test -all", "join without a space"},
		{listsA, []string{`"v=spf1 include:b.test include:a.test -all"`}, "v=spf1 include:b.test include:a.test -all", `includes "b.test", which the file does not list`},
		{listsA, []string{`"v=spf1 include:x.gone.test include:a.test -all"`}, "v=spf1 include:a.test -all", `"include:x.gone.test" is left out`},
		{listsA, []string{`"v=spf1 include:typo.test include:a.test -all"`}, "", "the next finding would be spf-include-broken"},
		{"{spf: [x.gone.test]}", nil, "", "the next finding would be spf-include-dangling"},
		// misspelt
		{listsA, []string{"v=spf1 inlcude:a.test ip4:192.0.2.9 -al"}, "v=spf1 include:a.test ip4:192.0.2.9 -all", ""},
		{listsA, []string{"v=spf1 include: a.test ip:192.0.2.9 ~ALL."}, "v=spf1 include:a.test ip4:192.0.2.9 ~all", ""},
		{listsA, []string{"v=spf1 include:a.test~all"}, "v=spf1 include:a.test ~all", "a space is missing"},
		{listsA, []string{"v=spf1 include:a.test-all"}, "v=spf1 include:a.test -all", "a space is missing"},
		{"{spf: [a.test, b.test]}", []string{"v=spf1 include:a.testinclude:b.test -all"}, "v=spf1 include:a.test include:b.test -all", "a space is missing"},
		{listsA, []string{"v=spf1 include:a.test ip4=192.0.2.9 -all"}, "v=spf1 include:a.test ip4:192.0.2.9 -all", `probably "ip4:192.0.2.9" was meant`},
		{listsA, []string{"v=spf1 include=a.test -all"}, "v=spf1 include:a.test -all", ""},
		{listsA, []string{"v=spf1 include:a.test include=b.test -all"}, "", `probably "include:b.test" was meant`},
		{listsA, []string{"v=spf1 include:https://a.test/ mx -all"}, "v=spf1 include:a.test mx -all", ""},
		{listsA, []string{"v=spf1 include:https://a.test -all"}, "v=spf1 include:a.test -all", "is a URL; write a name"},
		{listsA, []string{"v=spf1 include:a.test a:d.example/33 -all"}, "", "it is not certain what was meant"},
		{listsA, []string{"v=spf1 include:a.test al"}, "", "it is not certain what was meant"},
		// vendors
		{listsA, []string{"v=spf1 include:a.test include:x.gone.test -all"}, "v=spf1 include:a.test -all", "gone.test is not registered"},
		{listsA, []string{"v=spf1 include:a.test include:alias.test -all"}, "v=spf1 include:a.test -all", "alias.test is a CNAME to x.gone.test, whose domain gone.test is not registered"},
		{listsA, []string{"v=spf1 include:a.test include:typo.test -all"}, "", "the SPF record of typo.test has a syntax error"},
		{"{spf: [a.test, typo.test]}", []string{"v=spf1 include:typo.test -all"}, "v=spf1 include:typo.test include:a.test -all", ""},
		{listsA, []string{"v=spf1 include:a.test include:nothing.test -all"}, "", "nothing.test does not exist"},
		{listsA, []string{"v=spf1 mx include:nothing.test -all"}, "v=spf1 mx include:a.test -all", "nothing.test does not exist"},
		{listsA, []string{"v=spf1 include:*.a.test -all"}, "v=spf1 include:a.test -all", "leads nowhere"},
		{"{spf: {includes: [a.test], exact: false}}", []string{"v=spf1 include:nothing.test -all"}, "v=spf1 include:a.test -all", ""},
		// qualifiers
		{listsA, []string{"v=spf1 -include:a.test ~all"}, "v=spf1 include:a.test ~all", `"-include:a.test" in the SPF record of d.example does not pass: with the qualifier -, mail of that sender gets fail`},
		{"{spf: [a.test, b.test]}", []string{"v=spf1 ~include:a.test ?include:b.test mx ~all"}, "v=spf1 include:a.test include:b.test mx ~all", "gets neutral"},
		{listsA, []string{"v=spf1 -include:a.test include:a.test ~all"}, "v=spf1 include:a.test ~all", "gets fail"},
		{listsA, []string{"v=spf1 include:a.test -include:a.test ~all"}, "", ""},
		{listsA, []string{"v=spf1 mx ~all -include:a.test"}, "v=spf1 mx include:a.test ~all", "before the all term"},
		{"{spf: {includes: [a.test], exact: false}}", []string{"v=spf1 -include:b.test mx ~all"}, "v=spf1 -include:b.test mx include:a.test ~all", ""},
		{listsA, []string{"v=spf1 - include:a.test -all"}, "", "it is not certain what was meant"},
		{listsA, []string{"v=spf1; mx all"}, "v=spf1 mx include:a.test ~all", `the record to publish does not end in "all", which lets everybody send`},
		{listsA, []string{"v=spf1 include:a.test -all v=DMARC1; p=reject; rua=mailto:d@d.example"}, "v=spf1 include:a.test -all", "a DMARC record begins here"},
		{listsA, []string{"include:a.test ip4:192.0.2.1 -all"}, "v=spf1 include:a.test ip4:192.0.2.1 -all", "it does not begin with v=spf1"},
		// redirects
		{listsA, []string{"v=spf1 redirect=_spf.d.example"}, "", `includes "b.test", which the file does not list, through a redirect to the record of _spf.d.example`},
		{listsA, []string{"v=spf1 redirect=x.gone.test"}, "v=spf1 include:a.test ~all", ""},
		{"{spf: [a.test, b.test, amazonses.com]}", []string{"v=spf1 redirect=_spf.d.example"}, "v=spf1 include:amazonses.com redirect=_spf.d.example", ""},
		// SES
		{bounces, []string{"v=spf1 -all"}, "v=spf1 include:amazonses.com -all", ""},
		{bounces, []string{"v=spf1 ?include:amazonses.com -all"}, "v=spf1 include:amazonses.com -all", "does not pass"},
		{bounces, []string{"v=spf1 ip4:54.240.0.0/18 ip4:192.0.2.1 ~all"}, "v=spf1 ip4:192.0.2.1 include:amazonses.com ~all", "has copies of the address ranges instead"},
		{bounces, []string{"v=spf1 -include:ses.test a include:amazonses.com ~all"}, "v=spf1 include:amazonses.com -include:ses.test a ~all", ""},
		{bounces, []string{"v=spf1 ?include:ses.test ~all"}, "v=spf1 include:amazonses.com ?include:ses.test ~all", ""},
		{bounces, []string{"v=spf1 -ip4:54.240.0.0/18 include:amazonses.com ~all"}, "v=spf1 include:amazonses.com ~all", ""},
		{listsA, []string{"v=spf1 ip4:0.0.0.0/0 include:a.test -all"}, "v=spf1 include:a.test -all", "lets all IPv4 addresses send"},
		{bounces, []string{"v=spf1 include:amazonaws.com ~all"}, "v=spf1 include:amazonses.com ~all", "the name to include is amazonses.com, not amazonaws.com"},
		{bounces, []string{"v=spf1 include:amazoness.com ~all"}, "v=spf1 include:amazonses.com ~all", "the name to include is amazonses.com, not amazoness.com"},
		{bounces, []string{"v=spf1 include:https://amazonses.com ~all"}, "v=spf1 include:amazonses.com ~all", "is a URL"},
		{bounces, []string{"v=spf1 include:amazonses.com ~all v=spf1 include:amazonses.com ~all"}, "v=spf1 include:amazonses.com ~all", "two records were joined"},
		{listsA, []string{"v=spf1 include:a.test include:amazonaws.com ~all"}, "", "the name of Amazon SES is amazonses.com"},
		{"{spf: {includes: [a.test], exact: false}}", []string{"v=spf1 include:a.test include:amazonaws.com ~all"}, "v=spf1 include:a.test include:amazonses.com ~all", "the name of Amazon SES is amazonses.com"},
		{"{spf: [amazonses.com]}", []string{"v=spf1 ip4:54.240.8.17 include:ses.amazonaws.com ~all"}, "v=spf1 include:amazonses.com ~all", ""},
		{listsA, []string{"v=spf1 ip4:54.240.8.17 include:a.test ~all"}, "", "SES never sends with the domain itself"},
	} {
		t.Run(c.file+" "+strings.Join(c.live, " AND "), func(t *testing.T) {
			t.Parallel()
			name := record.Name("d.example")
			if c.file == bounces {
				name = "bounce.d.example"
			}
			before := findings(t, c.file, world(name, txtRecords(c.live...), record.TXT))
			got := toPublishIn(t, before)
			messages := ""
			for _, f := range before {
				messages += f.Text() + "\n"
			}
			if got != c.want || !strings.Contains(messages, c.says) {
				t.Errorf("%v\n got %q\nwant %q\nsays %s", checksIn(before), got, c.want, messages)
			}
			if got != "" {
				holds(t, c.file, name, before, got)
			}
		})
	}
}

// holds publishes a record: the findings that had it are gone, and no error came.
func holds(t *testing.T, file string, name record.Name, before []finding.Finding, text string) {
	t.Helper()
	after := findings(t, file, world(name, []record.Record{record.NewTXT(text)}, record.TXT))
	for _, f := range before {
		if len(f.Publish) > 0 && has(after, f) {
			t.Errorf("%s is still there with %s", f.Check, text)
		}
	}
	for _, f := range after {
		announced := slices.ContainsFunc(before, func(o finding.Finding) bool {
			return strings.Contains(o.Text(), "the next finding would be "+f.Check.ID)
		})
		if !has(before, f) && (f.Check.Severity == finding.Error || !announced) {
			t.Errorf("%s brings %s: %s", text, f.Check, f.Text())
		}
	}
}

// TestTypeSPF: a record of type SPF is published as TXT, and whether the question
// for it is answered does not matter.
func TestTypeSPF(t *testing.T) {
	t.Parallel()
	live := txtRecords("v=spf1 mx -all")
	live[0].Type = record.SPF
	fs := findings(t, listsA, world("d.example", live, record.SPF))
	if got := toPublishIn(t, fs); got != "v=spf1 mx include:a.test -all" || len(fs) != 1 || !strings.Contains(fs[0].Text(), "one of type SPF") || len(fs[0].Change.Remove) > 0 {
		t.Errorf("%q, %+v", got, fs)
	}
	w := world("d.example", nil, record.TXT)
	silent := judgetest.Answers(func(q record.Question) record.Answer {
		if q.Type == record.SPF {
			return judgetest.Failing(q)
		}
		return w(q)
	})
	fs = findings(t, listsA, silent)
	if got := toPublishIn(t, fs); got != "v=spf1 include:a.test ~all" || !slices.Equal(checksIn(fs), []*finding.Check{Missing}) {
		t.Errorf("%q, %+v", got, fs)
	}
	healthy := world("d.example", txtRecords("v=spf1 include:a.test -all"), record.TXT)
	asked := judgetest.Answers(func(q record.Question) record.Answer {
		if q.Type == record.SPF {
			t.Errorf("asked for %s", q)
		}
		return healthy(q)
	})
	findings(t, listsA, asked)
}

// TestNoSenderIsMissing: of records made of all kinds of terms, garbled and doubled,
// every live term is in the record to publish, or a finding names it.
func TestNoSenderIsMissing(t *testing.T) {
	t.Parallel()
	terms := []string{
		"a", "mx", "ip4:192.0.2.9", "ip6:2001:db8::1", "include:a.test", "include:b.test", "?include:b.test", "include:x.gone.test", "include:amazonses.com", "ip4:54.240.8.17",
		"exists:d.example", "ptr", "x-owner=mail", "exp=why.d.example", "include:typo.test", "~all", "-all", "inlcude:b.test", "ip4=192.0.2.7", "v=spf1", "redirect=_spf.d.example", "include:six.test",
	}
	files := []string{listsA, "{spf: {includes: [a.test, b.test], exact: false}}", "{spf: {includes: [], all: \"-all\"}}", "{spf: [amazonses.com]}", bounces}
	garble := []func(string) string{
		func(s string) string { return s },
		func(s string) string { return `"` + s + `"` },
		func(s string) string { return strings.Replace(s, "v=spf1 ", "v=spf1;", 1) },
		func(s string) string { return strings.Replace(s, " ", "\u00a0", 2) },
	}
	r := rand.New(rand.NewPCG(7208, 99))
	given := 0
	const cases = 500
	for range cases {
		var lives []string
		for range 1 + r.IntN(5)/4 {
			words := []string{"v=spf1"}
			for range 1 + r.IntN(7) {
				words = append(words, terms[r.IntN(len(terms))])
			}
			lives = append(lives, garble[r.IntN(len(garble))](strings.Join(words, " ")))
		}
		file := files[r.IntN(len(files))]
		name := record.Name("d.example")
		if file == bounces {
			name = "bounce.d.example"
		}
		before := findings(t, file, world(name, txtRecords(lives...), record.TXT))
		text := toPublishIn(t, before)
		if text == "" {
			continue
		}
		given++
		if p := spf.Parse(untrusted.New(text)); len(p.Problems) > 0 {
			t.Fatalf("%q is not valid: %v", text, p.Problems)
		}
		if missing := missingTerms(lives, text, before); len(missing) > 0 {
			t.Errorf("%s %q\nbecomes %q\nwithout %q, and nothing says so: %v", file, lives, text, missing, checksIn(before))
		}
		holds(t, file, name, before, text)
		if t.Failed() {
			t.Fatalf("%s %q", file, lives)
		}
	}
	if given < cases/2 {
		t.Errorf("a record is given for %d of %d", given, cases)
	}
}

// missingTerms are the terms of records that a record to publish does not have and
// that no finding names.
func missingTerms(lives []string, text string, reported []finding.Finding) (missing []string) {
	have := strings.Fields(text)
	records := slices.ContainsFunc(lives, func(s string) bool { return spf.Is(untrusted.New(s)) })
	for _, live := range lives {
		if records && !spf.Is(untrusted.New(live)) {
			continue // nobody reads what is garbled beside a record
		}
		restored, _ := spf.Restore(record.NewTXT(live))
		for t := range strings.FieldsSeq(restored.Text) {
			bare := strings.TrimLeft(t, "?+~-")
			_, target, _ := strings.Cut(bare, ":")
			named := func(f finding.Finding) bool {
				return strings.Contains(f.Text(), target) && target != "" || strings.Contains(f.Text(), t)
			}
			kept := func(h string) bool {
				return strings.TrimLeft(h, "?+~-") == bare || strings.Replace(t, "=", ":", 1) == h
			}
			switch {
			case bare == "all" || t == "v=spf1" || slices.ContainsFunc(have, kept):
			case slices.ContainsFunc(reported, named):
			case bare == "ip4:54.240.8.17" && slices.Contains(have, "include:amazonses.com"): // which has it
			default:
				missing = append(missing, t)
			}
		}
	}
	return missing
}

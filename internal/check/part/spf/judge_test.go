package spf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

// senders are the SPF records of names that those of the tables refer to.
const senders = `
	amazonses.com. TXT "v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 ip4:69.169.224.0/20 -all"
	a.test. TXT "v=spf1 ip4:192.0.2.1 -all"
	b.test. TXT "v=spf1 ip4:192.0.2.2 -all"
	ses.test. TXT "v=spf1 include:amazonses.com -all"
	open.test. TXT "v=spf1 +all"
	bad.test. TXT "v=spf1 ip4:x -all"
	two.test. TXT "v=spf1 -all"
	two.test. TXT "v=spf1 ~all"
	loop.test. TXT "v=spf1 include:loop.test -all"
	seven.test. TXT "v=spf1 a:a.test a:a.test a:a.test a:a.test a:a.test a:a.test a:a.test -all"
	to-a.test. TXT "v=spf1 redirect=a.test"
	endless.test. TXT "v=spf1 ip4:192.0.2.3"
	alias.test. CNAME x.gone.test.
	down.test. TXT TIMEOUT
	a.test. A 192.0.2.1
	none.test. A 192.0.2.1
`

// doubledBecomes is the change from records at example.com.example.com to one at
// example.com.
func doubledBecomes(want string, live ...string) string {
	var lines string
	for _, text := range live {
		lines += "-" + txtAt("example.com", text)
	}
	return lines + "+" + strings.TrimSpace(txtAt("@", want))
}

// txtAt are TXT records of a name of example.com; strings are separated by |.
func txtAt(name string, texts ...string) (lines string) {
	for _, text := range texts {
		lines += fmt.Sprintf("%s TXT \"%s\"\n", name, strings.ReplaceAll(text, "|", `" "`))
	}
	return lines
}

func TestJudgeSPF(t *testing.T) {
	t.Parallel()
	const (
		file = "spf: [a.test]"
		soft = `spf: {includes: [a.test], all: "-all"}`
		any  = "spf: {includes: [a.test], exact: false}"
	)
	spfAt := func(texts ...string) string { return txtAt("@", texts...) }
	becomes := func(old, text string) string { return "-" + spfAt(old) + "+" + spfAt(text) }
	all := []*finding.Check{
		Missing, Duplicate, Invalid, IncludeMissing, IncludeUnexpected, IncludeBroken, IncludeDangling, IncludeLoop, Lookups, LookupsHigh,
		VoidLookups, MXHosts, PassAll, All, AfterAll, TermIgnored, Ptr, Length, StringJoin, CopiedRanges,
	}
	seven := strings.Repeat(" include:a.test", 7)
	rows := []judgetest.Row{
		{
			What: "the record that the file asks for",
			File: file, Live: spfAt("v=spf1 include:a.test -all"),
			Near: all,
		}, {
			What: "nothing",
			File: file, Live: "@ A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Says: "example.com has no SPF record", Change: "+" + spfAt("v=spf1 include:a.test ~all")}},
			Near: []*finding.Check{Unwanted, part.NameDoubled},
		}, {
			What: "a record that nearly is one",
			File: file, Live: spfAt("v=spf1; include:a.test -all"),
			Want: []judgetest.Found{{Check: Missing, Says: "does not count:", Change: becomes("v=spf1; include:a.test -all", "v=spf1 include:a.test -all")}},
			Near: []*finding.Check{Invalid},
		}, {
			What: "strings that join at the version",
			File: file, Live: spfAt("v=spf1|include:a.test -all"),
			Want: []judgetest.Found{{Check: Missing, Says: "join without a space"}, {Check: StringJoin}},
		}, {
			What: "a record of type SPF",
			File: file, Live: "@ SPF \"v=spf1 include:a.test -all\"",
			Want: []judgetest.Found{{Check: Missing, Says: "there is one of type SPF, which receivers no longer read", Change: "+" + spfAt("v=spf1 include:a.test -all")}},
		}, {
			What: "no answer",
			File: file, Live: "@ TXT TIMEOUT",
			Want: judgetest.Inconclusive(all...),
		}, {
			What: "that lets everybody send, at the name with the domain twice",
			File: file, Live: txtAt("example.com", "v=spf1 include:a.test +all"),
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: doubledBecomes("v=spf1 include:a.test ~all", "v=spf1 include:a.test +all")}},
		}, {
			What: "without the include, at the name with the domain twice",
			File: file, Live: txtAt("example.com", "v=spf1 ip4:192.0.2.9 -all"),
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: doubledBecomes("v=spf1 ip4:192.0.2.9 include:a.test -all", "v=spf1 ip4:192.0.2.9 -all")}},
		}, {
			What: "with all first, at the name with the domain twice",
			File: file, Live: txtAt("example.com", "v=spf1 -all include:a.test"),
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: doubledBecomes("v=spf1 include:a.test -all", "v=spf1 -all include:a.test")}},
		}, {
			What: "in quotes, at the name with the domain twice",
			File: file, Live: txtAt("example.com", "\\\"v=spf1 include:a.test ip4:192.0.2.9 ~all\\\""),
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: doubledBecomes("v=spf1 include:a.test ip4:192.0.2.9 ~all", "\\\"v=spf1 include:a.test ip4:192.0.2.9 ~all\\\"")}},
		}, {
			What: "two, at the name with the domain twice",
			File: file, Live: txtAt("example.com", "v=spf1 include:a.test -all", "v=spf1 ip4:192.0.2.9 -all"),
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: doubledBecomes("v=spf1 include:a.test ip4:192.0.2.9 -all", "v=spf1 include:a.test -all", "v=spf1 ip4:192.0.2.9 -all")}},
		}, {
			What: "at the name with the domain twice",
			File: file, Live: txtAt("example.com", "v=spf1 include:a.test -all"),
			Want: []judgetest.Found{{Check: part.NameDoubled, Says: "with the domain appended once more"}},
			Near: []*finding.Check{Missing},
		}, {
			What: "none is wanted, and there is none",
			File: "spf: none", Live: "@ TXT x",
			Near: []*finding.Check{Unwanted, Missing},
		}, {
			What: "none is wanted, and no answer",
			File: "spf: none", Live: "@ TXT TIMEOUT",
			Want: judgetest.Inconclusive(Unwanted),
		}, {
			What: "none is wanted",
			File: "spf: none", Live: spfAt("v=spf1 -all"),
			Want: []judgetest.Found{{Check: Unwanted, Says: "has an SPF record, and the file says it has none", Change: "-" + spfAt("v=spf1 -all")}},
		}, {
			What: "none is wanted, and there are two",
			File: "spf: none", Live: spfAt("v=spf1 -all", "v=spf1 ~all"),
			Want: []judgetest.Found{{Check: Unwanted, Says: "has 2 SPF records", Change: "-" + spfAt("v=spf1 -all") + "-" + spfAt("v=spf1 ~all")}},
			Near: []*finding.Check{Duplicate},
		}, {
			What: "two records",
			File: file, Live: spfAt("v=spf1 include:a.test -all", "v=spf1 ip4:192.0.2.9 -all"),
			Want: []judgetest.Found{{Check: Duplicate, Says: "has 2 SPF records; with more than one, no mail passes SPF"}},
			Near: []*finding.Check{IncludeMissing},
		}, {
			What: "a record beside one of another kind",
			File: file, Live: spfAt("v=spf1 include:a.test -all", "v=spf10 x"),
			Near: []*finding.Check{Duplicate},
		}, {
			What: "a syntax error",
			File: file, Live: spfAt("v=spf1 include:a.test ip4:192.0.2 -all"),
			Want: []judgetest.Found{{Check: Invalid, Says: "has a syntax error"}},
			Near: []*finding.Check{IncludeMissing},
		}, {
			What: "six syntax errors",
			File: file, Live: spfAt("v=spf1 ip4:a ip4:b ip4:c ip4:d ip4:e ip4:f -all"),
			Want: []judgetest.Found{{Check: Invalid, Says: "and 1 more"}},
		}, {
			What: "strings that join to a syntax error",
			File: file, Live: spfAt("v=spf1 ip4:192.0.2.1|include:a.test -all"),
			Want: []judgetest.Found{{Check: Invalid, Says: "two strings join without a space at"}, {Check: StringJoin}},
		}, {
			What: "strings that join to another include",
			File: file, Live: spfAt("v=spf1 include:b.test|include:a.test -all"),
			Want: []judgetest.Found{
				{Check: StringJoin, Says: "join without a space at"},
				{Check: IncludeMissing, Says: "it runs into another term where two strings join"},
				{Check: IncludeBroken, Says: "leads nowhere: column 8"},
			},
		}, {
			What: "a long record in strings that are joined as they should be",
			File: file, Live: spfAt("v=spf1 include:a.test |-all"),
			Near: []*finding.Check{StringJoin, Invalid},
		}, {
			What: "another include",
			File: file, Live: spfAt("v=spf1 include:b.test ~all"),
			Want: []judgetest.Found{
				{Check: IncludeMissing, Subject: "a.test", Says: "does not include a.test", Change: becomes("v=spf1 include:b.test ~all", "v=spf1 include:b.test include:a.test ~all")},
				{Check: IncludeUnexpected, Subject: "b.test", Says: "includes \"b.test\", which the file does not list"},
			},
		}, {
			What: "another include, which does not pass",
			File: file, Live: spfAt("v=spf1 include:a.test -include:b.test ~all"),
			Want: []judgetest.Found{{Check: IncludeUnexpected, Subject: "b.test", Says: "the SPF record of example.com has \"-include:b.test\", which the file does not list: mail of \"b.test\" fails; if that is on purpose, set exact: false in the file\nthe include lets nobody send"}},
		}, {
			What: "another include, which gets softfail in the record of a redirect",
			File: "spf: [a.test]", Live: spfAt("v=spf1 include:a.test redirect=_r.example.com") + txtAt("_r", "v=spf1 ~include:b.test -all"),
			Want: []judgetest.Found{{Check: IncludeUnexpected, Subject: "b.test", Says: "has \"~include:b.test\", which the file does not list, through a redirect to the record of _r.example.com: mail of \"b.test\" gets softfail"}},
		}, {
			What: "another include beside it, which may be",
			File: any, Live: spfAt("v=spf1 include:a.test include:b.test ~all"),
			Near: []*finding.Check{IncludeUnexpected},
		}, {
			What: "the include within another",
			File: "spf: [a.test, to.test]", Live: spfAt("v=spf1 include:to.test ~all") + "to.test. TXT \"v=spf1 include:a.test -all\"",
			Want: []judgetest.Found{{Check: IncludeMissing, Says: "to.test does, but may stop"}},
		}, {
			What: "the include behind all",
			File: file, Live: spfAt("v=spf1 ~all include:a.test"),
			Want: []judgetest.Found{
				{Check: IncludeMissing, Says: "before the all term; receivers never read what comes after it", Change: becomes("v=spf1 ~all include:a.test", "v=spf1 include:a.test ~all")},
				{Check: AfterAll, Says: "never read in the SPF record of example.com: \"include:a.test\""},
			},
		}, {
			What: "the include as a modifier",
			File: file, Live: spfAt("v=spf1 include=a.test -all"),
			Want: []judgetest.Found{{Check: IncludeMissing, Says: "include=a.test"}},
			Near: []*finding.Check{TermIgnored},
		}, {
			What: "an include by a macro",
			File: file, Live: spfAt("v=spf1 include:a.test include:%{d}.b.test -all"),
			Want: []judgetest.Found{{Check: IncludeUnexpected, Subject: `\037\123d\125.b.test`}},
			Near: []*finding.Check{IncludeBroken},
		}, {
			What: "the record of a redirect",
			File: any, Live: spfAt("v=spf1 redirect=r.test") + "r.test. TXT \"v=spf1 include:a.test -all\"",
			Near: []*finding.Check{IncludeMissing, All},
		}, {
			What: "no answer from a redirect",
			File: soft, Live: spfAt("v=spf1 redirect=down.test"),
			Want: judgetest.Inconclusive(IncludeMissing, IncludeUnexpected, IncludeBroken, IncludeDangling, IncludeLoop, Lookups, LookupsHigh, VoidLookups, PassAll, All),
		}, {
			What: "an include without a record",
			File: any, Live: spfAt("v=spf1 include:a.test include:none.test -all"),
			Want: []judgetest.Found{{Check: IncludeBroken, Subject: "none.test", Says: "none.test has no SPF record, and the SPF record of example.com needs it: example.com > none.test"}},
			Near: []*finding.Check{IncludeDangling},
		}, {
			What: "an include with two records, and one with an error",
			File: any, Live: spfAt("v=spf1 include:a.test include:two.test include:bad.test -all"),
			Want: []judgetest.Found{
				{Check: IncludeBroken, Subject: "two.test", Says: "two.test has 2 SPF records"},
				{Check: IncludeBroken, Subject: "bad.test", Says: "the SPF record of bad.test has a syntax error"},
			},
		}, {
			What: "an include that does not exist, of a domain that does",
			File: any, Live: spfAt("v=spf1 include:a.test include:x.a.test -all"),
			Want: []judgetest.Found{{Check: IncludeBroken, Subject: "x.a.test", Says: "x.a.test does not exist"}},
			Near: []*finding.Check{IncludeDangling},
		}, {
			What: "an include of a domain that nobody has registered",
			File: any, Live: spfAt("v=spf1 include:a.test include:x.gone.test -all"),
			Want: []judgetest.Found{{Check: IncludeDangling, Subject: "x.gone.test", Says: "gone.test is not registered"}},
			Near: []*finding.Check{IncludeBroken},
		}, {
			What: "an include that leads there",
			File: any, Live: spfAt("v=spf1 include:a.test include:alias.test -all"),
			Want: []judgetest.Found{{Check: IncludeDangling, Says: "alias.test is a CNAME to x.gone.test, whose domain gone.test is not registered"}},
		}, {
			What: "no answer whether the domain of an include is registered",
			File: any, Live: spfAt("v=spf1 include:a.test include:x.lost.test -all") + "lost.test. SOA TIMEOUT",
			Want: []judgetest.Found{{Check: IncludeBroken, Subject: "x.lost.test"}, {Check: IncludeDangling, Open: true}},
		}, {
			What: "an include that is a URL",
			File: any, Live: spfAt("v=spf1 include:a.test include:https://b.test/ -all"),
			Want: []judgetest.Found{{Check: Invalid, Says: `probably "include:b.test" was meant`, Change: becomes("v=spf1 include:a.test include:https://b.test/ -all", "v=spf1 include:a.test include:b.test -all")}},
			Near: []*finding.Check{IncludeBroken},
		}, {
			What: "an include that goes round",
			File: any, Live: spfAt("v=spf1 include:a.test include:loop.test -all"),
			Want: []judgetest.Found{{Check: IncludeLoop, Subject: "loop.test", Says: "loop.test leads back to loop.test"}},
		}, {
			What: "the same include in two places",
			File: file, Live: spfAt("v=spf1 include:a.test include:a.test -all"),
			Near: []*finding.Check{IncludeLoop, IncludeUnexpected},
		}, {
			What: "eight lookups",
			File: file, Live: spfAt("v=spf1" + seven + " include:a.test -all"),
			Near: []*finding.Check{LookupsHigh},
		}, {
			What: "nine lookups",
			File: file, Live: spfAt("v=spf1" + seven + " include:a.test include:a.test -all"),
			Want: []judgetest.Found{{Check: LookupsHigh, Says: "needs 9 of its 10 DNS lookups"}},
		}, {
			What: "ten lookups",
			File: any, Live: spfAt("v=spf1 include:a.test include:seven.test include:a.test -all"),
			Want: []judgetest.Found{{Check: LookupsHigh, Says: `needs 10 of its 10 DNS lookups: "include:seven.test" 8`}},
			Near: []*finding.Check{Lookups},
		}, {
			What: "eleven lookups",
			File: any, Live: spfAt("v=spf1 include:a.test include:seven.test include:a.test include:a.test -all"),
			Want: []judgetest.Found{{Check: Lookups, Says: "needs 11 DNS lookups, and the limit is 10"}},
			Near: []*finding.Check{LookupsHigh},
		}, {
			What: "lookups that are at least so many",
			File: any, Live: spfAt("v=spf1" + seven + " include:a.test include:%{d}.b.test -all"),
			Want: []judgetest.Found{{Check: LookupsHigh, Says: "needs at least 9"}},
		}, {
			What: "two lookups without an answer",
			File: file, Live: spfAt("v=spf1 include:a.test a:x.a.test mx:none.test -all"),
			Near: []*finding.Check{VoidLookups},
		}, {
			What: "three lookups without an answer",
			File: file, Live: spfAt("v=spf1 include:a.test a:x.a.test mx:none.test exists:y.a.test -all"),
			Want: []judgetest.Found{{Check: VoidLookups, Says: `has 3 lookups without an answer, and the limit is 2: "a:x.a.test" in the record of example.com`}},
		}, {
			What: "no answer for a term",
			File: file, Live: spfAt("v=spf1 include:a.test a:lost.test -all") + "lost.test. A TIMEOUT\nlost.test. AAAA TIMEOUT",
			Want: judgetest.Inconclusive(VoidLookups),
		}, {
			What: "ten MX hosts",
			File: file, Live: spfAt("v=spf1 include:a.test mx:many.test -all") + mxHosts("many.test.", 10),
			Near: []*finding.Check{MXHosts},
		}, {
			What: "eleven MX hosts",
			File: file, Live: spfAt("v=spf1 include:a.test mx:many.test -all") + mxHosts("many.test.", 11),
			Want: []judgetest.Found{{Check: MXHosts, Says: "has more than 10 MX hosts"}},
		}, {
			What: "everybody",
			File: soft, Live: spfAt("v=spf1 include:a.test +all"),
			Want: []judgetest.Found{{Check: PassAll, Says: `ends in "+all": anybody may send`, Change: becomes("v=spf1 include:a.test +all", "v=spf1 include:a.test -all")}},
			Near: []*finding.Check{All},
		}, {
			What: "everybody by an include",
			File: any, Live: spfAt("v=spf1 include:a.test include:open.test -all"),
			Want: []judgetest.Found{{Check: PassAll, Subject: "open.test", Says: "includes open.test, which lets anybody send: example.com > open.test"}},
		}, {
			What: "everybody by an include that does not pass",
			File: any, Live: spfAt("v=spf1 include:a.test ?include:open.test -all"),
			Near: []*finding.Check{PassAll},
		}, {
			What: "everybody by a redirect",
			File: any, Live: spfAt("v=spf1 include:a.test redirect=open.test"),
			Want: []judgetest.Found{{Check: PassAll, Says: ", through a redirect to the record of open.test: anybody may send"}},
		}, {
			What: "half of all addresses",
			File: file, Live: spfAt("v=spf1 include:a.test ip4:0.0.0.0/1 -all"),
			Want: []judgetest.Found{{Check: PassAll, Says: "lets 50 % of all IPv4 addresses send"}},
		}, {
			What: "a quarter of all addresses",
			File: file, Live: spfAt("v=spf1 include:a.test ip4:0.0.0.0/2 -all"),
			Near: []*finding.Check{PassAll},
		}, {
			What: "all addresses, in an include",
			File: any, Live: spfAt("v=spf1 include:a.test include:wide.test -all") + "wide.test. TXT \"v=spf1 ip4:0.0.0.0/0 -all\"",
			Want: []judgetest.Found{{Check: PassAll, Subject: "wide.test", Says: "includes wide.test, which lets all IPv4 addresses send"}},
		}, {
			What: "all addresses, in the record of a redirect",
			File: any, Live: spfAt("v=spf1 include:a.test redirect=wide.test") + "wide.test. TXT \"v=spf1 ip4:0.0.0.0/0 -all\"",
			Want: []judgetest.Found{{Check: PassAll, Subject: "wide.test", Says: "through a redirect to the record of wide.test"}},
		}, {
			What: "an include that does not pass",
			File: file, Live: spfAt("v=spf1 ~include:a.test -all"),
			Want: []judgetest.Found{{Check: IncludeMissing, Subject: "a.test", Says: "gets softfail", Change: becomes("v=spf1 ~include:a.test -all", "v=spf1 include:a.test -all")}},
		}, {
			What: "an include that does not pass, in the record of a redirect",
			File: file, Live: spfAt("v=spf1 redirect=_r.example.com") + txtAt("_r", "v=spf1 -include:a.test -all"),
			Want: []judgetest.Found{{Check: IncludeMissing, Says: "through a redirect to the record of _r.example.com, does not pass", Change: becomes("v=spf1 redirect=_r.example.com", "v=spf1 include:a.test redirect=_r.example.com")}},
		}, {
			What: "a garbled record of one's own, which a redirect leads to",
			File: file, Live: spfAt("v=spf1 redirect=_r.example.com") + txtAt("_r", "v=spf1; ip4:192.0.2.9 include:a.test -all"),
			Want: []judgetest.Found{
				{Check: IncludeMissing, Says: "no record is shown, because the record of _r.example.com, to which it redirects, must be corrected first\n\nCorrect the record of _r.example.com first", Change: judgetest.Unchanged},
				{Check: IncludeBroken, Says: "after v=spf1 comes a space", Change: "-" + txtAt("_r", "v=spf1; ip4:192.0.2.9 include:a.test -all") + "+" + txtAt("_r", "v=spf1 ip4:192.0.2.9 include:a.test -all")},
			},
		}, {
			What: "a record of one's own with an error, in an include",
			File: any, Live: spfAt("v=spf1 include:a.test include:_r.example.com -all") + txtAt("_r", "v=spf1 ip4:192.0.2 -all"),
			Want: []judgetest.Found{{Check: IncludeBroken, Says: "Correct the record of _r.example.com, which is yours.", Change: judgetest.Unchanged}},
		}, {
			What: "two records of one's own, in an include",
			File: any, Live: spfAt("v=spf1 include:a.test include:_r.example.com -all") + txtAt("_r", "v=spf1 ip4:192.0.2.7 -all", "v=spf1 ip4:192.0.2.8 -all"),
			Want: []judgetest.Found{{Check: IncludeBroken, Says: "has 2 SPF records", Change: "-" + txtAt("_r", "v=spf1 ip4:192.0.2.7 -all") + "-" + txtAt("_r", "v=spf1 ip4:192.0.2.8 -all") + "+" + txtAt("_r", "v=spf1 ip4:192.0.2.7 ip4:192.0.2.8 -all")}},
		}, {
			What: "strings that join at the ending",
			File: file, Live: spfAt("v=spf1 include:a.test a:a.test|-all"),
			Want: []judgetest.Found{{Check: StringJoin}, {Check: All, Says: "two strings join without a space"}},
		}, {
			What: "another ending",
			File: soft, Live: spfAt("v=spf1 include:a.test ~all"),
			Want: []judgetest.Found{{Check: All, Says: `ends in "~all"; the file says -all`, Change: becomes("v=spf1 include:a.test ~all", "v=spf1 include:a.test -all")}},
		}, {
			What: "no ending",
			File: file, Live: spfAt("v=spf1 include:a.test"),
			Want: []judgetest.Found{{Check: All, Says: "has no all at its end: mail from other senders is neutral", Change: becomes("v=spf1 include:a.test", "v=spf1 include:a.test ~all")}},
		}, {
			What: "no ending in the record of a redirect",
			File: any, Live: spfAt("v=spf1 include:a.test redirect=endless.test"),
			Want: []judgetest.Found{{Check: All, Says: "has no all at its end, through a redirect to the record of endless.test"}},
		}, {
			What: "an ending that the file does not give",
			File: file, Live: spfAt("v=spf1 include:a.test ?all"),
			Near: []*finding.Check{All},
		}, {
			What: "two endings",
			File: file, Live: spfAt("v=spf1 include:a.test ~all -all"),
			Want: []judgetest.Found{{Check: AfterAll, Says: `"~all" counts, and "-all" is never read`}},
		}, {
			What: "a redirect beside all",
			File: file, Live: spfAt("v=spf1 include:a.test -all redirect=b.test"),
			Want: []judgetest.Found{{Check: AfterAll, Says: `"redirect=b.test"`}},
		}, {
			What: "two records in one",
			File: file, Live: spfAt("v=spf1 include:a.test -all v=spf1 ip4:192.0.2.9 -all"),
			Want: []judgetest.Found{{Check: AfterAll, Says: "v=spf1 appears twice: two records were joined"}},
			Near: []*finding.Check{TermIgnored},
		}, {
			What: "a term that receivers ignore",
			File: file, Live: spfAt("v=spf1 include:a.test ip4=192.0.2.9 -all"),
			Want: []judgetest.Found{{Check: TermIgnored, Says: "ip4=192.0.2.9"}},
		}, {
			What: "six terms that receivers ignore",
			File: file, Live: spfAt("v=spf1 include:a.test ip4=192.0.2.9 ip4=192.0.2.8 ip4=192.0.2.7 ip4=192.0.2.6 ip4=192.0.2.5 ip4=192.0.2.4 -all"),
			Want: []judgetest.Found{{Check: TermIgnored, Says: "and 1 more"}},
		}, {
			What: "five terms that receivers ignore, the last of them named",
			File: file, Live: spfAt("v=spf1 include:a.test ip4=192.0.2.9 ip4=192.0.2.8 ip4=192.0.2.7 ip4=192.0.2.6 ip4=192.0.2.5 -all"),
			Want: []judgetest.Found{{Check: TermIgnored, Says: "ip4=192.0.2.5"}},
		}, {
			What: "ptr",
			File: file, Live: spfAt("v=spf1 include:a.test ptr -all"),
			Want: []judgetest.Found{{Check: Ptr, Says: `uses "ptr"`}},
		}, {
			What: "450 octets with the name",
			File: file, Live: spfAt(spfOf(450 - len("example.com"))),
			Near: []*finding.Check{Length},
		}, {
			What: "451 octets with the name",
			File: file, Live: spfAt(spfOf(451 - len("example.com"))),
			Want: []judgetest.Found{{Check: Length, Says: "has 451 bytes with its name"}},
		}, {
			What: "a copy of a range of SES",
			File: file, Live: spfAt("v=spf1 include:a.test ip4:54.240.0.0/18 -all"),
			Want: []judgetest.Found{{Check: CopiedRanges, Says: `ranges of Amazon SES: "ip4:54.240.0.0/18"; SES never sends with the domain itself`}},
		}, {
			What: "a copy of a range of SES beside the include, which the file lists",
			File: "spf: [a.test, amazonses.com]", Live: spfAt("v=spf1 include:a.test include:amazonses.com ip4:54.240.0.0/18 -all"),
			Want: []judgetest.Found{{Check: CopiedRanges, Says: "\"ip4:54.240.0.0/18\"\n"}},
		}, {
			What: "a copy of a range of SES in a record of one's own",
			File: any, Live: spfAt("v=spf1 include:a.test include:_s.example.com -all") + txtAt("_s", "v=spf1 ip4:54.240.0.0/18 ip4:192.0.2.1 -all"),
			Want: []judgetest.Found{{Check: CopiedRanges, Subject: "_s.example.com", Says: "Remove the copies from the record of _s.example.com, or replace them", Change: judgetest.Unchanged}},
		}, {
			What: "a copy of a range of SES in a vendor's record",
			File: any, Live: spfAt("v=spf1 include:a.test include:copies.test -all") + "copies.test. TXT \"v=spf1 ip4:54.240.0.0/18 -all\"\n",
			Near: []*finding.Check{CopiedRanges},
		}, {
			What: "the include is in a record next to it that is none",
			File: "spf: [a.test, b.test]", Live: spfAt("v=spf1 include:a.test -all", "v=spf include:b.test -all"),
			Want: []judgetest.Found{{Check: IncludeMissing, Subject: "b.test", Says: `; "v=spf include:b.test -all" next to it does, but is not an SPF record: it does not begin with v=spf1`}},
		}, {
			What: "five syntax errors",
			File: file, Live: spfAt("v=spf1 include:a.test m1 m2 m3 m4 m5 -all"),
			Want: []judgetest.Found{{Check: Invalid, Says: `column 35: "m5": there is no mechanism "m5"; no record`}},
		}, {
			What: "six of them",
			File: file, Live: spfAt("v=spf1 include:a.test m1 m2 m3 m4 m5 m6 -all"),
			Want: []judgetest.Found{{Check: Invalid, Says: `"m5"; and 1 more; no record`}},
		}, {
			What: "as it was locked",
			File: file, Locked: "ip4:192.0.2.1 -all", Live: spfAt("v=spf1 include:a.test -all"),
			Near: []*finding.Check{UpstreamChanged},
		}, {
			What: "another than was locked",
			File: file, Locked: "ip4:192.0.2.7 -all", Live: spfAt("v=spf1 include:a.test -all"),
			Want: []judgetest.Found{{Check: UpstreamChanged, Subject: "a.test", Says: "a.test (a.test) has changed since it was locked on 0001-01-01: added ip4:192.0.2.1; removed ip4:192.0.2.7;"}},
		},
	}
	rows = append(rows, mailFromSPF...)
	for i := range rows {
		rows[i].Live += "\n" + senders
	}
	judgetest.Judged(t, &Part, []*finding.Check{part.NameDoubled}, rows)
}

// mailFromSPF are the rows about the record of a MAIL FROM name.
var mailFromSPF = []judgetest.Row{
	{
		What: "MAIL FROM: SES's include",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:amazonses.com -all"),
		Near: []*finding.Check{SESUnauthorized, Missing, IncludeUnexpected},
	}, {
		What: "MAIL FROM: nothing",
		File: bounce, Live: "bounce A 192.0.2.1\n",
		Want: []judgetest.Found{{Check: Missing, Change: "+" + txtAt("bounce", "v=spf1 include:amazonses.com ~all")}},
	}, {
		What: "MAIL FROM: within another include, which the file does not list",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:ses.test -all"),
		Near: []*finding.Check{SESUnauthorized, IncludeUnexpected},
	}, {
		What: "MAIL FROM: another include",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:a.test -all"),
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: "MAIL FROM name bounce.example.com does not authorise Amazon SES", Change: "-" + txtAt("bounce", "v=spf1 include:a.test -all") + "+" + txtAt("bounce", "v=spf1 include:a.test include:amazonses.com -all")}},
	}, {
		What: "of another sender, by a wildcard's CNAME",
		File: bounce, Live: "* CNAME x.test.\nx.test. TXT \"v=spf1 ip4:192.0.2.7 -all\"",
		Want: []judgetest.Found{{Check: SESUnauthorized, Change: "+" + txtAt("bounce", "v=spf1 ip4:192.0.2.7 include:amazonses.com -all")}},
	}, {
		What: "nothing, and a wildcard's CNAME",
		File: bounce, Live: "* CNAME x.test.",
		Want: []judgetest.Found{{Check: Missing, Change: "+" + txtAt("bounce", "v=spf1 include:amazonses.com ~all")}},
	}, {
		What:   "the record below the parent domain",
		Domain: "mail.example.com",
		File:   bounce, Live: "bounce TXT \"v=spf1 include:amazonses.com ~all\"",
		Want: []judgetest.Found{{Check: Missing, Says: "it stands at bounce.example.com instead", Change: "+bounce.mail TXT \"v=spf1 include:amazonses.com ~all\""}},
	}, {
		What:   "a garbled record below the parent domain",
		Domain: "mail.example.com",
		File:   bounce, Live: "bounce TXT \"v=spf1; include:amazonses.com ~all\"",
		Want: []judgetest.Found{{Check: Missing, Says: "it stands at bounce.example.com instead", Change: "+bounce.mail TXT \"v=spf1 include:amazonses.com ~all\""}},
	}, {
		What:   "another record below the parent domain",
		Domain: "mail.example.com",
		File:   bounce, Live: "bounce TXT \"v=spf1 include:a.test ~all\"",
		Want: []judgetest.Found{{Check: Missing, Says: "bounce.mail.example.com has no SPF record\n"}},
	}, {
		What:   "a wildcard's record below the parent domain",
		Domain: "mail.example.com",
		File:   bounce, Live: "* TXT \"v=spf1 include:amazonses.com ~all\"\nmail A 192.0.2.1",
		Want: []judgetest.Found{{Check: Missing, Says: "bounce.mail.example.com has no SPF record\n"}},
	}, {
		What:   "no answer below the parent domain",
		Domain: "mail.example.com",
		File:   bounce, Live: "bounce TXT TIMEOUT",
		Want: []judgetest.Found{{Check: Missing, Says: "bounce.mail.example.com has no SPF record\n"}},
	}, {
		What: "nothing behind a CNAME beside a wildcard's",
		File: bounce, Live: "* CNAME x.test.\nbounce CNAME y.test.",
		Want: []judgetest.Found{{Check: Missing, Change: judgetest.Unchanged}},
	}, {
		What: "MAIL FROM: SES behind an include by a macro, which may shut it out",
		File: bounce, Live: txtAt("bounce", "v=spf1 -include:%{i}.a.test include:amazonses.com -all"),
		Near: []*finding.Check{SESUnauthorized},
	}, {
		What: "MAIL FROM: SES behind an include by a macro, which may let it in",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:%{i}.a.test include:amazonses.com -all"),
		Near: []*finding.Check{SESUnauthorized},
	}, {
		What: "MAIL FROM: an include by a macro, and SES shut out behind it",
		File: bounce, Live: txtAt("bounce", "v=spf1 ?include:%{i}.a.test -include:amazonses.com -all"),
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: `"-include:amazonses.com" does not pass`}},
	}, {
		What: "MAIL FROM: an include by a macro, and nothing else",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:%{i}.a.test -all"),
		Near: []*finding.Check{SESUnauthorized},
	}, {
		What: "MAIL FROM: no answer from an include, and nothing else",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:down.test -all"),
		Want: judgetest.Inconclusive(SESUnauthorized, IncludeBroken, IncludeDangling, IncludeLoop, Lookups, LookupsHigh, VoidLookups, PassAll),
	}, {
		What: "MAIL FROM: SES behind all",
		File: bounce, Live: txtAt("bounce", "v=spf1 -all include:amazonses.com"),
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: "include:amazonses.com comes after the all term, so receivers never read it"}, {Check: AfterAll}},
	}, {
		What: "MAIL FROM: neutral",
		File: bounce, Live: txtAt("bounce", "v=spf1 ?include:amazonses.com -all"),
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: `"?include:amazonses.com" does not pass`}},
	}, {
		What: "MAIL FROM: neutral, and listed",
		File: "region: eu-west-1, mail_from: {name: bounce, spf: [amazonses.com]}", Live: txtAt("bounce", "v=spf1 ?include:amazonses.com -all"),
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: `"?include:amazonses.com" does not pass`}},
		Near: []*finding.Check{IncludeMissing},
	}, {
		What: "MAIL FROM: a part of SES is shut out",
		File: bounce, Live: txtAt("bounce", "v=spf1 -ip4:54.240.8.0/24 include:amazonses.com -all"),
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: "matches some of its addresses first, and does not pass"}, {Check: CopiedRanges}},
	}, {
		What: "MAIL FROM: a host of SES is shut out",
		File: bounce, Live: txtAt("bounce", "v=spf1 -a:sends.test include:amazonses.com -all") + "sends.test. A 54.240.8.9\n",
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: "mail from some addresses of SES does not pass SPF"}},
	}, {
		What: "MAIL FROM: all is shut out",
		File: bounce, Live: txtAt("bounce", "v=spf1 -ip4:0.0.0.0/0 include:amazonses.com -all"),
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: `"-ip4:0.0.0.0/0" matches its addresses first`}},
	}, {
		What: "MAIL FROM: copies of ranges of SES",
		File: bounce, Live: txtAt("bounce", "v=spf1 ip4:54.240.0.0/18 -all"),
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: "it has copies of the address ranges instead"}, {Check: CopiedRanges, Says: `"ip4:54.240.0.0/18"`}},
	}, {
		What: "MAIL FROM: all ranges of SES, in an include",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:_s.example.com -all") + txtAt("_s", "v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 ip4:69.169.224.0/20 -all"),
		Want: []judgetest.Found{{Check: CopiedRanges, Subject: "_s.example.com", Says: "that of bounce.example.com leads to it: bounce.example.com > _s.example.com"}},
		Near: []*finding.Check{SESUnauthorized},
	}, {
		What: "MAIL FROM: larger networks than those of SES",
		File: bounce, Live: txtAt("bounce", "v=spf1 ip4:199.0.0.0/8 ip4:54.240.0.0/16 ip4:69.169.0.0/16 -all"),
		Near: []*finding.Check{SESUnauthorized},
	}, {
		What: "MAIL FROM: some ranges of SES, in an include",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:_s.example.com -all") + txtAt("_s", "v=spf1 ip4:54.240.0.0/18 -all"),
		Want: []judgetest.Found{
			{Check: SESUnauthorized, Says: "mail from some addresses of SES does not pass SPF"},
			{Check: CopiedRanges, Subject: "_s.example.com", Says: "Replace the copies in the record of _s.example.com with include:amazonses.com.", Change: judgetest.Unchanged},
		},
	}, {
		What: "MAIL FROM: the wrong name of SES",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:amazonaws.com -all") + "amazonaws.com. A 192.0.2.1\n",
		Want: []judgetest.Found{{Check: SESUnauthorized, Says: "the name to include is amazonses.com, not amazonaws.com"}, {Check: IncludeBroken, Says: "the name of Amazon SES is amazonses.com"}},
	}, {
		What: "MAIL FROM: SES behind an error",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:none.test include:amazonses.com -all"),
		Want: []judgetest.Found{{Check: IncludeBroken, Says: "mail from Amazon SES does not pass now"}},
		Near: []*finding.Check{SESUnauthorized},
	}, {
		What: "MAIL FROM: SES before an error",
		File: bounce, Live: txtAt("bounce", "v=spf1 include:amazonses.com include:none.test -all"),
		Want: []judgetest.Found{{Check: IncludeBroken}},
		Near: []*finding.Check{SESUnauthorized},
	}, {
		What: "MAIL FROM: another include than the file lists",
		File: "region: eu-west-1, mail_from: {name: bounce, spf: {includes: [a.test]}}", Live: txtAt("bounce", "v=spf1 include:amazonses.com include:b.test -all"),
		Want: []judgetest.Found{{Check: IncludeMissing, Subject: "a.test"}, {Check: IncludeUnexpected, Subject: "b.test"}},
	},
}

const bounce = "region: eu-west-1, mail_from: bounce"

// mxHosts are n MX records, with the hosts.
func mxHosts(name string, n int) (lines string) {
	for i := range n {
		lines += fmt.Sprintf("%s MX 10 h%d.%s\nh%[2]d.%[3]s A 192.0.2.%[2]d\n", name, i, name)
	}
	return lines
}

// spfOf is a valid record of n octets, in strings.
func spfOf(n int) string {
	text := "v=spf1 include:a.test"
	for len(text)+len(" ip4:192.0.2.100") <= n-len(" -all") {
		text += " ip4:192.0.2.100"
	}
	text += strings.Repeat(" ", n-len(" -all")-len(text)) + " -all"
	return text[:200] + "|" + text[200:400] + "|" + text[400:]
}

// TestImpossible: more includes than lookups are wrong without a look at DNS, and
// so is a record that includes itself.
func TestImpossible(t *testing.T) {
	t.Parallel()
	list := func(n int) (names []string) {
		for i := range n {
			names = append(names, fmt.Sprintf("i%d.test", i))
		}
		return names
	}
	for _, c := range []struct {
		file string
		want string
	}{
		{"{spf: [" + strings.Join(list(10), ", ") + "]}", ""},
		{"{spf: [" + strings.Join(list(11), ", ") + "]}", "spf-lookups: the file lists 11 includes for the SPF record of example.com, but a record may need at most 10 DNS lookups"},
		{"{region: eu-west-1, mail_from: {name: bounce, spf: [" + strings.Join(list(9), ", ") + "]}}", ""},
		{"{region: eu-west-1, mail_from: {name: bounce, spf: [" + strings.Join(list(10), ", ") + "]}}", "spf-lookups: the file lists 11 includes for the SPF record of bounce.example.com, but a record may need at most 10 DNS lookups"},
		{"{region: eu-west-1, mail_from: {name: bounce, spf: [amazonses.com, " + strings.Join(list(9), ", ") + "]}}", ""},
		{"{spf: [example.com, a.test]}", "spf-include-loop: example.com is listed as an include of itself"},
		{"{spf: none}", ""},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains: {example.com: "+c.file+"}\n")
		var got []string
		for _, f := range Part.WithoutDNS(&f.Domains[0]) {
			got = append(got, f.Check.ID+": "+f.Message)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %s, want %s", c.file, s, c.want)
		}
	}
}

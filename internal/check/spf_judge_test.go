package check

import (
	"fmt"
	"strings"
	"testing"
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
	all := []*Check{
		SPFMissing, SPFDuplicate, SPFInvalid, SPFIncludeMissing, SPFIncludeUnexpected, SPFIncludeBroken, SPFIncludeDangling, SPFIncludeLoop, SPFLookups, SPFLookupsHigh,
		SPFVoidLookups, SPFMXHosts, SPFPassAll, SPFAll, SPFAfterAll, SPFTermIgnored, SPFPtr, SPFLength, SPFStringJoin, SPFCopiedRanges,
	}
	seven := strings.Repeat(" include:a.test", 7)
	rows := []row{
		{
			what: "the record that the file asks for",
			file: file, live: spfAt("v=spf1 include:a.test -all"),
			near: all,
		}, {
			what: "nothing",
			file: file, live: "@ A 192.0.2.1",
			want: []found{{check: SPFMissing, says: "example.com has no SPF record", change: "+" + spfAt("v=spf1 include:a.test ~all")}},
			near: []*Check{SPFUnwanted, NameDoubled},
		}, {
			what: "a record that nearly is one",
			file: file, live: spfAt("v=spf1; include:a.test -all"),
			want: []found{{check: SPFMissing, says: "is none:", change: becomes("v=spf1; include:a.test -all", "v=spf1 include:a.test -all")}},
			near: []*Check{SPFInvalid},
		}, {
			what: "strings that join at the version",
			file: file, live: spfAt("v=spf1|include:a.test -all"),
			want: []found{{check: SPFMissing, says: "join without a space"}, {check: SPFStringJoin}},
		}, {
			what: "a record of type SPF",
			file: file, live: "@ SPF \"v=spf1 include:a.test -all\"",
			want: []found{{check: SPFMissing, says: "there is one of type SPF, which nobody reads any more", change: "+" + spfAt("v=spf1 include:a.test -all")}},
		}, {
			what: "no answer",
			file: file, live: "@ TXT TIMEOUT",
			want: inconclusive(all...),
		}, {
			what: "at the name with the domain twice",
			file: file, live: txtAt("example.com", "v=spf1 include:a.test -all"),
			want: []found{{check: NameDoubled, says: "with the domain appended once more"}},
			near: []*Check{SPFMissing},
		}, {
			what: "none is wanted, and there is none",
			file: "spf: none", live: "@ TXT x",
			near: []*Check{SPFUnwanted, SPFMissing},
		}, {
			what: "none is wanted, and no answer",
			file: "spf: none", live: "@ TXT TIMEOUT",
			want: inconclusive(SPFUnwanted),
		}, {
			what: "none is wanted",
			file: "spf: none", live: spfAt("v=spf1 -all"),
			want: []found{{check: SPFUnwanted, says: "has an SPF record, and the file says it has none", change: "-" + spfAt("v=spf1 -all")}},
		}, {
			what: "none is wanted, and there are two",
			file: "spf: none", live: spfAt("v=spf1 -all", "v=spf1 ~all"),
			want: []found{{check: SPFUnwanted, says: "has 2 SPF records", change: "-" + spfAt("v=spf1 -all") + "-" + spfAt("v=spf1 ~all")}},
			near: []*Check{SPFDuplicate},
		}, {
			what: "two records",
			file: file, live: spfAt("v=spf1 include:a.test -all", "v=spf1 ip4:192.0.2.9 -all"),
			want: []found{{check: SPFDuplicate, says: "has 2 SPF records; with more than one, no mail passes SPF"}},
			near: []*Check{SPFIncludeMissing},
		}, {
			what: "a record beside one of another kind",
			file: file, live: spfAt("v=spf1 include:a.test -all", "v=spf10 x"),
			near: []*Check{SPFDuplicate},
		}, {
			what: "a syntax error",
			file: file, live: spfAt("v=spf1 include:a.test ip4:192.0.2 -all"),
			want: []found{{check: SPFInvalid, says: "has a syntax error"}},
			near: []*Check{SPFIncludeMissing},
		}, {
			what: "six syntax errors",
			file: file, live: spfAt("v=spf1 ip4:a ip4:b ip4:c ip4:d ip4:e ip4:f -all"),
			want: []found{{check: SPFInvalid, says: "and 1 more"}},
		}, {
			what: "strings that join to a syntax error",
			file: file, live: spfAt("v=spf1 ip4:192.0.2.1|include:a.test -all"),
			want: []found{{check: SPFInvalid, says: "two strings join without a space at"}, {check: SPFStringJoin}},
		}, {
			what: "strings that join to another include",
			file: file, live: spfAt("v=spf1 include:b.test|include:a.test -all"),
			want: []found{
				{check: SPFStringJoin, says: "join without a space at"},
				{check: SPFIncludeMissing, says: "it runs into another term where two strings join"},
				{check: SPFIncludeBroken, says: "leads nowhere: column 8"},
			},
		}, {
			what: "a long record in strings that are joined as they should be",
			file: file, live: spfAt("v=spf1 include:a.test |-all"),
			near: []*Check{SPFStringJoin, SPFInvalid},
		}, {
			what: "another include",
			file: file, live: spfAt("v=spf1 include:b.test ~all"),
			want: []found{
				{check: SPFIncludeMissing, subject: "a.test", says: "does not include a.test", change: becomes("v=spf1 include:b.test ~all", "v=spf1 include:b.test include:a.test ~all")},
				{check: SPFIncludeUnexpected, subject: "b.test", says: "includes \"b.test\", which the file does not list"},
			},
		}, {
			what: "another include beside it, which may be",
			file: any, live: spfAt("v=spf1 include:a.test include:b.test ~all"),
			near: []*Check{SPFIncludeUnexpected},
		}, {
			what: "the include within another",
			file: "spf: [a.test, to.test]", live: spfAt("v=spf1 include:to.test ~all") + "to.test. TXT \"v=spf1 include:a.test -all\"",
			want: []found{{check: SPFIncludeMissing, says: "to.test does, but may stop"}},
		}, {
			what: "the include behind all",
			file: file, live: spfAt("v=spf1 ~all include:a.test"),
			want: []found{
				{check: SPFIncludeMissing, says: "before all; what comes after all is never read", change: becomes("v=spf1 ~all include:a.test", "v=spf1 include:a.test ~all")},
				{check: SPFAfterAll, says: "never read in the SPF record of example.com: \"include:a.test\""},
			},
		}, {
			what: "the include as a modifier",
			file: file, live: spfAt("v=spf1 include=a.test -all"),
			want: []found{{check: SPFIncludeMissing, says: "include=a.test"}},
			near: []*Check{SPFTermIgnored},
		}, {
			what: "an include by a macro",
			file: file, live: spfAt("v=spf1 include:a.test include:%{d}.b.test -all"),
			want: []found{{check: SPFIncludeUnexpected, subject: `\037\123d\125.b.test`}},
			near: []*Check{SPFIncludeBroken},
		}, {
			what: "the record of a redirect",
			file: any, live: spfAt("v=spf1 redirect=r.test") + "r.test. TXT \"v=spf1 include:a.test -all\"",
			near: []*Check{SPFIncludeMissing, SPFAll},
		}, {
			what: "no answer from a redirect",
			file: soft, live: spfAt("v=spf1 redirect=down.test"),
			want: inconclusive(SPFIncludeMissing, SPFIncludeUnexpected, SPFIncludeBroken, SPFIncludeDangling, SPFIncludeLoop, SPFLookups, SPFLookupsHigh, SPFVoidLookups, SPFPassAll, SPFAll),
		}, {
			what: "an include without a record",
			file: any, live: spfAt("v=spf1 include:a.test include:none.test -all"),
			want: []found{{check: SPFIncludeBroken, subject: "none.test", says: "none.test has no SPF record, and the SPF record of example.com needs it: example.com > none.test"}},
			near: []*Check{SPFIncludeDangling},
		}, {
			what: "an include with two records, and one with an error",
			file: any, live: spfAt("v=spf1 include:a.test include:two.test include:bad.test -all"),
			want: []found{
				{check: SPFIncludeBroken, subject: "two.test", says: "two.test has 2 SPF records"},
				{check: SPFIncludeBroken, subject: "bad.test", says: "the SPF record of bad.test has a syntax error"},
			},
		}, {
			what: "an include that does not exist, of a domain that does",
			file: any, live: spfAt("v=spf1 include:a.test include:x.a.test -all"),
			want: []found{{check: SPFIncludeBroken, subject: "x.a.test", says: "x.a.test does not exist"}},
			near: []*Check{SPFIncludeDangling},
		}, {
			what: "an include of a domain that nobody has registered",
			file: any, live: spfAt("v=spf1 include:a.test include:x.gone.test -all"),
			want: []found{{check: SPFIncludeDangling, subject: "x.gone.test", says: "gone.test is registered by nobody"}},
			near: []*Check{SPFIncludeBroken},
		}, {
			what: "an include that leads there",
			file: any, live: spfAt("v=spf1 include:a.test include:alias.test -all"),
			want: []found{{check: SPFIncludeDangling, says: "alias.test is a CNAME to x.gone.test, whose domain gone.test is registered by nobody"}},
		}, {
			what: "no answer whether the domain of an include is registered",
			file: any, live: spfAt("v=spf1 include:a.test include:x.lost.test -all") + "lost.test. SOA TIMEOUT",
			want: []found{{check: SPFIncludeBroken, subject: "x.lost.test"}, {check: SPFIncludeDangling, open: true}},
		}, {
			what: "an include that is a URL",
			file: any, live: spfAt("v=spf1 include:a.test include:https://b.test/ -all"),
			want: []found{{check: SPFInvalid, says: `probably "include:b.test" was meant`, change: becomes("v=spf1 include:a.test include:https://b.test/ -all", "v=spf1 include:a.test include:b.test -all")}},
			near: []*Check{SPFIncludeBroken},
		}, {
			what: "an include that goes round",
			file: any, live: spfAt("v=spf1 include:a.test include:loop.test -all"),
			want: []found{{check: SPFIncludeLoop, subject: "loop.test", says: "loop.test leads back to loop.test"}},
		}, {
			what: "the same include in two places",
			file: file, live: spfAt("v=spf1 include:a.test include:a.test -all"),
			near: []*Check{SPFIncludeLoop, SPFIncludeUnexpected},
		}, {
			what: "eight lookups",
			file: file, live: spfAt("v=spf1" + seven + " include:a.test -all"),
			near: []*Check{SPFLookupsHigh},
		}, {
			what: "nine lookups",
			file: file, live: spfAt("v=spf1" + seven + " include:a.test include:a.test -all"),
			want: []found{{check: SPFLookupsHigh, says: "needs 9 of its 10 DNS lookups"}},
		}, {
			what: "ten lookups",
			file: any, live: spfAt("v=spf1 include:a.test include:seven.test include:a.test -all"),
			want: []found{{check: SPFLookupsHigh, says: `needs 10 of its 10 DNS lookups: "include:seven.test" 8`}},
			near: []*Check{SPFLookups},
		}, {
			what: "eleven lookups",
			file: any, live: spfAt("v=spf1 include:a.test include:seven.test include:a.test include:a.test -all"),
			want: []found{{check: SPFLookups, says: "needs 11 DNS lookups, and 10 are allowed"}},
			near: []*Check{SPFLookupsHigh},
		}, {
			what: "lookups that are at least so many",
			file: any, live: spfAt("v=spf1" + seven + " include:a.test include:%{d}.b.test -all"),
			want: []found{{check: SPFLookupsHigh, says: "needs at least 9"}},
		}, {
			what: "two lookups without an answer",
			file: file, live: spfAt("v=spf1 include:a.test a:x.a.test mx:none.test -all"),
			near: []*Check{SPFVoidLookups},
		}, {
			what: "three lookups without an answer",
			file: file, live: spfAt("v=spf1 include:a.test a:x.a.test mx:none.test exists:y.a.test -all"),
			want: []found{{check: SPFVoidLookups, says: `has 3 lookups without an answer, and 2 are allowed: "a:x.a.test" in the record of example.com`}},
		}, {
			what: "no answer for a term",
			file: file, live: spfAt("v=spf1 include:a.test a:lost.test -all") + "lost.test. A TIMEOUT\nlost.test. AAAA TIMEOUT",
			want: inconclusive(SPFVoidLookups),
		}, {
			what: "ten MX hosts",
			file: file, live: spfAt("v=spf1 include:a.test mx:many.test -all") + mxHosts("many.test.", 10),
			near: []*Check{SPFMXHosts},
		}, {
			what: "eleven MX hosts",
			file: file, live: spfAt("v=spf1 include:a.test mx:many.test -all") + mxHosts("many.test.", 11),
			want: []found{{check: SPFMXHosts, says: "leads to more than the 10 MX hosts that are allowed"}},
		}, {
			what: "everybody",
			file: soft, live: spfAt("v=spf1 include:a.test +all"),
			want: []found{{check: SPFPassAll, says: `ends in "+all": everybody may send`, change: becomes("v=spf1 include:a.test +all", "v=spf1 include:a.test -all")}},
			near: []*Check{SPFAll},
		}, {
			what: "everybody by an include",
			file: any, live: spfAt("v=spf1 include:a.test include:open.test -all"),
			want: []found{{check: SPFPassAll, subject: "open.test", says: "includes open.test, which lets everybody send: example.com > open.test"}},
		}, {
			what: "everybody by an include that does not pass",
			file: any, live: spfAt("v=spf1 include:a.test ?include:open.test -all"),
			near: []*Check{SPFPassAll},
		}, {
			what: "everybody by a redirect",
			file: any, live: spfAt("v=spf1 include:a.test redirect=open.test"),
			want: []found{{check: SPFPassAll, says: ", by its redirect in the record of open.test: everybody may send"}},
		}, {
			what: "half of all addresses",
			file: file, live: spfAt("v=spf1 include:a.test ip4:0.0.0.0/1 -all"),
			want: []found{{check: SPFPassAll, says: "lets 50 % of all IPv4 addresses send"}},
		}, {
			what: "a quarter of all addresses",
			file: file, live: spfAt("v=spf1 include:a.test ip4:0.0.0.0/2 -all"),
			near: []*Check{SPFPassAll},
		}, {
			what: "all addresses, in an include",
			file: any, live: spfAt("v=spf1 include:a.test include:wide.test -all") + "wide.test. TXT \"v=spf1 ip4:0.0.0.0/0 -all\"",
			want: []found{{check: SPFPassAll, subject: "wide.test", says: "includes wide.test, which lets all IPv4 addresses send"}},
		}, {
			what: "all addresses, in the record of a redirect",
			file: any, live: spfAt("v=spf1 include:a.test redirect=wide.test") + "wide.test. TXT \"v=spf1 ip4:0.0.0.0/0 -all\"",
			want: []found{{check: SPFPassAll, subject: "wide.test", says: "by its redirect in the record of wide.test"}},
		}, {
			what: "another ending",
			file: soft, live: spfAt("v=spf1 include:a.test ~all"),
			want: []found{{check: SPFAll, says: `ends in "~all"; the file says -all`, change: becomes("v=spf1 include:a.test ~all", "v=spf1 include:a.test -all")}},
		}, {
			what: "no ending",
			file: file, live: spfAt("v=spf1 include:a.test"),
			want: []found{{check: SPFAll, says: "has no all at its end: mail from anywhere is neutral", change: becomes("v=spf1 include:a.test", "v=spf1 include:a.test ~all")}},
		}, {
			what: "no ending in the record of a redirect",
			file: any, live: spfAt("v=spf1 include:a.test redirect=endless.test"),
			want: []found{{check: SPFAll, says: "has no all at its end, by its redirect in the record of endless.test"}},
		}, {
			what: "an ending that the file does not give",
			file: file, live: spfAt("v=spf1 include:a.test ?all"),
			near: []*Check{SPFAll},
		}, {
			what: "two endings",
			file: file, live: spfAt("v=spf1 include:a.test ~all -all"),
			want: []found{{check: SPFAfterAll, says: `"~all" counts, and "-all" is never read`}},
		}, {
			what: "a redirect beside all",
			file: file, live: spfAt("v=spf1 include:a.test -all redirect=b.test"),
			want: []found{{check: SPFAfterAll, says: `"redirect=b.test"`}},
		}, {
			what: "two records in one",
			file: file, live: spfAt("v=spf1 include:a.test -all v=spf1 ip4:192.0.2.9 -all"),
			want: []found{{check: SPFAfterAll, says: "v=spf1 is there twice: two records became one"}},
			near: []*Check{SPFTermIgnored},
		}, {
			what: "a term that receivers ignore",
			file: file, live: spfAt("v=spf1 include:a.test ip4=192.0.2.9 -all"),
			want: []found{{check: SPFTermIgnored, says: "ip4=192.0.2.9"}},
		}, {
			what: "six terms that receivers ignore",
			file: file, live: spfAt("v=spf1 include:a.test ip4=192.0.2.9 ip4=192.0.2.8 ip4=192.0.2.7 ip4=192.0.2.6 ip4=192.0.2.5 ip4=192.0.2.4 -all"),
			want: []found{{check: SPFTermIgnored, says: "and 1 more"}},
		}, {
			what: "five terms that receivers ignore, the last of them named",
			file: file, live: spfAt("v=spf1 include:a.test ip4=192.0.2.9 ip4=192.0.2.8 ip4=192.0.2.7 ip4=192.0.2.6 ip4=192.0.2.5 -all"),
			want: []found{{check: SPFTermIgnored, says: "ip4=192.0.2.5"}},
		}, {
			what: "ptr",
			file: file, live: spfAt("v=spf1 include:a.test ptr -all"),
			want: []found{{check: SPFPtr, says: `uses "ptr"`}},
		}, {
			what: "450 octets with the name",
			file: file, live: spfAt(spfOf(450 - len("example.com"))),
			near: []*Check{SPFLength},
		}, {
			what: "451 octets with the name",
			file: file, live: spfAt(spfOf(451 - len("example.com"))),
			want: []found{{check: SPFLength, says: "has 451 octets with its name"}},
		}, {
			what: "a copy of a range of SES",
			file: file, live: spfAt("v=spf1 include:a.test ip4:54.240.0.0/18 -all"),
			want: []found{{check: SPFCopiedRanges, says: `ranges of Amazon SES: "ip4:54.240.0.0/18"; SES never sends with the domain itself`}},
		}, {
			what: "a copy of a range of SES beside the include, which the file lists",
			file: "spf: [a.test, amazonses.com]", live: spfAt("v=spf1 include:a.test include:amazonses.com ip4:54.240.0.0/18 -all"),
			want: []found{{check: SPFCopiedRanges, says: "\"ip4:54.240.0.0/18\"\n"}},
		}, {
			what: "as it was locked",
			file: file, locked: "ip4:192.0.2.1 -all", live: spfAt("v=spf1 include:a.test -all"),
			near: []*Check{SPFUpstreamChanged},
		}, {
			what: "another than was locked",
			file: file, locked: "ip4:192.0.2.7 -all", live: spfAt("v=spf1 include:a.test -all"),
			want: []found{{check: SPFUpstreamChanged, subject: "a.test", says: "a.test (a.test) is not as it was locked on 0001-01-01: added ip4:192.0.2.1; removed ip4:192.0.2.7;"}},
		},
	}
	rows = append(rows, mailFromSPF...)
	for i := range rows {
		rows[i].live += "\n" + senders
	}
	judged(t, &spfPart, []*Check{NameDoubled}, rows)
}

// mailFromSPF are the rows about the record of a MAIL FROM name.
var mailFromSPF = []row{
	{
		what: "MAIL FROM: SES's include",
		file: bounce, live: txtAt("bounce", "v=spf1 include:amazonses.com -all"),
		near: []*Check{SPFSESUnauthorized, SPFMissing, SPFIncludeUnexpected},
	}, {
		what: "MAIL FROM: nothing",
		file: bounce, live: "bounce A 192.0.2.1\n",
		want: []found{{check: SPFMissing, change: "+" + txtAt("bounce", "v=spf1 include:amazonses.com ~all")}},
	}, {
		what: "MAIL FROM: within another include, which the file does not list",
		file: bounce, live: txtAt("bounce", "v=spf1 include:ses.test -all"),
		near: []*Check{SPFSESUnauthorized, SPFIncludeUnexpected},
	}, {
		what: "MAIL FROM: another include",
		file: bounce, live: txtAt("bounce", "v=spf1 include:a.test -all"),
		want: []found{{check: SPFSESUnauthorized, says: "MAIL FROM name bounce.example.com does not authorise Amazon SES", change: "-" + txtAt("bounce", "v=spf1 include:a.test -all") + "+" + txtAt("bounce", "v=spf1 include:a.test include:amazonses.com -all")}},
	}, {
		what: "MAIL FROM: SES behind an include by a macro, which may shut it out",
		file: bounce, live: txtAt("bounce", "v=spf1 -include:%{i}.a.test include:amazonses.com -all"),
		near: []*Check{SPFSESUnauthorized},
	}, {
		what: "MAIL FROM: SES behind an include by a macro, which may let it in",
		file: bounce, live: txtAt("bounce", "v=spf1 include:%{i}.a.test include:amazonses.com -all"),
		near: []*Check{SPFSESUnauthorized},
	}, {
		what: "MAIL FROM: an include by a macro, and SES shut out behind it",
		file: bounce, live: txtAt("bounce", "v=spf1 ?include:%{i}.a.test -include:amazonses.com -all"),
		want: []found{{check: SPFSESUnauthorized, says: `"-include:amazonses.com" does not pass`}},
	}, {
		what: "MAIL FROM: an include by a macro, and nothing else",
		file: bounce, live: txtAt("bounce", "v=spf1 include:%{i}.a.test -all"),
		near: []*Check{SPFSESUnauthorized},
	}, {
		what: "MAIL FROM: no answer from an include, and nothing else",
		file: bounce, live: txtAt("bounce", "v=spf1 include:down.test -all"),
		want: inconclusive(SPFSESUnauthorized, SPFIncludeBroken, SPFIncludeDangling, SPFIncludeLoop, SPFLookups, SPFLookupsHigh, SPFVoidLookups, SPFPassAll),
	}, {
		what: "MAIL FROM: SES behind all",
		file: bounce, live: txtAt("bounce", "v=spf1 -all include:amazonses.com"),
		want: []found{{check: SPFSESUnauthorized, says: "include:amazonses.com is behind all, and never read"}, {check: SPFAfterAll}},
	}, {
		what: "MAIL FROM: neutral",
		file: bounce, live: txtAt("bounce", "v=spf1 ?include:amazonses.com -all"),
		want: []found{{check: SPFSESUnauthorized, says: `"?include:amazonses.com" does not pass`}},
	}, {
		what: "MAIL FROM: a part of SES is shut out",
		file: bounce, live: txtAt("bounce", "v=spf1 -ip4:54.240.8.0/24 include:amazonses.com -all"),
		want: []found{{check: SPFSESUnauthorized, says: "matches some of its addresses first, and does not pass"}, {check: SPFCopiedRanges}},
	}, {
		what: "MAIL FROM: a host of SES is shut out",
		file: bounce, live: txtAt("bounce", "v=spf1 -a:sends.test include:amazonses.com -all") + "sends.test. A 54.240.8.9\n",
		want: []found{{check: SPFSESUnauthorized, says: "SPF does not pass for mail from some of the addresses of SES"}},
	}, {
		what: "MAIL FROM: all is shut out",
		file: bounce, live: txtAt("bounce", "v=spf1 -ip4:0.0.0.0/0 include:amazonses.com -all"),
		want: []found{{check: SPFSESUnauthorized, says: `"-ip4:0.0.0.0/0" matches its addresses first`}},
	}, {
		what: "MAIL FROM: copies of ranges of SES",
		file: bounce, live: txtAt("bounce", "v=spf1 ip4:54.240.0.0/18 -all"),
		want: []found{{check: SPFSESUnauthorized, says: "it has copies of its address ranges instead"}, {check: SPFCopiedRanges, says: `"ip4:54.240.0.0/18"`}},
	}, {
		what: "MAIL FROM: the wrong name of SES",
		file: bounce, live: txtAt("bounce", "v=spf1 include:amazonaws.com -all") + "amazonaws.com. A 192.0.2.1\n",
		want: []found{{check: SPFSESUnauthorized, says: "the name to include is amazonses.com, not amazonaws.com"}, {check: SPFIncludeBroken, says: "the name of Amazon SES is amazonses.com"}},
	}, {
		what: "MAIL FROM: SES behind an error",
		file: bounce, live: txtAt("bounce", "v=spf1 include:none.test include:amazonses.com -all"),
		want: []found{{check: SPFIncludeBroken, says: "mail of Amazon SES does not pass now"}},
		near: []*Check{SPFSESUnauthorized},
	}, {
		what: "MAIL FROM: SES before an error",
		file: bounce, live: txtAt("bounce", "v=spf1 include:amazonses.com include:none.test -all"),
		want: []found{{check: SPFIncludeBroken}},
		near: []*Check{SPFSESUnauthorized},
	}, {
		what: "MAIL FROM: another include than the file lists",
		file: "region: eu-west-1, mail_from: {name: bounce, spf: {includes: [a.test]}}", live: txtAt("bounce", "v=spf1 include:amazonses.com include:b.test -all"),
		want: []found{{check: SPFIncludeMissing, subject: "a.test"}, {check: SPFIncludeUnexpected, subject: "b.test"}},
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

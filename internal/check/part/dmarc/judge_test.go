package dmarc

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

func TestJudgeDMARC(t *testing.T) {
	t.Parallel()
	const (
		none   = "dmarc: none"
		reject = "dmarc: reject"
		agrees = "\nexample.com._report._dmarc.elsewhere.test. TXT v=DMARC1"
		silent = "\nexample.com._report._dmarc.elsewhere.test. TXT TIMEOUT"
		signed = "region: eu-west-1, dkim: [aaaa], "
	)
	dmarcAt := func(tags string) string { return `_dmarc TXT "v=DMARC1; ` + tags + `"` }
	becomes := func(old, tags string) string { return "-" + dmarcAt(old) + "\n+" + dmarcAt(tags) }
	all := []*finding.Check{Missing, Duplicate, Invalid, Policy, Alignment, ReportInvalid, TagInvalid, ReportUnauthorized}
	judgetest.Judged(t, &Part, []*finding.Check{part.NameDoubled}, []judgetest.Row{
		{
			What: "a record as the file asks",
			File: reject, Live: dmarcAt("p=reject"),
			Near: all,
		}, {
			What: "a policy stricter than the file asks",
			File: "dmarc: quarantine", Live: dmarcAt("p=reject"),
			Near: []*finding.Check{Policy},
		}, {
			What: "nothing",
			File: reject, Live: "@ A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Says: "there is none at _dmarc.example.com, and none at the parent domains", Change: "+" + dmarcAt("p=reject")}},
			Near: []*finding.Check{part.NameDoubled, Policy},
		}, {
			What: "a record that nearly is one",
			File: reject, Live: `_dmarc TXT "v=dmarc1; p=reject"`,
			Want: []judgetest.Found{{Check: Missing, Says: "does not count:", Change: `-_dmarc TXT "v=dmarc1; p=reject"` + "\n+" + dmarcAt("p=reject")}},
			Near: []*finding.Check{Invalid, TagInvalid},
		}, {
			What:   "a record above that nearly is one",
			Domain: "mail.example.com", File: reject, Live: `_dmarc TXT "v=DMARC1 p=reject; rua=mailto:d@example.com"`,
			Want: []judgetest.Found{{Check: Missing, Says: "there is one at _dmarc.example.com that receivers do not see; \"v=DMARC1 p=reject; rua=mailto:d@example.com\" does not count: ", Change: `+_dmarc.mail TXT "v=DMARC1; p=reject"`}},
		}, {
			What:   "a record above in quotes",
			Domain: "mail.example.com", File: reject, Live: `_dmarc TXT "\"v=DMARC1; p=reject\""`,
			Want: []judgetest.Found{{Check: Missing, Says: "there is one at _dmarc.example.com that receivers do not see"}},
		}, {
			What:   "another text above",
			Domain: "mail.example.com", File: reject, Live: `_dmarc TXT "hello"`,
			Want: []judgetest.Found{{Check: Missing, Says: "that receivers look at\n"}},
		}, {
			What: "no answer",
			File: reject, Live: "_dmarc TXT TIMEOUT",
			Want: judgetest.Inconclusive(all...),
		}, {
			What: "nothing, and no answer above",
			File: reject, Live: "@ A 192.0.2.1\n_dmarc.com. TXT TIMEOUT",
			Want: judgetest.Inconclusive(all...),
		}, {
			What: "no answer, and a tag that the file lists",
			File: "dmarc: {aspf: s}", Live: "_dmarc TXT TIMEOUT",
			Want: judgetest.Inconclusive(Missing, Duplicate, Invalid, Mismatch, Alignment, ReportInvalid, TagInvalid, ReportUnauthorized),
		}, {
			What: "at the name with the domain twice",
			File: reject, Live: `_dmarc.example.com TXT "v=DMARC1; p=reject"`,
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: `-_dmarc.example.com TXT "v=DMARC1; p=reject"` + "\n+" + dmarcAt("p=reject")}},
			Near: []*finding.Check{Missing},
		}, {
			What: "another text at the name with the domain twice",
			File: reject, Live: `_dmarc.example.com TXT "v=spf1 -all"`,
			Want: []judgetest.Found{{Check: Missing}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "at the domain itself",
			File: none, Live: `@ TXT "v=DMARC1; p=reject"`,
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at example.com instead", Change: `-@ TXT "v=DMARC1; p=reject"` + "\n+" + dmarcAt("p=reject")}},
		}, {
			What: "without the underscore",
			File: none, Live: `dmarc TXT "v=DMARC1; p=none"`,
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at dmarc.example.com instead"}},
		}, {
			What: "a wildcard, without the underscore",
			File: none, Live: "*.www TXT x\n" + `* TXT "v=DMARC1 p=none"`,
			Want: []judgetest.Found{{Check: Missing, Says: "is none"}},
		}, {
			What: "a wildcard that answers without the underscore",
			File: none, Live: "_dmarc A 192.0.2.1\n" + `* TXT "v=DMARC1; p=none"`,
			Want: []judgetest.Found{{Check: Missing, Says: "that receivers look at\n"}},
		}, {
			What: "another text without the underscore",
			File: none, Live: "dmarc TXT x",
			Want: []judgetest.Found{{Check: Missing, Says: "that receivers look at\n"}},
		}, {
			What: "a CNAME to nothing",
			File: none, Live: "_dmarc CNAME example.net.",
			Want: []judgetest.Found{{Check: Missing, Says: "and none at the parent domains", Change: "-_dmarc CNAME example.net.\n+" + dmarcAt("p=none")}},
		}, {
			What: "two records",
			File: none, Live: dmarcAt("p=none") + "\n" + dmarcAt("p=reject"),
			Want: []judgetest.Found{{Check: Duplicate, Says: "has 2 DMARC records; receivers use none of them, and no policy applies"}},
			Near: []*finding.Check{Missing, Invalid},
		}, {
			What: "two records, and no answer above",
			File: none, Live: dmarcAt("p=none") + "\n" + dmarcAt("p=reject") + "\n_dmarc.com. TXT TIMEOUT",
			Want: []judgetest.Found{{Check: Duplicate, Says: "it is not known which policy applies"}},
		}, {
			What: "a record beside another text",
			File: none, Live: dmarcAt("p=none") + "\n_dmarc TXT x",
			Near: []*finding.Check{Duplicate},
		}, {
			What: "no policy",
			File: none, Live: dmarcAt("sp=reject"),
			Want: []judgetest.Found{{Check: Invalid, Says: "cannot be applied"}},
			Near: []*finding.Check{TagInvalid, Policy},
		}, {
			What: "no policy, and an address for reports",
			File: none, Live: dmarcAt("rua=mailto:d@example.com"),
			Near: []*finding.Check{Invalid, TagInvalid},
		}, {
			What: "no policy, an address for reports, and a policy is wanted",
			File: reject, Live: dmarcAt("rua=mailto:d@example.com"),
			Want: []judgetest.Found{{Check: Policy, Says: "receivers read the record as p=none, because there is no p tag", Change: becomes("rua=mailto:d@example.com", "p=reject; rua=mailto:d@example.com")}},
			Near: []*finding.Check{TagInvalid},
		}, {
			What: "a weaker policy",
			File: reject, Live: dmarcAt("p=quarantine"),
			Want: []judgetest.Found{{Check: Policy, Says: "is quarantine, weaker than reject", Change: becomes("p=quarantine", "p=reject")}},
		}, {
			What: "a policy that is being tested",
			File: reject, Live: dmarcAt("p=reject; t=y"),
			Want: []judgetest.Found{{Check: Policy, Says: "p=reject is published, and t=y lowers it by one step", Change: becomes("p=reject; t=y", "p=reject")}},
		}, {
			What: "a policy that is being tested and still strict enough",
			File: "dmarc: quarantine", Live: dmarcAt("p=reject; t=y"),
			Near: []*finding.Check{Policy},
		}, {
			What: "no policy is wanted",
			File: "dmarc: {aspf: r}", Live: dmarcAt("p=none"),
			Near: []*finding.Check{Policy, Mismatch},
		}, {
			What: "a policy that nobody reads, and reports",
			File: none, Live: dmarcAt("p=rejct; rua=mailto:d@example.com"),
			Want: []judgetest.Found{{Check: TagInvalid, Subject: "p", Says: "receivers read the DMARC record of example.com as p=none, because they cannot read p", Change: becomes("p=rejct; rua=mailto:d@example.com", "p=reject; rua=mailto:d@example.com")}},
		}, {
			What: "tags as the file lists them",
			File: "dmarc: {policy: none, subdomain_policy: reject, np: reject, aspf: s, adkim: s, rua: [\"mailto:d@example.com\"]}",
			Live: dmarcAt("p=none; sp=reject; aspf=s; adkim=s; rua=mailto:d@EXAMPLE.com"),
			Near: []*finding.Check{Mismatch},
		}, {
			What: "tags that are not there",
			File: "dmarc: {policy: none, subdomain_policy: reject, np: quarantine, aspf: s, adkim: s, rua: [\"mailto:d@example.com\"]}",
			Live: dmarcAt("p=none"),
			Want: []judgetest.Found{
				{Check: Mismatch, Subject: "sp", Says: "sp is none in the DMARC record of example.com; the file says reject", Change: becomes("p=none", "p=none; sp=reject; np=quarantine; aspf=s; adkim=s; rua=mailto:d@example.com")},
				{Check: Mismatch, Subject: "np"}, {Check: Mismatch, Subject: "aspf"}, {Check: Mismatch, Subject: "adkim"},
				{Check: Mismatch, Subject: "rua mailto:d@example.com", Says: "sends no reports to mailto:d@example.com"},
			},
		}, {
			What: "np is another than sp",
			File: "dmarc: {np: reject}", Live: dmarcAt("p=none; sp=reject; np=quarantine"),
			Want: []judgetest.Found{{Check: Mismatch, Subject: "np", Says: "np is quarantine"}},
		}, {
			What: "another address for reports",
			File: "dmarc: {rua: [\"mailto:d@example.com\"]}", Live: dmarcAt("p=none; rua=mailto:e@example.com"),
			Want: []judgetest.Found{{Check: Mismatch, Change: becomes("p=none; rua=mailto:e@example.com", "p=none; rua=mailto:e@example.com,mailto:d@example.com")}},
		}, {
			What: "neither DKIM nor a MAIL FROM name",
			File: "region: eu-west-1, dkim: none, dmarc: none", Live: dmarcAt("p=none"),
			Want: []judgetest.Found{{Check: Alignment, Subject: "eu-west-1", Says: "without a custom MAIL FROM domain SPF passes for amazonses.com", Change: judgetest.Unchanged}},
		}, {
			What: "no DKIM, and a MAIL FROM name",
			File: "region: eu-west-1, dkim: none, mail_from: bounce, dmarc: none", Live: dmarcAt("p=none"),
			Near: []*finding.Check{Alignment},
		}, {
			What: "no DKIM, and a MAIL FROM name under aspf=s",
			File: "region: eu-west-1, dkim: none, mail_from: bounce, dmarc: none", Live: dmarcAt("p=none; aspf=s; adkim=s; fo=1"),
			Want: []judgetest.Found{{Check: Alignment, Says: "MAIL FROM bounce.example.com does not align with aspf=s; turn on Easy DKIM in SES, or remove aspf=s", Change: becomes("p=none; aspf=s; adkim=s; fo=1", "p=none; adkim=s; fo=1")}},
		}, {
			What: "no DKIM, a MAIL FROM name under aspf=s, and a weak policy",
			File: "region: eu-west-1, dkim: none, mail_from: bounce, dmarc: reject", Live: dmarcAt("p=none; aspf=s"),
			Want: []judgetest.Found{{Check: Alignment, Change: becomes("p=none; aspf=s", "p=reject")}, {Check: Policy, Change: becomes("p=none; aspf=s", "p=reject")}},
		}, {
			What: "no DKIM, and a MAIL FROM name under aspf=s, which the file wants",
			File: "region: eu-west-1, dkim: none, mail_from: bounce, dmarc: {policy: none, aspf: s}", Live: dmarcAt("p=none; aspf=s"),
			Want: []judgetest.Found{{Check: Alignment, Says: "or remove aspf=s from the DMARC record of example.com", Change: judgetest.Unchanged}},
		}, {
			What: "no DKIM in one of two identities, and no MAIL FROM name in the second",
			File: "dmarc: none, identities: [{region: eu-west-1, dkim: none, mail_from: bounce}, {region: us-east-1, dkim: none}]", Live: dmarcAt("p=none; aspf=s"),
			Want: []judgetest.Found{{Check: Alignment, Subject: "eu-west-1", Change: becomes("p=none; aspf=s", "p=none")}, {Check: Alignment, Subject: "us-east-1", Change: judgetest.Unchanged}},
		}, {
			What:   "no DKIM, and a MAIL FROM name under an inherited aspf=s",
			Domain: "mail.example.com", File: "region: eu-west-1, dkim: none, mail_from: bounce, dmarc: none", Live: dmarcAt("p=none; aspf=s"),
			Want: []judgetest.Found{{Check: Alignment, Says: "or remove aspf=s from the DMARC record of example.com", Change: judgetest.Unchanged}},
		}, {
			What: "DKIM, without a MAIL FROM name, under both strict modes",
			File: signed + none, Live: dmarcAt("p=none; aspf=s; adkim=s"),
			Near: []*finding.Check{Alignment},
		}, {
			What: "DKIM is not listed",
			File: "region: eu-west-1, dmarc: none", Live: dmarcAt("p=none; aspf=s"),
			Near: []*finding.Check{Alignment},
		}, {
			What: "one of two identities signs",
			File: "dmarc: none, identities: [{region: eu-west-1, dkim: [aaaa]}, {region: us-east-1, dkim: none}]", Live: dmarcAt("p=none"),
			Want: []judgetest.Found{{Check: Alignment, Subject: "us-east-1", Says: "in us-east-1 cannot pass DMARC"}},
		}, {
			What: "mailto: is missing",
			File: none, Live: dmarcAt("p=none; rua=d@example.com"),
			Want: []judgetest.Found{{Check: ReportInvalid, Subject: "rua", Says: "nobody receives reports about example.com", Change: becomes("p=none; rua=d@example.com", "p=none; rua=mailto:d@example.com")}},
		}, {
			What: "mailto: is missing at one of two",
			File: none, Live: dmarcAt("p=none; rua=mailto:e@example.com,d@example.com"),
			Want: []judgetest.Found{{Check: ReportInvalid, Says: "not every address gets the reports"}},
		}, {
			What: "mailto: is missing of failure reports",
			File: none, Live: dmarcAt("p=none; rua=mailto:e@example.com; ruf=d@example.com"),
			Want: []judgetest.Found{{Check: ReportInvalid, Subject: "ruf", Says: "nobody receives failure reports"}},
		}, {
			What: "a mode as a word",
			File: none, Live: dmarcAt("p=none; aspf=strict"),
			Want: []judgetest.Found{{Check: TagInvalid, Subject: "aspf", Says: "receivers ignore aspf in the DMARC record of example.com and use aspf=r", Change: becomes("p=none; aspf=strict", "p=none; aspf=s")}},
		}, {
			What: "sp that nobody reads",
			File: none, Live: dmarcAt("p=none; sp=rejct; rua=mailto:d@example.com"),
			Want: []judgetest.Found{{Check: TagInvalid, Subject: "sp", Says: "because they cannot read sp"}},
		}, {
			What: "a policy of which it is not certain what was meant, and the strictest is wanted",
			File: reject, Live: dmarcAt("p=strict; rua=mailto:d@example.com"),
			Want: []judgetest.Found{{Check: Policy, Change: becomes("p=strict; rua=mailto:d@example.com", "p=reject; rua=mailto:d@example.com")}},
		}, {
			What: "aspf=s is wanted, and no DKIM",
			File: "region: eu-west-1, dkim: none, mail_from: bounce, dmarc: {aspf: s}", Live: dmarcAt("p=none"),
			Want: []judgetest.Found{{Check: Mismatch, Says: "with aspf=s, mail through SES could not pass DMARC", Change: judgetest.Unchanged}},
		}, {
			What: "aspf=s is wanted, and DKIM",
			File: "region: eu-west-1, dkim: [aaaa], mail_from: bounce, dmarc: {aspf: s}", Live: dmarcAt("p=none"),
			Want: []judgetest.Found{{Check: Mismatch, Change: becomes("p=none", "p=none; aspf=s")}},
		}, {
			What: "np that nobody reads",
			File: none, Live: dmarcAt("p=none; np=rejct; rua=mailto:d@example.com"),
			Want: []judgetest.Found{{Check: TagInvalid, Subject: "np", Says: "because they cannot read np"}},
		}, {
			What: "a policy that is being tested and still strict enough, and another tag",
			File: "dmarc: {policy: quarantine, aspf: s}", Live: dmarcAt("p=reject; t=y"),
			Want: []judgetest.Found{{Check: Mismatch, Subject: "aspf", Change: becomes("p=reject; t=y", "p=reject; t=y; aspf=s")}},
		}, {
			What: "options for failure reports that nobody reads, and no such reports",
			File: none, Live: dmarcAt("p=none; fo=x"),
			Near: []*finding.Check{TagInvalid},
		}, {
			What: "options for failure reports that nobody reads",
			File: none, Live: dmarcAt("p=none; fo=x; ruf=mailto:d@example.com"),
			Want: []judgetest.Found{{Check: TagInvalid, Subject: "fo", Says: "use fo=0"}},
		}, {
			What: "a tag that nobody knows",
			File: none, Live: dmarcAt("p=none; x=y"),
			Near: []*finding.Check{TagInvalid},
		}, {
			What: "pct=0",
			File: reject, Live: dmarcAt("p=reject; pct=0"),
			Want: []judgetest.Found{{Check: TagInvalid, Subject: "pct", Says: "apply p=reject to all mail", Change: becomes("p=reject; pct=0", "p=reject")}},
		}, {
			What: "pct=0, of a policy that the file does not ask for",
			File: none, Live: dmarcAt("p=reject; pct=000"),
			Want: []judgetest.Found{{Check: TagInvalid, Subject: "pct", Says: "Remove pct to apply the policy", Change: judgetest.Unchanged}},
		}, {
			What: "pct=0, of no policy",
			File: none, Live: dmarcAt("p=none; pct=0"),
			Near: []*finding.Check{TagInvalid},
		}, {
			What: "pct=10",
			File: reject, Live: dmarcAt("p=reject; pct=10"),
			Near: []*finding.Check{TagInvalid},
		}, {
			What: "reports to a host that has agreed",
			File: none, Live: dmarcAt("p=none; rua=mailto:d@elsewhere.test") + agrees,
			Near: []*finding.Check{ReportUnauthorized},
		}, {
			What: "reports to a host that has not agreed",
			File: none, Live: dmarcAt("p=none; rua=mailto:d@elsewhere.test"),
			Want: []judgetest.Found{{Check: ReportUnauthorized, Subject: "elsewhere.test", Says: "no v=DMARC1 record at example.com._report._dmarc.elsewhere.test", Change: judgetest.Unchanged}},
		}, {
			What: "another text where a host agrees",
			File: none, Live: dmarcAt("p=none; ruf=mailto:d@elsewhere.test") + "\nexample.com._report._dmarc.elsewhere.test. TXT yes",
			Want: []judgetest.Found{{Check: ReportUnauthorized}},
		}, {
			What: "two addresses at one host, and a third",
			File: none, Live: dmarcAt("p=none; rua=mailto:d@elsewhere.test,mailto:e@elsewhere.test; ruf=mailto:f@there.test"),
			Want: []judgetest.Found{{Check: ReportUnauthorized, Subject: "elsewhere.test"}, {Check: ReportUnauthorized, Subject: "there.test"}},
		}, {
			What: "no answer from the host",
			File: none, Live: dmarcAt("p=none; rua=mailto:d@elsewhere.test") + silent,
			Want: judgetest.Inconclusive(ReportUnauthorized),
		}, {
			What: "a host that is not asked, since the address is none",
			File: none, Live: dmarcAt("p=none; rua=mailto:a b@elsewhere.test") + silent,
			Want: []judgetest.Found{{Check: ReportInvalid}},
			Near: []*finding.Check{ReportUnauthorized},
		}, {
			What: "a host that is not asked, since it is the domain's own",
			File: none, Live: dmarcAt("p=none; rua=mailto:d@example.com,mailto:d@reports.example.com") + "\nexample.com._report._dmarc TXT TIMEOUT\nexample.com._report._dmarc.reports TXT TIMEOUT",
			Near: []*finding.Check{ReportUnauthorized},
		}, {
			What: "a destination without a host, about which nobody is asked",
			File: none, Live: dmarcAt("p=none; rua=urn:isbn:1,mailto:d@example.com"),
			Near: []*finding.Check{ReportUnauthorized, ReportInvalid},
		}, {
			What: "a host below the same public suffix, whose organisation is not known",
			File: none, Live: dmarcAt("p=none; rua=mailto:d@example.net") + "\nexample.com._report._dmarc.example.net. TXT v=DMARC1",
			Near: []*finding.Check{ReportUnauthorized},
		},
	})
}

// TestJudgeDMARCBelow is the table of a domain that has its policy from a name
// above.
func TestJudgeDMARCBelow(t *testing.T) {
	t.Parallel()
	const above = "_dmarc.example.com. TXT "
	rows := []judgetest.Row{
		{
			What: "the policy of the name above",
			File: "dmarc: reject", Live: above + `"v=DMARC1; p=reject"`,
			Near: []*finding.Check{Missing, Policy},
		}, {
			What: "the policy for names below",
			File: "dmarc: reject", Live: above + `"v=DMARC1; p=reject; sp=none; t=n; aspf=s; rua=mailto:d@example.com"`,
			Want: []judgetest.Found{{Check: Policy, Change: `+_dmarc.mail TXT "v=DMARC1; p=reject; aspf=s; rua=mailto:d@example.com"`, Says: "it is inherited as sp from _dmarc.example.com; raise it with a record at _dmarc.mail.example.com, or with sp at _dmarc.example.com, which also affects all names below example.com"}},
		}, {
			What: "the policy for names below, and reports that go outside",
			File: "dmarc: reject", Live: above + `"v=DMARC1; p=reject; sp=none; rua=mailto:d@elsewhere.test"` + "\nexample.com._report._dmarc.elsewhere.test. TXT v=DMARC1",
			Want: []judgetest.Found{{Check: Policy, Says: "elsewhere.test must also agree to receive reports about mail.example.com"}},
		}, {
			What: "the policy for names that do not exist, of one that does",
			File: "dmarc: reject", Live: above + `"v=DMARC1; p=reject; np=none"` + "\nmail A 192.0.2.1",
			Near: []*finding.Check{Policy},
		}, {
			What: "the policy for names that do not exist",
			File: "dmarc: reject", Live: above + `"v=DMARC1; p=reject; np=none"`,
			Want: []judgetest.Found{{Check: Policy, Says: "it is inherited as np"}},
		}, {
			What: "the policy for names that do not exist, and no answer whether it does",
			File: "dmarc: reject", Live: above + `"v=DMARC1; p=reject; np=none"` + "\nmail TXT TIMEOUT",
			Want: judgetest.Inconclusive(Policy),
		}, {
			What: "a record that nearly is one, and the policy of the name above",
			File: "dmarc: none", Live: above + `"v=DMARC1; p=reject"` + "\n_dmarc.mail TXT \"v=DMARC; p=reject\"",
			Want: []judgetest.Found{{Check: TagInvalid, Subject: "v", Says: "so that of _dmarc.example.com applies"}},
		}, {
			What: "a record that nearly is one, and a policy above that is too weak",
			File: "dmarc: reject", Live: above + `"v=DMARC1; p=none"` + "\n_dmarc.mail TXT \"v=DMARC; p=reject\"",
			Want: []judgetest.Found{{Check: Policy}},
			Near: []*finding.Check{TagInvalid},
		}, {
			What: "a record that nearly is one, and is weaker than the policy of the name above",
			File: "dmarc: none", Live: above + `"v=DMARC1; p=reject"` + "\n_dmarc.mail TXT \"v=DMARC; p=none\"",
			Want: []judgetest.Found{{Check: TagInvalid, Says: "Decide which is right: the corrected record would be weaker than the policy reject, which is inherited now.", Change: judgetest.Unchanged}},
		}, {
			What: "two records, and the policy of the name above",
			File: "dmarc: none", Live: above + `"v=DMARC1; p=reject"` + "\n_dmarc.mail TXT \"v=DMARC1; p=none\"\n_dmarc.mail TXT \"v=DMARC1; p=quarantine\"",
			Want: []judgetest.Found{{Check: Duplicate, Says: "the policy reject of _dmarc.example.com applies"}},
		}, {
			What: "two records, and one above that cannot be applied",
			File: "dmarc: none", Live: above + `"v=DMARC1; sp=none"` + "\n_dmarc.mail TXT \"v=DMARC1; p=none\"\n_dmarc.mail TXT \"v=DMARC1; p=quarantine\"",
			Want: []judgetest.Found{{Check: Duplicate, Says: "the record at _dmarc.example.com cannot be applied"}},
		}, {
			What: "a record at the domain above itself",
			File: "dmarc: quarantine", Live: "mail A 192.0.2.1\n@ TXT \"v=DMARC1; p=reject\"",
			Want: []judgetest.Found{{Check: Missing, Says: "there is one at example.com, where receivers do not look; it belongs at _dmarc.example.com", Change: `+_dmarc.mail TXT "v=DMARC1; p=quarantine"`}},
		}, {
			What: "a record above without the underscore, and no answer at the domain above",
			File: "dmarc: quarantine", Live: "mail A 192.0.2.1\n@ TXT TIMEOUT\ndmarc TXT \"v=DMARC1; p=reject\"",
			Want: []judgetest.Found{{Check: Missing, Says: "there is one at dmarc.example.com, where receivers do not look; it belongs at _dmarc.example.com"}},
		}, {
			What: "a garbled record at the domain above itself",
			File: "dmarc: quarantine", Live: "mail A 192.0.2.1\n@ TXT \"DMARC1; p=reject\"\n@ TXT \"v=spf1 -all\"",
			Want: []judgetest.Found{{Check: Missing, Says: "does not count"}},
		}, {
			What: "a record above that cannot be applied",
			File: "dmarc: none", Live: above + `"v=DMARC1; sp=none"`,
			Want: []judgetest.Found{{Check: Invalid, Says: "the DMARC record at _dmarc.example.com cannot be applied"}},
		},
	}
	passed := judgetest.Row{
		What: "a record above that cannot be applied, one that nearly is one, and no answer further up",
		File: "dmarc: {aspf: r}", Live: above + `"v=DMARC1; sp=none"` + "\n_dmarc.mail TXT \"v=DMARC; p=none\"\n_dmarc.com. TXT TIMEOUT",
		Want: judgetest.Inconclusive(Missing, Duplicate, Invalid, Mismatch, Alignment, ReportInvalid, TagInvalid, ReportUnauthorized),
	}
	passed.Want[0].Says = "it was asked since \"v=DMARC; p=none\" at _dmarc.mail.example.com is not a DMARC record: "
	passed.Want[1].Says = "; the record at _dmarc.example.com cannot be applied: neither a p tag nor a valid rua"
	for _, r := range append(rows, passed) {
		r.Domain = "mail.example.com"
		t.Run(r.What, func(t *testing.T) {
			t.Parallel()
			r.Hold(t, judgetest.JudgedBy(t, &Part, r))
		})
	}
}

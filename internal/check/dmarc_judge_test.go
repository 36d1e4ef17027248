package check

import "testing"

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
	all := []*Check{DMARCMissing, DMARCDuplicate, DMARCInvalid, DMARCPolicy, DMARCAlignment, DMARCReportInvalid, DMARCTagInvalid, DMARCReportUnauthorized}
	judged(t, &dmarcPart, []*Check{NameDoubled}, []row{
		{
			what: "a record as the file asks",
			file: reject, live: dmarcAt("p=reject"),
			near: all,
		}, {
			what: "a policy stricter than the file asks",
			file: "dmarc: quarantine", live: dmarcAt("p=reject"),
			near: []*Check{DMARCPolicy},
		}, {
			what: "nothing",
			file: reject, live: "@ A 192.0.2.1",
			want: []found{{check: DMARCMissing, says: "none at _dmarc.example.com, nor at the names above it", change: "+" + dmarcAt("p=reject")}},
			near: []*Check{NameDoubled, DMARCPolicy},
		}, {
			what: "a record that nearly is one",
			file: reject, live: `_dmarc TXT "v=dmarc1; p=reject"`,
			want: []found{{check: DMARCMissing, says: "is none:", change: `-_dmarc TXT "v=dmarc1; p=reject"` + "\n+" + dmarcAt("p=reject")}},
			near: []*Check{DMARCInvalid, DMARCTagInvalid},
		}, {
			what: "no answer",
			file: reject, live: "_dmarc TXT TIMEOUT",
			want: inconclusive(all...),
		}, {
			what: "nothing, and no answer above",
			file: reject, live: "@ A 192.0.2.1\n_dmarc.com. TXT TIMEOUT",
			want: inconclusive(all...),
		}, {
			what: "no answer, and a tag that the file lists",
			file: "dmarc: {aspf: s}", live: "_dmarc TXT TIMEOUT",
			want: inconclusive(DMARCMissing, DMARCDuplicate, DMARCInvalid, DMARCMismatch, DMARCAlignment, DMARCReportInvalid, DMARCTagInvalid, DMARCReportUnauthorized),
		}, {
			what: "at the name with the domain twice",
			file: reject, live: `_dmarc.example.com TXT "v=DMARC1; p=reject"`,
			want: []found{{check: NameDoubled, change: `-_dmarc.example.com TXT "v=DMARC1; p=reject"` + "\n+" + dmarcAt("p=reject")}},
			near: []*Check{DMARCMissing},
		}, {
			what: "another text at the name with the domain twice",
			file: reject, live: `_dmarc.example.com TXT "v=spf1 -all"`,
			want: []found{{check: DMARCMissing}},
			near: []*Check{NameDoubled},
		}, {
			what: "at the domain itself",
			file: none, live: `@ TXT "v=DMARC1; p=reject"`,
			want: []found{{check: DMARCMissing, says: "it stands at example.com instead", change: `-@ TXT "v=DMARC1; p=reject"` + "\n+" + dmarcAt("p=reject")}},
		}, {
			what: "without the underscore",
			file: none, live: `dmarc TXT "v=DMARC1; p=none"`,
			want: []found{{check: DMARCMissing, says: "it stands at dmarc.example.com instead"}},
		}, {
			what: "a wildcard, without the underscore",
			file: none, live: "*.www TXT x\n" + `* TXT "v=DMARC1 p=none"`,
			want: []found{{check: DMARCMissing, says: "is none"}},
		}, {
			what: "a wildcard that answers without the underscore",
			file: none, live: "_dmarc A 192.0.2.1\n" + `* TXT "v=DMARC1; p=none"`,
			want: []found{{check: DMARCMissing, says: "that receivers look at\n"}},
		}, {
			what: "another text without the underscore",
			file: none, live: "dmarc TXT x",
			want: []found{{check: DMARCMissing, says: "that receivers look at\n"}},
		}, {
			what: "a CNAME to nothing",
			file: none, live: "_dmarc CNAME example.net.",
			want: []found{{check: DMARCMissing, says: "nor at the names above it", change: "-_dmarc CNAME example.net.\n+" + dmarcAt("p=none")}},
		}, {
			what: "two records",
			file: none, live: dmarcAt("p=none") + "\n" + dmarcAt("p=reject"),
			want: []found{{check: DMARCDuplicate, says: "has 2 DMARC records; receivers use none of them, and no policy applies"}},
			near: []*Check{DMARCMissing, DMARCInvalid},
		}, {
			what: "two records, and no answer above",
			file: none, live: dmarcAt("p=none") + "\n" + dmarcAt("p=reject") + "\n_dmarc.com. TXT TIMEOUT",
			want: []found{{check: DMARCDuplicate, says: "which policy applies is not known"}},
		}, {
			what: "a record beside another text",
			file: none, live: dmarcAt("p=none") + "\n_dmarc TXT x",
			near: []*Check{DMARCDuplicate},
		}, {
			what: "no policy",
			file: none, live: dmarcAt("sp=reject"),
			want: []found{{check: DMARCInvalid, says: "cannot be applied"}},
			near: []*Check{DMARCTagInvalid, DMARCPolicy},
		}, {
			what: "no policy, and an address for reports",
			file: none, live: dmarcAt("rua=mailto:d@example.com"),
			near: []*Check{DMARCInvalid, DMARCTagInvalid},
		}, {
			what: "no policy, an address for reports, and a policy is wanted",
			file: reject, live: dmarcAt("rua=mailto:d@example.com"),
			want: []found{{check: DMARCPolicy, says: "receivers read the record as p=none, since there is no p tag", change: becomes("rua=mailto:d@example.com", "p=reject; rua=mailto:d@example.com")}},
			near: []*Check{DMARCTagInvalid},
		}, {
			what: "a weaker policy",
			file: reject, live: dmarcAt("p=quarantine"),
			want: []found{{check: DMARCPolicy, says: "is quarantine, weaker than reject", change: becomes("p=quarantine", "p=reject")}},
		}, {
			what: "a policy that is being tested",
			file: reject, live: dmarcAt("p=reject; t=y"),
			want: []found{{check: DMARCPolicy, says: "p=reject is published, and t=y makes it one step lower", change: becomes("p=reject; t=y", "p=reject")}},
		}, {
			what: "a policy that is being tested and still strict enough",
			file: "dmarc: quarantine", live: dmarcAt("p=reject; t=y"),
			near: []*Check{DMARCPolicy},
		}, {
			what: "no policy is wanted",
			file: "dmarc: {aspf: r}", live: dmarcAt("p=none"),
			near: []*Check{DMARCPolicy, DMARCMismatch},
		}, {
			what: "a policy that nobody reads, and reports",
			file: none, live: dmarcAt("p=rejct; rua=mailto:d@example.com"),
			want: []found{{check: DMARCTagInvalid, subject: "p", says: "receivers read the DMARC record of example.com as p=none, since they cannot read p", change: becomes("p=rejct; rua=mailto:d@example.com", "p=reject; rua=mailto:d@example.com")}},
		}, {
			what: "tags as the file lists them",
			file: "dmarc: {policy: none, subdomain_policy: reject, np: reject, aspf: s, adkim: s, rua: [\"mailto:d@example.com\"]}",
			live: dmarcAt("p=none; sp=reject; aspf=s; adkim=s; rua=mailto:d@EXAMPLE.com"),
			near: []*Check{DMARCMismatch},
		}, {
			what: "tags that are not there",
			file: "dmarc: {policy: none, subdomain_policy: reject, np: quarantine, aspf: s, adkim: s, rua: [\"mailto:d@example.com\"]}",
			live: dmarcAt("p=none"),
			want: []found{
				{check: DMARCMismatch, subject: "sp", says: "sp is none in the DMARC record of example.com; the file says reject", change: becomes("p=none", "p=none; sp=reject; np=quarantine; aspf=s; adkim=s; rua=mailto:d@example.com")},
				{check: DMARCMismatch, subject: "np"}, {check: DMARCMismatch, subject: "aspf"}, {check: DMARCMismatch, subject: "adkim"},
				{check: DMARCMismatch, subject: "rua mailto:d@example.com", says: "sends no reports to mailto:d@example.com"},
			},
		}, {
			what: "np is another than sp",
			file: "dmarc: {np: reject}", live: dmarcAt("p=none; sp=reject; np=quarantine"),
			want: []found{{check: DMARCMismatch, subject: "np", says: "np is quarantine"}},
		}, {
			what: "another address for reports",
			file: "dmarc: {rua: [\"mailto:d@example.com\"]}", live: dmarcAt("p=none; rua=mailto:e@example.com"),
			want: []found{{check: DMARCMismatch, change: becomes("p=none; rua=mailto:e@example.com", "p=none; rua=mailto:e@example.com,mailto:d@example.com")}},
		}, {
			what: "neither DKIM nor a MAIL FROM name",
			file: "region: eu-west-1, dkim: none, dmarc: none", live: dmarcAt("p=none"),
			want: []found{{check: DMARCAlignment, subject: "eu-west-1", says: "without a custom MAIL FROM domain SPF passes for amazonses.com", change: unchanged}},
		}, {
			what: "no DKIM, and a MAIL FROM name",
			file: "region: eu-west-1, dkim: none, mail_from: bounce, dmarc: none", live: dmarcAt("p=none"),
			near: []*Check{DMARCAlignment},
		}, {
			what: "no DKIM, and a MAIL FROM name under aspf=s",
			file: "region: eu-west-1, dkim: none, mail_from: bounce, dmarc: none", live: dmarcAt("p=none; aspf=s"),
			want: []found{{check: DMARCAlignment, says: "MAIL FROM bounce.example.com does not align under aspf=s"}},
		}, {
			what: "DKIM, without a MAIL FROM name, under both strict modes",
			file: signed + none, live: dmarcAt("p=none; aspf=s; adkim=s"),
			near: []*Check{DMARCAlignment},
		}, {
			what: "DKIM is not listed",
			file: "region: eu-west-1, dmarc: none", live: dmarcAt("p=none; aspf=s"),
			near: []*Check{DMARCAlignment},
		}, {
			what: "one of two identities signs",
			file: "dmarc: none, identities: [{region: eu-west-1, dkim: [aaaa]}, {region: us-east-1, dkim: none}]", live: dmarcAt("p=none"),
			want: []found{{check: DMARCAlignment, subject: "us-east-1", says: "in us-east-1 cannot pass DMARC"}},
		}, {
			what: "mailto: is missing",
			file: none, live: dmarcAt("p=none; rua=d@example.com"),
			want: []found{{check: DMARCReportInvalid, subject: "rua", says: "nobody gets reports about example.com", change: becomes("p=none; rua=d@example.com", "p=none; rua=mailto:d@example.com")}},
		}, {
			what: "mailto: is missing at one of two",
			file: none, live: dmarcAt("p=none; rua=mailto:e@example.com,d@example.com"),
			want: []found{{check: DMARCReportInvalid, says: "not every address gets the reports"}},
		}, {
			what: "mailto: is missing of failure reports",
			file: none, live: dmarcAt("p=none; rua=mailto:e@example.com; ruf=d@example.com"),
			want: []found{{check: DMARCReportInvalid, subject: "ruf", says: "nobody gets failure reports"}},
		}, {
			what: "a mode as a word",
			file: none, live: dmarcAt("p=none; aspf=strict"),
			want: []found{{check: DMARCTagInvalid, subject: "aspf", says: "receivers ignore aspf in the DMARC record of example.com and go by aspf=r", change: becomes("p=none; aspf=strict", "p=none; aspf=s")}},
		}, {
			what: "sp that nobody reads",
			file: none, live: dmarcAt("p=none; sp=rejct; rua=mailto:d@example.com"),
			want: []found{{check: DMARCTagInvalid, subject: "sp", says: "since they cannot read sp"}},
		}, {
			what: "a policy of which it is not certain what was meant, and the strictest is wanted",
			file: reject, live: dmarcAt("p=strict; rua=mailto:d@example.com"),
			want: []found{{check: DMARCPolicy, change: becomes("p=strict; rua=mailto:d@example.com", "p=reject; rua=mailto:d@example.com")}},
		}, {
			what: "aspf=s is wanted, and no DKIM",
			file: "region: eu-west-1, dkim: none, mail_from: bounce, dmarc: {aspf: s}", live: dmarcAt("p=none"),
			want: []found{{check: DMARCMismatch, says: "with aspf=s, mail through SES could not pass DMARC", change: unchanged}},
		}, {
			what: "aspf=s is wanted, and DKIM",
			file: "region: eu-west-1, dkim: [aaaa], mail_from: bounce, dmarc: {aspf: s}", live: dmarcAt("p=none"),
			want: []found{{check: DMARCMismatch, change: becomes("p=none", "p=none; aspf=s")}},
		}, {
			what: "np that nobody reads",
			file: none, live: dmarcAt("p=none; np=rejct; rua=mailto:d@example.com"),
			want: []found{{check: DMARCTagInvalid, subject: "np", says: "since they cannot read np"}},
		}, {
			what: "a policy that is being tested and still strict enough, and another tag",
			file: "dmarc: {policy: quarantine, aspf: s}", live: dmarcAt("p=reject; t=y"),
			want: []found{{check: DMARCMismatch, subject: "aspf", change: becomes("p=reject; t=y", "p=reject; t=y; aspf=s")}},
		}, {
			what: "options for failure reports that nobody reads, and no such reports",
			file: none, live: dmarcAt("p=none; fo=x"),
			near: []*Check{DMARCTagInvalid},
		}, {
			what: "options for failure reports that nobody reads",
			file: none, live: dmarcAt("p=none; fo=x; ruf=mailto:d@example.com"),
			want: []found{{check: DMARCTagInvalid, subject: "fo", says: "go by fo=0"}},
		}, {
			what: "a tag that nobody knows",
			file: none, live: dmarcAt("p=none; x=y"),
			near: []*Check{DMARCTagInvalid},
		}, {
			what: "pct=0",
			file: reject, live: dmarcAt("p=reject; pct=0"),
			want: []found{{check: DMARCTagInvalid, subject: "pct", says: "apply p=reject to all mail", change: becomes("p=reject; pct=0", "p=reject")}},
		}, {
			what: "pct=0, of a policy that the file does not ask for",
			file: none, live: dmarcAt("p=reject; pct=000"),
			want: []found{{check: DMARCTagInvalid, subject: "pct", says: "Take pct out to have the policy applied", change: unchanged}},
		}, {
			what: "pct=0, of no policy",
			file: none, live: dmarcAt("p=none; pct=0"),
			near: []*Check{DMARCTagInvalid},
		}, {
			what: "pct=10",
			file: reject, live: dmarcAt("p=reject; pct=10"),
			near: []*Check{DMARCTagInvalid},
		}, {
			what: "reports to a host that has agreed",
			file: none, live: dmarcAt("p=none; rua=mailto:d@elsewhere.test") + agrees,
			near: []*Check{DMARCReportUnauthorized},
		}, {
			what: "reports to a host that has not agreed",
			file: none, live: dmarcAt("p=none; rua=mailto:d@elsewhere.test"),
			want: []found{{check: DMARCReportUnauthorized, subject: "elsewhere.test", says: "no v=DMARC1 record at example.com._report._dmarc.elsewhere.test", change: unchanged}},
		}, {
			what: "another text where a host agrees",
			file: none, live: dmarcAt("p=none; ruf=mailto:d@elsewhere.test") + "\nexample.com._report._dmarc.elsewhere.test. TXT yes",
			want: []found{{check: DMARCReportUnauthorized}},
		}, {
			what: "two addresses at one host, and a third",
			file: none, live: dmarcAt("p=none; rua=mailto:d@elsewhere.test,mailto:e@elsewhere.test; ruf=mailto:f@there.test"),
			want: []found{{check: DMARCReportUnauthorized, subject: "elsewhere.test"}, {check: DMARCReportUnauthorized, subject: "there.test"}},
		}, {
			what: "no answer from the host",
			file: none, live: dmarcAt("p=none; rua=mailto:d@elsewhere.test") + silent,
			want: inconclusive(DMARCReportUnauthorized),
		}, {
			what: "a host that is not asked, since the address is none",
			file: none, live: dmarcAt("p=none; rua=mailto:a b@elsewhere.test") + silent,
			want: []found{{check: DMARCReportInvalid}},
			near: []*Check{DMARCReportUnauthorized},
		}, {
			what: "a host that is not asked, since it is the domain's own",
			file: none, live: dmarcAt("p=none; rua=mailto:d@example.com,mailto:d@reports.example.com") + "\nexample.com._report._dmarc TXT TIMEOUT\nexample.com._report._dmarc.reports TXT TIMEOUT",
			near: []*Check{DMARCReportUnauthorized},
		}, {
			what: "a destination without a host, about which nobody is asked",
			file: none, live: dmarcAt("p=none; rua=urn:isbn:1,mailto:d@example.com"),
			near: []*Check{DMARCReportUnauthorized, DMARCReportInvalid},
		}, {
			what: "a host below the same public suffix, whose organisation is not known",
			file: none, live: dmarcAt("p=none; rua=mailto:d@example.net") + "\nexample.com._report._dmarc.example.net. TXT v=DMARC1",
			near: []*Check{DMARCReportUnauthorized},
		},
	})
}

// TestJudgeDMARCBelow is the table of a domain that has its policy from a name
// above.
func TestJudgeDMARCBelow(t *testing.T) {
	t.Parallel()
	const above = "_dmarc.example.com. TXT "
	rows := []row{
		{
			what: "the policy of the name above",
			file: "dmarc: reject", live: above + `"v=DMARC1; p=reject"`,
			near: []*Check{DMARCMissing, DMARCPolicy},
		}, {
			what: "the policy for names below",
			file: "dmarc: reject", live: above + `"v=DMARC1; p=reject; sp=none; t=n; aspf=s; rua=mailto:d@example.com"`,
			want: []found{{check: DMARCPolicy, change: `+_dmarc.mail TXT "v=DMARC1; p=reject; aspf=s; rua=mailto:d@example.com"`, says: "it is inherited as sp from _dmarc.example.com; raise it by a record at _dmarc.mail.example.com, or by sp at _dmarc.example.com, which concerns all names below example.com"}},
		}, {
			what: "the policy for names below, and reports that go outside",
			file: "dmarc: reject", live: above + `"v=DMARC1; p=reject; sp=none; rua=mailto:d@elsewhere.test"` + "\nexample.com._report._dmarc.elsewhere.test. TXT v=DMARC1",
			want: []found{{check: DMARCPolicy, says: "elsewhere.test has to agree to reports about mail.example.com, too"}},
		}, {
			what: "the policy for names that do not exist, of one that does",
			file: "dmarc: reject", live: above + `"v=DMARC1; p=reject; np=none"` + "\nmail A 192.0.2.1",
			near: []*Check{DMARCPolicy},
		}, {
			what: "the policy for names that do not exist",
			file: "dmarc: reject", live: above + `"v=DMARC1; p=reject; np=none"`,
			want: []found{{check: DMARCPolicy, says: "it is inherited as np"}},
		}, {
			what: "the policy for names that do not exist, and no answer whether it does",
			file: "dmarc: reject", live: above + `"v=DMARC1; p=reject; np=none"` + "\nmail TXT TIMEOUT",
			want: inconclusive(DMARCPolicy),
		}, {
			what: "a record that nearly is one, and the policy of the name above",
			file: "dmarc: none", live: above + `"v=DMARC1; p=reject"` + "\n_dmarc.mail TXT \"v=DMARC; p=reject\"",
			want: []found{{check: DMARCTagInvalid, subject: "v", says: "so that of _dmarc.example.com applies"}},
		}, {
			what: "a record that nearly is one, and a policy above that is too weak",
			file: "dmarc: reject", live: above + `"v=DMARC1; p=none"` + "\n_dmarc.mail TXT \"v=DMARC; p=reject\"",
			want: []found{{check: DMARCPolicy}},
			near: []*Check{DMARCTagInvalid},
		}, {
			what: "a record that nearly is one, and is weaker than the policy of the name above",
			file: "dmarc: none", live: above + `"v=DMARC1; p=reject"` + "\n_dmarc.mail TXT \"v=DMARC; p=none\"",
			want: []found{{check: DMARCTagInvalid, says: "Decide which is right: the record as it was meant is weaker than the policy reject, which is inherited now.", change: unchanged}},
		}, {
			what: "two records, and the policy of the name above",
			file: "dmarc: none", live: above + `"v=DMARC1; p=reject"` + "\n_dmarc.mail TXT \"v=DMARC1; p=none\"\n_dmarc.mail TXT \"v=DMARC1; p=quarantine\"",
			want: []found{{check: DMARCDuplicate, says: "the policy reject of _dmarc.example.com applies"}},
		}, {
			what: "two records, and one above that cannot be applied",
			file: "dmarc: none", live: above + `"v=DMARC1; sp=none"` + "\n_dmarc.mail TXT \"v=DMARC1; p=none\"\n_dmarc.mail TXT \"v=DMARC1; p=quarantine\"",
			want: []found{{check: DMARCDuplicate, says: "the record at _dmarc.example.com cannot be applied"}},
		}, {
			what: "a record above that cannot be applied",
			file: "dmarc: none", live: above + `"v=DMARC1; sp=none"`,
			want: []found{{check: DMARCInvalid, says: "the DMARC record at _dmarc.example.com cannot be applied"}},
		},
	}
	passed := row{
		what: "a record above that cannot be applied, one that nearly is one, and no answer further up",
		file: "dmarc: {aspf: r}", live: above + `"v=DMARC1; sp=none"` + "\n_dmarc.mail TXT \"v=DMARC; p=none\"\n_dmarc.com. TXT TIMEOUT",
		want: inconclusive(DMARCMissing, DMARCDuplicate, DMARCInvalid, DMARCMismatch, DMARCAlignment, DMARCReportInvalid, DMARCTagInvalid, DMARCReportUnauthorized),
	}
	passed.want[0].says = "it was asked since \"v=DMARC; p=none\" at _dmarc.mail.example.com is no DMARC record: "
	passed.want[1].says = "; the record at _dmarc.example.com cannot be applied: neither a p tag nor a valid rua"
	for _, r := range append(rows, passed) {
		r.domain = "mail.example.com"
		t.Run(r.what, func(t *testing.T) {
			t.Parallel()
			r.hold(t, judgedBy(t, &dmarcPart, r))
		})
	}
}

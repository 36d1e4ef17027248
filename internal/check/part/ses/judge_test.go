package ses

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// row is a row of the table of what Amazon SES says: the file, SES's words, what
// DNS holds, and what is found.
type row struct {
	what string
	file string // the keys of example.com, as YAML
	ses  string // what AWS's CLI prints
	seen seenParts
	want []judgetest.Found
	near []*finding.Check
}

// Parts of an answer of GetEmailIdentity for example.com in eu-west-1.
const (
	sesVerified = `"EmailIdentity": "example.com", "Region": "eu-west-1", "VerificationStatus": "SUCCESS"`
	sesABC      = `"Tokens": ["a", "b", "c"], "SigningAttributesOrigin": "AWS_SES", "SigningEnabled": true`
	sesSigned   = `"DkimAttributes": {"Status": "SUCCESS", ` + sesABC + `}`
	sesBounce   = `"MailFromAttributes": {"MailFromDomain": "bounce.example.com", "MailFromDomainStatus": "SUCCESS", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}`
	sesAll      = `{` + sesVerified + `, ` + sesSigned + `, ` + sesBounce + `}`
)

// sesFile is the file that sesAll agrees with.
const sesFile = "region: eu-west-1, dkim: [a, b, c], mail_from: bounce"

// everywhere is the same state of all parts.
func everywhere(state onDNS) seenParts {
	p := partSeen{state: state}
	switch state {
	case wrongNow:
		p.wrong = []string{"dkim-missing at a._domainkey.example.com"}
	case openNow:
		q := record.Question{Name: "bounce.example.com", Type: record.MX}
		p.open = []part.Undecided{{Answer: judgetest.Failing(q), About: q}}
	}
	return seenParts{verification: p, dkim: p, mailFrom: p, spf: p, dmarc: p}
}

// looked is a zone that SES was asked about, and what its servers are.
func (s seenParts) served(mname string, ns ...string) seenParts {
	q := record.Question{Name: "example.com", Type: record.SOA}
	s.zone.soa = record.Answer{Question: q, Status: record.Found, Records: []record.Record{{Type: record.SOA, Host: record.MustName(mname)}}}
	q.Type = record.NS
	s.zone.ns = record.Answer{Question: q, Status: record.Found}
	for _, n := range ns {
		s.zone.ns.Records = append(s.zone.ns.Records, record.Record{Type: record.NS, Host: record.MustName(n)})
	}
	return s
}

// newTokens are the answers at the names of tokens that the file does not list.
func (s seenParts) newTokens(live bool, tokens ...string) seenParts {
	for _, t := range tokens {
		q := record.Question{Name: record.MustName(t + "._domainkey.example.com"), Type: record.CNAME}
		a := record.Answer{Question: q, Status: record.NoName}
		if live {
			a.Status, a.Records = record.Found, []record.Record{{Type: record.CNAME, Host: record.MustName(t + ".dkim.amazonses.com")}}
		}
		s.tokens = append(s.tokens, a)
	}
	return s
}

// said reads what AWS's CLI prints.
func said(t *testing.T, documents string) *account.Account {
	t.Helper()
	acc := &account.Account{}
	if err := acc.Read(strings.NewReader(documents), account.Hint{File: "ses.json"}); err != nil {
		t.Fatal(err)
	}
	for _, s := range acc.Skipped {
		if s.Place != "" {
			t.Fatalf("skipped: %s", s)
		}
	}
	return acc
}

// judged is what is found of example.com.
func judged(t *testing.T, file, documents string, seen seenParts) (v part.Verdict) {
	t.Helper()
	f := judgetest.Parse(t, fmt.Sprintf("version: 1\ndomains:\n  example.com: {%s}\n", file))
	d, acc := &f.Domains[0], said(t, documents)
	wants, left := pair(d, acc)
	for _, w := range wants {
		v.Join(judge(w, seen))
		for _, r := range acc.Redirects {
			if f, found := judgeRedirect(w.identity, r); found {
				v.Add(f)
			}
		}
	}
	if !slices.ContainsFunc(v.Findings, func(f finding.Finding) bool { return f.Check == IdentityMissing }) {
		for _, f := range judgeUnlisted(d.Name, regionsLeft(d, acc, left), d.Place, true) {
			v.Add(f)
		}
	}
	for _, r := range acc.Recommendations {
		if f, found := judgeRecommendation(d, r, seen); found {
			v.Add(f)
		}
	}
	return v
}

func TestJudgeSES(t *testing.T) {
	t.Parallel()
	right, wrong, open := everywhere(rightNow), everywhere(wrongNow), everywhere(openNow)
	fires, almost := map[*finding.Check]bool{}, map[*finding.Check]bool{}
	for _, r := range slices.Concat(sesIdentityRows(right), sesKeyRows(right), sesStatusRows(right, wrong, open), sesMailFromRows(right, wrong, open), sesOtherRows(right, wrong)) {
		for _, f := range r.want {
			fires[f.Check] = fires[f.Check] || !f.Open
		}
		for _, c := range r.near {
			almost[c] = true
		}
		t.Run(r.what, func(t *testing.T) {
			t.Parallel()
			judgetest.Row{Want: r.want, Near: r.near}.Hold(t, judged(t, r.file, r.ses, r.seen))
		})
	}
	for _, c := range Table.Checks {
		if !fires[c] || !almost[c] {
			t.Errorf("%s: found in a row: %v, nearly found in another: %v", c, fires[c], almost[c])
		}
	}
}

func sesIdentityRows(right seenParts) []row {
	list := func(names ...string) string {
		var all []string
		for _, n := range names {
			all = append(all, fmt.Sprintf(`{"IdentityType": "DOMAIN", "IdentityName": %q}`, n))
		}
		return `{"Region": "eu-west-1", "EmailIdentities": [` + strings.Join(all, ", ") + `]}`
	}
	elsewhere := strings.ReplaceAll(sesAll, "eu-west-1", "us-east-1")
	return []row{
		{what: "SES agrees", file: sesFile, ses: sesAll, seen: right, near: Table.Checks},
		{
			what: "failed on the list", file: sesFile, ses: strings.Replace(list("example.com"), `}`, `, "VerificationStatus": "FAILED"}`, 1), seen: right,
			want: []judgetest.Found{{Check: VerificationFailed, Subject: "eu-west-1", Says: "Amazon SES says FAILED for the identity example.com in eu-west-1"}},
		},
		{what: "only receives", file: "region: eu-west-1, receiving: true", ses: list("example.org"), seen: right, want: []judgetest.Found{{Check: IdentityMissing, Subject: "eu-west-1"}}},
		{what: "only tracks", file: "region: eu-west-1, tracking: click", ses: list("example.org"), seen: right, want: []judgetest.Found{{Check: IdentityMissing, Subject: "eu-west-1"}}},
		{what: "receives and has a MAIL FROM domain", file: "region: eu-west-1, receiving: true, mail_from: bounce", ses: list("example.org"), seen: right, want: []judgetest.Found{{Check: IdentityMissing}}},
		{what: "on the list", file: sesFile, ses: list("example.com"), seen: right, near: []*finding.Check{IdentityMissing, IdentityUnlisted}},
		{what: "not on the list, but the identity is given", file: sesFile, ses: list() + sesAll, seen: right, near: []*finding.Check{IdentityMissing}},
		{
			what: "not on the list", file: sesFile, ses: list("example.org"), seen: right,
			want: []judgetest.Found{{Check: IdentityMissing, Subject: "eu-west-1", Says: "create-email-identity --region eu-west-1 --email-identity example.com`"}},
		},
		{
			what: "a list that goes on", file: sesFile, ses: `{"Region": "eu-west-1", "EmailIdentities": [{"IdentityName": "a.example"}], "NextToken": "x"}`, seen: right,
			near: []*finding.Check{IdentityMissing},
		},
		{what: "the list of another region", file: sesFile, ses: strings.ReplaceAll(list(), "eu-west-1", "us-east-1"), seen: right, near: []*finding.Check{IdentityMissing}},
		{what: "a list of no region", file: sesFile, ses: `{"Identities": ["a.example"]}`, seen: right, near: []*finding.Check{IdentityMissing}},
		{
			what: "in another region", file: sesFile, ses: list() + elsewhere, seen: right,
			want: []judgetest.Found{{Check: IdentityMissing, Says: "it has one in us-east-1"}}, near: []*finding.Check{IdentityUnlisted},
		},
		{
			what: "in another region, and the list of its own was not given", file: sesFile, ses: elsewhere, seen: right,
			want: []judgetest.Found{{Check: IdentityUnlisted, Subject: "us-east-1", Says: "another region or account"}}, near: []*finding.Check{IdentityMissing},
		},
		{what: "an identity of a sender on SES", file: "region: eu-west-1, sender: resend", ses: list(), seen: right, near: []*finding.Check{IdentityMissing}},
		{what: "a domain that asks for no records", file: "region: eu-west-1, spf: none", ses: list(), seen: right, near: []*finding.Check{IdentityMissing}},
		{
			what: "a second account in the region", file: sesFile, ses: sesAll + strings.ReplaceAll(sesAll, `["a", "b", "c"]`, `["d", "e", "f"]`), seen: right,
			want: []judgetest.Found{{Check: IdentityUnlisted, Subject: "eu-west-1"}}, near: []*finding.Check{TokensDiffer},
		},
		{
			what: "both accounts are in the file", seen: right, near: []*finding.Check{IdentityUnlisted, TokensDiffer},
			file: "identities: [{region: eu-west-1, dkim: [d, e, f]}, {region: eu-west-1, dkim: [a, b, c]}]",
			ses:  sesAll + strings.ReplaceAll(sesAll, `["a", "b", "c"]`, `["d", "e", "f"]`),
		},
		{what: "on the list of a region that the file has not", file: sesFile, ses: sesAll + strings.ReplaceAll(list("example.com"), "eu-west-1", "us-east-1"), seen: right,
			want: []judgetest.Found{{Check: IdentityUnlisted, Subject: "us-east-1"}}},
	}
}

func sesKeyRows(right seenParts) []row {
	signed := func(dkim string) string { return `{` + sesVerified + `, "DkimAttributes": {` + dkim + `}}` }
	const def = `"Tokens": ["f", "d", "e"], "SigningAttributesOrigin": "AWS_SES", "SigningEnabled": true`
	const add = "+d._domainkey CNAME d.dkim.amazonses.com.\n+e._domainkey CNAME e.dkim.amazonses.com.\n+f._domainkey CNAME f.dkim.amazonses.com."
	legacy := func(status string) string {
		return `{"Region": "eu-west-1", "VerificationAttributes": {"example.com": {"VerificationStatus": "` + status + `", "VerificationToken": "xyz="}}}`
	}
	tokenLive := func(s seenParts, token string) seenParts {
		s.token = record.Answer{Status: record.Found, Records: []record.Record{record.NewTXT("abc="), record.NewTXT(token)}}
		return s
	}
	own := "region: eu-west-1, dkim: {selector: s1, public_key: " + judgetest.RSA2048 + "}"
	return []row{
		{what: "tokens in another order and case", file: "region: eu-west-1, dkim: [a, b, c]", ses: signed(`"Status": "SUCCESS", "Tokens": ["C", "A", "b"]`), seen: right, near: []*finding.Check{TokensDiffer}},
		{what: "tokens made anew", file: "region: eu-west-1, dkim: [a, b, c]", ses: signed(`"Status": "PENDING", ` + def), seen: right.newTokens(false, "d", "e", "f"),
			want: []judgetest.Found{{Check: TokensDiffer, Says: "list them in the file as dkim: [d, e, f]", Change: add}}, near: []*finding.Check{Pending, DKIMFailed}},
		{what: "tokens made anew, and SES gave up", file: "region: eu-west-1, dkim: [a, b, c]", ses: strings.ReplaceAll(signed(`"Status": "FAILED", `+def), `"SUCCESS"`, `"FAILED"`), seen: right.newTokens(false, "d", "e", "f"),
			want: []judgetest.Found{{Check: TokensDiffer, Says: "the DKIM status in SES is FAILED", Change: add}}, near: []*finding.Check{VerificationFailed, DKIMFailed}},
		{what: "tokens made anew, verified by a legacy token", file: "region: eu-west-1, dkim: [a, b, c], verification: abc=", ses: strings.ReplaceAll(signed(`"Status": "FAILED", `+def), `"SUCCESS"`, `"FAILED"`), seen: right,
			want: []judgetest.Found{{Check: TokensDiffer}, {Check: VerificationFailed, Says: "aws ses verify-domain-identity --region eu-west-1 --domain example.com"}}},
		{what: "tokens made anew, their records are live", file: "region: eu-west-1, dkim: [a, b, c]", ses: signed(def), seen: right.newTokens(true, "d", "e", "f"),
			want: []judgetest.Found{{Check: TokensDiffer, Says: "List them in the file as dkim: [d, e, f]", Change: judgetest.Unchanged}}},
		{what: "tokens made anew, in the zone that SES names", file: "region: eu-west-1, dkim: [a]", ses: signed(`"Tokens": ["d"], "SigningHostedZone": "dkim.eu-west-9.amazonses.com"`), seen: right,
			want: []judgetest.Found{{Check: TokensDiffer, Change: "+d._domainkey CNAME d.dkim.eu-west-9.amazonses.com."}}},
		{what: "a replica's tokens", file: "region: eu-west-1, dkim: [a]", ses: signed(`"Tokens": ["d"], "SigningAttributesOrigin": "AWS_SES_AF_SOUTH_1"`), seen: right,
			want: []judgetest.Found{{Check: TokensDiffer, Change: "+d._domainkey CNAME d.dkim.af-south-1.amazonses.com."}}},
		{what: "a region that the table does not have", file: "region: eu-west-9, dkim: [a]", ses: strings.ReplaceAll(signed(`"Tokens": ["d"]`), "eu-west-1", "eu-west-9"), seen: right,
			want: []judgetest.Found{{Check: TokensDiffer, Says: "the console of SES shows", Change: judgetest.Unchanged}}},
		{what: "a key of your own in SES", file: "region: eu-west-1, dkim: [a, b, c]", ses: signed(`"SigningAttributesOrigin": "EXTERNAL", "Tokens": ["s1"]`), seen: right,
			want: []judgetest.Found{{Check: TokensDiffer, Says: "selector s1"}}},
		{what: "a key of your own in the file", file: own, ses: signed(sesABC), seen: right, want: []judgetest.Found{{Check: TokensDiffer, Says: "the file lists a key of your own at selector s1"}}},
		{what: "another selector", file: own, ses: signed(`"SigningAttributesOrigin": "EXTERNAL", "Tokens": ["s2"]`), seen: right, want: []judgetest.Found{{Check: TokensDiffer, Says: "selector s2"}}},
		{what: "the same selector", file: own, ses: signed(`"Status": "SUCCESS", "SigningAttributesOrigin": "EXTERNAL", "Tokens": ["s1"]`), seen: right, near: []*finding.Check{TokensDiffer}},
		{what: "a selector that SES does not say", file: own, ses: signed(`"SigningAttributesOrigin": "EXTERNAL", "Tokens": []`), seen: right, near: []*finding.Check{TokensDiffer}},
		{what: "no tokens said", file: "region: eu-west-1, dkim: [a, b, c]", ses: signed(`"Status": "SUCCESS"`), seen: right, near: []*finding.Check{TokensDiffer}},
		{what: "DKIM is not listed", file: "region: eu-west-1, mail_from: bounce", ses: signed(`"Status": "FAILED", ` + def), seen: right, near: []*finding.Check{TokensDiffer, DKIMFailed}},
		{what: "DKIM is none", file: "region: eu-west-1, dkim: none, mail_from: bounce", ses: signed(`"Status": "FAILED", ` + def), seen: right, near: []*finding.Check{TokensDiffer, DKIMFailed, SigningOff}},
		{what: "tokens of two regions, swapped", seen: right.newTokens(true, "d", "e", "f"),
			file: "identities: [{region: eu-west-1, dkim: [a, b, c]}, {region: us-east-1, dkim: [d, e, f]}]",
			ses:  strings.ReplaceAll(signed(sesABC), "eu-west-1", "us-east-1") + signed(def),
			want: []judgetest.Found{{Check: TokensDiffer, Subject: "eu-west-1"}, {Check: TokensDiffer, Subject: "us-east-1"}}},
		{what: "two of three tokens", file: "region: eu-west-1, dkim: [a, b, c]", ses: signed(`"Tokens": ["a", "b"]`), seen: right.newTokens(true, "a", "b"),
			want: []judgetest.Found{{Check: TokensDiffer, Says: "delete the records of c, unless another identity uses them"}}},
		{what: "another legacy token", file: "region: eu-west-1, verification: abc=", ses: legacy("Pending"), seen: right,
			want: []judgetest.Found{{Check: TokensDiffer, Says: "the verification token of example.com in eu-west-1 is xyz= in Amazon SES, and the file lists abc=; the status of the identity is PENDING; publish its record", Change: `+_amazonses TXT "xyz="`}}, near: []*finding.Check{Pending}},
		{what: "another legacy token, and SES gave up", file: "region: eu-west-1, verification: abc=", ses: legacy("Failed"), seen: right, want: []judgetest.Found{{Check: TokensDiffer}}, near: []*finding.Check{VerificationFailed}},
		{what: "another legacy token, which is live", file: "region: eu-west-1, verification: abc=", ses: legacy("Success"), seen: tokenLive(right, "xyz="),
			want: []judgetest.Found{{Check: TokensDiffer, Says: "its record is in DNS already", Change: judgetest.Unchanged}}},
		{what: "one of several legacy tokens", file: "region: eu-west-1, verification: [abc=, xyz=]", ses: legacy("Success"), seen: right, near: []*finding.Check{TokensDiffer}},
		{what: "a legacy token that the file does not list", file: "region: eu-west-1, dkim: [a, b, c]", ses: legacy("Success"), seen: right, near: []*finding.Check{TokensDiffer}},
		{what: "signing is off", file: sesFile, ses: strings.ReplaceAll(sesAll, `"SigningEnabled": true`, `"SigningEnabled": false`), seen: right,
			want: []judgetest.Found{{Check: SigningOff, Says: "put-email-identity-dkim-attributes --region eu-west-1 --email-identity example.com --signing-enabled`"}}},
		{what: "signing is off before it is verified", file: "region: eu-west-1, dkim: [a, b, c]", ses: signed(`"Status": "PENDING", "Tokens": ["a", "b", "c"], "SigningEnabled": false`), seen: right,
			want: []judgetest.Found{{Check: Pending}}, near: []*finding.Check{SigningOff}},
	}
}

func sesStatusRows(right, wrong, open seenParts) []row {
	said := func(verification, dkim, more string) string {
		return fmt.Sprintf(`{"EmailIdentity": "example.com", "Region": "eu-west-1", "VerificationStatus": %q, "DkimAttributes": {"Status": %q, %s}%s}`, verification, dkim, sesABC, more)
	}
	const file = "region: eu-west-1, dkim: [a, b, c]"
	const token = "region: eu-west-1, verification: abc=, dkim: [a, b, c]"
	const info = `, "VerificationInfo": {"ErrorType": "HOST_NOT_FOUND", "LastCheckedTimestamp": 1711643203.115}`
	return []row{
		{what: "an error beside success", file: file, ses: said("SUCCESS", "SUCCESS", info), seen: right, near: []*finding.Check{VerificationFailed, DKIMFailed, Pending}},
		{what: "failed, DNS is now right", file: file, ses: said("SUCCESS", "FAILED", info), seen: right,
			want: []judgetest.Found{{Check: DKIMFailed, Says: "DNS is now right, but SES has stopped looking; SES last looked: 2024-03-28 16:26 UTC, and reported HOST_NOT_FOUND"}}},
		{what: "failed, DNS is wrong", file: file, ses: said("SUCCESS", "FAILED", ""), seen: wrong,
			want: []judgetest.Found{{Check: DKIMFailed, Says: "DNS is still wrong, see dkim-missing at a._domainkey.example.com"}}},
		{what: "failed, DNS is not known", file: file, ses: said("SUCCESS", "FAILED", ""), seen: open, want: []judgetest.Found{{Check: DKIMFailed, Says: "DNS did not answer"}}},
		{what: "failed, the plan makes the records", file: file, ses: said("SUCCESS", "FAILED", ""), seen: everywhere(promisedNow), want: []judgetest.Found{{Check: DKIMFailed, Says: "After the apply, make SES look again"}}},
		{what: "for a time, DNS is now right", file: file, ses: said("SUCCESS", "TEMPORARY_FAILURE", ""), seen: right,
			want: []judgetest.Found{{Check: DKIMFailed, Says: "SES is still looking: it usually needs minutes"}}},
		{what: "for a time, DNS is wrong", file: file, ses: said("SUCCESS", "TEMPORARY_FAILURE", ""), seen: wrong, want: []judgetest.Found{{Check: DKIMFailed, Says: "Fix the records first."}}},
		{what: "verified by DKIM, both failed", file: file, ses: said("FAILED", "FAILED", ""), seen: right,
			want: []judgetest.Found{{Check: VerificationFailed, Says: "it is verified by DKIM, see ses-dkim-failed"}, {Check: DKIMFailed, Says: "aws ses verify-domain-dkim --region eu-west-1 --domain example.com"}}},
		{what: "verified by DKIM, only the identity failed", file: file, ses: said("FAILED", "SUCCESS", ""), seen: right, want: []judgetest.Found{{Check: VerificationFailed, Says: "DNS is now right"}}},
		{what: "the legacy token failed", file: token, ses: said("FAILED", "SUCCESS", ""), seen: wrong, want: []judgetest.Found{{Check: VerificationFailed, Says: "aws ses verify-domain-identity"}}},
		{what: "the legacy token failed, and so did DKIM", file: token, ses: said("TEMPORARY_FAILURE", "FAILED", ""), seen: right,
			want: []judgetest.Found{{Check: VerificationFailed, Says: "SES is still looking"}, {Check: DKIMFailed}}},
		{what: "a key of your own failed", file: "region: eu-west-1, dkim: {selector: s1, public_key: " + judgetest.RSA2048 + "}", seen: right,
			ses:  `{"EmailIdentity": "example.com", "Region": "eu-west-1", "DkimAttributes": {"Status": "FAILED", "SigningAttributesOrigin": "EXTERNAL", "Tokens": ["s1"]}}`,
			want: []judgetest.Found{{Check: DKIMFailed, Says: "enter the selector and the private key again"}}},
		{what: "the parent of a replica is gone", file: file, seen: right,
			ses:  strings.ReplaceAll(said("FAILED", "FAILED", `, "VerificationInfo": {"ErrorType": "REPLICATION_PRIMARY_NOT_FOUND"}`), `"AWS_SES"`, `"AWS_SES_US_EAST_1"`),
			want: []judgetest.Found{{Check: DKIMFailed, Says: "it is a replica of the identity in us-east-1, and SES says REPLICATION_PRIMARY_NOT_FOUND about that one"}, {Check: VerificationFailed}}},
		{what: "a replica failed", file: file, seen: right, ses: strings.ReplaceAll(said("SUCCESS", "FAILED", ""), `"AWS_SES"`, `"AWS_SES_US_EAST_1"`),
			want: []judgetest.Found{{Check: DKIMFailed, Says: "`aws sesv2 put-email-identity-dkim-signing-attributes --region eu-west-1 --email-identity example.com --signing-attributes-origin AWS_SES_US_EAST_1`"}}},
		{what: "waiting, DNS has the records", file: file, ses: said("PENDING", "PENDING", ""), seen: right,
			want: []judgetest.Found{{Check: Pending, Says: "verification is PENDING, DKIM is PENDING; DNS has them: SES usually needs minutes to see them and gives up after 72 hours"}}, near: []*finding.Check{VerificationFailed, DKIMFailed}},
		{what: "waiting, DNS does not have the records", file: file, ses: said("PENDING", "PENDING", info), seen: wrong,
			want: []judgetest.Found{{Check: Pending, Says: "Fix the records. SES usually sees them within minutes"}}},
		{what: "waiting, DNS is not known", file: file, ses: said("PENDING", "PENDING", ""), seen: open, want: []judgetest.Found{{Check: Pending, Says: "DNS did not answer"}}},
		{what: "waiting, the plan makes the records", file: file, ses: said("PENDING", "PENDING", ""), seen: everywhere(promisedNow), want: []judgetest.Found{{Check: Pending, Says: "the apply creates them"}}},
		{what: "not begun", file: file, ses: said("NOT_STARTED", "NOT_STARTED", ""), seen: right, want: []judgetest.Found{{Check: Pending, Says: "Make SES look: in the console, open the identity"}}},
		{what: "not begun, by a legacy token", file: token, ses: said("NOT_STARTED", "SUCCESS", ""), seen: wrong, want: []judgetest.Found{{Check: Pending, Says: "Fix the records, then make SES look: run `aws ses verify-domain-identity"}}},
		{what: "words of the first API", file: file, seen: right, want: []judgetest.Found{{Check: DKIMFailed, Says: "TEMPORARY_FAILURE"}},
			ses: `{"Region": "eu-west-1", "DkimAttributes": {"example.com": {"DkimTokens": ["a", "b", "c"], "DkimEnabled": true, "DkimVerificationStatus": "TemporaryFailure"}}}` +
				`{"Region": "eu-west-1", "VerificationAttributes": {"example.com": {"VerificationStatus": "Success"}}}`},
	}
}

func sesMailFromRows(right, wrong, open seenParts) []row {
	mail := func(keys string) string {
		return `{` + sesVerified + `, ` + sesSigned + `, "MailFromAttributes": {` + keys + `}}`
	}
	status := func(s, behaviour string) string {
		return mail(fmt.Sprintf(`"MailFromDomain": "bounce.example.com", "MailFromDomainStatus": %q, "BehaviorOnMxFailure": %q`, s, behaviour))
	}
	const call = "aws sesv2 put-email-identity-mail-from-attributes --region eu-west-1 --email-identity example.com --mail-from-domain bounce.example.com --behavior-on-mx-failure "
	const rejects = "region: eu-west-1, dkim: [a, b, c], mail_from: {name: bounce, on_mx_failure: reject}"
	return []row{
		{what: "never said, the MX is live", file: sesFile, ses: mail(`"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"`), seen: right, want: []judgetest.Found{{Check: MailFromUnset, Says: call + "USE_DEFAULT_VALUE`"}}},
		{what: "never said, the file refuses", file: rejects, ses: mail(`"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"`), seen: right, want: []judgetest.Found{{Check: MailFromUnset, Says: call + "REJECT_MESSAGE`"}}},
		{what: "never said, the MX is wrong", file: sesFile, ses: mail(``), seen: wrong, near: []*finding.Check{MailFromUnset}},
		{what: "never said, the MX is not known", file: sesFile, ses: mail(``), seen: open, want: judgetest.Inconclusive(MailFromUnset)},
		{what: "nothing said of MAIL FROM", file: sesFile, ses: `{` + sesVerified + `}`, seen: right, near: []*finding.Check{MailFromUnset, MailFromDiffers}},
		{what: "no MAIL FROM in the file", file: "region: eu-west-1, dkim: [a, b, c]", ses: mail(`"MailFromDomain": "m.example.com", "MailFromDomainStatus": "FAILED"`), seen: right, near: []*finding.Check{MailFromDiffers, MailFromFailed}},
		{what: "another name", file: sesFile, ses: mail(`"MailFromDomain": "m.example.com", "MailFromDomainStatus": "FAILED"`), seen: right, want: []judgetest.Found{{Check: MailFromDiffers, Says: call}}, near: []*finding.Check{MailFromFailed}},
		{what: "another name, and it refuses to send", file: sesFile, ses: mail(`"MailFromDomain": "m.example.com", "MailFromDomainStatus": "FAILED", "BehaviorOnMxFailure": "REJECT_MESSAGE"`), seen: right,
			want: []judgetest.Found{{Check: MailFromDiffers, Says: "SES's status of m.example.com is FAILED; SES refuses to send now"}}},
		{what: "the name in another case", file: sesFile, ses: mail(`"MailFromDomain": "Bounce.Example.com", "MailFromDomainStatus": "SUCCESS"`), seen: right, near: []*finding.Check{MailFromDiffers}},
		{what: "failed, the MX is right now", file: sesFile, ses: status("FAILED", "USE_DEFAULT_VALUE"), seen: right, want: []judgetest.Found{{Check: MailFromFailed, Says: "Make SES look again: `" + call}}},
		{what: "failed, and it refuses to send", file: rejects, ses: status("FAILED", "REJECT_MESSAGE"), seen: wrong, want: []judgetest.Found{{Check: MailFromFailed, Says: "Amazon SES refuses to send as example.com in eu-west-1 now"}}},
		{what: "for a time", file: sesFile, ses: status("TEMPORARY_FAILURE", "USE_DEFAULT_VALUE"), seen: wrong, want: []judgetest.Found{{Check: MailFromFailed, Says: "DNS is still wrong"}}},
		{what: "waiting, and it refuses to send", file: sesFile, ses: status("PENDING", "REJECT_MESSAGE"), seen: right, want: []judgetest.Found{{Check: MailFromFailed, Says: "sending stops"}}, near: []*finding.Check{Pending}},
		{what: "waiting", file: sesFile, ses: status("PENDING", "USE_DEFAULT_VALUE"), seen: right, want: []judgetest.Found{{Check: Pending, Says: "the MAIL FROM domain is PENDING"}}, near: []*finding.Check{MailFromFailed}},
		{what: "another behaviour", file: rejects, ses: status("SUCCESS", "USE_DEFAULT_VALUE"), seen: right, want: []judgetest.Found{{Check: MXFailureDiffers, Says: call + "REJECT_MESSAGE`"}}},
		{what: "the same behaviour", file: rejects, ses: status("SUCCESS", "REJECT_MESSAGE"), seen: right, near: []*finding.Check{MXFailureDiffers, MailFromFailed}},
		{what: "a behaviour that the file does not list", file: sesFile, ses: status("SUCCESS", "REJECT_MESSAGE"), seen: right, near: []*finding.Check{MXFailureDiffers}},
	}
}

func sesOtherRows(right, wrong seenParts) []row {
	saw := func(server, last, dkim string) string {
		return fmt.Sprintf(`{%s, "DkimAttributes": {"Status": %q, %s}, "VerificationInfo": {"LastCheckedTimestamp": %q, "SOARecord": {"PrimaryNameServer": %q}}}`, sesVerified, dkim, sesABC, last, server)
	}
	const file = "region: eu-west-1, dkim: [a, b, c]"
	right.now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	today, before := "2026-11-27T10:00:00Z", "2026-10-01T00:00:00Z"
	served := right.served("ns1.new.test", "ns1.new.test", "ns2.new.test")
	failed := served
	failed.zone.ns = judgetest.Failing(record.Question{Name: "example.com", Type: record.NS})
	unzoned := right
	unzoned.zone.soa = record.Answer{Question: record.Question{Name: "example.com", Type: record.SOA}, Status: record.NoData}
	redirect := func(policy string) string {
		return sesAll + fmt.Sprintf(`{"ConfigurationSetName": "main", "Region": "eu-west-1", "TrackingOptions": {"CustomRedirectDomain": "click.example.com", "HttpsPolicy": %q}}`, policy)
	}
	advises := func(typ, status string) string {
		return sesAll + fmt.Sprintf(`{"Recommendations": [{"ResourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com", "Type": %q, "Status": %q, "Description": "set it up"}]}`, typ, status)
	}
	return []row{
		{what: "the zone was moved", file: file, ses: saw("ns1.old.test", today, "SUCCESS"), seen: served, want: []judgetest.Found{{Check: OtherServers, Says: "ns1.old.test, but the zone is on ns1.new.test, ns2.new.test"}}},
		{what: "the zone was moved, and SES looked long ago", file: file, ses: saw("ns1.old.test", before, "SUCCESS"), seen: served, near: []*finding.Check{OtherServers}},
		{what: "the zone was moved, and SES still waits", file: file, ses: saw("ns1.old.test", before, "PENDING"), seen: served, want: []judgetest.Found{{Check: OtherServers}, {Check: Pending}}},
		{what: "a server of the zone", file: file, ses: saw("NS2.new.test", today, "SUCCESS"), seen: served, near: []*finding.Check{OtherServers}},
		{what: "the registrable domain is no zone", file: file, ses: saw("ns1.old.test", today, "SUCCESS"), seen: unzoned, near: []*finding.Check{OtherServers}},
		{what: "a hidden primary", file: file, ses: saw("hidden.test", today, "SUCCESS"), seen: right.served("hidden.test", "ns1.new.test"), near: []*finding.Check{OtherServers}},
		{what: "the servers are not known", file: file, ses: saw("ns1.old.test", today, "SUCCESS"), seen: failed, want: judgetest.Inconclusive(OtherServers)},
		{what: "HTTPS at a plain CNAME", file: sesFile + ", tracking: click", ses: redirect("REQUIRE"), seen: right, want: []judgetest.Found{{Check: TrackingHTTPS, Subject: "main"}}},
		{what: "HTTPS where it can be had", file: sesFile + ", tracking: click", ses: redirect("OPTIONAL"), seen: right, near: []*finding.Check{TrackingHTTPS}},
		{what: "HTTPS at a CDN", file: sesFile + ", tracking: {name: click, target: d1.cloudfront.net}", ses: redirect("REQUIRE"), seen: right, near: []*finding.Check{TrackingHTTPS}},
		{what: "the advisor contradicts", file: sesFile, ses: advises("DKIM", "OPEN"), seen: right, want: []judgetest.Found{{Check: Recommendation, Says: `it says "set it up"`}}},
		{what: "the advisor agrees", file: sesFile, ses: advises("DKIM", "OPEN"), seen: wrong, near: []*finding.Check{Recommendation}},
		{what: "the advisor is content", file: sesFile, ses: advises("DKIM", "FIXED"), seen: right, near: []*finding.Check{Recommendation}},
		{what: "the advisor speaks of something else", file: sesFile, ses: advises("COMPLAINT", "OPEN"), seen: right, near: []*finding.Check{Recommendation}},
	}
}

var update = flag.Bool("update", false, "write docs/ses-states.md")

// TestSESStates: docs/ses-states.md has every combination of SES's statuses and the
// state of DNS, each with its verdict.
//
//go:generate go test . -run ^TestSESStates$ -update
func TestSESStates(t *testing.T) {
	t.Parallel()
	const path = "../../../../docs/ses-states.md"
	got := states()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// states is the document of all states.
func states() string {
	var b strings.Builder
	b.WriteString(`# What sescheck reports for each state in Amazon SES

These tables list the checks that report something for each combination of statuses that SES can show. ` + "`go generate ./...`" + ` writes them with the code that decides. The identity in the file uses Easy DKIM, is verified by DKIM, and has a custom MAIL FROM domain. A cell has the ids of the checks,
without their prefix ` + "`ses-`" + `. Mistakes in DNS are reported too, by their own checks. † SES verifies an identity as soon as its DKIM is verified, so one of the two statuses is out of date: fetch the identity again.
`)
	said := map[string]string{}
	var order []string
	for _, dns := range []struct {
		title, tokens string
		state         onDNS
	}{
		{"DNS is as the file says", "abc", rightNow}, {"DNS is wrong", "abc", wrongNow}, {"DNS does not answer", "abc", openNow}, {"A plan makes the records", "abc", promisedNow},
		{"DNS is as the file says, but SES has other tokens", "def", rightNow},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| identity | DKIM | MAIL FROM: not set | PENDING | PENDING, REJECT_MESSAGE | SUCCESS | TEMPORARY_FAILURE | FAILED |\n|---|---|---|---|---|---|---|---|\n", dns.title)
		for _, verification := range []account.Status{account.NotStarted, account.Pending, account.Success, account.TemporaryFailure, account.Failed} {
			for _, keys := range []account.Status{account.NotStarted, account.Pending, account.Success, account.TemporaryFailure, account.Failed} {
				mark := ""
				if keys == account.Success && verification != account.Success {
					mark = " †"
				}
				fmt.Fprintf(&b, "| %s%s | %s |", verification, mark, keys)
				for _, mail := range []account.MailFrom{
					{}, {Name: "bounce.example.com", Status: account.Pending}, {Name: "bounce.example.com", Status: account.Pending, OnFailure: "reject"},
					{Name: "bounce.example.com", Status: account.Success}, {Name: "bounce.example.com", Status: account.TemporaryFailure}, {Name: "bounce.example.com", Status: account.Failed},
				} {
					v := judge(stateWant(dns.tokens, verification, keys, mail), everywhere(dns.state))
					order = statesOf(v, dns.title, said, order)
					fmt.Fprintf(&b, " %s |", verdictOf(v))
				}
				b.WriteString("\n")
			}
		}
	}
	b.WriteString("\n## The findings\n\n| DNS | check | message | what to do |\n|---|---|---|---|\n")
	for _, key := range order {
		b.WriteString(said[key] + "\n")
	}
	return b.String()
}

// stateWant is an identity of the file in one state.
func stateWant(tokens string, verification, keys account.Status, mail account.MailFrom) want {
	id := &config.Identity{Region: config.At[string]{Value: "eu-west-1"}, DKIM: &config.DKIM{}, MailFrom: &config.MailFrom{Name: config.At[record.Name]{Value: "bounce.example.com"}}}
	for _, t := range "abc" {
		id.DKIM.Tokens = append(id.DKIM.Tokens, config.At[string]{Value: string(t)})
	}
	signing := true
	return want{
		domain: &config.Domain{Name: "example.com"}, identity: id,
		said: &account.Identity{Region: "eu-west-1", Whole: true, Verification: verification, MailFrom: &mail, DKIM: &account.DKIM{Status: keys, Signing: &signing, Tokens: strings.Split(tokens, "")}},
	}
}

// verdictOf are the checks that a verdict has found or left open.
func verdictOf(v part.Verdict) string {
	var all []string
	for _, f := range v.Findings {
		all = append(all, strings.TrimPrefix(f.Check.ID, "ses-"))
	}
	for _, u := range v.Undecided {
		for _, c := range u.Checks {
			all = append(all, strings.TrimPrefix(c.ID, "ses-")+" is inconclusive")
		}
	}
	for _, p := range v.Promises {
		for _, c := range p.Checks {
			all = append(all, strings.TrimPrefix(c.ID, "ses-")+" waits for the apply")
		}
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, ", ")
}

// statesOf keeps each sentence once.
func statesOf(v part.Verdict, where string, said map[string]string, order []string) []string {
	if len(v.Findings) > 1 {
		return order // another cell has each alone
	}
	for _, f := range v.Findings {
		do := f.Advice
		if f.Prescribe(); !f.Change.Empty() {
			do = "Publish the records that the finding shows."
		} else if do == "" {
			do = f.Check.Fix
		}
		row := fmt.Sprintf("| %s | %s | %s | %s |", where, f.Check, f.Text(), do)
		if _, ok := said[row]; !ok {
			said[row] = row
			order = append(order, row)
		}
	}
	return order
}

// TestPlanChanges holds that what a plan sets right is promised, and not found.
func TestPlanChanges(t *testing.T) {
	t.Parallel()
	const list = `{"Region": "eu-west-1", "EmailIdentities": []}`
	unset := `{` + sesVerified + `, ` + sesSigned + `, "MailFromAttributes": {}}`
	other := strings.ReplaceAll(sesAll, "bounce.example.com", "m.example.com")
	sets := account.Change{Name: "example.com", Region: "eu-west-1", From: "aws_x.this", MailFrom: "bounce.example.com"}
	with := func(change func(*account.Change)) account.Change {
		c := sets
		change(&c)
		return c
	}
	const file = "region: eu-west-1, dkim: [a, b, c], mail_from: {name: bounce, on_mx_failure: reject}"
	for _, c := range []struct {
		what, ses       string
		change          account.Change
		promised, found []*finding.Check
	}{
		{"made", list, account.Change{Name: "example.com", Makes: true}, []*finding.Check{IdentityMissing}, nil},
		{"made elsewhere", list, account.Change{Name: "example.com", Region: "us-east-1", Makes: true}, nil, []*finding.Check{IdentityMissing}},
		{"another identity", list, account.Change{Name: "a.example.com", Makes: true}, nil, []*finding.Check{IdentityMissing}},
		{"deleted", sesAll, account.Change{Name: "example.com", Region: "eu-west-1", Deletes: true}, nil, []*finding.Check{IdentityMissing}},
		{"deleted elsewhere", strings.Replace(sesAll, "USE_DEFAULT_VALUE", "REJECT_MESSAGE", 1), account.Change{Name: "example.com", Region: "us-east-1", Deletes: true}, nil, nil},
		{"set", unset, sets, []*finding.Check{MailFromUnset}, nil},
		{"set to another", unset, with(func(c *account.Change) { c.MailFrom = "x.example.com" }), nil, []*finding.Check{MailFromDiffers}},
		{"set to another, and SES has the file's", sesAll, account.Change{Name: "example.com", MailFrom: "x.example.com"}, nil, []*finding.Check{MailFromDiffers}},
		{"set to another elsewhere", strings.Replace(sesAll, "USE_DEFAULT_VALUE", "REJECT_MESSAGE", 1), account.Change{Name: "example.com", Region: "us-east-1", MailFrom: "x.example.com"}, nil, nil},
		{"renamed", other, sets, []*finding.Check{MailFromDiffers}, nil},
		{"not renamed", other, with(func(c *account.Change) { c.MailFrom = "" }), nil, []*finding.Check{MailFromDiffers, MXFailureDiffers}},
		{"removed", sesAll, account.Change{Name: "example.com", Drops: "bounce.example.com"}, nil, []*finding.Check{MailFromUnset}},
		{"another one removed", strings.Replace(sesAll, "USE_DEFAULT_VALUE", "REJECT_MESSAGE", 1), account.Change{Name: "example.com", Drops: "m.example.com"}, nil, nil},
		{"replaced", sesAll, account.Change{Name: "example.com", Drops: "bounce.example.com", MailFrom: "m.example.com"}, nil, []*finding.Check{MailFromDiffers}},
		{"another behaviour", sesAll, with(func(c *account.Change) { c.MailFrom, c.OnFailure = "", "reject" }), []*finding.Check{MXFailureDiffers}, nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			f, acc := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+file+"}\n"), said(t, c.ses)
			acc.Changes = []account.Change{c.change}
			wants, _ := pair(&f.Domains[0], acc)
			v := judge(wants[0], everywhere(rightNow))
			var promised, found []*finding.Check
			for _, p := range v.Promises {
				promised = append(promised, p.Checks...)
			}
			for _, f := range v.Findings {
				found = append(found, f.Check)
			}
			if !slices.Equal(promised, c.promised) || !slices.Equal(found, c.found) {
				t.Errorf("promised %v, found %v", promised, found)
			}
		})
	}
}

// TestPlanReplaces: SES makes new tokens for an identity that a plan deletes and
// creates again, and a plan can switch to a key of the user's own. A file without
// tokens, or with that key, stays right.
func TestPlanReplaces(t *testing.T) {
	t.Parallel()
	own := "dkim: {selector: s1, public_key: " + judgetest.RSA2048 + "}"
	gone, made := account.Change{Name: "example.com", Deletes: true, Gone: true}, account.Change{Name: "example.com", Makes: true, Easy: true}
	renews, switches := account.Change{Name: "example.com", Renews: true}, account.Change{Name: "example.com", Selector: "s1"}
	const again = "the plan deletes the identity example.com in eu-west-1 and creates it again, so Amazon SES makes new tokens"
	for _, c := range []struct {
		what, file string
		changes    []account.Change
		want       string
	}{
		{"replaced", "dkim: [a, b, c]", []account.Change{renews}, again},
		{"as another resource", "dkim: [a, b, c]", []account.Change{gone, made}, again},
		{"as another resource, in the other order", "dkim: [a, b, c]", []account.Change{made, gone}, again},
		{"created", "dkim: [a, b, c]", []account.Change{made}, ""},
		{"replaced, tokens from the plan", "dkim: easy", []account.Change{renews}, ""},
		{"replaced, no DKIM", "dkim: none, mail_from: bounce", []account.Change{renews}, ""},
		{"replaced elsewhere", "dkim: [a, b, c]", []account.Change{{Name: "example.com", Region: "us-east-1", Renews: true}}, ""},
		{"replaced, own key", own, []account.Change{renews, switches}, ""},
		{"created, own key", own, []account.Change{made}, "the plan creates the identity example.com in eu-west-1 with Easy DKIM"},
		{"switched to an own key", "dkim: [a, b, c]", []account.Change{switches}, "selector s1, and the file lists a, b, c"},
		{"another selector", own, []account.Change{{Name: "example.com", Selector: "s2"}}, "selector s2, and the file lists a key of your own at selector s1"},
	} {
		for _, ses := range []string{"", `{` + sesVerified + `, ` + sesBounce + `}`} {
			f, acc := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, "+c.file+"}\n"), said(t, ses+"{}")
			acc.Changes = c.changes
			wants, _ := pair(&f.Domains[0], acc)
			v := judge(wants[0], everywhere(rightNow))
			if (c.want == "") != (len(v.Findings) == 0) || c.want != "" && (v.Findings[0].Check != TokensDiffer || !strings.Contains(v.Findings[0].Text(), c.want)) {
				t.Errorf("%s: %v", c.what, v.Findings)
			}
			inScope := slices.ContainsFunc(wants[0].scope(), func(s part.Scope) bool { return slices.Contains(s.Checks, TokensDiffer) })
			if c.want != "" && !inScope {
				t.Errorf("%s: not in the scope", c.what)
			}
		}
	}
}

// TestNoDeletionOfUsedTokens: the advice is not to delete records that another
// identity of the file or of SES uses.
func TestNoDeletionOfUsedTokens(t *testing.T) {
	t.Parallel()
	in := func(region, tokens string) string {
		return `{"EmailIdentity": "example.com", "Region": "` + region + `", "DkimAttributes": {"Tokens": [` + tokens + `]}}`
	}
	const abc, def = `"a", "b", "c"`, `"d", "e", "f"`
	for _, c := range []struct{ file, ses, want string }{
		{"{region: eu-west-1, dkim: [a, b, c]}", in("eu-west-1", def), "Then delete the records of a, b, c, unless another identity uses them."},
		{"{identities: [{region: eu-west-1, dkim: [a, b, c]}, {region: us-east-1, dkim: [d, e, f]}]}", in("eu-west-1", def) + in("us-east-1", abc), ""},
		{"{region: eu-west-1, dkim: [a, b, c]}", in("eu-west-1", def) + in("us-east-1", `"A", "B", "C"`), ""},
		{"{region: eu-west-1, dkim: [a, b, c]}", in("eu-west-1", `"a", "e", "f"`), "Then delete the records of b, c, unless"},
		{"{region: eu-west-1, dkim: {selector: s1, public_key: " + judgetest.RSA2048 + "}}", in("eu-west-1", def), "Then delete the record of the old key, unless"},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: "+c.file+"\n")
		wants, _ := pair(&f.Domains[0], said(t, c.ses))
		for _, w := range wants {
			if w.said == nil {
				continue
			}
			if v := judge(w, everywhere(rightNow).newTokens(true, slices.Sorted(slices.Values(w.said.DKIM.Tokens))...)); len(v.Findings) == 0 || c.want == "" && strings.Contains(v.Findings[0].Advice, "delete") || !strings.Contains(v.Findings[0].Advice, c.want) {
				t.Errorf("%s, %s: %+v", c.file, c.ses, v.Findings)
			}
		}
	}
}

// TestPlanOfUnknownRegion: a deletion in an unknown region may be that of another
// identity of the file.
func TestPlanOfUnknownRegion(t *testing.T) {
	t.Parallel()
	const ours = "{region: eu-west-1, dkim: [a, b, c], mail_from: bounce}"
	for text, want := range map[string]int{ours: 1, "{identities: [" + ours + ", {region: us-east-1, dkim: [d, e, f], mail_from: other}]}": 0} {
		for _, change := range []account.Change{{Name: "example.com", Deletes: true}, {Name: "example.com", Drops: "bounce.example.com"}, {Name: "example.com", MailFrom: "x.example.com"}, {Name: "example.com", Renews: true}, {Name: "example.com", Selector: "s1"}} {
			f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: "+text+"\n")
			wants, _ := pair(&f.Domains[0], &account.Account{Changes: []account.Change{change}})
			if v := judge(wants[0], everywhere(rightNow)); len(v.Findings) != want {
				t.Errorf("%s, %+v: found %v", text, change, v.Findings)
			}
		}
	}
}

// TestMailFromOfAnother: a plan that sets the MAIL FROM domain of one identity says
// nothing about another one of the domain, perhaps of another account.
func TestMailFromOfAnother(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {identities: [{region: eu-west-1, mail_from: bounce}, {region: eu-west-1, mail_from: mail}]}\n")
	for name, want := range map[record.Name]int{"bounce.example.com": 0, "mail.example.com": 0, "x.example.com": 2} {
		found := 0
		wants, _ := pair(&f.Domains[0], &account.Account{Changes: []account.Change{{Name: "example.com", Region: "eu-west-1", MailFrom: name}}})
		for _, w := range wants {
			found += len(judge(w, everywhere(rightNow)).Findings)
		}
		if found != want {
			t.Errorf("%s: %d findings, not %d", name, found, want)
		}
	}
}

// TestMailFromMoves: a MAIL FROM domain that one resource removes and another sets
// is that of the latter.
func TestMailFromMoves(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, mail_from: bounce}\n")
	gone := account.Change{Name: "example.com", Gone: true, Drops: "bounce.example.com"}
	for name, want := range map[record.Name]string{"bounce.example.com": "", "mail.example.com": "the plan sets mail.example.com", "": "the plan removes the MAIL FROM domain bounce.example.com"} {
		wants, _ := pair(&f.Domains[0], &account.Account{Changes: []account.Change{gone, {Name: "example.com", MailFrom: name}}})
		v := judge(wants[0], everywhere(rightNow))
		if len(v.Findings) > 1 || want != "" && len(v.Findings) == 0 || want == "" && len(v.Findings) > 0 || want != "" && !strings.Contains(v.Findings[0].Text(), want) {
			t.Errorf("%q: %v", name, v.Findings)
		}
	}
}

// TestPlanDeletes holds that an identity that a plan deletes need not be listed.
func TestPlanDeletes(t *testing.T) {
	t.Parallel()
	acc := said(t, `{"Region": "eu-west-1", "EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "a.example"}, {"IdentityType": "DOMAIN", "IdentityName": "b.example"}]}`)
	acc.Changes = []account.Change{{Name: "a.example", Deletes: true}}
	if found := Unlisted(acc, nil); len(found) != 1 || found[0].Domain != "b.example" {
		t.Errorf("found %v", found)
	}
}

// TestTwoAccounts: a plan that deletes an identity with other keys than the file's
// deletes that of another account, and its MAIL FROM domain with it.
func TestTwoAccounts(t *testing.T) {
	t.Parallel()
	const token = `verification: "t="`
	own := "{region: eu-west-1, dkim: {selector: s1, public_key: " + judgetest.RSA2048 + "}}"
	first, second := "{region: eu-west-1, dkim: [a, b, c], mail_from: bounce}", "{region: eu-west-1, dkim: [d, e, f], mail_from: bounce}"
	gone := func(keys ...string) account.Change {
		return account.Change{Name: "example.com", Region: "eu-west-1", Deletes: true, Gone: true, Keys: keys}
	}
	renews, withToken := gone("d", "e", "f"), gone()
	renews.Deletes, renews.Gone, renews.Renews = false, false, true
	withToken.Token = "u="
	mail := account.Change{Name: "example.com", Region: "eu-west-1", Gone: true, Drops: "bounce.example.com"}
	for _, c := range []struct {
		what, file string
		changes    []account.Change
		want       string // the checks of each identity
	}{
		{"of the second", first + ", " + second, []account.Change{gone("D", "E", "F")}, " | ses-identity-missing"},
		{"of the first", first + ", " + second, []account.Change{gone("a", "b", "c")}, "ses-identity-missing | "},
		{"of an unknown one", first + ", " + second, []account.Change{gone()}, " | "},
		{"of one that the file lacks", first, []account.Change{gone("d", "e", "f")}, ""},
		{"with its MAIL FROM", first, []account.Change{mail, gone("d", "e", "f")}, ""},
		{"of the only one", first, []account.Change{gone()}, "ses-identity-missing"},
		{"made again, of another", first, []account.Change{renews}, ""},
		{"made again, of the second", first + ", " + second, []account.Change{renews}, " | ses-tokens-differ"},
		{"MAIL FROM of either", first + ", " + second, []account.Change{mail}, " | "},
		{"MAIL FROM of the only one", first, []account.Change{mail}, "ses-mail-from-unset"},
		{"with another selector", own, []account.Change{gone("s2")}, ""},
		{"with that selector", own, []account.Change{gone("S1")}, "ses-identity-missing"},
		{"with another legacy token", "{region: eu-west-1, " + token + "}", []account.Change{withToken}, ""},
		{"with tokens and no keys in the file", "{region: eu-west-1, mail_from: bounce}", []account.Change{gone("a", "b", "c")}, "ses-identity-missing"},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {identities: ["+c.file+"]}\n")
		wants, _ := pair(&f.Domains[0], &account.Account{Changes: c.changes})
		var all []string
		for _, w := range wants {
			var ids []string
			for _, f := range judge(w, everywhere(rightNow)).Findings {
				ids = append(ids, f.Check.ID)
			}
			all = append(all, strings.Join(ids, " "))
		}
		if got := strings.Join(all, " | "); got != c.want {
			t.Errorf("%s: %q, not %q", c.what, got, c.want)
		}
	}
}

// TestPlanAnywhere: a change in one of several regions, and which one is unknown, is no
// error of the file's, and may set right what the file asks for.
func TestPlanAnywhere(t *testing.T) {
	t.Parallel()
	const list = `{"Region": "eu-west-1", "EmailIdentities": []}`
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: [a, b, c], mail_from: bounce}\n")
	for _, change := range []account.Change{{Deletes: true}, {Drops: "bounce.example.com"}, {MailFrom: "x.example.com"}, {Renews: true}, {Selector: "s1"}} {
		change.Name, change.Anywhere = "example.com", true
		wants, _ := pair(&f.Domains[0], &account.Account{Changes: []account.Change{change}})
		if v := judge(wants[0], everywhere(rightNow)); len(v.Findings) > 0 {
			t.Errorf("%+v: found %v", change, v.Findings)
		}
	}
	acc := said(t, list)
	acc.Changes = []account.Change{{Name: "example.com", Anywhere: true, Makes: true, Easy: true}}
	wants, _ := pair(&f.Domains[0], acc)
	if v := judge(wants[0], everywhere(rightNow)); len(v.Findings) > 0 || len(v.Promises) != 1 {
		t.Errorf("made: found %v, promised %v", v.Findings, v.Promises)
	}
}

// TestMailFromOpens: a plan that sets a MAIL FROM domain whose name is unknown may set
// the file's.
func TestMailFromOpens(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: [a, b, c], mail_from: bounce}\n")
	gone := account.Change{Name: "example.com", Region: "eu-west-1", Gone: true, Drops: "bounce.example.com"}
	for _, c := range []struct {
		change account.Change
		found  int
	}{
		{account.Change{Name: "example.com", Region: "eu-west-1", Opens: true}, 0},
		{account.Change{Opens: true}, 0},
		{account.Change{Opens: true, MailFrom: "x.example.com"}, 0},
		{account.Change{Opens: true, MailFrom: "x.example.net"}, 1},
		{account.Change{Opens: true, Region: "us-east-1"}, 1},
	} {
		wants, _ := pair(&f.Domains[0], &account.Account{Changes: []account.Change{gone, c.change}})
		if v := judge(wants[0], everywhere(rightNow)); len(v.Findings) != c.found {
			t.Errorf("%+v: found %v", c.change, v.Findings)
		}
		acc := said(t, `{`+sesVerified+`, `+sesSigned+`, "MailFromAttributes": {}}`)
		acc.Changes = []account.Change{c.change}
		wants, _ = pair(&f.Domains[0], acc)
		if v := judge(wants[0], everywhere(rightNow)); len(v.Findings) != c.found || len(v.Promises) != 1-c.found {
			t.Errorf("%+v, not set: found %v, promised %v", c.change, v.Findings, v.Promises)
		}
	}
}

// TestPairTokens: SES's legacy token says which identity of the file an answer is
// about, and one that the file lists is never an error.
func TestPairTokens(t *testing.T) {
	t.Parallel()
	in := func(region, token string) string {
		return `{"VerificationAttributes": {"example.com": {"VerificationStatus": "Success", "VerificationToken": "` + token + `"}}, "Region": "` + region + `"}`
	}
	const a, b = `{region: eu-west-1, verification: "a="}`, `{region: eu-west-1, verification: "b="}`
	const keys = `{region: eu-west-1, dkim: [a, b, c], verification: "a="}, {region: eu-west-1, dkim: [d, e, f], verification: "b="}`
	elsewhere := strings.Replace(b, "eu-west-1", "us-east-1", 1)
	for _, c := range []struct{ file, ses, want string }{
		{a + ", " + b, in("eu-west-1", "b="), " b="},
		{a + ", " + b, in("eu-west-1", "b=") + in("eu-west-1", "a="), "a= b="},
		{keys, in("eu-west-1", "b="), " b="},
		{a + ", " + elsewhere, in("", "b="), " b="},
		{a + ", " + elsewhere, in("eu-west-1", "b=") + in("us-east-1", "a="), "b= a="},
		{a, in("eu-west-1", "c=") + in("eu-west-1", "a="), "a="},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {identities: ["+c.file+"]}\n")
		wants, _ := pair(&f.Domains[0], said(t, c.ses))
		var all []string
		for _, w := range wants {
			token := ""
			if w.said != nil {
				token = w.said.Token
			}
			all = append(all, token)
			if v := judge(w, everywhere(rightNow)); len(v.Findings) > 0 {
				t.Errorf("%s, %s: found %v", c.file, c.ses, v.Findings)
			}
		}
		if got := strings.Join(all, " "); got != c.want {
			t.Errorf("%s, %s: %q, not %q", c.file, c.ses, got, c.want)
		}
	}
}

// TestFailedToken: after FAILED, SES must be made to look again for its own token.
func TestFailedToken(t *testing.T) {
	t.Parallel()
	const again = "`aws ses verify-domain-identity --region eu-west-1 --domain example.com`"
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, verification: \"a=\"}\n")
	for status, want := range map[string]bool{"Failed": true, "Success": false, "TemporaryFailure": false, "Pending": false} {
		for _, live := range []bool{true, false} {
			wants, _ := pair(&f.Domains[0], said(t, `{"Region": "eu-west-1", "VerificationAttributes": {"example.com": {"VerificationStatus": "`+status+`", "VerificationToken": "b="}}}`))
			seen := everywhere(rightNow)
			if live {
				seen.token.Records = []record.Record{record.NewTXT("b=")}
			}
			v := judge(wants[0], seen)
			if len(v.Findings) != 1 || v.Findings[0].Check != TokensDiffer || strings.Contains(v.Findings[0].Text()+v.Findings[0].Advice, again) != want || live == (v.Findings[0].Advice == "") {
				t.Errorf("%s, live %v: %+v", status, live, v.Findings)
			}
		}
	}
}

// TestParentIsEnough: an identity for receiving needs none of its own below one that
// SES has, or that a plan keeps.
func TestParentIsEnough(t *testing.T) {
	t.Parallel()
	list := func(name string) string {
		return `{"Region": "eu-west-1", "EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "` + name + `"}]}`
	}
	gone := account.Change{Name: "in.example.com", Region: "eu-west-1", Deletes: true, Gone: true}
	for name, c := range map[string]struct {
		ses     string
		changes []account.Change
		want    int
	}{
		"listed":              {list("example.com"), nil, 0},
		"not listed":          {list("example.org"), nil, 1},
		"deleted, and listed": {list("example.com"), []account.Change{gone}, 0},
		"deleted, and kept":   {`{}`, []account.Change{gone, {Name: "example.com", Region: "eu-west-1"}}, 0},
		"both deleted":        {`{}`, []account.Change{gone, {Name: "example.com", Region: "eu-west-1", Deletes: true, Gone: true}}, 1},
	} {
		f, acc := judgetest.Parse(t, "version: 1\ndomains:\n  in.example.com: {region: eu-west-1, receiving: true}\n"), &account.Account{}
		if c.ses != `{}` {
			acc = said(t, c.ses)
		}
		acc.Changes = c.changes
		wants, _ := pair(&f.Domains[0], acc)
		if v := judge(wants[0], everywhere(rightNow)); len(v.Findings) != c.want {
			t.Errorf("%s: found %v", name, v.Findings)
		}
	}
}

// TestMailFromOfAnotherAccount: a plan whose identity has other keys than the file's
// sets the MAIL FROM domain of another account.
func TestMailFromOfAnotherAccount(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: [a, b, c], mail_from: bounce}\n")
	for keys, want := range map[string]int{"a b c": 1, "d e f": 0, "": 1} {
		acc := &account.Account{Changes: []account.Change{
			{Name: "example.com", Region: "eu-west-1", Keys: strings.Fields(keys)},
			{Name: "example.com", Region: "eu-west-1", MailFrom: "b2.example.com"},
		}}
		wants, _ := pair(&f.Domains[0], acc)
		if v := judge(wants[0], everywhere(rightNow)); len(v.Findings) != want {
			t.Errorf("%q: found %v", keys, v.Findings)
		}
	}
}

package ses

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

// TestScope: which checks can be made with what SES says of an identity.
func TestScope(t *testing.T) {
	t.Parallel()
	const bare = `{"EmailIdentity": "example.com", "Region": "eu-west-1"}`
	mail := func(name, status string) string {
		return `{"EmailIdentity": "example.com", "Region": "eu-west-1", "MailFromAttributes": {"MailFromDomain": "` + name + `", "MailFromDomainStatus": "` + status + `", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}}`
	}
	for name, c := range map[string]struct{ file, ses, want string }{
		"all":                        {sesFile, sesAll, "example.com: tokens-differ verification-failed dkim-failed pending signing-off; bounce.example.com: mail-from-unset mail-from-differs mail-from-failed"},
		"nothing said of it":         {sesFile, bare, ""},
		"verification alone":         {sesFile, `{` + sesVerified + `}`, "example.com: verification-failed pending"},
		"keys alone":                 {sesFile, `{"EmailIdentity": "example.com", "Region": "eu-west-1", ` + sesSigned + `}`, "example.com: tokens-differ dkim-failed pending signing-off"},
		"keys, and none in the file": {"region: eu-west-1, dkim: none, mail_from: bounce", `{"EmailIdentity": "example.com", "Region": "eu-west-1", ` + sesSigned + `}`, ""},
		"MAIL FROM alone":            {sesFile, mail("bounce.example.com", "SUCCESS"), "bounce.example.com: mail-from-unset mail-from-differs mail-from-failed"},
		"no MAIL FROM there":         {sesFile, mail("", ""), "bounce.example.com: mail-from-unset mail-from-differs"},
		"none in the file":           {"region: eu-west-1, dkim: [a, b, c]", mail("bounce.example.com", "SUCCESS"), ""},
		"what a failure does":        {strings.Replace(sesFile, "mail_from: bounce", "mail_from: {name: bounce, on_mx_failure: reject}", 1), mail("bounce.example.com", "SUCCESS"), "bounce.example.com: mail-from-unset mail-from-differs mail-from-failed mx-failure-differs"},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+c.file+"}\n")
		wants, _ := pair(&f.Domains[0], said(t, c.ses))
		var all []string
		for _, s := range wants[0].scope() {
			ids := strings.Join(finding.IDs(s.Checks), " ")
			all = append(all, string(s.Record.Name)+": "+strings.ReplaceAll(ids, "ses-", ""))
		}
		if got := strings.Join(all, "; "); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

// TestRegionName: the region is the file's, and where that has none, SES's.
func TestRegionName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, ses, want string }{
		{"region: eu-west-1, dkim: [a, b, c]", sesAll, " in eu-west-1"},
		{"verification: abc=", sesAll, " in eu-west-1"},
		{"region: us-east-1, dkim: [a, b, c]", sesAll, " in us-east-1"},
		{"region: us-east-1, dkim: [a, b, c]", `{"EmailIdentity": "example.com"}`, " in us-east-1"},
		{"verification: abc=", `{"EmailIdentity": "example.com"}`, ""},
		{"verification: abc=", `{"EmailIdentity": "example.org", "Region": "eu-west-1"}`, ""},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+c.file+"}\n")
		wants, _ := pair(&f.Domains[0], said(t, c.ses))
		if got := wants[0].region(); got != c.want {
			t.Errorf("%s, %.60s: %q", c.file, c.ses, got)
		}
	}
}

// TestPendingByWhat: an identity with a token waits for that, and one without for
// its keys.
func TestPendingByWhat(t *testing.T) {
	t.Parallel()
	pending := `{"EmailIdentity": "example.com", "Region": "eu-west-1", "VerificationStatus": "PENDING"}`
	right := everywhere(rightNow)
	keys, token := right, right
	keys.dkim = partSeen{state: wrongNow, wrong: []string{"the keys"}}
	token.verification = partSeen{state: wrongNow, wrong: []string{"the token"}}
	for _, c := range []struct {
		file string
		seen seenParts
		want string // what is wrong, in the words
	}{
		{"region: eu-west-1, dkim: [a, b, c]", keys, "the keys"},
		{"region: eu-west-1, dkim: [a, b, c]", token, ""},
		{"region: eu-west-1, verification: abc=, dkim: [a, b, c]", keys, ""},
		{"region: eu-west-1, verification: abc=, dkim: [a, b, c]", token, "the token"},
	} {
		v := judged(t, c.file, pending, c.seen)
		if len(v.Findings) != 1 || v.Findings[0].Check != Pending {
			t.Fatalf("%s: %v", c.file, v.Findings)
		}
		got := v.Findings[0].Text()
		for _, of := range []string{"the keys", "the token"} {
			if strings.Contains(got, of) != (of == c.want) {
				t.Errorf("%s: %s; want %q", c.file, got, c.want)
			}
		}
	}
}

package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/scripttest"
)

// awsStub has the calls of the AWS CLI that the workflow makes: two pages of
// identities in one region; the second region has no identity and no advisor.
const awsStub = `#!/usr/bin/env bash
printf '%s\n' "$*" >>"$CALLS"
case "$*" in
*"list-email-identities --page-size 100 --region eu-west-1 "*)
  echo '{"EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "example.com"}, {"IdentityType": "EMAIL_ADDRESS", "IdentityName": "a@example.com"}], "NextToken": "more=="}' ;;
*"list-email-identities --page-size 100 --next-token more== --region eu-west-1 "*)
  echo '{"EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "forgotten.example"}]}' ;;
*"list-email-identities"*)
  echo '{"EmailIdentities": []}' ;;
*"get-email-identity --email-identity example.com --region eu-west-1 "*)
  echo '{"IdentityType": "DOMAIN", "VerificationStatus": "SUCCESS", "DkimAttributes": {"Status": "SUCCESS", "SigningEnabled": true, "Tokens": ["d", "e", "f"]}}' ;;
*"get-email-identity --email-identity forgotten.example --region eu-west-1 "*)
  echo '{"IdentityType": "DOMAIN", "VerificationStatus": "SUCCESS"}' ;;
*"list-configuration-sets --region eu-west-1 "*)
  echo '{"ConfigurationSets": ["main"]}' ;;
*"list-configuration-sets"*)
  echo '{}' ;;
*"get-configuration-set --configuration-set-name main --region eu-west-1 "*)
  echo '{"ConfigurationSetName": "main", "TrackingOptions": {"CustomRedirectDomain": "click.example.com", "HttpsPolicy": "REQUIRE"}}' ;;
*"list-recommendations"*"--region eu-west-1 "*)
  echo '{"Recommendations": []}' ;;
*)
  echo "An error occurred (BadRequestException): $*" >&2
  exit 254 ;;
esac
`

// TestThreeSidesWorkflow: the script that queries Amazon SES writes files that
// --ses reads, with only the calls that its role permits.
func TestThreeSidesWorkflow(t *testing.T) {
	tools(t, "bash", "jq")
	jobs := workflow(t, "three-sides.yml")
	dir, bin := t.TempDir(), t.TempDir()
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	scripttest.Write(t, filepath.Join(bin, "aws"), awsStub)
	calls := filepath.Join(bin, "calls")
	out, code := bash(t, dir, jobs["ask"].script(t, "Ask Amazon SES"), "PATH="+bin+":"+os.Getenv("PATH"), "CALLS="+calls, "REGIONS=eu-west-1 us-east-1")
	if code != 0 || !strings.Contains(out, "Asked for 2 domains.") {
		t.Fatalf("exit %d\n%s", code, out)
	}
	policy := readFile(t, "../../docs/ses.md")
	for call := range strings.Lines(readFile(t, calls)) {
		var action strings.Builder
		for word := range strings.SplitSeq(strings.Fields(call)[1], "-") {
			action.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
		if !strings.Contains(policy, `"ses:`+action.String()+`"`) {
			t.Errorf("the policy in docs/ses.md does not allow ses:%s", &action)
		}
	}
	write(filepath.Join(dir, "sescheck.yaml"), "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: [a, b, c], tracking: click}\n  gone.example: {region: us-east-1, dkim: [g]}\n")
	write(filepath.Join(dir, "example.com.zone"), "@ 300 IN SOA a b 1 1 1 1 1\n")
	t.Chdir(dir)
	got, _, exit := run(t, "check", "--ses", "ses", "--zones", "example.com.zone", "--offline", "--check", "ses-*", "--format", "json", "sescheck.yaml")
	if exit != "1" {
		t.Fatalf("exit %s\n%s", exit, got)
	}
	for _, want := range []string{`"ses-tokens-differ"`, `"ses-identity-missing"`, `"ses-identity-unlisted"`, `"ses-tracking-https"`, `"forgotten.example"`} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
}

// TestThreeSidesIssue: the same steps as in the workflow without Amazon SES manage
// the issue, and the tests of that cover both.
func TestThreeSidesIssue(t *testing.T) {
	t.Parallel()
	from := func(name string) string {
		text := readFile(t, "../../docs/workflows/"+name)
		return text[strings.Index(text, "      - name: Fetch the report of the last run"):]
	}
	want := strings.NewReplacer("        with:\n          # Only new", "        with:\n          ses: ses\n          # Only new",
		"TITLE: DNS is not", "TITLE: DNS or Amazon SES is not").Replace(from("schedule.yml"))
	if diff := cmp.Diff(want, from("three-sides.yml")); diff != "" {
		t.Errorf("three-sides.yml is not schedule.yml with --ses: want -, got +\n%s", diff)
	}
}

package inventory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/edit"
)

// imported is the file that comes of JSON, without its head, and what is said
// to be skipped.
func imported(t *testing.T, reported account.Hint, o Options, documents string) (file string, r *Result) {
	t.Helper()
	inv, said := New(o), &account.Account{}
	if err := said.Read(strings.NewReader(documents), reported); err != nil {
		t.Fatal(err)
	}
	inv.Account(said)
	r = inv.Result(t.Context(), nil)
	_, file, _ = strings.Cut(string(edit.Write(r.Entries)), "domains:\n")
	for _, s := range r.Skipped {
		file += "skipped: " + s + "\n"
	}
	return file, r
}

func TestJSON(t *testing.T) {
	example := account.Hint{File: "stdin", Identity: "example.com", Region: "eu-west-1"}
	for name, c := range map[string]struct {
		reported account.Hint
		json     string
		want     string // of the file, or the error
	}{
		"least": {example, `{"IdentityType": "DOMAIN"}`, "  example.com:\n    region: eu-west-1\n"},
		"every field null": {
			example, `{"IdentityType": null, "DkimAttributes": null, "MailFromAttributes": null, "VerificationStatus": null, "VerificationInfo": null, "Tags": null}`,
			"  example.com:\n    region: eu-west-1\n",
		},
		"MAIL FROM without a name": {
			example, `{"MailFromAttributes": {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}}`, "  example.com:\n    region: eu-west-1\n",
		},
		"error beside success, both kinds of time": {
			example, `{"VerificationStatus": "SUCCESS", "VerificationInfo": {"ErrorType": "HOST_NOT_FOUND", "LastCheckedTimestamp": 1711643203.115, "LastSuccessTimestamp": "2024-03-28T23:26:44.441000+07:00"}}`,
			"  example.com:\n    region: eu-west-1\n",
		},
		"zone of the region": {
			account.Hint{Identity: "example.com", Region: "af-south-1"}, `{"DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningHostedZone": "dkim.af-south-1.amazonses.com"}}`,
			"  example.com:\n    region: af-south-1\n    dkim: [a, b, c]\n",
		},
		"zone that the table does not have": {
			account.Hint{Identity: "example.com", Region: "eu-west-1"}, `{"DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningHostedZone": "dkim.eu-west-1.amazonses.com"}}`,
			"  example.com:\n    region: eu-west-1\n    dkim: {signing_hosted_zone: dkim.eu-west-1.amazonses.com, tokens: [a, b, c]}\n",
		},
		"region from the zone": {
			account.Hint{Identity: "example.com"}, `{"DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningHostedZone": "dkim.ca-west-1.amazonses.com"}}`,
			"  example.com:\n    region: ca-west-1\n    dkim: [a, b, c]\n",
		},
		"replica whose parent is not there": {
			account.Hint{Identity: "example.com", Region: "us-west-2"}, `{"DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningAttributesOrigin": "AWS_SES_AF_SOUTH_1"}}`,
			"  # The identity in us-west-2 is a replica of the one in af-south-1, whose DKIM records it uses.\n  example.com:\n    region: us-west-2\n    dkim: {signing_hosted_zone: dkim.af-south-1.amazonses.com, tokens: [a, b, c]}\n",
		},
		"replica and parent": {
			account.Hint{}, `[{"EmailIdentity": "example.com", "Region": "us-west-2", "DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningAttributesOrigin": "AWS_SES_EU_WEST_1"}},
				{"EmailIdentity": "example.com", "Region": "eu-west-1", "DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningAttributesOrigin": "AWS_SES"}}]`,
			"  # The identity in us-west-2 is a replica of the one in eu-west-1, whose DKIM records it uses.\n  example.com:\n    identities:\n      - {region: eu-west-1, dkim: [a, b, c]}\n      - {region: us-west-2}\n",
		},
		"a part without a region": {
			account.Hint{}, `[{"MailFromDomainAttributes": {"example.com": {"MailFromDomain": "m.example.com"}}}, {"EmailIdentity": "example.com", "Region": "eu-west-1", "DkimAttributes": {"Tokens": ["a", "b", "c"]}}]`,
			"  example.com:\n    region: eu-west-1\n    dkim: [a, b, c]\n    mail_from: m\n",
		},
		"a part without a region, of one of two": {
			account.Hint{}, `[{"VerificationAttributes": {"example.com": {"VerificationToken": "abc="}}}, {"EmailIdentity": "example.com", "Region": "eu-west-1", "DkimAttributes": {"Tokens": ["a", "b", "c"]}}, {"EmailIdentity": "example.com", "Region": "us-east-1", "DkimAttributes": {"Tokens": ["d", "e", "f"]}}]`,
			"  # The AWS JSON of this domain does not name the region; set it with --region.\n  example.com:\n    identities:\n      - {region: eu-west-1, dkim: [a, b, c]}\n      - {region: us-east-1, dkim: [d, e, f]}\n      - {verification: abc=}\n",
		},
		"two accounts in one region": {
			account.Hint{Region: "eu-west-1"}, `{"EmailIdentity": "example.com", "DkimAttributes": {"Tokens": ["a", "b", "c"]}} {"EmailIdentity": "example.com", "DkimAttributes": {"Tokens": ["d", "e", "f"]}}`,
			"  example.com:\n    identities:\n      - {region: eu-west-1, dkim: [a, b, c]}\n      - {region: eu-west-1, dkim: [d, e, f]}\n",
		},
		"signing turned off": {
			example, `{"DkimAttributes": {"SigningEnabled": false, "Tokens": ["a", "b", "c"], "Status": "SUCCESS"}}`,
			"  # DKIM signing is turned off in SES in eu-west-1.\n  example.com:\n    region: eu-west-1\n    dkim: [a, b, c]\n",
		},
		"no DKIM": {example, `{"DkimAttributes": {"SigningEnabled": false, "Status": "NOT_STARTED"}}`, "  example.com:\n    region: eu-west-1\n    dkim: none\n"},
		"an address by its name": {
			account.Hint{Identity: "a@example.com"}, `{"VerificationStatus": "SUCCESS"}`, "",
		},
		"tokens that look like numbers": {
			example, `{"DkimAttributes": {"Tokens": ["1e10", "007", "no"]}}`, "  example.com:\n    region: eu-west-1\n    dkim: [\"1e10\", \"007\", \"no\"]\n",
		},
		"v1, no region": {
			account.Hint{}, `{"VerificationAttributes": {"example.com": {"VerificationStatus": "Success", "VerificationToken": "abc="}, "a@example.com": {"VerificationStatus": "Pending"}}}`,
			"  # The AWS JSON of this domain does not name the region; set it with --region.\n  example.com:\n    verification: abc=\n",
		},
		"v1, nothing known": {account.Hint{}, `{"DkimAttributes": {}, "ResponseMetadata": {"HTTPStatusCode": 200}}`, ""},
		"v1, names alone":   {account.Hint{Region: "eu-west-1"}, `{"Identities": ["example.com", "a@example.com"]}`, "  example.com:\n    region: eu-west-1\n"},
		"v1, empty":         {account.Hint{}, `{"VerificationAttributes": {}}`, ""},
		"v1, MAIL FROM":     {account.Hint{Region: "eu-west-1"}, `{"MailFromDomainAttributes": {"example.com": {"MailFromDomain": "m.example.com", "BehaviorOnMXFailure": "RejectMessage"}, "example.org": {"BehaviorOnMXFailure": "UseDefaultValue"}}}`, "  example.com:\n    mail_from: {name: m, on_mx_failure: reject}\n\n  example.org:\n"},
		"a name that is none": {account.Hint{}, `{"EmailIdentities": [{"IdentityName": "no dots"}, {"IdentityName": "example.com"}]}`, "  # The AWS JSON of this domain does not name the region; set it with --region.\n  example.com:\n" +
			"skipped: stdin line 1: identity \"no dots\" contains a space; remove it\n"},
		"a region that is none": {
			account.Hint{}, `{"EmailIdentity": "example.com", "Region": "Ireland", "IdentityType": "DOMAIN"}`,
			"  # The AWS JSON of this domain does not name the region; set it with --region.\n  example.com:\nskipped: stdin line 1: region \"Ireland\" is not an AWS region\n",
		},
		"a zone that is none": {
			example, `{"DkimAttributes": {"Tokens": ["a"], "SigningHostedZone": "##[error]x"}}`,
			"  example.com:\n    region: eu-west-1\n    dkim: [a]\nskipped: stdin line 1: SigningHostedZone \"#\\x23[error]x\" is not a domain name\n",
		},
		"a MAIL FROM domain that is none": {
			example, `{"DkimAttributes": {"Tokens": ["a"]}, "MailFromAttributes": {"MailFromDomain": "::x"}}`,
			"  example.com:\n    region: eu-west-1\n    dkim: [a]\nskipped: stdin line 1: MAIL FROM domain \"::x\" contains a colon; write only the name\n",
		},
		"a token that is none": {
			example, `{"DkimAttributes": {"Tokens": ["a", "b-", "c"]}}`,
			"  example.com:\n    region: eu-west-1\n    dkim: [a, c]\nskipped: stdin line 1: DKIM token \"b-\" has characters other than letters and digits\n",
		},
		"tokens that are none are not DKIM turned off": {
			example, `{"DkimAttributes": {"SigningEnabled": false, "Tokens": [" "]}}`,
			"  # DKIM signing is turned off in SES in eu-west-1.\n  example.com:\n    region: eu-west-1\nskipped: stdin line 1: DKIM token \" \" has characters other than letters and digits\n",
		},
		"a verification token that is none": {
			example, `{"VerificationAttributes": {"example.com": {"VerificationToken": "a b"}}}`,
			"  example.com:\n    region: eu-west-1\nskipped: stdin line 1: verification token \"a b\" has characters that are not base64\n",
		},
		"selector with a hyphen": {
			example, `{"DkimAttributes": {"SigningAttributesOrigin": "EXTERNAL", "Tokens": ["ses-2026"]}}`,
			"  # It signs with its own key (BYODKIM), but no readable key was found: add dkim: {selector: ses-2026, public_key: …}.\n  example.com:\n    region: eu-west-1\n",
		},
		"selector that is none": {
			example, `{"DkimAttributes": {"SigningAttributesOrigin": "EXTERNAL", "Tokens": ["s_1"]}}`,
			"  # It signs with its own key (BYODKIM), but no readable key was found: add dkim: {selector: …, public_key: …}.\n  example.com:\n    region: eu-west-1\nskipped: stdin line 1: selector \"s_1\" has characters other than letters, digits and inner hyphens\n",
		},
		"words that are not known": {
			example, `{"IdentityType": "PLANET", "VerificationStatus": "SHINY", "DkimAttributes": {"Status": 7, "Tokens": ["a"], "SigningAttributesOrigin": "AWS_SES_MARS"}, "MailFromAttributes": {"MailFromDomain": "m.example.com", "MailFromDomainStatus": "?", "BehaviorOnMxFailure": "SHRUG"}}`,
			"  # The identity in eu-west-1 is a replica of the one in an unknown region, whose DKIM records it uses.\n  example.com:\n    region: eu-west-1\n    dkim: [a]\n    mail_from: m\n" +
				"skipped: stdin line 1: \"DkimAttributes.Status\" is a number, but should be a text\nskipped: stdin line 1: verification status \"SHINY\" is not one that sescheck knows\n" +
				"skipped: stdin line 1: DKIM origin \"AWS_SES_MARS\" names no region\nskipped: stdin line 1: MAIL FROM status \"?\" is not one that sescheck knows\n",
		},
		"replica: the zone that SES says wins": {
			account.Hint{Identity: "example.com", Region: "us-west-2"}, `{"DkimAttributes": {"Tokens": ["a"], "SigningAttributesOrigin": "AWS_SES_AF_SOUTH_1", "SigningHostedZone": "dkim.eu-south-1.amazonses.com"}}`,
			"  # The identity in us-west-2 is a replica of the one in af-south-1, whose DKIM records it uses.\n  example.com:\n    region: us-west-2\n    dkim: {signing_hosted_zone: dkim.eu-south-1.amazonses.com, tokens: [a]}\n",
		},
		"replica of a region that the table does not have": {
			account.Hint{Identity: "example.com", Region: "us-west-2"}, `{"DkimAttributes": {"Tokens": ["a"], "SigningAttributesOrigin": "AWS_SES_EU_WEST_9"}}`,
			"  # The identity in us-west-2 is a replica of the one in eu-west-9, whose DKIM records it uses.\n  example.com:\n    region: us-west-2\n    dkim: {signing_hosted_zone: dkim.eu-west-9.amazonses.com, tokens: [a]}\n",
		},
		"the same twice": {
			example, `{"DkimAttributes": {"Tokens": ["a", "b", "c"]}} {"DkimAttributes": {"Tokens": ["c", "b", "a"]}}`, "  example.com:\n    region: eu-west-1\n    dkim: [a, b, c]\n",
		},
		"once without its region": {
			account.Hint{Identity: "example.com"}, `{"DkimAttributes": {"Tokens": ["a", "b", "c"]}} {"Region": "eu-west-1", "DkimAttributes": {"Tokens": ["c", "b", "a"]}}`, "  example.com:\n    region: eu-west-1\n    dkim: [a, b, c]\n",
		},
		"two regions": {
			account.Hint{}, `[{"EmailIdentity": "example.com", "Region": "us-west-2", "DkimAttributes": {"Tokens": ["d"]}}, {"EmailIdentity": "example.com", "Region": "eu-west-1", "DkimAttributes": {"Tokens": ["a"]}}]`,
			"  example.com:\n    identities:\n      - {region: eu-west-1, dkim: [a]}\n      - {region: us-west-2, dkim: [d]}\n",
		},
		"a list of names before the identities": {
			account.Hint{}, `{"EmailIdentities": [{"IdentityName": "example.com"}]} {"EmailIdentity": "example.com", "Region": "eu-west-1", "DkimAttributes": {"Tokens": ["a"]}}`,
			"  example.com:\n    region: eu-west-1\n    dkim: [a]\n",
		},
		"a list of names behind the identities": {
			account.Hint{}, `{"EmailIdentity": "example.com", "Region": "eu-west-1", "DkimAttributes": {"Tokens": ["a"]}} {"Identities": ["example.com"]}`,
			"  example.com:\n    region: eu-west-1\n    dkim: [a]\n",
		},
		"a domain that AWS manages": {example, `{"IdentityType": "MANAGED_DOMAIN"}`, "  example.com:\n    region: eu-west-1\n"},
		"marks between documents":   {account.Hint{Region: "eu-west-1"}, "\ufeff{\"Identities\": [\"a.example\"]}\r\n\ufeff{\"Identities\": [\"b.example\"]}", "  a.example:\n\n  b.example:\n"},
		"UTF-16, little end first":  {example, "\xff\xfe{\x00}\x00{\x00\"\x00I\x00d\x00e\x00n\x00t\x00i\x00t\x00y\x00T\x00y\x00p\x00e\x00\"\x00:\x00n\x00u\x00l\x00l\x00}\x00\r\x00\n\x00", "  example.com:\n    region: eu-west-1\n"},
		"UTF-16, big end first":     {example, "\xfe\xff\x00{\x00\"\x00I\x00d\x00e\x00n\x00t\x00i\x00t\x00y\x00T\x00y\x00p\x00e\x00\"\x00:\x00n\x00u\x00l\x00l\x00}", "  example.com:\n    region: eu-west-1\n"},
		"the second document": {
			example, "{}\n\n{\"DkimAttributes\": {\"Tokens\": \"a\"}}",
			"  example.com:\n    region: eu-west-1\nskipped: stdin line 3: \"DkimAttributes.Tokens\" is a string, but should be a list\n",
		},
		"an error among lines of JSON": {
			account.Hint{Region: "eu-west-1"}, "{\"Identities\": [\"a.example\"]}\n\nAn error occurred (NotFoundException): {no}\n{\"Identities\": [\"b.example\"]}\n",
			"  a.example:\n\n  b.example:\nskipped: stdin line 3: this is not JSON; run the CLI with --output json\n",
		},
		"cut off in the middle": {
			account.Hint{Region: "eu-west-1"}, "{\"Identities\": [\"a.example\"]}\n{\n  \"DkimAttributes\": {\n{\"Identities\": [\"b.example\"]}\n",
			"  a.example:\n\n  b.example:\nskipped: stdin line 2: this is not JSON: invalid character '{' looking for beginning of object key string\n",
		},
		"cut off at the end": {
			account.Hint{Region: "eu-west-1"}, "{\"Identities\": [\"a.example\"]}\n{\n  \"DkimAttributes\": {", "  a.example:\n    region: eu-west-1\nskipped: stdin line 2: the JSON that begins here ends too early; was it cut off?\n",
		},
		"other answers": {
			example, "[{\"Templates\": []},\n{\"SendingEnabled\": true, \"##[x\": 1}]",
			"skipped: stdin line 1: this is not one" + strings.TrimSuffix(answersRead, "\n") + " (and 1 more like it)\n",
		},
		"nameless":  {account.Hint{}, `{"IdentityType": "DOMAIN"}` + "\n" + `{"IdentityType": "DOMAIN"}`, "skipped: stdin line 1: it does not say which domain it is about; use --identity, name the file after the domain, as in example.com.json, or add EmailIdentity (and 1 more like it)\n"},
		"deep":      {example, strings.Repeat("[", 100_000), "skipped: stdin line 1: this is not JSON: invalid character '[' exceeded max depth\n"},
		"scalars":   {example, `[1, 2]`, "skipped: stdin line 1: this is not output of the AWS CLI; use the output of `aws sesv2 get-email-identity`, for example (and 1 more like it)\n"},
		"a word":    {example, `"x"`, "skipped: stdin line 1: this is not output of the AWS CLI; use the output of `aws sesv2 get-email-identity`, for example\n"},
		"no JSON":   {example, "\n<html>", "skipped: stdin line 2: this is not JSON; run the CLI with --output json\n"},
		"no end":    {example, strings.Repeat("{\n", 100), "skipped: stdin line 1: this is not JSON: invalid character '{' looking for beginning of object key string (and 19 more like it)\nskipped: stdin line 21: the rest is not read, because too much is not JSON\n"},
		"nothing":   {example, " \n", "skipped: stdin: it is empty; pipe in what `aws sesv2 get-email-identity` prints, for example\n"},
		"two marks": {example, "\ufeff\ufeff", "skipped: stdin: it is empty; pipe in what `aws sesv2 get-email-identity` prints, for example\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c.reported.File = "stdin"
			got, _ := imported(t, c.reported, Options{}, c.json)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

const answersRead = " of the outputs that sescheck reads: get-email-identity, list-email-identities, get-configuration-set and list-recommendations of sesv2, get-identity-verification-attributes, get-identity-dkim-attributes and get-identity-mail-from-domain-attributes of ses, and a domain with its records from Resend's API\n"

// FuzzJSON: whatever AWS's JSON is said to be, nothing that is said of it
// commands anybody, and the file has no mistakes.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"EmailIdentity": "example.com", "DkimAttributes": {"Tokens": ["a"], "SigningAttributesOrigin": "AWS_SES_EU_WEST_1", "SigningHostedZone": "dkim.amazonses.com"}, "MailFromAttributes": {"MailFromDomain": "m.example.com"}}`,
		`{"VerificationAttributes": {"example.com": {"VerificationToken": "abc="}}} [{"DkimAttributes": {"example.com": {"DkimTokens": ["a"], "DkimEnabled": false}}}]`,
		`{"MailFromDomainAttributes": {"example.com": {"MailFromDomain": "m.example.com"}}} {"EmailIdentities": [{"IdentityName": "b.example"}], "NextToken": "x"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, documents string) {
		_, r := imported(t, account.Hint{File: "##[x"}, Options{Region: "eu-west-1"}, documents)
		if len(r.Entries) > 0 {
			if _, problems := config.Parse("f", edit.Write(r.Entries)); len(problems) > 0 {
				t.Errorf("%v\n%s", problems, edit.Write(r.Entries))
			}
		}
		for _, what := range append(r.Skipped, r.NotWritten...) {
			if strings.ContainsAny(what, "\n\r\x1b\x00") || strings.Contains(what, "##[") {
				t.Errorf("unsafe: %q", what)
			}
		}
	})
}

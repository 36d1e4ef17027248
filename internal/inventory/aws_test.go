package inventory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config"
)

// imported is the file that comes of JSON, without its head.
func imported(t *testing.T, told Told, o Options, documents string) (file string, r *Result, err error) {
	t.Helper()
	inv := New(o)
	if err := inv.JSON(strings.NewReader(documents), told); err != nil {
		return "", nil, err
	}
	if r, err = inv.Result(t.Context(), nil); err != nil {
		return "", nil, err
	}
	_, file, _ = strings.Cut(string(config.Write(r.Entries)), "domains:\n")
	return file, r, nil
}

func TestJSON(t *testing.T) {
	example := Told{Source: "stdin", Identity: "example.com", Region: "eu-west-1"}
	for name, c := range map[string]struct {
		told Told
		json string
		want string // of the file, or the error
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
			Told{Identity: "example.com", Region: "af-south-1"}, `{"DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningHostedZone": "dkim.af-south-1.amazonses.com"}}`,
			"  example.com:\n    region: af-south-1\n    dkim: [a, b, c]\n",
		},
		"zone that the table does not have": {
			Told{Identity: "example.com", Region: "eu-west-1"}, `{"DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningHostedZone": "dkim.eu-west-1.amazonses.com"}}`,
			"  example.com:\n    region: eu-west-1\n    dkim: {signing_hosted_zone: dkim.eu-west-1.amazonses.com, tokens: [a, b, c]}\n",
		},
		"region from the zone": {
			Told{Identity: "example.com"}, `{"DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningHostedZone": "dkim.ca-west-1.amazonses.com"}}`,
			"  example.com:\n    region: ca-west-1\n    dkim: [a, b, c]\n",
		},
		"replica whose parent is not there": {
			Told{Identity: "example.com", Region: "us-west-2"}, `{"DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningAttributesOrigin": "AWS_SES_AF_SOUTH_1"}}`,
			"  # The identity in us-west-2 is a replica of the one in af-south-1, whose DKIM records it uses.\n  example.com:\n    region: us-west-2\n    dkim: {signing_hosted_zone: dkim.af-south-1.amazonses.com, tokens: [a, b, c]}\n",
		},
		"replica and parent": {
			Told{}, `[{"EmailIdentity": "example.com", "Region": "us-west-2", "DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningAttributesOrigin": "AWS_SES_EU_WEST_1"}},
				{"EmailIdentity": "example.com", "Region": "eu-west-1", "DkimAttributes": {"Tokens": ["a", "b", "c"], "SigningAttributesOrigin": "AWS_SES"}}]`,
			"  # The identity in us-west-2 is a replica of the one in eu-west-1, whose DKIM records it uses.\n  example.com:\n    identities:\n      - {region: eu-west-1, dkim: [a, b, c]}\n      - {region: us-west-2}\n",
		},
		"two accounts in one region": {
			Told{Region: "eu-west-1"}, `{"EmailIdentity": "example.com", "DkimAttributes": {"Tokens": ["a", "b", "c"]}} {"EmailIdentity": "example.com", "DkimAttributes": {"Tokens": ["d", "e", "f"]}}`,
			"  example.com:\n    identities:\n      - {region: eu-west-1, dkim: [a, b, c]}\n      - {region: eu-west-1, dkim: [d, e, f]}\n",
		},
		"signing turned off": {
			example, `{"DkimAttributes": {"SigningEnabled": false, "Tokens": ["a", "b", "c"], "Status": "SUCCESS"}}`,
			"  # DKIM signing is turned off in SES in eu-west-1.\n  example.com:\n    region: eu-west-1\n    dkim: [a, b, c]\n",
		},
		"no DKIM": {example, `{"DkimAttributes": {"SigningEnabled": false, "Status": "NOT_STARTED"}}`, "  example.com:\n    region: eu-west-1\n    dkim: none\n"},
		"an address by its name": {
			Told{Identity: "a@example.com"}, `{"VerificationStatus": "SUCCESS"}`, "",
		},
		"tokens that look like numbers": {
			example, `{"DkimAttributes": {"Tokens": ["1e10", "007", "no"]}}`, "  example.com:\n    region: eu-west-1\n    dkim: [\"1e10\", \"007\", \"no\"]\n",
		},
		"v1, no region": {
			Told{}, `{"VerificationAttributes": {"example.com": {"VerificationStatus": "Success", "VerificationToken": "abc="}, "a@example.com": {"VerificationStatus": "Pending"}}}`,
			"  # What AWS says of this domain does not tell the region; give it with --region.\n  example.com:\n    verification: abc=\n",
		},
		"v1, nothing known":   {Told{}, `{"DkimAttributes": {}, "ResponseMetadata": {"HTTPStatusCode": 200}}`, ""},
		"v1, names alone":     {Told{Region: "eu-west-1"}, `{"Identities": ["example.com", "a@example.com"]}`, "  example.com:\n    region: eu-west-1\n"},
		"v1, empty":           {Told{}, `{"VerificationAttributes": {}}`, ""},
		"v1, MAIL FROM":       {Told{Region: "eu-west-1"}, `{"MailFromDomainAttributes": {"example.com": {"MailFromDomain": "m.example.com", "BehaviorOnMXFailure": "RejectMessage"}, "example.org": {"BehaviorOnMXFailure": "UseDefaultValue"}}}`, "  example.com:\n    mail_from: {name: m, on_mx_failure: reject}\n\n  example.org:\n"},
		"a name that is none": {Told{}, `{"EmailIdentities": [{"IdentityName": "no dots"}]}`, `stdin line 1: identity "no dots" has a blank in it; take it out`},
		"a region that is none": {
			Told{}, `{"EmailIdentity": "example.com", "Region": "Ireland", "IdentityType": "DOMAIN"}`, `stdin line 1: region "Ireland" is no AWS region`,
		},
		"a zone that is none": {
			example, `{"DkimAttributes": {"Tokens": ["a"], "SigningHostedZone": "##[error]x"}}`, `stdin line 1: SigningHostedZone "#\x23[error]x" is no domain name`,
		},
		"the second document": {
			example, "{}\n\n{\"DkimAttributes\": {\"Tokens\": \"a\"}}", `stdin line 3: "DkimAttributes.Tokens" is a string, and should be a list`,
		},
		"deep":    {example, strings.Repeat("[", 100_000), "stdin line 1: this is no JSON: invalid character '[' exceeded max depth"},
		"scalars": {example, `[1, 2]`, "stdin line 1: a list holds something else than answers of AWS"},
		"a word":  {example, `"x"`, "stdin line 1: this is no answer of AWS; give what `aws sesv2 get-email-identity` prints, for example"},
		"no JSON": {example, "\n<html>", "stdin line 2: this is no JSON: invalid character '<' looking for beginning of value"},
	} {
		t.Run(name, func(t *testing.T) {
			c.told.Source = "stdin"
			got, _, err := imported(t, c.told, Options{}, c.json)
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

func TestFromPath(t *testing.T) {
	for path, want := range map[string]Told{
		"example.com.json":                   {Identity: "example.com"},
		"ses/eu-west-1/example.com.json":     {Identity: "example.com", Region: "eu-west-1"},
		"ses/example.com.eu-west-1.json":     {Identity: "example.com", Region: "eu-west-1"},
		"ses/example.com@us-gov-west-1.json": {Identity: "example.com", Region: "us-gov-west-1"},
		"ses/eu-west-1/a@example.com.json":   {Identity: "a@example.com", Region: "eu-west-1"},
		"identities.json":                    {},
		"eu-west-1/identities.json":          {Region: "eu-west-1"},
		".json":                              {},
	} {
		want.Source = path
		if got := FromPath(path); got != want {
			t.Errorf("%s: got %+v, want %+v", path, got, want)
		}
	}
}

// FuzzJSON: whatever AWS's JSON is said to be, there is an error that commands
// nobody, or a file without mistakes.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"EmailIdentity": "example.com", "DkimAttributes": {"Tokens": ["a"], "SigningAttributesOrigin": "AWS_SES_EU_WEST_1", "SigningHostedZone": "dkim.amazonses.com"}, "MailFromAttributes": {"MailFromDomain": "m.example.com"}}`,
		`{"VerificationAttributes": {"example.com": {"VerificationToken": "abc="}}} [{"DkimAttributes": {"example.com": {"DkimTokens": ["a"], "DkimEnabled": false}}}]`,
		`{"MailFromDomainAttributes": {"example.com": {"MailFromDomain": "m.example.com"}}} {"EmailIdentities": [{"IdentityName": "b.example"}], "NextToken": "x"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, documents string) {
		_, r, err := imported(t, Told{Source: "##[x"}, Options{Region: "eu-west-1"}, documents)
		if err != nil {
			if s := err.Error(); strings.ContainsAny(s, "\n\r\x1b\x00") || strings.Contains(s, "##[") {
				t.Errorf("unsafe: %q", s)
			}
			return
		}
		if len(r.Entries) > 0 {
			if _, problems := config.Parse("f", config.Write(r.Entries)); len(problems) > 0 {
				t.Errorf("%v\n%s", problems, config.Write(r.Entries))
			}
		}
		for _, what := range r.Others {
			if strings.ContainsAny(what, "\n\r\x1b\x00") || strings.Contains(what, "##[") {
				t.Errorf("unsafe: %q", what)
			}
		}
	})
}

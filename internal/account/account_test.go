package account

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

func read(t *testing.T, hint Hint, documents string) *Account {
	t.Helper()
	acc := &Account{}
	if err := acc.Read(strings.NewReader(documents), hint); err != nil {
		t.Fatal(err)
	}
	return acc
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]Status{
		"SUCCESS": Success, "Success": Success, "TEMPORARY_FAILURE": TemporaryFailure, "TemporaryFailure": TemporaryFailure,
		"NOT_STARTED": NotStarted, "NotStarted": NotStarted, "PENDING": Pending, "Failed": Failed, "": Unknown, "SHINY": Unknown,
	} {
		if got := ParseStatus(word); got != want {
			t.Errorf("%q is %s, not %s", word, got, want)
		}
	}
}

// TestTimes: both forms of AWS's times are read; any other value is no time.
func TestTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 3, 28, 16, 26, 44, 115e6, time.UTC)
	for text, want := range map[string]time.Time{
		`"2024-03-28T23:26:44.115000+07:00"`: at, `1711643204.115`: at, `"2024-03-28T16:26:44.115Z"`: at,
		`"yesterday"`: {}, `-1`: {}, `1e300`: {}, `null`: {}, `{"a": 1}`: {}, `true`: {},
	} {
		var s stamp
		if err := json.Unmarshal([]byte(text), &s); err != nil || !time.Time(s).Equal(want) {
			t.Errorf("%s is %v, %v", text, time.Time(s), err)
		}
	}
}

// TestOf: several answers about an identity are merged, and two accounts stay two.
func TestOf(t *testing.T) {
	t.Parallel()
	const v1 = `{"VerificationAttributes": {"example.com": {"VerificationStatus": "Success", "VerificationToken": "abc="}}}
		{"DkimAttributes": {"example.com": {"DkimTokens": ["A", "b"], "DkimVerificationStatus": "Pending"}}}
		{"MailFromDomainAttributes": {"example.com": {"MailFromDomain": "m.example.com", "MailFromDomainStatus": "Failed"}}}`
	acc := read(t, Hint{File: "x", Region: "eu-west-1"}, v1+`{"EmailIdentity": "example.com", "DkimAttributes": {"Tokens": ["x"]}} {"EmailIdentity": "example.com", "Region": "us-east-1"}`)
	all := acc.Of("example.com")
	if len(all) != 3 {
		t.Fatalf("%+v", all)
	}
	if one := all[0]; one.Verification != Success || one.Token != "abc=" || one.DKIM.Status != Pending || one.MailFrom.Status != Failed || one.Whole {
		t.Errorf("%+v", one)
	}
	if got := acc.Of("example.org"); got != nil {
		t.Errorf("%+v", got)
	}
}

// TestNewestCounts: of two whole answers, the one with the later check of SES wins.
func TestNewestCounts(t *testing.T) {
	t.Parallel()
	const old = `{"EmailIdentity": "example.com", "VerificationStatus": "FAILED", "VerificationInfo": {"LastCheckedTimestamp": 1}}`
	const now = `{"EmailIdentity": "example.com", "VerificationStatus": "SUCCESS", "VerificationInfo": {"LastCheckedTimestamp": 2}}`
	for _, documents := range []string{old + now, now + old} {
		if all := read(t, Hint{}, documents).Of("example.com"); len(all) != 1 || all[0].Verification != Success {
			t.Errorf("%s: %+v", documents, all)
		}
	}
}

func TestListed(t *testing.T) {
	t.Parallel()
	const names = `{"EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "a.example"}]}`
	for what, c := range map[string]struct {
		documents    string
		known, there bool
	}{
		"the whole list":      {names, true, true},
		"a page of it":        {strings.Replace(names, "]}", `], "NextToken": "x"}`, 1), false, true},
		"all pages":           {strings.Replace(names, "]}", `], "NextToken": "x"}`, 1) + `{"EmailIdentities": []}`, true, true},
		"without the domain":  {strings.Replace(names, "a.example", "b.example", 1), true, false},
		"of another region":   {strings.Replace(names, "{", `{"Region": "us-east-1", `, 1), false, false},
		"the identity itself": {`{"EmailIdentity": "a.example"}`, false, true},
	} {
		acc := read(t, Hint{File: "x", Region: "eu-west-1"}, c.documents)
		if known, there := acc.Listed("a.example", "eu-west-1"); known != c.known || there != c.there {
			t.Errorf("%s: known %v, there %v", what, known, there)
		}
	}
}

// TestLoad: folders are read by the names of their files, and an unreadable file is
// one line.
func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put("ses/eu-west-1/example.com.json", `{"IdentityType": "DOMAIN"}`)
	put("ses/all.jsonl", `{"EmailIdentity": "a.example", "Region": "us-east-1", "IdentityType": "DOMAIN"}`+"\n"+`{"EmailIdentity": "b.example", "Region": "us-east-1", "IdentityType": "DOMAIN"}`)
	put("ses/.git/c.example.json", `{"IdentityType": "DOMAIN"}`)
	put("ses/notes.txt", "no JSON")
	acc, err := Load(t.Context(), filepath.Join(dir, "ses"))
	if err != nil || len(acc.Identities) != 3 || len(acc.Skipped) > 0 {
		t.Fatalf("%+v, %v", acc, err)
	}
	if id := acc.Of("example.com"); len(id) != 1 || id[0].Region != "eu-west-1" {
		t.Errorf("%+v", id)
	}
	for _, path := range []string{
		put("first.json", `{"format_version": "1.2", "resource_changes": []}`), put("address.json", `{"EmailIdentity": "a@example.com", "IdentityType": "EMAIL_ADDRESS"}`),
		put("list.json", `{"EmailIdentities": []}`),
	} {
		if _, err := Load(t.Context(), path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.json"):                                                          "there is no such file",
		filepath.Dir(put("empty/notes.txt", "")):                                                 "there is no JSON file in it",
		put("failed.json", `{"format_version": "1.2", "errored": true, "resource_changes": []}`): "the plan failed",
		put("future.json", `{"format_version": "9.0", "resource_changes": []}`):                  "unknown format",
		put("cut.json", `{"IdentityType": "DOM`):                                                 "--ses: " + filepath.Join(dir, "cut.json") + " line 1: the JSON that begins here ends too early",
		put("none.txt", "An error occurred (NotFoundException)"):                                 "this is not JSON",
		put("nothing.json", "\n"):                                                                "it is empty",
	} {
		if _, err := Load(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestTerraform: a plan gives the current identities, not the planned ones; a state
// gives all.
func TestTerraform(t *testing.T) {
	t.Parallel()
	const identity = `{"email_identity": "example.com", "arn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com", "verification_status": "SUCCESS", "dkim_signing_attributes": [{"status": "PENDING", "tokens": ["a", "b", "c"]}]}`
	change := func(actions, before, after string) string {
		return `{"address": "aws_sesv2_email_identity.this", "mode": "managed", "type": "aws_sesv2_email_identity", "name": "this", "change": {"actions": [` + actions + `], "before": ` + before + `, "after": ` + after + `}}`
	}
	for what, c := range map[string]struct {
		document string
		want     int
	}{
		"created":   {`"resource_changes": [` + change(`"create"`, "null", identity) + `]`, 0},
		"updated":   {`"resource_changes": [` + change(`"update"`, identity, strings.ReplaceAll(identity, `"a"`, `"x"`)) + `]`, 1},
		"unchanged": {`"resource_changes": [` + change(`"no-op"`, identity, identity) + `]`, 1},
		"deleted":   {`"resource_changes": [` + change(`"delete"`, identity, "null") + `]`, 1},
		"a state":   {`"values": {"root_module": {"resources": [{"address": "aws_sesv2_email_identity.this", "mode": "managed", "type": "aws_sesv2_email_identity", "name": "this", "values": ` + identity + `}]}}`, 1},
	} {
		path := filepath.Join(t.TempDir(), "plan.json")
		if err := os.WriteFile(path, []byte(`{"format_version": "1.2", `+c.document+`}`), 0o644); err != nil {
			t.Fatal(err)
		}
		acc, err := Load(t.Context(), path)
		if err != nil || len(acc.Identities) != c.want || (len(acc.Skipped) == 0) != (c.want > 0) {
			t.Errorf("%s: %+v, %v", what, acc, err)
			continue
		}
		for _, id := range acc.Identities {
			if id.Region != "eu-west-1" || id.Verification != Success || id.DKIM.Status != Pending || !SameTokens(id.DKIM.Tokens, []string{"c", "b", "a"}) || id.MailFrom != nil {
				t.Errorf("%s: %+v", what, id)
			}
		}
	}
}

// TestBounds: an answer may be of any length, but the stored data and messages are
// bounded.
func TestBounds(t *testing.T) {
	t.Parallel()
	many := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	for _, c := range []struct {
		what, text                string
		identities, tokens, noted int
	}{
		{"tokens", `{"EmailIdentity": "example.com", "DkimAttributes": {"Tokens": [` + many(20_000, `"a"`) + `]}}`, 1, maxTokens, 1},
		{"bad tokens", `{"EmailIdentity": "example.com", "DkimAttributes": {"Tokens": [` + many(20_000, `"!"`) + `]}}`, 1, 0, maxTokens + 1},
		{"identities of a name", "[" + many(5_000, `{"EmailIdentity": "example.com", "VerificationStatus": "SUCCESS"}`) + "]", maxAnswers, 0, 1},
		{"bad names", `{"Identities": [` + many(20_000, `"a b"`) + `]}`, 0, 0, maxSkipped + 1},
	} {
		acc := &Account{}
		if err := acc.Read(strings.NewReader(c.text), Hint{File: "x"}); err != nil {
			t.Fatal(err)
		}
		tokens := 0
		for _, id := range acc.Identities {
			if id.DKIM != nil {
				tokens += len(id.DKIM.Tokens)
			}
		}
		if len(acc.Identities) != c.identities || tokens != c.tokens || len(acc.Skipped) != c.noted {
			t.Errorf("%s: %d identities, %d tokens, %d notes", c.what, len(acc.Identities), tokens, len(acc.Skipped))
		}
	}
}

// TestUnknownStatus: a status that sescheck does not know is noted, wherever it is.
func TestUnknownStatus(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"EmailIdentity": "example.com", "VerificationStatus": "WEIRD", "DkimAttributes": {"Status": "ODD"}, "MailFromAttributes": {"MailFromDomain": "m.example.com", "MailFromDomainStatus": "STRANGE"}}`: 3,
		`{"VerificationAttributes": {"example.com": {"VerificationStatus": "Weird"}}}`:                                                           1,
		`{"Region": "eu-west-1", "EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "example.com", "VerificationStatus": "WEIRD"}]}`: 1,
		`{"EmailIdentity": "example.com", "VerificationStatus": "NotStarted", "DkimAttributes": {"Status": ""}, "MailFromAttributes": {}}`:       0,
		`{"VerificationAttributes": {"example.com": {"VerificationStatus": "TemporaryFailure"}}}`:                                                0,
	} {
		acc := read(t, Hint{File: "x"}, text)
		for _, s := range acc.Skipped {
			if !strings.Contains(s.What, "is not one that sescheck knows") {
				t.Errorf("%s: %s", text, s)
			}
		}
		if len(acc.Skipped) != want {
			t.Errorf("%s: %v", text, acc.Skipped)
		}
	}
}

// TestRecordsOfProviders: JSON with DNS records is named as such.
func TestRecordsOfProviders(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`[{"kind": "dns#resourceRecordSet", "name": "example.com.", "rrdatas": ["10 mx.example.com."], "ttl": 300, "type": "MX"}]`:             true,
		`{"result": [{"id": "1", "type": "A", "name": "example.com", "content": "192.0.2.1"}], "success": true}`:                               true,
		`{"name": "example.com.", "kind": "Native", "rrsets": [{"name": "example.com.", "type": "A", "records": [{"content": "192.0.2.1"}]}]}`: true,
		`{"domain_records": [{"id": 1, "type": "A", "name": "@", "data": "192.0.2.1"}]}`:                                                       true,
		`{"result": [], "success": true}`:             false,
		`{"name": "example.com", "type": "x"}`:        false,
		`{"data": [{"id": "1"}], "result": "broken"}`: false,
	} {
		acc := read(t, Hint{File: "x"}, text)
		if len(acc.Skipped) != 1 || strings.Contains(acc.Skipped[0].What, "DNS records in a JSON format") != want {
			t.Errorf("%s: %v", text, acc.Skipped)
		}
	}
}

// TestListHasStatuses: the list of API v2 has the status of each identity. Without
// a region it is not known whose status that is.
func TestListHasStatuses(t *testing.T) {
	t.Parallel()
	const list = `{"EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "a.example", "SendingEnabled": false, "VerificationStatus": "FAILED"}, {"IdentityType": "DOMAIN", "IdentityName": "b.example"}, {"IdentityType": "EMAIL_ADDRESS", "IdentityName": "x@a.example", "VerificationStatus": "PENDING"}]}`
	for region, want := range map[string]int{"eu-west-1": 1, "": 0} {
		acc := read(t, Hint{File: "x", Region: region}, list)
		if len(acc.Identities) != want || len(acc.Lists) != 1 || len(acc.Lists[0].Names) != 2 {
			t.Errorf("%q: %+v", region, acc)
		}
		for _, id := range acc.Identities {
			if id.Name != "a.example" || id.Verification != Failed || id.Region != region || id.Whole {
				t.Errorf("%+v", id)
			}
		}
	}
}

// TestPages: a list is incomplete only if no page ends it.
func TestPages(t *testing.T) {
	t.Parallel()
	const page, last = `{"Region": "eu-west-1", "Identities": ["a.example"], "NextToken": "x"}`, `{"Region": "eu-west-1", "Identities": ["b.example"]}`
	for text, want := range map[string]int{page: 1, page + page: 1, page + last: 0, last: 0, page + strings.ReplaceAll(last, "eu-west-1", "us-east-1"): 1} {
		acc := &Account{}
		if err := acc.Read(strings.NewReader(text), Hint{File: "x"}); err != nil {
			t.Fatal(err)
		}
		if acc.NotePages(); len(acc.Skipped) != want {
			t.Errorf("%s: %v", text, acc.Skipped)
		}
	}
}

// TestNamelessIsNoted: an answer without a domain is reported.
func TestNamelessIsNoted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "out.json")
	if err := os.WriteFile(file, []byte(`{"IdentityType": "DOMAIN", "VerificationStatus": "SUCCESS"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	acc, err := Load(t.Context(), file)
	if err != nil || len(acc.Skipped) != 1 || !strings.Contains(acc.Skipped[0].What, "which domain it is about") {
		t.Errorf("%v, %v", err, acc.Skipped)
	}
}

// TestChange: only the differences between a plan's identity and its current state
// are changes.
func TestChange(t *testing.T) {
	t.Parallel()
	now := &source.Identity{Name: "example.com", MailFrom: "m.example.com", OnMXFailure: "USE_DEFAULT_VALUE"}
	for _, c := range []struct {
		is   source.Identity
		want Change
	}{
		{source.Identity{Name: "Example.com", Promised: true, Region: "eu-west-1"}, Change{Name: "example.com", Makes: true, Easy: true, Region: "eu-west-1"}},
		{source.Identity{Name: "example.com", MailFrom: "b.example.com", OnMXFailure: "REJECT_MESSAGE", Now: now}, Change{Name: "example.com", MailFrom: "b.example.com", Drops: "m.example.com", OnFailure: "reject"}},
		{source.Identity{Name: "example.com", MailFrom: "m.example.com", OnMXFailure: "USE_DEFAULT_VALUE", Now: now}, Change{Name: "example.com"}},
		{source.Identity{Name: "example.com", Part: true, MailFrom: "m.example.com", OnMXFailure: "USE_DEFAULT_VALUE", Now: now}, Change{Name: "example.com", Keeps: "m.example.com"}},
		{source.Identity{Name: "example.com", Part: true, Replaced: true, MailFrom: "m.example.com", OnMXFailure: "USE_DEFAULT_VALUE", Now: now}, Change{Name: "example.com"}},
		{source.Identity{Name: "example.com", Part: true, MailFrom: "m.example.com", OnMXFailure: "REJECT_MESSAGE", Now: now}, Change{Name: "example.com", OnFailure: "reject"}},
		{source.Identity{Name: "example.com", MailFrom: "b.example.com", Gone: true, Now: now}, Change{Name: "example.com", Deletes: true, Gone: true, Drops: "m.example.com"}},
		{source.Identity{Name: "example.com", MailFrom: "b.example.com", Part: true, Gone: true, Now: now}, Change{Name: "example.com", Gone: true, Drops: "m.example.com"}},
		{source.Identity{Name: "example.com", Part: true, MailFromOpen: true, Now: now}, Change{Name: "example.com", Opens: true}},
		{source.Identity{Part: true, MailFromOpen: true, Region: "eu-west-1"}, Change{Opens: true, Region: "eu-west-1"}},
		{source.Identity{Part: true, MailFrom: "b.example.com"}, Change{MailFrom: "b.example.com", Opens: true}},
		{source.Identity{Name: "example.com", Promised: true, SelectorOpen: true}, Change{Name: "example.com", Makes: true}},
		{source.Identity{Name: "example.com", Gone: true, Now: &source.Identity{Tokens: []string{"a", "b"}, Verification: "t="}}, Change{Name: "example.com", Deletes: true, Gone: true, Keys: []string{"a", "b"}, Token: "t="}},
		{source.Identity{Name: "example.com", Part: true, Now: now}, Change{Name: "example.com", Drops: "m.example.com"}},
		{source.Identity{Name: "example.com", Part: true, MailFrom: "M.example.com", Now: now}, Change{Name: "example.com"}},
		{source.Identity{Name: "example.com", Part: true, MailFrom: "b.example.com"}, Change{Name: "example.com", MailFrom: "b.example.com"}},
		{source.Identity{Place: source.Place{File: "./tf/ses.tf", Line: 3, End: 5}, Name: "example.com", Proves: true}, Change{Name: "example.com", From: "./tf/ses.tf", Makes: true, Place: config.Place{File: "tf/ses.tf", Line: 3, EndLine: 5}}},
		{source.Identity{Name: "example.com", Proves: true}, Change{Name: "example.com", Makes: true}},
		{source.Identity{Name: "example.com", Replaced: true, MailFrom: "m.example.com", OnMXFailure: "USE_DEFAULT_VALUE", Now: now}, Change{Name: "example.com", Renews: true}},
		{source.Identity{Name: "example.com", Origin: "EXTERNAL", Selector: "S1"}, Change{Name: "example.com", Makes: true, Selector: "s1"}},
		{source.Identity{Name: "example.com", Selector: "s1", Now: &source.Identity{Name: "example.com", Selector: "s1"}}, Change{Name: "example.com", Keys: []string{"s1"}}},
		{source.Identity{Name: "example.com", Selector: "s2", Now: &source.Identity{Name: "example.com", Selector: "s1"}}, Change{Name: "example.com", Selector: "s2", Keys: []string{"s1"}}},
	} {
		acc := &Account{}
		acc.Change([]source.Identity{c.is, {Name: "a@example.com"}})
		if len(acc.Changes) != 1 || !reflect.DeepEqual(acc.Changes[0], c.want) {
			t.Errorf("%+v: %+v", c.is, acc.Changes)
		}
	}
}

// TestRegionOfChange: a deleted part whose region is a guess is that of the identity
// that the plan deletes, or else of its only one.
func TestRegionOfChange(t *testing.T) {
	t.Parallel()
	part := source.Identity{Name: "example.com", Region: "eu-west-1", RegionOpen: true, Part: true, Gone: true}
	kept := func(region string) source.Identity { return source.Identity{Name: "Example.com", Region: region} }
	gone := func(region string) source.Identity {
		return source.Identity{Name: "example.com", Region: region, Gone: true}
	}
	unsaid, several, made := part, part, part
	unsaid.Region, unsaid.RegionOpen, several.Region = "", false, ""
	made.Gone, made.Region = false, ""
	for _, c := range []struct {
		part   source.Identity
		with   []source.Identity
		region string
		any    bool
	}{
		{part, nil, "eu-west-1", false},
		{part, []source.Identity{gone("us-east-1")}, "us-east-1", false},
		{part, []source.Identity{kept("eu-west-1"), gone("us-east-1")}, "us-east-1", false},
		{part, []source.Identity{kept("us-east-1")}, "us-east-1", false},
		{part, []source.Identity{kept("eu-west-1"), kept("us-east-1")}, "eu-west-1", true},
		{part, []source.Identity{{Name: "b.example", Region: "us-east-1", Gone: true}}, "eu-west-1", false},
		{unsaid, nil, "", false},
		{unsaid, []source.Identity{gone("us-east-1")}, "us-east-1", false},
		{several, nil, "", true},
		{several, []source.Identity{kept("eu-west-1")}, "eu-west-1", false},
		{several, []source.Identity{kept("eu-west-1"), kept("")}, "", true},
		{made, []source.Identity{kept("eu-west-1")}, "", true},
	} {
		acc := &Account{}
		acc.Change(append([]source.Identity{c.part}, c.with...))
		if got := acc.Changes[0]; got.Region != c.region || got.Anywhere != c.any {
			t.Errorf("%+v with %+v: %+v", c.part, c.with, got)
		}
	}
}

// TestNamelessChange: a change of an identity whose name is unknown may be one of every
// domain that its MAIL FROM domain is of.
func TestNamelessChange(t *testing.T) {
	t.Parallel()
	acc := &Account{Changes: []Change{{Opens: true, From: "a"}, {Opens: true, MailFrom: "b.example.com", From: "b"}, {Opens: true, Region: "us-east-1", From: "c"}}}
	for domain, want := range map[record.Name]string{"example.com": "ab", "example.net": "a"} {
		got := ""
		for _, c := range acc.Changing(domain, "eu-west-1") {
			got += c.From
		}
		if got != want {
			t.Errorf("%s: %s", domain, got)
		}
	}
	many := &Account{}
	for range 3 * maxNameless {
		many.Changes = append(many.Changes, Change{Opens: true, MailFrom: "b.example.com", Region: "us-east-1"})
	}
	if all := many.Changing("example.net", "eu-west-1"); len(all) != 1 || len(many.Changing("example.com", "us-east-1")) != maxNameless+1 {
		t.Errorf("of many: %+v", all)
	}
}

// TestTwoTokens: answers with two legacy tokens are about two identities.
func TestTwoTokens(t *testing.T) {
	t.Parallel()
	acc := &Account{}
	for _, token := range []string{"", "a=", "b=", "a="} {
		acc.add(Identity{Name: "example.com", Region: "eu-west-1", Token: token})
	}
	if all := acc.Of("example.com"); len(all) != 2 || all[0].Token != "a=" || all[1].Token != "b=" {
		t.Errorf("%+v", all)
	}
}

// TestKeysOfDeletion: the tokens of a deleted identity of API version 1 are those of the
// resource that is deleted with it.
func TestKeysOfDeletion(t *testing.T) {
	t.Parallel()
	gone := func(address, region string) source.Identity {
		return source.Identity{Place: source.Place{Address: address}, Name: "example.com", Region: region, Gone: true, Now: &source.Identity{}}
	}
	keys := func(address, region, token string, gone bool) source.Identity {
		return source.Identity{Place: source.Place{Address: address}, Name: "example.com", Region: region, Part: true, Gone: gone, Now: &source.Identity{Tokens: []string{token}}}
	}
	for name, c := range map[string]struct {
		all  []source.Identity
		want string
	}{
		"with its keys":  {[]source.Identity{gone("i", "eu-west-1"), keys("k", "eu-west-1", "a", true)}, "[a]"},
		"keys that stay": {[]source.Identity{gone("i", "eu-west-1"), keys("k", "eu-west-1", "a", false)}, "[]"},
		"keys elsewhere": {[]source.Identity{gone("i", "eu-west-1"), keys("k", "us-east-1", "a", true)}, "[]"},
		"two keys":       {[]source.Identity{gone("i", "eu-west-1"), keys("k", "eu-west-1", "a", true), keys("l", "eu-west-1", "b", true)}, "[]"},
		"two identities": {[]source.Identity{gone("i", "eu-west-1"), gone("j", "eu-west-1"), keys("k", "eu-west-1", "a", true)}, "[]"},
		"of no resource": {[]source.Identity{gone("i", "eu-west-1")}, "[]"},
	} {
		acc := &Account{}
		acc.Change(c.all)
		if got := fmt.Sprint(acc.Changes[0].Keys); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

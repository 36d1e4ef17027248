package config

import (
	"testing"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
)

// everyKey has each key of a domain and of an identity.
const everyKey = `version: 1
domains:
  a.example:
    region: eu-west-1
    sender: plunk
    verification: abc=
    dkim: [a, b, c]
    mail_from: {name: bounce, on_mx_failure: reject, spf: [amazonses.com]}
    receiving: {host: in.b.example}
    tracking: {name: click, target: t.b.example}
    spf: {includes: [_spf.b.example], exact: false, all: "-all"}
    dmarc: {policy: none, subdomain_policy: reject, np: reject, aspf: s, adkim: r, rua: ["mailto:x@a.example"]}
    require: [gmail, outlook]
    pending_until: 2027-01-31
`

// TestKeyTables: each key of the tables is read into its field, is copied, is
// written as it was read, and has its own place.
func TestKeyTables(t *testing.T) {
	file, problems := Parse("f", []byte(everyKey))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	d := file.Domains[0]
	id := d.Identities[0]
	checkKeys(t, IdentityKeys, &id)
	checkKeys(t, DomainKeys, &d)
	checkTerms(t, mailFromKeys, id.MailFrom)
	checkTerms(t, receivingKeys, id.Receiving)
	checkTerms(t, trackingKeys, id.Tracking)
	checkTerms(t, spfKeys, d.SPF)
	checkTerms(t, dmarcKeys, d.DMARC)
	for _, k := range RecordKeys {
		var only Identity
		k.Take(&only, &id)
		if !only.AsksForRecords() {
			t.Errorf("an identity with %s asks for no records", k.name)
		}
	}
}

func checkKeys[T any](t *testing.T, keys []Key[T], full *T) {
	t.Helper()
	checkTerms(t, keys, full)
	lines := map[int]string{}
	for _, k := range keys {
		var one T
		k.Take(&one, full)
		if got := GivenPairs(keys, &one, "a.example"); len(got) != 1 || got[0].Key != k.name {
			t.Errorf("%s is copied as %v", k.name, got)
		}
		if k.Differ(full, &one, "a.example") || k.same != nil && !k.same(full, &one) {
			t.Errorf("%s differs from its copy", k.name)
		}
		line := k.Place(full).Line
		if lines[line] != "" || line == 0 {
			t.Errorf("%s is in line %d, as %q is", k.name, line, lines[line])
		}
		lines[line] = k.name
	}
}

// checkTerms reads each key as it is written, by itself.
func checkTerms[T any](t *testing.T, keys []Key[T], full *T) {
	t.Helper()
	for _, k := range keys {
		if !k.Given(full) {
			t.Errorf("%s was not read", k.name)
			continue
		}
		pair := yamltext.Pair{Key: k.name, Value: k.Term(full, "a.example")}
		r := newReader("f", []byte(pair.Flow()), newLoading())
		v := value{node: r.decode(r.text.Data), next: r.text.End()}
		ps := r.pairs(v)
		var one T
		k.read(r, ps[0], &one, setting{record.Name("a.example"), v, ps})
		if len(r.list) > 0 || !k.Given(&one) || k.Term(&one, "a.example").Flow() != pair.Value.Flow() {
			t.Errorf("%s is read as %v, with %v", pair.Flow(), GivenPairs(keys, &one, "a.example"), r.list)
		}
	}
}

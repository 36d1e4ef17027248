package app

import (
	"slices"
	"testing"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

const zone = `$ORIGIN example.com.
@ 300 IN SOA ns1 h 1 3600 600 86400 60
@ 300 IN NS ns1
@ 300 IN TXT "v=spf1 -all"
@ 300 IN TXT "kept"
bounce 300 IN MX 10 a
`

// overlay reads the zone and changes to it.
func overlay(t *testing.T, changes string) *source.Zones {
	t.Helper()
	z := &source.Zones{}
	for name, text := range map[string]string{"example.com.zone": zone, "change.json": changes} {
		if err := z.AddText(t.Context(), name, text); err != nil {
			t.Fatal(err)
		}
	}
	return z
}

const (
	batch    = "{\"Changes\": [{\"Action\": \"UPSERT\", \"ResourceRecordSet\": {\"Name\": \"example.com.\", \"Type\": \"TXT\", \"ResourceRecords\": [\n{\"Value\": \"\\\"kept\\\"\"}]}}]}"
	delegate = `{"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "bounce.example.com.", "Type": "NS", "ResourceRecords": [{"Value": "ns.else.example"}]}}]}`
)

// gone is a plan that deletes or replaces the zone.
func gone(actions, after string) string {
	return `{"format_version": "1.2", "resource_changes": [{"address": "aws_route53_zone.z", "mode": "managed", "type": "aws_route53_zone", "name": "z",
	 "change": {"actions": [` + actions + `], "before": {"name": "example.com", "name_servers": ["ns1.example.com"]}, "after": ` + after + `}}]}`
}

// TestMade: records of a zone that a change replaces, or deletes with their zone,
// lead to the change.
func TestMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		changes string
		q       record.Question
		data    string
		line    int
		address string
	}{
		"replaced":     {batch, record.Question{Name: "example.com", Type: record.TXT}, `"v=spf1 -all"`, 2, ""},
		"zone deleted": {gone(`"delete"`, "null"), record.Question{Name: "bounce.example.com", Type: record.MX}, "10 a.example.com.", 0, "aws_route53_zone.z"},
	} {
		var found []string
		for _, m := range made(overlay(t, c.changes))(c.q) {
			if m.Deletes {
				found = append(found, m.Data.String())
				if m.Line != c.line || m.Address != c.address {
					t.Errorf("%s: deleted by %+v", name, m.Origin)
				}
			}
		}
		if !slices.Equal(found, []string{c.data}) {
			t.Errorf("%s: deletes %q", name, found)
		}
	}
}

// TestPublished: records below a planned delegation, or in a deleted zone, are not
// published.
func TestPublished(t *testing.T) {
	t.Parallel()
	for changes, want := range map[string]bool{batch: true, delegate: false, gone(`"delete"`, "null"): false} {
		is := slices.ContainsFunc(published(overlay(t, changes)), func(p check.Published) bool { return p.Owner == "bounce.example.com" && p.Record.Type == record.MX })
		if is != want {
			t.Errorf("%s: %v", changes, is)
		}
	}
}

// TestGiven: a zone that replaces another has the name servers of that one, to find
// out whether DNS still has them.
func TestGiven(t *testing.T) {
	t.Parallel()
	for changes, want := range map[string]int{gone(`"delete", "create"`, `{"name": "example.com"}`): 1, gone(`"delete"`, "null"): 0} {
		n := 0
		for _, g := range given(overlay(t, changes)) {
			n += len(g.Replaced)
		}
		if n != want {
			t.Errorf("%s: %d servers", changes, n)
		}
	}
}

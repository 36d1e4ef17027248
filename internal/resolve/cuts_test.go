package resolve

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// hosted is the change of a zone, with name servers before the change.
func hosted(typ, actions, before, after string) string {
	return `{"address": "` + typ + `.z", "mode": "managed", "type": "` + typ + `", "name": "z", "change": {"actions": [` + actions + `], "before": ` + before + `, "after": ` + after + `, "after_unknown": {}}}`
}

// TestCutsAndDeletedZones: names that a plan delegates are not answered from the
// zone above, and a deleted zone has no records. "" is a query without an answer.
func TestCutsAndDeletedZones(t *testing.T) {
	t.Parallel()
	const r53, both, mine, foreign = "aws_route53_record", `"delete", "create"`, `["ns1.example.com"]`, `["ns1.else.example"]`
	const zone = "@ 300 IN NS ns1\nbounce 300 IN MX 10 old.example.net.\nkey._domainkey 300 IN TXT x\n"
	was := func(servers string) string {
		return `{"name": "example.com", "zone": "example.com", "dns_name": "example.com.", "id": "Z1", "zone_id": "Z1", "name_servers": ` + servers + `}`
	}
	cut := change(r53, "", "bounce.example.com NS ns1.else.example")
	deleted := hosted("aws_route53_zone", `"delete"`, was(mine), "null")
	const known = `{"name": "example.com", "zone": "example.com", "dns_name": "example.com."}`
	for name, c := range map[string]struct{ changes, question, want string }{
		"delegated":               {cut, "bounce MX", ""},
		"delegated above":         {change(r53, "", "_domainkey.example.com NS ns1.else.example"), "key._domainkey TXT", ""},
		"delegated, kept":         {change(r53, "bounce.example.com NS ns1.else.example", "bounce.example.com NS ns1.else.example"), "bounce MX", ""},
		"delegated, unknown":      {change(r53, "", "bounce.example.com NS ?"), "bounce MX", ""},
		"delegated, Cloudflare":   {change("cloudflare_dns_record", "", "bounce.example.com NS ns1.else.example"), "bounce MX", ""},
		"delegated, the NS":       {cut, "bounce NS", "ns1.else.example."},
		"delegated beside":        {cut, "key._domainkey TXT", `"x"`},
		"delegated, own records":  {cut + "," + change(r53, "", "bounce.example.com MX 10 new.example.net"), "bounce MX", ""},
		"delegated, a wildcard":   {cut + "," + change(r53, "", "*.example.com MX 10 new.example.net"), "x.bounce MX", ""},
		"delegated, zone planned": {cut + "," + hosted("aws_route53_zone", `"create"`, "null", `{"name": "bounce.example.com"}`) + "," + change(r53, "", "bounce.example.com MX 10 new.example.net"), "bounce MX", "10 new.example.net."},
		"no longer delegated":     {change(r53, "bounce.example.com NS ns1.else.example", ""), "bounce MX", "10 old.example.net."},
		"NS of the zone":          {change(r53, "", "example.com NS ns1.else.example"), "bounce MX", "10 old.example.net."},
		"deleted":                 {deleted, "bounce MX", "no such name"},
		"deleted, the zone's":     {deleted, "@ MX", "no data"},
		"deleted, Cloudflare":     {hosted("cloudflare_zone", `"delete"`, was(mine), "null"), "bounce MX", "no such name"},
		"deleted, Google":         {hosted("google_dns_managed_zone", `"delete"`, was(mine), "null"), "bounce MX", "no such name"},
		"deleted, Azure":          {hosted("azurerm_dns_zone", `"delete"`, was(mine), "null"), "bounce MX", "no such name"},
		"deleted, no servers":     {hosted("digitalocean_domain", `"delete"`, `{"name": "example.com"}`, "null"), "bounce MX", "no such name"},
		"deleted, an old zone":    {hosted("aws_route53_zone", `"delete"`, was(foreign), "null"), "bounce MX", "10 old.example.net."},
		"deleted, private":        {hosted("aws_route53_zone", `"delete"`, `{"name": "example.com", "vpc": [{"vpc_id": "v"}]}`, "null"), "bounce MX", "10 old.example.net."},
		"deleted, another kept":   {deleted + "," + hosted("cloudflare_zone", `"no-op"`, known, known), "bounce MX", "10 old.example.net."},
		"moved":                   {deleted + "," + hosted("cloudflare_zone", `"create"`, "null", known) + "," + change(r53, "", "bounce.example.com MX 10 new.example.net"), "bounce MX", "10 new.example.net."},
		"moved, forgotten":        {deleted + "," + hosted("cloudflare_zone", `"create"`, "null", known), "bounce MX", "no such name"},
		"forgotten":               {hosted("aws_route53_zone", `"forget"`, was(mine), "null"), "bounce MX", "10 old.example.net."},
		"replaced":                {hosted("aws_route53_zone", both, was(mine), known), "bounce MX", "no such name"},
		"replaced, wildcard":      {hosted("aws_route53_zone", both, was(mine), known) + "," + change(r53, "", "*.example.com MX 10 new.example.net"), "bounce MX", "10 new.example.net."},
		"renamed":                 {hosted("aws_route53_zone", both, was(mine), `{"name": "example.net"}`), "bounce MX", "no such name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := New(Options{Zones: overlay(t, zone, c.changes)})
			defer r.Close()
			label, typ, _ := strings.Cut(c.question, " ")
			of, _ := record.ParseType(typ)
			n := record.MustName(strings.TrimPrefix(label+".example.com", "@."))
			a := r.Ask(t.Context(), record.Question{Name: n, Type: of})
			got := ""
			for _, one := range a.Records {
				got += one.String()
			}
			if a.Absent() {
				got = a.Status.String()
			}
			if got != c.want || a.Failure != nil && a.Failure.Fault != record.Offline {
				t.Errorf("got %q %v, want %q", got, a.Failure, c.want)
			}
		})
	}
}

// TestNewDelegation: below a new delegation, DNS is asked only if it has one of the
// planned servers already.
func TestNewDelegation(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "bounce.example.com", Type: record.MX}
	for name, c := range map[string]struct {
		changes, live string
		fault         record.Fault
	}{
		"not live":    {change("aws_route53_record", "", "bounce.example.com NS ns1.else.example"), "", record.Promised},
		"live":        {change("aws_route53_record", "", "bounce.example.com NS ns1.else.example"), "ns1.else.example", 0},
		"another":     {change("aws_route53_record", "", "bounce.example.com NS ns1.else.example"), "ns1.old.example", record.Promised},
		"not known":   {change("aws_route53_record", "", "bounce.example.com NS ?"), "ns1.old.example", record.Promised},
		"not changed": {strings.Replace(change("aws_route53_record", "", "bounce.example.com NS ns1.else.example"), "create", "no-op", 1), "ns1.old.example", 0},
	} {
		cut, ok := overlay(t, "", c.changes).Changes().Cut(q.Name)
		if !ok {
			t.Fatalf("%s: no cut", name)
		}
		_, failure := below(cut, func(asked record.Question) (reply, *record.Failure) {
			rep := reply{}
			if asked.Type == record.NS && c.live != "" {
				rep.Answers = []record.RR{{Owner: asked.Name, Data: record.Record{Type: record.NS, Host: record.Name(c.live)}}}
			}
			return rep, nil
		})(q)
		if failure == nil != (c.fault == 0) || failure != nil && (failure.Fault != c.fault || failure.Question != q) {
			t.Errorf("%s: %v", name, failure)
		}
	}
}

// TestDeletedZoneLive: a deleted zone has no names, unless DNS delegates to the name
// servers of another zone. A failure to ask for these is a failure.
func TestDeletedZoneLive(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "bounce.example.com", Type: record.MX}
	h := source.Hosted{Apex: "example.com", NameServers: []record.Name{"ns1.mine.example"}, Gone: true}
	for server, want := range map[string]int{"ns1.mine.example": dns.RcodeNameError, "ns1.other.example": dns.RcodeSuccess, "": dns.RcodeNameError} {
		rep, failure := deleted(h, func(asked record.Question) (reply, *record.Failure) {
			rep := reply{}
			if asked.Type == record.NS && server != "" {
				rep.Answers = []record.RR{{Owner: asked.Name, Data: record.Record{Type: record.NS, Host: record.Name(server)}}}
			}
			return rep, nil
		})(q)
		if failure != nil || rep.Rcode != want {
			t.Errorf("%q: %d %v", server, rep.Rcode, failure)
		}
	}
	_, failure := deleted(h, func(asked record.Question) (reply, *record.Failure) {
		return reply{}, &record.Failure{Question: asked, Fault: record.Timeout}
	})(q)
	if failure == nil || failure.Fault != record.Timeout || failure.Question != q {
		t.Error(failure)
	}
}

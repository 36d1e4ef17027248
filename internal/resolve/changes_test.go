package resolve

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// overlay reads a zone and a plan of Terraform that changes it.
func overlay(t *testing.T, zone, changes string) *source.Zones {
	t.Helper()
	dir := t.TempDir()
	z, p := filepath.Join(dir, "example.com.zone"), filepath.Join(dir, "plan.json")
	plan := `{"format_version": "1.2", "resource_changes": [` + changes + `], "prior_state": {"values": {"root_module": {"resources": [
	 {"address": "cloudflare_zone.z", "mode": "managed", "type": "cloudflare_zone", "name": "z", "values": {"id": "c", "name": "example.com"}}]}}}}`
	for path, text := range map[string]string{z: "@ 300 IN SOA ns1 h 1 1 1 1 1\n" + zone, p: plan} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	zones, err := source.ReadZones(t.Context(), z)
	if err == nil {
		err = zones.AddPlans(t.Context(), p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return zones
}

// change is a resource of a plan; before and after are "name type values", where
// "?" is a value that is not known.
func change(typ, before, after string) string {
	action := `"update"`
	switch {
	case before == "":
		action = `"create"`
	case after == "":
		action = `"delete"`
	}
	unknown := "{}"
	attributes := func(s string) string {
		if s == "" {
			return "null"
		}
		words := strings.SplitN(s, " ", 3)
		values := `"records": ["` + words[2] + `"]`
		if typ != "aws_route53_record" {
			values = `"zone_id": "c", "content": "` + words[2] + `"`
		}
		if words[2] == "?" {
			values, unknown = `"records": [null]`, `{"records": [true]}`
		}
		return fmt.Sprintf(`{"name": %q, "type": %q, %s}`, words[0], words[1], values)
	}
	b, a := attributes(before), attributes(after)
	return fmt.Sprintf(`{"address": "x.%x", "mode": "managed", "type": %q, "name": "x", "change": {"actions": [%s], "before": %s, "after": %s, "after_unknown": %s}}`, before+after, typ, action, b, a, unknown)
}

// proxied is the CNAME c of the zone, behind the proxy of Cloudflare.
const proxied = `c.example.com CNAME t.example.com", "proxied": true, "x": "`

// TestLaid: what is to change is answered from it, all else as it is.
func TestLaid(t *testing.T) {
	t.Parallel()
	const r53, cf = "aws_route53_record", "cloudflare_dns_record"
	const zone = "bounce 300 IN MX 10 old.example.net.\nt 300 IN TXT \"one\"\nt 300 IN TXT \"two\"\nc 300 IN CNAME t\n*.w 300 IN TXT \"wild\"\n"
	for name, c := range map[string]struct{ changes, question, want string }{
		"untouched":                 {change(r53, "", "a.example.com TXT x"), "bounce MX", "10 old.example.net."},
		"created":                   {change(r53, "", "a.example.com TXT x"), "a TXT", `"x"`},
		"changed":                   {change(r53, "bounce.example.com MX 10 a", "bounce.example.com MX 10 b.example.net"), "bounce MX", "10 b.example.net."},
		"deleted":                   {change(r53, "t.example.com TXT one", ""), "t TXT", "no data"},
		"a record added":            {change(cf, "", "t.example.com TXT three"), "t TXT", `"one" "three" "two"`},
		"a record that is there":    {change(cf, "", "t.example.com TXT two"), "t TXT", `"one" "two"`},
		"a record changed":          {change(cf, "t.example.com TXT two", "t.example.com TXT 2"), "t TXT", `"2" "one"`},
		"a record deleted":          {change(cf, "t.example.com TXT two", ""), "t TXT", `"one"`},
		"all records deleted":       {change(cf, "t.example.com TXT two", "") + "," + change(cf, "t.example.com TXT one", ""), "t TXT", "no data"},
		"a name that is new":        {change(r53, "", "a.b.example.com TXT x"), "b MX", "no data"},
		"a name that is not":        {change(r53, "", "a.b.example.com TXT x"), "c.b MX", "no such name"},
		"a CNAME made":              {change(r53, "", "new.example.com CNAME t.example.com"), "new TXT", `"one" "two"`},
		"a CNAME that is changed":   {change(r53, "c.example.com CNAME t.example.com", "c.example.com CNAME x.w.example.com"), "c TXT", `"wild"`},
		"a CNAME deleted":           {change(r53, "c.example.com CNAME t.example.com", ""), "c TXT", "no data"},
		"a CNAME for a record":      {change(r53, "c.example.com CNAME t.example.com", "") + "," + change(r53, "", "c.example.com TXT own"), "c TXT", `"own"`},
		"a record for a CNAME":      {change(r53, "t.example.com TXT one", "") + "," + change(r53, "", "t.example.com CNAME x.w.example.com"), "t TXT", `"wild"`},
		"behind a CNAME":            {change(r53, "", "t.example.com TXT new"), "c TXT", `"new"`},
		"a wildcard made":           {change(r53, "", "*.example.com TXT any"), "any.thing TXT", `"any"`},
		"a wildcard above a name":   {change(r53, "", "*.example.com TXT any"), "bounce TXT", "no data"},
		"a wildcard above another":  {change(r53, "", "*.example.com TXT any"), "x.w TXT", `"wild"`},
		"a name under a wildcard":   {change(r53, "", "y.w.example.com MX 1 a"), "y.w TXT", "no data"},
		"a record under a wildcard": {change(cf, "", "y.w.example.com TXT own"), "y.w TXT", `"own"`},
		"promised":                  {change(r53, "", "p.example.com TXT ?"), "p TXT", "known after apply"},
		"promised, another type":    {change(r53, "", "p.example.com TXT ?"), "p MX", "no data"},
		"proxied":                   {change(cf, "", `p.example.com CNAME t.example.com", "proxied": true, "x": "`), "p A", "no value"},
		"proxied, another type":     {change(cf, "", `p.example.com CNAME t.example.com", "proxied": true, "x": "`), "p MX", "no data"},
		"a CNAME proxied":           {change(cf, "c.example.com CNAME t.example.com", proxied), "c CNAME", "no data"},
		"a CNAME proxied, behind":   {change(cf, "c.example.com CNAME t.example.com", proxied), "c TXT", "no data"},
		"a CNAME proxied, address":  {change(cf, "c.example.com CNAME t.example.com", proxied), "c A", "no value"},
		"proxied, zone says not":    {change(cf, "", proxied), "c CNAME", "no data"},
		"a CNAME not proxied":       {change(cf, proxied, "c.example.com CNAME t.example.com"), "c TXT", `"one" "two"`},
		"a proxied CNAME deleted":   {change(cf, proxied, ""), "c CNAME", "no data"},
		"zone unknown":              {strings.ReplaceAll(change(cf, "", "z TXT x"), `"zone_id": "c"`, `"zone_id": "d"`), "z TXT", "known after apply"},
		"zone unknown, another":     {strings.ReplaceAll(change(cf, "", "z TXT x"), `"zone_id": "c"`, `"zone_id": "d"`), "z MX", "no such name"},
		"zone unknown, live":        {strings.ReplaceAll(change(cf, "", "t TXT x"), `"zone_id": "c"`, `"zone_id": "d"`), "t TXT", `"one" "two"`},
		"zone unknown, a CNAME":     {strings.ReplaceAll(change(cf, "", "z CNAME x"), `"zone_id": "c"`, `"zone_id": "d"`), "z TXT", "known after apply"},
		"promised, a CNAME":         {change(r53, "", "p.example.com CNAME ?"), "p TXT", "known after apply"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := New(Options{Zones: overlay(t, zone, c.changes)})
			defer r.Close()
			label, typ, _ := strings.Cut(c.question, " ")
			of, _ := record.ParseType(typ)
			a := r.Ask(t.Context(), record.Question{Name: record.MustName(label + ".example.com"), Type: of})
			var got []string
			for _, one := range a.Records {
				got = append(got, one.String())
			}
			switch {
			case a.Failure != nil && a.Failure.Fault != record.Promised:
				t.Fatal(a.Failure)
			case a.Failure != nil:
				got = []string{"known after apply"}
			case a.Absent():
				got = []string{a.Status.String()}
			case len(got) == 0:
				got = []string{"no value"}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, want %s", got, c.want)
			}
		})
	}
}

// TestPlanIsItsResult: a plan laid over a zone answers as the zone does that comes
// of it.
func TestPlanIsItsResult(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b.a", "c", "w", "*.w", "x.w"}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		typ := []string{"aws_route53_record", "cloudflare_dns_record"}[seed%2]
		there := "a 300 IN A 192.0.2.1\nb.a 300 IN A 192.0.2.1\nc 300 IN A 192.0.2.1\nw 300 IN A 192.0.2.1\nx.w 300 IN A 192.0.2.1\n"
		before, after := there, there // whether a name exists that loses all records, nobody can say
		var changes []string
		for _, n := range names {
			for _, of := range []string{"MX", "TXT"} {
				if n == "*.w" && of == "MX" { // of a wildcard with other records nobody can say which names it answers for
					continue
				}
				was, is := "", ""
				if r.IntN(2) == 0 {
					was = fmt.Sprintf("%d h%d.example.net.", r.IntN(2), r.IntN(3))
				}
				if r.IntN(2) == 0 {
					is = fmt.Sprintf("%d h%d.example.net.", r.IntN(2), r.IntN(3))
				}
				line := func(v string) (zone, planned string) {
					if v == "" {
						return "", ""
					}
					planned = n + ".example.com " + of + " " + v
					if of == "TXT" {
						v = strconv.Quote(v)
					} else if typ != "aws_route53_record" {
						preference, host, _ := strings.Cut(v, " ")
						planned = n + ".example.com " + of + " " + host + `", "priority": "` + preference
					}
					return n + " 300 IN " + of + " " + v + "\n", planned
				}
				b, from := line(was)
				a, to := line(is)
				if before, after = before+b, after+a; from+to != "" {
					changes = append(changes, change(typ, from, to))
				}
			}
		}
		planned := New(Options{Zones: overlay(t, before, strings.Join(changes, ","))})
		result := New(Options{Zones: overlay(t, after, "")})
		for _, n := range append(names, "new.w", "new") {
			for _, of := range []record.Type{record.MX, record.TXT} {
				q := record.Question{Name: record.MustName(n + ".example.com"), Type: of}
				got, want := planned.Ask(t.Context(), q), result.Ask(t.Context(), q)
				if got.Absent() != want.Absent() || !slices.EqualFunc(got.Records, want.Records, func(a, b record.Record) bool { return record.Compare(a, b) == 0 }) {
					t.Fatalf("seed %d, %s: got %s, want %s\nbefore:\n%safter:\n%s", seed, q, got.Says(), want.Says(), before, after)
				}
			}
		}
		planned.Close()
		result.Close()
	}
}

// TestLaidOverFailure: of records that a provider adds to others, a failure to ask
// for those is a failure. Without a network, what the change says is all there is.
func TestLaidOverFailure(t *testing.T) {
	t.Parallel()
	zones := overlay(t, "a 300 IN TXT x\n", change("cloudflare_dns_record", "", "t.example.com TXT three"))
	q := record.Question{Name: "t.example.com", Type: record.TXT}
	for fault, want := range map[record.Fault]int{record.Timeout: 0, record.Offline: 1} {
		rep, failure := laid(zones.Changes(), q, func(record.Question) (reply, *record.Failure) {
			return reply{}, &record.Failure{Question: q, Fault: fault}
		})
		if len(rep.Answers) != want || (failure == nil) != (want == 1) {
			t.Errorf("%v: %v %v", fault, rep.Answers, failure)
		}
	}
	rep, failure := laid(zones.Changes(), q, func(record.Question) (reply, *record.Failure) {
		r := reply{}
		r.Rcode = dns.RcodeNameError
		return r, nil
	})
	if failure != nil || rep.Rcode != dns.RcodeSuccess || len(rep.Answers) != 1 {
		t.Errorf("%v %v", rep, failure)
	}
}

// Package publish writes the records that a file asks for in the languages of
// those who publish them: one file a format.
//
// It decides nothing about the records and asks no DNS. Each format escapes for
// its own language; none can hold `##[`, which CI runners obey anywhere in a
// line.
package publish

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// TTL is the time to live that all records are given, in seconds.
const TTL = 3600

// Zone is what is asked for in one zone.
type Zone struct {
	Name  record.Name
	Sets  []wanted.Set
	Notes []wanted.Note
}

// Format is a language for records.
type Format struct {
	Name  string
	Write func(io.Writer, []Zone) error
	// Suffix is that of a file with one zone's records; "" if the format does
	// not care for zones.
	Suffix string
	// Alone says that what is written for two zones cannot be in one file.
	Alone bool
	// Whole says that what is written takes the place of all records of a type
	// at a name, so that those to be kept have to be among them.
	Whole bool
}

// formats is the table. Terraform's providers are formats of their own.
var formats = []Format{
	{Name: "table", Write: Table},
	{Name: "zone", Write: ZoneFile, Suffix: ".zone"},
	{Name: "json", Write: JSON},
	{Name: "terraform", Write: Terraform, Whole: true},
	{Name: "cloudflare", Write: Cloudflare},
	{Name: "route53", Write: Route53, Suffix: ".json", Alone: true, Whole: true},
	{Name: "octodns", Write: OctoDNS, Suffix: ".yaml", Whole: true},
	{Name: "dnscontrol", Write: DNSControl},
}

// Lookup finds a format. Terraform's has a variant for each provider.
func Lookup(name, provider string) (Format, error) {
	names := make([]string, 0, len(formats))
	for _, f := range formats {
		if f.Name != "cloudflare" {
			names = append(names, f.Name)
		}
	}
	if !slices.Contains(names, name) {
		return Format{}, fmt.Errorf("there are %s", strings.Join(names, ", "))
	}
	if name == "terraform" && provider == "cloudflare" {
		name = provider
	}
	i := slices.IndexFunc(formats, func(f Format) bool { return f.Name == name })
	return formats[i], nil
}

// Split puts RRsets and notes into the zones that they belong to, by name.
func Split(sets []wanted.Set, notes []wanted.Note, zoneOf func(record.Name) record.Name) []Zone {
	var zones []Zone
	at := func(name record.Name) *Zone {
		apex := zoneOf(name)
		i, found := slices.BinarySearchFunc(zones, apex, func(z Zone, n record.Name) int { return strings.Compare(string(z.Name), string(n)) })
		if !found {
			zones = slices.Insert(zones, i, Zone{Name: apex})
		}
		return &zones[i]
	}
	for _, s := range sets {
		z := at(s.Name)
		z.Sets = append(z.Sets, s)
	}
	for _, n := range notes {
		z := at(n.Domain)
		z.Notes = append(z.Notes, n)
	}
	return zones
}

// relative is a name as it is written within a zone; "" for the zone itself.
func relative(n, zone record.Name) string {
	if n == zone {
		return ""
	}
	return strings.TrimSuffix(string(n), "."+string(zone))
}

// purposes are what the records of a set are for, in one line.
func purposes(s wanted.Set) string {
	var all []string
	for _, r := range s.Records {
		if !slices.Contains(all, r.Purpose) {
			all = append(all, r.Purpose)
		}
	}
	if len(s.Live) > 0 {
		all = append(all, fmt.Sprintf("and %d that are there already", len(s.Live)))
	}
	return strings.Join(all, "; ")
}

// comments writes the notes of a zone as comments.
func comments(b *strings.Builder, mark string, notes []wanted.Note) {
	for _, n := range notes {
		fmt.Fprintf(b, "%s %s\n", mark, untrusted.Line(n.Text))
	}
}

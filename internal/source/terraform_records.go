package source

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/sescheck/sescheck/internal/record"
)

// This file reads DNS records from Terraform resources.

// tfSet is the RRset, or the record of one, in a resource.
type tfSet struct {
	owner       record.Name // "" where it is not known
	typ         record.Type // 0 likewise
	zone        record.Name // likewise
	ttl         string
	whole       bool // the resource is all of the RRset
	proxied     bool
	computed    bool
	set         string
	weight      string // of set
	values      []tfValue
	notation    notation
	unknown     bool   // something is known after apply
	valuesKnown bool   // all of values is known
	count       int    // how many records there will be
	unusable    string // why nothing can be made of it
	zoneless    bool   // nothing but the zone's name is missing
	relative    string // then the name in the zone
}

// tfValue is the data of a record, of which some resources have the parts of MX
// records by themselves.
type tfValue struct{ preference, text string }

// read reads the data of a record.
func (s *tfSet) read(v tfValue) (record.Record, error) {
	if s.typ == record.MX && v.preference != "" {
		return s.notation.mx(v.preference, v.text)
	}
	return s.notation.read(s.typ, v.text)
}

// tfRaw are the attributes of a resource that make a record, by their meaning.
type tfRaw struct {
	name, typ, zone     json.RawMessage // and below whether they are unknown
	uName, uTyp, uZone  json.RawMessage
	values, uValues     json.RawMessage // a list or a single one
	preference, uPrefer json.RawMessage
	fixed               string // the type, where the resource has it
	zoneBy              string // before the zone's id in tfPlan.zones; "name" where the zone's name is given
	relative            bool   // names are never absolute, but with a final dot
	whole               bool
	txt                 quoting
	zoneFile            bool // names in the data without a final dot are relative
}

// tfRecord reads the attributes of a resource; ok is false if it makes no
// records.
func tfRecord(typ string, a, u *tfAttributes) (raw tfRaw, ok bool) {
	raw = tfRaw{name: a.Name, uName: u.Name, typ: a.Type, uTyp: u.Type, whole: true}
	one := func(v, uv json.RawMessage) { raw.values, raw.uValues = v, uv }
	zoned := func(z, uz json.RawMessage, by string) { raw.zone, raw.uZone, raw.zoneBy = z, uz, by }
	single := func() { raw.whole, raw.preference, raw.uPrefer = false, a.Priority, u.Priority }
	switch typ {
	case "aws_route53_record":
		one(a.Records, u.Records)
		zoned(a.ZoneID, u.ZoneID, "")
		raw.txt = route53
	case "cloudflare_record", "cloudflare_dns_record":
		single()
		one(a.Content, u.Content)
		if tfText(a.Value) != "" || string(u.Value) == "true" && tfText(a.Content) == "" { // which content is computed of
			one(a.Value, u.Value)
		}
		zoned(a.ZoneID, u.ZoneID, "")
		raw.txt = optional
	case "google_dns_record_set":
		one(a.RRDatas, u.RRDatas)
		zoned(a.ManagedZone, u.ManagedZone, "google ")
		raw.txt = strung
	case "azurerm_dns_mx_record", "azurerm_dns_txt_record", "azurerm_dns_cname_record":
		one(a.Record, u.Record)
		zoned(a.ZoneName, u.ZoneName, "name")
		raw.relative, raw.fixed = true, strings.ToUpper(strings.TrimSuffix(strings.TrimPrefix(typ, "azurerm_dns_"), "_record"))
	case "azurerm_dns_ns_record":
		one(a.Records, u.Records)
		zoned(a.ZoneName, u.ZoneName, "name")
		raw.relative, raw.fixed = true, "NS"
	case "digitalocean_record":
		single()
		one(a.Value, u.Value)
		zoned(a.Domain, u.Domain, "name")
		raw.relative = true
	case "dnsimple_zone_record":
		single()
		one(a.Value, u.Value)
		zoned(a.ZoneName, u.ZoneName, "name")
		raw.relative, raw.txt = true, optional
	case "hcloud_zone_rrset":
		one(a.Records, u.Records)
		zoned(a.Zone, u.Zone, "name")
		raw.relative, raw.txt, raw.zoneFile = true, strung, true
	case "ovh_domain_zone_record":
		one(a.Target, u.Target)
		zoned(a.Zone, u.Zone, "name")
		raw.name, raw.uName, raw.typ, raw.uTyp = a.Subdomain, u.Subdomain, a.FieldType, u.FieldType
		raw.whole, raw.relative, raw.txt, raw.zoneFile = false, true, optional, true
	case "gandi_livedns_record":
		one(a.Values, u.Values)
		zoned(a.Zone, u.Zone, "name")
		raw.relative, raw.txt, raw.zoneFile = true, strung, true
	case "ns1_record":
		one(a.Answers, u.Answers)
		zoned(a.Zone, u.Zone, "name")
		raw.name, raw.uName = a.Domain, u.Domain
	case "vercel_dns_record":
		one(a.Value, u.Value)
		zoned(a.Domain, u.Domain, "name")
		raw.whole, raw.relative, raw.preference, raw.uPrefer = false, true, a.MXPriority, u.MXPriority
	default:
		return raw, false
	}
	return raw, true
}

// set reads the records of a resource.
func (p *tfPlan) set(r *tfChange, a, u *tfAttributes) (s tfSet, ok bool) {
	raw, ok := tfRecord(r.Type, a, u)
	if !ok {
		return s, false
	}
	s = tfSet{ttl: tfText(a.TTL), whole: raw.whole, notation: notation{txt: raw.txt}}
	if s.ttl == "1" {
		s.ttl = "" // "auto", of Cloudflare
	}
	word := strings.ToUpper(cmp.Or(raw.fixed, tfText(raw.typ)))
	if r.Type == "ovh_domain_zone_record" && (word == "SPF" || word == "DKIM" || word == "DMARC") {
		word = "TXT" // which OVH makes of its own types
	}
	if s.typ, _ = parseType(word); s.typ == 0 && !tfUnknown(raw.uTyp) {
		s.unusable = "DNS has no such type of records"
		return s, word != ""
	}
	p.ownerOf(r, &raw, &s, tfText(a.FQDN))
	p.kind(r, a, &raw, &s)
	s.fill(&raw)
	s.valuesKnown = !tfUnknown(raw.uValues)
	s.unknown = s.unknown || tfUnknown(raw.uName) && s.owner == "" || tfUnknown(raw.uTyp) || tfUnknown(raw.uValues) || s.typ == record.MX && tfUnknown(raw.uPrefer)
	if s.unknown {
		s.unusable = ""
	}
	if raw.zoneFile {
		s.notation.origin = s.zone
	}
	return s, true
}

// kind finds how the records are answered: by Cloudflare's proxy, as an alias, or
// as one of several sets.
func (p *tfPlan) kind(r *tfChange, a *tfAttributes, raw *tfRaw, s *tfSet) {
	s.proxied = string(a.Proxied) == "true" && (s.typ == record.A || s.typ == record.AAAA || s.typ == record.CNAME) ||
		s.typ == record.CNAME && string(tfBlock(a.Settings)["flatten_cname"]) == "true"
	if r.Type != "aws_route53_record" {
		return
	}
	if s.computed = len(tfList(a.Alias)) > 0; s.computed {
		raw.uValues = nil // the target of an alias is not reported
	}
	if s.set = tfText(a.SetIdentifier); s.set != "" {
		for _, b := range tfList(a.Weighted) {
			s.weight = tfText(tfBlock(b)["weight"])
		}
		if s.whole = false; string(a.Multivalue) == "true" {
			s.set = ""
		}
	}
}

// ownerOf finds the owner and the zone.
func (p *tfPlan) ownerOf(r *tfChange, raw *tfRaw, s *tfSet, fqdn string) {
	zone := ""
	switch id := tfText(raw.zone); {
	case raw.zoneBy == "name" && id != "" && !isDigits(id):
		zone = id
	case id != "":
		zone = p.zones[raw.zoneBy+id]
	}
	if zone == "" {
		zone = p.zoneOf(r)
	}
	if n, err := parseName(strings.ToLower(zone)); err == nil {
		s.zone = n
	}
	name := strings.ToLower(tfText(raw.name))
	known := len(raw.name) > 0 && !tfUnknown(raw.uName)
	var err error
	full, noFQDN := parseName(strings.ToLower(fqdn))
	switch {
	case s.zone == "" && noFQDN == nil && full.Labels() > 1:
		s.owner = full
	case !known:
	case s.zone == "" && !isAbsolute(name):
		s.unusable, s.zoneless, s.relative = "its name is relative to a zone whose name is not in the plan; write the whole name, or add a data source for the zone", true, name
	case s.zone == "":
		s.owner, err = parseName(name)
	case raw.relative && !strings.HasSuffix(name, "."):
		s.owner, err = below(name, s.zone)
	default:
		s.owner, err = under(name, s.zone)
	}
	if err != nil {
		s.unusable = "its name is not valid"
	}
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// reserved are top-level domains that no registry has, and people do.
var reserved = []string{"test", "example", "invalid", "localhost", "internal", "local", "lan", "corp", "home", "arpa"}

// isAbsolute reports whether a name is a whole one: it ends in a dot, or in a
// top-level domain.
func isAbsolute(name string) bool {
	if strings.HasSuffix(name, ".") {
		return true
	}
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return false
	}
	last := name[i+1:]
	if slices.Contains(reserved, last) {
		return true
	}
	suffix, icann := publicsuffix.PublicSuffix(name)
	return icann || strings.Contains(suffix, ".")
}

// fill finds the values.
func (s *tfSet) fill(raw *tfRaw) {
	list := tfList(raw.values)
	if list == nil && len(raw.values) > 0 && string(raw.values) != "null" {
		list = []json.RawMessage{raw.values}
	}
	s.count = max(len(list), 1)
	for _, v := range list {
		one := tfValue{text: tfText(v)}
		if b := tfBlock(v); b != nil {
			one = tfValue{tfText(b["preference"]), cmp.Or(tfText(b["exchange"]), tfText(b["value"]), tfText(b["answer"]))}
		}
		if s.typ == record.MX && one.preference == "" && !strings.Contains(strings.TrimSpace(one.text), " ") {
			one.preference = tfText(raw.preference)
		}
		if raw.txt == route53 && (s.typ == record.TXT || s.typ == record.SPF) && !isQuoted(one.text) {
			one.text = `"` + one.text + `"` // as the provider does
		}
		s.values = append(s.values, one)
	}
}

// isQuoted reports whether a text has its quotes already.
func isQuoted(s string) bool {
	return len(s) > 1 && strings.HasPrefix(s, `"`) && strings.HasSuffix(s, `"`)
}

package source

import (
	"errors"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// This file reads Amazon Route 53's JSON: the output of `aws route53
// list-resource-record-sets`, which is a whole zone, and change batches.

// isListing reports whether a document is a listing of a hosted zone.
func isListing(n *node) bool {
	if n == nil {
		return false
	}
	if !n.mapping && len(n.items) > 0 {
		first := n.items[0]
		return first.at("Name") != nil && first.at("Type") != nil && (first.at("ResourceRecords") != nil || first.at("AliasTarget") != nil)
	}
	return n.at("ResourceRecordSets") != nil
}

// batchOf are the changes of a change batch, or of the input of
// change-resource-record-sets; nil for another document.
func batchOf(n *node) *node {
	for _, n := range []*node{n.at("Changes"), n.at("ChangeBatch", "Changes")} {
		if n != nil && len(n.items) > 0 && n.items[0].at("ResourceRecordSet") != nil {
			return n
		}
	}
	return nil
}

// listing reads a listing.
func (z *Zones) listing(path string, doc *node) (problems []problem, err error) {
	sets := doc.items
	if doc.mapping {
		sets = doc.at("ResourceRecordSets").list()
	}
	if doc.at("IsTruncated").string() == "true" || doc.at("NextToken").known() {
		return []problem{{text: "it is incomplete: list the zone without --max-items"}}, nil
	}
	apex := apexOf(sets)
	if apex == "" {
		return []problem{{text: "it has no SOA record, so it is not a whole zone; use the output of `aws route53 list-resource-record-sets` without --query"}}, nil
	}
	one := &zoneText{zone: &Zone{Apex: apex, File: path, TTL: defaultAbsent}, used: &z.used}
	weighed := weights(sets)
	for _, n := range sets {
		if isUnused(n, weighed) {
			continue
		}
		records, wrong := recordSet(n, path)
		if wrong != nil {
			one.note(*wrong)
			continue
		}
		for _, r := range records {
			if r.Data.Type == record.SOA {
				one.zone.TTL = absentTTL(n, r.TTL)
			}
			if err := one.put1(r); err != nil {
				return nil, err
			}
		}
	}
	one.resolveAliases(sets)
	if len(one.problems) > 0 {
		return one.problems, nil
	}
	return nil, z.put(one)
}

// apexOf is the owner of the SOA record.
func apexOf(sets []*node) record.Name {
	for _, n := range sets {
		if n.at("Type").string() == "SOA" {
			if apex, err := parseName(decimal(n.at("Name").string())); err == nil {
				return apex
			}
		}
	}
	return ""
}

// absentTTL is how long an absence may be kept.
func absentTTL(n *node, ttl uint32) uint32 {
	for _, v := range n.at("ResourceRecords").list() {
		if words := strings.Fields(v.at("Value").string()); len(words) == 7 {
			return min(ttl, seconds(words[6], ttl))
		}
	}
	return ttl
}

// question is the name and type of a set as they are written.
func question(n *node) string { return n.at("Name").string() + " " + n.at("Type").string() }

// weights are the names and types with a set whose weight is above 0: sets with
// weight 0 are then never answered.
func weights(sets []*node) map[string]bool {
	weighed := map[string]bool{}
	for _, n := range sets {
		if w := n.at("Weight").string(); w != "" && w != "0" {
			weighed[question(n)] = true
		}
	}
	return weighed
}

func isUnused(n *node, weighed map[string]bool) bool {
	return n.at("Weight").string() == "0" && weighed[question(n)]
}

// recordSet reads a set of records. Of an alias, which answers with the data of
// its target, only the type is known.
func recordSet(n *node, path string) ([]Record, *problem) {
	wrong := func(n *node, text string) *problem { return &problem{line: n.line, text: text} }
	owner, err := parseName(decimal(n.at("Name").string()))
	if err != nil {
		return nil, wrong(n, "the record's name is not valid: "+err.Error())
	}
	t, known := parseType(n.at("Type").string())
	if !known {
		return nil, wrong(n, "DNS has no such type of records")
	}
	base := Record{
		RR:    record.RR{Owner: owner, TTL: seconds(n.at("TTL").string(), defaultAbsent), Data: record.Record{Type: t}},
		Place: Place{File: path, Line: n.line, End: n.end},
	}
	if n.at("MultiValueAnswer").string() != "true" {
		base.Set, base.Weightless = n.at("SetIdentifier").string(), n.at("Weight").string() == "0"
	}
	switch {
	case n.at("AliasTarget").known():
		if base.Computed = true; t == record.AAAA {
			base.Data.Type = record.A
		}
		return []Record{base}, nil
	case asked[t] == "":
		return []Record{base}, nil
	}
	var all []Record
	for _, v := range n.at("ResourceRecords").list() {
		r := base
		r.Line, r.End = v.line, v.end
		r.Data, err = (notation{txt: route53}).read(t, v.at("Value").string())
		switch {
		case errors.Is(err, errText):
			return nil, wrong(v, "the text of this "+t.String()+" record must be in quotes")
		case err != nil:
			return nil, wrong(v, "the data of this "+t.String()+" record is not "+asked[t])
		}
		all = append(all, r)
	}
	return all, nil
}

// resolveAliases copies the data of records in the zone to their aliases.
func (z *zoneText) resolveAliases(sets []*node) {
	for _, n := range sets {
		target, err := parseName(decimal(n.at("AliasTarget", "DNSName").string()))
		t, _ := parseType(n.at("Type").string())
		owner, err2 := parseName(decimal(n.at("Name").string()))
		if err != nil || err2 != nil || t == record.A || t == record.AAAA || !target.In(z.zone.Apex) {
			continue
		}
		var found []Record
		for _, r := range z.zone.Records {
			if r.Owner == target && r.Data.Type == t && r.Plain() {
				r.Owner, r.Place = owner, z.at(n.line)
				found = append(found, r)
			}
		}
		if len(found) == 0 {
			continue
		}
		kept := z.zone.Records[:0]
		for _, r := range z.zone.Records {
			if r.Owner != owner || r.Data.Type != t || !r.Computed {
				kept = append(kept, r)
			}
		}
		z.zone.Records = append(kept, found...)
	}
}

// batch reads a change batch. Of several sets at a name, it changes only those
// that it has.
func (z *Zones) batch(path string, changes *node) (problems []problem, err error) {
	c := z.change()
	for _, n := range changes.list() {
		set := n.at("ResourceRecordSet")
		action := strings.ToUpper(n.at("Action").string())
		records, wrong := z.batchSet(set, path)
		if wrong != nil {
			problems = append(problems, *wrong)
			continue
		}
		for _, r := range records {
			switch action {
			case "CREATE", "UPSERT":
				c.belongs("", r.Owner, r.Data.Type)
				err = c.adds(r, r.Set == "", true)
			case "DELETE":
				err = c.drops(r, r.Set == "")
			default:
				problems = append(problems, problem{line: n.line, text: "an action other than CREATE, UPSERT and DELETE"})
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return problems, nil
}

// batchSet reads a set of a batch. Data that cannot be is kept, to be reported where
// it is.
func (z *Zones) batchSet(set *node, path string) ([]Record, *problem) {
	records, wrong := recordSet(set, path)
	if wrong == nil {
		return records, nil
	}
	owner, err := parseName(decimal(set.at("Name").string()))
	t, known := parseType(set.at("Type").string())
	if err != nil || !known || !set.known() {
		return nil, wrong
	}
	r := Record{RR: record.RR{Owner: owner, Data: record.Record{Type: t}}, Place: Place{File: path, Line: wrong.line}, Unreadable: wrong.text}
	z.skipped = addSkipped(z.skipped, Skipped{What: t.String() + " record", Why: wrong.text, Count: 1, File: path, Line: wrong.line})
	return []Record{r}, nil
}

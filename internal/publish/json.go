package publish

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// The shapes of JSON. Route 53's is that of `aws route53
// change-resource-record-sets --change-batch`.
type (
	jsonRecords struct {
		SchemaVersion int          `json:"schema_version"`
		Records       []jsonRecord `json:"records"`
		Notes         []jsonNote   `json:"notes"`
	}
	jsonRecord struct {
		Domain     record.Name `json:"domain"`
		Zone       record.Name `json:"zone"`
		Name       record.Name `json:"name"`
		Type       string      `json:"type"`
		TTL        int         `json:"ttl"`
		Data       string      `json:"data"` // in presentation form
		Part       wanted.Part `json:"part"`
		Purpose    string      `json:"purpose"`
		Strings    []string    `json:"strings,omitempty"`    // TXT
		Target     record.Name `json:"target,omitempty"`     // CNAME
		Exchange   record.Name `json:"exchange,omitempty"`   // MX
		Preference *uint16     `json:"preference,omitempty"` // MX
	}
	jsonNote struct {
		Domain record.Name `json:"domain"`
		Text   string      `json:"text"`
	}

	changeBatch struct {
		Comment string
		Changes []change
	}
	change struct {
		Action            string
		ResourceRecordSet changedSet
	}
	changedSet struct {
		Name            string
		Type            string
		TTL             int
		ResourceRecords []changedRecord
	}
	changedRecord struct{ Value string }
)

// JSON writes the records for programs.
func JSON(w io.Writer, zones []Zone) error {
	out := jsonRecords{SchemaVersion: 1, Records: []jsonRecord{}, Notes: []jsonNote{}}
	for _, z := range zones {
		each(z.Sets, func(r wanted.Record) {
			j := jsonRecord{
				Domain: r.Domain, Zone: z.Name, Name: r.Owner, Type: r.Data.Type.String(), TTL: TTL,
				Data: r.Data.String(), Part: r.Part, Purpose: r.Purpose,
			}
			switch r.Data.Type {
			case record.TXT:
				for _, s := range r.Data.Strings {
					j.Strings = append(j.Strings, s.Raw())
				}
			case record.MX:
				j.Exchange, j.Preference = r.Data.Host, &r.Data.Preference
			default:
				j.Target = r.Data.Host
			}
			out.Records = append(out.Records, j)
		})
		for _, n := range z.Notes {
			out.Notes = append(out.Notes, jsonNote{n.Domain, n.Text})
		}
	}
	return writeJSON(w, out)
}

// maxBatch is how many values a change batch may have; those of an UPSERT count
// twice (Route 53 API reference, ChangeResourceRecordSets).
const maxBatch = 1000 / 2

// Route53 writes a change batch for one zone.
func Route53(w io.Writer, zones []Zone) error {
	batch := changeBatch{Comment: "Amazon SES, by sescheck", Changes: []change{}}
	values := 0
	for _, z := range zones {
		for _, s := range z.Sets {
			set := changedSet{Name: s.Name.FQDN(), Type: s.Type.String(), TTL: TTL}
			for _, r := range s.All() {
				set.ResourceRecords = append(set.ResourceRecords, changedRecord{inRoute53(r)})
			}
			values += len(set.ResourceRecords)
			batch.Changes = append(batch.Changes, change{"UPSERT", set})
		}
	}
	if values > maxBatch {
		return fmt.Errorf("a change batch can have at most %d values, but this one would have %d; select fewer domains with --domain", maxBatch, values)
	}
	return writeJSON(w, batch)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(untrusted.JSON(w))
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

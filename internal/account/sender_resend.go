package account

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// Customer is a customer's domain, as a sender that runs on SES shows it.
type Customer struct {
	Source
	Sender  string // the sender's key in the file, such as resend
	Name    record.Name
	Region  string      // "" where nothing says it
	Status  string      // status of a domain that is not verified; from outside, to be quoted
	Records []record.RR // records to publish, without TTLs
}

// resendDomain is a domain in Resend's API (GET /domains/:id). Resend's SDKs wrap
// it in data.
type resendDomain struct {
	Data    *resendDomain
	Name    string
	Region  string
	Status  string
	Records []resendRecord
}

// resendRecord is a record that Resend asks for. Its name is relative to the
// registered domain.
type resendRecord struct {
	Name     string
	Type     string
	Value    string
	Priority *uint16
}

// isResend reports whether an answer is a domain of Resend. Keys of AWS begin with
// capitals.
func isResend(keys map[string]json.RawMessage) bool {
	if data, ok := keys["data"]; ok {
		var inner map[string]json.RawMessage
		return json.Unmarshal(data, &inner) == nil && isResend(inner)
	}
	_, named := keys["name"]
	var records []map[string]json.RawMessage
	return named && json.Unmarshal(keys["records"], &records) == nil && (len(records) == 0 || records[0]["type"] != nil && records[0]["value"] != nil)
}

func (a *answers) resend(answer *resendDomain) {
	for answer.Data != nil {
		answer = answer.Data
	}
	n, ok := a.named(answer.Name)
	if !ok {
		return
	}
	c := Customer{Source: a.source(a.at), Sender: "resend", Name: n, Region: a.region(answer.Region)}
	if !strings.EqualFold(answer.Status, "verified") {
		const most = 40
		c.Status = answer.Status[:min(len(answer.Status), most)]
	}
	for _, r := range answer.Records {
		owner, data, err := r.parse(n)
		if err != nil {
			a.skip("record %s of %s: %v", short(r.Name), n, err)
			continue
		}
		c.Records = append(c.Records, record.RR{Owner: owner, Data: data})
	}
	a.acc.Customers = append(a.acc.Customers, c)
}

// parse returns the record that Resend asks for.
func (r resendRecord) parse(domain record.Name) (owner record.Name, data record.Record, err error) {
	zone := domain.Registrable()
	switch name := strings.TrimSuffix(r.Name, "."); name {
	case "", "@":
		owner = zone
	default:
		if owner, err = record.ParseName(name); err != nil {
			return "", data, err
		}
		if !owner.In(zone) {
			owner, err = record.ParseName(name + "." + string(zone))
		}
	}
	if err != nil {
		return "", data, err
	}
	switch t := strings.ToUpper(r.Type); t {
	case "TXT":
		return owner, record.NewTXT(strings.Trim(r.Value, `"`)), nil
	case "MX", "CNAME":
		host, err := record.ParseName(r.Value)
		data = record.Record{Type: record.CNAME, Host: host}
		if t == "MX" {
			data.Type = record.MX
			if r.Priority != nil {
				data.Preference = *r.Priority
			}
		}
		return owner, data, err
	default:
		return "", data, fmt.Errorf("type %s is not read", short(r.Type))
	}
}

package inventory

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file finds the identities of senders that run on SES, such as Resend: they
// sign with a key of the sender's, at a selector that all its customers have.

// resellers are the selectors of the senders that have one.
var resellers = func() (all []string) {
	for _, s := range ses.Senders() {
		if !s.Easy() {
			all = append(all, s.Selector)
		}
	}
	return all
}()

// nameSenders says of the identities of a domain whose they are. Those that AWS
// tells of are the user's own.
func (d *domain) nameSenders() {
	for _, id := range d.identities {
		if id.aws {
			continue
		}
		switch s := id.sender(); {
		case s != nil:
			id.Sender.Value = s.Key
		case id.MailFrom != nil && len(id.tokens()) > 0 && id.mailFromName() == d.name.Child("envelope"):
			d.note("Loops has its MAIL FROM names at envelope. If this identity belongs to Loops, write sender: loops beside it.")
		}
	}
	for _, s := range resellers {
		named := func(id *identity) bool { return id.Sender.Value != "" }
		if d.keys[s] == 0 || len(d.identities) != 1 || slices.ContainsFunc(d.identities, named) {
			continue
		}
		if id := d.identities[0]; !id.aws && id.DKIM == nil { // the key cannot be read
			id.Sender.Value = ses.SenderOfSelector(s).Key
		}
	}
}

// sender is the sender whose key an identity signs with, or that its MAIL FROM
// name names; nil if there is none.
func (id *identity) sender() *ses.Sender {
	selector := id.selector
	if id.DKIM != nil {
		selector = id.DKIM.Selector.Value
	}
	if s := ses.SenderOfSelector(selector); s != nil {
		return s
	}
	return ses.SenderOfMailFrom(id.mailFromName())
}

// resendDomain is a domain as the API of Resend tells of it (GET /domains/:id). Its
// SDKs put it under data.
type resendDomain struct {
	Data    *resendDomain
	Name    string
	Region  string
	Status  string
	Records []resendRecord
}

// resendRecord is a record that Resend asks for. Its name is one under the
// registered domain.
type resendRecord struct {
	Name     string
	Type     string
	Value    string
	Priority *uint16
}

// isResend tells a domain of Resend from the answers of AWS, whose keys begin with
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

// resend adds the identity that a domain of Resend is.
func (a *answers) resend(answer *resendDomain) {
	if answer.Data != nil {
		answer = answer.Data
	}
	d := a.named(answer.Name)
	if d == nil {
		return
	}
	id := awsIdentity(a.region(answer.Region))
	id.Sender.Value = "resend"
	for _, r := range answer.Records {
		a.resendRecord(d.name, id, r)
	}
	d.noteAll(resendNote(answer.Status))
	d.join(id)
}

// resendNote says what Resend says of a domain that is not verified.
func resendNote(status string) []string {
	switch strings.ToLower(status) {
	case "", "verified":
		return nil
	}
	return []string{fmt.Sprintf("Resend says %s of this domain.", untrusted.Quote(status[:min(len(status), 40)]))}
}

// resendRecord takes what a record says of an identity.
func (a *answers) resendRecord(domain record.Name, id *identity, r resendRecord) {
	owner, data, err := r.parse(domain)
	if err != nil {
		a.skip("record %s of %s: %v", short(r.Name), domain, err)
		return
	}
	selector, of, under := strings.Cut(string(owner), "._domainkey.")
	switch is := ses.Recognize(owner, data); {
	case is.Use == ses.EasyDKIM && is.Domain == domain:
		if id.DKIM == nil {
			id.DKIM = &config.DKIM{SigningHostedZone: &config.At[record.Name]{Value: is.Zone}}
		}
		id.DKIM.Tokens = append(id.DKIM.Tokens, config.At[string]{Value: is.Token})
	case is.Use == ses.MailFrom:
		a.setMailFrom(id, string(owner), "")
	case is.Use == ses.Receiving && owner == domain:
		id.Receiving = &config.Receiving{}
	case data.Type == record.TXT && under && record.Name(of) == domain && ses.IsSelector(selector):
		id.own, id.selector = true, selector
		if key, ok := readKey(data); ok {
			id.DKIM = ownDKIM(selector, key)
		}
	case data.Type == record.CNAME && !under && owner.In(domain):
		id.Tracking = &config.Tracking{Name: config.At[record.Name]{Value: owner}, Target: &config.At[record.Name]{Value: data.Host}}
	}
}

// parse reads a record of a domain.
func (r resendRecord) parse(domain record.Name) (owner record.Name, data record.Record, err error) {
	zone := domain.Registrable()
	switch name := strings.TrimSuffix(r.Name, "."); {
	case name == "" || name == "@":
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

package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file finds identities of senders on SES, such as Resend. They sign with a
// key of the sender, at the same selector for all customers.

// resellers are the selectors of senders that have one.
var resellers = func() (all []string) {
	for _, s := range ses.Senders() {
		if !s.Easy() {
			all = append(all, s.Selector)
		}
	}
	return all
}()

// nameSenders sets the senders of a domain's identities. Those of AWS are the
// user's own.
func (d *domain) nameSenders() {
	for _, id := range d.identities {
		if id.aws {
			continue
		}
		switch s := id.sender(); {
		case s != nil:
			id.Sender.Value = s.Key
		case id.MailFrom != nil && len(id.tokens()) > 0 && id.mailFromName() == d.name.Child("envelope"):
			d.note("Loops uses envelope as its MAIL FROM name. If this identity belongs to Loops, add sender: loops.")
		}
	}
	for _, s := range resellers {
		named := func(id *identity) bool { return id.Sender.Value != "" }
		if d.keys[s] == 0 || len(d.identities) != 1 || slices.ContainsFunc(d.identities, named) {
			continue
		}
		if id := d.identities[0]; !id.aws && id.DKIM == nil { // the key is unreadable
			id.Sender.Value = ses.SenderOfSelector(s).Key
		}
	}
}

// sender is the sender whose key an identity signs with, or that its MAIL FROM
// name names; nil for none.
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

// customer adds the identity of a sender's customer.
func (inv *Inventory) customer(c account.Customer) {
	id := &identity{aws: true}
	if id.Region.Value = c.Region; c.Region == "" {
		id.Region.Value = inv.fallback()
	}
	id.Sender.Value = c.Sender
	for _, r := range c.Records {
		id.asks(c.Name, r.Owner, r.Data)
	}
	d := inv.named(c.Name)
	if c.Status != "" {
		d.note(fmt.Sprintf("%s says %s for this domain.", ses.LookupSender(c.Sender).Name, untrusted.Quote(c.Status)))
	}
	d.join(id)
}

// asks adds the content of a customer's record to an identity.
func (id *identity) asks(domain, owner record.Name, data record.Record) {
	selector, of, under := strings.Cut(string(owner), "._domainkey.")
	switch is := ses.Recognize(owner, data); {
	case is.Use == ses.EasyDKIM && is.Domain == domain:
		if id.DKIM == nil {
			id.DKIM = &config.DKIM{SigningHostedZone: &config.At[record.Name]{Value: is.Zone}}
		}
		id.DKIM.Tokens = append(id.DKIM.Tokens, config.At[string]{Value: is.Token})
	case is.Use == ses.MailFrom:
		id.MailFrom = &config.MailFrom{Name: config.At[record.Name]{Value: owner}}
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

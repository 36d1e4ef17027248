// Package receiver knows what large receivers ask of those who send them mail in
// bulk, as far as they publish it.
//
// Each receiver's rules carry the day from which they hold, the day on which their
// source was read, and the day by which it is to be read again. It asks nothing and
// judges nothing.
package receiver

import (
	"slices"
	"time"
)

// Need is what a rule needs, in terms of DNS.
type Need uint8

// The needs.
const (
	SPF   Need = iota + 1 // mail passes SPF
	DKIM                  // mail passes DKIM
	DMARC                 // the domain has a DMARC policy
	Align                 // SPF or DKIM passes for the domain in From:, so that DMARC passes
	Other                 // what DNS does not show
)

// Rule is one rule of a receiver.
type Rule struct {
	ID   string // of the rule, among those of the receiver
	Asks string // what it asks for, behind "asks for"
	Need Need
}

// Receiver is a receiver with its rules.
type Receiver struct {
	Key     string // in the file
	Name    string
	Scope   string // whose mail, and to whom
	Since   string // the day from which the rules hold
	Answer  string // what its servers say to mail that does not meet them; "" where it publishes nothing
	Rules   []Rule
	Sources []string
	Read    string // the day on which the sources were read
	Review  string // the day by which they are to be read again
}

const (
	read   = "2026-11-27"
	review = "2027-06-30"
)

// receivers is the table. Where a receiver asks less of those who send little, the
// rules are those of bulk senders. Behind a receiver's own page stand pages that
// quote it.
var receivers = []Receiver{
	{
		Key: "gmail", Name: "Gmail", Scope: "for senders of 5,000 or more messages a day to personal Gmail accounts", Since: "2024-02-01", Answer: "550-5.7.26",
		Rules: []Rule{
			{"spf", "SPF that passes", SPF},
			{"dkim", "DKIM that passes", DKIM},
			{"dmarc", "a DMARC policy (p=none is enough)", DMARC},
			{"alignment", "SPF or DKIM that aligns with the From domain", Align},
			{"complaints", "less than 0.3% of mail reported as spam", Other},
			{"unsubscribe", "one-click unsubscribe in marketing mail", Other},
		},
		Sources: []string{"https://support.google.com/a/answer/81126", "https://hirano.cc/no-auth-no-entry/"},
		Read:    read, Review: review,
	},
	{
		Key: "yahoo", Name: "Yahoo", Scope: "for bulk senders (Yahoo gives no number)", Since: "2024-02-01",
		Rules: []Rule{
			{"spf", "SPF that passes", SPF},
			{"dkim", "DKIM that passes", DKIM},
			{"dmarc", "a DMARC policy (p=none is enough)", DMARC},
			{"alignment", "SPF or DKIM that aligns with the From domain", Align},
			{"complaints", "less than 0.3% of mail reported as spam", Other},
			{"unsubscribe", "one-click unsubscribe in marketing mail", Other},
		},
		Sources: []string{"https://senders.yahooinc.com/best-practices/", "https://emailkarma.net/yahoo-updates-senders-hub-best-practices/"},
		Read:    read, Review: review,
	},
	{
		Key: "outlook", Name: "Outlook.com", Scope: "for domains that send more than 5,000 messages a day to outlook.com, hotmail.com and live.com (SPF and DKIM must both pass)", Since: "2025-05-05", Answer: "550 5.7.515",
		Rules: []Rule{
			{"spf", "SPF that passes", SPF},
			{"dkim", "DKIM that passes", DKIM},
			{"dmarc", "a DMARC policy (p=none is enough)", DMARC},
			{"alignment", "SPF or DKIM that aligns with the From domain", Align},
			{"unsubscribe", "a working way to unsubscribe", Other},
		},
		Sources: []string{
			"https://sendersupport.olc.protection.outlook.com/pm/policies.aspx",
			"https://dmarcian.com/microsoft-enforces-spf-dkim-dmarc",
		},
		Read: read, Review: review,
	},
}

// All are the receivers whose rules are known.
func All() []Receiver { return receivers }

// Keys are their words in the file.
func Keys() (keys []string) {
	for _, r := range receivers {
		keys = append(keys, r.Key)
	}
	return keys
}

// Lookup finds a receiver by its key; nil if it is not known.
func Lookup(key string) *Receiver {
	i := slices.IndexFunc(receivers, func(r Receiver) bool { return r.Key == key })
	if i < 0 {
		return nil
	}
	return &receivers[i]
}

// Due reports whether the rules of a receiver with such a day of review were to be
// looked up again before now.
func Due(review string, now time.Time) bool {
	day, err := time.Parse(time.DateOnly, review)
	return err == nil && !now.Before(day)
}

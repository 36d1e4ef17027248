// Package receiver is the table of published rules that large receivers have for
// bulk senders.
//
// Each receiver has the day since which its rules apply, the day on which their
// source was read, and the day by which to read it again. The package queries and
// judges nothing.
package receiver

import (
	"slices"
	"time"
)

// Need is what a rule requires of DNS.
type Need uint8

// The needs.
const (
	SPF   Need = iota + 1 // mail passes SPF
	DKIM                  // mail passes DKIM
	DMARC                 // the domain has a DMARC policy
	Align                 // SPF or DKIM passes for the domain in From:, so that DMARC passes
	Other                 // nothing that DNS shows
)

// Rule is one rule of a receiver.
type Rule struct {
	ID   string // unique within the receiver
	Asks string // the requirement, after "asks for"
	Need Need
}

// Receiver is a receiver and its rules.
type Receiver struct {
	Key     string // in the file
	Name    string
	Scope   string // the mail that the rules are about
	Since   string // the day since which the rules apply
	Answer  string // SMTP response to mail that breaks the rules; "" if not published
	Rules   []Rule
	Sources []string
	Read    string // the day on which the sources were read
	Review  string // the day by which to read them again
}

const (
	read   = "2026-11-27"
	review = "2027-06-30"
)

// receivers is the table. If a receiver has other rules for small senders, it has
// those for bulk senders. A receiver's own page comes first in Sources, pages that
// quote it follow.
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

// All returns all receivers.
func All() []Receiver { return receivers }

// Keys returns the receivers' keys in the file.
func Keys() (keys []string) {
	for _, r := range receivers {
		keys = append(keys, r.Key)
	}
	return keys
}

// Lookup returns the receiver with a key, or nil.
func Lookup(key string) *Receiver {
	i := slices.IndexFunc(receivers, func(r Receiver) bool { return r.Key == key })
	if i < 0 {
		return nil
	}
	return &receivers[i]
}

// Due reports whether a day of review has come.
func Due(review string, now time.Time) bool {
	day, err := time.Parse(time.DateOnly, review)
	return err == nil && !now.Before(day)
}

package ses

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// Sender is a service that sends its customers' mail through Amazon SES. The
// identity is the sender's; the customer publishes the records.
type Sender struct {
	Key  string // in the file
	Name string
	// MailFrom is the label of the MAIL FROM name that customers get if they choose
	// none.
	MailFrom string
	// Selector is where the sender's one DKIM key is, as TXT; "" for senders that
	// sign with Easy DKIM.
	Selector string
	// Named says that the label of the MAIL FROM name is the sender's own name.
	Named   bool
	Sources []string
	Date    string // of the day on which the sources were read
}

// senders is the layout that senders on SES show their customers, as far as
// the sources show it.
//
// Left out, since no source shows it for each customer: the region, which
// customers of Resend choose; and click tracking, which leads to hosts of the
// sender's own.
var senders = []Sender{
	{
		Key: "resend", Name: "Resend", MailFrom: "send", Selector: "resend", Date: "2026-11-27",
		Sources: []string{
			"https://resend.com/docs/api-reference/domains/get-domain",
			"https://github.com/Domain-Connect/Templates/blob/master/resend.com.mail.json",
		},
	},
	{
		// The page of Loops says only that there are MX, TXT and CNAME records; the module
		// of a third party publishes them.
		Key: "loops", Name: "Loops", MailFrom: "envelope", Date: "2026-11-27",
		Sources: []string{
			"https://loops.so/docs/sending-domain",
			"https://github.com/nullstone-modules/aws-loops-domain",
		},
	},
	{
		Key: "plunk", Name: "Plunk", MailFrom: "plunk", Named: true, Date: "2026-11-27",
		Sources: []string{
			"https://docs.useplunk.com/guides/verifying-domains",
			"https://github.com/useplunk/plunk/pull/373",
		},
	},
	{
		// The guide shows this layout; samples in the API reference show two others.
		Key: "unosend", Name: "Unosend", MailFrom: "send", Selector: "unosend", Date: "2026-11-27",
		Sources: []string{"https://docs.unosend.co/guides/domain-verification"},
	},
}

// Senders are the senders on SES that are known.
func Senders() []Sender { return senders }

// LookupSender finds a sender by its key; nil if it is not known.
func LookupSender(key string) *Sender {
	i := slices.IndexFunc(senders, func(s Sender) bool { return s.Key == key })
	if i < 0 {
		return nil
	}
	return &senders[i]
}

// SenderOfSelector is the sender whose key stands at a selector; nil if it is
// nobody's.
func SenderOfSelector(selector string) *Sender {
	i := slices.IndexFunc(senders, func(s Sender) bool { return s.Selector != "" && strings.EqualFold(s.Selector, selector) })
	if i < 0 {
		return nil
	}
	return &senders[i]
}

// SenderOfMailFrom is the sender that a MAIL FROM name shows by its label; nil if
// it shows none.
func SenderOfMailFrom(name record.Name) *Sender {
	i := slices.IndexFunc(senders, func(s Sender) bool { return s.Named && s.MailFrom == name.FirstLabel() })
	if i < 0 {
		return nil
	}
	return &senders[i]
}

// Easy reports whether the sender signs with Easy DKIM.
func (s *Sender) Easy() bool { return s.Selector == "" }

// Dashboard is where customers see their records.
func (s *Sender) Dashboard() string { return s.Whose() + " dashboard" }

// Whose is the possessive of the sender's name.
func (s *Sender) Whose() string {
	if strings.HasSuffix(s.Name, "s") {
		return s.Name + "'"
	}
	return s.Name + "'s"
}

// SenderName is the name of the sender with a key; "" if there is none.
func SenderName(key string) string {
	if s := LookupSender(key); s != nil {
		return s.Name
	}
	return ""
}

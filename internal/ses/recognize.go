package ses

import (
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// Use is what Amazon SES uses a record for.
type Use uint8

// The uses. SPF is none of them: a record that includes SPFInclude is the
// domain's own.
const (
	NoUse        Use = iota // none of its
	Verification            // a TXT with the token of the legacy verification
	EasyDKIM                // the CNAME of an Easy DKIM token
	MailFrom                // the MX of a MAIL FROM domain
	Receiving               // the MX of a region's inbound host
	MailManager             // the MX of an ingress endpoint of Mail Manager
	Tracking                // the CNAME of a tracking domain
)

// String names the record.
func (u Use) String() string {
	switch u {
	case Verification:
		return "a verification token"
	case EasyDKIM:
		return "an Easy DKIM record"
	case MailFrom:
		return "the MX of a MAIL FROM domain"
	case Receiving, MailManager:
		return "the MX for receiving"
	case Tracking:
		return "a tracking domain"
	default:
		return "no record of Amazon SES"
	}
}

// Recognized is a record with what SES uses it for. Fields that its use does
// not have are empty, and so are those that the record does not tell.
type Recognized struct {
	Use    Use
	Domain record.Name // EasyDKIM and Verification: whose it is
	Token  string      // EasyDKIM and Verification: as it is published, the prefix taken off
	Zone   record.Name // EasyDKIM: of its target
	Region string      // MailFrom, Receiving, Tracking
	Host   record.Name // MailManager
	Spoilt bool        // the value goes on behind SES's name: the DNS provider appended the zone
}

// Recognize says what SES uses a record for, also where it is not quite as it
// should be.
func Recognize(owner record.Name, r record.Record) Recognized {
	switch r.Type {
	case record.TXT:
		return recognizeTXT(owner, r.Text().Raw())
	case record.CNAME:
		host, spoilt := unspoilt(r.Host)
		if zone := host.Parent(); IsDKIMZone(zone) {
			rec := Recognized{Use: EasyDKIM, Token: host.FirstLabel(), Zone: zone, Spoilt: spoilt}
			if token, domain, ok := strings.Cut(string(owner), "._domainkey."); ok {
				rec.Token, rec.Domain = token, record.Name(domain)
			}
			return rec
		}
		if IsTrackingHost(host) {
			return Recognized{Use: Tracking, Region: strings.Split(string(host), ".")[1], Spoilt: spoilt}
		}
	case record.MX:
		host, spoilt := unspoilt(r.Host)
		if IsMailManager(host) {
			return Recognized{Use: MailManager, Host: host, Spoilt: spoilt}
		}
		if h, ok := ParseHost(host); ok {
			rec := Recognized{Use: Receiving, Spoilt: spoilt}
			if h.Service == "feedback-smtp" {
				rec.Use = MailFrom
			}
			if IsRegion(h.Region) {
				rec.Region = h.Region
			}
			return rec
		}
	default:
	}
	return Recognized{}
}

func recognizeTXT(owner record.Name, text string) Recognized {
	token, prefixed := strings.CutPrefix(text, VerificationPrefix)
	switch {
	case owner.FirstLabel() == "_amazonses":
		return Recognized{Use: Verification, Domain: owner.Parent(), Token: token}
	case prefixed:
		return Recognized{Use: Verification, Domain: owner, Token: token}
	}
	return Recognized{}
}

// unspoilt cuts off what stands behind a name of SES.
func unspoilt(host record.Name) (record.Name, bool) {
	for _, suffix := range []string{".amazonses.com.", ".amazonaws.com.", ".awstrack.me."} {
		if i := strings.Index(string(host), suffix); i >= 0 {
			return host[:i+len(suffix)-1], true
		}
	}
	return host, false
}

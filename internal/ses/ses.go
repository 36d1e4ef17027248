// Package ses knows what Amazon SES asks of DNS: the names and values of the
// records of an identity, by region.
//
// Its facts are Amazon's, from the SES developer guide and the AWS General
// Reference (docs.aws.amazon.com/general/latest/gr/ses.html); the region table
// carries its date. It asks nothing and judges nothing.
package ses

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// SPFInclude is the name whose SPF record lists the addresses SES sends from,
// in every region (developer guide, "Authenticating email with SPF").
const SPFInclude record.Name = "amazonses.com"

// Preference is the MX preference that the guide shows. It does not say that
// another one fails.
const Preference = 10

// VerificationPrefix may come before a verification token (developer guide of
// 2022, "Amazon SES domain verification TXT records").
const VerificationPrefix = "amazonses:"

// VerificationName is where the legacy verification TXT is; the domain
// itself is the permitted other place.
func VerificationName(domain record.Name) record.Name { return domain.Child("_amazonses") }

// DKIMName is the owner name of the record of an Easy DKIM token or a BYODKIM
// selector.
func DKIMName(selector string, domain record.Name) record.Name {
	if domain == record.Root {
		return record.Name(strings.ToLower(selector) + "._domainkey")
	}
	return record.Name(strings.ToLower(selector) + "._domainkey." + string(domain))
}

var selector = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// IsSelector reports whether SES takes s as the selector of a key of the user's
// own (API v2, DkimSigningAttributes.DomainSigningSelector).
func IsSelector(s string) bool { return selector.MatchString(s) }

// DKIMTarget is what the CNAME of an Easy DKIM token must point to.
func DKIMTarget(token string, zone record.Name) record.Name {
	return zone.Child(strings.ToLower(token))
}

// FeedbackHost is the MX host of a custom MAIL FROM domain: under
// amazonses.com.
func FeedbackHost(region string) record.Name {
	return record.Name("feedback-smtp." + region + ".amazonses.com")
}

// InboundHost is the MX host for receiving: under amazonaws.com.
func InboundHost(region string) record.Name {
	return record.Name("inbound-smtp." + region + ".amazonaws.com")
}

// TrackingHost is the target of a custom tracking domain's CNAME.
func TrackingHost(region string) record.Name {
	return record.Name("r." + region + ".awstrack.me")
}

// FeedbackMX is the MX record of a custom MAIL FROM domain.
func FeedbackMX(region string) record.Record {
	return record.Record{Type: record.MX, Preference: Preference, Host: FeedbackHost(region)}
}

// Host is a host name of SES taken apart.
type Host struct {
	Service string // "feedback-smtp", "inbound-smtp", "email-smtp" or "email"
	Region  string // may be empty or no region at all: people publish that
	Suffix  string // "amazonses.com" or "amazonaws.com"
}

// purposes are what the hosts of SES are for, by Host.Service.
var purposes = map[string]string{
	"feedback-smtp": "the host for MAIL FROM domains",
	"inbound-smtp":  "the host for receiving mail",
	"email-smtp":    "the SMTP endpoint, which sends mail and receives none",
	"email":         "the endpoint of the API, which receives no mail",
}

// Purpose is what a host is for.
func (h Host) Purpose() string { return purposes[h.Service] }

// ParseHost takes a feedback or inbound host or an endpoint of SMTP or the API
// apart, also one whose suffix is another's or whose region is wrong. ok is false
// for all other names.
func ParseHost(n record.Name) (h Host, ok bool) {
	service, rest, _ := strings.Cut(string(n), ".")
	service = strings.TrimSuffix(service, "-fips")
	if purposes[service] == "" {
		return Host{}, false
	}
	for _, suffix := range []string{"amazonses.com", "amazonaws.com"} {
		if region, ok := strings.CutSuffix(rest, suffix); ok {
			return Host{Service: service, Region: strings.TrimSuffix(region, "."), Suffix: suffix}, true
		}
	}
	return Host{}, false
}

// ResemblesHost reports whether a name that is no host of SES was surely meant
// to be one: it has the words of one.
func ResemblesHost(n record.Name) bool {
	return slices.ContainsFunc([]string{"feedback-smtp", "inbound-smtp", "email-smtp", "amazonses"}, func(word string) bool {
		return strings.Contains(string(n), word)
	})
}

// mailboxHosts are the domains of the MX hosts of large mailbox providers, from
// their own setup pages.
var mailboxHosts = []record.Name{
	"google.com", "googlemail.com", "outlook.com", "mx.microsoft", "zoho.com", "zoho.eu", "zoho.in", "protonmail.ch", "messagingengine.com", "icloud.com",
	"mail.me.com", "yandex.net", "mimecast.com", "pphosted.com", "secureserver.net", "emailsrvr.com", "migadu.com", "forwardemail.net", "improvmx.com",
	"mx.cloudflare.net", "privateemail.com", "kundenserver.de", "ionos.com", "ovh.net", "gandi.net", "registrar-servers.com", "titan.email", "hostinger.com",
}

// IsMailboxHost reports whether a name is an MX host of a mailbox provider.
func IsMailboxHost(n record.Name) bool {
	return slices.ContainsFunc(mailboxHosts, func(d record.Name) bool { return n.In(d) })
}

// RegionOf is the region whose feedback host n is; "" if it is none.
func RegionOf(n record.Name) string {
	if h, ok := ParseHost(n); ok && IsRegion(h.Region) && FeedbackHost(h.Region) == n {
		return h.Region
	}
	return ""
}

// IsAmazon reports whether a registrable domain is one of Amazon's in which SES
// has its hosts. Third parties cannot publish there.
func IsAmazon(n record.Name) bool {
	return n == SPFInclude || n == "amazonaws.com" || n == "awstrack.me"
}

// IsInboundHost reports whether n is the host of a region for receiving.
func IsInboundHost(n record.Name) bool {
	h, ok := ParseHost(n)
	return ok && IsRegion(h.Region) && InboundHost(h.Region) == n
}

// IsMailManager reports whether n is an ingress endpoint of Mail Manager.
func IsMailManager(n record.Name) bool { return n.Below("mail-manager-smtp.amazonaws.com") }

// IsTrackingHost reports whether n is the tracking host of a region.
func IsTrackingHost(n record.Name) bool {
	rest, ok := strings.CutPrefix(string(n), "r.")
	region, ours := strings.CutSuffix(rest, ".awstrack.me")
	return ok && ours && IsRegion(region)
}

// WorkMailEnd is the day after which Amazon WorkMail is gone
// (docs.aws.amazon.com/workmail/latest/adminguide/workmail-end-of-support.html,
// read 2026-11-27).
const WorkMailEnd = "2027-03-31"

// IsWorkMail reports whether n is a host at which Amazon WorkMail configures mail
// programs.
func IsWorkMail(n record.Name) bool { return n.Below("awsapps.com") }

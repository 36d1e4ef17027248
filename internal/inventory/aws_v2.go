package inventory

import (
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// v2Identity is the answer of GetEmailIdentity. Every field may be missing, and
// ErrorType beside a success means nothing, so what is not needed is not read.
type v2Identity struct {
	EmailIdentity      string // not AWS's: where the caller put the name in
	Region             string // likewise
	IdentityType       string
	VerificationStatus string
	DkimAttributes     *struct {
		SigningEnabled          *bool
		Status                  string
		Tokens                  []string
		SigningAttributesOrigin string
		SigningHostedZone       string
	}
	MailFromAttributes *struct {
		MailFromDomain       string
		MailFromDomainStatus string
		BehaviorOnMxFailure  string
	}
}

func (a *answers) v2(answer *v2Identity) {
	name := answer.EmailIdentity
	if name == "" {
		name = a.told.Identity
	}
	if answer.IdentityType == "EMAIL_ADDRESS" || strings.Contains(name, "@") {
		a.inv.address(name)
		return
	}
	region := a.region(answer.Region)
	id := awsIdentity(region)
	id.v2 = true
	var notes []string
	if d := answer.DkimAttributes; d != nil {
		a.setDKIM(id, d.Tokens, d.SigningAttributesOrigin, d.SigningHostedZone, d.SigningEnabled)
		notes = append(notes, signingNote(d.SigningEnabled, d.Tokens, region)...)
		notes = append(notes, statusNote("DKIM", d.Status, region)...)
	}
	if m := answer.MailFromAttributes; m != nil && a.setMailFrom(id, m.MailFromDomain, m.BehaviorOnMxFailure) {
		notes = append(notes, statusNote("the MAIL FROM domain", m.MailFromDomainStatus, region)...)
	}
	notes = append(notes, statusNote("the identity", answer.VerificationStatus, region)...)
	switch {
	case name == "" && len(id.tokens()) == 0:
		a.skip(nameless)
	case name == "":
		id.notes, id.source = notes, a.place(a.at)
		a.inv.unnamed = append(a.inv.unnamed, id)
	default:
		if d := a.named(name); d != nil {
			d.noteAll(notes)
			d.join(id)
		}
	}
}

const nameless = "nothing says whose identity this is; give --identity, call the file like example.com.json, or add the name as EmailIdentity"

func in(region string) string {
	if region == "" {
		return ""
	}
	return " in " + region
}

// statusNote says what SES says of a part that is not verified. The word is
// SES's own, of either API.
func statusNote(what, status, region string) []string {
	switch strings.ToUpper(strings.ReplaceAll(status, "_", "")) {
	case "PENDING":
		return []string{fmt.Sprintf("SES says pending of %s%s: it looks for the records for 72 hours.", what, in(region))}
	case "FAILED":
		return []string{fmt.Sprintf("SES says failed of %s%s: start it again once the records are there.", what, in(region))}
	case "TEMPORARYFAILURE":
		return []string{fmt.Sprintf("SES says temporary failure of %s%s: it does not find the records any more.", what, in(region))}
	}
	return nil
}

// signingNote says so where SES does not sign with the tokens that it has.
func signingNote(enabled *bool, tokens []string, region string) []string {
	if enabled == nil || *enabled || len(tokens) == 0 {
		return nil
	}
	return []string{"DKIM signing is turned off in SES" + in(region) + "."}
}

// setMailFrom reports whether there is a MAIL FROM domain.
func (a *answers) setMailFrom(id *identity, name, behavior string) bool {
	if name == "" {
		return false
	}
	n, err := config.DomainName(name)
	if err != nil {
		a.skip("MAIL FROM domain %s %v", short(name), err)
		return false
	}
	id.MailFrom = &config.MailFrom{Name: config.At[record.Name]{Value: n}}
	if strings.HasPrefix(strings.ToUpper(behavior), "REJECT") {
		id.MailFrom.OnMXFailure.Value = "reject" // the other is what everybody has
	}
	return true
}

func (a *answers) setDKIM(id *identity, tokens []string, origin, zone string, enabled *bool) {
	origin = strings.ToUpper(origin)
	if origin == "EXTERNAL" {
		id.own = true
		if len(tokens) > 0 && a.isSelector(tokens[0]) {
			id.selector = strings.ToLower(tokens[0])
		}
		return
	}
	if parent, ok := strings.CutPrefix(origin, "AWS_SES_"); ok { // Deterministic Easy DKIM
		id.parent = strings.ReplaceAll(strings.ToLower(parent), "_", "-")
		if !ses.IsRegion(id.parent) {
			a.skip("DKIM origin %s names no region", short(origin))
			id.parent = unknownParent
		}
	}
	var right []config.At[string]
	for _, t := range tokens {
		if alphanumeric(t) {
			right = append(right, config.At[string]{Value: strings.ToLower(t)})
		} else {
			a.skip("DKIM token %s has other characters than letters and digits", short(t))
		}
	}
	switch {
	case len(right) > 0:
		id.DKIM = &config.DKIM{Tokens: right}
		a.setZone(id, zone)
	case len(tokens) == 0 && enabled != nil && !*enabled:
		id.DKIM = &config.DKIM{None: true}
	}
}

// unknownParent is the region of a replica's parent that AWS names in a way
// that is not known.
const unknownParent = "an unknown region"

func (a *answers) isSelector(s string) bool {
	if !ses.IsSelector(s) {
		a.skip("selector %s has other characters than letters, digits and inner hyphens", short(s))
		return false
	}
	return true
}

// setZone keeps the zone of the keys, and the region where that shows it.
func (a *answers) setZone(id *identity, zone string) {
	n, err := record.ParseName(zone)
	if zone != "" && (err != nil || !n.Plain() || n.Labels() < 2) {
		a.skip("SigningHostedZone %s is no domain name", short(zone))
		zone = ""
	}
	switch {
	case zone != "":
	case id.parent != "" && id.parent != unknownParent:
		n = ses.DKIMZone(id.parent)
	case id.Region.Value == "":
		n = ses.SharedZone // before AWS said it, nearly all regions had that
	default:
		return
	}
	if own, ok := ses.RegionOfZone(n); ok && id.Region.Value == "" && id.parent == "" {
		id.Region.Value = own
	}
	id.DKIM.SigningHostedZone = &config.At[record.Name]{Value: n}
}

package inventory

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
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

func (inv *Inventory) v2(answer *v2Identity, told Told) error {
	name, region := answer.EmailIdentity, answer.Region
	if name == "" {
		name = told.Identity
	}
	region = inv.region(region, told)
	if region != "" && !ses.IsRegion(region) {
		return fmt.Errorf("region %s is no AWS region", untrusted.Quote(region))
	}
	if answer.IdentityType == "EMAIL_ADDRESS" || strings.Contains(name, "@") {
		inv.Skipped.Addresses++
		return nil
	}
	id := &identity{aws: true, v2: true}
	id.Region.Value = region
	if m := answer.MailFromAttributes; m != nil && m.MailFromDomain != "" {
		if err := id.setMailFrom(m.MailFromDomain, m.BehaviorOnMxFailure); err != nil {
			return err
		}
	}
	var notes []string
	if d := answer.DkimAttributes; d != nil {
		if err := id.setDKIM(d.Tokens, d.SigningAttributesOrigin, d.SigningHostedZone, d.SigningEnabled); err != nil {
			return err
		}
		if off := d.SigningEnabled; off != nil && !*off && len(d.Tokens) > 0 {
			notes = append(notes, "DKIM signing is turned off in SES"+in(region)+".")
		}
		notes = append(notes, statusNote("DKIM", d.Status, region)...)
	}
	if m := answer.MailFromAttributes; m != nil && m.MailFromDomain != "" {
		notes = append(notes, statusNote("the MAIL FROM domain", m.MailFromDomainStatus, region)...)
	}
	notes = append(notes, statusNote("the identity", answer.VerificationStatus, region)...)
	if name == "" {
		if len(id.tokens()) == 0 {
			return errNameless
		}
		id.notes, id.source = notes, told.Source
		inv.unnamed = append(inv.unnamed, id)
		return nil
	}
	n, err := config.DomainName(name)
	if err != nil {
		return fmt.Errorf("identity %s %w", untrusted.Quote(name), err)
	}
	d := inv.named(n)
	for _, note := range notes {
		d.note(note)
	}
	d.join(id)
	return nil
}

var errNameless = errors.New("nothing says whose identity this is; give --identity, call the file like example.com.json, or add the name as EmailIdentity")

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

func (id *identity) setMailFrom(name, behavior string) error {
	n, err := config.DomainName(name)
	if err != nil {
		return fmt.Errorf("MAIL FROM domain %s %w", untrusted.Quote(name), err)
	}
	id.MailFrom = &config.MailFrom{Name: config.At[record.Name]{Value: n}}
	if strings.HasPrefix(strings.ToUpper(behavior), "REJECT") {
		id.MailFrom.OnMXFailure.Value = "reject" // the other is what everybody has
	}
	return nil
}

func (id *identity) setDKIM(tokens []string, origin, zone string, enabled *bool) error {
	for _, t := range tokens {
		if !alphanumeric(t) {
			return fmt.Errorf("DKIM token %s has other characters than letters and digits", untrusted.Quote(t[:min(len(t), 80)]))
		}
	}
	if origin == "EXTERNAL" {
		id.own = true
		if len(tokens) > 0 {
			id.selector = tokens[0]
		}
		return nil
	}
	if parent, ok := strings.CutPrefix(origin, "AWS_SES_"); ok { // Deterministic Easy DKIM
		id.parent = strings.ReplaceAll(strings.ToLower(parent), "_", "-")
		if !ses.IsRegion(id.parent) {
			return fmt.Errorf("DKIM origin %s names no region", untrusted.Quote(origin[:min(len(origin), 80)]))
		}
	}
	switch {
	case len(tokens) > 0:
		id.DKIM = &config.DKIM{}
		for _, t := range tokens {
			id.DKIM.Tokens = append(id.DKIM.Tokens, config.At[string]{Value: strings.ToLower(t)})
		}
		return id.setZone(zone)
	case enabled != nil && !*enabled:
		id.DKIM = &config.DKIM{None: true}
	}
	return nil
}

// setZone keeps the zone of the keys, and the region where that tells it.
func (id *identity) setZone(zone string) error {
	region := id.Region.Value
	if zone == "" && id.parent != "" {
		zone = string(ses.DKIMZone(id.parent))
	}
	if zone == "" {
		if region == "" {
			zone = "dkim.amazonses.com" // before AWS tells it, nearly all regions had that
		} else {
			return nil
		}
	}
	n, err := record.ParseName(zone)
	if err != nil || !n.Plain() || n.Labels() < 2 {
		return fmt.Errorf("SigningHostedZone %s is no domain name", untrusted.Quote(zone[:min(len(zone), 80)]))
	}
	if own, ok := ses.RegionOfZone(n); ok && region == "" && id.parent == "" {
		id.Region.Value = own
	}
	id.DKIM.SigningHostedZone = &config.At[record.Name]{Value: n}
	return nil
}

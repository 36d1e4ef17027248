// Package ses compares what Amazon SES says of the identities with the file, and with
// what the other parts found in DNS.
package ses

import (
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/wanted"
)

const (
	identityAPI   = "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html"
	mailFromGuide = "https://docs.aws.amazon.com/ses/latest/dg/mail-from.html"
	dkimTrouble   = "https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-dkim.html"
)

// The checks of what Amazon SES itself says. They are made with --ses alone.
var (
	IdentityMissing = &finding.Check{
		ID: "ses-identity-missing", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES does not have the identity",
		Means:   "The file lists an identity, and the list of that region's identities does not have it. It is found only where the whole list was given.",
		Matters: "SES refuses to send as this domain in this region, unless it has an identity of a domain above it",
		Mend:    "Create the identity in that region, or correct the region in the file. If it was deleted on purpose, delete it from the file and its records from DNS.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html", "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListEmailIdentities.html"},
	}
	IdentityUnlisted = &finding.Check{
		ID: "ses-identity-unlisted", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Amazon SES has an identity that the file does not list",
		Means:   "SES can send as a domain, in a region or account, that no part of the file describes.",
		Matters: "nobody notices when its records break",
		Mend:    "Add the identity to the file, as `sescheck import` writes it, or delete it in SES if nothing uses it.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListEmailIdentities.html"},
	}
	TokensDiffer = &finding.Check{
		ID: "ses-tokens-differ", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES signs with other keys than the file lists",
		Means:   "The tokens, the selector or the kind of DKIM that SES has are not those of the file. The identity was deleted and made again, DKIM was started again, or the file is of another account. SES makes new tokens each time.",
		Matters: "SES signs with keys that receivers do not find, or does not sign at all: mail that aligns by DKIM alone fails DMARC, however right the old records are",
		Mend:    "Publish the records that SES asks for now and list their tokens in the file. Then delete the old records.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html", identityAPI},
	}
	VerificationFailed = &finding.Check{
		ID: "ses-verification-failed", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES failed to verify the identity",
		Means:   "SES's own status of the identity is FAILED or TEMPORARY_FAILURE.",
		Matters: "SES refuses to send as this domain",
		Mend:    "Correct the records first. After FAILED, SES no longer looks: start verification again.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-verification.html", identityAPI},
	}
	DKIMFailed = &finding.Check{
		ID: "ses-dkim-failed", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES failed to verify DKIM",
		Means:   "SES's own status of DKIM is FAILED or TEMPORARY_FAILURE. One missing record of the three is enough.",
		Matters: "SES does not sign mail as this domain: mail that aligns by DKIM alone fails DMARC",
		Mend:    "Correct the records first. After FAILED, SES no longer looks: start DKIM again.",
		Sources: []string{dkimTrouble, identityAPI},
	}
	Pending = &finding.Check{
		ID: "ses-pending", Severity: finding.Note, Since: "1.0.0", Clock: true,
		Title:   "Amazon SES has not seen the records yet",
		Means:   "SES's own status is PENDING or NOT_STARTED. After the records are published, minutes are usual, and 72 hours are the end.",
		Matters: "until SES has seen the records, it does not use what they are for",
		Mend:    "Wait. If the records are right and SES has not seen them after a day, look at ses-other-servers and at the name servers of the domain.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html", identityAPI},
	}
	SigningOff = &finding.Check{
		ID: "ses-signing-off", Severity: finding.Error, Since: "1.0.0",
		Title:   "DKIM is verified, but Amazon SES does not sign",
		Means:   "SES's status of DKIM is SUCCESS, and SigningEnabled is false: somebody has switched signing off.",
		Matters: "mail goes out without a signature of this domain: what aligns by DKIM alone fails DMARC",
		Mend:    "Switch signing on.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutEmailIdentityDkimAttributes.html"},
	}
	MailFromUnset = &finding.Check{
		ID: "ses-mail-from-unset", Severity: finding.Error, Since: "1.0.0",
		Title:   "The records of the MAIL FROM domain are live, and Amazon SES does not use it",
		Means:   "The file has a custom MAIL FROM domain and its MX record is right, but SES was never told of it.",
		Matters: "mail goes out as amazonses.com, so that SPF passes without alignment: the records do nothing",
		Mend:    "Set the MAIL FROM domain of the identity in SES.",
		Sources: []string{mailFromGuide, "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutEmailIdentityMailFromAttributes.html"},
	}
	MailFromDiffers = &finding.Check{
		ID: "ses-mail-from-differs", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES uses another MAIL FROM domain than the file",
		Means:   "The identity's MAIL FROM domain in SES is not the one in the file.",
		Matters: "the records that the file asks for do nothing, and nobody checks those of the name that SES uses",
		Mend:    "Set the file's name in SES, or put SES's name into the file.",
		Sources: []string{mailFromGuide, "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutEmailIdentityMailFromAttributes.html"},
	}
	MailFromFailed = &finding.Check{
		ID: "ses-mail-from-failed", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES failed to verify the MAIL FROM domain",
		Means:   "SES's own status of the MAIL FROM domain is FAILED or TEMPORARY_FAILURE, or it is PENDING while SES refuses to send without it (REJECT_MESSAGE).",
		Matters: "mail goes out as amazonses.com, and SPF no longer aligns",
		Mend:    "Correct the MX record first. After FAILED, SES no longer looks: set the MAIL FROM domain again.",
		Sources: []string{mailFromGuide},
	}
	MXFailureDiffers = &finding.Check{
		ID: "ses-mx-failure-differs", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Without the MAIL FROM MX, Amazon SES does something else than the file says",
		Means:   "BehaviorOnMxFailure in SES is not on_mx_failure of the file.",
		Matters: "when the MX record breaks, mail stops where it should go on, or goes on where it should stop",
		Mend:    "Set the behaviour in SES, or correct on_mx_failure in the file.",
		Sources: []string{mailFromGuide, "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutEmailIdentityMailFromAttributes.html"},
	}
	OtherServers = &finding.Check{
		ID: "ses-other-servers", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Amazon SES looked at other name servers than the zone has",
		Means:   "SES reports whose zone it saw when it looked last (SOARecord), and that server is not one of the zone's now: the zone was moved, and SES saw the old one.",
		Matters: "records that are only in the new zone are not there for SES",
		Mend:    "Check at the registrar that only the new zone's servers are listed. Old answers live as long as the TTL of the delegation, up to two days.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SOARecord.html"},
	}
	TrackingHTTPS = &finding.Check{
		ID: "ses-tracking-https", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Tracking links ask for HTTPS at a name without a certificate",
		Means:   "A configuration set has the tracking domain with HttpsPolicy REQUIRE, and the file has a plain CNAME to awstrack.me there: Amazon's servers have no certificate of that name.",
		Matters: "links in mail show a security warning or do not open",
		Mend:    "Put a CDN with a certificate in front of the name and give it as tracking: {name: …, target: …}, or set HttpsPolicy to OPTIONAL.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/configure-custom-open-click-domains.html", "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_TrackingOptions.html"},
	}
	Recommendation = &finding.Check{
		ID: "ses-recommendation", Severity: finding.Note, Since: "1.0.0",
		Title:   "Amazon SES's own advisor disagrees",
		Means:   "Virtual Deliverability Manager has an open recommendation for something that is right in DNS as far as sescheck sees.",
		Matters: "one of the two is behind: the advisor looks again after hours or days, or it looks at something that the file does not ask for",
		Mend:    "Read the recommendation. If it is old, wait for the advisor; if it asks for more than the file does, add that to the file.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListRecommendations.html"},
	}
)

// Table is the part of what Amazon SES itself says. It asks nearly nothing: it
// compares what was given with the file and with what the other parts found.
var Table = finding.Table{Name: wanted.SES, Checks: []*finding.Check{
	IdentityMissing, IdentityUnlisted, TokensDiffer, VerificationFailed, DKIMFailed, Pending, SigningOff,
	MailFromUnset, MailFromDiffers, MailFromFailed, MXFailureDiffers, OtherServers, TrackingHTTPS, Recommendation,
}}

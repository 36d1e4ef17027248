// Package ses compares the state of identities in Amazon SES with the file, and
// with the findings of all further parts about DNS.
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

// The checks of --ses.
var (
	IdentityMissing = &finding.Check{
		ID: "ses-identity-missing", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES does not have the identity",
		Means:   "The file lists an identity that is not in the list of identities of its region, or that a plan deletes. Without a plan, the check needs the complete list.",
		Matters: "SES refuses to send as this domain in this region, unless it has an identity for a parent domain",
		Fix:     "Create the identity in that region, or correct the region in the file. If it was deleted on purpose, delete it from the file and its records from DNS.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html", "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListEmailIdentities.html"},
	}
	IdentityUnlisted = &finding.Check{
		ID: "ses-identity-unlisted", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Amazon SES has an identity that the file does not list",
		Means:   "SES has an identity, in one of your regions or accounts, that the file does not list.",
		Matters: "nobody notices if its records break",
		Fix:     "Add the identity to the file, as `sescheck import` writes it, or delete it in SES if nothing uses it.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListEmailIdentities.html"},
	}
	TokensDiffer = &finding.Check{
		ID: "ses-tokens-differ", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES signs with keys that the file does not list",
		Means:   "SES has other tokens, another selector, another kind of DKIM or another legacy token than the file, or a plan leads to that. The identity was deleted and created again, DKIM was started again, or the file is for another account. SES creates new tokens each time.",
		Matters: "SES signs with keys that receivers do not find, or does not sign at all, even if the old records are right: mail that needs DKIM to pass DMARC fails",
		Fix:     "Publish the records that SES asks for now, and list their tokens in the file. Then delete the old records, unless another identity uses them.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html", identityAPI},
	}
	VerificationFailed = &finding.Check{
		ID: "ses-verification-failed", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES failed to verify the identity",
		Means:   "The status of the identity in SES is FAILED or TEMPORARY_FAILURE.",
		Matters: "SES refuses to send as this domain",
		Fix:     "Fix the records first. After FAILED, SES has stopped looking: start the verification again.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-verification.html", identityAPI},
	}
	DKIMFailed = &finding.Check{
		ID: "ses-dkim-failed", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES failed to verify DKIM",
		Means:   "The DKIM status in SES is FAILED or TEMPORARY_FAILURE. One missing record of the three is enough for that.",
		Matters: "SES does not sign mail as this domain: mail that needs DKIM to pass DMARC fails",
		Fix:     "Fix the records first. After FAILED, SES has stopped looking: start the verification of DKIM again.",
		Sources: []string{dkimTrouble, identityAPI},
	}
	Pending = &finding.Check{
		ID: "ses-pending", Severity: finding.Note, Since: "1.0.0", Clock: true,
		Title:   "Amazon SES has not seen the records yet",
		Means:   "The status in SES is PENDING or NOT_STARTED. SES usually sees new records within minutes. After 72 hours it gives up.",
		Matters: "until SES has seen the records, it does not use them",
		Fix:     "Wait. If the records are right and SES has not seen them after a day, check ses-other-servers and the name servers of the domain.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html", identityAPI},
	}
	SigningOff = &finding.Check{
		ID: "ses-signing-off", Severity: finding.Error, Since: "1.0.0",
		Title:   "DKIM is verified, but Amazon SES does not sign",
		Means:   "The DKIM status in SES is SUCCESS, but SigningEnabled is false: somebody has turned signing off.",
		Matters: "mail goes out without a signature of this domain: mail that needs DKIM to pass DMARC fails",
		Fix:     "Turn signing on.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutEmailIdentityDkimAttributes.html"},
	}
	MailFromUnset = &finding.Check{
		ID: "ses-mail-from-unset", Severity: finding.Error, Since: "1.0.0",
		Title:   "The records of the MAIL FROM domain are live, but Amazon SES does not use it",
		Means:   "The file has a custom MAIL FROM domain and its MX record is right, but the domain is not set in SES, or a plan removes it.",
		Matters: "mail goes out as amazonses.com, so SPF does not align and the records have no effect",
		Fix:     "Set the MAIL FROM domain of the identity in SES.",
		Sources: []string{mailFromGuide, "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutEmailIdentityMailFromAttributes.html"},
	}
	MailFromDiffers = &finding.Check{
		ID: "ses-mail-from-differs", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES and the file have different MAIL FROM domains",
		Means:   "The identity's MAIL FROM domain in SES is not the one in the file, or a plan changes it to another one.",
		Matters: "the records that the file asks for have no effect, and nobody checks the records of the name that SES uses",
		Fix:     "Set the name from the file in SES, or write the name from SES to the file.",
		Sources: []string{mailFromGuide, "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutEmailIdentityMailFromAttributes.html"},
	}
	MailFromFailed = &finding.Check{
		ID: "ses-mail-from-failed", Severity: finding.Error, Since: "1.0.0",
		Title:   "Amazon SES failed to verify the MAIL FROM domain",
		Means:   "The status of the MAIL FROM domain in SES is FAILED or TEMPORARY_FAILURE, or it is PENDING while SES refuses to send without it (REJECT_MESSAGE).",
		Matters: "mail goes out as amazonses.com, and SPF no longer aligns",
		Fix:     "Fix the MX record first. After FAILED, SES has stopped looking: set the MAIL FROM domain again.",
		Sources: []string{mailFromGuide},
	}
	MXFailureDiffers = &finding.Check{
		ID: "ses-mx-failure-differs", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Amazon SES and the file differ on what happens without a MAIL FROM MX",
		Means:   "BehaviorOnMxFailure in SES differs from on_mx_failure in the file.",
		Matters: "if the MX record breaks, SES stops sending when it should go on, or goes on when it should stop",
		Fix:     "Set the behaviour in SES, or correct on_mx_failure in the file.",
		Sources: []string{mailFromGuide, "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutEmailIdentityMailFromAttributes.html"},
	}
	OtherServers = &finding.Check{
		ID: "ses-other-servers", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Amazon SES looked at a name server that the zone no longer has",
		Means:   "SES reports which server it last saw for the zone (SOARecord), and the zone no longer has that server: the zone was moved, and SES saw the old one.",
		Matters: "SES does not see records that are only in the new zone",
		Fix:     "Check at the registrar that only the servers of the new zone are listed. Caches keep the old delegation for its TTL, up to two days.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SOARecord.html"},
	}
	TrackingHTTPS = &finding.Check{
		ID: "ses-tracking-https", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Tracking links use HTTPS at a name without a certificate",
		Means:   "A configuration set uses the tracking domain with HttpsPolicy REQUIRE, and the file has a plain CNAME to awstrack.me there. Amazon's servers have no certificate for that name.",
		Matters: "links in mail show a security warning or do not open",
		Fix:     "Put a CDN with a certificate in front of the name and write it as tracking: {name: …, target: …}, or set HttpsPolicy to OPTIONAL.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/configure-custom-open-click-domains.html", "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_TrackingOptions.html"},
	}
	Recommendation = &finding.Check{
		ID: "ses-recommendation", Severity: finding.Note, Since: "1.0.0",
		Title:   "A recommendation of Amazon SES disagrees with DNS",
		Means:   "Virtual Deliverability Manager has an open recommendation about something that is right in DNS as far as sescheck can see.",
		Matters: "the recommendation is old, because SES updates it only after hours or days, or it is about something that the file does not ask for",
		Fix:     "Read the recommendation. If it is old, wait for SES to update it. If it asks for more than the file does, add that to the file.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListRecommendations.html"},
	}
)

// Table is the part for the state in Amazon SES. It sends few queries: it
// compares the output of AWS with the file and with the verdicts of the parts.
var Table = finding.Table{Name: wanted.SES, Checks: []*finding.Check{
	IdentityMissing, IdentityUnlisted, TokensDiffer, VerificationFailed, DKIMFailed, Pending, SigningOff,
	MailFromUnset, MailFromDiffers, MailFromFailed, MXFailureDiffers, OtherServers, TrackingHTTPS, Recommendation,
}}

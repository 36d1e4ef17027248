package spf

import (
	"fmt"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

const (
	guide         = "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-spf.html"
	mailFromGuide = "https://docs.aws.amazon.com/ses/latest/dg/mail-from.html"
)

// The checks of this part.
var (
	Missing = &finding.Check{
		ID: "spf-missing", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord, Absence: true, Ends: true,
		Title:   "There is no SPF record",
		Means:   "None of the TXT records at the name begins with v=spf1 and a space. A record that only looks similar is not an SPF record. Records of type SPF do not count: RFC 7208 abolished them.",
		Matters: "receivers do not know who may send for the name, so mail cannot pass DMARC through SPF",
		Fix:     "Publish one TXT record that says who may send. At a MAIL FROM name it is v=spf1 include:amazonses.com ~all. If the record is garbled and its meaning is certain, the finding shows the corrected one.",
		Sources: []string{rfc7208 + "#section-4.5", rfc7208 + "#section-3.1", guide},
	}
	Duplicate = &finding.Check{
		ID: "spf-duplicate", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord, Ends: true,
		Title:   "There is more than one SPF record",
		Means:   "Several TXT records at the name begin with v=spf1. RFC 7208 makes that a permanent error (PermError), whatever the records say.",
		Matters: "no mail with this MAIL FROM passes SPF (PermError)",
		Fix:     "Merge the terms into one record and delete the others.",
		Sources: []string{rfc7208 + "#section-4.5"},
	}
	Invalid = &finding.Check{
		ID: "spf-invalid", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord, Ends: true,
		Title:   "The SPF record has a syntax error",
		Means:   "A term cannot be read. One such term makes the whole record invalid (PermError), even if it comes after the all term.",
		Matters: "no mail with this MAIL FROM passes SPF (PermError)",
		Fix:     "Correct the term that the message names. If the meaning is certain, the finding shows the corrected record.",
		Sources: []string{rfc7208 + "#section-4.6"},
	}
	Unwanted = &finding.Check{
		ID: "spf-unwanted", Severity: finding.Error, Since: "1.0.0", Ends: true,
		Title:   "There is an SPF record where the file says there is none",
		Means:   "The file has `spf: none` for the domain, and a TXT record begins with v=spf1.",
		Matters: "the senders in the record can send mail that passes SPF as the domain",
		Fix:     "Delete the record, or describe it in the file.",
	}
	SESUnauthorized = &finding.Check{
		ID: "spf-ses-unauthorized", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord,
		Title:   "The MAIL FROM name's SPF record does not authorise Amazon SES",
		Means:   "A receiver reads the record from left to right, and the first term that matches decides. Here, no term lets Amazon SES pass, directly or through an include or redirect, or an earlier term matches addresses of SES with another result.",
		Matters: "mail that SES sends does not pass SPF; SES itself checks only the MX and reports nothing",
		Fix:     "Add include:amazonses.com before the all term, and before any term that shuts SES out.",
		Sources: []string{mailFromGuide, rfc7208 + "#section-4.6.2", rfc7208 + "#section-5.2"},
	}
	IncludeMissing = &finding.Check{
		ID: "spf-include-missing", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord, Listed: true,
		Title:   "An expected include is not in the SPF record",
		Means:   "The file lists the include, but the record, or the one that it redirects to, does not have it before the all term, or has it with a qualifier: mail that -include, ~include or ?include matches does not pass. An include inside another include does not count, because that vendor may remove it.",
		Matters: "mail of that sender does not pass SPF",
		Fix:     "Add the include before the all term, without a qualifier, or remove it from the file.",
		Sources: []string{rfc7208 + "#section-5.2"},
	}
	IncludeUnexpected = &finding.Check{
		ID: "spf-include-unexpected", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record has an include that the file does not list",
		Means:   "An include of the record, or of the one that it redirects to, is not in the file. Somebody added a sender to DNS, or removed one from the file but not from DNS. With a qualifier, as in -include, it lets nobody send: mail that it matches does not pass.",
		Matters: "the owner of the included name decides who may send as you",
		Fix:     "List the include in the file, or remove it from the record. With `exact: false`, unlisted includes are accepted.",
	}
	IncludeBroken = &finding.Check{
		ID: "spf-include-broken", Severity: finding.Error, Since: "1.0.0", ReplacedBy: IncludeDangling, ShowsTree: true, Absence: true,
		Title:   "An include or redirect does not lead to a valid SPF record",
		Means:   "The target has no SPF record, several, or an invalid one.",
		Matters: "mail that no earlier term matches does not pass SPF (PermError)",
		Fix:     "If you no longer use the sender, remove the include. Otherwise ask the vendor, who owns that record, for the current name. Include only a name, not a URL or an address.",
		Sources: []string{rfc7208 + "#section-5.2", rfc7208 + "#section-6.1"},
	}
	IncludeDangling = &finding.Check{
		ID: "spf-include-dangling", Severity: finding.Error, Since: "1.0.0", ShowsTree: true, Absence: true,
		Title:   "An include leads to a domain that nobody has registered",
		Means:   "The domain of the target, or of the name that its CNAMEs lead to, is not registered.",
		Matters: "anybody can register the domain, publish an SPF record there, and send as you; until then, the record is invalid for mail that no earlier term matches (PermError)",
		Fix:     "Remove the include today. If it is in a vendor's record, ask the vendor to remove it, and remove the include of the vendor until then.",
		Sources: []string{rfc7208 + "#section-5.2"},
	}
	IncludeLoop = &finding.Check{
		ID: "spf-include-loop", Severity: finding.Error, Since: "1.0.0", ShowsTree: true,
		Title:   "The includes of the SPF record form a loop",
		Means:   "A record includes itself, directly or through other records.",
		Matters: "mail that no earlier term matches does not pass SPF (PermError)",
		Fix:     "Remove one of the includes in the loop.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
	Lookups = &finding.Check{
		ID: "spf-lookups", Severity: finding.Error, Since: "1.0.0", Settles: LookupsHigh, ShowsTree: true,
		Title:   fmt.Sprintf("The SPF record needs more than %d DNS lookups", spf.MaxLookups),
		Means:   "The terms include, a, mx, ptr, exists and redirect cost one lookup each, in the record and in every record that it includes. A name that is used twice counts twice; ip4, ip6, all and exp cost nothing.",
		Matters: fmt.Sprintf("receivers stop after %d lookups (PermError): mail that no earlier term matches does not pass SPF, usually mail from the senders listed last", spf.MaxLookups),
		Fix:     "Remove senders that you no longer use, and a or mx terms that add nothing. SES never sends with the domain itself as MAIL FROM, so include:amazonses.com in the domain's own record does nothing for mail from SES.",
		Sources: []string{rfc7208 + "#section-4.6.4", guide},
	}
	LookupsHigh = &finding.Check{
		ID: "spf-lookups-high", Severity: finding.Warning, Since: "1.0.0", ShowsTree: true,
		Title:   fmt.Sprintf("The SPF record needs %d or %d of its %[2]d DNS lookups", spf.MaxLookups-1, spf.MaxLookups),
		Means:   "One more sender, or one more include in a vendor's record, may exceed the limit.",
		Matters: "nothing yet",
		Fix:     "Remove senders that you no longer use before you add the next one.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
	VoidLookups = &finding.Check{
		ID: "spf-void-lookups", Severity: finding.Warning, Since: "1.0.0", ShowsTree: true,
		Title:   fmt.Sprintf("The SPF record has more than %d lookups without an answer", spf.MaxVoids),
		Means:   "Some terms ask for names or records that do not exist (\"void lookups\"). RFC 7208 lets receivers stop after " + shorten.Number(spf.MaxVoids) + ".",
		Matters: "with receivers that enforce the limit, mail that no earlier term matches does not pass SPF (PermError)",
		Fix:     "Remove the terms that find nothing.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
	MXHosts = &finding.Check{
		ID: "spf-mx-hosts", Severity: finding.Error, Since: "1.0.0", ShowsTree: true,
		Title:   fmt.Sprintf("An mx term of the SPF record has more than %d hosts", spf.MaxHosts),
		Means:   fmt.Sprintf("The name has more than %d MX records. Receivers look up the addresses of each, and the limit is %[1]d.", spf.MaxHosts),
		Matters: "mail that no earlier term matches does not pass SPF (PermError)",
		Fix:     "List the addresses with ip4 and ip6, or remove the term.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
	PassAll = &finding.Check{
		ID: "spf-pass-all", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord,
		Title:   "The SPF record lets anybody send",
		Means:   "The record, or one that it includes, ends in +all, or its networks cover at least half of all addresses: of IPv4, or of the part of IPv6 that is in use (2000::/3). Networks come from ip4 and ip6, and from a or mx with a prefix length, such as a/0.",
		Matters: "anybody's mail passes SPF as the domain",
		Fix:     "End the record in ~all or -all, list only the networks that really send, and remove an include that passes everything.",
		Sources: []string{rfc7208 + "#section-5.1", rfc7208 + "#section-5.6"},
	}
	All = &finding.Check{
		ID: "spf-all", Severity: finding.Warning, Since: "1.0.0", Denies: wanted.SPFRecord,
		Title:   "The SPF record does not end as expected",
		Means:   "The all term of the record, or of the one that it redirects to, is missing or differs from the file.",
		Matters: "without an all term, SPF is neutral about mail from other senders",
		Fix:     "End the record in ~all or -all.",
		Sources: []string{rfc7208 + "#section-5.1"},
	}
	AfterAll = &finding.Check{
		ID: "spf-after-all", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record has terms that are never read",
		Means:   "There are terms after the first all, or a redirect next to an all. If there are two endings, the second is never read.",
		Matters: "these terms have no effect, so their senders are not allowed",
		Fix:     "Move the terms before the all term if you want their senders; otherwise remove them. A corrected record in the finding has the terms that the file allows before the all term.",
		Sources: []string{rfc7208 + "#section-5.1", rfc7208 + "#section-6.1"},
	}
	TermIgnored = &finding.Check{
		ID: "spf-term-ignored", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record has a term that receivers ignore",
		Means:   "A term with = is a modifier, and receivers ignore modifiers that they do not know: include= or ip4= in place of include: or ip4:, a second v=spf1, or a record of another kind in the same TXT record.",
		Matters: "the term has no effect, so its sender is not allowed",
		Fix:     "Correct the term, or remove it.",
		Sources: []string{rfc7208 + "#section-6"},
	}
	Ptr = &finding.Check{
		ID: "spf-ptr", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record uses the ptr mechanism",
		Means:   "RFC 7208 advises against ptr: it is slow, unreliable, and a burden on reverse DNS servers.",
		Matters: "some receivers skip it, and then mail that depends on it fails",
		Fix:     "List the addresses with ip4, ip6 or a instead.",
		Sources: []string{rfc7208 + "#section-5.5"},
	}
	Length = &finding.Check{
		ID: "spf-length", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record is long",
		Means:   "Together, the name and the text of the record have more than 450 bytes.",
		Matters: "a long answer needs EDNS or TCP, which some networks block",
		Fix:     "Shorten the record, or move a part of it to an include of your own.",
		Sources: []string{rfc7208 + "#section-3.4"},
	}
	StringJoin = &finding.Check{
		ID: "spf-string-join", Severity: finding.Warning, Since: "1.0.0", Denies: wanted.SPFRecord,
		Title:   "Two strings of the SPF record join without a space",
		Means:   "The TXT record has several strings. Receivers join them without a space, and so two terms become one.",
		Matters: "receivers read the two terms as one, which is wrong",
		Fix:     "End the first string, or begin the second, with a space.",
		Sources: []string{rfc7208 + "#section-3.3"},
	}
	CopiedRanges = &finding.Check{
		ID: "spf-copied-ranges", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record has copies of Amazon SES's address ranges",
		Means:   "ip4 terms repeat the ranges in the record of amazonses.com, in place of the include or next to it. They are in the record itself, or in that of a name of yours that it leads to.",
		Matters: "Amazon changes the ranges without notice: mail from new ranges does not pass SPF, and old ranges may go to somebody else",
		Fix:     "At a MAIL FROM name, replace the copies with include:amazonses.com. At the domain itself, remove them: SES does not use it as MAIL FROM.",
		Sources: []string{guide},
	}
	UpstreamChanged = &finding.Check{
		ID: "spf-upstream-changed", Severity: finding.Note, Since: "1.0.0",
		Title:   "An include has changed since it was locked",
		Means:   "A name that the SPF record leads to has other terms than in `sescheck.lock`. The order of terms, the addresses of a and mx, and terms that are never read do not matter.",
		Matters: "the vendor has changed who may send as you, or how many of the ten lookups are left",
		Fix:     "If you expect the change, run `sescheck lock` and commit the lock. If not, ask the vendor.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
)

// checks are the checks of the SPF part.
var checks = []*finding.Check{Missing, Duplicate, Invalid, Unwanted, SESUnauthorized, IncludeMissing, IncludeUnexpected, IncludeBroken, IncludeDangling, IncludeLoop, Lookups, LookupsHigh, VoidLookups, MXHosts, PassAll, All, AfterAll, TermIgnored, Ptr, Length, StringJoin, CopiedRanges, UpstreamChanged}

package spf

import (
	"github.com/sescheck/sescheck/internal/check/finding"
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
		Means:   "None of the TXT records at the name begins with v=spf1 and a space. One that nearly does is none, and one of type SPF, which RFC 7208 abolished, is not read.",
		Matters: "receivers cannot tell by SPF who may send for the name, and mail does not pass DMARC by SPF",
		Mend:    "Publish one TXT record that says who may send. At a MAIL FROM name it is v=spf1 include:amazonses.com ~all. A garbled record is put together again where it is certain what was meant.",
		Sources: []string{rfc7208 + "#section-4.5", rfc7208 + "#section-3.1", guide},
	}
	Duplicate = &finding.Check{
		ID: "spf-duplicate", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord, Ends: true,
		Title:   "There is more than one SPF record",
		Means:   "Several TXT records at the name begin with v=spf1. RFC 7208 makes that a PermError, whatever the records say.",
		Matters: "PermError: no mail that has the name as its MAIL FROM passes SPF",
		Mend:    "Merge the terms into one record and delete the others.",
		Sources: []string{rfc7208 + "#section-4.5"},
	}
	Invalid = &finding.Check{
		ID: "spf-invalid", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord, Ends: true,
		Title:   "The SPF record has a syntax error",
		Means:   "A term cannot be read. One such term anywhere in the record makes the whole a PermError, even behind all.",
		Matters: "PermError: no mail that has the name as its MAIL FROM passes SPF",
		Mend:    "Correct the term that is named. The record to publish is given where it is certain what was meant.",
		Sources: []string{rfc7208 + "#section-4.6"},
	}
	Unwanted = &finding.Check{
		ID: "spf-unwanted", Severity: finding.Error, Since: "1.0.0", Ends: true,
		Title:   "There is an SPF record where the file says there is none",
		Means:   "The file has `spf: none` for the domain, and a TXT record begins with v=spf1.",
		Matters: "whoever the record authorises can send mail that passes SPF as the domain",
		Mend:    "Delete the record, or say in the file what it should be.",
	}
	SESUnauthorized = &finding.Check{
		ID: "spf-ses-unauthorized", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord,
		Title:   "The MAIL FROM name's SPF record does not authorise Amazon SES",
		Means:   "A receiver reads the record from left to right, and the first term that matches decides. Nothing leads to amazonses.com, neither the record itself nor an include or redirect that passes; or a term before it matches addresses of SES, or some of them, and does not pass.",
		Matters: "mail that SES sends does not pass SPF; SES itself looks at the MX only and reports nothing",
		Mend:    "Add include:amazonses.com before all, and before a term that shuts SES out.",
		Sources: []string{mailFromGuide, rfc7208 + "#section-4.6.2", rfc7208 + "#section-5.2"},
	}
	IncludeMissing = &finding.Check{
		ID: "spf-include-missing", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord, Listed: true,
		Title:   "An expected include is not in the SPF record",
		Means:   "The file lists the include, and the record, or the one that it redirects to, does not have it before all. One that is reached only inside another include does not count: it is the other vendor's to take away.",
		Matters: "mail of that sender does not pass SPF",
		Mend:    "Add the include before all, or take it out of the file.",
		Sources: []string{rfc7208 + "#section-5.2"},
	}
	IncludeUnexpected = &finding.Check{
		ID: "spf-include-unexpected", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record has an include that the file does not list",
		Means:   "An include of the record, or of the one that it redirects to, is not in the file: somebody added a sender to DNS, or took one out of the file only.",
		Matters: "whoever runs the included name decides who may send as you",
		Mend:    "List the include in the file, or take it out of the record. With `exact: false` unlisted includes are accepted.",
	}
	IncludeBroken = &finding.Check{
		ID: "spf-include-broken", Severity: finding.Error, Since: "1.0.0", ReplacedBy: IncludeDangling, ShowsTree: true, Absence: true,
		Title:   "An include or redirect leads to no valid SPF record",
		Means:   "The target has no SPF record, several, or an invalid one.",
		Matters: "PermError: mail that no earlier term matches does not pass SPF",
		Mend:    "If the sender is no longer used, take the include out. Else ask the vendor, whose record it is, for the name that is right now. A URL or an address is no name: include the name alone.",
		Sources: []string{rfc7208 + "#section-5.2", rfc7208 + "#section-6.1"},
	}
	IncludeDangling = &finding.Check{
		ID: "spf-include-dangling", Severity: finding.Error, Since: "1.0.0", ShowsTree: true, Absence: true,
		Title:   "An include leads into a domain that nobody has registered",
		Means:   "The registrable domain of the target, or of the name that its CNAMEs lead to, does not exist.",
		Matters: "whoever registers the domain may publish an SPF record there and send as you; until then it is a PermError",
		Mend:    "Take the include out of the record today. In the record of a vendor, ask the vendor to, and take the vendor's include out until then.",
		Sources: []string{rfc7208 + "#section-5.2"},
	}
	IncludeLoop = &finding.Check{
		ID: "spf-include-loop", Severity: finding.Error, Since: "1.0.0", ShowsTree: true,
		Title:   "The includes of the SPF record go round",
		Means:   "A record is included again while it is itself being evaluated.",
		Matters: "PermError: mail that no earlier term matches does not pass SPF",
		Mend:    "Take one of the includes of the circle out.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
	Lookups = &finding.Check{
		ID: "spf-lookups", Severity: finding.Error, Since: "1.0.0", Settles: LookupsHigh, ShowsTree: true,
		Title:   "The SPF record needs more than 10 DNS lookups",
		Means:   "The terms include, a, mx, ptr, exists and redirect cost a lookup each, in the record and in all that it leads to. What is used twice counts twice; ip4, ip6, all and exp cost nothing.",
		Matters: "receivers stop at 10 with a PermError: mail that no earlier term matches does not pass SPF, usually that of the senders listed last",
		Mend:    "Take out senders that are no longer used, and a or mx terms that add nothing. Receivers read the record of the MAIL FROM name, and SES never uses the domain itself as that: at the domain, include:amazonses.com does nothing for mail of SES.",
		Sources: []string{rfc7208 + "#section-4.6.4", guide},
	}
	LookupsHigh = &finding.Check{
		ID: "spf-lookups-high", Severity: finding.Warning, Since: "1.0.0", ShowsTree: true,
		Title:   "The SPF record needs 9 or 10 of its 10 DNS lookups",
		Means:   "Another sender, or one more include at a vendor, may be one too many.",
		Matters: "nothing yet",
		Mend:    "Take out senders that are no longer used before the next one is added.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
	VoidLookups = &finding.Check{
		ID: "spf-void-lookups", Severity: finding.Warning, Since: "1.0.0", ShowsTree: true,
		Title:   "The SPF record has more than 2 lookups without an answer",
		Means:   "Terms ask for names or records that do not exist. RFC 7208 tells receivers to stop after two.",
		Matters: "receivers that keep to the limit give a PermError to mail that no earlier term matches",
		Mend:    "Take out the terms that find nothing.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
	MXHosts = &finding.Check{
		ID: "spf-mx-hosts", Severity: finding.Error, Since: "1.0.0", ShowsTree: true,
		Title:   "An mx term of the SPF record has more than 10 hosts",
		Means:   "The name has more than 10 MX records. Receivers look up the addresses of each, and may do so for 10.",
		Matters: "PermError: mail that no earlier term matches does not pass SPF",
		Mend:    "List the addresses by ip4 and ip6, or take the term out.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
	PassAll = &finding.Check{
		ID: "spf-pass-all", Severity: finding.Error, Since: "1.0.0", Denies: wanted.SPFRecord,
		Title:   "The SPF record lets everybody send",
		Means:   "The record, or one that it includes, ends in +all, or its networks let at least half of all addresses pass: of IPv4, or of those of IPv6 that are given out (2000::/3). A network is that of an ip4 or ip6, or of the hosts of an a or mx with a prefix length, such as a/0.",
		Matters: "anybody's mail passes SPF as the domain",
		Mend:    "End the record in ~all or -all, list the networks that really send, and take out an include that passes everything.",
		Sources: []string{rfc7208 + "#section-5.1", rfc7208 + "#section-5.6"},
	}
	All = &finding.Check{
		ID: "spf-all", Severity: finding.Warning, Since: "1.0.0", Denies: wanted.SPFRecord,
		Title:   "The SPF record ends otherwise than expected",
		Means:   "Its all, or that of the record it redirects to, is not the one in the file, or there is none.",
		Matters: "without all, mail from anywhere is neutral to SPF",
		Mend:    "End the record in ~all or -all.",
		Sources: []string{rfc7208 + "#section-5.1"},
	}
	AfterAll = &finding.Check{
		ID: "spf-after-all", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record has terms that are never read",
		Means:   "Terms come after the first all, or there is a redirect beside an all. Of two endings, the second is the one that is never read.",
		Matters: "they do nothing: a sender that they were meant to allow is not allowed",
		Mend:    "Move the terms before all if their senders are wanted, or take them out. The record to publish has before all what the file has nothing against.",
		Sources: []string{rfc7208 + "#section-5.1", rfc7208 + "#section-6.1"},
	}
	TermIgnored = &finding.Check{
		ID: "spf-term-ignored", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record has a term that receivers ignore",
		Means:   "With = a term is a modifier, and receivers ignore those that they do not know: include= and ip4= for include: and ip4:, or v=spf1 a second time.",
		Matters: "the term does nothing: a sender that it was meant to allow is not allowed",
		Mend:    "Write the term as it was meant, or take it out.",
		Sources: []string{rfc7208 + "#section-6"},
	}
	Ptr = &finding.Check{
		ID: "spf-ptr", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record uses the ptr mechanism",
		Means:   "RFC 7208 says not to publish ptr: it is slow, unreliable, and a burden on the servers of reverse DNS.",
		Matters: "some receivers do not evaluate it, so that mail which relies on it fails",
		Mend:    "List the addresses by ip4, ip6 or a instead.",
		Sources: []string{rfc7208 + "#section-5.5"},
	}
	Length = &finding.Check{
		ID: "spf-length", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record is long",
		Means:   "The owner name and the text have more than 450 octets together.",
		Matters: "an answer that is too long for plain UDP needs EDNS or TCP, which not every receiver's network lets through",
		Mend:    "Shorten the record, or move a part of it into an include of your own.",
		Sources: []string{rfc7208 + "#section-3.4"},
	}
	StringJoin = &finding.Check{
		ID: "spf-string-join", Severity: finding.Warning, Since: "1.0.0", Denies: wanted.SPFRecord,
		Title:   "Two strings of the SPF record join without a space",
		Means:   "The TXT record has several strings. Receivers join them without a space, and two terms run into one another where one string ends and the next begins.",
		Matters: "the two terms are read as one other term, or as none",
		Mend:    "End the first string, or begin the second, with a space.",
		Sources: []string{rfc7208 + "#section-3.3"},
	}
	CopiedRanges = &finding.Check{
		ID: "spf-copied-ranges", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The SPF record has copies of Amazon SES's address ranges",
		Means:   "ip4 terms repeat what the record of amazonses.com lists, in place of the include or beside it.",
		Matters: "Amazon changes the ranges without notice: mail from new ones does not pass SPF, and somebody else may get old ones",
		Mend:    "At a MAIL FROM name, use include:amazonses.com and take the copies out. At the domain itself, which SES does not send with, take them out.",
		Sources: []string{guide},
	}
	UpstreamChanged = &finding.Check{
		ID: "spf-upstream-changed", Severity: finding.Note, Since: "1.0.0",
		Title:   "What an include leads to has changed since it was locked",
		Means:   "There is a `sescheck.lock` beside the file, and a name that the SPF record leads to has other terms now than the lock says. The order of terms does not matter, nor do addresses of a and mx, nor what is never read.",
		Matters: "somebody else has changed who may send as you, or how many of the ten lookups are left",
		Mend:    "If the change is what the vendor announced, run `sescheck lock` and commit the lock. If not, ask the vendor.",
		Sources: []string{rfc7208 + "#section-4.6.4"},
	}
)

// checks are the checks of the spf part.
var checks = []*finding.Check{Missing, Duplicate, Invalid, Unwanted, SESUnauthorized, IncludeMissing, IncludeUnexpected, IncludeBroken, IncludeDangling, IncludeLoop, Lookups, LookupsHigh, VoidLookups, MXHosts, PassAll, All, AfterAll, TermIgnored, Ptr, Length, StringJoin, CopiedRanges, UpstreamChanged}

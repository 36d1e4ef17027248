package config

import (
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/receiver"
	"github.com/sescheck/sescheck/internal/record"
)

// topRows are the keys of the top of the file.
var topRows = []row{
	{name: "version", kind: "`1`", standard: "required", about: "the version of the file format"},
	{name: "defaults", kind: "mapping", about: "keys for all domains that do not set them"},
	{name: "domains", kind: "mapping", standard: "required", about: "the domains, with what you expect of each"},
	{name: "checks", kind: "mapping", about: "the severity of checks, or `off`"},
	{name: "ignore", kind: "list", about: "findings that are accepted"},
}

// IdentityKeys are the keys of an Amazon SES identity: the region first, then the
// keys that ask for records.
var IdentityKeys = []Key[Identity]{
	{
		row:   row{"region", "word", "", "`region-unknown`; the values of the other records depend on it", ref("region")},
		read:  func(r *reader, p pair, id *Identity, _ setting) { id.Region = r.region(p) },
		Given: func(id *Identity) bool { return id.Region.Value != "" },
		Place: func(id *Identity) Place { return id.Region.Place },
		Take:  func(to, from *Identity) { to.Region = from.Region },
		Term:  func(id *Identity, _ record.Name) yamltext.Term { return yamltext.Term{Word: id.Region.Value} },
	},
	{
		row:      row{"sender", quotedWords(senderKeys(), "or"), "", "`mail-from-*` and `dkim-*`: the records that this sender on SES shows its customers", property(senderSchema(), "The sender on SES that the identity belongs to. The records that it shows its customers are expected; other keys override them.", `["resend"]`)},
		read:     func(r *reader, p pair, id *Identity, _ setting) { id.Sender = r.sender(p) },
		Given:    func(id *Identity) bool { return id.Sender.Value != "" },
		Place:    func(id *Identity) Place { return id.Sender.Place },
		Take:     func(to, from *Identity) { to.Sender = from.Sender },
		Shared:   func(have, found *Identity) bool { return have.Sender.Value == found.Sender.Value },
		Term:     func(id *Identity, _ record.Name) yamltext.Term { return yamltext.Term{Word: id.Sender.Value} },
		regional: func(id *Identity) bool { return id.MailFrom != nil && id.MailFrom.Implied },
	},
	{
		row:   row{"verification", "token or list", "", "`verification-*`", ref("verification")},
		read:  func(r *reader, p pair, id *Identity, _ setting) { id.Verification = r.verification(p) },
		Given: func(id *Identity) bool { return len(id.Verification) > 0 },
		Place: func(id *Identity) Place { return id.Verification[0].Place },
		Take:  func(to, from *Identity) { to.Verification = from.Verification },
		same:  func(have, found *Identity) bool { return sameValues(have.Verification, found.Verification) },
		Term:  func(id *Identity, _ record.Name) yamltext.Term { return verificationTerm(id.Verification) },
	},
	{
		row:      row{"dkim", "list, mapping, `easy` or `none`", "", "`dkim-*`, and `dmarc-alignment`", ref("dkim")},
		read:     func(r *reader, p pair, id *Identity, in setting) { id.DKIM = r.dkim(p, in.beside.haveSender()) },
		Given:    func(id *Identity) bool { return id.DKIM != nil && !id.DKIM.Implied },
		Place:    func(id *Identity) Place { return id.DKIM.Place },
		Take:     func(to, from *Identity) { to.DKIM = from.DKIM },
		same:     func(have, found *Identity) bool { return sameDKIM(have.DKIM, found.DKIM) },
		Term:     func(id *Identity, _ record.Name) yamltext.Term { return id.DKIM.term(id.Region.Value) },
		regional: func(id *Identity) bool { return len(id.DKIM.Tokens) > 0 && id.DKIM.SigningHostedZone == nil },
	},
	{
		row:      row{"mail_from", "name or mapping", "", "`mail-from-*`, `spf-*` at that name, and `dmarc-alignment`", ref("mailFrom")},
		read:     func(r *reader, p pair, id *Identity, in setting) { id.MailFrom = r.mailFrom(p, in.domain) },
		Given:    func(id *Identity) bool { return id.MailFrom != nil && !id.MailFrom.Implied },
		Place:    func(id *Identity) Place { return id.MailFrom.Place },
		Take:     func(to, from *Identity) { to.MailFrom = from.MailFrom },
		same:     SameMailFromName,
		Shared:   SameMailFromName,
		Term:     func(id *Identity, domain record.Name) yamltext.Term { return id.MailFrom.term(domain) },
		regional: func(*Identity) bool { return true },
	},
	{
		row:      row{"receiving", "`true`, `false` or mapping", "`false`", "`receiving-*`", ref("receiving")},
		read:     func(r *reader, p pair, id *Identity, _ setting) { id.Receiving = r.receiving(p) },
		Given:    func(id *Identity) bool { return id.Receiving != nil },
		Place:    func(id *Identity) Place { return id.Receiving.Place },
		Take:     func(to, from *Identity) { to.Receiving = from.Receiving },
		Shared:   func(*Identity, *Identity) bool { return true },
		Term:     func(id *Identity, domain record.Name) yamltext.Term { return id.Receiving.term(domain) },
		regional: func(id *Identity) bool { return id.Receiving.Host == nil },
	},
	{
		row:      row{"tracking", "name or mapping", "", "`tracking-*`", ref("tracking")},
		read:     func(r *reader, p pair, id *Identity, in setting) { id.Tracking = r.tracking(p, in.domain) },
		Given:    func(id *Identity) bool { return id.Tracking != nil },
		Place:    func(id *Identity) Place { return id.Tracking.Place },
		Take:     func(to, from *Identity) { to.Tracking = from.Tracking },
		Shared:   func(have, found *Identity) bool { return have.Tracking.Name.Value == found.Tracking.Name.Value },
		Term:     func(id *Identity, domain record.Name) yamltext.Term { return id.Tracking.term(domain) },
		regional: func(id *Identity) bool { return id.Tracking.Target == nil },
	},
}

// RecordKeys are the keys of an identity that ask for records.
var RecordKeys = IdentityKeys[1:]

// identitiesRow is the key for several identities, in place of IdentityKeys.
var identitiesRow = row{"identities", "list", "", "all of the above, for each", ref("identities")}

// DomainKeys are the keys of the domain itself.
var DomainKeys = []Key[Domain]{
	{
		row:   row{"spf", "list, mapping or `none`", "", "`spf-*` at the domain", ref("spf")},
		read:  func(r *reader, p pair, d *Domain, _ setting) { d.SPF = r.spf(p) },
		Given: func(d *Domain) bool { return d.SPF != nil },
		Place: func(d *Domain) Place { return d.SPF.Place },
		Take:  func(to, from *Domain) { to.SPF = from.SPF },
		same:  func(have, found *Domain) bool { return sameSPF(have.SPF, found.SPF) },
		Term:  func(d *Domain, _ record.Name) yamltext.Term { return d.SPF.term() },
	},
	{
		row:   row{"dmarc", "word or mapping", "", "`dmarc-*`", ref("dmarc")},
		read:  func(r *reader, p pair, d *Domain, _ setting) { d.DMARC = r.dmarc(p) },
		Given: func(d *Domain) bool { return d.DMARC != nil },
		Place: func(d *Domain) Place { return d.DMARC.Place },
		Take:  func(to, from *Domain) { to.DMARC = from.DMARC },
		same:  func(have, found *Domain) bool { return fulfils(found.DMARC, have.DMARC) },
		Term:  func(d *Domain, _ record.Name) yamltext.Term { return d.DMARC.term() },
	},
	{
		row: row{"require", "list of " + quotedWords(receiver.Keys(), "and"), "", "`receiver-rule`: the published rules of these receivers, as far as DNS shows", property(
			requireSchema(), "The receivers whose published rules mail through SES must meet, as far as DNS shows.", "[\n  [\"gmail\", \"outlook\"]\n]")},
		read:  func(r *reader, p pair, d *Domain, _ setting) { d.Require = r.require(p) },
		Given: func(d *Domain) bool { return len(d.Require) > 0 },
		Place: func(d *Domain) Place { return d.Require[0].Place },
		Take:  func(to, from *Domain) { to.Require = from.Require },
		same:  func(have, found *Domain) bool { return sameValues(have.Require, found.Require) },
		Term:  func(d *Domain, _ record.Name) yamltext.Term { return yamltext.ListOf(Values(d.Require)) },
	},
	{
		row: row{"pending_until", "day", "", "none; findings of the domain are notes until then", property(allOf("day"),
			"The domain is being set up: its findings are notes until this day begins, at midnight UTC.", `["2026-12-01"]`)},
		read:  func(r *reader, p pair, d *Domain, _ setting) { d.PendingUntil = r.date(p) },
		Given: func(d *Domain) bool { return d.PendingUntil != nil },
		Place: func(d *Domain) Place { return d.PendingUntil.Place },
		Take:  func(to, from *Domain) { to.PendingUntil = from.PendingUntil },
		Term: func(d *Domain, _ record.Name) yamltext.Term {
			return yamltext.Term{Word: d.PendingUntil.Value.Format(time.DateOnly)}
		},
	},
}

// dkimKeys are written by DKIM.term, which has three forms.
var dkimKeys = []Key[DKIM]{
	{
		row: row{"tokens", "list", "", "Easy DKIM: the tokens that SES shows, alone; `dkim: [a, b, c]` is short for it", property(allOf("dkimTokens"),
			"Easy DKIM: the tokens that SES shows, without the rest of the name.", "[\n  [\"tokena\", \"tokenb\", \"tokenc\"]\n]")},
		read: func(r *reader, p pair, d *DKIM, _ setting) { d.Tokens = r.dkimTokenList(p) },
	},
	{
		row: row{"signing_hosted_zone", "name", "the region's", "the zone that the CNAMEs point into, if `GetEmailIdentity` shows another one", property(allOf("fullName"),
			"The zone that the CNAMEs point into, if GetEmailIdentity shows one that is not the region's own.", `["dkim.af-south-1.amazonses.com"]`)},
		read: func(r *reader, p pair, d *DKIM, _ setting) { d.SigningHostedZone = r.hostAt(p) },
	},
	{
		row: row{"selector", "word", "", "BYODKIM: 1 to 63 letters, digits and inner hyphens; TXT at `<selector>._domainkey.<domain>`", property(
			`"type": ["string", "number", "boolean"],`+"\n"+`"pattern": "^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"`,
			"BYODKIM: the selector, 1 to 63 letters, digits and inner hyphens.", `["s1"]`)},
		read: func(r *reader, p pair, d *DKIM, _ setting) { d.Selector = r.selector(p) },
	},
	{
		row: row{"public_key", "text", "required with `selector`, unless there is a `sender`", "its RSA key: base64, PEM, or the record to publish", property(
			`"type": "string",`+"\n"+`"pattern": "\\S",`+"\n"+`"not": {"pattern": "PRIVATE KEY"}`,
			"BYODKIM: the RSA public key in base64, as PEM, or as the record to publish.", `["MIIBIj…"]`)},
		read: func(r *reader, p pair, d *DKIM, _ setting) { d.PublicKey = r.publicKey(p) },
	},
}

var mailFromKeys = []Key[MailFrom]{
	{
		row: row{"name", "name", "required", "a label under the domain, or with a dot the full name; `mail_from: bounce` is short for it", property(allOf("label"),
			"A label under the domain, or with a dot the full name.", `["bounce"]`)},
		read: func(r *reader, p pair, m *MailFrom, in setting) {
			m.Name = r.mailFromName(p, in.domain, "a label such as bounce, or a full name under the domain")
		},
		missing: func(r *reader, v value) { r.bad(v, "mail_from has no name; add one, such as name: bounce") },
		Given:   func(*MailFrom) bool { return true },
		Term: func(m *MailFrom, domain record.Name) yamltext.Term {
			return yamltext.Term{Word: shortened(m.Name.Value, domain)}
		},
	},
	{
		row: row{"on_mx_failure", "`reject` or `use_default`", "not known", "what SES does without the MX; findings take it into account", property(`"enum": ["reject", "use_default"]`,
			"What SES does while the MX is missing; findings take it into account.", `["reject"]`)},
		read:  func(r *reader, p pair, m *MailFrom, _ setting) { m.OnMXFailure = r.onMXFailure(p) },
		Given: func(m *MailFrom) bool { return m.OnMXFailure.Value != "" },
		Term:  func(m *MailFrom, _ record.Name) yamltext.Term { return yamltext.Term{Word: m.OnMXFailure.Value} },
	},
	{
		row: row{"spf", "as `spf` of a domain", "", "what the SPF record of the MAIL FROM name must contain; without it, its includes are not checked", property(allOf("spf"),
			"What the SPF record of the MAIL FROM name must contain; without it, its includes are not checked.",
			"[\n  {\n    \"includes\": [\"amazonses.com\"],\n    \"all\": \"-all\"\n  }\n]")},
		read:  func(r *reader, p pair, m *MailFrom, _ setting) { m.SPF = r.spf(p) },
		Given: func(m *MailFrom) bool { return m.SPF != nil },
		Term:  func(m *MailFrom, _ record.Name) yamltext.Term { return m.SPF.term() },
	},
}

var receivingKeys = []Key[Receiving]{
	{
		row: row{"host", "name", "the host of SES in the region", "the ingress endpoint of Mail Manager", property(allOf("fullName"),
			"The ingress endpoint of Mail Manager.", `["abcd1234.fips.wxyz.mail-manager-smtp.amazonaws.com"]`)},
		read:    func(r *reader, p pair, in *Receiving, _ setting) { in.Host = r.hostAt(p) },
		missing: func(r *reader, v value) { r.bad(v, "receiving has no host; add it, or write receiving: true") },
		Given:   func(in *Receiving) bool { return in.Host != nil },
		Term:    func(in *Receiving, _ record.Name) yamltext.Term { return nameTerm(in.Host.Value) },
	},
}

var trackingKeys = []Key[Tracking]{
	{
		row: row{"name", "name", "required", "a label under the domain, or with a dot any full name; `tracking: click` is short for it", property(allOf("label"),
			"A label under the domain, or with a dot any full name.", `["click"]`)},
		read: func(r *reader, p pair, t *Tracking, in setting) {
			t.Name = r.trackingName(p, in.domain, "a label such as click, or a full name", in.beside.has("target"))
		},
		missing: func(r *reader, v value) { r.bad(v, "tracking has no name; add one, such as name: click") },
		Given:   func(*Tracking) bool { return true },
		Term: func(t *Tracking, domain record.Name) yamltext.Term {
			return yamltext.Term{Word: shortened(t.Name.Value, domain)}
		},
	},
	{
		row: row{"target", "name", "`r.<region>.awstrack.me`", "where the CNAME points, such as a CloudFront distribution; an alias without a CNAME then passes", property(allOf("fullName"),
			"Where the CNAME points, such as a CloudFront distribution. Default: r.<region>.awstrack.me.", `["d111111abcdef8.cloudfront.net"]`)},
		read:  func(r *reader, p pair, t *Tracking, _ setting) { t.Target = r.hostAt(p) },
		Given: func(t *Tracking) bool { return t.Target != nil },
		Term:  func(t *Tracking, _ record.Name) yamltext.Term { return nameTerm(t.Target.Value) },
	},
}

var spfKeys = []Key[SPF]{
	{
		row: row{"includes", "list", "", "the names after `include:`, in any order; `spf: [a, b]` is short for it, `spf: []` means a record without any", property(allOf("includes"),
			"The names after include:, in any order. [] means a record without any.", "[\n  [\"_spf.google.com\"]\n]")},
		read:  func(r *reader, p pair, s *SPF, _ setting) { s.Includes = r.includeList(p) },
		Given: func(s *SPF) bool { return s.Exact || len(s.Includes) > 0 },
		Term:  func(s *SPF, _ record.Name) yamltext.Term { return includesTerm(s.Includes) },
	},
	{
		row: row{"exact", "`true` or `false`", "`true` with `includes`", "whether a live include that the file does not list is a finding", property(`"type": "boolean"`,
			"Whether a live include that the file does not list is a finding. Default: true if includes are listed.", `[false]`)},
		read:  func(r *reader, p pair, s *SPF, _ setting) { s.Exact, _ = r.boolean(p.value, "exact", "true or false") },
		Given: func(s *SPF) bool { return !s.Exact },
		Term:  func(*SPF, record.Name) yamltext.Term { return yamltext.Term{Word: "false"} },
	},
	{
		row: row{"all", "`-all`, `~all`, `?all` or `+all`", "any but `+all`", "how the record ends", property(`"enum": ["-all", "~all", "?all", "+all"]`,
			"How the record ends. Default: any but +all.", `["~all"]`)},
		read:  func(r *reader, p pair, s *SPF, _ setting) { s.All = r.ending(p) },
		Given: func(s *SPF) bool { return s.All != nil },
		Term:  func(s *SPF, _ record.Name) yamltext.Term { return yamltext.Term{Word: s.All.Value} },
	},
}

var dmarcKeys = []Key[DMARC]{
	tagKey(row{"policy", "`none`, `quarantine` or `reject`", "", "the policy in effect must be at least as strict; `dmarc: reject` is short for it", property(allOf("policy"),
		"The policy in effect must be at least as strict.", `["quarantine"]`)},
		(*reader).policy, func(d *DMARC) **At[string] { return &d.Policy }, asStrict),
	tagKey(row{"subdomain_policy", "the same", "", "the tag `sp`", property(allOf("policy"),
		"The tag sp: the policy of subdomains.", `["reject"]`)},
		(*reader).policy, func(d *DMARC) **At[string] { return &d.SubdomainPolicy }, equal),
	tagKey(row{"np", "the same", "", "the tag `np`, for subdomains that do not exist", property(allOf("policy"),
		"The tag np: the policy of subdomains that do not exist.", `["reject"]`)},
		(*reader).policy, func(d *DMARC) **At[string] { return &d.NP }, equal),
	tagKey(row{"aspf", "`r` or `s`", "", "the tag `aspf`: relaxed or strict", property(allOf("alignment"),
		"The tag aspf: r for relaxed, s for strict alignment of SPF.", `["r"]`)},
		(*reader).alignment, func(d *DMARC) **At[string] { return &d.ASPF }, equal),
	tagKey(row{"adkim", "`r` or `s`", "", "the tag `adkim`", property(allOf("alignment"),
		"The tag adkim: r for relaxed, s for strict alignment of DKIM.", `["s"]`)},
		(*reader).alignment, func(d *DMARC) **At[string] { return &d.ADKIM }, equal),
	{
		row: row{"rua", "list", "", "URIs for reports, such as `mailto:dmarc@example.com`; the record must contain them", property(
			"\"type\": \"array\",\n\"minItems\": 1,\n\"maxItems\": 100,\n\"uniqueItems\": true,\n\"items\": {\n  "+ref("uri")+"\n}",
			"URIs for aggregate reports. The record must contain them.", "[\n  [\"mailto:dmarc@example.com\"]\n]")},
		read:  func(r *reader, p pair, d *DMARC, _ setting) { d.RUA = r.rua(p) },
		Given: func(d *DMARC) bool { return len(d.RUA) > 0 },
		Term:  func(d *DMARC, _ record.Name) yamltext.Term { return yamltext.ListOf(Values(d.RUA)) },
	},
}

// tagKey is a key for a tag of the record that has one value.
func tagKey(row row, read func(*reader, pair, string) *At[string], at func(*DMARC) **At[string], same func(have, found string) bool) Key[DMARC] {
	return Key[DMARC]{
		row:   row,
		read:  func(r *reader, p pair, d *DMARC, _ setting) { *at(d) = read(r, p, row.name) },
		Given: func(d *DMARC) bool { return *at(d) != nil },
		same:  func(have, found *DMARC) bool { return same((*at(have)).Value, (*at(found)).Value) },
		Term:  func(d *DMARC, _ record.Name) yamltext.Term { return yamltext.Term{Word: (*at(d)).Value} },
	}
}

var ignoreKeys = []Key[Ignore]{
	{
		row: row{"check", "pattern", "required", "the checks", property(allOf("pattern"),
			"The checks whose findings are accepted: an id, or a pattern such as dkim-*.", `["dkim-not-cname", "spf-*"]`)},
		read: func(r *reader, p pair, ig *Ignore, _ setting) { ig.Check = r.glob(p) },
		missing: func(r *reader, v value) {
			r.problem(r.place(v), "this item of ignore has no check; name the check whose findings are accepted")
		},
	},
	{
		row: row{"domain", "pattern", "`*`", "the domains, in Unicode or in ASCII (`xn--…`)", property(allOf("pattern"),
			"The domains, in Unicode or in ASCII (xn--…). Default: *.", `["example.com", "*.example.com"]`)},
		read: func(r *reader, p pair, ig *Ignore, _ setting) { ig.Domain = r.glob(p) },
	},
	{
		row: row{"record", "pattern", "`*`", "the names of the records", property(allOf("pattern"),
			"The names of the records. Default: *.", `["*._domainkey.example.com"]`)},
		read: func(r *reader, p pair, ig *Ignore, _ setting) { ig.Record = r.glob(p) },
	},
	{
		row: row{"reason", "text", "required", "why", property(allOf("text"), "Why the findings are accepted.", `["proxied until the migration ends"]`)},
		read: func(r *reader, p pair, ig *Ignore, _ setting) {
			s, _ := r.word(p.value, "reason", "why the findings are accepted, in a few words")
			ig.Reason = At[string]{strings.TrimSpace(s), p.at}
		},
		missing: func(r *reader, v value) {
			r.problem(r.place(v), "this item of ignore has no reason; say why its findings are accepted")
		},
	},
	{
		row: row{"owner", "text", "", "who is responsible for it", property(allOf("text"), "Who is responsible for it.", `["mail-team"]`)},
		read: func(r *reader, p pair, ig *Ignore, _ setting) {
			ig.Owner, _ = r.word(p.value, "owner", "the owner")
		},
	},
	{
		row: row{"until", "day", "", "the date when it ends, at midnight UTC at the start of that day", property(allOf("day"),
			"The date when it ends, at midnight UTC at the start of that day.", `["2027-01-31"]`)},
		read: func(r *reader, p pair, ig *Ignore, _ setting) { ig.Until = r.date(p) },
	},
}

// domainRows are all keys that may be under a domain.
var domainRows = slices.Concat(rowsOf(IdentityKeys), []row{identitiesRow}, rowsOf(DomainKeys))

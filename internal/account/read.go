package account

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// MaxJSON limits the JSON of one source, in octets.
const MaxJSON = 64 << 20

// maxBroken is how many places of one source may be invalid JSON before the rest is
// skipped.
const maxBroken = 20

// Hint is the identity and region of JSON that names neither, such as that of
// get-email-identity. It is from the file's name or from a flag.
type Hint struct {
	File     string // the path, or "stdin"
	Identity string
	Region   string
}

// FromPath reads a file's name: the identity, and the region if it follows the
// identity or is the folder's name, as in eu-west-1/example.com.json.
func FromPath(path string) Hint {
	t := Hint{File: path}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if i := strings.LastIndexAny(name, "._@"); i > 0 && ses.IsRegion(name[i+1:]) {
		name, t.Region = name[:i], name[i+1:]
	}
	if folder := filepath.Base(filepath.Dir(path)); t.Region == "" && ses.IsRegion(folder) {
		t.Region = folder
	}
	if _, err := config.DomainName(name); err == nil || strings.Contains(name, "@") {
		t.Identity = name
	}
	return t
}

// Read adds the output of the AWS CLI: one or more documents, or lists of them, in
// UTF-8 or, as PowerShell redirects it, UTF-16. It notes and skips what it cannot
// use, and fails only if reading fails.
func (acc *Account) Read(r io.Reader, hint Hint) error {
	text, err := io.ReadAll(io.LimitReader(transform.NewReader(r, unicode.BOMOverride(transform.Nop)), MaxJSON+1))
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", untrusted.Quote(hint.File), err)
	case len(text) > MaxJSON:
		return fmt.Errorf("read %s: more than %d MiB; split it into several files", untrusted.Quote(hint.File), MaxJSON>>20)
	case len(trimJSON(text)) == 0:
		acc.skip(untrusted.Line(hint.File), "it is empty; pipe in what `aws sesv2 get-email-identity` prints, for example")
		return nil
	}
	a := &answers{acc: acc, hint: hint, text: text, line: 1}
	for broken := 0; a.more(); {
		var doc json.RawMessage
		d := json.NewDecoder(bytes.NewReader(a.text[a.at:]))
		if err := d.Decode(&doc); err != nil {
			if broken++; !a.broken(err) {
				return nil
			}
			if broken == maxBroken {
				a.skip("the rest is not read, because too much is not JSON")
				return nil
			}
			continue
		}
		a.document(doc)
		a.at += int(d.InputOffset())
	}
	return nil
}

// trimJSON removes space and a byte order mark before a document.
func trimJSON(text []byte) []byte { return bytes.TrimLeft(text, " \t\r\n\ufeff") }

// answers is a text with answers of AWS, and the position in it.
type answers struct {
	acc  *Account
	hint Hint
	text []byte
	at   int  // offset of the current document
	line int  // line number at seen
	seen int  // offset up to which line is counted
	odd  bool // the current identity has a status that is not known
}

// more moves to the next document; ok is false at the end.
func (a *answers) more() (ok bool) {
	rest := trimJSON(a.text[a.at:])
	a.at = len(a.text) - len(rest)
	return len(rest) > 0
}

// source returns the file and line at an offset. Offsets must not decrease.
func (a *answers) source(at int) Source {
	if at > a.seen {
		a.line += bytes.Count(a.text[a.seen:at], []byte("\n"))
		a.seen = at
	}
	return Source{a.hint.File, a.line}
}

func (s Source) String() string { return fmt.Sprintf("%s line %d", untrusted.Line(s.File), s.Line) }

// place is the current document's place.
func (a *answers) place() string { return a.source(a.at).String() }

// skip notes what the current document has that cannot be used.
func (a *answers) skip(format string, args ...any) {
	a.acc.skip(a.place(), untrusted.Line(fmt.Sprintf(format, args...)))
}

// broken notes invalid JSON and moves to the next line that begins a document; ok
// is false if there is none.
func (a *answers) broken(err error) (ok bool) {
	place, what := a.place(), "this is not JSON: "+err.Error()
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		what = "the JSON that begins here ends too early; was it cut off?"
	case errors.As(err, &syntax) && !bytes.ContainsAny(a.text[a.at:a.at+1], "{["):
		what = "this is not JSON; run the CLI with --output json"
	}
	a.acc.skip(place, untrusted.Line(what))
	for i := a.at; i < len(a.text); i++ {
		if i > a.at && a.text[i-1] == '\n' && (a.text[i] == '{' || a.text[i] == '[') {
			a.at = i
			return true
		}
	}
	return false
}

// document reads an answer, or a list of answers.
func (a *answers) document(doc json.RawMessage) {
	if !bytes.HasPrefix(doc, []byte("[")) {
		a.answer(doc)
		return
	}
	start := a.at
	d := json.NewDecoder(bytes.NewReader(doc))
	_, _ = d.Token() // the bracket; doc is a valid list
	for d.More() {
		var one json.RawMessage
		if d.Decode(&one) != nil {
			break
		}
		a.at = start + int(d.InputOffset()) - len(one)
		a.document(one)
	}
	a.at = start
}

func (a *answers) answer(doc json.RawMessage) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(doc, &keys) != nil {
		a.skip("this is not output of the AWS CLI; use the output of `aws sesv2 get-email-identity`, for example")
		return
	}
	switch {
	case isV1(keys):
		decode(a, doc, a.v1)
	case isV2(keys):
		decode(a, doc, a.v2)
	case has(keys, "Recommendations"):
		decode(a, doc, a.recommendations)
	case has(keys, "ConfigurationSetName"):
		decode(a, doc, a.configurationSet)
	case isResend(keys):
		decode(a, doc, a.resend)
	case len(keys) == 0:
	case isRecords(keys):
		a.skip("these are DNS records in a JSON format that sescheck does not read; export the zone as a zone file")
	default:
		a.skip("this is not one of the outputs that sescheck reads: get-email-identity, list-email-identities, get-configuration-set and list-recommendations of sesv2, get-identity-verification-attributes, get-identity-dkim-attributes and get-identity-mail-from-domain-attributes of ses, and a domain with its records from Resend's API")
	}
}

// isRecords reports whether a document has DNS records, as the APIs of Google Cloud,
// Cloudflare, PowerDNS and more DNS providers write them.
func isRecords(doc map[string]json.RawMessage) bool {
	var inner []map[string]json.RawMessage
	for _, list := range []string{"result", "records", "domain_records", "data"} {
		if json.Unmarshal(doc[list], &inner) == nil && len(inner) > 0 {
			return isRecords(inner[0])
		}
	}
	return has(doc, "rrsets", "rrdatas") || has(doc, "type") && has(doc, "name") && has(doc, "content", "value", "data")
}

// decode passes an answer to read, after it noted fields of a wrong type.
func decode[T any](a *answers, doc json.RawMessage, read func(*T)) {
	var answer T
	var kind *json.UnmarshalTypeError
	switch err := json.Unmarshal(doc, &answer); {
	case err == nil:
	case errors.As(err, &kind):
		should := map[reflect.Kind]string{reflect.String: "a text", reflect.Slice: "a list", reflect.Bool: "true or false"}[kind.Type.Kind()]
		article := "a"
		if strings.ContainsAny(kind.Value[:1], "ao") { // array, object
			article = "an"
		}
		a.skip("%s is %s %s, but should be %s", untrusted.Quote(kind.Field), article, kind.Value, cmp.Or(should, "a group of keys"))
	default:
		a.skip("%v", err)
	}
	read(&answer)
}

// short quotes the beginning of a value.
func short(w string) string {
	const most = 80
	return untrusted.QuoteStart(w, most)
}

// has reports whether a document has one of the keys.
func has(doc map[string]json.RawMessage, keys ...string) bool {
	for _, k := range keys {
		if _, ok := doc[k]; ok {
			return true
		}
	}
	return false
}

// isV1 reports whether an answer is of the first API. Both APIs have
// DkimAttributes: the first by identity, the second of one identity.
func isV1(doc map[string]json.RawMessage) bool {
	if has(doc, "VerificationAttributes", "MailFromDomainAttributes", "EmailIdentities", "Identities") {
		return true
	}
	var byIdentity map[string]json.RawMessage
	if json.Unmarshal(doc["DkimAttributes"], &byIdentity) != nil || byIdentity == nil {
		return false
	}
	if len(byIdentity) == 0 { // the queried identities do not exist
		return doc["IdentityType"] == nil && doc["EmailIdentity"] == nil
	}
	for name, value := range byIdentity {
		if !strings.ContainsAny(name, ".@") || !bytes.HasPrefix(bytes.TrimSpace(value), []byte("{")) {
			return false
		}
	}
	return true
}

func isV2(doc map[string]json.RawMessage) bool {
	return has(doc, "IdentityType", "DkimAttributes", "MailFromAttributes", "VerificationStatus", "VerifiedForSendingStatus", "EmailIdentity", "FeedbackForwardingStatus")
}

// region returns the region of the document, else that of the hint; "" for none.
func (a *answers) region(written string) string {
	for _, r := range []string{written, a.hint.Region} {
		if ses.IsRegion(r) {
			return r
		}
		if r != "" {
			a.skip("region %s is not an AWS region", short(r))
		}
	}
	return ""
}

// identity returns an identity to fill in.
func (a *answers) identity(name record.Name, region string) Identity {
	a.odd = false
	return Identity{Source: a.source(a.at), Name: name, Region: region}
}

// add adds an identity after all its statuses are read.
func (a *answers) add(id Identity) {
	id.Odd = a.odd
	a.acc.add(id)
}

// named returns the domain of an identity; ok is false for e-mail addresses and
// invalid names.
func (a *answers) named(name string) (_ record.Name, ok bool) {
	if strings.Contains(name, "@") {
		a.acc.Addresses = append(a.acc.Addresses, name)
		return "", false
	}
	n, err := config.DomainName(name)
	if err != nil {
		a.skip("identity %s %v", short(name), err)
		return "", false
	}
	return n, true
}

// status reads a status; an unknown word is noted.
func (a *answers) status(of, word string) Status {
	s := ParseStatus(word)
	if s == Unknown && word != "" {
		a.odd = true
		a.skip("%s status %s is not one that sescheck knows", of, short(word))
	}
	return s
}

// mailFrom reads the MAIL FROM domain of an identity.
func (a *answers) mailFrom(name, status, without string) *MailFrom {
	m := &MailFrom{Status: a.status("MAIL FROM", status), OnFailure: onFailure(without)}
	if name == "" {
		return m
	}
	n, err := config.DomainName(name)
	if err != nil {
		a.skip("MAIL FROM domain %s %v", short(name), err)
		return nil
	}
	m.Name = n
	return m
}

// onFailure translates the word of either API for what SES does without the MX into
// that of the file; "" for other words.
func onFailure(word string) string {
	switch word = strings.ToUpper(word); {
	case strings.HasPrefix(word, "REJECT"):
		return "reject"
	case strings.HasPrefix(word, "USE"):
		return "use_default"
	}
	return ""
}

// signing has the DKIM attributes of either API.
type signing struct {
	tokens               []string
	origin, zone, status string
	enabled              *bool
}

// dkim reads DKIM attributes.
func (a *answers) dkim(s signing) *DKIM {
	d := &DKIM{Status: a.status("DKIM", s.status), Signing: s.enabled, Zone: a.zone(s.zone)}
	origin := strings.ToUpper(s.origin)
	if origin == "EXTERNAL" {
		d.Own = true
		if len(s.tokens) > 0 && a.isSelector(s.tokens[0]) {
			d.Selector = strings.ToLower(s.tokens[0])
		}
		return d
	}
	if parent, ok := strings.CutPrefix(origin, "AWS_SES_"); ok { // Deterministic Easy DKIM
		d.Parent = strings.ReplaceAll(strings.ToLower(parent), "_", "-")
		if !ses.IsRegion(d.Parent) {
			a.skip("DKIM origin %s names no region", short(origin))
			d.Parent = UnknownParent
		}
	}
	if len(s.tokens) > maxTokens {
		a.skip("%d DKIM tokens, and Amazon SES has three; only the first %d are read", len(s.tokens), maxTokens)
		s.tokens = s.tokens[:maxTokens]
	}
	for _, t := range s.tokens {
		if isToken(t) {
			d.Tokens = append(d.Tokens, strings.ToLower(t))
		} else {
			a.skip("DKIM token %s has characters other than letters and digits", short(t))
		}
	}
	d.Off = len(s.tokens) == 0 && s.enabled != nil && !*s.enabled
	return d
}

// isToken reports whether a text has only characters of Easy DKIM tokens.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9')
	})
}

func (a *answers) isSelector(s string) bool {
	if !ses.IsSelector(s) {
		a.skip("selector %s has characters other than letters, digits and inner hyphens", short(s))
		return false
	}
	return true
}

// zone reads SigningHostedZone; "" if it is not valid.
func (a *answers) zone(name string) record.Name {
	if name == "" {
		return ""
	}
	n, err := record.ParseName(name)
	if err != nil || !n.Plain() || n.Labels() < 2 {
		a.skip("SigningHostedZone %s is not a domain name", short(name))
		return ""
	}
	return n
}

// token reads the token of a legacy TXT record; "" if it is not valid.
func (a *answers) token(s string) string {
	s = strings.TrimPrefix(s, ses.VerificationPrefix)
	if s != "" && !ses.IsVerificationToken(s) {
		a.skip("verification token %s has characters that are not base64", short(s))
		return ""
	}
	return s
}

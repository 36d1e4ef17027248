package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// MaxJSON bounds what is read of AWS's JSON, in octets.
const MaxJSON = 64 << 20

// Told is what surrounds JSON that names neither identity nor region, as that
// of get-email-identity: a file's name, or the user's word.
type Told struct {
	Source   string // for messages: the file, or "stdin"
	Identity string
	Region   string
}

// FromPath tells what a file's name says: the identity, perhaps with the region
// behind it or as the folder, as in eu-west-1/example.com.json.
func FromPath(path string) Told {
	t := Told{Source: path}
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

// v1 is the answers of the three calls of the first API, and of the two lists.
type v1 struct {
	VerificationAttributes map[string]struct {
		VerificationStatus string
		VerificationToken  string
	}
	DkimAttributes map[string]struct {
		DkimEnabled            *bool
		DkimTokens             []string
		DkimVerificationStatus string
	}
	MailFromDomainAttributes map[string]struct {
		MailFromDomain       string
		MailFromDomainStatus string
		BehaviorOnMXFailure  string
	}
	EmailIdentities []struct {
		IdentityType string
		IdentityName string
	}
	Identities []string
	NextToken  string
}

// JSON reads what AWS's CLI prints: one document or several behind each other,
// or lists of them.
func (inv *Inventory) JSON(r io.Reader, told Told) error {
	text, err := io.ReadAll(io.LimitReader(r, MaxJSON+1))
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", untrusted.Quote(told.Source), err)
	case len(text) > MaxJSON:
		return fmt.Errorf("read %s: more than %d MiB; give it in several files", untrusted.Quote(told.Source), MaxJSON>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	d := json.NewDecoder(bytes.NewReader(text))
	for n := 0; ; n++ {
		var doc json.RawMessage
		from := d.InputOffset()
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if err == nil {
			err = inv.document(doc, told)
		}
		if err != nil {
			return jsonError(text, from, err, told.Source)
		}
	}
}

// jsonError says where in a text something is wrong.
func jsonError(text []byte, from int64, err error, source string) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at, what := from+int64(len(text[from:])-len(bytes.TrimLeft(text[from:], " \t\r\n"))), err.Error()
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s is empty; pipe in what `aws sesv2 get-email-identity` prints, for example", untrusted.Line(source))
	case errors.Is(err, io.ErrUnexpectedEOF):
		at, what = int64(len(text)), "the JSON ends too early; was it cut off?"
	case errors.As(err, &syntax):
		at, what = min(syntax.Offset, int64(len(text))), "this is no JSON: "+err.Error()
	case errors.As(err, &kind):
		what = fmt.Sprintf("%s is a %s, and should be %s", untrusted.Quote(kind.Field), kind.Value, map[reflect.Kind]string{
			reflect.String: "a text", reflect.Slice: "a list", reflect.Bool: "true or false",
		}[kind.Type.Kind()])
		what = strings.TrimSuffix(what, ", and should be ")
	}
	line := 1 + bytes.Count(text[:at], []byte("\n"))
	return fmt.Errorf("%s line %d: %s", untrusted.Line(source), line, untrusted.Line(what))
}

// document reads one answer, or a list of answers.
func (inv *Inventory) document(doc json.RawMessage, told Told) error {
	if bytes.HasPrefix(doc, []byte("[")) {
		var list []json.RawMessage
		if err := json.Unmarshal(doc, &list); err != nil {
			return err
		}
		for _, one := range list {
			if !bytes.HasPrefix(one, []byte("{")) {
				return errors.New("a list holds something else than answers of AWS")
			}
			if err := inv.document(one, told); err != nil {
				return err
			}
		}
		return nil
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(doc, &keys); err != nil {
		return errors.New("this is no answer of AWS; give what `aws sesv2 get-email-identity` prints, for example")
	}
	switch {
	case isV1(keys):
		var answer v1
		if err := json.Unmarshal(doc, &answer); err != nil {
			return err
		}
		return inv.v1(&answer, told)
	case isV2(keys):
		var answer v2Identity
		if err := json.Unmarshal(doc, &answer); err != nil {
			return err
		}
		return inv.v2(&answer, told)
	case len(keys) == 0:
		return nil
	}
	return fmt.Errorf("the keys %s are of none of the answers that are read: get-email-identity and list-email-identities of sesv2, get-identity-verification-attributes, get-identity-dkim-attributes and get-identity-mail-from-domain-attributes of ses", some(slices.Sorted(maps.Keys(keys))))
}

func some(words []string) string {
	const most = 3
	more := ""
	if len(words) > most {
		words, more = words[:most], " …"
	}
	for i, w := range words {
		words[i] = untrusted.Quote(w[:min(len(w), 40)])
	}
	return strings.Join(words, ", ") + more
}

// isV1 tells the answers apart: both APIs have DkimAttributes, of one identity
// or by identity.
func isV1(keys map[string]json.RawMessage) bool {
	for _, k := range []string{"VerificationAttributes", "MailFromDomainAttributes", "EmailIdentities", "Identities"} {
		if _, ok := keys[k]; ok {
			return true
		}
	}
	var byIdentity map[string]json.RawMessage
	if json.Unmarshal(keys["DkimAttributes"], &byIdentity) != nil || byIdentity == nil {
		return false
	}
	if len(byIdentity) == 0 { // of identities that SES does not know
		return keys["IdentityType"] == nil && keys["EmailIdentity"] == nil
	}
	for name, value := range byIdentity {
		if !strings.ContainsAny(name, ".@") || !bytes.HasPrefix(bytes.TrimSpace(value), []byte("{")) {
			return false
		}
	}
	return true
}

func isV2(keys map[string]json.RawMessage) bool {
	for _, k := range []string{"IdentityType", "DkimAttributes", "MailFromAttributes", "VerificationStatus", "VerifiedForSendingStatus", "EmailIdentity", "FeedbackForwardingStatus"} {
		if _, ok := keys[k]; ok {
			return true
		}
	}
	return false
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

// region is that of the document, of the file, or the user's word.
func (inv *Inventory) region(written string, told Told) string {
	for _, r := range []string{written, told.Region, inv.Region} {
		if r != "" {
			return r
		}
	}
	return ""
}

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

// setZone keeps the zone of the keys where it is not the region's own.
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
		id.Region.Value, region = own, own
	}
	if region == "" || n != ses.DKIMZone(region) {
		id.DKIM.SigningHostedZone = &config.At[record.Name]{Value: n}
	}
	return nil
}

func (id *identity) tokens() []string {
	if id.DKIM == nil {
		return nil
	}
	var all []string
	for _, t := range id.DKIM.Tokens {
		all = append(all, t.Value)
	}
	return all
}

func (inv *Inventory) named(n record.Name) *domain {
	d := inv.domain(n)
	d.given, d.ses = true, true
	return d
}

// join adds an identity that AWS tells of, or what it tells of one that is
// known: the same region, and nothing in which the two differ.
func (d *domain) join(id *identity) {
	if id.Region.Value == "" {
		d.note("What AWS says of this domain does not tell the region; give it with --region.")
	}
	for _, have := range d.identities {
		if have.Region.Value == id.Region.Value && have.agrees(id) {
			have.take(id)
			return
		}
	}
	d.identities = append(d.identities, id)
}

func (id *identity) agrees(other *identity) bool {
	tokens, theirs := id.tokens(), other.tokens()
	slices.Sort(tokens)
	slices.Sort(theirs)
	return (len(tokens) == 0 || len(theirs) == 0 || slices.Equal(tokens, theirs)) &&
		(id.MailFrom == nil || other.MailFrom == nil || id.mailFromName() == other.mailFromName()) &&
		(len(id.Verification) == 0 || len(other.Verification) == 0 || slices.Equal(id.Verification, other.Verification))
}

func (id *identity) take(other *identity) {
	id.v2 = id.v2 || other.v2
	id.own = id.own || other.own
	if id.selector == "" {
		id.selector = other.selector
	}
	if id.parent == "" {
		id.parent = other.parent
	}
	if id.DKIM == nil || id.DKIM.None {
		id.DKIM = other.DKIM
	} else if other.DKIM != nil && other.DKIM.SigningHostedZone != nil {
		id.DKIM.SigningHostedZone = other.DKIM.SigningHostedZone
	}
	if id.MailFrom == nil || other.MailFrom != nil && other.MailFrom.OnMXFailure.Value != "" {
		id.MailFrom = other.MailFrom
	}
	if len(id.Verification) == 0 {
		id.Verification = other.Verification
	}
}

// v1 reads answers that name their identities.
func (inv *Inventory) v1(answer *v1, told Told) error {
	region := inv.region("", told)
	known := func(name string) (*domain, *identity, error) {
		if strings.Contains(name, "@") {
			inv.address(name)
			return nil, nil, nil
		}
		n, err := config.DomainName(name)
		if err != nil {
			return nil, nil, fmt.Errorf("identity %s %w", untrusted.Quote(name[:min(len(name), 80)]), err)
		}
		id := &identity{aws: true}
		id.Region.Value = region
		return inv.named(n), id, nil
	}
	for _, name := range slices.Sorted(maps.Keys(answer.VerificationAttributes)) {
		a := answer.VerificationAttributes[name]
		d, id, err := known(name)
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		if t := strings.TrimPrefix(a.VerificationToken, ses.VerificationPrefix); t != "" {
			id.Verification = []config.At[string]{{Value: t}}
		}
		d.noteAll(statusNote("the identity", a.VerificationStatus, region))
		d.join(id)
	}
	for _, name := range slices.Sorted(maps.Keys(answer.DkimAttributes)) {
		a := answer.DkimAttributes[name]
		d, id, err := known(name)
		if err == nil && d != nil {
			err = id.setDKIM(a.DkimTokens, "", "", a.DkimEnabled)
		}
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		if a.DkimEnabled != nil && !*a.DkimEnabled && len(a.DkimTokens) > 0 {
			d.note("DKIM signing is turned off in SES" + in(region) + ".")
		}
		d.noteAll(statusNote("DKIM", a.DkimVerificationStatus, region))
		d.join(id)
	}
	for _, name := range slices.Sorted(maps.Keys(answer.MailFromDomainAttributes)) {
		a := answer.MailFromDomainAttributes[name]
		d, id, err := known(name)
		if err == nil && d != nil && a.MailFromDomain != "" {
			err = id.setMailFrom(a.MailFromDomain, a.BehaviorOnMXFailure)
			d.noteAll(statusNote("the MAIL FROM domain", a.MailFromDomainStatus, region))
		}
		if err != nil {
			return err
		}
		if d != nil {
			d.join(id)
		}
	}
	return inv.lists(answer, known)
}

// lists reads the answers that have names alone.
func (inv *Inventory) lists(answer *v1, known func(string) (*domain, *identity, error)) error {
	names := answer.Identities
	for _, e := range answer.EmailIdentities {
		if e.IdentityType == "EMAIL_ADDRESS" || strings.Contains(e.IdentityName, "@") {
			inv.address(e.IdentityName)
			continue
		}
		names = append(names, e.IdentityName)
	}
	if answer.NextToken != "" {
		inv.skip("a list of identities goes on (NextToken): give the pages behind it too, or let the CLI fetch them all")
	}
	for _, name := range names {
		d, id, err := known(name)
		if err != nil {
			return err
		}
		if d != nil && len(d.identities) == 0 {
			d.join(id)
		}
	}
	return nil
}

// address counts an e-mail address once, however many calls tell of it.
func (inv *Inventory) address(name string) {
	if inv.addresses[name] {
		return
	}
	inv.addresses[name] = true
	inv.Skipped.Addresses++
}

func (d *domain) noteAll(notes []string) {
	for _, n := range notes {
		d.note(n)
	}
}

// nameByTokens finds whose identities are that nothing names: DNS has their
// tokens.
func (inv *Inventory) nameByTokens() error {
	for _, id := range inv.unnamed {
		var home *domain
		for _, d := range inv.domains {
			if slices.ContainsFunc(d.tokens, func(t token) bool { return slices.Contains(id.tokens(), t.label) }) {
				if home != nil {
					return fmt.Errorf("%s: its tokens stand in DNS at %s and at %s: %w", untrusted.Line(id.source), home.name, d.name, errNameless)
				}
				home = d
			}
		}
		if home == nil {
			return fmt.Errorf("%s: %w", untrusted.Line(id.source), errNameless)
		}
		home.given = true
		home.noteAll(id.notes)
		home.join(id)
	}
	inv.unnamed = nil
	return nil
}

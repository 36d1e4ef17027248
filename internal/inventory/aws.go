package inventory

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
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// MaxJSON bounds what is read of AWS's JSON, in octets.
const MaxJSON = 64 << 20

// maxBroken is how many places of one source may be no JSON; what follows them is
// not read.
const maxBroken = 20

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

// JSON reads what AWS's CLI prints: one document or several behind each other,
// or lists of them, in UTF-8 or, as PowerShell redirects it, UTF-16. What cannot
// be used of it is left out and noted; the error is that of reading.
func (inv *Inventory) JSON(r io.Reader, told Told) error {
	text, err := io.ReadAll(io.LimitReader(transform.NewReader(r, unicode.BOMOverride(transform.Nop)), MaxJSON+1))
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", untrusted.Quote(told.Source), err)
	case len(text) > MaxJSON:
		return fmt.Errorf("read %s: more than %d MiB; give it in several files", untrusted.Quote(told.Source), MaxJSON>>20)
	case len(trimJSON(text)) == 0:
		inv.skipAt(untrusted.Line(told.Source), "it is empty; pipe in what `aws sesv2 get-email-identity` prints, for example")
		return nil
	}
	a := &answers{inv: inv, told: told, text: text, line: 1}
	for broken := 0; a.more(); {
		var doc json.RawMessage
		d := json.NewDecoder(bytes.NewReader(a.text[a.at:]))
		if err := d.Decode(&doc); err != nil {
			if broken++; !a.broken(err) {
				return nil
			}
			if broken == maxBroken {
				a.skip("what follows is not read, since so much is no JSON")
				return nil
			}
			continue
		}
		a.document(doc)
		a.at += int(d.InputOffset())
	}
	return nil
}

// trimJSON cuts off what may precede a document: space, and the mark with which
// some editors begin a file.
func trimJSON(text []byte) []byte { return bytes.TrimLeft(text, " \t\r\n\ufeff") }

// answers is a text that holds answers of AWS, and how far it was read.
type answers struct {
	inv  *Inventory
	told Told
	text []byte
	at   int // the document that is read
	line int // of counted
	seen int // how much of the text is counted in line
}

// more goes to the next document; ok is false where there is none.
func (a *answers) more() (ok bool) {
	rest := trimJSON(a.text[a.at:])
	a.at = len(a.text) - len(rest)
	return len(rest) > 0
}

// place is the source and line at an offset of the text; offsets only grow.
func (a *answers) place(at int) string {
	if at > a.seen {
		a.line += bytes.Count(a.text[a.seen:at], []byte("\n"))
		a.seen = at
	}
	return fmt.Sprintf("%s line %d", untrusted.Line(a.told.Source), a.line)
}

// skip notes what is left out of the document that is read.
func (a *answers) skip(format string, args ...any) {
	a.inv.skipAt(a.place(a.at), untrusted.Line(fmt.Sprintf(format, args...)))
}

// broken notes what is no JSON, and goes to the next line that begins a
// document; ok is false where there is none.
func (a *answers) broken(err error) (ok bool) {
	place, what := a.place(a.at), "this is no JSON: "+err.Error()
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		what = "the JSON that begins here ends too early; was it cut off?"
	case errors.As(err, &syntax) && !bytes.ContainsAny(a.text[a.at:a.at+1], "{["):
		what = "this is no JSON; let the CLI print it with --output json"
	}
	a.inv.skipAt(place, untrusted.Line(what))
	for i := a.at; i < len(a.text); i++ {
		if i > a.at && a.text[i-1] == '\n' && (a.text[i] == '{' || a.text[i] == '[') {
			a.at = i
			return true
		}
	}
	return false
}

// document reads one answer, or a list of answers.
func (a *answers) document(doc json.RawMessage) {
	if !bytes.HasPrefix(doc, []byte("[")) {
		a.answer(doc)
		return
	}
	start := a.at
	d := json.NewDecoder(bytes.NewReader(doc))
	_, _ = d.Token() // it is a list, and right: that is known
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

// answer reads one answer.
func (a *answers) answer(doc json.RawMessage) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(doc, &keys) != nil {
		a.skip("this is no answer of AWS; give what `aws sesv2 get-email-identity` prints, for example")
		return
	}
	switch {
	case isV1(keys):
		var answer v1
		a.decode(doc, &answer)
		a.v1(&answer)
	case isV2(keys):
		var answer v2Identity
		a.decode(doc, &answer)
		a.v2(&answer)
	case isResend(keys):
		var answer resendDomain
		a.decode(doc, &answer)
		a.resend(&answer)
	case len(keys) == 0:
	default:
		a.skip("this is none of the answers that are read: get-email-identity and list-email-identities of sesv2, get-identity-verification-attributes, get-identity-dkim-attributes and get-identity-mail-from-domain-attributes of ses, and a domain with its records as Resend's API tells of it")
	}
}

// decode reads an answer as far as it has the types that it should have.
func (a *answers) decode(doc json.RawMessage, into any) {
	var kind *json.UnmarshalTypeError
	switch err := json.Unmarshal(doc, into); {
	case err == nil:
	case errors.As(err, &kind):
		should := map[reflect.Kind]string{reflect.String: "a text", reflect.Slice: "a list", reflect.Bool: "true or false"}[kind.Type.Kind()]
		a.skip("%s is a %s, and should be %s", untrusted.Quote(kind.Field), kind.Value, cmp.Or(should, "a group of keys"))
	default:
		a.skip("%v", err)
	}
}

// short quotes the beginning of a word of AWS's.
func short(w string) string {
	const most = 80
	return untrusted.Quote(w[:min(len(w), most)])
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

// region is that of the document, of the file, or the user's word.
func (a *answers) region(written string) string {
	for _, r := range []string{written, a.told.Region} {
		if ses.IsRegion(r) {
			return r
		}
		if r != "" {
			a.skip("region %s is no AWS region", short(r))
		}
	}
	return a.inv.fallback()
}

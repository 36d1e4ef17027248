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

// region is that of the document, of the file, or the user's word.
func (inv *Inventory) region(written string, told Told) string {
	for _, r := range []string{written, told.Region, inv.Region} {
		if r != "" {
			return r
		}
	}
	return ""
}

package dkim

import (
	"context"
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

const byodkimGuide = "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-bring-your-own.html"

// The checks of this part.
var (
	KeyInvalid = &finding.Check{
		ID: "dkim-key-invalid", Severity: finding.Error, Since: "1.0.0", SES: true, Denies: wanted.DKIM, Clock: true, Ends: true,
		Title:   "The published DKIM key cannot be used",
		Means:   "The key record at the selector is revoked, malformed or cut off, or it is not an RSA key of 1024 to 2048 bits.",
		Matters: "no signature with the key verifies, and SES does not accept it",
		Fix:     "Publish the record again. If the type or size of the key is wrong, create an RSA key of 2048 bits with a new selector. A 2048-bit key is longer than 255 bytes, so it is one TXT record with two strings.",
		Sources: []string{byodkimGuide, "https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1", "https://www.rfc-editor.org/rfc/rfc8301#section-3.2"},
	}
	KeyWeak = &finding.Check{
		ID: "dkim-key-weak", Severity: finding.Warning, Since: "1.0.0", SES: true,
		Title:   "The DKIM key is shorter than 2048 bits",
		Means:   "RFC 8301 asks signers to use at least 2048 bits. Amazon chooses the size of Easy DKIM keys, so they are not checked.",
		Matters: "some receivers trust signatures with short keys less, and short keys can be broken with effort",
		Fix:     "Create a new key of 2048 bits, publish it with a new selector, and give it to SES.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc8301#section-3.2"},
	}
	KeyMismatch = &finding.Check{
		ID: "dkim-key-mismatch", Severity: finding.Error, Since: "1.0.0", SES: true, Denies: wanted.DKIM, Clock: true, Ends: true,
		Title:   "The published DKIM key is not the one in the file",
		Means:   "Another key is published at the selector.",
		Matters: "if SES signs with the key in the file, no signature verifies",
		Fix:     "Publish the key that SES signs with, or correct the file. Never publish a new key with an old selector: mail that is on its way can no longer be verified.",
		Sources: []string{byodkimGuide},
	}
	KeyDuplicate = &finding.Check{
		ID: "dkim-key-duplicate", Severity: finding.Error, Since: "1.0.0", SES: true, Denies: wanted.DKIM, Clock: true, Ends: true,
		Title:   "There are several TXT records at the DKIM selector",
		Means:   "A selector has exactly one key record. Several records are often one long key that was published in pieces.",
		Matters: "which key a receiver uses is undefined: signatures verify sometimes, or never",
		Fix:     "Publish one TXT record. A long key is several strings in one record, not several records.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc6376#section-3.6.2.2"},
	}
)

// OwnKeyPart checks BYODKIM: the user's own key, published as TXT. A missing
// record is dkim-missing, as for Easy DKIM.
var OwnKeyPart = part.Of[ownKeyWant, ownKeySeen]{
	Name:    wanted.OwnKey,
	Checks:  []*finding.Check{KeyInvalid, KeyWeak, KeyMismatch, KeyDuplicate},
	Wants:   wantOwnKey,
	Scope:   scopeOwnKey,
	Observe: observeOwnKey,
	Judge:   judgeOwnKey,
	Show:    showOwnKey,
}

type ownKeyWant struct {
	domain   record.Name
	place    config.Place
	selector config.At[string]
	key      *dkim.Key // nil: any key is right
	sender   string    // the holder of the key; "" for the user
}

func (w ownKeyWant) record() record.Question {
	return record.Question{Name: ses.DKIMName(w.selector.Value, w.domain), Type: record.TXT}
}

type ownKeySeen struct {
	txt     record.Answer
	doubled []record.Answer
	strays  []record.Answer
}

// key is the key of the only record.
func (s ownKeySeen) key() (none dkim.Key) {
	if len(s.txt.Records) != 1 {
		return none
	}
	return dkim.Parse(s.txt.Records[0].Text())
}

func wantOwnKey(d *config.Domain) []ownKeyWant {
	var all []ownKeyWant
	for _, id := range d.Identities {
		if id.DKIM == nil || id.DKIM.Selector.Value == "" {
			continue
		}
		w := ownKeyWant{domain: d.Name, place: id.DKIM.Place, selector: id.DKIM.Selector, sender: ses.SenderName(id.Sender.Value)}
		if !d.Open && id.DKIM.PublicKey.Value != "" {
			key, err := dkim.ParsePublic(id.DKIM.PublicKey.Value)
			if err != nil {
				continue // impossible: the reader of the file checked it
			}
			w.key = &key
		}
		all = append(all, w)
	}
	return all
}

var ownKeyChecks = []*finding.Check{Missing, KeyInvalid, KeyWeak, KeyMismatch, KeyDuplicate}

func scopeOwnKey(w ownKeyWant) []part.Scope {
	checks := ownKeyChecks
	if w.key == nil {
		checks = slices.DeleteFunc(slices.Clone(checks), func(c *finding.Check) bool { return c == KeyMismatch })
	}
	return []part.Scope{{Record: w.record(), Checks: checks}}
}

// is reports whether a key is the expected one. Without an expectation, any key
// is.
func (w ownKeyWant) is(k dkim.Key) bool {
	if w.key == nil {
		_, useless := k.Fatal()
		return !useless
	}
	return dkim.SameKey(k, *w.key)
}

// garbled describes how the expected key was changed on its way into DNS.
func (w ownKeyWant) garbled(live untrusted.Text) string {
	if w.key == nil {
		return ""
	}
	return dkim.Garbled(live, *w.key)
}

func observeOwnKey(ctx context.Context, a part.Asker, w ownKeyWant) (s ownKeySeen) {
	s.txt = a.Own.Ask(ctx, w.record())
	if s.txt.Absent() {
		s.doubled = a.Doubled(ctx, w.record(), w.domain)
		s.strays = a.Strays(ctx, w.record(), w.domain)
	}
	return s
}

func judgeOwnKey(w ownKeyWant, s ownKeySeen) (v part.Verdict) {
	name := w.record().Name
	f := finding.Finding{
		Record:   w.record(),
		Subject:  w.selector.Value,
		Place:    w.place,
		Actual:   finding.Data(s.txt),
		SESError: ses.InvalidValue,
	}
	if w.key != nil {
		if unusable(*w.key) == "" { // otherwise the file's own key is unusable
			f.Expected = []string{part.TxtStrings(w.key.TXT())}
			f.Publish = []record.RR{finding.ToPublish(name, record.NewTXT(w.key.TXT()))}
			f.Drop = finding.LiveRecords(s.txt, s.txt.Records...)
			if len(s.txt.Chain) > 0 {
				f.Drop = finding.LiveCNAME(s.txt)
			}
		}
	}
	switch txt := s.txt; {
	case txt.Status == record.Unknown:
		v.Unknown(txt, w.record(), w.place, ownKeyChecks...)
	case txt.Absent():
		f.Check, f.SESError = Missing, ses.Absence(txt)
		f.Message = fmt.Sprintf("no TXT record at %s", name)
		if w.key == nil && w.sender == "" { // inspect
			f.Advice = "Check the selector. If it is right, publish the TXT record that the signing service shows."
		}
		right := func(a record.Answer) bool { return w.is(dkim.Parse(a.Records[0].Text())) }
		v.Astray(&f, s.strays, w.domain, right)
		v.MissingOrDoubled(f, s.doubled, right, txt)
	case len(txt.Records) > 1:
		f.Check = KeyDuplicate
		f.Message = fmt.Sprintf("%s has %d TXT records; a selector has exactly one", name, len(txt.Records))
		alone := func(r record.Record) bool { return w.is(dkim.Parse(r.Text())) }
		switch {
		case slices.ContainsFunc(txt.Records, alone):
			if w.key != nil {
				f.Message += ". One of them is the right key"
			}
		case w.inPieces(txt.Records):
			f.Message += ". Joined, they are " + w.whole() + ": it was published in pieces"
		}
		v.Add(f, txt)
	default:
		w.judgeKey(&v, f, txt)
	}
	return v
}

func (w ownKeyWant) whole() string {
	if w.key == nil {
		return "one key"
	}
	return "the right key"
}

// inPieces reports whether records are the pieces of the key, in any order: DNS
// keeps none.
func (w ownKeyWant) inPieces(rs []record.Record) bool {
	const most = 4 // 24 orders
	return len(rs) <= most && w.completes("", rs)
}

// completes reports whether records, in some order, complete a key that begins
// so.
func (w ownKeyWant) completes(begin string, rs []record.Record) bool {
	if len(rs) == 0 {
		return w.is(dkim.Parse(untrusted.New(begin)))
	}
	for i, r := range rs {
		if w.completes(begin+r.Text().Raw(), slices.Delete(slices.Clone(rs), i, i+1)) {
			return true
		}
	}
	return false
}

// judgeKey compares the only record with the key of the file.
func (w ownKeyWant) judgeKey(v *part.Verdict, f finding.Finding, txt record.Answer) {
	name := w.record().Name
	live := txt.Records[0].Text()
	key := dkim.Parse(live)
	switch why := unusable(key); {
	case w.garbled(live) != "":
		f.Check = part.ValueGarbled
		f.Message = fmt.Sprintf("the key at %s is the right one, but garbled: %s", name, w.garbled(live))
	case why != "":
		f.Check = KeyInvalid
		if text := dkim.Separated(live); unusable(dkim.Parse(text)) == "" {
			why = "cannot be used: " + dkim.Unseparated
			if w.key == nil {
				f.Expected = []string{part.TxtStrings(text.Raw())}
			}
		}
		f.Message = fmt.Sprintf("the key at %s %s", name, why)
		if _, useless := key.Fatal(); !useless {
			f.Impact = "the key may verify mail, but Amazon SES does not sign with it"
		}
	case !w.is(key):
		f.Check = KeyMismatch
		f.Message = fmt.Sprintf("the key at %s is not the one in the file", name)
	default:
		w.judgeSize(v, key, txt)
		return
	}
	v.Add(f, txt)
}

// unusable says why SES cannot sign with a key, or "". SES accepts RSA keys of
// 1,024 to 2,048 bits (API v2 reference, DkimSigningAttributes).
func unusable(k dkim.Key) string {
	const most = 2048
	switch fatal, useless := k.Fatal(); {
	case useless:
		return fmt.Sprintf("cannot be used: %s", fatal)
	case k.Type != dkim.RSA:
		return "is not an RSA key; SES accepts no other type"
	case k.Bits > most:
		return fmt.Sprintf("has %d bits; SES accepts 1024 to %d", k.Bits, most)
	}
	return ""
}

func (w ownKeyWant) judgeSize(v *part.Verdict, key dkim.Key, txt record.Answer) {
	if key.Has(dkim.WeakRSA) {
		v.Add(finding.Finding{
			Check:   KeyWeak,
			Record:  w.record(),
			Subject: w.selector.Value,
			Place:   w.place,
			Message: fmt.Sprintf("the key at %s has %d bits; 2048 are recommended", w.record().Name, key.Bits),
			Actual:  []string{fmt.Sprintf("%d bits", key.Bits)},
		}, txt)
	}
}

func showOwnKey(w ownKeyWant, s ownKeySeen, p *snapshot.Snapshot) {
	one := snapshot.DKIM{Selector: w.selector.Value, Name: w.record().Name, State: snapshot.StateOf(s.txt), Sender: w.sender}
	if len(s.txt.Chain) > 0 {
		one.Target = s.txt.Chain[0]
	}
	describeKey(&one, s.txt)
	if n := len(s.txt.Records); n > 1 {
		one.State, one.Records = snapshot.Wrong, n
	} else if key := s.key(); one.State == snapshot.Right && (!w.is(key) || unusable(key) != "") {
		one.State = snapshot.Wrong
	}
	p.DKIM = append(p.DKIM, one)
}

package config

import (
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
)

// noSender is how an identity says no to the sender of `defaults`.
const noSender = "none"

// senderKeys are the words that `sender` may have.
func senderKeys() (keys []string) {
	for _, s := range ses.Senders() {
		keys = append(keys, s.Key)
	}
	return append(keys, noSender)
}

// quotedWords lists words for the manual.
func quotedWords(ws []string, and string) string {
	quoted := make([]string, len(ws))
	for i, w := range ws {
		quoted[i] = "`" + w + "`"
	}
	return shorten.Words(quoted, and)
}

// senderSchema is their type in the JSON Schema.
func senderSchema() string {
	return `"enum": ["` + strings.Join(senderKeys(), `", "`) + `"]`
}

func (r *reader) sender(p pair) At[string] {
	s, ok := r.oneOf(p.value, "sender", senderKeys(), map[string]string{"ses": noSender, "amazonses": noSender, "resend.com": "resend", "loops.so": "loops", "useplunk": "plunk"})
	if !ok || s == noSender {
		return At[string]{}
	}
	return At[string]{r.intern(s), p.at}
}

// haveSender reports whether the keys of an identity name a sender, be it right or
// wrong.
func (f fields) haveSender() bool {
	p, _ := f.get("sender")
	return f.has("sender") && (p.value.node == nil || !p.value.is(noSender))
}

// layOut sets the records that the sender of an identity decides, unless the file
// has them. In defaults there is no domain, and nothing to set.
func (id *Identity) layOut(domain record.Name) {
	s := ses.LookupSender(id.Sender.Value)
	if s == nil || domain == "" {
		return
	}
	at := id.Sender.Place
	if id.MailFrom == nil && s.MailFrom != "" {
		id.MailFrom = &MailFrom{Place: at, Name: At[record.Name]{domain.Child(s.MailFrom), at}, Implied: true}
	}
	switch {
	case id.DKIM != nil:
	case s.Easy():
		id.DKIM = &DKIM{Place: at, Easy: true, Implied: true}
	default:
		id.DKIM = &DKIM{Place: at, Selector: At[string]{s.Selector, at}, Implied: true}
	}
}

// BeyondLayout is a discovered identity without the records that the sender of
// the file's identity decides alike.
func BeyondLayout(have, found Identity) Identity {
	if m := have.MailFrom; m != nil && m.Implied && found.MailFrom != nil && SameMailFromName(&have, &found) && found.MailFrom.SPF == nil {
		found.MailFrom = nil
	}
	if k := have.DKIM; k != nil && k.Implied && found.DKIM != nil && k.Selector.Value != "" && k.Selector.Value == found.DKIM.Selector.Value {
		found.DKIM = nil
	}
	return found
}

package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// Open describes a domain on the command line, in the words of the file.
type Open struct {
	Domain    string
	Region    string
	MailFrom  string   // a label or a full name
	Tokens    []string // of Easy DKIM
	Selectors []string // of keys of one's own
}

// Read makes the domain of which nothing is expected. Everything that is wrong
// with the words is one error, a line each.
func (o Open) Read() (Domain, error) {
	var errs []error
	wrong := func(what, word, why string) {
		errs = append(errs, errors.New(what+" "+quote(word)+" "+why))
	}
	name, err := DomainName(strings.TrimSpace(o.Domain))
	if err != nil {
		wrong("domain", o.Domain, err.Error())
	}
	d := Domain{Name: name, Written: o.Domain, Open: true, SPF: &SPF{}, DMARC: &DMARC{}}
	var id Identity
	if o.Region != "" {
		if why := notRegion(o.Region); why != "" {
			wrong("region", o.Region, why)
		}
		id.Region.Value = o.Region
	}
	if o.MailFrom != "" && err == nil {
		under, err := mailFromUnder(o.MailFrom, name)
		if err != nil {
			wrong("MAIL FROM name", o.MailFrom, err.Error())
		}
		id.MailFrom = &MailFrom{Name: At[record.Name]{Value: under}}
	}
	tokens := eachOnce(o.Tokens, "DKIM token", dkimToken, wrong)
	if len(tokens) > 0 {
		id.DKIM = &DKIM{Tokens: tokens}
	}
	d.Identities = []Identity{id}
	for _, s := range eachOnce(o.Selectors, "selector", selectorWord, wrong) {
		d.Identities = append(d.Identities, Identity{DKIM: &DKIM{Selector: s}})
	}
	return d, errors.Join(errs...)
}

// eachOnce reads words, each once.
func eachOnce(all []string, what string, read func(string) (string, string), wrong func(what, word, why string)) (out []At[string]) {
	have := map[string]bool{}
	for _, s := range all {
		word, why := read(s)
		switch {
		case s == "":
			wrong(what, s, fmt.Sprintf("is empty; write the %s", what))
		case why != "":
			wrong(what, s, why)
		case !have[word]:
			have[word] = true
			out = append(out, At[string]{Value: word})
		}
	}
	return out
}

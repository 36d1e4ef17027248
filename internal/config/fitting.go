package config

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/record"
)

// DomainName reads a name that may stand under `domains`, in any case and
// perhaps in Unicode.
func DomainName(s string) (record.Name, error) { return domainName(s) }

// Fitting returns the part of an entry that a file can have. The keys left out are
// named, with the reason.
func Fitting(e Entry) (fits Entry, left []string) {
	if n := len(e.Domain.Identities); n > MaxIdentities {
		left = append(left, fmt.Sprintf("%d of %d identities of %s were left out: a domain can have %d in the file", n-MaxIdentities, n, e.Domain.Name, MaxIdentities))
		e.Domain.Identities = e.Domain.Identities[:MaxIdentities]
	}
	if len(wrongWith(e)) == 0 {
		return e, left
	}
	fits = Entry{Domain: Domain{Name: e.Domain.Name}, Notes: e.Notes}
	try := func(what string, change func(*Domain)) {
		next := fits
		next.Domain.Identities = slices.Clone(fits.Domain.Identities)
		change(&next.Domain)
		if wrong := wrongWith(next); len(wrong) > 0 {
			left = append(left, fmt.Sprintf("%s of %s was left out: %s", what, e.Domain.Name, wrong[0].Message))
			return
		}
		fits = next
	}
	for _, id := range e.Domain.Identities {
		try("the identity", func(d *Domain) { d.Identities = append(d.Identities, Identity{Region: id.Region}) })
		last := len(fits.Domain.Identities) - 1
		if last < 0 {
			continue
		}
		for _, k := range recordKeys {
			try(k.name, func(d *Domain) { k.take(&d.Identities[last], &id) })
		}
	}
	for _, k := range domainKeys {
		try(k.name, func(d *Domain) { k.take(d, &e.Domain) })
	}
	return fits, left
}

// wrongWith returns the problems of a file of that entry alone.
func wrongWith(e Entry) []Problem {
	_, problems := Parse("", Write([]Entry{e}))
	return problems
}

package edit

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
)

// ValidPart returns the part of an entry that a file can have. The keys left out are
// named, with the reason.
func ValidPart(e Entry) (fits Entry, left []string) {
	if n := len(e.Domain.Identities); n > config.MaxIdentities {
		left = append(left, fmt.Sprintf("%d of %d identities of %s were left out: a domain can have %d in the file", n-config.MaxIdentities, n, e.Domain.Name, config.MaxIdentities))
		e.Domain.Identities = e.Domain.Identities[:config.MaxIdentities]
	}
	if len(wrongWith(e)) == 0 {
		return e, left
	}
	fits = Entry{Domain: config.Domain{Name: e.Domain.Name}, Notes: e.Notes}
	try := func(what string, change func(*config.Domain)) {
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
		try("the identity", func(d *config.Domain) { d.Identities = append(d.Identities, config.Identity{Region: id.Region}) })
		last := len(fits.Domain.Identities) - 1
		if last < 0 {
			continue
		}
		for _, k := range config.RecordKeys {
			try(k.Name(), func(d *config.Domain) { k.Take(&d.Identities[last], &id) })
		}
	}
	for _, k := range config.DomainKeys {
		try(k.Name(), func(d *config.Domain) { k.Take(d, &e.Domain) })
	}
	return fits, left
}

// wrongWith returns the problems of a file of that entry alone.
func wrongWith(e Entry) []config.Problem {
	_, problems := config.Parse("", Write([]Entry{e}))
	return problems
}

package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/config/edit"
	"github.com/sescheck/sescheck/internal/inventory"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// say writes lines to stderr that no runner obeys and no problem matcher reads.
func (env *Env) say(text string) {
	for line := range strings.Lines(text) {
		_, _ = fmt.Fprintln(env.Stderr, untrusted.Line(strings.TrimRight(line, "\n")))
	}
}

// summary says how much was found, what was left out, and what to look at.
func (f *importFlags) summary(w io.Writer, from sourcesOf, found *inventory.Result) {
	_, _ = fmt.Fprintf(w, "found %s of %s\n", count(found.Identities, "identity", "identities"), count(len(found.Entries), "domain", "domains"))
	if len(from.names) > 0 {
		_, _ = fmt.Fprintln(w, "Easy DKIM tokens cannot be found by asking DNS: add a zone file or the JSON of `aws sesv2 get-email-identity`")
	}
	if n := found.Addresses; n > 0 {
		_, _ = fmt.Fprintf(w, "skipped: %s (no DNS records)\n", count(n, "e-mail address", "e-mail addresses"))
	}
	for _, what := range found.Skipped {
		_, _ = fmt.Fprintf(w, "skipped: %s\n", what)
	}
	if n := len(found.LeftOut); n > 0 {
		_, _ = fmt.Fprintf(w, "left out: %s without SES records (--all includes them): %s\n", count(n, "zone", "zones"), someNames(found.LeftOut))
	}
	notes := map[string][]record.Name{}
	var order []string
	for _, e := range found.Entries {
		for _, n := range e.Notes {
			if notes[n] == nil {
				order = append(order, n)
			}
			notes[n] = append(notes[n], e.Domain.Name)
		}
	}
	for _, n := range order {
		_, _ = fmt.Fprintf(w, "look at %s: %s\n", someNames(notes[n]), n)
	}
	for _, what := range found.NotWritten {
		_, _ = fmt.Fprintf(w, "not written: %s\n", what)
	}
	if found.RegionUnused {
		_, _ = fmt.Fprintf(w, "look at --region %s: it had no effect, because no identity lacks a region\n", f.region)
	}
	for _, s := range found.SelectorsUnused {
		_, _ = fmt.Fprintf(w, "look at --byodkim %s: no key that SES could sign with was found there\n", s)
	}
	for _, failure := range found.Unanswered {
		_, _ = fmt.Fprintf(w, "not answered: %s\n", failure)
	}
}

// tellAddition says what became of a file.
func tellAddition(w io.Writer, path string, a *edit.Addition) {
	for _, d := range a.Differences {
		_, _ = fmt.Fprintf(w, "look at %s line %d, %s: %s\n", d.Place.File, d.Place.Line, d.Domain, d.What)
	}
	for _, d := range a.Filled {
		_, _ = fmt.Fprintf(w, "added to %s line %d, %s: %s\n", d.Place.File, d.Place.Line, d.Domain, strings.Join(d.Keys, ", "))
	}
	switch added := len(a.Added) + len(a.Filled); {
	case added > 0:
		_, _ = fmt.Fprintf(w, "added %s to %s\n", count(len(a.Added), "domain", "domains"), path)
	case len(a.Differences) > 0:
		_, _ = fmt.Fprintf(w, "nothing was added to %s\n", path)
	default:
		_, _ = fmt.Fprintf(w, "%s has all of it already\n", path)
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func someNames(names []record.Name) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = string(n)
	}
	return strings.Join(shorten.Items(all, 10), ", ")
}

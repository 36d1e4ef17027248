package app

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/sescheck/sescheck/docs"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/edit"
	"github.com/sescheck/sescheck/internal/inventory"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/wanted"
)

// ErrNothing means that import found no identity or zone to write.
var ErrNothing = errors.New("there is nothing to write")

// IsAccount reports whether a source is output of the AWS CLI.
func IsAccount(path string, holds source.Holds) bool {
	return filepath.Ext(path) == ".json" && holds == source.Neither
}

// Reconcile removes contradictions between the entries, and with the domains of the
// file that they are added to, because such a file is invalid.
func Reconcile(file []config.Domain, entries []edit.Entry) {
	var found []*config.Domain
	at := map[record.Name]*edit.Entry{}
	for i := range entries {
		found = append(found, &entries[i].Domain)
		at[entries[i].Domain.Name] = &entries[i]
	}
	for _, n := range wanted.Reconcile(file, found) {
		at[n.Domain].Notes = append(at[n.Domain].Notes, n.Text)
	}
}

// Written returns the file of the entries. It fails if the file does not read back
// as them.
func Written(entries []edit.Entry) ([]byte, error) {
	text := edit.Write(entries)
	return text, edit.ReadBack(text, entries)
}

// Summary writes what was found, left out and needs attention. Region is the
// default for identities; live means that import queried DNS for domains.
func Summary(w io.Writer, found *inventory.Result, region string, live bool) {
	_, _ = fmt.Fprintf(w, "found %s of %s\n", shorten.Count(found.Identities, "identity"), shorten.Count(len(found.Entries), "domain"))
	if live {
		_, _ = fmt.Fprintln(w, "Easy DKIM tokens cannot be found by asking DNS: add a zone file or the JSON of `aws sesv2 get-email-identity`")
	}
	if n := found.Addresses; n > 0 {
		_, _ = fmt.Fprintf(w, "skipped: %s (no DNS records)\n", shorten.Count(n, "e-mail address"))
	}
	for _, what := range found.Skipped {
		_, _ = fmt.Fprintf(w, "skipped: %s\n", what)
	}
	if n := len(found.LeftOut); n > 0 {
		_, _ = fmt.Fprintf(w, "left out: %s without SES records (--all includes them): %s\n", shorten.Count(n, "zone"), someNames(found.LeftOut))
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
		_, _ = fmt.Fprintf(w, "look at --region %s: it had no effect, because no identity lacks a region\n", region)
	}
	for _, s := range found.SelectorsUnused {
		_, _ = fmt.Fprintf(w, "look at --byodkim %s: no key that SES can sign with was found there\n", s)
	}
	for _, failure := range found.Unanswered {
		_, _ = fmt.Fprintf(w, "not answered: %s\n", failure)
	}
}

func someNames(names []record.Name) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = string(n)
	}
	return strings.Join(shorten.Items(all, 10), ", ")
}

// WorkflowPath is where GitHub looks for the workflow.
const WorkflowPath = ".github/workflows/sescheck.yml"

// Workflow is the workflow that checks the file in pull requests.
func Workflow() string {
	_, workflow, _ := strings.Cut(docs.PullRequestWorkflow, "\n#\n") // without the comment about its path
	return workflow
}

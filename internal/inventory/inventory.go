// Package inventory finds the Amazon SES identities that exist, in zone files,
// in what AWS's CLI prints and in live DNS, puts the sources together, and says
// what a file has to hold for them.
//
// It says what is there, not whether it is right: that is for the check of the
// file. What DNS cannot show, such as the region of an Easy DKIM token, stays
// open rather than guessed.
package inventory

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/edit"
	"github.com/sescheck/sescheck/internal/record"
)

// Options are what the user says and no source does.
type Options struct {
	Region    string                 // of identities whose own is not known; "" for none
	Selectors []string               // where keys of Amazon SES's own use (BYODKIM) stand
	Everyone  bool                   // take domains without any record of SES too
	Selects   func(record.Name) bool // which domains are wanted; nil for all
}

// Inventory is what was found so far. Its zero value is not ready; see New.
type Inventory struct {
	Options
	domains map[record.Name]*domain
	unnamed []*identity // of AWS, without a name
	seen    []sighting  // in DNS, until all is known
	claims  []claim
	strays  map[record.Name][]sighting // by the name that they were meant for
	skipped map[string]*skipped
	order   []*skipped

	ownRegistered map[record.Name]bool // domains that are registered for us
	elsewhere     map[misplaced]elsewhere
	addresses     map[string]bool // identities that are e-mail addresses
	nameless      int             // such identities, of which the address is not known
	filled        bool            // Options.Region was of use
}

// New returns an empty Inventory.
func New(o Options) *Inventory {
	return &Inventory{
		Options: o, domains: map[record.Name]*domain{}, skipped: map[string]*skipped{}, strays: map[record.Name][]sighting{},
		ownRegistered: map[record.Name]bool{}, elsewhere: map[misplaced]elsewhere{}, addresses: map[string]bool{},
	}
}

// domain is what is known of one domain.
type domain struct {
	name         record.Name
	apex         record.Name // of its zone; "" if it is not in a zone file
	given        bool        // the user or AWS named it, so it is written whatever DNS holds
	ses          bool        // there is something of SES
	authorizes   bool        // its SPF record includes SES
	identities   []*identity
	tokens       []token
	verification []string
	unreadable   bool     // there is a verification token that cannot be read
	receiving    []string // regions
	mailManager  record.Name
	mailFrom     []placed
	tracking     []placed
	keys         map[string]int // selectors of TXT records under _domainkey, with their number
	spf          *config.SPF
	dmarc        *config.DMARC
	mistakes     []mistake
	notes        []string
	hint         string // a region that a record shows which no identity can have
}

// identity is an identity as AWS tells it, or as it is put together from DNS.
type identity struct {
	config.Identity
	aws      bool
	v2       bool   // AWS said everything that it knows of it
	parent   string // the region that it is a replica of (DEED)
	own      bool   // it signs with a key of the user's own (BYODKIM)
	selector string // of that key, where AWS tells it; the key itself is in DNS
	notes    []string
	source   string // of one without a name
}

// token is an Easy DKIM record.
type token struct {
	label string
	zone  record.Name
}

// placed is a name that has its region in its value.
type placed struct {
	name   record.Name
	region string
}

// claim is a record of SES at a name that does not show whose it is.
type claim struct {
	placed
	sighting
}

func (inv *Inventory) domain(n record.Name) *domain {
	d := inv.domains[n]
	if d == nil {
		d = &domain{name: n, keys: map[string]int{}}
		inv.domains[n] = d
	}
	return d
}

// skipped is what is left out: a clause of our own, where it is first, and
// how many are like it.
type skipped struct {
	what, place string
	n           int
}

// skip notes what is left out.
func (inv *Inventory) skip(what string) { inv.skipAt("", what) }

// skipAt notes what is left out, and where it is.
func (inv *Inventory) skipAt(place, what string) {
	s := inv.skipped[what]
	if s == nil {
		s = &skipped{what: what, place: place}
		inv.skipped[what] = s
		inv.order = append(inv.order, s)
	}
	s.n++
}

func (s *skipped) String() string {
	switch {
	case s.place == "":
		return s.what
	case s.n > 1:
		return fmt.Sprintf("%s: %s (and %d more like it)", s.place, s.what, s.n-1)
	}
	return s.place + ": " + s.what
}

func (d *domain) note(text string) {
	if !slices.Contains(d.notes, text) {
		d.notes = append(d.notes, text)
	}
}

// Name adds a domain that the user named.
func (inv *Inventory) Name(n record.Name) {
	inv.domain(n).given = true
}

// Result is what a file has to hold.
type Result struct {
	Entries         []edit.Entry // by name
	Identities      int
	LeftOut         []record.Name // zones without a domain of SES
	Addresses       int           // identities that are e-mail addresses
	Skipped         []string      // what no file can hold: a clause of our own each
	NotWritten      []string      // what nobody could answer without the network: likewise
	Unanswered      []string      // questions that got no answer, of domains that the user named
	RegionUnused    bool          // Options.Region filled nothing in
	SelectorsUnused []string      // of Options.Selectors, those at which no key was found
}

// names returns the domains that belong into the file, and those that do not.
func (inv *Inventory) names() (in, out []record.Name) {
	var unfit []record.Name
	for n, d := range inv.domains {
		_, wrong := config.DomainName(string(n))
		switch {
		case inv.Selects != nil && !inv.Selects(n):
		case d.given || d.ses || inv.Everyone && d.apex == n && wrong == nil:
			in = append(in, n)
		case inv.Everyone && d.apex == n:
			unfit = append(unfit, n)
		case d.apex == n:
			out = append(out, n)
		}
	}
	slices.Sort(in)
	slices.Sort(out)
	slices.Sort(unfit)
	for _, n := range unfit {
		inv.skip(fmt.Sprintf("zone %s, whose name cannot be an identity", n))
	}
	out = slices.DeleteFunc(out, func(zone record.Name) bool {
		return slices.ContainsFunc(in, func(n record.Name) bool { return n.Below(zone) })
	})
	return in, out
}

// Package inventory finds the Amazon SES identities that exist, in zone files,
// output of the AWS CLI and live DNS, merges these sources, and makes the entries
// of a file for them.
//
// It describes the current state, right or wrong; checking the file judges it.
// Facts that DNS does not show, such as the region of an Easy DKIM token, are
// left open.
package inventory

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/edit"
	"github.com/sescheck/sescheck/internal/record"
)

// Options are facts that only the user knows.
type Options struct {
	Region    string                 // of identities whose region is unknown; "" for none
	Selectors []string               // selectors of BYODKIM keys
	Everyone  bool                   // include domains without records of SES
	Selects   func(record.Name) bool // domains to include; nil for all
}

// Inventory is the identities found so far. Create it with New.
type Inventory struct {
	Options
	domains map[record.Name]*domain
	unnamed []*identity // of AWS, with an unknown name
	seen    []sighting  // records of DNS, until all sources are read
	aliases []alias
	claims  []claim
	strays  map[record.Name][]sighting // misplaced records by their right name
	skipped map[string]*skipped
	order   []*skipped

	ownRegistered map[record.Name]bool // registrable domains of the user
	elsewhere     map[misplaced]elsewhere
	nullMX        map[record.Name]bool // names with the MX that refuses all mail
	behind        map[record.Name]bool // ends of CNAMEs at _dmarc names
	moved         map[record.Name]bool // ends of CNAMEs whose records of SES count at the owner
	used          map[record.Name]bool // apexes of zones with records of SES
	addresses     map[string]bool      // identities that are e-mail addresses
	nameless      int                  // number of those with an unknown address
	filled        bool                 // Options.Region was used
}

// New returns an empty Inventory.
func New(o Options) *Inventory {
	return &Inventory{
		Options: o, domains: map[record.Name]*domain{}, skipped: map[string]*skipped{}, strays: map[record.Name][]sighting{},
		ownRegistered: map[record.Name]bool{}, elsewhere: map[misplaced]elsewhere{}, addresses: map[string]bool{},
		nullMX: map[record.Name]bool{}, behind: map[record.Name]bool{}, moved: map[record.Name]bool{}, used: map[record.Name]bool{},
	}
}

// domain is the facts about one domain.
type domain struct {
	name         record.Name
	apex         record.Name // of its zone; "" if unknown
	given        bool        // named by the user or AWS, so it is always written
	ses          bool        // it has a record of SES
	authorizes   bool        // its SPF record includes SES
	identities   []*identity
	tokens       []token
	verification []string
	unreadable   bool     // there is a verification token that cannot be read
	receiving    []string // regions
	mailManager  record.Name
	mailFrom     []placed
	tracking     []placed
	keys         map[string]int // selectors of TXT records under _domainkey, with their counts
	spf          *config.SPF
	dmarc        *config.DMARC
	mistakes     []mistake
	notes        []string
	hint         string // an invalid region in a record
}

// identity is an identity of AWS, or one assembled from DNS.
type identity struct {
	config.Identity
	aws      bool
	v2       bool   // from get-email-identity, which has all facts
	guessed  bool   // the region is Options.Region, because the source names none
	refused  bool   // SES does not accept the records of its MAIL FROM domain
	parent   string // region of the parent, for a DEED replica
	own      bool   // BYODKIM
	selector string // of the BYODKIM key, if AWS has it
	notes    []string
	source   string // the source of an identity without a name
}

// token is an Easy DKIM record.
type token struct {
	label string
	zone  record.Name
}

// placed is a name whose value shows the region.
type placed struct {
	name   record.Name
	region string
}

// claim is a record of SES at a name that does not show its domain.
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

// skipped is something left out: a clause, its first place, and its count.
type skipped struct {
	what, place string
	n           int
}

// skip counts something that is left out.
func (inv *Inventory) skip(what string) { inv.skipAt("", what) }

// skipAt counts something that is left out, with its place.
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

// Result is the entries of a file, and what it cannot have.
type Result struct {
	Entries         []edit.Entry // by name
	Identities      int
	LeftOut         []record.Name // zones without a domain of SES
	Addresses       int           // identities that are e-mail addresses
	Skipped         []string      // clauses about facts that no file can have
	NotWritten      []string      // clauses about keys that are unknown offline
	Unanswered      []string      // failed queries about domains that the user named
	RegionUnused    bool          // no identity needed Options.Region
	SelectorsUnused []string      // selectors of Options without a key
}

// names returns the domains for the file, and those left out.
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
		return inv.used[zone] || slices.ContainsFunc(in, func(n record.Name) bool { return n.Below(zone) })
	})
	return in, out
}

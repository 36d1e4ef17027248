// Package account reads what Amazon SES says of the identities of an account: what
// AWS's CLI prints, or what a Terraform plan or state has of it. It calls no API.
//
// What SES does not say stays open: a status that is not there is Unsaid, a region
// that nothing names is "", and an identity is missing only where the whole list of
// its region was given. None of it is compared here; packages check and inventory
// do that.
package account

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// Account is what was read, from all sources. Its zero value says nothing.
type Account struct {
	Identities      []Identity
	Lists           []List
	Redirects       []Redirect
	Recommendations []Recommendation
	Customers       []Customer
	Addresses       []string // identities that are e-mail addresses; "" where the address is not said
	Skipped         []Skipped
	Changes         []Change

	dropped int                 // how many places Skipped does not name
	answers map[record.Name]int // how many of Identities are about a name
	indexed sync.Once
	index   index
}

// The bounds of what is read, far above what Amazon SES has.
const (
	maxTokens  = 10    // of an identity, which has three
	maxAnswers = 1_000 // about one domain: regions, times accounts, times calls
	maxSkipped = 50    // places that are named
)

// index finds what was read by the name of a domain.
type index struct {
	identities      map[record.Name][]Identity
	lists           map[record.Name][]string // the regions of the lists that have it; "" where nothing says it
	whole           map[string]bool          // the regions of which the whole list was given
	changes         map[record.Name][]Change
	redirects       map[record.Name][]Redirect
	recommendations map[record.Name][]Recommendation
}

// find returns the index, which is made when it is needed first: nothing is added
// to the account then.
func (acc *Account) find() *index {
	acc.indexed.Do(func() {
		x := index{
			map[record.Name][]Identity{}, map[record.Name][]string{}, map[string]bool{}, map[record.Name][]Change{},
			map[record.Name][]Redirect{}, map[record.Name][]Recommendation{},
		}
		for _, id := range acc.Identities {
			x.identities[id.Name] = append(x.identities[id.Name], id)
		}
		for _, c := range acc.Changes {
			x.changes[c.Name] = append(x.changes[c.Name], c)
		}
		for _, r := range acc.Redirects {
			x.redirects[r.Domain] = append(x.redirects[r.Domain], r)
		}
		for _, r := range acc.Recommendations {
			x.recommendations[r.Domain] = append(x.recommendations[r.Domain], r)
		}
		for _, l := range acc.Lists {
			if l.Whole && l.Region != "" {
				x.whole[l.Region] = true
			}
			for _, n := range l.Names {
				if !slices.Contains(x.lists[n], l.Region) {
					x.lists[n] = append(x.lists[n], l.Region)
				}
			}
		}
		acc.index = x
	})
	return &acc.index
}

// add adds an identity.
func (acc *Account) add(id Identity) {
	if acc.answers == nil {
		acc.answers = map[record.Name]int{}
	}
	if acc.answers[id.Name]++; acc.answers[id.Name] > maxAnswers {
		if acc.answers[id.Name] == maxAnswers+1 {
			acc.skip(id.Source.String(), fmt.Sprintf("there are more than %d answers about %s; the rest is not read", maxAnswers, cmp.Or(string(id.Name), "no identity by name")))
		}
		return
	}
	acc.Identities = append(acc.Identities, id)
}

// Skipped is what cannot be used, as a clause of our own, and where it is.
type Skipped struct{ Place, What string }

func (s Skipped) String() string {
	if s.Place == "" {
		return s.What
	}
	return s.Place + ": " + s.What
}

// Status is what SES says of one part of an identity (VerificationStatus,
// DkimAttributes.Status, MailFromDomainStatus).
type Status uint8

// The statuses. The words of both APIs are read.
const (
	Unsaid           Status = iota
	NotStarted              // SES was not asked to look
	Pending                 // it looks for the records, for 72 hours
	Success                 // it found them
	TemporaryFailure        // it found them once and does not any more
	Failed                  // it no longer looks
)

var statusWords = [...]string{"", "NOT_STARTED", "PENDING", "SUCCESS", "TEMPORARY_FAILURE", "FAILED"}

// String returns SES's own word; "" for Unsaid.
func (s Status) String() string { return statusWords[s] }

// ParseStatus reads SES's word, of either API; Unsaid for all else.
func ParseStatus(word string) Status {
	bare := func(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "_", "")) }
	for s, w := range statusWords {
		if bare(w) == bare(word) {
			return Status(s)
		}
	}
	return Unsaid
}

// Broken reports whether SES has given up, or is about to.
func (s Status) Broken() bool { return s == Failed || s == TemporaryFailure }

// Identity is what SES says of a domain in one region of one account.
type Identity struct {
	Source
	Name         record.Name // "" where nothing says it
	Region       string      // "" where nothing says it
	Whole        bool        // SES said all that it knows; else a part of it
	Verification Status
	Token        string // of the legacy TXT record
	DKIM         *DKIM
	MailFrom     *MailFrom // nil where SES says nothing of it
	Looked       Looked
}

// Source is where something was read.
type Source struct {
	File string // the path, or "stdin"
	Line int    // from 1
}

// DKIM is how SES signs for an identity.
type DKIM struct {
	Status   Status
	Signing  *bool       // SigningEnabled; nil where it is not said
	Tokens   []string    // of Easy DKIM, lower case
	Off      bool        // there are no tokens, and it does not sign
	Own      bool        // with a key of the user's own (BYODKIM)
	Selector string      // of that key; "" where it is not said
	Parent   string      // the region that it is a replica of (Deterministic Easy DKIM); "" for none
	Zone     record.Name // of the keys (SigningHostedZone); "" where it is not said
	Promised bool        // a plan makes the identity, so its tokens are not known yet
}

// UnknownParent is the Parent of a replica whose parent AWS names in a way that is
// not known.
const UnknownParent = "an unknown region"

// MailFrom is the custom MAIL FROM domain of an identity.
type MailFrom struct {
	Name      record.Name // "" where SES was never told of one
	Status    Status
	OnFailure string // what SES does without its MX: "reject" or "use_default", as in the file; "" where it is not said
}

// Looked is when SES looked at DNS, and what it saw.
type Looked struct {
	Last    time.Time // LastCheckedTimestamp; zero where it is not said
	Success time.Time // LastSuccessTimestamp, likewise
	// Error is VerificationInfo.ErrorType. It stays set beside a success, so that it
	// says nothing by itself.
	Error  string
	Server record.Name // SOARecord.PrimaryNameServer: the server of the zone that SES saw
}

// Change is what a plan changes of an identity. What it leaves as it is, is "".
type Change struct {
	Name      record.Name
	Region    string // "" where nothing says it
	From      string // the resource's address, or the file
	Makes     bool   // the identity itself
	Deletes   bool   // likewise
	MailFrom  record.Name
	OnFailure string // as in MailFrom
}

// List is the list of a region's identities.
type List struct {
	Source
	Region string        // "" where nothing says it
	Names  []record.Name // of domains
	Whole  bool          // it has all of them
}

// Redirect is the tracking domain of a configuration set.
type Redirect struct {
	Source
	Set    string // the name of the configuration set, to be quoted
	Region string
	Domain record.Name
	HTTPS  string // HttpsPolicy: REQUIRE, REQUIRE_OPEN_ONLY or OPTIONAL
}

// Recommendation is what SES's own advisor (Virtual Deliverability Manager) says of
// an identity.
type Recommendation struct {
	Source
	Domain record.Name
	Region string
	Type   string // DKIM, DMARC, SPF, BIMI and others
	Open   bool
	Text   string // from outside, to be quoted
}

// Empty reports whether SES said nothing that can be compared.
func (acc *Account) Empty() bool {
	return acc == nil || len(acc.Identities)+len(acc.Lists)+len(acc.Redirects)+len(acc.Recommendations) == 0
}

// Of are the identities of a domain: what several calls say of one is put together.
func (acc *Account) Of(domain record.Name) (all []Identity) {
	if acc == nil {
		return nil
	}
	for _, id := range acc.find().identities[domain] {
		i := slices.IndexFunc(all, func(o Identity) bool { return o.near(id) && o.agrees(id) })
		if i < 0 {
			all = append(all, id)
		} else {
			all[i] = all[i].with(id)
		}
	}
	return all
}

// near reports whether two answers may be about the same region: of a part of an
// identity it may not be known.
func (id Identity) near(o Identity) bool {
	return id.Region == o.Region || id.Region == "" && !id.Whole || o.Region == "" && !o.Whole
}

// agrees reports whether two answers may be about one identity: nothing that tells
// accounts apart differs.
func (id Identity) agrees(o Identity) bool {
	return id.DKIM == nil || o.DKIM == nil || len(id.DKIM.Tokens) == 0 || len(o.DKIM.Tokens) == 0 || SameTokens(id.DKIM.Tokens, o.DKIM.Tokens)
}

// with is an identity with what another answer says of it. Of two whole answers
// the one counts that SES looked for later.
func (id Identity) with(o Identity) Identity {
	if o.Whole && (!id.Whole || !o.Looked.Last.Before(id.Looked.Last)) {
		id, o = o, id
	}
	id.Whole, id.Region = id.Whole || o.Whole, cmp.Or(id.Region, o.Region)
	id.Verification = cmp.Or(id.Verification, o.Verification)
	id.Token = cmp.Or(id.Token, o.Token)
	if id.DKIM == nil {
		id.DKIM = o.DKIM
	}
	if id.MailFrom == nil {
		id.MailFrom = o.MailFrom
	}
	if id.Looked == (Looked{}) {
		id.Looked = o.Looked
	}
	return id
}

// SameTokens reports whether two lists have the same tokens, in any order.
func SameTokens(a, b []string) bool {
	clean := func(all []string) []string {
		all = slices.Sorted(slices.Values(all))
		for i, t := range all {
			all[i] = strings.ToLower(t)
		}
		return slices.Compact(all)
	}
	return slices.Equal(clean(a), clean(b))
}

// Listed reports whether the whole list of a region was given, and whether a domain
// is on it or its identity was given by itself.
func (acc *Account) Listed(domain record.Name, region string) (known, there bool) {
	if acc == nil {
		return false, false
	}
	x := acc.find()
	there = region != "" && slices.Contains(x.lists[domain], region)
	return x.whole[region], there || slices.ContainsFunc(x.identities[domain], func(id Identity) bool {
		return id.Region == region || id.Region == ""
	})
}

// Regions are the regions of the lists that a domain is on, each once; "" of a list
// whose region is not known.
func (acc *Account) Regions(domain record.Name) []string { return acc.find().lists[domain] }

// Changing is what a plan changes of an identity; a region that is not known rules
// nothing out.
func (acc *Account) Changing(domain record.Name, region string) (all []Change) {
	for _, c := range acc.find().changes[domain] {
		if c.Region == region || c.Region == "" || region == "" {
			all = append(all, c)
		}
	}
	return all
}

// RedirectsAt are the configuration sets that have a tracking domain.
func (acc *Account) RedirectsAt(tracking record.Name) []Redirect {
	return acc.find().redirects[tracking]
}

// RecommendationsOn are those that SES's advisor makes on a domain.
func (acc *Account) RecommendationsOn(domain record.Name) []Recommendation {
	return acc.find().recommendations[domain]
}

// Deletes reports whether a plan deletes an identity.
func (acc *Account) Deletes(domain record.Name, region string) bool {
	return slices.ContainsFunc(acc.Changing(domain, region), func(c Change) bool { return c.Deletes })
}

// skip notes what cannot be used. Of very many places only the first are named.
func (acc *Account) skip(place, what string) {
	if len(acc.Skipped) < maxSkipped {
		acc.Skipped = append(acc.Skipped, Skipped{place, what})
		return
	}
	acc.dropped++
	acc.Skipped = append(acc.Skipped[:maxSkipped], Skipped{What: fmt.Sprintf("%d more places that cannot be used", acc.dropped)})
}

// Package account reads what Amazon SES says about the identities of an account,
// from the output of the AWS CLI, or from a Terraform plan or state. It calls no
// API.
//
// What SES does not say stays unknown: a status is Unknown, a region is "", and an
// identity is missing only if the whole list of its region was given. This package
// compares nothing; check and inventory do.
package account

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// Account is what all sources say. The zero value says nothing.
type Account struct {
	Identities      []Identity
	Lists           []List
	Redirects       []Redirect
	Recommendations []Recommendation
	Customers       []Customer
	Addresses       []string // identities that are e-mail addresses; "" if the source does not name it
	Skipped         []Skipped
	Changes         []Change

	plans   int                 // number of Terraform plans and states
	dropped int                 // number of places that Skipped leaves out
	answers map[record.Name]int // number of Identities by name
	indexed sync.Once
	index   index
}

// Limits of the input, far above those of Amazon SES.
const (
	maxTokens  = 10    // per identity; SES has three
	maxAnswers = 1_000 // per domain: regions × accounts × calls
	maxSkipped = 50    // places that Skipped names

	maxNameless = 100 // changes of identities whose names are unknown
)

// index finds by domain what the sources say.
type index struct {
	identities      map[record.Name][]Identity
	lists           map[record.Name][]string // regions of the lists that have the domain; "" if unknown
	whole           map[string]bool          // regions with a complete list
	changes         map[record.Name][]Change
	redirects       map[record.Name][]Redirect
	recommendations map[record.Name][]Recommendation
}

// find builds the index at its first call; nothing may be added to the account
// afterwards.
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
			switch n := len(x.changes[""]); {
			case c.Name != "" || n < maxNameless:
			case n == maxNameless: // it is in every domain
				c.Region, c.MailFrom = "", ""
			default:
				continue
			}
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

// Skipped is a place in the input, and why it cannot be used, as a clause.
type Skipped struct{ Place, What string }

func (s Skipped) String() string {
	if s.Place == "" {
		return s.What
	}
	return s.Place + ": " + s.What
}

// Status is a status of SES: VerificationStatus, DkimAttributes.Status or
// MailFromDomainStatus.
type Status uint8

// The statuses, in the words of either API.
const (
	Unknown          Status = iota
	NotStarted              // SES does not look for the records
	Pending                 // SES looks for the records, for 72 hours
	Success                 // SES found the records
	TemporaryFailure        // SES no longer finds the records
	Failed                  // SES gave up
)

var statusWords = [...]string{"", "NOT_STARTED", "PENDING", "SUCCESS", "TEMPORARY_FAILURE", "FAILED"}

// String returns the word of SES; "" for Unknown.
func (s Status) String() string { return statusWords[s] }

// ParseStatus parses the word of either API; any other word is Unknown.
func ParseStatus(word string) Status {
	bare := func(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "_", "")) }
	for s, w := range statusWords {
		if bare(w) == bare(word) {
			return Status(s)
		}
	}
	return Unknown
}

// Broken reports whether SES gave up, or is about to.
func (s Status) Broken() bool { return s == Failed || s == TemporaryFailure }

// Identity is the state of a domain in one region of one account.
type Identity struct {
	Source
	Name         record.Name // "" if unknown
	Region       string      // "" if unknown
	Whole        bool        // the answer has all attributes, not a part of them
	Odd          bool        // a status is a word that sescheck does not know
	Verification Status
	Token        string // of the legacy TXT record
	DKIM         *DKIM
	MailFrom     *MailFrom // nil if the answer does not have it
	Looked       Looked
}

// Source is a place in the input.
type Source struct {
	File string // the path, or "stdin"
	Line int    // from 1
}

// DKIM is how SES signs for an identity.
type DKIM struct {
	Status   Status
	Signing  *bool       // SigningEnabled; nil if unknown
	Tokens   []string    // of Easy DKIM, lower case
	Off      bool        // no tokens, and SES does not sign
	Own      bool        // BYODKIM: a key of the user
	Selector string      // of that key; "" if unknown
	Parent   string      // the parent region of a replica (Deterministic Easy DKIM); "" for none
	Zone     record.Name // SigningHostedZone: the zone of the keys; "" if unknown
	Promised bool        // a plan makes the identity, so its tokens are not known yet
}

// UnknownParent is the Parent of a replica if AWS names its region in an unknown
// way.
const UnknownParent = "an unknown region"

// MailFrom is the custom MAIL FROM domain of an identity.
type MailFrom struct {
	Name      record.Name // "" if SES has none
	Status    Status
	OnFailure string // what SES does without the MX, in the words of the file: "reject", "use_default", or "" if unknown
}

// Looked is when SES last queried DNS, and what it saw.
type Looked struct {
	Last    time.Time // LastCheckedTimestamp; zero if unknown
	Success time.Time // LastSuccessTimestamp; zero if unknown
	// Error is VerificationInfo.ErrorType. SES keeps it after a success, so it means
	// nothing by itself.
	Error  string
	Server record.Name // SOARecord.PrimaryNameServer: the name server that SES saw
}

// Change is what a plan changes of an identity. Fields that it does not change are
// empty.
type Change struct {
	Name      record.Name  // "" if unknown; then Opens
	Region    string       // "" if unknown
	Anywhere  bool         // the plan has several regions, and which one it changes is unknown
	From      string       // address of the resource, or the file
	Makes     bool         // the plan creates the identity
	Deletes   bool         // the plan deletes the identity
	Gone      bool         // the plan deletes the resource, which may be a part of the identity
	Renews    bool         // the plan deletes the identity and creates it again
	Easy      bool         // the plan creates the identity with Easy DKIM
	Selector  string       // of the user's own key (BYODKIM) that the plan sets
	MailFrom  record.Name  // that the plan sets
	Keeps     record.Name  // MAIL FROM domain of a resource of its own that the plan does not change
	Opens     bool         // the plan sets a MAIL FROM domain, and its name or that of the identity is unknown
	Drops     record.Name  // MAIL FROM domain that the plan removes or replaces
	OnFailure string       // as MailFrom.OnFailure
	Place     config.Place // of the resource in a Terraform file; zero if unknown
	Keys      []string     // that the identity has before: its tokens, or the selector of the user's own key; nil if unknown
	Token     string       // that it has before: of the legacy TXT record
}

// List is the list of a region's identities.
type List struct {
	Source
	Region string        // "" if unknown
	Names  []record.Name // of domains
	Whole  bool          // the list is complete
}

// Redirect is the tracking domain of a configuration set.
type Redirect struct {
	Source
	Set    string // configuration set; from outside, to be quoted
	Region string
	Domain record.Name
	HTTPS  string // HttpsPolicy: REQUIRE, REQUIRE_OPEN_ONLY or OPTIONAL
}

// Recommendation is advice about an identity from the advisor of SES (Virtual
// Deliverability Manager).
type Recommendation struct {
	Source
	Domain record.Name
	Region string
	Type   string // such as DKIM, DMARC, SPF or BIMI
	Open   bool
	Text   string // from outside, to be quoted
}

// Empty reports whether the account has nothing to compare.
func (acc *Account) Empty() bool {
	return acc == nil || len(acc.Identities)+len(acc.Lists)+len(acc.Redirects)+len(acc.Recommendations) == 0
}

// Of returns the identities of a domain. Answers about the same identity are
// merged.
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

// near reports whether two answers may be about the same region. Partial answers
// may not have one.
func (id Identity) near(o Identity) bool {
	return id.Region == o.Region || id.Region == "" && !id.Whole || o.Region == "" && !o.Whole
}

// agrees reports whether two answers may be about one identity: identities of two
// accounts have different tokens.
func (id Identity) agrees(o Identity) bool {
	if id.Token != "" && o.Token != "" && id.Token != o.Token {
		return false
	}
	return id.DKIM == nil || o.DKIM == nil || len(id.DKIM.Tokens) == 0 || len(o.DKIM.Tokens) == 0 || SameTokens(id.DKIM.Tokens, o.DKIM.Tokens)
}

// with merges another answer into an identity. Of two whole answers, the later
// check of SES wins.
func (id Identity) with(o Identity) Identity {
	if o.Whole && (!id.Whole || !o.Looked.Last.Before(id.Looked.Last)) {
		id, o = o, id
	}
	id.Odd = id.Odd || o.Odd && !o.Whole
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

// Listed reports whether the list of a region is complete, and whether the domain
// is on it or has an answer of its own.
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

// Regions returns the regions of the lists that have a domain; "" for a list of an
// unknown region.
func (acc *Account) Regions(domain record.Name) []string { return acc.find().lists[domain] }

// Changing returns the changes of an identity. An unknown region matches every
// region, and an unknown name every domain that the MAIL FROM domain can be of.
func (acc *Account) Changing(domain record.Name, region string) (all []Change) {
	x := acc.find()
	for _, c := range slices.Concat(x.changes[domain], x.changes[""]) {
		if (c.Region == region || c.Region == "" || region == "") && (c.Name == domain || c.MailFrom == "" || c.MailFrom.In(domain)) {
			all = append(all, c)
		}
	}
	return all
}

// RedirectsAt returns the configuration sets that use a tracking domain.
func (acc *Account) RedirectsAt(tracking record.Name) []Redirect {
	return acc.find().redirects[tracking]
}

// RecommendationsOn returns the advisor's recommendations about a domain.
func (acc *Account) RecommendationsOn(domain record.Name) []Recommendation {
	return acc.find().recommendations[domain]
}

// Deletes reports whether a plan deletes an identity.
func (acc *Account) Deletes(domain record.Name, region string) bool {
	return slices.ContainsFunc(acc.Changing(domain, region), func(c Change) bool { return c.Deletes })
}

// skip notes a place that cannot be used. Beyond maxSkipped it only counts.
func (acc *Account) skip(place, what string) {
	if len(acc.Skipped) < maxSkipped {
		acc.Skipped = append(acc.Skipped, Skipped{place, what})
		return
	}
	acc.dropped++
	acc.Skipped = append(acc.Skipped[:maxSkipped], Skipped{What: fmt.Sprintf("%d more places that cannot be used", acc.dropped)})
}

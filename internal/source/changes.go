package source

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// Changes are the planned changes to DNS. RRsets that they do not mention stay. A
// nil Changes has none.
type Changes struct {
	sets     map[record.Question]*Set
	names    map[record.Name]bool // that will exist because of a record at or below them
	loose    []Promise            // whose name is not known
	zoneless map[relative]Promise // in zones whose names are not known
	ids      []Identity
	hosted   []Hosted
	gone     map[record.Name]Hosted // zones that are deleted
	apexes   map[record.Name]bool   // of zones that have some of the records
	cuts     map[record.Name]bool   // names that NS records delegate
	of       *Zones                 // with the whole zones
	fits     func(record.Question, Promise) bool
	used     *usage
}

// relative is the type of a record, and its name in its zone; "" for the zone itself.
type relative struct {
	name string
	typ  record.Type
}

// Set is an RRset that a change makes, keeps or takes away.
type Set struct {
	// Whole says that the RRset will be exactly Records. Otherwise Records are
	// added to the current ones and Gone is removed from them, as providers
	// without RRsets do.
	Whole    bool
	Records  []Record // that will be there; for none, and no Promises, the RRset will be gone
	Gone     []Record // that will not be there any more, or not so
	Promises []Promise
	Changed  bool // it will not be as it was
}

// Answers reports whether the RRset will have records, as far as is known.
func (s *Set) Answers() bool { return s != nil && (len(s.Records) > 0 || len(s.Promises) > 0) }

// Promise is a record that a change makes, and of which something is known only
// when the change has been made.
type Promise struct {
	Place
	Owner  record.Name   // "" where it is not known
	Type   record.Type   // 0 where it is not known
	Zone   record.Name   // the zone that the record will be in; "" where it is not known
	From   []string      // attributes that it is made of, such as aws_sesv2_email_identity.this.dkim_signing_attributes
	Of     []record.Name // the identities of Amazon SES that From leads to
	Name   Pattern       // the owner, as far as it is known; nil for nothing
	Values []Pattern     // the data, a record each, as far as it is known
	Count  int           // how many records

	// Proxied says that a provider answers addresses in the place of the record.
	Proxied bool
}

// Pattern is a text of which parts are not known.
type Pattern []Part

// Part is a known text, or the source of an unknown one.
type Part struct {
	Text    string
	Unknown string // such as aws_sesv2_email_identity.this; "" if Text is known
}

// Identity is an identity of Amazon SES, or a part of one, in a plan, a state or
// a template. Unknown fields are empty.
type Identity struct {
	Place
	Name         string // the domain or address
	Region       string
	RegionOpen   bool     `json:",omitempty"` // Region is a guess, since the plan does not say it
	Tokens       []string // of Easy DKIM
	Promised     bool     // the tokens are known when the change has been made
	Proves       bool     // likewise the legacy token
	Replaced     bool     `json:",omitempty"` // the change deletes it and creates it again
	Part         bool     // a resource that is not the identity, such as its MAIL FROM domain
	Origin       string   // SES's word for who has the key: AWS_SES, EXTERNAL, AWS_SES_EU_WEST_1
	Selector     string   // of a key of the user's own (BYODKIM)
	SelectorOpen bool     `json:",omitempty"` // whether there is one is known when the change has been made
	MailFrom     string
	MailFromOpen bool      `json:",omitempty"` // MailFrom is known when the change has been made
	OnMXFailure  string    // SES's word: USE_DEFAULT_VALUE or REJECT_MESSAGE, of either API
	Verification string    // the legacy token
	Status       string    // of DKIM, SES's word
	Verified     string    // the status of the whole identity, SES's word
	Gone         bool      // the change deletes it
	Now          *Identity // as it is before the change; nil where the change makes it, or it is not known
}

// Hosted is a zone that a plan has as a resource.
type Hosted struct {
	Place
	Apex        record.Name
	NameServers []record.Name // none where they are not known
	New         bool          // the change makes it
	Gone        bool          // the change deletes it

	path string // of the change
}

// At is the change of the records of a type at a name; nil for none, and for
// records that a delegation hides.
func (c *Changes) At(q record.Question) *Set {
	if c == nil || c.buried(q) {
		return nil
	}
	return c.sets[q]
}

// Has reports whether a name will exist because of a record at or below it.
func (c *Changes) Has(name record.Name) bool { return c != nil && c.names[name] }

// Holds reports whether something of a name is to change, or to stay.
func (c *Changes) Holds(name record.Name) bool {
	_, gone := c.Deleted(name)
	_, cut := c.Cut(name)
	return gone || cut || c != nil && (c.names[name] || c.sets[record.Question{Name: name, Type: record.CNAME}] != nil)
}

// New reports whether all that is known of a name is records that a change makes.
func (c *Changes) New(name record.Name) bool {
	found := false
	for _, t := range []record.Type{record.A, record.AAAA, record.CNAME, record.MX, record.NS, record.TXT} {
		s := c.At(record.Question{Name: name, Type: t})
		if s == nil {
			continue
		}
		if !s.Changed || len(s.Gone) > 0 {
			return false
		}
		found = true
	}
	return found
}

// Wildcard is the change at the nearest wildcard that may answer for a name, with
// the query for it; nil for none.
func (c *Changes) Wildcard(q record.Question) (*Set, record.Question) {
	if c == nil {
		return nil, q
	}
	for n := q.Name; n != record.Root; {
		n = n.Parent()
		at := record.Question{Name: n.Child("*"), Type: q.Type}
		if s := c.sets[at]; s != nil {
			return s, at
		}
		if c.names[n] {
			break
		}
	}
	return nil, q
}

// Zoneless finds a record that a change makes in a zone whose name is not known, and
// that is a query's if that zone is one above the query's name.
func (c *Changes) Zoneless(q record.Question) (p Promise, ok bool) {
	if c == nil || len(c.zoneless) == 0 {
		return p, false
	}
	if q.Name == q.Name.Registrable() {
		if p, ok = c.zoneless[relative{"", q.Type}]; ok {
			return p, true
		}
	}
	for zone := q.Name.Parent(); zone != record.Root && !zone.IsSuffix(); zone = zone.Parent() {
		if p, ok = c.zoneless[relative{strings.TrimSuffix(string(q.Name), "."+string(zone)), q.Type}]; ok {
			return p, true
		}
	}
	return p, false
}

// Loose finds a record that a change makes, whose name or type is not known, and
// that may be a query's.
func (c *Changes) Loose(q record.Question) (p Promise, ok bool) {
	if c == nil {
		return p, false
	}
	i := slices.IndexFunc(c.loose, func(p Promise) bool { return p.mayBe(q) && (c.fits == nil || c.fits(q, p)) })
	if i < 0 {
		return p, false
	}
	return c.loose[i], true
}

// Restrict leaves out the records of Loose that do not fit a query.
func (c *Changes) Restrict(fits func(record.Question, Promise) bool) {
	if c != nil {
		c.fits = fits
	}
}

// Opens reports whether the name of a record begins with an unknown part.
func (p *Promise) Opens() bool {
	return p.Owner == "" && (len(p.Name) == 0 || p.Name[0].Unknown != "")
}

// mayBe reports whether a record may be a query's: its type, its zone and the known
// parts of its name fit. If its name begins with an unknown part, a CNAME is none,
// since that is a token of Easy DKIM or of a certificate. A TXT record is one if the
// query is for data of its kind, and a record that is made of an identity is at or
// below it.
func (p *Promise) mayBe(q record.Question) bool {
	switch {
	case p.Type != 0 && p.Type != q.Type, p.Zone != "" && !q.Name.In(p.Zone):
		return false
	case p.Owner != "":
		return p.Owner == q.Name
	case !p.Opens():
	case p.Type == record.TXT && !p.isKindOf(q.Name), p.Type != record.TXT && p.Type != record.MX:
		return false
	case len(p.Of) > 0 && !slices.ContainsFunc(p.Of, q.Name.In):
		return false
	}
	return len(p.Name) == 0 || p.Name.matches(string(q.Name)) || p.Zone != "" && p.Name.matches(strings.TrimSuffix(string(q.Name), "."+string(p.Zone)))
}

// isKindOf reports whether a TXT record has the data that is asked for at a name: a
// DMARC policy below _dmarc, and SPF elsewhere. At _amazonses it is one with an
// unknown value in a known zone: the token of an identity that is made.
func (p *Promise) isKindOf(name record.Name) bool {
	want := "v=spf1"
	switch {
	case name.FirstLabel() == "_amazonses":
		open := func(v Pattern) bool { return len(v) == 0 || v[0].Unknown != "" }
		isValue := len(p.Values) == 0 || slices.ContainsFunc(p.Values, open)
		return p.Zone != "" && isValue && (len(p.Of) == 0 || slices.Contains(p.Of, name.Parent()))
	case name.FirstLabel() == "_dmarc":
		want = "v=dmarc1"
	case strings.HasPrefix(string(name), "_"), strings.Contains(string(name), "._"):
		return false
	}
	return slices.ContainsFunc(p.Values, func(v Pattern) bool {
		return len(v) > 0 && strings.HasPrefix(strings.ToLower(strings.TrimLeft(v[0].Text, `" `)), want)
	})
}

// matches reports whether a name may be the text, with anything for the unknown
// parts.
func (p Pattern) matches(name string) bool {
	open := false
	for i, part := range p {
		text := strings.ToLower(part.Text)
		if i == len(p)-1 {
			text = strings.TrimSuffix(text, ".")
		}
		switch at := strings.Index(name, text); {
		case part.Unknown != "":
			open = true
			continue
		case at < 0, at > 0 && !open:
			return false
		case i == len(p)-1 && open:
			return strings.HasSuffix(name, text)
		default:
			name, open = name[at+len(text):], false
		}
	}
	return open || name == ""
}

// addZoneless takes a record that a change makes in a zone whose name is not known.
func (c *Changes) addZoneless(name string, p Promise) error {
	switch n, err := parseName(name); {
	case name == "" || name == "@":
		name = ""
	case err != nil:
		return nil
	default:
		name = string(n)
	}
	if c.zoneless == nil {
		c.zoneless = map[relative]Promise{}
	}
	c.zoneless[relative{name, p.Type}] = p
	return c.used.take()
}

// Sets are all RRsets that At has, in an order of their own.
func (c *Changes) Sets() []record.Question {
	if c == nil {
		return nil
	}
	all := slices.DeleteFunc(slices.Collect(maps.Keys(c.sets)), c.buried)
	slices.SortFunc(all, func(a, b record.Question) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type))
	})
	return all
}

// Promises are all records of which something is not known yet, in the order of
// the files.
func (c *Changes) Promises() []Promise {
	if c == nil {
		return nil
	}
	all := slices.Clone(c.loose)
	for _, q := range c.Sets() {
		all = append(all, c.sets[q].Promises...)
	}
	slices.SortStableFunc(all, func(a, b Promise) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Address, b.Address))
	})
	return all
}

// Identities are the identities of Amazon SES, each resource by itself.
func (c *Changes) Identities() []Identity {
	if c == nil {
		return nil
	}
	return c.ids
}

// Hosted are the zones that are resources, without deleted ones.
func (c *Changes) Hosted() []Hosted {
	if c == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.hosted), func(h Hosted) bool { return h.Gone })
}

// set is the RRset of a question, to be added to.
func (c *Changes) set(q record.Question, whole bool) *Set {
	if c.sets == nil {
		c.sets, c.names = map[record.Question]*Set{}, map[record.Name]bool{}
	}
	s := c.sets[q]
	if s == nil {
		s = &Set{Whole: whole}
		c.sets[q] = s
	}
	s.Whole = s.Whole && whole
	return s
}

// exist notes that a name and its parents will exist.
func (c *Changes) exist(name record.Name) error {
	for n := name; n != record.Root && !c.names[n]; n = n.Parent() {
		c.names[n] = true
		if err := c.used.take(); err != nil {
			return err
		}
	}
	return nil
}

// adds takes a record that will be there. Changed says that it was not there
// before, or not so.
func (c *Changes) adds(r Record, whole, changed bool) error {
	s := c.set(record.Question{Name: r.Owner, Type: r.Data.Type}, whole)
	s.Changed = s.Changed || changed
	same := func(o Record) bool {
		return record.Compare(o.Data, r.Data) == 0 && o.Plain() == r.Plain() && o.Set == r.Set && o.Address == r.Address
	}
	if !slices.ContainsFunc(s.Records, same) {
		s.Records = append(s.Records, r)
	}
	if err := c.used.take(); err != nil {
		return err
	}
	return c.exist(r.Owner)
}

// drops takes a record that will not be there any more.
func (c *Changes) drops(r Record, whole bool) error {
	s := c.set(record.Question{Name: r.Owner, Type: r.Data.Type}, whole)
	s.Gone, s.Changed = append(s.Gone, r), true
	return c.used.take()
}

// promises takes a record of which something is not known.
func (c *Changes) promises(p Promise, whole bool) error {
	if err := c.used.take(); err != nil {
		return err
	}
	if p.Owner == "" || p.Type == 0 {
		c.loose = append(c.loose, p)
		return nil
	}
	s := c.set(record.Question{Name: p.Owner, Type: p.Type}, whole)
	s.Promises, s.Changed = append(s.Promises, p), true
	return c.exist(p.Owner)
}

// settle sorts the changes, so that their order depends on their content alone. A
// record that is removed in one place and added in another stays.
func (c *Changes) settle() {
	if c == nil {
		return
	}
	for _, s := range c.sets {
		slices.SortStableFunc(s.Records, func(a, b Record) int {
			return cmp.Or(record.Compare(a.Data, b.Data), cmp.Compare(a.Set, b.Set), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Line, b.Line))
		})
	}
}

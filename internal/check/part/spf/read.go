package spf

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
)

// This file evaluates a tree as a receiver does: from left to right, and the
// first match decides (RFC 7208 section 4.6.2). It sends no queries, so macros
// and failed queries leave several possible results.

// results is a set of possible results.
type results uint8

const (
	passes results = 1 << iota
	fails          // fail, softfail or neutral: SPF does not pass, and an include does not match
	breaks         // an error of the whole record
)

// reading evaluates a tree for mail from an address.
type reading struct {
	client netip.Addr
	ses    bool // it is one of Amazon SES, whatever the record of amazonses.com says
	coarse bool // networks up to coarsest match, and all does
	repair bool // terms with an error do not match, as if repaired

	inside  int             // depth of includes
	lookups int             // terms with a query so far
	open    []record.Answer // failed queries that may decide
	by      match           // the deciding term of the record itself, or of its redirect's target
	deep    match           // by, or the deciding term inside its include
}

// match is a term that matched, and its record.
type match struct {
	node   *spf.Node
	branch *spf.Branch
}

// read evaluates a record. It returns the possible results.
func (r *reading) read(n *spf.Node) (may results) {
	rec := n.Record()
	switch {
	case n.Answer.Status == record.Unknown:
		r.open = append(r.open, n.Answer)
		return passes | fails
	case rec == nil || len(rec.Problems) > 0:
		return breaks
	}
	left := rec.Left.Column
	redirect := -1
	for i := range n.Branches {
		b := &n.Branches[i]
		if left > 0 && b.Term.Column > left {
			may |= passes | fails // a term beyond MaxTerms may match
			left = 0
		}
		switch {
		case b.Unread || b.Term.Qualifier == 0:
			if b.Term.Kind == spf.Redirect && !b.Unread {
				redirect = i
			}
			continue
		case r.exhausted(b):
			return may | breaks
		}
		yes, no, bad := r.matches(n, b)
		if bad {
			may |= breaks
		}
		if yes {
			may |= outcome(b.Term)
		}
		if !no {
			if yes && !bad {
				r.decided(n, b)
			}
			return may
		}
	}
	if left > 0 {
		may |= passes | fails
	}
	if redirect < 0 {
		return may | fails
	}
	return may | r.redirected(&n.Branches[redirect])
}

// outcome is the result if a term matches.
func outcome(t *spf.Term) results {
	if t.Qualifier == '+' {
		return passes
	}
	return fails
}

func (r *reading) decided(n *spf.Node, b *spf.Branch) {
	if b.Term.Kind != spf.Include {
		r.deep = match{n, b}
	}
	if r.inside == 0 {
		r.by = match{n, b}
	}
}

// exhausted counts a term with a query, and reports whether the limit is
// exceeded.
func (r *reading) exhausted(b *spf.Branch) bool {
	if b.Term.Kind.Queries() {
		r.lookups++
	}
	if r.repair {
		return r.lookups > manyLookups
	}
	return r.lookups > spf.MaxLookups
}

// manyLookups bounds the evaluation of a tree with repair, which may double at
// every level.
const manyLookups = 500

func (r *reading) redirected(b *spf.Branch) results {
	switch {
	case r.exhausted(b), r.repair && b.Loop:
		return breaks
	case r.ses && b.Term.Target == ses.SPFInclude:
		return passes
	case b.Child == nil: // a macro, or beyond the bounds of the walk
		return passes | fails
	}
	return r.read(b.Child)
}

// matches says whether a mechanism may match, may not match, and may end in an
// error.
func (r *reading) matches(n *spf.Node, b *spf.Branch) (yes, no, bad bool) {
	t := b.Term
	switch t.Kind {
	case spf.All:
		return true, false, false
	case spf.IP4, spf.IP6:
		yes = r.in(t.Network)
		return yes, !yes, false
	case spf.Include:
		return r.includes(b)
	case spf.PTR:
		yes = r.ses && namesSES(n, t)
		return yes, true, false
	}
	switch {
	case b.Hosts:
		return false, r.repair, !r.repair
	case r.coarse && t.Kind == spf.Exists:
		return false, true, false
	case t.Macros || b.Cut:
		return true, true, false
	case t.Kind == spf.Exists:
		a := b.Answers[0]
		r.failed(a)
		return !a.Absent(), a.Status != record.Found, false
	}
	return r.addressed(b)
}

func (r *reading) includes(b *spf.Branch) (yes, no, bad bool) {
	switch {
	case r.ses && b.Term.Target == ses.SPFInclude:
		return true, false, false
	case b.Child == nil: // a macro, or beyond the bounds of the walk
		return true, true, false
	case r.repair && b.Loop:
		return false, true, false
	}
	r.inside++
	may := r.read(b.Child)
	r.inside--
	if bad = may&breaks != 0; bad && r.repair {
		return may&passes != 0, true, false
	}
	return may&passes != 0, may&fails != 0, bad
}

// addressed compares the client with the addresses of an a or mx.
func (r *reading) addressed(b *spf.Branch) (yes, no, bad bool) {
	for _, a := range b.Answers {
		if a.Question.Type == record.AAAA && r.client.Is4() || a.Question.Type == record.A && r.client.Is6() {
			continue
		}
		r.failed(a)
		yes = yes || a.Failure != nil || a.Left > 0
		if slices.ContainsFunc(networks(b.Term, a), r.in) {
			return true, false, false
		}
	}
	return yes, true, false
}

// networks are the networks that an answer adds to an a or mx.
func networks(t *spf.Term, a record.Answer) (all []netip.Prefix) {
	for _, rec := range a.Records {
		switch rec.Type {
		case record.A:
			all = append(all, netip.PrefixFrom(rec.Addr, int(t.Bits4)))
		case record.AAAA:
			all = append(all, netip.PrefixFrom(rec.Addr, int(t.Bits6)))
		}
	}
	return all
}

func (r *reading) in(network netip.Prefix) bool {
	return network.Contains(r.client) && !(r.coarse && tooFine(network))
}

func (r *reading) failed(a record.Answer) {
	if a.Failure != nil {
		r.open = append(r.open, a)
	}
}

// namesSES reports whether a ptr may match the names of Amazon's servers, which
// are below amazonses.com.
func namesSES(n *spf.Node, t *spf.Term) bool {
	if t.Macros {
		return true
	}
	name := n.Name
	if t.Target != "" {
		name = t.Target
	}
	return name.In(ses.SPFInclude) || ses.SPFInclude.In(name)
}

// sesReading is the result of a record for mail of Amazon SES.
type sesReading struct {
	snapshot.State                 // Right, Wrong or Unknown
	broken         bool            // Wrong because of an error with its own finding
	partly         bool            // Wrong, but mail from some addresses of SES passes
	by             match           // the term because of which it is Wrong
	open           []record.Answer // the failed queries because of which it is Unknown
}

// unmatched reports whether only the all matches.
func (s sesReading) unmatched() bool {
	return s.by.branch == nil || s.by.branch.Term.Kind == spf.All
}

// maxSamples bounds the addresses of SES for which a tree is evaluated. More are
// needed only if a tree cuts SES's networks into hundreds of pieces.
const maxSamples = 256

// readSES evaluates the record for mail from all addresses of SES.
func (s seen) readSES() sesReading {
	r := readSES(s.tree, s.sesNetworks())
	if r.partly && s.amazon.Failure != nil {
		return sesReading{State: snapshot.Unknown, open: []record.Answer{s.amazon}}
	}
	return r
}

// readSES evaluates a tree for mail from networks of SES. It is Right if mail from
// each of their addresses passes, and Wrong if mail from some does not.
func readSES(t *spf.Tree, networks []netip.Prefix) (s sesReading) {
	s.State = snapshot.Right
	if beginsWithSES(t.Root) { // the fast path, for nearly all records
		return s
	}
	pieces := cut(networks, matched(t, func(n netip.Prefix) bool { return n.Addr().Is4() }))
	passed := false
	for _, p := range pieces[:min(len(pieces), maxSamples)] {
		r := reading{client: p.address(), ses: true}
		may := r.read(t.Root)
		broken := false
		if may&(passes|breaks) == breaks {
			r = reading{client: p.address(), ses: true, repair: true}
			broken = r.read(t.Root)&passes != 0
		}
		switch {
		case may == passes:
			passed = true
		case may&passes == 0:
			if s.State != snapshot.Wrong || s.broken && !broken {
				s.State, s.broken, s.by = snapshot.Wrong, broken, r.by
			}
			if s.broken {
				s.by = match{}
			}
		case s.State == snapshot.Right:
			s.State = snapshot.Unknown
			fallthrough
		default:
			s.depends(r.open)
		}
	}
	if s.State == snapshot.Wrong {
		s.partly, s.open = passed, nil
	}
	return s
}

// beginsWithSES reports whether the first term of a record includes SES's, with
// +.
func beginsWithSES(n *spf.Node) bool {
	if n.Record() == nil || len(n.Record().Problems) > 0 || len(n.Branches) == 0 {
		return false
	}
	t := n.Branches[0].Term
	return t.Kind == spf.Include && t.Qualifier == '+' && t.Target == ses.SPFInclude
}

// depends adds failed queries, each once.
func (s *sesReading) depends(open []record.Answer) {
	for _, a := range open {
		if !slices.ContainsFunc(s.open, func(o record.Answer) bool { return o.Question == a.Question }) {
			s.open = append(s.open, a)
		}
	}
}

// sesNetworks are the networks of SES: those of the record of amazonses.com if it
// is known, otherwise all that it has ever listed.
func (s seen) sesNetworks() []netip.Prefix {
	for _, n := range s.tree.Nodes {
		if rec := n.Record(); n.Name == ses.SPFInclude && rec != nil {
			if listed := listedNetworks(rec); len(listed) > 0 {
				return listed
			}
		}
	}
	for _, r := range s.amazon.Records {
		if listed := listedNetworks(spf.Parse(r.Text())); len(listed) > 0 {
			return listed
		}
	}
	return ses.Ranges()
}

// listedNetworks are the IPv4 networks of a valid record.
func listedNetworks(r *spf.Record) (listed []netip.Prefix) {
	if len(r.Problems) > 0 {
		return nil
	}
	for _, term := range r.Of(spf.IP4) {
		listed = append(listed, term.Network)
	}
	return listed
}

// matched are the wanted networks that terms of a tree match, without those of
// SES's own record.
func matched(t *spf.Tree, wanted func(netip.Prefix) bool) (all []netip.Prefix) {
	for _, n := range t.Nodes {
		if n.Name == ses.SPFInclude {
			continue
		}
		for i := range n.Branches {
			b := &n.Branches[i]
			if b.Term.Network.IsValid() && wanted(b.Term.Network) {
				all = append(all, b.Term.Network.Masked())
			}
			for _, a := range b.Answers {
				for _, network := range networks(b.Term, a) {
					if wanted(network) {
						all = append(all, network.Masked())
					}
				}
			}
		}
	}
	return all
}

// piece is a part of the address space that no network splits. Addresses are
// represented by their first 64 bits, which hold all of IPv4.
type piece struct {
	first, last uint64
	v4          bool
}

// cut splits networks of one family at the borders of the networks by.
func cut(of, by []netip.Prefix) (all []piece) {
	for _, whole := range of {
		p := pieceOf(whole)
		starts := []uint64{p.first}
		for _, n := range by {
			if n.Addr().Is4() != p.v4 || n.Bits() <= whole.Bits() || !whole.Contains(n.Addr()) {
				continue
			}
			in := pieceOf(n)
			starts = append(starts, in.first)
			if in.last < p.last {
				starts = append(starts, in.last+1)
			}
		}
		slices.Sort(starts)
		starts = slices.Compact(starts)
		for i, first := range starts {
			one := piece{first, p.last, p.v4}
			if i+1 < len(starts) {
				one.last = starts[i+1] - 1
			}
			all = append(all, one)
		}
	}
	return all
}

func pieceOf(n netip.Prefix) piece {
	if n.Addr().Is4() {
		b := n.Masked().Addr().As4()
		first := uint64(binary.BigEndian.Uint32(b[:])) << 32
		return piece{first, first | ^uint64(0)>>n.Bits(), true}
	}
	b := n.Masked().Addr().As16()
	first := binary.BigEndian.Uint64(b[:8])
	return piece{first, first | ^uint64(0)>>n.Bits(), false}
}

// address is the first address of a piece.
func (p piece) address() netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], p.first)
	if p.v4 {
		return netip.AddrFrom4([4]byte(b[:4]))
	}
	return netip.AddrFrom16(b)
}

func (p piece) size() float64 { return float64(p.last-p.first) + 1 }

// everybody is the share of all addresses from which a record lets nearly the
// whole Internet send.
const everybody = 0.5

// The longest networks whose addresses are counted: no record has room for enough
// longer ones to cover half of all addresses.
const (
	coarsest4 = 10
	coarsest6 = 13
)

func tooFine(n netip.Prefix) bool {
	if n.Addr().Is4() {
		return n.Bits() > coarsest4
	}
	return n.Bits() > coarsest6
}

// families are all addresses of IPv4, and the allocated ones of IPv6 (2000::/3).
var families = []struct {
	name string
	all  netip.Prefix
}{
	{"IPv4", netip.MustParsePrefix("0.0.0.0/0")},
	{"IPv6", netip.MustParsePrefix("2000::/3")},
}

// crowd is how many addresses may send by the networks of a record.
type crowd struct {
	family string
	share  float64
	at     *spf.Node   // the record that contributes most
	terms  []*spf.Term // its terms
}

// readCrowd finds a record that lets nearly the whole Internet send by its
// networks.
func readCrowd(t *spf.Tree) (found crowd, ok bool) {
	coarse := func(n netip.Prefix) bool { return !tooFine(n) }
	by := matched(t, coarse)
	if len(by) == 0 {
		return crowd{}, false
	}
	for _, f := range families {
		c := crowd{family: f.name}
		let := map[*spf.Node]float64{}
		terms := map[*spf.Node][]*spf.Term{}
		for _, p := range cut([]netip.Prefix{f.all}, by) {
			r := reading{client: p.address(), coarse: true}
			if r.read(t.Root) != passes || r.deep.branch.Term.Kind == spf.All {
				continue
			}
			n, term := r.deep.node, r.deep.branch.Term
			share := p.size() / pieceOf(f.all).size()
			c.share += share
			let[n] += share
			if !slices.Contains(terms[n], term) {
				terms[n] = append(terms[n], term)
			}
			if c.at == nil || let[n] > let[c.at] {
				c.at = n
			}
		}
		if c.share >= everybody {
			c.terms = terms[c.at]
			slices.SortFunc(c.terms, func(a, b *spf.Term) int { return cmp.Compare(a.Column, b.Column) })
			return c, true
		}
	}
	return crowd{}, false
}

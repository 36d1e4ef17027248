package inventory

import (
	"context"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// alias is a CNAME whose target is no name of Amazon SES.
type alias struct{ apex, owner, target record.Name }

// Limits of what is read behind CNAMEs.
const (
	maxHops   = 8 // CNAMEs in a row
	maxBehind = 3 // records of SES behind one of them
)

// readAliases reads what is behind CNAMEs: verification tokens, and records of SES in
// the zones. Those belong to the name of the CNAME. It returns failed queries.
func (inv *Inventory) readAliases(ctx context.Context, ask record.Asker) (failed []string) {
	queries := &asking{Asker: ask, ctx: ctx}
	targets := map[record.Name]record.Name{}
	for _, a := range inv.aliases {
		targets[a.owner] = a.target
	}
	behind, verified := map[record.Name][]sighting{}, map[record.Name]bool{}
	for _, s := range inv.seen {
		if s.is.Domain != "" && s.is.Mistakes&ses.WrongName == 0 {
			verified[s.is.Domain] = true
		}
		if s.is.Use == ses.MailFrom || s.is.Use == ses.EasyDKIM {
			if all := behind[s.owner]; len(all) < maxBehind {
				behind[s.owner] = append(all, s)
			}
		}
	}
	for _, a := range inv.aliases {
		end := a.target
		for n := 1; n < maxHops && targets[end] != ""; n++ {
			end = targets[end]
		}
		switch first := a.owner.FirstLabel(); {
		case first == "_amazonses" && ask != nil:
			inv.verificationBehind(queries.txt(a.owner), a)
		case first == "_dmarc":
			inv.behind[end] = true
		case first != "*":
			inv.copyTo(a, end, behind[end], verified)
		}
	}
	inv.dropMoved()
	return queries.failed
}

// verificationBehind adds the verification tokens behind a CNAME.
func (inv *Inventory) verificationBehind(got record.Answer, a alias) {
	if f := got.Failure; f != nil && f.Fault == record.Offline {
		inv.skipAt(string(a.owner), fmt.Sprintf("a CNAME to %s, which is not in the zone files; add its zone file or --resolver", got.Owner()))
		return
	}
	found := got.Failure != nil
	for _, r := range got.Records {
		if is := ses.Recognize(a.owner, r); is.Use == ses.Verification {
			found = true
			inv.used[inv.zoneOf(got.Owner())] = true
			inv.seen = append(inv.seen, sighting{apex: a.apex, owner: a.owner, record: r, is: is})
		}
	}
	if !found {
		inv.skipAt(string(a.owner), fmt.Sprintf("a CNAME to %s, which has no verification token", got.Owner()))
	}
}

// copyTo adds the records of SES at the end of a CNAME as records of its owner. The
// end loses them, unless it is the MAIL FROM name of another identity.
func (inv *Inventory) copyTo(a alias, end record.Name, all []sighting, verified map[record.Name]bool) {
	if a.owner.Below(end) || inv.givenMailFrom(end) {
		return
	}
	home := end.Parent()
	for home != record.Root && !verified[home] {
		home = home.Parent()
	}
	for _, s := range all {
		is := ses.Recognize(a.owner, s.record)
		if is.Use != s.is.Use || is.Mistakes&ses.WrongName != 0 || is.Use == ses.MailFrom && strings.HasPrefix(string(a.owner), "_") {
			continue
		}
		inv.used[inv.zoneOf(end)] = true
		inv.moved[end] = inv.moved[end] || home == record.Root || a.owner.Below(home)
		inv.seen = append(inv.seen, sighting{apex: a.apex, owner: a.owner, record: s.record, is: is, end: end})
	}
}

// dropMoved removes the records at the ends of CNAMEs that count at their owners.
func (inv *Inventory) dropMoved() {
	kept := inv.seen[:0]
	for _, s := range inv.seen {
		if !inv.moved[s.owner] || s.is.Use != ses.MailFrom && s.is.Use != ses.EasyDKIM {
			kept = append(kept, s)
		}
	}
	inv.seen = kept
}

// givenMailFrom reports whether AWS has a name as a MAIL FROM domain.
func (inv *Inventory) givenMailFrom(name record.Name) bool {
	for n := name.Parent(); n != record.Root; n = n.Parent() {
		if d := inv.domains[n]; d != nil && d.hasMailFrom(name) {
			return true
		}
	}
	return false
}

// zoneOf is the apex of the given zone that a name is in; "" for none.
func (inv *Inventory) zoneOf(name record.Name) record.Name {
	for n := name; n != record.Root; n = n.Parent() {
		if d := inv.domains[n]; d != nil && d.apex == n {
			return n
		}
	}
	return ""
}

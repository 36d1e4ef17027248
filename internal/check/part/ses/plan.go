package ses

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// This file judges what a plan changes of the identities.

// promised reports whether a plan changes the subject of a finding, and notes
// that.
func (w want) promised(v *part.Verdict, about record.Question, by func(account.Change) bool, checks ...*finding.Check) bool {
	i := slices.IndexFunc(w.changes, by)
	if i >= 0 {
		v.Promises = append(v.Promises, finding.Promise{Record: about, Count: 1, From: w.changes[i].From, Checks: checks})
	}
	return i >= 0
}

// deleted finds a plan's deletion of the identity. One that the plan makes in its
// place, perhaps as another kind of resource, stays.
func (w want) deleted() (c account.Change, ok bool) {
	if slices.ContainsFunc(w.changes, func(c account.Change) bool { return c.Makes }) {
		return c, false
	}
	i := slices.IndexFunc(w.changes, func(c account.Change) bool { return c.Deletes })
	if i < 0 {
		return c, false
	}
	return w.changes[i], true
}

// goes reports that a plan deletes the identity.
func (w want) goes(c account.Change) finding.Finding {
	f := w.finding(IdentityMissing)
	f.Message = fmt.Sprintf("the plan deletes the identity %s%s from Amazon SES", w.domain.Name, w.region())
	f.Origin = originOf(c, true)
	f.Advice = "Keep it in the plan. If it is deleted on purpose, delete it from the file and its records from DNS."
	return f
}

// originOf is the place of a change.
func originOf(c account.Change, deletes bool) finding.Origin {
	o := finding.OriginAt(c.Place, c.From)
	o.Deletes = deletes
	return o
}

// breaksMailFrom finds a plan's change that sets another MAIL FROM domain than the
// file's, or else one that takes that from SES, perhaps with its identity. If a
// further change sets the file's, perhaps with another kind of resource, it stays.
func (w want) breaksMailFrom() (c account.Change, ok bool) {
	if w.identity.MailFrom == nil || !mine(w.identity) || slices.ContainsFunc(w.changes, w.maySetMailFrom) {
		return c, false
	}
	i := slices.IndexFunc(w.changes, func(c account.Change) bool { return c.MailFrom != "" })
	if i < 0 {
		i = slices.IndexFunc(w.changes, func(c account.Change) bool { return c.Drops == w.identity.MailFrom.Name.Value })
	}
	if i < 0 {
		_, renews := w.renewsKeys() // that finding says it too
		c, ok = w.recreated()
		_, loses := w.losesMailFrom()
		return c, ok && loses && !renews
	}
	return w.changes[i], true
}

// setsMailFrom reports whether a change of a plan sets the file's MAIL FROM
// domain.
func (w want) setsMailFrom(c account.Change) bool {
	return c.MailFrom == w.identity.MailFrom.Name.Value
}

// maySetMailFrom reports whether a change of a plan sets the file's MAIL FROM domain,
// or one whose name is not known yet.
func (w want) maySetMailFrom(c account.Change) bool { return c.Opens || w.setsMailFrom(c) }

// judgeChange reports a plan that sets another MAIL FROM domain than the file's, or
// removes that.
func (w want) judgeChange(v *part.Verdict, c account.Change, seen seenParts) {
	m := w.identity.MailFrom
	f := finding.Finding{Record: w.mailFromRecord(), Subject: w.regionName(), Place: m.Place, Origin: originOf(c, c.Gone)}
	switch {
	case c.MailFrom != "":
		f.Check = MailFromDiffers
		f.Expected, f.Actual = []string{string(m.Name.Value)}, []string{string(c.MailFrom)}
		f.Message = fmt.Sprintf("the plan sets %s as the MAIL FROM domain of %s%s, and the file has %s", c.MailFrom, w.domain.Name, w.region(), m.Name.Value)
		f.Advice = "Use the name from the file in the plan. If it changes on purpose, write the new name to the file."
	case seen.mailFrom.state == wrongNow:
		v.Hide(f.Record, mailfrom.MXMissing, MailFromUnset)
		return
	case !c.Gone && c.Drops == "":
		f.Check = MailFromUnset
		f.Message = fmt.Sprintf("the plan deletes the identity %s%s and creates it again, and does not set its MAIL FROM domain %s again", w.domain.Name, w.region(), m.Name.Value)
		f.Advice = "Keep the identity in the plan if you can. Otherwise replace the resource of the MAIL FROM domain too, or plan and apply again afterwards."
	default:
		f.Check = MailFromUnset
		f.Message = fmt.Sprintf("the plan removes the MAIL FROM domain %s of %s%s from Amazon SES", m.Name.Value, w.domain.Name, w.region())
		f.Advice = "Keep it in the plan. If it is removed on purpose, delete mail_from from the file and its records from DNS."
	}
	v.Add(f)
}

// losesMailFrom finds the file's MAIL FROM domain in a resource that a plan does not
// change. It goes with its identity if the plan deletes that and creates it again.
func (w want) losesMailFrom() (record.Name, bool) {
	m := w.identity.MailFrom
	if m == nil || slices.ContainsFunc(w.changes, w.setsMailFrom) {
		return "", false
	}
	return m.Name.Value, slices.ContainsFunc(w.changes, func(c account.Change) bool { return c.Keeps == m.Name.Value })
}

// renewsKeys finds a plan's change after which SES has other keys than the file: the
// plan switches to another kind of DKIM or another selector, or deletes the
// identity and creates it again.
func (w want) renewsKeys() (c account.Change, ok bool) {
	if !w.signs() || !mine(w.identity) {
		return c, false
	}
	first := func(is func(account.Change) bool) bool {
		i := slices.IndexFunc(w.changes, is)
		if i >= 0 {
			c = w.changes[i]
		}
		return i >= 0
	}
	k := w.identity.DKIM
	switch {
	case first(func(c account.Change) bool { return c.Selector != "" }):
		return c, c.Selector != k.Selector.Value && (k.Selector.Value != "" || len(k.Tokens) > 0)
	case k.Selector.Value != "":
		return c, first(func(c account.Change) bool { return c.Easy })
	case len(k.Tokens) == 0:
		return c, false
	}
	return w.recreated()
}

// recreated finds a plan's change that creates the identity again after its deletion.
func (w want) recreated() (c account.Change, ok bool) {
	i := slices.IndexFunc(w.changes, func(c account.Change) bool { return c.Renews })
	if i < 0 && slices.ContainsFunc(w.changes, func(c account.Change) bool { return c.Deletes }) {
		i = slices.IndexFunc(w.changes, func(c account.Change) bool { return c.Makes })
	}
	if i < 0 {
		return c, false
	}
	return w.changes[i], true
}

// newKeys reports a plan after which SES has other keys than the file.
func (w want) newKeys(c account.Change) finding.Finding {
	f, k := w.finding(TokensDiffer), w.identity.DKIM
	f.Place, f.Origin = k.Place, originOf(c, false)
	switch {
	case c.Selector != "":
		f.Message = fmt.Sprintf("the plan lets Amazon SES sign %s%s with a key of your own (BYODKIM), selector %s, and %s", w.domain.Name, w.region(), c.Selector, w.keysInFile())
		f.Advice = "Write the key to the file as dkim: {selector: " + c.Selector + ", public_key: …} and publish it before the apply, or keep the keys in the plan."
	case k.Selector.Value != "":
		f.Message = fmt.Sprintf("the plan creates the identity %s%s with Easy DKIM, and %s", w.domain.Name, w.region(), w.keysInFile())
		f.Advice = "Set the selector and the key in the plan too, or write dkim: easy to the file."
	default:
		f.Message = fmt.Sprintf("the plan deletes the identity %s%s and creates it again, so Amazon SES makes new tokens, and %s", w.domain.Name, w.region(), w.keysInFile())
		f.Advice = "Keep the identity in the plan if you can: import it into its new resource, and forget the old one. Otherwise write dkim: easy to the file and make the records from the tokens of the new identity in the plan, or list its tokens in the file after the apply."
		if n, ok := w.losesMailFrom(); ok {
			f.Advice += fmt.Sprintf(" With the old identity, SES also deletes its MAIL FROM domain %s, and the plan does not set that again: replace its resource too, or plan and apply again afterwards.", n)
		}
	}
	return f
}

// mineOf are the changes that are the identity's. Of one that may be another's, only
// what it may set right is left.
func (w *want) mineOf(changes []account.Change) (own []account.Change) {
	closes := slices.ContainsFunc(changes, func(c account.Change) bool { return c.Deletes && w.hadOthers(c) })
	foreign := w.isForeign(changes)
	for _, c := range changes {
		switch {
		case foreign && !c.Deletes && (c.MailFrom != "" || c.Drops != ""):
		case w.hadOthers(c), closes && c.Gone && !c.Deletes: // the MAIL FROM domain goes with its identity
		case (c.Anywhere || len(w.domain.Identities) > 1) && w.maybeOfAnother(c):
			if c.Makes || c.OnFailure != "" {
				own = append(own, account.Change{Name: c.Name, Region: c.Region, From: c.From, Makes: c.Makes, OnFailure: c.OnFailure, Place: c.Place})
			}
		default:
			own = append(own, c)
		}
	}
	return own
}

// isForeign reports whether all keys in a plan are other ones than the file's: its
// identity is one of another account.
func (w *want) isForeign(changes []account.Change) bool {
	k := w.identity.DKIM
	if k == nil || len(keysOf(k)) == 0 {
		return false
	}
	keyed := slices.ContainsFunc(changes, func(c account.Change) bool { return len(c.Keys) > 0 })
	return keyed && !slices.ContainsFunc(changes, func(c account.Change) bool { return len(c.Keys) > 0 && account.SameTokens(keysOf(k), c.Keys) })
}

// hadOthers reports whether a plan deletes an identity with other keys, or another
// legacy token, than those of the file: one of another account.
func (w *want) hadOthers(c account.Change) bool {
	if k := w.identity.DKIM; k != nil && len(keysOf(k)) > 0 && len(c.Keys) > 0 && (c.Deletes || c.Renews) {
		return !account.SameTokens(keysOf(k), c.Keys)
	}
	return (c.Deletes || c.Renews) && c.Token != "" && len(w.identity.Verification) > 0 && !listsToken(w.identity, c.Token)
}

// has reports whether an identity in a change had the keys of the file, or a legacy
// token of it.
func (w *want) has(c account.Change) bool {
	k := w.identity.DKIM
	return k != nil && len(c.Keys) > 0 && account.SameTokens(keysOf(k), c.Keys) || listsToken(w.identity, c.Token)
}

// maybeOfAnother reports whether a change that breaks the identity may be one of
// another identity of the domain: its region is unknown or the same, and not the keys
// that it has before, or it sets the MAIL FROM domain of that one.
func (w *want) maybeOfAnother(c account.Change) bool {
	if w.identity.MailFrom != nil && w.setsMailFrom(c) {
		return false
	}
	others := func(is func(*config.Identity) bool) bool {
		return slices.ContainsFunc(w.domain.Identities, func(id config.Identity) bool { return id.Place != w.identity.Place && is(&id) })
	}
	renews := c.Renews || c.Easy || c.Selector != ""
	unknown := c.Region == "" || c.Anywhere || w.identity.Region.Value == ""
	switch {
	case unknown && (c.Deletes || c.Drops != "" || c.MailFrom != "" || renews):
		return true
	case c.MailFrom != "":
		return others(func(id *config.Identity) bool { return id.MailFrom != nil && id.MailFrom.Name.Value == c.MailFrom })
	case c.Drops != "" && !c.Deletes:
		return others(func(id *config.Identity) bool {
			return id.Region.Value == w.identity.Region.Value && id.MailFrom != nil && id.MailFrom.Name.Value == c.Drops
		})
	}
	return (c.Deletes || renews) && !w.has(c) && others(func(id *config.Identity) bool { return id.Region.Value == w.identity.Region.Value })
}

package iterative

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// consensus is the responses of the servers of a zone to a question.
type consensus struct {
	question  record.Question
	zone      record.Name
	responses []response
	referral  delegation // to where they refer; of no zone if none does
}

// refer merges the referrals of the responses. Of referrals to several zones the
// next one down is taken: its servers refer on.
func (c *consensus) refer() {
	for _, r := range c.responses {
		if to := r.reply.Referral; r.refers {
			if to.Zone.Labels() < c.referral.zone.Labels() {
				c.referral = delegation{}
			}
			if c.referral.zone == "" || to.Zone == c.referral.zone {
				c.referral.merge(to)
			}
		}
	}
}

// Answer is the answer on which the servers of a zone agree.
type Answer struct {
	transport.Reply
	Server string        // one that gave it
	Lame   []record.Said // the servers of the zone that did not answer for it
}

// agreed is the answer of all servers that answered, with the names of the lame
// ones. Where two servers differ there is no answer.
func (c *consensus) agreed() (a Answer, _ *record.Failure) {
	var first *response
	var one record.Answer
	differ := false
	for i := range c.responses {
		r := &c.responses[i]
		if !r.answers {
			if r.lame {
				a.Lame = append(a.Lame, c.said(r))
			}
			continue
		}
		switch said := r.answer(c.question); {
		case first == nil:
			first, one = r, said
		case !alike(one, said):
			differ = true
		case said.Status == record.NoData && one.Status == record.NoName:
			first, one = r, said // the name exists, if one server knows it
		}
	}
	if first == nil {
		f := c.failure()
		return Answer{Server: f.Server}, f
	}
	a.Server = first.addr.String()
	if differ {
		return a, c.disagreement()
	}
	a.Reply = first.reply
	return a, nil
}

// alike reports whether two answers say the same. Addresses may differ: many
// servers rotate them from one question to the next, to share the load. And a
// server that knows no empty non-terminals (RFC 8020 section 1) still says that
// there are no records.
func alike(a, b record.Answer) bool {
	if a.Absent() && b.Absent() { // neither has a CNAME: that would be found
		return true
	}
	t := a.Question.Type
	if (t == record.A || t == record.AAAA) && a.Status == record.Found && b.Status == record.Found {
		return true
	}
	return a.Same(b)
}

// said puts a response into words.
func (c *consensus) said(r *response) record.Said {
	says := r.says(c.question)
	if r.serial != nil {
		says += fmt.Sprintf(", in serial %d", *r.serial)
		if c.behind(r) {
			says += ", which is behind"
		}
	}
	return record.Said{Zone: c.zone, Host: r.server.name, Server: r.name(), Says: says}
}

// behind reports whether another server has a newer version of the zone, by the
// serial number arithmetic of RFC 1982.
func (c *consensus) behind(r *response) bool {
	return slices.ContainsFunc(c.responses, func(o response) bool { return o.serial != nil && int32(*o.serial-*r.serial) > 0 })
}

// all are the responses of the servers that were asked, in words.
func (c *consensus) all() (all []record.Said) {
	for i := range c.responses {
		if r := &c.responses[i]; r.server != nil && !r.refers {
			all = append(all, c.said(r))
		}
	}
	return all
}

// disagreement is the failure of a question to which the servers of the zone
// answer differently. Until the longest of their answers has run out, a cache may
// still hold it.
func (c *consensus) disagreement() *record.Failure {
	f := &record.Failure{Question: c.question, Fault: record.Disagreed, Said: c.all()}
	for i := range c.responses {
		if r := &c.responses[i]; r.answers {
			f.TTL = max(f.TTL, r.answer(c.question).TTL)
		}
	}
	return f
}

// failure is why no server answered: an rcode says more than silence.
func (c *consensus) failure() *record.Failure {
	f := &record.Failure{
		Question: c.question,
		Fault:    record.Unreachable,
		Detail:   "none of the servers of " + c.zone.FQDN() + " answers for it",
		Said:     c.all(),
	}
	rank := []record.Fault{record.Unreachable, record.Timeout, record.Malformed, record.BadRcode, record.Interrupted}
	for i := range c.responses {
		r := &c.responses[i]
		if r.server == nil || f.Server != "" && slices.Index(rank, r.failure.Fault) <= slices.Index(rank, f.Fault) {
			continue
		}
		f.Fault, f.Rcode, f.EDE, f.Server = r.failure.Fault, r.failure.Rcode, r.failure.EDE, r.name()
	}
	return f
}

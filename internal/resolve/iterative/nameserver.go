package iterative

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// response is the answer of one server of a zone, or its failure.
type response struct {
	server  *nameserver // nil if it was not asked
	addr    netip.AddrPort
	reply   transport.Reply
	answers bool // with authority
	refers  bool // to a zone below, towards the name
	lame    bool // it does not answer for the zone, and not by chance
	failure record.Failure
	tries   int
	serial  *uint32 // of its zone, where that was asked
}

// effort is how hard one server is tried.
type effort struct {
	tries   int
	from    int  // the address to begin with
	patient bool // go on until an address that never answered is known to be dead
}

// ask asks one server of a zone, its addresses in turn.
func (n *nameservers) ask(ctx context.Context, t *Task, zone record.Name, ns *nameserver, q record.Question, e effort) response {
	r := response{server: ns, failure: record.Failure{Question: q}}
	all, why, sure := n.addressesOf(ctx, t, ns)
	switch {
	case ctx.Err() != nil:
		r.failure.Fault = record.Interrupted
		return r
	case len(all) == 0:
		r.failure.Fault, r.failure.Detail, r.lame = record.Unreachable, why, sure
		return r
	}
	query, err := transport.NewIterativeQuery(q)
	if err != nil {
		r.failure.Fault, r.failure.Detail = record.Malformed, "the name cannot be asked for"
		return r
	}
	r.addr = all[0].addr
	live := living(all)
	for len(live) > 0 {
		a := live[(e.from+r.tries)%len(live)]
		if !transport.TriesAgain(r.tries, e.tries, e.patient, a.heard.Load()) {
			break
		}
		if r.tries >= len(live) {
			transport.Pause(ctx, r.failure.Fault)
		}
		r.addr = a.addr
		if !t.Spend() {
			if r.tries == 0 {
				r.failure.Fault, r.failure.Detail = record.Unreachable, "it was not asked"
			}
			return r
		}
		_, due := a.server.InBackoff()
		reply, err := n.client.Ask(ctx, a.server, query, transport.Try{Before: r.tries, Probe: due, Budget: t})
		r.tries++
		if fault, is := errors.AsType[*transport.Fault](err); is {
			if !fault.Skipped {
				a.unanswered.Add(1)
			}
			r.failure.Fault, r.failure.Detail, r.failure.Rcode = fault.Kind, fault.Detail, ""
			live = living(all)
			continue
		}
		if err != nil {
			r.failure.Fault = record.Interrupted
			return r
		}
		a.heard.Store(true)
		n.heard.Store(true)
		r.judge(reply, zone, q)
		if r.answers || r.refers {
			return r
		}
	}
	if r.failure.Fault == 0 { // all its addresses were dead already
		r.failure.Fault = record.Timeout
	}
	r.lame = (len(live) == 0 || r.failure.Fault == record.BadRcode) && !ns.answered.Load()
	return r
}

func living(all []*address) []*address {
	return slices.DeleteFunc(slices.Clone(all), (*address).dead)
}

// judge sorts a reply of a zone's server: an authoritative answer, a referral
// towards the name, or neither.
func (r *response) judge(reply transport.Reply, zone record.Name, q record.Question) {
	r.failure.Fault, r.failure.Detail, r.failure.EDE = record.BadRcode, "", reply.EDE
	r.failure.Rcode = reply.RcodeName()
	own := about(reply, q)
	switch down := reply.Referral.Zone; {
	case reply.Rcode != dns.RcodeSuccess && reply.Rcode != dns.RcodeNameError:
	case reply.Rcode == dns.RcodeSuccess && down != "" && down.Below(zone) && q.Name.In(down):
		r.refers = true
		r.reply = reply
	case !reply.Authoritative && down != "":
		r.failure.Rcode = fmt.Sprintf("a referral to %s", down.FQDN())
	case !reply.Authoritative:
		r.failure.Rcode = "an answer without authority"
	case own.SOA != "" && !own.SOA.In(zone):
		r.failure.Rcode = fmt.Sprintf("an answer from zone %s", own.SOA.FQDN())
	default:
		r.answers = true
		r.server.answered.Store(true)
		r.reply = own
	}
}

// about keeps the answers of a reply that are about the name itself. Beyond a
// CNAME, the target's own servers answer.
func about(r transport.Reply, q record.Question) transport.Reply {
	r.Answers = slices.DeleteFunc(slices.Clone(r.Answers), func(a record.RR) bool { return a.Owner != q.Name })
	if len(r.Answers) > 0 {
		r.Rcode, r.SOA = dns.RcodeSuccess, ""
	}
	return r
}

// answer is the response as an answer.
func (r *response) answer(q record.Question) record.Answer {
	a := record.Answer{Question: q}
	a.Chain, a.Records, a.TTL = r.reply.Follow(q.Name, q.Type, func(record.Name) bool { return true })
	switch {
	case len(a.Records)+len(a.Chain) > 0:
		record.Sort(a.Records)
		a.Status = record.Found
	case r.reply.Rcode == dns.RcodeNameError:
		a.Status, a.TTL = record.NoName, r.reply.SOATTL
	default:
		a.Status, a.TTL = record.NoData, r.reply.SOATTL
	}
	return a
}

// says puts the response into a few words.
func (r *response) says(q record.Question) string {
	switch f := r.failure; {
	case r.answers:
		return r.answer(q).Says()
	case f.Fault == record.BadRcode:
		return f.Rcode
	case f.Detail != "":
		return "nothing: " + f.Detail
	default:
		return "nothing: " + f.Reason()
	}
}

// name is the server's name and the address that was asked last.
func (r *response) name() string {
	if !r.addr.IsValid() {
		return string(r.server.name)
	}
	return fmt.Sprintf("%s (%s)", r.server.name, r.addr)
}

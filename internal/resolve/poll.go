package resolve

import (
	"fmt"
	"slices"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// poll is what the servers of a zone said to a question.
type poll struct {
	question record.Question
	zone     record.Name
	said     []said
	cut      delegation // to where they refer; of no zone if nobody does
}

// agreed is the one answer that all servers gave which answered at all; those
// that did not are named beside it. Where they differ there is no answer.
func (p *poll) agreed() (reply, answerer, *record.Failure) {
	var first *said
	var one record.Answer
	differ := false
	for i := range p.said {
		s := &p.said[i]
		if !s.answers {
			continue
		}
		a := s.answer(p.question)
		switch {
		case first == nil:
			first, one = s, a
		case !alike(one, a):
			differ = true
		case a.Status == record.NoData && one.Status == record.NoName:
			first, one = s, a // it exists, if one knows it
		}
	}
	from := answerer{zone: p.zone}
	if first == nil {
		f := p.failure()
		return reply{}, answerer{name: f.Server, zone: p.zone}, f
	}
	from.name = first.addr.String()
	for i := range p.said {
		if s := &p.said[i]; s.lame {
			from.lame = append(from.lame, p.told(s))
		}
	}
	if differ {
		return reply{}, from, p.disagreement()
	}
	return first.reply, from, nil
}

// alike reports whether two answers say the same. Addresses may differ: many
// servers give each asker others, to share the load. And a server that knows no
// empty non-terminals (RFC 8020 section 1) still says that there are no
// records.
func alike(a, b record.Answer) bool {
	if a.Absent() && b.Absent() && len(a.Chain)+len(b.Chain) == 0 {
		return true
	}
	t := a.Question.Type
	if (t == record.A || t == record.AAAA) && a.Status == record.Found && b.Status == record.Found {
		return true
	}
	return a.Same(b)
}

// answer is what a server said as an answer.
func (s *said) answer(q record.Question) record.Answer {
	a := record.Answer{Question: q}
	a.Chain, a.Records, a.TTL = s.reply.walk(q.Name, q.Type, func(record.Name) bool { return true })
	switch {
	case len(a.Records) > 0:
		record.Sort(a.Records)
		a.Status = record.Found
	case len(a.Chain) > 0:
		a.Status = record.Found
	case s.reply.rcode == dns.RcodeNameError:
		a.Status, a.TTL = record.NoName, s.reply.soaTTL
	default:
		a.Status, a.TTL = record.NoData, s.reply.soaTTL
	}
	return a
}

func (p *poll) told(s *said) record.Said {
	says := s.says(p.question)
	if s.serial != nil {
		says += fmt.Sprintf(", in serial %d", *s.serial)
		if p.behind(s) {
			says += ", which is behind"
		}
	}
	return record.Said{Zone: p.zone, Server: s.name(), Says: says}
}

// behind reports whether another server has a newer version of the zone, by the
// arithmetic of RFC 1982.
func (p *poll) behind(s *said) bool {
	return slices.ContainsFunc(p.said, func(o said) bool { return o.serial != nil && int32(*o.serial-*s.serial) > 0 })
}

// all are the servers that were asked, with what they said.
func (p *poll) all() (all []record.Said) {
	for i := range p.said {
		if s := &p.said[i]; s.server != nil && !s.refers {
			all = append(all, p.told(s))
		}
	}
	return all
}

// disagreement is the failure of a question to which the servers of the zone
// answer differently. Until the longest of their answers has run out somebody
// may still hold it.
func (p *poll) disagreement() *record.Failure {
	f := &record.Failure{Question: p.question, Fault: record.Disagreed, Said: p.all()}
	for i := range p.said {
		if s := &p.said[i]; s.answers {
			f.TTL = max(f.TTL, s.answer(p.question).TTL)
		}
	}
	return f
}

// failure is why nobody answered: what an rcode says before what silence says.
func (p *poll) failure() *record.Failure {
	f := record.Failure{Question: p.question, Fault: record.Unreachable, Detail: "none of its servers could be asked"}
	rank := []record.Fault{record.Unreachable, record.Timeout, record.Malformed, record.BadRcode, record.Interrupted}
	for i := range p.said {
		s := &p.said[i]
		if s.server == nil || i > 0 && f.Server != "" && slices.Index(rank, s.failure.Fault) <= slices.Index(rank, f.Fault) {
			continue
		}
		f.Fault, f.Rcode, f.EDE, f.Server = s.failure.Fault, s.failure.Rcode, s.failure.EDE, s.name()
	}
	f.Detail = "none of the servers of " + p.zone.FQDN() + " answers for it"
	f.Said = p.all()
	return &f
}

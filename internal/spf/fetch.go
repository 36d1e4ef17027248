package spf

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// fetchedRecord is the content of a name: its SPF records, and the answers for
// the record's own a, mx and exists terms.
type fetchedRecord struct {
	name    record.Name
	read    <-chan struct{} // closed when the fields up to cut are set
	answer  record.Answer   // of TXT; shared records keep only brief's part of it
	records []*Record
	found   int     // number of SPF records at the name
	next    []*Term // include and redirect terms to follow
	asks    int     // number of queries of the terms before cut
	cut     int     // the first term beyond MaxQuestions

	ctx   context.Context // of the queries
	ask   record.Asker
	begun sync.Once

	done    <-chan struct{} // closed when the fields below are set
	answers [][]record.Answer
	leaf    leaf // set if next is empty
}

// leaf is a record without includes and redirect. It is the same in every tree.
type leaf struct {
	branches []Branch
	cost     Totals
}

// now is a closed channel.
var now = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// record returns the SPF record, or nil if there is none or more than one.
func (p *fetchedRecord) record() *Record {
	if len(p.records) != 1 {
		return nil
	}
	return p.records[0]
}

// startFetch fetches the record of a shared name. The queries of its terms start
// with begin.
func startFetch(ctx context.Context, ask record.Asker, name record.Name) *fetchedRecord {
	read := make(chan struct{})
	p := &fetchedRecord{name: name, read: read, ctx: ctx, ask: ask}
	go func() {
		defer close(read)
		p.load()
		p.answer = brief(p.answer)
		if p.asks == 0 {
			p.complete()
			p.done = now
		}
	}()
	return p
}

// load fetches the record, and lists the terms to follow and their queries.
func (p *fetchedRecord) load() {
	p.answer = p.ask.Ask(p.ctx, record.Question{Name: p.name, Type: record.TXT})
	p.records, p.found = find(p.answer)
	r := p.record()
	if r == nil {
		return
	}
	p.cut = len(r.Terms)
	all := r.All()
	for i := range r.Terms {
		t := &r.Terms[i]
		if !t.followed() || t.unread(all) {
			continue
		}
		n := 0
		switch t.Kind {
		case Include, Redirect:
			p.next = append(p.next, t)
		case A:
			n = 2
		case MX:
			n = 1 + 2*MaxHosts
		case Exists:
			n = 1
		}
		if p.cut < len(r.Terms) || n == 0 {
			continue
		}
		if p.asks+n > MaxQuestions {
			p.cut = i
			continue
		}
		p.asks += n
	}
}

func (p *fetchedRecord) complete() {
	r := p.record()
	if r == nil {
		return
	}
	if p.asks > 0 {
		p.answers = make([][]record.Answer, len(r.Terms))
		all := r.All()
		var asking sync.WaitGroup
		for i := range p.cut {
			t := &r.Terms[i]
			if first := t.questions(p.name); len(first) > 0 && !t.unread(all) {
				asking.Go(func() { p.answers[i] = lookUp(p.ctx, p.ask, first) })
			}
		}
		asking.Wait()
	}
	if len(p.next) == 0 && p.cut == len(r.Terms) {
		n := Node{Name: p.name, Answer: p.answer, Records: p.records}
		n.branch()
		n.fill(p, true)
		n.count()
		p.leaf = leaf{n.Branches, n.Cost}
	}
}

// Bounds on the part of an answer that is kept. Honest answers are kept whole.
const (
	MaxRecords = 20    // records, and SPF records at one name
	maxBrief   = 4_000 // octets of TXT
)

// find parses the first MaxRecords SPF records of an answer, and counts all.
func find(a record.Answer) (records []*Record, found int) {
	for i, t := range texts(a) {
		if i < MaxRecords {
			records = append(records, Parse(t))
		}
		found++
	}
	return records, found
}

// texts are the SPF records among the TXT records of an answer.
func texts(a record.Answer) (all []untrusted.Text) {
	for _, r := range a.Records {
		if t := r.Text(); Is(t) {
			all = append(all, t)
		}
	}
	return all
}

// brief cuts an answer to MaxRecords and maxBrief. Callers that need all records
// query again.
func brief(a record.Answer) record.Answer {
	octets, long := 0, false
	for _, r := range a.Records[:min(len(a.Records), MaxRecords)] {
		for _, s := range r.Strings {
			octets += s.Len()
		}
	}
	if long = octets > maxBrief; !long && len(a.Records) <= MaxRecords {
		return a
	}
	all := a.Records
	a.Records = slices.Clone(all[:min(len(all), MaxRecords)])
	a.Left = len(all) - len(a.Records)
	if long {
		each := maxBrief / len(a.Records)
		for i := range a.Records {
			t := a.Records[i].Text().Raw()
			a.Records[i] = record.NewTXT(strings.Clone(t[:min(len(t), each)]))
		}
	}
	return a
}

// followed reports whether the term's name does not depend on the mail.
func (t *Term) followed() bool { return !t.Bad && !t.Macros }

// asks reports whether the term has a query of its own.
func (t *Term) asks() bool {
	return t.followed() && (t.Kind == A || t.Kind == MX || t.Kind == Exists)
}

// questions are the first queries of a term of the record at owner.
func (t *Term) questions(owner record.Name) []record.Question {
	if !t.asks() {
		return nil
	}
	name := owner
	if t.Target != "" {
		name = t.Target
	}
	switch t.Kind {
	case A:
		return []record.Question{{Name: name, Type: record.A}, {Name: name, Type: record.AAAA}}
	case MX:
		return []record.Question{{Name: name, Type: record.MX}}
	case Exists:
		return []record.Question{{Name: name, Type: record.A}} // section 5.7: A for IPv6 clients as well
	}
	return nil
}

// lookUp sends the queries of a term in parallel, and then those for the
// addresses of mx hosts. More than MaxHosts hosts are an error, so their
// addresses are not needed.
func lookUp(ctx context.Context, ask record.Asker, questions []record.Question) []record.Answer {
	answers := askAll(ctx, ask, questions)
	mx := answers[0]
	if mx.Question.Type != record.MX || len(mx.Records)+mx.Left > MaxHosts {
		return answers
	}
	var hosts []record.Question
	for _, r := range mx.Records {
		if r.Host != record.Root { // the null MX of RFC 7505
			hosts = append(hosts, record.Question{Name: r.Host, Type: record.A}, record.Question{Name: r.Host, Type: record.AAAA})
		}
	}
	return append(answers, askAll(ctx, ask, hosts)...)
}

func askAll(ctx context.Context, ask record.Asker, questions []record.Question) []record.Answer {
	answers := make([]record.Answer, len(questions))
	var asking sync.WaitGroup
	for i, q := range questions {
		asking.Go(func() { answers[i] = ask.Ask(ctx, q) })
	}
	asking.Wait()
	return answers
}

// memo sends each query once (singleflight), and caches the answer. A bulky
// answer is dropped after its waiters have it.
type memo struct {
	ctx context.Context // of the queries, independent of the first caller's
	ask record.Asker

	mu    sync.Mutex
	calls map[record.Question]*call
}

type call struct {
	done   chan struct{}
	answer record.Answer
}

func newMemo(ctx context.Context, ask record.Asker) *memo {
	return &memo{ctx: ctx, ask: ask}
}

func (m *memo) Ask(_ context.Context, q record.Question) record.Answer {
	m.mu.Lock()
	c, ok := m.calls[q]
	if !ok {
		c = &call{done: make(chan struct{})}
		if m.calls == nil {
			m.calls = map[record.Question]*call{}
		}
		m.calls[q] = c
	}
	m.mu.Unlock()
	if !ok {
		defer close(c.done)
		c.answer = m.ask.Ask(m.ctx, q)
		if c.answer.Bulky() {
			m.mu.Lock()
			delete(m.calls, q)
			m.mu.Unlock()
		}
		return c.answer
	}
	<-c.done
	return c.answer
}

// narrow bounds the queries in parallel by its slots, and cuts answers with
// brief.
type narrow struct {
	ask   record.Asker
	slots chan struct{}
}

func (n narrow) Ask(ctx context.Context, q record.Question) record.Answer {
	n.slots <- struct{}{}
	defer func() { <-n.slots }()
	return brief(n.ask.Ask(ctx, q))
}

// possible answers queries for names that cannot exist itself.
type possible struct{ ask record.Asker }

func (p possible) Ask(ctx context.Context, q record.Question) record.Answer {
	if Impossible(q.Name) {
		return record.Answer{Question: q, Status: record.NoName}
	}
	return p.ask.Ask(ctx, q)
}

// rooted sends queries at or below name to own, all further ones to shared.
type rooted struct {
	name        record.Name
	own, shared record.Asker
}

func (r rooted) Ask(ctx context.Context, q record.Question) record.Answer {
	if q.Name.In(r.name) {
		return r.own.Ask(ctx, q)
	}
	return r.shared.Ask(ctx, q)
}

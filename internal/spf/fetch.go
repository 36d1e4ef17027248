package spf

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// fetchedRecord is what is at a name: its SPF records, and the answers to what the
// record's own a, mx and exists terms ask.
type fetchedRecord struct {
	name    record.Name
	read    <-chan struct{} // closed when these are there:
	answer  record.Answer   // of TXT; of a shared record what brief keeps of it
	records []*Record
	found   int     // SPF records that there are
	next    []*Term // the includes and the redirect that lead on
	asks    int     // questions of the terms before cut
	cut     int     // the terms from here on were beyond MaxQuestions

	ctx   context.Context // of those questions
	ask   record.Asker
	begun sync.Once

	done    <-chan struct{} // closed when the rest is there too:
	answers [][]record.Answer
	leaf    leaf // where nothing leads on
}

// leaf is a record that leads to no other: it is the same in every tree.
type leaf struct {
	branches []Branch
	cost     Totals
}

// now is closed.
var now = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// record returns the SPF record, or nil if there is none or several.
func (p *fetchedRecord) record() *Record {
	if len(p.records) != 1 {
		return nil
	}
	return p.records[0]
}

// startFetch gets the record of a name that many may refer to, and what
// its terms need once somebody begins with that.
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

// load gets the record and finds what it leads to and asks for.
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

// What is kept of an answer: of an honest one, all.
const (
	MaxRecords = 20    // records; of the SPF records at one name, too
	maxBrief   = 4_000 // octets of TXT
)

// find parses the SPF records among the TXT records of an answer, as many as are
// kept, and counts them all.
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

// brief is an answer with what is kept of its records. Whoever needs all of them
// has to ask.
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

// followed reports whether the term asks about a name that is known without a
// mail.
func (t *Term) followed() bool { return !t.Bad && !t.Macros }

// asks reports whether the term asks a question of its own.
func (t *Term) asks() bool {
	return t.followed() && (t.Kind == A || t.Kind == MX || t.Kind == Exists)
}

// questions are those that a term of the record at owner asks at once.
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
		return []record.Question{{Name: name, Type: record.A}} // of IPv6 clients too: section 5.7
	}
	return nil
}

// lookUp asks the questions of a term side by side, and of the hosts of an
// mx for their addresses; more than MaxHosts are an error whatever they have.
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

// memo asks a question once, however many terms need it. A bulky answer it forgets
// when those have it that wait for it.
type memo struct {
	ctx context.Context // of the questions, whoever is the first to need one
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

// narrow asks as many questions side by side as there are slots, and keeps of the
// answers no more than is kept.
type narrow struct {
	ask   record.Asker
	slots chan struct{}
}

func (n narrow) Ask(ctx context.Context, q record.Question) record.Answer {
	n.slots <- struct{}{}
	defer func() { <-n.slots }()
	return brief(n.ask.Ask(ctx, q))
}

// rooted asks what is at or below name of own, the rest of shared.
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

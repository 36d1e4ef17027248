package spf

import (
	"context"
	"slices"
	"sync"

	"github.com/sescheck/sescheck/internal/record"
)

// page is what is at a name: its SPF records, and the answers to what the
// record's own a, mx and exists terms ask.
type page struct {
	read    <-chan struct{} // closed when these are there:
	answer  record.Answer   // of TXT
	records []*Record
	next    []*Term // the includes and the redirect that lead on

	done    <-chan struct{} // closed when the rest is there too:
	answers [][]record.Answer
	cut     int  // the terms from here on were beyond MaxQuestions
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
func (p *page) record() *Record {
	if len(p.records) != 1 {
		return nil
	}
	return p.records[0]
}

// fetchPage gets the page of name: first the record, then what its terms need.
func fetchPage(ctx context.Context, ask record.Asker, name record.Name) *page {
	read, done := make(chan struct{}), make(chan struct{})
	p := &page{read: read, done: done}
	go func() {
		p.load(ctx, ask, name)
		close(read)
		p.complete(ctx, ask, name)
		close(done)
	}()
	return p
}

// ownPage gets the page of a tree's root. It waits for the record, and for
// nothing after that.
func ownPage(ctx context.Context, own, shared record.Asker, name record.Name) *page {
	p := &page{read: now, done: now}
	p.load(ctx, own, name)
	r := p.record()
	if r == nil || !slices.ContainsFunc(r.Terms, func(t Term) bool { return t.asks() }) {
		p.complete(ctx, nil, name)
		return p
	}
	done := make(chan struct{})
	p.done = done
	go func() {
		p.complete(ctx, rooted{name, newMemo(ctx, own), shared}, name)
		close(done)
	}()
	return p
}

func (p *page) load(ctx context.Context, ask record.Asker, name record.Name) {
	p.answer = ask.Ask(ctx, record.Question{Name: name, Type: record.TXT})
	p.records = find(p.answer)
	r := p.record()
	if r == nil {
		return
	}
	all := r.All()
	for i := range r.Terms {
		t := &r.Terms[i]
		if (t.Kind == Include || t.Kind == Redirect) && t.followed() && !t.unread(all) {
			p.next = append(p.next, t)
		}
	}
}

func (p *page) complete(ctx context.Context, ask record.Asker, name record.Name) {
	r := p.record()
	if r == nil {
		return
	}
	p.answers, p.cut = make([][]record.Answer, len(r.Terms)), len(r.Terms)
	all := r.All()
	questions := 0
	var asking sync.WaitGroup
	for i := range r.Terms {
		t := &r.Terms[i]
		first := t.questions(name)
		if len(first) == 0 || t.unread(all) {
			continue
		}
		questions += len(first)
		if t.Kind == MX {
			questions += 2 * MaxHosts
		}
		if questions > MaxQuestions {
			p.cut = i
			break
		}
		asking.Go(func() { p.answers[i] = lookUp(ctx, ask, first) })
	}
	asking.Wait()
	if len(p.next) == 0 && p.cut == len(r.Terms) {
		n := Node{Name: name, Answer: p.answer, Records: p.records}
		n.branch()
		n.fill(p, true)
		n.count()
		p.leaf = leaf{n.Branches, n.Cost}
	}
}

// find parses the SPF records among the TXT records of an answer.
func find(a record.Answer) []*Record {
	var records []*Record
	for _, r := range a.Records {
		if text := r.Text(); Is(text) {
			records = append(records, Parse(text))
		}
	}
	return records
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
	if mx.Question.Type != record.MX || len(mx.Records) > MaxHosts {
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

// memo asks a question once, however many terms need it.
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
		return c.answer
	}
	<-c.done
	return c.answer
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

package spf

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// world is all of DNS for a test: an Asker with what the test says, where
// every other name does not exist.
type world struct {
	records map[record.Question][]record.Record
	cnames  map[record.Name]record.Name
	exists  map[record.Name]bool
	broken  map[record.Name]bool     // every question fails,
	faults  map[record.Question]bool // or this one
	delay   func(record.Question) time.Duration

	mu    sync.Mutex
	asked map[record.Question]int
}

func newWorld() *world {
	return &world{
		records: map[record.Question][]record.Record{},
		cnames:  map[record.Name]record.Name{},
		exists:  map[record.Name]bool{},
		broken:  map[record.Name]bool{},
		faults:  map[record.Question]bool{},
		asked:   map[record.Question]int{},
	}
}

// worldOf reads lines such as `example.com TXT v=spf1 mx`, `example.com MX
// mail.example.com`, `x.example A 192.0.2.1`, `x.example FAIL TXT`.
func worldOf(t testing.TB, zone string) *world {
	t.Helper()
	w := newWorld()
	for line := range strings.Lines(zone) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		f := strings.SplitN(line, " ", 3)
		if len(f) != 3 {
			t.Fatalf("bad line %q", line)
		}
		if err := w.add(f[0], f[1], f[2]); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
	}
	return w
}

var types = map[string]record.Type{"A": record.A, "AAAA": record.AAAA, "MX": record.MX, "TXT": record.TXT, "PTR": record.PTR}

func (w *world) add(owner, typ, data string) error {
	name, err := record.ParseName(owner)
	if err != nil {
		return err
	}
	w.exists[name] = true
	if typ == "FAIL" {
		if data == "all" {
			w.broken[name] = true
			return nil
		}
		w.faults[record.Question{Name: name, Type: types[data]}] = true
		return nil
	}
	r := record.Record{Type: types[typ]}
	switch typ {
	case "TXT":
		r.Strings = []untrusted.Text{untrusted.New(data)}
	case "A", "AAAA":
		if r.Addr, err = netip.ParseAddr(data); err != nil {
			return err
		}
	default:
		r.Host = record.Root
		if data != "" {
			if r.Host, err = record.ParseName(data); err != nil {
				return err
			}
		}
		if typ == "CNAME" {
			w.cnames[name] = r.Host
			return nil
		}
		if r.Type == 0 {
			return fmt.Errorf("type %s", typ)
		}
	}
	q := record.Question{Name: name, Type: r.Type}
	w.records[q] = append(w.records[q], r)
	return nil
}

func (w *world) Ask(ctx context.Context, q record.Question) record.Answer {
	w.mu.Lock()
	w.asked[q]++
	w.mu.Unlock()
	a := record.Answer{Question: q}
	fail := func(f record.Fault) record.Answer {
		a.Failure = &record.Failure{Question: q, Fault: f, Server: "192.0.2.53:53", Tries: 1}
		return a
	}
	if w.delay != nil {
		select {
		case <-time.After(w.delay(q)):
		case <-ctx.Done():
			return fail(record.Interrupted)
		}
	}
	name := q.Name
	for hops := 0; w.cnames[name] != ""; hops++ {
		if hops == 10 {
			return fail(record.ChainLoop)
		}
		name = w.cnames[name]
		a.Chain = append(a.Chain, name)
	}
	end := record.Question{Name: name, Type: q.Type}
	switch {
	case w.faults[end]:
		return fail(record.Timeout)
	case len(w.records[end]) > 0:
		a.Status = record.Found
		a.Records = append([]record.Record(nil), w.records[end]...)
		record.Sort(a.Records)
	case w.broken[name]:
		return fail(record.Timeout)
	case w.exists[name]:
		a.Status = record.NoData
	default:
		a.Status = record.NoName
	}
	return a
}

// questions is how often anything was asked.
func (w *world) questions() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, times := range w.asked {
		n += times
	}
	return n
}

func grow(t testing.TB, w record.Asker, name string) *Tree {
	return NewForest(t.Context(), w).Walk(t.Context(), w, record.MustName(name))
}

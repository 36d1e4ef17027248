package transport_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// path is a made-up server and the way to it, on a made-up clock.
type path struct {
	delay    time.Duration // of an answer
	loss     float64       // share of datagrams that get no answer
	capacity int           // what it bears at once; more is lost. 0 for any number
	busy     int           // likewise, and more is refused
	down     func(time.Duration) bool

	mu       sync.Mutex
	dice     *rand.Rand
	start    time.Time
	inFlight int // questions
	within   int // datagrams that the server has and did not answer
	most     int
	sent     []time.Duration
	window   func() (limit int, baseline float64) // of the server's state
}

func (p *path) String() string { return "192.0.2.53:53" }
func (p *path) Close()         {}

func (p *path) Exchange(ctx context.Context, _ *transport.Query, a transport.Attempt) (transport.Reply, error) {
	p.mu.Lock()
	p.window = a.Window
	p.inFlight++
	p.most = max(p.most, p.inFlight)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.inFlight--
		p.mu.Unlock()
	}()
	answers := make(chan transport.Reply, 8)
	return a.Send(
		func() error {
			p.mu.Lock()
			defer p.mu.Unlock()
			since := time.Since(p.start)
			p.sent = append(p.sent, since)
			switch {
			case p.down != nil && p.down(since), p.dice.Float64() < p.loss, p.capacity > 0 && p.within >= p.capacity:
				return nil
			}
			r := transport.Reply{Recursion: true}
			if p.busy > 0 && p.within >= p.busy {
				r.Rcode = dns.RcodeRefused
			}
			p.within++
			time.AfterFunc(p.delay, func() {
				p.mu.Lock()
				p.within--
				p.mu.Unlock()
				answers <- r
			})
			return nil
		},
		func(d time.Duration) (transport.Reply, error) {
			select {
			case r := <-answers:
				return r, nil
			case <-ctx.Done():
				return transport.Reply{}, context.Cause(ctx)
			case <-time.After(d):
				return transport.Reply{}, &transport.Fault{Kind: record.Timeout}
			}
		},
	)
}

// asked asks n questions, 512 of them at once as a run does, and returns the
// answers and the time they took.
func asked(ctx context.Context, r *resolve.Resolver, n int) ([]record.Answer, time.Duration) {
	answers := make([]record.Answer, n)
	start := time.Now()
	workers := make(chan struct{}, 512)
	var wg sync.WaitGroup
	for i := range answers {
		workers <- struct{}{}
		wg.Go(func() {
			answers[i] = r.Ask(ctx, record.Question{Name: record.Name(fmt.Sprintf("n%d.test", i)), Type: record.TXT})
			<-workers
		})
	}
	wg.Wait()
	return answers, time.Since(start)
}

func unknown(answers []record.Answer) (n int) {
	for _, a := range answers {
		if a.Status == record.Unknown {
			n++
		}
	}
	return n
}

func over(o resolve.Options, paths ...*path) *resolve.Resolver {
	for _, p := range paths {
		p.start, p.dice = time.Now(), rand.New(rand.NewPCG(1, 2))
		o.Servers = append(o.Servers, resolve.Server{Exchanger: p})
	}
	if o.Concurrency == 0 {
		o.Concurrency = 256
	}
	o.Timeout, o.Retries = 2*time.Second, max(o.Retries, 2)
	return resolve.New(o)
}

// watch notes how wide the window is, until stop returns what it was for half
// of the time.
func watch(p *path) (stop func() int) {
	end, all := make(chan struct{}), make(chan []int)
	go func() {
		var limits []int
		for {
			select {
			case <-time.After(50 * time.Millisecond):
				p.mu.Lock()
				limit, _ := p.window()
				p.mu.Unlock()
				limits = append(limits, limit)
			case <-end:
				slices.Sort(limits)
				all <- limits
				return
			}
		}
	}()
	return func() int {
		close(end)
		limits := <-all
		return limits[len(limits)/2]
	}
}

// TestWindowOpens: an ordinary server soon gets all that it may, and no more.
func TestWindowOpens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &path{delay: 20 * time.Millisecond}
		r := over(resolve.Options{}, p)
		answers, took := asked(t.Context(), r, 5120)
		if unknown(answers) > 0 || p.most != 256 || len(p.sent) != 5120 {
			t.Errorf("%d unknown, %d at once, %d sent", unknown(answers), p.most, len(p.sent))
		}
		if least := 20 * 20 * time.Millisecond; took > least+2*p.delay {
			t.Errorf("it took %s, with a full window from the start %s", took, least)
		}
	})
}

// TestWindowCloses: a server that bears little is asked as much as it bears,
// whether it drops the rest or refuses it; and still everything is answered.
func TestWindowCloses(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*path{
		"drops":   {delay: 20 * time.Millisecond, capacity: 40},
		"refuses": {delay: 20 * time.Millisecond, busy: 40},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				// While the window finds its width, a question is refused three
				// times by chance now and then, 9 of 1,600,000; so it is tried
				// more often. What is refused in all is bounded below.
				r := over(resolve.Options{Retries: 5}, p)
				stop := watch(p)
				answers, took := asked(t.Context(), r, 5000)
				if n := unknown(answers[1000:]); n > 0 {
					t.Errorf("%d unknown", n)
				}
				if limit := stop(); limit > 128 {
					t.Errorf("the window was mostly %d", limit)
				}
				if len(p.sent) > 6500 {
					t.Errorf("%d datagrams for 5000 questions", len(p.sent))
				}
				if ideal := 5000 / 40 * p.delay; took > 2*ideal+time.Second {
					t.Errorf("it took %s, ideally %s", took, ideal)
				}
			})
		})
	}
}

// TestLoss: what is lost by chance costs neither answers nor the window, and
// little time.
func TestLoss(t *testing.T) {
	t.Parallel()
	for _, loss := range []float64{0.01, 0.05, 0.1, 0.2} {
		t.Run(fmt.Sprint(loss), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const questions = 30000
				p := &path{delay: 20 * time.Millisecond, loss: loss}
				r := over(resolve.Options{}, p)
				stop := watch(p)
				answers, took := asked(t.Context(), r, questions)
				if n := unknown(answers); n > 0 {
					t.Errorf("%d unknown", n)
				}
				if limit := stop(); limit < 128 {
					t.Errorf("the window was mostly %d", limit)
				}
				if share := float64(len(p.sent)) / questions; share > 1.05/(1-loss) {
					t.Errorf("%.2f datagrams a question", share)
				}
				lossless := questions / 256 * p.delay
				t.Logf("%s, without loss %s; %d datagrams", took, lossless, len(p.sent))
				if took > lossless*5/2 {
					t.Errorf("it took %s, without loss %s", took, lossless)
				}
			})
		})
	}
}

// TestHeavyLoss: where more than a quarter is lost by chance, the window is cut,
// which cures nothing, and then left as it was.
func TestHeavyLoss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &path{delay: 20 * time.Millisecond, loss: 0.3}
		r := over(resolve.Options{Retries: 5}, p)
		stop := watch(p)
		answers, _ := asked(t.Context(), r, 30000)
		if n := unknown(answers); n > 0 {
			t.Errorf("%d unknown", n)
		}
		if limit := stop(); limit < 128 {
			t.Errorf("the window was mostly %d", limit)
		}
		if _, baseline := p.window(); baseline < 0.25 || baseline > 0.45 {
			t.Errorf("%.2f is taken for the baseline", baseline)
		}
	})
}

// TestResend: a lost datagram is sent again within the try, at intervals that
// double with every other time; never more often than said, and not where the
// server is silent.
func TestResend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &path{delay: 20 * time.Millisecond}
		r := over(resolve.Options{}, p)
		asked(t.Context(), r, 100) // now it is known how long an answer takes
		p.sent, p.start = nil, time.Now()
		p.down = func(time.Duration) bool { return len(p.sent) < 5 }
		answers, took := asked(t.Context(), r, 1)
		if want := "[0s 50ms 100ms 200ms 300ms]"; fmt.Sprint(p.sent) != want {
			t.Errorf("sent at %s, want %s", p.sent, want)
		}
		if answers[0].Status != record.NoData || took != 320*time.Millisecond {
			t.Errorf("%s after %s", answers[0].Status, took)
		}
		p.sent, p.start = nil, time.Now()
		p.down = func(time.Duration) bool { return true }
		answers, took = asked(t.Context(), r, 256)
		if n := len(p.sent); n > 256*3+transport.MaxCredit {
			t.Errorf("%d datagrams to a silent server", n)
		}
		if unknown(answers) != 256 || took != 6*time.Second {
			t.Errorf("%d unknown after %s", unknown(answers), took)
		}
	})
}

// TestResendSlow: where answers take as long as a try may, it is tried once in
// the first one, and more often in those after it.
func TestResendSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &path{delay: 1100 * time.Millisecond}
		r := over(resolve.Options{}, p)
		for range 3 { // the first answers are late, and may be taken for quick ones to what was sent last
			asked(t.Context(), r, 100)
		}
		p.sent, p.start = nil, time.Now()
		p.down = func(time.Duration) bool { return true }
		asked(t.Context(), r, 1)
		if want := "[0s 2s 2.5s 3s 4s 4.5s 5s]"; fmt.Sprint(p.sent) != want {
			t.Errorf("sent at %s, want %s", p.sent, want)
		}
	})
}

// TestRateHolds: the rate holds for what is sent again too.
func TestRateHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &path{delay: 20 * time.Millisecond, loss: 0.3}
		r := over(resolve.Options{Rate: 100}, p)
		answers, _ := asked(t.Context(), r, 1000)
		if n := unknown(answers); n > 0 {
			t.Errorf("%d unknown", n)
		}
		if len(p.sent) < 1200 {
			t.Errorf("%d datagrams: nothing was sent again", len(p.sent))
		}
		for i := range len(p.sent) - 100 {
			if d := p.sent[i+100] - p.sent[i]; d < time.Second {
				t.Fatalf("101 datagrams within %s", d)
			}
		}
	})
}

// TestBackoff: a dead server costs a few questions, not all of them, and is used
// again when it is back.
func TestBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dead := &path{delay: 20 * time.Millisecond, down: func(d time.Duration) bool { return d < 30*time.Second }}
		good := &path{delay: 20 * time.Millisecond}
		r := over(resolve.Options{Concurrency: 64}, dead, good)
		answers, took := asked(t.Context(), r, 5000)
		if n := unknown(answers); n > 0 {
			t.Errorf("%d unknown", n)
		}
		if most := 2*time.Second + 5000/64*20*time.Millisecond + 2*time.Second; took > most {
			t.Errorf("it took %s", took)
		}
		if n := len(dead.sent); n > 64+transport.MaxCredit+10 {
			t.Errorf("the dead server got %d datagrams", n)
		}
		time.Sleep(time.Minute)
		before := len(good.sent)
		answers, _ = asked(t.Context(), r, 100)
		if n := unknown(answers); n > 0 {
			t.Errorf("%d unknown", n)
		}
		asked(t.Context(), r, 100)
		if n := len(good.sent) - before; n > 100 {
			t.Errorf("the other server still got %d of 200 questions", n)
		}
	})
}

// TestDeadServer: where nobody answers for as long as a question would try,
// the next are not tried each on its own; an outage that is over is noticed.
func TestDeadServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &path{delay: 20 * time.Millisecond, down: func(d time.Duration) bool { return d > time.Second && d < 20*time.Second }}
		r := over(resolve.Options{Concurrency: 64}, p)
		answers, _ := asked(t.Context(), r, 100)
		if n := unknown(answers); n > 0 {
			t.Fatalf("%d unknown", n)
		}
		time.Sleep(time.Second)
		answers, took := asked(t.Context(), r, 2000)
		if unknown(answers) != 2000 || took > 8*time.Second {
			t.Errorf("%d unknown after %s", unknown(answers), took)
		}
		last := answers[1999].Failure
		if last.Tries != 0 || last.Error() != "ask 192.0.2.53:53 for TXT n1999.test: timeout: as for earlier queries; this query was not sent" {
			t.Errorf("%+v: %s", last, last)
		}
		time.Sleep(30 * time.Second)
		asked(t.Context(), r, 1)
		answers, _ = asked(t.Context(), r, 100)
		if n := unknown(answers); n > 0 {
			t.Errorf("after the outage %d unknown", n)
		}
	})
}

// TestShortOutage: what is shorter than the patience with one question costs
// no answer.
func TestShortOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &path{delay: 20 * time.Millisecond, down: func(d time.Duration) bool {
			return d > 100*time.Millisecond && d < 3*time.Second
		}}
		answers, _ := asked(t.Context(), over(resolve.Options{}, p), 5000)
		if n := unknown(answers); n > 0 {
			t.Errorf("%d unknown", n)
		}
	})
}

// TestEnded: who waits for a place when the run ends gets an answer at once,
// and all places are given back.
func TestEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &path{delay: time.Hour}
		r := over(resolve.Options{Concurrency: 16}, p)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		answers, took := asked(ctx, r, 512)
		if unknown(answers) != 512 || took != 1500*time.Millisecond {
			t.Errorf("%d unknown after %s", unknown(answers), took)
		}
		for _, a := range answers {
			if a.Failure.Fault != record.Interrupted {
				t.Fatalf("%+v", a.Failure)
			}
		}
		p.delay = time.Millisecond
		if answers, _ := asked(t.Context(), r, 512); unknown(answers) > 0 || p.inFlight != 0 {
			t.Errorf("afterwards %d unknown, %d in flight", unknown(answers), p.inFlight)
		}
	})
}

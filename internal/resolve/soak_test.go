package resolve_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/zonetest"
)

var soak = flag.Duration("soak", 1500*time.Millisecond, "how long TestSoak goes on; see bench/soak")

// left is what a resolver could leave behind.
type left struct {
	goroutines, files int
	heap              uint64
}

func (l left) String() string {
	return fmt.Sprintf("%d goroutines, %d open files, %.1f MB of heap", l.goroutines, l.files, float64(l.heap)/1e6)
}

func now() left {
	runtime.GC()
	runtime.GC() // the second frees what the first one's finalizers held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	l := left{goroutines: runtime.NumGoroutine(), heap: m.HeapAlloc}
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		l.files = len(files)
	}
	return l
}

// TestSoak opens resolvers of every kind, one after the other, asks much of
// servers with every fault, breaks off some of the runs in the middle, closes
// them, and looks for what is left behind. It is not parallel: what others
// leave would count too.
func TestSoak(t *testing.T) {
	ca := zonetest.NewCA(t)
	var servers []*zonetest.Server
	var specs []string
	for _, fault := range []string{
		"# none", "20% * *", "DROP * *", "SERVFAIL * *", "REFUSED * *", "GARBAGE * *", "STRANGER * *", "FORGE * *",
		"WRONGID * *", "SOURCE * *", "TRUNCATE * *", "CUT * *", "HUGE * *", "LOOP * *", "30ms * *", "DROP tcp * *",
	} {
		s, _ := serve(t, fault)
		cert := ca.Issue(t, time.Now().Add(24*time.Hour), "127.0.0.1")
		servers = append(servers, s)
		specs = append(specs, s.Addr, "tcp://"+s.Addr, "tls://"+s.ServeTLS(t, cert), "https://"+s.ServeHTTPS(t, cert, nil))
	}
	specs = append(specs, "tls://"+plain(t), "https://"+plain(t), "127.0.0.1:1", "tcp://127.0.0.1:1")

	var first left
	rounds, answers := 0, 0
	over := time.Now().Add(*soak)
	for ; rounds < 10 || time.Now().Before(over); rounds++ {
		mix := []string{specs[rounds%len(specs)]}
		if rounds%3 == 0 {
			mix = append(mix, specs[rand.IntN(len(specs))])
		}
		answers += soakOnce(t, ca, mix)
		for _, s := range servers {
			s.Forget()
		}
		if rounds == 8 || rounds == 2*len(specs) { // buffers and pools have their size
			first = now()
			t.Logf("after %d rounds %s", rounds, first)
		}
	}
	last := now()
	for wait := time.Now().Add(10 * time.Second); time.Now().Before(wait) && (last.goroutines > first.goroutines || last.files > first.files); last = now() {
		time.Sleep(50 * time.Millisecond)
	}
	t.Logf("%d rounds, %d answers; at first %s, at last %s", rounds, answers, first, last)
	if last.goroutines > first.goroutines || last.files > first.files || last.heap > first.heap+8e6 {
		t.Errorf("left behind: at first %s, at last %s", first, last)
		if last.goroutines > first.goroutines {
			stacks := make([]byte, 1<<20)
			t.Logf("%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// soakOnce returns how many questions were answered.
func soakOnce(t *testing.T, ca *zonetest.CA, specs []string) (answered int) {
	t.Helper()
	given, err := resolve.ParseServersTrusting(t.Context(), specs, ca.Roots)
	if err != nil {
		t.Fatal(err)
	}
	o := resolve.Options{Servers: given, Timeout: 60 * time.Millisecond, Retries: 1, Concurrency: 32}
	if rand.IntN(4) == 0 {
		o.Rate = 2000
	}
	r := resolve.New(o)
	ctx, cancel := context.WithCancel(t.Context())
	if rand.IntN(3) == 0 {
		time.AfterFunc(time.Duration(rand.IntN(50))*time.Millisecond, cancel)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range 200 {
		wg.Go(func() {
			name := record.Name(fmt.Sprintf("n%d.wild.example.test", i))
			a := r.Ask(ctx, txt(name))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case a.Status == record.Found && a.Question.Name == name && a.Records[0].String() == `"from the wildcard"`:
				answered++
			case a.Status != record.Unknown:
				t.Errorf("%s by %s: %s", name, a.Server, shown(a))
			}
		})
	}
	wg.Wait()
	cancel()
	r.Close()
	return answered
}

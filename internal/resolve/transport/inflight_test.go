package transport

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// TestInflight: each question waits for exactly as long as it is to.
func TestInflight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newInflight()
		began := time.Now()
		done := make(chan string)
		for _, patience := range []time.Duration{3 * time.Second, time.Second, 2 * time.Second, time.Second + time.Millisecond} {
			go func() {
				c, err := w.add(fastQuery(t))
				if err != nil {
					t.Error(err)
				}
				defer w.remove(c)
				_, err = w.wait(t.Context(), c, patience)
				if passed := time.Since(began); passed != patience || outcomeOf(Reply{}, err) != silent {
					t.Errorf("waited %s instead of %s: %v", passed, patience, err)
				}
				done <- err.Error()
			}()
		}
		for range 4 {
			if got := <-done; got != "timeout" {
				t.Errorf("got %s", got)
			}
		}
		synctest.Wait()
		if len(w.calls) > 0 {
			t.Errorf("%d questions are still there", len(w.calls))
		}
	})
}

// TestInflightLonger: an answer that comes late is there for a question that waits
// on, and messages that do not belong to it are not.
func TestInflightLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newInflight()
		c, err := w.add(fastQuery(t))
		if err != nil {
			t.Fatal(err)
		}
		answer := pack(t, fastReplies[0], true)
		copy(answer, c.message(nil)[:2])
		w.deliver(answer[:len(answer)-12]) // it breaks off
		if _, err := w.wait(t.Context(), c, time.Second); err == nil || err.Error() != "no readable answer" {
			t.Errorf("after an answer that breaks off: %v", err)
		}
		time.AfterFunc(500*time.Millisecond, func() {
			other := bytes.Clone(answer)
			other[1]++ // somebody else's id
			w.deliver(other)
		})
		time.AfterFunc(700*time.Millisecond, func() { w.deliver(answer) })
		began := time.Now()
		r, err := w.wait(t.Context(), c, time.Second)
		if err != nil || len(r.Answers) != 1 || time.Since(began) != 700*time.Millisecond {
			t.Errorf("the late answer: %+v, %v after %s", r, err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		second, err := w.add(fastQuery(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.wait(ctx, second, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the end of the context: %v", err)
		}
	})
}

// TestAppendName: names go out as package dns packs them.
func TestAppendName(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, n := range []record.Name{".", "a", "example.test", "_dmarc.example.test", "*.example.test", `a\046b.example.test`, `\000\255.test`,
		record.Name(long + ".test"), record.Name(long + "." + long + "." + long + "." + long[:61])} {
		var want [256]byte
		end, err := dns.PackDomainName(n.FQDN(), want[:], 0, nil, false)
		got, err2 := appendName(nil, n)
		if err != nil || err2 != nil || !bytes.Equal(got, want[:end]) {
			t.Errorf("%s: got %x, %v; want %x, %v", n, got, err2, want[:end], err)
		}
	}
	for _, n := range []record.Name{record.Name(long + "a.test"), "a..test", record.Name(strings.Repeat(long+".", 4) + "a")} {
		if b, err := appendName(nil, n); err == nil {
			t.Errorf("%q was packed as %x", n, b)
		}
	}
}

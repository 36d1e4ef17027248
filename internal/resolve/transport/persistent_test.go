package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// TestDialFails: a failed dial is a fault of the server, unless the query's time or
// the run was over.
func TestDialFails(t *testing.T) {
	t.Parallel()
	over := errors.New("the run is over")
	ended, end := context.WithCancelCause(t.Context())
	end(over)
	for name, c := range map[string]struct {
		ctx      context.Context
		timeout  time.Duration
		want     string
		remember bool
	}{
		"refused":      {t.Context(), time.Minute, "server not reachable", true},
		"run over":     {ended, time.Minute, "the run is over", false},
		"timeout over": {t.Context(), 0, "timeout", false},
	} {
		p := persistent{dial: func(context.Context) (connection, error) { return nil, errors.New("no route") }}
		_, err := p.Exchange(c.ctx, fastQuery(t), Attempt{Timeout: c.timeout})
		if err == nil || err.Error() != c.want || (p.err != nil) != c.remember {
			t.Errorf("%s: %v, then %v", name, err, p.err)
		}
	}
}

// TestPaddedStream: queries over TLS are padded, those over TCP are not.
func TestPaddedStream(t *testing.T) {
	t.Parallel()
	for padded, want := range map[bool]int{true: 128, false: len(fastQuery(t).Wire)} {
		near, far := net.Pipe()
		length := make(chan int, 1)
		go func() {
			defer far.Close()
			var size [2]byte
			_, _ = io.ReadFull(far, size[:])
			n, _ := io.CopyN(io.Discard, far, int64(binary.BigEndian.Uint16(size[:])))
			length <- int(n)
		}()
		s := newStream("x", padded, func(context.Context) (net.Conn, error) { return near, nil })
		_, err := s.Exchange(t.Context(), fastQuery(t), Attempt{Timeout: time.Minute})
		if f, ok := errors.AsType[*Fault](err); !ok || f.Kind != record.Unreachable {
			t.Errorf("the server hung up: %v", err)
		}
		if got := <-length; got != want {
			t.Errorf("padded %v: %d octets, want %d", padded, got, want)
		}
		s.Close()
	}
}

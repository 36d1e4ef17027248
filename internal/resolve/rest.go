package resolve

import (
	"errors"
	"time"
)

// rest is how a server that only fails is spared. After a few failures in a
// row the others are asked first; when the pause is over, one question tries
// it again, and after another failure the pause doubles.
type rest struct {
	failed int           // tries in a row without an answer
	quiet  time.Time     // when the first was sent of those that got nothing at all; zero for none
	since  time.Time     // what was sent before tells nothing new
	until  time.Time     // the end of the pause
	pause  time.Duration // its length
	last   *fault        // of those that got nothing
}

const (
	patience   = 4 // failures in a row
	firstPause = time.Second
	maxPause   = 16 * time.Second
)

// note learns from the outcome of a try; err is that of a silent one.
func (r *rest) note(o outcome, err error, sent, now time.Time) {
	switch o {
	case answered:
		*r = rest{}
		return
	case silent:
		r.last, _ = errors.AsType[*fault](err)
		if r.quiet.IsZero() || sent.Before(r.quiet) {
			r.quiet = sent
		}
	default:
		r.quiet = time.Time{}
	}
	if r.failed++; r.failed < patience || sent.Before(r.since) {
		return
	}
	r.pause = min(max(2*r.pause, firstPause), maxPause)
	r.since, r.until = now, now.Add(r.pause)
}

// resting reports whether the server rests. To one who asks at the end of the
// pause it says that a try is due, and to those after him no more, until it is
// known how he fared or another pause is over.
func (r *rest) resting(now time.Time) (resting, due bool) {
	if r.failed < patience || now.Before(r.until) {
		return r.failed >= patience, false
	}
	r.until = now.Add(r.pause)
	return true, true
}

// dead reports whether nothing at all came since something was sent that long
// ago.
func (r *rest) dead(now time.Time, long time.Duration) bool {
	return r.failed >= patience && !r.quiet.IsZero() && now.Sub(r.quiet) >= long
}

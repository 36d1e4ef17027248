package transport

import "time"

// window bounds the questions in flight to one server by AIMD (additive increase,
// multiplicative decrease), as TCP does (RFC 5681). It starts at half of the most
// and opens by one an answer (slow start). When more is lost than the baseline of
// the path, it is cut to a half, and then opens by two a round, where TCP opens by
// one. Unlike TCP it takes back a cut that cured nothing: a loss by chance does not
// shrink with the load, and fewer answers come, while a server that was overloaded
// goes on giving as many.
type window struct {
	limit, most float64
	threshold   float64   // TCP's ssthresh: from here on the window opens slowly
	bad, total  int       // outcomes of this round
	stale       int       // outcomes still to come of datagrams that were sent before the cut
	since       time.Time // when the window was last cut, or a cut was taken back
	good        int       // answers since then
	baseline    float64   // share of bad outcomes that sending less did not cure

	// The state before the cut that is on trial.
	share float64 // of bad outcomes; 0 where no cut is on trial
	was   float64 // the limit
	gave  float64 // answers in a second
}

const (
	leastWindow  = 8
	leastRound   = 200  // outcomes that say something about their share
	trial        = 600  // outcomes that say whether a cut cured anything
	quickRound   = 32   // bad outcomes that do, where they are the most
	alarming     = 0.25 // share of bad outcomes above the baseline
	doubtful     = 0.1  // as much more than that may be chance
	hopeless     = 0.5  // share above which a cut is never taken back
	undiminished = 0.75 // share of the answers in a second that still come where a cut did no harm

	// The share of random losses stays the same. Congestion either ends, and the share
	// falls below half, or grows. A factor of 1.3 is 2.6 standard deviations of the
	// difference of two shares of 0.3, measured on 256 outcomes before the cut and 600
	// (trial) after it.
	chanceLow, chanceHigh = 0.5, 1.3
)

func newWindow(most int) window {
	m := float64(max(most, 1))
	return window{limit: max(m/2, min(m, leastWindow)), most: m, threshold: m}
}

// note counts the outcome of a datagram that was sent then: an answer, or a
// datagram lost or refused. A window that is not full says nothing about a larger
// one.
func (w *window) note(bad, full bool, sent, now time.Time) {
	if w.stale > 0 {
		w.stale--
		w.since, w.good = now, 0
		return
	}
	if w.since.IsZero() {
		w.since = sent
	}
	w.total++
	if !bad {
		w.good++
	}
	switch {
	case bad:
		w.bad++
	case !full || w.share > 0:
	case w.limit < w.threshold:
		w.limit = min(w.limit+1, w.most)
	default:
		w.limit = min(w.limit+2/w.limit, w.most)
	}
	if w.total >= w.round() || w.bad >= quickRound && w.badShare() > hopeless {
		w.judge(now)
		w.bad, w.total = 0, 0
	}
}

// badShare is the share of bad outcomes of this round.
func (w *window) badShare() float64 { return float64(w.bad) / float64(w.total) }

// gives is how many answers there were in a second.
func (w *window) gives(now time.Time) float64 {
	return float64(w.good) / max(now.Sub(w.since), time.Millisecond).Seconds()
}

// alarm is the share above which the window is cut.
func (w *window) alarm() float64 { return w.baseline + alarming*(1-w.baseline) }

// round is how many outcomes are judged together: three times as many where
// it may be by chance that so much went wrong.
func (w *window) round() int {
	n := max(int(w.limit), leastRound)
	switch over := w.badShare() - w.alarm(); {
	case w.share > 0:
		return trial
	case over > 0 && over < doubtful:
		return 3 * n
	}
	return n
}

// judge ends a round.
func (w *window) judge(now time.Time) {
	share, gives := w.badShare(), w.gives(now)
	switch least := min(w.most, leastWindow); {
	case w.curedNothing(share, gives):
		w.limit, w.threshold, w.baseline, w.share = w.was, w.most, share, 0
		w.since, w.good = now, 0
	case share <= w.alarm():
		if w.baseline > 0 {
			w.baseline += (share - w.baseline) / 4
		}
		w.share = 0
	case w.limit > least:
		w.share, w.was, w.gave, w.stale = share, w.limit, gives, 2*int(w.limit)
		w.limit = max(w.limit/2, least)
		w.threshold = w.limit
	}
}

// curedNothing reports whether the cut on trial is taken back, because the loss is
// random. That needs all of: a cut on trial; both shares up to hopeless, above which
// it is overload; a share as before the cut, from chanceLow to chanceHigh times it,
// since congestion ends or grows; and fewer answers in a second than undiminished of
// those before. A server that drops queries above a limit drops none at half of the
// window, so that its share falls.
func (w *window) curedNothing(share, gives float64) bool {
	switch {
	case w.share == 0 || w.share > hopeless || share > hopeless:
		return false
	case share <= chanceLow*w.share || share > chanceHigh*w.share:
		return false
	}
	return gives < undiminished*w.gave
}

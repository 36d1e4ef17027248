package resolve

import "time"

// window is how many questions may be on their way to one server at once. It
// starts at half of the most and opens by one an answer; when more goes wrong
// than is usual there, it is cut to a half, and from then on opens by two a
// round, where TCP opens by one (RFC 5681). A cut that cured nothing is taken
// back: what is lost by chance does not become less when less is sent, and fewer
// answers come, where a server that was asked too much goes on giving as many.
type window struct {
	limit, most float64
	steady      float64   // from here on it opens slowly
	bad, all    int       // outcomes of this round
	skip        int       // outcomes of what was sent before the cut
	since       time.Time // when the window was last cut, or a cut was taken back
	good        int       // answers since then
	before      float64   // share of bad outcomes that led to a cut on trial; 0 for none
	was         float64   // limit before that cut
	gave        float64   // answers in a second before that cut
	usual       float64   // share of bad outcomes that sending less did not cure
}

const (
	leastWindow  = 8
	leastRound   = 200  // outcomes that say something about their share
	trial        = 600  // outcomes that say whether a cut cured anything
	quickRound   = 32   // bad ones that do, where they are the most
	alarming     = 0.25 // share of bad outcomes, of those that are not usual
	doubtful     = 0.1  // more than that, which chance may make of a smaller share
	hopeless     = 0.5  // share above which a cut is never taken back
	undiminished = 0.75 // share of the answers in a second that come still where a cut did no harm
)

func newWindow(most int) window {
	m := float64(max(most, 1))
	return window{limit: max(m/2, min(m, leastWindow)), most: m, steady: m}
}

// note counts the outcome of what was sent then: an answer, or a datagram lost
// or refused. A window that is not full says nothing about a larger one.
func (w *window) note(bad, full bool, sent, now time.Time) {
	if w.skip > 0 {
		w.skip--
		w.since, w.good = now, 0
		return
	}
	if w.since.IsZero() {
		w.since = sent
	}
	w.all++
	if !bad {
		w.good++
	}
	switch {
	case bad:
		w.bad++
	case !full || w.before > 0:
	case w.limit < w.steady:
		w.limit = min(w.limit+1, w.most)
	default:
		w.limit = min(w.limit+2/w.limit, w.most)
	}
	if w.all >= w.round() || w.bad >= quickRound && w.share() > hopeless {
		w.judge(now)
		w.bad, w.all = 0, 0
	}
}

// share is that of the bad outcomes of this round.
func (w *window) share() float64 { return float64(w.bad) / float64(w.all) }

// gives is how many answers there were in a second.
func (w *window) gives(now time.Time) float64 {
	return float64(w.good) / max(now.Sub(w.since), time.Millisecond).Seconds()
}

// alarm is the share above which the window is cut.
func (w *window) alarm() float64 { return w.usual + alarming*(1-w.usual) }

// round is how many outcomes are judged together: three times as many where
// it may be by chance that so much went wrong.
func (w *window) round() int {
	n := max(int(w.limit), leastRound)
	switch over := w.share() - w.alarm(); {
	case w.before > 0:
		return trial
	case over > 0 && over < doubtful:
		return 3 * n
	}
	return n
}

// judge ends a round. Where all above some number is lost, and that is up to a
// half, half of the window loses nothing; what is lost by chance stays.
func (w *window) judge(now time.Time) {
	share, gives := w.share(), w.gives(now)
	switch least := min(w.most, leastWindow); {
	case w.before > 0 && w.before <= hopeless && share > w.before/2 && share <= min(1.3*w.before, hopeless) && gives < undiminished*w.gave:
		w.limit, w.steady, w.usual, w.before = w.was, w.most, share, 0
		w.since, w.good = now, 0
	case share <= w.alarm():
		if w.usual > 0 {
			w.usual += (share - w.usual) / 4
		}
		w.before = 0
	case w.limit > least:
		w.before, w.was, w.gave, w.skip = share, w.limit, gives, 2*int(w.limit)
		w.limit = max(w.limit/2, least)
		w.steady = w.limit
	}
}

package transport

const MaxCredit = maxCredit

// Window is the width and the baseline of the window of the server that is asked.
func (a Attempt) Window() (limit int, baseline float64) {
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	return int(a.state.window.limit), a.state.window.baseline
}

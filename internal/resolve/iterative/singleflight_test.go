package iterative

import "testing"

// TestTangle: whether work waits for itself is found out in one search that meets
// each task once, however many paths there are. Here there are 12¹².
func TestTangle(t *testing.T) {
	t.Parallel()
	var w waitGraph
	var layers [12][12]Task
	for i := len(layers) - 2; i >= 0; i-- {
		for from := range layers[i] {
			for to := range layers[i+1] {
				layers[i][from].depth = 1
				if !w.enter(&layers[i][from], &layers[i+1][to]) {
					t.Fatal("work waits for itself where there is no loop")
				}
			}
		}
	}
	last := &layers[len(layers)-1][0]
	last.depth = 1
	if w.enter(last, &layers[0][0]) {
		t.Error("a loop is not seen")
	}
	if w.enter(last, last) {
		t.Error("work waits for itself")
	}
	w.leave(&layers[len(layers)-2][0], last)
	if !w.enter(last, &layers[len(layers)-2][0]) {
		t.Error("a task that does not wait any longer is in the way")
	}
}

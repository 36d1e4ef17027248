package command

import "time"

// The stories have a fixed day, so that no receiver's rules are due for review.
func init() { now = func() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) } }

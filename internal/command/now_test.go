package command

import "time"

// The stories are told on one day, so that no rule of a receiver is out of date in
// them.
func init() { now = func() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) } }

package command

import (
	"fmt"
	"io"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// writeFile writes a whole file or nothing.
func writeFile(path string, write func(io.Writer) error) error {
	if err := untrusted.Replace(path, write); err != nil {
		return fmt.Errorf("write %s: %w", untrusted.Line(path), err)
	}
	return nil
}

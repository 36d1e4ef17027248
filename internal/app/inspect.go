package app

import (
	"errors"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// Domains returns the domains to inspect as a file without expectations.
func Domains(names []string, look config.Open) (*config.File, error) {
	var errs []error
	if len(names) > 1 && len(look.Tokens) > 0 {
		errs = append(errs, errors.New("--dkim is for one domain; inspect the domains one by one"))
	}
	file := &config.File{}
	have := map[record.Name]bool{}
	for _, name := range names {
		look.Domain = name
		d, err := look.Read()
		errs = append(errs, err)
		if !have[d.Name] {
			have[d.Name] = true
			file.Domains = append(file.Domains, d)
		}
	}
	return file, distinct(errs)
}

// distinct joins errors without repeated lines: a wrong flag is wrong for each
// domain.
func distinct(errs []error) error {
	err := errors.Join(errs...)
	if err == nil {
		return nil
	}
	var all []error
	seen := map[string]bool{}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !seen[line] {
			seen[line] = true
			all = append(all, errors.New(line))
		}
	}
	return errors.Join(all...)
}

package app

import (
	"errors"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// Domains makes what a file would say of domains to inspect: nothing but where to
// look.
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

// distinct joins errors and says each line once: a wrong flag is wrong for each
// of the domains.
func distinct(errs []error) error {
	err := errors.Join(errs...)
	if err == nil {
		return nil
	}
	var all []error
	told := map[string]bool{}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !told[line] {
			told[line] = true
			all = append(all, errors.New(line))
		}
	}
	return errors.Join(all...)
}

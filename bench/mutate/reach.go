package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// unit is a test that runs alone: one of a package, or one within a test that a
// stage names.
type unit struct {
	name    string
	reached map[int]bool  // the mutants that it comes by
	cost    time.Duration // of the processor
}

var passed = regexp.MustCompile(`(?m)^\s*--- PASS: (\S+)`)

// record runs each test of a stage on its own, without a mutant, and writes down
// the mutants that it comes by: the only ones that it can notice.
func (s *stage) record(tmp string, limit time.Duration) error {
	out, err := s.command(limit, limit, s.tests, "-test.v").CombinedOutput()
	if err != nil {
		return fmt.Errorf("the tests of %s fail without a mutant: %s", s.dir, last(out))
	}
	for _, m := range passed.FindAllStringSubmatch(string(out), -1) {
		if name := m[1]; strings.Contains(name, "/") == (s.tests != "") {
			s.units = append(s.units, unit{name: name})
		}
	}
	for i := range s.units {
		u := &s.units[i]
		path := filepath.Join(tmp, "reached")
		cmd := s.command(limit, limit, pattern([]unit{*u}))
		cmd.Env = append(os.Environ(), "MUTANT_RECORD="+path)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s of %s fails on its own: %s", u.name, s.dir, last(out))
		}
		if u.reached, err = reached(path); err != nil {
			return err
		}
		u.cost = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	slices.SortStableFunc(s.units, func(a, b unit) int { return cmp.Compare(a.cost, b.cost) })
	return nil
}

// reached reads and removes what a run recorded.
func reached(path string) (map[int]bool, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ids := map[int]bool{}
	for id := range strings.FieldsSeq(string(text)) {
		n, err := strconv.Atoi(id)
		if err != nil {
			return nil, err
		}
		ids[n] = true
	}
	return ids, os.Remove(path)
}

// kills reports whether a test of the stage notices a mutant. Of many tests the
// quickest go first: most mutants fail most tests that come by them.
func (s *stage) kills(id int, limit time.Duration, tmp string) (bool, error) {
	if s.units == nil && s.whole > 0 {
		if s.whole == mostWhole {
			if out, err := s.command(limit, limit, s.tests).CombinedOutput(); err != nil {
				return false, fmt.Errorf("the tests of %s fail without a mutant: %s", s.dir, last(out))
			}
		}
		s.whole--
		cmd := s.command(limit, limit, s.tests, "-test.failfast")
		cmd.Env = append(os.Environ(), "MUTANT="+strconv.Itoa(id))
		return cmd.Run() != nil, nil
	}
	if s.units == nil {
		if err := s.record(tmp, limit); err != nil {
			return false, err
		}
	}
	var units []unit
	for _, u := range s.units {
		if u.reached[id] {
			units = append(units, u)
		}
	}
	for _, n := range []int{5, 50, len(units)} {
		n = min(n, len(units))
		if n == 0 {
			return false, nil
		}
		patience := 5 * time.Second // of the processor: a mutant in an endless loop does not cost the limit
		for _, u := range units[:n] {
			patience += 10 * u.cost
		}
		cmd := s.command(limit, min(patience, limit), pattern(units[:n]), "-test.failfast")
		cmd.Env = append(os.Environ(), "MUTANT="+strconv.Itoa(id))
		if cmd.Run() != nil {
			return true, nil
		}
		units = units[n:]
	}
	return false, nil
}

// mostWhole is how many mutants run all of a stage that names tests, before its
// tests are recorded one by one: for a few, that costs more.
const mostWhole = 20

// pattern matches the units, which are all on one level, and hardly more.
func pattern(units []unit) string {
	var levels [][]string
	for _, u := range units {
		for i, name := range strings.Split(u.name, "/") {
			if i == len(levels) {
				levels = append(levels, nil)
			}
			if name = regexp.QuoteMeta(name); !slices.Contains(levels[i], name) {
				levels[i] = append(levels[i], name)
			}
		}
	}
	var parts []string
	for _, names := range levels {
		parts = append(parts, "^("+strings.Join(names, "|")+")$")
	}
	return strings.Join(parts, "/")
}

// command runs tests. A mutant that takes more than its share of processor or
// memory does not run free.
func (s stage) command(limit, processor time.Duration, tests string, flags ...string) *exec.Cmd {
	script := fmt.Sprintf(`ulimit -t %.0f -v 8000000; exec "$0" "$@"`, max(processor.Seconds(), 1))
	args := append([]string{"-c", script, s.binary, "-test.timeout", limit.String()}, flags...)
	if tests != "" {
		args = append(args, "-test.run", tests)
	}
	cmd := exec.Command("sh", args...)
	cmd.Dir = s.dir
	return cmd
}

// last is the end of an output.
func last(out []byte) string {
	return string(out[max(0, len(out)-2000):])
}

// Command mutate changes the decisions of a package one at a time and looks
// whether a test notices: mutation testing. A change that no test notices is a
// survivor, and is printed with its place.
//
//	go run ./bench/mutate -sample 80 ./internal/spf
//	go run ./bench/mutate -sample 40 -stage ./internal/check/part/dkim -stage ./internal/command:^TestScenarios$ ./internal/check/part/dkim
//
// All changes are compiled at once, into copies of the files that an overlay lays
// over the package (go help build). The environment picks the one that is in
// force, so that a mutant costs no build, and a run of those tests only that come
// by it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	var o options
	flag.IntVar(&o.sample, "sample", 0, "how many mutants of a package, by chance; 0 for all")
	flag.Uint64Var(&o.seed, "seed", 1, "of the chance")
	flag.DurationVar(&o.limit, "limit", time.Minute, "time for one run of the tests, on the clock and of the processor; more is killed, too")
	only := flag.String("only", "", "mutate the files that match this expression only")
	flag.Func("stage", "repeatable: PACKAGE[:TESTS], tests that a mutant has to survive; default: those of the package", o.addStage)
	flag.Parse()
	var err error
	if o.only, err = regexp.Compile(*only); err != nil || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	for _, dir := range flag.Args() {
		if err := mutate(os.Stdout, dir, o); err != nil {
			fmt.Fprintf(os.Stderr, "mutate: %s: %v\n", dir, err)
			os.Exit(1)
		}
	}
}

type options struct {
	sample int
	seed   uint64
	limit  time.Duration
	only   *regexp.Regexp
	stages []stage
}

// stage is tests that a mutant has to survive.
type stage struct {
	dir, tests string
	binary     string
	units      []unit
	whole      int // how many mutants still run all of it
}

func (o *options) addStage(s string) error {
	dir, tests, _ := strings.Cut(s, ":")
	o.stages = append(o.stages, stage{dir: dir, tests: tests})
	return nil
}

// mutate prints the survivors of one package, and how many were killed.
func mutate(w *os.File, dir string, o options) error {
	tmp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	files, err := candidates(dir, o.only)
	if err != nil {
		return err
	}
	overlay := filepath.Join(tmp, "overlay.json")
	chosen, refused, err := choose(files, overlay, tmp, dir, o)
	if err != nil {
		return err
	}
	stages := slices.Clone(o.stages)
	if len(stages) == 0 {
		stages = []stage{{dir: dir}}
	}
	if err := compile(stages, overlay, tmp); err != nil {
		return err
	}
	for i := range stages {
		if s := &stages[i]; s.tests == "" {
			if err := s.record(tmp, o.limit); err != nil {
				return err
			}
		} else {
			s.whole = mostWhole
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	killed, n := 0, 0
	for _, m := range chosen {
		dead := false
		for i := range stages {
			if dead, err = stages[i].kills(m.id, o.limit, tmp); dead || err != nil {
				break
			}
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil { // which killed the tests, too
			break
		}
		n++
		if dead {
			killed++
			continue
		}
		fmt.Fprintf(w, "%s:%d: %s: %s\n", m.file, m.line, m.what, m.text)
	}
	fmt.Fprintf(w, "%s: %d mutants, %d killed, %d survived: %.1f %%; %d did not compile\n", dir, n, killed, n-killed, 100*float64(killed)/float64(max(n, 1)), refused)
	return nil
}

// choose writes the mutants of the sample behind a switch. Those that the compiler
// refuses are replaced by further ones.
func choose(files []*file, overlay, tmp, dir string, o options) (chosen []*mutant, refused int, err error) {
	var all []*mutant
	for _, f := range files {
		all = append(all, f.mutants...)
	}
	r := rand.New(rand.NewPCG(o.seed, 0))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i, m := range all {
		m.id = i + 1
	}
	want := o.sample
	if want == 0 {
		want = len(all)
	}
	for {
		chosen = all[:min(want, len(all))]
		if err := lay(files, chosen, overlay, tmp, dir); err != nil {
			return nil, 0, err
		}
		out, err := exec.Command("go", "build", "-gcflags=-e", "-overlay", overlay, dir).CombinedOutput()
		if err == nil {
			return chosen, refused, nil
		}
		bad := blamed(chosen, string(out))
		if len(bad) == 0 {
			return nil, 0, errors.New(string(out))
		}
		before := len(all)
		all = slices.DeleteFunc(all, func(m *mutant) bool { return slices.Contains(bad, m) })
		refused += before - len(all)
	}
}

var place = regexp.MustCompile(`(?m)^(\S+\.go):(\d+):\d+: `)

// blamed are the mutants that do not compile: those at the lines that the compiler
// names, or else in the functions that end there for want of a return.
func blamed(chosen []*mutant, out string) (bad []*mutant) {
	for _, m := range place.FindAllStringSubmatch(out, -1) {
		line, _ := strconv.Atoi(m[2])
		at := func(is func(*mutant) bool) (all []*mutant) {
			for _, c := range chosen {
				if filepath.Base(c.file) == filepath.Base(m[1]) && is(c) {
					all = append(all, c)
				}
			}
			return all
		}
		here := at(func(c *mutant) bool { return c.line == line })
		if len(here) == 0 {
			here = at(func(c *mutant) bool { return c.last == line })
		}
		bad = append(bad, here...)
	}
	return bad
}

// lay writes the changed files and the overlay that names them.
func lay(files []*file, chosen []*mutant, overlay, tmp, dir string) error {
	replace := map[string]string{}
	put := func(path, text string) error {
		path, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		to := filepath.Join(tmp, filepath.Base(path))
		replace[path] = to
		return os.WriteFile(to, []byte(text), 0o644)
	}
	for _, f := range files {
		if err := put(f.path, f.with(chosen)); err != nil {
			return err
		}
	}
	if err := put(filepath.Join(dir, "mutant_switch.go"), "package "+files[0].pkg+"\n"+switches); err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(overlay, text, 0o644)
}

// switches are what the changed files call. A run that records writes down the
// mutants that it comes by.
const switches = `
import (
	"os"
	"strconv"
	"sync"
)

var (
	mutant, _      = strconv.Atoi(os.Getenv("MUTANT"))
	mutantRecord   = os.Getenv("MUTANT_RECORD")
	mutantsReached sync.Map
)

func mutates(n int) bool {
	if mutantRecord != "" {
		mutantReached(n)
	}
	return mutant == n
}

func mutantReached(n int) {
	if _, known := mutantsReached.LoadOrStore(n, true); known {
		return
	}
	f, err := os.OpenFile(mutantRecord, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := f.WriteString(strconv.Itoa(n) + "\n"); err != nil {
		panic(err)
	}
}

func mutantText[T ~string](n int, _, text T) T {
	if mutates(n) {
		return ""
	}
	return text
}

func mutantSum[T ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](n int, a, b T) T {
	if mutates(n) {
		return a - b
	}
	return a + b
}

func mutantDifference[T ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](n int, a, b T) T {
	if mutates(n) {
		return a + b
	}
	return a - b
}
`

// compile compiles the tests of the stages, once a package.
func compile(stages []stage, overlay, tmp string) error {
	made := map[string]string{}
	for i := range stages {
		s := &stages[i]
		if made[s.dir] == "" {
			made[s.dir] = filepath.Join(tmp, fmt.Sprintf("tests%d", i))
			out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", made[s.dir], s.dir).CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w\n%s", err, out)
			}
		}
		s.binary = made[s.dir]
	}
	return nil
}

package command

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/resolve/transport"
	"github.com/sescheck/sescheck/internal/web"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// webStory is a story as the command line and the page get it.
type webStory struct {
	dir   string
	call  string                    // of the page
	args  []string                  // of the command line, but for the resolver and the format
	input func(resolver string) any // what the page gets
	lacks string                    // what the page does not have for it; then it has no input
}

// webSaid is what the page says. Which of it there is depends on the call.
type webSaid struct {
	OK                                bool
	Exit                              int
	Text, JSON, YAML, Summary, Stderr string
}

// in is what the page says in a format, as the command line says it: stdout, stderr
// and the exit code.
func (said webSaid) in(call, format string) string {
	switch {
	case call == "lint" && said.OK:
		return said.Text + "0"
	case call == "lint":
		return said.Text + "2"
	case format == "json":
		return said.JSON + said.Stderr + strconv.Itoa(said.Exit)
	}
	return said.YAML + said.Text + said.Summary + said.Stderr + strconv.Itoa(said.Exit)
}

// webPage runs the page on a story, and also returns the resolver that it asked.
type webPage func(t *testing.T, s webStory, served *zonetest.Server) (said webSaid, resolver string)

// TestWebSaysTheSame: of every story that the page can express, it says the same as
// the command line, byte for byte. Here it is plain Go; see TestWebEngine.
// TestScenarios and TestInspect compare the page with the runs that they make.
func TestWebSaysTheSame(t *testing.T) {
	t.Parallel()
	sameAsCommand(t, plainPage, "lint", "import")
}

// plainPage is the page as plain Go.
func plainPage(t *testing.T, s webStory, served *zonetest.Server) (webSaid, string) {
	t.Helper()
	wait, err := time.ParseDuration(patience(t, s.dir))
	if err != nil {
		t.Fatal(err)
	}
	engine := &web.Engine{Version: "test", Now: now, Timeout: wait, Dial: func(address string) (transport.Exchanger, error) {
		all, err := resolve.ParseServers(t.Context(), []string{address})
		if err != nil {
			return nil, err
		}
		return all[0].Exchanger, nil
	}}
	out, err := json.Marshal(called(t, engine, s.input(served.Addr)))
	if err != nil {
		t.Fatal(err)
	}
	return saidIn(t, out), served.Addr
}

// called is what the engine returns, by the kind of its arguments.
func called(t *testing.T, engine *web.Engine, input any) any {
	progress := func(web.Progress) {}
	switch input := input.(type) {
	case web.CheckArgs:
		return engine.Check(t.Context(), input, progress)
	case web.InspectArgs:
		return engine.Inspect(t.Context(), input, progress)
	case web.ImportArgs:
		return engine.Import(t.Context(), input)
	case web.LintArgs:
		return engine.Lint(input)
	}
	t.Fatalf("no call takes %T", input)
	return nil
}

func saidIn(t *testing.T, out []byte) (said webSaid) {
	t.Helper()
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("%v in %.300s", err, out)
	}
	return said
}

// sameAsCommand compares what a page says of all stories of some calls with what the
// command line says.
func sameAsCommand(t *testing.T, page webPage, calls ...string) {
	t.Helper()
	var hurried, usual []webStory
	for _, s := range webStories(t) {
		if patience(t, s.dir) == usualPatience {
			usual = append(usual, s)
		} else {
			hurried = append(hurried, s)
		}
	}
	all := slices.Concat(hurried, usual) // those that wait go first
	lacking, same := map[string][]string{}, make(chan bool, len(all))
	ran, equal, left := 0, 0, 0
	t.Run("all", func(t *testing.T) {
		for _, s := range all {
			name := s.call + " " + strings.TrimPrefix(s.dir, testdata+"/")
			if s.lacks != "" {
				lacking[s.lacks] = append(lacking[s.lacks], name)
				continue
			}
			if !slices.Contains(calls, s.call) {
				continue
			}
			ran++
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				defer func() { same <- !t.Failed() }()
				s.compare(t, page)
			})
		}
	})
	for range len(same) {
		if <-same {
			equal++
		}
	}
	for _, what := range slices.Sorted(maps.Keys(lacking)) {
		t.Logf("left out, because the page has no %s: %s", what, strings.Join(lacking[what], ", "))
		left += len(lacking[what])
	}
	t.Logf("%d of %d stories ran, %d are equal", ran, len(all), equal)
	if left > len(all)/20 {
		t.Errorf("%d stories are left out", left)
	}
}

// compare runs both on a story, and returns what the command line says as text. One
// run of it writes the text and the JSON.
func (s webStory) compare(t *testing.T, page webPage) (said outcome) {
	t.Helper()
	start := func() *zonetest.Server { return zonetest.Start(t, filepath.Join(testdata, "common"), s.dir) }
	served := start()
	of, resolver := page(t, s, served)
	if exists(filepath.Join(s.dir, "faults")) { // those of the page have happened
		served = start()
	}
	same := func(format, printed string) {
		t.Helper()
		if diff := cmp.Diff(still(printed, s.dir, said.addr), still(of.in(s.call, format), s.dir, resolver)); diff != "" {
			t.Errorf("%s: command line -, page +\n%s", format, diff)
		}
	}
	said.addr = served.Addr
	args := append([]string{s.call}, s.args...)
	if s.call == "lint" || s.call == "import" {
		said.out, said.errs, said.code = run(t, args...)
		same("", said.out+said.errs+said.code)
		return said
	}
	report := filepath.Join(t.TempDir(), "report.json")
	args = append(args, "--resolver", served.Addr, "--timeout", patience(t, s.dir), "--format", "text", "--write", "json="+report)
	said.out, said.errs, said.code = run(t, args...)
	same("text", said.out+said.errs+said.code)
	text, err := os.ReadFile(report)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // there is none if the run could not begin
		t.Fatal(err)
	}
	same("json", string(text)+said.errs+said.code)
	return said
}

// webStories are the stories of check, inspect and import, and those of check as
// lint gets them.
func webStories(t *testing.T) (all []webStory) {
	t.Helper()
	for _, dir := range scenarios(t) {
		all = append(all, webCheck(t, dir))
		file := filepath.Join(dir, "sescheck.yaml")
		all = append(all, webStory{dir: dir, call: "lint", args: []string{file}, input: func(string) any {
			return web.LintArgs{Files: fileAndLock(t, dir)}
		}})
	}
	for _, dir := range inspections(t) {
		all = append(all, webInspect(t, dir))
	}
	for _, dir := range imports(t) {
		all = append(all, webImport(t, dir))
	}
	return all
}

var faultOfTCP = regexp.MustCompile(`(?m)^\S+ (\d+ )?tcp `)

// notInBrowsers is what a story has that a browser does not; "" for nothing.
func notInBrowsers(t *testing.T, dir string) string {
	t.Helper()
	beside, err := filepath.Glob(filepath.Join(dir, "*", "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	if len(beside) > 0 {
		return ".tf files next to a plan"
	}
	if faults := filepath.Join(dir, "faults"); exists(faults) && faultOfTCP.MatchString(readFile(t, faults)) {
		return "DNS over TCP"
	}
	return ""
}

func fileAndLock(t *testing.T, dir string) []web.File {
	return append(textsAt(t, filepath.Join(dir, "sescheck.yaml")), textsAt(t, filepath.Join(dir, config.LockName))...)
}

func webCheck(t *testing.T, dir string) webStory {
	args := storyArgs(t, dir)
	in := web.CheckArgs{Files: fileAndLock(t, dir)}
	s := webStory{dir: dir, call: "check", lacks: notInBrowsers(t, dir), args: append(slices.Clone(args), filepath.Join(dir, "sescheck.yaml"))}
	s.input = func(resolver string) any {
		in.Resolver = resolver
		return in
	}
	for len(args) > 0 {
		flag, value := args[0], ""
		if args = args[1:]; len(args) > 0 {
			value = args[0]
		}
		var files *[]web.File
		switch flag {
		case "--offline":
			in.Offline = true
			continue
		case "--zones":
			files = &in.Zones
		case "--plan":
			files = &in.Plan
		case "--ses":
			files = &in.SES
		default:
			if !strings.HasPrefix(flag, "-") {
				in.Files = append(textsAt(t, flag), in.Files...)
				continue
			}
			s.lacks = flag
			return s
		}
		*files, args = append(*files, textsAt(t, value)...), args[1:]
	}
	return s
}

func webInspect(t *testing.T, dir string) webStory {
	args := storyArgs(t, dir)
	var in web.InspectArgs
	s := webStory{dir: dir, call: "inspect", args: slices.Clone(args)}
	s.input = func(resolver string) any {
		in.Resolver = resolver
		return in
	}
	for len(args) > 0 {
		flag := args[0]
		if args = args[1:]; !strings.HasPrefix(flag, "-") {
			in.Domains = append(in.Domains, flag)
			continue
		}
		switch flag {
		case "--region":
			in.Region = args[0]
		case "--mail-from":
			in.MailFrom = args[0]
		case "--dkim":
			in.Tokens = append(in.Tokens, args[0])
		case "--selector":
			in.Selectors = append(in.Selectors, args[0])
		default:
			s.lacks = flag
			return s
		}
		args = args[1:]
	}
	return s
}

// webImport gives what a story pipes in as a file to both.
func webImport(t *testing.T, dir string) webStory {
	args := storyArgs(t, dir)
	if i := slices.Index(args, "-"); i >= 0 {
		args[i] = filepath.Join(put(t, map[string]string{"pasted.json": readFile(t, filepath.Join(dir, "stdin"))}), "pasted.json")
	}
	var in web.ImportArgs
	s := webStory{dir: dir, call: "import", args: slices.Clone(args), input: func(string) any { return in }}
	for len(args) > 0 {
		flag := args[0]
		args = args[1:]
		switch {
		case flag == "--all":
			in.All = true
			continue
		case exists(flag):
			in.Files = append(in.Files, textsAt(t, flag)...)
			continue
		case !strings.HasPrefix(flag, "-"):
			s.lacks = "import of live DNS"
			return s
		}
		switch flag {
		case "--region":
			in.Region = args[0]
		case "--identity":
			in.Identity = args[0]
		case "--byodkim":
			in.Own = append(in.Own, args[0])
		default:
			s.lacks = flag
			return s
		}
		args = args[1:]
	}
	return s
}

// textsAt are the files at a path, as web/dom.js reads them: UTF-8, or UTF-16.
func textsAt(t *testing.T, root string) (all []web.File) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), raw)
		all = append(all, web.File{Name: filepath.ToSlash(path), Text: string(text), Folder: path != root})
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}

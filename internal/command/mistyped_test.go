package command

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/hostile"
)

// TestMistypes: the error about a mistyped command line has a correction.
func TestMistypes(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"chek":                      `there is no file "chek", and no such command (did you mean check?)`,
		"record":                    `there is no file "record", and no such command (did you mean records?)`,
		"check chek":                `there is no file "chek"`,
		"example.com":               "to check a domain without a file: `sescheck inspect example.com`",
		"check example.com":         "--domain example.com",
		"sescheck.yml":              `there is no file "sescheck.yml"`,
		"nothing/*.yaml":            `no file matches "nothing/*.yaml"`,
		"completion":                "the shell is missing; choose bash, fish, powershell or zsh",
		"completion tcsh":           `there are no completions for "tcsh"`,
		"check --foo":               "there is no flag --foo; `sescheck check -h` lists them",
		"check --form x":            "there is no flag --form (did you mean --format?)",
		"check --resolvers 1.1.1.1": "there is no flag --resolvers (did you mean --resolver?)",
		"check -f":                  "there is no flag -f; `sescheck check -h` lists them",
		"check -q":                  "there is no flag -q (did you mean --quiet?); `sescheck check -h` lists them",
		"-q":                        "there is no flag -q (did you mean --quiet?); `sescheck check -h` lists them",
		"-x":                        "there is no flag -x; `sescheck check -h` lists them",
		"--quite":                   "there is no flag --quite (did you mean --quiet?); `sescheck check -h` lists them",
		"inspect -q a.example":      "`sescheck inspect -h` lists them",
		"--fail-on":                 "--fail-on needs a value: lowest severity that fails the run: error, warning, note or never",
		"check --timeout 5":         `--timeout "5": write a time with its unit, such as 500ms, 5s or 2m`,
		"check --concurrency x":     `--concurrency "x": write a whole number`,
		"check --offline=x":         `--offline "x": write no value, or true or false`,
		"check --::error::=x":       "there is no flag --::error::",
		"explain a b":               "\"b\" is one argument too many; the usage is `sescheck explain [check]`, and `sescheck explain -h` has examples",
		"explain spf-lookup":        `no check "spf-lookup" (did you mean spf-lookups?); `,
		"explain foo":               "no check \"foo\"; `sescheck explain` lists them",
		"explain lookups":           "no check \"lookups\"; `sescheck explain '*lookups*'` lists those that have it in their name",
		"check --concurrency 0":     "--concurrency must be from 1 to 10000",
		"check --concurrency -1":    "--concurrency must be from 1 to 10000",
		"inspect --rate 0 --resolver 127.0.0.1:1 a.example": "--rate must be more than 0; without it there is no limit",
		"records --rate -1":      "--rate must be more than 0",
		"lock --timeout 0s":      "--timeout must be more than 0, such as 2s",
		"check --retries -1":     "--retries must be from 0 to 100",
		"import --deadline 0s .": "--deadline must be more than 0, such as 5m",
		"check --deadline -1m":   "--deadline must be more than 0, such as 5m",
		"check --wait -1s":       "--wait must not be less than 0; give a time such as 5m",
		"inspect --zones no-folder --resolver 127.0.0.1:1 a.example": `--zones "no-folder": there is no such file or folder; name one with zone files, such as example.com.zone`,
		"import --zones no-folder --offline a.example":               `--zones "no-folder": there is no such file or folder`,
		"inspect":               "DOMAIN… is missing; the usage is `sescheck inspect",
		"merge":                 "REPORT.json… is missing; the usage is `sescheck merge",
		"schema x":              `"x" is one argument too many; the usage is `,
		"help chek":             `there is no command "chek" (did you mean check?)`,
		"records --format bind": "there are table, zone, json, terraform, route53, octodns, dnscontrol",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			out, errs, code := run(t, strings.Fields(line)...)
			if code != "2" || out != "" || !strings.Contains(errs, want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("exit %s: %s%s", code, out, errs)
			}
			if c := hostile.Commands(errs); len(c) > 0 {
				t.Errorf("the runner would obey %q", c)
			}
		})
	}
}

// TestNoFile: without a file, the error has the searched places and ways to get a
// file.
func TestNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{}, {"check"}, {"lint"}, {"records"}} {
		out, errs, code := run(t, args...)
		if code != "2" || out != "" {
			t.Errorf("exit %s: %s", code, out)
		}
		for _, want := range []string{"sescheck.yaml, sescheck.yml, .github/sescheck.yaml or .github/sescheck.yml", "`sescheck import`", "version: 1\n"} {
			if !strings.Contains(errs, want) {
				t.Errorf("%s is not in %s", want, errs)
			}
		}
	}
}

// TestHelp: every command has a description, examples and its flags, the same with
// -h, --help and help.
func TestHelp(t *testing.T) {
	t.Parallel()
	root := newRoot(&Env{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}})
	commands := slices.DeleteFunc(root.Commands(), func(c *cobra.Command) bool { return c.Hidden })
	if len(commands) < 9 {
		t.Errorf("only %d commands", len(commands))
	}
	for _, c := range commands {
		name := c.Name()
		out, errs, code := run(t, name, "-h")
		if code != "0" || errs != "" || c.Short == "" || name != "completion" && !strings.Contains(out, "Examples:\n  ") {
			t.Errorf("%s -h: exit %s: %s%s", name, code, out, errs)
		}
		if name == "help" {
			continue
		}
		for _, other := range [][]string{{name, "--help"}, {"help", name}} {
			if o, _, code := run(t, other...); o != out || code != "0" {
				t.Errorf("%v says something else than -h", other)
			}
		}
	}
	if out, _, code := run(t, "-h"); code != "0" || !strings.Contains(out, "  completion ") || strings.Contains(out, "  action ") {
		t.Error(out)
	}
}

// TestCompletion: the scripts are complete, and their requests are answered.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		out, errs, code := run(t, "completion", shell)
		if code != "0" || errs != "" || !strings.Contains(out, "__complete") {
			t.Errorf("%s: exit %s: %s", shell, code, errs)
		}
		path, err := exec.LookPath(shell)
		if err != nil || shell == "powershell" {
			continue
		}
		syntax := exec.CommandContext(t.Context(), path, "-n")
		syntax.Stdin = strings.NewReader(out)
		if output, err := syntax.CombinedOutput(); err != nil {
			t.Errorf("%s does not take its script: %v\n%s", shell, err, output)
		}
	}
	for line, want := range map[string]struct {
		offers    []string
		directive string
	}{
		"check |":               {[]string{"yaml", "yml"}, ":8"}, // files with these suffixes
		"records |":             {[]string{"yaml", "yml"}, ":8"},
		"lint |":                {[]string{"yaml", "yml"}, ":8"},
		"explain |":             {[]string{"spf-lookups", "dkim-missing"}, ":4"},
		"check --check |":       {[]string{"spf-lookups", "dkim-missing"}, ":4"},
		"check --format |":      {[]string{"text", "github", "sarif"}, ":4"},
		"records --format |":    {[]string{"table", "octodns", "dnscontrol"}, ":4"},
		"records --provider |":  {[]string{"route53", "cloudflare"}, ":4"},
		"check --fail-on |":     {[]string{"never"}, ":4"},
		"check --zones |":       {nil, ":16"}, // folders
		"check --only|":         {nil, ":4"},
		"help |":                {[]string{"check", "records"}, ":4"},
		"rec|":                  {[]string{"records\tWrite the DNS records that the file asks for"}, ":8"},
		"check --baseline r.j|": {[]string{"json"}, ":8"},
	} {
		words := strings.Split(line, " ")
		last := len(words) - 1
		words[last] = strings.TrimSuffix(words[last], "|")
		out, _, _ := run(t, append([]string{"__complete"}, words...)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		for _, o := range want.offers {
			if !slices.Contains(lines, o) {
				t.Errorf("%s: %s is not offered: %s", line, o, out)
			}
		}
		if !slices.Contains(lines, want.directive) {
			t.Errorf("%s: not %s: %s", line, want.directive, out)
		}
	}
}

// TestColor: which setting decides about colour.
func TestColor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flag, env string
		terminal  bool
		want      bool
	}{
		{"auto", "", true, true}, {"auto", "", false, false},
		{"auto", "NO_COLOR=1", true, false}, {"always", "NO_COLOR=1", false, true}, {"never", "CLICOLOR_FORCE=1", true, false},
		{"auto", "CLICOLOR_FORCE=1", false, true}, {"auto", "CLICOLOR_FORCE=0", false, false}, {"auto", "CLICOLOR_FORCE=1 NO_COLOR=1", true, false},
		{"auto", "CLICOLOR=0", true, false}, {"auto", "TERM=dumb", true, false}, {"auto", "TERM=xterm", true, true},
	} {
		env := &Env{StdoutTerminal: c.terminal, Getenv: func(name string) string {
			for word := range strings.FieldsSeq(c.env) {
				if v, ok := strings.CutPrefix(word, name+"="); ok {
					return v
				}
			}
			return ""
		}}
		f := outputFlags{color: c.flag}
		if got := f.colored(env); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestWidth: on a terminal, sentences are wrapped at its width and records are not;
// elsewhere nothing is.
func TestWidth(t *testing.T) {
	t.Parallel()
	report := func(width int) string {
		var out bytes.Buffer
		env := Env{Version: "test", Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, StdoutTerminal: width > 0, StdoutWidth: width}
		Main(t.Context(), []string{"check", "--color", "never", "--zones", "../../examples/zones", "--offline", "../../examples/sescheck.yaml"}, env)
		return still(out.String(), "no folder", "no server")
	}
	words := func(s string) []string { return strings.Fields(s) }
	plain := report(0)
	if !strings.Contains(plain, "impact    SES treats the MAIL FROM domain as failed: mail goes out as amazonses.com, and SPF no longer aligns; after 72 hours SES stops looking\n") {
		t.Error("it is wrapped without a terminal")
	}
	for width := 1; width <= 200; width++ {
		got := report(width)
		if !slices.Equal(words(got), words(plain)) {
			t.Fatalf("%d columns: words are lost\n%s", width, got)
		}
		if width < 40 {
			continue
		}
		head := ""
		for line := range strings.Lines(got) {
			line = strings.TrimSuffix(line, "\n")
			if h, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.HasPrefix(line, "           ") && slices.Contains([]string{"expected", "found", "add", "remove", "replace", "by", "impact", "fix"}, h) {
				head = h
			} else if !strings.HasPrefix(line, "           ") {
				head = "other"
			} else if !strings.HasPrefix(line, "                     ") {
				head = "message"
			}
			if n := utf8.RuneCountInString(line); n > width && (head == "impact" || head == "fix" || head == "message") && len(words(line)) > 2 {
				t.Errorf("%d columns: %d: %s", width, n, line)
			}
		}
	}
	if wide := report(2000); wide != plain {
		t.Error("it is wrapped where there is room")
	}
}

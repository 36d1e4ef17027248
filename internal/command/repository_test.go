package command

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// namedFiles returns the files that a report names, each once.
func namedFiles(t *testing.T, text, pattern string) (files []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(files, m[1]) {
			files = append(files, m[1])
		}
	}
	slices.Sort(files)
	return files
}

// TestPathsInStep: paths in reports start at the repository's root, for any working
// directory of a step and any spelling of the files. On a terminal they stay as
// given.
func TestPathsInStep(t *testing.T) {
	files := map[string]string{
		"mono/dns/sescheck.yaml": stepFile + "    dmarc: reject\n", "mono/dns/zones/example.com.zone": stepZone, "mono/other/example.com.zone": stepZone, "mono/x y/sescheck.yaml": stepFile + "    dmarc: reject\n",
	}
	for name, c := range map[string]struct {
		folder, file, zones string
		want                []string
	}{
		"in the root":             {"", "mono/dns/sescheck.yaml", "mono/dns/zones", []string{"mono/dns/sescheck.yaml", "mono/dns/zones/example.com.zone"}},
		"in a folder":             {"mono/dns", "sescheck.yaml", "zones", []string{"mono/dns/sescheck.yaml", "mono/dns/zones/example.com.zone"}},
		"found there":             {"mono/dns", "", "zones", []string{"mono/dns/sescheck.yaml", "mono/dns/zones/example.com.zone"}},
		"beside it":               {"mono/dns", "sescheck.yaml", "../other", []string{"mono/dns/sescheck.yaml", "mono/other/example.com.zone"}},
		"above it":                {"mono/dns/zones", "../sescheck.yaml", ".", []string{"mono/dns/sescheck.yaml", "mono/dns/zones/example.com.zone"}},
		"a blank in it":           {"mono/x y", "sescheck.yaml", "../other", []string{"mono/other/example.com.zone", "mono/x y/sescheck.yaml"}},
		"absolute, in the root":   {"", "$WORKSPACE/mono/dns/sescheck.yaml", "$WORKSPACE/mono/dns/zones", []string{"mono/dns/sescheck.yaml", "mono/dns/zones/example.com.zone"}},
		"absolute, in a folder":   {"mono/other", "$WORKSPACE/mono/dns/sescheck.yaml", "$WORKSPACE/mono/other", []string{"mono/dns/sescheck.yaml", "mono/other/example.com.zone"}},
		"folders and a zone file": {"mono", "dns", "other/example.com.zone", []string{"mono/dns/sescheck.yaml", "mono/other/example.com.zone"}},
	} {
		t.Run(name, func(t *testing.T) {
			workspace := put(t, files)
			t.Chdir(filepath.Join(workspace, c.folder))
			out := t.TempDir()
			args := []string{"check", "--offline", "--zones", c.zones}
			for _, format := range []string{"sarif", "gitlab", "json", "junit", "markdown"} {
				args = append(args, "--write", format+"="+filepath.Join(out, format))
			}
			if c.file != "" {
				args = append(args, c.file)
			}
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "$WORKSPACE", workspace)
			}
			for _, env := range []Env{{Getenv: vars{"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": workspace}.get}, {Getenv: vars{}.get, Checkout: mustWhole(t, workspace)}} {
				var stdout, stderr bytes.Buffer
				env.Stdout, env.Stderr = &stdout, &stderr
				code := Main(t.Context(), append([]string{args[0], "--format", "github"}, args[1:]...), env)
				if code != exitFindings || stderr.Len() > 0 {
					t.Fatalf("exit %d\n%s%s", code, &stdout, &stderr)
				}
				read := func(format string) string { return readFile(t, filepath.Join(out, format)) }
				for format, got := range map[string][]string{
					"github":   namedFiles(t, stdout.String(), `(?m)^::\w+ (?:col=\d+,)?file=([^,]*),`),
					"sarif":    namedFiles(t, strings.ReplaceAll(read("sarif"), "%20", " "), `"uri": "([^"]*)"`),
					"gitlab":   namedFiles(t, read("gitlab"), `"path": "([^"]*)"`),
					"json":     namedFiles(t, read("json"), `"file": "([^"]*)"`),
					"markdown": namedFiles(t, read("markdown"), "(?m)(?:^`example.com`, |Made by )(\\S[^\n]*) line \\d+$"),
				} {
					if !slices.Equal(got, c.want) {
						t.Errorf("%s has %q, want %q", format, got, c.want)
					}
				}
				if got := namedFiles(t, read("junit"), ` file="([^"]*)"`); !slices.Equal(got, c.want[:1]) && !slices.Equal(got, c.want[1:]) {
					t.Errorf("junit has %q", got)
				}
			}
		})
	}
}

// TestPathsBelowWorkspace: actions/checkout with a path makes the repository a folder
// of the workspace. GitHub takes paths as those from the root of the repository all
// the same, while the inputs of the action have them from the workspace.
func TestPathsBelowWorkspace(t *testing.T) {
	const config, wrong = stepFile + "    dmarc: reject\n", "version: 1\ndomains:\n  a.example: {regoin: x}\n"
	files := map[string]string{
		"src/app/dns/sescheck.yaml": config, "src/app/dns/wrong.yaml": wrong, "src/app/zones/example.com.zone": stepZone,
		"more/zones/example.com.zone": stepZone, "made/example.com.zone": stepZone, "made/sescheck.yaml": config, "made/wrong.yaml": wrong,
	}
	for name, c := range map[string]struct {
		git         []string // the folders with a .git
		file, zones string
		want        []string
	}{
		"a checkout below":             {[]string{"src/app"}, "src/app/dns/sescheck.yaml", "src/app/zones", []string{"dns/sescheck.yaml", "zones/example.com.zone"}},
		"absolute":                     {[]string{"src/app"}, "$WORKSPACE/src/app/dns/sescheck.yaml", "$WORKSPACE/src/app/zones", []string{"dns/sescheck.yaml", "zones/example.com.zone"}},
		"by a folder":                  {[]string{"src/app"}, "src/app/dns/s*.yaml", "src/app", []string{"dns/sescheck.yaml", "zones/example.com.zone"}},
		"two checkouts":                {[]string{"src/app", "more"}, "src/app/dns/sescheck.yaml", "more/zones", []string{"dns/sescheck.yaml", "zones/example.com.zone"}},
		"a zone beside it":             {[]string{"src/app"}, "src/app/dns/sescheck.yaml", "made", []string{"dns/sescheck.yaml", "made/example.com.zone"}},
		"a file beside it":             {[]string{"src/app"}, "made/sescheck.yaml", "src/app/zones", []string{"made/sescheck.yaml", "zones/example.com.zone"}},
		"no checkout":                  {nil, "src/app/dns/sescheck.yaml", "src/app/zones", []string{"src/app/dns/sescheck.yaml", "src/app/zones/example.com.zone"}},
		"a submodule of the workspace": {[]string{".", "src/app"}, "src/app/dns/sescheck.yaml", "src/app/zones", []string{"src/app/dns/sescheck.yaml", "src/app/zones/example.com.zone"}},
	} {
		t.Run(name, func(t *testing.T) {
			workspace := put(t, files)
			for _, folder := range c.git {
				if err := os.WriteFile(filepath.Join(workspace, folder, ".git"), []byte("gitdir: /elsewhere\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(workspace)
			inputs := vars{"INPUT_FILES": c.file, "INPUT_ZONES": c.zones, "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": workspace}
			action := func() string {
				var out bytes.Buffer
				env := Env{Stdout: &out, Stderr: &out, Getenv: func(name string) string { return strings.ReplaceAll(inputs.get(name), "$WORKSPACE", workspace) }}
				Main(t.Context(), []string{"action"}, env)
				return out.String()
			}
			inputs["INPUT_WRITE"] = "sarif=report.sarif"
			out := action()
			for format, got := range map[string][]string{
				"github": namedFiles(t, out, `(?m)^::\w+ (?:col=\d+,)?file=([^,]*),`),
				"sarif":  namedFiles(t, readFile(t, filepath.Join(workspace, "report.sarif")), `"uri": "([^"]*)"`),
				"json":   namedFiles(t, readFile(t, filepath.Join(workspace, ".sescheck", "report.json")), `"file": "([^"]*)"`),
			} {
				if !slices.Equal(got, c.want) {
					t.Errorf("%s has %q, want %q\n%s", format, got, c.want, out)
				}
			}
			inputs["INPUT_FILES"] = filepath.Dir(c.file) + "/wrong.yaml"
			if want := ",file=" + filepath.ToSlash(filepath.Dir(c.want[0])) + "/wrong.yaml,line=3,"; !strings.Contains(action(), want) {
				t.Errorf("no %s in\n%s", want, action())
			}
		})
	}
}

func mustWhole(t *testing.T, path string) string {
	t.Helper()
	path, err := untrusted.Whole(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPathsOfWrongFiles: mistakes in a file are annotated at its path from the
// root. On a terminal the path stays as given.
func TestPathsOfWrongFiles(t *testing.T) {
	files := map[string]string{"dns/sescheck.yaml": "version: 1\ndomains:\n  a.example: {regoin: x}\n"}
	for _, args := range [][]string{{"check"}, {"check", "sescheck.yaml"}, {"check", "../dns/"}} {
		if s := inStep(t, files, "dns", nil, args...); !strings.HasPrefix(s.out, "::error col=15,file=dns/sescheck.yaml,line=3,title=sescheck::") {
			t.Errorf("%q: %s%s", args, s.out, s.errs)
		}
	}
	t.Chdir(filepath.Join(put(t, files), "dns"))
	if _, errs, _ := run(t, "check"); !strings.HasPrefix(errs, "sescheck.yaml:3:15: ") {
		t.Errorf("at a terminal: %s", errs)
	}
}

// TestMergedPaths: paths in JSON reports start at the root, in any working
// directory of merge.
func TestMergedPaths(t *testing.T) {
	files := map[string]string{"dns/sescheck.yaml": stepFile, "dns/zones/example.com.zone": stepZone, "dns/sescheck2.yaml": "version: 1\n"}
	workspace := put(t, files)
	env := Env{Getenv: vars{"GITHUB_WORKSPACE": workspace}.get}
	main := func(folder string, args ...string) string {
		var out bytes.Buffer
		env.Stdout, env.Stderr = &out, &out
		t.Chdir(filepath.Join(workspace, folder))
		Main(t.Context(), args, env)
		return out.String()
	}
	report := filepath.Join(t.TempDir(), "r.json")
	main("dns", "check", "--zones", "zones", "--offline", "--write", "json="+report)
	for _, folder := range []string{"", "dns"} {
		if out := main(folder, "merge", "--format", "github", report); !strings.Contains(out, "file=dns/zones/example.com.zone,") || !strings.Contains(out, "Expected by: dns/sescheck.yaml line") {
			t.Errorf("in %q: %s", folder, out)
		}
	}
}

// TestOriginsOutside: reports have no paths of code outside the repository.
func TestOriginsOutside(t *testing.T) {
	zones := put(t, map[string]string{"zones/example.com.zone": stepZone})
	for _, env := range []vars{{}, {"GITHUB_WORKSPACE": "$WORKSPACE"}} {
		workspace := put(t, map[string]string{"sescheck.yaml": stepFile})
		t.Chdir(workspace)
		if env["GITHUB_WORKSPACE"] != "" {
			env["GITHUB_WORKSPACE"] = workspace
		}
		var out, errs bytes.Buffer
		Main(t.Context(), []string{"check", "--zones", filepath.Join(zones, "zones"), "--offline", "--format", "json"}, Env{Stdout: &out, Stderr: &errs, Getenv: env.get})
		var r struct {
			Findings []struct {
				Check  string
				Source *struct{ File string }
			}
		}
		if err := json.Unmarshal(out.Bytes(), &r); err != nil || len(r.Findings) == 0 {
			t.Fatal(err, errs.String())
		}
		for _, f := range r.Findings {
			if f.Source != nil && f.Source.File != "" {
				t.Errorf("%s has the source %s", f.Check, f.Source.File)
			}
		}
	}
}

// TestSummaryLinks: the summary links places at the commit, and checks to their
// page at the release.
func TestSummaryLinks(t *testing.T) {
	sha := strings.Repeat("0123456789", 4)
	files := map[string]string{"dns (x)/sescheck.yaml": stepFile + "    dmarc: reject\n", "dns (x)/zones/example.com.zone": stepZone}
	env := vars{"GITHUB_SERVER_URL": "https://github.example.com:8443", "GITHUB_REPOSITORY": "o/r.s_t", "GITHUB_SHA": sha}
	args := []string{"check", "--zones", "zones", "--offline"}
	links := func(env vars) []string {
		s := inStepLinked(t, files, "dns (x)", env, args...)
		return regexp.MustCompile(`\]\((https?://[^)]*)\)`).FindAllString(s, -1)
	}
	blob := "](https://github.example.com:8443/o/r.s_t/blob/" + sha + "/dns%20%28x%29/"
	got := strings.Join(links(env), "\n")
	for _, want := range []string{blob + "sescheck.yaml#L5)", blob + "zones/example.com.zone#L3)", blob + "sescheck.yaml#L6)"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	files["dns (x)/sescheck.yaml"] = "version: 1\ndomains:\n  a.example: {regoin: x}\n"
	wrong := summaryOf(t, files, "dns (x)", env, args...)
	if want := "- [dns (x)/sescheck.yaml line 3" + blob + "sescheck.yaml#L3): a domain has no key"; !strings.Contains(wrong, want) {
		t.Errorf("no %s in\n%s", want, wrong)
	}
	files["dns (x)/sescheck.yaml"] = stepFile + "    dmarc: reject\n"
	for name, value := range map[string]string{"GITHUB_SERVER_URL": "javascript:x", "GITHUB_REPOSITORY": "o/r)[x](y", "GITHUB_SHA": "main"} {
		wrong := vars{"GITHUB_SERVER_URL": env["GITHUB_SERVER_URL"], "GITHUB_REPOSITORY": env["GITHUB_REPOSITORY"], "GITHUB_SHA": env["GITHUB_SHA"]}
		wrong[name] = value
		if got := strings.Join(links(wrong), "\n"); strings.Contains(got, "blob/"+sha) || strings.Contains(got, value) {
			t.Errorf("%s=%s: %s", name, value, got)
		}
	}
}

// summaryOf returns the summary of a step at a release.
func summaryOf(t *testing.T, files map[string]string, folder string, env vars, args ...string) string {
	t.Helper()
	workspace := put(t, files)
	t.Chdir(filepath.Join(workspace, folder))
	env["GITHUB_ACTIONS"], env["GITHUB_WORKSPACE"], env["GITHUB_STEP_SUMMARY"] = "true", workspace, filepath.Join(t.TempDir(), "summary")
	var out bytes.Buffer
	Main(t.Context(), args, Env{Version: "1.2.3", Stdout: &out, Stderr: &out, Getenv: env.get})
	return readFile(t, env["GITHUB_STEP_SUMMARY"])
}

// inStepLinked is the summary of a step whose places are links.
func inStepLinked(t *testing.T, files map[string]string, folder string, env vars, args ...string) string {
	t.Helper()
	summary := summaryOf(t, files, folder, env, args...)
	if !strings.Contains(summary, "](https://github.com/sescheck/sescheck/blob/v1.2.3/docs/checks.md#mail-from-mx-wrong)") {
		t.Errorf("checks lead elsewhere:\n%s", summary)
	}
	return summary
}

// TestSummaryOrder: failures come first in the summary.
func TestSummaryOrder(t *testing.T) {
	dir := put(t, map[string]string{
		"sescheck.yaml":    "version: 1\ndomains:\n  a.example: {spf: none}\n  b.example: {spf: none}\n  c.example: {spf: none}\n  d.example: {spf: none}\n",
		"z/a.example.zone": "$ORIGIN a.example.\n@ 300 IN SOA ns h 1 1 1 1 1\n", "z/c.example.zone": "$ORIGIN c.example.\n@ 300 IN SOA ns h 1 1 1 1 1\n@ 300 IN TXT \"v=spf1 -all\"\n", "z/d.example.zone": "$ORIGIN d.example.\n@ 300 IN SOA ns h 1 1 1 1 1\n",
	})
	out, _, _ := run(t, "check", "--zones", filepath.Join(dir, "z"), "--offline", "--format", "markdown", filepath.Join(dir, "sescheck.yaml"))
	rows := regexp.MustCompile("(?m)^\\| `([a-z])\\.example` \\| (\\S+ \\w+) ").FindAllStringSubmatch(out, -1)
	var got []string
	for _, r := range rows {
		got = append(got, r[1]+" "+r[2])
	}
	if want := "c ❌ fail, b ❔ inconclusive, a ✅ pass, d ✅ pass"; strings.Join(got, ", ") != want {
		t.Errorf("the rows are %q\n%s", got, out)
	}
	if strings.Contains(out, "| | |") {
		t.Errorf("a table has an empty head\n%s", out)
	}
}

// TestRoot: the root is the innermost repository around the working directory.
func TestRoot(t *testing.T) {
	t.Parallel()
	dir := mustWhole(t, put(t, map[string]string{"ws/sub/deep/x": "", "other/x": ""}))
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	if err := os.Symlink(at("ws"), at("link")); err != nil {
		t.Skip("no links here")
	}
	for _, c := range []struct{ here, workspace, checkout, want string }{
		{"ws/sub", "ws", "", "ws"},
		{"ws/sub", "", "ws", "ws"},
		{"ws/sub/deep", "ws", "ws/sub", "ws/sub"}, // actions/checkout with a path
		{"ws/sub", "ws/sub", "ws", "ws/sub"},
		{"other", "ws", "", ""},
		{"ws/sub", "link", "", "ws"},
		{"ws", "gone", "", ""},
	} {
		env := &Env{Getenv: func(string) string {
			if c.workspace == "" {
				return ""
			}
			return at(c.workspace)
		}}
		if c.checkout != "" {
			env.Checkout = at(c.checkout)
		}
		want := ""
		if c.want != "" {
			want = at(c.want)
		}
		if got := env.root(at(c.here)); got != want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestSARIFOutside: a file outside the repository has an absolute file URL, also on
// Windows.
func TestSARIFOutside(t *testing.T) {
	dir := put(t, map[string]string{"dns/sescheck.yaml": stepFile, "ws/x": ""})
	t.Chdir(filepath.Join(dir, "ws"))
	held := put(t, map[string]string{"example.com.zone": stepZone})
	file := filepath.Join(dir, "dns", "sescheck.yaml")
	var out bytes.Buffer
	Main(t.Context(), []string{"check", "--zones", held, "--offline", "--format", "sarif", file}, Env{Stdout: &out, Stderr: &out, Getenv: vars{}.get})
	if want := `"uri": "file:///` + strings.TrimPrefix(filepath.ToSlash(file), "/") + `"`; !strings.Contains(out.String(), want) {
		t.Errorf("no %s in\n%s", want, out.String())
	}
}

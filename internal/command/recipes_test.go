package command

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// documents parses all YAML documents of a text.
func documents(t *testing.T, text string) (all []any) {
	t.Helper()
	for d := yaml.NewDecoder(strings.NewReader(text)); ; {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		all = append(all, v)
	}
}

// commands returns the command lines of sescheck in the values of a YAML document.
func commands(v any) (found []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = append(found, commands(e)...)
		}
	case map[string]any:
		for _, e := range v {
			found = append(found, commands(e)...)
		}
	case string:
		for line := range strings.Lines(v) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "sescheck ") {
				found = append(found, line)
			}
		}
	}
	return found
}

// TestRecipes parses the recipes of docs/other-ci.md for CI systems, and runs their
// command lines of sescheck.
func TestRecipes(t *testing.T) {
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	component := readFile(t, "../../templates/sescheck.yml")
	page := readFile(t, "../../docs/other-ci.md")
	files := map[string][]string{}
	for _, m := range fenced.FindAllStringSubmatch(page, -1) {
		switch m[1] {
		case "yaml":
			for _, d := range documents(t, m[3]) {
				files[m[2]] = append(files[m[2]], commands(d)...)
			}
		case "groovy":
			for _, c := range regexp.MustCompile(`sh '(sescheck [^']*)'`).FindAllStringSubmatch(m[3], -1) {
				files[m[2]] = append(files[m[2]], c[1])
			}
		}
	}
	files["templates/sescheck.yml"] = commands(documents(t, filledIn(t, component))[1])
	delete(files, ".pre-commit-config.yaml") // names hooks: see TestHooks
	delete(files, "")                        // a step that follows one of sescheck: see TestSlack
	if len(files) != 6 {
		t.Errorf("recipes are for %d systems: %v", len(files), files)
	}
	for file, lines := range files {
		t.Run(strings.ReplaceAll(file, "/", " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.CopyFS(".", os.DirFS(examples)); err != nil {
				t.Fatal(err)
			}
			s := &shell{server: zonetest.Start(t, "zones").Addr}
			if len(lines) == 0 {
				t.Error("there is no command")
			}
			for _, line := range lines {
				if out, code := s.typeIn(t, line); code != exitFindings {
					t.Errorf("%s: exit %d\n%s", line, code, out)
				}
				for _, m := range regexp.MustCompile(`--write \w+=(\S+)`).FindAllStringSubmatch(line, -1) {
					if !exists(m[1]) {
						t.Errorf("%s did not write %s", line, m[1])
					}
				}
			}
		})
	}
}

// filledIn is a GitLab component with the defaults of its inputs, and other values
// for them.
func filledIn(t *testing.T, text string) string {
	t.Helper()
	var head struct {
		Spec struct {
			Inputs map[string]struct{ Default string }
		}
	}
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		t.Fatal(err)
	}
	for name, in := range head.Spec.Inputs {
		key := "$[[ inputs." + name + " ]]"
		if !strings.Contains(text, key) {
			t.Errorf("%s is not used", name)
		}
		text = strings.ReplaceAll(text, key, in.Default)
	}
	if strings.Contains(text, "$[[") {
		t.Errorf("an input is not declared:\n%s", text)
	}
	return text
}

// TestHooks: the page lists the hooks for pre-commit, and lint accepts files of any
// name.
func TestHooks(t *testing.T) {
	t.Parallel()
	var hooks []struct{ ID, Language, Entry, Files string }
	if err := yaml.Unmarshal([]byte(readFile(t, "../../.pre-commit-hooks.yaml")), &hooks); err != nil {
		t.Fatal(err)
	}
	page := readFile(t, "../../docs/other-ci.md")
	var languages []string
	for _, h := range hooks {
		languages = append(languages, h.Language)
		if !strings.Contains(page, "| `"+h.ID+"` |") {
			t.Errorf("%s is not on the page", h.ID)
		}
		args := strings.Fields(h.Entry)[1:]
		if out, errs, code := run(t, append(args, "../../examples/sescheck.yaml")...); code != "0" {
			t.Errorf("%s: exit %s: %s%s", h.ID, code, out, errs)
		}
		files := regexp.MustCompile(h.Files)
		if !files.MatchString("mail/sescheck.yml") || files.MatchString("mail/oursescheck.yaml") {
			t.Errorf("%s takes other files than it should", h.ID)
		}
	}
	if got := strings.Join(languages, " "); got != "golang docker_image system" {
		t.Errorf("hooks for %s", got)
	}
	other := filepath.Join(t.TempDir(), "any name.txt")
	if err := os.WriteFile(other, []byte(readFile(t, "../../examples/sescheck.yaml")), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := run(t, "lint", other); code != "0" {
		t.Errorf("exit %s: %s", code, errs)
	}
}

// TestSlack runs the Slack script against a server on loopback: it posts numbers
// and the link.
func TestSlack(t *testing.T) {
	t.Parallel()
	tools(t, "bash", "curl", "jq")
	var posted []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { posted, _ = io.ReadAll(r.Body) }))
	t.Cleanup(server.Close)
	_, text, ok := strings.Cut(readFile(t, "../../docs/other-ci.md"), "```yaml\n- name: Post to Slack\n")
	if !ok {
		t.Fatal("there is no step")
	}
	text, _, _ = strings.Cut(text, "```\n")
	var steps []struct{ Run string }
	if err := yaml.Unmarshal([]byte("- name: Post to Slack\n"+text), &steps); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(t.TempDir(), "report.json")
	out, _, code := run(t, "check", "--zones", "../../examples/zones", "--offline", "--format", "text", "--write", "json="+report, "../../examples/sescheck.yaml")
	if code != "1" {
		t.Fatal(out)
	}
	if out, code := bash(t, t.TempDir(), steps[0].Run, "WEBHOOK="+server.URL, "REPORT="+report, "RUN=https://github.example/run/1", "no_proxy=*"); code != 0 {
		t.Fatal(out)
	}
	var message struct{ Text string }
	if err := json.Unmarshal(posted, &message); err != nil || !regexp.MustCompile(`^sescheck: [1-9]\d* errors, \d+ inconclusive in 3 domains: <https://github\.example/run/1\|the run>$`).MatchString(message.Text) {
		t.Errorf("%v: %s", err, posted)
	}
}

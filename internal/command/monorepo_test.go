package command

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// monorepo is the repository of the guide to monorepos, without errors, and its
// plan.
func monorepo(t *testing.T) (files map[string]string, plan string) {
	t.Helper()
	files = map[string]string{}
	for _, m := range fenced.FindAllStringSubmatch(readFile(t, "../../docs/guides/monorepo.md"), -1) {
		if m[2] != "" {
			files[m[2]] = strings.ReplaceAll(m[3], "us-east-1", "eu-west-1")
		}
	}
	plan = files["infra/mail/plan.json"]
	delete(files, "infra/mail/plan.json")
	return files, plan
}

// TestMonorepo runs check with the inputs of the workflow: only folders whose DNS a
// pull request changes can fail it, and the annotation is at the mistake.
func TestMonorepo(t *testing.T) { // each in a folder of its own, so not side by side
	with := map[string]string{}
	for _, s := range workflow(t, "monorepo.yml")["dns"].Steps {
		maps.Copy(with, s.With)
	}
	if with["changed-only"] != "base" || !strings.Contains(with["plan"], "'infra/mail/plan.json'") {
		t.Fatal(with)
	}
	files, plan := monorepo(t)
	const (
		news = "file=dns/zones/news.example.yaml,line=11,title=mail-from-mx-wrong"
		shop = "file=dns/zones/shop.example.yaml,line=11,title=mail-from-mx-wrong"
		help = "file=infra/mail/main.tf,line=14,title=mail-from-mx-wrong"
	)
	wrong := func(text string) string { return strings.Replace(text, "smtp.eu-west-1", "smtp.us-east-1", 1) }
	for name, c := range map[string]struct {
		before, change []string // errors before the pull request, and those that it adds
		plan           string
		code           string
		want           map[string]string // kinds of annotations
	}{
		"nothing":                     {code: "0"},
		"the zones of a folder":       {change: []string{"dns/zones/news.example.yaml"}, code: "1", want: map[string]string{news: "error"}},
		"wrong before":                {before: []string{"dns/zones/news.example.yaml"}, code: "0", want: map[string]string{news: "warning"}},
		"wrong before, and another":   {before: []string{"dns/zones/news.example.yaml"}, change: []string{"dns/zones/shop.example.yaml"}, code: "1", want: map[string]string{news: "warning", shop: "error"}},
		"the plan":                    {plan: wrong(plan), code: "1", want: map[string]string{help: "error"}},
		"the plan, and wrong before":  {before: []string{"dns/zones/shop.example.yaml"}, plan: wrong(plan), code: "1", want: map[string]string{shop: "warning", help: "error"}},
		"a plan that leaves it as is": {plan: strings.ReplaceAll(wrong(plan), `["create"], "before": null`, `["no-op"], "before": {}`), code: "0", want: map[string]string{help: "warning"}},
		"a right plan":                {plan: plan, code: "0"},
	} {
		t.Run(name, func(t *testing.T) {
			before := maps.Clone(files)
			for _, path := range c.before {
				before[path] = wrong(before[path])
			}
			t.Chdir(committed(t, before))
			for _, path := range c.change {
				save(t, path, wrong(files[path]))
			}
			args := []string{"check", with["files"], "--zones", with["zones"], "--changed-only", "HEAD", "--zones", "live", "--offline", "--format", "github"}
			if c.plan != "" {
				save(t, "infra/mail/plan.json", c.plan)
				args = append(args, "--plan", "infra/mail/plan.json")
			} else {
				args = append(args, "--domain", "shop.example", "--domain", "news.example")
			}
			out, errs, code := run(t, args...)
			if code != c.code || strings.Count(out, "title=") != len(c.want) {
				t.Fatalf("exit %s\n%s%s", code, out, errs)
			}
			for place, kind := range c.want {
				if !annotated(out, kind, place) {
					t.Errorf("no %s at %s in\n%s", kind, place, out)
				}
			}
		})
	}
}

// save writes a file.
func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// annotated reports whether there is an annotation of a kind at a place.
func annotated(out, kind, place string) bool {
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "::"+kind+" ") && strings.Contains(line, place) {
			return true
		}
	}
	return false
}

// TestMonorepoWorkflow: the workflow makes a plan only if Terraform's folder
// changes, passes on the same files as plan.yml, and starts for every file that it
// reads.
func TestMonorepoWorkflow(t *testing.T) {
	t.Parallel()
	plan := workflow(t, "monorepo.yml")["plan"]
	const keep = "Keep what is about DNS"
	if plan.script(t, keep) != workflow(t, "plan.yml")["plan"].script(t, keep) {
		t.Error("another part of the plan is handed on than in plan.yml")
	}
	var w struct {
		On struct {
			PullRequest struct{ Paths []string } `yaml:"pull_request"`
		}
	}
	if err := yaml.Unmarshal([]byte(readFile(t, "../../docs/workflows/monorepo.yml")), &w); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(w.On.PullRequest.Paths, " "); got != "**/sescheck.yaml dns/zones/** infra/mail/** .github/workflows/mail-dns.yml" {
		t.Errorf("it starts on %s", got)
	}
	tools(t, "bash", "git")
	for path, want := range map[string]string{"infra/mail/main.tf": "needed=true\n", "infra/mail/new/x.tf": "needed=true\n", "infra/mailer/main.tf": "", "services/shop/sescheck.yaml": ""} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			files, _ := monorepo(t)
			dir := committed(t, files)
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o755); err != nil {
				t.Fatal(err)
			}
			save(t, filepath.Join(dir, path), "changed")
			output := filepath.Join(t.TempDir(), "output")
			save(t, output, "")
			script := "git add . && git -c user.name=t -c user.email=t@localhost commit -qm change\n" + plan.script(t, "Look for changes")
			if out, code := bash(t, dir, script, "GITHUB_OUTPUT="+output); code != 0 || readFile(t, output) != want {
				t.Errorf("exit %d, output %q\n%s", code, readFile(t, output), out)
			}
		})
	}
}

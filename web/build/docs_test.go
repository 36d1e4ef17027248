package main

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestHeadingID: headings get the ids that GitHub gives them.
func TestHeadingID(t *testing.T) {
	t.Parallel()
	for markdown, want := range map[string]string{
		"The first file":                       "the-first-file",
		"`pending_until`":                      "pending_until",
		"Waiting for a change: `--wait`":       "waiting-for-a-change---wait",
		"1. The file":                          "1-the-file",
		"Does *it* run outside [GitHub](x)?":   "does-it-run-outside-github",
		"A -- B & C":                           "a----b--c",
		"Größe, œuvre, 値":                      "größe-œuvre-値",
		"✅ Passed":                             "-passed",
		`is not "chekc", and \<no> such thing`: "is-not-chekc-and-no-such-thing",
		"¼ and 2²":                             "-and-2",
	} {
		d := parse("docs/x.md", []byte("# "+markdown+"\n"))
		d.identify()
		if !d.ids[want] {
			t.Errorf("%s: the id is %q, want %q", markdown, slices.Collect(maps.Keys(d.ids)), want)
		}
	}
	d := parse("docs/x.md", []byte("# A\n## B\n## B\n## B\n"))
	d.identify()
	if got := slices.Sorted(maps.Keys(d.ids)); !slices.Equal(got, []string{"a", "b", "b-1", "b-2"}) {
		t.Errorf("repeated headings: %q", got)
	}
}

// small is a repository with two documents.
func small(changes map[string]string) fs.FS {
	repo := fstest.MapFS{}
	for name, text := range map[string]string{
		"README.md":             "# x\n\n## Documentation\n\n- **First**: [the start](docs/a.md), [tools](docs/guides/b.md).\n",
		"SECURITY.md":           "# Security\n\n## Report\n",
		"action.yml":            "name: x\n",
		"docs/a.md":             "# A\n\nHow to start. And more.\n\n## Part one\n",
		"docs/guides/b.md":      "# B\n\nHow to go on.\n",
		"docs/pictures/p.png":   "a picture",
		"docs/workflows/w.yml":  "on: push\n",
		"docs/file.schema.json": "{}\n",
		"web/index.html":        "<body class=\"app\">\n<header><a href=\"#domain\">A domain</a> <a href=\"docs/\">Docs</a> <a href=\"https://example.com/\">x</a></header>\n<main>",
	} {
		repo[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for name, text := range changes {
		repo[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return repo
}

// site builds the documentation, and reads all files of it.
func site(t *testing.T, repo fs.FS, version string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := writeDocs(repo, dir, version); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestDocsLinks: links lead to the pages of the site, and to the repository at the
// tag of the release.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	repo := small(map[string]string{"docs/guides/b.md": `# B <&> ` + "`x`" + `

How to go on.
[a](../a.md) [a, part](../a.md#part-one) [a.md](../a.md) [here](#more) [web](https://example.com/x#y) ` + "`--resolver` `a command that has many words`" + `
[action](../../action.yml) [folder](../workflows) [file](../workflows/w.yml) [schema](../file.schema.json) [security](../../SECURITY.md#report) [x](javascript:alert(1))
![a picture](../pictures/p.png)

## More

<!-- a comment -->
` + "```yaml <b>.yaml\n<i>x</i>\n```\n" + `
| a | b |
|--:|---|
| 1 | <https://example.com> |
`})
	for version, ref := range map[string]string{"devel": "main", "1.2.3": "v1.2.3"} {
		files := site(t, repo, version)
		page := files["docs/guides/b.html"]
		for _, want := range []string{
			`<a href="../a.html">a</a>`, `<a href="../a.html#part-one">a, part</a>`, `<a href="../a.html">The start</a>`, `<a href="#more">here</a>`, `<a href="https://example.com/x#y">web</a>`,
			`<a href="https://github.com/sescheck/sescheck/blob/` + ref + `/action.yml">`, `<a href="https://github.com/sescheck/sescheck/tree/` + ref + `/docs/workflows">`,
			`/blob/` + ref + `/docs/workflows/w.yml"`, `/blob/` + ref + `/docs/file.schema.json"`, `/blob/` + ref + `/SECURITY.md#report"`, `/blob/` + ref + `/docs/guides/b.md">Source of this page`,
			`<img src="../pictures/p.png" alt="a picture">`, `<h2 id="more">More</h2>`, `<title>B &lt;&amp;&gt; x: sescheck</title>`,
			`<p class="file">&lt;b&gt;.yaml</p>` + "\n" + `<pre tabindex="0"><code class="language-yaml">&lt;i&gt;x&lt;/i&gt;`, `<td align="right">1</td>`, `<code class="short">--resolver</code> <code>a command`, `<a href="">x</a>`,
			`<a href="../../#domain">A domain</a> <a href="../../docs/" aria-current="true">Docs</a> <a href="https://example.com/">x</a>`,
			`<a href="../../docs/guides/b.html" aria-current="page">Tools</a>`, `sescheck ` + version + `, MIT`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s is missing", want)
			}
		}
		if strings.Contains(page, "a comment") || strings.Contains(page, "style=") {
			t.Error("a comment or a style is in the page")
		}
		if files["docs/pictures/p.png"] != "a picture" {
			t.Error("the picture is not copied")
		}
		if t.Failed() {
			t.Fatal(page)
		}
		if index := files["docs/index.html"]; !strings.Contains(index, `<li><a href="../docs/a.html">A</a> <span>How to start.</span></li>`) || !strings.Contains(index, "<h2>First</h2>") {
			t.Errorf("the index:\n%s", index)
		}
	}
}

// TestDocsMistakes: the build names the page and the link that is wrong.
func TestDocsMistakes(t *testing.T) {
	t.Parallel()
	const start = "# B\n\nText.\n\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"no file":             {"docs/guides/b.md", start + "[x](c.md)", "docs/guides/b.md: the link c.md: there is no file docs/guides/c.md"},
		"no anchor":           {"docs/guides/b.md", start + "[x](../a.md#part-two)", "docs/guides/b.md: the link ../a.md#part-two: docs/a.md has no heading #part-two"},
		"no anchor here":      {"docs/guides/b.md", start + "[x](#c)", "docs/guides/b.md: the link #c: docs/guides/b.md has no heading #c"},
		"no anchor elsewhere": {"docs/a.md", start + "[x](../SECURITY.md#c)", "docs/a.md: the link ../SECURITY.md#c: SECURITY.md has no heading #c"},
		"an anchor in code":   {"docs/a.md", start + "[x](../action.yml#L1)", "action.yml has no heading #L1"},
		"out":                 {"docs/a.md", start + "[x](../../etc/passwd)", "docs/a.md: the link ../../etc/passwd: it leads out of the repository"},
		"absolute":            {"docs/a.md", start + "[x](/docs/guides/b.md)", "docs/a.md: the link /docs/guides/b.md: it is neither"},
		"a host":              {"docs/a.md", start + "[x](//example.com/x)", "docs/a.md: the link //example.com/x: it is neither"},
		"no picture":          {"docs/a.md", start + "![x](pictures/q.png)", "docs/a.md: the link pictures/q.png: there is no file docs/pictures/q.png"},
		"a foreign picture":   {"docs/a.md", start + "![x](https://example.com/q.png)", "docs/a.md: the link https://example.com/q.png: a picture must be a file of this repository"},
		"a picture elsewhere": {"docs/a.md", start + "![x](../action.yml)", "docs/a.md: the link ../action.yml: a picture must be below docs/"},
		"an HTML block":       {"docs/a.md", start + "<div>\nx\n</div>", "docs/a.md: HTML is not shown: <div>"},
		"HTML in a line":      {"docs/a.md", start + "at _dmarc.<domain>", "docs/a.md: HTML is not shown: <domain>"},
		"no title":            {"docs/a.md", "Text.\n", "docs/a.md: the first line is not its title"},
		"no sentence":         {"docs/a.md", "# A\n\n## B\n\nText.\n", "docs/a.md: there is no sentence before the first section"},
		"not listed":          {"docs/guides/c.md", start, "README.md: docs/guides/c.md is not listed below Documentation"},
		"listed twice":        {"README.md", "## Documentation\n\n- **A**: [a](docs/a.md), [b](docs/guides/b.md)\n- **B**: [a](docs/a.md)\n", "README.md: docs/a.md is listed twice"},
		"no group":            {"README.md", "## Documentation\n\n- [a](docs/a.md), [b](docs/guides/b.md)\n", "has no **name** or no page"},
		"another heading":     {"README.md", "## Documents\n\n- **A**: [a](docs/a.md), [b](docs/guides/b.md)\n", "README.md: docs/a.md is not listed"},
		"another header":      {"web/index.html", "<body class=\"app\">\n<main>", "web/index.html: the header"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			err := writeDocs(small(map[string]string{c.file: c.text}), dir, "devel")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("it wrote %v", left)
			}
		})
	}
	err := writeDocs(small(map[string]string{"docs/a.md": start + "[x](c.md) [y](d.md)", "docs/guides/b.md": start + "[z](e.md)"}), t.TempDir(), "devel")
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("not all wrong links are named: %v", err)
	}
}

// TestDocsOfThisRepository: the README lists every document, all links lead
// somewhere, the pages need neither script nor inline style, and the bytes are the
// same every time.
func TestDocsOfThisRepository(t *testing.T) {
	t.Parallel()
	repo := os.DirFS("../..")
	files := site(t, repo, "1.2.3")
	again := site(t, repo, "1.2.3")
	if !maps.Equal(files, again) {
		t.Error("the second build differs")
	}
	pages := 0
	inline := regexp.MustCompile(`<(?:script|style|iframe|object)|\sstyle=|<[^>]*\son[a-z]+=|raw HTML omitted|\.md["#]`)
	for name, text := range files {
		if filepath.Ext(name) != ".html" {
			continue
		}
		pages++
		source := strings.TrimSuffix(name, ".html") + ".md"
		if _, err := fs.Stat(repo, source); err != nil && name != "docs/index.html" {
			t.Errorf("%s has no source", name)
		}
		text = regexp.MustCompile(`https://github\.com/[^"]*`).ReplaceAllString(text, "")
		if found := inline.FindString(text); found != "" {
			t.Errorf("%s: %s", name, found)
		}
	}
	if pages < 40 {
		t.Errorf("only %d pages", pages)
	}
	if !strings.Contains(files["docs/checks.html"], `<h2 id="spf-missing">`) {
		t.Error("docs/checks.html has no heading spf-missing")
	}
}

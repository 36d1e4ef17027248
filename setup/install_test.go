// Package setup tests install.sh, which setup/action.yml runs, against a fake
// server of releases on loopback.
package setup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sescheck/sescheck/internal/scripttest"
)

// theProgram plays sescheck in the archives.
const theProgram = "#!/bin/sh\necho sescheck is here\n"

func archive(t *testing.T, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// place is a runner to install on: a copy of the action, and a server that has
// the release's archives.
type place struct {
	t      *testing.T
	dir    string
	server *httptest.Server
	env    map[string]string

	mu    sync.Mutex
	has   map[string][]byte // by path
	asked []string
}

// offer puts a file into the release, or takes it out if it is nil.
func (p *place) offer(file string, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := "/octo/sescheck/releases/download/v1.2.3/" + file
	if p.has[path] = body; body == nil {
		delete(p.has, path)
	}
}

// requests are the paths that were asked for so far.
func (p *place) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

const linux = "sescheck_1.2.3_linux_amd64.tar.gz"

// release is a place with a release, and the sums of what it has.
func release(t *testing.T) *place {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("which bash is found is not known there; self-test.yml runs the action on Windows")
	}
	for _, tool := range []string{"bash", "curl", "tar", "awk"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here", tool)
		}
	}
	p := &place{t: t, dir: t.TempDir(), has: map[string][]byte{}}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked = append(p.asked, r.URL.Path)
		if body, ok := p.has[r.URL.Path]; ok {
			_, _ = w.Write(body)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(p.server.Close)
	p.env = map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": p.dir, "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "RUNNER_TOOL_CACHE": filepath.Join(p.dir, "cache"), "RUNNER_TEMP": filepath.Join(p.dir, "temp"),
		"GITHUB_PATH": filepath.Join(p.dir, "path"), "GITHUB_OUTPUT": filepath.Join(p.dir, "output"),
		"SESCHECK_SERVER": p.server.URL, "SESCHECK_UPSTREAM": "", "SESCHECK_REPOSITORY": "octo/sescheck", "no_proxy": "*",
	}
	script, err := os.ReadFile("install.sh")
	if err != nil {
		t.Fatal(err)
	}
	p.write("action/setup/install.sh", script)
	p.write("temp/.keep", nil)
	var sums strings.Builder
	for _, platform := range []string{"linux_amd64", "linux_arm64", "linux_armv7", "darwin_amd64", "darwin_arm64", "windows_amd64", "windows_arm64", "freebsd_amd64"} {
		program := "sescheck"
		if strings.HasPrefix(platform, "windows") {
			program += ".exe"
		}
		content := theProgram + "# " + platform
		packed := archive(t, program, content)
		p.offer("sescheck_1.2.3_"+platform+".tar.gz", packed)
		fmt.Fprintf(&sums, "%x  sescheck_1.2.3_%s.tar.gz\n%x  sescheck_1.2.3_%s/%s\n", sha256.Sum256(packed), platform, sha256.Sum256([]byte(content)), platform, program)
	}
	p.write("action/setup/checksums.txt", []byte(sums.String()))
	return p
}

func (p *place) write(path string, content []byte) {
	p.t.Helper()
	path = filepath.Join(p.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	scripttest.Write(p.t, path, string(content))
}

// read is what a file holds; "" if there is none.
func (p *place) read(path string) string {
	text, _ := os.ReadFile(filepath.Join(p.dir, path))
	return string(text)
}

// install runs the script.
func (p *place) install() (output string, ok bool) {
	p.t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.CommandContext(p.t.Context(), bash, filepath.Join(p.dir, "action/setup/install.sh"))
	for k, v := range p.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// refused fails the test unless the installation fails, says why, and leaves
// nothing behind.
func (p *place) refused(why string) {
	p.t.Helper()
	out, ok := p.install()
	if ok || !strings.Contains(out, "::error title=sescheck setup::") || !strings.Contains(out, why) {
		p.t.Errorf("ok %t, no %q in\n%s", ok, why, out)
	}
	for _, f := range []string{"path", "output", "cache/sescheck/1.2.3/amd64/sescheck", "temp/sescheck-setup/sescheck"} {
		if got := p.read(f); got != "" {
			p.t.Errorf("%s was left behind: %q", f, got)
		}
	}
}

// works fails the test unless the program that was installed runs.
func (p *place) works() {
	p.t.Helper()
	out, ok := p.install()
	if !ok {
		p.t.Errorf("the installation failed:\n%s", out)
		return
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(p.read("output"), "path="), "\n")
	said, err := exec.CommandContext(p.t.Context(), path).Output()
	if err != nil || string(said) != "sescheck is here\n" {
		p.t.Errorf("%s: %q %v", path, said, err)
	}
	if got := strings.TrimSpace(p.read("path")); got != filepath.Dir(path) {
		p.t.Errorf("PATH gets %q, not the folder of %s", got, path)
	}
}

func TestInstall(t *testing.T) {
	t.Parallel()
	p := release(t)
	p.works()
	if got := strings.Join(p.requests(), " "); got != "/octo/sescheck/releases/download/v1.2.3/"+linux {
		t.Errorf("asked for %s", got)
	}
	if got := p.read("output"); !strings.HasSuffix(got, "\nversion=1.2.3\n") {
		t.Errorf("outputs:\n%s", got)
	}
}

func TestInstallEveryPlatform(t *testing.T) {
	t.Parallel()
	for runner, want := range map[string]string{
		"Linux X64": "linux_amd64", "Linux ARM64": "linux_arm64", "macOS X64": "darwin_amd64", "macOS ARM64": "darwin_arm64",
		"Windows X64": "windows_amd64", "Windows ARM64": "windows_arm64", "Linux ARM": "linux_armv7", "FreeBSD X64": "freebsd_amd64",
	} {
		t.Run(runner, func(t *testing.T) {
			t.Parallel()
			p := release(t)
			p.env["RUNNER_OS"], p.env["RUNNER_ARCH"], _ = strings.Cut(runner, " ")
			out, ok := p.install()
			if _, arch, _ := strings.Cut(want, "_"); !ok || !strings.HasSuffix(p.read("path"), "sescheck/1.2.3/"+arch+"\n") {
				t.Errorf("%s\n%s", out, p.read("path"))
			}
			if got := strings.Join(p.requests(), " "); !strings.HasSuffix(got, "sescheck_1.2.3_"+want+".tar.gz") {
				t.Errorf("asked for %s", got)
			}
		})
	}
}

// TestInstallTampered: a mirror or a release that gives other bytes is refused,
// and nobody else is asked.
func TestInstallTampered(t *testing.T) {
	t.Parallel()
	p := release(t)
	p.env["SESCHECK_UPSTREAM"] = "http://127.0.0.1:1"
	p.offer(linux, archive(t, "sescheck", "#!/bin/sh\necho pwn\n"))
	p.refused("does not have the SHA-256 sum that is committed for it")
}

func TestInstallProgramTampered(t *testing.T) {
	t.Parallel()
	p := release(t)
	packed := archive(t, "sescheck", "#!/bin/sh\necho pwn\n")
	p.offer(linux, packed)
	sums := strings.Split(p.read("action/setup/checksums.txt"), "\n")
	sums[0] = fmt.Sprintf("%x  %s", sha256.Sum256(packed), linux)
	p.write("action/setup/checksums.txt", []byte(strings.Join(sums, "\n")))
	p.refused("the program in " + linux + " does not have the SHA-256 sum")
}

func TestInstallMissing(t *testing.T) {
	t.Parallel()
	p := release(t)
	p.offer(linux, nil)
	p.refused(linux + " cannot be downloaded from the release v1.2.3 of octo/sescheck")
}

// TestInstallUpstream: a GitHub Enterprise Server that took the action from
// elsewhere has no releases of it.
func TestInstallUpstream(t *testing.T) {
	t.Parallel()
	p := release(t)
	empty := httptest.NewServer(http.NotFoundHandler())
	defer empty.Close()
	p.env["SESCHECK_SERVER"], p.env["SESCHECK_UPSTREAM"] = empty.URL, p.server.URL
	p.works()
}

// TestInstallRepository: where the runner does not say whose action it is, its
// folder does, and then the workflow's own repository.
func TestInstallRepository(t *testing.T) {
	t.Parallel()
	p := release(t)
	delete(p.env, "SESCHECK_REPOSITORY")
	p.env["GITHUB_REPOSITORY"] = "octo/sescheck"
	p.works()
	p = release(t)
	p.env["SESCHECK_REPOSITORY"] = "../../pwn"
	p.refused("the name of the repository of the action is none")
}

func TestInstallCached(t *testing.T) {
	t.Parallel()
	p := release(t)
	p.works()
	p.write("path", nil)
	p.write("output", nil)
	p.works()
	if len(p.requests()) != 1 {
		t.Errorf("asked %d times", len(p.requests()))
	}
	p.write("cache/sescheck/1.2.3/amd64/sescheck", []byte("#!/bin/sh\necho pwn\n"))
	p.write("path", nil)
	p.write("output", nil)
	p.works()
	if len(p.requests()) != 2 {
		t.Errorf("what was changed in the cache was not replaced: asked %d times", len(p.requests()))
	}
}

func TestInstallWithoutCache(t *testing.T) {
	t.Parallel()
	p := release(t)
	p.write("cache", []byte("no folder"))
	p.works()
	p = release(t)
	delete(p.env, "RUNNER_TOOL_CACHE")
	p.works()
}

// TestInstallFullDisk: what could be copied only in part is not put into place.
func TestInstallFullDisk(t *testing.T) {
	t.Parallel()
	p := release(t)
	cp, err := exec.LookPath("cp")
	if err != nil {
		t.Skip("no cp here")
	}
	p.write("bin/cp", fmt.Appendf(nil, "#!/bin/sh\ncase $2 in */cache/*) head -c 9 \"$1\" >\"$2\"; exit 1 ;; esac\nexec %s \"$@\"\n", cp))
	p.env["PATH"] = filepath.Join(p.dir, "bin") + ":" + p.env["PATH"]
	p.works()
	if got := p.read("cache/sescheck/1.2.3/amd64/sescheck"); got != "" {
		t.Errorf("in the cache there is %q", got)
	}
}

// only leaves nothing in PATH but the tools named.
func (p *place) only(tools ...string) {
	p.t.Helper()
	bin := filepath.Join(p.dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		p.t.Fatal(err)
	}
	for _, tool := range append(tools, "bash", "dirname", "mktemp", "rm", "awk", "cut", "mkdir", "cp", "mv", "chmod", "uname", "tr", "sed", "gzip") {
		path, err := exec.LookPath(tool)
		if err != nil {
			p.t.Skipf("no %s here", tool)
		}
		if err := os.Symlink(path, filepath.Join(bin, tool)); err != nil {
			p.t.Fatal(err)
		}
	}
	p.env["PATH"] = bin
}

func TestInstallTools(t *testing.T) {
	t.Parallel()
	for _, digest := range []string{"sha256sum", "shasum", "openssl"} {
		t.Run(digest, func(t *testing.T) {
			t.Parallel()
			p := release(t)
			p.only("curl", "tar", digest)
			p.works()
		})
	}
	t.Run("no digest", func(t *testing.T) {
		t.Parallel()
		p := release(t)
		p.only("curl", "tar")
		p.refused("nothing is installed unchecked")
		if len(p.requests()) > 0 {
			t.Errorf("asked for %s", p.requests())
		}
	})
	t.Run("no curl", func(t *testing.T) {
		t.Parallel()
		p := release(t)
		p.only("tar", "sha256sum")
		p.refused("there is no curl here")
	})
}

// TestInstallFromSource: on a branch there are no sums.
func TestInstallFromSource(t *testing.T) {
	t.Parallel()
	source := func(t *testing.T) *place {
		p := release(t)
		p.write("action/setup/checksums.txt", nil)
		p.write("action/go.mod", []byte("module x\n\ngo 1.26\n"))
		p.write("action/main.go", []byte("package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"sescheck is here\") }\n"))
		for _, k := range []string{"GOCACHE", "GOMODCACHE", "GOROOT"} {
			if out, err := exec.CommandContext(t.Context(), "go", "env", k).Output(); err == nil {
				p.env[k] = strings.TrimSpace(string(out))
			}
		}
		return p
	}
	t.Run("with Go", func(t *testing.T) {
		t.Parallel()
		p := source(t)
		p.works()
		if len(p.requests()) > 0 || !strings.HasSuffix(p.read("output"), "\nversion=source\n") {
			t.Errorf("asked for %s, outputs:\n%s", p.requests(), p.read("output"))
		}
	})
	t.Run("without Go", func(t *testing.T) {
		t.Parallel()
		p := source(t)
		p.only("curl", "tar", "sha256sum")
		p.refused("there is no Go here to build sescheck from source")
	})
	t.Run("another machine", func(t *testing.T) {
		t.Parallel()
		p := release(t)
		p.env["RUNNER_ARCH"] = "RISCV64"
		p.only("curl", "tar", "sha256sum")
		p.refused("there is no release for linux on RISCV64, and there is no Go here")
	})
}

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/scripttest"
)

// installation is a machine to install on, and a server that has the release.
type installation struct {
	t      *testing.T
	dir    string
	script string
	files  map[string][]byte // by name; set before the first download
	cut    bool              // whether downloads break off
	server *httptest.Server
}

// prepare makes a release of programs that only say what they are for.
func prepare(t *testing.T) *installation {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the script is for Unix")
	}
	i := &installation{t: t, dir: t.TempDir(), files: map[string][]byte{}}
	r := &release{version: "1.2.3", date: time.Unix(0, 0).UTC(), out: filepath.Join(i.dir, "out")}
	for _, p := range platforms {
		packed, err := pack(r.date, entry{"sescheck", 0o755, []byte("#!/bin/sh\necho sescheck for " + p.os + "_" + p.arch + "\n")}, entry{"LICENSE", 0o644, []byte("licence")})
		if err != nil {
			t.Fatal(err)
		}
		name := about{Version: r.version}.File(p.os, p.arch)
		i.files[name] = packed.gzip
		if err := r.asset(name, packed.gzip); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.manifests(); err != nil {
		t.Fatal(err)
	}
	i.script = filepath.Join(r.out, "install.sh")
	i.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, ok := i.files[strings.TrimPrefix(r.URL.Path, "/mirror/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if i.cut { // the length is of the whole file, and the connection ends before
			w.Header().Set("Content-Length", "1000000")
		}
		_, _ = w.Write(content[:len(content)/(1+map[bool]int{true: 1}[i.cut])])
	}))
	t.Cleanup(i.server.Close)
	return i
}

// run runs the script as on a machine: with what uname says, and a folder of tools.
func (i *installation) run(system, machine string, tools ...string) (string, error) {
	i.t.Helper()
	bin := filepath.Join(i.dir, "bin")
	if err := os.RemoveAll(bin); err != nil {
		i.t.Fatal(err)
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		i.t.Fatal(err)
	}
	uname := "#!/bin/sh\n[ \"$1\" = -s ] && echo " + system + " || echo " + machine + "\n"
	scripttest.Write(i.t, filepath.Join(bin, "uname"), uname)
	for _, tool := range append(tools, "sh", "tar", "gzip", "cut", "mktemp", "rm", "mkdir", "cp", "chmod", "mv") {
		path, err := exec.LookPath(tool)
		if err != nil {
			i.t.Skipf("no %s here", tool)
		}
		if err := os.Symlink(path, filepath.Join(bin, tool)); err != nil {
			i.t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(i.t.Context(), "sh", i.script, filepath.Join(i.dir, "to"))
	cmd.Env = []string{"PATH=" + bin, "HOME=" + i.dir, "TMPDIR=" + i.dir, "SESCHECK_BASE=" + i.server.URL + "/mirror", "no_proxy=*"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestInstallScript(t *testing.T) {
	t.Parallel()
	for _, tools := range [][]string{{"curl", "sha256sum"}, {"wget", "sha256sum"}, {"curl", "openssl"}, {"wget", "shasum", "perl"}} {
		t.Run(strings.Join(tools, " "), func(t *testing.T) {
			t.Parallel()
			i := prepare(t)
			for machine, want := range map[string]string{
				"Linux x86_64": "linux_amd64", "Linux aarch64": "linux_arm64", "Linux armv7l": "linux_armv7", "Linux armv6l": "linux_armv6",
				"Darwin arm64": "darwin_arm64", "Darwin x86_64": "darwin_amd64", "FreeBSD amd64": "freebsd_amd64",
			} {
				system, arch, _ := strings.Cut(machine, " ")
				out, err := i.run(system, arch, tools...)
				if err != nil {
					t.Fatalf("%s: %v\n%s", machine, err, out)
				}
				said, err := exec.CommandContext(t.Context(), filepath.Join(i.dir, "to", "sescheck")).Output()
				if err != nil || string(said) != "sescheck for "+want+"\n" {
					t.Errorf("%s: %q %v", machine, said, err)
				}
			}
		})
	}
}

// TestInstallScriptRefuses: what is not the release's is not installed, and nothing
// is left behind.
func TestInstallScriptRefuses(t *testing.T) {
	t.Parallel()
	const archive = "sescheck_1.2.3_linux_amd64.tar.gz"
	tampered, err := pack(time.Unix(0, 0).UTC(), entry{"sescheck", 0o755, []byte("#!/bin/sh\necho pwn\n")})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change  func(*installation)
		system  string
		tools   []string
		message string
	}{
		"tampered":         {change: func(i *installation) { i.files[archive] = tampered.gzip }, message: "does not have its SHA-256 sum"},
		"half":             {change: func(i *installation) { i.files[archive] = i.files[archive][:100] }, message: "does not have its SHA-256 sum"},
		"empty":            {change: func(i *installation) { i.files[archive] = nil }, message: "does not have its SHA-256 sum"},
		"broken off, curl": {change: func(i *installation) { i.cut = true }, message: "cannot be downloaded"},
		"broken off, wget": {change: func(i *installation) { i.cut = true }, tools: []string{"wget", "sha256sum"}, message: "cannot be downloaded"},
		"missing":          {change: func(i *installation) { delete(i.files, archive) }, message: "cannot be downloaded"},
		"missing, wget":    {change: func(i *installation) { delete(i.files, archive) }, tools: []string{"wget", "sha256sum"}, message: "cannot be downloaded"},
		"other system":     {system: "SunOS", message: "there is no release for SunOS on amd64"},
		"nothing to load":  {tools: []string{"sha256sum"}, message: "no curl or wget"},
		"nothing to check": {tools: []string{"curl"}, message: "nothing is installed unchecked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := prepare(t)
			if c.change != nil {
				c.change(i)
			}
			if c.tools == nil {
				c.tools = []string{"curl", "sha256sum"}
			}
			if c.system == "" {
				c.system = "Linux"
			}
			out, err := i.run(c.system, "x86_64", c.tools...)
			if err == nil || !strings.Contains(out, c.message) {
				t.Errorf("%v, no %q in\n%s", err, c.message, out)
			}
			left, _ := filepath.Glob(filepath.Join(i.dir, "to", "*"))
			temporary, _ := filepath.Glob(filepath.Join(i.dir, "tmp.*"))
			if len(left)+len(temporary) > 0 {
				t.Errorf("left behind: %v %v", left, temporary)
			}
		})
	}
}

// TestInstallScriptHalf: a shell that gets half of the script, as when the download
// of the script itself breaks off, does nothing.
func TestInstallScriptHalf(t *testing.T) {
	t.Parallel()
	text, err := packaging.ReadFile("packaging/install.sh")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if !strings.HasPrefix(lines[len(lines)-1], `install_sescheck "$@"`) {
		t.Error("the last line is another")
	}
	depth := 0
	for n, line := range lines[:len(lines)-1] {
		if depth == 0 && !regexp.MustCompile(`^(#.*|set -eu|\w+\(\) \{.*|)$`).MatchString(line) {
			t.Errorf("line %d does something: %s", n+1, line)
		}
		if strings.HasSuffix(line, "{") || strings.HasPrefix(line, "download() {") {
			depth = 1
		}
		if line == "}" {
			depth = 0
		}
	}
}

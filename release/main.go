// Command release makes everything that a release consists of, in a folder:
//
//	sescheck_1.2.3_OS_ARCH.tar.gz, .zip   the program, its manual, completions and licences, for each platform
//	sescheck_1.2.3_linux_ARCH.deb, .rpm   the same as packages (nfpm)
//	sescheck_1.2.3_OS_ARCH.cdx.json       what each program is built from (CycloneDX)
//	sescheck_1.2.3_image.tar              the image for the action, both architectures (OCI layout)
//	sescheck_1.2.3_image-busybox.tar      the same with a shell, for other CI systems
//	install.sh                            downloads an archive and checks it
//	checksums.txt                         SHA-256 sums of all of these
//	packaging/                            manifests for Homebrew, Scoop, winget and Nix
//	commit/                               what the commit of the release's tag changes: sums and digests
//	notes.md                              from the changelog
//
// The same source gives the same bytes, wherever and whenever it is built: the
// toolchain and the tools are pinned, nothing asks for the time or the folder, and
// the only date is that of the changelog. So the sums can be committed before the
// release is built, and CI has only to find them true. It publishes nothing.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
)

// toolchain builds releases. Another release of Go makes other bytes.
const toolchain = "go1.26.8"

// tools is the module that pins the tools, which are no part of sescheck:
// cyclonedx-gomod lists what a program is built from, nfpm makes packages.
const tools = ".ci/tools/release"

// platform is what a program is built for. The architecture may name a version of
// ARM: armv6.
type platform struct{ os, arch string }

var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"}, {"linux", "armv6"}, {"linux", "armv7"}, {"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"}, {"freebsd", "amd64"}, {"freebsd", "arm64"},
}

func (p platform) program() string {
	if p.os == "windows" {
		return "sescheck.exe"
	}
	return "sescheck"
}

func main() {
	version := flag.String("version", "", "the version, such as 1.2.3; its section in CHANGELOG.md gives the date and the notes")
	out := flag.String("out", "dist", "the folder to make, which must not exist")
	shell := flag.String("busybox", "", "the folder with what release/busybox downloads; without it, that is run")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*version, *out, *shell); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release is a release in the making.
type release struct {
	version string
	date    time.Time
	notes   string
	out     string
	work    string // for tools and files in between
	sums    []sum
	known   map[string]licensed // components by bom-ref, the same on all platforms
}

var versionForm = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9a-z.]+)?$`)

func run(version, out, shell string) error {
	if !versionForm.MatchString(version) {
		return fmt.Errorf("-version %q: give a version such as 1.2.3", version)
	}
	if runtime.Version() != toolchain {
		return fmt.Errorf("this is %s, whose archives have other bytes: set GOTOOLCHAIN=%s", runtime.Version(), toolchain)
	}
	changelog, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return err
	}
	r := &release{version: version, out: out}
	if r.notes, r.date, err = section(string(changelog), version); err != nil {
		return err
	}
	if r.work, err = os.MkdirTemp("", "sescheck-release-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.work)
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	if err := execute(append(here.environment(), "GOBIN="+r.work), "go", "-C", tools, "install", "tool"); err != nil {
		return err
	}
	return r.make(shell)
}

// here is the platform of this machine, for which the tools are built.
var here = platform{runtime.GOOS, runtime.GOARCH}

// make makes everything, in the order in which one thing needs the other.
func (r *release) make(shell string) error {
	programs, err := r.programs()
	if err != nil {
		return err
	}
	beside, err := r.documents(programs)
	if err != nil {
		return err
	}
	for _, p := range platforms {
		if err := errors.Join(r.archive(p, programs[p], beside), r.list(p, programs[p]), r.packages(p, programs[p], beside)); err != nil {
			return fmt.Errorf("%s/%s: %w", p.os, p.arch, err)
		}
	}
	shells, err := r.shells(shell)
	if err != nil {
		return err
	}
	plain, err := r.image("image", programs, beside, nil)
	if err != nil {
		return err
	}
	other, err := r.image("image-busybox", programs, beside, shells)
	if err != nil {
		return err
	}
	return errors.Join(
		r.manifests(),
		r.committed("action.yml", imageLine, fmt.Sprintf("  image: docker://%s:%s@%s", registry, r.version, plain)),
		r.committed("templates/sescheck.yml", componentLine, fmt.Sprintf("      default: %s:%s-busybox@%s", registry, r.version, other)),
		r.write("notes.md", []byte(r.notes)),
		r.writeSums(programs),
	)
}

// programs builds the program for all platforms. Compilers use all processors, and
// the linker one: so there is a build for each.
func (r *release) programs() (map[platform][]byte, error) {
	made, wrong := make([][]byte, len(platforms)), make([]error, len(platforms))
	free := make(chan struct{}, runtime.NumCPU())
	var building sync.WaitGroup
	for i, p := range platforms {
		building.Go(func() {
			free <- struct{}{}
			made[i], wrong[i] = r.build(p)
			<-free
		})
	}
	building.Wait()
	programs := map[platform][]byte{}
	for i, p := range platforms {
		if programs[p] = made[i]; wrong[i] != nil {
			wrong[i] = fmt.Errorf("%s/%s: %w", p.os, p.arch, wrong[i])
		}
	}
	return programs, errors.Join(wrong...)
}

// build builds the program for a platform.
func (r *release) build(p platform) ([]byte, error) {
	path := filepath.Join(r.work, "program-"+p.os+"-"+p.arch)
	if err := execute(p.environment(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+r.version, "-o", path, "."); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// name is what the files for a platform begin with.
func (r *release) name(p platform) string {
	return fmt.Sprintf("sescheck_%s_%s_%s", r.version, p.os, p.arch)
}

// archive packs the program with what is beside it: for Windows also as a zip,
// while setup/ takes the same form everywhere.
func (r *release) archive(p platform, program []byte, beside []entry) error {
	entries := append([]entry{{p.program(), 0o755, program}}, beside...)
	packed, err := pack(r.date, entries...)
	if err := errors.Join(err, r.asset(r.name(p)+".tar.gz", packed.gzip)); err != nil || p.os != "windows" {
		return err
	}
	small, err := zipped(r.date, entries...)
	return errors.Join(err, r.asset(r.name(p)+".zip", small))
}

// list lists what is in the program, with licences. Its serial number follows from
// the program. Looking for licences takes nearly all of the time, so modules that an
// earlier list has are not looked at again.
func (r *release) list(p platform, program []byte) error {
	path := filepath.Join(r.work, p.program())
	if err := os.WriteFile(path, program, 0o755); err != nil {
		return err
	}
	list, err := r.components(p, program, path)
	if err == nil && !r.license(list) {
		if list, err = r.components(p, program, path, "-licenses"); err == nil {
			r.learn(list)
		}
	}
	if err != nil {
		return err
	}
	text, err := still(list, r.date)
	return errors.Join(err, r.asset(r.name(p)+".cdx.json", text))
}

// components is the list of cyclonedx-gomod. It finds modules where the build found
// them, which has compared them with go.sum: what a proxy says of a version could
// change from day to day, and the checksum database is not there without a proxy.
func (r *release) components(p platform, program []byte, path string, more ...string) (map[string]any, error) {
	made := filepath.Join(r.work, "sbom.json")
	args := append([]string{"bin", "-json", "-serial", serial(program), "-std", "-version", "v" + r.version, "-output", made}, more...)
	if err := execute(append(p.environment(), "GOPROXY=off", "GOSUMDB=off"), filepath.Join(r.work, "cyclonedx-gomod"), append(args, path)...); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(made)
	if err != nil {
		return nil, err
	}
	var list map[string]any
	return list, json.Unmarshal(text, &list)
}

// environment is what a build may see of the machine's: no setting that would
// change a byte.
func (p platform) environment() []string {
	arch, arm, _ := strings.Cut(p.arch, "v")
	return []string{
		"GOOS=" + p.os, "GOARCH=" + arch, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0", "GOARM=" + arm, "GOFLAGS=-mod=readonly", "GOEXPERIMENT=", "GODEBUG=", "GOWORK=off", "GOTOOLCHAIN=" + toolchain,
	}
}

func execute(env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// The lines that a release changes: what action.yml runs, which is the Dockerfile
// or at a tag the release's image, and the image of GitLab's component.
var (
	imageLine     = regexp.MustCompile(`(?m)^  image: .*$`)
	componentLine = regexp.MustCompile(`(?m)^      default: ` + regexp.QuoteMeta(registry) + `:.*$`)
)

// committed writes a file as it is at the release's tag: with another line.
func (r *release) committed(path string, line *regexp.Regexp, as string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if n := len(line.FindAll(text, -1)); n != 1 {
		return fmt.Errorf("%s has %d lines that name an image, not one", path, n)
	}
	return r.write(filepath.Join("commit", path), line.ReplaceAllLiteral(text, []byte(as)))
}

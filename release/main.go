// Command release makes everything that a release consists of, in a folder:
//
//	sescheck_1.2.3_OS_ARCH.tar.gz     the program and the licence, for six platforms
//	sescheck_1.2.3_OS_ARCH.cdx.json   what the program is built from (CycloneDX)
//	sescheck_1.2.3_image.tar          the image for the action, both architectures (OCI layout)
//	checksums.txt                     SHA-256 sums of all of them, and of the programs
//	action.yml                        with the image by its digest
//	notes.md                          from the changelog
//
// The same source gives the same bytes, wherever and whenever it is built: the
// toolchain is pinned, nothing asks for the time or the folder, and the only date
// is that of the changelog. So the sums can be committed before the release is
// built, and CI has only to find them true. It publishes nothing.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// toolchain builds releases. Another release of Go makes other bytes.
const toolchain = "go1.26.8"

// sbomTool lists what a program is built from.
const sbomTool = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0"

// platform is what a program is built for.
type platform struct{ os, arch string }

var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
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
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*version, *out); err != nil {
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
	sums    []sum
}

var versionForm = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9a-z.]+)?$`)

func run(version, out string) error {
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
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	programs := map[platform][]byte{}
	for _, p := range platforms {
		if programs[p], err = r.build(p); err != nil {
			return fmt.Errorf("%s/%s: %w", p.os, p.arch, err)
		}
	}
	digest, err := r.image(programs)
	if err != nil {
		return err
	}
	return errors.Join(r.action(digest), r.write("notes.md", []byte(r.notes)), r.writeSums())
}

// build builds the program for a platform, packs it, and lists what is in it.
func (r *release) build(p platform) ([]byte, error) {
	dir, err := os.MkdirTemp("", "sescheck-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, p.program())
	if err := command(p.environment(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+r.version, "-o", path, "."); err != nil {
		return nil, err
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	licence, err := os.ReadFile("LICENSE")
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("sescheck_%s_%s_%s", r.version, p.os, p.arch)
	packed, err := pack(r.date, entry{p.program(), 0o755, program}, entry{"LICENSE", 0o644, licence})
	if err != nil {
		return nil, err
	}
	if err := r.asset(name+".tar.gz", packed.gzip); err != nil {
		return nil, err
	}
	r.sums = append(r.sums, sum{name + "/" + p.program(), program})
	list := filepath.Join(dir, "sbom.json")
	if err := command(nil, "go", "run", sbomTool, "bin", "-json", "-noserial", "-std", "-version", "v"+r.version, "-output", list, path); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	if text, err = still(text, r.date); err != nil {
		return nil, err
	}
	return program, r.asset(name+".cdx.json", text)
}

// environment is what a build may see of the machine's: no setting that would
// change a byte.
func (p platform) environment() []string {
	return []string{
		"GOOS=" + p.os, "GOARCH=" + p.arch, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=-mod=readonly", "GOEXPERIMENT=", "GODEBUG=", "GOWORK=off", "GOTOOLCHAIN=" + toolchain,
	}
}

func command(env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// imageLine is the line of action.yml that says what runs: the Dockerfile, or
// at a tag the release's image.
var imageLine = regexp.MustCompile(`(?m)^  image: .*$`)

// action writes action.yml as it stands at the release's tag.
func (r *release) action(digest string) error {
	text, err := os.ReadFile("action.yml")
	if err != nil {
		return err
	}
	if n := len(imageLine.FindAll(text, -1)); n != 1 {
		return fmt.Errorf("action.yml has %d lines that name an image, not one", n)
	}
	image := fmt.Sprintf("  image: docker://%s:%s@%s", registry, r.version, digest)
	return r.write("action.yml", imageLine.ReplaceAll(text, []byte(image)))
}

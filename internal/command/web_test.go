package command

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/resolve/transport"
	"github.com/sescheck/sescheck/internal/web"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// TestWebSaysTheSame: of every story whose flags the page has, it says the same as
// the command line, byte for byte.
func TestWebSaysTheSame(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, dir := range scenarios(t) {
		more := storyArgs(t, dir, "$SERVER", "SERVER", "$PORT", "PORT", "$SECOND", "SECOND")
		args, ok := webArgs(t, dir, more)
		if !ok {
			continue
		}
		ran++
		t.Run(strings.TrimPrefix(dir, testdata+"/"), func(t *testing.T) {
			t.Parallel()
			s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
			args.Resolver = s.Addr
			wait, err := time.ParseDuration(patience(t, dir))
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
			got := engine.Check(t.Context(), args, func(web.Progress) {})
			for format, page := range map[string]string{"text": got.Text, "json": got.JSON} {
				zonesAnew := zonetest.Start(t, filepath.Join(testdata, "common"), dir) // its faults have happened already
				out, errs, code := run(t, slices.Concat([]string{"check", "--timeout", patience(t, dir), "--format", format, "--resolver", zonesAnew.Addr}, more, []string{filepath.Join(dir, "sescheck.yaml")})...)
				if diff := cmp.Diff(still(out+errs+code, dir, zonesAnew.Addr), still(page+got.Stderr+strconv.Itoa(got.Exit), dir, s.Addr)); diff != "" {
					t.Errorf("%s: command line -, page +\n%s", format, diff)
				}
			}
		})
	}
	t.Logf("%d stories", ran)
	if ran < 300 {
		t.Errorf("only %d stories ran", ran)
	}
}

// webArgs are the arguments of a story as the page has them. ok is false where the
// page has no such flag.
func webArgs(t *testing.T, dir string, more []string) (args web.CheckArgs, ok bool) {
	t.Helper()
	args.Files = textsAt(t, filepath.Join(dir, "sescheck.yaml"))
	if lock := filepath.Join(dir, config.LockName); exists(lock) {
		args.Files = append(args.Files, textsAt(t, lock)...)
	}
	for i := 0; i < len(more); i++ {
		if more[i] == "--offline" {
			args.Offline = true
			continue
		}
		i++
		if i == len(more) {
			return args, false
		}
		switch more[i-1] {
		case "--zones":
			args.Zones = append(args.Zones, textsAt(t, more[i])...)
		case "--plan":
			args.Plan = append(args.Plan, textsAt(t, more[i])...)
		case "--ses":
			args.SES = append(args.SES, textsAt(t, more[i])...)
		default:
			return args, false
		}
	}
	return args, true
}

// textsAt are the files at a path.
func textsAt(t *testing.T, root string) (all []web.File) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all = append(all, web.File{Name: filepath.ToSlash(path), Text: string(text), Folder: path != root})
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}
